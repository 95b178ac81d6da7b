//! Claiming messages and what becomes of them.

use std::collections::{BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use mentorship_core::{
    base::{
        host::TenantId,
        id::{MessageId, PairId},
        time::Timestamp,
    },
    model::{
        event::OutboxMessage,
        pair::{Pair, PairState},
        relation::Relation,
    },
    store::{ClaimAsk, Consumer, Envelope, Outbox, PAGE_MAX, Page, ParkedAsk, Receipt, StoreError},
};

use crate::{
    MemoryStore,
    lists::{page, place, timed},
    state::{Lot, Queued, State, first},
};

/// Whether it is between the two of a pair that stands still by the program (row 61).
fn waits(message: &OutboxMessage, pairs: &HashMap<PairId, Pair>) -> bool {
    let pair = message.pair.filter(|_| message.between.is_some()).and_then(|id| pairs.get(&id));
    pair.is_some_and(|pair| matches!(pair.state, PairState::Frozen { .. }))
}

fn envelope(tenant: &TenantId, queued: &Queued) -> Envelope {
    Envelope {
        tenant: tenant.clone(),
        consumer: queued.consumer.clone().into(),
        message: queued.message.clone(),
        epoch: queued.epoch,
        attempts: queued.attempts,
    }
}

impl State {
    fn claim(&mut self, tenant: &TenantId, ask: &ClaimAsk, claimed: &mut Vec<Envelope>) {
        let limit = usize::from(ask.limit.clamp(1, PAGE_MAX));
        let consumer = ask.consumer.name();
        let mut after = None;
        // Lanes in which an earlier message is on its way.
        let mut held = HashSet::new();
        while claimed.len() < limit {
            // One place at a time, so that a claim costs what it takes and not what is queued.
            let Some(place) =
                self.pending.after(consumer, after.as_ref(), &first()).next().copied()
            else {
                break;
            };
            after = Some(place);
            let Some(queued) = self.outbox.get_mut(&(consumer.clone(), place)) else { continue };
            let lane = queued.message.lane();
            if queued.lease_until.is_some_and(|until| until > ask.now) {
                held.insert(lane);
                continue;
            }
            if held.contains(&lane) {
                continue;
            }
            let between = queued.message.between.as_ref();
            if between.and_then(|two| self.relations.get(two)).is_some_and(Relation::is_blocked) {
                let done = Queued { lot: Lot::Done, ..queued.clone() };
                self.put_message(done);
                continue;
            }
            if waits(&queued.message, &self.pairs) {
                continue;
            }
            queued.epoch = queued.epoch.saturating_add(1);
            queued.attempts = queued.attempts.saturating_add(1);
            queued.lease_until = Some(ask.lease_until);
            claimed.push(envelope(tenant, queued));
        }
    }

    /// The message of a claim that nothing has overtaken.
    fn claimed(&self, receipt: &Receipt) -> Option<Queued> {
        let at = self.message_places.get(&receipt.id)?;
        let place = (receipt.consumer.name().clone(), (*at, receipt.id));
        let queued = self.outbox.get(&place)?;
        (queued.epoch == receipt.epoch).then(|| queued.clone())
    }
}

impl MemoryStore {
    /// Changes what becomes of messages of which this holds.
    fn settle(
        &self,
        receipts: &[Receipt],
        holds: impl Fn(&Queued) -> bool,
        change: impl Fn(Queued) -> Queued,
    ) -> u32 {
        let mut tenants = self.lock();
        let mut done = 0;
        for receipt in receipts {
            let Some(state) = tenants.get_mut(&receipt.tenant) else { continue };
            if let Some(queued) = state.claimed(receipt).filter(&holds) {
                state.put_message(change(queued));
                done += 1;
            }
        }
        done
    }
}

fn pending(queued: &Queued) -> bool {
    queued.lot == Lot::Pending
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn consumers(&self) -> Result<BTreeSet<Consumer>, StoreError> {
        Ok(self.subscribed().clone())
    }

    async fn subscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
        self.subscribed().insert(consumer.clone());
        Ok(())
    }

    async fn unsubscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
        let mut subscribed = self.subscribed();
        subscribed.remove(consumer);
        for state in self.lock().values_mut() {
            state.forget(consumer.name());
        }
        Ok(())
    }

    async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError> {
        let mut claimed = Vec::new();
        let mut tenants = self.lock();
        for (tenant, state) in &mut *tenants {
            if ask.takes(tenant) {
                state.claim(tenant, ask, &mut claimed);
            }
        }
        Ok(claimed)
    }

    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
        Ok(self.settle(receipts, pending, |it| Queued { lot: Lot::Done, ..it }))
    }

    async fn postpone(&self, receipts: &[Receipt], until: Timestamp) -> Result<u32, StoreError> {
        Ok(self.settle(receipts, pending, |it| Queued { lease_until: Some(until), ..it }))
    }

    async fn release(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
        let leased = |it: &Queued| it.lot == Lot::Pending && it.lease_until.is_some();
        Ok(self.settle(receipts, leased, |it| Queued {
            lease_until: None,
            attempts: it.attempts.saturating_sub(1),
            ..it
        }))
    }

    async fn park(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
        Ok(self.settle(receipts, pending, |it| Queued { lot: Lot::Parked, ..it }))
    }

    async fn parked(&self, ask: &ParkedAsk) -> Result<Page<Envelope>, StoreError> {
        let after = place::<MessageId>(ask.after.as_ref())?;
        let name = ask.consumer.name();
        self.read(&ask.tenant, |state| {
            let found = state.parked.after(name, after.as_ref(), &first()).copied();
            Ok(page(found, ask.limit_rows(), timed, |place| {
                let queued = state.outbox.get(&(name.clone(), place))?;
                Some(envelope(&ask.tenant, queued))
            }))
        })
    }

    async fn unpark(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
        Ok(self.settle(
            receipts,
            |it| it.lot == Lot::Parked,
            |it| Queued { lot: Lot::Pending, lease_until: None, attempts: 0, ..it },
        ))
    }
}
