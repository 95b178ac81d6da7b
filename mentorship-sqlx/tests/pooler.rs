//! `PostgreSQL` behind a pooler in transaction mode, with fewer connections than there are tasks: each
//! transaction may run on another one, and whatever a session keeps is lost or met by somebody else.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use common::{
    crowd::Crowd,
    dropped_after,
    ledger::{Ledger, sound},
    pooler::{Pooler, SIZE},
    runtime, server,
};
use mentorship_core::{
    base::{
        id::{CommandId, Id as _},
        text::Body,
    },
    conformance::{
        make::{self, after},
        world::{World, step},
    },
    store::{ClaimAsk, Envelope, Outbox as _, Store, StoreErrorKind},
};
use mentorship_sqlx::{
    PostgresStore, Prefix, VerifyError,
    sqlx::{
        self, AssertSqlSafe, PgPool,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

/// Tasks at a time.
const TASKS: usize = 8;

/// The test's own tables, a pooler before their server, and a pool of connections to it.
struct Behind {
    lent: server::Lent<PgPool>,
    direct: PostgresStore,
    pooler: Pooler,
    pool: PgPool,
    store: PostgresStore,
}

async fn connect(options: PgConnectOptions) -> PgPool {
    let pool = PgPoolOptions::new().max_connections(6).acquire_timeout(Duration::from_mins(1));
    // A pooler does not pass this on and refuses who asks for it.
    pool.connect_with(options.extra_float_digits(None)).await.unwrap()
}

impl Behind {
    async fn start() -> Option<Self> {
        let (lent, direct) = server::lend_postgres().await?;
        let pooler = Pooler::before(&server::postgres()?)?;
        let pool = connect(pooler.url().parse().unwrap()).await;
        let store = PostgresStore::behind_pooler(pool.clone(), lent.prefix.clone());
        Some(Self { lent, direct, pooler, pool, store })
    }

    /// Every connection of the pooler's is as it was when it was new, and none is in a transaction.
    async fn stop(self) {
        let mut held = Vec::new();
        let mut seen = BTreeSet::new();
        for _ in 0..SIZE {
            let mut tx = self.pool.begin().await.unwrap();
            let sql = "SELECT pg_backend_pid()::text, current_setting('lock_timeout'), \
                current_setting('idle_in_transaction_session_timeout'), \
                (SELECT COUNT(*) FROM pg_prepared_statements)::text, \
                (SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' \
                    AND pid = pg_backend_pid())::text";
            let rows = sqlx::raw_sql(sql).fetch_all(&mut *tx).await.unwrap();
            let text = |at: usize| sqlx::Row::get::<String, _>(&rows[0], at);
            seen.insert(text(0));
            assert_eq!([text(1), text(2), text(3), text(4)], ["0", "0", "0", "0"]);
            held.push(tx);
        }
        assert_eq!(seen.len(), SIZE, "each was looked at");
        for tx in held {
            tx.rollback().await.unwrap();
        }
        let sql = "SELECT COUNT(*) FROM pg_stat_activity WHERE pid = ANY($1) AND state <> 'idle'";
        let pids: Vec<i32> = seen.iter().map(|pid| pid.parse().unwrap()).collect();
        let busy: i64 =
            sqlx::query_scalar(sql).bind(pids).fetch_one(&self.lent.pool).await.unwrap();
        assert_eq!(busy, 0);
        self.pool.close().await;
        drop(self.pooler);
        self.lent.give_back().await;
    }
}

#[test]
fn several_runners_migrate_once_and_verify() {
    runtime().block_on(async {
        let Some(behind) = Behind::start().await else { return };
        for round in 0..5 {
            let prefix = Prefix::new(&format!("{}pool{round}_", behind.lent.prefix)).unwrap();
            let runners = (0..4).map(|_| {
                let store = PostgresStore::behind_pooler(behind.pool.clone(), prefix.clone());
                tokio::spawn(async move {
                    let applied = store.migrate().await.unwrap().len();
                    store.verify().await.unwrap();
                    applied
                })
            });
            let mut applied = 0;
            for runner in runners.collect::<Vec<_>>() {
                applied += runner.await.unwrap();
            }
            assert_eq!(applied, 1);
        }
        behind.stop().await;
    });
}

/// Everybody plays stories, and claims and acknowledges what they have sent.
#[test]
fn stories_and_messages_of_several_tasks_are_whole() {
    runtime().block_on(async {
        let Some(behind) = Behind::start().await else { return };
        let mut crowd = Crowd::begin(Arc::new(behind.store.clone())).await;
        let (rows, prefix) = (&behind.lent.pool, &behind.lent.prefix);
        let acts = Ledger::postgres(rows, prefix).await.acts(0);
        crowd.hear(300).await;
        let stage = crowd.stage;
        let (heard, failed) = crowd.finish().await;
        let checked = Ledger::postgres(rows, prefix).await.check(&acts, &heard).unwrap();
        assert_eq!((checked.whole, checked.unheard), (heard.len(), 0));
        assert_eq!(failed, BTreeMap::new(), "nothing stands in the way of a command");
        let shared: Arc<dyn Store> = Arc::new(behind.store.clone());
        sound(&shared, stage, &heard).await;

        // What is between two of whom one has blocked the other is dropped.
        let sql = AssertSqlSafe(format!(
            "SELECT COUNT(*) FROM {prefix}outbox o LEFT JOIN {prefix}relations r \
             ON (r.tenant, r.lo, r.hi) = (o.tenant, o.between_lo, o.between_hi) \
             WHERE o.pending = 1 AND COALESCE(r.blocked, 0) = 0"
        ));
        let sent: i64 = sqlx::query_scalar(sql).fetch_one(rows).await.unwrap();
        let sent = usize::try_from(sent).unwrap();
        // A claim may find nothing while another one is just looking at the same rows: it is over when
        // nobody finds anything.
        let mut all = Vec::new();
        loop {
            let before = all.len();
            let claimers = (0..TASKS).map(|_| {
                let store = behind.store.clone();
                tokio::spawn(async move {
                    let mut mine = Vec::new();
                    loop {
                        let ask =
                            ClaimAsk { limit: 7, ..ClaimAsk::new(after(1 << 30), after(1 << 31)) };
                        let claimed = store.claim(&ask).await.unwrap();
                        if claimed.is_empty() {
                            return mine;
                        }
                        let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
                        let done = store.acknowledge(&receipts).await.unwrap();
                        assert_eq!(usize::try_from(done).unwrap(), claimed.len());
                        mine.extend(claimed.into_iter().map(|it| it.message.id));
                    }
                })
            });
            for claimer in claimers.collect::<Vec<_>>() {
                all.extend(claimer.await.unwrap());
            }
            if all.len() == before {
                break;
            }
        }
        let once: BTreeSet<_> = all.iter().collect();
        assert_eq!((all.len(), once.len()), (sent, sent), "each message once");
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {prefix}outbox WHERE pending = 1"));
        let left: i64 = sqlx::query_scalar(sql).fetch_one(rows).await.unwrap();
        assert_eq!(left, 0);
        println!("{} commands, {sent} messages", heard.len());
        behind.stop().await;
    });
}

/// A host's transaction keeps its connection, and a command in it is whole with the host's own rows or
/// leaves nothing, also if it is dropped at any await.
#[test]
fn a_hosts_transaction_is_whole() {
    runtime().block_on(async {
        let Some(behind) = Behind::start().await else { return };
        let world = World::new(Arc::new(behind.store.clone()));
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let host = format!("{}host", behind.lent.prefix);
        let table = AssertSqlSafe(format!("CREATE TABLE {host} (n BIGINT NOT NULL PRIMARY KEY)"));
        sqlx::raw_sql(table).execute(&behind.pool).await.unwrap();
        let counted = async || -> (i64, i64) {
            let sql = format!(
                "SELECT (SELECT COUNT(*) FROM {host}), (SELECT COUNT(*) FROM {}posts)",
                behind.lent.prefix
            );
            sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&behind.lent.pool).await.unwrap()
        };
        let (mut kept, mut finished, mut undone) = (0, 0, 0);
        for polls in 1..200_u32 {
            let (rows, posts) = counted().await;
            let mut tx = behind.pool.begin().await.unwrap();
            let sql = AssertSqlSafe(format!("INSERT INTO {host} VALUES ({polls})"));
            sqlx::raw_sql(sql).execute(&mut *tx).await.unwrap();
            let done = {
                let service = world.service.within(behind.store.join(&mut tx));
                let id = CommandId::from_uuid(uuid::Uuid::from_u128(polls.into()));
                let ana = world.person(1).with_command(id);
                let (hello, words) = (step("hello"), Body::new("Hi").unwrap());
                let post = service.post(&ana, pair, &hello, None, words);
                dropped_after(post, polls.into()).await
            };
            let commits = polls % 2 == 0;
            if commits {
                tx.commit().await.unwrap();
            } else {
                tx.rollback().await.unwrap();
            }
            let now = counted().await;
            let (more_rows, more_posts) = (now.0 - rows, now.1 - posts);
            assert_eq!(more_rows, i64::from(commits), "after {polls} polls");
            match done {
                Some(done) => {
                    done.unwrap();
                    assert_eq!(more_posts, more_rows, "after {polls} polls");
                    finished += 1;
                }
                None => assert!(more_posts <= more_rows, "after {polls} polls"),
            }
            kept += more_posts;
            undone += i64::from(more_posts == 0);
            if finished == 10 {
                println!("{kept} commands landed with the host's rows, {undone} left nothing");
                assert!(kept > 0 && undone > 0);
                let gone = AssertSqlSafe(format!("DROP TABLE {host}"));
                sqlx::raw_sql(gone).execute(&behind.pool).await.unwrap();
                return behind.stop().await;
            }
        }
        panic!("the command never ends");
    });
}

/// Calls that are dropped at any await leave no transaction open, neither those that write nor, as they
/// are in transactions here too, those that read.
#[test]
fn a_dropped_call_leaves_no_open_transaction() {
    runtime().block_on(async {
        let Some(behind) = Behind::start().await else { return };
        let world = World::new(Arc::new(behind.store.clone()));
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        let (mut finished, mut dropped) = (0, 0);
        for polls in (1..100_u32).cycle().take(400) {
            let ana = world.person(1);
            let read = dropped_after(world.service.pair(&ana, pair), polls.into()).await;
            let words = Body::new("Hi").unwrap();
            let hello = step("hello");
            let post = world.service.post(&ana, pair, &hello, None, words);
            let written = dropped_after(post, polls.into()).await;
            // Whoever comes next gets an answer.
            world.service.pair(&world.person(2), pair).await.unwrap();
            if let (Some(read), Some(written)) = (read, written) {
                drop((read.unwrap(), written.unwrap()));
                finished += 1;
            } else {
                dropped += 1;
            }
            if finished >= 10 && dropped > 0 {
                return behind.stop().await;
            }
        }
        panic!("{finished} came to their end, {dropped} were dropped");
    });
}

/// A store that takes the pooler for the server is refused at the start; used all the same, it says what
/// is wrong.
#[test]
fn a_store_that_does_not_know_of_the_pooler_is_refused() {
    runtime().block_on(async {
        let Some(behind) = Behind::start().await else { return };
        let prefix = behind.lent.prefix.clone();
        let mut said = 0;
        for cache in [100, 0] {
            let options: PgConnectOptions = behind.pooler.url().parse().unwrap();
            let pool = connect(options.statement_cache_capacity(cache)).await;
            let unaware = PostgresStore::new(pool.clone(), prefix.clone());
            // Migrating needs nothing that a pooler loses.
            assert!(unaware.migrate().await.unwrap().is_empty());
            let error = unaware.verify().await.unwrap_err();
            assert!(
                matches!(error, VerifyError::Setting { setting: "prepared statements", .. }),
                "{error}"
            );
            assert_eq!(
                error.to_string(),
                "setting `prepared statements` is `lost between transactions`; it has to be `kept, \
                 or the store made by `behind_pooler``"
            );
            for n in 0..20 {
                let ask = make::tenant();
                let mut unit = unaware.unit().await.unwrap();
                if let Err(error) = unit.command(&ask, make::id(n)).await {
                    assert_eq!(error.kind(), StoreErrorKind::Other);
                    assert!(error.to_string().contains("behind_pooler"), "{error}");
                    said += 1;
                }
            }
            pool.close().await;
        }
        assert!(said > 0, "no statement was lost");
        // One that knows of it is not disturbed by what is left of the others.
        behind.store.verify().await.unwrap();
        behind.store.unit().await.unwrap().command(&make::tenant(), make::id(1)).await.unwrap();
        behind.direct.verify().await.unwrap();
        // Those statements would stay with the pooler's connections.
        drop(behind.pooler);
        behind.pool.close().await;
        behind.lent.give_back().await;
    });
}
