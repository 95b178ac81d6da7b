//! How far the evidence of every case of a tenant had come at one moment, in one number.
//!
//! The chain of a case shows that its items fit together. Whoever may write to the database could make another
//! chain that fits as well. A host therefore takes an inventory, once a day for instance, and keeps its root
//! where the database's writers do not reach: a log that is only appended to, a timestamping service, a printed
//! page. Chains only grow, so that every later state of a case must still pass through what the inventory says.
//!
//! The root is that of a Merkle tree, built like the one of RFC 6962, so that what the inventory says of one case can
//! be shown to somebody ([`InventoryProof`]) without telling them anything of any other.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Case, Evidence, EvidenceFault, Seal, verify};
use crate::base::{
    id::{CaseId, Id},
    text::Slug,
    time::Timestamp,
};

/// How far the evidence of one case had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The case.
    pub case: CaseId,
    /// How many items it had.
    pub items: u32,
    /// The seal of the last one.
    pub head: Seal,
}

impl From<&Case> for Sealed {
    fn from(case: &Case) -> Self {
        Self { case: case.id, items: case.evidence, head: case.head }
    }
}

impl Sealed {
    /// The leaf in the tree.
    fn leaf(&self) -> Seal {
        let mut hash = Sha256::new();
        hash.update(b"mentorship sealed case");
        hash.update(self.case.uuid().as_bytes());
        hash.update(self.items.to_le_bytes());
        hash.update(self.head.bytes());
        Seal::end(hash)
    }

    /// Whether the evidence of the case is whole ([`verify`]) and goes on from here. `items` are all items of
    /// the case, in order.
    ///
    /// # Errors
    /// The first [`EvidenceFault`] found.
    pub fn verify(&self, case: &Case, items: &[Evidence]) -> Result<(), EvidenceFault> {
        verify(case, items)?;
        let reached = match self.items.checked_sub(1) {
            None => Some(Seal::first(case.id)),
            Some(last) => {
                let last = usize::try_from(last).ok().and_then(|it| items.get(it));
                last.map(|it| it.seal)
            }
        };
        match reached {
            Some(head) if head == self.head && case.id == self.case => Ok(()),
            _ => Err(EvidenceFault::Rewritten { items: self.items }),
        }
    }
}

/// All cases of a tenant. Ids, counts and digests only: a hundred thousand cases are about 6 MB in memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceInventory {
    /// When it was begun. A case that was filed, or went on, while it was taken may stand in it as it was before or
    /// after.
    pub at: Timestamp,
    /// The cases, by id.
    cases: Vec<Sealed>,
}

impl EvidenceInventory {
    /// Of these cases, in any order, each once.
    #[must_use]
    pub fn new(at: Timestamp, mut cases: Vec<Sealed>) -> Self {
        cases.sort_unstable_by_key(|it| it.case);
        Self { at, cases }
    }

    /// The cases, by id.
    #[must_use]
    pub fn cases(&self) -> &[Sealed] {
        &self.cases
    }

    /// The root of the tree over all cases: 32 bytes that no other cases, counts or seals lead to.
    #[must_use]
    pub fn root(&self) -> Seal {
        let mut level: Vec<Seal> = self.cases.iter().map(Sealed::leaf).collect();
        while level.len() > 1 {
            level = parents(&level);
        }
        level.pop().unwrap_or_else(|| Seal::of(""))
    }

    /// The root as a code: `root-` and its first 29 bytes as hexadecimal digits, which is as much as a code holds.
    #[must_use]
    pub fn code(&self) -> Slug {
        let root = self.root();
        Slug::of_bytes("root-", root.bytes().get(..29).unwrap_or_default())
    }

    /// What shows that a case stands under the root; nothing if it does not.
    #[must_use]
    pub fn proof(&self, case: CaseId) -> Option<InventoryProof> {
        let mut place = self.cases.binary_search_by_key(&case, |it| it.case).ok()?;
        let sealed = *self.cases.get(place)?;
        let mut level: Vec<Seal> = self.cases.iter().map(Sealed::leaf).collect();
        let mut path = Vec::new();
        while level.len() > 1 {
            // The last of an odd number has nobody beside it, and goes up as it is.
            if let Some(beside) = level.get(place ^ 1) {
                path.push(if place % 2 == 0 {
                    Beside::Right(*beside)
                } else {
                    Beside::Left(*beside)
                });
            }
            level = parents(&level);
            place /= 2;
        }
        Some(InventoryProof { sealed, path })
    }
}

/// One level of the tree from the one below.
fn parents(level: &[Seal]) -> Vec<Seal> {
    level.chunks(2).filter_map(|two| two.iter().copied().reduce(parent)).collect()
}

fn parent(left: Seal, right: Seal) -> Seal {
    let mut hash = Sha256::new();
    hash.update(b"mentorship two seals");
    hash.update(left.bytes());
    hash.update(right.bytes());
    Seal::end(hash)
}

/// What stands beside the way from a case to the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Beside {
    /// At its left.
    Left(Seal),
    /// At its right.
    Right(Seal),
}

/// That an inventory says this of a case, for somebody who knows its root and must not see the other cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InventoryProof {
    /// What it says.
    pub sealed: Sealed,
    /// From the case up to the root; about as many steps as the number of cases has binary digits.
    pub path: Vec<Beside>,
}

impl InventoryProof {
    /// The root that it leads to: it proves what it says if that is the one that was kept.
    #[must_use]
    pub fn root(&self) -> Seal {
        self.path.iter().fold(self.sealed.leaf(), |at, beside| match beside {
            Beside::Left(left) => parent(*left, at),
            Beside::Right(right) => parent(at, *right),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn sealed(n: u128) -> Sealed {
        let case = CaseId::from(Uuid::from_u128(n.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c)));
        Sealed { case, items: 1, head: Seal::first(case) }
    }

    fn inventory(len: u128) -> EvidenceInventory {
        EvidenceInventory::new(Timestamp::UNIX_EPOCH, (0..len).map(sealed).collect())
    }

    /// The tree as RFC 6962 defines it: split at the largest power of two below the number of leaves.
    fn root(leaves: &[Seal]) -> Seal {
        match leaves {
            [] => Seal::of(""),
            [one] => *one,
            more => {
                let split = more.len().next_power_of_two() / 2;
                parent(root(&more[..split]), root(&more[split..]))
            }
        }
    }

    #[test]
    fn the_tree_is_that_of_rfc_6962() {
        for len in 0..130 {
            let inventory = inventory(len);
            let leaves: Vec<_> = inventory.cases.iter().map(Sealed::leaf).collect();
            assert_eq!(inventory.root(), root(&leaves), "{len}");
        }
    }

    #[test]
    fn each_case_and_no_other_is_proven() {
        for len in 0..70 {
            let inventory = inventory(len);
            for case in inventory.cases() {
                let proof = inventory.proof(case.case).unwrap();
                assert_eq!((&proof.sealed, proof.root()), (case, inventory.root()), "{len}");
                let kept = serde_json::to_string(&proof).unwrap();
                assert_eq!(serde_json::from_str::<InventoryProof>(&kept).unwrap(), proof);
            }
            assert_eq!(inventory.proof(sealed(len).case), None);
        }
    }

    proptest! {
        #[test]
        fn the_order_of_the_cases_is_nothing_and_all_else_is_something(
            len in 1_u128..40, at: prop::sample::Index, items in 2_u32.., other: prop::sample::Index,
        ) {
            let whole = inventory(len);
            let mut cases = whole.cases.clone();
            cases.reverse();
            prop_assert_eq!(EvidenceInventory::new(whole.at, cases.clone()).root(), whole.root());
            let of = at.index(cases.len());
            let changed = |change: &dyn Fn(&mut Vec<Sealed>)| {
                let mut changed = cases.clone();
                change(&mut changed);
                EvidenceInventory::new(whole.at, changed).root()
            };
            prop_assert_ne!(changed(&|it| it[of].items = items), whole.root());
            prop_assert_ne!(changed(&|it| it[of].head = Seal::of("another")), whole.root());
            prop_assert_ne!(changed(&|it| it.truncate(of)), whole.root());
            prop_assert_ne!(changed(&|it| it.push(sealed(len))), whole.root());
            let mut proof = whole.proof(cases[of].case).unwrap();
            proof.sealed.items = items;
            prop_assert_ne!(proof.root(), whole.root());
            let mut proof = whole.proof(cases[of].case).unwrap();
            if !proof.path.is_empty() {
                let step = other.index(proof.path.len());
                proof.path[step] = match proof.path[step] {
                    Beside::Left(it) => Beside::Right(it),
                    Beside::Right(it) => Beside::Left(it),
                };
                prop_assert_ne!(proof.root(), whole.root());
            }
        }
    }
}
