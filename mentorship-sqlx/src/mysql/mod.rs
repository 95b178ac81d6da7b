//! `MariaDB` 10.6 or later, and `MySQL` 8.0.16 or later by design (the tests run on `MariaDB`).
//!
//! ```no_run
//! # async fn open() -> Result<(), Box<dyn std::error::Error>> {
//! use mentorship_sqlx::{MySqlStore, Prefix, sqlx::MySqlPool};
//!
//! let pool = MySqlPool::connect("mysql://root@localhost/community").await?;
//! let store = MySqlStore::new(pool, Prefix::default());
//! store.migrate().await?;
//! store.verify().await?;
//! # Ok(())
//! # }
//! ```
//!
//! The pool is the host's, with its settings. Each change set is one transaction at READ COMMITTED: every
//! record that it rests on is held by a row lock in one global order and its version compared before
//! anything is written, and CHECKs, unique keys and a foreign key hold even where a guard was forgotten.
//! Tables are `InnoDB`; keys are bytes, so that neither a character set nor a collation has a say in
//! whether two of them are the same.

mod batch;
mod block;
mod fault;
mod migrate;
mod sets;
mod verify;
pub(crate) mod wide;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use mentorship_core::{
    change::ChangeSet,
    store::{Store, StoreError},
};
use sqlx::{MySql, MySqlPool, Transaction as HostTransaction};

#[cfg(feature = "teeth")]
use crate::statement::Statement;
use crate::{
    join::Joined,
    prefix::Prefix,
    server::{Server, Shared},
    session::{Session, Transaction},
    store::{Backend, Begin, apply_alone, serve},
};

/// A store in a `MariaDB` or `MySQL` database. Clones share the pool.
#[derive(Clone)]
pub struct MySqlStore {
    shared: Arc<Shared<MySql>>,
}

impl fmt::Debug for MySqlStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlStore").field("prefix", &self.shared.prefix).finish_non_exhaustive()
    }
}

impl MySqlStore {
    /// A store over the host's pool. Makes no table: see [`MySqlStore::migrate`].
    ///
    /// A statement cache of some hundred statements per connection pays (the driver's default is 100).
    #[must_use]
    pub fn new(pool: MySqlPool, prefix: Prefix) -> Self {
        Self { shared: Arc::new(Shared::new(pool, prefix)) }
    }

    /// A store over a pool of one node of a Galera cluster whose other nodes are written to as well.
    ///
    /// A row lock does not reach another node: a cluster compares transactions by the rows that they
    /// wrote, when they commit. So here each record that a change set rests on is written too, if only by
    /// a counter, and of two sets on different nodes of which one rests on what the other writes the later
    /// one is undone and answered with `store.busy`, after which the service decides again. The price is
    /// that two sets which only read the same record, and would pass each other on one server, meet here
    /// too; a host that sends one program's commands to one node meets seldom. The stores of all nodes
    /// have to be made by this.
    ///
    /// What one node has stored another one may read a moment later only: a host that reads its own writes
    /// elsewhere sets `wsrep_sync_wait` for the pool's sessions. Migrate from one node.
    #[must_use]
    pub fn on_cluster(pool: MySqlPool, prefix: Prefix) -> Self {
        Self { shared: Arc::new(Shared::new(pool, prefix).across_nodes()) }
    }

    /// This store inside the host's open transaction, for
    /// [`Service::within`](mentorship_core::service::Service::within): each command runs under a
    /// savepoint and is never committed here. At REPEATABLE READ, the server's default, a record that
    /// somebody else changed since the transaction's first read is answered with `store.conflict`, however
    /// often it is tried within it.
    ///
    /// A command that is dropped before its end is undone; where the driver cannot tell its answers from
    /// the next one's, the connection is ended, and the host's next statement or COMMIT fails.
    ///
    /// If the server chooses the transaction as a deadlock's victim it has undone all of it, what the
    /// host wrote included: the answer is `store.busy`, and the connection is ended so that nothing that
    /// follows can be taken for a part of it.
    pub fn join<'t>(&'t self, tx: &'t mut HostTransaction<'_, MySql>) -> impl Store + 't {
        Joined::new("mysql", &self.shared.texts, tx)
    }

    /// The prefix of its tables.
    #[must_use]
    pub fn prefix(&self) -> &Prefix {
        &self.shared.prefix
    }

    /// Every statement as the server gets it, for a test that prepares them all.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    #[must_use]
    pub fn statements(&self) -> Vec<String> {
        let texts = &self.shared.texts;
        Statement::ALL.iter().map(|it| texts.get(*it).sql.as_ref().to_owned()).collect()
    }
}

#[async_trait]
impl Backend for MySqlStore {
    async fn reading(&self) -> Result<Box<dyn Session + '_>, StoreError> {
        Ok(Box::new(self.shared.reading().await?))
    }

    async fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        apply_alone(self, changes).await
    }
}

#[async_trait]
impl Begin for MySqlStore {
    async fn begin(&self) -> Result<Box<dyn Transaction + '_>, StoreError> {
        Ok(Box::new(self.shared.begin_with(<MySql as Server>::BEGIN).await?))
    }
}

serve!(MySqlStore, "mysql");
