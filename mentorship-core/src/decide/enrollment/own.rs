//! What people do with their own enrolment.

use super::{advance, apply::checked_capacity, drop_offers, existing, leave_everything, store};
use crate::{
    base::{
        input::{InputError, Problem},
        time::{Timestamp, plus_days},
    },
    change::Key,
    decide::{Cx, Decision, Plan, Refusal, access, plan::Happened, proposal::fall::invalidate},
    model::{
        enrollment::{Enrollment, EnrollmentAct},
        pair::{EndKind, EndedBy},
        proposal::{Invalidity, Proposal},
    },
    policy::permission::Action,
    view::EnrollmentView,
};

/// Longest pause of an enrolment, in days.
const PAUSE_MAX_DAYS: u32 = 366;

fn own(view: &EnrollmentView, cx: &Cx<'_>) -> Result<Enrollment, Refusal> {
    let enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::ManageEnrollment)?;
    Ok(enrollment)
}

/// The person takes no new pairs for a while. Open offers become impossible; live pairs go on (D26).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error for an `until` that is past or more than a
/// year away, a state error unless the enrolment is active or paused already.
pub fn pause(
    view: &EnrollmentView,
    until: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    if until.is_some_and(|until| until <= cx.now || until > plus_days(cx.now, PAUSE_MAX_DAYS)) {
        let rule = "after now and within a year";
        return Err(InputError::new("until", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Pause { until }, "enrollment.pause")?;
    drop_offers(&mut plan, &view.proposals)?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person, or the clock at the pause's end, takes new pairs again.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it is paused.
pub fn resume(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Resume, "enrollment.resume")?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person changes how many places they offer. Below the load nothing ends; offers that no longer
/// fit become impossible, the newest first, and raising it again brings none back (D25).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error beyond the program's most, a state error for
/// an enrolment that is over (as of the act `set_capacity`).
pub fn set_capacity(
    view: &EnrollmentView,
    capacity: u8,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let capacity = checked_capacity(&view.program, enrollment.role, capacity)?;
    if enrollment.state.is_terminal() {
        let from = enrollment.state.code();
        let error =
            crate::model::code::TransitionError { record: "enrollment", from, act: "set_capacity" };
        return Err(error.into());
    }
    let mut plan = Plan::on(cx, view);
    let load = view.pairs.len();
    let mut kept: Vec<&Proposal> = view.proposals.iter().filter(|it| it.reserves()).collect();
    kept.sort_by_key(|proposal| (proposal.offered_at, proposal.id));
    let room = usize::from(capacity).saturating_sub(load);
    for surplus in kept.iter().skip(room).rev() {
        invalidate(&mut plan, (*surplus).clone(), Invalidity::Unavailable)?;
    }
    plan.record(
        Happened::new("enrollment.set_capacity", Key::Enrollment(enrollment.id))
            .in_program(enrollment.program)
            .about([&enrollment.person]),
    );
    enrollment.capacity = capacity;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person leaves. Their live pairs in it end first, in the same write. Always allowed.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error if it is over.
pub fn withdraw(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    enrollment.state.next(EnrollmentAct::Withdraw, cx.now)?;
    let by = EndedBy::Side(enrollment.role);
    leave_everything(&mut plan, view, EndKind::LeftProgram, by)?;
    advance(&mut plan, &mut enrollment, EnrollmentAct::Withdraw, "enrollment.withdraw")?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}
