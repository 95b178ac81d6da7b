//! What each command does: pure functions from a view to a change set. No await, no clock, no
//! randomness; time and ids come in by [`Cx`].
//!
//! Refusals come in a fixed order: absent or not yours (one code), then input, then the state of the
//! own record, then one code for everything about the other person.

pub mod access;
pub mod block;
pub mod content;
pub mod due;
pub mod enrollment;
pub mod erase;
pub mod former;
pub mod guide;
pub mod journal;
pub mod keep;
pub mod pair;
pub mod person;
pub mod plan;
pub mod program;
pub mod proposal;
pub mod read;
pub mod refusal;
pub mod rename;
pub mod report;
pub mod restriction;
pub mod run;
pub mod sweep;

use serde::{Deserialize, Serialize};

pub use self::{plan::Plan, refusal::Refusal};
use crate::{
    base::{
        host::TenantId,
        id::{EnrollmentId, Id, IdSource},
        time::Timestamp,
    },
    change::ChangeSet,
    policy::actor::Actor,
};

/// What a decision needs besides the view: who acts, when, and where ids come from.
#[derive(Clone, Copy, Debug)]
pub struct Cx<'a> {
    /// Who acts.
    pub actor: &'a Actor,
    /// The present instant.
    pub now: Timestamp,
    /// Where ids come from.
    pub ids: &'a dyn IdSource,
}

impl Cx<'_> {
    /// A new id that people may see.
    #[must_use]
    pub fn new_id<I: Id>(&self) -> I {
        I::from_uuid(self.ids.random())
    }

    /// A new id of an internal row.
    #[must_use]
    pub fn row_id<I: Id>(&self) -> I {
        I::from_uuid(self.ids.ordered(self.now))
    }

    /// The tenant in which everything happens.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        self.actor.tenant()
    }
}

/// What a command does, and what it answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Decision<T> {
    /// What is written.
    pub changes: ChangeSet,
    /// What the caller gets.
    pub reply: T,
    /// What comes next, each a command of its own. The sweep finds it too, should nobody do it.
    pub next: Vec<FollowUp>,
}

/// A command that follows from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FollowUp {
    /// The mentee's list has lost its open offer: the next choice is due.
    NextChoice {
        /// The mentee's enrolment.
        mentee: EnrollmentId,
    },
}
