//! An erasure at the same time as something else.

use super::{Scene, body, mark, note, sound};
use crate::{
    base::host::TenantId,
    conformance::{
        Harness,
        make::{slug, who},
        races::arena::{ROUNDS, call},
        world::{World, sign_up},
    },
    decide::Refusal,
    model::enrollment::Role,
    service::Error,
};

async fn scene(h: &Harness, round: u64) -> Scene {
    let tenant = TenantId::try_from(format!("harbour-{round}")).unwrap();
    Scene::new(World::of(h.store.clone(), tenant)).await
}

/// Nothing of theirs lives, whatever came first, and nothing is somebody's who is gone.
async fn gone(scene: &Scene) {
    sound(&scene.world).await;
    let census = crate::conformance::census::census(&*scene.world.store, &scene.world.tenant).await;
    let erased = |it: &crate::base::host::PersonId| it.is_erased();
    for pair in census.pairs.values().filter(|it| it.state.is_live()) {
        assert!(!erased(&pair.mentor.person) && !erased(&pair.mentee.person), "{pair:?}");
    }
    for place in census.enrollments.values().filter(|it| !it.state.is_terminal()) {
        assert!(!erased(&place.person), "{place:?}");
    }
    for proposal in census.proposals.values().filter(|it| it.state.is_open()) {
        assert!(!erased(&proposal.mentor_person) && !erased(&proposal.mentee_person));
    }
}

/// Somebody accepts while the other one is erased.
pub async fn erasure_against_acceptance(h: Harness) {
    for round in 0..ROUNDS {
        let scene = scene(&h, round).await;
        let world = &scene.world;
        world.service.set_capacity(&world.person(1), scene.mentor, 3).await.unwrap();
        let mentee = world.enroll(scene.program, 3, Role::Mentee).await;
        let offer = world.offer(scene.mentor, mentee).await;
        world.service.accept(&world.person(1), offer).await.unwrap();
        let tasks = vec![
            call!(
                world,
                world.person(1),
                |s, me| async move { s.erase_person(&me, &who(1)).await }
            ),
            call!(world, world.person(3), |s, me| s.accept(&me, offer)),
        ];
        h.spawner.all(tasks).await;
        gone(&scene).await;
        assert!(!scene.text().await.contains(&mark(1)));
    }
}

/// Somebody signs up while they are erased: what they signed up with is erased too, or theirs as somebody
/// new.
pub async fn erasure_against_sign_up(h: Harness) {
    for round in 0..ROUNDS {
        let scene = scene(&h, round).await;
        let world = &scene.world;
        let other = world.program(|_| {}).await;
        let tasks = vec![
            call!(world, world.host_actor(), |s, me| {
                async move {
                    match s.erase_person(&me, &who(1)).await {
                        Err(Error::Refused(Refusal::TakesPart)) => panic!("tried often enough"),
                        outcome => outcome,
                    }
                }
            }),
            call!(world, world.person(1), |s, me| s.enroll(&me, other, sign_up(Role::Mentee))),
        ];
        h.spawner.all(tasks).await;
        gone(&scene).await;
        assert!(!scene.text().await.contains(&mark(1)));
    }
}

/// Somebody writes while they are erased: nothing they wrote is left.
pub async fn erasure_against_post(h: Harness) {
    for round in 0..ROUNDS {
        let scene = scene(&h, round).await;
        let (world, pair) = (&scene.world, scene.pair);
        let said = || format!("{} last", mark(1));
        let tasks = vec![
            call!(world, world.person(1), |s, me| {
                let last = body(&said());
                async move { s.post(&me, pair, &slug("hello"), None, last).await }
            }),
            call!(world, world.host_actor(), |s, me| {
                async move { s.erase_person(&me, &who(1)).await }
            }),
            call!(world, world.person(1), |s, me| {
                let last = note(&said());
                async move { s.introduce_oneself(&me, pair, last).await }
            }),
        ];
        h.spawner.all(tasks).await;
        gone(&scene).await;
        assert!(!scene.text().await.contains(&mark(1)));
    }
}

/// Both of a pair are erased at once.
pub async fn two_erasures_at_once(h: Harness) {
    for round in 0..ROUNDS {
        let scene = scene(&h, round).await;
        let world = &scene.world;
        let erase = |n: u64| {
            call!(world, world.host_actor(), |s, me| {
                async move { s.erase_person(&me, &who(n)).await }
            })
        };
        h.spawner.all(vec![erase(1), erase(2), erase(1)]).await;
        gone(&scene).await;
        let text = scene.text().await;
        assert!(!text.contains(&mark(1)) && !text.contains(&mark(2)));
    }
}
