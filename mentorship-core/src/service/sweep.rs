//! The sweep: what time alone does, in bounded batches.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::Days;

use super::{
    Error, PortError, Service,
    many::Item,
    pairs, programs,
    proposals::{AskTwo, ask_judged},
    reports,
    run::{Gather, NoFacts, Order},
};
use crate::{
    base::{
        host::TenantId,
        id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
        time::Timestamp,
    },
    change::{Change, ChangeSet, Key},
    decide::{
        access,
        proposal::{self, possible::HostFacts},
        report, sweep as decide,
    },
    model::proposal::Proposal,
    policy::{actor::Actor, permission::Action},
    store::{
        Cursor, EnrollmentAsk, ListAsk, Listed, Listing, PAGE_MAX, UnitExt,
        ask::{AuditScope, EnrollmentTarget},
    },
    view::{EnrollmentView, ProposalView},
};

/// How much one call of the sweep does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SweepAsk {
    /// Most records, 1 to 500; default 200.
    pub limit: u16,
    /// Where the last call stopped; `None` to begin.
    pub after: Option<Cursor>,
}

impl Default for SweepAsk {
    fn default() -> Self {
        Self { limit: 200, after: None }
    }
}

/// What one call of the sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SweepReport {
    /// Records looked at.
    pub looked_at: u32,
    /// What was done, by code (`proposal.expire`, `step.unlock`, `pair.remind`, …), and how often.
    pub done: BTreeMap<String, u32>,
    /// Records that failed for a reason of the store's or the host's; they stay due. Of a case whose admins the host
    /// does not name staff may have been reminded all the same (`case.remind_staff` in `done`).
    pub failed: u32,
    /// Where to go on; `None` when everything due was looked at.
    pub next: Option<Cursor>,
}

impl Service<'_> {
    /// Does what time alone does to one batch of records that are due: offers lapse, the next choice is
    /// offered, steps open, people are reminded, pauses end, idle pairs end, cohorts close, cases go to the
    /// platform or are closed, and what was kept long enough goes (D21). Nothing happens early; calling it again, or from two machines at once, changes nothing more. A host calls
    /// it every few minutes and follows `next` until there is none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for an actor who is neither the host nor the clock; a
    /// store error if the list of what is due cannot be read. A record that fails is counted and left for the next call.
    pub async fn sweep(&self, actor: &Actor, ask: SweepAsk) -> Result<SweepReport, Error> {
        let now = self.now();
        let cx = crate::decide::Cx { actor, now, ids: &*self.ids };
        access::to_tenant(&cx, Action::Operate)?;
        let tenant = actor.tenant();
        let list = ListAsk {
            tenant: tenant.clone(),
            what: Listing::Due { at: now },
            after: ask.after,
            limit: ask.limit,
        };
        let page = self.store.unit().await?.list(&list).await?;
        let mut report = SweepReport { next: page.next, ..SweepReport::default() };
        let mut due = DueRecords::default();
        for item in page.items {
            let Listed::Due { key, .. } = item else { continue };
            report.looked_at += 1;
            due.add(&key);
        }
        let DueRecords { programs, enrollments, proposals, pairs, cases } = due;
        for program in programs {
            report.count(self.sweep_program(tenant, program).await);
        }
        report.count_all(enrollments.len(), self.sweep_enrollments(tenant, &enrollments).await);
        report.count_all(proposals.len(), self.sweep_proposals(tenant, &proposals).await);
        report.count_all(pairs.len(), self.sweep_pairs(tenant, &pairs).await);
        for case in cases {
            let outcome = self.sweep_case(tenant, case).await;
            let admins_wait = outcome.as_ref().is_ok_and(|done| done == report::REMIND_STAFF);
            report.count(outcome);
            if admins_wait {
                report.fail(&PortError::new("no admin of the group is named").into(), 1);
            }
        }
        if report.next.is_none() {
            report.count_events(self.sweep_audit(tenant, ask.limit).await);
        }
        Ok(report)
    }

    /// Takes out of the audit log what was kept long enough, if the host says how long that is (D21). Two machines at
    /// once take out the same.
    async fn sweep_audit(&self, tenant: &TenantId, limit: u16) -> Result<usize, Error> {
        let Some(days) = self.audit_days else { return Ok(0) };
        let Some(before) = self.now().checked_sub_days(Days::new(days.into())) else {
            return Ok(0);
        };
        let what = Listing::Audit { scope: AuditScope::Over { before } };
        let ask = ListAsk { tenant: tenant.clone(), what, after: None, limit };
        let mut unit = self.store.unit().await?;
        let over = unit.list_audit(&ask).await?.items;
        let mut set = ChangeSet::new(tenant.clone());
        for event in &over {
            set.put(Change::ForgetEvent { at: event.at, id: event.id });
        }
        if !over.is_empty() {
            drop(unit.apply(set).await?);
        }
        Ok(over.len())
    }

    async fn sweep_program(&self, tenant: &TenantId, program: ProgramId) -> Result<String, Error> {
        let clock = Actor::clock(tenant.clone());
        let order = Order::new(&clock, SWEEP, &());
        let left = programs::AskRemaining { mentorship: self, tenant };
        let ask = programs::ask(tenant, program, 100);
        let swept = self
            .run_with(order, ask, &left, |view, remaining, cx| {
                decide::program(view, remaining, cx).map(|it| reply(it, str::to_owned))
            })
            .await?;
        if swept == decide::CLOSE_ENROLLMENTS {
            // The program stays due, and the next sweep goes on with it.
            self.close_enrollments(tenant, program).await?;
        }
        Ok(swept)
    }

    pub(super) async fn sweep_case(
        &self,
        tenant: &TenantId,
        case: CaseId,
    ) -> Result<String, Error> {
        let clock = Actor::clock(tenant.clone());
        let order = Order::new(&clock, SWEEP, &());
        let host = reports::AskReminded { mentorship: self, tenant };
        self.run_with(order, reports::ask(&clock, case, true), host, |view, admins, cx| {
            // Where nobody says who they are it stays due, and the next sweep asks again.
            report::time(view, admins.as_deref(), cx).map(|it| reply(it, str::to_owned))
        })
        .await
    }

    async fn sweep_enrollments(
        &self,
        tenant: &TenantId,
        due: &[EnrollmentId],
    ) -> Result<Vec<Result<String, Error>>, Error> {
        let ask = |id: &EnrollmentId| EnrollmentAsk {
            tenant: tenant.clone(),
            target: EnrollmentTarget::Existing(*id),
            actor: None,
        };
        let items: Vec<_> = due
            .iter()
            .map(|id| item(tenant, ask(id), AskLastOver { mentorship: self, tenant }))
            .collect();
        self.run_each(SWEEP, &items, |_, view, last_over, cx| {
            decide::enrollment(view, last_over, cx).map(|it| reply(it, str::to_owned))
        })
        .await
    }

    async fn sweep_pairs(
        &self,
        tenant: &TenantId,
        due: &[PairId],
    ) -> Result<Vec<Result<String, Error>>, Error> {
        let clock = Actor::clock(tenant.clone());
        let ask = |id: &PairId| pairs::ask(&clock, *id, None);
        let items: Vec<_> = due.iter().map(|id| item(tenant, ask(id), NoFacts)).collect();
        self.run_each(SWEEP, &items, |_, view, (), cx| {
            decide::pair(view, cx).map(|it| reply(it, str::to_owned))
        })
        .await
    }

    /// Offers lapse; of choices whose turn may have come the next one is offered.
    async fn sweep_proposals(
        &self,
        tenant: &TenantId,
        due: &[ProposalId],
    ) -> Result<Vec<Result<String, Error>>, Error> {
        let clock = Actor::clock(tenant.clone());
        let two = || AskIfQueued(AskTwo { mentorship: self, tenant });
        let items: Vec<_> =
            due.iter().map(|id| item(tenant, ask_judged(&clock, *id), two())).collect();
        self.run_each(SWEEP, &items, |_, view, host, cx| match host {
            Some(host) => proposal::next_choice(view, &host, cx)
                .map(|it| reply(it, |_| "proposal.next_choice".to_owned())),
            None => {
                proposal::expire(view, cx).map(|it| reply(it, |()| "proposal.expire".to_owned()))
            }
        })
        .await
    }
}

/// What every act of the sweep is called where it is logged.
const SWEEP: &str = "sweep";

fn item<L, G>(tenant: &TenantId, ask: L, gather: G) -> Item<L, G> {
    Item { actor: Actor::clock(tenant.clone()), input: Box::new(()), ask, gather }
}

/// When the last enrolment of somebody was over; nothing is asked where one is not.
struct AskLastOver<'a> {
    mentorship: &'a Service<'a>,
    tenant: &'a TenantId,
}

#[async_trait]
impl Gather<EnrollmentView> for AskLastOver<'_> {
    type Facts = Option<Timestamp>;

    async fn gather(&self, view: &EnrollmentView) -> Result<Option<Timestamp>, Error> {
        if view.enrollment.as_ref().is_none_or(|it| !it.state.is_terminal()) {
            return Ok(None);
        }
        let mut unit = self.mentorship.unit().await?;
        let what = Listing::EnrollmentsOf { person: view.person.id.clone() };
        let mut ask = ListAsk { tenant: self.tenant.clone(), what, after: None, limit: PAGE_MAX };
        let mut last = None;
        loop {
            let page = unit.list_enrollments(&ask).await?;
            for place in page.items {
                match place.state.over_at() {
                    Some(at) => last = last.max(Some(at)),
                    None => return Ok(None),
                }
            }
            ask.after = page.next;
            if ask.after.is_none() {
                return Ok(last);
            }
        }
    }
}

/// What the host says of two whose turn may have come; nothing of those whose offer lapses.
struct AskIfQueued<'a>(AskTwo<'a>);

#[async_trait]
impl Gather<ProposalView> for AskIfQueued<'_> {
    type Facts = Option<HostFacts>;

    async fn gather(&self, view: &ProposalView) -> Result<Option<HostFacts>, Error> {
        let queued = view.proposal.as_ref().is_some_and(Proposal::is_queued);
        if !queued {
            return Ok(None);
        }
        self.0.gather(view).await.map(Some)
    }
}

/// What is due, by kind.
#[derive(Default)]
struct DueRecords {
    programs: Vec<ProgramId>,
    enrollments: Vec<EnrollmentId>,
    proposals: Vec<ProposalId>,
    pairs: Vec<PairId>,
    cases: Vec<CaseId>,
}

impl DueRecords {
    fn add(&mut self, key: &Key) {
        match *key {
            Key::Program(id) => self.programs.push(id),
            Key::Enrollment(id) => self.enrollments.push(id),
            Key::Proposal(id) => self.proposals.push(id),
            Key::Pair(id) => self.pairs.push(id),
            Key::Case(id) => self.cases.push(id),
            // Nothing is due of these by itself.
            Key::Person(_) | Key::Relation(_) => {}
        }
    }
}

impl SweepReport {
    fn count(&mut self, outcome: Result<String, Error>) {
        match outcome {
            Ok(done) => *self.done.entry(done).or_insert(0) += 1,
            // Somebody was faster, or its turn has passed.
            Err(Error::Refused(_)) => {}
            Err(error) => self.fail(&error, 1),
        }
    }

    fn count_all(&mut self, due: usize, outcomes: Result<Vec<Result<String, Error>>, Error>) {
        match outcomes {
            Ok(outcomes) => outcomes.into_iter().for_each(|outcome| self.count(outcome)),
            Err(error) => self.fail(&error, due),
        }
    }

    fn count_events(&mut self, outcome: Result<usize, Error>) {
        match outcome {
            Ok(0) => {}
            Ok(events) => {
                let events = u32::try_from(events).unwrap_or(u32::MAX);
                self.done.insert("audit.forget".to_owned(), events);
            }
            Err(error) => self.fail(&error, 1),
        }
    }

    fn fail(&mut self, error: &Error, records: usize) {
        tracing::warn!(code = error.code(), "due records are left for the next sweep");
        self.failed = self.failed.saturating_add(u32::try_from(records).unwrap_or(u32::MAX));
    }
}

fn reply<T, U>(
    decision: crate::decide::Decision<T>,
    change: impl Fn(T) -> U,
) -> crate::decide::Decision<U> {
    crate::decide::Decision {
        changes: decision.changes,
        reply: change(decision.reply),
        next: decision.next,
    }
}
