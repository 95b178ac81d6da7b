//! What the host tells of a person, and what people set for themselves.

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::{
    base::id::ProgramId,
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        enrollment::{advance, review::hold_now},
        pair::{end_pair, halt::freeze_now},
        plan::{Happened, Say},
        proposal::fall::invalidate,
        refusal::code,
    },
    eligibility::age::is_adult,
    model::{
        enrollment::{EnrollmentAct, EnrollmentState},
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        person::checked_adult_on,
        proposal::Invalidity,
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

/// The host corrects what it vouched for about a person's age. Somebody who turns out not to be an
/// adult today is held everywhere at once: enrolments suspended, proposals impossible, pairs frozen
/// (D23). A correction the other way round resumes nothing by itself; a human does.
///
/// The guarantee holds from the moment this is stored; until then the library knows what it was told.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host; an input error for a date outside of 1900 to 2199.
pub fn record_age(
    view: &PersonView,
    facts: &AgeFacts,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::RecordPersonFacts)?;
    let mut plan = Plan::on(cx, view);
    let mut person = view.person.clone();
    person.adult_on = checked_adult_on(facts.adult_on)?;
    person.zone = facts.zone;
    let adult = is_adult(person.adult_on, person.zone, cx.now);
    plan.record(Happened::new("person.record_age", Key::Person(person.id.clone())).private());
    if adult {
        for pair in view.pairs.iter().filter(|pair| pair.state.needs_adults()) {
            plan.put(Change::Pair(Pair { adults_at: cx.now, ..pair.clone() }));
        }
    } else {
        for proposal in &view.proposals {
            invalidate(&mut plan, proposal.clone(), Invalidity::Unavailable)?;
        }
        for pair in &view.pairs {
            if !matches!(pair.state, PairState::Frozen { .. }) {
                freeze_now(&mut plan, pair.clone(), None)?;
            }
        }
        for enrollment in &view.enrollments {
            if !matches!(enrollment.state, EnrollmentState::Suspended { .. }) {
                let mut enrollment = enrollment.clone();
                hold_now(&mut plan, &mut enrollment)?;
                plan.put(Change::Enrollment(enrollment));
            }
        }
        if !view.enrollments.is_empty() {
            plan.say(Say::to_staff("person.held"));
        }
    }
    plan.put(Change::Person(person));
    Ok(plan.reply(()))
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
    for enrollment in view.enrollments.iter().filter(|place| in_group(&place.program)) {
        let mut enrollment = enrollment.clone();
        let reason = code("left_group");
        advance(&mut plan, &mut enrollment, EnrollmentAct::Remove { reason }, "enrollment.remove")?;
        plan.put(Change::Enrollment(enrollment));
    }
    plan.touch(Key::Person(view.person.id.clone()), view.person.version);
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
