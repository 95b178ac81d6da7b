//! The life of a program.

use serde::{Deserialize, Serialize};

use crate::{base::time::Timestamp, model::code::TransitionError};

/// Where a program stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProgramState {
    /// Being prepared; members do not see it.
    Draft,
    /// Members sign up, pairs form.
    Open {
        /// Since when.
        since: Timestamp,
    },
    /// No new sign-ups; applications are still decided and pairs still form.
    EnrollmentClosed {
        /// Since when.
        since: Timestamp,
    },
    /// Nothing new; live pairs go on to their end.
    WindingDown {
        /// Since when.
        since: Timestamp,
        /// Whether applications and offers left over have all been closed.
        settled: bool,
        /// When the live pairs are ended and the program is archived, if an admin asked for that.
        archive_at: Option<Timestamp>,
    },
    /// Over. Terminal.
    Archived {
        /// Since when.
        at: Timestamp,
    },
    /// Halted by the platform, or by the host's word that the group has no admin left (D30): no offers, no new
    /// pairs.
    Suspended {
        /// Since when.
        since: Timestamp,
        /// The state that `resume` goes back to.
        resume_to: Box<ProgramState>,
    },
    /// Thrown away while it was a draft. Terminal.
    Discarded {
        /// When.
        at: Timestamp,
    },
}

/// What can be asked of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProgramAct {
    /// Let members sign up.
    Open,
    /// No new sign-ups.
    CloseEnrollment,
    /// Sign-up again.
    ReopenEnrollment,
    /// Nothing new from here on.
    WindDown,
    /// Everything left over has been closed.
    Settle,
    /// End the live pairs and archive at this instant.
    ScheduleArchive {
        /// When.
        at: Timestamp,
    },
    /// Be over.
    Archive,
    /// Halt.
    Suspend,
    /// Go on after a halt.
    Resume,
    /// Throw a draft away.
    Discard,
}

impl ProgramAct {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::CloseEnrollment => "close_enrollment",
            Self::ReopenEnrollment => "reopen_enrollment",
            Self::WindDown => "wind_down",
            Self::Settle => "settle",
            Self::ScheduleArchive { .. } => "schedule_archive",
            Self::Archive => "archive",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Discard => "discard",
        }
    }
}

impl ProgramState {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open { .. } => "open",
            Self::EnrollmentClosed { .. } => "enrollment_closed",
            Self::WindingDown { .. } => "winding_down",
            Self::Archived { .. } => "archived",
            Self::Suspended { .. } => "suspended",
            Self::Discarded { .. } => "discarded",
        }
    }

    /// The state after `act` at `now`. Whether there are live pairs or enough responsible people is
    /// the caller's question.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act.
    pub fn next(&self, act: ProgramAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {ProgramAct as A, ProgramState as S};
        Ok(match (self, act) {
            (S::Draft, A::Open) | (S::EnrollmentClosed { .. }, A::ReopenEnrollment) => {
                S::Open { since: now }
            }
            (S::Open { .. }, A::CloseEnrollment) => S::EnrollmentClosed { since: now },
            (S::Open { .. } | S::EnrollmentClosed { .. }, A::WindDown) => {
                S::WindingDown { since: now, settled: false, archive_at: None }
            }
            (S::WindingDown { since, archive_at, settled: false }, A::Settle) => {
                S::WindingDown { since: *since, settled: true, archive_at: *archive_at }
            }
            (S::WindingDown { since, settled, .. }, A::ScheduleArchive { at }) => {
                S::WindingDown { since: *since, settled: *settled, archive_at: Some(at) }
            }
            (S::WindingDown { settled: true, .. }, A::Archive) => S::Archived { at: now },
            (
                S::Draft | S::Open { .. } | S::EnrollmentClosed { .. } | S::WindingDown { .. },
                A::Suspend,
            ) => S::Suspended { since: now, resume_to: Box::new(self.clone()) },
            (S::Suspended { resume_to, .. }, A::Resume) => (**resume_to).clone(),
            (S::Draft, A::Discard) => S::Discarded { at: now },
            (
                S::Draft,
                A::CloseEnrollment
                | A::ReopenEnrollment
                | A::WindDown
                | A::Settle
                | A::ScheduleArchive { .. }
                | A::Archive
                | A::Resume,
            )
            | (
                S::Open { .. },
                A::Open
                | A::ReopenEnrollment
                | A::Settle
                | A::ScheduleArchive { .. }
                | A::Archive
                | A::Resume
                | A::Discard,
            )
            | (
                S::EnrollmentClosed { .. },
                A::Open
                | A::CloseEnrollment
                | A::Settle
                | A::ScheduleArchive { .. }
                | A::Archive
                | A::Resume
                | A::Discard,
            )
            | (
                S::WindingDown { .. },
                A::Open
                | A::CloseEnrollment
                | A::ReopenEnrollment
                | A::WindDown
                | A::Settle
                | A::Archive
                | A::Resume
                | A::Discard,
            )
            | (
                S::Suspended { .. },
                A::Open
                | A::CloseEnrollment
                | A::ReopenEnrollment
                | A::WindDown
                | A::Settle
                | A::ScheduleArchive { .. }
                | A::Archive
                | A::Suspend
                | A::Discard,
            )
            | (
                S::Archived { .. } | S::Discarded { .. },
                A::Open
                | A::CloseEnrollment
                | A::ReopenEnrollment
                | A::WindDown
                | A::Settle
                | A::ScheduleArchive { .. }
                | A::Archive
                | A::Suspend
                | A::Resume
                | A::Discard,
            ) => {
                return Err(TransitionError {
                    record: "program",
                    from: self.code(),
                    act: act.code(),
                });
            }
        })
    }

    /// Whether members may sign up.
    #[must_use]
    pub fn takes_applications(&self) -> bool {
        matches!(self, Self::Open { .. })
    }

    /// Whether offers may be made and accepted.
    #[must_use]
    pub fn forms_pairs(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::EnrollmentClosed { .. })
    }

    /// Whether nothing will ever change again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Archived { .. } | Self::Discarded { .. })
    }

    /// Whether members other than the admin see the program.
    #[must_use]
    pub fn is_public(&self) -> bool {
        matches!(self, Self::Open { .. } | Self::EnrollmentClosed { .. })
    }
}
