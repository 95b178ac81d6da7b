//! `PostgreSQL` 12 or later.
//!
//! ```no_run
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! use mentorship_sqlx::{PostgresStore, Prefix, sqlx::PgPool};
//!
//! let pool = PgPool::connect("postgres://localhost/community").await?;
//! let store = PostgresStore::new(pool, Prefix::default());
//! store.migrate().await?;
//! store.verify().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The pool is the host's, with its settings, or one of the store's own ([`PostgresStore::connect`]), which is
//! faster. Each view is one or two statements, each change set one transaction at READ COMMITTED: every record
//! that it rests on is held by a row lock in one global order and its version compared before anything is
//! committed, and CHECKs, unique keys and a foreign key hold even where a guard was forgotten. Nothing else is
//! asked of the server: no extension, no sequence, no LISTEN, no lock that outlives a transaction, and no setting
//! of a connection of the host's that does. Behind a pooler that gives each transaction
//! another connection (`PgBouncer` in transaction mode, and the like) the store is made by
//! [`PostgresStore::behind_pooler`].
//!
//! Tables go into the first schema of the connection's `search_path`; set that in the connect options to
//! keep them apart from the host's.

mod batch;
mod bind;
mod fault;
mod migrate;
mod pooled;
mod sets;
mod verify;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use mentorship_core::{
    change::ChangeSet,
    store::{Store, StoreError},
};
use sqlx::{
    PgPool, Postgres, Transaction as HostTransaction,
    postgres::{PgConnectOptions, PgPoolOptions},
};

#[cfg(feature = "teeth")]
use crate::statement::Statement;
use crate::{
    join::Joined,
    prefix::Prefix,
    server::{Server, Shared},
    session::{Session, Transaction},
    statement::Connections,
    store::{Backend, Begin, apply_alone, serve},
};

/// What the store sets for connections of its own, as `SHOW` says it, and what each transaction sets for itself on
/// those of a host: see [`Server::BEGIN`].
const SETTINGS: [(&str, &str); 6] = [
    ("default_transaction_isolation", "read committed"),
    ("default_transaction_read_only", "off"),
    ("lock_timeout", "5s"),
    ("idle_in_transaction_session_timeout", "30s"),
    ("plan_cache_mode", "force_generic_plan"),
    ("enable_seqscan", "off"),
];

/// Statements that stay prepared on each connection of the store's own.
const STATEMENTS: usize = 300;

/// A store in a `PostgreSQL` database. Clones share the pool.
#[derive(Clone)]
pub struct PostgresStore {
    shared: Arc<Shared<Postgres>>,
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").field("prefix", &self.shared.prefix).finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// A store over the host's pool. Makes no table: see [`PostgresStore::migrate`].
    ///
    /// A statement cache of some hundred statements per connection pays (the driver's default is 100).
    #[must_use]
    pub fn new(pool: PgPool, prefix: Prefix) -> Self {
        Self::over(pool, prefix, Connections::Host)
    }

    fn over(pool: PgPool, prefix: Prefix, connections: Connections) -> Self {
        Self { shared: Arc::new(Shared::new(pool, prefix).over(connections)) }
    }

    /// A store with a pool of its own, which it makes of these options, with a statement cache of 300 on each
    /// connection. Nobody else runs statements on it; the host's own transactions come from the host's pool
    /// ([`join`](Self::join) is the same).
    ///
    /// To these connections the store gives the settings that it needs when they begin (READ COMMITTED, a wait of
    /// 5 s for a lock, plans that are made once and go by keys), where [`new`](Self::new) sets them in each
    /// transaction; [`verify`](Self::verify) checks that they are there. So most commands that carry an id
    /// ([`Actor::with_command`](mentorship_core::policy::actor::Actor::with_command)) are two round trips, one that
    /// reads and one that compares, writes and commits, instead of four or more. A connection that breaks during the
    /// second leaves the command in doubt, as one that breaks at a COMMIT does: its id settles that. Commands without
    /// one begin and commit.
    ///
    /// Where two commands meet, the server's log has an error with the words `mentorship: changed since it was read`
    /// or `mentorship: not as it usually is`: that is part of the course, and the command is decided anew. What the
    /// log says of the arguments of such a statement is `log_parameter_max_length_on_error`; leave that at 0, since
    /// people's words are among them. Not for a pooler, which may not pass the settings on.
    ///
    /// ```no_run
    /// # async fn open() -> Result<(), Box<dyn std::error::Error>> {
    /// use mentorship_sqlx::{PostgresStore, Prefix, sqlx::postgres::PgPoolOptions};
    ///
    /// let pool = PgPoolOptions::new().max_connections(8);
    /// let server = "postgres://localhost/community".parse()?;
    /// let store = PostgresStore::connect(pool, server, Prefix::default()).await?;
    /// store.migrate().await?;
    /// store.verify().await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// If no connection can be made.
    pub async fn connect(
        pool: PgPoolOptions,
        server: PgConnectOptions,
        prefix: Prefix,
    ) -> Result<Self, sqlx::Error> {
        let server = server.options(SETTINGS).statement_cache_capacity(STATEMENTS);
        Ok(Self::over(pool.connect_with(server).await?, prefix, Connections::Own))
    }

    /// Closes the pool, the host's too, once what runs on it has ended; nothing can be asked afterwards.
    pub async fn close(&self) {
        self.shared.pool.close().await;
    }

    /// A store over a pool whose connections end at a pooler that gives each transaction any connection of
    /// its own, such as `PgBouncer` with `pool_mode = transaction`.
    ///
    /// There the driver's prepared statements would be looked for on connections that do not have them, or
    /// have another one of the same name, which would run in its place, whatever the pool's
    /// `statement_cache_capacity`. This store prepares none that has a name, and reads inside transactions
    /// too. The price is that each statement is planned each time, and some more round trips for each read.
    /// Everything else is as with [`new`](Self::new): `migrate`, `verify`, `join`. `PgBouncer` refuses
    /// connections that ask for `extra_float_digits`, as the driver's do: set `extra_float_digits(None)` in
    /// the connect options, or `ignore_startup_parameters` of the pooler.
    ///
    /// A pooler in session mode needs no more than [`new`](Self::new); nor does one that keeps prepared
    /// statements itself (`max_prepared_statements` of `PgBouncer` 1.21, larger than the pool's statement
    /// cache), which was not tested. [`verify`](Self::verify) refuses a store made by `new` where it finds
    /// that statements are lost.
    #[must_use]
    pub fn behind_pooler(pool: PgPool, prefix: Prefix) -> Self {
        Self::over(pool, prefix, Connections::Pooler)
    }

    /// This store inside the host's open transaction, for
    /// [`Service::within`](mentorship_core::service::Service::within): each command runs under a
    /// savepoint and is never committed here. Works at every isolation level; above READ COMMITTED a
    /// record that somebody else changed since the transaction began is answered with `store.busy`.
    /// Nothing is asked of the transaction's timeouts.
    ///
    /// ```no_run
    /// # use mentorship_core::{base::id::ProposalId, policy::actor::Actor, service::Mentorship};
    /// # use mentorship_sqlx::{PostgresStore, sqlx::{self, PgPool}};
    /// # async fn accept(
    /// #     pool: PgPool, store: PostgresStore, mentorship: Mentorship, ana: Actor, offer: ProposalId,
    /// # ) -> Result<(), Box<dyn std::error::Error>> {
    /// let mut tx = pool.begin().await?;
    /// sqlx::query("UPDATE users SET badge = 'mentee' WHERE id = 7").execute(&mut *tx).await?;
    /// mentorship.within(store.join(&mut tx)).accept(&ana, offer).await?;
    /// tx.commit().await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn join<'t>(&'t self, tx: &'t mut HostTransaction<'_, Postgres>) -> impl Store + 't {
        Joined::new("postgres", &self.shared.texts, tx)
    }

    /// The prefix of its tables.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        &self.shared.prefix
    }

    /// What begins a transaction of a change set, for a test that looks at plans under its settings.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    #[must_use]
    pub fn begin_text(&self) -> &'static str {
        <Postgres as Server>::BEGIN
    }

    /// Every statement as the server gets it, for a test that prepares them all.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        let numbered =
            |statement| self.shared.texts.get(statement).named(|at| format!("${}", at + 1));
        Statement::ALL.iter().copied().map(numbered).collect()
    }
}

#[async_trait]
impl Backend for PostgresStore {
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError> {
        if self.shared.texts.connections() == Connections::Pooler {
            return Ok(Box::new(pooled::Reading(&self.shared)));
        }
        Ok(Box::new(self.shared.reading().await?))
    }

    async fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        apply_alone(self, changes).await
    }
}

#[async_trait]
impl Begin for PostgresStore {
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        let begin = match self.shared.texts.connections() {
            Connections::Own => "BEGIN",
            Connections::Host | Connections::Pooler => <Postgres as Server>::BEGIN,
        };
        Ok(Box::new(self.shared.begin_with(begin).await?))
    }
}

serve!(PostgresStore, "postgres");
