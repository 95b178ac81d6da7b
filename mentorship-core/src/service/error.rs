//! Why a call failed: a rule, the store, or the host's own port.

use std::collections::BTreeMap;

use super::ports::PortError;
use crate::{
    base::input::InputError,
    decide::Refusal,
    store::{StoreError, StoreErrorKind},
};

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A rule said no. Nothing was written.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store failed. Nothing was written, unless the kind says that the outcome is unknown.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A port of the host's failed. Nothing was written.
    #[error(transparent)]
    Port(#[from] PortError),
}

impl From<InputError> for Error {
    fn from(error: InputError) -> Self {
        Self::Refused(error.into())
    }
}

impl Error {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.code(),
            Self::Store(error) => match error.kind() {
                StoreErrorKind::Conflict => "store.conflict",
                StoreErrorKind::Busy | StoreErrorKind::Exhausted => "store.busy",
                StoreErrorKind::InDoubt => "store.in_doubt",
                StoreErrorKind::Integrity => "store.integrity",
                StoreErrorKind::Corrupt => "store.corrupt",
                StoreErrorKind::Unsupported => "store.unsupported",
                StoreErrorKind::NotMigrated => "store.not_migrated",
                StoreErrorKind::TooNew => "store.too_new",
                StoreErrorKind::ReadOnly => "store.read_only",
                StoreErrorKind::Full => "store.full",
                StoreErrorKind::Other => "store.other",
            },
            Self::Port(_) => "port.failed",
        }
    }

    /// What the host's own words may need; never private text.
    #[must_use]
    pub fn params(&self) -> BTreeMap<&'static str, String> {
        match self {
            Self::Refused(refusal) => refusal.params(),
            Self::Store(_) | Self::Port(_) => BTreeMap::new(),
        }
    }

    /// The rule that said no, if one did.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal) => Some(refusal),
            Self::Store(_) | Self::Port(_) => None,
        }
    }

    /// Whether the same call may succeed later without anything changed by the caller.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Store(error) => error.is_retryable() || error.kind() == StoreErrorKind::Exhausted,
            Self::Port(_) => true,
        }
    }
}
