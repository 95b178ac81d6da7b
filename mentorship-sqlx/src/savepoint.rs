//! Savepoints in a host's transaction on a server, as the driver keeps them.
//!
//! The driver undoes a savepoint that is dropped before its end by a statement that it sends before the
//! connection's next one. Two of its own ways would hurt the host's transaction and are gone around:
//! a savepoint that is dropped while it is being made undoes the whole transaction instead, and one that
//! is dropped while it is being released undoes what is no longer there, which `PostgreSQL` answers by
//! giving the transaction up.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use async_trait::async_trait;
use mentorship_core::{change::ChangeSet, store::StoreError};
use sqlx::{AssertSqlSafe, Connection as _, Transaction};
use sqlx_core::transaction::TransactionManager as _;

use crate::{
    join::{Lend, apply_marked},
    server::Server,
    statement::Texts,
};

/// A future that is forgotten instead of dropped if it is given up half-way.
struct Forgotten<F>(Option<Pin<Box<F>>>);

impl<F: Future> Future for Forgotten<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let Some(future) = &mut self.0 else { return Poll::Pending };
        let done = future.as_mut().poll(context);
        if done.is_ready() {
            self.0 = None;
        }
        done
    }
}

impl<F> Drop for Forgotten<F> {
    fn drop(&mut self) {
        if let Some(future) = self.0.take() {
            // What it holds is a few borrows; the savepoint that it may have made harms nobody.
            std::mem::forget(future);
        }
    }
}

/// Keeps what was written under a savepoint. A second savepoint of the same name takes the first one's
/// place, so that undoing it, now or because this future is dropped, undoes nothing.
async fn keep<D: Server>(mut marked: Transaction<'_, D>, depth: usize) -> Result<(), sqlx::Error> {
    let name = format!("_sqlx_savepoint_{depth}");
    D::run(&mut marked, AssertSqlSafe(format!("SAVEPOINT {name}"))).await?;
    marked.rollback().await
}

#[async_trait]
impl<D: Server> Lend for D {
    async fn apply(
        tx: &mut Transaction<'_, D>,
        texts: &Texts,
        changes: &ChangeSet,
    ) -> Result<(), StoreError> {
        let failed = |error: sqlx::Error| D::store_error("savepoint", &error);
        let depth = D::TransactionManager::get_transaction_depth(tx);
        let marking = Forgotten(Some(Box::pin((**tx).begin())));
        let mut marked = marking.await.map_err(failed)?;
        let outcome = apply_marked::<D>(&mut marked, texts, changes).await;
        if outcome.is_ok() {
            keep::<D>(marked, depth).await.map_err(failed)?;
            // Fails if the driver's savepoint has another name than the one that took its place: then
            // nothing was kept.
            let release = format!("RELEASE SAVEPOINT _sqlx_savepoint_{depth}");
            let both = D::SAVEPOINTS_STACK.then(|| format!("{release}; {release}"));
            let release = both.unwrap_or(release);
            D::run(tx, AssertSqlSafe(release)).await.map_err(failed)?;
        } else if marked.rollback().await.is_err() {
            D::abandon(tx).await;
        }
        outcome
    }
}
