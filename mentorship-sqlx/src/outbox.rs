//! Consumers, claims and what becomes of messages, inside a transaction of the caller's.

use std::collections::BTreeSet;

use mentorship_core::{
    base::{id::MessageId, text::Slug, time::Timestamp},
    store::{ClaimAsk, Consumer, Envelope, PAGE_MAX, Page, ParkedAsk, Receipt, StoreError},
};

use crate::{
    lists::{FIRST, limit, page, place, timed},
    record::log,
    session::{Batch, Session, fetch},
    statement::Statement as S,
    value::{Reader, Value, corrupt, first_id, id, instant, text},
};

fn name(consumer: &Consumer) -> Value {
    text(consumer.name().as_str())
}

/// Reads the name of a consumer.
pub(crate) fn read_consumer(row: &mut Reader<'_>) -> Result<Slug, StoreError> {
    row.slug("consumers.name")
}

pub(crate) async fn consumers(session: &mut dyn Session) -> Result<BTreeSet<Consumer>, StoreError> {
    let rows = fetch(session, S::Consumers, []).await?;
    rows.iter().map(|row| read_consumer(&mut Reader::new(row)).map(Consumer::from)).collect()
}

pub(crate) async fn subscribe(
    session: &mut dyn Session,
    consumer: &Consumer,
) -> Result<(), StoreError> {
    let mut writes = Batch::default();
    writes.add(S::Subscribe, [name(consumer)]);
    session.execute_all(writes).await.map(drop)
}

pub(crate) async fn unsubscribe(
    session: &mut dyn Session,
    consumer: &Consumer,
) -> Result<(), StoreError> {
    let mut writes = Batch::default();
    writes.add(S::Unsubscribe, [name(consumer)]);
    writes.add(S::OutboxForget, [name(consumer)]);
    session.execute_all(writes).await.map(drop)
}

pub(crate) async fn claim(
    session: &mut dyn Session,
    ask: &ClaimAsk,
) -> Result<Vec<Envelope>, StoreError> {
    let most = usize::from(ask.limit.clamp(1, PAGE_MAX));
    let mut claimed = Vec::new();
    if ask.tenant.as_ref().is_some_and(|only| !ask.takes(only)) {
        return Ok(claimed);
    }
    // Of the tenant after which it begins nothing comes after the end of time.
    let mut after = match ask.after.as_ref().filter(|_| ask.tenant.is_none()) {
        Some(tenant) => [text(tenant.as_str()), Value::Int(i64::MAX), first_id()],
        None => [text(""), Value::Int(FIRST), first_id()],
    };
    // Lanes in which somebody else who claims at the same time was faster.
    let mut lost = BTreeSet::new();
    while claimed.len() < most {
        let wanted = i64::try_from(most - claimed.len()).unwrap_or(1);
        let [tenant, at, id_after] = after.clone();
        let (consumer, now) = (name(&ask.consumer), instant(ask.now));
        let (sql, args) = match &ask.tenant {
            None => {
                (S::OutboxPending, vec![consumer, now, tenant, at, id_after, Value::Int(wanted)])
            }
            Some(only) => {
                let only = text(only.as_str());
                (S::OutboxPendingOf, vec![consumer, now, only, at, id_after, Value::Int(wanted)])
            }
        };
        let rows = fetch(session, sql, args).await?;
        if rows.is_empty() {
            break;
        }
        let (mut writes, mut taken) = (Batch::default(), Vec::new());
        for row in &rows {
            let mut reader = Reader::new(row);
            let mut envelope = log::read_envelope(&mut reader)?;
            let blocked = reader.int_opt("relations.blocked")?.is_some_and(|it| it != 0);
            let message = &envelope.message;
            after = [text(envelope.tenant.as_str()), instant(message.at), id(message.id)];
            if blocked {
                writes.add(S::OutboxSettle, log::receipt_args(&envelope.receipt()));
                continue;
            }
            let mut args = vec![instant(ask.lease_until)];
            args.extend(log::receipt_args(&envelope.receipt()));
            let grown = |number: u32| number.checked_add(1).ok_or_else(|| corrupt("outbox.epoch"));
            envelope.epoch = grown(envelope.epoch)?;
            envelope.attempts = grown(envelope.attempts)?;
            taken.push((writes.add(S::OutboxLease, args), envelope));
        }
        let written = session.execute_all(writes).await?;
        let mut back = Batch::default();
        for (at, envelope) in taken {
            let lane = (envelope.tenant.clone(), envelope.message.lane());
            if written.get(at).is_none_or(|rows| *rows == 0) {
                lost.insert(lane);
            } else if lost.contains(&lane) {
                // One before it in its lane is on its way elsewhere.
                back.add(S::OutboxRelease, log::receipt_args(&envelope.receipt()));
            } else {
                claimed.push(envelope);
            }
        }
        if !back.asked().is_empty() {
            session.execute_all(back).await?;
        }
    }
    Ok(claimed)
}

/// What becomes of claimed messages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Lot {
    Delivered,
    Later(Timestamp),
    Untried,
    Parked,
    /// Of parked ones.
    Again,
}

pub(crate) async fn settle(
    session: &mut dyn Session,
    receipts: &[Receipt],
    lot: Lot,
) -> Result<u32, StoreError> {
    let mut writes = Batch::default();
    // The same receipt twice does something once.
    let mut seen = BTreeSet::new();
    for receipt in receipts {
        if !seen.insert((&receipt.tenant, receipt.id, &receipt.consumer, receipt.epoch)) {
            continue;
        }
        let mut args = log::receipt_args(receipt);
        let sql = match lot {
            Lot::Delivered => S::OutboxSettle,
            Lot::Later(until) => {
                args.insert(0, instant(until));
                S::OutboxPostpone
            }
            Lot::Untried => S::OutboxRelease,
            Lot::Parked => S::OutboxPark,
            Lot::Again => S::OutboxUnpark,
        };
        writes.add(sql, args);
    }
    let done: u64 = session.execute_all(writes).await?.into_iter().sum();
    Ok(u32::try_from(done).unwrap_or(u32::MAX))
}

pub(crate) async fn parked(
    session: &mut dyn Session,
    ask: &ParkedAsk,
) -> Result<Page<Envelope>, StoreError> {
    let [at, after] = place::<MessageId>(ask.after.as_ref())?;
    let (consumer, tenant) = (name(&ask.consumer), text(ask.tenant.as_str()));
    let args = [consumer, tenant, at, after, limit(ask.limit_rows())];
    let rows = fetch(session, S::OutboxParked, args).await?;
    let found = rows.iter().map(|row| log::read_envelope(&mut Reader::new(row)));
    let cursor = |it: &Envelope| timed(it.message.at, it.message.id);
    Ok(page(ask.limit_rows(), found.collect::<Result<_, _>>()?, cursor, |it| it))
}
