//! Two runs beside each other: who moved, and why.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{PreparedRun, RunOutcome, RunReport, prepared::number};
use crate::{base::id::EnrollmentId, matching::certificate::Pair, model::proposal::ProposedPair};

/// Why a mentee has other mentors than before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhyMoved {
    /// They were not in the first run.
    Joined,
    /// They are not in the second run.
    Left,
    /// A pair of theirs came about: it was offered or is live, so that the second run leaves it alone.
    BecamePair,
    /// A mentor of theirs is not in the second run, or has no place any more.
    MentorLeft,
    /// A pair of theirs is not possible any more: a rule, a minimum, a forbid, or what is not told.
    NoLongerPossible,
    /// They were pinned, or a pin has gone.
    Pinned,
    /// A mentor who was not in the first run, or not possible for them then, is theirs now.
    NewlyPossible,
    /// Nothing about them changed, and their new mentors are better for them.
    Better,
    /// Nothing about them changed: with others than before, the whole is better.
    ForTheWhole,
}

/// A mentee who has other mentors than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The mentee's enrolment.
    pub mentee: EnrollmentId,
    /// Their mentors in the first run, by enrolment.
    pub before: Vec<EnrollmentId>,
    /// Their mentors in the second run.
    pub after: Vec<EnrollmentId>,
    /// Why, the first that holds in the order of [`WhyMoved`].
    pub why: WhyMoved,
}

/// Two runs beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The report of the first.
    pub before: RunReport,
    /// The report of the second.
    pub after: RunReport,
    /// Pairs of both.
    pub kept: u64,
    /// Mentees who have other mentors, by enrolment.
    pub moved: Vec<Moved>,
}

/// Mentors of each mentee, with whether a pin made them so.
fn mentors(outcome: &RunOutcome) -> BTreeMap<EnrollmentId, BTreeMap<EnrollmentId, bool>> {
    let mut mentors: BTreeMap<EnrollmentId, BTreeMap<EnrollmentId, bool>> = BTreeMap::new();
    for it in &outcome.pairs {
        mentors.entry(it.pair.mentee).or_default().insert(it.pair.mentor, it.pinned);
    }
    mentors
}

/// What two runs of a program have in common, and who moved. Each outcome comes with the run that it is of.
#[must_use]
pub fn compare(
    first: (&PreparedRun, &RunOutcome),
    second: (&PreparedRun, &RunOutcome),
) -> Comparison {
    let (before, after) = (mentors(first.1), mentors(second.1));
    let nobody = BTreeMap::new();
    let mentees: BTreeSet<&EnrollmentId> = before.keys().chain(after.keys()).collect();
    let mut comparison =
        Comparison { before: first.1.report, after: second.1.report, kept: 0, moved: Vec::new() };
    for mentee in mentees {
        let was = before.get(mentee).unwrap_or(&nobody);
        let is = after.get(mentee).unwrap_or(&nobody);
        comparison.kept += was.keys().filter(|mentor| is.contains_key(mentor)).count() as u64;
        if was.keys().eq(is.keys()) {
            continue;
        }
        let move_of = Move { mentee: *mentee, was, is, runs: [first.0, second.0] };
        comparison.moved.push(Moved {
            mentee: *mentee,
            before: was.keys().copied().collect(),
            after: is.keys().copied().collect(),
            why: move_of.why(),
        });
    }
    comparison
}

struct Move<'a> {
    mentee: EnrollmentId,
    was: &'a BTreeMap<EnrollmentId, bool>,
    is: &'a BTreeMap<EnrollmentId, bool>,
    runs: [&'a PreparedRun; 2],
}

impl Move<'_> {
    fn points(&self, run: &PreparedRun, mentor: EnrollmentId) -> Option<u32> {
        run.score(ProposedPair { mentor, mentee: self.mentee }).map(|score| score.total())
    }

    fn why(&self) -> WhyMoved {
        let [first, second] = self.runs;
        let takes_part = |run: &PreparedRun| number(&run.mentees, self.mentee).is_some();
        let gone = || self.was.keys().filter(|mentor| !self.is.contains_key(mentor)).copied();
        let come = || self.is.keys().filter(|mentor| !self.was.contains_key(mentor)).copied();
        let has_places = |mentor: EnrollmentId| {
            let seat = number(&second.mentors, mentor).map(|at| at as usize);
            seat.and_then(|at| second.mentors.get(at)).is_some_and(|it| it.places > 0)
        };
        let became = |mentor: EnrollmentId| {
            let numbers = number(&second.mentees, self.mentee).zip(number(&second.mentors, mentor));
            numbers.is_some_and(|(mentee, mentor)| {
                second.taken.binary_search(&Pair { mentee, mentor }).is_ok()
            })
        };
        let pin = |all: &BTreeMap<EnrollmentId, bool>, mentor| all.get(&mentor) == Some(&true);
        let sum = |run: &PreparedRun, mentors: &BTreeMap<EnrollmentId, bool>| -> u32 {
            mentors.keys().filter_map(|mentor| self.points(run, *mentor)).sum()
        };
        if !takes_part(first) {
            WhyMoved::Joined
        } else if !takes_part(second) {
            WhyMoved::Left
        } else if gone().any(became) {
            WhyMoved::BecamePair
        } else if gone().any(|mentor| !has_places(mentor)) {
            WhyMoved::MentorLeft
        } else if gone().any(|mentor| self.points(second, mentor).is_none()) {
            WhyMoved::NoLongerPossible
        } else if gone().any(|it| pin(self.was, it)) || come().any(|it| pin(self.is, it)) {
            WhyMoved::Pinned
        } else if come().any(|mentor| self.points(first, mentor).is_none()) {
            WhyMoved::NewlyPossible
        } else if sum(second, self.is) > sum(second, self.was) {
            WhyMoved::Better
        } else {
            WhyMoved::ForTheWhole
        }
    }
}
