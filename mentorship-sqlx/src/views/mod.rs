//! What each decision reads. Anchors are read before the facts that they cover.

mod cases;
mod enrollments;
mod pairs;
mod proposals;
mod statistics;

use std::{collections::BTreeSet, sync::Arc};

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::{EnrollmentId, ProgramId},
        people::PersonPair,
    },
    change::CommandRecord,
    model::{
        enrollment::{Enrollment, Role},
        form::Form,
        guide::Guide,
        pair::Pair,
        person::Person,
        proposal::Proposal,
        relation::Relation,
    },
    store::{PersonAsk, ProgramAsk, RelationAsk, RenameAsk, StoreError, StoreErrorKind},
    view::{PersonView, ProgramView, RelationView, RenameView},
};

use crate::{
    documents::Documents,
    lists::{FIRST, pages},
    record::{enrollment, log, pair, person, program, proposal},
    rename,
    session::{Batch, Fetched, Session},
    statement::Statement as S,
    value::{Reader, Row, Value, corrupt, first_id, id, person as key, text},
};

/// Reads for one tenant over one session.
pub(crate) struct Views<'a> {
    pub(crate) session: &'a mut dyn Session,
    pub(crate) tenant: &'a TenantId,
    /// Forms and guides of this call, where the session may not share them with others.
    documents: Documents,
}

/// Every row through `read`.
pub(crate) fn each<T>(
    rows: &[Row],
    read: impl Fn(&mut Reader<'_>) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|row| read(&mut Reader::new(row))).collect()
}

fn count(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| corrupt("count"))
}

/// By rank (none last) and then by age.
fn by_rank(mut open: Vec<Proposal>) -> Vec<Proposal> {
    open.sort_by_key(|it| (it.rank.is_none(), it.rank, it.created_at, it.id));
    open
}

/// By age.
fn by_age(mut pairs: Vec<Pair>) -> Vec<Pair> {
    pairs.sort_by_key(|it| (it.started_at, it.id));
    pairs
}

/// Where a person's facts stand in a batch.
struct PersonAt {
    person: usize,
    live: usize,
    with_actor: Option<(usize, PersonPair)>,
}

/// Where what stands between two people stands in a batch.
struct BetweenAt {
    people: [usize; 2],
    relation: usize,
    pairs: usize,
    proposals: usize,
    past: usize,
}

/// Where what a person takes part in stands in a batch.
struct TakesPartAt {
    person: usize,
    enrollments: usize,
    pairs: usize,
    proposals: usize,
}

impl<'a> Views<'a> {
    pub(crate) fn new(session: &'a mut dyn Session, tenant: &'a TenantId) -> Self {
        Self { session, tenant, documents: Documents::default() }
    }

    /// All asks of one call are of the one tenant.
    fn check<'t>(&self, mut tenants: impl Iterator<Item = &'t TenantId>) -> Result<(), StoreError> {
        if tenants.any(|tenant| tenant != self.tenant) {
            return Err(StoreError::new(StoreErrorKind::Unsupported, "view"));
        }
        Ok(())
    }

    fn tenant(&self) -> Value {
        text(self.tenant.as_str())
    }

    async fn run(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        if batch.asked().is_empty() {
            return Ok(Fetched(Vec::new()));
        }
        self.session.fetch_all(batch).await
    }

    /// One record by its key.
    async fn one<T>(
        &mut self,
        sql: S,
        key: Value,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        let mut batch = Batch::default();
        let at = batch.add(sql, [self.tenant(), key]);
        self.run(batch).await?.first(at, read)
    }

    fn add_relation(&self, batch: &mut Batch, two: &PersonPair) -> usize {
        batch.add_once(S::RelationGet, [self.tenant(), key(two.lo()), key(two.hi())])
    }

    fn relation(found: &Fetched, at: usize, two: &PersonPair) -> Result<Relation, StoreError> {
        let stored = found.first(at, person::read_relation)?;
        Ok(stored.unwrap_or_else(|| Relation::new(two.clone())))
    }

    fn add_with_actor(
        &self,
        batch: &mut Batch,
        actor: Option<&PersonId>,
        who: &PersonId,
    ) -> Option<(usize, PersonPair)> {
        let two = PersonPair::new(actor?.clone(), who.clone())?;
        Some((self.add_relation(batch, &two), two))
    }

    fn with_actor(
        found: &Fetched,
        at: Option<&(usize, PersonPair)>,
    ) -> Result<Option<Relation>, StoreError> {
        at.map(|(at, two)| Self::relation(found, *at, two)).transpose()
    }

    fn add_person(&self, batch: &mut Batch, actor: Option<&PersonId>, who: &PersonId) -> PersonAt {
        let args = [self.tenant(), key(who)];
        let person = batch.add_once(S::PersonGet, args.clone());
        let live = batch.add_once(S::PersonLive, [args.clone(), args].concat());
        PersonAt { person, live, with_actor: self.add_with_actor(batch, actor, who) }
    }

    fn person(found: &Fetched, at: usize, who: &PersonId) -> Result<Person, StoreError> {
        Ok(found.first(at, person::read)?.unwrap_or_else(|| Person::unknown(who.clone())))
    }

    /// A statement that unites two indexes of one table: the same arguments twice.
    fn add_twice(&self, batch: &mut Batch, sql: S, who: Value) -> usize {
        batch.add_once(sql, [self.tenant(), who.clone(), self.tenant(), who])
    }

    /// An enrolment with the number of its live pairs.
    fn read_enrollment(row: &mut Reader<'_>) -> Result<(Enrollment, u32), StoreError> {
        let read = enrollment::read(row)?;
        Ok((read, row.int("enrollments.live_pairs")?))
    }

    pub(crate) async fn enrollment(
        &mut self,
        enrollment: EnrollmentId,
    ) -> Result<Option<(Enrollment, u32)>, StoreError> {
        self.one(S::EnrollmentGet, id(enrollment), Self::read_enrollment).await
    }

    /// A form or a guide, from what was read before if this session may.
    async fn document<T>(
        &mut self,
        sql: S,
        what: &'static str,
        program: ProgramId,
        version: u32,
    ) -> Result<Arc<T>, StoreError>
    where
        T: serde::de::DeserializeOwned + Send + Sync + 'static,
    {
        let place = (what, self.tenant.clone(), program, version);
        if let Some(known) = self.session.documents().unwrap_or(&self.documents).get(&place) {
            return Ok(known);
        }
        let mut batch = Batch::default();
        let at = batch.add(sql, [self.tenant(), id(program), Value::Int(version.into())]);
        let found = self.run(batch).await?;
        let row = found.rows(at).first().ok_or_else(|| corrupt(what))?;
        let document: Arc<T> = program::read_document(row, what)?;
        let known = self.session.documents().unwrap_or(&self.documents);
        known.keep(place, document.clone());
        Ok(document)
    }

    async fn form(&mut self, program: ProgramId, version: u32) -> Result<Arc<Form>, StoreError> {
        self.document(S::FormGet, "forms.doc", program, version).await
    }

    async fn guide(&mut self, program: ProgramId, version: u32) -> Result<Arc<Guide>, StoreError> {
        self.document(S::GuideGet, "guides.doc", program, version).await
    }

    fn between(&self, two: &PersonPair) -> [Value; 3] {
        [self.tenant(), key(two.lo()), key(two.hi())]
    }

    /// The first `batch` records in each of some states.
    fn add_states(
        &self,
        batch: &mut Batch,
        sql: S,
        program: ProgramId,
        states: &[&'static str],
        most: u16,
    ) -> Vec<usize> {
        let states = if most == 0 { &[][..] } else { states };
        let add = |state: &&'static str| {
            let mut args = vec![self.tenant(), id(program), text(*state)];
            if sql == S::EnrollmentsAt {
                args.extend([text(Role::Mentor.code()), text(Role::Mentee.code())]);
            }
            args.extend([Value::Int(FIRST), first_id(), Value::Int(most.into())]);
            batch.add(sql, args)
        };
        states.iter().map(add).collect()
    }

    pub(crate) async fn program_view(
        &mut self,
        ask: &ProgramAsk,
    ) -> Result<Option<ProgramView>, StoreError> {
        let Some(program) = self.one(S::ProgramGet, id(ask.program), program::read).await? else {
            return Ok(None);
        };
        let most = usize::from(ask.batch);
        let mut batch = Batch::default();
        let pending = ["submitted", "needs_info", "waitlisted"];
        let pending =
            self.add_states(&mut batch, S::EnrollmentsAt, program.id, &pending, ask.batch);
        let open = ["draft", "awaiting_admin", "offered"];
        let open = self.add_states(&mut batch, S::ProposalsAt, program.id, &open, ask.batch);
        let live = ["introduced", "active", "paused", "frozen"];
        let live = self.add_states(&mut batch, S::PairsAt, program.id, &live, ask.batch);
        let args = [self.tenant(), id(program.id)];
        let any_place = batch.add(S::ProgramHasEnrollments, args.clone());
        let any_pair = batch.add(S::ProgramHasLive, args);
        let found = self.run(batch).await?;

        let mut undecided = Vec::new();
        for at in pending {
            undecided.extend(found.each(at, enrollment::read)?);
        }
        undecided.sort_by_key(|it| (it.applied_at, it.id));
        undecided.truncate(most);
        let mut open_proposals = Vec::new();
        for at in open {
            open_proposals.extend(found.each(at, proposal::read)?);
        }
        open_proposals.sort_by_key(|it| (it.created_at, it.id));
        open_proposals.truncate(most);
        let mut live_pairs = Vec::new();
        for at in live {
            live_pairs.extend(found.each(at, pair::read)?);
        }
        live_pairs.sort_by_key(|it| (it.started_at, it.id));
        live_pairs.truncate(most);
        Ok(Some(ProgramView {
            has_enrollments: found.number(any_place)? != 0,
            has_live_pairs: found.number(any_pair)? != 0,
            form: self.form(program.id, program.form_version).await?,
            guide: self.guide(program.id, program.guide_version).await?,
            undecided,
            open_proposals,
            live_pairs,
            program,
        }))
    }

    /// Enrolments with the numbers of their live pairs, each in its place.
    async fn enrollments(
        &mut self,
        wanted: &[Option<EnrollmentId>],
    ) -> Result<Vec<Option<(Enrollment, u32)>>, StoreError> {
        let mut batch = Batch::default();
        let places: Vec<Option<usize>> = wanted
            .iter()
            .map(|it| it.map(|it| batch.add_once(S::EnrollmentGet, [self.tenant(), id(it)])))
            .collect();
        let found = self.run(batch).await?;
        let read = |at: Option<usize>| match at {
            Some(at) => found.first(at, Self::read_enrollment),
            None => Ok(None),
        };
        places.into_iter().map(read).collect()
    }

    fn add_between(&self, batch: &mut Batch, two: &PersonPair) -> BetweenAt {
        let people =
            [two.lo(), two.hi()].map(|who| batch.add_once(S::PersonGet, [self.tenant(), key(who)]));
        BetweenAt {
            people,
            relation: self.add_relation(batch, two),
            pairs: batch.add_once(S::LiveBetween, self.between(two)),
            proposals: batch.add_once(S::OpenBetween, self.between(two)),
            past: batch.add_once(S::PastBetween, self.between(two)),
        }
    }

    fn read_between(
        found: &Fetched,
        at: &BetweenAt,
        two: &PersonPair,
    ) -> Result<RelationView, StoreError> {
        let [lo, hi] = at.people;
        Ok(RelationView {
            lo: Self::person(found, lo, two.lo())?,
            hi: Self::person(found, hi, two.hi())?,
            relation: Self::relation(found, at.relation, two)?,
            pairs: found.each(at.pairs, pair::read)?,
            proposals: found.each(at.proposals, proposal::read)?,
            past: found.each(at.past, proposals::read_past)?,
        })
    }

    pub(crate) async fn relation_view(
        &mut self,
        ask: &RelationAsk,
    ) -> Result<RelationView, StoreError> {
        let mut batch = Batch::default();
        let at = self.add_between(&mut batch, &ask.people);
        Self::read_between(&self.run(batch).await?, &at, &ask.people)
    }

    pub(crate) async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        self.check(asks.iter().map(|ask| &ask.tenant))?;
        let mut batch = Batch::default();
        let places: Vec<_> =
            asks.iter().map(|ask| self.add_between(&mut batch, &ask.people)).collect();
        let found = self.run(batch).await?;
        let each = asks.iter().zip(&places);
        each.map(|(ask, at)| Self::read_between(&found, at, &ask.people)).collect()
    }

    fn add_takes_part(&self, batch: &mut Batch, who: &PersonId) -> TakesPartAt {
        let args = [self.tenant(), key(who)];
        TakesPartAt {
            person: batch.add_once(S::PersonGet, args.clone()),
            enrollments: batch.add_once(S::PersonEnrollments, args),
            pairs: self.add_twice(batch, S::PersonPairs, key(who)),
            proposals: self.add_twice(batch, S::PersonProposals, key(who)),
        }
    }

    fn read_takes_part(
        found: &Fetched,
        at: &TakesPartAt,
        who: &PersonId,
    ) -> Result<PersonView, StoreError> {
        let mut proposals = found.each(at.proposals, proposal::read)?;
        proposals.sort_by_key(|it| (it.created_at, it.id));
        Ok(PersonView {
            person: Self::person(found, at.person, who)?,
            enrollments: found.each(at.enrollments, enrollment::read)?,
            pairs: by_age(found.each(at.pairs, pair::read)?),
            proposals,
        })
    }

    pub(crate) async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        let mut batch = Batch::default();
        let at = self.add_takes_part(&mut batch, &ask.person);
        Self::read_takes_part(&self.run(batch).await?, &at, &ask.person)
    }

    /// The people first: whatever rests on one of them and is stored later moves their version.
    pub(crate) async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        let mut batch = Batch::default();
        let [from, to] =
            [&ask.from, &ask.to].map(|who| batch.add(S::PersonGet, [self.tenant(), key(who)]));
        let found = self.run(batch).await?;
        Ok(RenameView {
            from: Self::person(&found, from, &ask.from)?,
            to: Self::person(&found, to, &ask.to)?,
            from_known: rename::is_known(self.session, self.tenant, &ask.from).await?,
            to_known: rename::is_known(self.session, self.tenant, &ask.to).await?,
        })
    }

    /// Of `others`, those who block `who` or are blocked by them.
    pub(crate) async fn blocked_among(
        &mut self,
        (who, others): (&PersonId, &BTreeSet<PersonId>),
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        // All that block or are blocked: few, whoever asks, and fewer than are asked about.
        let mut batch = Batch::default();
        let sides =
            [S::BlockedAsLo, S::BlockedAsHi].map(|sql| batch.add(sql, [self.tenant(), key(who)]));
        let found = self.run(batch).await?;
        let mut blocked = BTreeSet::new();
        for at in sides {
            blocked.extend(found.each(at, |row| row.checked::<PersonId>("relations.person"))?);
        }
        blocked.retain(|other| others.contains(other));
        Ok(blocked)
    }

    pub(crate) async fn command(
        &mut self,
        command: mentorship_core::base::id::CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.one(S::CommandGet, id(command), log::read_command).await
    }

    pub(crate) async fn commands(
        &mut self,
        ids: &[mentorship_core::base::id::CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        let mut batch = Batch::default();
        let places: Vec<usize> =
            ids.iter().map(|it| batch.add_once(S::CommandGet, [self.tenant(), id(*it)])).collect();
        let found = self.run(batch).await?;
        places.into_iter().map(|at| found.first(at, log::read_command)).collect()
    }

    pub(crate) async fn list(
        &mut self,
        ask: &mentorship_core::store::ListAsk,
    ) -> Result<mentorship_core::store::Page<mentorship_core::store::Listed>, StoreError> {
        pages(self, ask).await
    }
}
