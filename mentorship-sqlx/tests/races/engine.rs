//! The databases that races are run on, each with the isolation level that its sessions begin with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use mentorship_core::store::Store;
use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix,
    sqlx::{
        self, AssertSqlSafe, MySqlPool, PgPool,
        mysql::{MySqlConnectOptions, MySqlPoolOptions},
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

use crate::common::{
    File,
    server::{self, Lent},
};

/// A database under one isolation level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    /// With the default isolation level of its sessions, as the server calls it.
    Postgres(&'static str),
    /// The same.
    Mysql(&'static str),
}

/// Its own unique keys, foreign keys and checks, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belts {
    On,
    Off,
}

enum Held {
    File(File),
    Postgres(Lent<PgPool>, PgPool),
    Mysql(Lent<MySqlPool>, MySqlPool),
}

/// Empty tables, and a store for each task of a race.
pub(crate) struct Engine {
    pub(crate) name: String,
    pub(crate) stores: Vec<Arc<dyn Store>>,
    held: Held,
}

/// A prefix of tables that never go back to other tests.
fn bare() -> Prefix {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let n = MADE.fetch_add(1, Ordering::Relaxed);
    Prefix::new(&format!("bare{n}_")).unwrap()
}

/// What takes out every belt that is a constraint of its own.
fn without_constraints(found: Vec<(String, String)>, kind: &str) -> AssertSqlSafe<String> {
    assert!(!found.is_empty(), "there are belts");
    let drop = |(table, name)| format!("ALTER TABLE {table} DROP {kind} {name}");
    AssertSqlSafe(found.into_iter().map(drop).collect::<Vec<_>>().join("; "))
}

impl Engine {
    /// `None` on a machine without this database.
    pub(crate) async fn start(kind: Kind, belts: Belts) -> Option<Self> {
        Some(match kind {
            Kind::Sqlite => {
                let file = File::new();
                let store = match belts {
                    Belts::On => file.store().await,
                    Belts::Off => file.unbelted().await,
                };
                let name = "SQLite".to_owned();
                Self { name, stores: vec![Arc::new(store)], held: Held::File(file) }
            }
            Kind::Postgres(level) => {
                let (lent, _) = server::lend_postgres().await?;
                let options: PgConnectOptions = server::postgres()?.parse().unwrap();
                let options = options.options([("default_transaction_isolation", level)]);
                let pool = PgPoolOptions::new().max_connections(12);
                let pool = pool.acquire_timeout(Duration::from_mins(1));
                let pool = pool.connect_with(options).await.unwrap();
                let mut prefix = lent.prefix.clone();
                if belts == Belts::Off {
                    prefix = bare();
                    PostgresStore::new(pool.clone(), prefix.clone()).migrate().await.unwrap();
                    let sql = "SELECT CAST(conrelid AS regclass)::text, conname::text \
                        FROM pg_constraint WHERE contype IN ('c', 'u', 'f') \
                        AND CAST(conrelid AS regclass)::text LIKE $1 || '%' \
                        ORDER BY contype = 'f' DESC";
                    let found = sqlx::query_as(sql).bind(prefix.as_str()).fetch_all(&pool).await;
                    let sql = without_constraints(found.unwrap(), "CONSTRAINT");
                    sqlx::raw_sql(sql).execute(&pool).await.unwrap();
                }
                let store = PostgresStore::new(pool.clone(), prefix);
                Self {
                    name: format!("PostgreSQL, {level}"),
                    stores: vec![Arc::new(store)],
                    held: Held::Postgres(lent, pool),
                }
            }
            Kind::Mysql(level) => {
                let (lent, _) = server::lend_mysql().await?;
                let options: MySqlConnectOptions = server::mysql()?.parse().unwrap();
                // Checks of a single column can only be turned off, not dropped.
                let checks = i32::from(belts == Belts::On);
                let settings = format!(
                    "SET SESSION TRANSACTION ISOLATION LEVEL {level}; \
                     SET SESSION check_constraint_checks = {checks}"
                );
                let pool = MySqlPoolOptions::new().max_connections(12);
                let pool = pool.acquire_timeout(Duration::from_mins(1));
                let pool = pool.after_connect(move |connection, _| {
                    let settings = AssertSqlSafe(settings.clone());
                    Box::pin(
                        async move { sqlx::raw_sql(settings).execute(connection).await.map(drop) },
                    )
                });
                let pool = pool.connect_with(options).await.unwrap();
                let mut prefix = lent.prefix.clone();
                if belts == Belts::Off {
                    prefix = bare();
                    MySqlStore::new(pool.clone(), prefix.clone()).migrate().await.unwrap();
                    for (kind, word) in [("FOREIGN KEY", "FOREIGN KEY"), ("UNIQUE", "INDEX")] {
                        let sql = "SELECT CAST(table_name AS CHAR), CAST(constraint_name AS CHAR) \
                            FROM information_schema.table_constraints \
                            WHERE constraint_schema = DATABASE() AND constraint_type = ? \
                            AND table_name LIKE CONCAT(?, '%')";
                        let found = sqlx::query_as(sql).bind(kind).bind(prefix.as_str());
                        let found = found.fetch_all(&pool).await.unwrap();
                        let sql = without_constraints(found, word);
                        sqlx::raw_sql(sql).execute(&pool).await.unwrap();
                    }
                }
                let store = MySqlStore::new(pool.clone(), prefix);
                Self {
                    name: format!("MariaDB, {}", level.to_lowercase()),
                    stores: vec![Arc::new(store)],
                    held: Held::Mysql(lent, pool),
                }
            }
        })
    }

    pub(crate) async fn stop(self) {
        drop(self.stores);
        match self.held {
            Held::File(file) => drop(file),
            Held::Postgres(lent, pool) => {
                pool.close().await;
                lent.give_back().await;
            }
            Held::Mysql(lent, pool) => {
                pool.close().await;
                lent.give_back().await;
            }
        }
    }
}
