//! What the rules say about one person: every rule that failed, in order, with its code.

use serde::{Deserialize, Serialize};

use crate::base::text::Slug;

/// Why a person may not take part. Only the platform ever sees which one it was; everybody else is
/// told one neutral code.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failed {
    /// Not known to be an adult today (D22).
    NotAdult,
    /// Banned from the program's group, or from all.
    Banned,
    /// A rule of the program.
    Rule {
        /// Its key.
        key: Slug,
    },
}

impl Failed {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::NotAdult => "not_adult",
            Self::Banned => "banned",
            Self::Rule { key } => key.as_str(),
        }
    }
}

/// Every rule that failed, age first, then bans, then in the form's order. Empty means eligible.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[must_use]
pub struct Verdict {
    /// The rules that failed.
    pub failed: Vec<Failed>,
}

impl Verdict {
    /// Whether no rule failed.
    #[must_use]
    pub fn is_eligible(&self) -> bool {
        self.failed.is_empty()
    }
}
