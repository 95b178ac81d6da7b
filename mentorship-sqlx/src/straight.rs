//! Change sets that go straight: where a set's guards say all that a write needs to know of the records, these
//! are held, compared and written in one go, without being read in between.
//!
//! What a guard does not say is taken for granted, as it nearly always is: a pair or a proposal that ends was
//! not over before, one of which no new state is told was, and a capacity stays. It is a part of the comparison; where it does not hold, nothing is
//! written, and the set goes the way on which records are read first.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::{
    base::{id::PairId, people::PersonPair, version::Version},
    change::{Change, ChangeSet, Key},
    model::{enrollment::Enrollment, person::Person},
    store::StoreError,
};

use crate::{
    apply::{Head, key_args},
    hold::{Hold, head_statement},
    record::{pair, person::day, proposal},
    statement::Statement,
    value::{Value, version},
};

/// Most records that one set holds on this way.
const FOOTINGS: usize = 12;

/// Most messages of a set on this way: each is a statement of its own.
const MESSAGES: usize = 8;

/// A record that a set rests on: held, and compared.
#[derive(Debug)]
pub(crate) struct Footing {
    /// What holds it.
    pub(crate) sql: Statement,
    pub(crate) args: Vec<Value>,
    /// What has to stand in it, by column of that statement.
    pub(crate) needs: Vec<(&'static str, Value)>,
    /// Whether something is taken for granted that no guard says.
    pub(crate) assumes: bool,
}

/// What is known of the records of a set before any of them is looked at.
#[derive(Debug, Default)]
pub(crate) struct Known {
    pub(crate) footings: Vec<Footing>,
    pub(crate) heads: BTreeMap<Key, Option<Head>>,
}

/// What became of a set that went straight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// All is written.
    #[cfg(feature = "postgres")]
    Written,
    /// All is written and committed.
    Committed,
    /// A record is not as it was read.
    Moved,
    /// Something that was taken for granted, or a constraint, does not hold: nothing is written for good.
    Otherwise,
    /// It was not tried.
    Untried,
}

impl Footing {
    /// The text that holds the record, up to where it says how, and how.
    #[cfg(feature = "mysql")]
    pub(crate) fn text(&self, texts: &crate::statement::Texts) -> (String, &'static str) {
        let sql = texts.get(self.sql).sql;
        let hold = ["hold", "share"].iter().filter_map(|name| texts.dialect().word(name));
        let hold = hold.into_iter().find(|hold| sql.ends_with(hold)).unwrap_or_default();
        (sql.strip_suffix(hold).unwrap_or(&sql).to_owned(), hold)
    }

    /// What has to stand in the columns, each value as `value` writes it.
    pub(crate) fn condition(&self, mut value: impl FnMut(&Value) -> String) -> String {
        let mut condition = String::new();
        for (column, needed) in &self.needs {
            let join = if condition.is_empty() { "" } else { " AND " };
            if *needed == Value::Null {
                condition.extend([join, column, " IS NULL"]);
            } else {
                condition.extend([join, column, " = ", &value(needed)]);
            }
        }
        condition
    }
}

/// The people between whom something is written that was there before: they have a row.
fn with_a_row(set: &ChangeSet) -> Result<BTreeSet<PersonPair>, StoreError> {
    let known = |key: Key| set.guards.get(&key).is_some_and(|version| !version.is_new());
    let mut with = BTreeSet::new();
    for change in &set.changes {
        match change {
            Change::Pair(it) if known(Key::Pair(it.id)) => with.insert(pair::people(it)?),
            Change::Proposal(it) if known(Key::Proposal(it.id)) => {
                with.insert(proposal::people(it)?)
            }
            _ => continue,
        };
    }
    Ok(with)
}

/// Whether a pair that is over in a set was over before: each change of its state is told in the log (I6).
fn was_over(set: &ChangeSet, id: PairId) -> bool {
    let is_over = set.changes.iter().any(|change| match change {
        Change::Pair(it) => it.id == id && !it.state.is_live(),
        _ => false,
    });
    let ends = set.audit.iter().any(|it| it.subject == Key::Pair(id) && it.to.is_some());
    is_over && !ends
}

/// What the guards of a set say of its records; `None` if that is not enough.
pub(crate) fn known(
    set: &ChangeSet,
    holds: &BTreeMap<Key, Hold>,
) -> Result<Option<Known>, StoreError> {
    let clears = |it: &Change| {
        matches!(
            it,
            Change::ClearPair { .. }
                | Change::ReleaseTexts { .. }
                | Change::ForgetEvent { .. }
                | Change::RenamePerson { .. }
        )
    };
    // Many commands at once would make a text of their own each time.
    let many = holds.len() > FOOTINGS || set.commands.len() > 1 || set.outbox.len() > MESSAGES;
    if many || set.changes.iter().any(clears) {
        return Ok(None);
    }
    // Two who make rows of the same people would each wait for the other.
    let new = |(key, version): &(&Key, &Version)| matches!(key, Key::Person(_)) && version.is_new();
    if set.guards.iter().filter(new).count() > 1 {
        return Ok(None);
    }
    let (with_a_row, will_be): (_, BTreeSet<Key>) = (with_a_row(set)?, set.written().collect());
    let replaced: BTreeSet<Key> =
        set.changes.iter().filter_map(Change::versioned).map(|(key, _)| key).collect();
    let mut known = Known::default();
    for (key, hold) in holds {
        let guard = set.guards.get(key).copied();
        let mut head = Head { version: guard.unwrap_or_default(), ..Head::default() };
        let mut needs: Vec<_> = guard.iter().map(|it| ("version", version(*it))).collect();
        let mut assumes = guard.is_none();
        match (key, guard) {
            (Key::Relation(two), _) if guard.is_none_or(Version::is_new) => {
                // One of version 0, which counts and says nothing.
                if !with_a_row.contains(two) {
                    return Ok(None);
                }
                assumes = true;
            }
            (_, Some(guard)) if guard.is_new() => {
                if !will_be.contains(key) {
                    return Ok(None);
                }
                // Nobody has it until it is written.
                known.heads.insert(key.clone(), None);
                continue;
            }
            (Key::Enrollment(_), None) if !will_be.contains(key) => {}
            (_, None) => return Ok(None),
            (Key::Person(who), _) => {
                let person = set.changes.iter().find_map(|change| match change {
                    Change::Person(it) if it.id == *who => Some(it),
                    _ => None,
                });
                if let Some(Person { adult_on, .. }) = person {
                    assumes = true;
                    head.adult_on = adult_on.map(day);
                    needs.push(("adult_on", head.adult_on.map_or(Value::Null, Value::Int)));
                }
            }
            (Key::Enrollment(id), _) => {
                let place = set.changes.iter().find_map(|change| match change {
                    Change::Enrollment(it) if it.id == *id => Some(it),
                    _ => None,
                });
                if let Some(Enrollment { capacity, .. }) = place {
                    assumes = true;
                    head.capacity = i64::from(*capacity);
                    head.live_limit = head.capacity;
                    needs.push(("capacity", Value::Int(head.capacity)));
                    needs.push(("live_limit", Value::Int(head.live_limit)));
                }
            }
            (Key::Proposal(_), _) if replaced.contains(key) => {
                (head.live, assumes) = (true, true);
                needs.push(("open", Value::Int(1)));
            }
            (Key::Pair(id), _) if replaced.contains(key) => {
                (head.live, assumes) = (!was_over(set, *id), true);
                needs.push(("live", if head.live { Value::Int(1) } else { Value::Null }));
            }
            (
                Key::Proposal(_) | Key::Pair(_) | Key::Relation(_) | Key::Program(_) | Key::Case(_),
                _,
            ) => {}
        }
        let (sql, args) = (head_statement(key, *hold), key_args(&set.tenant, key));
        known.footings.push(Footing { sql, args, needs, assumes });
        known.heads.insert(key.clone(), Some(head));
    }
    Ok(Some(known))
}
