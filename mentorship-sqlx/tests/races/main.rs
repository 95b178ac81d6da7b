//! Commands that race on real databases, with teeth.
//!
//! In one prepared state every command has something to do. Which of them rest on a record that another
//! one writes is computed from their change sets; each two of these race in both orders: both have
//! decided on what they read before either applies. Afterwards no invariant is broken, both were told yes
//! or no, and what is there, to the last field, event and message, is what one of the two orders gives in
//! memory. Without the guard on a kind of record, or without guards and belts, the same races find that
//! broken.
//!
//! With `MENTORSHIP_GALERA` set the same runs across the nodes of a cluster, each command on another one.
//!
//! Each command is also given up at every await, over a pool of one connection: it has happened as a whole
//! or not at all, and whoever comes next gets that connection. A run takes some of these points;
//! `MENTORSHIP_DROPS=1` takes each, 2 each second one.
//!
//! A run takes a part of all races, by a seed that it prints; `MENTORSHIP_SEED` replays it.
//! `MENTORSHIP_RACES` runs them all so many times, and `MENTORSHIP_COMMANDS` those in which there is a command
//! whose name begins so:
//!
//! ```text
//! MENTORSHIP_RACES=1 MENTORSHIP_COMMANDS=person.erase \
//!     cargo test -p mentorship-sqlx --all-features --test races -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod cast;
mod commands;
#[path = "../common/mod.rs"]
mod common;
mod digest;
mod drops;
mod engine;
mod field;
mod gate;
mod named;
mod race;

use common::{galera::Galera, runtime};
use engine::{Belts, Engine, Kind};
use field::{Field, Report};
use mentorship_core::conformance::teeth::ANCHORS;

/// Every command of the table does something, and enough of them meet.
#[test]
fn every_command_has_something_to_do() {
    runtime().block_on(async {
        let field = Field::new().await;
        println!("{}", field.summary());
        assert!(field.pairs.len() > 500, "{}", field.pairs.len());
        // So a database that compares only what was written tells any two commands apart as well.
        assert!(field.pairs.iter().all(|it| !it.crossed), "two rest on each other unseen");
    });
}

async fn every_race_is_sound(kind: Kind) {
    let field = Field::new().await;
    let Some(engine) = Engine::start(kind, Belts::On).await else { return };
    let report = field.run(&engine, field.races()).await;
    println!("{}: {report}", engine.name);
    report.assert_sound();
    engine.stop().await;
}

/// Without the guard on a kind of record, a belt of the database stops a command or a rule is broken;
/// without the belts too, a rule is broken.
async fn races_have_teeth(kind: Kind) {
    let field = Field::new().await;
    for belts in [Belts::On, Belts::Off] {
        let Some(engine) = Engine::start(kind, belts).await else { return };
        for anchor in ANCHORS {
            let long = field.is_long();
            let bitten = move |report: &Report| match belts {
                Belts::On => !report.found.is_empty(),
                Belts::Off => report.found.keys().any(|found| matches!(*found, "rule" | "order")),
            };
            let enough = move |report: &Report| !long && bitten(report);
            let kinds = Some(std::slice::from_ref(anchor));
            let report = field.run_without(&engine, kinds, field.races_on(anchor), enough).await;
            println!("{}, belts {belts:?}, without {anchor}: {report}", engine.name);
            assert!(bitten(&report), "nothing notices that {anchor} is not guarded: {report}");
        }
        engine.stop().await;
    }
}

macro_rules! on {
    ($($name:ident: $kind:expr;)+) => {$(
        mod $name {
            use super::*;

            #[test]
            fn sound() {
                runtime().block_on(every_race_is_sound($kind));
            }

            #[test]
            fn teeth() {
                runtime().block_on(races_have_teeth($kind));
            }
        }
    )+};
}

on! {
    sqlite: Kind::Sqlite;
    postgres_read_committed: Kind::Postgres("read committed");
    postgres_repeatable_read: Kind::Postgres("repeatable read");
    postgres_own_pool: Kind::PostgresOwn;
    mysql_read_committed: Kind::Mysql("READ COMMITTED");
    mysql_repeatable_read: Kind::Mysql("REPEATABLE READ");
}

/// Each command of a race on another node: sound for a store that knows of the cluster, and found broken
/// for one that takes it for a single server.
#[test]
fn across_the_nodes_of_a_cluster() {
    runtime().block_on(async {
        let Some(cluster) = Galera::start().await else { return };
        let field = Field::new().await;
        let engine = Engine::across(&cluster, true).await;
        for races in [field.races(), field.behind_races()] {
            let report = field.run(&engine, races).await;
            println!("{}: {report}", engine.name);
            report.assert_sound();
        }
        engine.stop().await;
        let engine = Engine::across(&cluster, false).await;
        let report = field.run(&engine, field.behind_races()).await;
        println!("{}: {report}", engine.name);
        assert!(!report.found.is_empty(), "row locks alone hold across nodes: {report}");
        engine.stop().await;
    });
}
