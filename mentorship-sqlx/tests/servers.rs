//! What the stores on servers share and `SQLite` does not have: every statement prepared by the server,
//! the ledger of migrations, guards with teeth, and futures
//! dropped at any await over a pool of one connection.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{sync::Arc, time::Duration};

use common::{dropped_after, runtime, server};
use mentorship_core::{
    change::{ChangeSet, Key},
    conformance::{
        contract::{command_record, ground},
        make,
        teeth::{ANCHORS, scenario},
        unguarded::Unguarded,
    },
    store::{PersonAsk, Store, StoreErrorKind},
};
use mentorship_sqlx::{
    MigrateError, MigrationState, MySqlStore, PostgresStore, Prefix, VerifyError,
    sqlx::{
        self, AssertSqlSafe, Executor as _, PgConnection, Row as _, mysql::MySqlPoolOptions,
        postgres::PgPoolOptions,
    },
};

/// How long a call may wait for the one connection that there is.
const PATIENCE: Duration = Duration::from_secs(5);

/// A change set with a command and five events.
fn numbered_set(n: u64) -> ChangeSet {
    let mut set = ChangeSet::new(make::tenant());
    set.commands = vec![command_record(n)];
    for m in 0..5 {
        set.audit.push(make::event(n * 10 + m, Key::Person(make::who(1)), make::start()));
    }
    set
}

/// Without a guard each scenario breaks a rule, or a belt of the database stops it; with it, neither.
async fn guards_bite(anchor: &'static &'static str, guarded: bool, store: Arc<dyn Store>) {
    let kinds = std::slice::from_ref(anchor);
    if guarded {
        scenario(anchor, store).await.unwrap();
    } else {
        let broken = scenario(anchor, Arc::new(Unguarded::new(store, kinds))).await;
        assert!(broken.is_err(), "{anchor}: nothing notices");
    }
}

/// One plan for all arguments is the right one only if it goes by an index whatever it is made for: here it is
/// made for empty tables and arguments that are nothing.
#[test]
fn in_a_change_set_postgres_finds_every_row_by_an_index() {
    runtime().block_on(async {
        let Some((lent, store)) = server::lend_postgres().await else { return };
        let mut connection = lent.pool.acquire().await.unwrap();
        let run = async |connection: &mut PgConnection, sql: String| {
            sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await
        };
        run(&mut connection, store.begin_text().to_owned()).await.unwrap();
        let mut plans = 0;
        for sql in store.statements() {
            let most = (1..60).rev().find(|n| sql.contains(&format!("${n}"))).unwrap_or(0);
            let nothing = vec!["NULL"; most].join(", ");
            let execute = if most == 0 { "p".to_owned() } else { format!("p ({nothing})") };
            run(&mut connection, format!("PREPARE p AS {sql}")).await.unwrap();
            let plan = run(&mut connection, format!("EXPLAIN EXECUTE {execute}")).await.unwrap();
            for line in plan {
                let line: String = line.get(0);
                assert!(!line.contains("Seq Scan"), "{sql}: {line}");
            }
            run(&mut connection, "DEALLOCATE p".to_owned()).await.unwrap();
            plans += 1;
        }
        assert!(plans > 100, "{plans}");
        drop(connection);
        lent.give_back().await;
    });
}

macro_rules! on_a_server {
    ($name:ident, $store:ident, $lend:ident, $pool:ident) => {
        mod $name {
            use super::*;

            #[test]
            fn every_statement_is_prepared() {
                runtime().block_on(async {
                    let Some((lent, store)) = server::$lend().await else { return };
                    let mut connection = lent.pool.acquire().await.unwrap();
                    for sql in store.statements() {
                        let told = sql.clone();
                        let text = sqlx::SqlSafeStr::into_sql_str(AssertSqlSafe(sql));
                        let prepared = connection.prepare(text).await;
                        assert!(prepared.is_ok(), "{told}: {:?}", prepared.err());
                    }
                    drop(connection);
                    lent.give_back().await;
                });
            }

            #[test]
            fn the_ledger_tells_too_new_from_changed_from_missing() {
                runtime().block_on(async {
                    let Some((lent, _)) = server::$lend().await else { return };
                    let prefix = Prefix::new(&format!("{}ledger_", lent.prefix)).unwrap();
                    let store = $store::new(lent.pool.clone(), prefix.clone());
                    let error = store.verify().await.unwrap_err();
                    assert!(
                        matches!(
                            &error,
                            VerifyError::Store(it) if it.kind() == StoreErrorKind::NotMigrated
                        ),
                        "{error}"
                    );
                    let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
                    let error = store.unit().await.unwrap().person_view(&ask).await.unwrap_err();
                    assert_eq!(error.kind(), StoreErrorKind::NotMigrated);
                    assert_eq!(store.migrate().await.unwrap(), [1]);
                    assert!(store.migrate().await.unwrap().is_empty());
                    let status = store.status().await.unwrap();
                    assert!(status.iter().all(|one| one.state == MigrationState::Applied));
                    let ledger = async |sql: &str| {
                        let sql = sql.replace("{p}", prefix.as_str());
                        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&lent.pool).await.unwrap();
                    };
                    ledger("INSERT INTO {p}migrations VALUES (99, 'later', 'x', 0)").await;
                    let error = store.migrate().await.unwrap_err();
                    assert!(matches!(error, MigrateError::TooNew { found: 99, known: 1 }));
                    let error = store.verify().await.unwrap_err();
                    assert!(
                        matches!(
                            &error,
                            VerifyError::Store(it) if it.kind() == StoreErrorKind::TooNew
                        ),
                        "{error}"
                    );
                    ledger("DELETE FROM {p}migrations WHERE version = 99").await;
                    ledger("UPDATE {p}migrations SET checksum = 'y'").await;
                    let error = store.migrate().await.unwrap_err();
                    assert!(matches!(error, MigrateError::Changed { version: 1 }));
                    lent.give_back().await;
                });
            }

            #[test]
            fn the_exported_script_is_the_migration() {
                runtime().block_on(async {
                    let Some((lent, _)) = server::$lend().await else { return };
                    let prefix = Prefix::new(&format!("{}script_", lent.prefix)).unwrap();
                    let script = $store::export_sql(&prefix);
                    sqlx::raw_sql(AssertSqlSafe(script)).execute(&lent.pool).await.unwrap();
                    let store = $store::new(lent.pool.clone(), prefix);
                    assert!(store.migrate().await.unwrap().is_empty());
                    store.verify().await.unwrap();
                    lent.give_back().await;
                });
            }

            #[test]
            fn two_prefixes_in_one_database_are_two_stores() {
                runtime().block_on(async {
                    let Some((lent, first)) = server::$lend().await else { return };
                    let prefix = Prefix::new(&format!("{}b_", lent.prefix)).unwrap();
                    let second = $store::new(lent.pool.clone(), prefix);
                    second.migrate().await.unwrap();
                    let _ = first.unit().await.unwrap().apply(ground()).await.unwrap();
                    let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
                    let there = second.unit().await.unwrap().person_view(&ask).await.unwrap();
                    assert!(there.person.version.is_new());
                    let _ = second.unit().await.unwrap().apply(ground()).await.unwrap();
                    lent.give_back().await;
                });
            }

            #[test]
            fn a_missing_table_is_named() {
                runtime().block_on(async {
                    let Some((lent, _)) = server::$lend().await else { return };
                    let prefix = Prefix::new(&format!("{}hole_", lent.prefix)).unwrap();
                    let store = $store::new(lent.pool.clone(), prefix.clone());
                    store.migrate().await.unwrap();
                    let sql = format!("DROP TABLE {prefix}steps");
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&lent.pool).await.unwrap();
                    let error = store.verify().await.unwrap_err().to_string();
                    assert_eq!(error, format!("table `{prefix}steps` is missing"));
                    lent.give_back().await;
                });
            }

            #[test]
            fn guards_have_teeth() {
                runtime().block_on(async {
                    for anchor in ANCHORS {
                        for guarded in [true, false] {
                            let Some((lent, store)) = server::$lend().await else { return };
                            guards_bite(anchor, guarded, Arc::new(store)).await;
                            lent.give_back().await;
                        }
                    }
                });
            }

            #[test]
            fn a_read_dropped_at_any_await_answers_nobody_else() {
                runtime().block_on(async {
                    let Some((lent, direct)) = server::$lend().await else { return };
                    let _ = direct.unit().await.unwrap().apply(ground()).await.unwrap();
                    let url = server::$name().unwrap();
                    let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
                    let expected = direct.unit().await.unwrap().person_view(&ask).await.unwrap();
                    assert!(!expected.person.version.is_new());
                    let (mut done, mut dropped) = (0, 0);
                    // How many polls a read takes depends on how fast the server answers.
                    for polls in (1..=12).cycle().take(600) {
                        // Nothing is prepared yet on its connection.
                        let pool = $pool::new().max_connections(1).acquire_timeout(PATIENCE);
                        let pool = pool.connect(&url).await.unwrap();
                        let store = $store::new(pool.clone(), lent.prefix.clone());
                        let nobody = PersonAsk { tenant: make::tenant(), person: make::who(999) };
                        let mut unit = store.unit().await.unwrap();
                        if dropped_after(unit.person_view(&nobody), polls).await.is_some() {
                            done += 1;
                        } else {
                            dropped += 1;
                        }
                        for _ in 0..2 {
                            let found = store.unit().await.unwrap().person_view(&ask).await.unwrap();
                            assert_eq!(found, expected, "after {polls} polls");
                        }
                        pool.close().await;
                        if done >= 5 && dropped >= 10 {
                            lent.give_back().await;
                            return;
                        }
                    }
                    panic!("of 600 reads {done} came to their end and {dropped} were dropped");
                });
            }

            #[test]
            fn a_future_dropped_at_any_await_leaves_no_open_transaction() {
                runtime().block_on(async {
                    let Some((lent, _)) = server::$lend().await else { return };
                    let url = server::$name().unwrap();
                    // Whoever comes next gets the same connection, or one that replaced it.
                    let pool = $pool::new().max_connections(1).connect(&url).await.unwrap();
                    let store = $store::new(pool.clone(), lent.prefix.clone());
                    let mut done = 0;
                    for polls in 1..400 {
                        let mut unit = store.unit().await.unwrap();
                        let set = numbered_set(polls);
                        let finished = dropped_after(unit.apply(set), polls).await.is_some();
                        let mut next = ChangeSet::new(make::tenant());
                        next.outbox.push(make::message(polls, 1, make::start()));
                        let _ = store.unit().await.unwrap().apply(next).await.unwrap();
                        // At one moment: what was dropped may still be committed.
                        let p = &lent.prefix;
                        let sql = format!(
                            "SELECT (SELECT COUNT(*) FROM {p}commands), \
                             (SELECT COUNT(*) FROM {p}audit), (SELECT COUNT(*) FROM {p}outbox)"
                        );
                        let counts = sqlx::query_as(AssertSqlSafe(sql)).fetch_one(&lent.pool);
                        let (commands, events, messages): (i64, i64, i64) = counts.await.unwrap();
                        assert_eq!(commands * 5, events, "after {polls} polls");
                        assert_eq!(messages, i64::try_from(polls).unwrap(), "none is lost");
                        done = if finished { done + 1 } else { 0 };
                        if done == 20 {
                            pool.close().await;
                            lent.give_back().await;
                            return;
                        }
                    }
                    panic!("the set is never stored");
                });
            }
        }
    };
}

on_a_server!(postgres, PostgresStore, lend_postgres, PgPoolOptions);
on_a_server!(mysql, MySqlStore, lend_mysql, MySqlPoolOptions);

/// What is answered to a statement that is being prepared holds its number, and the driver takes some
/// numbers for a sign that more is to come.
#[test]
fn a_read_dropped_on_mysql_never_costs_a_connection() {
    runtime().block_on(async {
        let Some((lent, direct)) = server::lend_mysql().await else { return };
        let _ = direct.unit().await.unwrap().apply(ground()).await.unwrap();
        let url = server::mysql().unwrap();
        let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
        for prepared in 246..254 {
            // How many polls it takes is the machine's affair: on a busy one the answer may be there at the
            // first, so it goes on until some were dropped and some came to their end.
            let (mut ended, mut dropped) = (0, 0);
            for polls in (1..40).cycle().take(400) {
                let pool = MySqlPoolOptions::new().max_connections(1).acquire_timeout(PATIENCE);
                let kept: sqlx::mysql::MySqlConnectOptions = url.parse().unwrap();
                let pool = pool.connect_with(kept.statement_cache_capacity(400)).await.unwrap();
                let mut connection = pool.acquire().await.unwrap();
                for number in 0..prepared {
                    let one = AssertSqlSafe(format!("SELECT {number}"));
                    sqlx::query(one).execute(&mut *connection).await.unwrap();
                }
                drop(connection);
                let store = MySqlStore::new(pool.clone(), lent.prefix.clone());
                let mut unit = store.unit().await.unwrap();
                let done = dropped_after(unit.person_view(&ask), polls).await.is_some();
                store.unit().await.unwrap().person_view(&ask).await.unwrap();
                pool.close().await;
                if done {
                    ended += 1;
                } else {
                    dropped += 1;
                }
                if ended > 0 && dropped > 1 {
                    break;
                }
            }
            assert!(ended > 0 && dropped > 1, "{ended} came to their end, {dropped} were dropped");
        }
        lent.give_back().await;
    });
}
