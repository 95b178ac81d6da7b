//! The life of a pair.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::end::PairEnd;
use crate::{
    base::time::Timestamp,
    model::{
        code::TransitionError,
        enrollment::Role,
        holder::{Holder, Holders},
    },
};

/// Where a pair stands. A restart after an end is a new pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PairState {
    /// Both know of each other; neither has done anything yet.
    Introduced {
        /// Since when.
        since: Timestamp,
    },
    /// On its way.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Stands still by wish of one of the two. Keeps its place (D36).
    Paused {
        /// Since when; later by the length of every freeze within.
        since: Timestamp,
        /// When it goes on by itself; `None` until one of the two resumes.
        until: Option<Timestamp>,
        /// Who paused.
        by: Role,
    },
    /// Halted for safety, with a neutral text. Keeps its place.
    Frozen {
        /// Since when.
        since: Timestamp,
        /// The state to go back to.
        resume_to: Box<PairState>,
        /// What holds it.
        held_by: Holders,
    },
    /// Reached its end. Terminal.
    Completed {
        /// When.
        at: Timestamp,
        /// Who finished it; `None` when the last step did.
        by: Option<Role>,
    },
    /// Ended before. Terminal.
    Ended {
        /// When.
        at: Timestamp,
        /// Why and by whom.
        end: PairEnd,
    },
}

/// What can be asked of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PairAct {
    /// The first action of either.
    Start,
    /// Stand still.
    Pause {
        /// Until when, if known.
        until: Option<Timestamp>,
        /// Who.
        by: Role,
    },
    /// Go on.
    Resume,
    /// Halt for safety.
    Freeze {
        /// What holds it from here on, beside what may hold it already.
        by: Holder,
    },
    /// End the halt, if nothing else holds it.
    Unfreeze {
        /// What lets go.
        by: Holder,
    },
    /// Be done.
    Complete {
        /// Who; `None` when the last step did.
        by: Option<Role>,
    },
    /// End.
    End {
        /// Why and by whom.
        end: PairEnd,
    },
}

impl PairAct {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Freeze { .. } => "freeze",
            Self::Unfreeze { .. } => "unfreeze",
            Self::Complete { .. } => "complete",
            Self::End { .. } => "end",
        }
    }
}

impl PairState {
    /// The code of every state.
    pub const CODES: &'static [&'static str] =
        &["introduced", "active", "paused", "frozen", "completed", "ended"];

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Introduced { .. } => "introduced",
            Self::Active { .. } => "active",
            Self::Paused { .. } => "paused",
            Self::Frozen { .. } => "frozen",
            Self::Completed { .. } => "completed",
            Self::Ended { .. } => "ended",
        }
    }

    /// Whether the pair takes a place on both sides: introduced, active, paused or frozen (D36).
    #[must_use]
    pub fn is_live(&self) -> bool {
        match self {
            Self::Introduced { .. }
            | Self::Active { .. }
            | Self::Paused { .. }
            | Self::Frozen { .. } => true,
            Self::Completed { .. } | Self::Ended { .. } => false,
        }
    }

    /// What holds it.
    pub fn holders(&self) -> impl Iterator<Item = Holder> + '_ {
        let held_by = match self {
            Self::Frozen { held_by, .. } => Some(held_by),
            Self::Introduced { .. }
            | Self::Active { .. }
            | Self::Paused { .. }
            | Self::Completed { .. }
            | Self::Ended { .. } => None,
        };
        held_by.into_iter().flatten().copied()
    }

    /// Whether this is one of what holds it.
    #[must_use]
    pub fn is_held_by(&self, holder: Holder) -> bool {
        self.holders().any(|it| it == holder)
    }

    /// When it was completed or ended.
    #[must_use]
    pub fn over_at(&self) -> Option<Timestamp> {
        match self {
            Self::Completed { at, .. } | Self::Ended { at, .. } => Some(*at),
            Self::Introduced { .. }
            | Self::Active { .. }
            | Self::Paused { .. }
            | Self::Frozen { .. } => None,
        }
    }

    /// The same without the words of whoever ended it, which go when the rest of what was written goes. The
    /// end itself stays as it is (I5).
    #[must_use]
    pub fn without_words(&self) -> Self {
        match self {
            Self::Ended { at, end } => {
                Self::Ended { at: *at, end: PairEnd { note: None, ..end.clone() } }
            }
            Self::Introduced { .. }
            | Self::Active { .. }
            | Self::Paused { .. }
            | Self::Frozen { .. }
            | Self::Completed { .. } => self.clone(),
        }
    }

    /// Whether both have to be adults in this state (I7): in every live state but frozen, which is
    /// what a pair with a minor is put into (D23).
    #[must_use]
    pub fn needs_adults(&self) -> bool {
        match self {
            Self::Introduced { .. } | Self::Active { .. } | Self::Paused { .. } => true,
            Self::Frozen { .. } | Self::Completed { .. } | Self::Ended { .. } => false,
        }
    }

    /// This state after a freeze of this length. The freeze counts apart from a pause that it fell into:
    /// what is left of the pause begins as much later, for its longest length and for what moves by it.
    fn after_freeze(&self, length: TimeDelta) -> Self {
        match self {
            Self::Paused { since, until, by } => Self::Paused {
                since: since.checked_add_signed(length.max(TimeDelta::zero())).unwrap_or(*since),
                until: *until,
                by: *by,
            },
            Self::Introduced { .. }
            | Self::Active { .. }
            | Self::Frozen { .. }
            | Self::Completed { .. }
            | Self::Ended { .. } => self.clone(),
        }
    }

    /// The state after `act` at `now`.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act.
    pub fn next(&self, act: PairAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {PairAct as A, PairState as S};
        let refused = TransitionError { record: "pair", from: self.code(), act: act.code() };
        Ok(match (self, act) {
            (S::Introduced { .. }, A::Start) | (S::Paused { .. }, A::Resume) => {
                S::Active { since: now }
            }
            (S::Active { .. }, A::Pause { until, by }) => S::Paused { since: now, until, by },
            (S::Introduced { .. } | S::Active { .. } | S::Paused { .. }, A::Freeze { by }) => {
                let held_by = Holders::from([by]);
                S::Frozen { since: now, resume_to: Box::new(self.clone()), held_by }
            }
            (S::Frozen { since, resume_to, held_by }, A::Freeze { by })
                if !held_by.contains(&by) =>
            {
                let held_by = held_by.iter().copied().chain([by]).collect();
                S::Frozen { since: *since, resume_to: resume_to.clone(), held_by }
            }
            (S::Frozen { since, resume_to, held_by }, A::Unfreeze { by })
                if held_by.contains(&by) =>
            {
                let held_by: Holders = held_by.iter().copied().filter(|it| *it != by).collect();
                if held_by.is_empty() {
                    resume_to.after_freeze(now.signed_duration_since(*since))
                } else {
                    S::Frozen { since: *since, resume_to: resume_to.clone(), held_by }
                }
            }
            // From a pause only where the program lets paused pairs write, which the caller knows.
            (S::Active { .. } | S::Paused { .. }, A::Complete { by }) => {
                S::Completed { at: now, by }
            }
            (
                S::Introduced { .. } | S::Active { .. } | S::Paused { .. } | S::Frozen { .. },
                A::End { end },
            ) => S::Ended { at: now, end },
            (
                S::Introduced { .. },
                A::Pause { .. } | A::Resume | A::Unfreeze { .. } | A::Complete { .. },
            )
            | (S::Active { .. }, A::Start | A::Resume | A::Unfreeze { .. })
            | (S::Paused { .. }, A::Start | A::Pause { .. } | A::Unfreeze { .. })
            | (
                S::Frozen { .. },
                A::Start
                | A::Pause { .. }
                | A::Resume
                | A::Freeze { .. }
                | A::Unfreeze { .. }
                | A::Complete { .. },
            )
            | (
                S::Completed { .. } | S::Ended { .. },
                A::Start
                | A::Pause { .. }
                | A::Resume
                | A::Freeze { .. }
                | A::Unfreeze { .. }
                | A::Complete { .. }
                | A::End { .. },
            ) => return Err(refused),
        })
    }
}
