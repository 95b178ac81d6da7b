//! Migrations of databases that nobody has used before: by several runners at once, next to a host's own,
//! given up or ended at any point, and begun anew.
//!
//! `MENTORSHIP_MIGRATIONS` says on how many databases of each kind several runners begin at once (default
//! 6), and how closely the points lie at which a migration is given up (default every 16th await; with
//! 100 or more, each one):
//!
//! ```text
//! MENTORSHIP_MIGRATIONS=100 cargo test -p mentorship-sqlx --all-features --test migrations
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::path::Path;

use common::{
    dice::times,
    dropped_after,
    fresh::{Mysql, Postgres, Sqlite},
    runtime,
};
use mentorship_core::{
    conformance::{contract::ground, make},
    store::{PersonAsk, Store as _},
};
use mentorship_sqlx::{
    MigrateError, MigrationState, MigrationStatus, MySqlStore, PostgresStore, Prefix, SqliteStore,
    sqlx::{self, AssertSqlSafe, migrate::Migrator},
};

/// The isolation levels with which sessions may begin.
const LEVELS: [&str; 3] = ["read committed", "repeatable read", "serializable"];

fn all(status: &[MigrationStatus], state: MigrationState) -> bool {
    status.iter().all(|one| one.state == state)
}

/// A host's own migrations: a table, a row in it, and what `more` says.
fn of_a_host(folder: &Path, more: Option<&str>) {
    let table = "CREATE TABLE members (n BIGINT NOT NULL PRIMARY KEY)";
    let row = "INSERT INTO members VALUES (1)";
    for (name, sql) in
        [("1_members.sql", Some(table)), ("2_first.sql", Some(row)), ("3_more.sql", more)]
    {
        if let Some(sql) = sql {
            std::fs::write(folder.join(name), sql).unwrap();
        }
    }
}

macro_rules! on {
    ($name:ident, $database:ident, $store:ident) => {
        mod $name {
            use super::*;

            #[test]
            fn four_runners_migrate_fresh_databases_once() {
                runtime().block_on(async {
                    let rounds = times("MENTORSHIP_MIGRATIONS", 6);
                    for (_, level) in (0..rounds).zip(LEVELS.iter().cycle()) {
                        let Some(database) = $database::new(level).await else { return };
                        let mut stores = Vec::new();
                        for _ in 0..4 {
                            stores.push(database.store().await);
                        }
                        let runners = stores.into_iter().map(|store| {
                            tokio::spawn(async move { store.migrate().await.unwrap().len() })
                        });
                        let mut applied = 0;
                        for runner in runners.collect::<Vec<_>>() {
                            applied += runner.await.unwrap();
                        }
                        assert_eq!(applied, 1);
                        database.store().await.verify().await.unwrap();
                        database.end().await;
                    }
                    println!("{rounds} databases, four runners each, each migrated once");
                });
            }

            /// Something of the host's has the name of a table in the middle.
            #[test]
            fn one_that_fails_half_way_is_done_by_the_next() {
                runtime().block_on(async {
                    let Some(database) = $database::new(LEVELS[0]).await else { return };
                    let (store, rows) = (database.store().await, database.pool().await);
                    let sql = "CREATE TABLE mentorship_outbox (tenant INT)";
                    sqlx::raw_sql(sql).execute(&rows).await.unwrap();
                    for _ in 0..2 {
                        let error = store.migrate().await.unwrap_err();
                        assert!(matches!(error, MigrateError::Store(_)), "{error}");
                        let status = store.status().await.unwrap();
                        assert!(all(&status, MigrationState::Pending), "{status:?}");
                        store.verify().await.unwrap_err();
                    }
                    sqlx::raw_sql("DROP TABLE mentorship_outbox").execute(&rows).await.unwrap();
                    // Another one, which a lock that is left would keep waiting.
                    let other = database.store().await;
                    assert_eq!(other.migrate().await.unwrap(), [1]);
                    store.verify().await.unwrap();
                    database.end().await;
                });
            }

            /// Nothing of theirs is written to or taken for ours, where no index follows the table either.
            #[test]
            fn a_table_of_a_host_is_not_taken_for_one_of_ours() {
                runtime().block_on(async {
                    let Some(database) = $database::new(LEVELS[0]).await else { return };
                    let (store, rows) = (database.store().await, database.pool().await);
                    let sql = "CREATE TABLE mentorship_forms (tenant INT, field VARCHAR(9))";
                    sqlx::raw_sql(sql).execute(&rows).await.unwrap();
                    let error = store.migrate().await.unwrap_err();
                    if let MigrateError::Taken { table } = &error {
                        assert_eq!(table, "mentorship_forms");
                    } else {
                        assert!(matches!(error, MigrateError::Store(_)), "{error}");
                    }
                    assert!(all(&store.status().await.unwrap(), MigrationState::Pending));
                    sqlx::raw_sql("DROP TABLE mentorship_forms").execute(&rows).await.unwrap();
                    assert_eq!(store.migrate().await.unwrap(), [1]);
                    store.verify().await.unwrap();
                    database.end().await;
                });
            }

            /// Given up after each number of polls: whoever comes next does it, however far it had come.
            #[test]
            fn one_that_is_given_up_is_done_by_the_next() {
                runtime().block_on(async {
                    let closely = usize::try_from(times("MENTORSHIP_MIGRATIONS", 6)).unwrap();
                    let (mut finished, mut given_up) = (0, 0);
                    let steps = (1..2_000).step_by((100 / closely).max(1));
                    for polls in steps.clone().chain(steps) {
                        let Some(database) = $database::new(LEVELS[0]).await else { return };
                        let done = {
                            let store = database.store().await;
                            dropped_after(store.migrate(), polls).await
                        };
                        let store = database.store().await;
                        match done {
                            Some(done) => {
                                assert_eq!(done.unwrap(), [1]);
                                finished += 1;
                            }
                            None => given_up += 1,
                        }
                        assert!(store.migrate().await.unwrap().len() <= 1, "after {polls} polls");
                        store.verify().await.unwrap();
                        let _ = store.unit().await.unwrap().apply(ground()).await.unwrap();
                        database.end().await;
                        if finished >= 2 && given_up > 0 {
                            println!("given up at {given_up} points, done by the next each time");
                            return;
                        }
                    }
                    panic!("{finished} came to their end, {given_up} were given up");
                });
            }

            /// A host that runs its own migrations first, last, or ours among them.
            #[test]
            fn a_hosts_own_migrations_go_along_in_either_order() {
                runtime().block_on(async {
                    for (host_first, ours_among) in [(true, false), (false, false), (true, true)] {
                        let Some(database) = $database::new(LEVELS[0]).await else { return };
                        let (store, rows) = (database.store().await, database.pool().await);
                        let folder = tempfile::tempdir().unwrap();
                        let script = $store::export_sql(&Prefix::default());
                        of_a_host(folder.path(), ours_among.then_some(&*script));
                        let host = Migrator::new(folder.path()).await.unwrap();
                        let ours = if host_first {
                            host.run(&rows).await.unwrap();
                            store.migrate().await.unwrap()
                        } else {
                            let done = store.migrate().await.unwrap();
                            host.run(&rows).await.unwrap();
                            done
                        };
                        assert_eq!(ours.len(), usize::from(!ours_among));
                        // Each once more, when the host starts the next time.
                        host.run(&rows).await.unwrap();
                        assert!(store.migrate().await.unwrap().is_empty());
                        store.verify().await.unwrap();
                        let members = "SELECT COUNT(*) FROM members";
                        let members: i64 =
                            sqlx::query_scalar(members).fetch_one(&rows).await.unwrap();
                        assert_eq!(members, 1);
                        let _ = store.unit().await.unwrap().apply(ground()).await.unwrap();
                        let ask = PersonAsk { tenant: make::tenant(), person: make::who(1) };
                        store.unit().await.unwrap().person_view(&ask).await.unwrap();
                        database.end().await;
                    }
                });
            }
        }
    };
}

on!(sqlite, Sqlite, SqliteStore);
on!(postgres, Postgres, PostgresStore);
on!(mysql, Mysql, MySqlStore);

/// Ends the connection of a migration that waits in its middle for what `holder` holds.
macro_rules! ended_while_it_waits {
    ($name:ident, $database:ident, $prepare:expr, $hold:literal, $waiting:literal, $kill:literal) => {
        #[test]
        fn $name() {
            runtime().block_on(async {
                let Some(database) = $database::new(LEVELS[0]).await else { return };
                let (rows, watching) = (database.pool().await, database.pool().await);
                let prepare: &[&'static str] = $prepare;
                if !prepare.is_empty() {
                    database.store().await.migrate().await.unwrap();
                }
                for sql in prepare {
                    sqlx::raw_sql(*sql).execute(&rows).await.unwrap();
                }
                let mut holder = rows.begin().await.unwrap();
                sqlx::raw_sql($hold).execute(&mut *holder).await.unwrap();
                let store = database.store().await;
                let runner = store.clone();
                let migrating = tokio::spawn(async move { runner.migrate().await });
                let waiting: i64 = loop {
                    let found = sqlx::query_scalar($waiting).fetch_optional(&watching).await;
                    if let Some(found) = found.unwrap() {
                        break found;
                    }
                    assert!(!migrating.is_finished(), "it does not wait");
                };
                let kill = AssertSqlSafe($kill.replace("{}", &waiting.to_string()));
                sqlx::raw_sql(kill).execute(&watching).await.unwrap();
                let error = migrating.await.unwrap().unwrap_err();
                assert!(matches!(error, MigrateError::Store(_)), "{error}");
                assert!(all(&store.status().await.unwrap(), MigrationState::Pending));
                holder.rollback().await.unwrap();
                assert_eq!(store.migrate().await.unwrap(), [1]);
                store.verify().await.unwrap();
                database.end().await;
            });
        }
    };
}

ended_while_it_waits!(
    a_migration_on_postgres_whose_connection_ends_leaves_nothing,
    Postgres,
    &[],
    "CREATE TABLE mentorship_outbox (n INT)",
    "SELECT CAST(pid AS BIGINT) FROM pg_stat_activity WHERE datname = current_database() \
     AND wait_event_type = 'Lock' AND query LIKE 'CREATE TABLE mentorship_outbox%'",
    "SELECT pg_terminate_backend({})"
);

// Statements that make tables commit by themselves there: the one in the middle is made to wait by a
// transaction that has read its table, in a database where all before it have been done.
ended_while_it_waits!(
    a_migration_on_mysql_whose_connection_ends_goes_on,
    Mysql,
    &[
        "DELETE FROM mentorship_migrations",
        "DROP TABLE mentorship_consumers",
        "DROP INDEX mentorship_audit_actor ON mentorship_audit",
    ],
    "SELECT COUNT(*) FROM mentorship_audit",
    "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = DATABASE() \
     AND state LIKE 'Waiting for table metadata lock%'",
    "KILL {}"
);
