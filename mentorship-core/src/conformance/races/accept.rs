//! Somebody says yes while something else happens to the offer, the places or the two people.

use super::arena::{Arena, ROUNDS, call, live, roomy, sweep, too_young};
use crate::{
    base::id::{EnrollmentId, ProgramId},
    conformance::{
        Harness, Task,
        make::{group, slug, who},
    },
    model::{enrollment::Role, pair::EndKind},
};

/// Runs a race of an accepting mentee against something else, some rounds.
async fn against_accept(h: Harness, other: impl Fn(&Arena, EnrollmentId, u64, ProgramId) -> Task) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let (mentor, offer) = arena.half_accepted(program, base).await;
        let accept = call!(arena.world, arena.world.person(base + 1), |s, me| s.accept(&me, offer));
        let other = other(&arena, mentor, base, program);
        let tasks = if round % 2 == 0 { vec![accept, other] } else { vec![other, accept] };
        let census = arena.race(tasks).await;
        assert!(live(&census, mentor) <= 1);
    }
}

/// The mentor blocks the mentee who is about to say yes (D4).
pub async fn block_against_accept(h: Harness) {
    against_accept(h, |arena, _, base, _| {
        call!(arena.world, arena.world.person(base), |s, me| {
            let other = who(base + 1);
            async move { s.block(&me, &other).await }
        })
    })
    .await;
}

/// The mentee blocks and says yes at once, from two devices.
pub async fn accept_against_block(h: Harness) {
    against_accept(h, |arena, _, base, _| {
        call!(arena.world, arena.world.person(base + 1), |s, me| {
            let other = who(base);
            async move { s.block(&me, &other).await }
        })
    })
    .await;
}

/// Former mentees ask a mentor for another round, which keeps no place (D36); the mentor says yes to all
/// of them at once, from as many devices, with fewer places than that.
async fn for_few_places(h: Harness, mentees: u64, places: u8) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 20 * round + 1;
        let (mentor, offers) = arena.offers(program, base, mentees).await;
        let me = arena.world.person(base);
        let service = &arena.world.service;
        let mut requests = Vec::new();
        for (n, offer) in (1..).zip(offers) {
            let pair = arena.world.accept(offer, base, base + n).await;
            service.end_pair(&me, pair, EndKind::GoalsMetEarly, None, true).await.unwrap();
            let asks = arena.world.person(base + n);
            requests.push(service.restart_pair(&asks, pair).await.unwrap().proposal);
        }
        service.set_capacity(&me, mentor, places).await.unwrap();
        let tasks = requests.into_iter().map(|request| {
            call!(arena.world, arena.world.person(base), |s, me| s.accept(&me, request))
        });
        let census = arena.race(tasks.collect()).await;
        assert_eq!(live(&census, mentor), usize::from(places), "first acceptances win");
    }
}

/// Two say yes for one place: the first wins.
pub async fn two_acceptances_for_one_place(h: Harness) {
    for_few_places(h, 2, 1).await;
}

/// Six say yes for two places.
pub async fn many_acceptances_for_few_places(h: Harness) {
    for_few_places(h, 6, 2).await;
}

/// The mentor gives up the place that is about to be taken.
pub async fn lowered_capacity_against_accept(h: Harness) {
    against_accept(h, |arena, mentor, base, _| {
        call!(arena.world, arena.world.person(base), |s, me| s.set_capacity(&me, mentor, 0))
    })
    .await;
}

/// The mentor pauses.
pub async fn pause_against_accept(h: Harness) {
    against_accept(h, |arena, mentor, base, _| {
        call!(arena.world, arena.world.person(base), |s, me| s.pause_enrollment(&me, mentor, None))
    })
    .await;
}

/// The mentor leaves: no pair stays behind.
pub async fn withdraw_against_accept(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let (mentor, offer) = arena.half_accepted(program, base).await;
        let tasks = vec![
            call!(arena.world, arena.world.person(base + 1), |s, me| s.accept(&me, offer)),
            call!(arena.world, arena.world.person(base), |s, me| s
                .withdraw_enrollment(&me, mentor)),
        ];
        let census = arena.race(tasks).await;
        assert_eq!(live(&census, mentor), 0);
    }
}

/// One says yes, the other no.
pub async fn decline_against_accept(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let (_, offers) = arena.offers(program, base, 1).await;
        let offer = offers[0];
        let tasks = vec![
            call!(arena.world, arena.world.person(base + 1), |s, me| s.accept(&me, offer)),
            call!(arena.world, arena.world.person(base), |s, me| s.decline(
                &me,
                offer,
                Some(slug("no_time"))
            )),
        ];
        let census = arena.race(tasks).await;
        assert_eq!(census.proposals[&offer].state.code(), "declined");
    }
}

/// Both say yes at once: one pair.
pub async fn both_accept_at_once(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let (mentor, offers) = arena.offers(program, base, 1).await;
        let offer = offers[0];
        let tasks = (0..2).map(|n| {
            call!(arena.world, arena.world.person(base + n), |s, me| s.accept(&me, offer))
        });
        let census = arena.race(tasks.collect()).await;
        assert_eq!(live(&census, mentor), 1);
    }
}

/// The offer lapses at the very instant of the yes: yes comes too late by then, whoever is first.
pub async fn sweep_against_accept(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let (mentor, offer) = arena.half_accepted(program, base).await;
        arena.world.days(14);
        let tasks = vec![
            sweep(&arena),
            call!(arena.world, arena.world.person(base + 1), |s, me| s.accept(&me, offer)),
            sweep(&arena),
        ];
        let census = arena.race(tasks).await;
        assert_eq!(live(&census, mentor), 0);
        assert_eq!(census.proposals[&offer].state.code(), "expired");
    }
}

/// The host learns that the mentor is a minor while the mentee says yes.
pub async fn age_against_accept(h: Harness) {
    against_accept(h, |arena, _, base, _| too_young(arena, base)).await;
}

/// The mentor leaves the group while the mentee says yes.
pub async fn leave_against_accept(h: Harness) {
    against_accept(h, |arena, _, base, _| {
        call!(arena.world, arena.world.host_actor(), |s, host| {
            async move { s.leave_group(&host, &who(base), &group()).await }
        })
    })
    .await;
}

/// One person, two programs, a cap over both: yes in both at once makes one pair.
pub async fn person_cap_over_programs(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let base = 10 * round + 1;
        let mut tasks = Vec::new();
        for n in 0..2 {
            let program = arena
                .world
                .program(|policy| {
                    policy.person_cap = Some(1);
                    policy.max_mentor_capacity = 5;
                })
                .await;
            let mentor = arena.world.enroll(program, base, Role::Mentor).await;
            let mentee = arena.world.enroll(program, base + 1 + n, Role::Mentee).await;
            let offer = arena.world.offer(mentor, mentee).await;
            arena.world.service.accept(&arena.world.person(base), offer).await.unwrap();
            tasks
                .push(call!(arena.world, arena.world.person(base + 1 + n), |s, me| s
                    .accept(&me, offer)));
        }
        let census = arena.race(tasks).await;
        let of_person = census
            .pairs
            .values()
            .filter(|pair| pair.state.is_live() && pair.mentor.person == who(base));
        assert_eq!(of_person.count(), 1);
    }
}

/// The platform suspends the program while the mentee says yes.
pub async fn suspend_against_accept(h: Harness) {
    against_accept(h, |arena, _, _, program| {
        call!(arena.world, arena.world.staff(), |s, me| s.suspend_program(&me, program))
    })
    .await;
}
