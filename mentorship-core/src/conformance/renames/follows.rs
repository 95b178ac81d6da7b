//! What was read by the old key is read by the new one, and nothing says the old one any more.

use super::ground::{acting, everything, key, lived};
use crate::{
    base::{
        host::PersonId,
        people::PersonPair,
        text::{Body, Slug},
    },
    change::Key,
    conformance::{
        Harness,
        census::{Watch, census},
        listings::all_after,
        make::{slug, who},
        world::World,
    },
    model::rename::Rename,
    store::{CaseScope, Listed, Listing, PAGE_MAX, PersonAsk, RelationAsk, ask::AuditScope},
    view::{PersonView, RelationView},
};

/// What is read by a person's key.
#[derive(Debug, PartialEq, Eq)]
struct ByKey {
    listed: Vec<Vec<Listed>>,
    person: PersonView,
    relations: Vec<RelationView>,
}

async fn by_key(world: &World, person: &PersonId) -> ByKey {
    let others: Vec<PersonId> = (1..=10).filter(|n| *n != 2).map(who).collect();
    let of = |other: &PersonId| PersonPair::new(person.clone(), other.clone()).unwrap();
    let mut whats = vec![
        Listing::EnrollmentsOf { person: person.clone() },
        Listing::ProposalsFor { person: person.clone() },
        Listing::PairsOf { person: person.clone() },
        Listing::BlocksBy { person: person.clone() },
        Listing::AvoidsBy { person: person.clone() },
        Listing::WishesBy { person: person.clone() },
        Listing::Cases { scope: CaseScope::Reporter(person.clone()) },
        Listing::Cases { scope: CaseScope::Subject(person.clone()) },
        Listing::Audit { scope: AuditScope::Actor(person.clone()) },
        Listing::Audit { scope: AuditScope::Subject(Key::Person(person.clone())) },
    ];
    whats.extend(others.iter().map(|other| {
        let scope = AuditScope::Subject(Key::Relation(of(other)));
        Listing::Audit { scope }
    }));
    let mut listed = Vec::new();
    for what in &whats {
        listed.push(all_after(&*world.store, &world.tenant, what, None, PAGE_MAX).await);
    }
    let mut unit = world.store.unit().await.unwrap();
    let ask = PersonAsk { tenant: world.tenant.clone(), person: person.clone() };
    let person = unit.person_view(&ask).await.unwrap();
    let mut relations = Vec::new();
    for other in &others {
        let ask = RelationAsk { tenant: world.tenant.clone(), people: of(other) };
        relations.push(unit.relation_view(&ask).await.unwrap());
    }
    ByKey { listed, person, relations }
}

/// Puts the new key into records, with the next version where it stands.
macro_rules! renamed {
    ($from:expr, $to:expr; each of $($all:expr),+) => {$(
        for it in $all.iter_mut() {
            renamed!($from, $to; it);
        }
    )+};
    ($from:expr, $to:expr; $($it:expr),+) => {$(
        if $it.rename($from, $to) {
            $it.version = $it.version.next();
        }
    )+};
}

/// What has to be read by the new key.
fn under(from: &PersonId, to: &PersonId, mut read: ByKey) -> ByKey {
    for item in read.listed.iter_mut().flatten() {
        match item {
            Listed::Enrollment(it) => renamed!(from, to; it),
            Listed::Proposal(it) => renamed!(from, to; it),
            Listed::Pair(it) => renamed!(from, to; it),
            Listed::Relation(it) => renamed!(from, to; it),
            Listed::Case(it) => renamed!(from, to; it),
            Listed::Audit(it) => assert!(it.rename(from, to)),
            other => panic!("nothing of the kind was asked for: {other:?}"),
        }
    }
    let PersonView { person, enrollments, pairs, proposals } = &mut read.person;
    renamed!(from, to; person);
    renamed!(from, to; each of enrollments, pairs, proposals);
    for RelationView { lo, hi, relation, pairs, proposals, past } in &mut read.relations {
        renamed!(from, to; lo, hi);
        if lo.id > hi.id {
            std::mem::swap(lo, hi);
        }
        if relation.version.is_new() {
            // Nothing was said between the two: there is no record to count.
            relation.rename(from, to);
        } else {
            renamed!(from, to; relation);
        }
        renamed!(from, to; each of pairs, proposals);
        for pair in past {
            pair.mentor.rename(from, to);
        }
    }
    read
}

/// Without the events of the renames themselves.
fn without_renames(mut read: ByKey) -> ByKey {
    for items in &mut read.listed {
        items.retain(|item| match item {
            Listed::Audit(event) => event.action.as_str() != "person.rename",
            _ => true,
        });
    }
    read
}

fn assert_empty(read: &ByKey) {
    assert!(read.listed.iter().all(Vec::is_empty), "{read:?}");
    let PersonView { person, enrollments, pairs, proposals } = &read.person;
    assert!(person.version.is_new() && enrollments.is_empty(), "{read:?}");
    assert!(pairs.is_empty() && proposals.is_empty(), "{read:?}");
    for view in &read.relations {
        assert!(view.relation.version.is_new() && view.pairs.is_empty(), "{view:?}");
        assert!(!view.relation.is_blocked() && !view.relation.is_avoided(), "{view:?}");
    }
}

/// Every read by the new key gives what that by the old one gave, the old one gives nothing, and the two
/// of a relation change places where the order of keys asks for it, each with what they have said.
pub async fn every_read_follows_the_key(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    let mut from = who(2);
    // After everybody, before everybody, and back.
    for to in [key("zoe"), key("ada"), who(2)] {
        let before = without_renames(by_key(&world, &from).await);
        world.service.rename_person(&world.host_actor(), &from, &to).await.unwrap();
        let after = without_renames(by_key(&world, &to).await);
        let expected = under(&from, &to, before);
        for (found, expected) in after.listed.iter().zip(&expected.listed) {
            assert_eq!(found, expected);
        }
        assert_eq!(after, expected);
        assert_empty(&by_key(&world, &from).await);
        Watch::default().check(&*world.store, world.now()).await.unwrap();
        from = to;
    }
}

/// Nothing that can be read says the old key: of a participant, of an admin, of whoever was only told
/// something or spoken of.
pub async fn nothing_says_the_old_key(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    let mut people: Vec<PersonId> = (1..=10).map(who).collect();
    // A person, a partner, somebody blocked who never signed up, and the admin.
    for (n, to) in [(2, "zoe"), (1, "yan"), (9, "ada"), (900, "root")] {
        let old = format!("({})", who(n));
        people.push(key(to));
        world.service.rename_person(&world.host_actor(), &who(n), &key(to)).await.unwrap();
        let again = world.service.rename_person(&world.host_actor(), &who(n), &key("nil")).await;
        assert_eq!(World::code(again), "not_found", "nothing knows {old}");
    }
    let all = everything(&world, &people).await;
    for n in [2, 1, 9, 900] {
        let old = format!("({})", who(n));
        assert!(!all.contains(&old), "{old} is still there");
    }
    for to in ["zoe", "yan", "ada", "root"] {
        assert!(all.contains(&format!("({to})")), "{to} is there");
    }
}

/// The pair goes on under the new key, and every belt with it: counters, places, ages, the block.
pub async fn life_goes_on_under_the_new_key(h: Harness) {
    let world = World::new(h.store);
    let pair = lived(&world).await;
    let (host, to) = (world.host_actor(), key("zoe"));
    world.service.rename_person(&host, &who(2), &to).await.unwrap();
    let me = acting(&world, &to);
    let body = || Body::new("Still here.").unwrap();
    let old = world.service.post(&world.person(2), pair, &slug("hello"), None, body()).await;
    assert_eq!(World::code(old), "not_found");
    world.service.post(&me, pair, &slug("hello"), None, body()).await.unwrap();
    assert!(world.service.may_message(&world.tenant, &to, &who(1)).await.unwrap());
    let minor = crate::decide::person::AgeFacts { adult_on: None, zone: None };
    world.service.record_age(&host, &to, minor).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "paused", "frozen for an age that is unknown");
    world.service.block(&me, &who(1)).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let log = census(&*world.store, &world.tenant).await.audit;
    let renames: Vec<_> = log.iter().filter(|it| it.action.as_str() == "person.rename").collect();
    let [event] = renames[..] else { panic!("one event: {renames:?}") };
    assert_eq!((&event.subject, event.private), (&Key::Person(to.clone()), true));
    let said = world.messages().await;
    let said: Vec<_> =
        said.iter().filter(|it| it.message.kind.as_str() == "person.renamed").collect();
    let [message] = said[..] else { panic!("one message: {said:?}") };
    assert_eq!(message.message.to, crate::model::event::Audience::Person(to));
    let kind: &Slug = &message.message.kind;
    assert_eq!(kind, &slug("person.renamed"));
}
