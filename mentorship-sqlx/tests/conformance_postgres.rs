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

mentorship_core::store_conformance!(run);
