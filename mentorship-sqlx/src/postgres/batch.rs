//! How batches run on `PostgreSQL`.
//!
//! The statements of a batch go in one round trip: those that read as the columns of one row, each an array
//! of records; those that write as the parts of one `WITH`. Both are made of this crate's own texts; every
//! value stays an argument.

use std::fmt::Write as _;

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, PgConnection, Postgres, Row as _,
    postgres::{PgArguments, PgRow},
};

use super::{
    bind::{record, row},
    fault::{self, alone_error, store_error},
    sets::{MOVED, OTHERWISE, Written},
};
use crate::{
    dialect::Dialect,
    server::{Server, hold_in_turn},
    session::{Batch, Fetched, Held, RunBatch, Set, check_written, spread, unwritten},
    statement::{Connections, Statement, Texts},
    straight::{Footing, Outcome},
    value::{Row, corrupt},
};

/// Most statements in one round trip, so that no text grows without bound.
const TRIP: usize = 32;

/// Most rows of arguments of one statement that is read for each of them by itself. Where they come as
/// arrays the server plans anew each time, since it cannot know how many rows there will be: that pays for
/// many rows only.
const BY_THEMSELVES: usize = 3;

/// Sets of a few rows as sets of one.
fn few_by_themselves(set: Set<'_>) -> Vec<Set<'_>> {
    if set.rows.len() > BY_THEMSELVES {
        return vec![set];
    }
    set.rows.into_iter().map(|row| Set { sql: set.sql, rows: vec![row] }).collect()
}

/// Counts what each statement of a set wrote, by the numbers that came back.
fn count(done: &mut [u64], set: &Set<'_>, numbers: &[i64]) {
    let inserted = numbers.iter().all(|number| *number == 1);
    for (at, number) in numbers.iter().enumerate() {
        // Of an INSERT every number is 1: as many as came back did something.
        let at = if inserted { Some(at) } else { usize::try_from(number - 1).ok() };
        let at = at.map(|at| at.min(set.rows.len() - 1)).and_then(|at| set.rows.get(at));
        if let Some(rows) = at.and_then(|(place, _)| done.get_mut(*place)) {
            *rows += 1;
        }
    }
}

/// The rows that stand in one column.
fn records(found: &PgRow, column: usize) -> Result<Vec<Row>, StoreError> {
    let records: Vec<String> = found.try_get(column).map_err(|_| corrupt("rows"))?;
    records.iter().map(|it| record(it)).collect()
}

/// A statement that stays prepared for its connection, unless that may be another one by the next time.
fn query(
    texts: &Texts,
    sql: String,
    bound: PgArguments,
) -> sqlx::query::Query<'static, Postgres, PgArguments> {
    sqlx::query_with(AssertSqlSafe(sql), bound)
        .persistent(texts.connections() != Connections::Pooler)
}

#[async_trait]
impl RunBatch for Postgres {
    async fn read(
        connection: &mut PgConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Fetched, StoreError> {
        let mut all = vec![Vec::new(); batch.asked().len()];
        let sets: Vec<Set<'_>> = batch.parts().flatten().flat_map(few_by_themselves).collect();
        for trip in sets.chunks(TRIP) {
            let mut written = Written::default();
            if let [set] = trip {
                written.read(texts, set)?;
                let Written { sql, bound, .. } = written;
                let found = query(texts, sql, bound).fetch_all(&mut *connection);
                let found = found.await.map_err(|error| store_error("read", &error))?;
                let found = found.iter().map(row).collect::<Result<_, _>>()?;
                spread(&mut all, &set.rows, found)?;
                continue;
            }
            for (place, set) in trip.iter().enumerate() {
                written.sql.push_str(if place == 0 { "SELECT " } else { ", " });
                written.records(texts, set)?;
            }
            let Written { sql, bound, .. } = written;
            let found = query(texts, sql, bound).fetch_one(&mut *connection);
            let found = found.await.map_err(|error| store_error("read", &error))?;
            for (place, set) in trip.iter().enumerate() {
                spread(&mut all, &set.rows, records(&found, place)?)?;
            }
        }
        Ok(Fetched(all))
    }

    async fn write(
        connection: &mut PgConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Vec<u64>, StoreError> {
        let mut done = vec![0; batch.asked().len()];
        for part in batch.parts() {
            for trip in part.chunks(TRIP) {
                write_trip(connection, texts, (&[], trip), &mut done).await?;
            }
        }
        Ok(done)
    }
}

/// The sets as the parts of one `WITH`.
fn parts(texts: &Texts, trip: &[Set<'_>]) -> Result<Written, StoreError> {
    let mut written = Written::default();
    for (place, set) in trip.iter().enumerate() {
        written.sql.push_str(if place == 0 { "WITH " } else { ", " });
        let _ = write!(written.sql, "w{place} AS (");
        written.write(texts, set)?;
        written.sql.push(')');
    }
    Ok(written)
}

/// Holds and compares records, and writes, as one statement that fails by itself where they are not as they have to
/// be, or where a set wrote less than it has to.
async fn write_alone(
    connection: &mut PgConnection,
    texts: &Texts,
    footings: &[Footing],
    trip: &[Set<'_>],
) -> Result<Outcome, StoreError> {
    let mut written = parts(texts, trip)?;
    for (place, footing) in footings.iter().enumerate() {
        written.sql.push_str(if place == 0 { " SELECT " } else { ", " });
        let refusal = if footing.assumes { OTHERWISE } else { MOVED };
        written.require(refusal, |written| written.stands(texts, footing))?;
    }
    for (place, set) in trip.iter().enumerate() {
        written.sql.push_str(if place + footings.len() == 0 { " SELECT " } else { ", " });
        let count = format!("(SELECT COUNT(*) FROM w{place})");
        let Some(error) = unwritten(set.sql) else {
            written.sql.push_str(&count);
            continue;
        };
        let moved = error.kind() == StoreErrorKind::Conflict;
        let rows = set.rows.len();
        written.require(if moved { MOVED } else { OTHERWISE }, |written| {
            let _ = write!(written.sql, "{count} >= {rows}");
            Ok(())
        })?;
    }
    let Written { sql, bound, .. } = written;
    let Err(error) = query(texts, sql, bound).execute(connection).await else {
        return Ok(Outcome::Committed);
    };
    if MOVED.is(&error) {
        return Ok(Outcome::Moved);
    }
    let otherwise = OTHERWISE.is(&error);
    let error = alone_error(&error);
    let otherwise = otherwise || error.kind() == StoreErrorKind::Integrity;
    if otherwise { Ok(Outcome::Otherwise) } else { Err(error) }
}

/// Holds and compares records, and writes: as one statement. Gives back whether each record is as it has to be.
async fn write_trip(
    connection: &mut PgConnection,
    texts: &Texts,
    (footings, trip): (&[Footing], &[Set<'_>]),
    done: &mut [u64],
) -> Result<Vec<bool>, StoreError> {
    let mut written = parts(texts, trip)?;
    // What is asked first is done first.
    for (place, footing) in footings.iter().enumerate() {
        written.sql.push_str(if place == 0 { " SELECT " } else { ", " });
        written.stands(texts, footing)?;
    }
    for place in 0..trip.len() {
        written.sql.push_str(if place + footings.len() == 0 { " SELECT " } else { ", " });
        let _ = write!(written.sql, "(SELECT array_agg(n) FROM w{place})");
    }
    let Written { sql, bound, .. } = written;
    let found = query(texts, sql, bound).fetch_one(connection);
    let found = found.await.map_err(|error| store_error("write", &error))?;
    for (column, set) in (footings.len()..).zip(trip) {
        let rows: Option<Vec<i64>> = found.try_get(column).map_err(|_| corrupt("count"))?;
        count(done, set, &rows.unwrap_or_default());
    }
    let stands = |column| found.try_get(column).map_err(|_| corrupt("stands"));
    (0..footings.len()).map(stands).collect()
}

#[async_trait]
impl Server for Postgres {
    const DIALECT: Dialect = Dialect::Postgres;

    /// A lock that is not given within some seconds fails the attempt, and a connection that its owner
    /// forgot gives its locks back. Every statement here finds its rows by an index: one plan for all
    /// arguments, made once, that goes by it, is the right one however large the tables are or were.
    const BEGIN: &'static str = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; \
        SET LOCAL lock_timeout = '5s'; SET LOCAL idle_in_transaction_session_timeout = '30s'; \
        SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off";

    const SAVEPOINTS_STACK: bool = true;

    /// The driver counts what it has asked and reads on until that is answered.
    const MIXES_ANSWERS: bool = false;

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

    /// Rows are made and others held in one statement, the former first. What it makes it does not find, and what
    /// somebody else made while it waited for them neither.
    async fn hold(
        connection: &mut PgConnection,
        texts: &Texts,
        begin: Option<&'static str>,
        make: &Batch,
        read: &Batch,
    ) -> Result<Held, StoreError> {
        let [anchors, heads] = [make, read].map(|batch| {
            batch.parts().flatten().flat_map(few_by_themselves).collect::<Vec<Set<'_>>>()
        });
        let by_themselves = anchors.iter().all(|set| set.rows.len() == 1);
        if anchors.is_empty() || !by_themselves || anchors.len() + heads.len() > TRIP {
            return hold_in_turn::<Self>(connection, texts, begin, make, read).await;
        }
        if let Some(begin) = begin {
            let done = Self::run(connection, AssertSqlSafe(begin.to_owned())).await;
            done.map_err(|error| store_error("begin", &error))?;
        }
        let mut written = Written::default();
        for (place, set) in anchors.iter().enumerate() {
            written.sql.push_str(if place == 0 { "WITH " } else { ", " });
            let _ = write!(written.sql, "m{place} AS (");
            written.write(texts, set)?;
            written.sql.push(')');
        }
        for place in 0..anchors.len() {
            written.sql.push_str(if place == 0 { " SELECT " } else { ", " });
            let _ = write!(written.sql, "EXISTS (SELECT 1 FROM m{place})");
        }
        for set in &heads {
            written.sql.push_str(", ");
            written.records(texts, set)?;
        }
        let Written { sql, bound, .. } = written;
        let answer = query(texts, sql, bound).fetch_one(&mut *connection);
        let answer = answer.await.map_err(|error| store_error("read", &error))?;
        let mut is_new = vec![false; make.asked().len()];
        for (column, (place, _)) in anchors.iter().flat_map(|set| &set.rows).enumerate() {
            if let Some(new) = is_new.get_mut(*place) {
                *new = answer.try_get(column).map_err(|_| corrupt("made"))?;
            }
        }
        let mut found = vec![Vec::new(); read.asked().len()];
        for (column, set) in (anchors.len()..).zip(&heads) {
            spread(&mut found, &set.rows, records(&answer, column)?)?;
        }
        Ok(Held { found: Fetched(found), is_new })
    }

    /// On a connection with the settings of [`SETTINGS`], what is written at once needs nothing before it and nothing
    /// after it.
    async fn alone(
        connection: &mut PgConnection,
        texts: &Texts,
        footings: &[Footing],
        batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        let mut parts = batch.parts();
        let (Some(only), None, Connections::Own) =
            (parts.next(), parts.next(), texts.connections())
        else {
            return Ok(Outcome::Untried);
        };
        // Without an id nobody could find out what became of it where the connection breaks.
        let known = batch.asked().iter().any(|(sql, _)| *sql == Statement::CommandPut);
        if !known || footings.len() + only.len() > TRIP {
            return Ok(Outcome::Untried);
        }
        write_alone(connection, texts, footings, &only).await
    }

    /// The first batch of writes goes with what it rests on. Where that does not stand it is undone: what it would
    /// write is found out only then.
    async fn straight(
        connection: &mut PgConnection,
        texts: &Texts,
        begin: &'static str,
        footings: &[Footing],
        batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        let parts: Vec<Vec<Set<'_>>> = batch.parts().collect();
        let Some((first, others)) = parts.split_first() else { return Ok(Outcome::Untried) };
        if footings.len() + first.len() > TRIP {
            return Ok(Outcome::Untried);
        }
        let opened = Self::run(connection, AssertSqlSafe(begin.to_owned())).await;
        opened.map_err(|error| store_error("begin", &error))?;
        let mut done = vec![0; batch.asked().len()];
        let broken = |error: StoreError| match error.kind() {
            StoreErrorKind::Integrity => Ok(Outcome::Otherwise),
            _ => Err(error),
        };
        let stand = match write_trip(connection, texts, (footings, first), &mut done).await {
            Ok(stand) => stand,
            Err(error) => return broken(error),
        };
        if let Some((missed, _)) = footings.iter().zip(stand).find(|(_, stands)| !stands) {
            return Ok(if missed.assumes { Outcome::Otherwise } else { Outcome::Moved });
        }
        for trip in others.iter().flat_map(|part| part.chunks(TRIP)) {
            if let Err(error) = write_trip(connection, texts, (&[], trip), &mut done).await {
                return broken(error);
            }
        }
        check_written(batch, &done).map(|()| Outcome::Written)
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
