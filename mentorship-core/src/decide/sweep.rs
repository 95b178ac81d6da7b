//! What time alone does. Each function looks at one record that is due and decides; the sweep calls
//! them in bounded batches. Nothing ever happens early, and doing it again changes nothing.

use crate::{
    base::time::Timestamp,
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal,
        due::{both_awake, idle_end_at, may_remind, pair_changes_at, reminder_at},
        enrollment,
        guide::open_step,
        keep,
        pair::{end_pair, halt::resume_now, store},
        plan::{Happened, Say},
        program::{
            self,
            lifecycle::{Batch, Remaining},
        },
        refusal::code,
    },
    model::{
        enrollment::{EnrollmentState, Role},
        guide::{StepInstance, StepState},
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        person::Person,
        program::{ProgramAct, ProgramState},
    },
    view::{EnrollmentView, PairView, ProgramView},
};

/// What the sweep did to one record, as a code for its report.
pub type Swept = &'static str;

/// What the sweep answers for a program whose enrolments are to be closed before its archive.
pub const CLOSE_ENROLLMENTS: Swept = "enrollment.close";

/// A program that is due: enrolment closes, it winds down, is settled, or is archived.
///
/// # Errors
/// Those of the act; [`Refusal::NotFound`] if nothing is due.
pub fn program(
    view: &ProgramView,
    remaining: Remaining,
    cx: Cx<'_>,
) -> Result<Decision<Swept>, Refusal> {
    let mut due = view.program.clone();
    if due.due_at().is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    let (act, action) = match &due.state {
        ProgramState::Open { .. } => (ProgramAct::CloseEnrollment, "program.close_enrollment"),
        ProgramState::EnrollmentClosed { .. } => (ProgramAct::WindDown, "program.wind_down"),
        ProgramState::WindingDown { settled: false, .. } => {
            let Decision { changes, next, .. } = program::settle(view, cx)?;
            return Ok(Decision { changes, reply: "program.settle", next });
        }
        ProgramState::WindingDown { settled: true, .. } => {
            let Decision { changes, reply, next } = program::archive(view, remaining, cx)?;
            let reply = match reply {
                Batch::Close => CLOSE_ENROLLMENTS,
                Batch::More | Batch::Done => "program.archive",
            };
            return Ok(Decision { changes, reply, next });
        }
        ProgramState::Draft
        | ProgramState::Archived { .. }
        | ProgramState::Suspended { .. }
        | ProgramState::Discarded { .. } => return Err(Refusal::NotFound),
    };
    let mut plan = Plan::on(cx, view);
    program::advance(&mut plan, &mut due, act, action)?;
    plan.put(Change::Program(due));
    Ok(plan.reply(action))
}

/// An enrolment that is due: its pause is over, its place on the waitlist is to be looked at again, or its
/// answers were kept long enough. `last_over` is when the person's last enrolment in the tenant was over.
///
/// # Errors
/// [`Refusal::NotFound`] if nothing is due.
pub fn enrollment(
    view: &EnrollmentView,
    last_over: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<Swept>, Refusal> {
    let mut due = view.enrollment.clone().ok_or(Refusal::NotFound)?;
    if due.due_at().is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    match &mut due.state {
        EnrollmentState::Paused { .. } => {
            let Decision { changes, next, .. } = enrollment::resume(view, cx)?;
            Ok(Decision { changes, reply: "enrollment.resume", next })
        }
        EnrollmentState::Waitlisted { next_review_at, .. } => {
            // Nobody waits silently: the admins are asked, and asked again in a week.
            *next_review_at = crate::base::time::plus_days(cx.now, 7);
            let mut plan = Plan::on(cx, view);
            plan.record(
                Happened::new("enrollment.review_due", Key::Enrollment(due.id))
                    .in_program(due.program)
                    .about([&due.person]),
            );
            plan.say(Say::to_admins(MessageKind::EnrollmentReviewDue, due.program));
            plan.put(Change::Enrollment(due));
            Ok(plan.reply("enrollment.review_due"))
        }
        EnrollmentState::Submitted { .. }
        | EnrollmentState::NeedsInfo { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Suspended { .. } => Err(Refusal::NotFound),
        EnrollmentState::Rejected { .. }
        | EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Removed { .. }
        | EnrollmentState::Closed { .. } => keep::enrollment(view, last_over, cx),
    }
}

/// Opens the steps whose date has come, unless the pair stands still: then their dates move first.
fn unlock_due(
    plan: &mut Plan<'_>,
    view: &PairView,
    pair: &Pair,
) -> Result<Vec<StepInstance>, Refusal> {
    let now = plan.cx().now;
    let mut steps = view.steps.clone();
    match &pair.state {
        PairState::Introduced { .. } | PairState::Active { .. } => {}
        PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => return Ok(steps),
    }
    for step in &mut steps {
        let due = matches!(step.state, StepState::Locked { unlocks_at: Some(at) } if at <= now);
        if due {
            open_step(plan, pair, step, &view.guide)?;
            plan.put(Change::Step(step.clone()));
        }
    }
    Ok(steps)
}

fn remind(plan: &mut Plan<'_>, view: &PairView, pair: &mut Pair, steps: &[StepInstance]) {
    let now = plan.cx().now;
    pair.reminded_at = Some(now);
    let overdue = steps.iter().find(|step| {
        matches!(step.state, StepState::Open { .. }) && step.due_at.is_some_and(|at| at <= now)
    });
    let (kind, step) = match (&pair.state, overdue) {
        (PairState::Introduced { .. }, _) => (MessageKind::ReminderSayHello, None),
        (_, Some(step)) => (MessageKind::ReminderStepDue, Some(step.key.clone())),
        (_, None) => (MessageKind::ReminderQuiet, None),
    };
    let mut reminded = 0;
    for (side, person) in [(Role::Mentor, &view.mentor), (Role::Mentee, &view.mentee)] {
        if !may_remind(person, &view.program, now) {
            continue;
        }
        let mut say = Say::to_person(kind, &pair.participant(side).person)
            .between(pair.people())
            .program(pair.program)
            .pair(pair.id);
        if let Some(step) = &step {
            say = say.step(step.clone());
        }
        plan.say(say);
        plan.put(Change::Person(counted(person, now)));
        reminded += 1;
    }
    if reminded > 0 {
        plan.record(Happened::in_pair("pair.remind", pair).because(code(kind.code())));
    }
}

/// The person with one more reminder on record and those older than a week forgotten.
fn counted(person: &Person, now: crate::base::time::Timestamp) -> Person {
    let mut person = person.clone();
    let week_ago = crate::base::time::minus_days(now, 7);
    person.reminded.retain(|at| *at > week_ago);
    person.reminded.push(now);
    person
}

/// A pair that is due: it resumes, ends idle, its steps open, its people are reminded; or it is over, and
/// what was written there was kept long enough.
///
/// The stored instant only says when to look. What happens is judged by the program's settings of today,
/// and a pair that was looked at too early is due again when something will happen.
///
/// # Errors
/// [`Refusal::NotFound`] if nothing is due.
pub fn pair(view: &PairView, cx: Cx<'_>) -> Result<Decision<Swept>, Refusal> {
    let mut pair = view.pair.clone();
    if pair.due_at.is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    if !pair.state.is_live() {
        return keep::pair(view, cx);
    }
    let mut plan = Plan::on(cx, view);
    if let PairState::Paused { until: Some(until), .. } = &pair.state
        && *until <= cx.now
    {
        resume_now(&mut plan, view, &mut pair)?;
        return Ok(plan.reply("pair.resume"));
    }
    if idle_end_at(&pair, &view.program).is_some_and(|at| at <= cx.now) {
        let kind = match &pair.state {
            PairState::Introduced { .. } => EndKind::NeverStarted,
            PairState::Active { .. }
            | PairState::Paused { .. }
            | PairState::Frozen { .. }
            | PairState::Completed { .. }
            | PairState::Ended { .. } => EndKind::Dormant,
        };
        let by = EndedBy::Clock;
        end_pair(&mut plan, pair, PairEnd { kind, shared: true, note: None, by })?;
        return Ok(plan.reply("pair.end"));
    }
    let steps = unlock_due(&mut plan, view, &pair)?;
    let mut swept = if steps == view.steps { "pair.wait" } else { "step.unlock" };
    if reminder_at(&pair, &view.program, &view.mentor, &view.mentee).is_some_and(|at| at <= cx.now)
    {
        let awake = both_awake(&view.program, &view.mentor, &view.mentee, cx.now);
        if awake <= cx.now {
            remind(&mut plan, view, &mut pair, &steps);
            swept = "pair.remind";
        } else {
            // The sweep came late, into somebody's night. The next one that comes by day reminds;
            // what is due before that is not kept waiting.
            let changes = pair_changes_at(&pair, &steps, &view.program);
            pair.due_at = changes.into_iter().chain([awake]).min();
            plan.put(Change::Pair(pair));
            return Ok(plan.reply(swept));
        }
    }
    store(&mut plan, view, pair, &steps);
    Ok(plan.reply(swept))
}
