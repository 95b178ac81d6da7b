//! What every database's migration runner shares: the ledger's meaning, and what can be wrong with it.

use std::fmt::Write as _;

use mentorship_core::store::{StoreError, StoreErrorKind};
use sha2::{Digest, Sha256};

use crate::{
    dialect::Dialect,
    prefix::Prefix,
    schema::{MIGRATIONS, Migration},
    text::render,
};

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
    /// A table of the host's has the name of one that is to be made: take another prefix.
    #[error("{table} is there already, with other columns")]
    Taken {
        /// Which, with its prefix.
        table: String,
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
            MigrateError::Taken { .. } => Self::new(StoreErrorKind::Other, "migrate")
                .with_detail("a table of another kind has the name of one of ours"),
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

/// SHA-256 of the statements, in hex: the same under every prefix.
pub(crate) fn checksum(migration: &Migration, dialect: Dialect) -> String {
    let mut hash = Sha256::new();
    for statement in migration.statements(&Prefix::default(), dialect) {
        hash.update(statement.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The ledger's table. Instants are microseconds since 1970 like everywhere.
pub(crate) fn ledger(prefix: &Prefix, dialect: Dialect) -> String {
    let sql = "CREATE TABLE IF NOT EXISTS {p}migrations (\n    version {int} NOT NULL PRIMARY KEY,\n    \
         name {code} NOT NULL,\n    checksum {code} NOT NULL,\n    applied_at {int} NOT NULL\n{table}";
    render(sql, prefix, dialect).sql.as_ref().to_owned()
}

/// The entry of a migration, as a statement without arguments: all its values are constants of ours.
pub(crate) fn entry(migration: &Migration, prefix: &Prefix, dialect: Dialect) -> String {
    let now = match dialect {
        #[cfg(feature = "sqlite")]
        Dialect::Sqlite => "unixepoch() * 1000000",
        #[cfg(feature = "postgres")]
        Dialect::Postgres => "CAST(EXTRACT(EPOCH FROM now()) * 1000000 AS BIGINT)",
        #[cfg(feature = "mysql")]
        Dialect::Mysql => "UNIX_TIMESTAMP() * 1000000",
    };
    let (version, name, sum) = (migration.version, migration.name, checksum(migration, dialect));
    format!(
        "INSERT INTO {prefix}migrations (version, name, checksum, applied_at) \
         VALUES ({version}, '{name}', '{sum}', {now})"
    )
}

/// What the ledger holds.
pub(crate) fn entries(prefix: &Prefix) -> String {
    format!("SELECT version, checksum FROM {prefix}migrations ORDER BY version")
}

fn newest() -> i64 {
    MIGRATIONS.last().map_or(0, |migration| migration.version)
}

/// Where every migration stands, by what the ledger holds.
pub(crate) fn compare(applied: &[(i64, String)], dialect: Dialect) -> Vec<MigrationStatus> {
    let mut all: Vec<MigrationStatus> = MIGRATIONS
        .iter()
        .map(|known| {
            let found = applied.iter().find(|(version, _)| *version == known.version);
            let state = match found {
                None => MigrationState::Pending,
                Some((_, sum)) if *sum == checksum(known, dialect) => MigrationState::Applied,
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

/// Fails for a ledger that this version does not understand.
pub(crate) fn refuse(status: &[MigrationStatus]) -> Result<(), MigrateError> {
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

/// The migrations that are to be applied.
pub(crate) fn pending(status: &[MigrationStatus]) -> impl Iterator<Item = &'static Migration> {
    MIGRATIONS.iter().filter(|migration| {
        status
            .iter()
            .any(|one| one.version == migration.version && one.state == MigrationState::Pending)
    })
}

/// Fails unless every migration is applied as this version knows it.
pub(crate) fn require_applied(status: &[MigrationStatus]) -> Result<(), StoreError> {
    refuse(status)?;
    if status.iter().any(|one| one.state == MigrationState::Pending) {
        let error = StoreError::new(StoreErrorKind::NotMigrated, "verify");
        return Err(error.with_detail("is it the right database, schema and prefix?"));
    }
    Ok(())
}

/// The whole schema as SQL, with the ledger and its entries.
pub(crate) fn export(prefix: &Prefix, dialect: Dialect) -> String {
    let mut sql = format!("{};\n\n", ledger(prefix, dialect));
    for migration in MIGRATIONS {
        for statement in migration.statements(prefix, dialect) {
            sql.push_str(&statement);
            sql.push_str(";\n");
        }
        let _ = write!(sql, "{};\n\n", entry(migration, prefix, dialect));
    }
    sql
}
