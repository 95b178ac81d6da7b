//! Staging: an admin puts a proposal down as a draft.

use serde::{Deserialize, Serialize};

use super::{
    acts::{is_apart, record_override},
    possible::{HostFacts, Obstacle, Purpose, possible},
    tried::{Tried, not_allowed},
};
use crate::{
    base::{
        id::{ProposalId, RunId},
        input::{at_most, in_range},
        time::Timestamp,
    },
    change::{Change, Key},
    decide::{Cx, Decision, Plan, Refusal, access, plan::Happened, refusal::code, run::OnRecord},
    matching::fit::{Fit, Side, fit},
    model::{
        enrollment::Enrollment,
        form::Form,
        proposal::{Origin, Proposal, ProposalState},
    },
    policy::permission::Action,
    view::ProposalView,
};

/// Most open proposals of one enrolment. A ranked draft takes no place, so that capacity does not bound
/// them, and whatever settles one has to look at them all.
pub const OPEN_MAX: usize = 100;

/// A staged proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staged {
    /// The draft.
    pub proposal: ProposalId,
    /// How well the two fit; 0 for a sole admin who is one of them (D31).
    pub score: u32,
}

/// One side of a fit, from an enrolment.
pub(crate) fn side(enrollment: &Enrollment) -> Side<'_> {
    Side { answers: &enrollment.answers, special_category: enrollment.consent.special_category }
}

/// How well the two fit by the form's rules at `now`.
pub(crate) fn judge_fit(
    form: &Form,
    mentor: &Enrollment,
    mentee: &Enrollment,
    now: Timestamp,
) -> Fit {
    fit(form, &side(mentor), &side(mentee), now)
}

/// An admin stages a draft between two enrolments; participants see nothing of it. With a `rank` it
/// belongs to the mentee's ranked list.
///
/// # Errors
/// [`Refusal::NotFound`], [`Refusal::ConflictOfInterest`] for an admin who is one of the two, and an input
/// error for a rank outside 1 to 20 and for a side with [`OPEN_MAX`] open proposals already. Everything
/// else that stands in the way is [`Tried::NotAllowed`]: which it is stands in no answer (D5).
pub fn stage(
    view: &ProposalView,
    rank: Option<u8>,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Staged>>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProposals)?;
    access::not_about_self(cx.actor, [&view.mentor.person.id, &view.mentee.person.id])?;
    staged(view, rank, None, host, cx)
}

/// An admin stages what a run found, as [`stage`] does without a rank.
///
/// # Errors
/// As [`stage`]; [`Refusal::NotFound`] too for two of another program than the run's.
pub fn stage_of_run(
    view: &ProposalView,
    of: OnRecord,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Staged>>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProposals)?;
    access::not_about_self(cx.actor, [&view.mentor.person.id, &view.mentee.person.id])?;
    if view.program.id != of.program {
        return Err(Refusal::NotFound);
    }
    staged(view, None, Some(of.run), host, cx)
}

/// The same for an admin who may be one of the two, since the host says that nobody else could do it.
/// That it was so is on record (D31), and they are not told their own score.
///
/// # Errors
/// As [`stage`], without the conflict of interest.
pub fn stage_as_sole_admin(
    view: &ProposalView,
    rank: Option<u8>,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Staged>>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProposals)?;
    staged(view, rank, None, host, cx)
}

fn staged(
    view: &ProposalView,
    rank: Option<u8>,
    run: Option<RunId>,
    host: &HostFacts,
    cx: Cx<'_>,
) -> Result<Decision<Tried<Staged>>, Refusal> {
    if let Some(rank) = rank {
        in_range("rank", rank, 1, 20)?;
    }
    for (side, place) in [("mentor", &view.mentor), ("mentee", &view.mentee)] {
        at_most(side, place.open.len() + 1, OPEN_MAX, "open proposals")?;
    }
    let form = view.form.as_deref().ok_or(Refusal::NotFound)?;
    let mut obstacles = possible(view, host, Purpose::Stage, cx.now);
    if rank.is_some() {
        // Only one of a list comes true, and each choice is looked at again when its turn comes.
        obstacles.retain(|obstacle| *obstacle != Obstacle::Full);
        if view
            .mentee
            .open
            .iter()
            .any(|open| open.rank == rank && open.mentee == view.mentee.enrollment.id)
        {
            obstacles.push(Obstacle::Proposed);
        }
    }
    let fit = judge_fit(form, &view.mentor.enrollment, &view.mentee.enrollment, cx.now);
    if matches!(fit, Fit::Impossible { .. }) {
        obstacles.push(Obstacle::Rule);
    }
    if is_apart(view) {
        obstacles.push(Obstacle::Blocked);
    }
    let (Fit::Possible(score), true) = (fit, obstacles.is_empty()) else {
        return Ok(not_allowed(Plan::on(cx, view), view, &obstacles));
    };
    let created_by = cx.actor.who().cloned().ok_or(Refusal::NotFound)?;
    let proposal = Proposal {
        id: cx.new_id(),
        program: view.program.id,
        mentor: view.mentor.enrollment.id,
        mentor_person: view.mentor.person.id.clone(),
        mentee: view.mentee.enrollment.id,
        mentee_person: view.mentee.person.id.clone(),
        origin: if run.is_some() { Origin::Run } else { Origin::Admin },
        state: ProposalState::Draft { queued_until: None },
        rank,
        score: Some(score.clone()),
        run,
        previous_pair: None,
        offered_at: None,
        created_by,
        created_at: cx.now,
        version: crate::base::version::Version::NEW,
    };
    let mut plan = Plan::on(cx, view);
    put_new(&mut plan, view, proposal.clone());
    let own = record_override(&mut plan, &proposal);
    let score = if own { 0 } else { score.total() };
    Ok(plan.reply(Tried::Done(Staged { proposal: proposal.id, score })))
}

/// Writes a new proposal with its event, and bumps what two proposals at once would both rest on.
pub(super) fn put_new(plan: &mut Plan<'_>, view: &ProposalView, proposal: Proposal) {
    plan.record(
        Happened::new("proposal.make", Key::Proposal(proposal.id))
            .in_program(proposal.program)
            .states(None, proposal.state.code())
            .about([&proposal.mentor_person, &proposal.mentee_person])
            .because(code(proposal.origin.code())),
    );
    plan.put(Change::Proposal(proposal));
    touch_anchors(plan, view);
}

/// Bumps the two people's relation (one open proposal and one live pair, no block) and both places
/// (capacity).
pub(super) fn touch_anchors(plan: &mut Plan<'_>, view: &ProposalView) {
    plan.touch(Key::Relation(view.relation.people.clone()), view.relation.version);
    for place in [&view.mentor, &view.mentee] {
        plan.touch(Key::Enrollment(place.enrollment.id), place.enrollment.version);
        if view.program.policy.person_cap.is_some() {
            plan.touch(Key::Person(place.person.id.clone()), place.person.version);
        }
    }
}
