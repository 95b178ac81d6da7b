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

/// A setting that not every server or version has.
async fn variable(
    connection: &mut MySqlConnection,
    name: &str,
) -> Result<Option<String>, StoreError> {
    let sql = AssertSqlSafe(format!("SHOW SESSION VARIABLES LIKE '{name}'"));
    let rows = MySql::rows(connection, "verify", sql).await?;
    Ok(rows.into_iter().flatten().nth(1).and_then(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    }))
}

/// Fewest bytes of a packet, as many as the server takes by default.
const PACKET: u64 = 16 << 20;

/// Settings of a session, what must not be, and what has to be.
const REFUSED: &[(&str, &[&str], &str)] = &[
    // A read would begin a transaction that nobody ends, and those after it see no news.
    ("autocommit", &["OFF"], "ON"),
    // A connection would go back to its pool within a new transaction, or be gone.
    ("completion_type", &["CHAIN", "RELEASE"], "NO_CHAIN"),
    ("foreign_key_checks", &["OFF"], "ON"),
    ("unique_checks", &["OFF"], "ON"),
    ("check_constraint_checks", &["OFF"], "ON"),
    // A read would see what is never committed. The name is MariaDB's up to 11.0, then that of MySQL.
    ("tx_isolation", &["READ-UNCOMMITTED"], "READ-COMMITTED or above"),
    ("transaction_isolation", &["READ-UNCOMMITTED"], "READ-COMMITTED or above"),
];

impl MySqlStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, on an engine with transactions, with their constraints and character sets; the server
    /// takes writes, keeps what it acknowledged, stores every character, refuses what is too long and what
    /// a key or a CHECK forbids, commits each statement by itself where nothing was begun, begins nothing new
    /// after a COMMIT, and is no node of a cluster unless the store knows of it.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        migration::require_applied(&self.status().await?)?;
        let mut connection = self.shared.acquire_to_close("verify").await?;
        let needed = [
            ("read_only", "SELECT IF(@@global.read_only, 'ON', 'OFF')", "OFF"),
            ("character_set_client", "SELECT CAST(@@character_set_client AS CHAR)", "utf8mb4"),
            (
                "character_set_connection",
                "SELECT CAST(@@character_set_connection AS CHAR)",
                "utf8mb4",
            ),
            ("character_set_results", "SELECT CAST(@@character_set_results AS CHAR)", "utf8mb4"),
        ];
        Look::require(&mut connection, &needed).await?;
        if !self.shared.texts.spans_nodes()
            && let Some(found) = variable(&mut connection, "wsrep_on").await?
            && found == "ON"
        {
            let (setting, needed) = ("wsrep_on", "OFF, or the store made by `on_cluster`");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        for &(setting, refused, needed) in REFUSED {
            let found = variable(&mut connection, setting).await?.unwrap_or_default();
            if refused.contains(&&*found) {
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        // On a cluster a commit is kept by the other nodes, and hosts choose speed.
        let flushed = variable(&mut connection, "innodb_flush_log_at_trx_commit").await?;
        if let Some(found) = flushed.filter(|it| it != "1" && !self.shared.texts.spans_nodes()) {
            let (setting, needed) = ("innodb_flush_log_at_trx_commit", "1");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        // Without it, what is too long is cut instead of refused.
        let mode = Look::text(&mut connection, "SELECT CAST(@@sql_mode AS CHAR)").await?;
        let found = mode.unwrap_or_default();
        if !found.contains("STRICT_TRANS_TABLES") && !found.contains("STRICT_ALL_TABLES") {
            let (setting, needed) = ("sql_mode", "STRICT_TRANS_TABLES");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        // A batch of rows with long texts goes as one packet.
        let packet = variable(&mut connection, "max_allowed_packet").await?.unwrap_or_default();
        if packet.parse::<u64>().is_ok_and(|bytes| bytes < PACKET) {
            let (setting, needed) = ("max_allowed_packet", "16777216 (16 MiB) or more");
            return Err(VerifyError::Setting { setting, found: packet, needed });
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
            let sql = format!(
                "SELECT CAST(CONCAT(character_set_name, ' in ', table_name, '.', column_name) AS CHAR) \
                 FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{table}' \
                 AND character_set_name NOT IN ('utf8mb4', 'ascii') LIMIT 1"
            );
            if let Some(found) = Look::text(&mut connection, sql).await? {
                let (setting, needed) = ("character set", "as `export_sql` writes it");
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        let count = |table: &str, what: &str| {
            format!(
                "SELECT CAST(COUNT(*) AS CHAR) FROM information_schema.table_constraints \
                 WHERE constraint_schema = DATABASE() AND table_name = '{table}' \
                 AND constraint_type = '{what}'"
            )
        };
        self.shared.require_belts(&mut connection, count).await?;
        self.shared.require_checks(&mut connection).await
    }
}
