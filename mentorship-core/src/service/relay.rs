//! Delivering messages: claim, hand each to the host, say what became of it, until the host stops.

use std::{
    collections::HashSet,
    error::Error as StdError,
    future::{self, Future},
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use async_trait::async_trait;
use chrono::TimeDelta;

use super::{Backoff, Service};
use crate::{
    base::{host::TenantId, time::Timestamp},
    model::pair::{Pair, PairState},
    store::{
        ClaimAsk, Consumer, Envelope, Outbox, Receipt, RelationAsk, StoreError, StoreErrorKind,
    },
};

/// What the host does with a message.
#[async_trait]
pub trait Handler: Send + Sync {
    /// Delivers one message. The same message may come again, if its delivery could not be written
    /// down: whoever must not act twice keeps [`OutboxMessage::id`](crate::model::event::OutboxMessage)
    /// with what it does.
    ///
    /// # Errors
    /// [`Undelivered`] says whether it is tried again.
    async fn deliver(&self, envelope: &Envelope) -> Result<(), Undelivered>;
}

/// Why a message was not delivered. The cause is the host's; it is logged, so that it must hold no
/// private text.
#[derive(Debug, thiserror::Error)]
pub enum Undelivered {
    /// It may work later: tried again after a while, up to the relay's number of attempts.
    #[error("not delivered now")]
    Later(#[source] Box<dyn StdError + Send + Sync>),
    /// It will never work, such as to an address that does not exist: set aside at once.
    #[error("cannot be delivered")]
    Never(#[source] Box<dyn StdError + Send + Sync>),
}

/// How a relay works.
#[derive(Clone, Debug)]
pub struct RelayOptions {
    /// For whom; the default consumer by default. It must be subscribed.
    pub consumer: Consumer,
    /// Only messages of this tenant; all by default.
    pub tenant: Option<TenantId>,
    /// Most messages in one claim, 1 to 500; 20 by default.
    pub batch: u16,
    /// How long a claim holds: more than a whole batch takes to deliver. A minute by default.
    pub lease: TimeDelta,
    /// Most attempts for one message, at least 1; 12 by default. Then it is set aside.
    pub attempts: u32,
    /// The wait before the second attempt; each further one is twice as long. Five seconds by default.
    pub first_wait: TimeDelta,
    /// The longest wait between two attempts; an hour by default.
    pub longest_wait: TimeDelta,
    /// How long it waits when there was nothing to deliver or the store failed; a second by default.
    pub idle: Duration,
}

impl Default for RelayOptions {
    fn default() -> Self {
        Self {
            consumer: Consumer::default(),
            tenant: None,
            batch: 20,
            lease: TimeDelta::minutes(1),
            attempts: 12,
            first_wait: TimeDelta::seconds(5),
            longest_wait: TimeDelta::hours(1),
            idle: Duration::from_secs(1),
        }
    }
}

/// What a relay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RelayReport {
    /// Messages delivered.
    pub delivered: u64,
    /// Attempts that failed and are made again.
    pub postponed: u64,
    /// Messages set aside.
    pub parked: u64,
    /// Messages dropped, since one of the two has blocked the other after the claim (D7).
    pub dropped: u64,
}

impl RelayReport {
    fn add(&mut self, other: Self) {
        self.delivered += other.delivered;
        self.postponed += other.postponed;
        self.parked += other.parked;
        self.dropped += other.dropped;
    }
}

/// Delivers a consumer's messages to a handler, one lane in order, for as long as the host lets it.
/// Several may run for one consumer, in one process or in many.
#[derive(Debug)]
pub struct Relay {
    service: Service<'static>,
    options: RelayOptions,
    timer: Arc<dyn Backoff>,
    /// The tenant whose message was handed over last: the next claim begins after it.
    turn: Mutex<Option<TenantId>>,
}

impl Service<'static> {
    /// A relay for one consumer. `timer` is how it waits: the runtime's timer.
    #[must_use]
    pub fn relay(&self, options: RelayOptions, timer: impl Backoff + 'static) -> Relay {
        Relay { service: self.clone(), options, timer: Arc::new(timer), turn: Mutex::default() }
    }
}

/// Why a message is set aside that was claimed again and again.
#[derive(Debug, thiserror::Error)]
#[error("its relay went down each time")]
struct NeverHeardOf;

/// What became of one message.
enum Outcome {
    Delivered,
    Dropped,
    Later,
    /// Its pair is frozen: given back until it is not.
    Frozen,
    Parked,
}

impl Relay {
    /// Delivers until `stop` is ready, then finishes the message in hand, gives back what it has claimed
    /// besides and returns what it did. A failing store is waited for.
    pub async fn run(
        &self,
        handler: &dyn Handler,
        stop: impl Future<Output = ()> + Send,
    ) -> RelayReport {
        let mut stop = Stop(Some(pin!(stop)));
        let mut total = RelayReport::default();
        while !stop.has_come().await {
            let idle = match self.deliver(handler, &mut stop).await {
                Ok((report, claimed)) => {
                    total.add(report);
                    claimed == 0
                }
                Err(error) => {
                    tracing::warn!(kind = %error.kind(), "the outbox cannot be read");
                    true
                }
            };
            if idle {
                stop.or(self.timer.wait(self.options.idle)).await;
            }
        }
        total
    }

    /// Claims and delivers one batch. For hosts that have a loop of their own.
    ///
    /// # Errors
    /// [`StoreError`] if messages cannot be claimed, or if what became of one cannot be written down: it
    /// is delivered again after its lease.
    pub async fn once(&self, handler: &dyn Handler) -> Result<RelayReport, StoreError> {
        let never = pin!(future::pending());
        self.deliver(handler, &mut Stop(Some(never))).await.map(|(report, _)| report)
    }

    fn outbox(&self) -> Result<&dyn Outbox, StoreError> {
        let none = || StoreError::new(StoreErrorKind::Unsupported, "claim");
        self.service.store.outbox().ok_or_else(none)
    }

    async fn deliver(
        &self,
        handler: &dyn Handler,
        stop: &mut Stop<'_>,
    ) -> Result<(RelayReport, usize), StoreError> {
        let outbox = self.outbox()?;
        let (claimed, lease_until) = self.claim(outbox).await?;
        let mut report = RelayReport::default();
        let mut back = Vec::new();
        let work = self.each(handler, stop, (&claimed, lease_until), &mut back, &mut report);
        let done = work.await;
        if !back.is_empty() {
            let released = outbox.release(&back).await;
            // What went wrong first is what is told.
            done?;
            released?;
            return Ok((report, claimed.len()));
        }
        done.map(|()| (report, claimed.len()))
    }

    /// Claims a batch, of the tenants in turn: one that has very much to say holds up nobody else.
    async fn claim(&self, outbox: &dyn Outbox) -> Result<(Vec<Envelope>, Timestamp), StoreError> {
        let now = self.service.now();
        let turn = self.turn().clone();
        let mut ask = ClaimAsk {
            consumer: self.options.consumer.clone(),
            tenant: self.options.tenant.clone(),
            after: turn.filter(|_| self.options.tenant.is_none()),
            limit: self.options.batch,
            ..ClaimAsk::new(now, later(now, self.options.lease))
        };
        let mut claimed = outbox.claim(&ask).await?;
        if claimed.is_empty() && ask.after.take().is_some() {
            claimed = outbox.claim(&ask).await?;
        }
        Ok((claimed, ask.lease_until))
    }

    /// The tenant whose message was looked at last.
    fn turn(&self) -> MutexGuard<'_, Option<TenantId>> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Delivers what was claimed; what is to be given back stands in `back`.
    async fn each(
        &self,
        handler: &dyn Handler,
        stop: &mut Stop<'_>,
        (claimed, lease_until): (&[Envelope], Timestamp),
        back: &mut Vec<Receipt>,
        report: &mut RelayReport,
    ) -> Result<(), StoreError> {
        let outbox = self.outbox()?;
        // Lanes whose message could not be delivered: what follows it waits for it.
        let mut held = HashSet::new();
        let mut over = false;
        let mut left = claimed.iter();
        while let Some(envelope) = left.next() {
            let lane = (envelope.tenant.clone(), envelope.message.lane());
            over = over || stop.has_come().await || self.service.now() >= lease_until;
            if over || held.contains(&lane) {
                back.push(envelope.receipt());
                continue;
            }
            // The last time it is alone: should this relay go down with it, no other one is worn out by that.
            if envelope.attempts == self.options.attempts.max(1) {
                back.extend(left.by_ref().map(Envelope::receipt));
                if !back.is_empty() {
                    if let Err(error) = outbox.release(back).await {
                        back.push(envelope.receipt());
                        return Err(error);
                    }
                    back.clear();
                }
            }
            *self.turn() = Some(envelope.tenant.clone());
            let receipt = [envelope.receipt()];
            let outcome = match self.one(handler, envelope).await {
                Ok(outcome) => outcome,
                Err(error) => {
                    back.push(envelope.receipt());
                    back.extend(left.map(Envelope::receipt));
                    return Err(error);
                }
            };
            let written = match outcome {
                Outcome::Delivered => {
                    outbox.acknowledge(&receipt).await.map(|_| report.delivered += 1)
                }
                Outcome::Dropped => outbox.acknowledge(&receipt).await.map(|_| report.dropped += 1),
                Outcome::Later => {
                    held.insert(lane);
                    let until = self.next_attempt(envelope.attempts);
                    outbox.postpone(&receipt, until).await.map(|_| report.postponed += 1)
                }
                Outcome::Frozen => {
                    held.insert(lane);
                    back.push(envelope.receipt());
                    Ok(())
                }
                Outcome::Parked => outbox.park(&receipt).await.map(|_| report.parked += 1),
            };
            if let Err(error) = written {
                back.extend(left.map(Envelope::receipt));
                return Err(error);
            }
        }
        Ok(())
    }

    async fn one(&self, handler: &dyn Handler, it: &Envelope) -> Result<Outcome, StoreError> {
        // Whoever went down with it each time never said so.
        if it.attempts > self.options.attempts.max(1) {
            note_parked(it, &NeverHeardOf);
            return Ok(Outcome::Parked);
        }
        if let Some(stopped) = self.stopped(it).await? {
            return Ok(stopped);
        }
        Ok(match handler.deliver(it).await {
            Ok(()) => Outcome::Delivered,
            Err(Undelivered::Later(why)) if it.attempts < self.options.attempts => {
                tracing::debug!(message = %it.message.id, error = %why, "tried again later");
                Outcome::Later
            }
            Err(Undelivered::Later(why) | Undelivered::Never(why)) => {
                note_parked(it, &*why);
                Outcome::Parked
            }
        })
    }

    /// What has come between the two that a message passes between since the claim: one has blocked the
    /// other, or their pair is frozen.
    async fn stopped(&self, it: &Envelope) -> Result<Option<Outcome>, StoreError> {
        let Some(people) = it.message.between.clone() else { return Ok(None) };
        let ask = RelationAsk { tenant: it.tenant.clone(), people };
        let view = self.service.store.unit().await?.relation_view(&ask).await?;
        if view.relation.is_blocked() {
            return Ok(Some(Outcome::Dropped));
        }
        let is_frozen = |pair: &Pair| {
            Some(pair.id) == it.message.pair && matches!(pair.state, PairState::Frozen { .. })
        };
        Ok(view.pairs.iter().any(is_frozen).then_some(Outcome::Frozen))
    }

    fn next_attempt(&self, attempts: u32) -> Timestamp {
        let doublings = attempts.saturating_sub(1).min(30);
        let longest = self.options.longest_wait;
        let wait = self.options.first_wait.checked_mul(1 << doublings).unwrap_or(longest);
        later(self.service.now(), wait.min(longest))
    }
}

/// `at` moved on, held at the end of the calendar.
fn later(at: Timestamp, by: TimeDelta) -> Timestamp {
    at.checked_add_signed(by).unwrap_or(Timestamp::MAX_UTC)
}

fn note_parked(it: &Envelope, why: &dyn StdError) {
    tracing::warn!(message = %it.message.id, kind = %it.message.kind, error = %why, "set aside");
}

/// The host's sign to stop, until it has come.
struct Stop<'a>(Option<Pin<&'a mut (dyn Future<Output = ()> + Send)>>);

impl Stop<'_> {
    fn poll(&mut self, context: &mut Context<'_>) -> bool {
        if self.0.as_mut().is_some_and(|sign| sign.as_mut().poll(context).is_ready()) {
            self.0 = None;
        }
        self.0.is_none()
    }

    /// Whether it has come by now.
    async fn has_come(&mut self) -> bool {
        future::poll_fn(|context| Poll::Ready(self.poll(context))).await
    }

    /// Waits for it or for another future.
    async fn or(&mut self, other: impl Future<Output = ()>) {
        let mut other = pin!(other);
        future::poll_fn(|context| {
            if self.poll(context) { Poll::Ready(()) } else { other.as_mut().poll(context) }
        })
        .await;
    }
}
