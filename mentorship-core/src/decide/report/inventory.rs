//! Telling the root of an inventory of all evidence.

use crate::{
    base::text::Slug,
    decide::{Cx, Decision, Plan, plan::Say},
    model::message::MessageKind,
};

/// Says to staff that an inventory was taken, with its root as a code. Changes no record.
pub fn inventory(root: Slug, cx: Cx<'_>) -> Decision<()> {
    let mut plan = Plan::bare(cx);
    plan.say(Say::to_staff(MessageKind::EvidenceInventory).code(Some(root)));
    plan.reply(())
}
