//! One connection that reads, and one transaction that survives being dropped at any await.

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, Column as _, MySql, MySqlConnection, MySqlPool, Row as _, TypeInfo as _,
    ValueRef as _,
    mysql::{MySqlArguments, MySqlRow},
    pool::PoolConnection,
};

use super::fault::{commit_error, is_duplicate, store_error};
use crate::{
    documents::Documents,
    session::{Asked, Batch, Fetched, Session, Transaction, check_written},
    statement::{Statement, Text, Texts},
    value::{Row, Value, corrupt},
};

/// Transactions run at READ COMMITTED, whatever the server's default: the guards are what holds.
const BEGIN: &str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

fn bind(text: &Text, args: &[Value]) -> Result<MySqlArguments, StoreError> {
    use sqlx::Arguments as _;
    let mut bound = MySqlArguments::default();
    for value in text.ordered(args) {
        let added = match value {
            // As text: a number beside a key would make the server compare both as numbers.
            Value::Null => bound.add(None::<&str>),
            Value::Int(number) => bound.add(*number),
            Value::Text(text) => bound.add(text.as_str()),
            Value::Id(id) => bound.add(*id),
        };
        added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))?;
    }
    Ok(bound)
}

fn row(found: &MySqlRow) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(found.len());
    for column in found.columns() {
        let at = column.ordinal();
        let raw = found.try_get_raw(at).map_err(|error| store_error("read", &error))?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "BIGINT" | "INT" | "MEDIUMINT" | "SMALLINT" | "TINYINT" | "BOOLEAN" => {
                    Value::Int(found.try_get_unchecked(at).map_err(|_| corrupt("integer"))?)
                }
                // The only columns of this type are ids; text is VARCHAR, VARBINARY or a kind of BLOB.
                "BINARY" => Value::Id(found.try_get_unchecked(at).map_err(|_| corrupt("id"))?),
                _ => Value::Text(found.try_get_unchecked(at).map_err(|_| corrupt("text"))?),
            }
        };
        values.push(value);
    }
    Ok(values)
}

async fn read(
    connection: &mut MySqlConnection,
    texts: &Texts,
    batch: &Batch,
) -> Result<Fetched, StoreError> {
    let mut all = Vec::with_capacity(batch.asked().len());
    for (statement, args) in batch.asked() {
        let text = texts.get(*statement);
        let bound = bind(&text, args)?;
        let found = sqlx::query_with(AssertSqlSafe(text.sql), bound).fetch_all(&mut *connection);
        let found = found.await.map_err(|error| store_error("read", &error))?;
        all.push(found.iter().map(row).collect::<Result<_, _>>()?);
    }
    Ok(Fetched(all))
}

async fn write_one(
    connection: &mut MySqlConnection,
    texts: &Texts,
    (statement, args): &Asked,
) -> Result<u64, StoreError> {
    let text = texts.get(*statement);
    let bound = bind(&text, args)?;
    match sqlx::query_with(AssertSqlSafe(text.sql), bound).execute(connection).await {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) if *statement == Statement::CommandPut && is_duplicate(&error) => Ok(0),
        Err(error) => Err(store_error("write", &error)),
    }
}

async fn write(
    connection: &mut MySqlConnection,
    texts: &Texts,
    batch: &Batch,
) -> Result<Vec<u64>, StoreError> {
    let mut written = Vec::with_capacity(batch.asked().len());
    for asked in batch.asked() {
        written.push(write_one(&mut *connection, texts, asked).await?);
    }
    Ok(written)
}

/// A connection that reads.
pub(super) struct Reading<'a> {
    pub(super) connection: PoolConnection<MySql>,
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
    connection: Option<PoolConnection<MySql>>,
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
        pool: &MySqlPool,
        texts: &'a Texts,
    ) -> Result<GuardedTx<'a>, StoreError> {
        let connection = pool.acquire().await.map_err(|error| store_error("begin", &error))?;
        let mut tx = Self { connection: Some(connection), texts };
        let begun = sqlx::raw_sql(BEGIN).execute(tx.connection()?).await;
        begun.map_err(|error| store_error("begin", &error))?;
        Ok(tx)
    }

    fn connection(&mut self) -> Result<&mut MySqlConnection, StoreError> {
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
