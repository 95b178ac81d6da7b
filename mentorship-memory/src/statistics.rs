//! What is counted of a program.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::{
    base::{host::PersonId, people::PersonPair, text::Slug},
    model::{
        enrollment::Role,
        journal::CheckInKind,
        pair::{Pair, PairState},
        proposal::{Proposal, ProposalState},
        relation::Relation,
        run::RunDrafts,
    },
    statistics::{Answers, Progress, SimilarPairs, Tally},
    store::{RunAsk, TallyAsk},
    view::RunView,
};

use crate::state::{State, first};

fn slug(code: &str) -> Option<Slug> {
    Slug::new(code).ok()
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, key: Option<K>) {
    if let Some(key) = key {
        *counts.entry(key).or_default() += 1;
    }
}

/// Nobody knows anything of their own that was not accepted (D31).
fn is_own(admin: Option<&PersonId>, proposal: &Proposal) -> bool {
    let accepted = matches!(proposal.state, ProposalState::Accepted { .. });
    !accepted && admin.is_some_and(|admin| proposal.side_of(admin).is_some())
}

/// The people who gave each score.
type Answering<'s> = BTreeMap<Option<u8>, BTreeSet<&'s PersonId>>;

fn counted(people: &Answering<'_>) -> Answers {
    people.iter().map(|(score, people)| (*score, people.len() as u64)).collect()
}

impl State {
    /// Whether a proposal counts for an admin.
    fn counts(&self, admin: Option<&PersonId>, it: &Proposal) -> bool {
        let is_hidden = |person: &PersonId| self.is_apart(admin, person);
        !is_own(admin, it) && !is_hidden(&it.mentor_person) && !is_hidden(&it.mentee_person)
    }

    /// Whether a block stands between an admin and somebody.
    fn is_apart(&self, admin: Option<&PersonId>, person: &PersonId) -> bool {
        let two = admin.and_then(|admin| PersonPair::new(admin.clone(), person.clone()));
        two.and_then(|two| self.relations.get(&two)).is_some_and(Relation::is_blocked)
    }

    pub(crate) fn run_view(&self, ask: &RunAsk) -> Option<RunView> {
        let run = self.runs.get(&ask.run)?;
        let program = self.programs.get(&run.program)?.clone();
        let mut drafts = RunDrafts::default();
        let found = self.proposals_of_run.after(&run.id, None, &first());
        let found =
            found.take_while(|_| ask.with_drafts).filter_map(|(_, id)| self.proposals.get(id));
        for it in found.filter(|it| self.counts(ask.admin.as_ref(), it)) {
            add(&mut drafts.by_state, slug(it.state.code()));
            drafts.offered += u64::from(it.was_offered());
        }
        Some(RunView { program, run: run.clone(), drafts })
    }

    /// Wishes not to be matched between people who had signed up by then.
    fn avoids(&self, ask: &TallyAsk) -> u64 {
        let (admin, until) = (ask.admin.as_ref(), ask.answered.end);
        let signed_up: BTreeSet<_> = self
            .enrollments_in
            .after(&ask.program, None, &first())
            .filter_map(|(_, id)| self.enrollments.get(id))
            .filter(|it| it.applied_at < until)
            .map(|it| &it.person)
            .filter(|it| admin != Some(it) && !self.is_apart(admin, it))
            .collect();
        let both = |it: &&Relation| {
            signed_up.contains(it.people.lo()) && signed_up.contains(it.people.hi())
        };
        let stances = self.relations.values().filter(both).flat_map(|it| [&it.lo, &it.hi]);
        let said = stances.filter(|it| it.avoids_since.is_some_and(|at| at < until));
        said.count() as u64
    }

    pub(crate) fn tally(&self, ask: &TallyAsk) -> Tally {
        let admin = ask.admin.as_ref();
        let is_hidden = |person: &PersonId| self.is_apart(admin, person);
        let mut tally = Tally::default();
        for (_, id) in self.enrollments_in.after(&ask.program, None, &first()) {
            let Some(it) = self.enrollments.get(id).filter(|it| !is_hidden(&it.person)) else {
                continue;
            };
            let mut live = self.live_of.after(id, None, &first());
            let paired = it.role == Role::Mentee
                && live.any(|(_, id)| {
                    self.pairs.get(id).is_some_and(|it| !is_hidden(&it.mentor.person))
                });
            add(
                &mut tally.enrollments,
                slug(it.state.code()).map(|state| (it.role, state, paired)),
            );
        }
        for (_, id) in self.proposals_in.after(&ask.program, None, &first()) {
            let found = self.proposals.get(id).filter(|it| self.counts(admin, it));
            add(&mut tally.proposals, found.and_then(|it| slug(it.state.code())));
        }
        let (mut weekly, mut closing) = (Answering::new(), Answering::new());
        for (_, id) in self.pairs_in.after(&ask.program, None, &first()) {
            let shown = |it: &&Pair| !is_hidden(&it.mentor.person) && !is_hidden(&it.mentee.person);
            let Some(pair) = self.pairs.get(id).filter(shown) else { continue };
            let reason = match &pair.state {
                PairState::Ended { end, .. } => end.shown_to_admin(),
                PairState::Introduced { .. }
                | PairState::Active { .. }
                | PairState::Paused { .. }
                | PairState::Frozen { .. }
                | PairState::Completed { .. } => None,
            };
            let steps = self.steps.range((*id, 0)..=(*id, u16::MAX)).map(|(_, step)| step);
            let over = steps.clone().filter(|step| step.state.is_over()).count();
            let progress = Progress::of(over as u64, steps.count() as u64);
            let state = slug(pair.state.code());
            add(&mut tally.pairs, state.map(|state| SimilarPairs { state, reason, progress }));
            for side in Role::ALL {
                let person = &pair.participant(*side).person;
                let week = |number| (*id, *side, CheckInKind::Week { number });
                let mut weeks = self.check_ins.range(week(0)..=week(u16::MAX)).map(|(_, it)| it);
                let last = self.check_ins.get(&(*id, *side, CheckInKind::Closing));
                for (answering, given) in [
                    (&mut weekly, weeks.rfind(|it| ask.answered.contains(&it.at))),
                    (&mut closing, last.filter(|it| ask.answered.contains(&it.at))),
                ] {
                    if let Some(it) = given {
                        answering.entry(it.score).or_default().insert(person);
                    }
                }
            }
        }
        (tally.weekly, tally.closing) = (counted(&weekly), counted(&closing));
        tally.avoids = self.avoids(ask);
        tally
    }
}
