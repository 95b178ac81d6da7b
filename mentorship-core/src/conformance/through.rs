//! A store that passes everything on to another one, and looks at what goes by.

use std::{fmt, sync::Arc};

use async_trait::async_trait;

use crate::{
    base::{host::TenantId, id::CommandId},
    change::{Applied, ChangeSet, CommandRecord},
    statistics::Tally,
    store::{
        Capabilities, CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Outbox, Page, PairAsk,
        PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, Store, StoreError, StoreUnit,
        TallyAsk,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView,
    },
};

/// What looks at what goes by.
#[async_trait]
pub trait Hook: Clone + Send + Sync + 'static {
    /// Runs before the store is read, with the name of the method and what it is asked.
    fn asked(&self, _method: &'static str, _ask: &dyn fmt::Debug) {}

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

#[async_trait]
impl<H: Hook> StoreUnit for ThroughUnit<'_, H> {
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        self.hook.asked("program_view", &ask);
        self.inner.program_view(ask).await
    }

    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        self.hook.asked("enrollment_view", &ask);
        self.inner.enrollment_view(ask).await
    }

    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        self.hook.asked("proposal_view", &ask);
        self.inner.proposal_view(ask).await
    }

    async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        self.hook.asked("enrollment_views", &asks);
        self.inner.enrollment_views(asks).await
    }

    async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        self.hook.asked("proposal_views", &asks);
        self.inner.proposal_views(asks).await
    }

    async fn pair_views(&mut self, asks: &[PairAsk]) -> Result<Vec<Option<PairView>>, StoreError> {
        self.hook.asked("pair_views", &asks);
        self.inner.pair_views(asks).await
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        self.hook.asked("pair_view", &ask);
        self.inner.pair_view(ask).await
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        self.hook.asked("relation_view", &ask);
        self.inner.relation_view(ask).await
    }

    async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        self.hook.asked("relation_views", &asks);
        self.inner.relation_views(asks).await
    }

    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        self.hook.asked("filing_view", &ask);
        self.inner.filing_view(ask).await
    }

    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        self.hook.asked("case_view", &ask);
        self.inner.case_view(ask).await
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        self.hook.asked("person_view", &ask);
        self.inner.person_view(ask).await
    }

    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        self.hook.asked("rename_view", &ask);
        self.inner.rename_view(ask).await
    }

    async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError> {
        self.hook.asked("tally", &ask);
        self.inner.tally(ask).await
    }

    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        self.hook.asked("list", &ask);
        self.inner.list(ask).await
    }

    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        self.hook.asked("command", &(tenant, id));
        self.inner.command(tenant, id).await
    }

    async fn commands(
        &mut self,
        tenant: &TenantId,
        ids: &[CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        self.hook.asked("commands", &(tenant, ids));
        self.inner.commands(tenant, ids).await
    }

    async fn apply(&mut self, mut changes: ChangeSet) -> Result<Applied, StoreError> {
        self.hook.before_apply(&mut changes).await;
        let outcome = self.inner.apply(changes).await;
        self.hook.after_apply(&outcome).await;
        outcome
    }
}
