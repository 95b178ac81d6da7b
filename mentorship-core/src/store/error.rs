//! The error of a store.

use std::{error::Error, fmt};

/// A store could not do what was asked. Nothing was written, unless the kind is
/// [`StoreErrorKind::InDoubt`].
///
/// The message names the operation and the kind, never a value that a database was given.
#[derive(Debug, thiserror::Error)]
#[error("store {operation} failed: {kind}{}", .detail.map(|text| format!(" ({text})")).unwrap_or_default())]
pub struct StoreError {
    kind: StoreErrorKind,
    operation: &'static str,
    detail: Option<&'static str>,
    #[source]
    source: Option<Box<dyn Error + Send + Sync>>,
}

/// What went wrong in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// A guard no longer holds. Load again and decide again.
    Conflict,
    /// Lock timeout, deadlock victim, connection lost before anything was to be kept. The same call may
    /// succeed later.
    Busy,
    /// No connection was free for as long as the host's pool waits for one. The same call may succeed
    /// later; it is not repeated by itself, since it has waited already.
    Exhausted,
    /// Connection lost after the write was sent: it may or may not have landed.
    InDoubt,
    /// A belt of the store refused what the guards should have prevented. A defect: report it.
    Integrity,
    /// Stored bytes break an invariant. Do not retry; tell an operator.
    Corrupt,
    /// This store does not know the operation or the change.
    Unsupported,
    /// The tables are missing or older than this version: migrate first.
    NotMigrated,
    /// The tables are of a newer version of the library.
    TooNew,
    /// The store cannot be written to.
    ReadOnly,
    /// No space left.
    Full,
    /// Anything else; see the source.
    Other,
}

impl fmt::Display for StoreErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Conflict => "a record changed meanwhile",
            Self::Busy => "busy",
            Self::Exhausted => "no connection was free",
            Self::InDoubt => "the outcome is unknown",
            Self::Integrity => "an integrity rule refused the write",
            Self::Corrupt => "stored data is corrupt",
            Self::Unsupported => "unsupported by this store",
            Self::NotMigrated => "the tables are missing or too old",
            Self::TooNew => "the tables are of a newer version",
            Self::ReadOnly => "the store is read-only",
            Self::Full => "no space left",
            Self::Other => "unexpected failure",
        })
    }
}

impl StoreError {
    /// An error of this kind in `operation`.
    #[must_use]
    pub fn new(kind: StoreErrorKind, operation: &'static str) -> Self {
        Self { kind, operation, detail: None, source: None }
    }

    /// A broken guard.
    #[must_use]
    pub fn conflict() -> Self {
        Self::new(StoreErrorKind::Conflict, "apply")
    }

    /// The same, with a fixed text that says more.
    #[must_use]
    pub fn with_detail(mut self, detail: &'static str) -> Self {
        self.detail = Some(detail);
        self
    }

    /// The same, with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }

    /// In which operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// Whether loading again and deciding again may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        matches!(self.kind, StoreErrorKind::Conflict | StoreErrorKind::Busy)
    }
}
