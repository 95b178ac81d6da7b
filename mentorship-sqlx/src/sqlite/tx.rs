//! One connection that reads, and one transaction that survives being dropped at any await.

use std::sync::Arc;

use async_trait::async_trait;
use futures_util::StreamExt as _;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, Column, Either, Executor as _, Row as _, Sqlite, SqliteConnection, SqlitePool,
    TypeInfo, ValueRef,
    pool::PoolConnection,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::fault::{commit_error, store_error};
use crate::{
    documents::Documents,
    session::{Asked, Batch, Fetched, Session, Transaction},
    statement::Texts,
    text::Text,
    value::{Row, Value, corrupt},
};

/// Most statements in one round trip, so that no text and no prepared statement grows without bound.
const TRIP: usize = 48;

/// The texts of some statements as one, and all their arguments: `SQLite` runs them one after the other
/// in one round trip to its thread.
fn joined(
    texts: &Texts,
    asked: &[Asked],
    around: Around,
) -> Result<(Arc<str>, SqliteArguments), StoreError> {
    use sqlx::Arguments as _;
    let mut bound = SqliteArguments::default();
    let all: Vec<Text> = asked.iter().map(|(sql, _)| texts.get(*sql)).collect();
    for value in all.iter().zip(asked).flat_map(|(text, (_, args))| text.ordered(args)) {
        let added = match value {
            Value::Null => bound.add(None::<i64>),
            Value::Int(number) => bound.add(*number),
            Value::Text(text) => bound.add(text.clone()),
            Value::Id(id) => bound.add(id.to_string()),
        };
        added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))?;
    }
    if let ((None, None), [only]) = (around, &*all) {
        return Ok((only.sql.clone(), bound));
    }
    let (before, after) = around;
    let mut text = String::new();
    for one in before.into_iter().chain(all.iter().map(|text| &*text.sql)).chain(after) {
        if !text.is_empty() {
            text.push_str(";\n");
        }
        text.push_str(one);
    }
    Ok((Arc::from(text), bound))
}

fn row(found: &SqliteRow) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(found.len());
    for column in found.columns() {
        let at = column.ordinal();
        let raw = found.try_get_raw(at).map_err(|error| store_error("read", &error))?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "INTEGER" | "BOOLEAN" => {
                    Value::Int(found.try_get_unchecked(at).map_err(|_| corrupt("integer"))?)
                }
                "TEXT" => Value::Text(found.try_get_unchecked(at).map_err(|_| corrupt("text"))?),
                _ => return Err(corrupt("a value of an unexpected type")),
            }
        };
        values.push(value);
    }
    Ok(values)
}

/// What comes before the first and after the last statement of a batch.
pub(super) type Around = (Option<&'static str>, Option<&'static str>);

/// Runs a batch: the rows of each statement, and how many rows each wrote.
pub(super) async fn run_all(
    connection: &mut SqliteConnection,
    texts: &Texts,
    batch: &Batch,
    around: Around,
    operation: &'static str,
) -> Result<(Vec<Vec<Row>>, Vec<u64>), StoreError> {
    let (mut all, mut written) = (Vec::new(), Vec::new());
    let (mut before, after) = around;
    let mut trips: Vec<&[Asked]> = batch.asked().chunks(TRIP).collect();
    if trips.is_empty() && around != (None, None) {
        trips.push(&[]);
    }
    let last = trips.len();
    for (trip, asked) in (1..).zip(trips) {
        let after = if trip == last { after } else { None };
        let (text, bound) = joined(texts, asked, (before.take(), after))?;
        let mut results = connection.fetch_many(sqlx::query_with(AssertSqlSafe(text), bound));
        let mut rows = Vec::new();
        while let Some(result) = results.next().await {
            let failed = |error| match after {
                Some(_) => commit_error(operation, &error),
                None => store_error(operation, &error),
            };
            match result.map_err(failed)? {
                Either::Right(found) => rows.push(row(&found)?),
                // The end of one statement.
                Either::Left(done) => {
                    all.push(std::mem::take(&mut rows));
                    written.push(done.rows_affected());
                }
            }
        }
    }
    Ok((all, written))
}

/// A connection that reads.
pub(super) struct Reading<'a> {
    pub(super) connection: PoolConnection<Sqlite>,
    pub(super) texts: &'a Texts,
    pub(super) documents: &'a Documents,
}

#[async_trait]
impl Session for Reading<'_> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        let (rows, _) =
            run_all(&mut self.connection, self.texts, &batch, (None, None), "read").await?;
        Ok(Fetched(rows))
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

/// A transaction that holds the write lock. If it is dropped before its end, also in the middle of a
/// statement, its connection is closed instead of going back to the pool, which undoes it: a dropped
/// future never leaves an open transaction to whoever gets the connection next.
pub(super) struct GuardedTx<'a> {
    connection: Option<PoolConnection<Sqlite>>,
    texts: &'a Texts,
    /// The lock is taken with the first statements, in the same round trip.
    begun: bool,
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
        pool: &SqlitePool,
        texts: &'a Texts,
    ) -> Result<GuardedTx<'a>, StoreError> {
        let connection = pool.acquire().await.map_err(|error| store_error("begin", &error))?;
        Ok(Self { connection: Some(connection), texts, begun: false })
    }

    fn connection(&mut self) -> Result<&mut SqliteConnection, StoreError> {
        self.connection.as_deref_mut().ok_or_else(|| StoreError::new(StoreErrorKind::Other, "tx"))
    }

    async fn run(&mut self, sql: &'static str, operation: &'static str) -> Result<(), StoreError> {
        sqlx::query(sql)
            .execute(self.connection()?)
            .await
            .map(|_| ())
            .map_err(|error| store_error(operation, &error))
    }

    async fn batch(
        &mut self,
        batch: &Batch,
        last: Option<&'static str>,
        operation: &'static str,
    ) -> Result<(Vec<Vec<Row>>, Vec<u64>), StoreError> {
        let begin = (!self.begun).then_some("BEGIN IMMEDIATE");
        self.begun = true;
        let texts = self.texts;
        let around = (begin, last);
        let (mut rows, mut written) =
            run_all(self.connection()?, texts, batch, around, operation).await?;
        if begin.is_some() && !rows.is_empty() {
            rows.remove(0);
            written.remove(0);
        }
        Ok((rows, written))
    }
}

#[async_trait]
impl Session for GuardedTx<'_> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        let (rows, _) = self.batch(&batch, None, "read").await?;
        Ok(Fetched(rows))
    }

    async fn execute_all(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        let (_, written) = self.batch(&batch, None, "write").await?;
        Ok(written)
    }

    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.batch(&batch, Some("COMMIT"), "write").await?;
        // From here on the connection is clean and goes back.
        drop(self.connection.take());
        Ok(())
    }

    fn locks_rows(&self) -> bool {
        self.texts.dialect().locks_rows()
    }
}

#[async_trait]
impl Transaction for GuardedTx<'_> {
    /// If it fails, the connection is closed.
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.connection.is_none() {
            return Ok(());
        }
        if !self.begun {
            // Nothing was asked of it.
            drop(self.connection.take());
            return Ok(());
        }
        let done = sqlx::query("COMMIT").execute(self.connection()?).await;
        done.map_err(|error| commit_error("commit", &error))?;
        // From here on the connection is clean.
        drop(self.connection.take());
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.begun {
            self.run("ROLLBACK", "rollback").await?;
        }
        drop(self.connection.take());
        Ok(())
    }
}
