//! The same random histories on the store in memory and on `SQLite`. After every command: the same
//! reply, the same version and state of every record, an audit log of the same length, and no invariant
//! broken. A command that is given again under its id: the same reply and no second effect. Every
//! fourth: the same messages. Every eighth and at the end: everything, to the last field.
//!
//! `MENTORSHIP_HISTORIES` sets how many histories are played (default 5,000), `MENTORSHIP_SEED` the
//! first one's number (default 1); a failure names the history that shows it:
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

use mentorship_core::{
    base::host::TenantId,
    conformance::{
        census::{Census, Watch, census, views},
        history::{Move, Play},
        world::World,
    },
    model::event::OutboxMessage,
    store::Store,
};
use mentorship_memory::MemoryStore;
use mentorship_sqlx::sqlx::{self, SqlitePool};
use proptest::{
    prelude::Rng as _,
    test_runner::{RngAlgorithm, TestRng},
};

/// Commands in a history.
const LENGTH: usize = 40;
/// Histories that share a file, each a tenant of its own with the same ids as all the others.
const SHARE: u64 = 50;

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(default)
}

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
    let mut add = |id: String, version: mentorship_core::base::version::Version, state: String| {
        all.push((id, i64::try_from(version.number()).expect("a small number"), state));
    };
    let json = |state: &dyn erased::State| state.json();
    census.programs.values().for_each(|it| add(it.id.to_string(), it.version, json(&it.state)));
    census.enrollments.values().for_each(|it| add(it.id.to_string(), it.version, json(&it.state)));
    census.proposals.values().for_each(|it| add(it.id.to_string(), it.version, json(&it.state)));
    census.pairs.values().for_each(|it| add(it.id.to_string(), it.version, json(&it.state)));
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

/// The same, straight from the tables.
async fn brief_rows(file: &SqlitePool, tenant: &TenantId) -> (Vec<Brief>, i64) {
    let sql = "SELECT id, version, state_doc FROM mentorship_programs WHERE tenant = ?1 \
        UNION ALL SELECT id, version, state_doc FROM mentorship_enrollments WHERE tenant = ?1 \
        UNION ALL SELECT id, version, state_doc FROM mentorship_proposals WHERE tenant = ?1 \
        UNION ALL SELECT id, version, state_doc FROM mentorship_pairs WHERE tenant = ?1 \
        UNION ALL SELECT '', COUNT(*), '' FROM mentorship_audit WHERE tenant = ?1 \
        ORDER BY 1, 2, 3";
    let mut rows: Vec<Brief> = sqlx::query_as(sql)
        .bind(tenant.as_str())
        .fetch_all(file)
        .await
        .expect("the tables are read");
    let (_, events, _) = rows.remove(0);
    (rows, events)
}

/// Plays one history on both, as a tenant of its own.
async fn history(
    number: u64,
    sqlite: Arc<dyn Store>,
    file: &SqlitePool,
    seen: &mut BTreeMap<String, u64>,
) {
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let tenant = TenantId::try_from(format!("history{number}").as_str()).unwrap();
    let mut one = Play::begin(World::of(memory.clone(), tenant.clone())).await;
    let mut other = Play::begin(World::of(sqlite.clone(), tenant.clone())).await;
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
        assert_eq!(brief(&left), brief_rows(file, &tenant).await, "{at}: {told}");
        if let Some(again) = one.again(step).await {
            assert_eq!(again, told, "{at}, given again");
            assert_eq!(other.again(step).await.as_ref(), Some(&told), "{at}, given again");
            let after = watch.check(&*memory, one.world.now()).await;
            let after = after.unwrap_or_else(|broken| panic!("{at}, given again: {broken}"));
            assert!(after == left, "{at}: a second effect\n{}", difference(&left, &after));
            assert_eq!(brief(&left), brief_rows(file, &tenant).await, "{at}: a second effect");
        }
        if turn % 8 == 7 {
            let right = census(&*sqlite, &tenant).await;
            assert!(left == right, "{at}: {told}\n{}", difference(&left, &right));
        }
        // What is to be said adds up until somebody fetches it.
        if turn % 4 == 3 {
            assert_eq!(drain(&one.world).await, drain(&other.world).await, "{at}");
        }
    }
    let left = census(&*memory, &tenant).await;
    let (left, right) =
        (views(&memory, &tenant, &left).await, views(&sqlite, &tenant, &left).await);
    assert_eq!(left, right, "history {number}");
}

fn difference<T: std::fmt::Debug>(left: &T, right: &T) -> String {
    let (left, right) = (format!("{left:#?}"), format!("{right:#?}"));
    let differ = left.lines().zip(right.lines()).filter(|(a, b)| a != b);
    let lines: Vec<String> =
        differ.take(12).map(|(a, b)| format!("memory: {a}\nsqlite: {b}")).collect();
    lines.join("\n")
}

#[test]
fn memory_and_sqlite_are_told_apart_by_nothing() {
    let (histories, first) = (number("MENTORSHIP_HISTORIES", 5_000), number("MENTORSHIP_SEED", 1));
    let next = AtomicU64::new(first);
    let empty = common::File::new();
    common::runtime().block_on(async { empty.store().await.close().await });
    let all = std::sync::Mutex::new(BTreeMap::<String, u64>::new());
    // Each history waits half of its time for its file's thread.
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
                        let file = common::File::copy_of(&empty);
                        let store = file.open().await;
                        let rows = file.rows().await;
                        for number in from..until {
                            history(number, Arc::new(store.clone()), &rows, &mut seen).await;
                            let played = number - first + 1;
                            if played.is_multiple_of(1_000) {
                                eprintln!("{played} of {histories} histories, no difference");
                            }
                        }
                        rows.close().await;
                        store.close().await;
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
    println!("{histories} histories of {LENGTH} commands from {first}:");
    for (what, times) in &all {
        println!("{times:>8}  {what}");
    }
    // Histories in which nothing happens would show nothing.
    let paired: u64 =
        all.iter().filter(|(what, _)| what.contains("Accepted")).map(|(_, n)| n).sum();
    assert!(histories < 100 || paired > histories / 3, "only {paired} acceptances");
}
