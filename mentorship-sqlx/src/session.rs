//! What the shared code needs of a database: run statements with arguments, several in one go.

use async_trait::async_trait;
use mentorship_core::store::StoreError;

use crate::{
    documents::Documents,
    statement::Statement,
    value::{Reader, Row, Value, corrupt},
};

/// Statements with their arguments, to be run in this order in as few round trips as the database
/// allows.
#[derive(Debug, Default)]
pub(crate) struct Batch(pub(crate) Vec<(Statement, Vec<Value>)>);

impl Batch {
    /// Adds a statement and gives back its place.
    pub(crate) fn add(&mut self, sql: Statement, args: impl Into<Vec<Value>>) -> usize {
        self.0.push((sql, args.into()));
        self.0.len() - 1
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

    /// Writes, and commits if this session holds a transaction of its own.
    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError> {
        self.execute_all(batch).await.map(|_| ())
    }

    /// Forms and guides that were read before, if this session may share them.
    fn documents(&self) -> Option<&Documents> {
        None
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
