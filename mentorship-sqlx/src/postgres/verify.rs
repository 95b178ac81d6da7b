//! A look at the settings on which the promises of this store rest.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use super::{PostgresStore, fault::store_error};
use crate::{
    migration,
    schema::TABLES,
    verify::{VIOLATION, VerifyError},
};

async fn text(connection: &mut PgConnection, sql: &'static str) -> Result<String, StoreError> {
    let row = sqlx::query(sql).fetch_one(connection).await;
    let row = row.map_err(|error| store_error("verify", &error))?;
    row.try_get(0).map_err(|error| store_error("verify", &error))
}

impl PostgresStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, the server takes writes, keeps what it acknowledged, stores every character, and
    /// really refuses what a CHECK forbids.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        migration::require_applied(&self.status().await?)?;
        let mut connection =
            self.shared.pool.acquire().await.map_err(|error| store_error("verify", &error))?;
        connection.close_on_drop();
        let version = text(&mut connection, "SHOW server_version_num").await?;
        if version.parse::<u32>().is_ok_and(|number| number < 120_000) {
            return Err(VerifyError::TooOld { found: version, needed: "120000 (12.0)" });
        }
        let needed = [
            ("in_recovery", "SELECT pg_is_in_recovery()::text", "false"),
            ("transaction_read_only", "SHOW transaction_read_only", "off"),
            ("server_encoding", "SHOW server_encoding", "UTF8"),
            ("fsync", "SHOW fsync", "on"),
        ];
        for (setting, sql, needed) in needed {
            let found = text(&mut connection, sql).await?;
            if found != needed {
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        let setting = "synchronous_commit";
        let found = text(&mut connection, "SHOW synchronous_commit").await?;
        if found == "off" {
            return Err(VerifyError::Setting { setting, found, needed: "on" });
        }
        for table in TABLES {
            let table = format!("{}{table}", self.prefix());
            let there = sqlx::query("SELECT to_regclass($1) IS NOT NULL").bind(&table);
            let there = there.fetch_one(&mut *connection).await;
            let there: bool = there
                .and_then(|row| row.try_get(0))
                .map_err(|error| store_error("verify", &error))?;
            if !there {
                return Err(VerifyError::Missing { table });
            }
        }
        let sql = VIOLATION.replace("{p}", self.prefix().as_str());
        let begun = sqlx::raw_sql("BEGIN").execute(&mut *connection).await;
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
