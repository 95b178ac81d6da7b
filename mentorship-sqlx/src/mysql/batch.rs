//! How batches run on `MariaDB` and `MySQL`: statements of one kind together, reads of several kinds as one
//! statement, and small batches of writes as one block where the server knows blocks.

use std::task::{Context, Waker};

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    AssertSqlSafe, Executor as _, MySql, MySqlConnection, Row as _, SqlSafeStr as _, SqlStr,
    TypeInfo as _, ValueRef as _,
    mysql::{MySqlArguments, MySqlRow},
};

use super::{
    block::{self, Block},
    fault::{self, is_duplicate, store_error},
    sets::{self, Piece},
    wide,
};
use crate::{
    dialect::Dialect,
    server::{Server, hold_in_turn},
    session::{Batch, Fetched, Held, RunBatch, Set, check_written, spread},
    statement::{Statement, Texts},
    straight::{Footing, Outcome},
    text::Text,
    value::{Row, Value, corrupt},
};

/// Adds one argument.
pub(super) fn add(bound: &mut MySqlArguments, value: &Value) -> Result<(), StoreError> {
    use sqlx::Arguments as _;
    let added = match value {
        // As text: a number beside a key would make the server compare both as numbers.
        Value::Null => bound.add(None::<&str>),
        Value::Int(number) => bound.add(*number),
        Value::Text(text) => bound.add(text.as_str()),
        Value::Id(id) => bound.add(*id),
    };
    added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))
}

/// Adds the arguments of some rows in the order of the text for one.
pub(super) fn bind(
    bound: &mut MySqlArguments,
    text: &Text,
    rows: &[(usize, &[Value])],
) -> Result<(), StoreError> {
    let each = rows.iter().flat_map(|(_, args)| text.ordered(args));
    each.into_iter().try_for_each(|value| add(bound, value))
}

/// The same for the rows of some sets.
pub(super) fn bind_all(
    bound: &mut MySqlArguments,
    texts: &Texts,
    sets: &[Set<'_>],
) -> Result<(), StoreError> {
    sets.iter().try_for_each(|set| bind(bound, &texts.get(set.sql), &set.rows))
}

/// The value in a place of a row.
pub(super) fn value_at(found: &MySqlRow, at: usize) -> Result<Value, StoreError> {
    let raw = found.try_get_raw(at).map_err(|error| store_error("read", &error))?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    Ok(match raw.type_info().name() {
        "BIGINT" | "INT" | "MEDIUMINT" | "SMALLINT" | "TINYINT" | "BOOLEAN" => {
            Value::Int(found.try_get_unchecked(at).map_err(|_| corrupt("integer"))?)
        }
        // The only columns of this type are ids; text is VARCHAR, VARBINARY or a kind of BLOB.
        "BINARY" => Value::Id(found.try_get_unchecked(at).map_err(|_| corrupt("id"))?),
        _ => Value::Text(found.try_get_unchecked(at).map_err(|_| corrupt("text"))?),
    })
}

pub(super) fn row(found: &MySqlRow) -> Result<Row, StoreError> {
    (0..found.len()).map(|at| value_at(found, at)).collect()
}

/// Has the server prepare a text, if it has not yet. Were the driver to do it as a part of the query, it would
/// take what a dropped prepare leaves behind for the answer of the query, and wait for what never comes.
pub(super) async fn prepare(
    connection: &mut MySqlConnection,
    operation: &'static str,
    sql: &str,
) -> Result<SqlStr, StoreError> {
    let sql = AssertSqlSafe(sql).into_sql_str();
    let done = connection.prepare(sql.clone()).await;
    done.map(|_| sql).map_err(|error| store_error(operation, &error))
}

/// The statements of a batch, those of one kind together.
fn pieces<'s, 'b>(texts: &Texts, sets: &'s [Set<'b>]) -> Vec<Piece<'s, 'b>> {
    sets.iter().flat_map(|set| sets::pieces(texts, set)).collect()
}

/// Reads of several kinds as one, if they go together.
async fn read_wide(
    connection: &mut MySqlConnection,
    texts: &Texts,
    (batch, sets): (&Batch, &[Set<'_>]),
) -> Result<Option<Fetched>, StoreError> {
    // Alone, a statement is as well off without.
    let wide = if sets.len() < 2 { None } else { wide::together(texts, sets) };
    let Some(wide) = wide else { return Ok(None) };
    let mut bound = MySqlArguments::default();
    bind_all(&mut bound, texts, sets)?;
    let sql = prepare(connection, "read", &wide.sql).await?;
    let found = sqlx::query_with(sql, bound).fetch_all(connection).await;
    let found = found.map_err(|error| store_error("read", &error))?;
    Ok(Some(Fetched(wide.spread(sets, batch.asked().len(), &found)?)))
}

async fn read_piece(
    connection: &mut MySqlConnection,
    piece: &Piece<'_, '_>,
) -> Result<Vec<Row>, StoreError> {
    let mut bound = MySqlArguments::default();
    bind(&mut bound, &piece.text, piece.rows)?;
    let sql = prepare(connection, "read", &piece.sql).await?;
    let found = sqlx::query_with(sql, bound).fetch_all(connection).await;
    found.map_err(|error| store_error("read", &error))?.iter().map(row).collect()
}

async fn write_piece(
    connection: &mut MySqlConnection,
    piece: &Piece<'_, '_>,
) -> Result<u64, StoreError> {
    let mut bound = MySqlArguments::default();
    bind(&mut bound, &piece.text, piece.rows)?;
    let sql = prepare(connection, "write", &piece.sql).await?;
    match sqlx::query_with(sql, bound).execute(connection).await {
        Ok(done) => Ok(done.rows_affected()),
        Err(error) if piece.statement == Statement::CommandPut && is_duplicate(&error) => Ok(0),
        Err(error) => Err(store_error("write", &error)),
    }
}

/// Gives each statement of a batch its rows.
fn fetched(
    batch: &Batch,
    pieces: &[Piece<'_, '_>],
    found: Vec<Vec<Row>>,
) -> Result<Fetched, StoreError> {
    let mut all = vec![Vec::new(); batch.asked().len()];
    for (piece, found) in pieces.iter().zip(found) {
        spread(&mut all, piece.rows, found)?;
    }
    Ok(Fetched(all))
}

#[async_trait]
impl RunBatch for MySql {
    async fn read(
        connection: &mut MySqlConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Fetched, StoreError> {
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        if let Some(fetched) = read_wide(connection, texts, (batch, &sets)).await? {
            return Ok(fetched);
        }
        let pieces = pieces(texts, &sets);
        let mut found = Vec::with_capacity(pieces.len());
        for piece in &pieces {
            found.push(read_piece(connection, piece).await?);
        }
        fetched(batch, &pieces, found)
    }

    /// Of several rows in one statement it is known how many were written, not which: they are counted from
    /// the first on.
    async fn write(
        connection: &mut MySqlConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Vec<u64>, StoreError> {
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        let mut pieces = pieces(texts, &sets);
        let mut counts = Vec::with_capacity(pieces.len());
        if pieces.len() > 1
            && block::fits(pieces.iter())
            && block::are_taken(connection, texts).await?
        {
            pieces = sets::apart(pieces);
            let mut block = Block::default();
            pieces.iter().try_for_each(|piece| block.count(piece))?;
            counts = block.execute(connection).await?;
        } else {
            for piece in &pieces {
                counts.push(write_piece(connection, piece).await?);
            }
        }
        let mut written = vec![0; batch.asked().len()];
        for (piece, mut left) in pieces.iter().zip(counts) {
            let last = piece.rows.len() - 1;
            for (at, (place, _)) in piece.rows.iter().enumerate() {
                let these = if at == last { left } else { left.min(1) };
                left -= these;
                if let Some(rows) = written.get_mut(*place) {
                    *rows = these;
                }
            }
        }
        Ok(written)
    }

    /// A statement that is dropped while the server prepares it leaves its answer for the next one, and
    /// each one after that is given the answer of the one before. The connection ends instead. Where the
    /// driver knows of answers that it has to read first, this does nothing, and it reads them.
    fn cut(connection: &mut MySqlConnection) {
        let end = sqlx::raw_sql("KILL CONNECTION_ID()").execute(connection);
        drop(std::pin::pin!(end).poll(&mut Context::from_waker(Waker::noop())));
    }
}

#[async_trait]
impl Server for MySql {
    const DIALECT: Dialect = Dialect::Mysql;

    const BEGIN: &'static str = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; START TRANSACTION";

    const SAVEPOINTS_STACK: bool = false;

    /// It reads on as if a statement had been run that was only being prepared, and takes what is left of
    /// one answer for the beginning of the next: it may wait for ever, and its pool then has a connection
    /// less.
    const MIXES_ANSWERS: bool = true;

    async fn run(
        connection: &mut MySqlConnection,
        sql: AssertSqlSafe<String>,
    ) -> Result<(), sqlx::Error> {
        sqlx::raw_sql(sql).execute(connection).await.map(|_| ())
    }

    async fn rows(
        connection: &mut MySqlConnection,
        operation: &'static str,
        sql: AssertSqlSafe<String>,
    ) -> Result<Vec<Row>, StoreError> {
        let found = sqlx::query(sql).fetch_all(connection).await;
        let found = found.map_err(|error| fault::store_error(operation, &error))?;
        found.iter().map(row).collect()
    }

    fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError {
        fault::store_error(operation, error)
    }

    fn commit_error(error: &sqlx::Error) -> StoreError {
        fault::commit_error(error)
    }

    async fn hold(
        connection: &mut MySqlConnection,
        texts: &Texts,
        begin: Option<&'static str>,
        make: &Batch,
        read: &Batch,
    ) -> Result<Held, StoreError> {
        let [anchors, heads] =
            [make, read].map(|batch| batch.parts().flatten().collect::<Vec<_>>());
        let anchors = pieces(texts, &anchors);
        let wide = wide::together(texts, &heads).filter(|_| block::fits(anchors.iter()));
        let wide = match wide {
            Some(wide) if block::are_taken(connection, texts).await? => wide,
            _ => return hold_in_turn::<Self>(connection, texts, begin, make, read).await,
        };
        let mut block = Block::default();
        if let Some(begin) = begin {
            block.begin(begin);
        }
        anchors.iter().try_for_each(|piece| block.add(piece))?;
        block.read(texts, &wide, &heads)?;
        let found = block.fetch(connection).await?;
        let found = found.first().map_or(&[][..], Vec::as_slice);
        Ok(Fetched(wide.spread(&heads, read.asked().len(), found)?).into())
    }

    async fn straight(
        connection: &mut MySqlConnection,
        texts: &Texts,
        begin: &'static str,
        footings: &[Footing],
        batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        let pieces = pieces(texts, &sets);
        if pieces.is_empty()
            || !block::fits(pieces.iter())
            || !block::are_taken(connection, texts).await?
        {
            return Ok(Outcome::Untried);
        }
        let mut block = Block::default();
        block.begin(begin);
        for footing in footings {
            block.stand_on(texts, footing)?;
        }
        block.commit(connection, &sets::apart(pieces)).await
    }

    async fn finish(
        connection: &mut MySqlConnection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<bool, StoreError> {
        let sets: Vec<Set<'_>> = batch.parts().flatten().collect();
        let pieces = pieces(texts, &sets);
        if !pieces.is_empty()
            && block::fits(pieces.iter())
            && block::are_taken(connection, texts).await?
        {
            let block = Block::default();
            return match block.commit(connection, &sets::apart(pieces)).await? {
                Outcome::Committed => Ok(true),
                _ => Err(corrupt("a block of writes")),
            };
        }
        let written = Self::write(connection, texts, batch).await?;
        check_written(batch, &written).map(|()| false)
    }

    /// After a deadlock the server has undone everything and would take what the host writes next by
    /// itself, and its COMMIT as well. The connection ends instead, so that both fail.
    async fn abandon(connection: &mut MySqlConnection) {
        // The first attempt may only be told of the savepoint that is gone.
        for _ in 0..2 {
            let end = AssertSqlSafe("KILL CONNECTION_ID()".to_owned());
            drop(Self::run(connection, end).await);
        }
    }
}
