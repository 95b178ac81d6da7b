//! Reading the outbox: subscribe, claim with a lease, deliver, acknowledge. At least once.

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;

use super::{
    ask::{Cursor, PAGE_MAX, Page},
    error::StoreError,
};
use crate::{
    base::{host::TenantId, id::MessageId, input::InputError, text::Slug, time::Timestamp},
    model::event::OutboxMessage,
};

/// Who reads messages: an e-mail sender, a webhook, a table of the host's. Each consumer gets every
/// message that is written while it is subscribed, and none takes one away from another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Consumer(Slug);

impl Consumer {
    /// A consumer of this name.
    ///
    /// # Errors
    /// [`InputError`] if it is not a slug.
    pub fn new(name: &str) -> Result<Self, InputError> {
        Slug::new(name).map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &Slug {
        &self.0
    }
}

/// The one that every store has subscribed from the beginning: `default`.
impl Default for Consumer {
    fn default() -> Self {
        Self(Slug::from_static("default"))
    }
}

impl From<Slug> for Consumer {
    fn from(name: Slug) -> Self {
        Self(name)
    }
}

impl fmt::Display for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// Which messages to claim.
#[derive(Clone, Debug)]
pub struct ClaimAsk {
    /// For whom.
    pub consumer: Consumer,
    /// Only of this tenant; `None` for all.
    pub tenant: Option<TenantId>,
    /// Only of tenants whose keys come after this one; `None` for all. Whoever claims for all tenants again
    /// and again begins after the one whose messages came last, so that each has its turn.
    pub after: Option<TenantId>,
    /// The present instant.
    pub now: Timestamp,
    /// Until when the claim holds; a message that is not acknowledged by then can be claimed again.
    pub lease_until: Timestamp,
    /// Most messages, 1 to 500.
    pub limit: u16,
}

impl ClaimAsk {
    /// Up to 100 messages of all tenants for the default consumer.
    #[must_use]
    pub fn new(now: Timestamp, lease_until: Timestamp) -> Self {
        let consumer = Consumer::default();
        Self { consumer, tenant: None, after: None, now, lease_until, limit: 100 }
    }

    /// Whether messages of this tenant are asked for.
    #[must_use]
    pub fn takes(&self, tenant: &TenantId) -> bool {
        self.tenant.as_ref().is_none_or(|only| only == tenant)
            && self.after.as_ref().is_none_or(|after| tenant > after)
    }
}

/// A claimed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its tenant.
    pub tenant: TenantId,
    /// For whom it was claimed.
    pub consumer: Consumer,
    /// What is to be said.
    pub message: OutboxMessage,
    /// The fencing number of this claim: every claim of a message has a higher one.
    pub epoch: u32,
    /// How often it was claimed, and not released, since it was written or taken back from the parked
    /// ones; from 1.
    pub attempts: u32,
}

impl Envelope {
    /// What settles this claim.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        Receipt {
            tenant: self.tenant.clone(),
            consumer: self.consumer.clone(),
            id: self.message.id,
            epoch: self.epoch,
        }
    }
}

/// Names a claim, to say what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The tenant.
    pub tenant: TenantId,
    /// The consumer.
    pub consumer: Consumer,
    /// The message.
    pub id: MessageId,
    /// The claim's number.
    pub epoch: u32,
}

/// Which parked messages to list.
#[derive(Clone, Debug)]
pub struct ParkedAsk {
    /// The tenant.
    pub tenant: TenantId,
    /// The consumer.
    pub consumer: Consumer,
    /// After which message; `None` for the first page.
    pub after: Option<Cursor>,
    /// Most messages, 1 to [`PAGE_MAX`]; more is read as that, 0 as 1.
    pub limit: u16,
}

impl ParkedAsk {
    /// The limit within its range.
    #[must_use]
    pub fn limit_rows(&self) -> u16 {
        self.limit.clamp(1, PAGE_MAX)
    }
}

/// The outbox of a store.
///
/// Each method that takes receipts gives back how many of them did something: one whose claim has been
/// overtaken by a later one, or whose message is settled already, does nothing.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync {
    /// Everybody who is subscribed.
    async fn consumers(&self) -> Result<BTreeSet<Consumer>, StoreError>;

    /// Writes every message down for this consumer too, from now on; of one that is being written at the
    /// same moment it may or may not get a copy. Does nothing if it is subscribed.
    async fn subscribe(&self, consumer: &Consumer) -> Result<(), StoreError>;

    /// Forgets a consumer, and what it has not read. A message that is being written at the same moment
    /// may be kept for it, and is there if it subscribes again.
    async fn unsubscribe(&self, consumer: &Consumer) -> Result<(), StoreError>;

    /// Claims the oldest messages of a consumer that are neither settled nor under a claim that still
    /// holds, by instant and id.
    ///
    /// # Duties
    /// 1. A message between two people of whom one blocks the other now is dropped for good instead of
    ///    being handed out (D7).
    /// 2. One that names both a pair and the two people of it (`pair` and `between`) waits while that
    ///    pair is frozen: it is not handed out, not dropped, not counted as claimed, and holds nothing
    ///    else up; the first claim after the freeze hands it out (row 61).
    /// 3. Two claims at once never hand out the same message.
    /// 4. Messages of one [`lane`](OutboxMessage::lane) go out in order: while one is under a claim that
    ///    holds, or postponed, none after it is handed out. One claim may hand out several, in order.
    async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError>;

    /// Settles messages as delivered.
    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError>;

    /// Gives claims back: the messages can be claimed again from `until` on.
    async fn postpone(&self, receipts: &[Receipt], until: Timestamp) -> Result<u32, StoreError>;

    /// Gives claims back that nothing was tried with: they can be claimed again at once, and do not count
    /// as attempts.
    async fn release(&self, receipts: &[Receipt]) -> Result<u32, StoreError>;

    /// Sets messages aside that cannot be delivered: they hold nothing up any more, and wait for
    /// somebody to look at them.
    async fn park(&self, receipts: &[Receipt]) -> Result<u32, StoreError>;

    /// Messages that were set aside, by instant and id.
    async fn parked(&self, ask: &ParkedAsk) -> Result<Page<Envelope>, StoreError>;

    /// Takes parked messages back among those that can be claimed, with their attempts counted anew.
    async fn unpark(&self, receipts: &[Receipt]) -> Result<u32, StoreError>;
}
