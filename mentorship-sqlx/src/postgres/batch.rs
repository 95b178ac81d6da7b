//! How batches run on `PostgreSQL`.
//!
//! The statements of a batch go in one round trip: those that read as the columns of one row, each with
//! its rows as JSON; those that write as the parts of one `WITH`. Both are made of this crate's own
//! texts; every value stays an argument.

use std::fmt::Write as _;

use async_trait::async_trait;
use mentorship_core::store::StoreError;
use sqlx::{AssertSqlSafe, PgConnection, Postgres, Row as _, postgres::PgArguments};

use super::{
    bind::{bind, row, rows},
    fault::{self, store_error},
};
use crate::{
    dialect::Dialect,
    server::Server,
    session::{Asked, Batch, Fetched, RunBatch},
    statement::Texts,
    value::{Row, corrupt},
};

/// Most statements in one round trip, so that no text grows without bound.
const TRIP: usize = 32;

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

/// A statement that stays prepared for its connection, unless that may be another one by the next time.
fn query(
    texts: &Texts,
    sql: String,
    bound: PgArguments,
) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    sqlx::query_with(AssertSqlSafe(sql), bound).persistent(!texts.are_pooled())
}

#[async_trait]
impl RunBatch for Postgres {
    async fn read(
        connection: &mut PgConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Fetched, StoreError> {
        let mut all = Vec::with_capacity(batch.asked().len());
        for asked in batch.asked().chunks(TRIP) {
            if let [_] = asked {
                let (sql, bound) = joined(texts, asked, |_, _| {}, "")?;
                let found = query(texts, sql, bound).fetch_all(&mut *connection);
                let found = found.await.map_err(|error| store_error("read", &error))?;
                all.push(found.iter().map(row).collect::<Result<_, _>>()?);
                continue;
            }
            let open = |place: usize, sql: &mut String| {
                sql.push_str(if place == 0 { "SELECT " } else { ", " });
                sql.push_str("(SELECT json_agg(q) FROM (");
            };
            let (sql, bound) = joined(texts, asked, open, ") q)::text")?;
            let found = query(texts, sql, bound).fetch_one(&mut *connection);
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
                let done = query(texts, sql, bound).execute(&mut *connection);
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
            let done = query(texts, sql, bound).fetch_one(&mut *connection);
            let done = done.await.map_err(|error| store_error("write", &error))?;
            for place in 0..asked.len() {
                let rows: i64 = done.try_get(place).map_err(|_| corrupt("count"))?;
                written.push(u64::try_from(rows).unwrap_or(0));
            }
        }
        Ok(written)
    }
}

#[async_trait]
impl Server for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    /// A lock that is not given within some seconds fails the attempt, and a connection that its owner
    /// forgot gives its locks back.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
        SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '30s'";

    const SAVEPOINTS_STACK: bool = true;

    async fn run(
        connection: &mut PgConnection,
        sql: AssertSqlSafe<String>,
    ) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
    }

    async fn rows(
        connection: &mut PgConnection,
        operation: &'static str,
        sql: AssertSqlSafe<String>,
    ) -> Result<Vec<Row>, StoreError> {
        // Nothing is prepared for what is asked once, and so nothing is left with a pooler.
        let found = sqlx::raw_sql(sql).fetch_all(connection).await;
        let found = found.map_err(|error| fault::store_error(operation, &error))?;
        found.iter().map(row).collect()
    }

    fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
        fault::store_error(operation, error)
    }

    fn commit_error(error: &sqlx::Error) -> StoreError {
        fault::commit_error(error)
    }

    /// Nothing has to be done: such a transaction takes no statement any more.
    async fn abandon(_connection: &mut PgConnection) {}
}
