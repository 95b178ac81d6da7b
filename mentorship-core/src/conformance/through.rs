//! A store that passes everything on to another one, and looks at what goes by.

use std::{collections::BTreeSet, fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    base::{
        host::{PersonId, TenantId},
        id::CommandId,
    },
    change::{Applied, ChangeSet, CommandRecord},
    statistics::Tally,
    store::{
        Capabilities, CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Outbox, Page, PairAsk,
        PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, RunAsk, Store, StoreError,
        StoreUnit, TallyAsk,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView, RunView,
    },
};

/// What looks at what goes by.
#[async_trait]
pub trait Hook: Clone + Send + Sync + 'static {
    /// Runs before the store is read, with the name of the method and what it is asked.
    fn asked(&self, _method: &'static str, _ask: &dyn fmt::Debug) {}

    /// Runs after the store was read, before what was read goes on to whoever asked. An error takes its
    /// place.
    async fn after_read(&self, _method: &'static str) -> Result<(), StoreError> {
        Ok(())
    }

    /// Runs right before the set is applied, and may change it.
    async fn before_apply(&self, changes: &mut ChangeSet);

    /// Runs right after, with what came of it, and may change what is told of that.
    async fn after_apply(&self, _outcome: &mut Result<Applied, StoreError>) {}
}

/// Passes everything on, each change set as its hook leaves it.
#[derive(Clone)]
pub struct Through<H> {
    inner: Arc<dyn Store>,
    hook: H,
}

impl<H: Hook> Through<H> {
    /// The store behind this hook.
    #[must_use]
    pub fn hooked(inner: Arc<dyn Store>, hook: H) -> Self {
        Self { inner, hook }
    }
}

// A hook may hold what cannot be shown, such as a task.
impl<H> fmt::Debug for Through<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Through").field("inner", &self.inner).finish_non_exhaustive()
    }
}

#[async_trait]
impl<H: Hook> Store for Through<H> {
    async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError> {
        let inner = self.inner.unit().await?;
        Ok(Box::new(ThroughUnit { inner, hook: self.hook.clone() }))
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.inner.outbox()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

struct ThroughUnit<'s, H> {
    inner: Box<dyn StoreUnit + 's>,
    hook: H,
}

/// A read with what looks at it.
macro_rules! read {
    ($unit:ident, $method:ident($($ask:ident),+)) => {{
        $unit.hook.asked(stringify!($method), &($($ask),+));
        let found = $unit.inner.$method($($ask),+).await;
        $unit.hook.after_read(stringify!($method)).await?;
        found
    }};
}

#[async_trait]
impl<H: Hook> StoreUnit for ThroughUnit<'_, H> {
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        read!(self, program_view(ask))
    }

    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        read!(self, enrollment_view(ask))
    }

    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        read!(self, proposal_view(ask))
    }

    async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        read!(self, enrollment_views(asks))
    }

    async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        read!(self, proposal_views(asks))
    }

    async fn pair_views(&mut self, asks: &[PairAsk]) -> Result<Vec<Option<PairView>>, StoreError> {
        read!(self, pair_views(asks))
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        read!(self, pair_view(ask))
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        read!(self, relation_view(ask))
    }

    async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        read!(self, relation_views(asks))
    }

    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        read!(self, filing_view(ask))
    }

    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        read!(self, case_view(ask))
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        read!(self, person_view(ask))
    }

    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        read!(self, rename_view(ask))
    }

    async fn run_view(&mut self, ask: &RunAsk) -> Result<Option<RunView>, StoreError> {
        read!(self, run_view(ask))
    }

    async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError> {
        read!(self, tally(ask))
    }

    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        read!(self, list(ask))
    }

    async fn blocked_among(
        &mut self,
        tenant: &TenantId,
        person: &PersonId,
        others: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        read!(self, blocked_among(tenant, person, others))
    }

    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        read!(self, command(tenant, id))
    }

    async fn commands(
        &mut self,
        tenant: &TenantId,
        ids: &[CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        read!(self, commands(tenant, ids))
    }

    async fn apply(&mut self, mut changes: ChangeSet) -> Result<Applied, StoreError> {
        self.hook.before_apply(&mut changes).await;
        let mut outcome = self.inner.apply(changes).await;
        self.hook.after_apply(&mut outcome).await;
        outcome
    }
}
