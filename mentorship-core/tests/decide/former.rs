//! What is taken over of somebody's earlier lives, and what is not (D10).

use std::collections::BTreeMap;

use mentorship_core::{
    change::{Change, ChangeSet},
    conformance::make::{id, slug, start, two, who},
    decide::{
        Decision, Refusal,
        enrollment::{Enrolled, apply},
        former,
    },
    model::{
        enrollment::{EnrollmentState, Role},
        holder::Holder,
        person::{Held, LookedBack, Person, TurnedAway},
        relation::{Kept, Relation, Stance},
        restriction::{Ban, BanScope, Mute},
    },
    view::{EnrollmentView, FormerView, Life, PersonView, RelationView, SameView, SignUpView},
};

use crate::{
    enrollment::sign_up,
    given::{
        active, days, enrolled, enrollment, given, host, me, pair, person, relation, relation_view,
        v, word,
    },
};

/// Person 1 had the key of person 61, and nothing was said.
fn life() -> Life {
    let person = Person { version: v(4), ..Person::unknown(who(61)) };
    Life { person, relations: vec![], pairs: vec![], enrollments: vec![], handed_on: None }
}

fn between(now: Relation) -> RelationView {
    RelationView { relation: now, ..relation_view() }
}

fn said(change: impl FnOnce(&mut Relation)) -> Relation {
    let mut relation = Relation { version: v(3), ..Relation::new(two(2, 61)) };
    change(&mut relation);
    relation
}

fn view(life: Life, now: Relation) -> SameView {
    let now_there = PersonView {
        person: person(1),
        enrollments: Vec::new(),
        pairs: Vec::new(),
        proposals: Vec::new(),
    };
    let between = vec![between(now)];
    let former = FormerView { lives: vec![life], own: None, next: None, between };
    SameView { was: who(61), former, now: now_there, groups: BTreeMap::new() }
}

fn does(view: &SameView) -> ChangeSet {
    given(view).by(host()).does(former::same).changes
}

fn relation_in(set: &ChangeSet) -> Option<&Relation> {
    set.changes.iter().find_map(|it| match it {
        Change::Relation(it) => Some(it),
        _ => None,
    })
}

fn person_in(set: &ChangeSet) -> Option<&Person> {
    set.changes.iter().find_map(|it| match it {
        Change::Person(it) => Some(it),
        _ => None,
    })
}

/// What they said is theirs, what the other said is kept, and wishes to be matched are neither.
#[test]
fn words_of_both_are_taken_over_each_in_its_way() {
    let earlier = said(|it| {
        let own = it.stance_mut(&who(61)).unwrap();
        (own.blocked_at, own.lifted_at) = (Some(days(-9)), Some(days(-20)));
        let theirs = it.stance_mut(&who(2)).unwrap();
        (theirs.avoids_since, theirs.wishes_since) = (Some(days(-8)), Some(days(-7)));
    });
    let mut met = pair(active());
    met.mentor.person = who(61);
    let mut now = relation(1, 2);
    now.stance_mut(&who(1)).unwrap().wishes_since = Some(days(-1));
    let view = view(Life { relations: vec![earlier], pairs: vec![met], ..life() }, now);
    let set = does(&view);
    let relation = relation_in(&set).unwrap();
    let own = relation.stance(&who(1)).unwrap();
    assert_eq!((own.blocked_at, own.lifted_at), (Some(days(-9)), Some(days(-20))));
    assert_eq!(own.wishes_since, None);
    assert_eq!(*relation.stance(&who(2)).unwrap(), Stance::default());
    let kept =
        Kept { avoids_since: Some(days(-8)), paired_until: Some(start()), ..Kept::default() };
    assert_eq!(relation.kept, kept);
    assert!(relation.is_blocked() && relation.is_avoided());
    assert_eq!(relation.last_lifted(), Some(days(-20)));
    // What is read there is rested on, and meets whatever is said there meanwhile.
    let names: Vec<_> = set.changes.iter().map(Change::kind).collect();
    assert_eq!(names, ["touch", "touch", "relation", "touch"]);
    assert!(!format!("{:?}{:?}", set.audit, set.outbox).contains(who(61).as_str()));
    assert!(set.audit.iter().all(|it| it.private));
}

/// A block that was lifted under the key of now is not set again.
#[test]
fn a_block_that_was_lifted_since_stays_lifted() {
    let earlier = said(|it| it.stance_mut(&who(61)).unwrap().blocked_at = Some(days(-9)));
    let mut now = relation(1, 2);
    now.stance_mut(&who(1)).unwrap().lifted_at = Some(days(-1));
    let set = does(&view(Life { relations: vec![earlier], ..life() }, now));
    assert_eq!(relation_in(&set), None);
}

/// Nor is one that a later life has taken over, and may have lifted.
#[test]
fn what_a_later_life_has_taken_over_is_its_own_to_take_back() {
    let earlier = said(|it| {
        let own = it.stance_mut(&who(61)).unwrap();
        (own.blocked_at, own.avoids_since) = (Some(days(-9)), Some(days(-9)));
    });
    let life = Life { relations: vec![earlier], handed_on: Some(days(-5)), ..life() };
    let set = does(&view(life, relation(1, 2)));
    assert_eq!(relation_in(&set), None);
}

/// A block ends what lives between the two.
#[test]
fn a_block_that_is_taken_over_ends_the_pair() {
    let earlier = said(|it| it.stance_mut(&who(2)).unwrap().blocked_at = Some(days(-9)));
    let mut view = view(Life { relations: vec![earlier], ..life() }, relation(1, 2));
    view.former.between[0].pairs = vec![pair(active())];
    let set = does(&view);
    let ended = set.changes.iter().find_map(|it| match it {
        Change::Pair(it) => Some(it.state.code()),
        _ => None,
    });
    assert_eq!(ended, Some("ended"));
}

/// Bans and muting that hold, and the last time in each role that they were turned away.
#[test]
fn decisions_about_somebody_are_taken_over() {
    let ban = |n: u64, until| Ban { scope: BanScope::Tenant, case: id(n), since: days(-9), until };
    let mut past = life();
    past.person.bans = vec![ban(1, None), ban(2, Some(days(-1)))];
    past.person.mute = Some(Mute { since: days(-9), until: None });
    let at = |days_: i64| TurnedAway { program: id(1), role: Role::Mentor, at: days(days_) };
    past.person.turned_away = vec![at(-50)];
    let mut removed = enrollment(1, Role::Mentor);
    removed.program = id(1);
    removed.state = EnrollmentState::Rejected { at: days(-3), reason: slug("full") };
    past.enrollments = vec![removed];
    let mut view = view(past, relation(1, 2));
    view.now.person.mute = Some(Mute { since: days(-2), until: Some(days(3)) });
    let set = does(&view);
    let person = person_in(&set).unwrap();
    assert_eq!(person.bans, [ban(1, None)]);
    assert_eq!(person.mute, Some(Mute { since: days(-9), until: None }));
    assert_eq!(person.turned_away, [at(-3)]);
    // That somebody was looked up under their own key says nothing of another one.
    view.now.person.looked_back = Some(LookedBack { lives: 0, at: days(-5) });
    view.now.person.mute = None;
    let set = does(&view);
    let person = person_in(&set).unwrap();
    assert!(person.bans == [ban(1, None)] && person.mute.is_some());
    // What staff has taken back since it was taken over does not come again.
    view.former.lives[0].handed_on = Some(days(-5));
    let set = does(&view);
    let person = person_in(&set).unwrap();
    assert!(person.bans.is_empty() && person.mute.is_none());
}

/// What held somebody holds them again, by the platform's hand: the case is about a pseudonym, and what it lets go
/// of is not found here. What staff has let go of since does not come again.
#[test]
fn d10_a_hold_is_taken_over_by_the_platform() {
    let case = Holder::Case { case: id(48) };
    let held = |program: u64, by| Held { program: id(program), by, since: days(-9) };
    let mut past = life();
    past.person.held = vec![held(1, case)];
    let mut place = enrollment(1, Role::Mentor);
    place.program = id(2);
    place.state = EnrollmentState::Suspended {
        since: days(-9),
        resume_to: Box::new(EnrollmentState::Active { since: days(-10) }),
        held_by: [case].into(),
    };
    past.enrollments = vec![place];
    let mut view = view(past, relation(1, 2));
    let set = does(&view);
    let both = [2, 1].map(|program| held(program, Holder::Platform));
    assert_eq!(person_in(&set).unwrap().held, both);
    view.former.lives[0].handed_on = Some(days(-5));
    assert!(person_in(&does(&view)).is_none_or(|it| it.held.is_empty()));
}

fn back(former: FormerView) -> SignUpView {
    let place = EnrollmentView { enrollment: None, ..enrolled() };
    SignUpView { place, former: Some(former) }
}

fn signs_up(view: &SignUpView) -> Result<Decision<Enrolled>, Refusal> {
    given(view).by(me(1)).tries(|view, cx| apply(view, sign_up(), &word(), cx))
}

/// Whoever was never here is marked, so that nobody looks again; nothing is recorded of it.
#[test]
fn a_stranger_is_marked_as_one() {
    let former = FormerView { lives: vec![], own: Some(0), next: None, between: vec![] };
    let set = signs_up(&back(former)).unwrap().changes;
    let marked = person_in(&set).unwrap().looked_back;
    assert_eq!(marked, Some(LookedBack { lives: 0, at: start() }));
    assert!(set.audit.iter().all(|it| it.action.as_str() != "person.return"));
}

/// A wait of before is a wait.
#[test]
fn a_wait_of_before_holds_in_its_program_and_role() {
    let here = enrolled().program.id;
    for (program, role, refused) in
        [(here, Role::Mentor, true), (here, Role::Mentee, false), (id(77), Role::Mentor, false)]
    {
        let mut past = life();
        past.person.turned_away = vec![TurnedAway { program, role, at: days(-1) }];
        let former = FormerView { lives: vec![past], own: Some(1), next: None, between: vec![] };
        let outcome = signs_up(&back(former));
        assert_eq!(matches!(outcome, Err(Refusal::TooEarly { .. })), refused, "{role:?}");
    }
}
