//! Migrations of a `SQLite` file.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, Sqlite, pool::PoolConnection};

use super::{SqliteStore, fault::store_error};
use crate::{
    dialect::Dialect,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
};

const DIALECT: Dialect = Dialect::Sqlite;

async fn run(connection: &mut PoolConnection<Sqlite>, sql: String) -> Result<(), StoreError> {
    sqlx::raw_sql(AssertSqlSafe(sql))
        .execute(&mut **connection)
        .await
        .map(|_| ())
        .map_err(|error| store_error("migrate", &error))
}

async fn applied(
    connection: &mut PoolConnection<Sqlite>,
    prefix: &Prefix,
) -> Result<Vec<(i64, String)>, StoreError> {
    let rows =
        sqlx::query(AssertSqlSafe(migration::entries(prefix))).fetch_all(&mut **connection).await;
    let rows = match rows {
        Ok(rows) => rows,
        Err(error) => {
            let error = store_error("migrate", &error);
            if error.kind() == StoreErrorKind::NotMigrated {
                return Ok(Vec::new());
            }
            return Err(error);
        }
    };
    let read = |row: &sqlx::sqlite::SqliteRow| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| store_error("migrate", &error))
}

impl SqliteStore {
    /// Applies what is not applied yet and says which migrations those were. Safe when several
    /// processes start at once: one works, the others wait and find nothing left to do.
    ///
    /// # Errors
    /// [`MigrateError`]; nothing is half applied then.
    pub async fn migrate(&self) -> Result<Vec<i64>, MigrateError> {
        let prefix = self.prefix();
        let mut connection =
            self.shared.writer.acquire().await.map_err(|error| store_error("migrate", &error))?;
        // Dropped on the way, or failed: closed, which undoes it.
        connection.close_on_drop();
        run(&mut connection, "BEGIN EXCLUSIVE".to_owned()).await?;
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
        run(&mut connection, "COMMIT".to_owned()).await?;
        // The others see the new tables from here on; statements prepared before are prepared again.
        connection
            .clear_cached_statements()
            .await
            .map_err(|error| store_error("migrate", &error))?;
        Ok(done)
    }

    /// Every migration, known or found, and where it stands. Reads only.
    ///
    /// # Errors
    /// [`StoreError`] if the database cannot be read.
    pub async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut connection =
            self.shared.readers.acquire().await.map_err(|error| store_error("status", &error))?;
        let found = applied(&mut connection, self.prefix()).await?;
        Ok(migration::compare(&found, DIALECT))
    }

    /// The whole schema as SQL, with the ledger and its entries, for hosts that run their own
    /// migrations. After it has been run, [`migrate`](Self::migrate) finds nothing left to do.
    #[must_use]
    pub fn export_sql(prefix: &Prefix) -> String {
        migration::export(prefix, DIALECT)
    }

    /// Fails unless every migration is applied as this version knows it.
    pub(super) async fn require_migrated(&self) -> Result<(), StoreError> {
        migration::require_applied(&self.status().await?)
    }
}
