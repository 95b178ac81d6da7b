//! What the library keeps about a person across programs: the anchor for age and reminders.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::{
    host::PersonId,
    input::{InputError, Problem},
    time::Timestamp,
    version::Version,
};

/// `adult_on`, if it lies within living memory and hope: years 1900 to 2199.
///
/// # Errors
/// [`InputError`] on `adult_on`.
pub fn checked_adult_on(adult_on: Option<NaiveDate>) -> Result<Option<NaiveDate>, InputError> {
    match adult_on {
        Some(date) if !(1900..=2199).contains(&date.year()) => {
            let rule = "a date of the years 1900 to 2199";
            Err(InputError::new("adult_on", Problem::Conflict { rule }))
        }
        known_or_not => Ok(known_or_not),
    }
}

/// A person of a tenant. Made on first use; holds no name and no birth date.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The host's key.
    pub id: PersonId,
    /// The date of the 18th birthday, as the host vouched for it. Unknown counts as not adult (D22).
    pub adult_on: Option<NaiveDate>,
    /// The zone the host has verified, in which the civil date of "today" is taken. Unknown counts as
    /// UTC−12, so that nobody is adult before being so everywhere.
    pub zone: Option<Tz>,
    /// Whether the person asked for no reminders.
    pub reminders_off: bool,
    /// When reminders were sent in the last seven days, oldest first; at most 21.
    pub reminded: Vec<Timestamp>,
    /// How often the record was written.
    pub version: Version,
}

impl Person {
    /// A person of whom nothing is known yet.
    #[must_use]
    pub fn unknown(id: PersonId) -> Self {
        Self {
            id,
            adult_on: None,
            zone: None,
            reminders_off: false,
            reminded: Vec::new(),
            version: Version::NEW,
        }
    }
}
