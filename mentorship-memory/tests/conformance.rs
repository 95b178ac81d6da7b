//! The whole suite on the store in memory.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::sync::Arc;

use mentorship_core::conformance::{Case, Harness, Spawner, Task};
use mentorship_memory::MemoryStore;

#[derive(Debug)]
struct Tokio;

#[async_trait::async_trait]
impl Spawner for Tokio {
    async fn all(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("no task of a race panics");
        }
    }
}

fn run(case: Case) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build();
    let harness = Harness { store: Arc::new(MemoryStore::new()), spawner: Arc::new(Tokio) };
    runtime.expect("a runtime").block_on(case(harness));
}

mentorship_core::store_conformance!(run);
