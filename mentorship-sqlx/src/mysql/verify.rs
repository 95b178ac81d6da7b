//! A look at the settings on which the promises of this store rest.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, MySqlConnection, Row as _};

use super::{MySqlStore, fault::store_error};
use crate::{
    migration,
    schema::TABLES,
    verify::{VIOLATION, VerifyError},
};

async fn text(connection: &mut MySqlConnection, sql: &'static str) -> Result<String, StoreError> {
    let row = sqlx::query(sql).fetch_one(connection).await;
    let row = row.map_err(|error| store_error("verify", &error))?;
    row.try_get(0).map_err(|error| store_error("verify", &error))
}

impl MySqlStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, on an engine with transactions, the server takes writes, stores every character,
    /// refuses what is too long, and really refuses what a CHECK forbids.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        migration::require_applied(&self.status().await?)?;
        let mut connection =
            self.shared.pool.acquire().await.map_err(|error| store_error("verify", &error))?;
        connection.close_on_drop();
        let needed = [
            ("read_only", "SELECT IF(@@global.read_only, 'ON', 'OFF')", "OFF"),
            ("character_set_client", "SELECT CAST(@@character_set_client AS CHAR)", "utf8mb4"),
        ];
        for (setting, sql, needed) in needed {
            let found = text(&mut connection, sql).await?;
            if found != needed {
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        // Without it, what is too long is cut instead of refused.
        let found = text(&mut connection, "SELECT CAST(@@sql_mode AS CHAR)").await?;
        if !found.contains("STRICT_TRANS_TABLES") && !found.contains("STRICT_ALL_TABLES") {
            let (setting, needed) = ("sql_mode", "STRICT_TRANS_TABLES");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        for table in TABLES {
            let table = format!("{}{table}", self.prefix());
            let sql = "SELECT CAST(engine AS CHAR) FROM information_schema.tables \
                       WHERE table_schema = DATABASE() AND table_name = ?";
            let engine: Option<String> = sqlx::query_scalar(sql)
                .bind(&table)
                .fetch_optional(&mut *connection)
                .await
                .map_err(|error| store_error("verify", &error))?;
            match engine {
                None => return Err(VerifyError::Missing { table }),
                Some(engine) if engine != "InnoDB" => {
                    let (setting, needed) = ("engine", "InnoDB");
                    return Err(VerifyError::Setting { setting, found: engine, needed });
                }
                Some(_) => {}
            }
        }
        let sql = VIOLATION.replace("{p}", self.prefix().as_str());
        let begun = sqlx::raw_sql("START TRANSACTION").execute(&mut *connection).await;
        begun.map_err(|error| store_error("verify", &error))?;
        // Undone either way: the connection is closed.
        let tried = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *connection).await;
        match tried.map_err(|error| store_error("verify", &error)) {
            Err(error) if error.kind() == StoreErrorKind::Integrity => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(VerifyError::Setting {
                setting: "CHECK",
                found: "ignored".to_owned(),
                needed: "enforced",
            }),
        }
    }
}
