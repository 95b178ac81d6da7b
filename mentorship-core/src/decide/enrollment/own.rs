//! What people do with their own enrolment.

use serde::{Deserialize, Serialize};

use super::{
    advance,
    apply::{checked_capacity, checked_consent},
    drop_offers, existing, leave_everything, store, store_person,
};
use crate::{
    base::{
        input::{InputError, Problem},
        time::{Timestamp, plus_days},
    },
    change::Key,
    decide::{
        Cx, Decision, Plan, Refusal, access, plan::Happened, proposal::fall::invalidate,
        refusal::code,
    },
    model::{
        code::TransitionError,
        enrollment::{Consent, Enrollment, EnrollmentAct},
        pair::{EndKind, EndedBy},
        program::Oversight,
        proposal::{Invalidity, Proposal, ProposalState},
    },
    policy::permission::Action,
    view::EnrollmentView,
};

/// Longest pause of an enrolment, in days.
const PAUSE_MAX_DAYS: u32 = 366;

fn own(view: &EnrollmentView, cx: &Cx<'_>) -> Result<Enrollment, Refusal> {
    let enrollment = existing(view)?;
    access::to_enrollment(cx.actor, &view.program, &enrollment, Action::ManageEnrollment)?;
    Ok(enrollment)
}

/// The person takes no new pairs for a while. Open offers become impossible; live pairs go on (D26).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error for an `until` that is past or more than a
/// year away, a state error unless the enrolment is active or paused already.
pub fn pause(
    view: &EnrollmentView,
    until: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    if until.is_some_and(|until| until <= cx.now || until > plus_days(cx.now, PAUSE_MAX_DAYS)) {
        let rule = "after now and within a year";
        return Err(InputError::new("until", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Pause { until }, "enrollment.pause")?;
    drop_offers(&mut plan, &view.proposals)?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person, or the clock at the pause's end, takes new pairs again.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error unless it is paused.
pub fn resume(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    advance(&mut plan, &mut enrollment, EnrollmentAct::Resume, "enrollment.resume")?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// A person's yes to what their program says now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RenewConsent {
    /// The consent text that was agreed to; has to be the program's current version.
    pub consent_version: u32,
    /// The oversight mode that was shown; has to be the program's current one.
    pub oversight: Oversight,
    /// Whether special-category answers may be used by the matching rules.
    pub special_category: bool,
}

/// The person agrees to the program's current text and oversight mode. Pairs formed from here on rest
/// on it; live pairs keep what the two agreed to before (D33). Whether the group is shown them stays as it was.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error unless it is to what the program says now, a
/// state error for an enrolment that is over (as of the act `renew_consent`).
pub fn renew_consent(
    view: &EnrollmentView,
    input: RenewConsent,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    // Nobody consents for somebody else, the clock included.
    cx.actor.as_person().ok_or(Refusal::NotFound)?;
    refuse_over(&enrollment, "renew_consent")?;
    let RenewConsent { consent_version, oversight, special_category } = input;
    let shown_to_group = enrollment.consent.shown_to_group;
    let consent =
        checked_consent(&view.program, consent_version, oversight, special_category, cx.now)?;
    enrollment.consent = Consent { shown_to_group, ..consent };
    let mut plan = Plan::on(cx, view);
    plan.record(
        Happened::new("enrollment.renew_consent", Key::Enrollment(enrollment.id))
            .in_program(enrollment.program)
            .about([&enrollment.person]),
    );
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person lets the directory show them to the group, or takes that back, which is always possible while the
/// enrolment is not over. Nobody is shown unless they say so themselves, apart from anything else that they agree
/// to; and only whoever has agreed to the text that the program has now may say so (D33).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error on `consent` if it is to an earlier text, a state error
/// for an enrolment that is over (as of the act `show_to_group`).
pub fn show_to_group(
    view: &EnrollmentView,
    shown: bool,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    // Nobody consents for somebody else, the clock included.
    cx.actor.as_person().ok_or(Refusal::NotFound)?;
    refuse_over(&enrollment, "show_to_group")?;
    if shown && enrollment.consent.policy_version != view.program.policy.consent_version {
        let rule = "the consent is to the program's current text";
        return Err(InputError::new("consent", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    plan.record(
        Happened::new("enrollment.show_to_group", Key::Enrollment(enrollment.id))
            .in_program(enrollment.program)
            .about([&enrollment.person])
            .because(code(if shown { "shown" } else { "hidden" })),
    );
    enrollment.consent.shown_to_group = shown;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

fn refuse_over(enrollment: &Enrollment, act: &'static str) -> Result<(), Refusal> {
    if enrollment.state.is_terminal() {
        let from = enrollment.state.code();
        return Err(TransitionError { record: "enrollment", from, act }.into());
    }
    Ok(())
}

/// The person changes how many places they offer. Below the load nothing ends; offers that no longer
/// fit become impossible, the newest first, requests too where no place is left, and raising it again
/// brings none back (D25).
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else, an input error beyond the program's most, a state error for
/// an enrolment that is over (as of the act `set_capacity`).
pub fn set_capacity(
    view: &EnrollmentView,
    capacity: u8,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let capacity = checked_capacity(&view.program, enrollment.role, capacity)?;
    refuse_over(&enrollment, "set_capacity")?;
    let mut plan = Plan::on(cx, view);
    let load = view.pairs.len();
    let room = usize::from(capacity).saturating_sub(load);
    // A request keeps no place, so it is surplus only where there is none to be had at all.
    let takes_room = |offer: &&Proposal| {
        offer.reserves() || room == 0 && matches!(offer.state, ProposalState::Offered { .. })
    };
    let mut offers: Vec<&Proposal> = view.proposals.iter().filter(takes_room).collect();
    offers.sort_by_key(|proposal| (proposal.offered_at, proposal.id));
    for surplus in offers.iter().skip(room).rev() {
        invalidate(&mut plan, (*surplus).clone(), Invalidity::Unavailable)?;
    }
    plan.record(
        Happened::new("enrollment.set_capacity", Key::Enrollment(enrollment.id))
            .in_program(enrollment.program)
            .about([&enrollment.person]),
    );
    enrollment.capacity = capacity;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}

/// The person leaves. Their live pairs in it end first, in the same write. Always allowed; what held the enrolment
/// holds the next one in the program.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody else; a state error if it is over.
pub fn withdraw(view: &EnrollmentView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    let mut enrollment = own(view, &cx)?;
    let mut plan = Plan::on(cx, view);
    enrollment.state.next(EnrollmentAct::Withdraw, cx.now)?;
    let by = EndedBy::Side(enrollment.role);
    leave_everything(&mut plan, view, EndKind::LeftProgram, by)?;
    if enrollment.state.holders().next().is_some() {
        let mut person = view.person.clone();
        person.keep_holds(&enrollment, cx.now);
        store_person(&mut plan, &view.person, person);
    }
    advance(&mut plan, &mut enrollment, EnrollmentAct::Withdraw, "enrollment.withdraw")?;
    store(&mut plan, enrollment);
    Ok(plan.reply(()))
}
