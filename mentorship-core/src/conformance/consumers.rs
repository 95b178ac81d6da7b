//! Several consumers, lanes, and messages that cannot be delivered.

use super::{
    Harness,
    contract::store,
    make::{self, after, id, tenant},
};
use crate::{
    base::time::Timestamp,
    change::ChangeSet,
    model::event::OutboxMessage,
    store::{ClaimAsk, Consumer, Cursor, Envelope, Outbox, ParkedAsk, Store, StoreErrorKind},
};

fn outbox(store: &dyn Store) -> &dyn Outbox {
    store.outbox().expect("the suite needs the outbox that the capabilities promise")
}

fn webhook() -> Consumer {
    Consumer::new("webhook").unwrap()
}

/// Messages in these lanes, one a second, with ids and instants from 1 on.
async fn say(store_: &dyn Store, lanes: &[u64]) {
    let mut set = ChangeSet::new(tenant());
    for (n, lane) in (1..).zip(lanes) {
        set.outbox.push(OutboxMessage {
            proposal: Some(id(*lane)),
            ..make::message(n, 1, after(n.cast_signed()))
        });
    }
    store(store_, set).await;
}

/// What a consumer claims for a minute.
async fn claim(
    store: &dyn Store,
    consumer: &Consumer,
    now: Timestamp,
    limit: u16,
) -> Vec<Envelope> {
    let lease_until = now + chrono::TimeDelta::seconds(60);
    let ask = ClaimAsk { consumer: consumer.clone(), limit, ..ClaimAsk::new(now, lease_until) };
    outbox(store).claim(&ask).await.unwrap()
}

fn ids(claimed: &[Envelope]) -> Vec<crate::base::id::MessageId> {
    claimed.iter().map(|it| it.message.id).collect()
}

async fn parked(store: &dyn Store, consumer: &Consumer) -> Vec<Envelope> {
    let (mut all, mut next) = (Vec::new(), None);
    loop {
        let ask = ParkedAsk { tenant: tenant(), consumer: consumer.clone(), after: next, limit: 2 };
        let page = outbox(store).parked(&ask).await.unwrap();
        all.extend(page.items);
        next = page.next;
        if next.is_none() {
            return all;
        }
    }
}

/// Each consumer gets every message that is written while it is subscribed, whatever the others do.
pub async fn every_consumer_gets_every_message(h: Harness) {
    let (default, webhook) = (Consumer::default(), webhook());
    let all = outbox(&*h.store).consumers().await.unwrap();
    assert_eq!(all, [default.clone()].into());
    say(&*h.store, &[1]).await;
    outbox(&*h.store).subscribe(&webhook).await.unwrap();
    outbox(&*h.store).subscribe(&webhook).await.unwrap();
    let all = outbox(&*h.store).consumers().await.unwrap();
    assert_eq!(all, [default.clone(), webhook.clone()].into());
    let mut set = ChangeSet::new(tenant());
    set.outbox.push(make::message(2, 2, after(2)));
    store(&*h.store, set).await;
    let hooked = claim(&*h.store, &webhook, after(10), 10).await;
    assert_eq!(ids(&hooked), [id(2)], "from its subscription on");
    assert_eq!(hooked[0].consumer, webhook);
    let receipts = [hooked[0].receipt()];
    assert_eq!(outbox(&*h.store).acknowledge(&receipts).await.unwrap(), 1);
    let claimed = claim(&*h.store, &default, after(10), 10).await;
    assert_eq!(ids(&claimed), [id(1), id(2)], "nobody took it away");
    // A receipt of one consumer says nothing for another.
    let mut other = claimed[1].receipt();
    other.consumer = webhook.clone();
    assert_eq!(outbox(&*h.store).acknowledge(&[other]).await.unwrap(), 0);
    outbox(&*h.store).unsubscribe(&webhook).await.unwrap();
    let all = outbox(&*h.store).consumers().await.unwrap();
    assert_eq!(all, [default].into());
}

/// A consumer that leaves loses what it has not read, and what is written before it comes back.
pub async fn a_consumer_that_left_is_forgotten(h: Harness) {
    let webhook = webhook();
    outbox(&*h.store).subscribe(&webhook).await.unwrap();
    say(&*h.store, &[1, 2]).await;
    let first = claim(&*h.store, &webhook, after(10), 1).await;
    outbox(&*h.store).park(&[first[0].receipt()]).await.unwrap();
    outbox(&*h.store).unsubscribe(&webhook).await.unwrap();
    assert!(claim(&*h.store, &webhook, after(10), 10).await.is_empty());
    let mut set = ChangeSet::new(tenant());
    set.outbox.push(make::message(3, 3, after(3)));
    store(&*h.store, set).await;
    outbox(&*h.store).subscribe(&webhook).await.unwrap();
    assert!(claim(&*h.store, &webhook, after(100), 10).await.is_empty());
    assert!(parked(&*h.store, &webhook).await.is_empty());
    assert_eq!(claim(&*h.store, &Consumer::default(), after(10), 10).await.len(), 3);
    outbox(&*h.store).unsubscribe(&webhook).await.unwrap();
}

/// Nothing of a lane goes out while an earlier message of it is on its way; other lanes go on.
pub async fn a_lane_goes_out_in_order(h: Harness) {
    let default = Consumer::default();
    say(&*h.store, &[7, 8, 7, 7, 9]).await;
    let first = claim(&*h.store, &default, after(10), 1).await;
    assert_eq!(ids(&first), [id(1)]);
    let second = claim(&*h.store, &default, after(11), 10).await;
    assert_eq!(ids(&second), [id(2), id(5)], "3 and 4 wait for 1");
    outbox(&*h.store).acknowledge(&[first[0].receipt()]).await.unwrap();
    // One claim may take several of a lane.
    let third = claim(&*h.store, &default, after(12), 10).await;
    assert_eq!(ids(&third), [id(3), id(4)]);
    // Of another consumer's claims it knows nothing.
    assert!(claim(&*h.store, &webhook(), after(12), 10).await.is_empty());
}

/// A message that is postponed holds its lane up until then, and comes back with a higher number.
pub async fn a_postponed_message_comes_back(h: Harness) {
    let default = Consumer::default();
    say(&*h.store, &[7, 7]).await;
    let first = claim(&*h.store, &default, after(10), 1).await;
    let done = outbox(&*h.store).postpone(&[first[0].receipt()], after(300)).await.unwrap();
    assert_eq!(done, 1);
    assert!(claim(&*h.store, &default, after(299), 10).await.is_empty());
    let again = claim(&*h.store, &default, after(300), 10).await;
    assert_eq!(ids(&again), [id(1), id(2)]);
    assert_eq!((again[0].epoch, again[0].attempts), (2, 2));
    assert_eq!((again[1].epoch, again[1].attempts), (1, 1));
    let late = outbox(&*h.store).postpone(&[first[0].receipt()], after(900)).await.unwrap();
    assert_eq!(late, 0, "its claim was overtaken");
}

/// A claim that is given back untried does not count.
pub async fn a_released_message_was_never_tried(h: Harness) {
    let default = Consumer::default();
    say(&*h.store, &[7, 7]).await;
    let first = claim(&*h.store, &default, after(10), 10).await;
    let receipts: Vec<_> = first.iter().map(Envelope::receipt).collect();
    assert_eq!(outbox(&*h.store).release(&receipts[1..]).await.unwrap(), 1);
    assert!(claim(&*h.store, &default, after(11), 10).await.is_empty(), "1 is on its way");
    assert_eq!(outbox(&*h.store).release(&receipts).await.unwrap(), 1, "2 has been");
    let again = claim(&*h.store, &default, after(12), 10).await;
    assert_eq!(ids(&again), [id(1), id(2)]);
    for envelope in again {
        assert_eq!(envelope.attempts, 1);
        assert!(envelope.epoch > 1, "fenced all the same");
    }
}

/// A message that is set aside holds nothing up, is listed, and comes back when somebody says so.
pub async fn a_parked_message_waits_for_somebody(h: Harness) {
    let default = Consumer::default();
    say(&*h.store, &[7, 7, 8, 9]).await;
    let first = claim(&*h.store, &default, after(10), 10).await;
    let receipts: Vec<_> = first.iter().map(Envelope::receipt).collect();
    let bad = [receipts[0].clone(), receipts[2].clone(), receipts[3].clone()];
    assert_eq!(outbox(&*h.store).park(&bad).await.unwrap(), 3);
    assert_eq!(outbox(&*h.store).park(&bad).await.unwrap(), 0, "only once");
    assert_eq!(outbox(&*h.store).acknowledge(&bad).await.unwrap(), 0);
    let later = claim(&*h.store, &default, after(1_000), 10).await;
    assert_eq!(ids(&later), [id(2)]);
    let aside = parked(&*h.store, &default).await;
    assert_eq!(ids(&aside), [id(1), id(3), id(4)]);
    assert_eq!((aside[0].attempts, &aside[0].message), (1, &first[0].message));
    assert_eq!(outbox(&*h.store).unpark(&[aside[0].receipt()]).await.unwrap(), 1);
    let again = claim(&*h.store, &default, after(1_000), 10).await;
    assert_eq!(ids(&again), [id(1)]);
    assert_eq!((again[0].epoch, again[0].attempts), (2, 1), "counted anew, fenced on");
    assert_eq!(ids(&parked(&*h.store, &default).await), [id(3), id(4)]);
    let after = Some(Cursor { rank: 0, id: "no id".to_owned() });
    let ask = ParkedAsk { tenant: tenant(), consumer: default, after, limit: 2 };
    let error = outbox(&*h.store).parked(&ask).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unsupported, "a cursor that nobody gave");
}

/// Many who claim at once: every message goes to one of them, each lane in order.
pub async fn claims_at_once_keep_lanes_apart(h: Harness) {
    let lanes: Vec<u64> = (0..60).map(|n| n % 6).collect();
    say(&*h.store, &lanes).await;
    let all = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    for round in 0..40 {
        let now = after(1_000 * (round + 1));
        let got = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let tasks = (0..4).map(|worker| {
            let (store, got) = (h.store.clone(), got.clone());
            let task: super::Task = Box::pin(async move {
                let claimed = claim(&*store, &Consumer::default(), now, 3 + worker).await;
                got.lock().unwrap().push(claimed);
            });
            task
        });
        h.spawner.all(tasks.collect()).await;
        let got = std::mem::take(&mut *got.lock().unwrap());
        let mut holders = std::collections::BTreeMap::new();
        for (worker, claimed) in got.iter().enumerate() {
            for envelope in claimed {
                let holder = holders.entry(envelope.message.lane()).or_insert(worker);
                assert_eq!(*holder, worker, "a lane on its way to two at once");
                all.lock().unwrap().push((envelope.message.lane(), envelope.message.at));
            }
        }
        let receipts: Vec<_> = got.iter().flatten().map(Envelope::receipt).collect();
        let done = outbox(&*h.store).acknowledge(&receipts).await.unwrap();
        assert_eq!(usize::try_from(done).unwrap(), receipts.len());
    }
    let all = std::mem::take(&mut *all.lock().unwrap());
    assert_eq!(all.len(), 60, "each once");
    let mut last = std::collections::BTreeMap::new();
    for (lane, at) in all {
        assert!(last.insert(lane, at).is_none_or(|before| before < at), "a lane out of order");
    }
}
