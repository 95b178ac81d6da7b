//! What each decision reads. Anchors are read before the facts that they cover.

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
        person::Person,
        proposal::Proposal,
        relation::Relation,
    },
    store::{
        EnrollmentAsk, PairAsk, PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, StoreError,
        ask::{EnrollmentTarget, ProposalTarget},
    },
    view::{
        EnrollmentView, PairView, PastPair, PersonView, Place, ProgramView, ProposalView,
        RelationView,
    },
};

use crate::{
    lists::{FIRST, pages},
    record::{enrollment, log, pair, person, program, proposal},
    session::{Batch, Fetched, Session},
    statement::Statement as S,
    value::{Reader, Row, Value, corrupt, first_id, id, person as key, text},
};

/// Reads for one tenant over one session.
pub(crate) struct Views<'a> {
    pub(crate) session: &'a mut dyn Session,
    pub(crate) tenant: &'a TenantId,
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

/// Where a person's facts stand in a batch.
struct PersonAt {
    person: usize,
    live: usize,
    with_actor: Option<(usize, PersonPair)>,
}

impl Views<'_> {
    fn tenant(&self) -> Value {
        text(self.tenant.as_str())
    }

    async fn run(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
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
        batch.add(S::RelationGet, [self.tenant(), key(two.lo()), key(two.hi())])
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
        let person = batch.add(S::PersonGet, args.clone());
        let live = batch.add(S::PersonLive, [args.clone(), args].concat());
        PersonAt { person, live, with_actor: self.add_with_actor(batch, actor, who) }
    }

    fn person(found: &Fetched, at: usize, who: &PersonId) -> Result<Person, StoreError> {
        Ok(found.first(at, person::read)?.unwrap_or_else(|| Person::unknown(who.clone())))
    }

    /// A statement that unites two indexes of one table: the same arguments twice.
    fn add_twice(&self, batch: &mut Batch, sql: S, who: Value) -> usize {
        batch.add(sql, [self.tenant(), who.clone(), self.tenant(), who])
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
        if let Some(known) = self.session.documents().and_then(|known| known.get(&place)) {
            return Ok(known);
        }
        let mut batch = Batch::default();
        let at = batch.add(sql, [self.tenant(), id(program), Value::Int(version.into())]);
        let found = self.run(batch).await?;
        let row = found.rows(at).first().ok_or_else(|| corrupt(what))?;
        let document: Arc<T> = program::read_document(row, what)?;
        if let Some(known) = self.session.documents() {
            known.keep(place, document.clone());
        }
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

    pub(crate) async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        let (of_program, who, enrollment) = match &ask.target {
            EnrollmentTarget::Existing(id) => {
                let Some((found, _)) = self.enrollment(*id).await? else { return Ok(None) };
                (found.program, found.person.clone(), Some(found))
            }
            EnrollmentTarget::New { program, person } => (*program, person.clone(), None),
        };
        let this = enrollment.as_ref().map(|it| it.id);
        let mut batch = Batch::default();
        let program = batch.add(S::ProgramGet, [self.tenant(), id(of_program)]);
        let person = self.add_person(&mut batch, ask.actor.as_ref(), &who);
        let this_id = this.map_or_else(first_id, id);
        let others = batch.add(S::OthersOf, [self.tenant(), key(&who), id(of_program), this_id]);
        let own = this.map(|this| {
            (
                self.add_twice(&mut batch, S::EnrollmentPairs, id(this)),
                self.add_twice(&mut batch, S::EnrollmentOpen, id(this)),
            )
        });
        let found = self.run(batch).await?;

        let Some(program) = found.first(program, program::read)? else { return Ok(None) };
        let (pairs, proposals) = match own {
            Some((pairs, open)) => {
                (found.each(pairs, pair::read)?, by_rank(found.each(open, proposal::read)?))
            }
            None => (Vec::new(), Vec::new()),
        };
        let form_version = enrollment.as_ref().map_or(program.form_version, |it| it.form_version);
        Ok(Some(EnrollmentView {
            person: Self::person(&found, person.person, &who)?,
            person_live: count(found.number(person.live)?)?,
            with_actor: Self::with_actor(&found, person.with_actor.as_ref())?,
            others: found.each(others, enrollment::read)?,
            form: self.form(program.id, form_version).await?,
            program,
            enrollment,
            pairs,
            proposals,
        }))
    }

    pub(crate) async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        let (mentor, mentee, proposal) = match &ask.target {
            ProposalTarget::Existing(it) => {
                let found = self.one(S::ProposalGet, id(*it), proposal::read).await?;
                let Some(found) = found else { return Ok(None) };
                (found.mentor, found.mentee, Some(found))
            }
            ProposalTarget::New { mentor, mentee } => (*mentor, *mentee, None),
        };
        let mut batch = Batch::default();
        let mentor = batch.add(S::EnrollmentGet, [self.tenant(), id(mentor)]);
        let mentee = batch.add(S::EnrollmentGet, [self.tenant(), id(mentee)]);
        let found = self.run(batch).await?;
        let mentor = found.first(mentor, Self::read_enrollment)?;
        let mentee = found.first(mentee, Self::read_enrollment)?;
        let (Some((mentor, mentor_live)), Some((mentee, mentee_live))) = (mentor, mentee) else {
            return Ok(None);
        };
        let roles = mentor.role == Role::Mentor && mentee.role == Role::Mentee;
        let people = PersonPair::new(mentor.person.clone(), mentee.person.clone());
        let Some(people) = people.filter(|_| roles && mentor.program == mentee.program) else {
            return Ok(None);
        };

        let actor = ask.actor.as_ref();
        let mut batch = Batch::default();
        let relation = self.add_relation(&mut batch, &people);
        let program = batch.add(S::ProgramGet, [self.tenant(), id(mentor.program)]);
        let mentor_person = self.add_person(&mut batch, actor, &mentor.person);
        let mentee_person = self.add_person(&mut batch, actor, &mentee.person);
        let mentor_open = self.add_twice(&mut batch, S::EnrollmentOpen, id(mentor.id));
        let mentee_open = self.add_twice(&mut batch, S::EnrollmentOpen, id(mentee.id));
        let live = batch.add(S::LiveBetween, self.between(&people));
        let open = batch.add(S::OpenBetween, self.between(&people));
        let past = batch.add(S::PastBetween, self.between(&people));
        let found = self.run(batch).await?;

        let program = found.first(program, program::read)?;
        let program = program.ok_or_else(|| corrupt("a program is missing"))?;
        let this = proposal.as_ref().map(|it| it.id);
        let place = |enrollment: Enrollment, live: u32, at: &PersonAt, open: usize| {
            Ok::<_, StoreError>(Place {
                person: Self::person(&found, at.person, &enrollment.person)?,
                person_live: count(found.number(at.live)?)?,
                open: by_rank(found.each(open, proposal::read)?),
                with_actor: Self::with_actor(&found, at.with_actor.as_ref())?,
                live,
                enrollment,
            })
        };
        let live_pair = found.each(live, pair::read)?.into_iter();
        let open_between = found.each(open, proposal::read)?.into_iter();
        let form = if ask.with_form {
            Some(self.form(program.id, program.form_version).await?)
        } else {
            None
        };
        Ok(Some(ProposalView {
            relation: Self::relation(&found, relation, &people)?,
            guide: self.guide(program.id, program.guide_version).await?,
            form,
            proposal,
            mentor: place(mentor, mentor_live, &mentor_person, mentor_open)?,
            mentee: place(mentee, mentee_live, &mentee_person, mentee_open)?,
            live_pair: live_pair
                .filter(|pair| pair.program == program.id)
                .map(|pair| (pair.id, pair.mentor.person))
                .next(),
            open_between: open_between
                .filter(|it| it.program == program.id && Some(it.id) != this)
                .map(|it| it.id)
                .collect(),
            past: found.each(past, |row| {
                Ok(PastPair {
                    pair: row.id("pairs.id")?,
                    mentor: row.checked("pairs.mentor_person")?,
                    ended_at: row.instant("pairs.over_at")?,
                })
            })?,
            program,
        }))
    }

    pub(crate) async fn pair_view(
        &mut self,
        ask: &PairAsk,
    ) -> Result<Option<PairView>, StoreError> {
        let Some(pair) = self.one(S::PairGet, id(ask.pair), pair::read).await? else {
            return Ok(None);
        };
        let people = pair::people(&pair)?;
        let outside = ask.actor.as_ref().filter(|actor| people.other(actor).is_none());
        let mut batch = Batch::default();
        let relation = self.add_relation(&mut batch, &people);
        let program = batch.add(S::ProgramGet, [self.tenant(), id(pair.program)]);
        let sides = [&pair.mentor.person, &pair.mentee.person];
        let [mentor, mentee] = sides.map(|who| batch.add(S::PersonGet, [self.tenant(), key(who)]));
        let actors = sides.map(|who| self.add_with_actor(&mut batch, outside, who));
        let args = [self.tenant(), id(pair.id)];
        let steps = batch.add(S::Steps, args.clone());
        let check_ins = batch.add(S::CheckIns, args);
        let post = ask.post.map(|it| batch.add(S::PostGet, [self.tenant(), id(it), id(pair.id)]));
        let found = self.run(batch).await?;

        let program = found.first(program, program::read)?;
        let program = program.ok_or_else(|| corrupt("a program is missing"))?;
        let mut check_ins = found.each(check_ins, pair::read_check_in)?;
        check_ins.sort_by_key(|it| (it.side, it.kind));
        let mut with_actor = Vec::new();
        for at in &actors {
            with_actor.extend(Self::with_actor(&found, at.as_ref())?);
        }
        let post = post.map(|at| found.first(at, pair::read_post)).transpose()?.flatten();
        Ok(Some(PairView {
            mentor: Self::person(&found, mentor, &pair.mentor.person)?,
            mentee: Self::person(&found, mentee, &pair.mentee.person)?,
            relation: Self::relation(&found, relation, &people)?,
            guide: self.guide(program.id, pair.guide_version).await?,
            steps: found.each(steps, pair::read_step)?,
            post,
            check_ins,
            with_actor,
            program,
            pair,
        }))
    }

    pub(crate) async fn relation_view(
        &mut self,
        ask: &RelationAsk,
    ) -> Result<RelationView, StoreError> {
        let mut batch = Batch::default();
        let relation = self.add_relation(&mut batch, &ask.people);
        let pairs = batch.add(S::LiveBetween, self.between(&ask.people));
        let proposals = batch.add(S::OpenBetween, self.between(&ask.people));
        let found = self.run(batch).await?;
        Ok(RelationView {
            relation: Self::relation(&found, relation, &ask.people)?,
            pairs: found.each(pairs, pair::read)?,
            proposals: found.each(proposals, proposal::read)?,
        })
    }

    pub(crate) async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        let mut batch = Batch::default();
        let args = [self.tenant(), key(&ask.person)];
        let person = batch.add(S::PersonGet, args.clone());
        let enrollments = batch.add(S::PersonEnrollments, args);
        let pairs = self.add_twice(&mut batch, S::PersonPairs, key(&ask.person));
        let proposals = self.add_twice(&mut batch, S::PersonProposals, key(&ask.person));
        let found = self.run(batch).await?;
        Ok(PersonView {
            person: Self::person(&found, person, &ask.person)?,
            enrollments: found.each(enrollments, enrollment::read)?,
            pairs: found.each(pairs, pair::read)?,
            proposals: found.each(proposals, proposal::read)?,
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

    pub(crate) async fn list(
        &mut self,
        ask: &mentorship_core::store::ListAsk,
    ) -> Result<mentorship_core::store::Page<mentorship_core::store::Listed>, StoreError> {
        pages(self, ask).await
    }
}
