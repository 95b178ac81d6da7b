//! One connection that reads, and one transaction that survives being dropped at any await.

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, Column, Row as _, Sqlite, SqliteConnection, SqlitePool, TypeInfo, ValueRef,
    pool::PoolConnection,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::fault::store_error;
use crate::{
    documents::Documents,
    session::Session,
    statement::{Statement, Texts},
    value::{Row, Value, corrupt},
};

fn arguments(args: &[Value]) -> Result<SqliteArguments, StoreError> {
    use sqlx::Arguments as _;
    let mut bound = SqliteArguments::default();
    for value in args {
        let added = match value {
            Value::Null => bound.add(None::<i64>),
            Value::Int(number) => bound.add(*number),
            Value::Text(text) => bound.add(text.clone()),
        };
        added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))?;
    }
    Ok(bound)
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

async fn fetch(
    connection: &mut SqliteConnection,
    texts: &Texts,
    sql: Statement,
    args: &[Value],
) -> Result<Vec<Row>, StoreError> {
    let query = sqlx::query_with(AssertSqlSafe(texts.get(sql)), arguments(args)?);
    let rows = query.fetch_all(connection).await.map_err(|error| store_error("read", &error))?;
    rows.iter().map(row).collect()
}

/// A connection that reads.
pub(super) struct Reading<'a> {
    pub(super) connection: PoolConnection<Sqlite>,
    pub(super) texts: &'a Texts,
    pub(super) documents: &'a Documents,
}

#[async_trait]
impl Session for Reading<'_> {
    async fn fetch(&mut self, sql: Statement, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        fetch(&mut self.connection, self.texts, sql, args).await
    }

    fn documents(&self) -> Option<&Documents> {
        Some(self.documents)
    }

    async fn execute(&mut self, _sql: Statement, _args: &[Value]) -> Result<u64, StoreError> {
        Err(StoreError::new(StoreErrorKind::ReadOnly, "execute"))
    }
}

/// A transaction that holds the write lock. If it is dropped before its end, also in the middle of a
/// statement, its connection is closed instead of going back to the pool, which undoes it: a dropped
/// future never leaves an open transaction to whoever gets the connection next.
pub(super) struct GuardedTx<'a> {
    connection: Option<PoolConnection<Sqlite>>,
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
        pool: &SqlitePool,
        texts: &'a Texts,
    ) -> Result<GuardedTx<'a>, StoreError> {
        let connection = pool.acquire().await.map_err(|error| store_error("begin", &error))?;
        let mut tx = Self { connection: Some(connection), texts };
        tx.run("BEGIN IMMEDIATE", "begin").await?;
        Ok(tx)
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

    /// Commits. If that fails, nothing is stored: the connection is closed.
    pub(super) async fn commit(mut self) -> Result<(), StoreError> {
        self.run("COMMIT", "commit").await?;
        // From here on the connection is clean.
        drop(self.connection.take());
        Ok(())
    }

    pub(super) async fn rollback(mut self) -> Result<(), StoreError> {
        self.run("ROLLBACK", "rollback").await?;
        drop(self.connection.take());
        Ok(())
    }
}

#[async_trait]
impl Session for GuardedTx<'_> {
    async fn fetch(&mut self, sql: Statement, args: &[Value]) -> Result<Vec<Row>, StoreError> {
        let texts = self.texts;
        fetch(self.connection()?, texts, sql, args).await
    }

    async fn execute(&mut self, sql: Statement, args: &[Value]) -> Result<u64, StoreError> {
        let query = sqlx::query_with(AssertSqlSafe(self.texts.get(sql)), arguments(args)?);
        let done = query.execute(self.connection()?).await;
        done.map(|done| done.rows_affected()).map_err(|error| store_error("write", &error))
    }
}
