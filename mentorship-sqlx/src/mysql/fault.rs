//! What the error numbers of `MariaDB` and `MySQL` mean.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::mysql::MySqlDatabaseError;

use crate::fault::{DriverFault, caused};

/// The same key is there already.
const DUPLICATE: u16 = 1062;

/// The server's own number of an error.
pub(super) fn number(error: &sqlx::Error) -> Option<u16> {
    let sqlx::Error::Database(database) = error else { return None };
    database.try_downcast_ref::<MySqlDatabaseError>().map(MySqlDatabaseError::number)
}

/// Whether a row with this key is there already.
pub(super) fn is_duplicate(error: &sqlx::Error) -> bool {
    number(error) == Some(DUPLICATE)
}

/// By number (<https://mariadb.com/docs/server/reference/error-codes>).
fn of_number(number: u16) -> StoreErrorKind {
    match number {
        // Deadlock victim, lock timeout, too many locks, changed since it was read, cluster node not ready,
        // too many connections (of the server, of the account), shutting down, statement timeout, statement
        // or connection killed, a table's definition changed or left the cache.
        1213 | 1205 | 1206 | 1020 | 1047 | 1040 | 1203 | 1226 | 1053 | 1969 | 3024 | 1317
        | 1927 | 1412 | 1615 => StoreErrorKind::Busy,
        // Duplicate, not null, foreign keys, check (MariaDB, MySQL), out of range, too long.
        DUPLICATE | 1048 | 1216 | 1217 | 1451 | 1452 | 1557 | 4025 | 3819 | 1264 | 1406 => {
            StoreErrorKind::Integrity
        }
        // Undefined table, column, database.
        1146 | 1054 | 1049 => StoreErrorKind::NotMigrated,
        1290 | 1792 | 1836 => StoreErrorKind::ReadOnly,
        1021 | 1114 => StoreErrorKind::Full,
        _ => StoreErrorKind::Other,
    }
}

/// The same error with the number of its cause, which says more than the code.
fn numbered(error: StoreError, cause: &sqlx::Error) -> StoreError {
    match number(cause) {
        Some(number) => error.with_source(DriverFault(format!("number {number}"))),
        None => caused(error, cause),
    }
}

/// A driver's error as a store's, where nothing has been committed.
pub(super) fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
    let kind = match error {
        sqlx::Error::Database(_) => number(error).map_or(StoreErrorKind::Other, of_number),
        sqlx::Error::PoolTimedOut => StoreErrorKind::Exhausted,
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => StoreErrorKind::Busy,
        _ => StoreErrorKind::Other,
    };
    numbered(StoreError::new(kind, operation), error)
}

/// The error of a COMMIT: unless the server says that it undid everything (a cluster that chose another
/// writer), it may have done it.
pub(super) fn commit_error(error: &sqlx::Error) -> StoreError {
    if number(error) == Some(1213) {
        return store_error("commit", error);
    }
    numbered(StoreError::new(StoreErrorKind::InDoubt, "commit"), error)
}

/// Whether an error undoes the whole transaction, or is one that a COMMIT is never told: deadlock victim, lock timeout,
/// too many locks, changed since it was read.
pub(super) fn is_undone(error: &sqlx::Error) -> bool {
    matches!(number(error), Some(1213 | 1205 | 1206 | 1020))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Refused by the other nodes of a cluster, a node that is not ready, and what the server itself asks
    /// to try again.
    #[test]
    fn what_may_succeed_later_is_busy() {
        for number in [1213, 1205, 1206, 1020, 1047, 1203, 1226, 1317, 1927, 1412, 1615] {
            assert_eq!(of_number(number), StoreErrorKind::Busy, "{number}");
        }
    }
}
