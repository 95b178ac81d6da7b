//! Migrations of a `MariaDB` or `MySQL` database. Statements that make tables commit by themselves there, so
//! that each may be run again: a migration that failed half-way goes on where it stopped.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, MySql, MySqlConnection};

use super::{
    MySqlStore,
    fault::{number, store_error},
};
use crate::{
    dialect::Dialect,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
    schema::{self, TABLES},
    server::Server as _,
    value::Value,
};

/// Longest wait for another process that migrates, in seconds: longer than making the tables takes.
const WAIT: u32 = 600;

/// What a statement answers that had been run before: table there, column there, index there.
const THERE: &[u16] = &[1050, 1060, 1061];

async fn run(connection: &mut MySqlConnection, sql: String) -> Result<(), StoreError> {
    match MySql::run(connection, AssertSqlSafe(sql)).await {
        Err(error) if !number(&error).is_some_and(|it| THERE.contains(&it)) => {
            Err(store_error("migrate", &error))
        }
        _ => Ok(()),
    }
}

impl MySqlStore {
    /// Applies what is not applied yet and says which migrations those were. Safe when several
    /// processes start at once: one works, the others wait and find nothing left to do.
    ///
    /// # Errors
    /// [`MigrateError`]; no lock is left, and running it again goes on where it stopped.
    pub async fn migrate(&self) -> Result<Vec<i64>, MigrateError> {
        let mut connection = self.shared.acquire_to_close("migrate").await?;
        // Held by the connection, which is closed in the end, however that comes. Such locks are the whole
        // server's, and of few characters.
        let lock = format!("SHA1(CONCAT('mentorship ', DATABASE(), ' ', '{}'))", self.prefix());
        let sql = AssertSqlSafe(format!("SELECT GET_LOCK({lock}, {WAIT})"));
        let held = MySql::rows(&mut connection, "migrate", sql).await?;
        if held != [[Value::Int(1)]] {
            return Err(StoreError::new(StoreErrorKind::Busy, "migrate").into());
        }
        self.refuse_others(&mut connection).await?;
        let done = self.shared.apply_pending(&mut connection, run).await?;
        // Not left to the close, which the server may notice later.
        run(&mut connection, format!("DO RELEASE_LOCK({lock})")).await?;
        Ok(done)
    }

    /// Fails where nothing is applied yet and a table of somebody else's has the name of one of ours: it would
    /// be taken for one that an earlier run has made.
    async fn refuse_others(&self, connection: &mut MySqlConnection) -> Result<(), MigrateError> {
        if !self.shared.applied(connection).await?.is_empty() {
            return Ok(());
        }
        for name in TABLES {
            let table = format!("{}{name}", self.prefix());
            let sql = format!(
                "SELECT CAST(column_name AS CHAR) FROM information_schema.columns \
                 WHERE table_schema = DATABASE() AND table_name = '{table}'"
            );
            let found = MySql::rows(connection, "migrate", AssertSqlSafe(sql)).await?;
            let ours = schema::columns(name);
            let is_ours = |value| matches!(value, Value::Text(it) if ours.contains(&it.as_str()));
            if !found.into_iter().flatten().all(is_ours) {
                return Err(MigrateError::Taken { table });
            }
        }
        Ok(())
    }

    /// Every migration, known or found, and where it stands. Reads only.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        self.shared.status().await
    }

    /// The whole schema as SQL, with the ledger and its entries, for hosts that run their own
    /// migrations. After it has been run, [`migrate`](Self::migrate) finds nothing left to do.
    #[must_use]
    pub fn export_sql(prefix: &Prefix) -> String {
        migration::export(prefix, Dialect::Mysql)
    }
}
