//! Reading a case. That somebody read it is on record in the transaction that lets them.

use serde::{Deserialize, Serialize};

use super::{
    event,
    recusal::{reviewing, works},
};
use crate::{
    decide::{Cx, Decision, Plan, Refusal, access},
    model::report::{Case, Evidence},
    policy::permission::{Action, Standing},
    view::CaseView,
};

/// A case with its evidence, for a reviewer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFile {
    /// The case.
    pub case: Case,
    /// Its evidence, in order, as it was sealed.
    pub evidence: Vec<Evidence>,
    /// Whether the reviewer may do more than see it and hand it on.
    pub may_work: bool,
}

/// A reviewer reads a case with its evidence. Rests on the versions that were read: what is shown is what
/// stood there, and nothing recused the reader, when the event was stored.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for.
pub fn see(view: &CaseView, cx: Cx<'_>) -> Result<Decision<CaseFile>, Refusal> {
    let (standing, recusal, _) = reviewing(view, &cx)?;
    if standing == Standing::Staff {
        // What the two wrote staff reads nowhere else.
        access::in_case(cx.actor, &view.program, Action::ReadPair, true)?;
    }
    let mut plan = Plan::on(cx, view);
    plan.record(event("case.read", &view.case));
    Ok(plan.reply(CaseFile {
        case: view.case.clone(),
        evidence: view.evidence.clone(),
        may_work: works(&view.case, standing, recusal).is_ok(),
    }))
}
