//! What holds something back: a pair, an enrolment, a piece of what was written.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::base::{id::CaseId, time::Timestamp};

/// What holds a pair or an enrolment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "holder", rename_all = "snake_case")]
pub enum Holder {
    /// The platform or the host, by hand.
    Platform,
    /// A report case, until it lets go.
    Case {
        /// Which.
        case: CaseId,
    },
}

impl Holder {
    /// The case, if it is one.
    #[must_use]
    pub fn case(self) -> Option<CaseId> {
        match self {
            Self::Platform => None,
            Self::Case { case } => Some(case),
        }
    }
}

/// Everything that holds one pair or one enrolment, which goes on when the last of them lets go. Only
/// reviewers ever learn of a case in it.
pub type Holders = BTreeSet<Holder>;

/// That a piece of what was written is shown to its author alone, while a case looks at it or the host's own
/// moderation hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Since when.
    pub since: Timestamp,
    /// What holds it, until the last of them lets go; empty where it is shown, since nobody but reviewers is told.
    pub by: Holders,
}

impl Withheld {
    /// The same with another holder.
    #[must_use]
    pub fn also(earlier: Option<Self>, holder: Holder, now: Timestamp) -> Self {
        let mut held = earlier.unwrap_or(Self { since: now, by: Holders::new() });
        held.by.insert(holder);
        held
    }

    /// The same without a holder; nothing after the last one.
    #[must_use]
    pub fn without(mut self, holder: Holder) -> Option<Self> {
        self.by.remove(&holder);
        (!self.by.is_empty()).then_some(self)
    }

    /// What the author is told: that it is so, and since when.
    #[must_use]
    pub fn as_told(&self) -> Self {
        Self { since: self.since, by: Holders::new() }
    }
}
