//! Migrations of a `PostgreSQL` database: all pending ones in one transaction, under a lock that ends
//! with it.

use std::fmt::Write as _;

use mentorship_core::store::StoreError;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, PgConnection, Postgres};

use super::{PostgresStore, fault::store_error};
use crate::{
    dialect::Dialect,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
    server::Server as _,
    statement::Connections,
};

/// The number of our lock: of its own for each prefix, and none that a host would think of.
fn lock(prefix: &Prefix) -> i64 {
    let digest = Sha256::digest(format!("mentorship migrations {prefix}"));
    i64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default())
}

async fn run(connection: &mut PgConnection, sql: String) -> Result<(), StoreError> {
    let done = Postgres::run(connection, AssertSqlSafe(sql)).await;
    done.map_err(|error| store_error("migrate", &error))
}

impl PostgresStore {
    /// Applies what is not applied yet and says which migrations those were. Safe when several
    /// processes start at once: one works, the others wait and find nothing left to do.
    ///
    /// # Errors
    /// [`MigrateError`]; nothing is applied then, and no lock is left.
    pub async fn migrate(&self) -> Result<Vec<i64>, MigrateError> {
        let mut connection = self.shared.acquire_to_close("migrate").await?;
        // Whoever waited has to see what the one before has done, whatever the session's own level.
        let mut begin = "BEGIN ISOLATION LEVEL READ COMMITTED; ".to_owned();
        if self.shared.texts.connections() == Connections::Own {
            // However long the other one takes.
            begin.push_str("SET LOCAL lock_timeout = 0; ");
        }
        let _ = write!(begin, "SELECT pg_advisory_xact_lock({})", lock(self.prefix()));
        run(&mut connection, begin).await?;
        let done = self.shared.apply_pending(&mut connection, run).await?;
        run(&mut connection, "COMMIT".to_owned()).await?;
        Ok(done)
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
        migration::export(prefix, Dialect::Postgres)
    }
}
