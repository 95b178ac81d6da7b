//! A store over any of the databases: what a unit and an outbox do with a session.

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::CommandId,
    },
    change::{Applied, ChangeSet, CommandRecord},
    store::{
        ClaimAsk, EnrollmentAsk, Envelope, ListAsk, Listed, Page, PairAsk, PersonAsk, ProgramAsk,
        ProposalAsk, Receipt, RelationAsk, StoreError, StoreUnit,
    },
    view::{EnrollmentView, PairView, PersonView, ProgramView, ProposalView, RelationView},
};

use crate::{
    apply, outbox,
    session::{Session, Transaction},
    views::Views,
};

/// A database: where sessions come from.
#[async_trait]
pub(crate) trait Backend: Clone + fmt::Debug + Send + Sync + 'static {
    /// A connection that reads.
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError>;

    /// A transaction of its own.
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// A unit that takes a connection for each call and holds none between calls.
pub(crate) struct Unit<B>(pub(crate) B);

/// Runs one read of the shared views over a reading connection.
macro_rules! read {
    ($unit:expr, $tenant:expr, $method:ident, $ask:expr) => {{
        let mut reading = $unit.0.reading().await?;
        Views { session: &mut *reading, tenant: $tenant }.$method($ask).await
    }};
}

#[async_trait]
impl<B: Backend> StoreUnit for Unit<B> {
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        read!(self, &ask.tenant, program_view, ask)
    }

    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        read!(self, &ask.tenant, enrollment_view, ask)
    }

    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        read!(self, &ask.tenant, proposal_view, ask)
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        read!(self, &ask.tenant, pair_view, ask)
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        read!(self, &ask.tenant, relation_view, ask)
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        read!(self, &ask.tenant, person_view, ask)
    }

    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        read!(self, &ask.tenant, list, ask)
    }

    async fn blocked_among(
        &mut self,
        tenant: &TenantId,
        person: &PersonId,
        others: &BTreeSet<PersonId>,
    ) -> Result<BTreeSet<PersonId>, StoreError> {
        read!(self, tenant, blocked_among, (person, others))
    }

    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        read!(self, tenant, command, id)
    }

    async fn apply(&mut self, changes: ChangeSet) -> Result<Applied, StoreError> {
        let mut tx = self.0.begin().await?;
        match apply::apply(&mut *tx, &changes).await {
            Ok(Applied::Stored) => tx.commit().await.map(|()| Applied::Stored),
            Ok(repeated @ Applied::Repeated(_)) => tx.rollback().await.map(|()| repeated),
            Err(error) => {
                // If even this fails (a full disk has rolled back by itself) the connection is closed.
                drop(tx.rollback().await);
                Err(error)
            }
        }
    }
}

/// Claims messages in a transaction of its own.
pub(crate) async fn claim(
    backend: &impl Backend,
    ask: &ClaimAsk,
) -> Result<Vec<Envelope>, StoreError> {
    let mut tx = backend.begin().await?;
    let claimed = outbox::claim(&mut *tx, ask).await?;
    tx.commit().await?;
    Ok(claimed)
}

/// Acknowledges messages in a transaction of its own.
pub(crate) async fn acknowledge(
    backend: &impl Backend,
    receipts: &[Receipt],
) -> Result<u32, StoreError> {
    let mut tx = backend.begin().await?;
    let done = outbox::acknowledge(&mut *tx, receipts).await?;
    tx.commit().await?;
    Ok(done)
}

/// What every store of this crate is to the service.
macro_rules! serve {
    ($store:ty, $name:literal) => {
        #[async_trait::async_trait]
        impl mentorship_core::store::Store for $store {
            async fn unit(
                &self,
            ) -> Result<
                Box<dyn mentorship_core::store::StoreUnit>,
                mentorship_core::store::StoreError,
            > {
                Ok(Box::new($crate::store::Unit(self.clone())))
            }

            fn outbox(&self) -> Option<&dyn mentorship_core::store::Outbox> {
                Some(self)
            }

            fn capabilities(&self) -> mentorship_core::store::Capabilities {
                mentorship_core::store::Capabilities::new($name).durable().with_outbox()
            }
        }

        #[async_trait::async_trait]
        impl mentorship_core::store::Outbox for $store {
            async fn claim(
                &self,
                ask: &mentorship_core::store::ClaimAsk,
            ) -> Result<Vec<mentorship_core::store::Envelope>, mentorship_core::store::StoreError>
            {
                $crate::store::claim(self, ask).await
            }

            async fn acknowledge(
                &self,
                receipts: &[mentorship_core::store::Receipt],
            ) -> Result<u32, mentorship_core::store::StoreError> {
                $crate::store::acknowledge(self, receipts).await
            }
        }
    };
}
pub(crate) use serve;
