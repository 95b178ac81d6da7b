//! Migrations of a `PostgreSQL` database: all pending ones in one transaction, under a lock that ends
//! with it.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Row as _, postgres::PgRow};

use super::{PostgresStore, fault::store_error};
use crate::{
    dialect::Dialect,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
};

const DIALECT: Dialect = Dialect::Postgres;

/// The number of our lock: of its own for each prefix, and none that a host would think of.
fn lock(prefix: &Prefix) -> i64 {
    let digest = Sha256::digest(format!("mentorship migrations {prefix}"));
    digest.iter().take(8).fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), StoreError> {
    let done = sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await;
    done.map(|_| ()).map_err(|error| store_error("migrate", &error))
}

async fn applied(
    connection: &mut PgConnection,
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
    let read = |row: &PgRow| Ok((row.try_get(0)?, row.try_get(1)?));
    rows.iter().map(read).collect::<Result<_, _>>().map_err(|error| store_error("migrate", &error))
}

impl PostgresStore {
    /// Applies what is not applied yet and says which migrations those were. Safe when several
    /// processes start at once: one works, the others wait and find nothing left to do.
    ///
    /// # Errors
    /// [`MigrateError`]; nothing is applied then, and no lock is left.
    pub async fn migrate(&self) -> Result<Vec<i64>, MigrateError> {
        let prefix = self.prefix();
        let mut connection =
            self.shared.pool.acquire().await.map_err(|error| store_error("migrate", &error))?;
        // Dropped on the way, or failed: closed, which undoes it.
        connection.close_on_drop();
        let begin = format!("BEGIN; SELECT pg_advisory_xact_lock({})", lock(prefix));
        run(&mut connection, begin).await?;
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
