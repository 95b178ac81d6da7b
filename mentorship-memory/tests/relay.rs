//! The relay: what it hands to the host, in which order, and what becomes of what cannot be delivered.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::BTreeMap,
    future,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::TenantId,
        id::{MessageId, PairId},
    },
    change::{Change, ChangeSet},
    conformance::{
        make::{self, after, id, tenant, two},
        world::World,
    },
    model::{
        event::OutboxMessage,
        pair::{Pair, PairState},
        relation::Relation,
    },
    service::{Backoff, Handler, NoBackoff, RelayOptions, RelayReport, Undelivered},
    store::{ClaimAsk, Consumer, Envelope, PairAsk, ParkedAsk, Store},
};
use mentorship_memory::MemoryStore;

/// What the handler says to a message's next attempt.
#[derive(Clone, Copy, Debug)]
enum Say {
    Later,
    Never,
}

type Then = Box<dyn Fn(&Envelope) + Send + Sync>;

/// A host that notes what it is handed and fails as it was told.
struct Host {
    fails: Mutex<BTreeMap<MessageId, Vec<Say>>>,
    got: Mutex<Vec<MessageId>>,
    then: Then,
}

impl Host {
    fn new() -> Self {
        Self::and(|_| {})
    }

    /// One that does something with each message besides.
    fn and(then: impl Fn(&Envelope) + Send + Sync + 'static) -> Self {
        Self { fails: Mutex::default(), got: Mutex::default(), then: Box::new(then) }
    }

    fn fail(self, n: u64, says: &[Say]) -> Self {
        self.fails.lock().unwrap().insert(id(n), says.to_vec());
        self
    }

    fn got(&self) -> Vec<MessageId> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }
}

#[async_trait]
impl Handler for Host {
    async fn deliver(&self, envelope: &Envelope) -> Result<(), Undelivered> {
        (self.then)(envelope);
        let mut fails = self.fails.lock().unwrap();
        let says = fails.get_mut(&envelope.message.id).and_then(|says| {
            let next = says.first().copied();
            says.drain(..1.min(says.len()));
            next
        });
        match says {
            Some(Say::Later) => Err(Undelivered::Later("no connection".into())),
            Some(Say::Never) => Err(Undelivered::Never("no such address".into())),
            None => {
                self.got.lock().unwrap().push(envelope.message.id);
                Ok(())
            }
        }
    }
}

/// A world with messages in these lanes, numbered from 1.
async fn world(lanes: &[u64]) -> World {
    let world = World::new(Arc::new(MemoryStore::new()));
    let mut set = ChangeSet::new(tenant());
    for (n, lane) in (1..).zip(lanes) {
        set.outbox.push(OutboxMessage {
            proposal: Some(id(*lane)),
            between: Some(two(1, 2)),
            ..make::message(n, 1, after(n.cast_signed()))
        });
    }
    let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
    world
}

fn all(numbers: &[u64]) -> Vec<MessageId> {
    numbers.iter().map(|n| id(*n)).collect()
}

fn options() -> RelayOptions {
    RelayOptions { attempts: 3, ..RelayOptions::default() }
}

async fn parked(world: &World) -> Vec<MessageId> {
    let consumer = Consumer::default();
    let ask = ParkedAsk { tenant: tenant(), consumer, after: None, limit: 100 };
    let page = world.store.outbox().unwrap().parked(&ask).await.unwrap();
    page.items.iter().map(|it| it.message.id).collect()
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test)
}

#[test]
fn each_message_is_delivered_once_and_in_order() {
    run(async {
        let world = world(&[1, 2, 1, 3]).await;
        let (host, relay) = (Host::new(), world.service.relay(options(), NoBackoff));
        let report = relay.once(&host).await.unwrap();
        assert_eq!(report, RelayReport { delivered: 4, ..RelayReport::default() });
        assert_eq!(host.got(), all(&[1, 2, 3, 4]));
        world.days(1);
        assert_eq!(relay.once(&host).await.unwrap(), RelayReport::default());
    });
}

#[test]
fn a_failure_holds_up_its_lane_alone_and_waits_longer_each_time() {
    run(async {
        let world = world(&[1, 1, 2]).await;
        let host = Host::new().fail(1, &[Say::Later, Say::Later]);
        let relay = world.service.relay(options(), NoBackoff);
        let wait = |seconds| world.clock.advance(TimeDelta::seconds(seconds));
        let report = relay.once(&host).await.unwrap();
        assert_eq!((report.delivered, report.postponed), (1, 1));
        assert_eq!(host.got(), all(&[3]));
        wait(4);
        assert_eq!(relay.once(&host).await.unwrap(), RelayReport::default(), "five seconds");
        wait(1);
        assert_eq!(relay.once(&host).await.unwrap().postponed, 1);
        wait(9);
        assert_eq!(relay.once(&host).await.unwrap(), RelayReport::default(), "then ten");
        wait(1);
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1, "the last time alone");
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1);
        assert_eq!(host.got(), all(&[1, 2]), "in order all the same");
    });
}

#[test]
fn a_wait_beyond_all_bounds_is_the_longest_one() {
    run(async {
        let world = world(&[1]).await;
        let host = Host::new().fail(1, &[Say::Later]);
        let endless = TimeDelta::MAX;
        let options = RelayOptions { first_wait: endless, lease: endless, ..options() };
        let relay = world.service.relay(options, NoBackoff);
        assert_eq!(relay.once(&host).await.unwrap().postponed, 1);
        world.clock.advance(TimeDelta::hours(1));
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1);
    });
}

#[test]
fn what_cannot_be_delivered_is_set_aside() {
    run(async {
        let world = world(&[1, 1, 2]).await;
        let host = Host::new().fail(1, &[Say::Later; 9]).fail(3, &[Say::Never]);
        let relay = world.service.relay(options(), NoBackoff);
        let report = relay.once(&host).await.unwrap();
        assert_eq!((report.postponed, report.parked, report.delivered), (1, 1, 0));
        assert_eq!(parked(&world).await, all(&[3]), "at once");
        for _ in 0..5 {
            world.days(1);
            relay.once(&host).await.unwrap();
        }
        assert_eq!(parked(&world).await, all(&[1, 3]), "after three attempts");
        assert_eq!(host.got(), all(&[2]), "and holds nothing up any more");
    });
}

#[test]
fn what_waits_for_another_is_not_worn_out() {
    run(async {
        let world = world(&[1, 1]).await;
        let host = Host::new().fail(1, &[Say::Later; 2]).fail(2, &[Say::Later; 2]);
        let relay = world.service.relay(options(), NoBackoff);
        for _ in 0..10 {
            relay.once(&host).await.unwrap();
            world.days(1);
        }
        assert_eq!(host.got(), all(&[1, 2]));
        assert!(parked(&world).await.is_empty());
    });
}

#[test]
fn a_message_that_takes_its_relay_down_is_set_aside() {
    run(async {
        let world = world(&[1, 2]).await;
        let outbox = world.store.outbox().unwrap();
        for _ in 0..3 {
            // Claimed, and never heard of again.
            let ask = ClaimAsk { limit: 1, ..ClaimAsk::new(world.now(), world.now()) };
            assert_eq!(outbox.claim(&ask).await.unwrap()[0].message.id, id(1));
            world.clock.advance(TimeDelta::seconds(1));
        }
        let (host, relay) = (Host::new(), world.service.relay(options(), NoBackoff));
        let report = relay.once(&host).await.unwrap();
        assert_eq!((report.parked, report.delivered), (1, 1));
        assert_eq!(host.got(), all(&[2]));
        assert_eq!(parked(&world).await, all(&[1]));
    });
}

/// A host whose process ends with one message, however often.
struct Dies(MessageId);

#[async_trait]
impl Handler for Dies {
    async fn deliver(&self, envelope: &Envelope) -> Result<(), Undelivered> {
        if envelope.message.id == self.0 {
            // Nobody wakes it up: it is dropped here.
            future::pending::<()>().await;
        }
        Ok(())
    }
}

#[test]
fn what_was_claimed_beside_a_message_that_takes_its_relay_down_is_delivered() {
    run(async {
        let world = world(&[1, 2, 3, 4, 5]).await;
        let relay = world.service.relay(options(), NoBackoff);
        let (host, mut deaths) = (Dies(id(3)), 0);
        for _ in 0..20 {
            let mut once = std::pin::pin!(relay.once(&host));
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            deaths += u32::from(once.as_mut().poll(&mut context).is_pending());
            world.clock.advance(TimeDelta::minutes(2));
        }
        assert_eq!(deaths, 3);
        assert_eq!(parked(&world).await, all(&[3]), "and nothing else");
        let ask = ClaimAsk::new(world.now(), world.now());
        assert!(world.store.outbox().unwrap().claim(&ask).await.unwrap().is_empty());
    });
}

#[test]
fn tenants_have_their_turn() {
    run(async {
        let world = world(&[1, 2, 3, 4, 5]).await;
        let tenants = ["aa", "zz"].map(|it| TenantId::try_from(it).unwrap());
        for (n, of) in (11..).zip(&tenants) {
            let mut set = ChangeSet::new(of.clone());
            set.outbox.push(make::message(n, 1, after(100)));
            let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
        }
        let host = Host::new();
        let relay = world.service.relay(RelayOptions { batch: 2, ..options() }, NoBackoff);
        let mut turns = Vec::new();
        for _ in 0..5 {
            relay.once(&host).await.unwrap();
            turns.push(host.got());
        }
        // The first claim ends among the five, and the next one begins with whoever comes after them.
        let expected: [&[u64]; 5] = [&[11, 1], &[12], &[2, 3], &[4, 5], &[]];
        assert_eq!(turns, expected.map(all));
    });
}

async fn stored(world: &World, pair: PairId) -> Pair {
    let mut unit = world.store.unit().await.unwrap();
    let ask = PairAsk { tenant: tenant(), pair, post: None, actor: None };
    unit.pair_view(&ask).await.unwrap().unwrap().pair
}

/// Where each message is delivered alone, what was claimed beside it is given back: the turn is of those to whom
/// something was handed over.
#[test]
fn tenants_have_their_turn_where_messages_are_given_back() {
    run(async {
        let world = world(&[1, 2, 3, 4, 5]).await;
        let other = TenantId::try_from("zz").unwrap();
        let mut set = ChangeSet::new(other);
        set.outbox.push(make::message(11, 1, after(100)));
        let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
        let host = Host::new();
        let relay = world.service.relay(RelayOptions { attempts: 1, ..options() }, NoBackoff);
        let mut got = Vec::new();
        for _ in 0..3 {
            relay.once(&host).await.unwrap();
            got.extend(host.got());
        }
        assert_eq!(got, all(&[1, 11, 2]));
    });
}

/// Does something to the store, which never waits.
fn at_once(store: &Arc<dyn Store>, change: Change) {
    let mut set = ChangeSet::new(tenant());
    set.put(change);
    let done = async { store.unit().await.unwrap().apply(set).await.unwrap() };
    let mut done = std::pin::pin!(done);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(done.as_mut().poll(&mut context).is_ready());
}

#[test]
fn a_freeze_after_the_claim_holds_back_what_follows() {
    run(async {
        let world = World::new(Arc::new(MemoryStore::new()));
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        world.messages().await;
        let mut set = ChangeSet::new(tenant());
        for n in [1, 2] {
            set.outbox.push(OutboxMessage {
                pair: Some(pair),
                between: Some(two(1, 2)),
                ..make::message(n, 1, after(n.cast_signed()))
            });
        }
        let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
        let (store, held) = (world.store.clone(), Mutex::new(None));
        let found = stored(&world, pair).await;
        let frozen = PairState::Frozen {
            since: after(5),
            resume_to: Box::new(found.state.clone()),
            held_by: make::by_hand(),
        };
        let froze = Pair { state: frozen, ..found.clone() };
        *held.lock().unwrap() = Some(froze);
        let host = Host::and(move |_| {
            if let Some(pair) = held.lock().unwrap().take() {
                at_once(&store, Change::Pair(pair));
            }
        });
        let relay = world.service.relay(options(), NoBackoff);
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1);
        assert_eq!(relay.once(&host).await.unwrap(), RelayReport::default());
        assert_eq!(host.got(), all(&[1]));
        let version = found.version.next();
        at_once(&world.store, Change::Pair(Pair { version, ..found }));
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1);
        assert_eq!(host.got(), all(&[2]));
    });
}

#[test]
fn a_block_set_after_the_claim_drops_what_follows() {
    run(async {
        let world = world(&[1, 2, 3]).await;
        let store = world.store.clone();
        let host = Host::and(move |envelope| {
            if envelope.message.id == id(1) {
                let mut block = Relation::new(two(1, 2));
                block.lo.blocked_at = Some(after(5));
                at_once(&store, Change::Relation(block));
            }
        });
        let relay = world.service.relay(options(), NoBackoff);
        let report = relay.once(&host).await.unwrap();
        assert_eq!((report.delivered, report.dropped), (1, 2));
        assert_eq!(host.got(), all(&[1]));
    });
}

#[test]
fn what_outlives_its_lease_is_left_to_the_next_claim() {
    run(async {
        let world = world(&[1, 2, 3]).await;
        let clock = world.clock.clone();
        let host = Host::and(move |envelope| {
            if envelope.message.id == id(2) {
                clock.advance(TimeDelta::minutes(2));
            }
        });
        let relay = world.service.relay(options(), NoBackoff);
        assert_eq!(relay.once(&host).await.unwrap().delivered, 2);
        assert_eq!(host.got(), all(&[1, 2]));
        assert_eq!(relay.once(&host).await.unwrap().delivered, 1);
        assert_eq!(host.got(), all(&[3]));
    });
}

#[test]
fn a_relay_stops_after_the_message_in_hand_and_gives_the_rest_back() {
    run(async {
        let world = world(&[1, 2, 3, 4]).await;
        let asked = Arc::new(AtomicBool::new(false));
        let ask = asked.clone();
        let host = Host::and(move |envelope| {
            if envelope.message.id == id(2) {
                ask.store(true, Ordering::SeqCst);
            }
        });
        let stop = future::poll_fn(|_| {
            if asked.load(Ordering::SeqCst) {
                return std::task::Poll::Ready(());
            }
            std::task::Poll::Pending
        });
        let relay = world.service.relay(options(), NoBackoff);
        assert_eq!(relay.run(&host, stop).await.delivered, 2);
        assert_eq!(host.got(), all(&[1, 2]));
        // Nobody has to wait for a lease.
        assert_eq!(relay.once(&host).await.unwrap().delivered, 2);
        assert_eq!(host.got(), all(&[3, 4]));
    });
}

/// A timer that counts how often it is asked, and writes a message at the third time.
#[derive(Clone, Debug)]
struct Later {
    waits: Arc<AtomicU32>,
    store: Arc<dyn Store>,
}

#[async_trait]
impl Backoff for Later {
    async fn wait(&self, time: Duration) {
        assert_eq!(time, Duration::from_secs(1));
        if self.waits.fetch_add(1, Ordering::SeqCst) == 2 {
            let mut set = ChangeSet::new(tenant());
            set.outbox.push(make::message(9, 1, after(9)));
            let _ = self.store.unit().await.unwrap().apply(set).await.unwrap();
        }
    }
}

#[test]
fn a_relay_with_nothing_to_do_waits_and_goes_on() {
    run(async {
        let world = world(&[]).await;
        let (sent, was_sent) = tokio::sync::oneshot::channel();
        let sent = Mutex::new(Some(sent));
        let host = Host::and(move |_| {
            if let Some(sent) = sent.lock().unwrap().take() {
                sent.send(()).unwrap();
            }
        });
        let waits = Arc::new(AtomicU32::new(0));
        let timer = Later { waits: waits.clone(), store: world.store.clone() };
        let relay = world.service.relay(options(), timer);
        let stop = async {
            was_sent.await.unwrap();
        };
        let report = relay.run(&host, stop).await;
        assert_eq!((report.delivered, waits.load(Ordering::SeqCst)), (1, 3));
    });
}
