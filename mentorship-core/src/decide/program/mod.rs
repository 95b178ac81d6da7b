//! The life of a program.

pub mod create;
pub mod lifecycle;

pub use self::{
    create::{CreateProgram, EditProgram, create, duplicate, edit, revise_form, revise_guide},
    lifecycle::{
        archive, close_enrollment, discard, give_notice, open, reopen_enrollment, resume,
        schedule_archive, settle, suspend, suspend_without_admin, wind_down,
    },
};
use crate::{
    change::Key,
    decide::{Plan, Refusal, plan::Happened},
    model::{
        guide::Guide,
        program::{Program, ProgramAct},
    },
};

/// Puts a program into its next state and records it.
pub(in crate::decide) fn advance(
    plan: &mut Plan<'_>,
    program: &mut Program,
    act: ProgramAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let happened = advanced(plan, program, act, action)?;
    plan.record(happened);
    Ok(())
}

/// The same for a caller who says why; what happened is to be recorded.
fn advanced(
    plan: &Plan<'_>,
    program: &mut Program,
    act: ProgramAct,
    action: &'static str,
) -> Result<Happened, Refusal> {
    let from = program.state.code();
    program.state = program.state.next(act, plan.cx().now)?;
    let happened = Happened::new(action, Key::Program(program.id)).in_program(program.id);
    let to = program.state.code();
    Ok(if to == from { happened } else { happened.states(Some(from), to) })
}

/// Whether pairs have a guide to walk, or the program says that they have none.
pub(super) fn guided(program: &Program, guide: &Guide) -> Result<(), Refusal> {
    if guide.steps.is_empty() && !program.policy.unguided {
        return Err(Refusal::NotReady { missing: "guide" });
    }
    Ok(())
}
