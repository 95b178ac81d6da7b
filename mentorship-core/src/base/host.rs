//! Keys that belong to the host: people, groups and tenants.
//!
//! They are opaque: 1 to 64 bytes of text, compared byte for byte, never parsed and never folded. Only
//! control characters are refused. Anything else is the host's own, bidirectional overrides and invisible
//! characters included: a key is a key and no name, and whoever shows one to people isolates it first.
//!
//! One form of a person's key is the library's own: `erased:` and a UUID, which takes the place of
//! a key that was erased. Nobody signs up under a key that begins so, and nobody is renamed to one.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::{Deserialize, Serialize, de};
use uuid::Uuid;

/// Longest host key, in bytes.
pub const HOST_KEY_MAX_BYTES: usize = 64;

/// How the pseudonyms begin that take the place of erased keys of people.
pub const ERASED_PREFIX: &str = "erased:";

/// A host key that is empty, too long, or holds a control character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostKeyError {
    /// The key has no bytes.
    #[error("host key is empty; it needs 1 to {HOST_KEY_MAX_BYTES} bytes")]
    Empty,
    /// The key has too many bytes.
    #[error("host key has {bytes} bytes; at most {HOST_KEY_MAX_BYTES} are allowed")]
    TooLong {
        /// Bytes given.
        bytes: usize,
    },
    /// The key holds a control character, which some databases cannot store.
    #[error("host key holds a control character")]
    Control,
}

fn checked(key: &str) -> Result<Arc<str>, HostKeyError> {
    if key.is_empty() {
        return Err(HostKeyError::Empty);
    }
    if key.len() > HOST_KEY_MAX_BYTES {
        return Err(HostKeyError::TooLong { bytes: key.len() });
    }
    if key.chars().any(char::is_control) {
        return Err(HostKeyError::Control);
    }
    Ok(Arc::from(key))
}

macro_rules! host_keys {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The host's key as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = HostKeyError;

            fn try_from(key: &str) -> Result<Self, HostKeyError> {
                checked(key).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = HostKeyError;

            fn try_from(key: String) -> Result<Self, HostKeyError> {
                checked(&key).map(Self)
            }
        }

        // Decimal integers and UUIDs always fit, so these cannot fail.
        impl From<i64> for $name {
            fn from(key: i64) -> Self {
                Self(key.to_string().into())
            }
        }

        impl From<u64> for $name {
            fn from(key: u64) -> Self {
                Self(key.to_string().into())
            }
        }

        impl From<Uuid> for $name {
            fn from(key: Uuid) -> Self {
                Self(key.to_string().into())
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let key = String::deserialize(deserializer)?;
                checked(&key).map(Self).map_err(de::Error::custom)
            }
        }
    )+};
}

host_keys! {
    /// A person, as the host knows them.
    PersonId;
    /// A group: whatever the host's communities are.
    GroupId;
    /// A tenant: everything in the library happens inside exactly one.
    TenantId;
}

impl PersonId {
    /// The pseudonym of somebody whose key is erased. `id` must tell nothing about them to whoever has no
    /// secret of the host's.
    #[must_use]
    pub fn erased(id: Uuid) -> Self {
        Self(format!("{ERASED_PREFIX}{id}").into())
    }

    /// Whether this stands in the place of an erased key: nobody at the host answers to it.
    #[must_use]
    pub fn is_erased(&self) -> bool {
        self.0.starts_with(ERASED_PREFIX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_differ_only_in_case_or_form_stay_apart() {
        let lower = PersonId::try_from("ana").unwrap();
        assert_ne!(lower, PersonId::try_from("Ana").unwrap());
        let composed = PersonId::try_from("\u{e9}").unwrap();
        assert_ne!(composed, PersonId::try_from("e\u{301}").unwrap());
    }

    #[test]
    fn the_limit_counts_bytes() {
        assert!(PersonId::try_from("x".repeat(64)).is_ok());
        assert_eq!(PersonId::try_from("x".repeat(65)), Err(HostKeyError::TooLong { bytes: 65 }));
        assert_eq!(
            GroupId::try_from("\u{e9}".repeat(33)),
            Err(HostKeyError::TooLong { bytes: 66 })
        );
        assert_eq!(TenantId::try_from(""), Err(HostKeyError::Empty));
        assert_eq!(PersonId::try_from("a\0b"), Err(HostKeyError::Control));
    }

    #[test]
    fn a_pseudonym_is_a_key() {
        let erased = PersonId::erased(Uuid::max());
        assert!(erased.is_erased() && !PersonId::from(7_i64).is_erased());
        assert_eq!(PersonId::try_from(erased.as_str()), Ok(erased));
    }

    #[test]
    fn only_controls_are_refused() {
        for control in ['\0', '\n', '\u{1b}', '\u{7f}', '\u{85}'] {
            let key = format!("a{control}b");
            assert_eq!(GroupId::try_from(key.as_str()), Err(HostKeyError::Control), "{key:?}");
        }
        for opaque in ["a\u{202e}b", "a\u{200b}b", " a ", "a\u{2028}b"] {
            assert_eq!(TenantId::try_from(opaque).unwrap().as_str(), opaque);
        }
    }

    #[test]
    fn a_stored_key_is_checked_again_when_it_is_read() {
        assert!(serde_json::from_str::<PersonId>("\"\"").is_err());
        assert_eq!(serde_json::from_str::<PersonId>("\"7\"").unwrap(), PersonId::from(7_i64));
    }
}
