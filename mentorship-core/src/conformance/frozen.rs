//! Delivery while a pair stands still by the program (row 61).

use super::{
    Harness,
    contract::{ground, set_of, store},
    make::{self, after, id, two},
    world::World,
};
use crate::{
    base::{id::MessageId, time::Timestamp, version::Version},
    change::Change,
    model::{
        event::OutboxMessage,
        pair::{Pair, PairState},
    },
    store::{ClaimAsk, Store},
};

async fn claim(store: &dyn Store, now: Timestamp) -> Vec<(MessageId, u32)> {
    let lease_until = now + chrono::TimeDelta::seconds(60);
    let ask = ClaimAsk { limit: 2, ..ClaimAsk::new(now, lease_until) };
    let outbox = store.outbox().expect("the suite needs the outbox that the capabilities promise");
    let claimed = outbox.claim(&ask).await.unwrap();
    claimed.iter().map(|it| (it.message.id, it.epoch)).collect()
}

fn frozen(n: u64, mentor: (u64, u64), mentee: (u64, u64)) -> Pair {
    let resume_to = Box::new(PairState::Active { since: after(0) });
    Pair {
        state: PairState::Frozen { since: after(1), resume_to, held_by: make::by_hand() },
        due_at: None,
        ..make::pair(n, 1, mentor, mentee)
    }
}

/// A message between the two of a frozen pair waits for the end of the freeze, whichever way it ends;
/// one to a single person, of another pair or of none arrives meanwhile.
pub async fn a_message_of_a_frozen_pair_waits(h: Harness) {
    store(&*h.store, ground()).await;
    let one = frozen(80, (11, 1), (14, 4));
    let other = frozen(81, (12, 2), (15, 5));
    store(&*h.store, set_of([&one, &other].map(|it| Change::Pair(it.clone())))).await;
    let mut set = set_of([Change::Pair(make::pair(82, 1, (13, 3), (16, 6)))]);
    let say = |n, between, pair: Option<u64>| OutboxMessage {
        between,
        pair: pair.map(id),
        ..make::message(n, 1, after(n.cast_signed()))
    };
    set.outbox.push(say(1, Some(two(1, 4)), Some(80)));
    set.outbox.push(say(2, Some(two(2, 5)), Some(81)));
    set.outbox.push(say(3, None, Some(80)));
    set.outbox.push(say(4, Some(two(3, 6)), Some(82)));
    set.outbox.push(say(5, Some(two(1, 4)), None));
    store(&*h.store, set).await;
    let free = claim(&*h.store, after(10)).await;
    assert_eq!(free, [(id(3), 1), (id(4), 1)], "the claim is filled up");
    assert_eq!(claim(&*h.store, after(10)).await, [(id(5), 1)]);
    let version = Version::new(1);
    let goes_on = PairState::Active { since: after(20) };
    store(&*h.store, set_of([Change::Pair(Pair { version, state: goes_on, ..one })])).await;
    assert_eq!(claim(&*h.store, after(21)).await, [(id(1), 1)], "first after the freeze");
    let over = PairState::Completed { at: after(30), by: None };
    store(&*h.store, set_of([Change::Pair(Pair { version, state: over, ..other })])).await;
    assert_eq!(claim(&*h.store, after(31)).await, [(id(2), 1)]);
}

/// What one wrote before the freeze reaches the other after it; the notice of the freeze itself arrives
/// at once.
pub async fn the_notice_of_a_freeze_does_not_wait(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    drop(world.messages().await);
    let body = crate::base::text::Body::new("Ahoy!").unwrap();
    world.service.post(&world.person(1), pair, &make::slug("hello"), None, body).await.unwrap();
    world.service.freeze_pair(&world.staff(), pair).await.unwrap();
    let kinds = || async {
        let messages = world.messages().await;
        messages.iter().map(|it| it.message.kind.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(kinds().await, ["pair.paused_by_program", "pair.paused_by_program"]);
    world.service.unfreeze_pair(&world.staff(), pair).await.unwrap();
    let after = kinds().await;
    assert_eq!(after.len(), 3, "{after:?}");
    assert_eq!(after[1..], ["pair.resumed", "pair.resumed"]);
}
