//! What the host tells of a person, and what people set for themselves.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    base::id::{CaseId, ProgramId},
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        enrollment::{self, advance, review::hold_now},
        pair::{end_pair, halt::freeze_now},
        plan::{Happened, Say},
        proposal::fall::invalidate,
        refusal::code,
        report::host::open_on_age,
    },
    eligibility::age::is_adult,
    model::{
        enrollment::{EnrollmentAct, EnrollmentState},
        holder::Holder,
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        person::checked_adult_on,
        program::Program,
        proposal::Invalidity,
        report::InterimMeasure,
    },
    policy::permission::Action,
    view::PersonView,
};

/// What the host knows of a person's age and zone now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeFacts {
    /// The date of the 18th birthday; `None` if it is not known any more.
    pub adult_on: Option<NaiveDate>,
    /// The verified zone.
    pub zone: Option<Tz>,
}

/// A program of what somebody takes part in: the one in which a case about their age is filed, whose group's
/// settings it goes by. Nothing of somebody who takes part in nothing.
#[must_use]
pub fn program_of(view: &PersonView) -> Option<ProgramId> {
    let newest = view.pairs.last().map(|pair| pair.program);
    newest.or_else(|| view.enrollments.last().map(|place| place.program))
}

/// The host corrects what it vouched for about a person's age. Somebody who turns out not to be an
/// adult today is held everywhere at once: enrolments suspended, proposals impossible, pairs frozen, all by
/// a case of the platform's that is filed in the same write and by nobody (D23). A correction the other way
/// round resumes nothing by itself; a human does, by deciding that case. As long as the host goes on saying
/// that they are no adult, only what is not held yet is, by a further case.
///
/// `program` is [`program_of`] the view. The reply is the case that was filed.
///
/// The guarantee holds from the moment this is stored; until then the library knows what it was told.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host; an input error for a date outside of 1900 to 2199.
pub fn record_age(
    view: &PersonView,
    (facts, program): (&AgeFacts, Option<&Program>),
    cx: Cx<'_>,
) -> Result<Decision<Option<CaseId>>, Refusal> {
    access::to_tenant(&cx, Action::RecordPersonFacts)?;
    let mut plan = Plan::on(cx, view);
    let mut person = view.person.clone();
    let was_adult = is_adult(person.adult_on, person.zone, cx.now);
    person.adult_on = checked_adult_on(facts.adult_on)?;
    person.zone = facts.zone;
    let adult = is_adult(person.adult_on, person.zone, cx.now);
    let mut case = None;
    if adult {
        for pair in view.pairs.iter().filter(|pair| pair.state.needs_adults()) {
            plan.put(Change::Pair(Pair { adults_at: cx.now, ..pair.clone() }));
        }
    } else {
        case = hold_everywhere(&mut plan, view, program, was_adult)?;
    }
    // Where a case comes of it, or holds something of theirs already, it stands there: beside what is held it would tell
    // whoever the case is hidden from why.
    let pairs = view.pairs.iter().flat_map(|it| it.state.holders());
    let places = view.enrollments.iter().flat_map(|it| it.state.holders());
    let held = person.held.iter().map(|it| it.by);
    let holders = case.map(|case| Holder::Case { case }).into_iter();
    let happened = Happened::new("person.record_age", Key::Person(person.id.clone()));
    let happened = happened.among(holders.chain(pairs).chain(places).chain(held));
    plan.record(happened.about([&person.id]).private());
    plan.put(Change::Person(person));
    Ok(plan.reply(case))
}

/// Holds what the person takes part in; of what is held already only if this is news of them.
fn hold_everywhere(
    plan: &mut Plan<'_>,
    view: &PersonView,
    program: Option<&Program>,
    news: bool,
) -> Result<Option<CaseId>, Refusal> {
    for proposal in &view.proposals {
        invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
    }
    let Some(program) = program else {
        let nothing = program_of(view).is_none();
        return if nothing { Ok(None) } else { Err(Refusal::NotFound) };
    };
    let case: CaseId = plan.cx().new_id();
    let (holder, mut held) = (Holder::Case { case }, Vec::new());
    for pair in &view.pairs {
        if news || !matches!(pair.state, PairState::Frozen { .. }) {
            freeze_now(plan, pair, holder)?;
            held.push(InterimMeasure::FreezePair { pair: pair.id });
        }
    }
    for place in &view.enrollments {
        if news || !matches!(place.state, EnrollmentState::Suspended { .. }) {
            let mut place = place.clone();
            hold_now(plan, &mut place, holder)?;
            held.push(InterimMeasure::SuspendEnrollment { enrollment: place.id });
            plan.put(Change::Enrollment(place));
        }
    }
    if held.is_empty() {
        return Ok(None);
    }
    plan.say(Say::to_staff(MessageKind::PersonHeld));
    open_on_age(plan, case, (program, &view.person.id), held);
    Ok(Some(case))
}

/// The host tells that a person left a group, or was removed from it: their enrolments in its programs
/// are taken out and their pairs there end with the neutral text (D29).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host.
pub fn leave_group(
    view: &PersonView,
    programs_of_group: &[ProgramId],
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::RecordPersonFacts)?;
    let mut plan = Plan::on(cx, view);
    let in_group = |program: &ProgramId| programs_of_group.contains(program);
    for proposal in view.proposals.iter().filter(|proposal| in_group(&proposal.program)) {
        invalidate(&mut plan, proposal.clone(), Invalidity::Unavailable)?;
    }
    for pair in view.pairs.iter().filter(|pair| in_group(&pair.program)) {
        // The host said so, not the person: both keep what a pair that neither ended leaves them.
        let (kind, by) = (EndKind::LeftGroup, EndedBy::Platform);
        end_pair(&mut plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
    }
    let mut person = view.person.clone();
    for enrollment in view.enrollments.iter().filter(|place| in_group(&place.program)) {
        let mut enrollment = enrollment.clone();
        person.keep_holds(&enrollment, cx.now);
        let reason = code("left_group");
        advance(&mut plan, &mut enrollment, EnrollmentAct::Remove { reason }, "enrollment.remove")?;
        plan.put(Change::Enrollment(enrollment));
    }
    enrollment::store_person(&mut plan, &view.person, person);
    Ok(plan.reply(()))
}

/// A person turns reminders off or on, in all programs.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else.
pub fn set_reminders(view: &PersonView, off: bool, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::ManageOwnSafety)?;
    if cx.actor.as_person() != Some(&view.person.id) {
        return Err(Refusal::NotFound);
    }
    let mut plan = Plan::on(cx, view);
    let mut person = view.person.clone();
    person.reminders_off = off;
    plan.record(Happened::new("person.set_reminders", Key::Person(person.id.clone())).private());
    plan.put(Change::Person(person));
    Ok(plan.reply(()))
}
