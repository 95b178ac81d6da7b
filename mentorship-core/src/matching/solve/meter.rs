//! How much work was done, by stage, and whether to go on.

use std::{fmt, ops::ControlFlow};

use serde::Serialize;

/// A part of a solve.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Renumbering the problem.
    Prepare,
    /// Auctions in which a bid exceeds the next best choice by a shrinking margin.
    Auction,
    /// The auction without a margin, whose pairs are exactly the best for the prices.
    Tighten,
    /// Many who are held up by ties at once.
    Ties,
    /// The rest one by one.
    Paths,
    /// Mentors with a place left and a price.
    Repair,
    /// The cover that proves the number of pairs.
    Cover,
    /// Exchanging the pairs of one score after the other, for the fairest.
    Levels,
    /// The check of the result.
    Check,
}

/// What a stage took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StageReport {
    /// Which stage.
    pub stage: Stage,
    /// Edges that were looked at; the same on every machine.
    pub operations: u64,
}

/// How far a solve is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Edges looked at so far.
    pub operations: u64,
    /// Points of the best pairing so far, with `bonus` for each pair.
    pub value: i128,
    /// Points, with the bonus, that no pairing exceeds, as far as is known; [`i128::MAX`] at first.
    pub bound: i128,
    /// Points of every pair on top of its score, in the two above.
    pub bonus: i64,
}

/// Watches a solve, and may stop it. Called once every few million operations or more often, never with less than
/// about 65,000 between two calls save between stages. Any
/// `FnMut(&Progress) -> ControlFlow<()> + Send` is one. It is called by one thread at a time, which need not be the
/// one that asked for the solve.
pub trait Control: Send {
    /// Whether to go on. After a break the solve ends with the best pairing so far.
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()>;

    /// A stage begins, and the one before is over; a stage may be entered several times.
    fn begin(&mut self, _stage: Stage) {}

    /// Whether it is to be told how good the pairing is by now, which takes some time. Otherwise value and bound stay
    /// as they are at first, unless there is a budget.
    fn follows(&self) -> bool {
        true
    }
}

impl<F: FnMut(&Progress) -> ControlFlow<()> + Send> Control for F {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        self(progress)
    }
}

/// The solve was stopped: by its budget or by its control.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopped;

/// Operations between two looks at the control.
const STRIDE: u64 = 1 << 16;

pub(super) struct Meter<'a> {
    stages: Vec<StageReport>,
    /// Which of them is under way.
    current: usize,
    progress: Progress,
    budget: u64,
    next_look: u64,
    control: Option<&'a mut dyn Control>,
}

impl fmt::Debug for Meter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").field("progress", &self.progress).finish_non_exhaustive()
    }
}

impl<'a> Meter<'a> {
    pub(super) fn new(budget: Option<u64>, control: Option<&'a mut dyn Control>) -> Self {
        let progress =
            Progress { stage: Stage::Prepare, operations: 0, value: 0, bound: i128::MAX, bonus: 0 };
        let budget = budget.unwrap_or(u64::MAX);
        Self { stages: Vec::new(), current: 0, progress, budget, next_look: 0, control }
    }

    /// Whether anybody wants to know how good the pairing is by now.
    pub(super) fn is_watched(&self) -> bool {
        self.control.as_ref().is_some_and(|it| it.follows()) || self.budget != u64::MAX
    }

    pub(super) fn begin(&mut self, stage: Stage) {
        self.progress.stage = stage;
        if let Some(control) = &mut self.control {
            control.begin(stage);
        }
        let known = self.stages.iter().position(|it| it.stage == stage);
        self.current = known.unwrap_or_else(|| {
            self.stages.push(StageReport { stage, operations: 0 });
            self.stages.len() - 1
        });
    }

    /// A new run with another bonus: what was known of the old one does not count.
    pub(super) fn restart(&mut self, bonus: i64) {
        self.progress.bonus = bonus;
        self.progress.value = 0;
        self.progress.bound = i128::MAX;
    }

    pub(super) fn learn(&mut self, value: i128, bound: i128) {
        self.progress.value = self.progress.value.max(value);
        self.progress.bound = self.progress.bound.min(bound);
    }

    /// Counts `operations`; an error means that the solve has to stop now.
    #[inline]
    pub(super) fn spend(&mut self, operations: usize) -> Result<(), Stopped> {
        let operations = u64::try_from(operations).unwrap_or(u64::MAX);
        self.progress.operations = self.progress.operations.saturating_add(operations);
        if let Some(report) = self.stages.get_mut(self.current) {
            report.operations = report.operations.saturating_add(operations);
        }
        if self.progress.operations < self.next_look {
            return Ok(());
        }
        self.look()
    }

    /// Asks the control at once.
    pub(super) fn look(&mut self) -> Result<(), Stopped> {
        self.next_look = self.progress.operations.saturating_add(STRIDE).min(self.budget);
        if self.progress.operations >= self.budget {
            return Err(Stopped);
        }
        match self.control.as_mut().map(|control| control.poll(&self.progress)) {
            Some(ControlFlow::Break(())) => Err(Stopped),
            None | Some(ControlFlow::Continue(())) => Ok(()),
        }
    }

    pub(super) fn into_stages(self) -> Vec<StageReport> {
        self.stages
    }
}
