//! Report cases: the queues of the reviewers, one's own reports, and what was decided about oneself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::PageAsk;
use crate::{
    base::{
        host::PersonId,
        id::{CaseId, ProgramId},
        text::{Note, Slug},
        time::Timestamp,
    },
    decide::{Cx, Refusal, access, report},
    model::{
        code::coded,
        program::Program,
        report::{
            Case, CaseState, Measure, Outcome, Priority, Reasons, Resources, Ruling, Target, Tier,
        },
    },
    policy::{
        actor::{Actor, Hat},
        permission::Action,
    },
    service::{
        Error, Service,
        every::every,
        former::{Pseudonyms, was},
        programs,
    },
    store::{
        CaseScope, Listing, Page, StoreUnit, UnitExt,
        ask::{CaseQueue, CaseReader},
    },
};

coded! {
    /// What a case in a queue waits for.
    pub enum QueueState {
        /// A first look.
        Submitted = "submitted",
        /// Somebody who takes it.
        Triaged = "triaged",
        /// A decision by whoever has taken it.
        InReview = "in_review",
        /// An answer of the reporter.
        WaitingInfo = "waiting_info",
        /// A decision on the appeal.
        Appealed = "appealed",
    }
}

/// A case in a queue: what there is to do and by when, and nothing of whom it is about. That is read with
/// [`Service::case`], which puts it on record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueuedCase {
    /// The case.
    pub id: CaseId,
    /// The program in which it happened.
    pub program: ProgramId,
    /// What it is about.
    pub category: Slug,
    /// How urgent it is.
    pub priority: Priority,
    /// Who sees it.
    pub tier: Tier,
    /// What it waits for.
    pub state: QueueState,
    /// The reviewer who works it.
    pub assignee: Option<PersonId>,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// By when somebody has to have looked at it.
    pub triage_by: Timestamp,
    /// By when it has to be decided, or its appeal.
    pub decide_by: Timestamp,
    /// Whether the one who asks may do more than see it and hand it on.
    pub may_work: bool,
}

/// A case that may be the same as another one: about the same person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeCase {
    /// The case, as it stands in the queue.
    pub queued: QueuedCase,
    /// Whether it is about the very same thing as well: the same post, check-in, introduction, note or answers, or
    /// each about the person as such.
    pub same_target: bool,
}

/// What stands in a queue of a case; nothing of one that waits for no reviewer.
fn queued(case: Case, may_work: bool) -> Option<QueuedCase> {
    let state = match &case.state {
        CaseState::Submitted { .. } => QueueState::Submitted,
        CaseState::Triaged { .. } => QueueState::Triaged,
        CaseState::InReview { .. } => QueueState::InReview,
        CaseState::WaitingInfo { .. } => QueueState::WaitingInfo,
        CaseState::Appealed { .. } => QueueState::Appealed,
        CaseState::Decided { .. } | CaseState::AppealDecided { .. } | CaseState::Closed { .. } => {
            return None;
        }
    };
    Some(QueuedCase {
        id: case.id,
        program: case.program,
        assignee: case.state.assignee().cloned(),
        category: case.category,
        priority: case.priority,
        tier: case.tier,
        state,
        filed_at: case.filed_at,
        triage_by: case.triage_by,
        decide_by: case.decide_by,
        may_work,
    })
}

coded! {
    /// Where one's own report stands.
    pub enum ReportStatus {
        /// Nobody has decided yet.
        Open = "open",
        /// A reviewer waits for an answer.
        Asked = "asked",
        /// Decided.
        Decided = "decided",
        /// Decided, and somebody has appealed.
        Appealed = "appealed",
        /// Over.
        Closed = "closed",
    }
}

/// One's own report, and what came of it: whether something was done, never what (D16).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnReport {
    /// The case.
    pub case: CaseId,
    /// The program.
    pub program: ProgramId,
    /// Whom one has reported.
    pub subject: PersonId,
    /// What of theirs.
    pub target: Target,
    /// When.
    pub filed_at: Timestamp,
    /// Where it stands.
    pub status: ReportStatus,
    /// What a reviewer wants to know.
    pub question: Option<Note>,
    /// What came of it.
    pub outcome: Option<Outcome>,
    /// Until when an appeal is possible.
    pub appeal_until: Option<Timestamp>,
    /// What came of an appeal.
    pub ruling: Option<Ruling>,
    /// Where the host says that help is found, if somebody may be in danger (D17). Said anew at each look; an export
    /// does not hold it.
    #[serde(default, skip_serializing_if = "Resources::is_empty")]
    pub resources: Resources,
}

coded! {
    /// What a decision goes back to.
    pub enum Cause {
        /// A report. Whose, nothing says.
        Notice = "notice",
        /// Nobody's report: the platform looked of its own accord, as where a host takes back that somebody is an
        /// adult (D23).
        OwnInitiative = "own_initiative",
    }
}

/// What was decided about oneself, and why: a statement of reasons. Says nothing about whoever reported.
///
/// It holds what Article 17(3) of Regulation (EU) 2022/2065 asks for, where a host has to give one: the measures,
/// how far each reaches and until when (a); the facts, and whether there was a report (b); what machines did (c);
/// the ground in law (d) or in the terms (e), and why it was broken; and what can be done against it, with the time
/// for an appeal (f). No measure of the library is bound to a territory: each holds wherever the platform is used. Who
/// reported is never told here; where a host finds that strictly necessary, it is for the host to say. That the text is
/// right is for whoever writes it. None of this is legal advice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// The case.
    pub case: CaseId,
    /// The program.
    pub program: ProgramId,
    /// When it was decided.
    pub at: Timestamp,
    /// What it goes back to.
    pub cause: Cause,
    /// What was done: where, and with its end if it has one, says each by itself.
    pub measures: Vec<Measure>,
    /// Why; nothing once the case was kept long enough.
    pub reasons: Option<Reasons>,
    /// Until when an appeal is possible; nothing for what was decided on an appeal.
    pub appeal_until: Option<Timestamp>,
    /// What came of an appeal against it, with why and what was done then.
    pub appeal: Option<(Ruling, Vec<Measure>, Option<Reasons>)>,
}

fn appeal_until(case: &Case) -> Option<Timestamp> {
    match &case.state {
        CaseState::Decided { appeal_until, .. } => Some(*appeal_until),
        CaseState::Submitted { .. }
        | CaseState::Triaged { .. }
        | CaseState::InReview { .. }
        | CaseState::WaitingInfo { .. }
        | CaseState::Appealed { .. }
        | CaseState::AppealDecided { .. }
        | CaseState::Closed { .. } => None,
    }
}

pub(in crate::service) fn own_report(case: &Case) -> OwnReport {
    let (status, question) = match &case.state {
        CaseState::Submitted { .. } | CaseState::Triaged { .. } | CaseState::InReview { .. } => {
            (ReportStatus::Open, None)
        }
        CaseState::WaitingInfo { question, .. } => (ReportStatus::Asked, Some(question.clone())),
        CaseState::Decided { .. } => (ReportStatus::Decided, None),
        CaseState::Appealed { .. } => (ReportStatus::Appealed, None),
        CaseState::AppealDecided { .. } | CaseState::Closed { .. } => (ReportStatus::Closed, None),
    };
    OwnReport {
        case: case.id,
        program: case.program,
        subject: case.subject.clone(),
        target: case.target.clone(),
        filed_at: case.filed_at,
        status,
        question,
        outcome: case.decision.as_ref().map(|it| report::told(it.outcome)),
        appeal_until: appeal_until(case),
        ruling: case.appeal_decision.as_ref().map(|it| it.ruling),
        resources: Resources::default(),
    }
}

/// A decision by which nothing was done is not for its subject: where measures came with the ruling on an
/// appeal only, the ruling is the decision that they are told of.
pub(in crate::service) fn statement(case: Case) -> Statement {
    let until = appeal_until(&case);
    let reported = case.reporter.is_some();
    let first = case.decision.filter(|it| !it.measures.is_empty());
    let (at, measures, reasons, appeal) = match (first, case.appeal_decision) {
        (Some(it), ruling) => {
            let ruling = ruling.map(|it| (it.ruling, it.measures, it.reasons));
            (it.at, it.measures, it.reasons, ruling)
        }
        (None, Some(it)) => (it.at, it.measures, it.reasons, None),
        (None, None) => (case.filed_at, Vec::new(), None, None),
    };
    Statement {
        case: case.id,
        program: case.program,
        at,
        cause: if reported { Cause::Notice } else { Cause::OwnInitiative },
        measures,
        reasons,
        appeal_until: until,
        appeal,
    }
}

/// Those with whom whoever asks, who had the keys `was` before, has to do. They are read whether or not there is
/// anything about them, so that what is asked for tells of none.
pub(super) async fn apart(
    unit: &mut dyn StoreUnit,
    (actor, was): (&Actor, &[PersonId]),
    now: Timestamp,
) -> Result<BTreeSet<PersonId>, Error> {
    let is_staff = matches!(actor.hat(), Hat::Staff(_));
    let keys: Vec<_> = actor.who().into_iter().chain(was).collect();
    let mut apart = BTreeSet::new();
    for key in &keys {
        let person = || PersonId::clone(key);
        let relations =
            every!(unit.list_relations, actor.tenant(), Listing::RelationsOf { person: person() });
        let pairs = every!(unit.list_pairs, actor.tenant(), Listing::PairsOf { person: person() });
        apart.extend(report::kept_apart(&keys, &relations, &pairs, (is_staff, now)));
    }
    Ok(apart)
}

/// Whoever asks, as one for whom some cases are not there.
pub(in crate::service) async fn case_reader(
    unit: &mut dyn StoreUnit,
    pseudonyms: Option<&Pseudonyms>,
    actor: &Actor,
    now: Timestamp,
) -> Result<CaseReader, Error> {
    let person = actor.who().cloned().ok_or(Refusal::NotFound)?;
    let was = was(unit, pseudonyms, &person).await?;
    let apart = apart(unit, (actor, &was), now).await?;
    Ok(CaseReader { person, was: was.into_iter().collect(), apart })
}

impl Service<'_> {
    /// The cases of a program that wait for its admins, oldest first; none of which anything recuses the
    /// one who asks.
    pub async fn group_cases(
        &self,
        actor: &Actor,
        program: ProgramId,
        page: PageAsk,
    ) -> Result<Page<QueuedCase>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        access::to_cases(actor, Action::ReviewCases, Some(&view.program), true)?;
        if actor.official().is_none() {
            // Staff has a queue of its own.
            return Err(Refusal::NotFound.into());
        }
        let found = self.queue(actor, (Some(view.program), None), page).await?;
        Ok(found.map(|(queued, _)| queued))
    }

    /// The cases of the tenant that wait for the platform, oldest first; none of which anything recuses the
    /// one who asks.
    pub async fn platform_cases(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<QueuedCase>, Error> {
        access::to_cases(actor, Action::ReviewCases, None, true)?;
        Ok(self.queue(actor, (None, None), page).await?.map(|(queued, _)| queued))
    }

    /// The cases that wait for whoever asks and are about the same person as `case`, which is one of them while it
    /// waits, oldest first: what a crowd has reported together is found together, and
    /// [`merge_case`](Service::merge_case) makes one of it. For an admin those of the same program, for staff all
    /// that wait for the platform; and as in a queue none of which anything recuses the reader.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for whoever the case is not for.
    pub async fn alike_cases(
        &self,
        actor: &Actor,
        case: CaseId,
        page: PageAsk,
    ) -> Result<Page<AlikeCase>, Error> {
        let view = self.load(self.to_review(actor, case, false).await?).await?;
        let cx = Cx { actor, now: self.now(), ids: &*self.ids };
        report::review(&view.case, &view.program, (&view.was, &view.ties), &cx)?;
        let program = actor.official().is_some().then_some(view.program);
        let about = Some(view.case.subject);
        let found = self.queue(actor, (program, about), page).await?;
        let object = view.case.target.object();
        let alike = |(queued, target): (QueuedCase, Target)| AlikeCase {
            same_target: target.object() == object,
            queued,
        };
        Ok(found.map(alike))
    }

    /// A queue, or what of it is about one person, with what each case is about.
    ///
    /// What is hidden the store leaves out: what a page holds, how much, where it goes on and what the store is
    /// asked for it are the same as if the hidden cases were not there (D12, I9).
    async fn queue(
        &self,
        actor: &Actor,
        (program, about): (Option<Program>, Option<PersonId>),
        page: PageAsk,
    ) -> Result<Page<(QueuedCase, Target)>, Error> {
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        let mut unit = self.unit().await?;
        let cx = Cx { actor, now: self.now(), ids: &*self.ids };
        let reader = case_reader(&mut *unit, pseudonyms.as_deref(), actor, cx.now).await?;
        let was: Vec<_> = reader.was.iter().cloned().collect();
        let scope = CaseScope::Queue(CaseQueue {
            program: program.as_ref().map(|it| it.id),
            about,
            reader,
        });
        let found = unit.list_cases(&page.of(actor, Listing::Cases { scope })).await?;
        let mut programs: BTreeMap<ProgramId, Program> =
            program.into_iter().map(|it| (it.id, it)).collect();
        let mut items = Vec::with_capacity(found.items.len());
        for case in found.items {
            if !programs.contains_key(&case.program) {
                let ask = programs::ask(actor.tenant(), case.program, 0);
                let view = unit.program_view(&ask).await?;
                programs.extend(view.map(|view| (case.program, view.program)));
            }
            let Some(program) = programs.get(&case.program) else { continue };
            // Nothing stands between them and the two of it: else the store would have left it out.
            if let Ok((standing, recusal)) = report::review(&case, program, (&was, &[]), &cx) {
                let may_work = report::works(&case, standing, recusal).is_ok();
                let target = case.target.clone();
                items.extend(queued(case, may_work).map(|it| (it, target)));
            }
        }
        Ok(Page { items, next: found.next })
    }

    /// What the actor has reported, oldest first, and what came of it.
    pub async fn my_reports(&self, actor: &Actor, page: PageAsk) -> Result<Page<OwnReport>, Error> {
        self.to_tenant(actor, Action::ViewOwnCases)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::Cases { scope: CaseScope::Reporter(person) };
        let page = self.unit().await?.list_cases(&page.of(actor, what)).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for case in page.items {
            // By what they reported themselves: what reviewers found since is not told, an age least of all (D23).
            let resources = self.resources(actor, &case.filed_category, case.filed_as).await;
            items.push(OwnReport { resources, ..own_report(&case) });
        }
        Ok(Page { items, next: page.next })
    }

    /// What was decided about the actor, oldest first, with the reasons. Of a case in which nothing was
    /// done its subject never hears.
    pub async fn my_statements(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<Statement>, Error> {
        self.to_tenant(actor, Action::ViewOwnCases)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::Cases { scope: CaseScope::Subject(person) };
        let page = self.unit().await?.list_cases(&page.of(actor, what)).await?;
        Ok(page.map(statement))
    }
}
