//! Errors of a driver as errors of a store. Messages of a database never pass: they may hold values.

use std::fmt;

use mentorship_core::store::StoreError;

/// What is kept of a driver's error: its code or the name of its kind.
#[derive(Debug)]
pub(crate) struct DriverFault(pub(crate) String);

impl fmt::Display for DriverFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "driver: {}", self.0)
    }
}

impl std::error::Error for DriverFault {}

/// The same error with what may be kept of its cause.
pub(crate) fn caused(error: StoreError, cause: &sqlx::Error) -> StoreError {
    let name = match cause {
        sqlx::Error::Database(database) => {
            database.code().map_or_else(|| "database".to_owned(), |code| format!("code {code}"))
        }
        sqlx::Error::Io(io) => format!("io {:?}", io.kind()),
        sqlx::Error::PoolTimedOut => "pool timed out".to_owned(),
        sqlx::Error::PoolClosed => "pool closed".to_owned(),
        sqlx::Error::WorkerCrashed => "worker crashed".to_owned(),
        sqlx::Error::Protocol(_) => "protocol".to_owned(),
        sqlx::Error::Configuration(_) => "configuration".to_owned(),
        _ => "other".to_owned(),
    };
    error.with_source(DriverFault(name))
}
