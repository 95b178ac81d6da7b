//! Commands inside a transaction of the host's: what the host commits lands together, what it rolls back
//! leaves nothing, and a command that is refused, overtaken or dropped leaves the host's own work as it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::sync::Arc;

use common::{File, dropped_after, runtime, server};
use mentorship_core::{
    base::{
        id::{CommandId, PairId, ProposalId},
        text::Body,
        version::Version,
    },
    change::{Applied, Change, ChangeSet, Key},
    conformance::{
        contract::command_record,
        make,
        world::{World, step},
    },
    model::enrollment::Role,
    service::Error,
    store::{Store, StoreErrorKind},
};
use mentorship_sqlx::sqlx::{self, AssertSqlSafe, Connection as _};

/// Events in a change set: more than any database takes in one round trip.
const EVENTS: i64 = 120;

/// A change set of a command, some events and a message.
fn numbered_set(n: u64) -> ChangeSet {
    let mut set = ChangeSet::new(make::tenant());
    set.commands = vec![command_record(n)];
    for m in 0..EVENTS.unsigned_abs() {
        set.audit.push(make::event(n * 1_000 + m, Key::Person(make::who(1)), make::start()));
    }
    set.outbox.push(make::message(n, 1, make::start()));
    set
}

fn words(text: &str) -> Body {
    Body::new(text).unwrap()
}

/// A program with a pair of 1 and 2, and an offer to 3 and 4 that waits for 4 alone.
async fn stage(world: &World) -> (PairId, ProposalId) {
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let mentor = world.enroll(program, 3, Role::Mentor).await;
    let mentee = world.enroll(program, 4, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    world.service.accept(&world.person(3), offer).await.unwrap();
    (pair, offer)
}

fn command(n: u128) -> CommandId {
    CommandId::from(uuid::Uuid::from_u128(n))
}

/// Counts of what is stored: the host's rows, then ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stored {
    host: i64,
    commands: i64,
    posts: i64,
    pairs: i64,
    audit: i64,
    outbox: i64,
}

macro_rules! on_a_database {
    ($name:ident, $lend:expr, $begin:literal, $may_end:literal) => {
        mod $name {
            use super::*;

            macro_rules! ground {
                ($ground:ident) => {
                    let Some($ground) = $lend.await else { return };
                    let host = format!(
                        "CREATE TABLE {}host (n BIGINT NOT NULL PRIMARY KEY)",
                        $ground.prefix
                    );
                    sqlx::raw_sql(AssertSqlSafe(host)).execute(&$ground.pool).await.unwrap();
                };
            }

            macro_rules! insert {
                ($ground:expr, $tx:expr, $n:expr) => {{
                    let sql = format!("INSERT INTO {}host VALUES ({})", $ground.prefix, $n);
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *$tx).await
                }};
            }

            macro_rules! stored {
                ($ground:expr) => {{
                    let mut counts = Vec::<i64>::new();
                    for table in ["host", "commands", "posts", "pairs", "audit", "outbox"] {
                        let sql = format!("SELECT COUNT(*) FROM {}{table}", $ground.prefix);
                        let sql = AssertSqlSafe(sql);
                        counts
                            .push(sqlx::query_scalar(sql).fetch_one(&$ground.pool).await.unwrap());
                    }
                    let [host, commands, posts, pairs, audit, outbox] = counts[..] else {
                        panic!("six tables")
                    };
                    Stored { host, commands, posts, pairs, audit, outbox }
                }};
            }

            #[test]
            fn what_the_host_commits_lands_together() {
                runtime().block_on(async {
                    ground!(ground);
                    let world = World::new(Arc::new(ground.store.clone()));
                    let (pair, offer) = stage(&world).await;
                    let before = stored!(ground);
                    let mut tx = ground.pool.begin_with($begin).await.unwrap();
                    insert!(ground, tx, 1).unwrap();
                    {
                        let service = world.service.within(ground.store.join(&mut tx));
                        let ana = world.person(1).with_command(command(7));
                        let said =
                            service.post(&ana, pair, &step("hello"), None, words("Hi")).await;
                        let post = said.unwrap();
                        // The same command again finds itself in the same transaction.
                        let said =
                            service.post(&ana, pair, &step("hello"), None, words("Hi")).await;
                        assert_eq!(said.unwrap(), post);
                        let done = service.accept(&world.person(4), offer).await.unwrap();
                        // What was written is there for what follows.
                        let begun = service.pair(&world.person(3), done.pair.unwrap()).await;
                        begun.unwrap();
                    }
                    insert!(ground, tx, 2).unwrap();
                    tx.commit().await.unwrap();
                    let after = stored!(ground);
                    assert_eq!(after.host, before.host + 2);
                    assert_eq!(after.commands, before.commands + 1);
                    assert_eq!(after.posts, before.posts + 1);
                    assert_eq!(after.pairs, before.pairs + 1);
                    assert!(after.audit >= before.audit + 2, "{after:?}");
                    assert!(after.outbox > before.outbox, "{after:?}");
                    ground.give_back().await;
                });
            }

            #[test]
            fn what_the_host_rolls_back_leaves_nothing() {
                runtime().block_on(async {
                    ground!(ground);
                    let world = World::new(Arc::new(ground.store.clone()));
                    let (pair, offer) = stage(&world).await;
                    let before = stored!(ground);
                    for by_error in [false, true] {
                        let mut tx = ground.pool.begin_with($begin).await.unwrap();
                        insert!(ground, tx, 1).unwrap();
                        {
                            let service = world.service.within(ground.store.join(&mut tx));
                            let ana = world.person(1).with_command(command(7));
                            let hello = step("hello");
                            let said = service.post(&ana, pair, &hello, None, words("Hi"));
                            said.await.unwrap();
                            service.accept(&world.person(4), offer).await.unwrap();
                            service.block(&world.person(2), &make::who(1)).await.unwrap();
                        }
                        if by_error {
                            // The host's own statement fails, and the host gives up.
                            insert!(ground, tx, 1).unwrap_err();
                            drop(tx);
                        } else {
                            tx.rollback().await.unwrap();
                        }
                        assert_eq!(stored!(ground), before);
                    }
                    // Nothing of it stands in the way of doing it.
                    world.service.accept(&world.person(4), offer).await.unwrap();
                    ground.give_back().await;
                });
            }

            #[test]
            fn a_refused_or_overtaken_command_leaves_the_hosts_work() {
                runtime().block_on(async {
                    ground!(ground);
                    let world = World::new(Arc::new(ground.store.clone()));
                    let (pair, offer) = stage(&world).await;
                    let before = stored!(ground);
                    let mut tx = ground.pool.begin_with($begin).await.unwrap();
                    insert!(ground, tx, 1).unwrap();
                    {
                        let service = world.service.within(ground.store.join(&mut tx));
                        // A rule says no.
                        let refused = service.accept(&world.person(1), offer).await.unwrap_err();
                        assert!(matches!(refused, Error::Refused(_)), "{refused:?}");
                    }
                    {
                        let joined = ground.store.join(&mut tx);
                        let mut unit = joined.unit().await.unwrap();
                        // The record was read at another version.
                        let mut stale = numbered_set(1);
                        stale.guard(Key::Pair(pair), Version::NEW);
                        let error = unit.apply(stale).await.unwrap_err();
                        assert_eq!(error.kind(), StoreErrorKind::Conflict);
                        // A belt of the database says no, after other rows have been written.
                        let mut broken = numbered_set(2);
                        broken.put(Change::Person(make::person(77)));
                        for n in [1, 2] {
                            let twice = make::enrollment(n, 9, 77, Role::Mentor);
                            broken.put(Change::Enrollment(twice));
                        }
                        let error = unit.apply(broken).await.unwrap_err();
                        assert_eq!(error.kind(), StoreErrorKind::Integrity);
                        // One that was carried out before is answered and writes nothing.
                        assert!(matches!(
                            unit.apply(numbered_set(3)).await.unwrap(),
                            Applied::Stored
                        ));
                        assert!(matches!(
                            unit.apply(numbered_set(3)).await.unwrap(),
                            Applied::Repeated(_)
                        ));
                    }
                    insert!(ground, tx, 2).unwrap();
                    tx.commit().await.unwrap();
                    let after = stored!(ground);
                    let expected = Stored {
                        host: before.host + 2,
                        commands: before.commands + 1,
                        audit: before.audit + EVENTS,
                        outbox: before.outbox + 1,
                        ..before
                    };
                    assert_eq!(after, expected);
                    ground.give_back().await;
                });
            }

            #[test]
            fn a_command_dropped_at_any_await_is_there_whole_or_not_at_all() {
                runtime().block_on(async {
                    ground!(ground);
                    let (mut finished, mut whole, mut never, mut ended) = (0, 0, 0, 0);
                    // On a busy machine the answer may be there at the first poll: on until some were dropped.
                    for (n, polls) in (1..1_000_u64).zip((1..100).cycle()) {
                        let before = stored!(ground);
                        let mut tx = ground.pool.begin_with($begin).await.unwrap();
                        insert!(ground, tx, 2 * n).unwrap();
                        let done = {
                            let joined = ground.store.join(&mut tx);
                            let mut unit = joined.unit().await.unwrap();
                            let applied = unit.apply(numbered_set(n));
                            dropped_after(applied, polls).await
                        };
                        let told = match insert!(ground, tx, 2 * n + 1) {
                            Ok(_) => tx.commit().await,
                            Err(error) => {
                                drop(tx);
                                Err(error)
                            }
                        };
                        let after = stored!(ground);
                        if told.is_err() {
                            assert!($may_end && done.is_none(), "after {polls} polls: {told:?}");
                            assert_eq!(after, before, "after {polls} polls");
                            ended += 1;
                            continue;
                        }
                        assert_eq!(after.host, before.host + 2, "after {polls} polls");
                        let commands = after.commands - before.commands;
                        assert_eq!(
                            after.audit - before.audit,
                            EVENTS * commands,
                            "after {polls} polls"
                        );
                        assert_eq!(after.outbox - before.outbox, commands, "after {polls} polls");
                        match done {
                            Some(applied) => {
                                assert_eq!(applied.unwrap(), Applied::Stored);
                                assert_eq!(commands, 1, "what is acknowledged is there");
                                finished += 1;
                            }
                            None if commands == 1 => whole += 1,
                            None => never += 1,
                        }
                        if finished >= 5 && never + ended > 0 {
                            println!("{never} undone, {whole} whole, {ended} connections ended");
                            ground.give_back().await;
                            return;
                        }
                    }
                    panic!("{finished} stored, {never} undone, {whole} whole, {ended} connections ended");
                });
            }

            #[test]
            fn a_savepoint_of_the_hosts_own_undoes_what_is_within_it() {
                runtime().block_on(async {
                    ground!(ground);
                    let before = stored!(ground);
                    let mut tx = ground.pool.begin_with($begin).await.unwrap();
                    let apply = async |tx: &mut sqlx::Transaction<'_, _>, n| {
                        let joined = ground.store.join(tx);
                        let mut unit = joined.unit().await.unwrap();
                        assert_eq!(unit.apply(numbered_set(n)).await.unwrap(), Applied::Stored);
                    };
                    apply(&mut tx, 1).await;
                    let mut inner = tx.begin().await.unwrap();
                    insert!(ground, inner, 1).unwrap();
                    apply(&mut inner, 2).await;
                    inner.rollback().await.unwrap();
                    let mut inner = tx.begin().await.unwrap();
                    apply(&mut inner, 3).await;
                    insert!(ground, inner, 2).unwrap();
                    inner.commit().await.unwrap();
                    tx.commit().await.unwrap();
                    let after = stored!(ground);
                    assert_eq!(after.host, before.host + 1);
                    assert_eq!(after.commands, before.commands + 2);
                    assert_eq!(after.audit, before.audit + 2 * EVENTS);
                    ground.give_back().await;
                });
            }
        }
    };
}

/// A database with a store in it, and a pool of one connection that is the host's.
struct Ground<P, S> {
    pool: P,
    store: S,
    prefix: String,
    end: End,
}

enum End {
    File(#[allow(dead_code, reason = "the folder goes with it")] File),
    Postgres(server::Lent<sqlx::PgPool>),
    Mysql(server::Lent<sqlx::MySqlPool>),
}

impl<P, S> Ground<P, S> {
    async fn give_back(self) {
        let drop_host = AssertSqlSafe(format!("DROP TABLE {}host", self.prefix));
        match self.end {
            End::File(_) => {}
            End::Postgres(lent) => {
                sqlx::raw_sql(drop_host).execute(&lent.pool).await.unwrap();
                lent.give_back().await;
            }
            End::Mysql(lent) => {
                sqlx::raw_sql(drop_host).execute(&lent.pool).await.unwrap();
                lent.give_back().await;
            }
        }
    }
}

async fn on_postgres() -> Option<Ground<sqlx::PgPool, mentorship_sqlx::PostgresStore>> {
    let (lent, store) = server::lend_postgres().await?;
    let options = sqlx::postgres::PgPoolOptions::new().max_connections(1);
    let pool = options.connect(&server::postgres()?).await.unwrap();
    let prefix = lent.prefix.to_string();
    Some(Ground { pool, store, prefix, end: End::Postgres(lent) })
}

async fn on_mysql() -> Option<Ground<sqlx::MySqlPool, mentorship_sqlx::MySqlStore>> {
    let (lent, store) = server::lend_mysql().await?;
    let options = sqlx::mysql::MySqlPoolOptions::new().max_connections(1);
    let pool = options.connect(&server::mysql()?).await.unwrap();
    let prefix = lent.prefix.to_string();
    Some(Ground { pool, store, prefix, end: End::Mysql(lent) })
}

async fn on_sqlite() -> Option<Ground<sqlx::SqlitePool, mentorship_sqlx::SqliteStore>> {
    let file = File::new();
    let store = file.store().await;
    let pool = file.rows().await;
    let prefix = store.prefix().to_string();
    Some(Ground { pool, store, prefix, end: End::File(file) })
}

on_a_database!(sqlite, on_sqlite(), "BEGIN IMMEDIATE", false);
on_a_database!(postgres, on_postgres(), "BEGIN", false);
on_a_database!(postgres_repeatable, on_postgres(), "BEGIN ISOLATION LEVEL REPEATABLE READ", false);
on_a_database!(postgres_serializable, on_postgres(), "BEGIN ISOLATION LEVEL SERIALIZABLE", false);
on_a_database!(mysql, on_mysql(), "START TRANSACTION", true);

/// Somebody else commits a change of what a command rests on after the host's transaction has read it: the
/// command sees it or is told so, and what the host does again goes through.
macro_rules! overtaken {
    ($name:ident, $ground:expr, $begin:literal, $told:expr) => {
        #[test]
        fn $name() {
            runtime().block_on(async {
                let Some(ground) = $ground.await else { return };
                let table = format!("{}host", ground.prefix);
                let sql = format!("CREATE TABLE {table} (n BIGINT NOT NULL PRIMARY KEY)");
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&ground.pool).await.unwrap();
                let insert = |n: u32| AssertSqlSafe(format!("INSERT INTO {table} VALUES ({n})"));
                let world = World::new(Arc::new(ground.store.clone()));
                let (pair, _) = stage(&world).await;
                let (me, other, hello) = (world.person(1), world.person(2), step("hello"));
                let mut told: Option<&str> = $told;
                let mut tries = 0;
                loop {
                    tries += 1;
                    let mut tx = ground.pool.begin_with($begin).await.unwrap();
                    sqlx::raw_sql(insert(1)).execute(&mut *tx).await.unwrap();
                    let joined = ground.store.join(&mut tx);
                    let inside = world.service.within(joined);
                    inside.pair(&me, pair).await.unwrap();
                    if tries == 1 {
                        let theirs = world.service.post(&other, pair, &hello, None, words("Ho"));
                        theirs.await.unwrap();
                    }
                    let said = inside.post(&me, pair, &hello, None, words("Hi")).await;
                    drop(inside);
                    // What the host has written is there still, and the host's to undo.
                    sqlx::raw_sql(insert(2)).execute(&mut *tx).await.unwrap();
                    match told.take() {
                        Some(told) => {
                            assert_eq!(said.unwrap_err().code(), told);
                            tx.rollback().await.unwrap();
                        }
                        None => {
                            said.unwrap();
                            tx.commit().await.unwrap();
                            break;
                        }
                    }
                }
                assert_eq!(tries, 1 + i32::from(Option::<&str>::is_some(&$told)));
                let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}posts", ground.prefix));
                let posts: i64 = sqlx::query_scalar(sql).fetch_one(&ground.pool).await.unwrap();
                assert_eq!(posts, 2);
                ground.give_back().await;
            });
        }
    };
}

overtaken!(overtaken_on_postgres, on_postgres(), "BEGIN", None);
overtaken!(
    overtaken_on_postgres_at_repeatable_read,
    on_postgres(),
    "BEGIN ISOLATION LEVEL REPEATABLE READ",
    Some("store.busy")
);
overtaken!(
    overtaken_on_postgres_at_serializable,
    on_postgres(),
    "BEGIN ISOLATION LEVEL SERIALIZABLE",
    Some("store.busy")
);
overtaken!(overtaken_on_mariadb, on_mysql(), "START TRANSACTION", Some("store.conflict"));

/// A host that overlooks that its transaction was chosen as a deadlock's victim cannot commit half of it.
#[test]
fn a_deadlock_on_mysql_ends_the_hosts_connection() {
    runtime().block_on(async {
        let Some(ground) = on_mysql().await else { return };
        let host = format!("CREATE TABLE {}host (n BIGINT NOT NULL PRIMARY KEY)", ground.prefix);
        sqlx::raw_sql(AssertSqlSafe(host)).execute(&ground.pool).await.unwrap();
        let End::Mysql(lent) = &ground.end else { panic!("on MariaDB") };
        // Two people, held by two transactions in opposite orders: one is the victim.
        let touch = |n: u64| {
            let mut set = ChangeSet::new(make::tenant());
            set.put(Change::Person(make::person(n)));
            set
        };
        let insert =
            |n: u64| AssertSqlSafe(format!("INSERT INTO {}host VALUES ({n})", ground.prefix));
        let mut one = lent.pool.begin().await.unwrap();
        let mut other = lent.pool.begin().await.unwrap();
        sqlx::raw_sql(insert(1)).execute(&mut *one).await.unwrap();
        sqlx::raw_sql(insert(2)).execute(&mut *other).await.unwrap();
        let _ = ground.store.join(&mut one).unit().await.unwrap().apply(touch(1)).await.unwrap();
        let _ = ground.store.join(&mut other).unit().await.unwrap().apply(touch(2)).await.unwrap();
        let (first, second) = {
            let (one, other) = (ground.store.join(&mut one), ground.store.join(&mut other));
            let (mut one, mut other) = (one.unit().await.unwrap(), other.unit().await.unwrap());
            tokio::join!(one.apply(touch(2)), other.apply(touch(1)))
        };
        let mut victims = 0;
        for (tx, outcome) in [(one, first), (other, second)] {
            let mut tx = tx;
            match outcome {
                Err(error) if error.kind() == StoreErrorKind::Busy => {
                    victims += 1;
                    sqlx::raw_sql(insert(3)).execute(&mut *tx).await.unwrap_err();
                    tx.commit().await.unwrap_err();
                }
                outcome => {
                    // The other one found the person there already, once the victim had let go, or not.
                    drop(outcome);
                    tx.commit().await.unwrap();
                }
            }
        }
        assert_eq!(victims, 1);
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}host", ground.prefix));
        let rows: i64 = sqlx::query_scalar(sql).fetch_one(&lent.pool).await.unwrap();
        assert_eq!(rows, 1, "of the victim nothing is left");
        ground.give_back().await;
    });
}
