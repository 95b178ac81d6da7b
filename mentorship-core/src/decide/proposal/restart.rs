//! Another round: one of two whose pair is over asks the other to go on (row 42).

use super::{
    possible::{HostFacts, Purpose, possible},
    stage::{OPEN_MAX, Staged, judge_fit, put_new},
};
use crate::{
    base::{id::PairId, time::plus_days, version::Version},
    decide::{Cx, Decision, Plan, Refusal, access, pair::not_frozen, plan::Say},
    matching::fit::Fit,
    model::{
        code::TransitionError,
        enrollment::Role,
        message::MessageKind,
        pair::Pair,
        proposal::{Answered, Origin, Proposal, ProposalState},
    },
    policy::permission::Action,
    view::ProposalView,
};

/// One of the two asks for another round; the other accepts or declines like any offer. The new pair is
/// a record of its own that names the one before it.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the two, a state error while the pair lives
/// ([`Refusal::NotWritable`] while it is frozen), [`Refusal::NotAvailable`] for everything that stands
/// between them.
pub fn restart(
    view: &ProposalView,
    past: &Pair,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Staged>, Refusal> {
    access::to_pair(cx.actor, &view.program, past, Action::RestartPair)?;
    let asker = cx.actor.as_person().cloned().ok_or(Refusal::NotFound)?;
    let side = past.side_of(&asker).ok_or(Refusal::NotFound)?;
    not_frozen(past)?;
    if past.state.is_live() {
        let from = past.state.code();
        return Err(TransitionError { record: "pair", from, act: "restart" }.into());
    }
    let previous: PairId = past.id;
    let expires_at = plus_days(cx.now, view.program.policy.offer_days.into());
    let yes = Answered::Yes { at: cx.now };
    let (mentor, mentee) = match side {
        Role::Mentor => (yes, Answered::Waiting),
        Role::Mentee => (Answered::Waiting, yes),
    };
    let form = view.form.as_deref().ok_or(Refusal::NotFound)?;
    let fit = judge_fit(form, &view.mentor.enrollment, &view.mentee.enrollment, cx.now);
    let proposal = Proposal {
        id: cx.new_id(),
        program: view.program.id,
        mentor: view.mentor.enrollment.id,
        mentor_person: view.mentor.person.id.clone(),
        mentee: view.mentee.enrollment.id,
        mentee_person: view.mentee.person.id.clone(),
        origin: Origin::Request,
        state: ProposalState::Offered { since: cx.now, expires_at, mentor, mentee },
        rank: None,
        score: match &fit {
            Fit::Possible(score) => Some(score.clone()),
            Fit::Impossible { .. } => None,
        },
        run: None,
        previous_pair: Some(previous),
        offered_at: Some(cx.now),
        created_by: asker.clone(),
        created_at: cx.now,
        version: Version::NEW,
    };
    let partner = proposal.person(side.opposite()).clone();
    let mine = match side {
        Role::Mentor => &view.mentor,
        Role::Mentee => &view.mentee,
    };
    let open_requests = mine
        .open
        .iter()
        .filter(|open| open.origin == Origin::Request && open.created_by == asker)
        .count();
    // The draft stands in the view, so that a past pair is no obstacle to its own restart.
    let with_draft = ProposalView { proposal: Some(proposal.clone()), ..view.clone() };
    let free = possible(&with_draft, host, Purpose::Pair, cx.now).is_empty()
        && matches!(fit, Fit::Possible(_))
        && open_requests < usize::from(view.program.policy.max_open_requests)
        && [&view.mentor, &view.mentee].iter().all(|place| place.open.len() < OPEN_MAX);
    if !free {
        return Err(Refusal::NotAvailable);
    }
    let score = proposal.score.as_ref().map_or(0, crate::matching::score::Score::total);
    let mut plan = Plan::on(cx, view);
    plan.say(
        Say::to_person(MessageKind::ProposalOffered, &partner)
            .between(Some(view.relation.people.clone()))
            .program(proposal.program)
            .proposal(proposal.id),
    );
    let id = proposal.id;
    put_new(&mut plan, view, proposal);
    Ok(plan.reply(Staged { proposal: id, score }))
}
