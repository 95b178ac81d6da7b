//! Belts: what must hold after a change set even where a guard was forgotten.
//!
//! Each is judged against the state as it would be after the whole set, so that one set may end a pair
//! and begin another for the same two.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use mentorship_core::{
    base::{
        host::PersonId,
        id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
        people::PersonPair,
    },
    change::{Change, ChangeSet},
    model::{
        enrollment::Enrollment,
        pair::Pair,
        person::Person,
        proposal::Proposal,
        relation::Relation,
        report::{Case, Evidence},
        run::Run,
    },
    store::{StoreError, StoreErrorKind},
};

use crate::state::{State, first};

/// What a set writes, by key; later writes of the same record replace earlier ones.
#[derive(Default)]
struct After<'a> {
    people: BTreeMap<&'a PersonId, &'a Person>,
    relations: BTreeMap<&'a PersonPair, &'a Relation>,
    enrollments: BTreeMap<EnrollmentId, &'a Enrollment>,
    proposals: BTreeMap<ProposalId, &'a Proposal>,
    pairs: BTreeMap<PairId, &'a Pair>,
    cases: BTreeMap<CaseId, &'a Case>,
    evidence: Vec<&'a Evidence>,
    runs: Vec<&'a Run>,
}

fn broken(belt: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Integrity, "apply").with_detail(belt)
}

fn belt(holds: bool, name: &'static str) -> Result<(), StoreError> {
    if holds { Ok(()) } else { Err(broken(name)) }
}

impl State {
    pub(crate) fn check_belts(&self, set: &ChangeSet) -> Result<(), StoreError> {
        let mut after = After::default();
        for change in &set.changes {
            match change {
                Change::Person(it) => drop(after.people.insert(&it.id, it)),
                Change::Relation(it) => drop(after.relations.insert(&it.people, it)),
                Change::Enrollment(it) => drop(after.enrollments.insert(it.id, it)),
                Change::Proposal(it) => drop(after.proposals.insert(it.id, it)),
                Change::Pair(it) => drop(after.pairs.insert(it.id, it)),
                Change::Case(it) => drop(after.cases.insert(it.id, it)),
                Change::Evidence(it) => after.evidence.push(it),
                Change::Run(it) => after.runs.push(it),
                Change::Program(it) => {
                    let old = self.programs.get(&it.id);
                    let stays =
                        old.is_none_or(|old| !old.state.is_terminal() || old.state == it.state);
                    belt(stays, "a terminal state changed")?;
                }
                _ => {}
            }
        }
        self.terminal_states_stay(&after)?;
        self.one_live_enrollment(&after)?;
        let people = Self::touched_people(&after);
        for two in &people {
            self.two_people(two, &after)?;
        }
        self.places(&after)?;
        self.adults(&after)?;
        self.one_open_report(&after)?;
        self.runs_are_added(&after)?;
        self.evidence_is_added(&after)
    }

    fn one_open_report(&self, after: &After<'_>) -> Result<(), StoreError> {
        let about = |it: &Case| (it.reporter.clone(), it.subject.clone(), it.program, it.object());
        let mut open = BTreeSet::new();
        for new in after.cases.values().filter(|it| it.state.is_open()) {
            // What nobody has reported may stand beside another.
            let Some(reporter) = &new.reporter else { continue };
            belt(*reporter != new.subject, "a report about oneself")?;
            belt(open.insert(about(new)), "two open reports about the same")?;
            let theirs = self.cases_by.after(reporter, None, &first());
            let mut theirs = theirs.filter_map(|(_, id)| self.cases.get(id));
            let other = theirs.any(|it| {
                !after.cases.contains_key(&it.id) && it.state.is_open() && about(it) == about(new)
            });
            belt(!other, "two open reports about the same")?;
        }
        Ok(())
    }

    /// A run is of an id of its own.
    fn runs_are_added(&self, after: &After<'_>) -> Result<(), StoreError> {
        let mut ids = BTreeSet::new();
        let mut added = after.runs.iter();
        belt(
            added.all(|it| ids.insert(it.id) && !self.runs.contains_key(&it.id)),
            "a run is there already",
        )
    }

    fn evidence_is_added(&self, after: &After<'_>) -> Result<(), StoreError> {
        let mut places = BTreeSet::new();
        let added = after.evidence.iter().all(|it| {
            let place = (it.case, it.seq);
            places.insert(place) && !self.evidence.contains_key(&place)
        });
        belt(added, "an item of evidence is there already")
    }

    fn terminal_states_stay(&self, after: &After<'_>) -> Result<(), StoreError> {
        let enrollments = after.enrollments.values().all(|new| {
            self.enrollments
                .get(&new.id)
                .is_none_or(|old| !old.state.is_terminal() || old.state == new.state)
        });
        let proposals = after.proposals.values().all(|new| {
            self.proposals
                .get(&new.id)
                .is_none_or(|old| old.state.is_open() || old.state == new.state)
        });
        let pairs = after.pairs.values().all(|new| {
            self.pairs.get(&new.id).is_none_or(|old| {
                // The words that it ended with may go.
                let same = old.state == new.state || old.state.without_words() == new.state;
                old.state.is_live() || same
            })
        });
        let cases = after.cases.values().all(|new| {
            self.cases
                .get(&new.id)
                .is_none_or(|old| !old.state.is_terminal() || old.state == new.state)
        });
        belt(enrollments && proposals && pairs && cases, "a terminal state changed")
    }

    fn one_live_enrollment(&self, after: &After<'_>) -> Result<(), StoreError> {
        for new in after.enrollments.values().filter(|it| !it.state.is_terminal()) {
            let same = |it: &Enrollment| {
                it.id != new.id
                    && it.program == new.program
                    && it.person == new.person
                    && it.role == new.role
                    && !it.state.is_terminal()
            };
            let stored = self
                .enrollments_of
                .after(&new.person, None, &first())
                .filter(|(_, id)| !after.enrollments.contains_key(id))
                .filter_map(|(_, id)| self.enrollments.get(id))
                .any(same);
            let written = after.enrollments.values().any(|it| same(it));
            belt(!stored && !written, "a second live enrolment")?;
        }
        Ok(())
    }

    /// Every two people whose pairs, proposals or blocks the set writes.
    fn touched_people(after: &After<'_>) -> BTreeSet<PersonPair> {
        let of_pairs = after.pairs.values().filter_map(|pair| pair.people());
        let of_proposals = after
            .proposals
            .values()
            .filter_map(|it| PersonPair::new(it.mentor_person.clone(), it.mentee_person.clone()));
        let of_relations = after.relations.keys().map(|people| (*people).clone());
        of_pairs.chain(of_proposals).chain(of_relations).collect()
    }

    fn two_people(&self, two: &PersonPair, after: &After<'_>) -> Result<(), StoreError> {
        let mut live: BTreeMap<ProgramId, u32> = BTreeMap::new();
        let stored = self
            .live_between
            .after(two, None, &first())
            .filter(|(_, id)| !after.pairs.contains_key(id))
            .filter_map(|(_, id)| self.pairs.get(id));
        let written = after
            .pairs
            .values()
            .copied()
            .filter(|pair| pair.state.is_live() && pair.people().as_ref() == Some(two));
        for pair in stored.chain(written) {
            *live.entry(pair.program).or_default() += 1;
        }
        let mut open: BTreeMap<ProgramId, u32> = BTreeMap::new();
        let stored = self
            .open_between
            .after(two, None, &first())
            .filter(|(_, id)| !after.proposals.contains_key(id))
            .filter_map(|(_, id)| self.proposals.get(id));
        let written = after.proposals.values().copied().filter(|it| {
            let people = PersonPair::new(it.mentor_person.clone(), it.mentee_person.clone());
            it.state.is_open() && people.as_ref() == Some(two)
        });
        for proposal in stored.chain(written) {
            *open.entry(proposal.program).or_default() += 1;
        }
        belt(live.values().all(|count| *count <= 1), "a second live pair of two people")?;
        belt(open.values().all(|count| *count <= 1), "a second open proposal of two people")?;
        let relation = after.relations.get(two).copied().or_else(|| self.relations.get(two));
        let blocked = relation.is_some_and(Relation::is_blocked);
        belt(!blocked || live.is_empty(), "a live pair between blocked people")?;
        belt(!blocked || open.is_empty(), "an open proposal between blocked people")
    }

    /// The live pairs of each enrolment stay within its limit.
    fn places(&self, after: &After<'_>) -> Result<(), StoreError> {
        let mut touched: BTreeSet<EnrollmentId> = BTreeSet::new();
        for pair in after.pairs.values() {
            touched.extend([pair.mentor.enrollment, pair.mentee.enrollment]);
        }
        for id in touched {
            let sides =
                |pair: &Pair| [pair.mentor.enrollment, pair.mentee.enrollment].contains(&id);
            let kept = self
                .live_of
                .after(&id, None, &first())
                .filter(|(_, pair)| !after.pairs.contains_key(pair))
                .count();
            let written =
                after.pairs.values().filter(|pair| pair.state.is_live() && sides(pair)).count();
            let before = self.live_count(id);
            let now = u32::try_from(kept + written).unwrap_or(u32::MAX);
            let stored = self.enrollments.get(&id);
            let written = after.enrollments.get(&id).copied();
            let capacity = written.or(stored).map(|it| u32::from(it.capacity));
            let Some(capacity) = capacity else {
                return Err(broken("a pair without its enrolment"));
            };
            let limit = match (stored, written) {
                (Some(old), Some(new)) if old.capacity != new.capacity => capacity.max(before),
                _ => self.live_limit.get(&id).copied().unwrap_or(capacity),
            };
            belt(now <= limit || now < before, "more live pairs than places")?;
        }
        Ok(())
    }

    /// Nobody is in a pair that needs adults without an adult date by the day after the last look.
    fn adults(&self, after: &After<'_>) -> Result<(), StoreError> {
        let adult_on = |person: &PersonId| -> Option<NaiveDate> {
            match after.people.get(person) {
                Some(written) => written.adult_on,
                None => self.people.get(person).and_then(|stored| stored.adult_on),
            }
        };
        let holds = |pair: &Pair| {
            let last = pair.adults_at.date_naive().checked_add_days(Days::new(1));
            [&pair.mentor.person, &pair.mentee.person]
                .iter()
                .all(|person| adult_on(person).is_some_and(|on| last.is_none_or(|last| on <= last)))
        };
        let written = after.pairs.values().all(|pair| !pair.state.needs_adults() || holds(pair));
        let stored = after.people.keys().all(|person| {
            self.live_for
                .after(person, None, &first())
                .filter(|(_, id)| !after.pairs.contains_key(id))
                .filter_map(|(_, id)| self.pairs.get(id))
                .all(|pair| !pair.state.needs_adults() || holds(pair))
        });
        belt(written && stored, "a pair with somebody who is not an adult")
    }
}
