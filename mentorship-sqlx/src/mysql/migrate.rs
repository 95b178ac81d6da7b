//! Migrations of a `MariaDB` or `MySQL` database. Statements that make tables commit by themselves there, so
//! that each may be run again: a migration that failed half-way goes on where it stopped.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, MySqlConnection, Row as _, mysql::MySqlRow};

use super::{
    MySqlStore,
    fault::{number, store_error},
};
use crate::{
    dialect::Dialect,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
};

const DIALECT: Dialect = Dialect::Mysql;

/// Longest wait for another process that migrates, in seconds.
const WAIT: u32 = 60;

/// What a statement answers that had been run before: table there, column there, index there.
const THERE: &[u16] = &[1050, 1060, 1061];

async fn run(connection: &mut MySqlConnection, sql: String) -> Result<(), StoreError> {
    match sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await {
        Err(error) if !number(&error).is_some_and(|it| THERE.contains(&it)) => {
            Err(store_error("migrate", &error))
        }
        _ => Ok(()),
    }
}

async fn applied(
    connection: &mut MySqlConnection,
    prefix: &Prefix,
) -> Result<Vec<(i64, String)>, StoreError> {
    let sql = migration::entries(prefix);
    let rows = match sqlx::query(AssertSqlSafe(sql)).fetch_all(connection).await {
        Ok(rows) => rows,
        Err(error) => {
            let error = store_error("migrate", &error);
            if error.kind() == StoreErrorKind::NotMigrated {
                return Ok(Vec::new());
            }
            return Err(error);
        }
    };
    let read = |row: &MySqlRow| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| store_error("migrate", &error))
}

impl MySqlStore {
    /// Applies what is not applied yet and says which migrations those were. Safe when several
    /// processes start at once: one works, the others wait and find nothing left to do.
    ///
    /// # Errors
    /// [`MigrateError`]; no lock is left, and running it again goes on where it stopped.
    pub async fn migrate(&self) -> Result<Vec<i64>, MigrateError> {
        let prefix = self.prefix();
        let mut connection =
            self.shared.pool.acquire().await.map_err(|error| store_error("migrate", &error))?;
        // Dropped on the way, or failed: closed, which undoes it.
        connection.close_on_drop();
        // Held by the connection, which is closed in the end, however that comes.
        let held = sqlx::query("SELECT GET_LOCK(?, ?)")
            .bind(format!("mentorship migrations {prefix}"))
            .bind(WAIT)
            .fetch_one(&mut *connection)
            .await
            .and_then(|row| row.try_get::<Option<i64>, _>(0))
            .map_err(|error| store_error("migrate", &error))?;
        if held != Some(1) {
            return Err(StoreError::new(StoreErrorKind::Busy, "migrate").into());
        }
        run(&mut connection, migration::ledger(prefix, DIALECT)).await?;
        let status = migration::compare(&applied(&mut connection, prefix).await?, DIALECT);
        migration::refuse(&status)?;
        let mut done = Vec::new();
        for migration in migration::pending(&status) {
            for statement in migration.statements(prefix, DIALECT) {
                run(&mut connection, statement).await?;
            }
            run(&mut connection, migration::entry(migration, prefix, DIALECT)).await?;
            done.push(migration.version);
        }
        // Not left to the close, which the server may notice later.
        run(&mut connection, format!("DO RELEASE_LOCK('mentorship migrations {prefix}')")).await?;
        Ok(done)
    }

    /// Every migration, known or found, and where it stands. Reads only.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut connection =
            self.shared.pool.acquire().await.map_err(|error| store_error("status", &error))?;
        let found = applied(&mut connection, self.prefix()).await?;
        Ok(migration::compare(&found, DIALECT))
    }

    /// The whole schema as SQL, with the ledger and its entries, for hosts that run their own
    /// migrations. After it has been run, [`migrate`](Self::migrate) finds nothing left to do.
    #[must_use]
    pub fn export_sql(prefix: &Prefix) -> String {
        migration::export(prefix, DIALECT)
    }
}
