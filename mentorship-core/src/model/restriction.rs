//! What the platform keeps a person from: bans, and muting.

use serde::{Deserialize, Serialize};

use crate::base::{host::GroupId, id::CaseId, time::Timestamp};

/// Most bans that one person has; those that are over give way.
pub const BANS_MAX: usize = 100;

/// Where somebody may not take part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "scope", rename_all = "snake_case")]
pub enum BanScope {
    /// In the programs of a group.
    Group {
        /// Which.
        group: GroupId,
    },
    /// In any program of the tenant.
    Tenant,
}

/// That somebody may not take part, by a decision on a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ban {
    /// Where.
    pub scope: BanScope,
    /// The case in which it was decided.
    pub case: CaseId,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until somebody lifts it.
    pub until: Option<Timestamp>,
}

impl Ban {
    /// Whether it still holds at `now`; at its last instant it does not.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Whether it is about this group.
    #[must_use]
    pub fn covers(&self, group: &GroupId) -> bool {
        match &self.scope {
            BanScope::Group { group: banned } => banned == group,
            BanScope::Tenant => true,
        }
    }
}

/// That the platform takes only urgent reports from somebody (D15).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mute {
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` until somebody lifts it.
    pub until: Option<Timestamp>,
}

impl Mute {
    /// Whether it still holds at `now`; at its last instant it does not.
    #[must_use]
    pub fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}
