//! Deciding a case, appeals, and the end of it.

use std::collections::BTreeSet;

use super::{
    advance, appeal_until, event,
    file::{anybody_decides, tell_reviewers},
    finish,
    interim::{Gone, is_about, let_go, remove_content, store_subject},
    is_reporter,
    recusal::{Reviewer, assigned, has_decided, reviewing, working},
    step_back, step_out, tell_reporters,
    work::{begin_anew, hand_over},
};
use crate::{
    base::{
        id::ProgramId,
        input::{InputError, Problem, at_most},
        text::Body,
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access, enrollment,
        pair::end_pair,
        plan::{Happened, Say},
        proposal::fall::invalidate,
        refusal::code,
        restriction::checked_until,
    },
    model::{
        enrollment::EnrollmentAct,
        message::MessageKind,
        pair::{EndKind, EndedBy, PairEnd},
        person::Person,
        proposal::Invalidity,
        report::{
            Appeal, AppealDecision, Case, CaseAct, CaseState, Decision as Decided, Item, Measure,
            Occasion, Outcome, Party, Reasons, Ruling, Verdict,
        },
        restriction::{BANS_MAX, Ban, BanScope},
    },
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    view::{CaseView, PersonView},
};

/// What the reporter is told: that something was done, never what.
#[must_use]
pub fn told(outcome: Outcome) -> Outcome {
    match outcome {
        Outcome::Actioned => Outcome::Actioned,
        Outcome::NoAction | Outcome::Unfounded => Outcome::NoAction,
        Outcome::Duplicate => Outcome::Duplicate,
    }
}

/// Takes the subject out of these programs: what they have there ends, the pairs by the caller.
fn take_out(
    plan: &mut Plan<'_>,
    (subject, person): (&PersonView, &mut Person),
    programs: &[ProgramId],
    gone: &mut Gone,
) -> Result<(), Refusal> {
    if programs.is_empty() {
        return Ok(());
    }
    let here = |program: &ProgramId| programs.contains(program);
    gone.pairs.extend(subject.pairs.iter().filter(|it| here(&it.program)).map(|pair| pair.id));
    for proposal in subject.proposals.iter().filter(|it| here(&it.program)) {
        if !plan.has_put(proposal.id) {
            invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
        }
    }
    for place in subject.enrollments.iter().filter(|it| here(&it.program)) {
        let mut place = place.clone();
        person.keep_holds(&place, plan.cx().now);
        let act = EnrollmentAct::Remove { reason: code("removed") };
        enrollment::advance(plan, &mut place, act, "enrollment.remove")?;
        gone.places.insert(place.id);
        plan.put(Change::Enrollment(place));
    }
    // An acceptance at the same time meets it here.
    plan.touch(Key::Person(subject.person.id.clone()), subject.person.version);
    Ok(())
}

/// Takes somebody out of the programs from which they are found to be banned, as a verdict would have.
pub(in crate::decide) fn keep_out(
    plan: &mut Plan<'_>,
    (subject, person): (&PersonView, &mut Person),
    programs: &[ProgramId],
) -> Result<(), Refusal> {
    let mut gone = Gone::default();
    take_out(plan, (subject, person), programs, &mut gone)?;
    for pair in subject.pairs.iter().filter(|pair| gone.pairs.contains(&pair.id)) {
        let pair = plan.as_put(pair);
        if pair.state.is_live() {
            let (kind, by) = (EndKind::SafetyDecision, EndedBy::Platform);
            end_pair(plan, pair, PairEnd { kind, shared: false, note: None, by })?;
        }
    }
    Ok(())
}

/// Every program in which somebody has something.
#[must_use]
pub fn programs_of(subject: &PersonView) -> BTreeSet<ProgramId> {
    let places = subject.enrollments.iter().map(|it| it.program);
    places.chain(subject.pairs.iter().map(|it| it.program)).collect()
}

/// Notes from what the subject is banned; what the case had decided before gives way if it is replaced.
fn ban(
    plan: &mut Plan<'_>,
    (view, person): (&CaseView, &mut Person),
    measures: &[Measure],
    replaces: bool,
) -> Result<(), Refusal> {
    let (case, now) = (view.case.id, plan.cx().now);
    if replaces {
        person.bans.retain(|ban| ban.case != case);
    }
    for measure in measures {
        let scope = match measure {
            Measure::BanFromGroup { .. } => BanScope::Group { group: view.program.group.clone() },
            Measure::BanFromTenant { .. } => BanScope::Tenant,
            Measure::Warn
            | Measure::EndPair
            | Measure::RemoveContent
            | Measure::RemoveFromProgram
            | Measure::Ineligible => continue,
        };
        person.bans.retain(|ban| ban.holds(now));
        at_most("bans", person.bans.len() + 1, BANS_MAX, "bans of one person")?;
        person.bans.push(Ban { scope, case, since: now, until: measure.until() });
    }
    if person.bans != view.subject.person.bans {
        let key = Key::Person(person.id.clone());
        plan.record(Happened::new("person.ban", key).about([&person.id]).private());
    }
    Ok(())
}

/// What is to be done, and by whom.
struct Taking<'a> {
    standing: Standing,
    measures: &'a [Measure],
    /// Of [`programs_of`] the subject those of the group.
    group: &'a [ProgramId],
    /// Whether it takes the place of what the case had decided before.
    replaces: bool,
}

/// Does what was decided, and tells the subject why, in the same write (D16). What comes of it outside the
/// case names neither the reason nor who decided: an admin who is recused reads that too (I9). The caller writes
/// the subject.
fn apply(
    plan: &mut Plan<'_>,
    (view, person): (&CaseView, &mut Person),
    Taking { standing, measures, group, replaces }: Taking<'_>,
) -> Result<Gone, Refusal> {
    if standing != Standing::Staff && measures.iter().any(|it| it.is_platforms()) {
        let rule = "only the platform takes this measure";
        return Err(InputError::new("measures", Problem::Conflict { rule }).into());
    }
    for measure in measures {
        checked_until(measure.until(), plan.cx().now)?;
    }
    let (case, subject) = (&view.case, &view.subject);
    step_out(plan, case);
    let (mut gone, mut programs) = (Gone::default(), Vec::new());
    for measure in measures {
        match measure {
            Measure::Warn => {}
            Measure::EndPair => {
                let of_both = subject.pairs.iter().filter(|pair| is_about(case, pair));
                gone.pairs.extend(of_both.map(|pair| pair.id));
            }
            Measure::RemoveContent => {
                remove_content(plan, view)?;
                gone.content = true;
            }
            Measure::RemoveFromProgram => programs.push(case.program),
            Measure::BanFromGroup { .. } => programs.extend(group),
            Measure::BanFromTenant { .. } | Measure::Ineligible => {
                programs.extend(programs_of(subject));
            }
        }
    }
    take_out(plan, (subject, person), &programs, &mut gone)?;
    ban(plan, (view, person), measures, replaces)?;
    let ineligible = measures.contains(&Measure::Ineligible);
    let kind = if ineligible { EndKind::Ineligible } else { EndKind::SafetyDecision };
    for pair in subject.pairs.iter().filter(|pair| gone.pairs.contains(&pair.id)) {
        let by = EndedBy::Platform;
        end_pair(plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
    }
    step_back(plan);
    if !measures.is_empty() {
        plan.say(Say::to_person(MessageKind::CaseStatement, &case.subject).program(case.program));
    }
    Ok(gone)
}

/// Whoever works a case decides it. Measures, their statement of reasons and the news of it are one write
/// (D16). `group` is which of [`programs_of`] the subject are of the group of the case, for a ban. What the case
/// held until now goes on, but for what a measure takes away.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for an admin who
/// made the match, [`Refusal::NotAssigned`] for whoever does not work it, an input error for a verdict
/// whose parts do not go together and for a measure that only the platform takes, a state error unless it is in
/// review, whether or not it waits for an answer, [`Refusal::NotEligible`] to staff if something would go on while
/// somebody is not known to be an adult, and in a case about that also if something else holds it. To an admin
/// nothing tells of that: the platform holds it by hand then (D23).
pub fn decide(
    view: &CaseView,
    (verdict, group): (&Verdict, &[ProgramId]),
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let (standing, by) = assigned(view, &cx)?;
    let Verdict { outcome, measures, reasons } = verdict.clone().checked()?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    let appeal_until = appeal_until(cx.now);
    advance(&mut plan, &mut case, CaseAct::Decide { appeal_until }, "case.decide")?;
    let taking = Taking { standing, measures: &measures, group, replaces: false };
    let mut subject = view.subject.person.clone();
    let gone = apply(&mut plan, (view, &mut subject), taking)?;
    let_go(&mut plan, view, (&mut case, &mut subject), &gone)?;
    store_subject(&mut plan, view, subject);
    let (reasons, duplicate_of) = (Some(reasons), None);
    case.decision = Some(Decided { outcome, measures, reasons, duplicate_of, by, at: cx.now });
    tell_reporters(&mut plan, &case, MessageKind::CaseDecided, told(outcome).code());
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// As whom somebody may appeal, if there is something to appeal against.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but its reporter, and its subject once they have been told of it.
pub fn appellant(case: &Case, actor: &Actor) -> Result<Party, Refusal> {
    match actor.as_person().and_then(|person| case.party(person)) {
        Some(Party::Reporter) => Ok(Party::Reporter),
        Some(Party::Subject) if case.is_told() => Ok(Party::Subject),
        Some(Party::Subject | Party::Witness { .. }) | None => Err(Refusal::NotFound),
    }
}

/// The reporter, or a subject to whom something was done, does not agree. Once per decision. Measures stay
/// until the appeal is decided. Where no other admin than the one who decided could decide on it, or nobody says who
/// the `admins` are, it goes to the platform.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, [`Refusal::TooLate`] after six months, a state error unless the
/// case is decided and nobody has appealed.
pub fn appeal(
    view: &CaseView,
    text: Body,
    admins: &[Reviewer],
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::ViewOwnCases)?;
    let mut case = view.case.clone();
    let by = appellant(&case, cx.actor)?;
    if let CaseState::Decided { appeal_until, .. } = &case.state
        && cx.now > *appeal_until
    {
        return Err(Refusal::TooLate { until: *appeal_until });
    }
    let mut plan = Plan::on(cx, view);
    for tie in admins.iter().flat_map(|admin| &admin.ties) {
        plan.rest_on(tie);
    }
    advance(&mut plan, &mut case, CaseAct::Appeal { by }, "case.appeal")?;
    case.appeal = Some(Appeal { by, at: cx.now });
    let words = Item::Words { on: Occasion::Appeal, text: Some(text) };
    plan.put(Change::Evidence(case.seal(by, false, words, (cx.now, cx.ids.random()))?));
    if case.tier.is_groups() && !anybody_decides(&case, admins, cx.now) {
        hand_over(&mut plan, &mut case, &view.program, "case.escalate")?;
    } else {
        begin_anew(&mut case, &view.program, cx.now);
    }
    tell_reviewers(&mut plan, &case, admins, MessageKind::CaseAppealed);
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// Another reviewer decides on an appeal. A decision that is changed brings its own measures; one that is
/// reversed undoes nothing by itself, since what has ended never begins again. Either takes back a ban that the
/// decision before has brought.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for whoever
/// decided first or made the match, [`Refusal::NotAssigned`] for staff before the case is theirs, an input
/// error for measures without a change, for the same one twice and for a machine that decides, a state error unless
/// somebody has appealed.
pub fn rule(
    view: &CaseView,
    (ruling, measures, reasons, group): (Ruling, &[Measure], &Reasons, &[ProgramId]),
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let (standing, by) = working(view, &cx)?;
    if has_decided(view, &by) {
        return Err(Refusal::ConflictOfInterest);
    }
    ruling.takes(measures, reasons)?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut case, CaseAct::Rule, "case.rule")?;
    let replaces = ruling != Ruling::Upheld;
    let mut subject = view.subject.person.clone();
    let taking = Taking { standing, measures, group, replaces };
    apply(&mut plan, (view, &mut subject), taking)?;
    store_subject(&mut plan, view, subject);
    let told = case.is_told();
    let (measures, reasons) = (measures.to_vec(), Some(reasons.clone()));
    let quiet = measures.is_empty();
    case.appeal_decision = Some(AppealDecision { ruling, measures, reasons, by, at: cx.now });
    tell_reporters(&mut plan, &case, MessageKind::CaseAppealDecided, ruling.code());
    // Who was told of measures is told of this too; new ones have told them already.
    if told && quiet {
        plan.say(Say::to_person(MessageKind::CaseStatement, &case.subject).program(case.program));
    }
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// The reporter takes a report back. It is over by that only if it is not urgent and nobody else's report
/// was found to be the same; what it held goes on then, unless somebody is not known to be an adult: the platform
/// holds that by hand, and the reporter is told nothing of it (D23). Else reviewers go on, and the wish is on record. Says
/// whether it is over.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error once it is decided.
pub fn withdraw(view: &CaseView, cx: Cx<'_>) -> Result<Decision<bool>, Refusal> {
    access::to_tenant(&cx, Action::ViewOwnCases)?;
    let mut case = view.case.clone();
    if !is_reporter(&case, &cx) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let closes = !case.priority.is_urgent() && case.followers.is_empty();
    if closes {
        finish(&mut plan, view, &mut case, (CaseAct::Withdraw, "case.withdraw"))?;
        let mut subject = view.subject.person.clone();
        let_go(&mut plan, view, (&mut case, &mut subject), &Gone::default())?;
        store_subject(&mut plan, view, subject);
        plan.put(Change::from(case));
    } else {
        // Refused in the same states.
        case.state.next(CaseAct::Withdraw, cx.now)?;
        plan.record(event("case.wish_withdrawn", &case));
    }
    Ok(plan.reply(closes))
}

/// A reviewer closes a case on which nothing can follow.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::AppealOpen`] while an appeal is
/// possible, a state error unless it is decided.
pub fn close(view: &CaseView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    reviewing(view, &cx)?;
    working(view, &cx)?;
    if let CaseState::Decided { appeal_until, .. } = &view.case.state
        && cx.now < *appeal_until
    {
        return Err(Refusal::AppealOpen { until: *appeal_until });
    }
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    finish(&mut plan, view, &mut case, (CaseAct::Close, "case.close"))?;
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}
