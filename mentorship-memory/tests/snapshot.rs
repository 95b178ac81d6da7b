//! A snapshot of a store in use comes back whole, and a broken one is refused by name.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::sync::Arc;

use mentorship_core::conformance::{
    census::census,
    history::{Move, Play},
    make::tenant,
    world::World,
};
use mentorship_memory::{MemoryStore, RestoreError, Snapshot};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

async fn lived_in() -> (MemoryStore, World) {
    let store = MemoryStore::new();
    let mut play = Play::begin(World::new(Arc::new(store.clone()))).await;
    let mut bytes: u32 = 7;
    for _ in 0..400 {
        bytes = bytes.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        play.play(Move::from(bytes.rotate_left(11).to_le_bytes())).await;
    }
    (store, play.world)
}

#[test]
fn what_was_lived_in_comes_back_through_json() {
    run(async {
        let (store, world) = lived_in().await;
        let json = serde_json::to_string(&store.snapshot()).unwrap();
        let again = MemoryStore::restore(serde_json::from_str(&json).unwrap()).unwrap();
        assert!(again.snapshot() == store.snapshot());
        assert_eq!(census(&again, &tenant()).await, census(&store, &tenant()).await);
        // It goes on from there: indexes, limits and versions are all back.
        let there = world.over(Arc::new(again.clone()));
        there.days(30);
        there.sweep().await;
        let program = there.program(|_| {}).await;
        there.pair(program, 50, 51).await;
        // The same steps lead to the same place on the store that the snapshot was taken of.
        let (same, world) = lived_in().await;
        world.days(30);
        world.sweep().await;
        let program = world.program(|_| {}).await;
        world.pair(program, 50, 51).await;
        assert!(again.snapshot() == same.snapshot());
    });
}

fn changed(change: impl Fn(&mut serde_json::Value)) -> Result<MemoryStore, RestoreError> {
    let (store, _) = run(lived_in());
    let mut value = serde_json::to_value(store.snapshot()).unwrap();
    change(&mut value);
    MemoryStore::restore(serde_json::from_value::<Snapshot>(value).unwrap())
}

#[test]
fn a_broken_snapshot_is_refused_by_name() {
    let newer = changed(|value| value["format"] = 99.into());
    assert!(matches!(newer, Err(RestoreError::Newer { found: 99 })));
    let twice = changed(|value| {
        let tenant = value["tenants"][0].clone();
        value["tenants"].as_array_mut().unwrap().push(tenant);
    });
    assert!(matches!(twice, Err(RestoreError::Duplicate { what: "tenant" })));
    let twice = changed(|value| {
        let form = value["tenants"][0]["forms"][0].clone();
        value["tenants"][0]["forms"].as_array_mut().unwrap().push(form);
    });
    assert!(matches!(twice, Err(RestoreError::Duplicate { what: "form" })));
    let dangling = changed(|value| {
        value["tenants"][0]["enrollments"].as_array_mut().unwrap().clear();
    });
    assert!(matches!(dangling, Err(RestoreError::Dangling { .. })));
}
