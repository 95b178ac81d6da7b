//! Writing a change set: the command, every guard in key order, then the changes in an order in which
//! no belt is broken on the way, then what happened and what is to be said.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::{
    base::{host::TenantId, people::PersonPair, version::Version},
    change::{Applied, Change, ChangeSet, CommandRecord, Key},
    model::{
        enrollment::Enrollment, pair::Pair, person::Person, program::Program, proposal::Proposal,
        relation::Relation,
    },
    store::{StoreError, StoreErrorKind},
};

use crate::{
    record::{enrollment, log, pair, person, program, proposal},
    session::{Batch, Session},
    statement::Statement as S,
    value::{Value, id, json, person as key_of, text},
};

/// What a write needs to know of a record that is stored.
#[derive(Clone, Copy, Debug, Default)]
struct Head {
    version: Version,
    /// Whether a pair lives or a proposal is open.
    live: bool,
    capacity: i64,
    live_pairs: i64,
    live_limit: i64,
}

struct Writer<'a> {
    session: &'a mut dyn Session,
    tenant: &'a TenantId,
    heads: BTreeMap<Key, Option<Head>>,
    /// What is to be written, in order: sent in as few round trips as possible.
    pending: Batch,
}

fn integrity(detail: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Integrity, "apply").with_detail(detail)
}

fn key_args(tenant: &TenantId, key: &Key) -> Vec<Value> {
    let mut args = vec![text(tenant.as_str())];
    match key {
        Key::Person(it) => args.push(key_of(it)),
        Key::Relation(it) => args.extend([key_of(it.lo()), key_of(it.hi())]),
        Key::Program(it) => args.push(id(*it)),
        Key::Enrollment(it) => args.push(id(*it)),
        Key::Proposal(it) => args.push(id(*it)),
        Key::Pair(it) => args.push(id(*it)),
    }
    args
}

/// Applies `set` inside a transaction that the caller begins and ends.
pub(crate) async fn apply(
    session: &mut dyn Session,
    set: &ChangeSet,
) -> Result<Applied, StoreError> {
    if set.changes.iter().any(|change| !Change::KINDS.contains(&change.kind())) {
        return Err(StoreError::new(StoreErrorKind::Unsupported, "apply"));
    }
    let mut writer =
        Writer { session, tenant: &set.tenant, heads: BTreeMap::new(), pending: Batch::default() };
    // Everything that is guarded or written, in key order.
    let written = set.changes.iter().filter_map(|change| match change {
        Change::Touch(key) => Some(key.clone()),
        other => other.versioned().map(|(key, _)| key),
    });
    let mut keys: BTreeSet<Key> = set.guards.keys().cloned().chain(written).collect();
    for change in &set.changes {
        match change {
            Change::Pair(it) => {
                keys.insert(Key::Relation(pair::people(it)?));
                keys.extend([&it.mentor, &it.mentee].map(|side| Key::Enrollment(side.enrollment)));
            }
            Change::Proposal(it) => {
                keys.insert(Key::Relation(proposal::people(it)?));
            }
            _ => {}
        }
    }
    if let Some(done) = writer.look_at(keys, set.command.as_ref()).await? {
        return Ok(Applied::Repeated(done));
    }
    for (key, version) in &set.guards {
        if writer.head(key).map_or(Version::NEW, |head| head.version) != *version {
            return Err(StoreError::conflict());
        }
    }
    writer.write(set)?;
    let pending = std::mem::take(&mut writer.pending);
    writer.session.finish(pending).await?;
    Ok(Applied::Stored)
}

/// The changes in the order in which they are written.
#[derive(Default)]
struct Sorted<'a> {
    /// Pairs and proposals that stop counting: first, so that what they held is free.
    leaving: Vec<&'a Change>,
    people: Vec<&'a Person>,
    relations: Vec<&'a Relation>,
    programs: Vec<&'a Program>,
    /// Those that are over first, so that a new one may follow in the same set.
    enrollments: Vec<&'a Enrollment>,
    touches: Vec<&'a Key>,
    /// Pairs and proposals that count from now on or still.
    staying: Vec<&'a Change>,
    rest: Vec<&'a Change>,
}

impl Writer<'_> {
    /// Reads what a write needs to know of these records, in one round trip, and whether the command has
    /// been carried out before.
    async fn look_at(
        &mut self,
        keys: BTreeSet<Key>,
        command: Option<&CommandRecord>,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let mut batch = Batch::default();
        for key in &keys {
            let sql = match key {
                Key::Person(_) => S::PersonHead,
                Key::Relation(_) => S::RelationHead,
                Key::Program(_) => S::ProgramHead,
                Key::Enrollment(_) => S::EnrollmentHead,
                Key::Proposal(_) => S::ProposalHead,
                Key::Pair(_) => S::PairHead,
            };
            batch.add(sql, key_args(self.tenant, key));
        }
        let known =
            command.map(|it| batch.add(S::CommandGet, [text(self.tenant.as_str()), id(it.id)]));
        let found = self.session.fetch_all(batch).await?;
        for (at, key) in keys.into_iter().enumerate() {
            let head = found.first(at, |row| {
                let mut head = Head { version: row.version()?, ..Head::default() };
                match &key {
                    Key::Person(_) | Key::Relation(_) | Key::Program(_) => {}
                    Key::Enrollment(_) => {
                        head.capacity = row.int("enrollments.capacity")?;
                        head.live_pairs = row.int("enrollments.live_pairs")?;
                        head.live_limit = row.int("enrollments.live_limit")?;
                    }
                    Key::Proposal(_) | Key::Pair(_) => {
                        head.live = row.int_opt("live")?.is_some();
                    }
                }
                Ok(head)
            })?;
            self.heads.insert(key, head);
        }
        let known = known.map(|at| found.first(at, log::read_command)).transpose()?;
        Ok(known.flatten())
    }

    fn head(&self, key: &Key) -> Option<Head> {
        self.heads.get(key).copied().flatten()
    }

    fn put(&mut self, sql: S, args: Vec<Value>) {
        self.pending.add(sql, args);
    }

    /// A record is created if it is not there and replaced if it is.
    fn put_versioned(&mut self, key: &Key, new: S, set: S, args: Vec<Value>) {
        let there = self.head(key).is_some();
        self.put(if there { set } else { new }, args);
    }

    fn sorted<'s>(&self, set: &'s ChangeSet) -> Sorted<'s> {
        let mut sorted = Sorted::default();
        for change in &set.changes {
            match change {
                Change::Person(it) => sorted.people.push(it),
                Change::Relation(it) => sorted.relations.push(it),
                Change::Program(it) => sorted.programs.push(it),
                Change::Enrollment(it) => sorted.enrollments.push(it),
                Change::Proposal(it) => {
                    let there = self.head(&Key::Proposal(it.id)).is_some();
                    let leaves = there && !it.state.is_open();
                    if leaves { &mut sorted.leaving } else { &mut sorted.staying }.push(change);
                }
                Change::Pair(it) => {
                    let there = self.head(&Key::Pair(it.id)).is_some();
                    let leaves = there && !(it.state.is_live() && it.state.needs_adults());
                    if leaves { &mut sorted.leaving } else { &mut sorted.staying }.push(change);
                }
                Change::Touch(key) => sorted.touches.push(key),
                Change::Form { .. }
                | Change::Guide { .. }
                | Change::Step(_)
                | Change::Post(_)
                | Change::CheckIn(_)
                | _ => sorted.rest.push(change),
            }
        }
        sorted.enrollments.sort_by_key(|it| !it.state.is_terminal());
        sorted
    }

    fn write(&mut self, set: &ChangeSet) -> Result<(), StoreError> {
        if let Some(command) = &set.command {
            self.put(S::CommandPut, log::command_args(self.tenant, command));
        }
        let sorted = self.sorted(set);
        for change in sorted.leaving {
            self.counted(change)?;
        }
        // A person's new date moves into their pairs at once; what the set says of those pairs is written
        // after that, so that they are let go of first.
        if !sorted.people.is_empty() {
            for change in &sorted.staying {
                if let Change::Pair(it) = change {
                    let key = Key::Pair(it.id);
                    if self.head(&key).is_some() {
                        self.put(S::PairRelease, key_args(self.tenant, &key));
                    }
                }
            }
        }
        for it in sorted.people {
            let next = Person { version: it.version.next(), ..it.clone() };
            let args = person::args(self.tenant, &next)?;
            let key = Key::Person(it.id.clone());
            self.put_versioned(&key, S::PersonNew, S::PersonSet, args);
        }
        for it in sorted.relations {
            let next = Relation { version: it.version.next(), ..it.clone() };
            let args = person::relation_args(self.tenant, &next);
            let key = Key::Relation(it.people.clone());
            self.put_versioned(&key, S::RelationNew, S::RelationSet, args);
            self.heads.insert(key, Some(Head::default()));
        }
        for it in sorted.programs {
            let next = Program { version: it.version.next(), ..it.clone() };
            let args = program::args(self.tenant, &next)?;
            self.put_versioned(&Key::Program(it.id), S::ProgramNew, S::ProgramSet, args);
        }
        for it in sorted.enrollments {
            self.enrollment(it)?;
        }
        for key in sorted.touches {
            self.touch(key)?;
        }
        for change in sorted.staying {
            self.counted(change)?;
        }
        for change in sorted.rest {
            self.child(change)?;
        }
        for event in &set.audit {
            self.put(S::AuditPut, log::audit_args(self.tenant, event)?);
        }
        for message in &set.outbox {
            self.put(S::OutboxPut, log::message_args(self.tenant, message));
        }
        Ok(())
    }

    fn enrollment(&mut self, it: &Enrollment) -> Result<(), StoreError> {
        let key = Key::Enrollment(it.id);
        let capacity = i64::from(it.capacity);
        let live_limit = match self.head(&key) {
            None => capacity,
            Some(head) if head.capacity == capacity => head.live_limit,
            Some(head) => capacity.max(head.live_pairs),
        };
        let next = Enrollment { version: it.version.next(), ..it.clone() };
        let args = enrollment::args(self.tenant, &next, live_limit)?;
        self.put_versioned(&key, S::EnrollmentNew, S::EnrollmentSet, args);
        let head = self.head(&key).unwrap_or_default();
        self.heads.insert(key, Some(Head { capacity, live_limit, ..head }));
        Ok(())
    }

    /// A pair or a proposal, with the counters that it moves.
    fn counted(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::Pair(it) => self.pair(it),
            Change::Proposal(it) => self.proposal(it),
            _ => Ok(()),
        }
    }

    fn pair(&mut self, it: &Pair) -> Result<(), StoreError> {
        let key = Key::Pair(it.id);
        let was = self.head(&key).is_some_and(|head| head.live);
        let is = it.state.is_live();
        let next = Pair { version: it.version.next(), ..it.clone() };
        let args = pair::args(self.tenant, &next)?;
        if was != is {
            let sql = if is { S::PlaceTaken } else { S::PlaceFreed };
            for side in [&it.mentor, &it.mentee] {
                let place = Key::Enrollment(side.enrollment);
                if self.head(&place).is_none() {
                    return Err(integrity("a pair without its enrolment"));
                }
                self.put(sql, key_args(self.tenant, &place));
                if let Some(Some(head)) = self.heads.get_mut(&place)
                    && !is
                {
                    head.live_pairs -= 1;
                    head.live_limit = head.capacity.max(head.live_limit - 1);
                }
            }
            let by = if is { 1 } else { -1 };
            self.count_between(&pair::people(it)?, by, 0);
        }
        self.put_versioned(&key, S::PairNew, S::PairSet, args);
        Ok(())
    }

    fn proposal(&mut self, it: &Proposal) -> Result<(), StoreError> {
        let key = Key::Proposal(it.id);
        let was = self.head(&key).is_some_and(|head| head.live);
        let is = it.state.is_open();
        if was != is {
            self.count_between(&proposal::people(it)?, 0, if is { 1 } else { -1 });
        }
        let next = Proposal { version: it.version.next(), ..it.clone() };
        let args = proposal::args(self.tenant, &next)?;
        self.put_versioned(&key, S::ProposalNew, S::ProposalSet, args);
        Ok(())
    }

    /// Moves what is counted between two people. Where nothing has been said between them yet, a row
    /// of version 0 counts; it reads as nothing said.
    fn count_between(&mut self, two: &PersonPair, pairs: i64, proposals: i64) {
        let key = Key::Relation(two.clone());
        let mut args = vec![Value::Int(pairs), Value::Int(proposals)];
        args.extend(key_args(self.tenant, &key));
        if self.head(&key).is_none() {
            let nothing_said = person::relation_args(self.tenant, &Relation::new(two.clone()));
            self.put(S::RelationNew, nothing_said);
            self.heads.insert(key, Some(Head::default()));
        }
        self.put(S::RelationCount, args);
    }

    fn touch(&mut self, key: &Key) -> Result<(), StoreError> {
        let there = self.head(key).is_some();
        if there {
            let sql = match key {
                Key::Person(_) => S::PersonBump,
                Key::Relation(_) => S::RelationBump,
                Key::Program(_) => S::ProgramBump,
                Key::Enrollment(_) => S::EnrollmentBump,
                Key::Proposal(_) => S::ProposalBump,
                Key::Pair(_) => S::PairBump,
            };
            self.put(sql, key_args(self.tenant, key));
            return Ok(());
        }
        let first = Version::NEW.next();
        match key {
            Key::Person(who) => {
                let unknown = Person { version: first, ..Person::unknown(who.clone()) };
                self.put(S::PersonNew, person::args(self.tenant, &unknown)?);
            }
            Key::Relation(two) => {
                let empty = Relation { version: first, ..Relation::new(two.clone()) };
                self.put(S::RelationNew, person::relation_args(self.tenant, &empty));
                self.heads.insert(key.clone(), Some(Head::default()));
            }
            Key::Program(_) | Key::Enrollment(_) | Key::Proposal(_) | Key::Pair(_) => {
                return Err(integrity("a touched record does not exist"));
            }
        }
        Ok(())
    }

    fn child(&mut self, change: &Change) -> Result<(), StoreError> {
        let tenant = || text(self.tenant.as_str());
        match change {
            Change::Form { program, form } => {
                let args =
                    vec![tenant(), id(*program), Value::Int(form.version.into()), json(&**form)?];
                self.put(S::FormNew, args);
            }
            Change::Guide { program, guide } => {
                let args =
                    vec![tenant(), id(*program), Value::Int(guide.version.into()), json(&**guide)?];
                self.put(S::GuideNew, args);
            }
            Change::Step(step) => {
                self.put(S::StepPut, pair::step_args(self.tenant, step)?);
            }
            Change::Post(post) => {
                self.put(S::PostPut, pair::post_args(self.tenant, post)?);
            }
            Change::CheckIn(it) => {
                self.put(S::CheckInPut, pair::check_in_args(self.tenant, it));
            }
            _ => return Err(StoreError::new(StoreErrorKind::Unsupported, "apply")),
        }
        Ok(())
    }
}
