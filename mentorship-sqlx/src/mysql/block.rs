//! Several statements as one on `MariaDB`: a block that is prepared with the arguments of all of them, so
//! that a batch is one round trip and the server keeps what it has parsed. `MySQL` knows no blocks; there
//! statements run one by one.

use std::fmt::Write as _;

use futures_util::StreamExt as _;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    Either, Executor as _, MySqlConnection,
    mysql::{MySqlArguments, MySqlRow},
};

use super::{
    batch::{add, bind, bind_all, prepare, row, value_at},
    fault::{self, commit_error, store_error},
    sets::Piece,
    wide::Wide,
};
use crate::{
    clause,
    session::{Set, unwritten},
    statement::{Statement, Texts},
    straight::{Footing, Outcome},
    value::{Reader, Value},
};

/// Most statements in a block.
const STATEMENTS: usize = 40;

/// Most rows of one kind in a block, or in one statement with other kinds. Where there are more, a round trip
/// for each kind costs a row little, and every number of rows would make a text of its own.
pub(super) const ROWS: usize = 8;

/// The number of the error that says of the first statement of a block that it wrote too little; those of
/// the others follow. The server has none of these.
const UNWRITTEN: u16 = 20_001;

/// The number of the error that says that a record has moved since it was read.
const MOVED: u16 = 20_901;

/// The number of the error that says that a record is not as was taken for granted.
const OTHERWISE: u16 = 20_902;

/// A block under way, with its arguments so far.
#[derive(Default)]
pub(super) struct Block {
    body: String,
    bound: MySqlArguments,
    /// How many rows each counted statement writes; nothing of those that are asked.
    written: Vec<Option<u64>>,
}

impl Block {
    /// Adds what begins a transaction.
    pub(super) fn begin(&mut self, sql: &str) {
        self.body.extend([sql, "; "]);
    }

    /// Adds a statement that writes what nobody counts.
    pub(super) fn add(&mut self, piece: &Piece<'_, '_>) -> Result<(), StoreError> {
        self.body.extend([&piece.sql, "; "]);
        bind(&mut self.bound, &piece.text, piece.rows)
    }

    /// Adds a statement that reads.
    pub(super) fn read(
        &mut self,
        texts: &Texts,
        wide: &Wide,
        sets: &[Set<'_>],
    ) -> Result<(), StoreError> {
        self.body.extend([&wide.sql, "; "]);
        bind_all(&mut self.bound, texts, sets)
    }

    /// How many statements are asked how many rows they wrote.
    fn asked(&self) -> usize {
        self.written.iter().filter(|known| known.is_none()).count()
    }

    /// Adds a statement that writes, and of which it is counted how many rows.
    pub(super) fn count(&mut self, piece: &Piece<'_, '_>) -> Result<(), StoreError> {
        // Taken ids are told by an error, which here would end the block.
        let claims = piece.statement == Statement::CommandPut;
        if clause::insert(&piece.sql).is_some_and(|(_, _, after)| after.is_empty()) && !claims {
            // All its rows, or it fails.
            self.written.push(Some(piece.rows.len() as u64));
            return self.add(piece);
        }
        let n = self.asked();
        self.written.push(None);
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

    /// Adds a statement that writes, and ends the block where it wrote less than it had to.
    fn require(&mut self, at: u16, piece: &Piece<'_, '_>) -> Result<(), StoreError> {
        if unwritten(piece.statement).is_none() {
            return self.add(piece);
        }
        let signal = format!("SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {}; ", UNWRITTEN + at);
        // Taken ids are told by an error.
        if piece.statement == Statement::CommandPut {
            self.body.extend(["BEGIN DECLARE EXIT HANDLER FOR 1062 ", &signal]);
            self.add(piece)?;
            self.body.push_str("END; ");
        } else {
            self.add(piece)?;
            let rows = piece.rows.len();
            let _ = write!(self.body, "IF ROW_COUNT() < {rows} THEN {signal}END IF; ");
        }
        Ok(())
    }

    /// Adds what holds a record and ends the block where it is not as it has to be.
    pub(super) fn stand_on(&mut self, texts: &Texts, footing: &Footing) -> Result<(), StoreError> {
        let (text, hold) = footing.text(texts);
        let condition = footing.condition(|_| "?".to_owned());
        let condition = if condition.is_empty() { condition } else { format!(" AND {condition}") };
        let number = if footing.assumes { OTHERWISE } else { MOVED };
        let _ = write!(
            self.body,
            "IF NOT EXISTS ({text}{condition}{hold}) THEN \
             SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {number}; END IF; "
        );
        let needed = footing.needs.iter().map(|(_, value)| value).filter(|it| **it != Value::Null);
        footing.args.iter().chain(needed).try_for_each(|value| add(&mut self.bound, value))
    }

    /// Runs what is in the block and statements that write and, if each has written what it had to, commits.
    pub(super) async fn commit(
        mut self,
        connection: &mut MySqlConnection,
        pieces: &[Piece<'_, '_>],
    ) -> Result<Outcome, StoreError> {
        let stands = !self.body.is_empty();
        for (at, piece) in (0..).zip(pieces) {
            self.require(at, piece)?;
        }
        let sql = format!("BEGIN NOT ATOMIC {}COMMIT; END", self.body);
        let sql = prepare(connection, "write", &sql).await?;
        let Err(error) = sqlx::query_with(sql, self.bound).execute(&mut *connection).await else {
            return Ok(Outcome::Committed);
        };
        match fault::number(&error) {
            Some(MOVED) => return Ok(Outcome::Moved),
            Some(OTHERWISE) => return Ok(Outcome::Otherwise),
            _ => {}
        }
        let at = fault::number(&error).and_then(|number| number.checked_sub(UNWRITTEN));
        let piece = at.and_then(|at| pieces.get(usize::from(at)));
        if let Some(missed) = piece.and_then(|it| unwritten(it.statement)) {
            return Err(missed);
        }
        if fault::is_undone(&error) || is_open(connection, &error).await {
            let error = store_error("write", &error);
            let broken = stands && error.kind() == StoreErrorKind::Integrity;
            return if broken { Ok(Outcome::Otherwise) } else { Err(error) };
        }
        Err(commit_error(&error))
    }

    /// The rows of each statement that reads.
    pub(super) async fn fetch(
        self,
        connection: &mut MySqlConnection,
    ) -> Result<Vec<Vec<MySqlRow>>, StoreError> {
        let sql = format!("BEGIN NOT ATOMIC {}END", self.body);
        run(connection, "read", sql, self.bound).await
    }

    /// How many rows each counted statement wrote.
    pub(super) async fn execute(
        self,
        connection: &mut MySqlConnection,
    ) -> Result<Vec<u64>, StoreError> {
        let names: Vec<String> = (0..self.asked()).map(|n| format!("written{n}")).collect();
        let (names, body) = (names.join(", "), self.body);
        let sql = if names.is_empty() {
            format!("BEGIN NOT ATOMIC {body}END")
        } else {
            format!("BEGIN NOT ATOMIC DECLARE {names} BIGINT DEFAULT 0; {body}SELECT {names}; END")
        };
        let found = run(connection, "write", sql, self.bound).await?;
        let counts = found.iter().flatten().next().map(row).transpose()?.unwrap_or_default();
        let mut counts = Reader::new(&counts);
        self.written
            .into_iter()
            .map(|known| known.map_or_else(|| counts.int("count"), Ok))
            .collect()
    }
}

/// Whether the transaction is open still after this error, so that it came before the COMMIT.
async fn is_open(connection: &mut MySqlConnection, error: &sqlx::Error) -> bool {
    if !matches!(error, sqlx::Error::Database(_)) {
        return false;
    }
    let asked =
        sqlx::query_scalar("SELECT CAST(@@in_transaction AS SIGNED)").fetch_one(connection).await;
    asked.is_ok_and(|open: i64| open == 1)
}

/// The rows of each statement of a block that reads.
async fn run(
    connection: &mut MySqlConnection,
    operation: &'static str,
    sql: String,
    bound: MySqlArguments,
) -> Result<Vec<Vec<MySqlRow>>, StoreError> {
    let sql = prepare(connection, operation, &sql).await?;
    let mut results = connection.fetch_many(sqlx::query_with(sql, bound));
    let (mut all, mut rows) = (Vec::new(), Vec::new());
    while let Some(result) = results.next().await {
        match result.map_err(|error| store_error(operation, &error))? {
            Either::Right(found) => rows.push(found),
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
        Ok(found) => {
            let found = found.iter().flatten().map(|found| value_at(found, 0));
            found.collect::<Result<Vec<Value>, StoreError>>()? == args
        }
        Err(error) if error.kind() == StoreErrorKind::Other => false,
        Err(error) => return Err(error),
    };
    Ok(*texts.blocks.get_or_init(|| taken))
}
