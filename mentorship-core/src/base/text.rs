//! Bounded text: what people write, in one normal form, and short codes.
//!
//! Every string that enters the library becomes one of these types first. They hold NFC, refuse what
//! can mislead a reader (controls, bidirectional overrides, invisible characters), and never show
//! their content in `Debug`, so that logs stay free of private text.

use std::{fmt, sync::Arc};

use serde::{Deserialize, Serialize, de};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use super::input::{InputError, Problem};

/// More combining marks in a row than any script needs.
const COMBINING_MAX: usize = 8;

struct Limits {
    field: &'static str,
    chars: usize,
    bytes: usize,
    lines: bool,
}

fn refused(c: char, lines: bool) -> Option<&'static str> {
    match c {
        '\n' if lines => None,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{61c}' => {
            Some("it changes the direction of the text around it")
        }
        // Joiners carry meaning in several scripts and in emoji.
        '\u{200c}' | '\u{200d}' => None,
        _ => match c.general_category() {
            GeneralCategory::Control => Some("it is a control character"),
            GeneralCategory::PrivateUse => Some("it is for private use"),
            GeneralCategory::Unassigned => Some("it is unassigned"),
            GeneralCategory::Format
            | GeneralCategory::LineSeparator
            | GeneralCategory::ParagraphSeparator => Some("it is invisible"),
            _ => None,
        },
    }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// The normal form of `raw` within `limits`. Works on at most four times the byte limit, so that
/// hostile input costs no more than honest input.
fn normal(raw: &str, limits: &Limits) -> Result<Arc<str>, InputError> {
    let err = |problem| Err(InputError::new(limits.field, problem));
    let too_many =
        |given, limit, unit| Problem::TooMany { given: count(given), limit: count(limit), unit };
    if raw.len() > limits.bytes.saturating_mul(4) {
        return err(too_many(raw.len(), limits.bytes, "bytes"));
    }
    let unified = raw.replace("\r\n", "\n");
    let text: String = unified.trim().nfc().collect();
    let mut chars = 0;
    let mut marks = 0;
    for c in text.chars() {
        chars += 1;
        if let Some(why) = refused(c, limits.lines) {
            return err(Problem::Character { code_point: u32::from(c), why });
        }
        marks = if is_combining_mark(c) { marks + 1 } else { 0 };
        if marks > COMBINING_MAX {
            return err(too_many(marks, COMBINING_MAX, "combining marks in a row"));
        }
    }
    if !text.chars().any(|c| !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}')) {
        return err(Problem::Empty);
    }
    if chars > limits.chars {
        return err(too_many(chars, limits.chars, "characters"));
    }
    if text.len() > limits.bytes {
        return err(too_many(text.len(), limits.bytes, "bytes"));
    }
    Ok(Arc::from(text))
}

macro_rules! texts {
    ($($(#[$doc:meta])+ $name:ident($field:literal, $chars:literal, $bytes:literal, $lines:literal);)+) => {$(
        $(#[$doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Most characters (Unicode scalar values) allowed.
            pub const MAX_CHARS: usize = $chars;

            /// The text in its normal form: NFC, trimmed, line ends as `\n`.
            ///
            /// # Errors
            /// [`InputError`] naming the field and the limit that is broken.
            pub fn new(raw: &str) -> Result<Self, InputError> {
                let limits =
                    Limits { field: $field, chars: $chars, bytes: $bytes, lines: $lines };
                normal(raw, &limits).map(Self)
            }

            /// The text. It is data: whoever shows it has to escape it.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<&str> for $name {
            type Error = InputError;

            fn try_from(raw: &str) -> Result<Self, InputError> {
                Self::new(raw)
            }
        }

        // Private text stays out of logs: only its length shows.
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let raw = String::deserialize(deserializer)?;
                Self::new(&raw).map_err(de::Error::custom)
            }
        }
    )+};
}

texts! {
    /// A title or label: one line of up to 120 characters (480 bytes).
    Title("title", 120, 480, false);
    /// English text of a shipped message, prompt or question: up to 600 characters (2,400 bytes).
    Prompt("prompt", 600, 2_400, true);
    /// A short message between people or to an admin: up to 1,000 characters (4,000 bytes).
    Note("note", 1_000, 4_000, true);
    /// A free-text answer: up to 500 characters, 2,048 bytes.
    AnswerText("answer", 500, 2_048, true);
    /// The body of a post or comment: up to 4,000 characters, 16 KiB.
    Body("body", 4_000, 16_384, true);
}

/// Longest [`Slug`], in bytes.
pub const SLUG_MAX_BYTES: usize = 64;

/// A short stable code: a lower-case letter, then up to 63 of `a-z 0-9 _ . -`. Keys of templates,
/// questions, options, rules and steps, message keys, topics and reasons are slugs.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Slug(Arc<str>);

impl Slug {
    /// The code as given.
    ///
    /// # Errors
    /// [`InputError`] for the field `slug` if it does not have the form.
    pub fn new(raw: &str) -> Result<Self, InputError> {
        let expected = "a lower-case letter, then up to 63 of a-z, 0-9, `_`, `.` and `-`";
        let tail_ok = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        let ok = raw.len() <= SLUG_MAX_BYTES
            && raw.starts_with(|c: char| c.is_ascii_lowercase())
            && raw.chars().all(tail_ok);
        if ok {
            Ok(Self(Arc::from(raw)))
        } else {
            Err(InputError::new("slug", Problem::Form { expected }))
        }
    }

    /// A code of the library's own, whose form is checked by tests.
    pub(crate) fn from_static(code: &'static str) -> Self {
        debug_assert!(Self::new(code).is_ok(), "not a slug");
        Self(Arc::from(code))
    }

    /// A prefix and up to 30 bytes as hexadecimal digits.
    pub(crate) fn of_bytes(prefix: &'static str, bytes: &[u8]) -> Self {
        let mut code = prefix.to_owned();
        for byte in bytes.iter().take(30) {
            let digit = |half: u8| char::from_digit(half.into(), 16).unwrap_or_default();
            code.extend([digit(byte >> 4), digit(byte & 15)]);
        }
        debug_assert!(Self::new(&code).is_ok(), "not a slug");
        Self(Arc::from(code))
    }

    /// The code.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<&str> for Slug {
    type Error = InputError;

    fn try_from(raw: &str) -> Result<Self, InputError> {
        Self::new(raw)
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.0)
    }
}

impl std::borrow::Borrow<str> for Slug {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Slug {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = String::deserialize(deserializer)?;
        Self::new(&raw).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_trimmed_and_composed() {
        assert_eq!(Title::new("  Cafe\u{301} ").unwrap().as_str(), "Caf\u{e9}");
        assert_eq!(Body::new("a\r\nb").unwrap().as_str(), "a\nb");
    }

    #[test]
    fn misleading_characters_are_refused_by_name() {
        for (text, code_point) in [
            ("a\u{202e}b", 0x202e),
            ("a\u{2066}b", 0x2066),
            ("a\0b", 0),
            ("a\u{200b}b", 0x200b),
            ("a\u{e000}b", 0xe000),
            ("a\nb", 0xa),
        ] {
            let error = Title::new(text).unwrap_err();
            assert_eq!(error.field(), "title");
            assert!(
                matches!(error.problem(), Problem::Character { code_point: c, .. } if *c == code_point),
                "{error}"
            );
        }
        assert!(Body::new("line\nline").is_ok());
        assert!(Note::new("\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}").is_ok(), "joined emoji");
    }

    #[test]
    fn limits_name_field_and_limit() {
        let long = "x".repeat(121);
        let text = Title::new(&long).unwrap_err().to_string();
        assert_eq!(text, "`title` has 121 characters; at most 120 are allowed");
        assert_eq!(Note::new(" \u{200d} ").unwrap_err().problem(), &Problem::Empty);
        let stacked = format!("a{}", "\u{301}".repeat(10));
        assert!(Title::new(&stacked).is_err());
    }

    #[test]
    fn debug_never_shows_the_text() {
        assert_eq!(format!("{:?}", Note::new("my secret").unwrap()), "Note(9 bytes)");
    }

    #[test]
    fn slugs_have_one_form() {
        for good in ["a", "career-advancement", "a.b_c-9", &"z".repeat(64)] {
            assert!(Slug::new(good).is_ok(), "{good}");
        }
        for bad in ["", "A", "9a", "-a", "a b", "\u{e9}", &"z".repeat(65)] {
            assert!(Slug::new(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn the_normal_form_is_stable_and_never_over_the_cap(raw in "\\PC{0,200}") {
            if let Ok(text) = Note::new(&raw) {
                prop_assert!(text.as_str().len() <= 4_000);
                prop_assert_eq!(Note::new(text.as_str()).unwrap(), text);
            }
        }

        #[test]
        fn any_string_is_taken_or_refused_without_a_panic(raw in any::<String>()) {
            let _ = Title::new(&raw);
            let _ = Slug::new(&raw);
        }
    }
}
