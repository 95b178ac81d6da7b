//! Claiming and acknowledging messages.

use std::collections::HashMap;

use async_trait::async_trait;
use mentorship_core::{
    base::{host::TenantId, id::PairId},
    model::{
        event::OutboxMessage,
        pair::{Pair, PairState},
        relation::Relation,
    },
    store::{ClaimAsk, Envelope, Outbox, Receipt, StoreError},
};

use crate::{
    MemoryStore,
    state::{State, first},
};

/// Most messages in one claim.
const CLAIM_MAX: u16 = 500;

/// Whether it is between the two of a pair that stands still by the program (row 61).
fn waits(message: &OutboxMessage, pairs: &HashMap<PairId, Pair>) -> bool {
    let pair = message.pair.filter(|_| message.between.is_some()).and_then(|id| pairs.get(&id));
    pair.is_some_and(|pair| matches!(pair.state, PairState::Frozen { .. }))
}

impl State {
    fn claim(&mut self, tenant: &TenantId, ask: &ClaimAsk, claimed: &mut Vec<Envelope>) {
        let limit = usize::from(ask.limit.clamp(1, CLAIM_MAX));
        let mut after = None;
        while claimed.len() < limit {
            // One place at a time, so that a claim costs what it takes and not what is queued.
            let Some(place) = self.pending.after(&(), after.as_ref(), &first()).next().copied()
            else {
                break;
            };
            after = Some(place);
            let Some(queued) = self.outbox.get_mut(&place) else { continue };
            if queued.lease_until.is_some_and(|until| until > ask.now) {
                continue;
            }
            let between = queued.message.between.as_ref();
            if between.and_then(|two| self.relations.get(two)).is_some_and(Relation::is_blocked) {
                queued.done = true;
                self.pending.set((), place, false);
                continue;
            }
            if waits(&queued.message, &self.pairs) {
                continue;
            }
            queued.epoch = queued.epoch.saturating_add(1);
            queued.lease_until = Some(ask.lease_until);
            claimed.push(Envelope {
                tenant: tenant.clone(),
                message: queued.message.clone(),
                epoch: queued.epoch,
            });
        }
    }

    fn acknowledge(&mut self, receipt: &Receipt) -> bool {
        let Some(at) = self.message_places.get(&receipt.id) else { return false };
        let place = (*at, receipt.id);
        let Some(queued) = self.outbox.get_mut(&place) else { return false };
        if queued.epoch != receipt.epoch || queued.done {
            return false;
        }
        queued.done = true;
        self.pending.set((), place, false);
        true
    }
}

#[async_trait]
impl Outbox for MemoryStore {
    async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError> {
        let mut claimed = Vec::new();
        let mut tenants = self.lock();
        for (tenant, state) in &mut *tenants {
            if ask.tenant.as_ref().is_none_or(|asked| asked == tenant) {
                state.claim(tenant, ask, &mut claimed);
            }
        }
        Ok(claimed)
    }

    async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
        let mut tenants = self.lock();
        let mut done = 0;
        for receipt in receipts {
            if tenants.get_mut(&receipt.tenant).is_some_and(|state| state.acknowledge(receipt)) {
                done += 1;
            }
        }
        Ok(done)
    }
}
