//! The sweep: what time alone does, in bounded batches.

use std::collections::BTreeMap;

use super::{Error, Service, pairs, programs, run::Order};
use crate::{
    base::{host::TenantId, id::ProposalId},
    change::Key,
    decide::{Refusal, access, sweep as decide},
    policy::{actor::Actor, permission::Action},
    store::{
        Cursor, EnrollmentAsk, ListAsk, Listed, Listing, ProposalAsk,
        ask::{EnrollmentTarget, ProposalTarget},
    },
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
    /// Records that failed for a reason of the store's; they stay due.
    pub failed: u32,
    /// Where to go on; `None` when everything due was looked at.
    pub next: Option<Cursor>,
}

impl Service<'_> {
    /// Does what time alone does to one batch of records that are due: offers lapse, the next choice is
    /// offered, steps open, people are reminded, pauses end, idle pairs end, cohorts close. Nothing
    /// happens early; calling it again, or from two machines at once, changes nothing more. A host calls
    /// it every few minutes and follows `next` until there is none.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for an actor who is neither the host nor the clock; a store error if the
    /// list of what is due cannot be read. A record that fails is counted and left for the next call.
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
        for item in page.items {
            let Listed::Due { key, .. } = item else { continue };
            report.looked_at += 1;
            match self.sweep_one(tenant, key).await {
                Ok(done) => *report.done.entry(done).or_insert(0) += 1,
                // Somebody was faster, or its turn has passed.
                Err(Error::Refused(_)) => {}
                Err(error) => {
                    tracing::warn!(code = error.code(), "a due record is left for the next sweep");
                    report.failed += 1;
                }
            }
        }
        Ok(report)
    }

    async fn sweep_one(&self, tenant: &TenantId, key: Key) -> Result<String, Error> {
        let clock = Actor::clock(tenant.clone());
        let order = Order::new(&clock, "sweep", &());
        let owned = |swept: &'static str| swept.to_owned();
        match key {
            Key::Program(program) => {
                let left = programs::AskRemaining { mentorship: self, tenant };
                let ask = programs::ask(tenant, program, 100);
                let swept = self
                    .run_with(order, ask, &left, |view, remaining, cx| {
                        decide::program(view, remaining, cx).map(|it| reply(it, owned))
                    })
                    .await?;
                if swept == decide::CLOSE_ENROLLMENTS {
                    // The program stays due, and the next sweep goes on with it.
                    self.close_enrollments(tenant, program).await?;
                }
                Ok(swept)
            }
            Key::Enrollment(enrollment) => {
                let ask = EnrollmentAsk {
                    tenant: tenant.clone(),
                    target: EnrollmentTarget::Existing(enrollment),
                    actor: None,
                };
                self.run(order, ask, |view, cx| {
                    decide::enrollment(view, cx).map(|decision| reply(decision, owned))
                })
                .await
            }
            Key::Pair(pair) => {
                self.run(order, pairs::ask(&clock, pair, None), |view, cx| {
                    decide::pair(view, cx).map(|decision| reply(decision, owned))
                })
                .await
            }
            Key::Proposal(proposal) => self.sweep_proposal(tenant, proposal).await,
            Key::Person(_) | Key::Relation(_) => Err(Refusal::NotFound.into()),
        }
    }

    async fn sweep_proposal(
        &self,
        tenant: &TenantId,
        proposal: ProposalId,
    ) -> Result<String, Error> {
        let ask = ProposalAsk {
            tenant: tenant.clone(),
            target: ProposalTarget::Existing(proposal),
            actor: None,
            with_form: false,
        };
        let view = self.store.unit().await?.proposal_view(&ask).await?;
        let queued = view.and_then(|view| view.proposal).is_some_and(|it| it.is_queued());
        if queued {
            self.advance_choice(tenant, proposal).await?;
            Ok("proposal.next_choice".to_owned())
        } else {
            self.expire(tenant, proposal).await?;
            Ok("proposal.expire".to_owned())
        }
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
