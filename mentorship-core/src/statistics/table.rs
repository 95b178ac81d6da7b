//! What is told of a program.

use std::{collections::BTreeMap, ops::Range};

use serde::{Deserialize, Serialize};

use super::{
    count::{Count, CountWidth},
    tally::{Answers, Progress, Tally},
};
use crate::{
    base::{id::ProgramId, text::Slug, time::Timestamp},
    model::{
        code::coded,
        enrollment::{EnrollmentState, Role},
        pair::{EndKind, PairState},
        proposal::ProposalState,
        visible::{self, Viewer, What},
    },
};

/// Key of the pairs in [`Statistics::ends`] of which an admin is shown no reason.
const NOT_SHOWN: &str = "not_shown";

coded! {
    /// What somebody answered to "how is it going".
    pub enum ScoreGiven {
        /// Nothing, which is an answer.
        Skipped = "skipped",
        /// Badly.
        One = "1",
        /// Between.
        Two = "2",
        /// Between.
        Three = "3",
        /// Between.
        Four = "4",
        /// Very well.
        Five = "5",
    }
}

impl ScoreGiven {
    fn of(score: Option<u8>) -> Self {
        match score {
            None | Some(0) => Self::Skipped,
            Some(1) => Self::One,
            Some(2) => Self::Two,
            Some(3) => Self::Three,
            Some(4) => Self::Four,
            Some(_) => Self::Five,
        }
    }
}

/// How a program stands, in numbers (row 65). Every key is there, whether anything counts under it or not.
///
/// Staff is told each number exactly. A group's admins are told ranges, by [`count`](super::count), and nothing
/// that is the sum of many other ranges: neither totals, nor accepted proposals, each of which is a pair, nor the
/// pairs of whose end no reason is shown. Blocks, reports, wishes for somebody and cases are counted nowhere.
///
/// A range may change when one person does something, and whoever asks before and after sees that. Of people,
/// proposals and pairs an admin sees as much in the lists of the program. What people answered no list shows, so
/// that answers are those of a month that is over, each month by itself: nothing that is done later changes
/// them. Nor does a list show who wishes not to be matched with whom: what is said in this month, or by or about
/// somebody who signs up in it, counts from the next one on, and only that a wish is taken back shows before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// The program.
    pub program: ProgramId,
    /// Enrolments of each role by the code of their state, those that are over too.
    pub enrollments: BTreeMap<Role, BTreeMap<Slug, Count>>,
    /// Active mentees who have no live pair.
    pub waiting: Count,
    /// Proposals by the code of their state; for admins without `accepted`.
    pub proposals: BTreeMap<Slug, Count>,
    /// Pairs by the code of their state. For admins a frozen pair counts as paused.
    pub pairs: BTreeMap<Slug, Count>,
    /// Pairs that ended, by the code of the reason that an admin is shown; for staff also `not_shown`.
    pub ends: BTreeMap<Slug, Count>,
    /// Live pairs by how far they have come in their guide.
    pub progress: BTreeMap<Progress, Count>,
    /// When the answers below were given: from the first of these instants on, before the second.
    pub answered: Range<Timestamp>,
    /// How many people gave each answer to a weekly check-in, of each of their pairs the latest.
    pub weekly: BTreeMap<ScoreGiven, Count>,
    /// The same of closing surveys.
    pub closing: BTreeMap<ScoreGiven, Count>,
    /// Wishes not to be matched with somebody, between people who have signed up; for admins alone. Staff has
    /// nothing to do with whom somebody would rather not meet.
    pub avoids: Option<Count>,
}

/// Who is told the numbers.
#[derive(Clone, Copy)]
enum For {
    Staff,
    Admins(CountWidth),
}

impl For {
    fn count(self, number: u64) -> Count {
        match self {
            Self::Staff => Count::exactly(number),
            Self::Admins(width) => Count::within(number, width),
        }
    }

    /// Whether they are told how many there are.
    fn counts_up(self, what: What) -> bool {
        let viewer = match self {
            Self::Staff => Viewer::Staff,
            Self::Admins(_) => Viewer::Admin,
        };
        visible::seen(what, viewer).is_counted()
    }

    /// The code under which a pair counts.
    fn state(self, state: &Slug) -> Slug {
        match self {
            Self::Admins(_) if state.as_str() == "frozen" => Slug::from_static("paused"),
            Self::Admins(_) | Self::Staff => state.clone(),
        }
    }

    /// Every key with what was counted under it; what was counted under no key is left out.
    fn counts<K: Ord>(
        self,
        keys: impl IntoIterator<Item = K>,
        counted: impl IntoIterator<Item = (K, u64)>,
    ) -> BTreeMap<K, Count> {
        let mut numbers: BTreeMap<K, u64> = keys.into_iter().map(|key| (key, 0)).collect();
        for (key, number) in counted {
            if let Some(sum) = numbers.get_mut(&key) {
                *sum += number;
            }
        }
        numbers.into_iter().map(|(key, number)| (key, self.count(number))).collect()
    }

    /// The same by code, for admins without one of them.
    fn by_code(
        self,
        codes: impl IntoIterator<Item = &'static str>,
        admins_not: Option<&'static str>,
        counted: impl IntoIterator<Item = (Slug, u64)>,
    ) -> BTreeMap<Slug, Count> {
        let told = |code: &&'static str| matches!(self, Self::Staff) || Some(*code) != admins_not;
        self.counts(codes.into_iter().filter(told).map(Slug::from_static), counted)
    }
}

impl Statistics {
    /// Every number as it is, for the platform's staff.
    #[must_use]
    pub fn exact(program: ProgramId, answered: Range<Timestamp>, tally: &Tally) -> Self {
        Self::of(program, answered, tally, For::Staff)
    }

    /// Ranges of numbers, for the program's admins.
    #[must_use]
    pub fn in_ranges(
        program: ProgramId,
        answered: Range<Timestamp>,
        tally: &Tally,
        width: CountWidth,
    ) -> Self {
        Self::of(program, answered, tally, For::Admins(width))
    }

    fn of(program: ProgramId, answered: Range<Timestamp>, tally: &Tally, to: For) -> Self {
        let enrolled = |role: Role| {
            let found = tally.enrollments.iter().filter(move |((it, _, _), _)| *it == role);
            found.map(|((_, state, paired), number)| (state.clone(), *paired, *number))
        };
        let of_role = |role| {
            let counted = enrolled(role).map(|(state, _, number)| (state, number));
            (role, to.by_code(EnrollmentState::CODES.iter().copied(), None, counted))
        };
        let waiting = enrolled(Role::Mentee)
            .filter(|(state, paired, _)| state.as_str() == "active" && !paired);
        let proposals = tally.proposals.iter().map(|(state, number)| (state.clone(), *number));
        let pairs = tally.pairs.iter().map(|(it, number)| (to.state(&it.state), *number));
        let ended = tally.pairs.iter().filter(|(it, _)| it.state.as_str() == "ended");
        let reason =
            |reason: Option<EndKind>| Slug::from_static(reason.map_or(NOT_SHOWN, EndKind::code));
        let ends = ended.map(|(it, number)| (reason(it.reason), *number));
        let live = tally
            .pairs
            .iter()
            .filter(|(it, _)| !["completed", "ended"].contains(&it.state.as_str()));
        let answers = |answers: &Answers| {
            if !to.counts_up(What::CheckInScore) {
                return BTreeMap::new();
            }
            let counted = answers.iter().map(|(score, number)| (ScoreGiven::of(*score), *number));
            to.counts(ScoreGiven::ALL.iter().copied(), counted)
        };
        Self {
            program,
            enrollments: Role::ALL.iter().map(|role| of_role(*role)).collect(),
            waiting: to.count(waiting.map(|(_, _, number)| number).sum()),
            proposals: to.by_code(
                ProposalState::CODES.iter().copied(),
                Some("accepted"),
                proposals,
            ),
            pairs: to.by_code(PairState::CODES.iter().copied(), Some("frozen"), pairs),
            ends: to.by_code(
                EndKind::ALL.iter().map(|kind| kind.code()).chain([NOT_SHOWN]),
                Some(NOT_SHOWN),
                ends,
            ),
            progress: to.counts(
                Progress::ALL.iter().copied(),
                live.map(|(it, number)| (it.progress, *number)),
            ),
            answered,
            weekly: answers(&tally.weekly),
            closing: answers(&tally.closing),
            avoids: to.counts_up(What::Avoids).then(|| to.count(tally.avoids)),
        }
    }
}

#[cfg(test)]
mod tests;
