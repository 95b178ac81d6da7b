//! A store over any of the databases: what a unit and an outbox do with a session.

use std::{collections::BTreeSet, fmt};

use async_trait::async_trait;
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::CommandId,
    },
    change::{Applied, ChangeSet, CommandRecord},
    statistics::Tally,
    store::{
        CaseAsk, EnrollmentAsk, FilingAsk, ListAsk, Listed, Page, PairAsk, PersonAsk, ProgramAsk,
        ProposalAsk, RelationAsk, RenameAsk, RunAsk, StoreError, StoreErrorKind, StoreUnit,
        TallyAsk,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView, RunView,
    },
};

use crate::{
    apply,
    session::{Session, Transaction},
    views::Views,
};

/// What a unit works on: a database, or a transaction that its host has lent.
#[async_trait]
pub(crate) trait Backend: fmt::Debug + Send + Sync {
    /// A connection that reads.
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError>;

    /// Applies a change set whole or not at all. A command that was carried out before is a conflict.
    async fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError>;
}

/// Where transactions of one's own come from.
#[async_trait]
pub(crate) trait Begin: Send + Sync {
    /// Begins one.
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError>;
}

/// How often a change set that breaks a constraint is tried on a cluster. Of 17,000 change sets that raced across
/// three nodes 23 broke one at the first try and one at the second.
const TRIES_ON_A_CLUSTER: u32 = 5;

/// Applies a change set in a transaction of its own.
///
/// While another node of a cluster takes the locks of a transaction away, a statement of it may still meet what
/// that node has written, and break a constraint that the change set would not have come to: its guards do not
/// hold any more. So what breaks a constraint there is tried again, which finds that out.
pub(crate) async fn apply_alone(
    database: &impl Begin,
    changes: &ChangeSet,
) -> Result<(), StoreError> {
    let mut tries = TRIES_ON_A_CLUSTER;
    loop {
        let mut tx = database.begin().await?;
        let error = match apply::apply(&mut *tx, changes).await {
            Ok(()) => return tx.commit().await,
            Err(error) => error,
        };
        let again = error.kind() == StoreErrorKind::Integrity && tx.holds_by_writing();
        // If even this fails (a full disk has rolled back by itself) the connection is closed.
        drop(tx.rollback().await);
        tries -= 1;
        if !again || tries == 0 {
            return Err(error);
        }
    }
}

/// Whether a change set may have failed because its command was carried out before: its effect is in its
/// own way.
fn may_be_repeated(error: &StoreError) -> bool {
    matches!(error.kind(), StoreErrorKind::Conflict | StoreErrorKind::Integrity)
}

/// A unit that takes a connection for each call and holds none between calls.
pub(crate) struct Unit<'s, B>(pub(crate) &'s B);

/// Runs one read of the shared views over a reading connection.
macro_rules! read {
    ($unit:expr, $tenant:expr, $method:ident, $ask:expr) => {{
        let mut reading = $unit.0.reading().await?;
        Views::new(&mut *reading, $tenant).$method($ask).await
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

    async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        let Some(first) = asks.first() else { return Ok(Vec::new()) };
        read!(self, &first.tenant, enrollment_views, asks)
    }

    async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        let Some(first) = asks.first() else { return Ok(Vec::new()) };
        read!(self, &first.tenant, proposal_views, asks)
    }

    async fn pair_views(&mut self, asks: &[PairAsk]) -> Result<Vec<Option<PairView>>, StoreError> {
        let Some(first) = asks.first() else { return Ok(Vec::new()) };
        read!(self, &first.tenant, pair_views, asks)
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        read!(self, &ask.tenant, pair_view, ask)
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        read!(self, &ask.tenant, relation_view, ask)
    }

    async fn relation_views(
        &mut self,
        asks: &[RelationAsk],
    ) -> Result<Vec<RelationView>, StoreError> {
        let Some(first) = asks.first() else { return Ok(Vec::new()) };
        read!(self, &first.tenant, relation_views, asks)
    }

    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        read!(self, &ask.tenant, filing_view, ask)
    }

    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        read!(self, &ask.tenant, case_view, ask)
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        read!(self, &ask.tenant, person_view, ask)
    }

    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        read!(self, &ask.tenant, rename_view, ask)
    }

    async fn run_view(&mut self, ask: &RunAsk) -> Result<Option<RunView>, StoreError> {
        read!(self, &ask.tenant, run_view, ask)
    }

    async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError> {
        read!(self, &ask.tenant, tally, ask)
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

    async fn commands(
        &mut self,
        tenant: &TenantId,
        ids: &[CommandId],
    ) -> Result<Vec<Option<CommandRecord>>, StoreError> {
        read!(self, tenant, commands, ids)
    }

    async fn apply(&mut self, changes: ChangeSet) -> Result<Applied, StoreError> {
        let error = match self.0.apply(&changes).await {
            Ok(()) => return Ok(Applied::Stored),
            Err(error) => error,
        };
        let ids: Vec<CommandId> = changes.commands.iter().map(|it| it.id).collect();
        if ids.is_empty() || !may_be_repeated(&error) {
            return Err(error);
        }
        let known = self.commands(&changes.tenant, &ids).await?;
        known.into_iter().flatten().next().map_or(Err(error), |it| Ok(Applied::Repeated(it)))
    }
}

/// Writes to the outbox in a transaction of its own.
macro_rules! alone {
    ($store:expr, $act:path $(, $arg:expr)*) => {{
        let mut tx = $crate::store::Begin::begin($store).await?;
        let done = $act(&mut *tx $(, $arg)*).await?;
        tx.commit().await?;
        Ok(done)
    }};
}
pub(crate) use alone;

/// What every store of this crate is to the service.
macro_rules! serve {
    ($store:ty, $name:literal) => {
        const _: () = {
            use std::collections::BTreeSet;

            use mentorship_core::{
                base::time::Timestamp,
                store::{
                    Capabilities, ClaimAsk, Consumer, Envelope, Outbox, Page, ParkedAsk, Receipt,
                    Store, StoreError, StoreUnit,
                },
            };
            use $crate::{
                outbox::{self, Lot},
                store::{Backend as _, Unit, alone},
            };

            #[async_trait::async_trait]
            impl Store for $store {
                async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError> {
                    Ok(Box::new(Unit(self)))
                }

                fn outbox(&self) -> Option<&dyn Outbox> {
                    Some(self)
                }

                fn capabilities(&self) -> Capabilities {
                    Capabilities::new($name).durable().with_outbox()
                }
            }

            #[async_trait::async_trait]
            impl Outbox for $store {
                async fn consumers(&self) -> Result<BTreeSet<Consumer>, StoreError> {
                    outbox::consumers(&mut *self.reading().await?).await
                }

                async fn subscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
                    alone!(self, outbox::subscribe, consumer)
                }

                async fn unsubscribe(&self, consumer: &Consumer) -> Result<(), StoreError> {
                    alone!(self, outbox::unsubscribe, consumer)
                }

                async fn claim(&self, ask: &ClaimAsk) -> Result<Vec<Envelope>, StoreError> {
                    alone!(self, outbox::claim, ask)
                }

                async fn acknowledge(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    alone!(self, outbox::settle, receipts, Lot::Delivered)
                }

                async fn postpone(
                    &self,
                    receipts: &[Receipt],
                    until: Timestamp,
                ) -> Result<u32, StoreError> {
                    alone!(self, outbox::settle, receipts, Lot::Later(until))
                }

                async fn release(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    alone!(self, outbox::settle, receipts, Lot::Untried)
                }

                async fn park(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    alone!(self, outbox::settle, receipts, Lot::Parked)
                }

                async fn parked(&self, ask: &ParkedAsk) -> Result<Page<Envelope>, StoreError> {
                    outbox::parked(&mut *self.reading().await?, ask).await
                }

                async fn unpark(&self, receipts: &[Receipt]) -> Result<u32, StoreError> {
                    alone!(self, outbox::settle, receipts, Lot::Again)
                }
            }
        };
    };
}
pub(crate) use serve;
