//! The evidence of all cases, for the host: whether it is as it was sealed.

use serde::{Deserialize, Serialize};

use super::{
    Error, PageAsk, Service,
    run::{Nothing, Order},
};
use crate::{
    base::id::CaseId,
    decide::report as decide,
    model::report::{EvidenceFault, EvidenceInventory, Sealed, verify},
    policy::{actor::Actor, permission::Action},
    store::{CaseAsk, CaseScope, Cursor, Listing, PAGE_MAX, StoreUnit, UnitExt},
    view::CaseView,
};

/// What was found of the evidence of some cases.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceReport {
    /// How many cases were looked at.
    pub looked_at: u32,
    /// The first thing wrong in each case that is not as it was sealed.
    pub faults: Vec<(CaseId, EvidenceFault)>,
    /// Where to go on; `None` when there are no more.
    pub next: Option<Cursor>,
}

impl EvidenceReport {
    fn add(&mut self, case: CaseId, verdict: Result<(), EvidenceFault>) {
        self.looked_at = self.looked_at.saturating_add(1);
        self.faults.extend(verdict.err().map(|fault| (case, fault)));
    }
}

impl Service<'_> {
    /// Takes an inventory of the evidence of all cases, and tells staff its root by a message
    /// (`evidence.inventory`), so that it leaves the database with the outbox. For the host's own code: once a day, and
    /// the inventory itself is the host's to keep, for [`verify_inventory`](Self::verify_inventory). Reads every case
    /// once, 500 at a time, without their evidence.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody but the host and the clock.
    pub async fn take_inventory(&self, actor: &Actor) -> Result<EvidenceInventory, Error> {
        self.to_tenant(actor, Action::Operate)?;
        let mut unit = self.unit().await?;
        let (at, mut cases, mut after) = (self.now(), Vec::new(), None);
        loop {
            // A page at a time: what is kept of a case is far less than the case.
            let what = Listing::Cases { scope: CaseScope::Tenant };
            let page = PageAsk { limit: PAGE_MAX, after };
            let page = unit.list_cases(&page.of(actor, what)).await?;
            cases.extend(page.items.iter().map(Sealed::from));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let inventory = EvidenceInventory::new(at, cases);
        // What is read is never kept as the reply of a command: taken again, it is another inventory.
        let actor = actor.without_command();
        let code = inventory.code();
        let order = Order::new(&actor, "evidence.inventory", &code);
        self.run(order, Nothing, |(), cx| Ok(decide::inventory(code.clone(), cx))).await?;
        Ok(inventory)
    }

    /// Whether the evidence of a page of cases is whole, oldest first: each item as it was sealed, in its place, and none
    /// too few. For the host's own code. Nobody's words leave it, so that nothing of it is on record.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody but the host and the clock.
    pub async fn verify_evidence(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<EvidenceReport, Error> {
        self.to_tenant(actor, Action::Operate)?;
        let mut unit = self.unit().await?;
        let what = Listing::Cases { scope: CaseScope::Tenant };
        let page = unit.list_cases(&page.of(actor, what)).await?;
        let mut report = EvidenceReport { next: page.next, ..EvidenceReport::default() };
        for case in page.items {
            let found = with_evidence(&mut *unit, actor, case.id).await?;
            let verdict =
                found.map_or(Err(EvidenceFault::Gone), |it| verify(&it.case, &it.evidence));
            report.add(case.id, verdict);
        }
        Ok(report)
    }

    /// Whether the evidence of these cases is whole and goes on from where it was when the host took an inventory of
    /// them: it is neither rewritten nor gone. Give some hundred cases at a time; compare the
    /// [root](EvidenceInventory::root) of the inventory with the one that was kept first. For the host's own code.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody but the host and the clock.
    pub async fn verify_inventory(
        &self,
        actor: &Actor,
        cases: &[Sealed],
    ) -> Result<EvidenceReport, Error> {
        self.to_tenant(actor, Action::Operate)?;
        let mut unit = self.unit().await?;
        let mut report = EvidenceReport::default();
        for sealed in cases {
            let found = with_evidence(&mut *unit, actor, sealed.case).await?;
            let verdict =
                found.map_or(Err(EvidenceFault::Gone), |it| sealed.verify(&it.case, &it.evidence));
            report.add(sealed.case, verdict);
        }
        Ok(report)
    }
}

async fn with_evidence(
    unit: &mut dyn StoreUnit,
    actor: &Actor,
    case: CaseId,
) -> Result<Option<CaseView>, Error> {
    let tenant = actor.tenant().clone();
    let ask = CaseAsk { tenant, case, actor: None, with_evidence: true, content: None };
    Ok(unit.case_view(&ask).await?)
}
