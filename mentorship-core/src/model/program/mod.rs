//! A program: what a group runs, with its state, its settings and its calendar.

pub mod policy;
pub mod state;

use chrono::Datelike;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

pub use self::{
    policy::{Acceptance, Oversight, ProgramPolicy},
    state::{ProgramAct, ProgramState},
};
use crate::base::{
    host::{GroupId, PersonId},
    id::ProgramId,
    input::{InputError, Problem},
    text::{Slug, Title},
    time::Timestamp,
    version::Version,
};

/// A mentorship program of one group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// Our id.
    pub id: ProgramId,
    /// The group that runs it.
    pub group: GroupId,
    /// The template it was made from. A record of its origin, never a live link.
    pub template: TemplateRef,
    /// What it is about: `professional`, `parenting`, …; the host decides which are allowed (D39).
    pub topic: Slug,
    /// What people see as its name.
    pub title: Title,
    /// Where it stands.
    pub state: ProgramState,
    /// The calendar of a cohort; `None` for a rolling program.
    pub window: Option<Window>,
    /// The zone that decides dates (D35).
    pub zone: Tz,
    /// The settings.
    pub policy: ProgramPolicy,
    /// Which version of the questionnaire and rules new sign-ups answer.
    pub form_version: u32,
    /// Which guide version new pairs follow. A live pair keeps the one it started with.
    pub guide_version: u32,
    /// The admin who created it.
    pub created_by: PersonId,
    /// When it was created.
    pub created_at: Timestamp,
    /// How often the record was written.
    pub version: Version,
}

/// Where a program's first settings came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateRef {
    /// Key of the template.
    pub key: Slug,
    /// Its version, from 1.
    pub version: u32,
}

/// The calendar of a cohort: sign-up from `opens` to `closes`, pairs from `starts` to `ends`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// When sign-up opens.
    pub opens: Timestamp,
    /// When sign-up closes by itself.
    pub closes: Timestamp,
    /// When pairs may start; an earlier acceptance waits until then to unlock its first step.
    pub starts: Timestamp,
    /// When the cohort is over; the program winds down by itself then.
    pub ends: Timestamp,
}

impl Window {
    /// The window, if its four instants are in order.
    ///
    /// # Errors
    /// [`InputError`] on `window` unless `opens < closes <= starts < ends` within the years 2000 to 2199,
    /// or if it is longer than five years.
    pub fn checked(self) -> Result<Self, InputError> {
        let conflict = |rule| Err(InputError::new("window", Problem::Conflict { rule }));
        if self.opens >= self.closes || self.closes > self.starts || self.starts >= self.ends {
            return conflict("opens < closes <= starts < ends");
        }
        if self.opens.year() < 2000 || self.ends.year() > 2199 {
            return conflict("within the years 2000 to 2199");
        }
        if self.ends.signed_duration_since(self.opens).num_days() > 5 * 366 {
            return conflict("at most five years from opens to ends");
        }
        Ok(self)
    }
}

impl Program {
    /// Whether members may sign up at `now`: it is open, and a cohort's sign-up is not over, whether or
    /// not the sweep has come by since.
    #[must_use]
    pub fn takes_applications(&self, now: Timestamp) -> bool {
        self.state.takes_applications() && !self.sign_up_is_over(now)
    }

    /// Whether the sign-up of a cohort has closed by its calendar.
    #[must_use]
    pub fn sign_up_is_over(&self, now: Timestamp) -> bool {
        self.window.is_some_and(|window| window.closes <= now)
    }

    /// The next instant at which time alone changes the program.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            ProgramState::Open { .. } => self.window.map(|window| window.closes),
            ProgramState::EnrollmentClosed { .. } => self.window.map(|window| window.ends),
            ProgramState::WindingDown { archive_at, settled, since } => {
                if *settled {
                    *archive_at
                } else {
                    Some(*since)
                }
            }
            ProgramState::Draft
            | ProgramState::Archived { .. }
            | ProgramState::Suspended { .. }
            | ProgramState::Discarded { .. } => None,
        }
    }
}
