//! A savepoint in a host's transaction on `SQLite`.
//!
//! The driver's own would undo the whole transaction if it were dropped while it is being made. Statements
//! go to the connection's thread through a queue, so that ours can be undone by handing it more of them.

use std::task::{Context, Waker};

use async_trait::async_trait;
use mentorship_core::{change::ChangeSet, store::StoreError};
use sqlx::{Sqlite, SqliteConnection, Transaction};

use super::{fault::store_error, tx::run_all};
use crate::{
    join::{Lend, apply_marked},
    session::{Batch, Fetched, RunBatch},
    statement::Texts,
};

const MARK: &str = "SAVEPOINT mentorship_join";
const UNDO: &str = "ROLLBACK TO mentorship_join";
const RELEASE: &str = "RELEASE mentorship_join";

/// What was written since a savepoint: undone unless it is kept.
struct Marked<'a> {
    connection: &'a mut SqliteConnection,
    open: bool,
}

impl Marked<'_> {
    async fn run(&mut self, sql: &'static str) -> Result<(), StoreError> {
        let done = sqlx::raw_sql(sql).execute(&mut *self.connection).await;
        done.map(|_| ()).map_err(|error| store_error("savepoint", &error))
    }
}

impl Drop for Marked<'_> {
    fn drop(&mut self) {
        if self.open {
            for sql in [UNDO, RELEASE] {
                let undoing = std::pin::pin!(sqlx::raw_sql(sql).execute(&mut *self.connection));
                // The first look at it puts it into the queue, before whatever the host does next.
                drop(undoing.poll(&mut Context::from_waker(Waker::noop())));
            }
        }
    }
}

#[async_trait]
impl RunBatch for Sqlite {
    async fn read(
        connection: &mut SqliteConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Fetched, StoreError> {
        let (rows, _) = run_all(connection, texts, batch, (None, None), "read").await?;
        Ok(Fetched(rows))
    }

    async fn write(
        connection: &mut SqliteConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Vec<u64>, StoreError> {
        let (_, written) = run_all(connection, texts, batch, (None, None), "write").await?;
        Ok(written)
    }
}

#[async_trait]
impl Lend for Sqlite {
    async fn apply(
        tx: &mut Transaction<'_, Sqlite>,
        texts: &Texts,
        changes: &ChangeSet,
    ) -> Result<(), StoreError> {
        let mut marked = Marked { connection: tx, open: true };
        marked.run(MARK).await?;
        let outcome = apply_marked::<Sqlite>(marked.connection, texts, changes).await;
        // Some errors (a full disk) undo the whole transaction by themselves, so that no savepoint is left to
        // go back to: what is told is why.
        let undone = if outcome.is_err() { marked.run(UNDO).await } else { Ok(()) };
        marked.open = false;
        if undone.is_ok() {
            marked.run(RELEASE).await?;
        }
        outcome
    }
}
