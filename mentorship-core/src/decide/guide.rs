//! Walking the guide: finish, skip and reopen steps.

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        id::PairId,
        text::Slug,
        time::{Timestamp, plus_days},
        zone::add_civil_days,
    },
    change::Change,
    decide::{
        Cx, Decision, Plan, Refusal,
        pair::{complete_now, store, writing},
        plan::{Happened, Say},
    },
    model::{
        code::TransitionError,
        enrollment::Role,
        guide::{DoneBy, Guide, Step, StepAct, StepInstance, StepState, Unlock},
        message::MessageKind,
        pair::Pair,
    },
    view::PairView,
};

/// What finishing or skipping a step led to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepOutcome {
    /// Code of the step's state now.
    pub state: Slug,
    /// Whether the pair is completed by it.
    pub completed: bool,
}

/// The steps of a new pair that starts at `starts`, seen at `now`.
#[must_use]
pub fn first_steps(
    pair: PairId,
    guide: &Guide,
    zone: chrono_tz::Tz,
    starts: Timestamp,
    now: Timestamp,
) -> Vec<StepInstance> {
    let mut position = 0_u16;
    let mut steps = Vec::with_capacity(guide.steps.len());
    for step in &guide.steps {
        let opens = match step.unlock {
            Unlock::AtStart => Some(starts),
            Unlock::AfterDays { days } => Some(add_civil_days(zone, starts, days.into())),
            // The first step has nothing before it.
            Unlock::AfterPrevious => (position == 0).then_some(starts),
        };
        let state = match opens {
            Some(at) if at <= now => StepState::Open { since: now },
            unlocks_at => StepState::Locked { unlocks_at },
        };
        let due_at = match (&state, step.due_days) {
            (StepState::Open { .. }, Some(days)) => Some(plus_days(now, days.into())),
            _ => None,
        };
        steps.push(StepInstance {
            pair,
            key: step.key.clone(),
            position,
            state,
            due_at,
            mentor_done_at: None,
            mentee_done_at: None,
        });
        position = position.saturating_add(1);
    }
    steps
}

/// Puts a step into its next state and records it.
pub(super) fn advance(
    plan: &mut Plan<'_>,
    pair: &Pair,
    step: &mut StepInstance,
    act: StepAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let from = step.state.code();
    step.state = step.state.next(act, plan.cx().now)?;
    if step.state.code() != from {
        plan.record(
            Happened::in_pair(action, pair)
                .because(step.key.clone())
                .states(Some(from), step.state.code()),
        );
    }
    Ok(())
}

/// Opens a step, with its due date.
pub(super) fn open_step(
    plan: &mut Plan<'_>,
    pair: &Pair,
    step: &mut StepInstance,
    guide: &Guide,
) -> Result<(), Refusal> {
    let now = plan.cx().now;
    advance(plan, pair, step, StepAct::Unlock, "step.unlock")?;
    let due_days = guide.step(&step.key).and_then(|step| step.due_days);
    step.due_at = due_days.map(|days| plus_days(now, days.into()));
    for side in Role::ALL {
        plan.say(
            Say::to_person(MessageKind::StepUnlocked, &pair.participant(*side).person)
                .between(pair.people())
                .program(pair.program)
                .pair(pair.id)
                .step(step.key.clone()),
        );
    }
    Ok(())
}

/// Opens the steps that waited for the one before them, and gives back which changed.
fn open_followers(
    plan: &mut Plan<'_>,
    pair: &Pair,
    steps: &mut [StepInstance],
    guide: &Guide,
) -> Result<(), Refusal> {
    let mut before_over = true;
    for step in steps {
        let waits = matches!(step.state, StepState::Locked { unlocks_at: None });
        if waits && before_over {
            open_step(plan, pair, step, guide)?;
            plan.put(Change::Step(step.clone()));
        }
        before_over = step.state.is_over();
    }
    Ok(())
}

struct OnStep<'a> {
    plan: Plan<'a>,
    pair: Pair,
    steps: Vec<StepInstance>,
    index: usize,
    side: Role,
}

fn on_step<'a>(view: &PairView, key: &Slug, cx: Cx<'a>) -> Result<OnStep<'a>, Refusal> {
    let (plan, pair, side) = writing(view, cx)?;
    let steps = view.steps.clone();
    let index = steps.iter().position(|step| step.key == *key).ok_or(Refusal::NotFound)?;
    Ok(OnStep { plan, pair, steps, index, side })
}

fn guide_step<'v>(view: &'v PairView, key: &Slug) -> Result<&'v Step, Refusal> {
    view.guide.step(key).ok_or(Refusal::NotFound)
}

fn conclude(
    on: OnStep<'_>,
    view: &PairView,
    step: StepInstance,
) -> Result<Decision<StepOutcome>, Refusal> {
    let OnStep { mut plan, mut pair, mut steps, index, .. } = on;
    let state = step.state.code();
    if let Some(slot) = steps.get_mut(index) {
        *slot = step.clone();
    }
    let over = step.state.is_over();
    plan.put(Change::Step(step));
    let mut completed = false;
    if over {
        open_followers(&mut plan, &pair, &mut steps, &view.guide)?;
        if steps.iter().all(|step| step.state.is_over()) {
            complete_now(&mut plan, &mut pair, None)?;
            completed = true;
        }
    }
    store(&mut plan, view, pair, &steps);
    Ok(plan.reply(StepOutcome { state: crate::decide::refusal::code(state), completed }))
}

/// One side calls a step done. It is done once everybody whom the guide names has said so; a date or
/// the step before may open the next one, and the last one completes the pair.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the two or for an unknown step, [`Refusal::NotWritable`] in a
/// pair that takes no writing, a state error for a step that is not open or that is the other's to
/// finish.
pub fn finish(view: &PairView, key: &Slug, cx: Cx<'_>) -> Result<Decision<StepOutcome>, Refusal> {
    let mut on = on_step(view, key, cx)?;
    let done_by = guide_step(view, key)?.done_by;
    let mut step = on.steps.get(on.index).cloned().ok_or(Refusal::NotFound)?;
    let mine = match on.side {
        Role::Mentor => matches!(done_by, DoneBy::Either | DoneBy::Both | DoneBy::Mentor),
        Role::Mentee => matches!(done_by, DoneBy::Either | DoneBy::Both | DoneBy::Mentee),
    };
    if !mine || !matches!(step.state, StepState::Open { .. }) {
        let from = step.state.code();
        return Err(TransitionError { record: "step", from, act: "finish" }.into());
    }
    match on.side {
        Role::Mentor => step.mentor_done_at = step.mentor_done_at.or(Some(cx.now)),
        Role::Mentee => step.mentee_done_at = step.mentee_done_at.or(Some(cx.now)),
    }
    let done =
        done_by != DoneBy::Both || (step.mentor_done_at.is_some() && step.mentee_done_at.is_some());
    if done {
        let pair = on.pair.clone();
        advance(&mut on.plan, &pair, &mut step, StepAct::Finish, "step.finish")?;
    } else {
        on.plan.record(Happened::in_pair("step.half_finish", &on.pair).because(step.key.clone()));
    }
    conclude(on, view, step)
}

/// One side leaves a step out.
///
/// # Errors
/// As [`finish`].
pub fn skip(view: &PairView, key: &Slug, cx: Cx<'_>) -> Result<Decision<StepOutcome>, Refusal> {
    let mut on = on_step(view, key, cx)?;
    let mut step = on.steps.get(on.index).cloned().ok_or(Refusal::NotFound)?;
    let (pair, by) = (on.pair.clone(), on.side);
    advance(&mut on.plan, &pair, &mut step, StepAct::Skip { by }, "step.skip")?;
    conclude(on, view, step)
}

/// One side opens a finished or skipped step again. Steps after it stay as they are.
///
/// # Errors
/// As [`finish`].
pub fn reopen(view: &PairView, key: &Slug, cx: Cx<'_>) -> Result<Decision<StepOutcome>, Refusal> {
    let mut on = on_step(view, key, cx)?;
    let mut step = on.steps.get(on.index).cloned().ok_or(Refusal::NotFound)?;
    let pair = on.pair.clone();
    advance(&mut on.plan, &pair, &mut step, StepAct::Reopen, "step.reopen")?;
    step.mentor_done_at = None;
    step.mentee_done_at = None;
    let due_days = guide_step(view, key)?.due_days;
    step.due_at = due_days.map(|days| plus_days(cx.now, days.into()));
    conclude(on, view, step)
}
