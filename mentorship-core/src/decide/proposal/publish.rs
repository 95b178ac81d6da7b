//! Publishing: a draft becomes an offer, or a pair at once where nobody is asked.

use serde::{Deserialize, Serialize};

use super::{
    acts::{advance, is_apart, record_override},
    fall::invalidate,
    introduce::introduce,
    possible::{HostFacts, Obstacle, Purpose, possible},
    stage::touch_anchors,
    tried::{Tried, not_allowed},
};
use crate::{
    base::{
        id::{PairId, ProposalId},
        time::{Timestamp, plus_days},
    },
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, access, plan::Say},
    model::{
        enrollment::Role,
        message::MessageKind,
        program::Acceptance,
        proposal::{Invalidity, Proposal, ProposalAct, ProposalState},
    },
    policy::permission::Action,
    view::ProposalView,
};

/// What became of a draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "published", rename_all = "snake_case")]
pub enum Published {
    /// The two are asked.
    Offered {
        /// The offer.
        proposal: ProposalId,
        /// When it lapses.
        expires_at: Timestamp,
    },
    /// It waits behind an earlier choice of the mentee.
    Queued {
        /// The draft.
        proposal: ProposalId,
    },
    /// Nobody had to be asked: they are a pair.
    Paired {
        /// The pair.
        pair: PairId,
    },
    /// It was no longer possible when its turn came.
    Unavailable {
        /// The proposal.
        proposal: ProposalId,
    },
}

/// Offers the proposal now, or makes the pair if nobody has to be asked.
fn offer(
    plan: &mut Plan<'_>,
    view: &ProposalView,
    mut proposal: Proposal,
) -> Result<Published, Refusal> {
    let now = plan.cx().now;
    let policy = &view.program.policy;
    let expires_at = plus_days(now, policy.offer_days.into());
    // After a block was lifted both are asked, whatever the program says (D8).
    let acceptance =
        if view.relation.last_lifted().is_some() { Acceptance::Both } else { policy.acceptance };
    let ask_mentor = matches!(acceptance, Acceptance::Mentor | Acceptance::Both);
    let ask_mentee = matches!(acceptance, Acceptance::Mentee | Acceptance::Both);
    advance(
        plan,
        &mut proposal,
        ProposalAct::Offer { expires_at, ask_mentor, ask_mentee },
        "proposal.offer",
    )?;
    proposal.offered_at = Some(now);
    if !ask_mentor && !ask_mentee {
        let pair = introduce(plan, view, proposal)?;
        return Ok(Published::Paired { pair });
    }
    for (asked, side) in [(ask_mentor, Role::Mentor), (ask_mentee, Role::Mentee)] {
        if asked {
            plan.say(
                Say::to_person(MessageKind::ProposalOffered, proposal.person(side))
                    .between(Some(view.relation.people.clone()))
                    .program(proposal.program)
                    .proposal(proposal.id),
            );
        }
    }
    let id = proposal.id;
    plan.put(Change::Proposal(proposal));
    touch_anchors(plan, view);
    Ok(Published::Offered { proposal: id, expires_at })
}

/// An admin publishes a draft. Of a ranked list only the first open choice is offered; the others
/// queue behind it.
///
/// # Errors
/// [`Refusal::NotFound`], a state error unless it is a draft, and [`Refusal::ConflictOfInterest`] for an
/// admin who is one of the two. If the two can no longer be paired it is [`Tried::NotAllowed`].
pub fn publish(
    view: &ProposalView,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Published>>, Refusal> {
    let proposal = view.proposal.as_ref().ok_or(Refusal::NotFound)?;
    access::to_proposal(cx.actor, &view.program, proposal, Action::ManageProposals)?;
    access::not_about_self(cx.actor, [&proposal.mentor_person, &proposal.mentee_person])?;
    publish_as_sole_admin(view, host, cx)
}

/// The same for an admin who may be one of the two, since the host says that nobody else could do it.
/// That it was so is on record (D31).
///
/// # Errors
/// As [`publish`], without the conflict of interest.
pub fn publish_as_sole_admin(
    view: &ProposalView,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Published>>, Refusal> {
    let mut proposal = view.proposal.clone().ok_or(Refusal::NotFound)?;
    access::to_proposal(cx.actor, &view.program, &proposal, Action::ManageProposals)?;
    // The state is asked first: an offer that is out already says so, not that the two do not fit.
    proposal.state.next(
        ProposalAct::Offer { expires_at: cx.now, ask_mentor: true, ask_mentee: true },
        cx.now,
    )?;
    let earlier = match (proposal.rank, &proposal.state) {
        (Some(rank), ProposalState::Draft { .. }) => view.mentee.open.iter().find(|open| {
            open.mentee == proposal.mentee
                && open.id != proposal.id
                && open.rank.is_some_and(|other| other < rank)
        }),
        _ => None,
    };
    let mut obstacles = possible(view, host, Purpose::Pair, cx.now);
    if earlier.is_some() {
        // The earlier choice may well hold the place; this one is looked at again when its turn comes.
        obstacles.retain(|obstacle| *obstacle != Obstacle::Full);
    }
    if is_apart(view) {
        obstacles.push(Obstacle::Blocked);
    }
    let mut plan = Plan::on(cx, view);
    if !obstacles.is_empty() {
        return Ok(not_allowed(plan, view, &obstacles));
    }
    record_override(&mut plan, &proposal);
    if let Some(earlier) = earlier {
        let until = match &earlier.state {
            ProposalState::Offered { expires_at, .. } => *expires_at,
            _ => plus_days(cx.now, view.program.policy.offer_days.into()),
        };
        advance(&mut plan, &mut proposal, ProposalAct::Queue { until }, "proposal.queue")?;
        let id = proposal.id;
        plan.put(Change::Proposal(proposal));
        return Ok(plan.reply(Tried::Done(Published::Queued { proposal: id })));
    }
    let published = offer(&mut plan, view, proposal)?;
    Ok(plan.reply(Tried::Done(published)))
}

/// The turn of a queued choice has come: it is offered if it still can be, else it is over and the
/// next one follows. A choice whose turn has not come is left alone.
///
/// # Errors
/// [`Refusal::NotFound`] unless the proposal is queued.
pub fn next_choice(
    view: &ProposalView,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Published>, Refusal> {
    let proposal = view.proposal.clone().filter(Proposal::is_queued).ok_or(Refusal::NotFound)?;
    let mut plan = Plan::on(cx, view);
    let earlier_open = view.mentee.open.iter().find(|open| {
        open.mentee == proposal.mentee
            && open.id != proposal.id
            && open.rank < proposal.rank
            && open.rank.is_some()
    });
    if let Some(earlier) = earlier_open {
        // Its turn has not come; wait for the earlier one as long as that may take.
        let until = match &earlier.state {
            ProposalState::Offered { expires_at, .. } if *expires_at > cx.now => *expires_at,
            _ => plus_days(cx.now, 1),
        };
        let mut proposal = proposal;
        proposal.state = proposal.state.next(ProposalAct::Queue { until }, cx.now)?;
        let id = proposal.id;
        plan.put(Change::Proposal(proposal));
        return Ok(plan.reply(Published::Queued { proposal: id }));
    }
    let obstacles = possible(view, host, Purpose::Pair, cx.now);
    if obstacles.is_empty() {
        let published = offer(&mut plan, view, proposal)?;
        return Ok(plan.reply(published));
    }
    let id = proposal.id;
    let why = if obstacles.contains(&Obstacle::ProgramClosed) {
        Invalidity::ProgramClosing
    } else {
        Invalidity::Unavailable
    };
    invalidate(&mut plan, proposal, why)?;
    Ok(plan.reply(Published::Unavailable { proposal: id }))
}
