//! Why the people could not be made.

use std::error::Error;
use std::fmt;

/// Why [`people`](super::people) has nothing to return.
///
/// The files are embedded, so all but [`PeopleError::TooMany`] mean that a file was edited wrongly.
#[derive(Debug)]
#[non_exhaustive]
pub enum PeopleError {
    /// More people were asked for than the survey has rows.
    TooMany {
        /// The number asked for.
        asked: usize,
        /// The number of rows.
        available: usize,
    },
    /// A file is not the table it should be.
    Csv {
        /// Its name in `examples/data`.
        file: &'static str,
        /// What the reader says.
        source: csv::Error,
    },
    /// A city lies in a time zone that the time zone database does not know.
    UnknownZone(String),
    /// A survey row names a role that the role table lacks.
    UnknownRole(String),
    /// A survey row names a country without languages or cities.
    UnknownCountry(String),
    /// A role names an occupation that has no skills.
    UnknownOccupation(&'static str),
}

impl fmt::Display for PeopleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { asked, available } => {
                write!(f, "asked for {asked} people, the survey has {available}")
            }
            Self::Csv { file, .. } => write!(f, "cannot read examples/data/{file}"),
            Self::UnknownZone(name) => write!(f, "unknown time zone {name:?}"),
            Self::UnknownRole(name) => write!(f, "unknown survey role {name:?}"),
            Self::UnknownCountry(code) => write!(f, "no languages or cities for {code:?}"),
            Self::UnknownOccupation(name) => write!(f, "no skills for occupation {name:?}"),
        }
    }
}

impl Error for PeopleError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Csv { source, .. } => Some(source),
            _ => None,
        }
    }
}
