//! Audit events, messages and commands.

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        people::PersonPair,
    },
    change::{CommandRecord, Key},
    model::event::{ActorKind, ActorRef, Audience, AuditEvent, OutboxMessage},
    store::{Envelope, Receipt, StoreError},
};

use crate::value::{Reader, Value, corrupt, flag, id, instant, json, opt, person, text};

/// A key in three columns: kind, id, and the second person of a relation.
pub(crate) fn key_args(key: &Key) -> [Value; 3] {
    let (one, other) = match key {
        Key::Person(it) => (person(it), Value::Null),
        Key::Relation(it) => (person(it.lo()), person(it.hi())),
        Key::Program(it) => (text(it.to_string()), Value::Null),
        Key::Enrollment(it) => (text(it.to_string()), Value::Null),
        Key::Proposal(it) => (text(it.to_string()), Value::Null),
        Key::Pair(it) => (text(it.to_string()), Value::Null),
        Key::Case(it) => (text(it.to_string()), Value::Null),
    };
    [text(key.kind()), one, other]
}

fn read_key(row: &mut Reader<'_>) -> Result<Key, StoreError> {
    const WHAT: &str = "audit.subject";
    let key = match row.text(WHAT)? {
        "person" => Key::Person(row.checked(WHAT)?),
        "relation" => {
            let lo: PersonId = row.checked(WHAT)?;
            let hi: PersonId = row.checked("audit.subject_other")?;
            return PersonPair::new(lo, hi).map(Key::Relation).ok_or_else(|| corrupt(WHAT));
        }
        "program" => Key::Program(row.parsed(WHAT)?),
        "enrollment" => Key::Enrollment(row.parsed(WHAT)?),
        "proposal" => Key::Proposal(row.parsed(WHAT)?),
        "pair" => Key::Pair(row.parsed(WHAT)?),
        "case" => Key::Case(row.parsed(WHAT)?),
        _ => return Err(corrupt(WHAT)),
    };
    row.skip(1);
    Ok(key)
}

pub(crate) fn audit_args(tenant: &TenantId, it: &AuditEvent) -> Result<Vec<Value>, StoreError> {
    let [subject_kind, subject, subject_other] = key_args(&it.subject);
    Ok(vec![
        instant(it.at),
        text(it.actor.kind.code()),
        opt(it.actor.person.as_ref(), person),
        text(it.action.as_str()),
        subject_kind,
        subject,
        subject_other,
        opt(it.program, id),
        opt(it.from.as_ref(), |code| text(code.as_str())),
        opt(it.to.as_ref(), |code| text(code.as_str())),
        json(&it.about)?,
        opt(it.reason.as_ref(), |code| text(code.as_str())),
        flag(it.private),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read_audit(row: &mut Reader<'_>) -> Result<AuditEvent, StoreError> {
    let at = row.instant("audit.at")?;
    let kind = row.coded("audit.actor_kind", ActorKind::from_code)?;
    let actor = ActorRef { kind, person: row.checked_opt("audit.actor_person")? };
    let action = row.slug("audit.action")?;
    let subject = read_key(row)?;
    let program = row.id_opt("audit.program")?;
    let from = row.checked_opt("audit.from_state")?;
    let to = row.checked_opt("audit.to_state")?;
    let about = row.json("audit.about")?;
    let reason = row.checked_opt("audit.reason")?;
    let private = row.flag("audit.private")?;
    row.skip(1);
    let id = row.id("audit.id")?;
    Ok(AuditEvent { id, at, actor, action, subject, program, from, to, about, reason, private })
}

pub(crate) fn message_args(tenant: &TenantId, it: &OutboxMessage) -> Vec<Value> {
    let (to_kind, to_id) = match &it.to {
        Audience::Person(to) => ("person", person(to)),
        Audience::ProgramAdmins(program) => ("program_admins", text(program.to_string())),
        Audience::Staff => ("staff", Value::Null),
    };
    vec![
        instant(it.at),
        text(it.kind.as_str()),
        text(to_kind),
        to_id,
        opt(it.between.as_ref(), |two| person(two.lo())),
        opt(it.between.as_ref(), |two| person(two.hi())),
        opt(it.program, id),
        opt(it.proposal, id),
        opt(it.pair, id),
        opt(it.case, id),
        opt(it.step.as_ref(), |code| text(code.as_str())),
        opt(it.code.as_ref(), |code| text(code.as_str())),
        Value::Id(it.lane()),
        Value::Int(0),
        Value::Int(0),
        Value::Null,
        Value::Int(1),
        Value::Null,
        text(tenant.as_str()),
        id(it.id),
    ]
}

/// Which claim of a message.
pub(crate) fn receipt_args(receipt: &Receipt) -> Vec<Value> {
    vec![
        text(receipt.tenant.as_str()),
        id(receipt.id),
        text(receipt.consumer.name().as_str()),
        Value::Int(receipt.epoch.into()),
    ]
}

/// A message as it stands for one consumer.
pub(crate) fn read_envelope(row: &mut Reader<'_>) -> Result<Envelope, StoreError> {
    let at = row.instant("outbox.at")?;
    let kind = row.slug("outbox.kind")?;
    let to = match row.text("outbox.to_kind")? {
        "person" => Audience::Person(row.checked("outbox.to_id")?),
        "program_admins" => Audience::ProgramAdmins(row.parsed("outbox.to_id")?),
        "staff" => {
            row.skip(1);
            Audience::Staff
        }
        _ => return Err(corrupt("outbox.to_kind")),
    };
    let lo: Option<PersonId> = row.checked_opt("outbox.between_lo")?;
    let hi: Option<PersonId> = row.checked_opt("outbox.between_hi")?;
    let between = match (lo, hi) {
        (None, None) => None,
        (Some(lo), Some(hi)) => {
            Some(PersonPair::new(lo, hi).ok_or_else(|| corrupt("outbox.between_lo"))?)
        }
        _ => return Err(corrupt("outbox.between_lo")),
    };
    let program = row.id_opt("outbox.program")?;
    let proposal = row.id_opt("outbox.proposal")?;
    let pair = row.id_opt("outbox.pair")?;
    let case = row.id_opt("outbox.case_id")?;
    let step = row.checked_opt("outbox.step")?;
    let code = row.checked_opt("outbox.code")?;
    row.skip(1);
    let epoch = row.int("outbox.epoch")?;
    let attempts = row.int("outbox.attempts")?;
    row.skip(3);
    let tenant = row.checked("outbox.tenant")?;
    let id = row.id("outbox.id")?;
    let consumer = row.slug("outbox.consumer")?.into();
    let message =
        OutboxMessage { id, at, kind, to, between, program, proposal, pair, case, step, code };
    Ok(Envelope { tenant, consumer, message, epoch, attempts })
}

pub(super) fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(half.into(), 16).unwrap_or('0'));
        }
        text
    })
}

pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|d| u8::try_from(d).ok()))
        .collect::<Option<_>>()?;
    let mut bytes = [0; 32];
    if digits.len() != 64 {
        return None;
    }
    for (byte, two) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = two.iter().fold(0, |sum, digit| (sum << 4) | digit);
    }
    Some(bytes)
}

pub(crate) fn command_args(tenant: &TenantId, it: &CommandRecord) -> Vec<Value> {
    vec![
        text(it.kind.as_str()),
        text(hex(&it.digest)),
        text(it.reply.as_str()),
        instant(it.at),
        text(tenant.as_str()),
        id(it.id),
    ]
}

pub(crate) fn read_command(row: &mut Reader<'_>) -> Result<CommandRecord, StoreError> {
    let kind = row.slug("commands.kind")?;
    let digest = unhex(row.text("commands.digest")?).ok_or_else(|| corrupt("commands.digest"))?;
    let reply = row.text("commands.reply")?.to_owned();
    let at = row.instant("commands.at")?;
    row.skip(1);
    let id = row.id("commands.id")?;
    Ok(CommandRecord { id, kind, digest, reply, at })
}
