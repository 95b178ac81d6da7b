//! What `PostgreSQL` and `MariaDB` share: a pool of the host's, connections that read, and transactions
//! that survive being dropped at any await. What each does its own way is its [`Server`].

use async_trait::async_trait;
use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{AssertSqlSafe, Pool, pool::PoolConnection};

use crate::{
    dialect::Dialect,
    documents::Documents,
    migration::{self, MigrateError, MigrationStatus},
    prefix::Prefix,
    schema::{BELTS, TABLES, belts},
    session::{Batch, Fetched, Held, RunBatch, Session, Transaction, check_written},
    statement::Texts,
    straight::{Footing, Outcome},
    value::{Reader, Row},
    verify::{VIOLATION, VerifyError},
};

/// A kind of server, as far as sessions, migrations and a look at its settings need to know.
#[async_trait]
pub(crate) trait Server: RunBatch {
    /// Its words.
    const DIALECT: Dialect;

    /// Begins a transaction at READ COMMITTED, whatever the server's default: the guards are what holds.
    const BEGIN: &'static str;

    /// Whether a savepoint leaves an older one of its name in place.
    const SAVEPOINTS_STACK: bool;

    /// Whether the driver may take what a dropped statement is still answered for the answer to the next
    /// one, or wait for more of it than comes.
    const MIXES_ANSWERS: bool;

    /// Runs a text without arguments.
    async fn run(
        connection: &mut Self::Connection,
        sql: AssertSqlSafe<String>,
    ) -> Result<(), sqlx::Error>;

    /// The rows of a text without arguments.
    async fn rows(
        connection: &mut Self::Connection,
        operation: &'static str,
        sql: AssertSqlSafe<String>,
    ) -> Result<Vec<Row>, StoreError>;

    /// A driver's error as a store's, where nothing has been committed: the connection may be lost, but
    /// what was written on it is gone with it.
    fn store_error(operation: &'static str, error: &sqlx::Error) -> StoreError;

    /// The error of a COMMIT: unless the server says that it undid everything, it may have done it.
    fn commit_error(error: &sqlx::Error) -> StoreError;

    /// Makes a host's transaction that is undone already, as a whole, impossible to go on with.
    async fn abandon(connection: &mut Self::Connection);

    /// Begins a transaction by `begin`, unless it has begun, makes rows that are to be held, and holds and
    /// reads: in as few round trips as the server allows.
    async fn hold(
        connection: &mut Self::Connection,
        texts: &Texts,
        begin: Option<&'static str>,
        make: &Batch,
        read: &Batch,
    ) -> Result<Held, StoreError> {
        hold_in_turn::<Self>(connection, texts, begin, make, read).await
    }

    /// Holds and compares records, and writes and commits, as one statement that nothing begins, if this server and
    /// whose connection it is allow that. Where it does not come to that, nothing has begun.
    async fn alone(
        _connection: &mut Self::Connection,
        _texts: &Texts,
        _footings: &[Footing],
        _batch: &Batch,
    ) -> Result<Outcome, StoreError> {
        Ok(Outcome::Untried)
    }

    /// Begins a transaction by `begin`, holds and compares records, and writes; commits if the server does
    /// that in the same round trip.
    async fn straight(
        connection: &mut Self::Connection,
        texts: &Texts,
        begin: &'static str,
        footings: &[Footing],
        batch: &Batch,
    ) -> Result<Outcome, StoreError>;

    /// Writes the last batch of a transaction, checks that what had to be written was, and commits if the
    /// server does that in the same round trip: then this says yes.
    async fn finish(
        connection: &mut Self::Connection,
        texts: &Texts,
        batch: &Batch,
    ) -> Result<bool, StoreError> {
        let written = Self::write(connection, texts, batch).await?;
        check_written(batch, &written).map(|()| false)
    }
}

/// Begins, makes and reads one after the other.
pub(crate) async fn hold_in_turn<D: Server>(
    connection: &mut D::Connection,
    texts: &Texts,
    begin: Option<&'static str>,
    make: &Batch,
    read: &Batch,
) -> Result<Held, StoreError> {
    if let Some(begin) = begin {
        let done = D::run(connection, AssertSqlSafe(begin.to_owned())).await;
        done.map_err(|error| D::store_error("begin", &error))?;
    }
    if !make.asked().is_empty() {
        D::write(connection, texts, make).await?;
    }
    Ok(D::read(connection, texts, read).await?.into())
}

/// What a store on a server holds.
pub(crate) struct Shared<D: Server> {
    pub(crate) pool: Pool<D>,
    pub(crate) prefix: Prefix,
    pub(crate) texts: Texts,
    pub(crate) documents: Documents,
}

impl<D: Server> Shared<D> {
    pub(crate) fn new(pool: Pool<D>, prefix: Prefix) -> Self {
        let texts = Texts::new(&prefix, D::DIALECT);
        Self { pool, prefix, texts, documents: Documents::default() }
    }

    /// The same on a cluster of nodes that write the same tables.
    #[cfg(feature = "mysql")]
    pub(crate) fn across_nodes(self) -> Self {
        Self { texts: self.texts.across_nodes(), ..self }
    }

    /// The same over connections of somebody else's.
    #[cfg(feature = "postgres")]
    pub(crate) fn over(self, connections: crate::statement::Connections) -> Self {
        Self { texts: self.texts.over(connections), ..self }
    }

    async fn acquire(&self, operation: &'static str) -> Result<PoolConnection<D>, StoreError> {
        self.pool.acquire().await.map_err(|error| D::store_error(operation, &error))
    }

    /// A connection that is closed in the end, which gives back all that it holds.
    pub(crate) async fn acquire_to_close(
        &self,
        operation: &'static str,
    ) -> Result<PoolConnection<D>, StoreError> {
        let mut connection = self.acquire(operation).await?;
        connection.close_on_drop();
        Ok(connection)
    }

    pub(crate) async fn reading(&self) -> Result<Reading<'_, D>, StoreError> {
        let connection = self.acquire("read").await?;
        let (texts, documents) = (&self.texts, &self.documents);
        Ok(Reading { connection, texts, documents, asking: false })
    }

    /// A transaction that begins, by `begin`, with its first batch.
    pub(crate) async fn begin_with(
        &self,
        begin: &'static str,
    ) -> Result<GuardedTx<'_, D>, StoreError> {
        let connection = Some(self.acquire("begin").await?);
        Ok(GuardedTx { connection, texts: &self.texts, stage: Stage::BeginsBy(begin) })
    }

    /// What the ledger holds; nothing if it is not there.
    pub(crate) async fn applied(
        &self,
        connection: &mut D::Connection,
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = AssertSqlSafe(migration::entries(&self.prefix));
        let rows = match D::rows(connection, "migrate", sql).await {
            Err(error) if error.kind() == StoreErrorKind::NotMigrated => return Ok(Vec::new()),
            rows => rows?,
        };
        let read = |row: &Row| {
            let mut row = Reader::new(row);
            Ok((row.int("migrations.version")?, row.text("migrations.checksum")?.to_owned()))
        };
        rows.iter().map(read).collect()
    }

    /// Applies what is not applied yet, on a connection that keeps others from doing so; `run` runs one
    /// statement.
    pub(crate) async fn apply_pending(
        &self,
        connection: &mut D::Connection,
        run: impl AsyncFn(&mut D::Connection, String) -> Result<(), StoreError>,
    ) -> Result<Vec<i64>, MigrateError> {
        run(connection, migration::ledger(&self.prefix, D::DIALECT)).await?;
        let status = migration::compare(&self.applied(connection).await?, D::DIALECT);
        migration::refuse(&status)?;
        let mut done = Vec::new();
        for migration in migration::pending(&status) {
            for statement in migration.statements(&self.prefix, D::DIALECT) {
                run(connection, statement).await?;
            }
            run(connection, migration::entry(migration, &self.prefix, D::DIALECT)).await?;
            done.push(migration.version);
        }
        Ok(done)
    }

    pub(crate) async fn status(&self) -> Result<Vec<MigrationStatus>, StoreError> {
        let mut reading = self.reading().await?;
        reading.asking = true;
        let found = self.applied(&mut reading.connection).await;
        reading.asking = false;
        Ok(migration::compare(&found?, D::DIALECT))
    }

    /// The text that a query without arguments gives; `None` without a row.
    pub(crate) async fn text(
        connection: &mut D::Connection,
        sql: impl Into<String>,
    ) -> Result<Option<String>, StoreError> {
        let rows = D::rows(connection, "verify", AssertSqlSafe(sql.into())).await?;
        let text = |row: &Row| Ok(Reader::new(row).text("setting")?.to_owned());
        rows.first().map(text).transpose()
    }

    /// Fails unless each of these queries gives what is needed.
    pub(crate) async fn require(
        connection: &mut D::Connection,
        needed: &[(&'static str, &'static str, &'static str)],
    ) -> Result<(), VerifyError> {
        for &(setting, sql, needed) in needed {
            let found = Self::text(connection, sql).await?.unwrap_or_default();
            if found != needed {
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        Ok(())
    }

    /// Fails if a table has fewer constraints than it was made with; `count` counts those of a table and
    /// of a kind.
    pub(crate) async fn require_belts(
        &self,
        connection: &mut D::Connection,
        count: impl Fn(&str, &str) -> String,
    ) -> Result<(), VerifyError> {
        for name in TABLES {
            let table = format!("{}{name}", self.prefix);
            for what in BELTS {
                let needed = belts(name, what);
                let found = match needed {
                    0 => continue,
                    _ => Self::text(connection, count(&table, what)).await?,
                };
                if found
                    .and_then(|text| text.parse().ok())
                    .is_none_or(|found: usize| found < needed)
                {
                    return Err(VerifyError::Belt { table, what });
                }
            }
        }
        Ok(())
    }

    /// Fails unless the server really refuses what a CHECK forbids.
    pub(crate) async fn require_checks(
        &self,
        connection: &mut D::Connection,
    ) -> Result<(), VerifyError> {
        let failed = |error: sqlx::Error| D::store_error("verify", &error);
        D::run(connection, AssertSqlSafe(D::BEGIN.to_owned())).await.map_err(failed)?;
        let sql = VIOLATION.replace("{p}", self.prefix.as_str());
        let refused = D::run(connection, AssertSqlSafe(sql)).await.map_err(failed);
        D::run(connection, AssertSqlSafe("ROLLBACK".to_owned())).await.map_err(failed)?;
        match refused {
            Err(error) if error.kind() == StoreErrorKind::Integrity => Ok(()),
            Err(error) => Err(error.into()),
            Ok(()) => {
                let (found, needed) = ("ignored".to_owned(), "enforced");
                Err(VerifyError::Setting { setting: "CHECK", found, needed })
            }
        }
    }
}

/// A connection that reads.
pub(crate) struct Reading<'a, D: Server> {
    connection: PoolConnection<D>,
    texts: &'a Texts,
    documents: &'a Documents,
    /// Whether answers are still to come.
    asking: bool,
}

impl<D: Server> Drop for Reading<'_, D> {
    fn drop(&mut self) {
        if self.asking && D::MIXES_ANSWERS {
            self.connection.close_on_drop();
        }
    }
}

#[async_trait]
impl<D: Server> Session for Reading<'_, D> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        self.asking = true;
        let found = D::read(&mut self.connection, self.texts, &batch).await;
        self.asking = false;
        found
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

/// How far a transaction has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// Nothing was said yet; this begins it.
    BeginsBy(&'static str),
    Open,
    Committed,
    /// What became of it is not known, nor what the connection is good for.
    Lost,
}

/// A transaction. If it is dropped before its end, also in the middle of a statement, its connection is
/// closed instead of going back to the pool, which undoes it: the driver alone would hand an open
/// transaction to whoever gets the connection next.
pub(crate) struct GuardedTx<'a, D: Server> {
    connection: Option<PoolConnection<D>>,
    texts: &'a Texts,
    stage: Stage,
}

impl<D: Server> Drop for GuardedTx<'_, D> {
    fn drop(&mut self) {
        if let Some(connection) = &mut self.connection {
            connection.close_on_drop();
        }
    }
}

impl<D: Server> GuardedTx<'_, D> {
    fn connection(&mut self) -> Result<&mut D::Connection, StoreError> {
        self.connection.as_deref_mut().ok_or_else(|| StoreError::new(StoreErrorKind::Other, "tx"))
    }

    async fn run(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        match self.connection.as_deref_mut() {
            Some(connection) => D::run(connection, AssertSqlSafe(sql.to_owned())).await,
            None => Err(sqlx::Error::WorkerCrashed),
        }
    }

    /// What is still to be said to begin it; from here on it has begun.
    fn begins_by(&mut self) -> Option<&'static str> {
        match self.stage {
            Stage::BeginsBy(begin) => {
                self.stage = Stage::Open;
                Some(begin)
            }
            Stage::Open | Stage::Committed | Stage::Lost => None,
        }
    }

    /// The connection, in a transaction.
    async fn begun(&mut self) -> Result<&mut D::Connection, StoreError> {
        if let Some(begin) = self.begins_by() {
            self.run(begin).await.map_err(|error| D::store_error("begin", &error))?;
        }
        self.connection()
    }
}

#[async_trait]
impl<D: Server> Session for GuardedTx<'_, D> {
    async fn fetch_all(&mut self, batch: Batch) -> Result<Fetched, StoreError> {
        let texts = self.texts;
        D::read(self.begun().await?, texts, &batch).await
    }

    async fn execute_all(&mut self, batch: Batch) -> Result<Vec<u64>, StoreError> {
        let texts = self.texts;
        D::write(self.begun().await?, texts, &batch).await
    }

    async fn hold(&mut self, make: Batch, read: Batch) -> Result<Held, StoreError> {
        let (texts, begin) = (self.texts, self.begins_by());
        D::hold(self.connection()?, texts, begin, &make, &read).await
    }

    async fn finish(&mut self, batch: Batch) -> Result<(), StoreError> {
        let texts = self.texts;
        if D::finish(self.begun().await?, texts, &batch).await? {
            self.stage = Stage::Committed;
        }
        Ok(())
    }

    /// Nor behind a pooler, where each statement is planned anew and a large one costs as much as two, nor on a
    /// cluster, where what is held has to be written.
    fn goes_straight(&self) -> bool {
        #[cfg(feature = "postgres")]
        if self.texts.connections() == crate::statement::Connections::Pooler {
            return false;
        }
        matches!(self.stage, Stage::BeginsBy(_)) && !self.texts.spans_nodes()
    }

    async fn go_straight(
        &mut self,
        footings: &[Footing],
        batch: Batch,
    ) -> Result<bool, StoreError> {
        let texts = self.texts;
        match D::alone(self.connection()?, texts, footings, &batch).await {
            Ok(Outcome::Untried) => {}
            Ok(Outcome::Committed) => {
                self.stage = Stage::Committed;
                return Ok(true);
            }
            Ok(Outcome::Moved) => return Err(StoreError::conflict()),
            Ok(_) => return Ok(false),
            Err(error) => {
                if error.kind() == StoreErrorKind::InDoubt {
                    self.stage = Stage::Lost;
                }
                return Err(error);
            }
        }
        let Some(begin) = self.begins_by() else { return Ok(false) };
        match D::straight(self.connection()?, texts, begin, footings, &batch).await? {
            #[cfg(feature = "postgres")]
            Outcome::Written => Ok(true),
            Outcome::Committed => {
                self.stage = Stage::Committed;
                Ok(true)
            }
            Outcome::Moved => Err(StoreError::conflict()),
            Outcome::Otherwise => {
                let undone = self.run("ROLLBACK").await;
                undone.map_err(|error| D::store_error("rollback", &error))?;
                self.stage = Stage::BeginsBy(begin);
                Ok(false)
            }
            Outcome::Untried => {
                self.stage = Stage::BeginsBy(begin);
                Ok(false)
            }
        }
    }

    fn locks_rows(&self) -> bool {
        self.texts.dialect().locks_rows()
    }

    fn holds_by_writing(&self) -> bool {
        self.texts.spans_nodes()
    }
}

#[async_trait]
impl<D: Server> Transaction for GuardedTx<'_, D> {
    /// A server answers a COMMIT of a failed transaction like any other; that it never comes to that is
    /// the caller's: after an error it rolls back.
    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.stage == Stage::Open {
            self.run("COMMIT").await.map_err(|error| D::commit_error(&error))?;
        }
        // From here on the connection is clean and goes back.
        drop(self.connection.take());
        Ok(())
    }

    async fn rollback(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.stage == Stage::Lost {
            return Ok(());
        }
        if self.stage == Stage::Open {
            self.run("ROLLBACK").await.map_err(|error| D::store_error("rollback", &error))?;
        }
        drop(self.connection.take());
        Ok(())
    }
}
