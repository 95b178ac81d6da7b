//! The two commands: who is refused, what a repeat does, and what a store makes of a set that is wrong.

use super::ground::{key, lived};
use crate::{
    base::{host::PersonId, version::Version},
    change::{Change, ChangeSet, Key},
    conformance::{
        Harness,
        census::census,
        contract::{ground, refused, set_of, store},
        make::{self, id, tenant, who},
        world::{World, sign_up},
    },
    model::enrollment::Role,
    policy::actor::Actor,
    store::StoreErrorKind,
};

/// A key that anything in the tenant knows is taken, whatever knows it, and nothing changes.
pub async fn a_taken_key_is_refused(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    let before = census(&*world.store, &world.tenant).await;
    // A participant, a partner of one, somebody who was only blocked, the admin.
    for n in [1, 3, 9, 900] {
        let taken = world.service.rename_person(&world.host_actor(), &who(2), &who(n)).await;
        assert_eq!(World::code(taken), "person.key_taken", "{n}");
    }
    let nobody = world.service.rename_person(&world.host_actor(), &who(77), &who(78)).await;
    assert_eq!(World::code(nobody), "not_found");
    let erased = world.service.erase_person_key(&world.host_actor(), &who(77)).await;
    assert_eq!(World::code(erased), "not_found");
    let same = world.service.rename_person(&world.host_actor(), &who(2), &who(2)).await;
    assert_eq!(World::code(same), "input.conflict");
    let pseudonym = PersonId::erased(uuid::Uuid::max());
    let formed = world.service.rename_person(&world.host_actor(), &who(2), &pseudonym).await;
    assert_eq!(World::code(formed), "input.form");
    for actor in [world.person(2), world.admin(), world.staff(), Actor::clock(tenant())] {
        let renamed = world.service.rename_person(&actor, &who(2), &key("zoe")).await;
        assert_eq!(World::code(renamed), "not_found");
        let erased = world.service.erase_person_key(&actor, &who(2)).await;
        assert_eq!(World::code(erased), "not_found");
    }
    assert!(census(&*world.store, &world.tenant).await == before, "something changed");
}

/// Another tenant's people of the same key are others.
pub async fn a_rename_stays_in_its_tenant(h: Harness) {
    let world = World::new(h.store.clone());
    let elsewhere = World::of(h.store, make::elsewhere());
    for world in [&world, &elsewhere] {
        let program = world.program(|_| {}).await;
        world.pair(program, 1, 2).await;
    }
    let before = census(&*elsewhere.store, &elsewhere.tenant).await;
    // Known elsewhere only.
    let program = elsewhere.program(|_| {}).await;
    elsewhere.enroll(program, 3, Role::Mentor).await;
    let grown = census(&*elsewhere.store, &elsewhere.tenant).await;
    assert!(grown != before);
    world.service.rename_person(&world.host_actor(), &who(2), &who(3)).await.unwrap();
    assert!(census(&*elsewhere.store, &elsewhere.tenant).await == grown, "it crossed tenants");
}

/// The same command again has one effect; its id for somebody else is refused; without an id there is
/// nobody left to rename.
pub async fn the_same_rename_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    let (to, signed) = (key("zoe"), world.host_actor().with_command(id(1)));
    world.service.rename_person(&signed, &who(2), &to).await.unwrap();
    let once = census(&*world.store, &world.tenant).await;
    world.service.rename_person(&signed, &who(2), &to).await.unwrap();
    assert!(census(&*world.store, &world.tenant).await == once, "a second effect");
    let again = world.service.rename_person(&world.host_actor(), &who(2), &to).await;
    assert_eq!(World::code(again), "not_found");
    for (from, to) in [(who(1), &to), (who(2), &key("yan")), (who(1), &key("yan"))] {
        let reused = world.service.rename_person(&signed, &from, to).await;
        assert_eq!(World::code(reused), "command.reused", "{from} to {to}");
    }
}

/// An erased key gives way to a pseudonym, the same one for the same command, under which nobody signs up
/// and which can itself be renamed.
pub async fn an_erased_key_leaves_a_pseudonym(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    let signed = world.host_actor().with_command(id(1));
    let pseudonym = world.service.erase_person_key(&signed, &who(2)).await.unwrap();
    assert!(pseudonym.is_erased());
    let again = world.service.erase_person_key(&signed, &who(2)).await.unwrap();
    assert_eq!(again, pseudonym);
    let other = world.service.erase_person_key(&signed, &who(1)).await;
    assert_eq!(World::code(other), "command.reused", "person 1 is not erased");
    let program = world.program(|_| {}).await;
    let erased = super::ground::acting(&world, &pseudonym);
    let input = sign_up(Role::Mentor);
    let signed_up = world.service.enroll(&erased, program, input.clone()).await;
    assert_eq!(World::code(signed_up), "input.form");
    // Its own reply is rewritten too.
    world.service.rename_person(&world.host_actor(), &pseudonym, &key("zoe")).await.unwrap();
    let last = world.service.rename_person(&world.host_actor(), &pseudonym, &key("yan")).await;
    assert_eq!(World::code(last), "not_found");
    let again = world.service.erase_person_key(&signed, &who(2)).await.unwrap();
    assert_eq!(again, key("zoe"));
}

fn renaming(from: (u64, u64), to: u64) -> ChangeSet {
    let mut set = set_of([Change::RenamePerson { from: who(from.0), to: who(to) }]);
    set.guard(Key::Person(who(from.0)), Version::new(from.1));
    set.guard(Key::Person(who(to)), Version::NEW);
    set
}

/// A store refuses a rename that is not alone, not guarded, or of one key, before it writes anything; one
/// whose person has changed, or whose new key is known by now, is a conflict.
pub async fn a_rename_is_alone_and_guarded(h: Harness) {
    store(&*h.store, ground()).await;
    let mut with_more = renaming((1, 1), 77);
    with_more.put(Change::Person(make::person(50)));
    let unguarded = set_of([Change::RenamePerson { from: who(1), to: who(77) }]);
    let mut not_new = renaming((1, 1), 2);
    not_new.guards.insert(Key::Person(who(2)), Version::new(1));
    let mut one = renaming((1, 1), 77);
    one.changes = vec![Change::RenamePerson { from: who(1), to: who(1) }];
    for set in [with_more, unguarded, not_new, one] {
        refused(&*h.store, set, StoreErrorKind::Unsupported).await;
    }
    // Changed meanwhile; and known by its enrolment alone, or as the maker of a program.
    let mut stranger = set_of([Change::Enrollment(make::enrollment(60, 1, 50, Role::Mentor))]);
    stranger.guards.remove(&Key::Person(who(50)));
    store(&*h.store, stranger).await;
    for set in [renaming((1, 2), 77), renaming((1, 1), 50), renaming((1, 1), 900)] {
        refused(&*h.store, set, StoreErrorKind::Conflict).await;
    }
    store(&*h.store, renaming((1, 1), 77)).await;
    let mut gone = renaming((1, 1), 78);
    refused(&*h.store, gone.clone(), StoreErrorKind::Conflict).await;
    gone.guards.clear();
    refused(&*h.store, gone, StoreErrorKind::Unsupported).await;
}
