//! The life of a pair after its introduction.

pub mod ending;
pub mod halt;

pub use self::{
    ending::{Concluded, complete, end, end_pair},
    halt::{freeze, pause, resume, unfreeze},
};
use crate::{
    change::Change,
    decide::{
        Cx, Plan, Refusal, access,
        due::pair_due_at,
        plan::{Happened, Say},
    },
    model::{
        enrollment::Role,
        guide::StepInstance,
        message::MessageKind,
        pair::{Pair, PairAct, PairState},
    },
    policy::permission::Action,
    view::PairView,
};

/// Puts a pair into its next state and records it.
pub(super) fn advance(
    plan: &mut Plan<'_>,
    pair: &mut Pair,
    act: PairAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let was_paused = matches!(pair.state, PairState::Paused { .. });
    let from = pair.state.code();
    pair.state = pair.state.next(act, plan.cx().now)?;
    let happened = Happened::in_pair(action, pair).states(Some(from), pair.state.code());
    // To everybody but staff a frozen pair is a paused one: that it was paused before and after they read once.
    let hidden = match &pair.state {
        PairState::Frozen { .. } => was_paused,
        PairState::Paused { .. } => from == "frozen",
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => false,
    };
    plan.record(if hidden { happened.private() } else { happened });
    Ok(())
}

/// What every act of one of the two begins with: they are one of the two, the pair takes writing, and
/// the first act of either starts it.
pub(super) fn writing<'a>(view: &PairView, cx: Cx<'a>) -> Result<(Plan<'a>, Pair, Role), Refusal> {
    let mut pair = view.pair.clone();
    access::to_pair(cx.actor, &view.program, &pair, Action::WritePair)?;
    let side = cx.actor.as_person().and_then(|person| pair.side_of(person));
    let side = side.ok_or(Refusal::NotFound)?;
    let mut plan = Plan::on(cx, view);
    match &pair.state {
        PairState::Introduced { .. } => {
            advance(&mut plan, &mut pair, PairAct::Start, "pair.start")?;
        }
        PairState::Active { .. } => {}
        PairState::Paused { .. } if view.program.policy.write_while_paused => {}
        PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => return Err(Refusal::NotWritable),
    }
    // A clock that jumps back must not make the pair look idle for longer than it was.
    pair.last_activity_at = pair.last_activity_at.max(cx.now);
    Ok((plan, pair, side))
}

/// To the two a freeze reads as a pause by the program, so that no answer of theirs names it (D14).
pub(super) fn not_frozen(pair: &Pair) -> Result<(), Refusal> {
    match &pair.state {
        PairState::Frozen { .. } => Err(Refusal::NotWritable),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => Ok(()),
    }
}

/// Writes the pair with the next instant at which time changes it, and with the oversight under which
/// this was done: what is written while a program reads less is never read by widening it again (D33).
pub(super) fn store(plan: &mut Plan<'_>, view: &PairView, mut pair: Pair, steps: &[StepInstance]) {
    pair.due_at = pair_due_at(&pair, steps, &view.program, &view.mentor, &view.mentee);
    pair.oversight = pair.oversight_in(&view.program);
    plan.put(Change::Pair(pair));
}

/// The pair has reached its end.
pub(super) fn complete_now(
    plan: &mut Plan<'_>,
    pair: &mut Pair,
    by: Option<Role>,
) -> Result<(), Refusal> {
    advance(plan, pair, PairAct::Complete { by }, "pair.complete")?;
    for side in Role::ALL {
        plan.say(
            Say::to_person(MessageKind::PairCompleted, &pair.participant(*side).person)
                .between(pair.people())
                .program(pair.program)
                .pair(pair.id),
        );
    }
    plan.say(Say::to_admins(MessageKind::PairCompleted, pair.program).pair(pair.id));
    Ok(())
}
