//! Pauses and freezes: the pair stands still and its dates move with it.

use super::{advance, not_frozen, store};
use chrono::TimeDelta;

use crate::{
    base::{
        input::{InputError, Problem, at_most},
        time::{Timestamp, plus_days},
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        plan::{Happened, Say},
    },
    eligibility::age::is_adult,
    model::{
        enrollment::Role,
        guide::{StepAct, StepInstance, StepState},
        holder::Holder,
        message::MessageKind,
        pair::{Pair, PairAct, PairState, PauseSpan},
        person::Person,
    },
    policy::permission::Action,
    view::PairView,
};

/// Most spans in which a pair stood still that it keeps: far more than two people ever ask for.
pub const PAUSES_MAX: usize = 100;

fn tell_both(plan: &mut Plan<'_>, pair: &Pair, kind: MessageKind) {
    for side in Role::ALL {
        plan.say(
            Say::to_person(kind, &pair.participant(*side).person)
                .between(pair.people())
                .program(pair.program)
                .pair(pair.id),
        );
    }
}

/// One of the two lets the pair stand still, until a date or until one resumes. It keeps its place.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error for an `until` that is past or beyond the
/// longest pause and for the 101st pause of a pair, [`Refusal::NotWritable`] while it is frozen, a state
/// error unless it is active.
pub fn pause(
    view: &PairView,
    until: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut pair = view.pair.clone();
    access::to_pair(cx.actor, &view.program, &pair, Action::PausePair)?;
    let by = cx.actor.as_person().and_then(|person| pair.side_of(person));
    let by = by.ok_or(Refusal::NotFound)?;
    at_most("pauses", pair.pauses.len() + 1, PAUSES_MAX, "pauses")?;
    if let Some(until) = until {
        let longest = plus_days(cx.now, view.program.policy.max_pause_days.into());
        if until <= cx.now || until > longest {
            let rule = "from now to the longest pause of the program";
            return Err(InputError::new("until", Problem::Conflict { rule }).into());
        }
    }
    not_frozen(&pair)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut pair, PairAct::Pause { until, by }, "pair.pause")?;
    tell_both(&mut plan, &pair, MessageKind::PairPaused);
    store(&mut plan, view, pair, &view.steps);
    Ok(plan.reply(()))
}

/// Moves what is still to come by the time the pair stood still, a span that is over. What opened within
/// it moves by the rest only.
fn shift(
    plan: &mut Plan<'_>,
    pair: &mut Pair,
    steps: &[StepInstance],
    span: PauseSpan,
) -> Result<Vec<StepInstance>, Refusal> {
    let now = plan.cx().now;
    // A freeze is never refused for want of room: the oldest span is forgotten, its dates have moved.
    if pair.pauses.len() >= PAUSES_MAX {
        pair.pauses.remove(0);
    }
    pair.pauses.push(span);
    pair.last_activity_at = pair.last_activity_at.max(now);
    let moved = |at: Timestamp, stood_from: Timestamp| {
        let length = span.to.signed_duration_since(stood_from).max(TimeDelta::zero());
        at.checked_add_signed(length).unwrap_or(at)
    };
    let mut shifted = steps.to_vec();
    for step in &mut shifted {
        match &step.state {
            StepState::Locked { unlocks_at: Some(at) } => {
                let unlocks_at = moved(*at, span.from);
                step.state = step.state.next(StepAct::Shift { unlocks_at }, now)?;
                plan.put(Change::Step(step.clone()));
            }
            StepState::Open { since } if step.due_at.is_some() => {
                let stood_from = span.from.max(*since);
                step.due_at = step.due_at.map(|at| moved(at, stood_from));
                plan.put(Change::Step(step.clone()));
            }
            StepState::Locked { unlocks_at: None }
            | StepState::Open { .. }
            | StepState::Done { .. }
            | StepState::Skipped { .. } => {}
        }
    }
    Ok(shifted)
}

/// The pair goes on; its dates move by the length of the pause.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the two and the clock, [`Refusal::NotWritable`] while it is
/// frozen, a state error unless it is paused.
pub fn resume(view: &PairView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut pair = view.pair.clone();
    access::to_pair(cx.actor, &view.program, &pair, Action::PausePair)?;
    not_frozen(&pair)?;
    let mut plan = Plan::on(cx, view);
    resume_now(&mut plan, view, &mut pair)?;
    Ok(plan.reply(()))
}

/// Resumes within a larger decision; writes the pair.
pub(in crate::decide) fn resume_now(
    plan: &mut Plan<'_>,
    view: &PairView,
    pair: &mut Pair,
) -> Result<(), Refusal> {
    let since = match &pair.state {
        PairState::Paused { since, .. } => *since,
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => plan.cx().now,
    };
    advance(plan, pair, PairAct::Resume, "pair.resume")?;
    let now = plan.cx().now;
    let steps = shift(plan, pair, &view.steps, PauseSpan { from: since, to: now.max(since) })?;
    tell_both(plan, pair, MessageKind::PairResumed);
    store(plan, view, pair.clone(), &steps);
    Ok(())
}

/// The platform halts a pair by hand. Both are told only that the program has paused it.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but staff and the host; a state error if the pair is over, or held by
/// hand already.
pub fn freeze(view: &PairView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    access::to_pair(cx.actor, &view.program, &view.pair, Action::FreezePair)?;
    let mut plan = Plan::on(cx, view);
    freeze_now(&mut plan, &view.pair, Holder::Platform)?;
    Ok(plan.reply(()))
}

/// Freezes within a larger decision; writes the pair. Of one that is frozen already nobody is told anew.
pub(in crate::decide) fn freeze_now(
    plan: &mut Plan<'_>,
    pair: &Pair,
    by: Holder,
) -> Result<(), Refusal> {
    let mut pair = plan.as_put(pair);
    if matches!(pair.state, PairState::Frozen { .. }) {
        pair.state = pair.state.next(PairAct::Freeze { by }, plan.cx().now)?;
        plan.record(shared("pair.hold", &pair, by));
        plan.put(Change::Pair(pair));
        return Ok(());
    }
    advance(plan, &mut pair, PairAct::Freeze { by }, "pair.freeze")?;
    pair.due_at = None;
    // From the program, not between the two: this one does not wait for the end of the freeze.
    for side in Role::ALL {
        plan.say(
            Say::to_person(MessageKind::PairPausedByProgram, &pair.participant(*side).person)
                .program(pair.program)
                .pair(pair.id),
        );
    }
    plan.put(Change::Pair(pair));
    Ok(())
}

/// What holds a pair changes, by this holder, and that something does stays as it is.
fn shared(action: &'static str, pair: &Pair, by: Holder) -> Happened {
    Happened::in_pair(action, pair).among(pair.state.holders().chain([by])).private()
}

/// The platform lets go of a pair that it held by hand. Unless a case holds it as well it goes on, and its
/// dates move by the length of the freeze. A pair that was paused before is paused again, and so both are
/// told.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but staff and the host, a state error unless the pair is held by hand,
/// [`Refusal::NotEligible`] if it would go on while one of the two is not known to be an adult.
pub fn unfreeze(view: &PairView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    access::to_pair(cx.actor, &view.program, &view.pair, Action::FreezePair)?;
    let mut plan = Plan::on(cx, view);
    unfreeze_now(&mut plan, view, Holder::Platform)?;
    Ok(plan.reply(()))
}

/// The platform holds a frozen pair by hand from here on, in the place of `by`: it is for staff to see why it must
/// not go on yet, and for nobody else. Writes the pair.
pub(in crate::decide) fn hand_freeze_over(
    plan: &mut Plan<'_>,
    pair: &Pair,
    by: Holder,
) -> Result<(), Refusal> {
    let (mut pair, now) = (plan.as_put(pair), plan.cx().now);
    pair.state = pair.state.next(PairAct::Freeze { by: Holder::Platform }, now)?;
    pair.state = pair.state.next(PairAct::Unfreeze { by }, now)?;
    plan.record(Happened::in_pair("pair.hold", &pair).private());
    plan.say(Say::to_staff(MessageKind::HoldHandedOver).program(pair.program).pair(pair.id));
    plan.put(Change::Pair(pair));
    Ok(())
}

/// Lets go within a larger decision; writes the pair.
pub(in crate::decide) fn unfreeze_now(
    plan: &mut Plan<'_>,
    view: &PairView,
    by: Holder,
) -> Result<(), Refusal> {
    let (mut pair, now) = (plan.as_put(&view.pair), plan.cx().now);
    plan.rest_on(view);
    if matches!(pair.state.next(PairAct::Unfreeze { by }, now)?, PairState::Frozen { .. }) {
        pair.state = pair.state.next(PairAct::Unfreeze { by }, now)?;
        plan.record(shared("pair.release", &pair, by));
        plan.put(Change::Pair(pair));
        return Ok(());
    }
    let adult = |person: &Person| is_adult(person.adult_on, person.zone, now);
    if ![&view.mentor, &view.mentee].into_iter().all(adult) {
        return Err(Refusal::NotEligible);
    }
    let since = match &pair.state {
        PairState::Frozen { since, .. } => *since,
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => now,
    };
    // The versions of the two people are part of this decision: their age must hold as it lands.
    for person in [&view.mentor, &view.mentee] {
        plan.touch(Key::Person(person.id.clone()), person.version);
    }
    advance(plan, &mut pair, PairAct::Unfreeze { by }, "pair.unfreeze")?;
    pair.adults_at = now;
    let length = now.signed_duration_since(since).max(TimeDelta::zero());
    // Within a pause the freeze takes the pause's first part and the pause goes on from its end: the
    // spans together are the time the pair stood still, none of it twice.
    let (to, told) = match &pair.state {
        PairState::Paused { since, .. } => (*since, MessageKind::PairPaused),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => (now.max(since), MessageKind::PairResumed),
    };
    let from = to.checked_sub_signed(length).unwrap_or(to);
    let span = PauseSpan { from, to };
    let steps = shift(plan, &mut pair, &view.steps, span)?;
    tell_both(plan, &pair, told);
    store(plan, view, pair, &steps);
    Ok(())
}
