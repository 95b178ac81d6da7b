//! Reading the outbox: claim with a lease, deliver, acknowledge. At least once.

use std::fmt;

use async_trait::async_trait;

use super::error::StoreError;
use crate::{
    base::{host::TenantId, id::MessageId, time::Timestamp},
    model::event::OutboxMessage,
};

/// Which messages to claim.
#[derive(Clone, Debug)]
pub struct ClaimAsk {
    /// Only of this tenant; `None` for all.
    pub tenant: Option<TenantId>,
    /// The present instant.
    pub now: Timestamp,
    /// Until when the claim holds; a message that is not acknowledged by then can be claimed again.
    pub lease_until: Timestamp,
    /// Most messages, 1 to 500.
    pub limit: u16,
}

/// A claimed message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    /// Its tenant.
    pub tenant: TenantId,
    /// What is to be said.
    pub message: OutboxMessage,
    /// How often it was claimed, from 1: the fencing number of this claim.
    pub epoch: u32,
}

impl Envelope {
    /// What acknowledges this claim.
    #[must_use]
    pub fn receipt(&self) -> Receipt {
        Receipt { tenant: self.tenant.clone(), id: self.message.id, epoch: self.epoch }
    }
}

/// Says that a claimed message is delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The tenant.
    pub tenant: TenantId,
    /// The message.
    pub id: MessageId,
    /// The claim's number.
    pub epoch: u32,
}

/// The outbox of a store.
#[async_trait]
pub trait Outbox: fmt::Debug + Send + Sync {
    /// Claims the oldest messages that are neither delivered nor under a claim that still holds.
    ///
    /// # Duties
    /// A message between two people of whom one blocks the other now is dropped for good instead of
    /// being handed out (D7). One that names both a pair and the two people of it (`pair` and `between`)
    /// waits while that pair is frozen: it is not handed out, not dropped, not counted as claimed, and
    /// holds nothing else up; the first claim after the freeze hands it out (row 61). Two claims at once never hand out the same message.
    async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError>;

    /// Marks messages as delivered and gives back how many were: a receipt whose claim has been
    /// overtaken by a later one does nothing.
    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError>;
}
