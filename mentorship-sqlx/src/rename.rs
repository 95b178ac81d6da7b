//! Another key for a person, in every table, inside a transaction of the caller's.

use std::collections::BTreeSet;

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::EventId,
        people::PersonPair,
        time::Timestamp,
    },
    change::{CommandRecord, ERASE_KEY, Key, Renaming},
    model::{event::Audience, person::Person, rename::Rename, report::Case},
    store::StoreError,
};

use crate::{
    apply::key_args,
    hold::{Hold, head_statement},
    lists::FIRST,
    record::{case, person},
    session::{Batch, Fetched, Session},
    statement::Statement as S,
    value::{Reader, Value, corrupt, first_id, id, instant, json, person as key, text},
};

/// Most events that are read at once.
const PAGE: usize = 500;

/// An event with those whom it is about.
struct Naming {
    at: Timestamp,
    id: EventId,
    about: Vec<PersonId>,
}

/// Events after a place that are about `who`, and the place of the last one that was looked at; `None` at
/// the end.
async fn naming(
    session: &mut dyn Session,
    tenant: &TenantId,
    who: &PersonId,
    after: [Value; 2],
) -> Result<(Vec<Naming>, Option<[Value; 2]>), StoreError> {
    let read = |row: &mut Reader<'_>| {
        let (at, id) = (row.instant("audit.at")?, row.id("audit.id")?);
        Ok(Naming { at, id, about: row.json("audit.about")? })
    };
    let [at, after] = after;
    let most = Value::Int(i64::try_from(PAGE).unwrap_or(i64::MAX));
    let mut batch = Batch::default();
    batch.add(S::AuditNaming, [text(tenant.as_str()), json(who)?, at, after, most]);
    let mut found = session.fetch_all(batch).await?.each(0, read)?;
    let next = found.last().filter(|_| found.len() >= PAGE).map(|it| [instant(it.at), id(it.id)]);
    // The database has compared text with text.
    found.retain(|it| it.about.contains(who));
    Ok((found, next))
}

fn beginning() -> [Value; 2] {
    [Value::Int(FIRST), first_id()]
}

/// Whether anything in the tenant says this key.
pub(crate) async fn is_known(
    session: &mut dyn Session,
    tenant: &TenantId,
    who: &PersonId,
) -> Result<bool, StoreError> {
    let mut batch = Batch::default();
    let reply = text(CommandRecord::reply_of(who));
    batch.add(S::KeyKnown, [text(tenant.as_str()), key(who), text(ERASE_KEY), reply]);
    if session.fetch_all(batch).await?.number(0)? != 0 {
        return Ok(true);
    }
    if !cases_naming(session, tenant, who).await?.is_empty() {
        return Ok(true);
    }
    let mut after = Some(beginning());
    while let Some(place) = after {
        let (found, next) = naming(session, tenant, who, place).await?;
        if !found.is_empty() {
            return Ok(true);
        }
        after = next;
    }
    Ok(false)
}

/// Puts the new key in the place of the old one. Both people are held, so that whatever rests on either is
/// stored by now or waits; the other records are held here, in the order of keys, before any is written.
pub(crate) async fn rename(
    session: &mut dyn Session,
    tenant: &TenantId,
    renaming: Renaming<'_>,
) -> Result<(), StoreError> {
    let Renaming { from, to, version: _ } = renaming;
    hold(session, tenant, from).await?;
    if is_known(session, tenant, to).await? {
        return Err(StoreError::conflict());
    }
    let mut writes = Writes { batch: Batch::default(), tenant, from, to };
    writes.of_old(S::PairsLetGoMentor);
    writes.of_old(S::PairsLetGoMentee);
    writes.person(session, renaming).await?;
    writes.relations();
    writes.each(&[
        S::ProgramsRename,
        S::EnrollmentsRename,
        S::ProposalsRenameMentor,
        S::ProposalsRenameMentee,
        S::ProposalsRenameMaker,
        S::RunsRename,
        S::PairsRenameMentor,
        S::PairsRenameMentee,
        S::PostsRename,
        S::AuditRenameActor,
        S::AuditRenamePerson,
        S::AuditRenameLo,
        S::AuditRenameHi,
        S::OutboxRenameLo,
        S::OutboxRenameHi,
    ]);
    writes.last();
    session.execute_all(writes.batch).await?;
    cases(session, tenant, renaming).await?;
    about(session, tenant, renaming).await
}

/// Holds every record besides the person that says the key, for this alone.
async fn hold(
    session: &mut dyn Session,
    tenant: &TenantId,
    from: &PersonId,
) -> Result<(), StoreError> {
    if !session.locks_rows() {
        return Ok(());
    }
    let args = [text(tenant.as_str()), key(from)];
    let mut batch = Batch::default();
    let relations = batch.add(S::RelationsNaming, [args.clone(), args.clone()].concat());
    let programs = batch.add(S::ProgramsNaming, args.clone());
    let enrollments = batch.add(S::EnrollmentsNaming, args.clone());
    let proposals = batch.add(S::ProposalsNaming, args.clone());
    let pairs = batch.add(S::PairsNaming, args);
    let found = session.fetch_all(batch).await?;
    let mut keys: BTreeSet<Key> = BTreeSet::new();
    keys.extend(found.each(relations, |row| {
        let (lo, hi) = (row.checked("relations.lo")?, row.checked("relations.hi")?);
        PersonPair::new(lo, hi).map(Key::Relation).ok_or_else(|| corrupt("relations.lo"))
    })?);
    keys.extend(ids(&found, programs, Key::Program)?);
    keys.extend(ids(&found, enrollments, Key::Enrollment)?);
    keys.extend(ids(&found, proposals, Key::Proposal)?);
    keys.extend(ids(&found, pairs, Key::Pair)?);
    let cases = cases_naming(session, tenant, from).await?;
    keys.extend(cases.into_iter().map(|it| Key::Case(it.id)));
    let mut batch = Batch::default();
    for it in &keys {
        batch.add(head_statement(it, Hold::Alone), key_args(tenant, it));
    }
    session.fetch_all(batch).await.map(drop)
}

fn ids<I: mentorship_core::base::id::Id>(
    found: &Fetched,
    at: usize,
    into: impl Fn(I) -> Key,
) -> Result<Vec<Key>, StoreError> {
    found.each(at, |row| Ok(into(row.id("id")?)))
}

/// What is to be written. A row may be written by several statements, so that a fence follows each.
struct Writes<'a> {
    batch: Batch,
    tenant: &'a TenantId,
    from: &'a PersonId,
    to: &'a PersonId,
}

impl Writes<'_> {
    fn add(&mut self, sql: S, args: Vec<Value>) {
        self.batch.add(sql, args);
        self.batch.fence();
    }

    /// A statement about the old key.
    fn of_old(&mut self, sql: S) {
        self.add(sql, vec![text(self.tenant.as_str()), key(self.from)]);
    }

    /// A statement about the new key.
    fn of_new(&mut self, sql: S) {
        self.add(sql, vec![text(self.tenant.as_str()), key(self.to)]);
    }

    /// Statements that put the new key in the place of the old one.
    fn each(&mut self, all: &[S]) {
        for sql in all {
            self.add(*sql, vec![key(self.to), text(self.tenant.as_str()), key(self.from)]);
        }
    }

    /// The person under the new key. A row that is there, only to be held, is written and not replaced:
    /// whoever waits for it has to find it changed.
    async fn person(
        &mut self,
        session: &mut dyn Session,
        renaming: Renaming<'_>,
    ) -> Result<(), StoreError> {
        let mut batch = Batch::default();
        for who in [self.from, self.to] {
            batch.add(S::PersonGet, [text(self.tenant.as_str()), key(who)]);
        }
        let found = session.fetch_all(batch).await?;
        let old = found.first(0, person::read)?;
        let old = old.unwrap_or_else(|| Person::unknown(self.from.clone()));
        let there = found.first(1, person::read)?.is_some();
        let old = old.under(self.to.clone());
        let new = Person { version: renaming.version.next(), ..old };
        let args = person::args(self.tenant, &new)?;
        self.add(if there { S::PersonSet } else { S::PersonNew }, args);
        Ok(())
    }

    fn relations(&mut self) {
        self.of_new(S::RelationsDropEmpty);
        self.each(&[S::RelationsFromLo, S::RelationsFromHi]);
        self.of_old(S::RelationsDrop);
    }

    fn last(&mut self) {
        let tenant = || text(self.tenant.as_str());
        let lane = Value::Id(Audience::Person(self.to.clone()).lane());
        let lane = vec![lane, tenant(), key(self.from)];
        let [new, old] = [self.to, self.from].map(|who| text(CommandRecord::reply_of(who)));
        let reply = vec![new, tenant(), text(ERASE_KEY), old];
        self.add(S::OutboxRenameLane, lane);
        self.each(&[S::OutboxRenameTo]);
        self.add(S::CommandsRename, reply);
        self.of_new(S::PairsHoldMentor);
        self.of_new(S::PairsHoldMentee);
        self.of_old(S::PersonDrop);
    }
}

/// Cases that say a key. The database has compared text with text; what they hold decides.
async fn cases_naming(
    session: &mut dyn Session,
    tenant: &TenantId,
    who: &PersonId,
) -> Result<Vec<Case>, StoreError> {
    let mut batch = Batch::default();
    batch.add(S::CasesNaming, [text(tenant.as_str()), key(who), json(who)?]);
    let mut found = session.fetch_all(batch).await?.each(0, case::read)?;
    found.retain(|it| it.names(who));
    Ok(found)
}

/// The key in cases, whose documents say who works and has decided them. A reviewer may have taken one since
/// the others were held: it is held now, and read again.
async fn cases(
    session: &mut dyn Session,
    tenant: &TenantId,
    Renaming { from, to, version: _ }: Renaming<'_>,
) -> Result<(), StoreError> {
    let found: BTreeSet<Key> =
        cases_naming(session, tenant, from).await?.iter().map(|it| Key::Case(it.id)).collect();
    if found.is_empty() {
        return Ok(());
    }
    if session.locks_rows() {
        let mut batch = Batch::default();
        for it in &found {
            batch.add(head_statement(it, Hold::Alone), key_args(tenant, it));
        }
        session.fetch_all(batch).await?;
    }
    let mut batch = Batch::default();
    for mut it in cases_naming(session, tenant, from).await? {
        it.rename(from, to);
        it.version = it.version.next();
        batch.add(S::CaseSet, case::args(tenant, &it)?);
    }
    session.execute_all(batch).await.map(drop)
}

/// The key in the one document of the log that holds keys of people: whom an event is about.
async fn about(
    session: &mut dyn Session,
    tenant: &TenantId,
    Renaming { from, to, version: _ }: Renaming<'_>,
) -> Result<(), StoreError> {
    let mut after = Some(beginning());
    while let Some(place) = after {
        let (found, next) = naming(session, tenant, from, place).await?;
        let mut batch = Batch::default();
        for mut event in found {
            event.about.rename(from, to);
            let at = [text(tenant.as_str()), instant(event.at), id(event.id)];
            batch.add(S::AuditAboutSet, [vec![json(&event.about)?], at.into()].concat());
        }
        if !batch.asked().is_empty() {
            session.execute_all(batch).await?;
        }
        after = next;
    }
    Ok(())
}
