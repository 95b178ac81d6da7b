//! Runs over a program, on record.

use super::{Cx, Decision, Plan, Refusal, access, plan::Happened};
use crate::{base::text::Slug, change::Key, policy::permission::Action, view::ProgramView};

/// That a run is staged, with the digest of what it rests on (row 27). It stands in the audit log before its
/// first draft does.
///
/// # Errors
/// [`Refusal::NotFound`] for who may not.
pub fn record(view: &ProgramView, digest: Slug, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProposals)?;
    let program = view.program.id;
    let mut plan = Plan::on(cx, view);
    let happened = Happened::new("run.stage", Key::Program(program)).in_program(program);
    plan.record(happened.because(digest));
    Ok(plan.reply(()))
}
