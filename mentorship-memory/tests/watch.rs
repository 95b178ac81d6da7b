//! The census notices what it is there to notice.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::sync::Arc;

use mentorship_core::conformance::{
    census::{Watch, census},
    history::{Move, Play},
    make::tenant,
    world::World,
};
use mentorship_memory::MemoryStore;

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// I5: the audit log is append-only. An event that is edited or taken out is noticed, also when the log
/// has grown meanwhile.
#[test]
fn an_edited_audit_log_is_noticed() {
    run(async {
        let store = MemoryStore::new();
        let world = World::new(Arc::new(store.clone()));
        let program = world.program(|_| {}).await;
        world.pair(program, 1, 2).await;
        let mut watch = Watch::default();
        watch.check(&store, world.now()).await.unwrap();
        world.pair(program, 3, 4).await;
        watch.clone().check(&store, world.now()).await.unwrap();
        let changes: [fn(&mut Vec<serde_json::Value>); 2] = [
            |log| log[0]["reason"] = "edited".into(),
            // One event for another: the log is as long as before.
            |log| log[0]["id"] = "ffffffff-0000-4000-8000-000000000000".into(),
        ];
        for change in changes {
            let mut value = serde_json::to_value(store.snapshot()).unwrap();
            change(value["tenants"][0]["audit"].as_array_mut().unwrap());
            let edited = MemoryStore::restore(serde_json::from_value(value).unwrap()).unwrap();
            let broken = watch.clone().check(&edited, world.now()).await.unwrap_err();
            assert!(broken.starts_with("I5: the audit log"), "{broken}");
        }
    });
}

/// Row 62: in the histories some commands have an id, and some of those are given twice.
#[test]
fn commands_of_a_history_are_given_again() {
    run(async {
        let store = MemoryStore::new();
        let mut play = Play::begin(World::new(Arc::new(store.clone()))).await;
        let (mut bytes, mut again) = (7_u32, 0);
        for _ in 0..400 {
            bytes = bytes.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let step = Move::from(bytes.rotate_left(11).to_le_bytes());
            let told = play.play(step).await;
            let before = census(&store, &tenant()).await;
            if let Some(same) = play.again(step).await {
                assert_eq!(same, told, "{step:?}");
                assert!(census(&store, &tenant()).await == before, "{step:?}: a second effect");
                again += 1;
            }
        }
        assert!(again > 30, "{again} given again");
        let snapshot = serde_json::to_value(store.snapshot()).unwrap();
        let stored = snapshot["tenants"][0]["commands"].as_array().unwrap().len();
        assert!(stored > 20, "{stored} commands with an id");
    });
}
