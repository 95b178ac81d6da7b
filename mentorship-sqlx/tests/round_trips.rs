//! How often a command waits for its server, counted on the wire. `docs/performance.md` shows the table that
//! this test prints:
//!
//! ```text
//! cargo test -p mentorship-sqlx --all-features --test round_trips -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::sync::Arc;

use common::{
    proxy::{Proxy, Traffic, Wire},
    runtime, server,
};
use mentorship_core::{
    base::text::Body,
    conformance::{
        case_lists::{HiddenBy, log, queues},
        make::{id, slug, tenant, who},
        world::{World, sign_up},
    },
    model::enrollment::Role,
    policy::actor::Actor,
    store::{
        CaseScope, ListAsk, Listing, Store,
        ask::{AuditScope, CaseQueue},
    },
};
use mentorship_sqlx::{
    MySqlStore, PostgresStore,
    sqlx::{mysql::MySqlPoolOptions, postgres::PgPoolOptions},
};

/// Each command with what it sent, when its statements had been prepared.
async fn counted(store: Arc<dyn Store>, proxy: &Proxy) -> Vec<(&'static str, Traffic)> {
    let world = World::new(store);
    let service = &world.service;
    let mut counts = Vec::new();
    let mut number = 1_000_u64;
    let program = world.program(|policy| policy.max_mentor_capacity = 50).await;
    // The first two rounds prepare the statements, in every form that they take; the third is counted.
    for round in 0..3 {
        counts.clear();
        let (mentor, mentee) = (10 * round + 1, 10 * round + 2);
        let admin = world.admin();
        let mut told = |actor: Actor| {
            number += 1;
            actor.with_command(id(number))
        };
        let before = &mut proxy.traffic();
        let mut note = |what| {
            let now = proxy.traffic();
            let sent = Traffic {
                round_trips: now.round_trips - before.round_trips,
                statements: now.statements - before.statements,
            };
            *before = now;
            counts.push((what, sent));
        };
        let (mentor_place, _) = service
            .enroll(&told(world.person(mentor)), program, sign_up(Role::Mentor))
            .await
            .unwrap();
        note("sign up");
        let (mentee_place, _) = service
            .enroll(&told(world.person(mentee)), program, sign_up(Role::Mentee))
            .await
            .unwrap();
        note("sign up, another");
        let actor = told(admin.clone());
        let draft = service.stage_proposal(&actor, mentor_place, mentee_place, None).await.unwrap();
        note("stage a draft");
        service.publish_proposal(&told(admin), draft.proposal).await.unwrap();
        note("publish it");
        service.accept(&told(world.person(mentee)), draft.proposal).await.unwrap();
        note("accept, the first");
        let done = service.accept(&told(world.person(mentor)), draft.proposal).await.unwrap();
        note("accept, the second");
        let pair = done.pair.unwrap();
        let body = Body::new("Fair winds.").unwrap();
        let actor = told(world.person(mentor));
        service.post(&actor, pair, &slug("hello"), None, body).await.unwrap();
        note("post");
        let actor = told(world.person(mentee));
        service.block(&actor, &who(mentor)).await.unwrap();
        note("block");
    }
    counts
}

/// What the reader of a queue is shown.
type ListingOf = fn(&CaseQueue) -> Listing;

/// What is hidden from the reader of a queue, or of the log, the database leaves out, so that a page of it is read in
/// one question whatever there is before it, but for cases of which the reader is a witness under a key of before: how often the
/// store is asked tells of no other (D12).
async fn a_queue_is_read_in_one_question(store: Arc<dyn Store>, proxy: &Proxy) {
    let queues = queues(&*store).await;
    log(&*store, &queues).await;
    let of_queue = |queue: &CaseQueue| Listing::Cases { scope: CaseScope::Queue(queue.clone()) };
    let of_log = |queue: &CaseQueue| {
        let (program, reader) = (queue.program, queue.reader.clone());
        Listing::Audit { scope: AuditScope::Seen { program, reader } }
    };
    let listings: [(u16, ListingOf); 2] = [(2, of_queue), (10, of_log)];
    for (limit, listing) in listings {
        let mut sent = Vec::new();
        // The first two rounds prepare the statement; the third is counted.
        for _ in 0..3 {
            sent.clear();
            for (way, queue, _) in &queues {
                let before = proxy.traffic();
                let ask = ListAsk { tenant: tenant(), what: listing(queue), after: None, limit };
                let page = store.unit().await.unwrap().list(&ask).await.unwrap();
                let now = proxy.traffic();
                assert_eq!(page.items.len(), usize::from(limit), "{way:?}");
                assert!(page.next.is_some(), "{way:?}");
                let trips = now.round_trips - before.round_trips;
                sent.push((*way, trips, now.statements - before.statements));
            }
        }
        let (nothing, trips, statements) = sent[0];
        assert_eq!(nothing, HiddenBy::Nothing);
        assert!(statements > 0, "{sent:?}");
        for (way, more_trips, more_statements) in sent {
            assert_eq!((more_trips, more_statements), (trips, statements), "{way:?}");
        }
    }
}

/// The columns of what follows.
const DATABASES: [&str; 3] = ["PostgreSQL", "PostgreSQL, a pool of its own", "MariaDB"];

/// Most round trips of each command. The table in `docs/performance.md` says the same.
const MOST: [(&str, [usize; 3]); 8] = [
    ("sign up", [4, 2, 2]),
    ("sign up, another", [4, 2, 2]),
    ("stage a draft", [6, 6, 4]),
    ("publish it", [6, 6, 4]),
    ("accept, the first", [5, 3, 3]),
    ("accept, the second", [5, 3, 3]),
    ("post", [4, 2, 2]),
    ("block", [4, 2, 2]),
];

/// Prints what was counted, and fails where it is more.
fn told(database: usize, counts: &[(&'static str, Traffic)]) {
    let name = DATABASES[database];
    eprintln!("| {name} | round trips | statements |\n|---|---|---|");
    for (what, sent) in counts {
        eprintln!("| {what} | {} | {} |", sent.round_trips, sent.statements);
    }
    for ((what, sent), (known, most)) in counts.iter().zip(MOST) {
        assert_eq!(*what, known);
        assert!(sent.round_trips <= most[database], "{name}, {what}: {sent:?}");
    }
    assert_eq!(counts.len(), MOST.len());
}

/// Does something over a store of a server that is reached by one connection through a proxy.
macro_rules! through_a_proxy {
    ($lend:ident, $server:ident, $wire:ident, $options:ident, $store:ident, $does:expr) => {
        runtime().block_on(async {
            let Some((lent, plain)) = server::$lend().await else { return };
            let (proxy, url) = Proxy::before(&server::$server().unwrap(), Wire::$wire).await;
            let pool = $options::new().max_connections(1).connect(&url).await.unwrap();
            let store = Arc::new($store::new(pool.clone(), plain.prefix().clone()));
            $does(store, &proxy).await;
            pool.close().await;
            lent.give_back().await;
        })
    };
    (postgres, $does:expr) => {
        through_a_proxy!(lend_postgres, postgres, Postgres, PgPoolOptions, PostgresStore, $does)
    };
    (mysql, $does:expr) => {
        through_a_proxy!(lend_mysql, mysql, Mysql, MySqlPoolOptions, MySqlStore, $does)
    };
}

#[test]
fn on_postgres_no_command_waits_more_often_than_is_said() {
    through_a_proxy!(postgres, async |store, proxy: &Proxy| told(0, &counted(store, proxy).await));
}

#[test]
fn on_postgres_with_a_pool_of_its_own_no_command_waits_more_often_than_is_said() {
    runtime().block_on(async {
        let Some((lent, plain)) = server::lend_postgres().await else { return };
        let (proxy, url) = Proxy::before(&server::postgres().unwrap(), Wire::Postgres).await;
        let pool = PgPoolOptions::new().max_connections(1);
        let server = url.parse().unwrap();
        let store = PostgresStore::connect(pool, server, plain.prefix().clone()).await.unwrap();
        told(1, &counted(Arc::new(store), &proxy).await);
        lent.give_back().await;
    });
}

#[test]
fn on_mysql_no_command_waits_more_often_than_is_said() {
    through_a_proxy!(mysql, async |store, proxy: &Proxy| told(2, &counted(store, proxy).await));
}

#[test]
fn on_postgres_a_queue_costs_the_same_whatever_is_hidden() {
    through_a_proxy!(postgres, a_queue_is_read_in_one_question);
}

#[test]
fn on_mysql_a_queue_costs_the_same_whatever_is_hidden() {
    through_a_proxy!(mysql, a_queue_is_read_in_one_question);
}
