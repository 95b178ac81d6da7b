//! Reads that are written down: what somebody was let see of what is not theirs (row 60).
//!
//! The events are private. They rest on nothing but that the read was allowed, so that they never get in
//! the way of the two who write meanwhile.

use crate::{
    base::host::PersonId,
    change::Key,
    decide::{Cx, Decision, Plan, plan::Happened, refusal::code},
    model::{enrollment::Enrollment, pair::Pair},
};

fn read(cx: Cx<'_>, happened: Happened) -> Decision<()> {
    let mut plan = Plan::bare(cx);
    plan.record(happened.private());
    plan.reply(())
}

/// An admin reads `what` a supervised pair writes: `thread` or `check_ins`.
pub fn pair(pair: &Pair, what: &'static str, cx: Cx<'_>) -> Decision<()> {
    read(cx, Happened::in_pair("pair.read", pair).because(code(what)))
}

/// Somebody reads everything of a person's as one document: the person, or staff for them.
pub fn person(person: &PersonId, cx: Cx<'_>) -> Decision<()> {
    read(cx, Happened::new("person.export", Key::Person(person.clone())))
}

/// Staff reads around whom of `people` there is how much.
pub fn signals<'p>(
    staff: &PersonId,
    people: impl IntoIterator<Item = &'p PersonId>,
    cx: Cx<'_>,
) -> Decision<()> {
    read(cx, Happened::new("signals.read", Key::Person(staff.clone())).about(people))
}

/// An admin reads the answers of an application.
pub fn enrollment(enrollment: &Enrollment, cx: Cx<'_>) -> Decision<()> {
    let happened = Happened::new("enrollment.read", Key::Enrollment(enrollment.id));
    read(cx, happened.in_program(enrollment.program).about([&enrollment.person]))
}
