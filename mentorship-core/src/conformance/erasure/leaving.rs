//! Everything ends, everything goes, and who may ask for it.

use super::{Scene, mark, sound};
use crate::{
    conformance::{
        Harness,
        census::census,
        make::{self, id, who},
        renames::ground::{everything, lived},
        world::{World, sign_up},
    },
    decide::person::AgeFacts,
    model::{enrollment::Role, event::Audience, pair::EndKind, pair::PairState},
    policy::actor::Actor,
    service::ExportAsk,
    store::PersonAsk,
};

/// D18: enrolments are withdrawn, pairs end in neutral words, offers fall, and every word goes.
pub async fn d18_everything_ends_and_goes_in_one_command(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let second = world.program(|_| {}).await;
    let asked = world.enroll(second, 1, Role::Mentor).await;
    let mentee = world.enroll(second, 3, Role::Mentee).await;
    let offer = world.offer(asked, mentee).await;
    drop(world.messages().await);
    let erased = scene.erases(1).await;
    assert!(erased.pseudonym.is_erased() && erased.kept.is_empty(), "{erased:?}");
    sound(world).await;
    let census = census(&*world.store, &world.tenant).await;
    for place in [scene.mentor, asked] {
        let place = &census.enrollments[&place];
        assert_eq!((place.state.code(), &place.person), ("withdrawn", &erased.pseudonym));
        assert!(place.answers.0.is_empty() && place.keep_until.is_none());
    }
    let PairState::Ended { end, .. } = &census.pairs[&scene.pair].state else { panic!("it lives") };
    assert_eq!((end.kind, end.shown_to_partner()), (EndKind::AccountGone, None));
    assert_eq!(census.proposals[&offer].state.code(), "invalidated");
    let told = world.messages().await;
    let told: Vec<_> = told.iter().filter(|it| it.message.to == Audience::Person(who(2))).collect();
    let [ended] = told[..] else { panic!("one message: {told:?}") };
    assert_eq!((ended.message.kind.as_str(), &ended.message.code), ("pair.ended", &None));
    assert!(!scene.text().await.contains(&mark(1)), "{}", scene.text().await);
    let ask = PersonAsk { tenant: world.tenant.clone(), person: erased.pseudonym.clone() };
    let left = world.store.unit().await.unwrap().person_view(&ask).await.unwrap();
    assert!(left.is_empty() && left.person.adult_on.is_none() && left.person.zone.is_none());
    // The partner goes on: free for another pair, and asked nothing.
    let mentor = world.enroll(scene.program, 5, Role::Mentor).await;
    let offer = world.offer(mentor, scene.mentee).await;
    let again = world.accept(offer, 5, 2).await;
    assert_eq!(world.pair_state(2, again).await, "introduced");
    let card = s.pair(&world.person(2), scene.pair).await.unwrap();
    assert_eq!((card.card.reason, &card.introductions[0]), (None, &None));
}

/// D18: the partner reads that something was removed, and all of their own.
pub async fn d18_the_partner_keeps_their_own_words(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let own = |posts: &[crate::model::journal::Post]| {
        posts.iter().filter(|it| it.author == who(2)).cloned().collect::<Vec<_>>()
    };
    let before = own(&scene.posts().await);
    let (places, answers) = (scene.check_ins().await, scene.answers(scene.mentee).await);
    scene.erases(1).await;
    assert_eq!(own(&scene.posts().await), before);
    assert_eq!(scene.answers(scene.mentee).await, answers);
    let mine = |it: &&crate::model::journal::CheckIn| it.side == Role::Mentee;
    let after = scene.check_ins().await;
    assert_eq!(after.iter().find(mine), places.iter().find(mine));
    let partner = &scene.world.person(2);
    let page = scene.world.first_page();
    let thread = scene.world.service.thread(partner, scene.pair, None, page).await.unwrap();
    assert_eq!(thread.posts.len(), 4, "nothing is lost from the numbers");
    let theirs: Vec<_> = thread.posts.iter().filter(|it| it.author != who(2)).collect();
    assert!(theirs.iter().all(|it| it.body.is_none() && it.removed_at.is_some()), "{theirs:?}");
    let details = scene.world.service.pair(partner, scene.pair).await.unwrap();
    assert!(details.introductions[1].is_some());
}

/// D18: of a person of whom every table knows something nothing says the key any more, however it ends.
pub async fn d18_nothing_says_the_person_any_more(h: Harness) {
    let world = World::new(h.store);
    lived(&world).await;
    // Not even that it was they who asked for it.
    let erased = world.service.erase_person(&world.person(2), &who(2)).await.unwrap();
    sound(&world).await;
    let said = everything(&world, &[erased.pseudonym, who(1), who(8)]).await;
    let key = format!("\"{}\"", who(2).as_str());
    assert!(!said.contains(&key), "{key} in {said}");
}

/// The person for themselves, staff and the host for anybody; nobody else.
pub async fn d18_one_erases_oneself_and_the_platform_anybody(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let clock = Actor::clock(world.tenant.clone());
    for actor in [world.person(2), world.person(3), world.admin(), world.other_admin(), clock] {
        let refused = s.erase_person(&actor, &who(1)).await;
        assert_eq!(World::code(refused), "not_found");
        let refused = s.export_person(&actor, &who(1), ExportAsk::default()).await;
        assert_eq!(World::code(refused), "not_found");
    }
    assert_eq!(world.pair_state(1, scene.pair).await, "active");
    let nobody = s.erase_person(&world.staff(), &who(77)).await;
    assert_eq!(World::code(nobody), "not_found");
    s.erase_person(&world.staff(), &who(1)).await.unwrap();
    s.erase_person(&world.host_actor(), &who(2)).await.unwrap();
    sound(world).await;
    let text = scene.text().await;
    assert!(!text.contains(&mark(1)) && !text.contains(&mark(2)));
    let events = census(&*world.store, &world.tenant).await.audit;
    let erasures = events.iter().filter(|it| it.action.as_str() == "person.erase");
    assert!(erasures.clone().count() == 2 && erasures.clone().all(|it| it.private));
}

/// The same command again changes nothing and answers the same; without its id there is nobody left.
pub async fn the_same_erasure_twice_is_one(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let signed = world.host_actor().with_command(id(1));
    let erased = s.erase_person(&signed, &who(1)).await.unwrap();
    let once = census(&*world.store, &world.tenant).await;
    assert_eq!(s.erase_person(&signed, &who(1)).await.unwrap(), erased);
    assert!(census(&*world.store, &world.tenant).await == once, "a second effect");
    let again = s.erase_person(&world.host_actor(), &who(1)).await;
    assert_eq!(World::code(again), "not_found");
    let other = s.erase_person(&signed, &who(2)).await;
    assert_eq!(World::code(other), "command.reused");
    assert!(census(&*world.store, &world.tenant).await == once, "somebody else left");
    // Somebody new under the key is nobody that was.
    world.enroll(scene.program, 1, Role::Mentee).await;
    let new = s.erase_person(&signed, &who(1)).await;
    assert_eq!(World::code(new), "command.reused");
}

/// A person of the same key elsewhere is somebody else.
pub async fn an_erasure_stays_in_its_tenant(h: Harness) {
    let here = Scene::new(World::new(h.store.clone())).await;
    let there = Scene::new(World::of(h.store, make::elsewhere())).await;
    let before = there.text().await;
    here.erases(1).await;
    assert!(there.text().await == before, "it crossed tenants");
    assert!(!here.text().await.contains(&mark(1)));
    // What is told of somebody who is gone makes somebody new.
    let facts = AgeFacts { adult_on: Some(make::adult_date()), zone: None };
    let host = here.world.host_actor();
    here.world.service.record_age(&host, &who(1), facts).await.unwrap();
    let input = sign_up(Role::Mentor);
    here.world.enroll_with(here.program, 1, input).await.unwrap();
    let page = here.world.first_page();
    let mine = here.world.service.my_enrollments(&here.world.person(1), page).await.unwrap();
    assert_eq!(mine.items.len(), 1, "what was before is nobody's any more");
}
