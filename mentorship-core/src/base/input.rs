//! The error for input that breaks a limit: it names the field and the limit, never the text.

use std::{borrow::Cow, fmt, io};

use serde::Serialize;

/// Most bytes of a template, a form or a guide as JSON: 256 KiB.
pub const DATA_MAX_BYTES: usize = 262_144;

/// Input that is refused before anything is stored. `Display` names the field, what is wrong and the
/// limit; it never repeats what was given, since that may be somebody's private text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{field}` {problem}")]
pub struct InputError {
    field: Cow<'static, str>,
    problem: Problem,
}

/// What is wrong with a field, with the limit that it breaks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Problem {
    /// Nothing was given where something is required.
    Missing,
    /// Text without a character that shows.
    Empty,
    /// More than `limit` of `unit` (characters, bytes, items, …).
    TooMany {
        /// How many were given.
        given: u64,
        /// How many are allowed.
        limit: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// Fewer than `limit` of `unit`.
    TooFew {
        /// How many were given.
        given: u64,
        /// How many are needed.
        limit: u64,
        /// What is counted.
        unit: &'static str,
    },
    /// A number outside `min..=max`.
    OutOfRange {
        /// What was given.
        given: i64,
        /// Smallest allowed.
        min: i64,
        /// Largest allowed.
        max: i64,
    },
    /// A character that is not allowed there: controls, bidirectional overrides, invisible ones, …
    Character {
        /// The code point.
        code_point: u32,
        /// Why it is refused.
        why: &'static str,
    },
    /// The form is wrong; `expected` says what it should be.
    Form {
        /// What is expected.
        expected: &'static str,
    },
    /// A name that nothing answers to: an option, a question, a zone, a step.
    Unknown {
        /// What kind of thing is unknown.
        what: &'static str,
    },
    /// The same key twice.
    Duplicate {
        /// What is there twice.
        what: &'static str,
    },
    /// Two fields that do not go together; the text says how.
    Conflict {
        /// The rule between the fields.
        rule: &'static str,
    },
}

impl Problem {
    /// A stable code for hosts that show their own words.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing => "input.missing",
            Self::Empty => "input.empty",
            Self::TooMany { .. } => "input.too_many",
            Self::TooFew { .. } => "input.too_few",
            Self::OutOfRange { .. } => "input.out_of_range",
            Self::Character { .. } => "input.character",
            Self::Form { .. } => "input.form",
            Self::Unknown { .. } => "input.unknown",
            Self::Duplicate { .. } => "input.duplicate",
            Self::Conflict { .. } => "input.conflict",
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => write!(f, "is required"),
            Self::Empty => write!(f, "is empty"),
            Self::TooMany { given, limit, unit } => {
                write!(f, "has {given} {unit}; at most {limit} are allowed")
            }
            Self::TooFew { given, limit, unit } => {
                write!(f, "has {given} {unit}; at least {limit} are needed")
            }
            Self::OutOfRange { given, min, max } => {
                write!(f, "is {given}; it must be from {min} to {max}")
            }
            Self::Character { code_point, why } => {
                write!(f, "holds U+{code_point:04X}, which is refused: {why}")
            }
            Self::Form { expected } => write!(f, "is malformed; expected {expected}"),
            Self::Unknown { what } => write!(f, "names an unknown {what}"),
            Self::Duplicate { what } => write!(f, "names the same {what} twice"),
            Self::Conflict { rule } => write!(f, "breaks a rule between fields: {rule}"),
        }
    }
}

impl InputError {
    /// An error about `field`.
    pub fn new(field: impl Into<Cow<'static, str>>, problem: Problem) -> Self {
        Self { field: field.into(), problem }
    }

    /// The field, as a dotted path where it is nested (`answers.languages`).
    #[must_use]
    pub fn field(&self) -> &str {
        &self.field
    }

    /// What is wrong.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// The stable code of the problem.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.problem.code()
    }

    /// The same error for the field inside `parent`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        Self { field: Cow::Owned(format!("{parent}.{}", self.field)), problem: self.problem }
    }
}

/// `given` if it lies in `min..=max`.
///
/// # Errors
/// [`Problem::OutOfRange`] naming the field.
pub fn in_range<T: Copy + Into<i64>>(
    field: &'static str,
    given: T,
    min: i64,
    max: i64,
) -> Result<T, InputError> {
    let number = given.into();
    if (min..=max).contains(&number) {
        Ok(given)
    } else {
        Err(InputError::new(field, Problem::OutOfRange { given: number, min, max }))
    }
}

/// `Ok` if `given` items are at most `limit`.
///
/// # Errors
/// [`Problem::TooMany`] naming the field.
pub fn at_most(
    field: &'static str,
    given: usize,
    limit: usize,
    unit: &'static str,
) -> Result<(), InputError> {
    if given <= limit {
        return Ok(());
    }
    let given = u64::try_from(given).unwrap_or(u64::MAX);
    let limit = u64::try_from(limit).unwrap_or(u64::MAX);
    Err(InputError::new(field, Problem::TooMany { given, limit, unit }))
}

/// Counts what is written to it.
#[derive(Default)]
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// `Ok` if `value` as JSON has at most [`DATA_MAX_BYTES`] bytes, which are counted and not kept.
///
/// # Errors
/// [`Problem::TooMany`] naming the field.
pub fn at_most_data(field: &'static str, value: &impl Serialize) -> Result<(), InputError> {
    let mut count = Count::default();
    serde_json::to_writer(&mut count, value)
        .map_err(|_| InputError::new(field, Problem::Form { expected: "plain data" }))?;
    at_most(field, count.0, DATA_MAX_BYTES, "bytes")
}
