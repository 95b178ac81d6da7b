//! Rules on who may take part in a program. Being an adult is not among them: it always applies.

use serde::{Deserialize, Serialize};

use crate::{base::text::Slug, model::form::AskedOf};

/// One condition on taking part, for one role or both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EligibilityRule {
    /// Stable key within the form; names the rule in a verdict.
    pub key: Slug,
    /// To whom it applies.
    pub applies_to: AskedOf,
    /// What has to hold.
    pub condition: Condition,
}

/// What has to hold. Conditions compose; nesting is at most 8 deep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Condition {
    /// A member of the program's group, by the host's directory.
    GroupMember,
    /// A predicate of the host's, by name: `verified_email`, `trained`, `joined_30_days_ago`, …
    Host {
        /// The predicate's name.
        predicate: Slug,
    },
    /// The answer to a single or multi question holds this choice.
    Answered {
        /// The question.
        question: Slug,
        /// The choice.
        choice: Slug,
    },
    /// The answer to an integer question is at least this.
    AtLeast {
        /// The question.
        question: Slug,
        /// The bound.
        min: i64,
    },
    /// All hold.
    All {
        /// The conditions, 1 to 20.
        of: Vec<Condition>,
    },
    /// At least one holds.
    Any {
        /// The conditions, 1 to 20.
        of: Vec<Condition>,
    },
    /// It does not hold.
    Not {
        /// The condition.
        of: Box<Condition>,
    },
}
