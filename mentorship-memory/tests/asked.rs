//! How often a store is asked does not grow with how many somebody has to be asked about.
#![allow(clippy::unwrap_used, reason = "a test states what it expects")]

use std::{
    fmt::Debug,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use async_trait::async_trait;
use mentorship_core::{
    change::ChangeSet,
    conformance::{
        make::{slug, who},
        through::{Hook, Through},
        world::World,
    },
    decide::report::ReportAsk,
};
use mentorship_memory::MemoryStore;

#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicUsize>);

#[async_trait]
impl Hook for Count {
    fn asked(&self, _method: &'static str, _ask: &dyn Debug) {
        self.0.fetch_add(1, Relaxed);
    }

    async fn before_apply(&self, _changes: &mut ChangeSet) {}
}

/// What filing a report asks the store where the group has so many admins, all of whom might review it.
async fn asked(admins: u64) -> usize {
    let count = Count::default();
    let store = Through::hooked(Arc::new(MemoryStore::new()), count.clone());
    let (world, _keys) = World::new(Arc::new(store)).keyed();
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    world.host.admins((900..900 + admins).map(who));
    count.0.store(0, Relaxed);
    let report = ReportAsk::new(who(1), slug("scam"));
    world.service.file_report(&world.person(2), program, report).await.unwrap();
    count.0.load(Relaxed)
}

#[test]
fn admins_are_looked_up_together() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (two, fifty) = runtime.block_on(async { (asked(2).await, asked(50).await) });
    assert!(two > 0);
    assert_eq!(two, fifty);
}
