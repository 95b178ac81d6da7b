//! What `SQLite`'s error codes mean.

use mentorship_core::store::{StoreError, StoreErrorKind};

use crate::fault::caused;

/// The operating system failed to write or read.
const IO: i64 = 10;

fn code_of(error: &sqlx::Error) -> Option<i64> {
    let sqlx::Error::Database(database) = error else { return None };
    database.code().and_then(|code| code.parse().ok())
}

/// Primary result codes, the low byte of an extended one (<https://sqlite.org/rescode.html>).
fn of_code(code: i64) -> StoreErrorKind {
    match code & 0xff {
        5 | 6 => StoreErrorKind::Busy,
        8 => StoreErrorKind::ReadOnly,
        11 | 26 => StoreErrorKind::Corrupt,
        13 => StoreErrorKind::Full,
        19 => StoreErrorKind::Integrity,
        _ => StoreErrorKind::Other,
    }
}

/// A driver's error as a store's.
pub(super) fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
    let kind = match error {
        sqlx::Error::Database(database) => {
            // A table that is not there has no code of its own; this one message holds no value.
            if database.message().starts_with("no such table") {
                StoreErrorKind::NotMigrated
            } else {
                code_of(error).map_or(StoreErrorKind::Other, of_code)
            }
        }
        sqlx::Error::PoolTimedOut => StoreErrorKind::Exhausted,
        _ => StoreErrorKind::Other,
    };
    caused(StoreError::new(kind, operation), error)
}

/// The error of statements that end with a COMMIT. Where the disk failed under it, or its thread went, the
/// commit may stand in the log, and be there once that is read again.
pub(super) fn commit_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
    let in_doubt = match error {
        sqlx::Error::WorkerCrashed => true,
        error => code_of(error).is_some_and(|code| code & 0xff == IO),
    };
    if in_doubt {
        return caused(StoreError::new(StoreErrorKind::InDoubt, operation), error);
    }
    store_error(operation, error)
}
