//! What time does to a case: reviewers are reminded, what a group does not decide goes to the platform,
//! and what nobody can appeal against any more is closed.

use super::{advance, event, file::tell_reviewers, recusal::Reviewer, work::hand_over};
use crate::{
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, sweep::Swept},
    model::report::{CaseAct, CaseState},
    view::CaseView,
};

/// A case that is due.
///
/// # Errors
/// [`Refusal::NotFound`] if nothing is due.
pub fn time(view: &CaseView, admins: &[Reviewer], cx: Cx<'_>) -> Result<Decision<Swept>, Refusal> {
    let mut case = view.case.clone();
    if case.due_at().is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let swept = match &case.state {
        CaseState::Decided { .. } | CaseState::AppealDecided { .. } => {
            advance(&mut plan, &mut case, CaseAct::Close, "case.close")?;
            "case.close"
        }
        CaseState::Submitted { .. }
        | CaseState::Triaged { .. }
        | CaseState::InReview { .. }
        | CaseState::WaitingInfo { .. }
        | CaseState::Appealed { .. } => {
            if case.escalate_at().is_some_and(|at| at <= cx.now) {
                hand_over(&mut plan, &mut case, "case.escalate")?;
                "case.escalate"
            } else {
                for tie in admins.iter().flat_map(|admin| &admin.ties) {
                    plan.rest_on(tie);
                }
                case.reminded_at = Some(cx.now);
                plan.record(event("case.remind", &case));
                tell_reviewers(&mut plan, &case, admins, "case.due");
                "case.remind"
            }
        }
        CaseState::Closed { .. } => return Err(Refusal::NotFound),
    };
    plan.put(Change::from(case));
    Ok(plan.reply(swept))
}
