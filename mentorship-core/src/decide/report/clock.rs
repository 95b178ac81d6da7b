//! What time does to a case: reviewers are reminded, what a group does not decide goes to the platform,
//! what nobody can appeal against any more is closed, and of what is closed the words go: those of people who
//! were erased at once, all of them when the case was kept long enough (D19, D21).

use super::{event, file::tell_reviewers, finish, kept_until, recusal::Reviewer, work::hand_over};
use crate::{
    base::time::Timestamp,
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, sweep::Swept},
    model::{
        message::MessageKind,
        report::{Case, CaseAct, CaseState, Party},
    },
    view::CaseView,
};

/// Whether nothing but a reminder is due for a case, and its group's admins are among those who get it: nobody has
/// to be asked who they are else.
#[must_use]
pub fn reminds_admins(case: &Case, now: Timestamp) -> bool {
    let escalates = case.escalate_at().is_some_and(|at| at <= now);
    case.state.is_queued() && case.tier.is_groups() && !escalates
}

/// A case that is due. `admins` are asked for only where [`reminds_admins`].
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
            let close = (CaseAct::Close, "case.close");
            finish(&mut plan, &mut case, &view.program, close)?;
            "case.close"
        }
        CaseState::Submitted { .. }
        | CaseState::Triaged { .. }
        | CaseState::InReview { .. }
        | CaseState::WaitingInfo { .. }
        | CaseState::Appealed { .. } => {
            if case.escalate_at().is_some_and(|at| at <= cx.now) {
                hand_over(&mut plan, &mut case, &view.program, "case.escalate")?;
                "case.escalate"
            } else {
                for tie in admins.iter().flat_map(|admin| &admin.ties) {
                    plan.rest_on(tie);
                }
                case.reminded_at = Some(cx.now);
                plan.record(event("case.remind", &case));
                tell_reviewers(&mut plan, &case, admins, MessageKind::CaseDue);
                "case.remind"
            }
        }
        CaseState::Closed { at } => {
            let until = kept_until(&view.program, *at);
            let_go(&mut plan, view, &mut case, until)
        }
    };
    plan.put(Change::from(case));
    Ok(plan.reply(swept))
}

/// Takes out of a closed case what it does not need any more. The seals stay as they are.
fn let_go(plan: &mut Plan<'_>, view: &CaseView, case: &mut Case, until: Timestamp) -> Swept {
    let over = until <= plan.cx().now;
    let going: Vec<Party> = if over {
        let all = case.parties().map(|(party, _)| party);
        all.filter(|party| !case.cleared.contains(party)).collect()
    } else {
        case.owed().collect()
    };
    case.keep_until = (!over).then_some(until);
    if going.is_empty() && !over {
        return "case.keep";
    }
    for item in &view.evidence {
        // What cannot be read has no author: it stays until nothing is kept.
        let author = item.read().ok().flatten().map(|exhibit| exhibit.author);
        let goes = over || author.is_some_and(|author| going.contains(&author));
        if goes && item.content.is_some() {
            case.removed.push(item.seq);
            plan.put(Change::ClearEvidence { case: case.id, seq: item.seq });
        }
    }
    case.cleared.extend(going);
    if over {
        if let Some(decision) = &mut case.decision {
            decision.reasons = None;
        }
        if let Some(ruling) = &mut case.appeal_decision {
            ruling.reasons = None;
        }
    }
    plan.record(event("case.clear", case).by_rule());
    "case.clear"
}
