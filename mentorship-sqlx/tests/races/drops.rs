//! Every command, dropped after its k-th poll for every k, over a pool of one connection.

use std::{collections::BTreeSet, sync::Arc};

use mentorship_core::store::Store;
use mentorship_memory::MemoryStore;

use crate::{
    commands::COMMANDS,
    common::{dice::times, runtime},
    digest,
    engine::{Belts, Engine, Kind},
    race::Track,
};

/// Every so many polls of a short run; each command begins at another one.
const STEP: u64 = 11;

/// How often commands were dropped, and what was there then.
#[derive(Debug, Default)]
struct Count {
    nothing: u32,
    whole: u32,
    /// Of commands that are several change sets: some of them.
    between: u32,
    finished: u32,
}

fn on_a_database(kind: Kind) {
    runtime().block_on(async {
        let Some(engine) = Engine::with(kind, Belts::On, 1).await else { return };
        every_command_is_whole_or_nothing(&engine.sides.given[0], &engine.name).await;
        engine.stop().await;
    });
}

#[test]
fn on_sqlite() {
    on_a_database(Kind::Sqlite);
}

#[test]
fn on_postgres() {
    on_a_database(Kind::Postgres("read committed"));
}

#[test]
fn on_postgres_with_a_pool_of_its_own() {
    on_a_database(Kind::PostgresOwn);
}

#[test]
fn on_mysql() {
    on_a_database(Kind::Mysql("REPEATABLE READ"));
}

#[test]
fn in_memory() {
    runtime().block_on(async {
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        every_command_is_whole_or_nothing(&store, "memory").await;
    });
}

async fn every_command_is_whole_or_nothing(store: &Arc<dyn Store>, name: &str) {
    let track = Track::new(times("MENTORSHIP_SEED", 1)).await;
    let step = u32::try_from(times("MENTORSHIP_DROPS", STEP)).unwrap().max(1);
    let (before, _) = track.in_turn(&[]).await;
    let mut count = Count::default();
    let mut in_steps = BTreeSet::new();
    for (command, first) in COMMANDS.iter().zip((1..=step).cycle()) {
        let (after, _) = track.in_turn(&[*command]).await;
        assert_ne!(before.lines, after.lines, "{} does nothing", command.name);
        for polls in (first..10_000).step_by(usize::try_from(step).unwrap()) {
            let (found, finished) =
                track.dropped(store, *command, polls, [&before.lines, &after.lines]).await;
            let told = format!("{} on {name}, dropped after {polls} polls", command.name);
            assert_eq!(found.broken, None, "{told}");
            if found.lines == after.lines {
                count.whole += 1;
            } else if finished || after.whole && found.lines != before.lines {
                let differ = digest::difference(&after.lines, &found.lines);
                panic!("{told}, {:?}:\n{differ}", found.told);
            } else if found.lines == before.lines {
                count.nothing += 1;
            } else {
                in_steps.insert(command.name);
                count.between += 1;
            }
            if finished {
                assert_eq!(found.told, ["done"], "{told}");
                count.finished += 1;
                break;
            }
        }
    }
    println!("{name}: {} commands: {count:?}; between steps: {in_steps:?}", COMMANDS.len());
    assert_eq!(usize::try_from(count.finished).unwrap(), COMMANDS.len());
}
