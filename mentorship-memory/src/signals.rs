//! Around whom there are many blocks, reports and quick ends.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::{
    base::{host::PersonId, time::Timestamp},
    model::{
        report::Case,
        signal::{Signal, SignalFloor, is_quick_end_for},
    },
    store::{Cursor, ListAsk, Listed, Page, StoreError, ask::CaseReader},
};

use crate::{
    lists::{bad_cursor, page},
    state::State,
};

/// What there is around somebody.
#[derive(Default)]
struct Around<'s> {
    blocks: BTreeSet<&'s PersonId>,
    open: BTreeSet<&'s PersonId>,
    decided: BTreeSet<&'s PersonId>,
    quick_ends: u32,
}

impl Around<'_> {
    fn signal((person, it): (PersonId, Self)) -> Signal {
        let number = |people: &BTreeSet<_>| u32::try_from(people.len()).unwrap_or(u32::MAX);
        Signal {
            person,
            blocks: number(&it.blocks),
            open_reports: number(&it.open),
            decided_reports: number(&it.decided),
            reporters: number(&it.open.union(&it.decided).copied().collect()),
            quick_ends: it.quick_ends,
        }
    }
}

impl State {
    /// Everybody around whom there is something: for the few that a store in memory holds.
    fn all_signals(&self, since: Timestamp, reader: &CaseReader) -> BTreeMap<PersonId, Around<'_>> {
        let mut all: BTreeMap<PersonId, Around<'_>> = BTreeMap::new();
        for relation in self.relations.values() {
            let two = [relation.people.lo(), relation.people.hi()];
            for (by, of) in [(two[0], two[1]), (two[1], two[0])] {
                let blocked_at = relation.stance(by).and_then(|stance| stance.blocked_at);
                if blocked_at.is_some_and(|at| at >= since) {
                    all.entry(of.clone()).or_default().blocks.insert(by);
                }
            }
        }
        let counts = |case: &&Case| case.filed_at >= since && reader.counts(case);
        for case in self.cases.values().filter(counts) {
            let Some(reporter) = &case.reporter else { continue };
            if case.state.is_open() {
                all.entry(case.subject.clone()).or_default().open.insert(reporter);
            } else if case.was_upheld() {
                all.entry(case.subject.clone()).or_default().decided.insert(reporter);
            }
        }
        for pair in self.pairs.values().filter(|it| it.state.over_at() >= Some(since)) {
            if let Some(side) = is_quick_end_for(pair) {
                let person = pair.participant(side).person.clone();
                all.entry(person).or_default().quick_ends += 1;
            }
        }
        all
    }

    pub(crate) fn signals(
        &self,
        ask: &ListAsk,
        since: Timestamp,
        floor: SignalFloor,
        reader: &CaseReader,
    ) -> Result<Page<Listed>, StoreError> {
        let after = match &ask.after {
            None => None,
            Some(cursor) => Some(PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
        };
        let all = self.all_signals(since, reader).into_iter().map(Around::signal);
        let found = all.filter(|it| floor.shows(it) && Some(&it.person) > after.as_ref());
        Ok(page(
            found,
            ask.limit_rows(),
            |it| Cursor { rank: 0, id: it.person.as_str().to_owned() },
            |it| Some(Listed::Signal(Box::new(it))),
        ))
    }
}
