//! One `SQLite` file: many readers, one writer.
//!
//! ```no_run
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! use mentorship_sqlx::SqliteStore;
//!
//! let store = SqliteStore::open("community.db").await?;
//! store.migrate().await?;
//! store.verify().await?;
//! # Ok(())
//! # }
//! ```
//!
//! Every connection runs with a write-ahead log, `synchronous = FULL` (what was acknowledged survives a
//! power cut), foreign keys and a busy timeout. Writing goes over one connection, each change set in one
//! `BEGIN IMMEDIATE` transaction, so that writers wait instead of failing half-way.

mod fault;
mod join;
mod migrate;
#[cfg(test)]
mod tests;
mod tx;
mod verify;

use std::{fmt, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use mentorship_core::{
    change::ChangeSet,
    store::{Store, StoreError, StoreErrorKind},
};
use sqlx::{
    Sqlite, Transaction as HostTransaction,
    sqlite::{
        SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
    },
};

use self::{
    fault::store_error,
    tx::{GuardedTx, Reading},
};
use crate::{
    dialect::Dialect,
    documents::Documents,
    join::Joined,
    prefix::Prefix,
    session::{Session, Transaction},
    statement::Texts,
    store::{Backend, Begin, apply_alone, serve},
};

/// Most connections that read at the same time.
const READERS: u32 = 4;
/// How long a connection waits for another process that writes.
const BUSY: Duration = Duration::from_secs(10);
/// How long a call waits for a connection of ours.
const ACQUIRE: Duration = Duration::from_secs(30);
/// Most attempts to open a file that others are opening for the first time too.
const OPENINGS: u32 = 100;
/// Most memory that the writer keeps pages of the file in, in KiB (that is what the sign says). The default of 2 MiB
/// does not hold what one command looks at in a large file.
const PAGES: &str = "-65536";
/// Prepared statements kept per connection: all of ours.
const STATEMENTS: usize = 160;

/// A store in one `SQLite` file. Clones share their connections.
#[derive(Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

struct Shared {
    readers: SqlitePool,
    writer: SqlitePool,
    prefix: Prefix,
    texts: Texts,
    documents: Documents,
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("prefix", &self.shared.prefix).finish_non_exhaustive()
    }
}

impl SqliteStore {
    /// Opens a file, with the default prefix, and makes it if it is not there. Makes no table: see
    /// [`SqliteStore::migrate`].
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be opened.
    pub async fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        Self::connect(options, Prefix::default()).await
    }

    /// Opens with the host's own connect options and table prefix. Journal mode, `synchronous`, foreign
    /// keys and the busy timeout are set by this store whatever the options say, and the one connection that writes
    /// keeps up to 64 MiB of pages in memory; a database in memory
    /// is not supported, since every connection would have its own.
    ///
    /// # Errors
    /// [`StoreError`] if the file cannot be opened.
    pub async fn connect(
        options: SqliteConnectOptions,
        prefix: Prefix,
    ) -> Result<Self, StoreError> {
        let options = options
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS);
        Self::with(options, prefix).await
    }

    /// A store that trusts its guards alone: CHECK and foreign keys are off. To show in tests that
    /// something catches what the belts catch.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    pub async fn without_belts(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(false)
            .busy_timeout(BUSY)
            .pragma("ignore_check_constraints", "ON");
        Self::with(options, Prefix::default()).await
    }

    /// A store for tests that may lose its last writes with the machine's power, and is faster for it.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    pub async fn open_unsynced(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Off)
            .foreign_keys(true)
            .busy_timeout(BUSY)
            .statement_cache_capacity(STATEMENTS);
        Self::with(options, Prefix::default()).await
    }

    async fn with(options: SqliteConnectOptions, prefix: Prefix) -> Result<Self, StoreError> {
        let pool = |size: u32| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .min_connections(0)
                .acquire_timeout(ACQUIRE)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
        };
        // The writer comes first: it makes the file and its log.
        let writing = options.clone().pragma("cache_size", PAGES);
        let mut attempt = 0;
        let writer = loop {
            attempt += 1;
            match pool(1).connect_with(writing.clone()).await {
                Ok(writer) => break writer,
                Err(error) => {
                    // Two that turn a new file's log on at the same moment are told "busy" at once,
                    // whatever the timeout; one of them has done it by the next attempt.
                    let error = store_error("open", &error);
                    if attempt >= OPENINGS || error.kind() != StoreErrorKind::Busy {
                        return Err(error);
                    }
                }
            }
        };
        let readers = pool(READERS).connect_lazy_with(options.create_if_missing(false));
        let texts = Texts::new(&prefix, Dialect::Sqlite);
        Ok(Self {
            shared: Arc::new(Shared {
                readers,
                writer,
                prefix,
                texts,
                documents: Documents::default(),
            }),
        })
    }

    /// This store inside the host's open transaction on the same file, for
    /// [`Service::within`](mentorship_core::service::Service::within): each command runs under a
    /// savepoint and is never committed here. Begin it with
    /// [`begin_with`](sqlx::Pool::begin_with)`("BEGIN IMMEDIATE")`: one that begins by reading is told
    /// `store.busy` if somebody else has written since. The connection must have foreign keys on. After any
    /// `store.…` error write nothing more and roll back: on a full disk the database may have undone the whole
    /// transaction by itself, and what came next would be stored by itself.
    pub fn join<'t>(&'t self, tx: &'t mut HostTransaction<'_, Sqlite>) -> impl Store + 't {
        Joined::new("sqlite", &self.shared.texts, tx)
    }

    /// The prefix of its tables.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        &self.shared.prefix
    }

    /// Closes all connections, after what they are doing.
    pub async fn close(&self) {
        self.shared.readers.close().await;
        self.shared.writer.close().await;
    }

    #[cfg(test)]
    fn texts(&self) -> &Texts {
        &self.shared.texts
    }
}

#[async_trait]
impl Backend for SqliteStore {
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError> {
        let connection =
            self.shared.readers.acquire().await.map_err(|error| store_error("read", &error))?;
        let (texts, documents) = (&self.shared.texts, &self.shared.documents);
        Ok(Box::new(Reading { connection, texts, documents }))
    }

    async fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        apply_alone(self, changes).await
    }
}

#[async_trait]
impl Begin for SqliteStore {
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        Ok(Box::new(GuardedTx::begin(&self.shared.writer, &self.shared.texts).await?))
    }
}

serve!(SqliteStore, "sqlite");
