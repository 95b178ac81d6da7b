//! What time does to a case: reviewers are reminded, what a group does not decide goes to the platform,
//! what nobody can appeal against any more is closed, and of what is closed the words go: those of people who
//! were erased at once, all of them when the case was kept long enough (D19, D21).

use super::{
    event,
    file::{anybody_decides, tell_admins, tell_staff},
    finish, kept_until,
    recusal::Reviewer,
    work::hand_over,
};
use crate::{
    base::time::Timestamp,
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, sweep::Swept},
    model::{
        message::MessageKind,
        program::Program,
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

/// Whether staff is among those who get a reminder that is due, and has not got it yet. They wait for nobody to say
/// who the admins are.
#[must_use]
pub fn reminds_staff(case: &Case) -> bool {
    case.tier.is_platforms() && case.staff_reminded_at.is_none()
}

/// What is done where staff was reminded and the admins are still to be, since nobody said who they are.
pub const REMIND_STAFF: Swept = "case.remind_staff";

/// Whoever reviews a case is reminded of it. Where nobody says who the admins are, staff is, once, and the case stays
/// due for the others: a reminder that is sent to none of them would be the last one. Where no admin could decide it
/// any more, since they have left or something recuses them, it is the platform's at once, as when it is filed (D12).
fn remind(
    plan: &mut Plan<'_>,
    case: &mut Case,
    program: &Program,
    admins: Option<&[Reviewer]>,
) -> Result<Swept, Refusal> {
    let (now, kind) = (plan.cx().now, MessageKind::CaseDue);
    let staff = reminds_staff(case);
    let Some(admins) = admins else {
        if !staff {
            return Err(Refusal::NotFound);
        }
        case.staff_reminded_at = Some(now);
        plan.record(event(REMIND_STAFF, case));
        tell_staff(plan, case, kind);
        return Ok(REMIND_STAFF);
    };
    for tie in admins.iter().flat_map(|admin| &admin.ties) {
        plan.rest_on(tie);
    }
    if case.tier.is_groups() && !anybody_decides(case, admins, now) {
        hand_over(plan, case, program, "case.escalate")?;
        return Ok("case.escalate");
    }
    (case.reminded_at, case.staff_reminded_at) = (Some(now), None);
    plan.record(event("case.remind", case));
    if staff {
        tell_staff(plan, case, kind);
    }
    tell_admins(plan, case, admins, kind);
    Ok("case.remind")
}

/// A case that is due. `admins` are asked for only where [`reminds_admins`]; `None` if nobody says who they are.
///
/// # Errors
/// [`Refusal::NotFound`] if nothing is due, or nothing that can be done without them.
pub fn time(
    view: &CaseView,
    admins: Option<&[Reviewer]>,
    cx: Cx<'_>,
) -> Result<Decision<Swept>, Refusal> {
    let mut case = view.case.clone();
    if case.due_at().is_none_or(|at| at > cx.now) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let swept = match &case.state {
        CaseState::Decided { .. } | CaseState::AppealDecided { .. } => {
            let close = (CaseAct::Close, "case.close");
            finish(&mut plan, view, &mut case, close)?;
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
                remind(&mut plan, &mut case, &view.program, admins)?
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
