//! What every command on a proposal shares: moving its state, and who was asked.

use crate::{
    change::Key,
    decide::{FollowUp, Plan, Refusal, access, plan::Happened, refusal::code},
    model::{
        enrollment::Role,
        proposal::{Answered, Proposal, ProposalAct, ProposalState},
        relation::Relation,
    },
    view::ProposalView,
};

/// Puts `proposal` into its next state and records it.
pub(super) fn advance(
    plan: &mut Plan<'_>,
    proposal: &mut Proposal,
    act: ProposalAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let from = proposal.state.code();
    let collateral = matches!(act, ProposalAct::Invalidate { .. });
    proposal.state = proposal.state.next(act, plan.cx().now)?;
    let mut happened = Happened::new(action, Key::Proposal(proposal.id))
        .in_program(proposal.program)
        .about([&proposal.mentor_person, &proposal.mentee_person]);
    // An answer of one side, or taking a place in the queue, leaves the state's name as it is.
    if proposal.state.code() != from {
        happened = happened.states(Some(from), proposal.state.code());
    }
    // Whoever blocks, pauses, leaves or accepts elsewhere does not stand beside what falls by it: an
    // admin would else read off the log who blocked whom (D3, I10).
    if collateral {
        happened = happened.by_rule();
    }
    plan.record(happened);
    Ok(())
}

/// Whether a block stands between an admin and one of the two (D9).
pub(super) fn is_apart(view: &ProposalView) -> bool {
    [&view.mentor, &view.mentee]
        .iter()
        .any(|place| place.with_actor.as_ref().is_some_and(Relation::is_blocked))
}

/// Whether this side was asked, answered or not.
pub(super) fn is_asked(proposal: &Proposal, side: Role) -> bool {
    match (&proposal.state, side) {
        (ProposalState::Offered { mentor, .. }, Role::Mentor) => *mentor != Answered::NotAsked,
        (ProposalState::Offered { mentee, .. }, Role::Mentee) => *mentee != Answered::NotAsked,
        _ => false,
    }
}

/// Whether this side is still asked.
pub(super) fn is_waiting(proposal: &Proposal, side: Role) -> bool {
    match &proposal.state {
        ProposalState::Offered { mentor, mentee, .. } => {
            let answer = match side {
                Role::Mentor => mentor,
                Role::Mentee => mentee,
            };
            *answer == Answered::Waiting
        }
        _ => false,
    }
}

/// What came to nothing by anybody else, for any reason, is "not available", like what never was
/// possible: that the other declined is told as little as that they blocked (I10).
pub(super) fn still_there(proposal: &Proposal, side: Role) -> Result<(), Refusal> {
    match &proposal.state {
        ProposalState::Declined { by, .. } if *by != side => Err(Refusal::NotAvailable),
        ProposalState::Invalidated { .. }
        | ProposalState::Withdrawn { .. }
        | ProposalState::Refused { .. } => Err(Refusal::NotAvailable),
        ProposalState::Draft { .. }
        | ProposalState::AwaitingAdmin { .. }
        | ProposalState::Offered { .. }
        | ProposalState::Accepted { .. }
        | ProposalState::Declined { .. }
        | ProposalState::Expired { .. } => Ok(()),
    }
}

/// The next choice follows a ranked offer that fell.
pub(super) fn after_fall(plan: &mut Plan<'_>, proposal: &Proposal) {
    if proposal.rank.is_some() {
        plan.follow_up(FollowUp::NextChoice { mentee: proposal.mentee });
    }
}

/// Puts it on record if the official who acts is one of the two themselves (D31), and says whether.
pub(super) fn record_override(plan: &mut Plan<'_>, proposal: &Proposal) -> bool {
    let people = [&proposal.mentor_person, &proposal.mentee_person];
    let own = access::not_about_self(plan.cx().actor, people).is_err();
    if own {
        plan.record(
            Happened::new("proposal.override", Key::Proposal(proposal.id))
                .in_program(proposal.program)
                .about(people)
                .because(code("sole_admin")),
        );
    }
    own
}
