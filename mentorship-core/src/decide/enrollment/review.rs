//! What admins, staff and the host decide about an enrolment.

use super::{
    advance, apply::still_eligible, drop_offers, existing, leave_everything, store, store_person,
    tell_person,
};
use crate::{
    base::{
        input::{InputError, Problem},
        text::{Note, Slug},
        time::{Timestamp, plus_days},
    },
    change::Key,
    decide::{
        Cx, Decision, Plan, Refusal, access,
        enrollment::HostWord,
        plan::{Happened, Say},
        refusal::code,
    },
    model::{
        enrollment::{Enrollment, EnrollmentAct, EnrollmentState},
        holder::Holder,
        message::MessageKind,
        pair::{EndKind, EndedBy},
        program::ProgramState,
    },
    policy::{actor::Hat, permission::Action},
    view::EnrollmentView,
};

/// An admin of the program who is neither the person nor kept away from them by a block.
fn reviewed(view: &EnrollmentView, cx: &Cx<'_>) -> Result<Enrollment, Refusal> {
    let enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::DecideApplication)?;
    access::not_about_self(cx.actor, [&enrollment.person])?;
    access::not_across_a_block(&view.with_actor)?;
    Ok(enrollment)
}

/// An admin lets an applicant, or somebody from the waitlist, take part.
///
/// # Errors
/// [`Refusal::NotFound`], also if a block stands between the two, [`Refusal::ConflictOfInterest`] on
/// one's own application, a state error, [`Refusal::ProgramNotOpen`] and [`Refusal::NotEligible`] if the
/// rules do not hold any more.
pub fn approve(
    view: &EnrollmentView,
    word: &HostWord,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = reviewed(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    let eligible = still_eligible(view, &enrollment, word, &cx);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Approve, "enrollment.approve")?;
    if !view.program.state.forms_pairs() {
        return Err(Refusal::ProgramNotOpen);
    }
    if !eligible {
        return Err(Refusal::NotEligible);
    }
    tell_person(&mut plan, &enrollment, MessageKind::EnrollmentApproved);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// An admin asks an applicant for more.
///
/// # Errors
/// As [`approve`], without the last two.
pub fn ask_info(
    view: &EnrollmentView,
    question: Note,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = reviewed(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    advance(
        &mut plan,
        &mut enrollment,
        EnrollmentAct::AskInfo { question },
        "enrollment.ask_info",
    )?;
    tell_person(&mut plan, &enrollment, MessageKind::EnrollmentInfoNeeded);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// An admin puts an applicant on the waitlist until a date, at which they look again.
///
/// # Errors
/// As [`ask_info`]; an input error for a date that is past or more than a year away.
pub fn waitlist(
    view: &EnrollmentView,
    reason: Slug,
    next_review_at: Timestamp,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = reviewed(view, &cx)?;
    if next_review_at <= cx.now || next_review_at > plus_days(cx.now, 366) {
        let rule = "after now and within a year";
        return Err(InputError::new("next_review_at", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    let act = EnrollmentAct::Waitlist { reason, next_review_at };
    advance(&mut plan, &mut enrollment, act, "enrollment.waitlist")?;
    tell_person(&mut plan, &enrollment, MessageKind::EnrollmentWaitlisted);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// An admin does not accept an applicant.
///
/// # Errors
/// As [`ask_info`].
pub fn reject(view: &EnrollmentView, reason: Slug, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = reviewed(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Reject { reason }, "enrollment.reject")?;
    tell_person(&mut plan, &enrollment, MessageKind::EnrollmentRejected);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The platform holds an enrolment: nothing new until the hold ends. Live pairs go on unless they are
/// frozen.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but staff and the host; a state error.
pub fn hold(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::HoldEnrollment)?;
    let mut plan = Plan::on(cx, view);
    hold_now(&mut plan, &mut enrollment, Holder::Platform)?;
    drop_offers(&mut plan, &view.proposals)?;
    // A sign-up in the other role at the same time meets it here.
    plan.touch(Key::Person(view.person.id.clone()), view.person.version);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// Holds within a larger decision; the caller writes the enrolment. Of one that is held already nobody is
/// told anew.
pub(in crate::decide) fn hold_now(
    plan: &mut Plan<'_>,
    enrollment: &mut Enrollment,
    by: Holder,
) -> Result<(), Refusal> {
    let act = EnrollmentAct::Suspend { by };
    if matches!(enrollment.state, EnrollmentState::Suspended { .. }) {
        return share(plan, enrollment, act, "enrollment.hold");
    }
    advance(plan, enrollment, act, "enrollment.suspend")?;
    tell_person(plan, enrollment, MessageKind::EnrollmentHeld);
    Ok(())
}

/// Lets go within a larger decision; the caller writes the enrolment, and sees to it that who would be active
/// again may be.
pub(in crate::decide) fn release_now(
    plan: &mut Plan<'_>,
    enrollment: &mut Enrollment,
    by: Holder,
) -> Result<(), Refusal> {
    let act = EnrollmentAct::Reinstate { by };
    let after = enrollment.state.next(act.clone(), plan.cx().now)?;
    if matches!(after, EnrollmentState::Suspended { .. }) {
        return share(plan, enrollment, act, "enrollment.release");
    }
    advance(plan, enrollment, act, "enrollment.reinstate")?;
    tell_person(plan, enrollment, MessageKind::EnrollmentReinstated);
    if matches!(enrollment.state, EnrollmentState::Submitted { .. }) {
        // Nobody could decide it meanwhile.
        plan.say(Say::to_admins(MessageKind::EnrollmentSubmitted, enrollment.program));
    }
    Ok(())
}

/// What holds changes, and that something does stays as it is.
fn share(
    plan: &mut Plan<'_>,
    enrollment: &mut Enrollment,
    act: EnrollmentAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let before: Vec<Holder> = enrollment.state.holders().collect();
    enrollment.state = enrollment.state.next(act, plan.cx().now)?;
    let happened = Happened::new(action, Key::Enrollment(enrollment.id));
    let happened = happened.in_program(enrollment.program).about([&enrollment.person]);
    plan.record(happened.among(before.into_iter().chain(enrollment.state.holders())).private());
    Ok(())
}

/// The platform lets go of an enrolment that it held by hand; it goes on unless a case holds it as well.
/// Somebody who would be active again has to be eligible now.
///
/// # Errors
/// As [`hold`]; [`Refusal::NotEligible`].
pub fn reinstate(
    view: &EnrollmentView,
    word: &HostWord,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::HoldEnrollment)?;
    let mut plan = Plan::on(cx, view);
    let eligible = still_eligible(view, &enrollment, word, &cx);
    release_now(&mut plan, &mut enrollment, Holder::Platform)?;
    if matches!(enrollment.state, EnrollmentState::Active { .. }) && !eligible {
        return Err(Refusal::NotEligible);
    }
    let mut person = view.person.clone();
    person.held.retain(|it| (it.program, it.by) != (enrollment.program, Holder::Platform));
    if person != view.person {
        store_person(&mut plan, &view.person, person);
    }
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// Time closes an enrolment whose program is about to be archived.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the clock and unless the program winds down,
/// [`Refusal::HasLivePairs`] while a pair of it lives, a state error if it is over.
pub fn close(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = existing(view)?;
    access::to_program(cx.actor, &view.program, Action::ArchiveProgram)?;
    let winding_down = matches!(view.program.state, ProgramState::WindingDown { .. });
    if !winding_down || *cx.actor.hat() != Hat::Clock {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Close, "enrollment.close")?;
    if !view.pairs.is_empty() {
        return Err(Refusal::HasLivePairs);
    }
    tell_person(&mut plan, &enrollment, MessageKind::ProgramClosed);
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The platform, or the host for somebody who left the group, takes an enrolment out. Its live pairs
/// end with the neutral text. What held it holds the next one in the program, but for the platform's own hold where
/// it is the platform that decides.
///
/// # Errors
/// As [`hold`].
pub fn remove(view: &EnrollmentView, reason: Slug, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::RemoveEnrollment)?;
    let mut plan = Plan::on(cx, view);
    let kind =
        if reason == code("left_group") { EndKind::LeftGroup } else { EndKind::SafetyDecision };
    leave_everything(&mut plan, view, kind, EndedBy::Platform)?;
    if enrollment.state.holders().next().is_some() {
        let mut person = view.person.clone();
        person.keep_holds(&enrollment, cx.now);
        if kind == EndKind::SafetyDecision {
            let own = (enrollment.program, Holder::Platform);
            person.held.retain(|it| (it.program, it.by) != own);
        }
        store_person(&mut plan, &view.person, person);
    }
    advance(&mut plan, &mut enrollment, EnrollmentAct::Remove { reason }, "enrollment.remove")?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}
