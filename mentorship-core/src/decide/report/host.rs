//! Cases that the library files by a word of the host's: nobody has reported them, and the platform alone
//! reviews them.

use super::{event, file::tell_reviewers};
use crate::{
    base::{host::PersonId, id::CaseId},
    change::Change,
    decide::{Plan, refusal::code},
    model::{
        message::MessageKind,
        program::Program,
        report::{Case, Interim, InterimMeasure, Priority},
    },
};

/// The category of what somebody is found to be who is not known to be an adult (D23).
const SUSPECTED_MINOR: &str = "suspected_minor";

/// Files the case in which it is looked at whether somebody is an adult, with all that it holds meanwhile.
pub(in crate::decide) fn open_on_age(
    plan: &mut Plan<'_>,
    id: CaseId,
    (program, subject): (&Program, &PersonId),
    held: Vec<InterimMeasure>,
) {
    let now = plan.cx().now;
    let held = held.into_iter();
    let interim =
        held.map(|measure| Interim { measure, by: None, since: now, lifted_at: None }).collect();
    let program = (program.id, &program.policy.case_hours);
    let what = (code(SUSPECTED_MINOR), Priority::P0);
    let case = Case { interim, ..Case::filed(id, program, subject.clone(), what, now) };
    plan.record(event("case.open", &case).states(None, case.state.code()));
    tell_reviewers(plan, &case, &[], MessageKind::CaseFiled);
    plan.put(Change::from(case));
}
