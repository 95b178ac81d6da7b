//! How long what people wrote is kept after it was over (D21).
//!
//! A report case stops no clock but its own: what it holds are its copies, which nothing here reaches. Were
//! what stands in a pair kept longer for the sake of a case, the two could tell by it that there is one.
//!
//! What is over is due before its program lets anything go: how long that keeps it is asked when it is looked
//! at, and the record is due again then.

use crate::{
    base::time::{Timestamp, plus_days},
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, due::content_until, enrollment::forget, plan::Happened,
        sweep::Swept,
    },
    model::{
        enrollment::{EnrollmentState, Role},
        pair::Pair,
    },
    view::{EnrollmentView, PairView},
};

/// A pair that is over and due: what the two wrote goes.
///
/// # Errors
/// [`Refusal::NotFound`] if nothing is left of it.
pub fn pair(view: &PairView, cx: Cx<'_>) -> Result<Decision<Swept>, Refusal> {
    let mut pair = view.pair.clone();
    let until = content_until(&pair, &view.program).ok_or(Refusal::NotFound)?;
    let mut plan = Plan::on(cx, view);
    let swept = if until > cx.now {
        pair.due_at = Some(until);
        "pair.keep"
    } else {
        clear(&mut plan, &mut pair);
        "pair.clear"
    };
    plan.put(Change::Pair(pair));
    Ok(plan.reply(swept))
}

fn clear(plan: &mut Plan<'_>, pair: &mut Pair) {
    let now = plan.cx().now;
    plan.record(Happened::in_pair("pair.clear", pair).by_rule());
    for side in Role::ALL {
        pair.participant_mut(*side).silence();
    }
    pair.silence_end();
    (pair.cleared_at, pair.due_at) = (Some(now), None);
    plan.put(Change::ClearPair { pair: pair.id, by: None, at: now });
}

/// Until when the answers of an enrolment that is over are kept; `None` while that cannot be said, since
/// another enrolment of the person is not over.
fn answers_until(
    view: &EnrollmentView,
    state: &EnrollmentState,
    last_over: Option<Timestamp>,
) -> Option<Timestamp> {
    let policy = &view.program.policy;
    match state {
        EnrollmentState::Rejected { at, .. } => Some(plus_days(*at, policy.rejected_days.into())),
        EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Removed { .. }
        | EnrollmentState::Closed { .. }
        | EnrollmentState::Submitted { .. }
        | EnrollmentState::NeedsInfo { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Waitlisted { .. }
        | EnrollmentState::Paused { .. }
        | EnrollmentState::Suspended { .. } => {
            last_over.map(|at| plus_days(at, policy.answers_days.into()))
        }
    }
}

/// An enrolment that is over and due: its answers go. `last_over` is when the person's last enrolment in the
/// tenant was over; nothing while one is not.
///
/// # Errors
/// [`Refusal::NotFound`] if it is not over or not due.
pub fn enrollment(
    view: &EnrollmentView,
    last_over: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<Swept>, Refusal> {
    let mut due = view.enrollment.clone().ok_or(Refusal::NotFound)?;
    if !due.state.is_terminal() || due.keep_until.is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    // While another one lives: from whenever that is over, it is kept as long as this at least.
    let least = || plus_days(cx.now, view.program.policy.answers_days.into());
    let until = answers_until(view, &due.state, last_over).unwrap_or_else(least);
    let swept = if until > cx.now {
        due.keep_until = Some(until);
        "enrollment.keep"
    } else {
        forget(&mut due);
        plan.record(
            Happened::new("enrollment.clear", Key::Enrollment(due.id))
                .in_program(due.program)
                .about([&due.person])
                .by_rule(),
        );
        "enrollment.clear"
    };
    plan.put(Change::Enrollment(due));
    Ok(plan.reply(swept))
}
