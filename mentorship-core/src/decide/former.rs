//! Somebody who comes back (D10): what keeps them and others apart is theirs again under the key that they have
//! now, in the same write in which they begin anew.
//!
//! Taken over is what protects somebody, and nothing else: blocks and wishes not to be matched, that two were a
//! pair, bans, muting, holds, and waits after a rejection or a removal. What they answered and wrote, where they took
//! part and the cases about them stay where they are.

use std::collections::BTreeSet;

use super::{
    Cx, Decision, Plan, Refusal, access,
    enrollment::{drop_offers, review::hold_now},
    pair::end_pair,
    plan::{Happened, Say},
    proposal::fall::invalidate,
    rename::host_key,
    report::verdict::keep_out,
};
use crate::{
    base::{
        host::PersonId,
        input::{InputError, Problem},
        time::Timestamp,
    },
    change::{Change, Key},
    model::{
        enrollment::{Enrollment, EnrollmentState},
        holder::Holder,
        message::MessageKind,
        pair::{EndKind, EndedBy, Pair, PairEnd},
        person::{Held, LookedBack, Person, TurnedAway},
        proposal::Invalidity,
        relation::Relation,
        restriction::{BANS_MAX, Mute},
    },
    policy::permission::Action,
    view::{FormerView, Life, PersonView, RelationView, SameView},
};

/// When an enrolment ended so that the person has to wait before they apply again.
pub(in crate::decide) fn turned_away_at(place: &Enrollment) -> Option<Timestamp> {
    match &place.state {
        EnrollmentState::Rejected { at, .. } | EnrollmentState::Removed { at, .. } => Some(*at),
        EnrollmentState::Submitted { .. }
        | EnrollmentState::NeedsInfo { .. }
        | EnrollmentState::Waitlisted { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Paused { .. }
        | EnrollmentState::Suspended { .. }
        | EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Closed { .. } => None,
    }
}

/// Those with whom something stands between `person` and them in earlier lives.
pub(crate) fn others<'v>(person: &PersonId, lives: &'v [Life]) -> BTreeSet<&'v PersonId> {
    let met = |life: &'v Life| {
        let was = &life.person.id;
        let said =
            life.relations.iter().filter(|it| says(it)).filter_map(|it| it.people.other(was));
        said.chain(life.pairs.iter().filter_map(|it| partner(it, was)))
    };
    let mut all: BTreeSet<_> = lives.iter().flat_map(met).collect();
    all.retain(|other| *other != person && lives.iter().all(|life| life.person.id != **other));
    all
}

/// Whether anything is said in a relation, in whatever version it is.
fn says(it: &Relation) -> bool {
    Relation { version: it.version, ..Relation::new(it.people.clone()) } != *it
}

fn partner<'p>(pair: &'p Pair, person: &PersonId) -> Option<&'p PersonId> {
    let side = pair.side_of(person)?;
    Some(&pair.participant(side.opposite()).person)
}

/// The later end of two; none for one that has no end.
fn longer(one: Mute, other: Mute) -> Mute {
    let end = |it: &Mute| (it.until.is_none(), it.until);
    if end(&other) > end(&one) { other } else { one }
}

/// What holds what somebody takes part in, or has left. It is the platform that holds it from here on: the case
/// that did is about somebody else now, and what it lets go of would not be found.
fn holds(life: &Life) -> impl Iterator<Item = Held> + '_ {
    let there = life.enrollments.iter().filter_map(|it| match &it.state {
        EnrollmentState::Suspended { since, .. } => Some((it.program, *since)),
        EnrollmentState::Submitted { .. }
        | EnrollmentState::NeedsInfo { .. }
        | EnrollmentState::Waitlisted { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Paused { .. }
        | EnrollmentState::Rejected { .. }
        | EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Removed { .. }
        | EnrollmentState::Closed { .. } => None,
    });
    let left = life.person.held.iter().map(|it| (it.program, it.since));
    there.chain(left).map(|(program, since)| Held { program, by: Holder::Platform, since })
}

/// The person with what was decided about them before.
pub(in crate::decide) fn remembered(
    person: &Person,
    former: &FormerView,
    now: Timestamp,
) -> Person {
    let mut person = person.clone();
    for life in &former.lives {
        // What staff has taken back since does not come back. What is decided in that very instant does.
        let is_new = |since: Timestamp| life.handed_on.is_none_or(|at| since >= at);
        let new = life.person.bans.iter().filter(|ban| ban.holds(now) && is_new(ban.since));
        for ban in new.cloned().collect::<Vec<_>>() {
            if !person.bans.contains(&ban) {
                person.bans.push(ban);
            }
        }
        let mute = life.person.mute.filter(|it| it.holds(now) && is_new(it.since));
        person.mute = match (person.mute, mute) {
            (Some(one), Some(other)) => Some(longer(one, other)),
            (one, other) => one.or(other),
        };
        for it in holds(life).filter(|it| is_new(it.since)) {
            let same = |known: &Held| (known.program, known.by) == (it.program, it.by);
            if !person.held.iter().any(same) {
                person.held.push(it);
            }
        }
        let places = life.enrollments.iter().filter_map(|it| {
            Some(TurnedAway { program: it.program, role: it.role, at: turned_away_at(it)? })
        });
        for it in places.chain(life.person.turned_away.iter().copied()) {
            let same =
                |other: &&mut TurnedAway| (other.program, other.role) == (it.program, it.role);
            match person.turned_away.iter_mut().find(same) {
                Some(known) => known.at = known.at.max(it.at),
                None => person.turned_away.push(it),
            }
        }
    }
    if person.bans.len() > BANS_MAX {
        person.bans.retain(|ban| ban.holds(now));
    }
    person.looked_back =
        former.own.map(|lives| LookedBack { lives, at: now }).or(person.looked_back);
    person
}

/// Takes over what stands between the person and others, in a plan that rests on this view, and ends what a block
/// does not let live.
pub(in crate::decide) fn take_over(
    plan: &mut Plan<'_>,
    person: &PersonId,
    former: &FormerView,
) -> Result<(), Refusal> {
    let now = plan.cx().now;
    if former.lives.is_empty() {
        return Ok(());
    }
    // By nobody: people read the events of their own acts, and that something was kept is not told.
    let happened = Happened::new("person.return", Key::Person(person.clone()));
    plan.record(happened.private().by_rule());
    for life in &former.lives {
        // Whoever says something about that key meanwhile, or comes back from the other side, meets this.
        plan.touch(Key::Person(life.person.id.clone()), life.person.version);
        for relation in &life.relations {
            plan.touch(Key::Relation(relation.people.clone()), relation.version);
        }
    }
    for it in &former.between {
        let Some(other) = it.relation.people.other(person) else { continue };
        let mut relation = it.relation.clone();
        for life in &former.lives {
            let was = &life.person.id;
            let between = life.relations.iter().filter(|it| it.people.other(was) == Some(other));
            for earlier in between {
                relation.take_over(person, earlier, was, life.handed_on);
            }
            let pairs = life.pairs.iter().filter(|pair| partner(pair, was) == Some(other));
            let until = pairs.map(|pair| pair.state.over_at().unwrap_or(now)).max();
            relation.kept.paired_until = relation.kept.paired_until.max(until);
        }
        if relation == it.relation {
            continue;
        }
        if relation.is_blocked() && !it.relation.is_blocked() {
            for pair in &it.pairs {
                let (kind, by) = (EndKind::Blocked, EndedBy::Platform);
                end_pair(plan, pair.clone(), PairEnd { kind, shared: false, note: None, by })?;
            }
            for proposal in &it.proposals {
                invalidate(plan, proposal.clone(), Invalidity::Unavailable)?;
            }
        }
        plan.put(Change::Relation(relation));
        meet_a_return(plan, it);
    }
    Ok(())
}

/// A first word between somebody and a pseudonym is one that a return on its other side has to find, which
/// reads the person before what was said: this moves their version.
pub(in crate::decide) fn meet_a_return(plan: &mut Plan<'_>, view: &RelationView) {
    let gone = [&view.lo, &view.hi].into_iter();
    for it in gone.filter(|it| it.id.is_erased() && !it.version.is_new()) {
        plan.touch(Key::Person(it.id.clone()), it.version);
    }
}

/// The host says that a person is whoever had another key: what was kept of that one is theirs. Nothing that
/// is written says the other key.
///
/// # Errors
/// [`Refusal::NotFound`] for anybody but the host; input errors on `person` for a key in the form of a
/// pseudonym, and on `was` for that of the person.
pub fn same(view: &SameView, cx: Cx<'_>) -> Result<Decision<()>, Refusal> {
    access::to_tenant(&cx, Action::RenamePerson)?;
    let SameView { was, former, now: PersonView { person: known, .. }, .. } = view;
    host_key("person", &known.id)?;
    if *was == known.id {
        let rule = "the earlier key is another one";
        return Err(InputError::new("was", Problem::Conflict { rule }).into());
    }
    let mut plan = Plan::on(cx, view);
    let mut person = remembered(known, former, cx.now);
    plan.record(Happened::new("person.same", Key::Person(person.id.clone())).private());
    take_over(&mut plan, &person.id, former)?;
    counts_now(&mut plan, view, &mut person)?;
    if person == *known {
        plan.touch(Key::Person(person.id.clone()), person.version);
    } else {
        plan.put(Change::Person(person));
    }
    Ok(plan.reply(()))
}

/// What was found counts where the person takes part now: bans take them out, and holds hold. What came of it is
/// recorded as by nobody: admins read it, and that there is an earlier key is the platform's alone.
fn counts_now(plan: &mut Plan<'_>, view: &SameView, person: &mut Person) -> Result<(), Refusal> {
    let (known, now) = (&view.now.person, plan.cx().now);
    let bans = person.bans.iter().filter(|ban| ban.holds(now) && !known.bans.contains(ban));
    let bans: Vec<_> = bans.cloned().collect();
    let banned = view.groups.iter().filter(|(_, group)| bans.iter().any(|ban| ban.covers(group)));
    let banned: Vec<_> = banned.map(|(program, _)| *program).collect();
    let held =
        person.held.iter().filter(|it| !known.held.contains(it) && !banned.contains(&it.program));
    let held: Vec<_> = held.copied().collect();
    plan.sign(false);
    keep_out(plan, (&view.now, person), &banned)?;
    for Held { program, by, .. } in held {
        let here = view.now.enrollments.iter().filter(|it| it.program == program);
        let here: Vec<_> = here.filter(|it| !it.state.is_held_by(by)).collect();
        if !here.is_empty() {
            // No case lets go of it: staff does.
            plan.say(Say::to_staff(MessageKind::HoldHandedOver).program(program));
        }
        for place in here {
            let mut place = place.clone();
            hold_now(plan, &mut place, by)?;
            plan.put(Change::Enrollment(place));
        }
        let offers = view.now.proposals.iter().filter(|it| it.program == program);
        let offers: Vec<_> = offers.filter(|it| !plan.has_put(it.id)).cloned().collect();
        drop_offers(plan, &offers)?;
    }
    plan.sign(true);
    Ok(())
}
