//! The outbox: at least once, in order, and never past a block.

use super::{
    Harness,
    contract::{refused, set_of, store},
    make::{self, after, id, tenant, two, who},
};
use crate::{
    base::{host::TenantId, time::Timestamp, version::Version},
    change::{Change, ChangeSet, Key},
    model::{event::OutboxMessage, relation::Relation},
    store::{ClaimAsk, Envelope, Outbox, Store, StoreErrorKind},
};

fn ask(now: Timestamp, limit: u16) -> ClaimAsk {
    let lease_until = now + chrono::TimeDelta::seconds(60);
    ClaimAsk { limit, ..ClaimAsk::new(now, lease_until) }
}

fn outbox(store: &dyn Store) -> &dyn Outbox {
    store.outbox().expect("the suite needs the outbox that the capabilities promise")
}

/// A message in a lane of its own.
fn loose(n: u64, at: Timestamp) -> OutboxMessage {
    OutboxMessage { proposal: Some(id(n)), ..make::message(n, 1, at) }
}

async fn say(store_: &dyn Store, count: u64) {
    let mut set = ChangeSet::new(tenant());
    for n in 1..=count {
        // Two at each instant, given in order of their ids.
        set.outbox.push(loose(n, after((n / 2).cast_signed())));
    }
    store(store_, set).await;
}

fn numbers(claimed: &[Envelope]) -> Vec<crate::base::id::MessageId> {
    claimed.iter().map(|envelope| envelope.message.id).collect()
}

/// While a claim holds, nobody else gets the message; it comes back as it was written.
pub async fn a_message_is_claimed_once(h: Harness) {
    say(&*h.store, 3).await;
    let claimed = outbox(&*h.store).claim(&ask(after(10), 10)).await.unwrap();
    assert_eq!(claimed.len(), 3);
    for envelope in &claimed {
        assert_eq!((envelope.epoch, &envelope.tenant), (1, &tenant()));
    }
    let first = claimed.iter().find(|it| it.message.id == id(1)).unwrap();
    assert_eq!(first.message, loose(1, after(0)));
    assert!(outbox(&*h.store).claim(&ask(after(11), 10)).await.unwrap().is_empty());
}

/// A claim that is not acknowledged runs out; the next one has a higher number.
pub async fn a_lease_runs_out(h: Harness) {
    say(&*h.store, 1).await;
    assert_eq!(outbox(&*h.store).claim(&ask(after(10), 1)).await.unwrap().len(), 1);
    assert!(outbox(&*h.store).claim(&ask(after(69), 1)).await.unwrap().is_empty());
    let again = outbox(&*h.store).claim(&ask(after(70), 1)).await.unwrap();
    assert_eq!(again[0].epoch, 2);
}

/// What is delivered is never handed out again.
pub async fn an_acknowledged_message_is_gone(h: Harness) {
    say(&*h.store, 2).await;
    let claimed = outbox(&*h.store).claim(&ask(after(10), 1)).await.unwrap();
    let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
    assert_eq!(outbox(&*h.store).acknowledge(&receipts).await.unwrap(), 1);
    assert_eq!(outbox(&*h.store).acknowledge(&receipts).await.unwrap(), 0, "only once");
    let later = outbox(&*h.store).claim(&ask(after(1_000), 10)).await.unwrap();
    assert_eq!(later.len(), 1);
    assert_ne!(later[0].message.id, claimed[0].message.id);
}

/// A receipt of a claim that was overtaken, of another tenant, or of nothing does nothing.
pub async fn an_overtaken_receipt_does_nothing(h: Harness) {
    say(&*h.store, 1).await;
    let first = outbox(&*h.store).claim(&ask(after(10), 1)).await.unwrap();
    let second = outbox(&*h.store).claim(&ask(after(100), 1)).await.unwrap();
    let old = first[0].receipt();
    let mut elsewhere = second[0].receipt();
    elsewhere.tenant = make::elsewhere();
    let mut unknown = second[0].receipt();
    unknown.id = id(404);
    let done = outbox(&*h.store).acknowledge(&[old, elsewhere, unknown]).await.unwrap();
    assert_eq!(done, 0);
    assert_eq!(outbox(&*h.store).acknowledge(&[second[0].receipt()]).await.unwrap(), 1);
}

/// A message between two people is dropped if one blocks the other by the time of delivery, also when
/// it was claimed before; the others arrive.
pub async fn a_message_between_blocked_people_is_dropped(h: Harness) {
    let mut set = ChangeSet::new(tenant());
    for n in 1..=3 {
        let mut message = loose(n, after(n.cast_signed()));
        message.between = (n == 2).then(|| two(1, 2));
        set.outbox.push(message);
    }
    store(&*h.store, set).await;
    let mut block = Relation::new(two(1, 2));
    block.hi.blocked_at = Some(after(5));
    store(&*h.store, set_of([Change::Relation(block.clone())])).await;
    let claimed = outbox(&*h.store).claim(&ask(after(10), 2)).await.unwrap();
    assert_eq!(numbers(&claimed), [id(1), id(3)], "the claim is filled up");
    let lifted = Relation { version: Version::new(1), ..Relation::new(two(1, 2)) };
    store(&*h.store, set_of([Change::Relation(lifted)])).await;
    let later = outbox(&*h.store).claim(&ask(after(1_000), 10)).await.unwrap();
    assert_eq!(numbers(&later), [id(1), id(3)], "dropped for good");
}

/// A block between others, or in another tenant, drops nothing.
pub async fn a_message_about_a_block_elsewhere_arrives(h: Harness) {
    let mut set = ChangeSet::new(tenant());
    let mut message = make::message(1, 1, after(1));
    message.between = Some(two(1, 2));
    set.outbox.push(message);
    for (tenant, people) in [(tenant(), two(1, 3)), (make::elsewhere(), two(1, 2))] {
        let mut other = ChangeSet::new(tenant);
        let mut block = Relation::new(people);
        block.lo.blocked_at = Some(after(1));
        other.put(Change::Relation(block));
        store(&*h.store, other).await;
    }
    store(&*h.store, set).await;
    assert_eq!(outbox(&*h.store).claim(&ask(after(10), 5)).await.unwrap().len(), 1);
}

/// The oldest come first, by instant and id.
pub async fn claims_keep_order(h: Harness) {
    say(&*h.store, 9).await;
    let mut all = Vec::new();
    for n in 0..5 {
        let claimed = outbox(&*h.store).claim(&ask(after(10 + n), 2)).await.unwrap();
        all.extend(claimed.iter().map(|it| (it.message.at, it.message.id)));
    }
    assert_eq!(all.len(), 9);
    assert!(all.is_sorted(), "{all:?}");
}

/// A claim gives at most what was asked, at least one, never more than 500.
pub async fn claims_are_bounded(h: Harness) {
    say(&*h.store, 505).await;
    assert_eq!(outbox(&*h.store).claim(&ask(after(400), 0)).await.unwrap().len(), 1);
    assert_eq!(outbox(&*h.store).claim(&ask(after(400), u16::MAX)).await.unwrap().len(), 500);
    assert_eq!(outbox(&*h.store).claim(&ask(after(400), u16::MAX)).await.unwrap().len(), 4);
}

/// A claim can be of one tenant alone.
pub async fn claims_can_be_of_one_tenant(h: Harness) {
    say(&*h.store, 2).await;
    let mut there = ChangeSet::new(make::elsewhere());
    there.outbox.push(make::message(1, 1, after(1)));
    store(&*h.store, there).await;
    let only = ClaimAsk { tenant: Some(make::elsewhere()), ..ask(after(10), 10) };
    let claimed = outbox(&*h.store).claim(&only).await.unwrap();
    assert_eq!(claimed.len(), 1);
    assert_eq!(claimed[0].tenant, make::elsewhere());
    assert_eq!(outbox(&*h.store).claim(&ask(after(10), 10)).await.unwrap().len(), 2);
}

/// A claim can begin after a tenant, whose own messages it leaves.
pub async fn claims_can_begin_after_a_tenant(h: Harness) {
    let mut tenants = [tenant(), make::elsewhere()];
    tenants.sort();
    for (n, of) in (1..).zip(&tenants) {
        let mut set = ChangeSet::new(of.clone());
        set.outbox.extend([make::message(n, 1, after(2)), make::message(n + 2, 1, after(1))]);
        store(&*h.store, set).await;
    }
    let [first, last] = tenants;
    let from = |after_tenant: &TenantId, only: Option<&TenantId>| ClaimAsk {
        after: Some(after_tenant.clone()),
        tenant: only.cloned(),
        ..ask(after(10), 10)
    };
    let outbox = outbox(&*h.store);
    assert!(outbox.claim(&from(&last, None)).await.unwrap().is_empty());
    assert!(outbox.claim(&from(&first, Some(&first))).await.unwrap().is_empty());
    let claimed = outbox.claim(&from(&first, None)).await.unwrap();
    assert_eq!(numbers(&claimed), [id(4), id(2)]);
    assert!(claimed.iter().all(|it| it.tenant == last));
    assert_eq!(numbers(&outbox.claim(&ask(after(10), 10)).await.unwrap()), [id(3), id(1)]);
}

/// A set that is refused says nothing.
pub async fn messages_of_a_refused_set_do_not_exist(h: Harness) {
    let mut set = ChangeSet::new(tenant());
    set.outbox.push(make::message(1, 1, after(1)));
    set.guard(Key::Person(who(1)), Version::new(3));
    refused(&*h.store, set, StoreErrorKind::Conflict).await;
    assert!(outbox(&*h.store).claim(&ask(after(10), 10)).await.unwrap().is_empty());
}
