//! What happened, for the audit log, and what is to be said to people, for the outbox.
//!
//! Ids and codes only. No name, no text, no answer ever stands in either, so that they can be kept
//! when somebody's data is erased.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::code::coded;
use crate::base::{
    host::PersonId,
    id::{CaseId, EventId, Id, MessageId, PairId, ProgramId, ProposalId},
    key::Key,
    people::PersonPair,
    text::Slug,
    time::Timestamp,
};

coded! {
    /// In what standing somebody acted.
    pub enum ActorKind {
        /// For themselves.
        Person = "person",
        /// As an admin of the group.
        GroupAdmin = "group_admin",
        /// As platform staff.
        Staff = "staff",
        /// The host's own code.
        Host = "host",
        /// Time: the sweep.
        Clock = "clock",
    }
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActorRef {
    /// In what standing.
    pub kind: ActorKind,
    /// Who, if it was a person.
    pub person: Option<PersonId>,
}

impl ActorRef {
    /// What follows from a rule and not from anybody's wish: the same whoever set it off.
    #[must_use]
    pub fn nobody() -> Self {
        Self { kind: ActorKind::Clock, person: None }
    }
}

/// One thing that happened. Append-only, but for the keys of people: see
/// [`rename`](super::rename).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEvent {
    /// Our id, time-ordered.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: ActorRef,
    /// What, as `record.act`: `pair.end`, `enrollment.approve`, …
    pub action: Slug,
    /// The record it happened to.
    pub subject: Key,
    /// The program it belongs to, if to one.
    pub program: Option<ProgramId>,
    /// Code of the state before, if the state changed or the record is new.
    pub from: Option<Slug>,
    /// Code of the state after.
    pub to: Option<Slug>,
    /// Whom it is about besides the actor.
    pub about: Vec<PersonId>,
    /// Why, as a code.
    pub reason: Option<Slug>,
    /// Whether only the platform may read it: what a group admin must not learn of (blocks, private
    /// reads) is private.
    pub private: bool,
}

/// To whom a message goes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "to", content = "id", rename_all = "snake_case")]
pub enum Audience {
    /// One person.
    Person(PersonId),
    /// The admins of the group that runs a program.
    ProgramAdmins(ProgramId),
    /// Platform staff.
    Staff,
}

impl Audience {
    /// The lane of what goes to them and belongs to no pair and no proposal: a hash.
    #[must_use]
    pub fn lane(&self) -> Uuid {
        let whom = match self {
            Self::Person(person) => format!("person {person}"),
            Self::ProgramAdmins(program) => format!("admins {program}"),
            Self::Staff => "staff".to_owned(),
        };
        let digest = Sha256::digest(whom);
        Uuid::from_bytes(digest.first_chunk().copied().unwrap_or_default())
    }
}

/// Something to be said to somebody: a message key and what its text needs, never the text itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutboxMessage {
    /// Our id, time-ordered; deliver a message with the same id only once.
    pub id: MessageId,
    /// When it happened.
    pub at: Timestamp,
    /// Message key: `proposal.offered`, `pair.ended`, `reminder.step_due`, …
    pub kind: Slug,
    /// To whom.
    pub to: Audience,
    /// The two people it passes between: it is dropped at delivery if one has blocked the other since
    /// (D7). `None` for what has to arrive all the same.
    pub between: Option<PersonPair>,
    /// The program.
    pub program: Option<ProgramId>,
    /// The proposal.
    pub proposal: Option<ProposalId>,
    /// The pair.
    pub pair: Option<PairId>,
    /// The report case. Never of a message to its subject.
    pub case: Option<CaseId>,
    /// The step.
    pub step: Option<Slug>,
    /// A code that goes into the text: a reason, a number of days, …
    pub code: Option<Slug>,
}

impl OutboxMessage {
    /// What it belongs to for the order of delivery: messages of one lane go out one after the other.
    /// That is its pair, else its proposal, else its case, else (as a hash) whom it is for.
    #[must_use]
    pub fn lane(&self) -> Uuid {
        if let Some(pair) = self.pair {
            return pair.uuid();
        }
        if let Some(proposal) = self.proposal {
            return proposal.uuid();
        }
        if let Some(case) = self.case {
            return case.uuid();
        }
        self.to.lane()
    }
}
