//! What the benchmarks share: a world over a store, and files that are gone afterwards.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a benchmark that cannot be set up stops"
)]

pub mod commands;
pub mod data;
pub mod load;
pub mod open;

use std::sync::Arc;

use mentorship_core::{
    base::id::{PairId, ProgramId},
    conformance::world::World,
    store::Store,
};
use mentorship_sqlx::SqliteStore;

/// A new id, as the library makes them.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a benchmark makes ids as the library does")]
pub fn new_id<I: From<uuid::Uuid>>() -> I {
    I::from(uuid::Uuid::new_v4())
}

/// The one in the middle, or the mean of the two; 0 of nothing.
#[must_use]
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match (all.len() % 2, all.get(middle), all.get(middle.wrapping_sub(1))) {
        (1, Some(one), _) => *one,
        (_, Some(one), Some(other)) => f64::midpoint(*one, *other),
        _ => 0.0,
    }
}

/// A program with a pair of persons 1 and 2, ready for commands.
#[derive(Debug)]
pub struct Ready {
    /// The world.
    pub world: World,
    /// The program.
    pub program: ProgramId,
    /// The pair.
    pub pair: PairId,
}

impl Ready {
    /// Prepares a store.
    pub async fn over(store: Arc<dyn Store>) -> Self {
        let world = World::new(store);
        let program = world.program(|policy| policy.max_mentor_capacity = 50).await;
        let pair = world.pair(program, 1, 2).await;
        Self { world, program, pair }
    }
}

/// A database file in a folder that is gone with the value.
#[derive(Debug)]
pub struct File {
    folder: tempfile::TempDir,
    /// The store.
    pub store: SqliteStore,
}

impl File {
    /// A migrated store, synchronous like one in use.
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("bench.db")).await.unwrap();
        store.migrate().await.unwrap();
        Self { folder, store }
    }

    /// A connection past the store, with the same settings.
    pub async fn connection(&self) -> sqlx::SqliteConnection {
        use sqlx::{
            ConnectOptions as _,
            sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
        };
        SqliteConnectOptions::new()
            .filename(self.folder.path().join("bench.db"))
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .connect()
            .await
            .unwrap()
    }
}
