//! A store that passes everything on to another one, and looks at every change set on its way there.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    base::{host::TenantId, id::CommandId},
    change::{Applied, ChangeSet, CommandRecord},
    store::{
        Capabilities, CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Outbox, Page, PairAsk,
        PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, Store, StoreError, StoreUnit,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView,
    },
};

/// What happens to a change set before the store sees it.
#[async_trait]
pub trait BeforeApply: Clone + Send + Sync + 'static {
    /// Runs right before the set is applied, and may change it.
    async fn before_apply(&self, changes: &mut ChangeSet);

    /// Runs right after, with what came of it.
    async fn after_apply(&self, _outcome: &Result<Applied, StoreError>) {}
}

/// Passes everything on, each change set as its hook leaves it.
#[derive(Clone)]
pub struct Through<H> {
    inner: Arc<dyn Store>,
    hook: H,
}

impl<H: BeforeApply> Through<H> {
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
impl<H: BeforeApply> Store for Through<H> {
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

#[async_trait]
impl<H: BeforeApply> StoreUnit for ThroughUnit<'_, H> {
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        self.inner.program_view(ask).await
    }

    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        self.inner.enrollment_view(ask).await
    }

    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        self.inner.proposal_view(ask).await
    }

    async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        self.inner.enrollment_views(asks).await
    }

    async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        self.inner.proposal_views(asks).await
    }

    async fn pair_views(&mut self, asks: &[PairAsk]) -> Result<Vec<Option<PairView>>, StoreError> {
        self.inner.pair_views(asks).await
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        self.inner.pair_view(ask).await
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        self.inner.relation_view(ask).await
    }

    async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        self.inner.relation_views(asks).await
    }

    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        self.inner.filing_view(ask).await
    }

    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        self.inner.case_view(ask).await
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        self.inner.person_view(ask).await
    }

    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        self.inner.rename_view(ask).await
    }

    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        self.inner.list(ask).await
    }

    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.inner.command(tenant, id).await
    }

    async fn commands(
        &mut self,
        tenant: &TenantId,
        ids: &[CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        self.inner.commands(tenant, ids).await
    }

    async fn apply(&mut self, mut changes: ChangeSet) -> Result<Applied, StoreError> {
        self.hook.before_apply(&mut changes).await;
        let outcome = self.inner.apply(changes).await;
        self.hook.after_apply(&outcome).await;
        outcome
    }
}
