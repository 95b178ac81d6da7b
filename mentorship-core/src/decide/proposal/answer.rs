//! Accepting and declining.

use serde::{Deserialize, Serialize};

use super::{
    acts::{advance, after_fall, is_asked, is_waiting, still_there},
    introduce::introduce,
    possible::{HostFacts, Purpose, possible},
};
use crate::{
    base::{id::PairId, text::Slug},
    change::{Change, Key},
    decide::{Cx, Decision, Plan, Refusal, access, plan::Say},
    model::{
        code::TransitionError,
        enrollment::Role,
        message::MessageKind,
        proposal::{Proposal, ProposalAct, ProposalState},
    },
    policy::permission::Action,
    view::ProposalView,
};

/// What an acceptance led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// The pair, if nobody else has to say yes.
    pub pair: Option<PairId>,
}

fn own_side(view: &ProposalView, cx: &Cx<'_>) -> Result<(Proposal, Role), Refusal> {
    let proposal = view.proposal.clone().ok_or(Refusal::NotFound)?;
    access::to_proposal(cx.actor, &view.program, &proposal, Action::AnswerOffer)?;
    let side = cx.actor.as_person().and_then(|person| proposal.side_of(person));
    Ok((proposal, side.ok_or(Refusal::NotFound)?))
}

/// One side says yes. When nobody else is asked any more, the two are a pair, and what no longer fits
/// beside it is invalidated in the same write.
///
/// # Errors
/// [`Refusal::NotFound`] for an offer that is not the actor's, a state error for one that has lapsed or
/// that they answered themselves, and [`Refusal::NotAvailable`] for everything about the other person
/// (I10).
pub fn accept(
    view: &ProposalView,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Accepted>, Refusal> {
    let (mut proposal, side) = own_side(view, &cx)?;
    still_there(&proposal, side)?;
    let mut plan = Plan::on(cx, view);
    let possible = possible(view, host, Purpose::Pair, cx.now).is_empty();
    advance(&mut plan, &mut proposal, ProposalAct::Accept { by: side }, "proposal.accept")?;
    if !possible {
        return Err(Refusal::NotAvailable);
    }
    if is_waiting(&proposal, side.opposite()) {
        plan.touch(Key::Relation(view.relation.people.clone()), view.relation.version);
        plan.put(Change::Proposal(proposal));
        return Ok(plan.reply(Accepted { pair: None }));
    }
    let pair = introduce(&mut plan, view, proposal)?;
    Ok(plan.reply(Accepted { pair: Some(pair) }))
}

/// One side says no. The other is told that it is not available, never who said no or why; the next
/// choice of the mentee follows.
///
/// # Errors
/// As [`accept`].
pub fn decline(
    view: &ProposalView,
    reason: Option<Slug>,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let (mut proposal, side) = own_side(view, &cx)?;
    still_there(&proposal, side)?;
    let asked = match &proposal.state {
        ProposalState::Offered { mentor, mentee, .. } => match side {
            Role::Mentor => *mentor != crate::model::proposal::Answered::NotAsked,
            Role::Mentee => *mentee != crate::model::proposal::Answered::NotAsked,
        },
        _ => true,
    };
    if !asked {
        let from = proposal.state.code();
        return Err(TransitionError { record: "proposal", from, act: "decline" }.into());
    }
    let other_knows = proposal.was_offered() && is_asked(&proposal, side.opposite());
    let mut plan = Plan::on(cx, view);
    advance(
        &mut plan,
        &mut proposal,
        ProposalAct::Decline { by: side, reason },
        "proposal.decline",
    )?;
    if other_knows {
        plan.say(
            Say::to_person(MessageKind::ProposalUnavailable, proposal.person(side.opposite()))
                .program(proposal.program)
                .proposal(proposal.id),
        );
    }
    plan.say(Say::to_admins(MessageKind::ProposalDeclined, proposal.program).proposal(proposal.id));
    after_fall(&mut plan, &proposal);
    plan.put(Change::Proposal(proposal));
    Ok(plan.reply(()))
}
