//! What the shared code needs of a database: run statements with arguments, several in one go.

use std::collections::HashMap;

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};

use sqlx::Database;

use crate::{
    documents::Documents,
    statement::{Statement, Texts},
    value::{Reader, Row, Value, corrupt},
};

/// A statement with its arguments.
pub(crate) type Asked = (Statement, Vec<Value>);

/// Statements with their arguments, to be run in this order in as few round trips as the database
/// allows.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    asked: Vec<Asked>,
    /// Places in the list before which everything has to be done.
    fences: Vec<usize>,
    /// Where what must be asked only once stands.
    once: HashMap<Asked, usize>,
}

/// Statements of one kind that may run as one: each place in its batch with its arguments.
#[cfg(any(feature = "postgres", feature = "mysql"))]
#[derive(Debug)]
pub(crate) struct Set<'b> {
    pub(crate) sql: Statement,
    pub(crate) rows: Vec<(usize, &'b [Value])>,
}

/// Gives each of some statements that ran as one its rows: of several, each row begins with the number of
/// its statement, from 1.
#[cfg(any(feature = "postgres", feature = "mysql"))]
pub(crate) fn spread(
    all: &mut [Vec<Row>],
    asked: &[(usize, &[Value])],
    found: Vec<Row>,
) -> Result<(), StoreError> {
    if let [(place, _)] = asked {
        if let Some(rows) = all.get_mut(*place) {
            *rows = found;
        }
        return Ok(());
    }
    for mut row in found {
        let number: usize = Reader::new(&row).int("row")?;
        let at = number.checked_sub(1).and_then(|at| asked.get(at));
        row.remove(0);
        let rows = at.and_then(|(place, _)| all.get_mut(*place));
        rows.ok_or_else(|| corrupt("row"))?.push(row);
    }
    Ok(())
}

/// Statements of one kind together, in the order of their first. Those that lock keep their order: it is
/// the one order in which everybody locks.
#[cfg(any(feature = "postgres", feature = "mysql"))]
fn sets(start: usize, asked: &[Asked]) -> Vec<Set<'_>> {
    let mut sets: Vec<Set<'_>> = Vec::new();
    let mut known: HashMap<Statement, usize> = HashMap::new();
    for (place, (sql, args)) in (start..).zip(asked) {
        let last = sets.len().checked_sub(1);
        let at = if sql.holds() { last } else { known.get(sql).copied() };
        match at.and_then(|at| sets.get_mut(at)).filter(|set| set.sql == *sql) {
            Some(set) if !args.is_empty() && !sql.stands_alone() => set.rows.push((place, args)),
            _ => {
                known.insert(*sql, sets.len());
                sets.push(Set { sql: *sql, rows: vec![(place, args)] });
            }
        }
    }
    sets
}

impl Batch {
    /// Adds a statement and gives back its place.
    pub(crate) fn add(&mut self, sql: Statement, args: impl Into<Vec<Value>>) -> usize {
        self.asked.push((sql, args.into()));
        self.asked.len() - 1
    }

    /// What comes from here on sees, and may rest on, what came before; statements between two fences
    /// may run in any order, and none of them writes a row that another one writes.
    pub(crate) fn fence(&mut self) {
        self.fences.push(self.asked.len());
    }

    /// All statements, in order.
    pub(crate) fn asked(&self) -> &[Asked] {
        &self.asked
    }

    /// Adds a statement that reads, unless the same is asked already; gives back its place.
    pub(crate) fn add_once(&mut self, sql: Statement, args: impl Into<Vec<Value>>) -> usize {
        let args = args.into();
        if let Some(place) = self.once.get(&(sql, args.clone())) {
            return *place;
        }
        let place = self.add(sql, args.clone());
        self.once.insert((sql, args), place);
        place
    }

    /// The statements between fences, in order, those of one kind together.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    pub(crate) fn parts(&self) -> impl Iterator<Item = Vec<Set<'_>>> {
        let ends = self.fences.iter().copied().chain([self.asked.len()]);
        let mut start = 0;
        ends.filter_map(move |end| {
            let part = self.asked.get(start..end)?;
            let sets = sets(start, part);
            start = end;
            (!part.is_empty()).then_some(sets)
        })
    }
}

/// Records that are held.
#[derive(Debug)]
pub(crate) struct Held {
    /// What the statements that hold have read.
    pub(crate) found: Fetched,
    /// Whether each row that was to be made is new, where it was made at the same moment as the others were read:
    /// then nobody else has it, and it is not among what was read. Empty where rows are made first.
    pub(crate) is_new: Vec<bool>,
}

impl From<Fetched> for Held {
    fn from(found: Fetched) -> Self {
        Self { found, is_new: Vec::new() }
    }
}

/// The rows of each statement of a batch.
#[derive(Debug)]
pub(crate) struct Fetched(pub(crate) Vec<Vec<Row>>);

impl Fetched {
    pub(crate) fn rows(&self, place: usize) -> &[Row] {
        self.0.get(place).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn first<T>(
        &self,
        place: usize,
        read: impl FnOnce(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Option<T>, StoreError> {
        self.rows(place).first().map(|row| read(&mut Reader::new(row))).transpose()
    }

    pub(crate) fn each<T>(
        &self,
        place: usize,
        read: impl Fn(&mut Reader<'_>) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.rows(place).iter().map(|row| read(&mut Reader::new(row))).collect()
    }

    /// The number that a statement counts.
    pub(crate) fn number(&self, place: usize) -> Result<i64, StoreError> {
        self.first(place, |row| row.int("count"))?.ok_or_else(|| corrupt("count"))
    }
}

/// One connection, for as long as a view or a change set needs it.
#[async_trait]
pub(crate) trait Session: Send {
    /// All rows of statements that read.
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError>;

    /// How many rows each of some statements wrote.
    async fn execute_all(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError>;

    /// Makes rows that are to be held, if there are any, and then holds and reads.
    async fn hold(&mut self, make: Batch, read: Batch) -> Result<Held, StoreError> {
        if !make.asked().is_empty() {
            self.execute_all(make).await?;
        }
        Ok(self.fetch_all(read).await?.into())
    }

    /// Writes, checks that what had to be written was, and commits if this session holds a transaction
    /// of its own.
    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError>;

    /// Whether a set may be tried without reading first what it rests on.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    fn goes_straight(&self) -> bool {
        false
    }

    /// Holds and compares records and writes, in as few round trips as the database allows, and commits as
    /// [`finish`](Self::finish) does. If this says no, nothing is written and the session is as it was before.
    #[cfg(any(feature = "postgres", feature = "mysql"))]
    async fn go_straight(
        &mut self,
        _footings: &[crate::straight::Footing],
        _batch: Batch,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Whether a row has to be there before it can be held: see
    /// [`Dialect::locks_rows`](crate::dialect::Dialect::locks_rows).
    fn locks_rows(&self) -> bool;

    /// Whether a row that is only held has to change, because its lock does not reach the other nodes of
    /// a cluster: there a transaction is compared by the rows that it wrote.
    fn holds_by_writing(&self) -> bool {
        false
    }

    /// Forms and guides that were read before, if this session may share them.
    fn documents(&self) -> Option<&Documents> {
        None
    }
}

/// A session in a transaction of its own.
#[async_trait]
pub(crate) trait Transaction: Session {
    /// Commits, unless [`finish`](Session::finish) has.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Undoes everything.
    async fn rollback(self: Box<Self>) -> Result<(), StoreError>;
}

/// A kind of database whose connections run batches.
#[async_trait]
pub(crate) trait RunBatch: Database {
    /// The rows of each statement of a batch, in as few round trips as the database allows.
    async fn read(
        connection: &mut Self::Connection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Fetched, StoreError>;

    /// How many rows each statement of a batch wrote.
    async fn write(
        connection: &mut Self::Connection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<Vec<u64>, StoreError>;

    /// What has to be done where a batch was dropped before its end on a connection that somebody goes on
    /// with, so that what runs next is not taken for it.
    fn cut(_connection: &mut Self::Connection) {}
}

/// What it means that a statement wrote no row; nothing where that may be.
pub(crate) fn unwritten(sql: Statement) -> Option<StoreError> {
    use Statement as S;
    match sql {
        // The same command from elsewhere was a moment faster: start over and find it.
        S::CommandPut => Some(StoreError::conflict()),
        // The row is there and held, so that its state was the last one.
        S::ProgramSet | S::EnrollmentSet | S::ProposalSet | S::PairSet | S::CaseSet => {
            let error = StoreError::new(StoreErrorKind::Integrity, "apply");
            Some(error.with_detail("a terminal state changed"))
        }
        _ => None,
    }
}

/// Fails if a write that had to find or make its row did not: the numbers are those of written rows.
pub(crate) fn check_written(batch: &Batch, written: &[u64]) -> Result<(), StoreError> {
    let mut missing = batch.asked().iter().zip(written).filter(|(_, rows)| **rows == 0);
    match missing.find_map(|((sql, _), _)| unwritten(*sql)) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// The rows of one statement.
pub(crate) async fn fetch(
    session: &mut dyn Session,
    sql: Statement,
    args: impl Into<Vec<Value>> + Send,
) -> Result<Vec<Row>, StoreError> {
    let mut batch = Batch::default();
    batch.add(sql, args);
    Ok(session.fetch_all(batch).await?.0.into_iter().next().unwrap_or_default())
}
