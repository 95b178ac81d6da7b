//! A world over a store, and files that are gone afterwards.

use std::sync::Arc;

use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id as _, PairId, ProgramId},
    },
    change::{Change, ChangeSet},
    conformance::{make, world::World},
    model::{
        enrollment::{EnrollmentState, Role},
        person::Person,
    },
    store::Store,
};
use mentorship_sqlx::SqliteStore;

/// A new id, as the library makes them.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "a benchmark makes ids as the library does")]
pub fn new_id<I: From<uuid::Uuid>>() -> I {
    I::from(uuid::Uuid::new_v4())
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

/// Enrolments of strangers in one state, in sets of a thousand.
pub async fn strangers(store: &dyn Store, program: ProgramId, count: u64, state: &EnrollmentState) {
    let mut unit = store.unit().await.unwrap();
    let all: Vec<u64> = (0..count).collect();
    for thousand in all.chunks(1_000) {
        let mut set = ChangeSet::new(make::tenant());
        for n in thousand {
            let person = PersonId::try_from(format!("stranger{n}")).unwrap();
            let role = if n % 5 == 0 { Role::Mentor } else { Role::Mentee };
            let mut place = make::enrollment(1, 1, 1, role);
            place.id = EnrollmentId::from_uuid(uuid::Uuid::from_u64_pair(
                n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                *n,
            ));
            place.program = program;
            place.person = person.clone();
            place.state = state.clone();
            set.put(Change::Person(Person { id: person, ..make::person(1) }));
            set.put(Change::Enrollment(place));
        }
        // Without guards: nothing is there yet, and asking a million times takes its time.
        set.guards.clear();
        assert!(unit.apply(set).await.is_ok());
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

    /// Puts on the disk what the system still holds back, so that what is measured next does not wait for
    /// it.
    pub async fn settle(&self) {
        let mut connection = self.connection().await;
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await.unwrap();
        std::fs::File::open(self.folder.path().join("bench.db")).unwrap().sync_all().unwrap();
    }
}
