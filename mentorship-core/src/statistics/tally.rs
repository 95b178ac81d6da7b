//! What a store counts of a program, exactly. Nobody is told this: see [`Statistics`](super::Statistics).

use std::collections::BTreeMap;

use crate::{
    base::text::Slug,
    model::{code::coded, enrollment::Role, pair::EndKind},
};

coded! {
    /// How far a pair has come in its guide, by the share of its steps that are done or left out.
    pub enum Progress {
        /// Less than half of them, or the guide has none.
        UnderHalf = "under_half",
        /// Half of them or more, and not all.
        HalfOrMore = "half_or_more",
        /// All of them.
        All = "all",
    }
}

impl Progress {
    /// The band of a pair of which `over` steps of `all` are over.
    #[must_use]
    pub fn of(over: u64, all: u64) -> Self {
        match over {
            over if over.saturating_mul(2) < all || all == 0 => Self::UnderHalf,
            over if over >= all => Self::All,
            _ => Self::HalfOrMore,
        }
    }
}

/// Pairs that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SimilarPairs {
    /// Code of their state.
    pub state: Slug,
    /// Why they ended, as far as an admin of the program is shown
    /// ([`PairEnd::shown_to_admin`](crate::model::pair::PairEnd::shown_to_admin)).
    pub reason: Option<EndKind>,
    /// How far they have come.
    pub progress: Progress,
}

/// How many people gave each score, `None` for those who left it out: of each of their sides of pairs the
/// latest answer counts, and people who gave the same one in several pairs count once under it.
pub type Answers = BTreeMap<Option<u8>, u64>;

/// What there is in a program. What is not there has no entry, or one of zero.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Enrolments by role, code of the state, and whether it is a mentee's who has a live pair.
    pub enrollments: BTreeMap<(Role, Slug, bool), u64>,
    /// Proposals by the code of their state.
    pub proposals: BTreeMap<Slug, u64>,
    /// Pairs.
    pub pairs: BTreeMap<SimilarPairs, u64>,
    /// Weekly check-ins.
    pub weekly: Answers,
    /// Closing surveys.
    pub closing: Answers,
    /// Wishes not to be matched with somebody that stand, said before the end of the time for answers by people who
    /// had signed up by then, whatever became of that, about others who had; each person's about each other once.
    /// None by or about the admin who asks: by wishes of their own they could find out where in a range it is.
    pub avoids: u64,
}
