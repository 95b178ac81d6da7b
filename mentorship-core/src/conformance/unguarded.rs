//! A store that forgets some guards, to show that a test notices when a guard is missing.

use std::sync::Arc;

use async_trait::async_trait;

use crate::{
    base::{host::TenantId, id::CommandId},
    change::{Applied, ChangeSet, CommandRecord},
    store::{
        Capabilities, EnrollmentAsk, ListAsk, Listed, Outbox, Page, PairAsk, PersonAsk, ProgramAsk,
        ProposalAsk, RelationAsk, Store, StoreError, StoreUnit,
    },
    view::{EnrollmentView, PairView, PersonView, ProgramView, ProposalView, RelationView},
};

/// Passes everything on, except the guards on records of these kinds (`relation`, `enrollment`, …).
#[derive(Clone, Debug)]
pub struct Unguarded {
    inner: Arc<dyn Store>,
    kinds: &'static [&'static str],
}

impl Unguarded {
    /// The store without guards on these kinds of records.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, kinds: &'static [&'static str]) -> Self {
        Self { inner, kinds }
    }
}

#[async_trait]
impl Store for Unguarded {
    async fn unit(&self) -> Result<Box<dyn StoreUnit>, StoreError> {
        let inner = self.inner.unit().await?;
        Ok(Box::new(UnguardedUnit { inner, kinds: self.kinds }))
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        self.inner.outbox()
    }

    fn capabilities(&self) -> Capabilities {
        self.inner.capabilities()
    }
}

struct UnguardedUnit {
    inner: Box<dyn StoreUnit>,
    kinds: &'static [&'static str],
}

#[async_trait]
impl StoreUnit for UnguardedUnit {
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

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        self.inner.pair_view(ask).await
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        self.inner.relation_view(ask).await
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        self.inner.person_view(ask).await
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

    async fn apply(&mut self, mut changes: ChangeSet) -> Result<Applied, StoreError> {
        changes.guards.retain(|key, _| !self.kinds.contains(&key.kind()));
        self.inner.apply(changes).await
    }
}
