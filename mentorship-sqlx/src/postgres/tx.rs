//! One connection that reads, and one transaction that survives being dropped at any await.
//!
//! The statements of a batch go in one round trip: those that read as the columns of one row, each with
//! its rows as JSON; those that write as the parts of one `WITH`. Both are made of this crate's own
//! texts; every value stays an argument.

use std::fmt::Write as _;

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, PgConnection, PgPool, Postgres, Row as _, pool::PoolConnection,
    postgres::PgArguments,
};

use super::{
    bind::{bind, row, rows},
    fault::{commit_error, store_error},
};
use crate::{
    documents::Documents,
    session::{Asked, Batch, Fetched, Session, Transaction, check_written},
    statement::Texts,
    value::corrupt,
};

/// Most statements in one round trip, so that no text grows without bound.
const TRIP: usize = 32;

/// Transactions run at READ COMMITTED, whatever the database's default: the guards are what holds. A lock
/// that is not given within some seconds fails the attempt, and a connection that its owner forgot gives
/// its locks back.
const BEGIN: &str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
    SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '30s'";

/// Statements as one text, each between `open` and `close`, with all their arguments.
fn joined(
    texts: &Texts,
    asked: &[Asked],
    mut open: impl FnMut(usize, &mut String),
    close: &str,
) -> Result<(String, PgArguments), StoreError> {
    let (mut sql, mut bound, mut count) = (String::new(), PgArguments::default(), 0);
    for (place, (statement, args)) in asked.iter().enumerate() {
        open(place, &mut sql);
        texts.get(*statement).numbered(count, &mut sql);
        sql.push_str(close);
        bind(&mut bound, args)?;
        count += args.len();
    }
    Ok((sql, bound))
}

async fn read(
    connection: &mut PgConnection,
    texts: &Texts,
    batch: &Batch,
) -> Result<Fetched, StoreError> {
    let mut all = Vec::with_capacity(batch.asked().len());
    for asked in batch.asked().chunks(TRIP) {
        if let [_] = asked {
            let (sql, bound) = joined(texts, asked, |_, _| {}, "")?;
            let found = sqlx::query_with(AssertSqlSafe(sql), bound).fetch_all(&mut *connection);
            let found = found.await.map_err(|error| store_error("read", &error))?;
            all.push(found.iter().map(row).collect::<Result<_, _>>()?);
            continue;
        }
        let open = |place: usize, sql: &mut String| {
            sql.push_str(if place == 0 { "SELECT " } else { ", " });
            sql.push_str("(SELECT json_agg(q) FROM (");
        };
        let (sql, bound) = joined(texts, asked, open, ") q)::text")?;
        let found = sqlx::query_with(AssertSqlSafe(sql), bound).fetch_one(&mut *connection);
        let found = found.await.map_err(|error| store_error("read", &error))?;
        for place in 0..asked.len() {
            let json: Option<&str> = found.try_get(place).map_err(|_| corrupt("rows"))?;
            all.push(rows(json)?);
        }
    }
    Ok(Fetched(all))
}

async fn write(
    connection: &mut PgConnection,
    texts: &Texts,
    batch: &Batch,
) -> Result<Vec<u64>, StoreError> {
    let mut written = Vec::with_capacity(batch.asked().len());
    for asked in batch.parts().flat_map(|part| part.chunks(TRIP)) {
        if let [_] = asked {
            let (sql, bound) = joined(texts, asked, |_, _| {}, "")?;
            let done = sqlx::query_with(AssertSqlSafe(sql), bound).execute(&mut *connection);
            let done = done.await.map_err(|error| store_error("write", &error))?;
            written.push(done.rows_affected());
            continue;
        }
        let open = |place: usize, sql: &mut String| {
            sql.push_str(if place == 0 { "WITH " } else { ", " });
            let _ = write!(sql, "w{place} AS (");
        };
        let (mut sql, bound) = joined(texts, asked, open, " RETURNING 1)")?;
        for place in 0..asked.len() {
            sql.push_str(if place == 0 { " SELECT " } else { ", " });
            let _ = write!(sql, "(SELECT COUNT(*) FROM w{place})");
        }
        let done = sqlx::query_with(AssertSqlSafe(sql), bound).fetch_one(&mut *connection);
        let done = done.await.map_err(|error| store_error("write", &error))?;
        for place in 0..asked.len() {
            let rows: i64 = done.try_get(place).map_err(|_| corrupt("count"))?;
            written.push(u64::try_from(rows).unwrap_or(0));
        }
    }
    Ok(written)
}

/// A connection that reads.
pub(super) struct Reading<'a> {
    pub(super) connection: PoolConnection<Postgres>,
    pub(super) texts: &'a Texts,
    pub(super) documents: &'a Documents,
}

#[async_trait]
impl Session for Reading<'_> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        read(&mut self.connection, self.texts, &batch).await
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

    fn documents(&self) -> Option<&Documents> {
        Some(self.documents)
    }
}

/// A transaction. If it is dropped before its end, also in the middle of a statement, its connection is
/// closed instead of going back to the pool, which undoes it: the driver alone would hand an open
/// transaction to whoever gets the connection next.
pub(super) struct GuardedTx<'a> {
    connection: Option<PoolConnection<Postgres>>,
    texts: &'a Texts,
}

impl Drop for GuardedTx<'_> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

impl<'a> GuardedTx<'a> {
    pub(super) async fn begin(
        pool: &PgPool,
        texts: &'a Texts,
    ) -> Result<GuardedTx<'a>, StoreError> {
        let connection = pool.acquire().await.map_err(|error| store_error("begin", &error))?;
        let mut tx = Self { connection: Some(connection), texts };
        let begun = sqlx::raw_sql(BEGIN).execute(tx.connection()?).await;
        begun.map_err(|error| store_error("begin", &error))?;
        Ok(tx)
    }

    fn connection(&mut self) -> Result<&mut PgConnection, StoreError> {
        self.connection.as_deref_mut().ok_or_else(|| StoreError::new(StoreErrorKind::Other, "tx"))
    }
}

#[async_trait]
impl Session for GuardedTx<'_> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        let texts = self.texts;
        read(self.connection()?, texts, &batch).await
    }

    async fn execute_all(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        let texts = self.texts;
        write(self.connection()?, texts, &batch).await
    }

    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError> {
        let texts = self.texts;
        let written = write(self.connection()?, texts, &batch).await?;
        check_written(&batch, &written)
    }

    fn locks_rows(&self) -> bool {
        self.texts.dialect().locks_rows()
    }
}

#[async_trait]
impl Transaction for GuardedTx<'_> {
    /// The server answers a COMMIT of a failed transaction like any other; that it never comes to that is
    /// the caller's: after an error it rolls back.
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let done = sqlx::raw_sql("COMMIT").execute(self.connection()?).await;
        done.map_err(|error| commit_error(&error))?;
        // From here on the connection is clean and goes back.
        drop(self.connection.take());
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        let done = sqlx::raw_sql("ROLLBACK").execute(self.connection()?).await;
        done.map_err(|error| store_error("rollback", &error))?;
        drop(self.connection.take());
        Ok(())
    }
}
