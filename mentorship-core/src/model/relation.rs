//! What stands between two people: blocks, and wishes for or against being matched. The lock anchor of D4.

use serde::{Deserialize, Serialize};

use crate::base::{host::PersonId, people::PersonPair, time::Timestamp, version::Version};

/// What one of two people has said about the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stance {
    /// Since when this person blocks the other; `None` if they do not.
    pub blocked_at: Option<Timestamp>,
    /// When this person last lifted a block on the other.
    pub lifted_at: Option<Timestamp>,
    /// Since when this person wishes not to be matched with the other. Not a block: nothing ends.
    pub avoids_since: Option<Timestamp>,
    /// Since when this person wishes to be matched with the other. Never with `blocked_at` or `avoids_since`.
    pub wishes_since: Option<Timestamp>,
}

/// Two people of a tenant and what each has said about the other. Made on first use.
///
/// Every command that makes or ends an offer or a pair between two people, and every block, writes or
/// touches this record, so that a block and an acceptance can never both win (D4, I2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relation {
    /// The two.
    pub people: PersonPair,
    /// What the person with the smaller key has said.
    pub lo: Stance,
    /// What the person with the larger key has said.
    pub hi: Stance,
    /// How often the record was written.
    pub version: Version,
}

impl Relation {
    /// Two people between whom nothing has been said.
    #[must_use]
    pub fn new(people: PersonPair) -> Self {
        Self { people, lo: Stance::default(), hi: Stance::default(), version: Version::NEW }
    }

    /// What `person` has said about the other; `None` if `person` is neither of the two.
    #[must_use]
    pub fn stance(&self, person: &PersonId) -> Option<&Stance> {
        if person == self.people.lo() {
            Some(&self.lo)
        } else if person == self.people.hi() {
            Some(&self.hi)
        } else {
            None
        }
    }

    /// The same, to change it.
    pub fn stance_mut(&mut self, person: &PersonId) -> Option<&mut Stance> {
        if person == self.people.lo() {
            Some(&mut self.lo)
        } else if person == self.people.hi() {
            Some(&mut self.hi)
        } else {
            None
        }
    }

    /// Whether either blocks the other. The effect of a block is the same in both directions (D1).
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        self.lo.blocked_at.is_some() || self.hi.blocked_at.is_some()
    }

    /// Whether either wishes not to be matched with the other.
    #[must_use]
    pub fn is_avoided(&self) -> bool {
        self.lo.avoids_since.is_some() || self.hi.avoids_since.is_some()
    }

    /// When a block between the two was last lifted.
    #[must_use]
    pub fn last_lifted(&self) -> Option<Timestamp> {
        self.lo.lifted_at.max(self.hi.lifted_at)
    }
}
