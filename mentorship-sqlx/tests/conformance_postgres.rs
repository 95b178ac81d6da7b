//! The whole suite on `PostgreSQL`, each case on empty tables of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::sync::Arc;

use common::{Tokio, server};
use mentorship_core::conformance::{Case, Harness};

fn run(case: Case) {
    common::runtime().block_on(async {
        let Some((lent, store)) = server::lend_postgres().await else { return };
        case(Harness { store: server::shared(store), spawner: Arc::new(Tokio) }).await;
        lent.give_back().await;
    });
}

/// With a pool of the store's own.
fn run_on_its_own(case: Case) {
    common::runtime().block_on(async {
        let Some((lent, _)) = server::lend_postgres().await else { return };
        let url = server::postgres().expect("the server was there a moment ago");
        let store = server::open_own_pool(&url, 8, lent.prefix.clone()).await;
        case(Harness { store: server::shared(store), spawner: Arc::new(Tokio) }).await;
        lent.give_back().await;
    });
}

mentorship_core::store_conformance!(run);

mod on_its_own {
    use super::run_on_its_own;

    mentorship_core::store_conformance!(run_on_its_own);
}
