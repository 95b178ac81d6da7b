//! Reports and decisions at the same time as something else.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use super::{Scene, about, sound, verdict};
use crate::{
    conformance::{
        Harness, Task,
        make::who,
        races::arena::{ROUNDS, call},
        world::World,
    },
    model::{
        enrollment::Role,
        report::{Measure, Outcome},
    },
};

/// The same person reports the same several times at once: one case, and it is whole.
pub async fn reports_of_the_same_at_once_are_one(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    for round in 0..ROUNDS {
        let done = Arc::new(AtomicU32::new(0));
        let tasks = (0..4).map(|_| -> Task {
            let (world, done, program) = (scene.world.clone(), done.clone(), scene.program);
            Box::pin(async move {
                let report = about(100 + round, "scam");
                match world.service.file_report(&world.person(2), program, report).await {
                    Ok(_) => drop(done.fetch_add(1, Ordering::Relaxed)),
                    Err(error) => assert_eq!(error.code(), "report.exists"),
                }
            })
        });
        h.spawner.all(tasks.collect()).await;
        assert_eq!(done.load(Ordering::Relaxed), 1);
        scene.world.days(1);
    }
    sound(&scene.world).await;
}

/// A report with a block while the other accepts: in whatever order, nothing lives between the two, and the
/// case is there.
pub async fn report_and_block_against_accept(h: Harness) {
    let world = World::new(h.store);
    for round in 0..ROUNDS {
        let program = world.program(|_| {}).await;
        let (one, other) = (10 * round + 1, 10 * round + 2);
        let mentor = world.enroll(program, one, Role::Mentor).await;
        let mentee = world.enroll(program, other, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        world.service.accept(&world.person(one), offer).await.unwrap();
        let tasks = vec![
            call!(world, world.person(one), |s, me| {
                let report = about(other, "scam").block();
                async move { s.file_report(&me, program, report).await }
            }),
            call!(world, world.person(other), |s, me| s.accept(&me, offer)),
        ];
        h.spawner.all(tasks).await;
        sound(&world).await;
        let reports = world.service.my_reports(&world.person(one), world.first_page()).await;
        assert_eq!(reports.unwrap().items.len(), 1);
        assert!(world.service.my_blocks(&world.person(one), world.first_page()).await.is_ok());
    }
}

/// Somebody is taken out while they accept: no pair of theirs lives on in the program.
pub async fn removal_against_accept(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = crate::base::host::TenantId::try_from(format!("harbour-{round}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let world = &scene.world;
        let case = scene.taken().await;
        let places = world.service.my_enrollments(&world.person(1), world.first_page()).await;
        let mentor = places.unwrap().items[0].id;
        world.service.set_capacity(&world.person(1), mentor, 2).await.unwrap();
        let mentee = world.enroll(scene.program, 3, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        world.service.accept(&world.person(1), offer).await.unwrap();
        let tasks = vec![
            call!(world, world.other_admin(), |s, me| {
                let decided = verdict(Outcome::Actioned, &[Measure::RemoveFromProgram]);
                async move { s.decide_case(&me, case, decided).await }
            }),
            call!(world, world.person(3), |s, me| s.accept(&me, offer)),
        ];
        h.spawner.all(tasks).await;
        sound(world).await;
        let pairs = world.service.my_pairs(&world.person(1), world.first_page()).await.unwrap();
        assert!(pairs.items.iter().all(|it| it.state.as_str() == "ended"), "{pairs:?}");
    }
}

/// Two reviewers take and decide at once: one decision, by whoever has the case.
pub async fn two_decisions_at_once(h: Harness) {
    for round in 0..ROUNDS {
        let tenant = crate::base::host::TenantId::try_from(format!("harbour-{round}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let world = &scene.world;
        world.host.admins([who(901), who(902)]);
        let case = scene.taken().await;
        let group = crate::conformance::make::group();
        let third = crate::policy::actor::Actor::group_admin(world.tenant.clone(), who(902), group);
        let tasks = vec![
            call!(world, world.other_admin(), |s, me| {
                let decided = verdict(Outcome::Actioned, &[Measure::EndPair]);
                async move { s.decide_case(&me, case, decided).await }
            }),
            call!(world, third, |s, me| {
                let decided = verdict(Outcome::NoAction, &[]);
                async move {
                    s.take_case(&me, case).await?;
                    s.decide_case(&me, case, decided).await
                }
            }),
        ];
        h.spawner.all(tasks).await;
        sound(world).await;
        let own = world.service.my_reports(&world.person(2), world.first_page()).await.unwrap();
        let ended = world.pair_state(2, scene.pair).await == "ended";
        assert_eq!(own.items[0].outcome == Some(Outcome::Actioned), ended);
    }
}
