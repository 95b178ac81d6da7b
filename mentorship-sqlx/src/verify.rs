//! Why a database is not fit for this store.

use mentorship_core::store::StoreError;

/// A setting that would break a promise, or a database that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A setting has another value than the store needs.
    #[error("setting `{setting}` is `{found}`; it has to be `{needed}`")]
    Setting {
        /// The setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        needed: &'static str,
    },
    /// A table is missing although the ledger says that it was made.
    #[error("table `{table}` is missing")]
    Missing {
        /// Which, with its prefix.
        table: String,
    },
    /// A table has lost a constraint or a trigger with which it was made.
    #[error("{what} is gone from table `{table}`; make it again as `export_sql` writes it")]
    Belt {
        /// Which table, with its prefix.
        table: String,
        /// What is gone.
        what: &'static str,
    },
    /// The library of the database is too old.
    #[error("the database's version {found} is too old; {needed} or later is needed")]
    TooOld {
        /// Which it is.
        found: String,
        /// Which is needed.
        needed: &'static str,
    },
    /// The database failed, is not migrated, or is of a newer version.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A row that a CHECK has to refuse: a live pair between people of whom one blocks the other.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) const VIOLATION: &str = "INSERT INTO {p}relations \
    (tenant, lo, hi, version, blocked, live_pairs, open_proposals) \
    VALUES ('-', 'a', 'b', 0, 1, 1, 0)";
