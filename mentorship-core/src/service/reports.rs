//! Reports and the cases that come of them.

use async_trait::async_trait;
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use tracing::Span;

use super::{
    Error, Service,
    every::every,
    former::{self, ReviewAsk},
    run::{Gather, Load, Order},
};
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, ProgramId},
        people::PersonPair,
        text::{Body, Note, Slug},
        version::Version,
    },
    change::Key,
    decide::{
        Cx, Refusal,
        report::{
            self as decide, Answering, CaseBackground, CaseFile, FilingFacts, ReportAsk, Reviewer,
            Triaged,
        },
    },
    model::report::{
        InterimAsk, Measure, Priority, Reasons, Resources, Ruling, Verdict, priority_of,
    },
    policy::actor::Actor,
    store::{
        CaseAsk, EnrollmentAsk, FilingAsk, Listing, PairAsk, StoreError, StoreUnit, UnitExt,
        ask::EnrollmentTarget,
    },
    view::{BackgroundView, CaseView, FilingView, Guarded},
};

/// What whoever reports gets. Where the report went is not told, as of [`Filed`](decide::Filed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The case.
    pub case: CaseId,
    /// How urgent it is, by its category.
    pub priority: Priority,
    /// Where the host says that help is found, if somebody may be in danger (D17). Nobody was contacted.
    pub resources: Resources,
}

/// Whoever reviews needs what stands between them and the two; by [`Service::to_review`] as who they were too.
pub(super) fn ask(actor: &Actor, case: CaseId, with_evidence: bool) -> CaseAsk {
    let tenant = actor.tenant().clone();
    let reviews = actor.as_person().is_none();
    let actor = actor.who().filter(|_| reviews).cloned();
    CaseAsk { tenant, case, actor, with_evidence, content: None }
}

/// For what stands around a case.
struct BackgroundAsk(ReviewAsk);

#[async_trait]
impl Load for BackgroundAsk {
    type View = BackgroundView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<BackgroundView>, StoreError> {
        let Some(view) = self.0.load(unit).await? else { return Ok(None) };
        let (tenant, case) = (&self.0.case.tenant, &view.case);
        let subject = || case.subject.clone();
        let pairs = every!(unit.list_pairs, tenant, Listing::PairsOf { person: subject() });
        let pairs: Vec<_> =
            pairs.into_iter().filter(|it| decide::is_about_pair(case, it)).collect();
        let of_subject = Listing::EnrollmentsOf { person: subject() };
        let places = every!(unit.list_enrollments, tenant, of_subject);
        let places = places.iter().filter(|it| decide::is_about_place(case, it, &pairs));
        let places: Vec<_> = places
            .map(|it| EnrollmentAsk {
                tenant: tenant.clone(),
                target: EnrollmentTarget::Existing(it.id),
                actor: None,
            })
            .collect();
        let pairs: Vec<_> = pairs
            .iter()
            .map(|it| PairAsk { tenant: tenant.clone(), pair: it.id, post: None, actor: None })
            .collect();
        let places = unit.enrollment_views(&places).await?.into_iter().flatten().collect();
        let pairs = unit.pair_views(&pairs).await?.into_iter().flatten().collect();
        Ok(Some(BackgroundView { case: view, places, pairs }))
    }

    fn note(&self, span: &Span) {
        self.0.note(span);
    }

    fn guards(view: &BackgroundView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

/// What only the host knows of a report.
struct AskFiling<'a> {
    mentorship: &'a Service<'a>,
    tenant: &'a TenantId,
    reporter: &'a PersonId,
    subject: &'a PersonId,
    category: &'a Slug,
}

#[async_trait]
impl Gather<FilingView> for AskFiling<'_> {
    type Facts = FilingFacts;

    async fn gather(&self, view: &FilingView) -> Result<FilingFacts, Error> {
        let (host, tenant) = (&self.mentorship.directory, self.tenant);
        let group = &view.program.group;
        let priority = self.mentorship.priority(tenant, self.category).await?;
        let member = host.is_member(tenant, group, self.reporter).await?;
        if priority.is_some_and(Priority::is_urgent) {
            // What is urgent is taken from anybody and goes to the platform alone: nothing else is asked,
            // so that nothing else may fail.
            return Ok(FilingFacts { priority, member, muted: false, admins: Vec::new() });
        }
        let muted = host.is_muted(tenant, self.reporter).await?;
        let admins = self.mentorship.admins(tenant, group).await;
        let two = [self.reporter, self.subject];
        let admins = self.mentorship.with_ties(tenant, admins, &two).await?;
        Ok(FilingFacts { priority, member, muted, admins })
    }
}

/// The admins who might decide on an appeal of the group's, for whoever may appeal: to anybody else the case is not
/// there, and nothing more is read.
struct AskReviewers<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
}

#[async_trait]
impl Gather<CaseView> for AskReviewers<'_> {
    type Facts = Vec<Reviewer>;

    async fn gather(&self, view: &CaseView) -> Result<Vec<Reviewer>, Error> {
        if !view.case.tier.is_groups() || decide::appellant(&view.case, self.actor).is_err() {
            return Ok(Vec::new());
        }
        self.mentorship.reviewers(self.actor.tenant(), view).await
    }
}

/// The admins of a case whose reviewers are to be reminded; nobody where no admin is. `None` if the host does not say
/// who they are, or who they were, and staff is to be reminded as well, who do not wait for that; an error if nobody
/// can be.
pub(super) struct AskReminded<'a> {
    pub(super) mentorship: &'a Service<'a>,
    pub(super) tenant: &'a TenantId,
}

#[async_trait]
impl Gather<CaseView> for AskReminded<'_> {
    type Facts = Option<Vec<Reviewer>>;

    async fn gather(&self, view: &CaseView) -> Result<Option<Vec<Reviewer>>, Error> {
        let (it, case) = (self.mentorship, &view.case);
        let is_due = case.due_at().is_some_and(|at| at <= it.now());
        if !is_due || !decide::reminds_admins(case, it.now()) {
            return Ok(Some(Vec::new()));
        }
        let two: Vec<_> = case.two().collect();
        let asked = async {
            let admins = it.directory.admins(self.tenant, &view.program.group).await?;
            it.with_ties(self.tenant, admins, &two).await
        };
        match asked.await {
            Err(Error::Port(error)) if decide::reminds_staff(case) => {
                tracing::warn!(%error, "the host did not say who the admins are");
                Ok(None)
            }
            asked => asked.map(Some),
        }
    }
}

/// Whoever works the case that is answered, and the admins if something recuses them by now. For nobody but its
/// reporter: to anybody else it is not there.
struct AskAnswering<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
}

#[async_trait]
impl Gather<CaseView> for AskAnswering<'_> {
    type Facts = Answering;

    async fn gather(&self, view: &CaseView) -> Result<Answering, Error> {
        let (it, tenant, case) = (self.mentorship, self.actor.tenant(), &view.case);
        if case.reporter.as_ref() != self.actor.as_person() {
            return Ok(Answering::default());
        }
        let Some(assignee) = case.state.assignee() else { return Ok(Answering::default()) };
        let two: Vec<_> = case.two().collect();
        let assignee = it.with_ties(tenant, vec![assignee.clone()], &two).await?.pop();
        let recused = assignee.as_ref().is_some_and(|who| decide::is_recused(case, who, it.now()));
        let admins = if recused && case.tier.is_groups() {
            it.reviewers(tenant, view).await?
        } else {
            Vec::new()
        };
        Ok(Answering { assignee, admins })
    }
}

/// Whether anybody knows a category.
struct AskCategory<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
    category: &'a Slug,
}

#[async_trait]
impl Gather<CaseView> for AskCategory<'_> {
    type Facts = bool;

    async fn gather(&self, view: &CaseView) -> Result<bool, Error> {
        self.mentorship.may_review(self.actor, view)?;
        Ok(self.mentorship.priority(self.actor.tenant(), self.category).await?.is_some())
    }
}

/// Which of the subject's programs are of the group of a case; asked only for a ban from it, and for whoever may review
/// the case: for anybody else it is not there, and nothing more is read.
struct AskGroups<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
    measures: &'a [Measure],
}

#[async_trait]
impl Gather<CaseView> for AskGroups<'_> {
    type Facts = Vec<ProgramId>;

    async fn gather(&self, view: &CaseView) -> Result<Vec<ProgramId>, Error> {
        let (it, actor) = (self.mentorship, self.actor);
        let bans = self.measures.iter().any(|it| matches!(it, Measure::BanFromGroup { .. }));
        if !bans {
            return Ok(Vec::new());
        }
        it.may_review(actor, view)?;
        let (programs, group) = (decide::programs_of(&view.subject), &view.program.group);
        it.of_group(actor.tenant(), programs, group).await
    }
}

/// The case that another one is the same as.
struct AskOther<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
    other: CaseId,
}

#[async_trait]
impl Gather<CaseView> for AskOther<'_> {
    type Facts = CaseView;

    async fn gather(&self, view: &CaseView) -> Result<CaseView, Error> {
        self.mentorship.may_review(self.actor, view)?;
        let ask = self.mentorship.to_review(self.actor, self.other, false).await?;
        self.mentorship.load(ask).await
    }
}

impl Service<'_> {
    /// For what is asked besides a case: for whomever the case is not there, nothing more is read than where there is
    /// none.
    fn may_review(&self, actor: &Actor, view: &CaseView) -> Result<(), Error> {
        let cx = Cx { actor, now: self.now(), ids: &*self.ids };
        decide::review(&view.case, &view.program, (&view.was, &view.ties), &cx)?;
        Ok(())
    }

    /// The library's own categories stay as they are; any other is the host's.
    async fn priority(
        &self,
        tenant: &TenantId,
        category: &Slug,
    ) -> Result<Option<Priority>, Error> {
        match priority_of(category) {
            Some(priority) => Ok(Some(priority)),
            None => Ok(self.directory.report_category(tenant, category).await?),
        }
    }

    /// The admins of a group; nobody if the host does not say: what becomes of a case waits for no answer.
    async fn admins(&self, tenant: &TenantId, group: &GroupId) -> Vec<PersonId> {
        let admins = self.directory.admins(tenant, group).await;
        admins
            .inspect_err(|error| tracing::warn!(%error, "the host did not say who the admins are"))
            .unwrap_or_default()
    }

    async fn reviewers(&self, tenant: &TenantId, view: &CaseView) -> Result<Vec<Reviewer>, Error> {
        let admins = self.admins(tenant, &view.program.group).await;
        let two: Vec<_> = view.case.two().collect();
        self.with_ties(tenant, admins, &two).await
    }

    async fn with_ties(
        &self,
        tenant: &TenantId,
        admins: Vec<PersonId>,
        two: &[&PersonId],
    ) -> Result<Vec<Reviewer>, Error> {
        if admins.is_empty() {
            return Ok(Vec::new());
        }
        let pseudonyms = self.pseudonyms(tenant).await?;
        let mut unit = self.store.unit().await?;
        let by = (tenant, pseudonyms.as_deref());
        Ok(former::reviewers(&mut *unit, by, admins, two).await?)
    }

    /// For a case as whoever reviews it sees it.
    pub(super) async fn to_review(
        &self,
        actor: &Actor,
        case: CaseId,
        with_evidence: bool,
    ) -> Result<ReviewAsk, Error> {
        let case = ask(actor, case, with_evidence);
        let reviews = case.actor.is_some();
        let pseudonyms = if reviews { self.pseudonyms(actor.tenant()).await? } else { None };
        Ok(ReviewAsk { case, pseudonyms })
    }

    /// Tells the host of a case in which somebody may be in danger, before whoever raised it is answered
    /// (D17). The case is stored by then, and a message waits in the outbox whatever comes of this.
    pub(super) async fn call(&self, tenant: &TenantId, case: CaseId) {
        if let Err(error) = self.directory.urgent_case(tenant, case).await {
            tracing::error!(%case, %error, "the host did not take an urgent case");
        }
    }

    /// Where the host says that help is found for whoever has reported something so urgent (D17); nothing if it
    /// does not answer, since what was reported stands all the same.
    pub(super) async fn resources(
        &self,
        actor: &Actor,
        category: &Slug,
        priority: Priority,
    ) -> Resources {
        let reporter = actor.who().filter(|_| priority == Priority::P0);
        let Some(reporter) = reporter else { return Resources::default() };
        let said = self.directory.emergency_resources(actor.tenant(), reporter, category).await;
        said.inspect_err(
            |error| tracing::error!(%error, "the host did not say where help is found"),
        )
        .unwrap_or_default()
    }

    /// Reports somebody. The subject is told nothing of it.
    pub async fn file_report(
        &self,
        actor: &Actor,
        program: ProgramId,
        report: ReportAsk,
    ) -> Result<Receipt, Error> {
        let reporter = actor.who().cloned().ok_or(Refusal::NotFound)?;
        let people = PersonPair::new(reporter.clone(), report.subject.clone());
        let people = people.ok_or(Refusal::SelfReport)?;
        let tenant = actor.tenant();
        let since = self.now().checked_sub_signed(TimeDelta::hours(24));
        let filing = FilingAsk {
            tenant: tenant.clone(),
            program,
            reporter: reporter.clone(),
            people,
            target: report.target.clone(),
            around: decide::AROUND,
            since: since.unwrap_or_else(|| self.now()),
        };
        let host = AskFiling {
            mentorship: self,
            tenant,
            reporter: &reporter,
            subject: &report.subject,
            category: &report.category,
        };
        let key = (program, &report);
        let order = Order::new(actor, "case.file", &key);
        let decide::Filed { case, priority } = self
            .run_with(order, filing, host, |view, facts, cx| {
                decide::file(view, &report, &facts, cx)
            })
            .await?;
        if priority == Priority::P0 {
            self.call(tenant, case).await;
        }
        let resources = self.resources(actor, &report.category, priority).await;
        Ok(Receipt { case, priority, resources })
    }

    /// Reads a case with its evidence, as a reviewer. Each read is on record for the platform.
    pub async fn case(&self, actor: &Actor, case: CaseId) -> Result<CaseFile, Error> {
        // What is read is never kept as the reply of a command.
        let actor = actor.without_command();
        let order = Order::new(&actor, "case.read", &case);
        self.run(order, self.to_review(&actor, case, true).await?, decide::see).await
    }

    /// Reads what stands around a case, as whoever works it: the pairs and enrolments that it is about, and how they
    /// stand. Each read is on record for the platform. What the two wrote is in the evidence of [`case`](Self::case) or
    /// is nobody's.
    pub async fn case_background(
        &self,
        actor: &Actor,
        case: CaseId,
    ) -> Result<CaseBackground, Error> {
        let actor = actor.without_command();
        let ask = self.to_review(&actor, case, false).await?;
        // Whoever there is no case for is answered before more is asked than of one that does not exist.
        let view = self.load(ask.clone()).await?;
        self.may_review(&actor, &view)?;
        let order = Order::new(&actor, "case.read_background", &case);
        self.run(order, BackgroundAsk(ask), decide::background).await
    }

    /// Says what a case is about and how urgent it is.
    pub async fn triage_case(
        &self,
        actor: &Actor,
        case: CaseId,
        category: &Slug,
        priority: Priority,
    ) -> Result<Triaged, Error> {
        let tenant = actor.tenant();
        let host = AskCategory { mentorship: self, actor, category };
        let key = (case, category, priority);
        let order = Order::new(actor, "case.triage", &key);
        let triaged = self
            .run_with(order, self.to_review(actor, case, false).await?, host, |view, known, cx| {
                decide::triage(view, (category, priority, known), cx)
            })
            .await?;
        if triaged.raised && triaged.priority == Priority::P0 {
            self.call(tenant, case).await;
        }
        Ok(triaged)
    }

    /// Takes a case to work it.
    pub async fn take_case(&self, actor: &Actor, case: CaseId) -> Result<(), Error> {
        let order = Order::new(actor, "case.assign", &case);
        self.run(order, self.to_review(actor, case, false).await?, decide::assign).await
    }

    /// Hands a case to the platform, or takes it over for the platform: one way.
    pub async fn escalate_case(&self, actor: &Actor, case: CaseId) -> Result<(), Error> {
        let order = Order::new(actor, "case.escalate", &case);
        self.run(order, self.to_review(actor, case, false).await?, decide::escalate).await
    }

    /// Asks the reporter.
    pub async fn ask_reporter(
        &self,
        actor: &Actor,
        case: CaseId,
        question: Note,
    ) -> Result<(), Error> {
        let key = (case, &question);
        let order = Order::new(actor, "case.ask", &key);
        self.run(order, self.to_review(actor, case, false).await?, |view, cx| {
            decide::ask_info(view, question.clone(), cx)
        })
        .await
    }

    /// Answers a reviewer's question about one's own report.
    pub async fn answer_reviewer(
        &self,
        actor: &Actor,
        case: CaseId,
        text: Body,
    ) -> Result<(), Error> {
        let key = (case, &text);
        let order = Order::new(actor, "case.answer", &key);
        let host = AskAnswering { mentorship: self, actor };
        self.run_with(order, ask(actor, case, false), host, |view, who, cx| {
            decide::answer(view, (text.clone(), &who), cx)
        })
        .await
    }

    /// Finds that a case is the same as another one about the same person.
    pub async fn merge_case(
        &self,
        actor: &Actor,
        case: CaseId,
        other: CaseId,
    ) -> Result<(), Error> {
        let key = (case, other);
        let order = Order::new(actor, "case.merge", &key);
        let host = AskOther { mentorship: self, actor, other };
        self.run_with(order, self.to_review(actor, case, false).await?, host, |view, other, cx| {
            decide::merge(view, &other, cx)
        })
        .await
    }

    /// Takes an interim measure in a case that one works: it holds until it is lifted, and whatever still
    /// holds when the case is decided or taken back goes on by itself. Outside the case it shows as the
    /// neutral text of a pause or a hold, and as content that is gone. Again, it changes nothing.
    pub async fn take_interim(
        &self,
        actor: &Actor,
        case: CaseId,
        measure: InterimAsk,
    ) -> Result<(), Error> {
        let key = (case, measure);
        let order = Order::new(actor, "case.take_interim", &key);
        let mut ask = self.to_review(actor, case, false).await?;
        ask.case.content = measure.content();
        self.run(order, ask, |view, cx| decide::take_interim(view, measure, cx)).await
    }

    /// Lifts an interim measure of a case that one works. Again, it changes nothing.
    pub async fn lift_interim(
        &self,
        actor: &Actor,
        case: CaseId,
        measure: InterimAsk,
    ) -> Result<(), Error> {
        let key = (case, measure);
        let order = Order::new(actor, "case.lift_interim", &key);
        let ask = self.to_review(actor, case, false).await?;
        self.run(order, ask, |view, cx| decide::lift_interim(view, measure, cx)).await
    }

    /// Decides a case: measures, the statement of reasons and the news of it are one write.
    pub async fn decide_case(
        &self,
        actor: &Actor,
        case: CaseId,
        verdict: Verdict,
    ) -> Result<(), Error> {
        let key = (case, &verdict);
        let order = Order::new(actor, "case.decide", &key);
        let host = AskGroups { mentorship: self, actor, measures: &verdict.measures };
        self.run_with(order, self.to_review(actor, case, false).await?, host, |view, group, cx| {
            decide::decide(view, (&verdict, &group), cx)
        })
        .await
    }

    /// Appeals against a decision, as its reporter or its subject, within six months.
    pub async fn appeal_case(&self, actor: &Actor, case: CaseId, text: Body) -> Result<(), Error> {
        let key = (case, &text);
        let order = Order::new(actor, "case.appeal", &key);
        let host = AskReviewers { mentorship: self, actor };
        self.run_with(order, ask(actor, case, false), host, |view, admins, cx| {
            decide::appeal(view, text.clone(), &admins, cx)
        })
        .await
    }

    /// Decides on an appeal, as somebody else than whoever decided first.
    pub async fn rule_on_appeal(
        &self,
        actor: &Actor,
        case: CaseId,
        ruling: Ruling,
        measures: &[Measure],
        reasons: Reasons,
    ) -> Result<(), Error> {
        let key = (case, ruling, measures, &reasons);
        let order = Order::new(actor, "case.rule", &key);
        let host = AskGroups { mentorship: self, actor, measures };
        self.run_with(order, self.to_review(actor, case, false).await?, host, |view, group, cx| {
            decide::rule(view, (ruling, measures, &reasons, &group), cx)
        })
        .await
    }

    /// Takes one's own report back. Says whether the case is over by it: one that is
    /// urgent goes on, and so does one that others have reported too.
    pub async fn withdraw_report(&self, actor: &Actor, case: CaseId) -> Result<bool, Error> {
        let order = Order::new(actor, "case.withdraw", &case);
        self.run(order, ask(actor, case, false), decide::withdraw).await
    }

    /// Closes a case on which nothing can follow.
    pub async fn close_case(&self, actor: &Actor, case: CaseId) -> Result<(), Error> {
        let order = Order::new(actor, "case.close", &case);
        self.run(order, self.to_review(actor, case, false).await?, decide::close).await
    }
}
