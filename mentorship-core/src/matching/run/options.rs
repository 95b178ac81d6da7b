//! What a run looks for.

use serde::{Deserialize, Serialize};

use crate::{
    base::input::{InputError, at_most, in_range},
    matching::{certificate::Objective, people::crowd::WAITING_MAX},
    model::{form::limits::POINTS_MAX, proposal::ProposedPair, run::RunTerms},
};

pub use crate::model::run::Goal;

/// Most pins, and most forbids, of one run.
const PINS_MAX: usize = 100_000;

impl From<Objective> for Goal {
    fn from(objective: Objective) -> Self {
        match objective {
            Objective::MostPeople => Self::MostPeople,
            Objective::BestTotal => Self::BestTotal,
        }
    }
}

/// What a run looks for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {
    pub(super) objective: Goal,
    pub(super) minimum_score: u32,
    pub(super) minimum_share: u8,
    pub(super) waiting_points: u16,
    pub(super) wish_points: u16,
    pub(super) pins: Vec<ProposedPair>,
    pub(super) forbids: Vec<ProposedPair>,
}

impl RunOptions {
    /// The most people and among those pairings the highest total; no minimum, nothing for waiting and for
    /// wishes, no pin.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What "best" means.
    #[must_use]
    pub fn objective(mut self, goal: impl Into<Goal>) -> Self {
        self.objective = goal.into();
        self
    }

    /// Points of the rules below which nobody is paired, 0 to 20,000. A pin does not need them.
    #[must_use]
    pub fn minimum_score(mut self, points: u32) -> Self {
        self.minimum_score = points;
        self
    }

    /// Share of the mentees with places, in percent from 0 to 100, that has to be paired for the run to be
    /// worth staging.
    #[must_use]
    pub fn minimum_share(mut self, percent: u8) -> Self {
        self.minimum_share = percent;
        self
    }

    /// Points for each full week that a mentee has waited, 0 to 1,000, together at most 5,000: the part
    /// `waiting` of each of their scores.
    #[must_use]
    pub fn waiting_points(mut self, a_week: u16) -> Self {
        self.waiting_points = a_week;
        self
    }

    /// Points for a wish of either of the two to be matched with the other, 0 to 1,000; twice if both wish it:
    /// the part `wish` of the score of their pair. Of each person's wishes the five latest count, so that
    /// nobody gains by wishing for everybody. A wish never makes a pair allowed.
    #[must_use]
    pub fn wish_points(mut self, points: u16) -> Self {
        self.wish_points = points;
        self
    }

    /// These two become a pair whatever their score, if they may be one at all.
    #[must_use]
    pub fn pin(mut self, pair: ProposedPair) -> Self {
        self.pins.push(pair);
        self
    }

    /// These two do not become a pair.
    #[must_use]
    pub fn forbid(mut self, pair: ProposedPair) -> Self {
        self.forbids.push(pair);
        self
    }

    /// What is put on record of them, with the seed of the solver.
    pub(super) fn terms(&self, seed: u64) -> RunTerms {
        let count = |pairs: &[ProposedPair]| u32::try_from(pairs.len()).unwrap_or(u32::MAX);
        RunTerms {
            goal: self.objective,
            minimum_score: self.minimum_score,
            minimum_share: self.minimum_share,
            waiting_points: self.waiting_points,
            wish_points: self.wish_points,
            pins: count(&self.pins),
            forbids: count(&self.forbids),
            seed,
        }
    }

    /// Within the limits, pins and forbids each once and in order.
    pub(super) fn checked(mut self) -> Result<Self, InputError> {
        in_range("minimum_score", self.minimum_score, 0, POINTS_MAX.into())?;
        in_range("minimum_share", self.minimum_share, 0, 100)?;
        in_range("waiting_points", self.waiting_points, 0, 1_000)?;
        in_range("wish_points", self.wish_points, 0, 1_000)?;
        for (field, pairs) in [("pins", &mut self.pins), ("forbids", &mut self.forbids)] {
            at_most(field, pairs.len(), PINS_MAX, "pairs")?;
            pairs.sort_unstable();
            pairs.dedup();
        }
        Ok(self)
    }

    /// Points for so many seconds of waiting.
    pub(super) fn waiting(&self, seconds: i64) -> u32 {
        const WEEK: i64 = 7 * 24 * 60 * 60;
        let weeks = u64::try_from(seconds / WEEK).unwrap_or(0);
        let points = weeks.saturating_mul(self.waiting_points.into());
        u32::try_from(points).unwrap_or(WAITING_MAX).min(WAITING_MAX)
    }
}
