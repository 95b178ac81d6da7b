//! Offers that come to nothing: taken back, lapsed, impossible.

use super::acts::{advance, after_fall, is_apart, is_asked, still_there};
use crate::{
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, access, plan::Say},
    model::{
        enrollment::Role,
        message::MessageKind,
        proposal::{Invalidity, Origin, Proposal, ProposalAct},
    },
    policy::permission::Action,
    view::ProposalView,
};

/// Makes an open proposal impossible and tells whoever was asked, in words that fit every reason (D3).
pub(crate) fn invalidate(
    plan: &mut Plan<'_>,
    mut proposal: Proposal,
    why: Invalidity,
) -> Result<(), Refusal> {
    let asked: Vec<Role> =
        Role::ALL.iter().copied().filter(|side| is_asked(&proposal, *side)).collect();
    let offered = !asked.is_empty();
    advance(plan, &mut proposal, ProposalAct::Invalidate { why }, "proposal.invalidate")?;
    for side in asked {
        plan.say(
            Say::to_person(MessageKind::ProposalUnavailable, proposal.person(side))
                .program(proposal.program)
                .proposal(proposal.id),
        );
    }
    if offered {
        plan.say(
            Say::to_admins(MessageKind::ProposalUnavailable, proposal.program)
                .proposal(proposal.id),
        );
    }
    if why == Invalidity::Unavailable {
        after_fall(plan, &proposal);
    }
    plan.put(Change::Proposal(proposal));
    Ok(())
}

/// Whoever proposed takes it back: an admin a draft or an offer, a participant their own request.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, and for an admin whom a block keeps away from one of the two
/// (D9); a state error for a proposal that is over, which to the participant is
/// [`Refusal::NotAvailable`] if it was taken back, declined by the other or became impossible.
pub fn withdraw(view: &ProposalView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut proposal = view.proposal.clone().ok_or(Refusal::NotFound)?;
    let requester = cx.actor.as_person().filter(|person| **person == proposal.created_by);
    let own_side = requester.and_then(|person| proposal.side_of(person));
    if let Some(side) = own_side.filter(|_| proposal.origin == Origin::Request) {
        still_there(&proposal, side)?;
    } else {
        access::to_proposal(cx.actor, &view.program, &proposal, Action::ManageProposals)?;
        access::not_about_self(cx.actor, [&proposal.mentor_person, &proposal.mentee_person])?;
        if is_apart(view) {
            return Err(Refusal::NotFound);
        }
    }
    let asked: Vec<Role> =
        Role::ALL.iter().copied().filter(|side| is_asked(&proposal, *side)).collect();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut proposal, ProposalAct::Withdraw, "proposal.withdraw")?;
    for side in asked {
        if cx.actor.as_person() != Some(proposal.person(side)) {
            plan.say(
                Say::to_person(MessageKind::ProposalUnavailable, proposal.person(side))
                    .program(proposal.program)
                    .proposal(proposal.id),
            );
        }
    }
    after_fall(&mut plan, &proposal);
    plan.put(Change::Proposal(proposal));
    Ok(plan.reply(()))
}

/// An offer lapses.
///
/// # Errors
/// [`Refusal::NotFound`] if it does not exist; a state error if it is over or its time has not come.
pub fn expire(view: &ProposalView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut proposal = view.proposal.clone().ok_or(Refusal::NotFound)?;
    let asked: Vec<Role> =
        Role::ALL.iter().copied().filter(|side| is_asked(&proposal, *side)).collect();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut proposal, ProposalAct::Expire, "proposal.expire")?;
    for side in asked {
        plan.say(
            Say::to_person(MessageKind::ProposalExpired, proposal.person(side))
                .program(proposal.program)
                .proposal(proposal.id),
        );
    }
    plan.say(Say::to_admins(MessageKind::ProposalExpired, proposal.program).proposal(proposal.id));
    after_fall(&mut plan, &proposal);
    plan.put(Change::Proposal(proposal));
    Ok(plan.reply(()))
}
