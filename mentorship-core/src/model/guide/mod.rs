//! The versioned list of steps that a pair follows, and where a pair stands on each.

pub mod step;

use serde::{Deserialize, Serialize};

pub use self::step::{StepAct, StepInstance, StepState};
use crate::{
    base::{
        input::{InputError, Problem, at_most, at_most_data},
        text::Slug,
    },
    model::{code::coded, form::Message},
};

/// Most steps in a guide.
pub const STEPS_MAX: usize = 60;

coded! {
    /// Whose "done" finishes a step.
    pub enum DoneBy {
        /// Either of the two.
        Either = "either",
        /// Both.
        Both = "both",
        /// The mentor.
        Mentor = "mentor",
        /// The mentee.
        Mentee = "mentee",
    }
}

/// When a step opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "when", rename_all = "snake_case", deny_unknown_fields)]
pub enum Unlock {
    /// With the start of the pair.
    AtStart,
    /// On the civil day that is this many days after the start, in the program's zone (D35).
    AfterDays {
        /// Civil days, 1 to 1,000. Week n begins after 7·(n−1) days.
        days: u16,
    },
    /// When the step before it is done or skipped.
    AfterPrevious,
}

/// One step of a guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Stable key within the guide.
    pub key: Slug,
    /// What the pair sees as its title.
    pub title: Message,
    /// What it is about.
    pub body: Message,
    /// Questions and suggestions to begin with; at most 10.
    #[serde(default)]
    pub prompts: Vec<Message>,
    /// When it opens.
    pub unlock: Unlock,
    /// Days after opening by which it is due, 1 to 365; none for no date.
    #[serde(default)]
    pub due_days: Option<u16>,
    /// Whose "done" finishes it.
    pub done_by: DoneBy,
    /// Whether the closing survey belongs to it.
    #[serde(default)]
    pub closing: bool,
}

/// A versioned list of steps. Never changed once stored; a new version is a new guide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Guide {
    /// Version within the program, from 1.
    pub version: u32,
    /// The steps in order; at most 60. Empty only in an unguided program.
    pub steps: Vec<Step>,
}

impl Guide {
    /// The guide, if its steps are within the limits, their keys differ, their days do not go back, and
    /// it has at most 256 KiB as JSON.
    ///
    /// # Errors
    /// [`InputError`] naming the step's field and the limit.
    pub fn checked(self) -> Result<Self, InputError> {
        at_most("guide.steps", self.steps.len(), STEPS_MAX, "steps")?;
        let mut keys = std::collections::BTreeSet::new();
        let mut last_day = 0;
        for step in &self.steps {
            let field = |name: &str| format!("guide.{}.{name}", step.key);
            if !keys.insert(&step.key) {
                return Err(InputError::new(field("key"), Problem::Duplicate { what: "step" }));
            }
            if step.prompts.len() > 10 {
                let given = u64::try_from(step.prompts.len()).unwrap_or(u64::MAX);
                let problem = Problem::TooMany { given, limit: 10, unit: "prompts" };
                return Err(InputError::new(field("prompts"), problem));
            }
            if let Some(days) = step.due_days
                && !(1..=365).contains(&days)
            {
                let problem = Problem::OutOfRange { given: days.into(), min: 1, max: 365 };
                return Err(InputError::new(field("due_days"), problem));
            }
            if let Unlock::AfterDays { days } = step.unlock {
                if !(1..=1_000).contains(&days) {
                    let problem = Problem::OutOfRange { given: days.into(), min: 1, max: 1_000 };
                    return Err(InputError::new(field("unlock.days"), problem));
                }
                if days < last_day {
                    let rule = "a later step does not open on an earlier day";
                    return Err(InputError::new(field("unlock.days"), Problem::Conflict { rule }));
                }
                last_day = days;
            }
        }
        at_most_data("guide", &self)?;
        Ok(self)
    }

    /// The step with this key.
    #[must_use]
    pub fn step(&self, key: &Slug) -> Option<&Step> {
        self.steps.iter().find(|step| step.key == *key)
    }
}
