//! Several statements as one on `MariaDB`: a block that is prepared with the arguments of all of them, so
//! that a batch is one round trip and the server keeps what it has parsed. `MySQL` knows no blocks; there
//! statements run one by one.

use std::fmt::Write as _;

use futures_util::StreamExt as _;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{Either, Executor as _, MySqlConnection, mysql::MySqlArguments};

use super::{
    batch::{add, bind, prepare, row},
    fault::store_error,
    sets::Piece,
};
use crate::{
    statement::{Statement, Texts},
    value::{Reader, Row, Value},
};

/// Most statements in a block.
const STATEMENTS: usize = 40;

/// Most rows of one statement in a block. Where there are more, a round trip for each kind of statement
/// costs a row little, and every number of rows would make a text of its own.
const ROWS: usize = 8;

/// A block under way, with its arguments so far.
#[derive(Default)]
pub(super) struct Block {
    body: String,
    bound: MySqlArguments,
    /// How many statements are asked how many rows they wrote.
    counted: usize,
}

impl Block {
    /// Adds what begins a transaction.
    pub(super) fn begin(&mut self, sql: &str) {
        self.body.extend([sql, "; "]);
    }

    /// Adds a statement that reads, or writes what nobody counts.
    pub(super) fn add(&mut self, piece: &Piece<'_, '_>) -> Result<(), StoreError> {
        self.body.extend([&piece.sql, "; "]);
        bind(&mut self.bound, piece)
    }

    /// Adds a statement that writes, and is asked how many rows.
    pub(super) fn count(&mut self, piece: &Piece<'_, '_>) -> Result<(), StoreError> {
        let n = self.counted;
        self.counted += 1;
        // Taken ids are told by an error, which here would end the block.
        let claims = piece.statement == Statement::CommandPut;
        if claims {
            self.body.push_str("BEGIN DECLARE EXIT HANDLER FOR 1062 BEGIN END; ");
        }
        self.add(piece)?;
        let _ = write!(self.body, "SET written{n} = ROW_COUNT(); ");
        if claims {
            self.body.push_str("END; ");
        }
        Ok(())
    }

    /// The rows of each statement that reads.
    pub(super) async fn fetch(
        self,
        connection: &mut MySqlConnection,
    ) -> Result<Vec<Vec<Row>>, StoreError> {
        let sql = format!("BEGIN NOT ATOMIC {}END", self.body);
        run(connection, "read", sql, self.bound).await
    }

    /// How many rows each counted statement wrote.
    pub(super) async fn execute(
        self,
        connection: &mut MySqlConnection,
    ) -> Result<Vec<u64>, StoreError> {
        let names: Vec<String> = (0..self.counted).map(|n| format!("written{n}")).collect();
        let (names, body) = (names.join(", "), self.body);
        let sql =
            format!("BEGIN NOT ATOMIC DECLARE {names} BIGINT DEFAULT 0; {body}SELECT {names}; END");
        let found = run(connection, "write", sql, self.bound).await?;
        let Some(row) = found.first().and_then(|rows| rows.first()) else { return Ok(Vec::new()) };
        let mut row = Reader::new(row);
        (0..self.counted).map(|_| row.int("count")).collect()
    }
}

/// The rows of each statement of a block that reads.
async fn run(
    connection: &mut MySqlConnection,
    operation: &'static str,
    sql: String,
    bound: MySqlArguments,
) -> Result<Vec<Vec<Row>>, StoreError> {
    let sql = prepare(connection, operation, &sql).await?;
    let mut results = connection.fetch_many(sqlx::query_with(sql, bound));
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    while let Some(result) = results.next().await {
        match result.map_err(|error| store_error(operation, &error))? {
            Either::Right(found) => rows.push(row(&found)?),
            // The end of one statement; of the block itself at last.
            Either::Left(_) => all.push(std::mem::take(&mut rows)),
        }
    }
    Ok(all)
}

/// Whether these are few enough to go as one.
pub(super) fn fits<'p>(pieces: impl Iterator<Item = &'p Piece<'p, 'p>>) -> bool {
    let (mut count, mut most) = (0, 0);
    for piece in pieces {
        count += 1;
        most = piece.rows.len().max(most);
    }
    most <= ROWS && count <= STATEMENTS
}

/// Whether the server takes blocks, and gives each statement its own arguments. It is asked once. Across the
/// nodes of a cluster, whose certification was tried with single statements, they stay single.
pub(super) async fn are_taken(
    connection: &mut MySqlConnection,
    texts: &Texts,
) -> Result<bool, StoreError> {
    if texts.spans_nodes() {
        return Ok(false);
    }
    if let Some(known) = texts.blocks.get() {
        return Ok(*known);
    }
    let mut block = Block::default();
    let args = [Value::Int(7), Value::Text("a".to_owned()), Value::Null];
    for value in &args {
        block.body.push_str("SELECT ? AS it; ");
        add(&mut block.bound, value)?;
    }
    let taken = match block.fetch(connection).await {
        Ok(found) => found.iter().flatten().flatten().eq(&args),
        Err(error) if error.kind() == StoreErrorKind::Other => false,
        Err(error) => return Err(error),
    };
    Ok(*texts.blocks.get_or_init(|| taken))
}
