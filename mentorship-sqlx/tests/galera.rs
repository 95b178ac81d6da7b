//! A cluster of three nodes of which one is killed under load and comes back: nothing that was
//! acknowledged is lost, nothing happens twice, and the three hold the same again.
//!
//! Runs with `MENTORSHIP_GALERA` set, on a machine with `mariadb-server`, `galera-4` and `rsync`:
//!
//! ```text
//! MENTORSHIP_GALERA=1 cargo test -p mentorship-sqlx --all-features --test galera -- --nocapture
//! ```
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use common::{Tokio, galera::Galera, runtime, server};
use mentorship_core::{
    base::{
        id::{PairId, PostId},
        text::Body,
    },
    conformance::{
        Harness, cases,
        census::Watch,
        listings::all_after,
        make,
        world::{World, step},
    },
    service::{Backoff, Mentorship},
    store::{Listed, Listing, PAGE_MAX, Store},
};
use mentorship_sqlx::{
    MySqlStore, Prefix, VerifyError,
    sqlx::{self, MySqlPool, mysql::MySqlPoolOptions},
};

/// Pairs that write at the same time, each through some node.
const PAIRS: u64 = 6;
/// Posts of each.
const POSTS: u64 = 40;
/// Acknowledged posts after which a node is killed.
const UNTIL: usize = 60;

/// Waits as a host does.
#[derive(Debug)]
struct Waits;

#[async_trait::async_trait]
impl Backoff for Waits {
    async fn wait(&self, time: Duration) {
        tokio::time::sleep(time).await;
    }
}

/// A pool of a node whose reads wait for what other nodes have stored.
async fn settled(cluster: &Galera, node: usize) -> MySqlPool {
    let pool = MySqlPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_secs(10));
    let pool = pool.after_connect(|connection, _| {
        Box::pin(async move {
            let sql = "SET SESSION wsrep_sync_wait = 1";
            sqlx::raw_sql(sql).execute(connection).await.map(drop)
        })
    });
    pool.connect(&cluster.url(node)).await.unwrap()
}

fn on_cluster(pool: &MySqlPool) -> Arc<dyn Store> {
    Arc::new(MySqlStore::on_cluster(pool.clone(), Prefix::default()))
}

/// Posts for one pair, each under a command id, through the next node if one does not answer.
async fn writes(
    world: World,
    stores: Vec<Arc<dyn Store>>,
    n: u64,
    pair: PairId,
    acknowledged: Arc<AtomicUsize>,
) -> Vec<PostId> {
    let services: Vec<Mentorship> = stores
        .into_iter()
        .map(|store| {
            let service = Mentorship::builder(store, world.host.clone());
            service.clock(world.clock.clone()).backoff(Waits).attempts(50).build()
        })
        .collect();
    let mut node = usize::try_from(n).unwrap() % services.len();
    let mut posts = Vec::new();
    for number in 0..POSTS {
        let actor = world.person(2 * n + 1).with_command(make::id(1_000 * (n + 1) + number));
        let (step, body) = (step("hello"), Body::new(&format!("Number {number}.")).unwrap());
        let posted = loop {
            let post = services[node].post(&actor, pair, &step, None, body.clone());
            match post.await {
                Ok(posted) => break posted,
                Err(error) => {
                    // Busy, or an outcome that is not known: the same command tells, anywhere.
                    assert!(error.refusal().is_none(), "{error}");
                    node = (node + 1) % services.len();
                }
            }
        };
        assert_eq!(posted.seq, number + 1, "none is lost and none is there twice");
        acknowledged.fetch_add(1, Ordering::Relaxed);
        posts.push(posted.post);
    }
    posts
}

/// What a node has of a pair.
async fn posts_of(store: &Arc<dyn Store>, pair: PairId) -> Vec<PostId> {
    let what = Listing::Posts { pair, step: None };
    let all = all_after(&**store, &make::tenant(), &what, None, PAGE_MAX).await;
    let post = |item| match item {
        Listed::Post(post) => post.id,
        other => panic!("not a post: {other:?}"),
    };
    all.into_iter().map(post).collect()
}

#[test]
fn the_whole_suite_on_a_node_of_a_cluster() {
    runtime().block_on(async {
        let Some(cluster) = Galera::start().await else { return };
        let pool = settled(&cluster, 0).await;
        let prefix = Prefix::default();
        MySqlStore::on_cluster(pool.clone(), prefix.clone()).migrate().await.unwrap();
        let cases = cases();
        for (name, case) in &cases {
            eprintln!("{name}");
            case(Harness { store: on_cluster(&pool), spawner: Arc::new(Tokio) }).await;
            server::empty_mysql(&pool, &prefix).await;
        }
        eprintln!("{} cases on a node of a cluster", cases.len());
    });
}

#[test]
fn a_killed_node_loses_nothing_and_comes_back() {
    runtime().block_on(async {
        let Some(mut cluster) = Galera::start().await else { return };
        let mut pools = Vec::new();
        for node in 0..3 {
            pools.push(settled(&cluster, node).await);
        }
        let first = MySqlStore::on_cluster(pools[0].clone(), Prefix::default());
        first.migrate().await.unwrap();
        first.verify().await.unwrap();
        let single = MySqlStore::new(pools[0].clone(), Prefix::default());
        let refused = single.verify().await.unwrap_err();
        assert!(
            matches!(refused, VerifyError::Setting { setting: "wsrep_on", .. }),
            "a store that takes a cluster for one server: {refused}"
        );

        let world = World::new(on_cluster(&pools[0]));
        let program = world.program(|_| {}).await;
        let mut pairs = Vec::new();
        for n in 0..PAIRS {
            pairs.push(world.pair(program, 2 * n + 1, 2 * n + 2).await);
        }
        let acknowledged = Arc::new(AtomicUsize::new(0));
        let stores: Vec<_> = pools.iter().map(on_cluster).collect();
        let running: Vec<_> = (0..PAIRS)
            .zip(&pairs)
            .map(|(n, pair)| {
                let (world, stores) = (world.clone(), stores.clone());
                tokio::spawn(writes(world, stores, n, *pair, acknowledged.clone()))
            })
            .collect();
        while acknowledged.load(Ordering::Relaxed) < UNTIL {
            tokio::task::yield_now().await;
        }
        cluster.kill(2);
        let at_the_kill = acknowledged.load(Ordering::Relaxed);
        let mut told = Vec::new();
        for worker in running {
            told.push(worker.await.unwrap());
        }
        cluster.run(2, false);
        cluster.synced(2).await;
        let size = cluster.state(0, "WSREP_CLUSTER_SIZE").await;
        assert_eq!(size.as_deref(), Some("3"), "three again");
        pools[2].close().await;
        pools[2] = settled(&cluster, 2).await;
        for (node, pool) in pools.iter().enumerate() {
            let store = on_cluster(pool);
            for (pair, told) in pairs.iter().zip(&told) {
                assert_eq!(posts_of(&store, *pair).await, *told, "node {node}");
            }
            Watch::default().check(&*store, world.now()).await.unwrap();
        }
        let all = acknowledged.load(Ordering::Relaxed);
        println!("{at_the_kill} of {all} posts acknowledged at the kill, all on three nodes");
    });
}
