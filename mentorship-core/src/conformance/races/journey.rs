//! What happens to a pair while one of the two acts, or while time does.

use super::arena::{Arena, ROUNDS, call, roomy, sweep};
use crate::{
    base::{id::PairId, text::Body},
    conformance::{
        Harness, Task,
        census::Census,
        make::{slug, who},
    },
    model::pair::EndKind,
};

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
