//! Commands inside a transaction of the host's: each under a savepoint, never committed here.

use std::fmt;

use async_trait::async_trait;
use futures_util::lock::{Mutex, MutexGuard};
use mentorship_core::{
    change::ChangeSet,
    store::{Capabilities, Outbox, Store, StoreError, StoreErrorKind, StoreUnit},
};
use sqlx::{Database, Transaction};

use crate::{
    apply,
    session::{Batch, Fetched, RunBatch, Session, check_written},
    statement::Texts,
    store::{Backend, Unit},
};

/// A database whose transactions a host can lend.
#[async_trait]
pub(crate) trait Lend: RunBatch {
    /// Applies a change set under a savepoint: whole, or the transaction is as it was before, also if
    /// the future is dropped at any await.
    async fn apply(
        tx: &mut Transaction<'_, Self>,
        texts: &Texts,
        changes: &ChangeSet,
    ) -> Result<(), StoreError>;
}

/// A store that lives in a transaction of the host's.
pub(crate) struct Joined<'t, 'c, D: Database> {
    name: &'static str,
    texts: &'t Texts,
    /// One call after the other, on the one connection that there is.
    tx: Mutex<&'t mut Transaction<'c, D>>,
}

impl<'t, 'c, D: Database> Joined<'t, 'c, D> {
    pub(crate) fn new(
        name: &'static str,
        texts: &'t Texts,
        tx: &'t mut Transaction<'c, D>,
    ) -> Self {
        Self { name, texts, tx: Mutex::new(tx) }
    }
}

impl<D: Database> fmt::Debug for Joined<'_, '_, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Joined").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl<D: Lend> Store for Joined<'_, '_, D> {
    async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError> {
        Ok(Box::new(Unit(self)))
    }

    /// Messages are claimed from the store itself, once the host has committed.
    fn outbox(&self) -> Option<&dyn Outbox> {
        None
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new(self.name)
    }
}

#[async_trait]
impl<D: Lend> Backend for Joined<'_, '_, D> {
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError> {
        Ok(Box::new(Turn { tx: self.tx.lock().await, texts: self.texts }))
    }

    async fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut tx = self.tx.lock().await;
        D::apply(&mut tx, self.texts, changes).await
    }
}

/// The host's connection while a batch of ours runs on it.
struct Running<'a, D: RunBatch> {
    connection: &'a mut D::Connection,
    over: bool,
}

impl<'a, D: RunBatch> Running<'a, D> {
    fn on(connection: &'a mut D::Connection) -> Self {
        Self { connection, over: false }
    }

    async fn read(mut self, texts: &Texts, batch: &Batch) -> Result<Fetched, StoreError> {
        let found = D::read(self.connection, texts, batch).await;
        self.over = true;
        found
    }

    async fn write(mut self, texts: &Texts, batch: &Batch) -> Result<Vec<u64>, StoreError> {
        let written = D::write(self.connection, texts, batch).await;
        self.over = true;
        written
    }
}

impl<D: RunBatch> Drop for Running<'_, D> {
    fn drop(&mut self) {
        if !self.over {
            D::cut(self.connection);
        }
    }
}

/// The host's transaction for one call that reads.
struct Turn<'a, 't, 'c, D: Database> {
    tx: MutexGuard<'a, &'t mut Transaction<'c, D>>,
    texts: &'a Texts,
}

#[async_trait]
impl<D: Lend> Session for Turn<'_, '_, '_, D> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        Running::<D>::on(&mut self.tx).read(self.texts, &batch).await
    }

    async fn execute_all(&mut self, _batch: Batch) -> Result<Vec<u64>, StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "execute"))
    }

    async fn finish(&mut self, _batch: Batch) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "execute"))
    }

    fn locks_rows(&self) -> bool {
        self.texts.dialect().locks_rows()
    }
}

/// The host's connection while a change set is applied under a savepoint.
struct Marked<'a, D: Database> {
    connection: &'a mut D::Connection,
    texts: &'a Texts,
}

#[async_trait]
impl<D: Lend> Session for Marked<'_, D> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        Running::<D>::on(self.connection).read(self.texts, &batch).await
    }

    async fn execute_all(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        Running::<D>::on(self.connection).write(self.texts, &batch).await
    }

    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError> {
        let written = Running::<D>::on(self.connection).write(self.texts, &batch).await?;
        check_written(&batch, &written)
    }

    fn locks_rows(&self) -> bool {
        self.texts.dialect().locks_rows()
    }

    fn holds_by_writing(&self) -> bool {
        self.texts.spans_nodes()
    }
}

/// Applies on a connection whose state the caller has marked by a savepoint.
pub(crate) async fn apply_marked<D: Lend>(
    connection: &mut D::Connection,
    texts: &Texts,
    changes: &ChangeSet,
) -> Result<(), StoreError> {
    apply::apply(&mut Marked::<D> { connection, texts }, changes).await
}
