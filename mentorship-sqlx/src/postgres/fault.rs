//! What `PostgreSQL`'s SQLSTATE codes mean.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::postgres::{PgDatabaseError, PgSeverity};

use crate::fault::caused;

/// What is said where statements are forgotten.
const FORGOTTEN: &str = "a pooler loses prepared statements: see `behind_pooler`";

/// By class and code (<https://www.postgresql.org/docs/current/errcodes-appendix.html>).
fn of_code(code: &str) -> StoreErrorKind {
    match code {
        // Serialization failure, deadlock, lock not available, query cancelled by a timeout, transaction
        // too long idle or too long, out of memory, too many connections, shutting down, not ready yet, a
        // session too long idle.
        "40001" | "40P01" | "55P03" | "57014" | "25P03" | "25P04" | "53200" | "53300" | "57P01"
        | "57P02" | "57P03" | "57P05" => StoreErrorKind::Busy,
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

/// Whether a statement is not known that was prepared, known that was not, or another one than was
/// prepared: connections are not what they seem, because a pooler gives each transaction another one.
pub(super) fn forgets_statements(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else { return false };
    match database.code().as_deref() {
        Some("26000" | "42P05") => true,
        // Too many or too few arguments for it. Poolers use this code for much else, the server does not.
        Some("08P01") => {
            let told = database.try_downcast_ref::<PgDatabaseError>();
            told.and_then(PgDatabaseError::routine) == Some("exec_bind_message")
        }
        _ => false,
    }
}

/// A driver's error as a store's, where nothing has been committed: the connection may be lost, but
/// what was written on it is gone with it.
pub(super) fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
    let kind = match error {
        sqlx::Error::Database(database) => {
            database.code().map_or(StoreErrorKind::Other, |code| of_code(&code))
        }
        sqlx::Error::PoolTimedOut => StoreErrorKind::Exhausted,
        sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => StoreErrorKind::Busy,
        _ => StoreErrorKind::Other,
    };
    if forgets_statements(error) {
        let told = StoreError::new(StoreErrorKind::Other, operation);
        return caused(told.with_detail(FORGOTTEN), error);
    }
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

/// The error of a statement that commits by itself. A server that says `ERROR` has undone it: once it has committed
/// it has nothing to say but that it ends. What is said of a connection may be somebody's who stands in between, and
/// knows no more.
pub(super) fn alone_error(error: &sqlx::Error) -> StoreError {
    if let sqlx::Error::Database(database) = error {
        let told = database.try_downcast_ref::<PgDatabaseError>();
        let of_a_connection = |code: &str| {
            code == "40003" || ["08", "57P", "25P"].iter().any(|class| code.starts_with(class))
        };
        if told.is_some_and(|it| it.severity() == PgSeverity::Error && !of_a_connection(it.code()))
        {
            return store_error("write", error);
        }
    }
    commit_error(error)
}
