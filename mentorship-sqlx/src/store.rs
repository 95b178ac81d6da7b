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
        ClaimAsk, Consumer, EnrollmentAsk, Envelope, ListAsk, Listed, Page, PairAsk, ParkedAsk,
        PersonAsk, ProgramAsk, ProposalAsk, Receipt, RelationAsk, StoreError, StoreUnit,
    },
    view::{EnrollmentView, PairView, PersonView, ProgramView, ProposalView, RelationView},
};

use crate::{
    apply,
    outbox::{self, Lot},
    session::{Session, Transaction},
    views::Views,
};

/// What a unit works on.
#[async_trait]
pub(crate) trait Backend: fmt::Debug + Send + Sync {
    /// A connection that reads.
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError>;

    /// Applies a change set whole or not at all.
    async fn apply(&self, changes: &ChangeSet) -> Result<Applied, StoreError>;
}

/// A database: where transactions come from.
#[async_trait]
pub(crate) trait Begin: fmt::Debug + Send + Sync {
    /// A connection that reads.
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError>;

    /// A transaction of its own.
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

#[async_trait]
impl<B: Begin> Backend for B {
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError> {
        Begin::reading(self).await
    }

    async fn apply(&self, changes: &ChangeSet) -> Result<Applied, StoreError> {
        let mut tx = self.begin().await?;
        match apply::apply(&mut *tx, changes).await {
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

/// A unit that takes a connection for each call and holds none between calls.
pub(crate) struct Unit<'s, B>(pub(crate) &'s B);

/// Runs one read of the shared views over a reading connection.
macro_rules! read {
    ($unit:expr, $tenant:expr, $method:ident, $ask:expr) => {{
        let mut reading = $unit.0.reading().await?;
        Views { session: &mut *reading, tenant: $tenant }.$method($ask).await
    }};
}

#[async_trait]
impl<B: Backend> StoreUnit for Unit<'_, B> {
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
        self.0.apply(&changes).await
    }
}

/// Does something with the outbox in a transaction of its own.
macro_rules! in_its_own {
    ($($(#[$doc:meta])* $name:ident($($arg:ident: $type:ty),*) -> $output:ty = $call:expr;)+) => {$(
        $(#[$doc])*
        pub(crate) async fn $name(
            backend: &impl Begin,
            $($arg: $type),*
        ) -> Result<$output, StoreError> {
            let mut tx = backend.begin().await?;
            let done = $call(&mut *tx, $($arg),*).await?;
            tx.commit().await?;
            Ok(done)
        }
    )+};
}

in_its_own! {
    consumers() -> BTreeSet<Consumer> = outbox::consumers;
    subscribe(consumer: &Consumer) -> () = outbox::subscribe;
    unsubscribe(consumer: &Consumer) -> () = outbox::unsubscribe;
    claim(ask: &ClaimAsk) -> Vec<Envelope> = outbox::claim;
    settle(receipts: &[Receipt], lot: Lot) -> u32 = outbox::settle;
    parked(ask: &ParkedAsk) -> Page<Envelope> = outbox::parked;
}

/// What every store of this crate is to the service.
macro_rules! serve {
    ($store:ty, $name:literal) => {
        #[async_trait::async_trait]
        impl mentorship_core::store::Store for $store {
            async fn unit(
                &self,
            ) -> Result<
                Box<dyn mentorship_core::store::StoreUnit + '_>,
                mentorship_core::store::StoreError,
            > {
                Ok(Box::new($crate::store::Unit(self)))
            }

            fn outbox(&self) -> Option<&dyn mentorship_core::store::Outbox> {
                Some(self)
            }

            fn capabilities(&self) -> mentorship_core::store::Capabilities {
                mentorship_core::store::Capabilities::new($name).durable().with_outbox()
            }
        }

        const _: () = {
            use std::collections::BTreeSet;

            use mentorship_core::{
                base::time::Timestamp,
                store::{
                    ClaimAsk, Consumer, Envelope, Outbox, Page, ParkedAsk, Receipt, StoreError,
                },
            };
            use $crate::outbox::Lot;

            #[async_trait::async_trait]
            impl Outbox for $store {
                async fn consumers(&self) -> Result<BTreeSet<Consumer>, StoreError> {
                    $crate::store::consumers(self).await
                }

                async fn subscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
                    $crate::store::subscribe(self, consumer).await
                }

                async fn unsubscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
                    $crate::store::unsubscribe(self, consumer).await
                }

                async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError> {
                    $crate::store::claim(self, ask).await
                }

                async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    $crate::store::settle(self, receipts, Lot::Delivered).await
                }

                async fn postpone(
                    &self,
                    receipts: &[Receipt],
                    until: Timestamp,
                ) -> Result<u32, StoreError> {
                    $crate::store::settle(self, receipts, Lot::Later(until)).await
                }

                async fn release(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    $crate::store::settle(self, receipts, Lot::Untried).await
                }

                async fn park(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    $crate::store::settle(self, receipts, Lot::Parked).await
                }

                async fn parked(&self, ask: &ParkedAsk) -> Result<Page<Envelope>, StoreError> {
                    $crate::store::parked(self, ask).await
                }

                async fn unpark(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    $crate::store::settle(self, receipts, Lot::Again).await
                }
            }
        };
    };
}
pub(crate) use serve;
