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
//! The pool is the host's, with its settings. Each view is one or two statements, each change set one
//! transaction at READ COMMITTED: every record that it rests on is held by a row lock in one global order
//! and its version compared before anything is written, and CHECKs, unique keys and a foreign key hold
//! even where a guard was forgotten. Nothing else is asked of the server: no extension, no sequence, no
//! LISTEN, no setting and no lock that outlives a transaction. Behind a pooler that gives each transaction
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
use sqlx::{PgPool, Postgres, Transaction as HostTransaction};

#[cfg(feature = "teeth")]
use crate::statement::Statement;
use crate::{
    join::Joined,
    prefix::Prefix,
    server::Shared,
    session::{Session, Transaction},
    store::{Backend, Begin, apply_alone, serve},
};

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
        Self { shared: Arc::new(Shared::new(pool, prefix)) }
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
        Self { shared: Arc::new(Shared::new(pool, prefix).pooled()) }
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
        <Postgres as crate::server::Server>::BEGIN
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
        if self.shared.texts.are_pooled() {
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
        Ok(Box::new(self.shared.begin().await?))
    }
}

serve!(PostgresStore, "postgres");
