//! What the shared code needs of a database: run a statement with arguments.

use async_trait::async_trait;
use mentorship_core::store::StoreError;

use crate::{
    documents::Documents,
    statement::Statement,
    value::{Row, Value},
};

/// One connection, for as long as a view or a change set needs it.
#[async_trait]
pub(crate) trait Session: Send {
    /// All rows of a statement that reads.
    async fn fetch(&mut self, sql: Statement, args: &[Value]) -> Result<Vec<Row>, StoreError>;

    /// Forms and guides that were read before, if this session may share them.
    fn documents(&self) -> Option<&Documents> {
        None
    }

    /// How many rows a statement wrote.
    async fn execute(&mut self, sql: Statement, args: &[Value]) -> Result<u64, StoreError>;
}

/// The first row, if there is one.
pub(crate) async fn fetch_first(
    session: &mut dyn Session,
    sql: Statement,
    args: &[Value],
) -> Result<Option<Row>, StoreError> {
    Ok(session.fetch(sql, args).await?.into_iter().next())
}
