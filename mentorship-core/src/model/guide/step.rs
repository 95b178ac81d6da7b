//! Where a pair stands on one step.

use serde::{Deserialize, Serialize};

use crate::{
    base::{id::PairId, text::Slug, time::Timestamp},
    model::{code::TransitionError, enrollment::Role},
};

/// One step of one pair. Covered by the pair's version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepInstance {
    /// The pair.
    pub pair: PairId,
    /// The step's key in the pair's guide.
    pub key: Slug,
    /// Its place in the guide, from 0.
    pub position: u16,
    /// Where it stands.
    pub state: StepState,
    /// When it is due, once it is open and if it has a date.
    pub due_at: Option<Timestamp>,
    /// When the mentor called it done.
    pub mentor_done_at: Option<Timestamp>,
    /// When the mentee called it done.
    pub mentee_done_at: Option<Timestamp>,
}

/// Where a step stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum StepState {
    /// Not open yet.
    Locked {
        /// When it opens; `None` if it waits for the step before it.
        unlocks_at: Option<Timestamp>,
    },
    /// The pair works on it.
    Open {
        /// Since when.
        since: Timestamp,
    },
    /// Done.
    Done {
        /// When.
        at: Timestamp,
    },
    /// Left out.
    Skipped {
        /// When.
        at: Timestamp,
        /// Who skipped it.
        by: Role,
    },
}

/// What can be asked of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepAct {
    /// Open it: its date is there or the step before it is over.
    Unlock,
    /// Move its opening date, after a pause.
    Shift {
        /// The new date.
        unlocks_at: Timestamp,
    },
    /// Everybody needed has called it done.
    Finish,
    /// Leave it out.
    Skip {
        /// Who.
        by: Role,
    },
    /// Work on it again.
    Reopen,
}

impl StepAct {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Unlock => "unlock",
            Self::Shift { .. } => "shift",
            Self::Finish => "finish",
            Self::Skip { .. } => "skip",
            Self::Reopen => "reopen",
        }
    }
}

impl StepState {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Locked { .. } => "locked",
            Self::Open { .. } => "open",
            Self::Done { .. } => "done",
            Self::Skipped { .. } => "skipped",
        }
    }

    /// Whether the step is behind the pair.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Skipped { .. })
    }

    /// The state after `act` at `now`. Whether the pair may write at all, and whether the step before
    /// is over, are the caller's questions; a dated step never opens before its date.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act.
    pub fn next(&self, act: StepAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {StepAct as A, StepState as S};
        Ok(match (self, act) {
            (S::Locked { unlocks_at }, A::Unlock) if unlocks_at.is_none_or(|at| at <= now) => {
                S::Open { since: now }
            }
            (S::Locked { unlocks_at: Some(_) }, A::Shift { unlocks_at }) => {
                S::Locked { unlocks_at: Some(unlocks_at) }
            }
            (S::Open { .. }, A::Finish) => S::Done { at: now },
            (S::Open { .. }, A::Skip { by }) => S::Skipped { at: now, by },
            (S::Done { .. } | S::Skipped { .. }, A::Reopen) => S::Open { since: now },
            // Also: unlocked too early, or moved although it has no date.
            (
                S::Locked { .. },
                A::Unlock | A::Shift { .. } | A::Finish | A::Skip { .. } | A::Reopen,
            )
            | (S::Open { .. }, A::Unlock | A::Shift { .. } | A::Reopen)
            | (
                S::Done { .. } | S::Skipped { .. },
                A::Unlock | A::Shift { .. } | A::Finish | A::Skip { .. },
            ) => {
                return Err(TransitionError { record: "step", from: self.code(), act: act.code() });
            }
        })
    }
}
