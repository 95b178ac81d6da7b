//! Which records a change set holds while it is applied, and how.

use std::collections::BTreeMap;

use mentorship_core::{
    change::{Change, ChangeSet, Key},
    store::StoreError,
};

use crate::{
    record::{pair, proposal},
    statement::Statement as S,
};

/// How a record is held: alone by who writes it, with others by who only reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Alone,
    Shared,
}

/// Everything that is guarded or written, in the order of keys, which is the order of locks. How a
/// record is held is known from the start, so that nobody who shares one ever waits to have it alone.
pub(crate) fn holds(set: &ChangeSet) -> Result<BTreeMap<Key, Hold>, StoreError> {
    let mut holds: BTreeMap<Key, Hold> =
        set.guards.keys().map(|key| (key.clone(), Hold::Shared)).collect();
    let mut write = |key: Key| {
        holds.insert(key, Hold::Alone);
    };
    for change in &set.changes {
        match change {
            Change::Touch(key) => write(key.clone()),
            Change::RenamePerson { from, to } => {
                write(Key::Person(from.clone()));
                write(Key::Person(to.clone()));
            }
            other => {
                if let Some((key, _)) = other.versioned() {
                    write(key);
                }
            }
        }
        // Their counters are written; not by what was there and goes on, since nothing ever comes back
        // from its end.
        let known = |key: Key| set.guards.get(&key).is_some_and(|version| !version.is_new());
        match change {
            Change::Pair(it) if !(it.state.is_live() && known(Key::Pair(it.id))) => {
                write(Key::Relation(pair::people(it)?));
                for side in [&it.mentor, &it.mentee] {
                    write(Key::Enrollment(side.enrollment));
                }
            }
            Change::Proposal(it) if !(it.state.is_open() && known(Key::Proposal(it.id))) => {
                write(Key::Relation(proposal::people(it)?));
            }
            _ => {}
        }
    }
    Ok(holds)
}

/// Holds a record and reads what a write needs to know of it.
pub(crate) fn head_statement(key: &Key, hold: Hold) -> S {
    match (key, hold) {
        (Key::Person(_), Hold::Alone) => S::PersonHead,
        (Key::Person(_), Hold::Shared) => S::PersonRead,
        (Key::Relation(_), Hold::Alone) => S::RelationHead,
        (Key::Relation(_), Hold::Shared) => S::RelationRead,
        (Key::Program(_), Hold::Alone) => S::ProgramHead,
        (Key::Program(_), Hold::Shared) => S::ProgramRead,
        (Key::Enrollment(_), Hold::Alone) => S::EnrollmentHead,
        (Key::Enrollment(_), Hold::Shared) => S::EnrollmentRead,
        (Key::Proposal(_), Hold::Alone) => S::ProposalHead,
        (Key::Proposal(_), Hold::Shared) => S::ProposalRead,
        (Key::Pair(_), Hold::Alone) => S::PairHead,
        (Key::Pair(_), Hold::Shared) => S::PairRead,
        (Key::Case(_), Hold::Alone) => S::CaseHead,
        (Key::Case(_), Hold::Shared) => S::CaseRead,
    }
}
