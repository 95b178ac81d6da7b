//! The policies of the domain, each told by its label, on the service over memory.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod age;
mod calendar;
mod capacity;
mod ends;
mod halts;
mod limits;
mod opening;
mod programs;
mod sole_admin;

use std::sync::Arc;

use mentorship_core::conformance::world::World;
use mentorship_memory::MemoryStore;

fn world() -> World {
    World::new(Arc::new(MemoryStore::new()))
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}
