//! What each decision reads. Anchors are read before the facts that they cover.

use std::sync::Arc;

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::{EnrollmentId, PairId, ProgramId, ProposalId},
        people::PersonPair,
    },
    change::CommandRecord,
    model::{
        enrollment::{Enrollment, Role},
        form::Form,
        guide::Guide,
        pair::Pair,
        person::Person,
        program::Program,
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
    session::{Session, fetch_first},
    statement::Statement as S,
    value::{Reader, Row, Value, corrupt, id, person as key, text},
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

fn one<T>(
    row: Option<&Row>,
    read: impl Fn(&mut Reader<'_>) -> Result<T, StoreError>,
) -> Result<Option<T>, StoreError> {
    row.map(|row| read(&mut Reader::new(row))).transpose()
}

fn number(row: Option<&Row>) -> Result<i64, StoreError> {
    one(row, |row| row.int("count"))?.ok_or_else(|| corrupt("count"))
}

impl Views<'_> {
    fn tenant(&self) -> Value {
        text(self.tenant.as_str())
    }

    async fn first(&mut self, sql: S, args: &[Value]) -> Result<Option<Row>, StoreError> {
        fetch_first(self.session, sql, args).await
    }

    pub(crate) async fn person(&mut self, who: &PersonId) -> Result<Person, StoreError> {
        let row = self.first(S::PersonGet, &[self.tenant(), key(who)]).await?;
        Ok(one(row.as_ref(), person::read)?.unwrap_or_else(|| Person::unknown(who.clone())))
    }

    pub(crate) async fn relation(&mut self, two: &PersonPair) -> Result<Relation, StoreError> {
        let args = [self.tenant(), key(two.lo()), key(two.hi())];
        let row = self.first(S::RelationGet, &args).await?;
        let found = one(row.as_ref(), person::read_relation)?;
        Ok(found.unwrap_or_else(|| Relation::new(two.clone())))
    }

    async fn with_actor(
        &mut self,
        actor: Option<&PersonId>,
        who: &PersonId,
    ) -> Result<Option<Relation>, StoreError> {
        let two = actor.and_then(|actor| PersonPair::new(actor.clone(), who.clone()));
        match two {
            Some(two) => self.relation(&two).await.map(Some),
            None => Ok(None),
        }
    }

    async fn program(&mut self, program: ProgramId) -> Result<Option<Program>, StoreError> {
        let row = self.first(S::ProgramGet, &[self.tenant(), id(program)]).await?;
        one(row.as_ref(), program::read)
    }

    async fn program_of(&mut self, program: ProgramId) -> Result<Program, StoreError> {
        self.program(program).await?.ok_or_else(|| corrupt("a program is missing"))
    }

    /// An enrolment with the number of its live pairs.
    pub(crate) async fn enrollment(
        &mut self,
        enrollment: EnrollmentId,
    ) -> Result<Option<(Enrollment, u32)>, StoreError> {
        let row = self.first(S::EnrollmentGet, &[self.tenant(), id(enrollment)]).await?;
        one(row.as_ref(), |row| {
            let read = enrollment::read(row)?;
            Ok((read, row.int("enrollments.live_pairs")?))
        })
    }

    async fn proposal(&mut self, proposal: ProposalId) -> Result<Option<Proposal>, StoreError> {
        let row = self.first(S::ProposalGet, &[self.tenant(), id(proposal)]).await?;
        one(row.as_ref(), proposal::read)
    }

    async fn pair(&mut self, pair: PairId) -> Result<Option<Pair>, StoreError> {
        let row = self.first(S::PairGet, &[self.tenant(), id(pair)]).await?;
        one(row.as_ref(), pair::read)
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
        let args = [self.tenant(), id(program), Value::Int(version.into())];
        let row = self.first(sql, &args).await?.ok_or_else(|| corrupt(what))?;
        let document: Arc<T> = program::read_document(&row, what)?;
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

    async fn person_live(&mut self, who: &PersonId) -> Result<u32, StoreError> {
        let args = [self.tenant(), key(who), self.tenant(), key(who)];
        let row = self.first(S::PersonLive, &args).await?;
        u32::try_from(number(row.as_ref())?).map_err(|_| corrupt("count"))
    }

    async fn pairs(&mut self, sql: S, who: Value) -> Result<Vec<Pair>, StoreError> {
        let args = [self.tenant(), who.clone(), self.tenant(), who];
        each(&self.session.fetch(sql, &args).await?, pair::read)
    }

    async fn proposals(&mut self, sql: S, who: Value) -> Result<Vec<Proposal>, StoreError> {
        let args = [self.tenant(), who.clone(), self.tenant(), who];
        each(&self.session.fetch(sql, &args).await?, proposal::read)
    }

    /// By rank (none last) and then by age.
    async fn open_of(&mut self, enrollment: EnrollmentId) -> Result<Vec<Proposal>, StoreError> {
        let mut open = self.proposals(S::EnrollmentOpen, id(enrollment)).await?;
        open.sort_by_key(|it| (it.rank.is_none(), it.rank, it.created_at, it.id));
        Ok(open)
    }

    fn between(&self, two: &PersonPair) -> [Value; 3] {
        [self.tenant(), key(two.lo()), key(two.hi())]
    }

    async fn live_between(&mut self, two: &PersonPair) -> Result<Vec<Pair>, StoreError> {
        let args = self.between(two);
        each(&self.session.fetch(S::LiveBetween, &args).await?, pair::read)
    }

    async fn open_between(&mut self, two: &PersonPair) -> Result<Vec<Proposal>, StoreError> {
        let args = self.between(two);
        each(&self.session.fetch(S::OpenBetween, &args).await?, proposal::read)
    }

    /// The first `batch` records in each of some states, by age.
    async fn in_states<T>(
        &mut self,
        sql: S,
        program: ProgramId,
        states: &[&'static str],
        batch: u16,
        read: fn(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let mut found = Vec::new();
        if batch == 0 {
            return Ok(found);
        }
        for state in states {
            let mut args = vec![self.tenant(), id(program), text(*state)];
            if sql == S::EnrollmentsAt {
                args.extend([text(Role::Mentor.code()), text(Role::Mentee.code())]);
            }
            args.extend([Value::Int(FIRST), text(""), Value::Int(batch.into())]);
            found.extend(each(&self.session.fetch(sql, &args).await?, read)?);
        }
        Ok(found)
    }

    pub(crate) async fn program_view(
        &mut self,
        ask: &ProgramAsk,
    ) -> Result<Option<ProgramView>, StoreError> {
        let Some(program) = self.program(ask.program).await? else { return Ok(None) };
        let batch = usize::from(ask.batch);
        let pending = ["submitted", "needs_info", "waitlisted"];
        let mut undecided = self
            .in_states(S::EnrollmentsAt, program.id, &pending, ask.batch, enrollment::read)
            .await?;
        undecided.sort_by_key(|it| (it.applied_at, it.id));
        undecided.truncate(batch);
        let open = ["draft", "awaiting_admin", "offered"];
        let mut open_proposals =
            self.in_states(S::ProposalsAt, program.id, &open, ask.batch, proposal::read).await?;
        open_proposals.sort_by_key(|it| (it.created_at, it.id));
        open_proposals.truncate(batch);
        let live = ["introduced", "active", "paused", "frozen"];
        let mut live_pairs =
            self.in_states(S::PairsAt, program.id, &live, ask.batch, pair::read).await?;
        live_pairs.sort_by_key(|it| (it.started_at, it.id));
        live_pairs.truncate(batch);
        let args = [self.tenant(), id(program.id)];
        let has_enrollments = number(self.first(S::ProgramHasEnrollments, &args).await?.as_ref())?;
        let has_live_pairs = number(self.first(S::ProgramHasLive, &args).await?.as_ref())?;
        Ok(Some(ProgramView {
            form: self.form(program.id, program.form_version).await?,
            guide: self.guide(program.id, program.guide_version).await?,
            has_enrollments: has_enrollments != 0,
            has_live_pairs: has_live_pairs != 0,
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
        let (program, who, enrollment) = match &ask.target {
            EnrollmentTarget::Existing(id) => {
                let Some((found, _)) = self.enrollment(*id).await? else { return Ok(None) };
                (found.program, found.person.clone(), Some(found))
            }
            EnrollmentTarget::New { program, person } => (*program, person.clone(), None),
        };
        let Some(program) = self.program(program).await? else { return Ok(None) };
        let with_actor = self.with_actor(ask.actor.as_ref(), &who).await?;
        let person = self.person(&who).await?;
        let this = enrollment.as_ref().map(|it| it.id);
        let args = [self.tenant(), key(&who), id(program.id), this.map_or_else(|| text(""), id)];
        let others = each(&self.session.fetch(S::OthersOf, &args).await?, enrollment::read)?;
        let form_version = enrollment.as_ref().map_or(program.form_version, |it| it.form_version);
        let (pairs, proposals) = match this {
            Some(this) => {
                (self.pairs(S::EnrollmentPairs, id(this)).await?, self.open_of(this).await?)
            }
            None => (Vec::new(), Vec::new()),
        };
        Ok(Some(EnrollmentView {
            person_live: self.person_live(&who).await?,
            form: self.form(program.id, form_version).await?,
            person,
            program,
            enrollment,
            others,
            pairs,
            proposals,
            with_actor,
        }))
    }

    async fn place(
        &mut self,
        enrollment: Enrollment,
        live: u32,
        actor: Option<&PersonId>,
    ) -> Result<Place, StoreError> {
        let person = self.person(&enrollment.person).await?;
        Ok(Place {
            live,
            person_live: self.person_live(&enrollment.person).await?,
            open: self.open_of(enrollment.id).await?,
            with_actor: self.with_actor(actor, &enrollment.person).await?,
            person,
            enrollment,
        })
    }

    pub(crate) async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        let (mentor, mentee, proposal) = match &ask.target {
            ProposalTarget::Existing(id) => {
                let Some(found) = self.proposal(*id).await? else { return Ok(None) };
                (found.mentor, found.mentee, Some(found))
            }
            ProposalTarget::New { mentor, mentee } => (*mentor, *mentee, None),
        };
        let mentor = self.enrollment(mentor).await?;
        let mentee = self.enrollment(mentee).await?;
        let (Some((mentor, mentor_live)), Some((mentee, mentee_live))) = (mentor, mentee) else {
            return Ok(None);
        };
        let roles = mentor.role == Role::Mentor && mentee.role == Role::Mentee;
        let people = PersonPair::new(mentor.person.clone(), mentee.person.clone());
        let Some(people) = people.filter(|_| roles && mentor.program == mentee.program) else {
            return Ok(None);
        };
        let relation = self.relation(&people).await?;
        let program = self.program_of(mentor.program).await?;
        let this = proposal.as_ref().map(|it| it.id);
        let live_pair = self
            .live_between(&people)
            .await?
            .into_iter()
            .find(|pair| pair.program == program.id)
            .map(|pair| (pair.id, pair.mentor.person));
        let open_between = self
            .open_between(&people)
            .await?
            .into_iter()
            .filter(|it| it.program == program.id && Some(it.id) != this)
            .map(|it| it.id)
            .collect();
        let form = if ask.with_form {
            Some(self.form(program.id, program.form_version).await?)
        } else {
            None
        };
        let actor = ask.actor.as_ref();
        Ok(Some(ProposalView {
            relation,
            guide: self.guide(program.id, program.guide_version).await?,
            form,
            proposal,
            mentor: self.place(mentor, mentor_live, actor).await?,
            mentee: self.place(mentee, mentee_live, actor).await?,
            live_pair,
            open_between,
            past: self.past(&people).await?,
            program,
        }))
    }

    async fn past(&mut self, two: &PersonPair) -> Result<Vec<PastPair>, StoreError> {
        let args = self.between(two);
        each(&self.session.fetch(S::PastBetween, &args).await?, |row| {
            Ok(PastPair {
                pair: row.parsed("pairs.id")?,
                mentor: row.checked("pairs.mentor_person")?,
                ended_at: row.instant("pairs.over_at")?,
            })
        })
    }

    pub(crate) async fn pair_view(
        &mut self,
        ask: &PairAsk,
    ) -> Result<Option<PairView>, StoreError> {
        let Some(pair) = self.pair(ask.pair).await? else { return Ok(None) };
        let people = pair::people(&pair)?;
        let relation = self.relation(&people).await?;
        let program = self.program_of(pair.program).await?;
        let post = match ask.post {
            None => None,
            Some(post) => {
                let args = [self.tenant(), id(post), id(pair.id)];
                one(self.first(S::PostGet, &args).await?.as_ref(), pair::read_post)?
            }
        };
        let outside = ask.actor.as_ref().filter(|actor| people.other(actor).is_none());
        let mut with_actor = Vec::new();
        for who in [&pair.mentor.person, &pair.mentee.person] {
            with_actor.extend(self.with_actor(outside, who).await?);
        }
        let args = [self.tenant(), id(pair.id)];
        let steps = each(&self.session.fetch(S::Steps, &args).await?, pair::read_step)?;
        let mut check_ins =
            each(&self.session.fetch(S::CheckIns, &args).await?, pair::read_check_in)?;
        check_ins.sort_by_key(|it| (it.side, it.kind));
        Ok(Some(PairView {
            mentor: self.person(&pair.mentor.person).await?,
            mentee: self.person(&pair.mentee.person).await?,
            relation,
            guide: self.guide(program.id, pair.guide_version).await?,
            steps,
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
        Ok(RelationView {
            relation: self.relation(&ask.people).await?,
            pairs: self.live_between(&ask.people).await?,
            proposals: self.open_between(&ask.people).await?,
        })
    }

    pub(crate) async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        let person = self.person(&ask.person).await?;
        let args = [self.tenant(), key(&ask.person)];
        let rows = self.session.fetch(S::PersonEnrollments, &args).await?;
        Ok(PersonView {
            person,
            enrollments: each(&rows, enrollment::read)?,
            pairs: self.pairs(S::PersonPairs, key(&ask.person)).await?,
            proposals: self.proposals(S::PersonProposals, key(&ask.person)).await?,
        })
    }

    pub(crate) async fn command(
        &mut self,
        command: mentorship_core::base::id::CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        let row = self.first(S::CommandGet, &[self.tenant(), id(command)]).await?;
        one(row.as_ref(), log::read_command)
    }

    pub(crate) async fn list(
        &mut self,
        ask: &mentorship_core::store::ListAsk,
    ) -> Result<mentorship_core::store::Page<mentorship_core::store::Listed>, StoreError> {
        pages(self, ask).await
    }
}
