//! Reports: filing them, working them, deciding them, and what time does to them.
//!
//! Every event of a case is private: a group admin's log holds none, so that whoever is recused cannot
//! tell a case from none (D12, I9).

mod background;
pub mod clock;
pub mod file;
pub(in crate::decide) mod host;
pub mod interim;
mod inventory;
pub mod recusal;
pub mod seen;
pub mod verdict;
pub mod work;

use chrono::Months;

pub use self::{
    background::{CaseBackground, CasePair, CasePlace, background, is_about_pair, is_about_place},
    clock::{REMIND_STAFF, reminds_admins, reminds_staff, time},
    file::{AROUND, Filed, FilingFacts, ReportAsk, file},
    interim::{lift_interim, take_interim},
    inventory::inventory,
    recusal::{
        Reason, Recusal, Reviewer, TABLE as RECUSALS, is_hidden_from_staff, kept_apart, partners,
        recusal, review, works,
    },
    seen::{CaseFile, see},
    verdict::{appeal, appellant, close, decide, programs_of, rule, told, withdraw},
    work::{Answering, Triaged, answer, ask_info, assign, escalate, is_recused, merge, triage},
};
use super::{
    Cx, Plan, Refusal,
    plan::{Happened, Say},
    refusal::code,
};
use crate::{
    base::time::{Timestamp, plus_days},
    change::{Change, Key},
    model::{
        message::MessageKind,
        program::Program,
        report::{APPEAL_MONTHS, Case, CaseAct, Party},
    },
    view::CaseView,
};

/// `action` happened to a case.
fn event(action: &'static str, case: &Case) -> Happened {
    Happened::new(action, Key::Case(case.id)).in_program(case.program).about(case.two()).private()
}

/// What a case does outside of itself is recorded as by nobody, since somebody recused reads that too (I9).
fn step_out(plan: &mut Plan<'_>, case: &Case) {
    plan.sign(false);
    plan.act_for(Some(case.id));
}

fn step_back(plan: &mut Plan<'_>) {
    plan.sign(true);
    plan.act_for(None);
}

/// Whether whoever acts has reported it.
fn is_reporter(case: &Case, cx: &Cx<'_>) -> bool {
    let person = cx.actor.as_person();
    person.is_some_and(|person| case.party(person) == Some(Party::Reporter))
}

/// Puts a case into its next state and records it.
fn advance(
    plan: &mut Plan<'_>,
    case: &mut Case,
    act: CaseAct,
    action: &'static str,
) -> Result<(), Refusal> {
    let from = case.state.code();
    case.state = case.state.next(act, plan.cx().now)?;
    plan.record(event(action, case).states(Some(from), case.state.code()));
    Ok(())
}

/// Tells whoever has reported it, in this case or in one that was found to be the same.
fn tell_reporters(plan: &mut Plan<'_>, case: &Case, kind: MessageKind, told: &'static str) {
    for person in case.reporter.iter().chain(&case.followers) {
        let about = Say::to_person(kind, person).program(case.program);
        // A follower's own case is another one.
        let own = case.reporter.as_ref() == Some(person);
        let own = if own { about.case(case.id) } else { about };
        plan.say(own.code(Some(code(told))));
    }
}

/// What is over by `act` is kept as long as its program says (D21). What was edited or removed in its pair meanwhile
/// is kept no longer, unless another case about the pair goes on (D19).
fn finish(
    plan: &mut Plan<'_>,
    view: &CaseView,
    case: &mut Case,
    (act, action): (CaseAct, &'static str),
) -> Result<(), Refusal> {
    advance(plan, case, act, action)?;
    case.keep_until = Some(kept_until(&view.program, plan.cx().now));
    let Some(reach) = case.pair.and_then(|pair| interim::inside(view, pair)) else { return Ok(()) };
    let mut pair = plan.as_put(&reach.pair.pair);
    if pair.kept_for.remove(&case.id) {
        if !pair.keeps_texts() {
            plan.put(Change::ReleaseTexts { pair: pair.id });
        }
        plan.put(Change::Pair(pair));
    }
    Ok(())
}

/// Until when a case that was closed `at` this instant is kept.
fn kept_until(program: &Program, at: Timestamp) -> Timestamp {
    plus_days(at, program.policy.case_days.into())
}

fn appeal_until(now: Timestamp) -> Timestamp {
    now.checked_add_months(Months::new(APPEAL_MONTHS)).unwrap_or(Timestamp::MAX_UTC)
}
