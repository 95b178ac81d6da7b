//! Two different people in a fixed order: the anchor on which blocks and pairs meet (D4).

use serde::{Deserialize, Serialize};

use super::host::PersonId;

/// Two different people of a tenant, the smaller key first, so that both name the same record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "(PersonId, PersonId)", into = "(PersonId, PersonId)")]
pub struct PersonPair {
    lo: PersonId,
    hi: PersonId,
}

impl PersonPair {
    /// The two people in key order, or `None` if both are the same.
    #[must_use]
    pub fn new(one: PersonId, other: PersonId) -> Option<Self> {
        match one.cmp(&other) {
            std::cmp::Ordering::Less => Some(Self { lo: one, hi: other }),
            std::cmp::Ordering::Greater => Some(Self { lo: other, hi: one }),
            std::cmp::Ordering::Equal => None,
        }
    }

    /// The person whose key is smaller, byte by byte.
    #[must_use]
    pub fn lo(&self) -> &PersonId {
        &self.lo
    }

    /// The person whose key is larger.
    #[must_use]
    pub fn hi(&self) -> &PersonId {
        &self.hi
    }

    /// The other of the two, or `None` if `person` is neither.
    #[must_use]
    pub fn other(&self, person: &PersonId) -> Option<&PersonId> {
        if *person == self.lo {
            Some(&self.hi)
        } else if *person == self.hi {
            Some(&self.lo)
        } else {
            None
        }
    }
}

impl TryFrom<(PersonId, PersonId)> for PersonPair {
    type Error = &'static str;

    fn try_from((one, other): (PersonId, PersonId)) -> Result<Self, Self::Error> {
        Self::new(one, other).ok_or("a person pair needs two different people")
    }
}

impl From<PersonPair> for (PersonId, PersonId) {
    fn from(pair: PersonPair) -> Self {
        (pair.lo, pair.hi)
    }
}
