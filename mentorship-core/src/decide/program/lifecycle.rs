//! From opening to the archive.

use super::{advance, advanced, guided};
use crate::{
    base::time::{Timestamp, plus_days},
    change::Change,
    decide::{
        Cx, Decision, Plan, Refusal, access, enrollment, pair::end_pair, plan::Say,
        proposal::fall::invalidate, refusal::code,
    },
    model::{
        enrollment::{EnrollmentAct, Role},
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd},
        program::{Program, ProgramAct, ProgramState},
        proposal::Invalidity,
    },
    policy::permission::Action,
    view::ProgramView,
};

fn simple(
    view: &ProgramView,
    action: Action,
    act: ProgramAct,
    name: &'static str,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, action)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut program, act, name)?;
    plan.put(Change::Program(program));
    Ok(plan.reply(()))
}

/// What the host says before a program may open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpeningFacts {
    /// The platform has somebody who answers reports.
    pub platform_contact: bool,
    /// The group may have a program on this topic (D39).
    pub topic_allowed: bool,
}

impl OpeningFacts {
    fn checked(self) -> Result<(), Refusal> {
        if !self.topic_allowed {
            return Err(Refusal::TopicNotAllowed);
        }
        if !self.platform_contact {
            return Err(Refusal::NotReady { missing: "platform_contact" });
        }
        Ok(())
    }
}

/// An admin opens a draft.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error unless it is a draft,
/// [`Refusal::TopicNotAllowed`], [`Refusal::NotReady`] without a guide (unless the program says it is
/// unguided) or without a platform contact for reports, input errors for a form or settings that do
/// not fit together.
pub fn open(view: &ProgramView, facts: OpeningFacts, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ManageProgram)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut program, ProgramAct::Open, "program.open")?;
    facts.checked()?;
    guided(&program, &view.guide)?;
    (*view.form).clone().checked()?;
    program.policy.clone().checked()?;
    plan.put(Change::Program(program));
    Ok(plan.reply(()))
}

/// An admin, or the clock at the window's end, stops new sign-ups; applications are still decided.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it is open.
pub fn close_enrollment(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    simple(view, Action::ManageProgram, ProgramAct::CloseEnrollment, "program.close_enrollment", cx)
}

/// An admin lets people sign up again. It is an opening like the first: what the platform has to say
/// then, it has to say now (D39).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error unless enrolment is closed,
/// [`Refusal::ProgramNotOpen`] for a cohort whose sign-up is over by its calendar, and of [`open`] those
/// about the group and the platform.
pub fn reopen_enrollment(
    view: &ProgramView,
    facts: OpeningFacts,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let name = "program.reopen_enrollment";
    let decision = simple(view, Action::ManageProgram, ProgramAct::ReopenEnrollment, name, cx)?;
    if view.program.sign_up_is_over(cx.now) {
        return Err(Refusal::ProgramNotOpen);
    }
    facts.checked()?;
    Ok(decision)
}

/// An admin winds the program down: nothing new, live pairs go on. What is left over (applications,
/// waitlist, offers) is closed by [`settle`], in batches.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it is open or enrolment is closed.
pub fn wind_down(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    simple(view, Action::ManageProgram, ProgramAct::WindDown, "program.wind_down", cx)
}

/// Platform staff or the host halts the program: no offers, no new pairs. Live pairs go on.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error for one that is suspended or over.
pub fn suspend(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    simple(view, Action::SuspendProgram, ProgramAct::Suspend, "program.suspend", cx)
}

/// The host, or staff, says that the group has no admin any more: the program is halted, and the platform is told
/// (D30). Live pairs and reports go on.
///
/// # Errors
/// As [`suspend`].
pub fn suspend_without_admin(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (mut program, reason) = (view.program.clone(), code("no_admin"));
    access::to_program(cx.actor, &program, Action::SuspendProgram)?;
    let mut plan = Plan::on(cx, view);
    let happened = advanced(&plan, &mut program, ProgramAct::Suspend, "program.suspend")?;
    plan.record(happened.because(reason.clone()));
    plan.say(Say::to_staff(MessageKind::ProgramSuspended).program(program.id).code(Some(reason)));
    plan.put(Change::Program(program));
    Ok(plan.reply(()))
}

/// Platform staff or the host lets a halted program go on.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it is suspended.
pub fn resume(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    simple(view, Action::SuspendProgram, ProgramAct::Resume, "program.resume", cx)
}

/// An admin throws a draft away in which nobody ever enrolled.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error unless it is a draft,
/// [`Refusal::HasEnrollments`].
pub fn discard(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let decision = simple(view, Action::ManageProgram, ProgramAct::Discard, "program.discard", cx)?;
    if view.has_enrollments {
        return Err(Refusal::HasEnrollments);
    }
    Ok(decision)
}

/// What one batch of settling or archiving left to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Batch {
    /// Call again.
    More,
    /// Close one batch of enrolments, each by [`close`](enrollment::close), and call again.
    Close,
    /// Nothing is left.
    Done,
}

/// Closes one batch of what is left over in a program that winds down.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but an admin and the clock; a state error unless it winds down.
pub fn settle(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<Batch>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ArchiveProgram)?;
    let mut plan = Plan::on(cx, view);
    if view.undecided.is_empty() && view.open_proposals.is_empty() {
        advance(&mut plan, &mut program, ProgramAct::Settle, "program.settle")?;
        plan.put(Change::Program(program));
        return Ok(plan.reply(Batch::Done));
    }
    program.state.next(ProgramAct::Settle, cx.now)?;
    for proposal in &view.open_proposals {
        invalidate(&mut plan, proposal.clone(), Invalidity::ProgramClosing)?;
    }
    for undecided in &view.undecided {
        let mut undecided = undecided.clone();
        enrollment::advance(&mut plan, &mut undecided, EnrollmentAct::Close, "enrollment.close")?;
        plan.say(
            Say::to_person(MessageKind::ProgramClosing, &undecided.person).program(program.id),
        );
        plan.put(Change::Enrollment(undecided));
    }
    Ok(plan.reply(Batch::More))
}

fn wound_down(program: &Program) -> bool {
    matches!(program.state, ProgramState::WindingDown { .. })
}

/// An admin or staff sets the day on which the live pairs are ended and the program is archived, after
/// the program's notice (D24). Both of every live pair are told by [`give_notice`].
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it winds down.
pub fn schedule_archive(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<Timestamp>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ArchiveProgram)?;
    let at = plus_days(cx.now, program.policy.archive_notice_days.into());
    let mut plan = Plan::on(cx, view);
    advance(
        &mut plan,
        &mut program,
        ProgramAct::ScheduleArchive { at },
        "program.schedule_archive",
    )?;
    plan.say(Say::to_admins(MessageKind::ProgramArchiveScheduled, program.id));
    plan.put(Change::Program(program));
    Ok(plan.reply(at))
}

/// Tells both of each of these pairs on which day, by the program's record, the program ends theirs. Those
/// that are over by now are passed over.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but an admin, staff and the clock, and without a scheduled end.
pub fn give_notice(
    view: &ProgramView,
    pairs: &[Pair],
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let program = &view.program;
    access::to_program(cx.actor, program, Action::ArchiveProgram)?;
    if !matches!(program.state, ProgramState::WindingDown { archive_at: Some(_), .. }) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let live = pairs.iter().filter(|pair| pair.program == program.id && pair.state.is_live());
    // From the program, not between the two: it does not wait for the end of a freeze.
    for pair in live {
        for side in Role::ALL {
            plan.say(
                Say::to_person(
                    MessageKind::ProgramArchiveScheduled,
                    &pair.participant(*side).person,
                )
                .program(program.id)
                .pair(pair.id),
            );
        }
    }
    Ok(plan.reply(()))
}

/// What stands before the archive besides live pairs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Remaining {
    /// Whether anybody still takes part: an enrolment that is not over. None comes in any more once the
    /// program winds down.
    pub enrollments: bool,
}

/// Archives a program that has wound down, or ends one batch of its live pairs if their notice is over.
/// Enrolments are closed first ([`Batch::Close`]).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but an admin, staff and the clock, [`Refusal::HasLivePairs`]
/// without a scheduled end or before its day, a state error unless it winds down and is settled.
pub fn archive(
    view: &ProgramView,
    remaining: Remaining,
    cx: Cx<'_>,
) -> Result<Decision<Batch>, Refusal> {
    let mut program = view.program.clone();
    access::to_program(cx.actor, &program, Action::ArchiveProgram)?;
    let mut plan = Plan::on(cx, view);
    if view.has_live_pairs && wound_down(&program) {
        let over = match &program.state {
            ProgramState::WindingDown { archive_at: Some(at), .. } => *at <= cx.now,
            _ => false,
        };
        if !over {
            return Err(Refusal::HasLivePairs);
        }
        for pair in &view.live_pairs {
            let (kind, by) = (EndKind::ProgramClosed, EndedBy::Clock);
            end_pair(&mut plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
        }
        return Ok(plan.reply(Batch::More));
    }
    if remaining.enrollments {
        program.state.next(ProgramAct::Archive, cx.now)?;
        return Ok(plan.reply(Batch::Close));
    }
    advance(&mut plan, &mut program, ProgramAct::Archive, "program.archive")?;
    plan.put(Change::Program(program));
    Ok(plan.reply(Batch::Done))
}
