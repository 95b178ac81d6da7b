//! An offer to two people, from draft to answer.

use serde::{Deserialize, Serialize};

use super::{
    code::{TransitionError, coded},
    enrollment::Role,
};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, PairId, ProgramId, ProposalId, RunId},
        text::Slug,
        time::Timestamp,
        version::Version,
    },
    model::score::Score,
};

coded! {
    /// Who proposed.
    pub enum Origin {
        /// A matching run.
        Run = "run",
        /// An admin, by hand.
        Admin = "admin",
        /// One of the two.
        Request = "request",
    }
}

coded! {
    /// Why an offer is no longer possible. One code stands for block, capacity, pause and eligibility,
    /// so that none can be told from another (D3, I10).
    pub enum Invalidity {
        /// Not possible any longer.
        Unavailable = "unavailable",
        /// The program is closing.
        ProgramClosing = "program_closing",
    }
}

/// Two enrolments that somebody, or a run, would pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ProposedPair {
    /// The mentor's enrolment.
    pub mentor: EnrollmentId,
    /// The mentee's enrolment.
    pub mentee: EnrollmentId,
}

/// An offer that two enrolments become a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Our id.
    pub id: ProposalId,
    /// The program.
    pub program: ProgramId,
    /// The mentor's enrolment.
    pub mentor: EnrollmentId,
    /// The mentor.
    pub mentor_person: PersonId,
    /// The mentee's enrolment.
    pub mentee: EnrollmentId,
    /// The mentee.
    pub mentee_person: PersonId,
    /// Who proposed.
    pub origin: Origin,
    /// Where it stands.
    pub state: ProposalState,
    /// Place in the mentee's ranked list, from 1; `None` for a single offer.
    pub rank: Option<u8>,
    /// How well the two fit, with its parts.
    pub score: Option<Score>,
    /// The run that found it, if one did.
    pub run: Option<RunId>,
    /// The pair that these two had before, if this is a restart.
    pub previous_pair: Option<PairId>,
    /// When it was offered, if it was.
    pub offered_at: Option<Timestamp>,
    /// Who made it.
    pub created_by: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often the record was written.
    pub version: Version,
}

/// Where a proposal stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum ProposalState {
    /// Only admins see it.
    Draft {
        /// Set once a ranked list is published and an earlier choice is still open: this one follows
        /// at the latest then.
        queued_until: Option<Timestamp>,
    },
    /// A request that an admin has to let through.
    AwaitingAdmin {
        /// Since when.
        since: Timestamp,
        /// When it lapses.
        expires_at: Timestamp,
    },
    /// The two are asked.
    Offered {
        /// Since when.
        since: Timestamp,
        /// When it lapses.
        expires_at: Timestamp,
        /// The mentor's answer.
        mentor: Answered,
        /// The mentee's answer.
        mentee: Answered,
    },
    /// Became a pair. Terminal.
    Accepted {
        /// When.
        at: Timestamp,
        /// The pair.
        pair: PairId,
    },
    /// One of the two said no. Terminal.
    Declined {
        /// When.
        at: Timestamp,
        /// Which side.
        by: Role,
        /// Why, as a code that only the admin sees.
        reason: Option<Slug>,
    },
    /// Nobody answered in time. Terminal.
    Expired {
        /// When.
        at: Timestamp,
    },
    /// An admin did not let the request through. Terminal.
    Refused {
        /// When.
        at: Timestamp,
    },
    /// Taken back by who made it. Terminal.
    Withdrawn {
        /// When.
        at: Timestamp,
    },
    /// Became impossible. Terminal.
    Invalidated {
        /// When.
        at: Timestamp,
        /// Why.
        why: Invalidity,
    },
}

/// One side's answer to an offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answered {
    /// The program does not ask this side.
    NotAsked,
    /// Asked, no answer yet.
    Waiting,
    /// Yes.
    Yes {
        /// When.
        at: Timestamp,
    },
}

impl Answered {
    /// Whether nothing more is needed from this side.
    #[must_use]
    pub fn is_settled(self) -> bool {
        match self {
            Self::NotAsked | Self::Yes { .. } => true,
            Self::Waiting => false,
        }
    }
}

/// What can be asked of a proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProposalAct {
    /// Put a draft in line behind an earlier choice.
    Queue {
        /// When the earlier choice lapses at the latest.
        until: Timestamp,
    },
    /// Ask the two.
    Offer {
        /// When the offer lapses.
        expires_at: Timestamp,
        /// Whether the mentor is asked.
        ask_mentor: bool,
        /// Whether the mentee is asked.
        ask_mentee: bool,
    },
    /// One side says yes.
    Accept {
        /// Which side.
        by: Role,
    },
    /// Both sides are settled: it becomes this pair.
    Complete {
        /// The pair.
        pair: PairId,
    },
    /// One side says no.
    Decline {
        /// Which side.
        by: Role,
        /// Why, as a code.
        reason: Option<Slug>,
    },
    /// Time is up.
    Expire,
    /// An admin does not let a request through.
    Refuse,
    /// Taken back.
    Withdraw,
    /// Became impossible.
    Invalidate {
        /// Why.
        why: Invalidity,
    },
}

impl ProposalAct {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Queue { .. } => "queue",
            Self::Offer { .. } => "offer",
            Self::Accept { .. } => "accept",
            Self::Complete { .. } => "complete",
            Self::Decline { .. } => "decline",
            Self::Expire => "expire",
            Self::Refuse => "refuse",
            Self::Withdraw => "withdraw",
            Self::Invalidate { .. } => "invalidate",
        }
    }
}

impl ProposalState {
    /// The code of every state.
    pub const CODES: &'static [&'static str] = &[
        "draft",
        "awaiting_admin",
        "offered",
        "accepted",
        "declined",
        "expired",
        "refused",
        "withdrawn",
        "invalidated",
    ];

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Draft { .. } => "draft",
            Self::AwaitingAdmin { .. } => "awaiting_admin",
            Self::Offered { .. } => "offered",
            Self::Accepted { .. } => "accepted",
            Self::Declined { .. } => "declined",
            Self::Expired { .. } => "expired",
            Self::Refused { .. } => "refused",
            Self::Withdrawn { .. } => "withdrawn",
            Self::Invalidated { .. } => "invalidated",
        }
    }

    /// Whether it may still become a pair.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Draft { .. } | Self::AwaitingAdmin { .. } | Self::Offered { .. } => true,
            Self::Accepted { .. }
            | Self::Declined { .. }
            | Self::Expired { .. }
            | Self::Refused { .. }
            | Self::Withdrawn { .. }
            | Self::Invalidated { .. } => false,
        }
    }

    /// The state after `act` at `now`.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act: also if the side has answered already, if
    /// `Expire` comes early, or if `Complete` comes before both sides are settled.
    pub fn next(&self, act: ProposalAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {ProposalAct as A, ProposalState as S};
        let refused = TransitionError { record: "proposal", from: self.code(), act: act.code() };
        let asked = |ask: bool| if ask { Answered::Waiting } else { Answered::NotAsked };
        Ok(match (self, act) {
            (S::Draft { .. }, A::Queue { until }) => S::Draft { queued_until: Some(until) },
            (
                S::Draft { .. } | S::AwaitingAdmin { .. },
                A::Offer { expires_at, ask_mentor, ask_mentee },
            ) => S::Offered {
                since: now,
                expires_at,
                mentor: asked(ask_mentor),
                mentee: asked(ask_mentee),
            },
            (S::Offered { since, expires_at, mentor, mentee }, A::Accept { by })
                if now < *expires_at =>
            {
                let yes = Answered::Yes { at: now };
                let (mentor, mentee) = match (by, mentor, mentee) {
                    (Role::Mentor, Answered::Waiting, other) => (yes, *other),
                    (Role::Mentee, other, Answered::Waiting) => (*other, yes),
                    (Role::Mentor, Answered::NotAsked | Answered::Yes { .. }, _)
                    | (Role::Mentee, _, Answered::NotAsked | Answered::Yes { .. }) => {
                        return Err(refused);
                    }
                };
                S::Offered { since: *since, expires_at: *expires_at, mentor, mentee }
            }
            (S::Offered { mentor, mentee, .. }, A::Complete { pair })
                if mentor.is_settled() && mentee.is_settled() =>
            {
                S::Accepted { at: now, pair }
            }
            (S::Offered { .. }, A::Decline { by, reason }) => S::Declined { at: now, by, reason },
            (S::Offered { expires_at, .. } | S::AwaitingAdmin { expires_at, .. }, A::Expire)
                if now >= *expires_at =>
            {
                S::Expired { at: now }
            }
            (S::AwaitingAdmin { .. }, A::Refuse) => S::Refused { at: now },
            (S::Draft { .. } | S::AwaitingAdmin { .. } | S::Offered { .. }, A::Withdraw) => {
                S::Withdrawn { at: now }
            }
            (
                S::Draft { .. } | S::AwaitingAdmin { .. } | S::Offered { .. },
                A::Invalidate { why },
            ) => S::Invalidated { at: now, why },
            (
                S::Draft { .. },
                A::Accept { .. } | A::Complete { .. } | A::Decline { .. } | A::Expire | A::Refuse,
            )
            | (
                S::AwaitingAdmin { .. },
                A::Queue { .. }
                | A::Accept { .. }
                | A::Complete { .. }
                | A::Decline { .. }
                | A::Expire,
            )
            | (
                S::Offered { .. },
                A::Queue { .. }
                | A::Offer { .. }
                | A::Accept { .. }
                | A::Complete { .. }
                | A::Expire
                | A::Refuse,
            )
            | (
                S::Accepted { .. }
                | S::Declined { .. }
                | S::Expired { .. }
                | S::Refused { .. }
                | S::Withdrawn { .. }
                | S::Invalidated { .. },
                A::Queue { .. }
                | A::Offer { .. }
                | A::Accept { .. }
                | A::Complete { .. }
                | A::Decline { .. }
                | A::Expire
                | A::Refuse
                | A::Withdraw
                | A::Invalidate { .. },
            ) => return Err(refused),
        })
    }
}

impl Proposal {
    /// The role in which `person` is one of the two.
    #[must_use]
    pub fn side_of(&self, person: &PersonId) -> Option<Role> {
        if *person == self.mentor_person {
            Some(Role::Mentor)
        } else if *person == self.mentee_person {
            Some(Role::Mentee)
        } else {
            None
        }
    }

    /// The enrolment on this side.
    #[must_use]
    pub fn enrollment(&self, side: Role) -> EnrollmentId {
        match side {
            Role::Mentor => self.mentor,
            Role::Mentee => self.mentee,
        }
    }

    /// The person on this side.
    #[must_use]
    pub fn person(&self, side: Role) -> &PersonId {
        match side {
            Role::Mentor => &self.mentor_person,
            Role::Mentee => &self.mentee_person,
        }
    }

    /// Whether it keeps a place on both sides (D36): an offer by an admin or a run does, a
    /// participant's request does not, and neither does a draft.
    #[must_use]
    pub fn reserves(&self) -> bool {
        matches!(self.state, ProposalState::Offered { .. })
            && matches!(self.origin, Origin::Admin | Origin::Run)
    }

    /// Whether it is a draft that counts against what else may be staged (D36). A queued later choice
    /// does not: only one of a list can come true.
    #[must_use]
    pub fn holds_for_staging(&self) -> bool {
        self.reserves()
            || matches!(self.state, ProposalState::Draft { queued_until: None })
                && self.rank.is_none()
    }

    /// Whether the two have seen it: it was offered, even if it is over by now. What ended as a draft
    /// stays out of their sight.
    #[must_use]
    pub fn was_offered(&self) -> bool {
        self.offered_at.is_some()
    }

    /// Whether it waits behind an earlier choice of the mentee.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        matches!(self.state, ProposalState::Draft { queued_until: Some(_) })
    }

    /// The next instant at which time alone changes the proposal.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            ProposalState::Draft { queued_until } => *queued_until,
            ProposalState::AwaitingAdmin { expires_at, .. }
            | ProposalState::Offered { expires_at, .. } => Some(*expires_at),
            ProposalState::Accepted { .. }
            | ProposalState::Declined { .. }
            | ProposalState::Expired { .. }
            | ProposalState::Refused { .. }
            | ProposalState::Withdrawn { .. }
            | ProposalState::Invalidated { .. } => None,
        }
    }
}
