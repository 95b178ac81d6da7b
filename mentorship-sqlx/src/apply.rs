//! Writing a change set: every guard in key order, the command, then the changes in an order in which
//! no belt is broken on the way, then what happened and what is to be said.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::EnrollmentId,
        people::PersonPair,
        text::Slug,
        version::Version,
    },
    change::{Change, ChangeSet, Key},
    model::{
        enrollment::Enrollment, pair::Pair, person::Person, program::Program, proposal::Proposal,
        relation::Relation, report::Case,
    },
    store::{StoreError, StoreErrorKind},
};

use crate::{
    hold::{Hold, head_statement, holds},
    outbox::read_consumer,
    record::{case, enrollment, log, pair, person, person::day, program, proposal, run},
    rename,
    session::{Batch, Held, Session},
    statement::Statement as S,
    value::{Value, id, instant, json, person as key_of, text},
};

/// What a write needs to know of a record that is stored.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Head {
    pub(crate) version: Version,
    /// Whether a pair lives or a proposal is open.
    pub(crate) live: bool,
    pub(crate) capacity: i64,
    pub(crate) live_pairs: i64,
    pub(crate) live_limit: i64,
    pub(crate) adult_on: Option<i64>,
}

struct Writer<'a> {
    session: &'a mut dyn Session,
    tenant: &'a TenantId,
    heads: BTreeMap<Key, Option<Head>>,
    /// People and relations for which a row may have been made, only to be held, and that hold nothing yet.
    made: BTreeSet<Key>,
    /// Who gets the messages; where that is not known, whoever is there when they are written.
    consumers: Option<Vec<Slug>>,
    /// What is to be written, in order: sent in as few round trips as possible.
    pending: Batch,
    /// The rows that are written since the last fence: each is written once between two of them.
    rows: BTreeSet<Key>,
    /// What the pairs and proposals change in the counters, as far as it is not written yet.
    counts: Counts,
}

/// Changes of counters, each row's together, so that most rows are written once.
#[derive(Default)]
struct Counts {
    /// Live pairs and open proposals between two people.
    between: BTreeMap<PersonPair, (i64, i64)>,
    /// Places taken and freed.
    places: BTreeMap<EnrollmentId, (i64, i64)>,
}

fn integrity(detail: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Integrity, "apply").with_detail(detail)
}

pub(crate) fn key_args(tenant: &TenantId, key: &Key) -> Vec<Value> {
    let mut args = vec![text(tenant.as_str())];
    match key {
        Key::Person(it) => args.push(key_of(it)),
        Key::Relation(it) => args.extend([key_of(it.lo()), key_of(it.hi())]),
        Key::Program(it) => args.push(id(*it)),
        Key::Enrollment(it) => args.push(id(*it)),
        Key::Proposal(it) => args.push(id(*it)),
        Key::Pair(it) => args.push(id(*it)),
        Key::Case(it) => args.push(id(*it)),
    }
    args
}

/// Applies `set` inside a transaction that the caller begins and ends.
///
/// That a command was carried out before shows as a conflict here: its guards moved, or its id is taken.
/// Whoever applied looks for it then, which costs a command that is new nothing.
pub(crate) async fn apply(session: &mut dyn Session, set: &ChangeSet) -> Result<(), StoreError> {
    if set.changes.iter().any(|change| !Change::KINDS.contains(&change.kind())) {
        return Err(StoreError::new(StoreErrorKind::Unsupported, "apply"));
    }
    let bad = |error| StoreError::new(StoreErrorKind::Unsupported, "apply").with_source(error);
    let renaming = set.renaming().map_err(bad)?;
    let mut holds = holds(set)?;
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    if renaming.is_none()
        && session.goes_straight()
        && let Some(known) = crate::straight::known(set, &holds)?
    {
        let mut writer = Writer::new(session, &set.tenant, known.heads);
        // What cannot be written by what is known so far may be by what is found.
        let written = writer.write(set);
        let pending = std::mem::take(&mut writer.pending);
        if written.is_ok() && session.go_straight(&known.footings, pending).await? {
            return Ok(());
        }
    }
    let mut writer = Writer::new(session, &set.tenant, BTreeMap::new());
    let mut only_held = Vec::new();
    if writer.session.holds_by_writing() {
        for hold in holds.values_mut() {
            *hold = Hold::Alone;
        }
        // A rename writes all that it holds.
        let written: BTreeSet<Key> = set.written().collect();
        let held = holds.keys().filter(|key| renaming.is_none() && !written.contains(key));
        only_held.extend(held.cloned());
    }
    writer.look_at(holds, set).await?;
    for (key, version) in &set.guards {
        if writer.head(key).map_or(Version::NEW, |head| head.version) != *version {
            return Err(StoreError::conflict());
        }
    }
    if let Some(renaming) = renaming {
        rename::rename(writer.session, &set.tenant, renaming).await?;
    }
    writer.hold(&only_held);
    writer.write(set)?;
    let pending = std::mem::take(&mut writer.pending);
    writer.session.finish(pending).await
}

/// The changes in the order in which they are written.
#[derive(Default)]
struct Sorted<'a> {
    /// Pairs and proposals that stop counting: first, so that what they held is free.
    leaving: Vec<&'a Change>,
    people: Vec<&'a Person>,
    relations: Vec<&'a Relation>,
    programs: Vec<&'a Program>,
    enrollments: Vec<&'a Enrollment>,
    cases: Vec<&'a Case>,
    touches: Vec<&'a Key>,
    /// Pairs and proposals that count from now on or still.
    staying: Vec<&'a Change>,
    rest: Vec<&'a Change>,
}

impl<'a> Writer<'a> {
    fn new(
        session: &'a mut dyn Session,
        tenant: &'a TenantId,
        heads: BTreeMap<Key, Option<Head>>,
    ) -> Self {
        Self {
            session,
            tenant,
            heads,
            made: BTreeSet::new(),
            consumers: None,
            pending: Batch::default(),
            rows: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    /// Holds these records and reads what a write needs to know of them.
    async fn look_at(
        &mut self,
        holds: BTreeMap<Key, Hold>,
        set: &ChangeSet,
    ) -> Result<(), StoreError> {
        let (anchors, make) = self.anchors(&holds, set)?;
        let mut batch = Batch::default();
        for (key, hold) in &holds {
            batch.add(head_statement(key, *hold), key_args(self.tenant, key));
        }
        let consumers = (!set.outbox.is_empty()).then(|| batch.add(S::Consumers, []));
        let Held { found, is_new } = self.session.hold(make, batch).await?;
        // What somebody else has made is theirs; where that is not told, a row is looked at before it goes.
        let ours = anchors.iter().enumerate().filter(|(at, _)| is_new.get(*at) != Some(&false));
        self.made.extend(ours.map(|(_, key)| key.clone()));
        let is_new: BTreeMap<Key, bool> = anchors.into_iter().zip(is_new).collect();
        if let Some(at) = consumers {
            self.consumers = Some(found.each(at, read_consumer)?);
        }
        for (at, key) in holds.into_keys().enumerate() {
            let head = found.first(at, |row| {
                let mut head = Head { version: row.version()?, ..Head::default() };
                match &key {
                    Key::Person(_) => head.adult_on = row.int_opt("persons.adult_on")?,
                    Key::Relation(_) | Key::Program(_) | Key::Case(_) => {}
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
            let head = match (head, is_new.get(&key)) {
                (None, Some(true)) => Some(Head::default()),
                // Somebody was a moment faster, and it is theirs.
                (None, Some(false)) => return Err(StoreError::conflict()),
                (head, _) => head,
            };
            self.heads.insert(key, head);
        }
        Ok(())
    }

    /// The people and relations that are guarded as new, and what makes their rows, so that whoever makes them for
    /// good meanwhile is waited for.
    fn anchors(
        &self,
        holds: &BTreeMap<Key, Hold>,
        set: &ChangeSet,
    ) -> Result<(Vec<Key>, Batch), StoreError> {
        let (mut keys, mut batch) = (Vec::new(), Batch::default());
        if !self.session.locks_rows() {
            return Ok((keys, batch));
        }
        for key in holds.keys() {
            if set.guards.get(key).is_some_and(|version| !version.is_new()) {
                continue;
            }
            match key {
                Key::Person(who) => {
                    // As it will be, so that the write that follows changes nothing that is indexed.
                    let written = set.changes.iter().find_map(|change| match change {
                        Change::Person(it) if it.id == *who => Some(it.clone()),
                        _ => None,
                    });
                    let person = written.unwrap_or_else(|| Person::unknown(who.clone()));
                    let args =
                        person::args(self.tenant, &Person { version: Version::NEW, ..person })?;
                    batch.add(S::PersonAnchor, args);
                }
                Key::Relation(two) => {
                    let args = person::relation_args(self.tenant, &Relation::new(two.clone()))?;
                    batch.add(S::RelationAnchor, args);
                }
                Key::Program(_)
                | Key::Enrollment(_)
                | Key::Proposal(_)
                | Key::Pair(_)
                | Key::Case(_) => continue,
            }
            keys.push(key.clone());
        }
        Ok((keys, batch))
    }

    fn head(&self, key: &Key) -> Option<Head> {
        self.heads.get(key).copied().flatten()
    }

    fn put(&mut self, sql: S, args: Vec<Value>) {
        self.pending.add(sql, args);
    }

    /// Writes a row; what was written into it before is done by then.
    fn put_row(&mut self, key: &Key, sql: S, args: Vec<Value>) {
        if self.rows.contains(key) {
            self.fence();
        }
        self.rows.insert(key.clone());
        self.put(sql, args);
    }

    /// A record is created if it is not there and replaced if it is.
    fn put_versioned(&mut self, key: &Key, new: S, set: S, args: Vec<Value>) {
        let there = self.head(key).is_some();
        self.put_row(key, if there { set } else { new }, args);
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
                Change::Case(it) => sorted.cases.push(it),
                Change::Touch(key) => sorted.touches.push(key),
                // Written before, and alone in its set.
                Change::RenamePerson { .. } => {}
                Change::Evidence(_)
                | Change::Run(_)
                | Change::Form { .. }
                | Change::Guide { .. }
                | Change::Step(_)
                | Change::Post(_)
                | Change::CheckIn(_)
                | Change::ClearPair { .. }
                | Change::ReleaseTexts { .. }
                | Change::ClearEvidence { .. }
                | Change::ForgetEvent { .. }
                | _ => sorted.rest.push(change),
            }
        }
        sorted
    }

    /// Writes records that are held and not written otherwise.
    fn hold(&mut self, keys: &[Key]) {
        for key in keys {
            if self.head(key).is_none() {
                continue;
            }
            let sql = match key {
                Key::Person(_) => S::PersonHold,
                Key::Relation(_) => S::RelationHold,
                Key::Program(_) => S::ProgramHold,
                Key::Enrollment(_) => S::EnrollmentHold,
                Key::Proposal(_) => S::ProposalHold,
                Key::Pair(_) => S::PairHold,
                Key::Case(_) => S::CaseHold,
            };
            self.put(sql, key_args(self.tenant, key));
        }
        if !keys.is_empty() {
            self.fence();
        }
    }

    fn write(&mut self, set: &ChangeSet) -> Result<(), StoreError> {
        for command in &set.commands {
            self.put(S::CommandPut, log::command_args(self.tenant, command));
        }
        let sorted = self.sorted(set);
        let moved: Vec<&PersonId> = sorted
            .people
            .iter()
            .filter(|it| {
                let head = self.head(&Key::Person(it.id.clone()));
                // Nobody's pair rests on a row that was made here for others to wait at.
                let known = head.filter(|head| !head.version.is_new());
                known.is_some_and(|head| head.adult_on != it.adult_on.map(day))
            })
            .map(|it| &it.id)
            .collect();
        // One that comes may need the key of one that goes.
        let kinds = |changes: &[&Change]| -> BTreeSet<_> {
            changes.iter().map(|change| change.kind()).collect()
        };
        let follow = !kinds(&sorted.leaving).is_disjoint(&kinds(&sorted.staying));
        let counted = |writer: &mut Self, changes: Vec<&Change>| -> Result<Vec<_>, StoreError> {
            changes.into_iter().map(|change| writer.counted(change, set)).collect()
        };
        let leaving = counted(self, sorted.leaving)?;
        let staying = counted(self, sorted.staying)?;
        for (key, sql, args) in leaving {
            self.put_row(&key, sql, args);
        }
        if !moved.is_empty() {
            self.fence();
        }
        self.pairs_of(&moved, [S::PairsLetGoMentor, S::PairsLetGoMentee]);
        for it in sorted.people {
            let next = Person { version: it.version.next(), ..it.clone() };
            let args = person::args(self.tenant, &next)?;
            let key = Key::Person(it.id.clone());
            self.put_versioned(&key, S::PersonNew, S::PersonSet, args);
        }
        self.relations(sorted.relations)?;
        for it in sorted.programs {
            let next = Program { version: it.version.next(), ..it.clone() };
            let args = program::args(self.tenant, &next)?;
            self.put_versioned(&Key::Program(it.id), S::ProgramNew, S::ProgramSet, args);
        }
        self.enrollments(sorted.enrollments)?;
        for it in sorted.cases {
            let next = Case { version: it.version.next(), ..it.clone() };
            let args = case::args(self.tenant, &next)?;
            self.put_versioned(&Key::Case(it.id), S::CaseNew, S::CaseSet, args);
        }
        for key in sorted.touches {
            self.touch(key)?;
        }
        if follow || !moved.is_empty() {
            self.fence();
        }
        for (key, sql, args) in staying {
            self.put_row(&key, sql, args);
        }
        self.count()?;
        if !moved.is_empty() {
            self.fence();
            self.pairs_of(&moved, [S::PairsHoldMentor, S::PairsHoldMentee]);
        }
        self.children(sorted.rest)?;
        self.unmake(set);
        for event in &set.audit {
            self.put(S::AuditPut, log::audit_args(self.tenant, event)?);
        }
        let consumers = std::mem::take(&mut self.consumers);
        for message in &set.outbox {
            let args = log::message_args(self.tenant, message);
            let Some(consumers) = &consumers else {
                self.put(S::OutboxPutForAll, args);
                continue;
            };
            for consumer in consumers {
                let to = text(consumer.as_str());
                self.put(S::OutboxPut, [&args[..], &[to]].concat());
            }
        }
        Ok(())
    }

    fn relations(&mut self, relations: Vec<&Relation>) -> Result<(), StoreError> {
        for it in relations {
            let next = Relation { version: it.version.next(), ..it.clone() };
            let args = person::relation_args(self.tenant, &next)?;
            let key = Key::Relation(it.people.clone());
            if self.head(&key).is_some() {
                let counts = self.counts.between.remove(&it.people).unwrap_or_default();
                self.put_row(&key, S::RelationSet, person::counting(args, counts));
                self.made.remove(&key);
            } else {
                self.put_row(&key, S::RelationNew, args);
            }
            self.heads.insert(key, Some(Head::default()));
        }
        Ok(())
    }

    fn enrollments(&mut self, enrollments: Vec<&Enrollment>) -> Result<(), StoreError> {
        // What is free in a place is known before its limit is written.
        for it in &enrollments {
            if let Some((_, freed)) = self.counts.places.get_mut(&it.id)
                && *freed > 0
            {
                let freed = std::mem::take(freed);
                self.places(it.id, 0, (0, freed));
            }
        }
        // Those that are over first, so that a new one may follow in the same set.
        let (over, other): (Vec<&Enrollment>, Vec<&Enrollment>) =
            enrollments.into_iter().partition(|it| it.state.is_terminal());
        let follows = !over.is_empty() && !other.is_empty();
        for it in over {
            self.enrollment(it)?;
        }
        if follows {
            self.fence();
        }
        for it in other {
            self.enrollment(it)?;
        }
        Ok(())
    }

    fn children(&mut self, changes: Vec<&Change>) -> Result<(), StoreError> {
        let releases = |change: &&Change| matches!(change, Change::ReleaseTexts { .. });
        let (last, first): (Vec<_>, Vec<_>) = changes.into_iter().partition(releases);
        for change in first {
            self.child(change)?;
        }
        // A post that the set writes lets go too.
        if !last.is_empty() {
            self.fence();
        }
        for change in last {
            self.child(change)?;
        }
        Ok(())
    }

    /// Takes rows away that were made for others to wait at and in which nothing was written: nobody's key
    /// stays because somebody looked for it. Whoever waits makes the row anew.
    fn unmake(&mut self, set: &ChangeSet) {
        let written: BTreeSet<Key> = set.written().collect();
        for key in std::mem::take(&mut self.made) {
            if self.head(&key).is_some_and(|it| it.version.is_new()) && !written.contains(&key) {
                let sql = match key {
                    Key::Person(_) => S::PersonUnmake,
                    _ => S::RelationUnmake,
                };
                self.put(sql, key_args(self.tenant, &key));
            }
        }
    }

    /// What comes from here on rests on what came before.
    fn fence(&mut self) {
        self.rows.clear();
        self.pending.fence();
    }

    /// One statement for the pairs in which they are the mentor, one for those in which they are the mentee:
    /// a pair of two of these people is written by both, so that a fence stands between them.
    fn pairs_of(&mut self, people: &[&PersonId], sql: [S; 2]) {
        if people.is_empty() {
            return;
        }
        for sql in sql {
            for who in people {
                self.put(sql, vec![text(self.tenant.as_str()), key_of(who)]);
            }
            self.fence();
        }
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

    /// What writes a pair or a proposal; the counters that it moves are noted.
    fn counted(
        &mut self,
        change: &Change,
        set: &ChangeSet,
    ) -> Result<(Key, S, Vec<Value>), StoreError> {
        match change {
            Change::Pair(it) => self.pair(it, set),
            Change::Proposal(it) => self.proposal(it),
            _ => Err(StoreError::new(StoreErrorKind::Unsupported, "apply")),
        }
    }

    fn pair(&mut self, it: &Pair, set: &ChangeSet) -> Result<(Key, S, Vec<Value>), StoreError> {
        let key = Key::Pair(it.id);
        let there = self.head(&key).is_some();
        let was = self.head(&key).is_some_and(|head| head.live);
        let is = it.state.is_live();
        let next = Pair { version: it.version.next(), ..it.clone() };
        let args = pair::args(self.tenant, &next)?;
        if was != is {
            for side in [&it.mentor, &it.mentee] {
                let place = Key::Enrollment(side.enrollment);
                let known = there || self.head(&place).is_some();
                if !known && !set.written().any(|key| key == place) {
                    return Err(integrity("a pair without its enrolment"));
                }
                let (taken, freed) = self.counts.places.entry(side.enrollment).or_default();
                *(if is { taken } else { freed }) += 1;
            }
            let (pairs, _) = self.counts.between.entry(pair::people(it)?).or_default();
            *pairs += if is { 1 } else { -1 };
        } else if !there {
            // Two who ever had a pair have a row.
            self.counts.between.entry(pair::people(it)?).or_default();
        }
        Ok((key, if there { S::PairSet } else { S::PairNew }, args))
    }

    fn proposal(&mut self, it: &Proposal) -> Result<(Key, S, Vec<Value>), StoreError> {
        let key = Key::Proposal(it.id);
        let there = self.head(&key).is_some();
        let was = self.head(&key).is_some_and(|head| head.live);
        let is = it.state.is_open();
        if was != is {
            let (_, open) = self.counts.between.entry(proposal::people(it)?).or_default();
            *open += if is { 1 } else { -1 };
        } else if !there {
            // Two who ever had a proposal have a row.
            self.counts.between.entry(proposal::people(it)?).or_default();
        }
        let next = Proposal { version: it.version.next(), ..it.clone() };
        let args = proposal::args(self.tenant, &next)?;
        Ok((key, if there { S::ProposalSet } else { S::ProposalNew }, args))
    }

    /// Writes what is left to change in the counters. Where nothing has been said between two people yet, a row of
    /// version 0 counts; it reads as nothing said.
    fn count(&mut self) -> Result<(), StoreError> {
        let Counts { between, places } = std::mem::take(&mut self.counts);
        for (two, counts) in between {
            let key = Key::Relation(two.clone());
            // Looked for, and not there; what was not looked for belongs to something that is.
            if let Some(None) = self.heads.get(&key) {
                let nothing_said = Relation::new(two.clone());
                let nothing_said = person::relation_args(self.tenant, &nothing_said)?;
                self.put_row(&key, S::RelationNew, nothing_said);
                self.heads.insert(key.clone(), Some(Head::default()));
            }
            self.between(&two, 0, counts);
        }
        for (place, moved) in places {
            if moved != (0, 0) {
                self.places(place, 0, moved);
            }
        }
        Ok(())
    }

    /// Counts between two people, and the versions of their row on.
    fn between(&mut self, two: &PersonPair, versions: i64, (pairs, proposals): (i64, i64)) {
        let key = Key::Relation(two.clone());
        self.made.remove(&key);
        let mut args = [versions, pairs, proposals].map(Value::Int).to_vec();
        args.extend(key_args(self.tenant, &key));
        self.put_row(&key, S::RelationCount, args);
    }

    /// Counts the places that are taken and freed, and the versions of their row on.
    fn places(&mut self, place: EnrollmentId, versions: i64, (taken, freed): (i64, i64)) {
        let key = Key::Enrollment(place);
        let mut args = [versions, taken, freed].map(Value::Int).to_vec();
        args.extend(key_args(self.tenant, &key));
        self.put_row(&key, S::PlacesCount, args);
        if let Some(Some(head)) = self.heads.get_mut(&key) {
            head.live_pairs -= freed;
            head.live_limit = head.capacity.max(head.live_limit - freed);
        }
    }

    fn touch(&mut self, key: &Key) -> Result<(), StoreError> {
        let there = self.head(key).is_some();
        if there {
            let sql = match key {
                Key::Person(_) => S::PersonBump,
                Key::Relation(two) => {
                    let counts = self.counts.between.remove(two).unwrap_or_default();
                    self.between(two, 1, counts);
                    return Ok(());
                }
                Key::Program(_) => S::ProgramBump,
                Key::Enrollment(place) => {
                    let moved = self.counts.places.remove(place).unwrap_or_default();
                    self.places(*place, 1, moved);
                    return Ok(());
                }
                Key::Proposal(_) => S::ProposalBump,
                Key::Pair(_) => S::PairBump,
                Key::Case(_) => S::CaseBump,
            };
            self.put_row(key, sql, key_args(self.tenant, key));
            return Ok(());
        }
        let first = Version::NEW.next();
        match key {
            Key::Person(who) => {
                let unknown = Person { version: first, ..Person::unknown(who.clone()) };
                self.put_row(key, S::PersonNew, person::args(self.tenant, &unknown)?);
            }
            Key::Relation(two) => {
                let empty = Relation { version: first, ..Relation::new(two.clone()) };
                self.put_row(key, S::RelationNew, person::relation_args(self.tenant, &empty)?);
                self.heads.insert(key.clone(), Some(Head::default()));
            }
            Key::Program(_)
            | Key::Enrollment(_)
            | Key::Proposal(_)
            | Key::Pair(_)
            | Key::Case(_) => {
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
            Change::Evidence(item) => {
                self.put(S::EvidenceNew, case::evidence_args(self.tenant, item));
            }
            Change::Run(it) => {
                self.put(S::RunNew, run::args(self.tenant, it)?);
            }
            Change::Step(step) => {
                self.put(S::StepPut, pair::step_args(self.tenant, step)?);
            }
            Change::Post(post) => {
                self.put(S::PostPut, pair::post_args(self.tenant, post)?);
            }
            Change::CheckIn(it) => {
                self.put(S::CheckInPut, pair::check_in_args(self.tenant, it)?);
            }
            Change::ClearPair { pair, by, at } => {
                let args = |more: &[Value]| [&[tenant(), id(*pair)], more].concat();
                let posts = |more: &[Value]| [vec![instant(*at)], args(more)].concat();
                if let Some(side) = by {
                    self.put(S::PostsClearOf, posts(&[text(side.code())]));
                    self.put(S::CheckInsClearOf, args(&[text(side.code())]));
                } else {
                    self.put(S::PostsClear, posts(&[]));
                    self.put(S::CheckInsClear, args(&[]));
                }
            }
            Change::ReleaseTexts { pair } => {
                self.put(S::TextsRelease, vec![tenant(), id(*pair)]);
            }
            Change::ClearEvidence { case, seq } => {
                self.put(S::EvidenceClear, vec![tenant(), id(*case), Value::Int((*seq).into())]);
            }
            Change::ForgetEvent { at, id: event } => {
                self.put(S::AuditForget, vec![tenant(), instant(*at), id(*event)]);
            }
            _ => return Err(StoreError::new(StoreErrorKind::Unsupported, "apply")),
        }
        Ok(())
    }
}
