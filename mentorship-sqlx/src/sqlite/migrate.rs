//! Our own migrations with our own ledger, beside whatever the host migrates in the same file.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, Row as _, Sqlite, pool::PoolConnection};

use mentorship_core::store::{StoreError, StoreErrorKind};

use super::{
    SqliteStore,
    fault::store_error,
    schema::{MIGRATIONS, Migration},
};
use crate::{prefix::Prefix, statement::render};

/// Why migrating failed. What was not migrated yet stays as it was; a migration is whole or not at all.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MigrateError {
    /// The ledger holds a migration that this version of the library does not know.
    #[error("the tables are of a newer version: migration {found}, this version knows {known}")]
    TooNew {
        /// Newest in the ledger.
        found: i64,
        /// Newest known.
        known: i64,
    },
    /// The ledger holds a migration with another content than this version's.
    #[error("migration {version} was applied with another content")]
    Changed {
        /// Which.
        version: i64,
    },
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<MigrateError> for StoreError {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::TooNew { .. } => Self::new(StoreErrorKind::TooNew, "migrate"),
            MigrateError::Changed { .. } => Self::new(StoreErrorKind::Corrupt, "migrate")
                .with_detail("a migration was applied with another content"),
            MigrateError::Store(error) => error,
        }
    }
}

/// Where a migration stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MigrationState {
    /// Applied, with the content that this version knows.
    Applied,
    /// Not applied yet.
    Pending,
    /// Applied with another content.
    Changed,
    /// Applied by a newer version of the library.
    Unknown,
}

/// One migration and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationStatus {
    /// Number, from 1.
    pub version: i64,
    /// Name; empty if it is not known.
    pub name: &'static str,
    /// Where it stands.
    pub state: MigrationState,
}

fn statements(migration: &Migration, prefix: &Prefix) -> Vec<String> {
    migration.statements.iter().map(|text| render(text, prefix)).collect()
}

/// SHA-256 of the statements without the prefix, in hex: the same under every prefix.
fn checksum(migration: &Migration) -> String {
    let mut hash = Sha256::new();
    for statement in migration.statements {
        hash.update(statement.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

fn ledger(prefix: &Prefix) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {prefix}migrations (\n    version INTEGER PRIMARY KEY,\n    \
         name TEXT NOT NULL,\n    checksum TEXT NOT NULL,\n    applied_at INTEGER NOT NULL\n) STRICT"
    )
}

fn record(prefix: &Prefix) -> String {
    format!(
        "INSERT INTO {prefix}migrations (version, name, checksum, applied_at) \
         VALUES (?, ?, ?, unixepoch() * 1000000)"
    )
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

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
    let sql = format!("SELECT version, checksum FROM {prefix}migrations ORDER BY version");
    let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut **connection).await;
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

fn compare(applied: &[(i64, String)]) -> Vec<MigrationStatus> {
    let mut all: Vec<MigrationStatus> = MIGRATIONS
        .iter()
        .map(|known| {
            let found = applied.iter().find(|(version, _)| *version == known.version);
            let state = match found {
                None => MigrationState::Pending,
                Some((_, sum)) if *sum == checksum(known) => MigrationState::Applied,
                Some(_) => MigrationState::Changed,
            };
            MigrationStatus { version: known.version, name: known.name, state }
        })
        .collect();
    all.extend(applied.iter().filter(|(version, _)| *version > newest()).map(|(version, _)| {
        MigrationStatus { version: *version, name: "", state: MigrationState::Unknown }
    }));
    all
}

fn refuse(status: &[MigrationStatus]) -> Result<(), MigrateError> {
    for one in status {
        match one.state {
            MigrationState::Applied | MigrationState::Pending => {}
            MigrationState::Changed => {
                return Err(MigrateError::Changed { version: one.version });
            }
            MigrationState::Unknown => {
                return Err(MigrateError::TooNew { found: one.version, known: newest() });
            }
        }
    }
    Ok(())
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
        run(&mut connection, ledger(prefix)).await?;
        let status = compare(&applied(&mut connection, prefix).await?);
        refuse(&status)?;
        let mut done = Vec::new();
        for migration in MIGRATIONS {
            let pending = status.iter().any(|one| {
                one.version == migration.version && one.state == MigrationState::Pending
            });
            if !pending {
                continue;
            }
            for statement in statements(migration, prefix) {
                run(&mut connection, statement).await?;
            }
            sqlx::query(AssertSqlSafe(record(prefix)))
                .bind(migration.version)
                .bind(migration.name)
                .bind(checksum(migration))
                .execute(&mut *connection)
                .await
                .map_err(|error| store_error("migrate", &error))?;
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
        Ok(compare(&applied(&mut connection, self.prefix()).await?))
    }

    /// The whole schema as SQL, with the ledger and its entries, for hosts that run their own
    /// migrations. After it has been run, [`migrate`](Self::migrate) finds nothing left to do.
    #[must_use]
    pub fn export_sql(prefix: &Prefix) -> String {
        let mut sql = format!("{};\n\n", ledger(prefix));
        for migration in MIGRATIONS {
            for statement in statements(migration, prefix) {
                sql.push_str(&statement);
                sql.push_str(";\n");
            }
            let (version, name, sum) = (migration.version, migration.name, checksum(migration));
            let _ = write!(
                sql,
                "INSERT INTO {prefix}migrations (version, name, checksum, applied_at) VALUES \
                 ({version}, '{name}', '{sum}', unixepoch() * 1000000);\n\n"
            );
        }
        sql
    }

    /// Fails unless every migration is applied as this version knows it.
    pub(super) async fn require_migrated(&self) -> Result<(), StoreError> {
        let status = self.status().await?;
        refuse(&status)?;
        if status.iter().any(|one| one.state == MigrationState::Pending) {
            return Err(StoreError::new(StoreErrorKind::NotMigrated, "verify"));
        }
        Ok(())
    }
}
