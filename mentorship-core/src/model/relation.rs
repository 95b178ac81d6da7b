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

/// What stood between somebody's earlier key and the other of the two, and still keeps them apart (D10).
///
/// It belongs to neither: no list of theirs shows it and nobody lifts it, since whoever saw it would learn
/// that the other one has come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Since when one of them blocks the other.
    pub blocked_at: Option<Timestamp>,
    /// When a block was last lifted.
    pub lifted_at: Option<Timestamp>,
    /// Since when one of them wishes not to be matched with the other.
    pub avoids_since: Option<Timestamp>,
    /// When the last pair of the two was over.
    pub paired_until: Option<Timestamp>,
}

impl Kept {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// This and that: since the earlier of two, until the later.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            blocked_at: earlier(self.blocked_at, other.blocked_at),
            lifted_at: self.lifted_at.max(other.lifted_at),
            avoids_since: earlier(self.avoids_since, other.avoids_since),
            paired_until: self.paired_until.max(other.paired_until),
        }
    }
}

impl From<Stance> for Kept {
    /// What keeps apart; a wish to be matched does not.
    fn from(it: Stance) -> Self {
        let Stance { blocked_at, lifted_at, avoids_since, wishes_since: _ } = it;
        Self { blocked_at, lifted_at, avoids_since, paired_until: None }
    }
}

/// The earlier of two instants, of which each may be none.
pub(crate) fn earlier(one: Option<Timestamp>, other: Option<Timestamp>) -> Option<Timestamp> {
    [one, other].into_iter().flatten().min()
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
    /// What was kept of a time when one of them had another key.
    #[serde(default, skip_serializing_if = "Kept::is_empty")]
    pub kept: Kept,
    /// How often the record was written.
    pub version: Version,
}

impl Relation {
    /// Two people between whom nothing has been said.
    #[must_use]
    pub fn new(people: PersonPair) -> Self {
        let nothing = Stance::default();
        Self { people, lo: nothing, hi: nothing, kept: Kept::default(), version: Version::NEW }
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

    /// Takes over what stood between the key that was `me`'s before and the other of the two (D10).
    ///
    /// What the other said is kept and shown to nobody. What `me` said is theirs again, but for a block that they
    /// have lifted since, and for what they have taken over before, by `handed_on`: that is theirs to take back. A
    /// wish to be matched is not.
    pub fn take_over(
        &mut self,
        me: &PersonId,
        earlier: &Self,
        was: &PersonId,
        handed_on: Option<Timestamp>,
    ) {
        let other = self.people.other(me);
        let theirs = other.and_then(|other| earlier.stance(other)).copied().unwrap_or_default();
        self.kept = self.kept.with(earlier.kept).with(theirs.into());
        let (Some(said), Some(stance)) = (earlier.stance(was).copied(), self.stance_mut(me)) else {
            return;
        };
        let is_new = |at: &Timestamp| handed_on.is_none_or(|seen| seen < *at);
        let lifted = stance.lifted_at;
        let stands = said.blocked_at.filter(is_new);
        let stands = stands.filter(|at| lifted.is_none_or(|lifted| lifted < *at));
        stance.blocked_at = stance.blocked_at.or(stands);
        stance.lifted_at = lifted.max(said.lifted_at);
        stance.avoids_since = stance.avoids_since.or(said.avoids_since.filter(is_new));
        if stance.blocked_at.or(stance.avoids_since).is_some() {
            stance.wishes_since = None;
        }
    }

    /// Whether either blocks the other. The effect of a block is the same in both directions (D1).
    #[must_use]
    pub fn is_blocked(&self) -> bool {
        let Self { people: _, lo, hi, kept, version: _ } = self;
        lo.blocked_at.or(hi.blocked_at).or(kept.blocked_at).is_some()
    }

    /// Whether either wishes not to be matched with the other.
    #[must_use]
    pub fn is_avoided(&self) -> bool {
        let Self { people: _, lo, hi, kept, version: _ } = self;
        lo.avoids_since.or(hi.avoids_since).or(kept.avoids_since).is_some()
    }

    /// When a block between the two was last lifted.
    #[must_use]
    pub fn last_lifted(&self) -> Option<Timestamp> {
        self.lo.lifted_at.max(self.hi.lifted_at).max(self.kept.lifted_at)
    }
}
