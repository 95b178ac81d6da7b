//! Reading behind a pooler in transaction mode.
//!
//! The driver prepares a statement in one round trip and runs it in the next. Between transactions a
//! pooler may answer the second one on another connection, where the statement is not known, or where
//! somebody else's has the same name. So everything that has arguments runs inside a transaction, in which
//! the connection stays the same, under no name, so that nothing of it is left for whoever comes next.

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, PgPool, Postgres};

use super::fault::{forgets_statements, store_error};
use crate::{
    documents::Documents,
    server::Shared,
    session::{Batch, Fetched, Session, Transaction as _},
    verify::VerifyError,
};

/// Each statement of a batch sees what is committed by then, as on a connection without a transaction.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ ONLY; \
    SET LOCAL idle_in_transaction_session_timeout = '30s'";

/// Reads, each batch in a transaction of its own.
pub(super) struct Reading<'a>(pub(super) &'a Shared<Postgres>);

#[async_trait]
impl Session for Reading<'_> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        let mut tx = self.0.begin_with(BEGIN).await?;
        let found = tx.fetch_all(batch).await;
        let over = Box::new(tx).rollback().await;
        let found = found?;
        over.map(|()| found)
    }

    async fn execute_all(&mut self, _batch: Batch) -> Result<Vec<u64>, StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "execute"))
    }

    async fn finish(&mut self, _batch: Batch) -> Result<(), StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "execute"))
    }

    fn locks_rows(&self) -> bool {
        self.0.texts.dialect().locks_rows()
    }

    fn documents(&self) -> Option<&Documents> {
        Some(&self.0.documents)
    }
}

/// How many connections are tried: one after the other, a pooler gives them all the same one of its own
/// unless others are at work too.
const TRIED: u32 = 3;

/// Fails where a prepared statement meets one that another connection has left behind, or is lost: names
/// are the driver's, and begin anew with each connection.
pub(super) async fn require_statements(pool: &PgPool) -> Result<(), VerifyError> {
    for _ in 0..TRIED {
        let options = pool.connect_options();
        let opened = PgConnection::connect_with(&options).await;
        let mut connection = opened.map_err(|error| store_error("verify", &error))?;
        let sql = AssertSqlSafe("SELECT 1".to_owned());
        let asked = sqlx::query(sql).execute(&mut connection).await;
        drop(connection.close().await);
        match asked {
            Err(error) if forgets_statements(&error) => {
                return Err(VerifyError::Setting {
                    setting: "prepared statements",
                    found: "lost between transactions".to_owned(),
                    needed: "kept, or the store made by `behind_pooler`",
                });
            }
            asked => asked.map(drop).map_err(|error| store_error("verify", &error))?,
        }
    }
    Ok(())
}
