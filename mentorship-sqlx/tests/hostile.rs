//! Settings, rights and tables on which a promise would break: `verify` refuses each and says what it
//! found and what it has to be. What is harmless passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{sync::Arc, time::Duration};

use common::{
    crowd::undisturbed,
    fresh,
    private::Private,
    runtime, server,
    story::{ACTS, Stage},
};
use mentorship_core::store::{Store, StoreErrorKind};
use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix, VerifyError,
    sqlx::{
        self, AssertSqlSafe, MySqlPool, PgPool,
        mysql::MySqlPoolOptions,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

/// What `verify` refuses, with what it found and what it needs.
fn refused(verified: Result<(), VerifyError>) -> (&'static str, String) {
    match verified {
        Err(VerifyError::Setting { setting, found, needed }) => {
            assert!(!found.is_empty() && !needed.is_empty(), "{setting}");
            (setting, found)
        }
        other => panic!("not refused by a setting: {other:?}"),
    }
}

fn belt(verified: Result<(), VerifyError>) -> String {
    match verified {
        Err(VerifyError::Belt { table, what }) => format!("{what} of {table}"),
        other => panic!("not refused by a belt: {other:?}"),
    }
}

fn not_migrated(verified: Result<(), VerifyError>) -> String {
    match verified {
        Err(VerifyError::Store(error)) if error.kind() == StoreErrorKind::NotMigrated => {
            error.to_string()
        }
        other => panic!("not refused for want of tables: {other:?}"),
    }
}

const PATIENCE: Duration = Duration::from_mins(1);

mod postgres {
    use super::*;

    async fn with(options: &[(&str, &str)]) -> PgPool {
        let url: PgConnectOptions = server::postgres().unwrap().parse().unwrap();
        let options = url.options(options.iter().copied());
        PgPoolOptions::new().max_connections(2).connect_with(options).await.unwrap()
    }

    async fn run(pool: &PgPool, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
    }

    #[test]
    fn settings_of_a_session() {
        runtime().block_on(async {
            let Some((lent, _)) = server::lend_postgres().await else { return };
            for (option, value, named) in [
                ("default_transaction_read_only", "on", "transaction_read_only"),
                ("synchronous_commit", "off", "synchronous_commit"),
                ("session_replication_role", "replica", "session_replication_role"),
            ] {
                let pool = with(&[(option, value)]).await;
                let store = PostgresStore::new(pool.clone(), lent.prefix.clone());
                assert_eq!(refused(store.verify().await), (named, value.to_owned()));
                pool.close().await;
            }
            // Every transaction of ours names its own level.
            for level in ["repeatable read", "serializable"] {
                let pool = with(&[("default_transaction_isolation", level)]).await;
                PostgresStore::new(pool.clone(), lent.prefix.clone()).verify().await.unwrap();
                pool.close().await;
            }
            let pool = with(&[("search_path", "pg_catalog")]).await;
            let store = PostgresStore::new(pool.clone(), lent.prefix.clone());
            let said = not_migrated(store.verify().await);
            assert!(said.contains("database, schema and prefix"), "{said}");
            pool.close().await;
            lent.give_back().await;
        });
    }

    /// A pool of the store's own has the settings that it needs, whatever those of the role are, and is refused where
    /// they were changed since.
    #[test]
    fn settings_of_a_pool_of_its_own() {
        runtime().block_on(async {
            let Some((lent, _)) = server::lend_postgres().await else { return };
            let server: PgConnectOptions = server::postgres().unwrap().parse().unwrap();
            let server = server.options([("default_transaction_isolation", "serializable")]);
            let open = |pool| PostgresStore::connect(pool, server.clone(), lent.prefix.clone());
            let store = open(PgPoolOptions::new().max_connections(2)).await.unwrap();
            store.verify().await.unwrap();
            for (setting, value) in [
                ("default_transaction_isolation", "repeatable read"),
                ("lock_timeout", "0"),
                ("idle_in_transaction_session_timeout", "0"),
                ("plan_cache_mode", "auto"),
                ("enable_seqscan", "on"),
            ] {
                let sql = format!("SET {setting} = '{value}'");
                let pool = PgPoolOptions::new().max_connections(2);
                let pool = pool.after_connect(move |connection, _| {
                    let sql = AssertSqlSafe(sql.clone());
                    Box::pin(async move { sqlx::raw_sql(sql).execute(connection).await.map(drop) })
                });
                let store = open(pool).await.unwrap();
                assert_eq!(refused(store.verify().await), (setting, value.to_owned()));
            }
            lent.give_back().await;
        });
    }

    /// With the rights that `verify` asks for a whole story goes on; without any one of them it is refused.
    #[test]
    fn rights() {
        runtime().block_on(async {
            let Some((lent, _)) = server::lend_postgres().await else { return };
            let prefix = Prefix::new(&format!("{}rights_", lent.prefix)).unwrap();
            PostgresStore::new(lent.pool.clone(), prefix.clone()).migrate().await.unwrap();
            let role = format!("mentorship_test_{}", std::process::id());
            let say = |sql: &str| sql.replace("{r}", &role).replace("{p}", prefix.as_str());
            run(&lent.pool, say("DROP ROLE IF EXISTS {r}; CREATE ROLE {r}")).await;
            let pool = with(&[("role", &role)]).await;
            let store = PostgresStore::new(pool.clone(), prefix.clone());
            run(&lent.pool, say("GRANT SELECT ON {p}migrations TO {r}")).await;
            let mut granted = 0;
            loop {
                let verified = store.verify().await;
                if verified.is_ok() {
                    break;
                }
                let (setting, found) = refused(verified);
                assert_eq!(setting, "privileges");
                let right = found.strip_prefix("no ").unwrap();
                run(&lent.pool, say(&format!("GRANT {right} TO {{r}}"))).await;
                granted += 1;
                assert!(granted < 60, "{found}");
            }
            assert!(granted > 40, "{granted}");
            let shared: Arc<dyn Store> = Arc::new(store.clone());
            let stage = Stage::set(shared.clone()).await;
            let done = undisturbed(stage, &shared).await;
            assert_eq!(done.len(), usize::try_from(ACTS).unwrap());
            pool.close().await;
            run(&lent.pool, say("DROP OWNED BY {r}; DROP ROLE {r}")).await;
            lent.give_back().await;
        });
    }

    #[test]
    fn tables_that_were_changed() {
        runtime().block_on(async {
            let Some((lent, _)) = server::lend_postgres().await else { return };
            for (n, change, said) in [
                (
                    1,
                    "enrollments DROP CONSTRAINT {p}enrollments_capacity_check",
                    "CHECK of {p}enrollments",
                ),
                (2, "relations DROP CONSTRAINT {p}relations_check1", "CHECK of {p}relations"),
                (3, "outbox ADD CHECK (attempts >= 0) NOT VALID", ""),
            ] {
                let prefix = Prefix::new(&format!("{}c{n}_", lent.prefix)).unwrap();
                let store = PostgresStore::new(lent.pool.clone(), prefix.clone());
                store.migrate().await.unwrap();
                let say = |text: &str| text.replace("{p}", prefix.as_str());
                run(&lent.pool, say(&format!("ALTER TABLE {{p}}{change}"))).await;
                match said {
                    "" => store.verify().await.unwrap(),
                    said => assert_eq!(belt(store.verify().await), say(said)),
                }
            }
            lent.give_back().await;
        });
    }

    #[test]
    fn another_encoding() {
        runtime().block_on(async {
            let Some(database) = fresh::Postgres::in_latin1().await else { return };
            let store = database.store().await;
            store.migrate().await.unwrap();
            let found = refused(store.verify().await);
            assert_eq!(found, ("server_encoding", "LATIN1".to_owned()));
            database.end().await;
        });
    }

    #[test]
    fn a_standby_and_a_server_that_does_not_sync() {
        runtime().block_on(async {
            let Some(primary) = Private::postgres() else { return };
            let mut primary = primary.with(&["-c", "fsync=off"]);
            primary.start();
            let pool = PgPoolOptions::new().acquire_timeout(PATIENCE).connect(&primary.url()).await;
            let pool = pool.unwrap();
            let store = PostgresStore::new(pool.clone(), Prefix::default());
            store.migrate().await.unwrap();
            assert_eq!(refused(store.verify().await), ("fsync", "off".to_owned()));
            let mut standby = primary.standby();
            standby.start();
            let behind =
                PgPoolOptions::new().acquire_timeout(PATIENCE).connect(&standby.url()).await;
            let behind = behind.unwrap();
            let store = PostgresStore::new(behind.clone(), Prefix::default());
            assert_eq!(refused(store.verify().await), ("in_recovery", "true".to_owned()));
            behind.close().await;
            pool.close().await;
        });
    }
}

mod mysql {
    use super::*;

    async fn run(pool: &MySqlPool, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
    }

    #[test]
    fn settings_of_a_session() {
        runtime().block_on(async {
            let Some((lent, store)) = server::lend_mysql().await else { return };
            store.verify().await.unwrap();
            let url = server::mysql().unwrap();
            for (set, named, found) in [
                ("sql_mode = 'ANSI_QUOTES'", "sql_mode", "ANSI_QUOTES"),
                ("check_constraint_checks = 0", "check_constraint_checks", "OFF"),
                ("foreign_key_checks = 0", "foreign_key_checks", "OFF"),
                ("unique_checks = 0", "unique_checks", "OFF"),
                ("autocommit = 0", "autocommit", "OFF"),
                ("completion_type = 'CHAIN'", "completion_type", "CHAIN"),
                ("completion_type = 'RELEASE'", "completion_type", "RELEASE"),
                ("tx_isolation = 'READ-UNCOMMITTED'", "tx_isolation", "READ-UNCOMMITTED"),
                ("character_set_client = latin1", "character_set_client", "latin1"),
                ("character_set_connection = latin1", "character_set_connection", "latin1"),
                ("character_set_results = latin1", "character_set_results", "latin1"),
            ] {
                let pool = MySqlPoolOptions::new().max_connections(1).connect(&url).await.unwrap();
                run(&pool, format!("SET SESSION {set}")).await;
                let store = MySqlStore::new(pool.clone(), lent.prefix.clone());
                assert_eq!(refused(store.verify().await), (named, found.to_owned()));
                pool.close().await;
            }
            let prefix = Prefix::new(&format!("{}nowhere_", lent.prefix)).unwrap();
            let said = not_migrated(MySqlStore::new(lent.pool.clone(), prefix).verify().await);
            assert!(said.contains("database, schema and prefix"), "{said}");
            lent.give_back().await;
        });
    }

    #[test]
    fn tables_that_were_changed() {
        runtime().block_on(async {
            let Some((lent, _)) = server::lend_mysql().await else { return };
            let latin = "programs MODIFY title TEXT CHARACTER SET latin1 NOT NULL";
            let unchecked = "enrollments MODIFY capacity BIGINT NOT NULL";
            for (n, change, said) in [
                (1, "audit ENGINE = MyISAM", "engine MyISAM"),
                (2, "audit ENGINE = Aria", "engine Aria"),
                (3, latin, "character set latin1 in {p}programs.title"),
                (4, unchecked, "CHECK of {p}enrollments"),
            ] {
                let prefix = Prefix::new(&format!("{}c{n}_", lent.prefix)).unwrap();
                let store = MySqlStore::new(lent.pool.clone(), prefix.clone());
                store.migrate().await.unwrap();
                let say = |text: &str| text.replace("{p}", prefix.as_str());
                run(&lent.pool, say(&format!("ALTER TABLE {{p}}{change}"))).await;
                let found = match store.verify().await {
                    refusal @ Err(VerifyError::Belt { .. }) => belt(refusal),
                    other => {
                        let (setting, found) = refused(other);
                        format!("{setting} {found}")
                    }
                };
                assert_eq!(found, say(said));
            }
            lent.give_back().await;
        });
    }

    #[test]
    fn settings_of_the_server() {
        runtime().block_on(async {
            let Some(server) = Private::mariadb() else { return };
            let mut server = server.with(&["--innodb-flush-log-at-trx-commit=2"]);
            server.start();
            let pool =
                MySqlPoolOptions::new().acquire_timeout(PATIENCE).connect(&server.url()).await;
            let pool = pool.unwrap();
            let store = MySqlStore::new(pool.clone(), Prefix::default());
            store.migrate().await.unwrap();
            let found = refused(store.verify().await);
            assert_eq!(found, ("innodb_flush_log_at_trx_commit", "2".to_owned()));
            run(&pool, "SET GLOBAL innodb_flush_log_at_trx_commit = 1".to_owned()).await;
            store.verify().await.unwrap();
            // What a session has of it was set when it began.
            run(&pool, "SET GLOBAL max_allowed_packet = 1048576".to_owned()).await;
            let few =
                MySqlPoolOptions::new().acquire_timeout(PATIENCE).connect(&server.url()).await;
            let few = few.unwrap();
            let found = refused(MySqlStore::new(few.clone(), Prefix::default()).verify().await);
            assert_eq!(found, ("max_allowed_packet", "1048576".to_owned()));
            few.close().await;
            run(&pool, "SET GLOBAL max_allowed_packet = 16777216".to_owned()).await;
            run(&pool, "SET GLOBAL read_only = 1".to_owned()).await;
            assert_eq!(refused(store.verify().await), ("read_only", "ON".to_owned()));
            pool.close().await;
        });
    }
}
