//! The same random histories on the store in memory and on each database. After every command: the same
//! reply, the same version and state of every record, an audit log of the same length, and no invariant
//! broken. A command that is given again under its id: the same reply and no second effect. Every
//! fourth: the same messages. Every eighth and at the end: everything, to the last field.
//!
//! `MENTORSHIP_HISTORIES` sets how many histories are played on `SQLite` (default 5,000),
//! `MENTORSHIP_SERVER_HISTORIES` how many on `PostgreSQL` and `MariaDB` each (default 100), and
//! `MENTORSHIP_SEED` the first one's number (default 1); a failure names the history that shows it:
//!
//! ```text
//! MENTORSHIP_HISTORIES=50000 cargo test --release -p mentorship-sqlx --all-features --test differential
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use common::{
    dice::times,
    server::{self, Lent, lend_mysql, lend_postgres},
};
use mentorship_core::{
    base::{host::TenantId, id::Id as _, version::Version},
    conformance::{
        census::{Census, Watch, census, views},
        history::{Move, Play},
        world::World,
    },
    model::event::OutboxMessage,
    store::Store,
};
use mentorship_memory::MemoryStore;
use mentorship_sqlx::{
    MySqlStore, PostgresStore, SqliteStore,
    sqlx::{self, AssertSqlSafe, MySqlPool, PgPool, SqlitePool},
};
use proptest::{
    prelude::Rng as _,
    test_runner::{RngAlgorithm, TestRng},
};

/// Commands in a history.
const LENGTH: usize = 40;
/// Histories that share their tables, each a tenant of its own with the same ids as all the others.
const SHARE: u64 = 50;

/// The numbers of a history. Some histories use only some commands, so that they get further into what
/// those lead to.
fn moves(history: u64) -> Vec<Move> {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&history.to_le_bytes());
    let mut rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut four = || {
        let mut bytes = [0_u8; 4];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let narrow = history.is_multiple_of(3);
    (0..LENGTH)
        .map(|turn| {
            let [what, a, b, c] = four();
            // The first commands of a narrow history make offers and pairs.
            let what = if narrow && turn < 20 { 2 + what % 14 } else { what };
            Move::from([what, a, b, c])
        })
        .collect()
}

async fn drain(world: &World) -> Vec<OutboxMessage> {
    world.messages().await.into_iter().map(|envelope| envelope.message).collect()
}

/// A record's id, its version and its state.
type Brief = (String, i64, String);

fn brief(census: &Census) -> (Vec<Brief>, i64) {
    let mut all = Vec::new();
    let mut add = |id: uuid::Uuid, version: Version, state: String| {
        all.push((
            id.simple().to_string(),
            i64::try_from(version.number()).expect("a small number"),
            state,
        ));
    };
    let json = |state: &dyn erased::State| state.json();
    census.programs.values().for_each(|it| add(it.id.uuid(), it.version, json(&it.state)));
    census.enrollments.values().for_each(|it| add(it.id.uuid(), it.version, json(&it.state)));
    census.proposals.values().for_each(|it| add(it.id.uuid(), it.version, json(&it.state)));
    census.pairs.values().for_each(|it| add(it.id.uuid(), it.version, json(&it.state)));
    all.sort();
    (all, i64::try_from(census.audit.len()).expect("a small number"))
}

mod erased {
    pub(crate) trait State {
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> State for T {
        fn json(&self) -> String {
            serde_json::to_string(self).expect("states are plain data")
        }
    }
}

/// A database that is compared with memory.
enum Database {
    /// Each part of the histories in a copy of this file.
    Sqlite(common::File),
    Postgres,
    Mysql,
}

/// Empty, migrated tables, and the way to them past the store.
enum Tables {
    Sqlite { store: SqliteStore, rows: SqlitePool, _file: common::File },
    Postgres { store: PostgresStore, lent: Lent<PgPool> },
    Mysql { store: MySqlStore, lent: Lent<MySqlPool> },
}

impl Database {
    /// Tables for some histories; `None` on a machine without this database.
    async fn tables(&self) -> Option<Tables> {
        Some(match self {
            Self::Sqlite(empty) => {
                let file = common::File::copy_of(empty);
                Tables::Sqlite { store: file.open().await, rows: file.rows().await, _file: file }
            }
            Self::Postgres => {
                let (lent, _) = lend_postgres().await?;
                let url = server::postgres()?;
                let store = server::open_own_pool(&url, 8, lent.prefix.clone()).await;
                Tables::Postgres { store, lent }
            }
            Self::Mysql => {
                let (lent, store) = lend_mysql().await?;
                Tables::Mysql { store, lent }
            }
        })
    }
}

/// Every record's id, version and state, and behind them the number of audit events.
fn brief_sql(prefix: &str, id: &str, tenant: &str) -> AssertSqlSafe<String> {
    let of = |table| {
        format!(
            "SELECT {id} AS id, version, state_doc FROM {prefix}{table} WHERE tenant = {tenant}"
        )
    };
    let all = ["programs", "enrollments", "proposals", "pairs"].map(of).join(" UNION ALL ");
    AssertSqlSafe(format!(
        "{all} UNION ALL SELECT '', COUNT(*), '' FROM {prefix}audit WHERE tenant = {tenant}"
    ))
}

impl Tables {
    fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite { store, .. } => Arc::new(store.clone()),
            Self::Postgres { store, .. } => Arc::new(store.clone()),
            Self::Mysql { store, .. } => Arc::new(store.clone()),
        }
    }

    /// The same as [`brief`], straight from the tables.
    async fn brief(&self, tenant: &TenantId) -> (Vec<Brief>, i64) {
        let who = tenant.as_str();
        let found = match self {
            Self::Sqlite { rows, .. } => {
                let sql = brief_sql("mentorship_", "REPLACE(id, '-', '')", "?1");
                sqlx::query_as(sql).bind(who).fetch_all(rows).await
            }
            Self::Postgres { lent, .. } => {
                let id = "REPLACE(CAST(id AS TEXT), '-', '')";
                let sql = brief_sql(lent.prefix.as_str(), id, "$1");
                sqlx::query_as(sql).bind(who).fetch_all(&lent.pool).await
            }
            Self::Mysql { lent, .. } => {
                let sql = brief_sql(lent.prefix.as_str(), "LOWER(HEX(id))", "?");
                let query = sqlx::query_as(sql).bind(who).bind(who).bind(who).bind(who).bind(who);
                query.fetch_all(&lent.pool).await
            }
        };
        let mut rows: Vec<Brief> = found.expect("the tables are read");
        rows.sort();
        let (_, events, _) = rows.remove(0);
        (rows, events)
    }

    async fn close(self) {
        match self {
            Self::Sqlite { store, rows, _file } => {
                rows.close().await;
                store.close().await;
            }
            Self::Postgres { lent, .. } => lent.give_back().await,
            Self::Mysql { lent, .. } => lent.give_back().await,
        }
    }
}

/// Plays one history on both, as a tenant of its own.
async fn history(number: u64, tables: &Tables, seen: &mut BTreeMap<String, u64>) {
    let stored = tables.store();
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let tenant = TenantId::try_from(format!("history{number}").as_str()).unwrap();
    let mut one = Play::begin(World::of(memory.clone(), tenant.clone())).await;
    let mut other = Play::begin(World::of(stored.clone(), tenant.clone())).await;
    let mut watch = Watch::of(tenant.clone());
    watch.check(&*memory, one.world.now()).await.unwrap();
    for (turn, step) in moves(number).into_iter().enumerate() {
        let told = one.play(step).await;
        let code = told.split([' ', '{', '(']).next().unwrap_or("").to_owned();
        *seen.entry(format!("{:02} {code}", step.what % 48)).or_insert(0) += 1;
        let at = format!("history {number}, command {turn}: {step:?}");
        assert_eq!(told, other.play(step).await, "{at}");
        let left = watch.check(&*memory, one.world.now()).await;
        let left = left.unwrap_or_else(|broken| panic!("{at}: {broken}\n{told}"));
        // Of every record the version and the state, and the length of the log; every few commands all
        // that anybody sees, to the last field.
        assert_eq!(brief(&left), tables.brief(&tenant).await, "{at}: {told}");
        if let Some(again) = one.again(step).await {
            assert_eq!(again, told, "{at}, given again");
            assert_eq!(other.again(step).await.as_ref(), Some(&told), "{at}, given again");
            let after = watch.check(&*memory, one.world.now()).await;
            let after = after.unwrap_or_else(|broken| panic!("{at}, given again: {broken}"));
            assert!(after == left, "{at}: a second effect\n{}", difference(&left, &after));
            assert_eq!(brief(&left), tables.brief(&tenant).await, "{at}: a second effect");
        }
        if turn % 8 == 7 {
            let right = census(&*stored, &tenant).await;
            assert!(left == right, "{at}: {told}\n{}", difference(&left, &right));
        }
        // What is to be said adds up until somebody fetches it.
        if turn % 4 == 3 {
            assert_eq!(drain(&one.world).await, drain(&other.world).await, "{at}");
        }
    }
    let left = census(&*memory, &tenant).await;
    let (left, right) =
        (views(&memory, &tenant, &left).await, views(&stored, &tenant, &left).await);
    assert_eq!(left, right, "history {number}");
}

fn difference<T: std::fmt::Debug>(left: &T, right: &T) -> String {
    let (left, right) = (format!("{left:#?}"), format!("{right:#?}"));
    let differ = left.lines().zip(right.lines()).filter(|(a, b)| a != b);
    let lines: Vec<String> =
        differ.take(12).map(|(a, b)| format!("memory: {a}\nstored: {b}")).collect();
    lines.join("\n")
}

/// Plays histories on memory and on this database, many at a time.
fn compare(database: &Database, histories: u64) {
    let first = times("MENTORSHIP_SEED", 1);
    let next = AtomicU64::new(first);
    let all = std::sync::Mutex::new(BTreeMap::<String, u64>::new());
    // Each history waits half of its time for its database.
    let threads = std::thread::available_parallelism().map_or(2, usize::from).min(8) * 2;
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                runtime.expect("a runtime").block_on(async {
                    let mut seen = BTreeMap::new();
                    loop {
                        let from = next.fetch_add(SHARE, Ordering::Relaxed);
                        let until = (from + SHARE).min(first + histories);
                        if from >= until {
                            break;
                        }
                        let Some(tables) = database.tables().await else { return };
                        for number in from..until {
                            history(number, &tables, &mut seen).await;
                            let played = number - first + 1;
                            if played.is_multiple_of(1_000) {
                                eprintln!("{played} of {histories} histories, no difference");
                            }
                        }
                        tables.close().await;
                    }
                    let mut all = all.lock().expect("no thread has panicked");
                    for (what, times) in seen {
                        *all.entry(what).or_insert(0) += times;
                    }
                });
            });
        }
    });
    let all = all.into_inner().expect("no thread has panicked");
    if all.is_empty() {
        return;
    }
    println!("{histories} histories of {LENGTH} commands from {first}:");
    for (what, times) in &all {
        println!("{times:>8}  {what}");
    }
    // Histories in which nothing happens would show nothing.
    let paired: u64 =
        all.iter().filter(|(what, _)| what.contains("Accepted")).map(|(_, n)| n).sum();
    assert!(histories < 100 || paired > histories / 3, "only {paired} acceptances");
}

#[test]
fn memory_and_sqlite_are_told_apart_by_nothing() {
    let empty = common::File::new();
    common::runtime().block_on(async { empty.store().await.close().await });
    compare(&Database::Sqlite(empty), times("MENTORSHIP_HISTORIES", 5_000));
}

#[test]
fn memory_and_postgres_are_told_apart_by_nothing() {
    compare(&Database::Postgres, times("MENTORSHIP_SERVER_HISTORIES", 100));
}

#[test]
fn memory_and_mysql_are_told_apart_by_nothing() {
    compare(&Database::Mysql, times("MENTORSHIP_SERVER_HISTORIES", 100));
}
