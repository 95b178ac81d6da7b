//! Runs over a program, on record.

use serde::{Deserialize, Serialize};

use super::{Cx, Decision, Plan, Refusal, access, plan::Happened};
use crate::{
    base::{
        id::{ProgramId, RunId},
        time::Timestamp,
    },
    change::{Change, Key},
    model::run::{Run, RunFigures, RunTerms},
    policy::permission::Action,
    view::ProgramView,
};

/// What a run rests on and how it came out, before it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solved {
    /// The instant of what it rests on.
    pub prepared_at: Timestamp,
    /// Digest of what it rests on.
    pub digest: [u8; 32],
    /// What was asked.
    pub terms: RunTerms,
    /// How it came out.
    pub figures: RunFigures,
}

/// A run that is on record, for the drafts that will name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OnRecord {
    /// The run.
    pub run: RunId,
    /// Its program.
    pub program: ProgramId,
}

/// That a run is staged, with what was asked, how it came out, and the digest of what it rests on (row 27). It
/// stands there, and in the audit log, before its first draft does.
///
/// # Errors
/// [`Refusal::NotFound`] for who may not.
pub fn record(
    view: &ProgramView,
    solved: Solved,
    cx: Cx<'_>,
) -> Result<Decision<OnRecord>, Refusal> {
    access::to_program(cx.actor, &view.program, Action::ManageProposals)?;
    let program = view.program.id;
    let Solved { prepared_at, digest, terms, figures } = solved;
    let run = Run {
        id: cx.new_id(),
        program,
        created_by: cx.actor.who().cloned().ok_or(Refusal::NotFound)?,
        created_at: cx.now,
        prepared_at,
        digest,
        terms,
        figures,
    };
    let mut plan = Plan::on(cx, view);
    let happened = Happened::new("run.stage", Key::Program(program)).in_program(program);
    plan.record(happened.because(run.name()));
    let reply = OnRecord { run: run.id, program };
    plan.put(Change::Run(Box::new(run)));
    Ok(plan.reply(reply))
}
