//! What `PostgreSQL`'s SQLSTATE codes mean.

use mentorship_core::store::{StoreError, StoreErrorKind};

use crate::fault::caused;

/// By class and code (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn of_code(code: &str) -> StoreErrorKind {
    match code {
        // Serialization failure, deadlock, lock not available, query cancelled by a timeout, too many
        // connections, shutting down, not ready yet.
        "40001" | "40P01" | "55P03" | "57014" | "53300" | "57P01" | "57P02" | "57P03" => {
            StoreErrorKind::Busy
        }
        "25006" => StoreErrorKind::ReadOnly,
        // Undefined table, schema or column.
        "42P01" | "3F000" | "42703" => StoreErrorKind::NotMigrated,
        // Disk full.
        "53100" => StoreErrorKind::Full,
        "XX001" | "XX002" => StoreErrorKind::Corrupt,
        code if code.starts_with("23") => StoreErrorKind::Integrity,
        code if code.starts_with("08") => StoreErrorKind::Busy,
        _ => StoreErrorKind::Other,
    }
}

/// A driver's error as a store's, where nothing has been committed: the connection may be lost, but
/// what was written on it is gone with it.
pub(super) fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
    let kind = match error {
        sqlx::Error::Database(database) => {
            database.code().map_or(StoreErrorKind::Other, |code| of_code(&code))
        }
        sqlx::Error::PoolTimedOut | sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => {
            StoreErrorKind::Busy
        }
        _ => StoreErrorKind::Other,
    };
    caused(StoreError::new(kind, operation), error)
}

/// The error of a COMMIT: unless the server says that it undid everything, it may have done it.
pub(super) fn commit_error(error: &sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(database) = error {
        let undone =
            |code: &str| code.starts_with("23") || (code.starts_with("40") && code != "40003");
        if database.code().is_some_and(|code| undone(&code)) {
            return store_error("commit", error);
        }
    }
    caused(StoreError::new(StoreErrorKind::InDoubt, "commit"), error)
}
