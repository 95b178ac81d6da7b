//! Deciding a case, appeals, and the end of it.

use std::collections::BTreeSet;

use super::{
    advance, appeal_until, event,
    file::tell_reviewers,
    finish,
    recusal::{Reviewer, assigned, reviewing, working},
    tell_reporters,
    work::begin_anew,
};
use crate::{
    base::{
        id::PairId,
        input::{InputError, Problem},
        text::Body,
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access, enrollment, pair::end_pair, plan::Say,
        proposal::fall::invalidate, refusal::code,
    },
    model::{
        enrollment::EnrollmentAct,
        pair::{EndKind, EndedBy, PairEnd},
        proposal::Invalidity,
        report::{
            Appeal, AppealDecision, CaseAct, CaseState, Decision as Decided, Item, Measure,
            Occasion, Outcome, Party, Reasons, Ruling, Verdict,
        },
    },
    policy::permission::Action,
    view::CaseView,
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

/// Does what was decided, and tells the subject why, in the same write (D16). What comes of it outside the
/// case names neither the reason nor who decided: an admin who is recused reads that too (I9).
fn apply(plan: &mut Plan<'_>, view: &CaseView, measures: &[Measure]) -> Result<(), Refusal> {
    let (case, subject) = (&view.case, &view.subject);
    let by = EndedBy::Platform;
    plan.sign(false);
    let mut ends: BTreeSet<PairId> = BTreeSet::new();
    for measure in measures {
        match measure {
            Measure::Warn => {}
            Measure::EndPair => {
                let of_both = subject.pairs.iter().filter(|pair| {
                    let both = pair.program == case.program;
                    case.pair == Some(pair.id) || (both && pair.side_of(&case.reporter).is_some())
                });
                ends.extend(of_both.map(|pair| pair.id));
            }
            Measure::RemoveFromProgram => {
                let here = subject.pairs.iter().filter(|pair| pair.program == case.program);
                ends.extend(here.map(|pair| pair.id));
                for proposal in subject.proposals.iter().filter(|it| it.program == case.program) {
                    invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
                }
                for place in subject.enrollments.iter().filter(|it| it.program == case.program) {
                    let mut place = place.clone();
                    let reason = code("removed");
                    let act = EnrollmentAct::Remove { reason };
                    enrollment::advance(plan, &mut place, act, "enrollment.remove")?;
                    plan.put(Change::Enrollment(place));
                }
                // An acceptance at the same time meets it here.
                plan.touch(Key::Person(subject.person.id.clone()), subject.person.version);
            }
        }
    }
    for pair in subject.pairs.iter().filter(|pair| ends.contains(&pair.id)) {
        let kind = EndKind::SafetyDecision;
        end_pair(plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
    }
    plan.sign(true);
    if !measures.is_empty() {
        plan.say(Say::to_person("case.statement", &case.subject).program(case.program));
    }
    Ok(())
}

/// Whoever works a case decides it. Measures, their statement of reasons and the news of it are one write
/// (D16).
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for an admin who
/// made the match, [`Refusal::NotAssigned`] for whoever does not work it, an input error for a verdict
/// whose parts do not go together, a state error unless it is in review, whether or not it waits for an
/// answer.
pub fn decide(view: &CaseView, verdict: &Verdict, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let (_, by) = assigned(view, &cx)?;
    let Verdict { outcome, measures, reasons } = verdict.clone().checked()?;
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    let appeal_until = appeal_until(cx.now);
    advance(&mut plan, &mut case, CaseAct::Decide { appeal_until }, "case.decide")?;
    apply(&mut plan, view, &measures)?;
    let (reasons, duplicate_of) = (Some(reasons), None);
    case.decision = Some(Decided { outcome, measures, reasons, duplicate_of, by, at: cx.now });
    tell_reporters(&mut plan, &case, "case.decided", told(outcome).code());
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// The reporter, or a subject to whom something was done, does not agree. Once per decision. Measures stay
/// until the appeal is decided.
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
    let party = cx.actor.as_person().and_then(|person| case.party(person));
    let by = match party {
        Some(Party::Reporter) => Party::Reporter,
        Some(Party::Subject) if case.is_told() => Party::Subject,
        Some(Party::Subject | Party::Witness { .. }) | None => return Err(Refusal::NotFound),
    };
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
    begin_anew(&mut case, cx.now);
    tell_reviewers(&mut plan, &case, admins, "case.appealed");
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// Another reviewer decides on an appeal. A decision that is changed brings its own measures; one that is
/// reversed undoes nothing by itself, since what has ended never begins again.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for whoever
/// decided first or made the match, [`Refusal::NotAssigned`] for staff before the case is theirs, an input
/// error for measures without a change, a state error unless somebody has appealed.
pub fn rule(
    view: &CaseView,
    (ruling, measures, reasons): (Ruling, &[Measure], &Reasons),
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let (_, by) = working(view, &cx)?;
    if view.case.decision.as_ref().is_some_and(|it| it.by == by) {
        return Err(Refusal::ConflictOfInterest);
    }
    if (ruling == Ruling::Changed) == measures.is_empty() {
        let rule = "measures come with a change, and a change with measures";
        return Err(InputError::new("measures", Problem::Conflict { rule }).into());
    }
    let mut case = view.case.clone();
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut case, CaseAct::Rule, "case.rule")?;
    apply(&mut plan, view, measures)?;
    let told = case.is_told();
    let (measures, reasons) = (measures.to_vec(), Some(reasons.clone()));
    let quiet = measures.is_empty();
    case.appeal_decision = Some(AppealDecision { ruling, measures, reasons, by, at: cx.now });
    tell_reporters(&mut plan, &case, "case.appeal_decided", ruling.code());
    // Who was told of measures is told of this too; new ones have told them already.
    if told && quiet {
        plan.say(Say::to_person("case.statement", &case.subject).program(case.program));
    }
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}

/// The reporter takes a report back. It is over by that only if it is not urgent and nobody else's report
/// was found to be the same; else reviewers go on, and the wish is on record. Says whether it is over.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, a state error once it is decided.
pub fn withdraw(view: &CaseView, cx: Cx<'_>) -> Result<Decision<bool>, Refusal> {
    access::to_tenant(&cx, Action::ViewOwnCases)?;
    let mut case = view.case.clone();
    if cx.actor.as_person() != Some(&case.reporter) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let closes = !case.priority.is_urgent() && case.followers.is_empty();
    if closes {
        finish(&mut plan, &mut case, &view.program, (CaseAct::Withdraw, "case.withdraw"))?;
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
    finish(&mut plan, &mut case, &view.program, (CaseAct::Close, "case.close"))?;
    plan.put(Change::from(case));
    Ok(plan.reply(()))
}
