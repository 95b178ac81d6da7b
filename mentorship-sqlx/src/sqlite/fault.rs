//! What `SQLite`'s error codes mean.

use mentorship_core::store::{StoreError, StoreErrorKind};

use crate::fault::caused;

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
                let code = database.code().and_then(|code| code.parse().ok());
                code.map_or(StoreErrorKind::Other, of_code)
            }
        }
        sqlx::Error::PoolTimedOut => StoreErrorKind::Busy,
        _ => StoreErrorKind::Other,
    };
    caused(StoreError::new(kind, operation), error)
}
