//! A look at the settings on which the promises of this store rest.

use mentorship_core::store::StoreError;
use sqlx::{AssertSqlSafe, MySql, MySqlConnection};

use super::MySqlStore;
use crate::{
    migration,
    schema::TABLES,
    server::{Server as _, Shared},
    value::Value,
    verify::VerifyError,
};

type Look = Shared<MySql>;

/// Whether what this session writes goes to the other nodes of a cluster; `None` on a server without that.
async fn wsrep(connection: &mut MySqlConnection) -> Result<Option<String>, StoreError> {
    let sql = AssertSqlSafe("SHOW SESSION VARIABLES LIKE 'wsrep_on'".to_owned());
    let rows = MySql::rows(connection, "verify", sql).await?;
    Ok(rows.into_iter().flatten().find_map(|value| match value {
        Value::Text(text) if text != "wsrep_on" => Some(text),
        _ => None,
    }))
}

impl MySqlStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, on an engine with transactions, the server takes writes, stores every character,
    /// refuses what is too long, really refuses what a CHECK forbids, and is no node of a cluster unless
    /// the store knows of it.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        migration::require_applied(&self.status().await?)?;
        let mut connection = self.shared.acquire_to_close("verify").await?;
        let needed = [
            ("read_only", "SELECT IF(@@global.read_only, 'ON', 'OFF')", "OFF"),
            ("character_set_client", "SELECT CAST(@@character_set_client AS CHAR)", "utf8mb4"),
        ];
        Look::require(&mut connection, &needed).await?;
        if !self.shared.texts.spans_nodes()
            && let Some(found) = wsrep(&mut connection).await?
            && found == "ON"
        {
            let (setting, needed) = ("wsrep_on", "OFF, or the store made by `on_cluster`");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        // Without it, what is too long is cut instead of refused.
        let mode = Look::text(&mut connection, "SELECT CAST(@@sql_mode AS CHAR)").await?;
        let found = mode.unwrap_or_default();
        if !found.contains("STRICT_TRANS_TABLES") && !found.contains("STRICT_ALL_TABLES") {
            let (setting, needed) = ("sql_mode", "STRICT_TRANS_TABLES");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        for table in TABLES {
            let table = format!("{}{table}", self.prefix());
            let sql = format!(
                "SELECT CAST(engine AS CHAR) FROM information_schema.tables \
                 WHERE table_schema = DATABASE() AND table_name = '{table}'"
            );
            match Look::text(&mut connection, sql).await? {
                None => return Err(VerifyError::Missing { table }),
                Some(found) if found != "InnoDB" => {
                    let (setting, needed) = ("engine", "InnoDB");
                    return Err(VerifyError::Setting { setting, found, needed });
                }
                Some(_) => {}
            }
        }
        self.shared.require_checks(&mut connection).await
    }
}
