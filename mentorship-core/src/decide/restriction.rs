//! What staff does about bans and muting outside of a case. Who it is about reads no event of it.

use crate::{
    base::{
        host::PersonId,
        id::CaseId,
        input::{InputError, Problem},
        time::Timestamp,
    },
    change::{Change, Key},
    decide::{
        Cx, Decision, Plan, Refusal, access,
        plan::{Happened, Say},
    },
    model::{message::MessageKind, person::Person, restriction::Mute},
    policy::permission::Action,
    view::{CaseView, PersonView},
};

/// Staff, about somebody else.
fn permitted(cx: &Cx<'_>, action: Action, person: &PersonId) -> Result<(), Refusal> {
    access::to_tenant(cx, action)?;
    if cx.actor.who() == Some(person) { Err(Refusal::ConflictOfInterest) } else { Ok(()) }
}

/// An end that lies ahead.
pub(super) fn checked_until(until: Option<Timestamp>, now: Timestamp) -> Result<(), InputError> {
    if until.is_some_and(|until| until <= now) {
        let rule = "an end after now";
        return Err(InputError::new("until", Problem::Conflict { rule }));
    }
    Ok(())
}

fn happened(action: &'static str, person: &Person) -> Happened {
    Happened::new(action, Key::Person(person.id.clone())).private()
}

/// Staff lifts the bans that were decided in a case. What ended by them stays ended; the person is told that
/// they may apply anew. Where there is none, or for whoever acts no such case, nothing changes.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but staff, [`Refusal::ConflictOfInterest`] about oneself.
pub fn lift_ban(
    view: &PersonView,
    (case, of_case): (CaseId, Option<&CaseView>),
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    permitted(&cx, Action::ManageBans, &view.person.id)?;
    let mut plan = Plan::on(cx, view);
    let is_there = of_case.is_none_or(|it| !super::report::is_hidden_from_staff(it, &cx));
    if let Some(of_case) = of_case {
        plan.rest_on(of_case);
    }
    let mut person = view.person.clone();
    person.bans.retain(|ban| ban.case != case || !is_there);
    if person != view.person {
        let lifted = Happened::new("person.lift_ban", Key::Case(case)).about([&person.id]);
        plan.record(lifted.private());
        plan.say(Say::to_person(MessageKind::PersonBanLifted, &person.id));
        plan.put(Change::Person(person));
    }
    Ok(plan.reply(()))
}

/// Staff takes only urgent reports from somebody from here on, or until another instant than before.
///
/// # Errors
/// As [`lift_ban`], and an input error for an `until` that is past.
pub fn mute(
    view: &PersonView,
    until: Option<Timestamp>,
    cx: Cx<'_>,
) -> Result<Decision<()>, Refusal> {
    permitted(&cx, Action::MuteReporters, &view.person.id)?;
    checked_until(until, cx.now)?;
    let mut plan = Plan::on(cx, view);
    let mut person = view.person.clone();
    let since = person.mute.filter(|it| it.holds(cx.now)).map_or(cx.now, |it| it.since);
    person.mute = Some(Mute { since, until });
    if person != view.person {
        plan.record(happened("person.mute", &person));
        plan.put(Change::Person(person));
    }
    Ok(plan.reply(()))
}

/// Staff takes every report from somebody again. Of whoever is not muted nothing changes.
///
/// # Errors
/// As [`lift_ban`].
pub fn unmute(view: &PersonView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    permitted(&cx, Action::MuteReporters, &view.person.id)?;
    let mut plan = Plan::on(cx, view);
    let mut person = view.person.clone();
    person.mute = None;
    if person != view.person {
        plan.record(happened("person.unmute", &person));
        plan.put(Change::Person(person));
    }
    Ok(plan.reply(()))
}
