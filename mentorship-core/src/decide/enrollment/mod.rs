//! Taking part: applying, deciding, pausing, leaving.

pub mod apply;
pub(in crate::decide) mod eligible;
pub mod own;
pub mod review;

pub use self::{
    apply::{Apply, Enrolled, HostWord, apply, moves_facts, resubmit},
    own::{RenewConsent, pause, renew_consent, resume, set_capacity, show_to_group, withdraw},
    review::{approve, ask_info, close, hold, reinstate, reject, remove, waitlist},
};
use crate::{
    base::time::plus_days,
    change::{Change, Key},
    decide::{
        Plan, Refusal,
        pair::end_pair,
        plan::{Happened, Say},
        proposal::fall::invalidate,
    },
    model::{
        answer::Answers,
        enrollment::{Enrollment, EnrollmentAct},
        message::MessageKind,
        pair::{EndKind, EndedBy, PairEnd},
        person::Person,
        program::policy::KEPT_DAYS_LEAST,
        proposal::{Invalidity, Proposal, ProposalState},
    },
    view::EnrollmentView,
};

/// Puts an enrolment into its next state and records it.
pub(in crate::decide) fn advance(
    plan: &mut Plan<'_>,
    enrollment: &mut Enrollment,
    act: EnrollmentAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let from = enrollment.state.code();
    let reason = match &act {
        EnrollmentAct::Waitlist { reason, .. }
        | EnrollmentAct::Reject { reason }
        | EnrollmentAct::Remove { reason } => Some(reason.clone()),
        _ => None,
    };
    enrollment.state = enrollment.state.next(act, plan.cx().now)?;
    if enrollment.state.is_terminal() {
        // How long its program keeps the answers is asked then.
        enrollment.keep_until = Some(plus_days(plan.cx().now, KEPT_DAYS_LEAST.into()));
    }
    let mut happened = Happened::new(action, Key::Enrollment(enrollment.id))
        .in_program(enrollment.program)
        .about([&enrollment.person])
        .states(Some(from), enrollment.state.code());
    if let Some(reason) = reason {
        happened = happened.because(reason);
    }
    plan.record(happened);
    Ok(())
}

/// Takes the answers out.
pub(in crate::decide) fn forget(enrollment: &mut Enrollment) {
    enrollment.answers = Answers::new();
    enrollment.keep_until = None;
}

fn existing(view: &EnrollmentView) -> Result<Enrollment, Refusal> {
    view.enrollment.clone().ok_or(Refusal::NotFound)
}

/// Ends what an enrolment is part of before it is over: its live pairs and open proposals. Who leaves
/// ends them from their side; who is taken out does not, and must not keep what only the one who ended
/// a pair keeps (D2).
fn leave_everything(
    plan: &mut Plan<'_>,
    view: &EnrollmentView,
    kind: EndKind,
    by: EndedBy,
) -> Result<(), Refusal> {
    for pair in &view.pairs {
        end_pair(plan, pair.clone(), PairEnd { kind, shared: true, note: None, by })?;
    }
    for proposal in &view.proposals {
        invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
    }
    Ok(())
}

/// Invalidates the offers and requests that are out; drafts are looked at again when they are
/// published.
pub(in crate::decide) fn drop_offers(
    plan: &mut Plan<'_>,
    proposals: &[Proposal],
) -> Result<(), Refusal> {
    for proposal in proposals {
        let out = matches!(
            proposal.state,
            ProposalState::Offered { .. } | ProposalState::AwaitingAdmin { .. }
        );
        if out {
            invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
        }
    }
    Ok(())
}

/// Writes what was kept of a person, who was read like this; else bumps them, so that whatever else rests on them
/// meets this decision.
pub(in crate::decide) fn store_person(plan: &mut Plan<'_>, read: &Person, person: Person) {
    if person == *read {
        plan.touch(Key::Person(read.id.clone()), read.version);
    } else {
        plan.put(Change::Person(person));
    }
}

fn tell_person(plan: &mut Plan<'_>, enrollment: &Enrollment, kind: MessageKind) {
    plan.say(Say::to_person(kind, &enrollment.person).program(enrollment.program));
}

fn store(plan: &mut Plan<'_>, enrollment: Enrollment) {
    plan.put(Change::Enrollment(enrollment));
}
