//! One person's place in one role of one program.

use serde::{Deserialize, Serialize};

use super::{
    answer::Answers,
    code::{TransitionError, coded},
    holder::{Holder, Holders},
    program::Oversight,
};
use crate::base::{
    host::PersonId,
    id::{EnrollmentId, ProgramId},
    text::{Note, Slug},
    time::Timestamp,
    version::Version,
};

coded! {
    /// What a person takes part as.
    pub enum Role {
        /// Gives guidance.
        Mentor = "mentor",
        /// Seeks guidance.
        Mentee = "mentee",
    }
}

impl Role {
    /// The other role.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::Mentor => Self::Mentee,
            Self::Mentee => Self::Mentor,
        }
    }
}

/// One person's place in one role of one program. At most one per (program, person, role) is live;
/// applying again after an end is a new record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Enrollment {
    /// Our id.
    pub id: EnrollmentId,
    /// The program.
    pub program: ProgramId,
    /// The person.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// Where it stands.
    pub state: EnrollmentState,
    /// Places offered: how many live pairs this enrolment wants at most, 0 to 50. 0 takes no new ones.
    pub capacity: u8,
    /// Since when the person has been waiting; kept across pauses and ended pairs, so that waiting
    /// counts once.
    pub priority_since: Timestamp,
    /// What the person agreed to, and when.
    pub consent: Consent,
    /// Which form version the answers belong to.
    pub form_version: u32,
    /// The answers to that form's questions.
    pub answers: Answers,
    /// When the application was made.
    pub applied_at: Timestamp,
    /// When it is looked at whether the answers were kept long enough, once it is over; nothing when they
    /// are gone (D21).
    pub keep_until: Option<Timestamp>,
    /// How often the record was written.
    pub version: Version,
}

/// What a person agreed to at sign-up (D33).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Version of the consent text.
    pub policy_version: u32,
    /// The oversight mode that was shown.
    pub oversight: Oversight,
    /// Whether special-category answers may be used by the matching rules.
    pub special_category: bool,
    /// Whether the directory shows them to the group, with their answers to questions that are marked for it.
    #[serde(default)]
    pub shown_to_group: bool,
    /// When; not when they last said whether they are shown.
    pub at: Timestamp,
}

/// Where an enrolment stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EnrollmentState {
    /// Applied; an admin has not decided.
    Submitted {
        /// Since when.
        since: Timestamp,
    },
    /// An admin asked for more.
    NeedsInfo {
        /// Since when.
        since: Timestamp,
        /// What was asked.
        question: Note,
    },
    /// Takes part.
    Active {
        /// Since when.
        since: Timestamp,
    },
    /// Accepted in principle, waiting for a place.
    Waitlisted {
        /// Since when.
        since: Timestamp,
        /// Why, as a code.
        reason: Slug,
        /// When an admin looks at it again; nobody waits without a date.
        next_review_at: Timestamp,
    },
    /// Takes no new pairs for a while; live ones go on.
    Paused {
        /// Since when.
        since: Timestamp,
        /// When it resumes by itself; `None` until the person resumes.
        until: Option<Timestamp>,
    },
    /// Held by the platform. Nothing new until it is reinstated or removed.
    Suspended {
        /// Since when.
        since: Timestamp,
        /// The state to go back to.
        resume_to: Box<EnrollmentState>,
        /// What holds it; empty where it is shown, since nobody but reviewers is told.
        held_by: Holders,
    },
    /// Not accepted. Terminal.
    Rejected {
        /// When.
        at: Timestamp,
        /// Why, as a code.
        reason: Slug,
    },
    /// Left by the person. Terminal.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Taken out: left the group, or a decision. Terminal.
    Removed {
        /// When.
        at: Timestamp,
        /// Why, as a code.
        reason: Slug,
    },
    /// Over with the program. Terminal.
    Closed {
        /// When.
        at: Timestamp,
    },
}

/// What can be asked of an enrolment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnrollmentAct {
    /// An admin asks for more.
    AskInfo {
        /// What is asked.
        question: Note,
    },
    /// The person answers again.
    Resubmit,
    /// Take part.
    Approve,
    /// Wait for a place.
    Waitlist {
        /// Why.
        reason: Slug,
        /// When it is looked at again.
        next_review_at: Timestamp,
    },
    /// Not accepted.
    Reject {
        /// Why.
        reason: Slug,
    },
    /// No new pairs for a while.
    Pause {
        /// Until when, if known.
        until: Option<Timestamp>,
    },
    /// Take new pairs again.
    Resume,
    /// Leave.
    Withdraw,
    /// Hold.
    Suspend {
        /// What holds it from here on, beside what may hold it already.
        by: Holder,
    },
    /// End the hold, if nothing else holds it.
    Reinstate {
        /// What lets go.
        by: Holder,
    },
    /// Take out.
    Remove {
        /// Why.
        reason: Slug,
    },
    /// The program is over.
    Close,
}

impl EnrollmentAct {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::AskInfo { .. } => "ask_info",
            Self::Resubmit => "resubmit",
            Self::Approve => "approve",
            Self::Waitlist { .. } => "waitlist",
            Self::Reject { .. } => "reject",
            Self::Pause { .. } => "pause",
            Self::Resume => "resume",
            Self::Withdraw => "withdraw",
            Self::Suspend { .. } => "suspend",
            Self::Reinstate { .. } => "reinstate",
            Self::Remove { .. } => "remove",
            Self::Close => "close",
        }
    }
}

impl EnrollmentState {
    /// The code of every state.
    pub const CODES: &'static [&'static str] = &[
        "submitted",
        "needs_info",
        "active",
        "waitlisted",
        "paused",
        "suspended",
        "rejected",
        "withdrawn",
        "removed",
        "closed",
    ];

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::NeedsInfo { .. } => "needs_info",
            Self::Active { .. } => "active",
            Self::Waitlisted { .. } => "waitlisted",
            Self::Paused { .. } => "paused",
            Self::Suspended { .. } => "suspended",
            Self::Rejected { .. } => "rejected",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Removed { .. } => "removed",
            Self::Closed { .. } => "closed",
        }
    }

    /// When it was over.
    #[must_use]
    pub fn over_at(&self) -> Option<Timestamp> {
        match self {
            Self::Rejected { at, .. }
            | Self::Withdrawn { at }
            | Self::Removed { at, .. }
            | Self::Closed { at } => Some(*at),
            Self::Submitted { .. }
            | Self::NeedsInfo { .. }
            | Self::Active { .. }
            | Self::Waitlisted { .. }
            | Self::Paused { .. }
            | Self::Suspended { .. } => None,
        }
    }

    /// Whether nothing will ever change again.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        match self {
            Self::Rejected { .. }
            | Self::Withdrawn { .. }
            | Self::Removed { .. }
            | Self::Closed { .. } => true,
            Self::Submitted { .. }
            | Self::NeedsInfo { .. }
            | Self::Active { .. }
            | Self::Waitlisted { .. }
            | Self::Paused { .. }
            | Self::Suspended { .. } => false,
        }
    }

    /// What holds it.
    pub fn holders(&self) -> impl Iterator<Item = Holder> + '_ {
        let held_by = match self {
            Self::Suspended { held_by, .. } => Some(held_by),
            Self::Submitted { .. }
            | Self::NeedsInfo { .. }
            | Self::Active { .. }
            | Self::Waitlisted { .. }
            | Self::Paused { .. }
            | Self::Rejected { .. }
            | Self::Withdrawn { .. }
            | Self::Removed { .. }
            | Self::Closed { .. } => None,
        };
        held_by.into_iter().flatten().copied()
    }

    /// Whether this is one of what holds it.
    #[must_use]
    pub fn is_held_by(&self, holder: Holder) -> bool {
        self.holders().any(|it| it == holder)
    }

    /// Whether new offers and pairs are possible.
    #[must_use]
    pub fn is_active(&self) -> bool {
        matches!(self, Self::Active { .. })
    }

    /// The state after `act` at `now`. Ending live pairs first is the caller's duty.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act.
    #[expect(clippy::too_many_lines, reason = "one total table reads best in one piece")]
    pub fn next(&self, act: EnrollmentAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {EnrollmentAct as A, EnrollmentState as S};
        let refused = TransitionError { record: "enrollment", from: self.code(), act: act.code() };
        Ok(match (self, act) {
            (S::Submitted { .. }, A::AskInfo { question }) => S::NeedsInfo { since: now, question },
            (S::NeedsInfo { .. }, A::Resubmit) => S::Submitted { since: now },
            (S::Submitted { .. } | S::Waitlisted { .. }, A::Approve)
            | (S::Paused { .. }, A::Resume) => S::Active { since: now },
            (
                S::Submitted { .. } | S::Waitlisted { .. },
                A::Waitlist { reason, next_review_at },
            ) => S::Waitlisted { since: now, reason, next_review_at },
            (
                S::Submitted { .. } | S::NeedsInfo { .. } | S::Waitlisted { .. },
                A::Reject { reason },
            ) => S::Rejected { at: now, reason },
            (S::Active { .. } | S::Paused { .. }, A::Pause { until }) => {
                S::Paused { since: now, until }
            }
            (
                S::Submitted { .. }
                | S::NeedsInfo { .. }
                | S::Active { .. }
                | S::Waitlisted { .. }
                | S::Paused { .. }
                | S::Suspended { .. },
                A::Withdraw,
            ) => S::Withdrawn { at: now },
            (
                S::Submitted { .. }
                | S::NeedsInfo { .. }
                | S::Active { .. }
                | S::Waitlisted { .. }
                | S::Paused { .. },
                A::Suspend { by },
            ) => {
                let held_by = Holders::from([by]);
                S::Suspended { since: now, resume_to: Box::new(self.clone()), held_by }
            }
            (S::Suspended { since, resume_to, held_by }, A::Suspend { by })
                if !held_by.contains(&by) =>
            {
                let held_by = held_by.iter().copied().chain([by]).collect();
                S::Suspended { since: *since, resume_to: resume_to.clone(), held_by }
            }
            (S::Suspended { since, resume_to, held_by }, A::Reinstate { by })
                if held_by.contains(&by) =>
            {
                let held_by: Holders = held_by.iter().copied().filter(|it| *it != by).collect();
                if held_by.is_empty() {
                    (**resume_to).clone()
                } else {
                    S::Suspended { since: *since, resume_to: resume_to.clone(), held_by }
                }
            }
            (
                S::Submitted { .. }
                | S::NeedsInfo { .. }
                | S::Active { .. }
                | S::Waitlisted { .. }
                | S::Paused { .. }
                | S::Suspended { .. },
                A::Remove { reason },
            ) => S::Removed { at: now, reason },
            (
                S::Submitted { .. }
                | S::NeedsInfo { .. }
                | S::Active { .. }
                | S::Waitlisted { .. }
                | S::Paused { .. }
                | S::Suspended { .. },
                A::Close,
            ) => S::Closed { at: now },
            (
                S::Submitted { .. },
                A::Resubmit | A::Pause { .. } | A::Resume | A::Reinstate { .. },
            )
            | (
                S::NeedsInfo { .. },
                A::AskInfo { .. }
                | A::Approve
                | A::Waitlist { .. }
                | A::Pause { .. }
                | A::Resume
                | A::Reinstate { .. },
            )
            | (
                S::Active { .. },
                A::AskInfo { .. }
                | A::Resubmit
                | A::Approve
                | A::Waitlist { .. }
                | A::Reject { .. }
                | A::Resume
                | A::Reinstate { .. },
            )
            | (
                S::Waitlisted { .. },
                A::AskInfo { .. } | A::Resubmit | A::Pause { .. } | A::Resume | A::Reinstate { .. },
            )
            | (
                S::Paused { .. },
                A::AskInfo { .. }
                | A::Resubmit
                | A::Approve
                | A::Waitlist { .. }
                | A::Reject { .. }
                | A::Reinstate { .. },
            )
            | (
                S::Suspended { .. },
                A::AskInfo { .. }
                | A::Resubmit
                | A::Approve
                | A::Waitlist { .. }
                | A::Reject { .. }
                | A::Pause { .. }
                | A::Resume
                | A::Suspend { .. }
                | A::Reinstate { .. },
            )
            | (
                S::Rejected { .. } | S::Withdrawn { .. } | S::Removed { .. } | S::Closed { .. },
                A::AskInfo { .. }
                | A::Resubmit
                | A::Approve
                | A::Waitlist { .. }
                | A::Reject { .. }
                | A::Pause { .. }
                | A::Resume
                | A::Withdraw
                | A::Suspend { .. }
                | A::Reinstate { .. }
                | A::Remove { .. }
                | A::Close,
            ) => return Err(refused),
        })
    }
}

impl Enrollment {
    /// Whether it may be in the directory: who is active, takes somebody and opted in.
    #[must_use]
    pub fn is_in_directory(&self) -> bool {
        let active = matches!(self.state, EnrollmentState::Active { .. });
        active && self.capacity > 0 && self.consent.shown_to_group
    }

    /// The same as it is shown: that it is held, and not by what.
    #[must_use]
    pub fn as_shown(mut self) -> Self {
        if let EnrollmentState::Suspended { held_by, .. } = &mut self.state {
            held_by.clear();
        }
        self
    }

    /// The next instant at which time alone changes the enrolment.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            EnrollmentState::Paused { until, .. } => *until,
            EnrollmentState::Waitlisted { next_review_at, .. } => Some(*next_review_at),
            EnrollmentState::Submitted { .. }
            | EnrollmentState::NeedsInfo { .. }
            | EnrollmentState::Active { .. }
            | EnrollmentState::Suspended { .. } => None,
            EnrollmentState::Rejected { .. }
            | EnrollmentState::Withdrawn { .. }
            | EnrollmentState::Removed { .. }
            | EnrollmentState::Closed { .. } => self.keep_until,
        }
    }
}
