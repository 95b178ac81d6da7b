//! Ending and completing a pair. Never needs anybody's approval.

use serde::{Deserialize, Serialize};

use super::{complete_now, not_frozen, store};
use crate::{
    base::{
        input::{InputError, Problem},
        text::Note,
        time::plus_days,
    },
    change::Change,
    decide::{
        Cx, Decision, Plan, Refusal, access,
        plan::{Happened, Say},
        refusal::code,
    },
    model::{
        code::TransitionError,
        enrollment::Role,
        message::MessageKind,
        pair::{
            EndKind, EndedBy, Pair, PairAct, PairEnd, PairState, end::REASONS_OF_A_PARTICIPANT,
        },
        program::policy::KEPT_DAYS_LEAST,
    },
    policy::permission::{Action, Standing},
    view::PairView,
};

/// How a pair was brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concluded {
    /// Enough of the guide was done.
    Completed,
    /// They had what they wanted before; counts as success.
    GoalsMetEarly,
}

/// Ends a live pair and tells both in words that fit the reason; writes the pair.
///
/// The event is the same for every one-sided end whose author did not share the reason, so that an end
/// by a block cannot be told from any other (D2).
///
/// # Errors
/// A state error if the pair is over.
pub fn end_pair(plan: &mut Plan<'_>, mut pair: Pair, end: PairEnd) -> Result<(), Refusal> {
    pair = plan.as_put(&pair);
    let from = pair.state.code();
    let shown = end.shown_to_partner().map(|kind| code(kind.code()));
    pair.state = pair.state.next(PairAct::End { end }, plan.cx().now)?;
    // How long its program keeps what the two wrote is asked then.
    pair.due_at = Some(plus_days(plan.cx().now, KEPT_DAYS_LEAST.into()));
    let mut happened = Happened::in_pair("pair.end", &pair).states(Some(from), pair.state.code());
    if let Some(shown) = &shown {
        happened = happened.because(shown.clone());
    }
    plan.record(happened);
    for side in Role::ALL {
        plan.say(
            Say::to_person(MessageKind::PairEnded, &pair.participant(*side).person)
                .program(pair.program)
                .pair(pair.id)
                .code(shown.clone()),
        );
    }
    plan.say(Say::to_admins(MessageKind::PairEnded, pair.program).pair(pair.id).code(shown));
    plan.put(Change::Pair(pair));
    Ok(())
}

/// One of the two, or an admin, ends a pair.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else and for an admin whom a block keeps away, an input error for a
/// reason that is not theirs to give, a state error if the pair is over.
pub fn end(
    view: &PairView,
    kind: EndKind,
    note: Option<Note>,
    shared: bool,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let pair = view.pair.clone();
    let standing = access::to_pair(cx.actor, &view.program, &pair, Action::EndPair)?;
    access::not_about_self(cx.actor, [&pair.mentor.person, &pair.mentee.person])?;
    access::not_across_a_block(&view.with_actor)?;
    if !REASONS_OF_A_PARTICIPANT.contains(&kind) {
        return Err(InputError::new("kind", Problem::Unknown { what: "reason" }).into());
    }
    let by = match standing {
        Standing::Mentor => EndedBy::Side(Role::Mentor),
        Standing::Mentee => EndedBy::Side(Role::Mentee),
        Standing::Admin => EndedBy::Admin,
        Standing::Clock => EndedBy::Clock,
        Standing::Staff | Standing::Third | Standing::Host => EndedBy::Platform,
    };
    let mut plan = Plan::on(cx, view);
    end_pair(&mut plan, pair, PairEnd { kind, shared, note, by })?;
    Ok(plan.reply(()))
}

/// One of the two says that they are done. With enough steps behind them the pair is completed, else it
/// ends as "goals met early"; both are success (row 40).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, [`Refusal::NotWritable`] while the pair is frozen, a state error
/// if it is over, or paused in a program whose paused pairs do not write.
pub fn complete(view: &PairView, cx: Cx<'_>) -> Result<Decision<Concluded>, Refusal> {
    let mut pair = view.pair.clone();
    access::to_pair(cx.actor, &view.program, &pair, Action::WritePair)?;
    let side = cx.actor.as_person().and_then(|person| pair.side_of(person));
    let side = side.ok_or(Refusal::NotFound)?;
    not_frozen(&pair)?;
    let all = view.steps.len();
    let over = view.steps.iter().filter(|step| step.state.is_over()).count();
    // Rounded up: 75 % of 5 steps are 4.
    let needed = (all * usize::from(view.program.policy.complete_percent)).div_ceil(100);
    let takes_writing = match &pair.state {
        PairState::Paused { .. } => view.program.policy.write_while_paused,
        PairState::Introduced { .. } | PairState::Active { .. } => true,
        PairState::Frozen { .. } | PairState::Completed { .. } | PairState::Ended { .. } => false,
    };
    let mut plan = Plan::on(cx, view);
    match &pair.state {
        PairState::Active { .. } | PairState::Paused { .. } if takes_writing && over >= needed => {
            complete_now(&mut plan, &mut pair, Some(side))?;
            store(&mut plan, view, pair, &view.steps);
            Ok(plan.reply(Concluded::Completed))
        }
        PairState::Introduced { .. } | PairState::Active { .. } | PairState::Paused { .. }
            if takes_writing =>
        {
            let kind = EndKind::GoalsMetEarly;
            let by = EndedBy::Side(side);
            end_pair(&mut plan, pair, PairEnd { kind, shared: true, note: None, by })?;
            Ok(plan.reply(Concluded::GoalsMetEarly))
        }
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => {
            let from = pair.state.code();
            Err(TransitionError { record: "pair", from, act: "complete" }.into())
        }
    }
}
