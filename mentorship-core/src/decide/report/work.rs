//! Working a case, from the first look to the question to the reporter.

use serde::{Deserialize, Serialize};

use super::{
    advance,
    file::{WITNESSES_MAX, anybody_decides, tell_reviewers},
    is_reporter,
    recusal::{Recusal, Reviewer, assigned, recusal, reviewing, working},
};
use crate::{
    base::{
        id::CaseId,
        input::{InputError, Problem, at_most},
        text::{Body, Note, Slug},
        time::Timestamp,
    },
    change::Change,
    decide::{Cx, Decision, Plan, Refusal, access, plan::Say, refusal::code},
    model::{
        message::MessageKind,
        program::Program,
        report::{
            Case, CaseAct, Decision as Decided, Item, Occasion, Outcome, Party, Priority, Tier,
        },
    },
    policy::permission::{Action, Standing},
    view::CaseView,
};

/// What came of a look at a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Triaged {
    /// The case.
    pub case: CaseId,
    /// How urgent it is now.
    pub priority: Priority,
    /// Whether it became so urgent only now.
    pub raised: bool,
}

/// Its reviewers have all their time from here on.
pub(super) fn begin_anew(case: &mut Case, program: &Program, now: Timestamp) {
    case.theirs_since = now;
    (case.triage_by, case.decide_by) = program.policy.case_hours.after(case.priority, now);
    (case.reminded_at, case.staff_reminded_at) = (None, None);
}

/// Hands a case to the platform, one way (D12). Its time begins anew there.
pub(super) fn hand_over(
    plan: &mut Plan<'_>,
    case: &mut Case,
    program: &Program,
    action: &'static str,
) -> Result<(), Refusal> {
    advance(plan, case, CaseAct::Escalate, action)?;
    case.tier = Tier::Platform;
    begin_anew(case, program, plan.cx().now);
    let priority = Some(code(case.priority.code()));
    plan.say(
        Say::to_staff(MessageKind::CaseEscalated)
            .program(case.program)
            .case(case.id)
            .code(priority),
    );
    Ok(())
}

/// A reviewer says what a case is about and how urgent it is. What turns out urgent goes to the platform.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for an admin who
/// made the match, [`Refusal::NotAssigned`] for staff before the case is theirs, an input error for a
/// category that nobody knows, a state error once it waits or is decided.
pub fn triage(
    view: &CaseView,
    (category, priority, known): (&Slug, Priority, bool),
    cx: Cx<'_>,
) -> Result<Decision<Triaged>, Refusal> {
    working(view, &cx)?;
    if !known {
        return Err(InputError::new("category", Problem::Unknown { what: "category" }).into());
    }
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut case, CaseAct::Triage, "case.triage")?;
    case.category = category.clone();
    if case.priority != priority {
        let hours = &view.program.policy.case_hours;
        (case.triage_by, case.decide_by) = hours.after(priority, case.theirs_since);
        (case.reminded_at, case.staff_reminded_at) = (None, None);
    }
    let raised = priority < case.priority;
    case.priority = priority;
    if priority.is_urgent() && case.tier.is_groups() {
        hand_over(&mut plan, &mut case, &view.program, "case.escalate")?;
    }
    let reply = Triaged { case: case.id, priority, raised };
    plan.put(Change::from(case));
    Ok(plan.reply(reply))
}

/// A reviewer takes a case, from the queue or from another reviewer. A question to the reporter that is
/// still open is dropped by it: nobody has to wait for an answer.
///
/// # Errors
/// As [`triage`], but that it may wait for an answer.
pub fn assign(view: &CaseView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (_, to) = working(view, &cx)?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut case, CaseAct::Assign { to }, "case.assign")?;
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// An admin hands a case to the platform, or the platform takes it over. One way.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, a state error if it is decided. Of a case that
/// is the platform's already nothing changes.
pub fn escalate(view: &CaseView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (standing, _, _) = reviewing(view, &cx)?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    if case.tier != Tier::Platform {
        let taken = standing == Standing::Staff;
        let action = if taken { "case.take_over" } else { "case.escalate" };
        hand_over(&mut plan, &mut case, &view.program, action)?;
        plan.put(Change::from(case));
    }
    Ok(plan.reply(()))
}

/// Whoever works a case asks the reporter. The subject is never asked: they would learn of the report.
///
/// # Errors
/// As [`triage`], [`Refusal::NotAssigned`] for a reviewer who does not work it, and an input error for a case
/// that nobody has reported.
pub fn ask_info(view: &CaseView, question: Note, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    assigned(view, &cx)?;
    let mut case = view.case.clone();
    let rule = "somebody has reported it";
    let nobody = || InputError::new("case", Problem::Conflict { rule });
    let reporter = case.reporter.clone().ok_or_else(nobody)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut case, CaseAct::Ask { question }, "case.ask")?;
    plan.say(
        Say::to_person(MessageKind::CaseInfoAsked, &reporter).program(case.program).case(case.id),
    );
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// Who might be told of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answering {
    /// Whoever works the case, with what stands between them and the two by now.
    pub assignee: Option<Reviewer>,
    /// The admins of its group; only if [`is_recused`] says so of the assignee.
    pub admins: Vec<Reviewer>,
}

/// Whether whoever works a case has become part of it (D13): for them there is none any more. Who works it for the
/// platform is staff.
#[must_use]
pub fn is_recused(case: &Case, assignee: &Reviewer, now: Timestamp) -> bool {
    recusal(case, assignee, case.tier == Tier::Platform, now) == Recusal::Full
}

/// The reporter answers; the answer is sealed with the rest. If something recuses whoever asked by now, they are
/// not told, and the case waits for another reviewer: of the platform, if no admin is left who could decide.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error unless something was asked.
pub fn answer(
    view: &CaseView,
    (text, who): (Body, &Answering),
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::ViewOwnCases)?;
    let mut case = view.case.clone();
    if !is_reporter(&case, &cx) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    for tie in who.assignee.iter().chain(&who.admins).flat_map(|it| &it.ties) {
        plan.rest_on(tie);
    }
    let recused = who.assignee.as_ref().is_some_and(|it| is_recused(&case, it, cx.now));
    let act = if recused { CaseAct::AnswerNobody } else { CaseAct::Answer };
    advance(&mut plan, &mut case, act, "case.answer")?;
    let words = Item::Words { on: Occasion::Answer, text: Some(text) };
    plan.put(Change::Evidence(case.seal(
        Party::Reporter,
        false,
        words,
        (cx.now, cx.ids.random()),
    )?));
    if let Some(assignee) = case.state.assignee() {
        plan.say(
            Say::to_person(MessageKind::CaseAnswered, assignee).program(case.program).case(case.id),
        );
    }
    if recused {
        if case.tier.is_groups() && !anybody_decides(&case, &who.admins, cx.now) {
            hand_over(&mut plan, &mut case, &view.program, "case.escalate")?;
        }
        tell_reviewers(&mut plan, &case, &who.admins, MessageKind::CaseAnswered);
    }
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// A reviewer finds that a case is the same as another one about the same person. Its reporter is told so,
/// and later what came of the other; they become a witness there, and so does everybody whose report was
/// found to be the same before.
///
/// # Errors
/// As [`triage`], for either case; an input error unless the other one is another, about the same person,
/// not decided yet and at least as urgent, for more witnesses than a case has, and while an interim measure of
/// the case that goes holds.
pub fn merge(view: &CaseView, other: &CaseView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    // First whether both are there for them: one that is hidden is answered as one that is not there, whatever else
    // stands in the way (I9).
    reviewing(view, &cx)?;
    reviewing(other, &cx)?;
    let (_, by) = assigned(view, &cx)?;
    working(other, &cx)?;
    let (mut case, mut same) = (view.case.clone(), other.case.clone());
    if case.id == same.id || case.subject != same.subject || !same.state.is_open() {
        let rule = "the other case is another one about the same person, not decided yet";
        return Err(InputError::new("of", Problem::Conflict { rule }).into());
    }
    if case.priority < same.priority {
        let rule = "a case is not merged into a less urgent one";
        return Err(InputError::new("of", Problem::Conflict { rule }).into());
    }
    if case.in_force().next().is_some() {
        let rule = "what a case holds is lifted, and held by the other one if need be, before it is merged";
        return Err(InputError::new("interim", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    plan.rest_on(other);
    let appeal_until = super::appeal_until(cx.now);
    advance(&mut plan, &mut case, CaseAct::Merge { appeal_until }, "case.merge")?;
    case.decision = Some(Decided {
        outcome: Outcome::Duplicate,
        measures: Vec::new(),
        reasons: None,
        duplicate_of: Some(same.id),
        by,
        at: cx.now,
    });
    let mut joined = false;
    for person in case.reporter.iter().chain(&case.followers) {
        if Some(person) == same.reporter.as_ref() || same.followers.contains(person) {
            continue;
        }
        if !same.witnesses.contains(person) {
            at_most("witnesses", same.witnesses.len() + 1, WITNESSES_MAX, "witnesses")?;
            same.witnesses.push(person.clone());
        }
        same.followers.push(person.clone());
        joined = true;
    }
    if joined {
        plan.record(super::event("case.join", &same));
        plan.put(Change::from(same));
    }
    super::tell_reporters(&mut plan, &case, MessageKind::CaseDecided, Outcome::Duplicate.code());
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}
