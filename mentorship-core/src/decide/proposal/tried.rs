//! An admin's wish to pair two people that cannot be granted: refused in one word, and on record.

use serde::{Deserialize, Serialize};

use super::possible::Obstacle;
use crate::{
    change::Key,
    decide::{Decision, Plan, Refusal, plan::Happened, refusal::code},
    view::ProposalView,
};

/// What came of an admin's wish to pair two people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "tried", content = "reply", rename_all = "snake_case")]
pub enum Tried<T> {
    /// It was done.
    Done(T),
    /// [`Refusal::PairNotAllowed`]. Stored are only private events for the platform.
    NotAllowed,
}

impl<T> Tried<T> {
    /// The reply of what was done.
    ///
    /// # Errors
    /// [`Refusal::PairNotAllowed`] if it was not.
    pub fn done(self) -> Result<T, Refusal> {
        match self {
            Self::Done(reply) => Ok(reply),
            Self::NotAllowed => Err(Refusal::PairNotAllowed),
        }
    }
}

/// Refuses, and leaves an event per obstacle for the platform, which so sees who probes for a block (D5).
pub(super) fn not_allowed<T>(
    mut plan: Plan<'_>,
    view: &ProposalView,
    obstacles: &[Obstacle],
) -> Decision<Tried<T>> {
    let subject = match &view.proposal {
        Some(proposal) => Key::Proposal(proposal.id),
        None => Key::Relation(view.relation.people.clone()),
    };
    for obstacle in obstacles {
        plan.record(
            Happened::new("proposal.not_allowed", subject.clone())
                .in_program(view.program.id)
                .about([&view.mentor.person.id, &view.mentee.person.id])
                .because(code(obstacle.code()))
                .private(),
        );
    }
    plan.reply(Tried::NotAllowed)
}
