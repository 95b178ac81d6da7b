//! Claiming and acknowledging messages, inside a transaction of the caller's.

use mentorship_core::store::{ClaimAsk, Envelope, Receipt, StoreError};

use crate::{
    lists::FIRST,
    record::log,
    session::{Batch, Session, fetch},
    statement::Statement as S,
    value::{Reader, Value, corrupt, first_id, id, instant, text},
};

/// Most messages in one claim.
const CLAIM_MAX: u16 = 500;

pub(crate) async fn claim(
    session: &mut dyn Session,
    ask: &ClaimAsk,
) -> Result<Vec<Envelope>, StoreError> {
    let limit = usize::from(ask.limit.clamp(1, CLAIM_MAX));
    let mut claimed = Vec::new();
    let mut after = [text(""), Value::Int(FIRST), first_id()];
    while claimed.len() < limit {
        let wanted = i64::try_from(limit - claimed.len()).unwrap_or(1);
        let [tenant, at, id_after] = after.clone();
        let (sql, args) = match &ask.tenant {
            None => {
                (S::OutboxPending, vec![instant(ask.now), tenant, at, id_after, Value::Int(wanted)])
            }
            Some(only) => (
                S::OutboxPendingOf,
                vec![text(only.as_str()), instant(ask.now), at, id_after, Value::Int(wanted)],
            ),
        };
        let rows = fetch(session, sql, args).await?;
        if rows.is_empty() {
            break;
        }
        let (mut writes, mut taken) = (Batch::default(), Vec::new());
        for row in &rows {
            let mut reader = Reader::new(row);
            let (tenant, message, epoch) = log::read_message(&mut reader)?;
            let blocked = reader.int_opt("relations.blocked")?.is_some_and(|it| it != 0);
            let key = [text(tenant.as_str()), id(message.id)];
            after = [text(tenant.as_str()), instant(message.at), id(message.id)];
            if blocked {
                writes.add(S::OutboxDrop, key);
                continue;
            }
            let next = epoch.checked_add(1).ok_or_else(|| corrupt("outbox.epoch"))?;
            let [tenant_arg, id_arg] = key;
            let (next_arg, epoch) = (Value::Int(next.into()), Value::Int(epoch.into()));
            let args = [next_arg, instant(ask.lease_until), tenant_arg, id_arg, epoch];
            taken.push((writes.add(S::OutboxLease, args), tenant, message, next));
        }
        let written = session.execute_all(writes).await?;
        // Somebody else who claims at the same time may have been faster.
        let won =
            taken.into_iter().filter(|(at, ..)| written.get(*at).is_some_and(|rows| *rows > 0));
        claimed.extend(won.map(|(_, tenant, message, epoch)| Envelope { tenant, message, epoch }));
    }
    Ok(claimed)
}

pub(crate) async fn acknowledge(
    session: &mut dyn Session,
    receipts: &[Receipt],
) -> Result<u32, StoreError> {
    let mut writes = Batch::default();
    for receipt in receipts {
        let args =
            [text(receipt.tenant.as_str()), id(receipt.id), Value::Int(receipt.epoch.into())];
        writes.add(S::OutboxAcknowledge, args);
    }
    let done: u64 = session.execute_all(writes).await?.into_iter().sum();
    Ok(u32::try_from(done).unwrap_or(u32::MAX))
}
