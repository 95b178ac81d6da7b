//! Rules on who may take part in a program. Being an adult is not among them: it always applies.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    enrollment::Role,
    form::{AskedOf, Form},
};
use crate::base::text::Slug;

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

impl Condition {
    fn asks_membership(&self) -> bool {
        match self {
            Self::GroupMember => true,
            Self::All { of } | Self::Any { of } => of.iter().any(Self::asks_membership),
            Self::Not { of } => of.asks_membership(),
            Self::Host { .. } | Self::Answered { .. } | Self::AtLeast { .. } => false,
        }
    }

    fn collect_predicates(&self, names: &mut BTreeSet<Slug>) {
        match self {
            Self::Host { predicate } => {
                names.insert(predicate.clone());
            }
            Self::All { of } | Self::Any { of } => {
                for condition in of {
                    condition.collect_predicates(names);
                }
            }
            Self::Not { of } => of.collect_predicates(names),
            Self::GroupMember | Self::Answered { .. } | Self::AtLeast { .. } => {}
        }
    }
}

impl Form {
    /// Whether eligibility for `role` asks who is a member of the group.
    #[must_use]
    pub fn asks_membership(&self, role: Role) -> bool {
        let mut rules = self.eligibility.iter().filter(|rule| rule.applies_to.includes(role));
        rules.any(|rule| rule.condition.asks_membership())
    }

    /// Names of the host's predicates that eligibility for `role` asks for.
    #[must_use]
    pub fn host_predicates(&self, role: Role) -> BTreeSet<Slug> {
        let mut names = BTreeSet::new();
        for rule in self.eligibility.iter().filter(|rule| rule.applies_to.includes(role)) {
            rule.condition.collect_predicates(&mut names);
        }
        names
    }
}
