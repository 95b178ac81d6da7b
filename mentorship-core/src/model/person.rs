//! What the library keeps about a person across programs: the anchor for age and reminders.

use chrono::{Datelike, NaiveDate};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::{
    enrollment::{Enrollment, EnrollmentState, Role},
    holder::Holder,
    restriction::{Ban, Mute},
};
use crate::base::{
    host::{GroupId, PersonId},
    id::ProgramId,
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

/// That somebody was rejected by a program, or removed from it: they wait before they apply again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TurnedAway {
    /// By which.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// When.
    pub at: Timestamp,
}

/// That something held what somebody left in a program: it holds what they sign up for there next, until it lets
/// go. Else whoever is held would only have to leave and come back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// In which program.
    pub program: ProgramId,
    /// What holds it.
    pub by: Holder,
    /// Since when it outlives what it held.
    pub since: Timestamp,
}

/// That it was looked whether somebody was here before (D10). Which pseudonyms are theirs is not said: only the
/// tenant's key tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LookedBack {
    /// How many pseudonyms of their key were found.
    pub lives: u32,
    /// When.
    pub at: Timestamp,
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
    /// Where they may not take part, by decisions on cases; also what is over.
    pub bans: Vec<Ban>,
    /// Whether the platform takes only urgent reports from them; also what is over.
    pub mute: Option<Mute>,
    /// Where they were turned away while they had another key, the last time in each role; what they were
    /// turned away from under this one stands in their enrolments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub turned_away: Vec<TurnedAway>,
    /// What held the enrolments that they left, and has not let go. Nobody but reviewers is told.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<Held>,
    /// What was found when it was last looked whether they were here before; `None` as long as nobody has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked_back: Option<LookedBack>,
    /// How often the record was written.
    pub version: Version,
}

impl Person {
    /// The same under another key. What was found of somebody who had the old one before says nothing of the new
    /// one, under which it has to be looked again; a pseudonym keeps when they were last looked up.
    #[must_use]
    pub fn under(self, key: PersonId) -> Self {
        let looked_back = self.looked_back.filter(|_| key.is_erased());
        Self { id: key, looked_back, ..self }
    }

    /// A person of whom nothing is known yet.
    #[must_use]
    pub fn unknown(id: PersonId) -> Self {
        Self {
            id,
            adult_on: None,
            zone: None,
            reminders_off: false,
            reminded: Vec::new(),
            bans: Vec::new(),
            mute: None,
            turned_away: Vec::new(),
            held: Vec::new(),
            looked_back: None,
            version: Version::NEW,
        }
    }

    /// Whether they may not take part in the programs of a group at `now`.
    #[must_use]
    pub fn is_banned(&self, group: &GroupId, now: Timestamp) -> bool {
        self.bans.iter().any(|ban| ban.covers(group) && ban.holds(now))
    }

    /// Keeps what holds an enrolment that they are about to leave.
    pub fn keep_holds(&mut self, place: &Enrollment, now: Timestamp) {
        // Since when it held that, so that what staff takes back later is the same hold.
        let since = match &place.state {
            EnrollmentState::Suspended { since, .. } => *since,
            _ => now,
        };
        for by in place.state.holders() {
            let same = |it: &Held| (it.program, it.by) == (place.program, by);
            if !self.held.iter().any(same) {
                self.held.push(Held { program: place.program, by, since });
            }
        }
    }

    /// What holds whatever they sign up for in a program.
    pub fn holders_in(&self, program: ProgramId) -> impl Iterator<Item = Holder> + '_ {
        self.held.iter().filter(move |it| it.program == program).map(|it| it.by)
    }

    /// Whether the platform takes only urgent reports from them at `now`, as far as the library keeps that.
    #[must_use]
    pub fn is_muted(&self, now: Timestamp) -> bool {
        self.mute.is_some_and(|mute| mute.holds(now))
    }
}
