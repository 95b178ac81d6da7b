//! The whole suite on `SQLite`, each case on a file of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::sync::Arc;

use common::Tokio;
use mentorship_core::conformance::{Case, Harness};

fn run(case: Case) {
    common::runtime().block_on(async {
        let file = common::File::new();
        let store = file.store().await;
        case(Harness { store: Arc::new(store.clone()), spawner: Arc::new(Tokio) }).await;
        store.close().await;
    });
}

mentorship_core::store_conformance!(run);
