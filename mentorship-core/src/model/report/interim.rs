//! What is done while a case is looked at: it holds until the case lets go, and takes nothing away for good.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Case, Target};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, PairId, PostId},
        time::Timestamp,
    },
    model::{enrollment::Role, holder::Holder, journal::CheckInKind},
};

/// A piece of what was written in a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "content", rename_all = "snake_case")]
pub enum Content {
    /// A post or a comment.
    Post {
        /// The pair in which it stands.
        pair: PairId,
        /// The post.
        post: PostId,
    },
    /// The note and the testimonial of a check-in.
    CheckIn {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
        /// Which.
        kind: CheckInKind,
    },
    /// What one of the two said to introduce themselves.
    Introduction {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
    },
    /// The note with which one of the two ended the pair.
    Ending {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
    },
}

impl Content {
    /// The pair in which it stands.
    #[must_use]
    pub fn pair(&self) -> PairId {
        match self {
            Self::Post { pair, .. }
            | Self::CheckIn { pair, .. }
            | Self::Introduction { pair, .. }
            | Self::Ending { pair, .. } => *pair,
        }
    }
}

impl Target {
    /// The same as a piece of what was written, if it is one.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        match *self {
            Self::Post { pair, post } => Some(Content::Post { pair, post }),
            Self::CheckIn { pair, side, kind } => Some(Content::CheckIn { pair, side, kind }),
            Self::Introduction { pair, side } => Some(Content::Introduction { pair, side }),
            Self::Ending { pair, side } => Some(Content::Ending { pair, side }),
            Self::Person | Self::Enrollment { .. } => None,
        }
    }
}

/// What is held, each piece by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "interim", rename_all = "snake_case")]
pub enum InterimMeasure {
    /// A pair stands still.
    FreezePair {
        /// The pair.
        pair: PairId,
    },
    /// An enrolment of the subject's gets nothing new.
    SuspendEnrollment {
        /// The enrolment.
        enrollment: EnrollmentId,
    },
    /// Something that the subject wrote is shown to themselves alone.
    WithdrawContent {
        /// What.
        content: Content,
    },
}

impl InterimMeasure {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FreezePair { .. } => "freeze_pair",
            Self::SuspendEnrollment { .. } => "suspend_enrollment",
            Self::WithdrawContent { .. } => "withdraw_content",
        }
    }
}

/// What a reviewer asks for, or has had enough of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum InterimAsk {
    /// The pair that the case is about.
    FreezePair,
    /// What the subject takes part as in the program of the case.
    SuspendEnrollments,
    /// A piece of what the subject wrote in the pair that the case is about.
    WithdrawContent {
        /// Which.
        content: Content,
    },
}

impl InterimAsk {
    /// Whether this measure is one of those that it asks for.
    #[must_use]
    pub fn is(&self, measure: &InterimMeasure) -> bool {
        match (self, measure) {
            (Self::FreezePair, InterimMeasure::FreezePair { .. })
            | (Self::SuspendEnrollments, InterimMeasure::SuspendEnrollment { .. }) => true,
            (
                Self::WithdrawContent { content },
                InterimMeasure::WithdrawContent { content: other },
            ) => content == other,
            (
                Self::FreezePair | Self::SuspendEnrollments | Self::WithdrawContent { .. },
                InterimMeasure::FreezePair { .. }
                | InterimMeasure::SuspendEnrollment { .. }
                | InterimMeasure::WithdrawContent { .. },
            ) => false,
        }
    }

    /// The piece that it is about, if about one.
    #[must_use]
    pub fn content(&self) -> Option<Content> {
        match self {
            Self::WithdrawContent { content } => Some(*content),
            Self::FreezePair | Self::SuspendEnrollments => None,
        }
    }
}

/// An interim measure on the record of its case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interim {
    /// What.
    pub measure: InterimMeasure,
    /// Who took it; nobody where a rule did.
    pub by: Option<PersonId>,
    /// Since when.
    pub since: Timestamp,
    /// When it was lifted, or gave way to what was decided.
    pub lifted_at: Option<Timestamp>,
}

impl Case {
    /// The case as what holds something.
    #[must_use]
    pub fn holder(&self) -> Holder {
        Holder::Case { case: self.id }
    }

    /// The interim measures that hold now.
    pub fn in_force(&self) -> impl Iterator<Item = InterimMeasure> + '_ {
        self.interim.iter().filter(|it| it.lifted_at.is_none()).map(|it| it.measure)
    }

    /// What it holds of what was written.
    pub fn withdrawn(&self) -> impl Iterator<Item = Content> + '_ {
        self.in_force().filter_map(|it| match it {
            InterimMeasure::WithdrawContent { content } => Some(content),
            InterimMeasure::FreezePair { .. } | InterimMeasure::SuspendEnrollment { .. } => None,
        })
    }

    /// The pieces that a decision on it may touch: what it holds, what was reported, and what a reviewer
    /// asks about besides.
    #[must_use]
    pub fn contents(&self, asked: Option<Content>) -> BTreeSet<Content> {
        self.withdrawn().chain(self.target.content()).chain(asked).collect()
    }

    /// The pairs that what is done with it may touch besides those that live: the one that it is about, where its
    /// pieces stand, and what it keeps frozen.
    #[must_use]
    pub fn reach(&self, asked: Option<Content>) -> BTreeSet<PairId> {
        let frozen = self.in_force().filter_map(|it| match it {
            InterimMeasure::FreezePair { pair } => Some(pair),
            InterimMeasure::SuspendEnrollment { .. } | InterimMeasure::WithdrawContent { .. } => {
                None
            }
        });
        self.contents(asked).iter().map(Content::pair).chain(frozen).chain(self.pair).collect()
    }
}
