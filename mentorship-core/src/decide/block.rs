//! Blocks, and wishes for or against being matched. A block works at any time, silently, in both
//! directions, in the same write as what it ends.

use crate::{
    base::host::PersonId,
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access, former::meet_a_return, pair::end_pair, plan::Happened,
        proposal::fall::invalidate,
    },
    model::{
        pair::{EndKind, EndedBy, PairEnd},
        proposal::Invalidity,
        relation::Relation,
    },
    policy::permission::Action,
    view::RelationView,
};

fn own<'c>(view: &RelationView, cx: &'c Cx<'_>) -> Result<&'c PersonId, Refusal> {
    access::to_tenant(cx, Action::ManageOwnSafety)?;
    let person = cx.actor.as_person().ok_or(Refusal::NotFound)?;
    view.relation.stance(person).map(|_| person).ok_or(Refusal::NotFound)
}

fn happened(action: &'static str, relation: &Relation) -> Happened {
    // Private: a group admin never learns that a block exists.
    Happened::new(action, Key::Relation(relation.people.clone()))
        .about([relation.people.lo(), relation.people.hi()])
        .private()
}

/// The actor blocks the other of the two. Live pairs between them end and open proposals become
/// impossible in the same write, in every program of the tenant (D1, D2, D3). Blocking again changes
/// nothing.
///
/// # Errors
/// [`Refusal::NotFound`] for an actor who is no person of the two. Nothing else refuses a block; that
/// nobody blocks themselves is checked before there are two.
pub fn block(view: &RelationView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let person = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    block_now(&mut plan, view, person)?;
    Ok(plan.reply(()))
}

/// Blocks within a larger decision that rests on this view.
pub(in crate::decide) fn block_now(
    plan: &mut Plan<'_>,
    view: &RelationView,
    person: &PersonId,
) -> Result<(), Refusal> {
    let mut relation = view.relation.clone();
    if let Some(stance) = relation.stance_mut(person).filter(|stance| stance.blocked_at.is_none()) {
        stance.blocked_at = Some(plan.cx().now);
        // Lifting the block restores nothing (D8).
        stance.wishes_since = None;
        plan.record(happened("relation.block", &relation));
        plan.put(Change::Relation(relation));
        meet_a_return(plan, view);
    }
    for pair in &view.pairs {
        let Some(side) = pair.side_of(person) else { continue };
        let kind = EndKind::Blocked;
        let by = EndedBy::Side(side);
        end_pair(plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
    }
    for proposal in &view.proposals {
        invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
    }
    Ok(())
}

/// The actor lifts their block. It restores nothing; for a while the two cannot be proposed to each
/// other, and after that both are asked whatever the program says (D8). Lifting what does not stand
/// changes nothing.
///
/// # Errors
/// As [`block`].
pub fn lift(view: &RelationView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let person = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    let mut relation = view.relation.clone();
    if let Some(stance) = relation.stance_mut(person).filter(|stance| stance.blocked_at.is_some()) {
        stance.blocked_at = None;
        stance.lifted_at = Some(cx.now);
        plan.record(happened("relation.lift", &relation));
        plan.put(Change::Relation(relation));
    }
    Ok(plan.reply(()))
}

/// The actor wishes not to be matched with the other, or takes the wish back. Nothing ends by it.
///
/// # Errors
/// As [`block`].
pub fn avoid(view: &RelationView, wish: bool, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let person = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    let mut relation = view.relation.clone();
    if let Some(stance) =
        relation.stance_mut(person).filter(|stance| stance.avoids_since.is_some() != wish)
    {
        stance.avoids_since = wish.then_some(cx.now);
        if wish {
            stance.wishes_since = None;
        }
        let action = if wish { "relation.avoid" } else { "relation.stop_avoiding" };
        plan.record(happened(action, &relation));
        plan.put(Change::Relation(relation));
        meet_a_return(&mut plan, view);
    }
    Ok(plan.reply(()))
}

/// The actor wishes to be matched with the other, or takes the wish back (row 18). The wish takes the place of
/// one not to be, and is nothing where the actor blocks the other. The other never learns of it.
///
/// # Errors
/// As [`block`].
pub fn wish_for(view: &RelationView, wish: bool, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let person = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    let mut relation = view.relation.clone();
    let stance = relation.stance_mut(person);
    let stance = stance.filter(|it| it.wishes_since.is_some() != wish && it.blocked_at.is_none());
    if let Some(stance) = stance {
        stance.wishes_since = wish.then_some(cx.now);
        if wish {
            stance.avoids_since = None;
        }
        let action = if wish { "relation.wish" } else { "relation.stop_wishing" };
        plan.record(happened(action, &relation));
        plan.put(Change::Relation(relation));
    }
    Ok(plan.reply(()))
}
