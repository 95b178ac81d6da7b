//! The prefix of the library's tables in a database that belongs to the host.

use std::fmt;

/// A prefix for table, index and trigger names: a lower-case letter, then up to 20 of `a-z`, `0-9` and
/// `_`. It is the only thing besides constants that ever becomes part of an SQL text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prefix(String);

/// A text that cannot be a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a table prefix is a lower-case letter, then up to 20 of a-z, 0-9 and `_`")]
pub struct PrefixError;

impl Prefix {
    /// The prefix as given.
    ///
    /// # Errors
    /// [`PrefixError`] if it does not have the form.
    pub fn new(raw: &str) -> Result<Self, PrefixError> {
        let tail = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        let ok = raw.len() <= 21
            && raw.starts_with(|c: char| c.is_ascii_lowercase())
            && raw.chars().all(tail);
        if ok { Ok(Self(raw.to_owned())) } else { Err(PrefixError) }
    }

    /// The prefix.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Prefix {
    /// `mentorship_`.
    fn default() -> Self {
        Self("mentorship_".to_owned())
    }
}

impl fmt::Display for Prefix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_harmless_prefixes_are_taken() {
        for good in ["a", "mentorship_", "m2_", &"z".repeat(21)] {
            assert!(Prefix::new(good).is_ok(), "{good}");
        }
        for bad in ["", "_a", "2a", "A", "a-b", "a\"b", "a;b", "a b", "\u{e9}", &"z".repeat(22)] {
            assert_eq!(Prefix::new(bad), Err(PrefixError), "{bad}");
        }
    }
}
