//! Two or more tasks at the same time, through the whole service: whatever the order, no invariant is
//! broken, nothing is done twice, and nobody is told of a conflict.

use std::{
    future::Future,
    sync::{Arc, Mutex},
};

use super::{
    Harness, Task,
    census::{Census, Watch},
    make::{self, group, id, slug, who},
    world::{World, sign_up},
};
use crate::{
    base::{
        id::{CommandId, EnrollmentId, PairId, ProgramId, ProposalId},
        text::Body,
    },
    decide::person::AgeFacts,
    model::{enrollment::Role, pair::EndKind, program::ProgramPolicy},
    policy::actor::Actor,
    service::{Error, SweepAsk},
};

/// How often each race is run, each time in a program of its own.
const ROUNDS: u64 = 4;

fn task(future: impl Future<Output = ()> + Send + 'static) -> Task {
    Box::pin(future)
}

/// A rule may say no; a store never may.
fn fine<T>(outcome: Result<T, Error>) -> Option<T> {
    match outcome {
        Ok(done) => Some(done),
        Err(Error::Refused(_)) => None,
        Err(error) => panic!("{error:?}"),
    }
}

/// A task that calls the service as somebody.
macro_rules! call {
    ($world:expr, $actor:expr, |$service:ident, $who:ident| $call:expr) => {{
        let ($service, $who) = ($world.service.clone(), $actor);
        task(async move {
            fine($call.await);
        })
    }};
}

struct Arena {
    h: Harness,
    world: World,
    watch: Mutex<Watch>,
}

impl Arena {
    fn new(h: Harness) -> Self {
        let world = World::new(h.store.clone());
        Self { h, world, watch: Mutex::default() }
    }

    async fn race(&self, tasks: Vec<Task>) -> Census {
        let mut watch = std::mem::take(&mut *self.watch.lock().unwrap());
        let now = self.world.now();
        watch.check(&*self.h.store, now).await.unwrap_or_else(|broken| panic!("{broken}"));
        self.h.spawner.all(tasks).await;
        let checked = watch.check(&*self.h.store, now).await;
        *self.watch.lock().unwrap() = watch;
        checked.unwrap_or_else(|broken| panic!("{broken}"))
    }

    /// A mentor with an offer to each of some mentees; the first person's number is `base`.
    async fn offers(
        &self,
        program: ProgramId,
        base: u64,
        mentees: u64,
    ) -> (EnrollmentId, Vec<ProposalId>) {
        let mut input = sign_up(Role::Mentor);
        input.capacity = Some(u8::try_from(mentees).unwrap());
        let mentor = self.world.enroll_with(program, base, input).await.unwrap();
        let mut offers = Vec::new();
        for n in 1..=mentees {
            let mentee = self.world.enroll(program, base + n, Role::Mentee).await;
            offers.push(self.world.offer(mentor, mentee).await);
        }
        (mentor, offers)
    }

    /// An offer of mentor `base` to mentee `base + 1` that only waits for the mentee.
    async fn half_accepted(&self, program: ProgramId, base: u64) -> (EnrollmentId, ProposalId) {
        let (mentor, offers) = self.offers(program, base, 1).await;
        self.world.service.accept(&self.world.person(base), offers[0]).await.unwrap();
        (mentor, offers[0])
    }
}

fn live(census: &Census, place: EnrollmentId) -> usize {
    let of = |pair: &&crate::model::pair::Pair| {
        pair.state.is_live() && [pair.mentor.enrollment, pair.mentee.enrollment].contains(&place)
    };
    census.pairs.values().filter(of).count()
}

fn roomy(policy: &mut ProgramPolicy) {
    policy.max_mentor_capacity = 8;
}

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

fn sweep(arena: &Arena) -> Task {
    call!(arena.world, Actor::clock(make::tenant()), |s, clock| {
        async move { s.sweep(&clock, SweepAsk::default()).await }
    })
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

/// Two sweeps at once do what is due once.
pub async fn two_sweeps_at_once(h: Harness) {
    let arena = Arena::new(h);
    let program = arena.world.program(roomy).await;
    for n in 0..4 {
        arena.world.pair(program, 10 * n + 1, 10 * n + 2).await;
    }
    for _ in 0..6 {
        arena.world.days(7);
        drop(arena.world.messages().await);
        arena.race(vec![sweep(&arena), sweep(&arena), sweep(&arena)]).await;
        let mut seen = std::collections::BTreeSet::new();
        for envelope in arena.world.messages().await {
            let message = envelope.message;
            let what =
                format!("{:?} {} {:?} {:?}", message.to, message.kind, message.pair, message.step);
            assert!(seen.insert(what.clone()), "said twice: {what}");
        }
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

async fn draft(arena: &Arena, program: ProgramId, base: u64) -> ProposalId {
    let mentor = arena.world.enroll(program, base, Role::Mentor).await;
    let mentee = arena.world.enroll(program, base + 1, Role::Mentee).await;
    let admin = arena.world.admin();
    arena.world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap().proposal
}

/// A block while the draft is published.
pub async fn block_against_publish(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let draft = draft(&arena, program, base).await;
        let tasks = vec![
            call!(arena.world, arena.world.admin(), |s, me| s.publish_proposal(&me, draft)),
            call!(arena.world, arena.world.person(base), |s, me| {
                let other = who(base + 1);
                async move { s.block(&me, &other).await }
            }),
        ];
        arena.race(tasks).await;
    }
}

/// Two admins publish the same draft: both are asked once.
pub async fn two_publications_of_one_draft(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let draft = draft(&arena, program, base).await;
        drop(arena.world.messages().await);
        let tasks = (0..3).map(|_| {
            call!(arena.world, arena.world.admin(), |s, me| s.publish_proposal(&me, draft))
        });
        arena.race(tasks.collect()).await;
        let asked = arena.world.messages().await;
        let asked = asked.iter().filter(|it| it.message.proposal == Some(draft)).count();
        assert_eq!(asked, 2, "each of the two once");
    }
}

/// Two admins stage the same two people: one proposal.
pub async fn two_stagings_of_two_people(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let mentor = arena.world.enroll(program, base, Role::Mentor).await;
        let mentee = arena.world.enroll(program, base + 1, Role::Mentee).await;
        let tasks = (0..3).map(|_| {
            call!(arena.world, arena.world.admin(), |s, me| s
                .stage_proposal(&me, mentor, mentee, None))
        });
        let census = arena.race(tasks.collect()).await;
        let of_program = census.proposals.values().filter(|it| it.program == program);
        assert_eq!(of_program.count(), 1);
    }
}

async fn with_pair(
    h: Harness,
    race: impl Fn(&Arena, PairId, u64) -> Vec<Task>,
    check: impl Fn(&Census, PairId),
) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let pair = arena.world.pair(program, base, base + 1).await;
        let census = arena.race(race(&arena, pair, base)).await;
        check(&census, pair);
    }
}

fn post(arena: &Arena, person: u64, pair: PairId) -> Task {
    call!(arena.world, arena.world.person(person), |s, me| {
        let body = Body::new("Fair winds.").unwrap();
        async move { s.post(&me, pair, &slug("hello"), None, body).await }
    })
}

/// A post while the other blocks: it is there and the pair is over, or it is not there.
pub async fn block_against_post(h: Harness) {
    with_pair(
        h,
        |arena, pair, base| {
            vec![
                post(arena, base, pair),
                call!(arena.world, arena.world.person(base + 1), |s, me| {
                    let other = who(base);
                    async move { s.block(&me, &other).await }
                }),
            ]
        },
        |census, pair| assert_eq!(census.pairs[&pair].state.code(), "ended"),
    )
    .await;
}

/// Posts at once get numbers without gaps.
pub async fn post_against_post(h: Harness) {
    with_pair(
        h,
        |arena, pair, base| (0..4).map(|n| post(arena, base + n % 2, pair)).collect(),
        |census, pair| assert_eq!(census.pairs[&pair].last_seq, 4),
    )
    .await;
}

/// Both call the first step done at once.
pub async fn finish_against_finish(h: Harness) {
    with_pair(
        h,
        |arena, pair, base| {
            let finish = |n| {
                call!(arena.world, arena.world.person(n), |s, me| {
                    async move { s.finish_step(&me, pair, &slug("hello")).await }
                })
            };
            vec![finish(base), finish(base + 1)]
        },
        |census, pair| {
            let done = census.audit.iter().filter(|event| {
                event.subject == crate::change::Key::Pair(pair)
                    && event.action.as_str() == "step.finish"
                    && event.to.as_ref().is_some_and(|to| to.as_str() == "done")
            });
            assert_eq!(done.count(), 1, "done once");
        },
    )
    .await;
}

/// One ends, the other says that they are done: one end.
pub async fn end_against_complete(h: Harness) {
    with_pair(
        h,
        |arena, pair, base| {
            vec![
                call!(arena.world, arena.world.person(base), |s, me| s.end_pair(
                    &me,
                    pair,
                    EndKind::NoTime,
                    None,
                    false
                )),
                call!(arena.world, arena.world.person(base + 1), |s, me| s
                    .complete_pair(&me, pair)),
            ]
        },
        |census, pair| assert!(!census.pairs[&pair].state.is_live()),
    )
    .await;
}

fn too_young(arena: &Arena, person: u64) -> Task {
    let today = arena.world.now().date_naive();
    call!(arena.world, arena.world.host_actor(), |s, host| {
        let adult_on = today.checked_add_days(chrono::Days::new(400));
        async move { s.record_age(&host, &who(person), AgeFacts { adult_on, zone: None }).await }
    })
}

/// The host learns that the mentor is a minor while the mentee says yes.
pub async fn age_against_accept(h: Harness) {
    against_accept(h, |arena, _, base, _| too_young(arena, base)).await;
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

/// The mentor leaves the group while the mentee says yes.
pub async fn leave_against_accept(h: Harness) {
    against_accept(h, |arena, _, base, _| {
        call!(arena.world, arena.world.host_actor(), |s, host| {
            async move { s.leave_group(&host, &who(base), &group()).await }
        })
    })
    .await;
}

/// Both block each other at once: both blocks stand, and the pair ends once.
pub async fn block_against_block(h: Harness) {
    with_pair(
        h,
        |arena, _, base| {
            [(base, base + 1), (base + 1, base)]
                .into_iter()
                .map(|(one, other)| {
                    call!(arena.world, arena.world.person(one), |s, me| {
                        async move { s.block(&me, &who(other)).await }
                    })
                })
                .collect()
        },
        |census, pair| {
            let people = census.pairs[&pair].people().unwrap();
            let relation = &census.relations[&people].relation;
            assert!(relation.lo.blocked_at.is_some() && relation.hi.blocked_at.is_some());
        },
    )
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
