//! Somebody signs up while the program closes, while their age becomes known, or twice.

use std::sync::{Arc, Mutex};

use super::arena::{Arena, ROUNDS, call, roomy, task, too_young};
use crate::{
    base::id::CommandId,
    conformance::{Harness, make::id, world::sign_up},
    model::enrollment::Role,
};

/// The same command from several workers has one effect and one reply.
pub async fn the_same_command_many_times(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(|policy| policy.approval = true).await;
        let replies = Arc::new(Mutex::new(Vec::new()));
        let command: CommandId = id(700 + round);
        let tasks = (0..5).map(|_| {
            let service = arena.world.service.clone();
            let actor = arena.world.person(10 + round).with_command(command);
            let replies = replies.clone();
            task(async move {
                let reply = service.enroll(&actor, program, sign_up(Role::Mentor)).await;
                replies.lock().unwrap().push(reply.expect("each is told the same"));
            })
        });
        let census = arena.race(tasks.collect()).await;
        let of_program = census.enrollments.values().filter(|it| it.program == program);
        assert_eq!(of_program.count(), 1);
        let replies = replies.lock().unwrap();
        assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:?}");
    }
}

/// Somebody signs up while the program winds down: afterwards nobody waits in it.
pub async fn wind_down_against_apply(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(|policy| policy.approval = true).await;
        let tasks = vec![
            call!(arena.world, arena.world.person(round + 1), |s, me| s.enroll(
                &me,
                program,
                sign_up(Role::Mentee)
            )),
            call!(arena.world, arena.world.admin(), |s, me| s.wind_down_program(&me, program)),
        ];
        arena.race(tasks).await;
        arena.world.sweep().await;
        let census = arena.race(Vec::new()).await;
        let waiting = census
            .enrollments
            .values()
            .filter(|it| it.program == program && it.state.code() == "submitted");
        assert_eq!(waiting.count(), 0);
    }
}

/// Somebody signs up while sign-up closes.
pub async fn close_against_apply(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let tasks = vec![
            call!(arena.world, arena.world.admin(), |s, me| s.close_enrollment(&me, program)),
            call!(arena.world, arena.world.person(round + 1), |s, me| s.enroll(
                &me,
                program,
                sign_up(Role::Mentee)
            )),
        ];
        let census = arena.race(tasks).await;
        assert_eq!(census.programs[&program].state.code(), "enrollment_closed");
    }
}

/// One person signs up twice at once: one place.
pub async fn two_applications_of_one_person(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let tasks = (0..3).map(|_| {
            call!(arena.world, arena.world.person(round + 1), |s, me| s.enroll(
                &me,
                program,
                sign_up(Role::Mentor)
            ))
        });
        let census = arena.race(tasks.collect()).await;
        let places = census.enrollments.values().filter(|it| it.program == program);
        assert_eq!(places.count(), 1);
    }
}

/// The host learns that somebody is a minor while they sign up.
pub async fn age_against_apply(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let tasks = vec![
            too_young(&arena, round + 1),
            call!(arena.world, arena.world.person(round + 1), |s, me| s.enroll(
                &me,
                program,
                sign_up(Role::Mentor)
            )),
        ];
        arena.race(tasks).await;
    }
}
