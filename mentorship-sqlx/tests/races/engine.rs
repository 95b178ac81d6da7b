//! The databases that races are run on, each with the isolation level that its sessions begin with.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use mentorship_core::{conformance::through::Through, store::Store};
use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix,
    sqlx::{
        self, AssertSqlSafe, MySqlPool, PgPool,
        mysql::{MySqlConnectOptions, MySqlPoolOptions},
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

use crate::{
    common::{
        File,
        galera::Galera,
        server::{self, Lent},
    },
    named::Named,
};

/// A database under one isolation level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    /// With the default isolation level of its sessions, as the server calls it.
    Postgres(&'static str),
    /// With a pool of the store's own.
    PostgresOwn,
    /// The same as of `PostgreSQL`.
    Mysql(&'static str),
}

/// Its own unique keys, foreign keys and checks, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Belts {
    On,
    Off,
}

enum Held {
    /// Each node once as it is and once with reads that wait for what other nodes wrote.
    Cluster(Vec<MySqlPool>),
    File(File),
    Postgres(Lent<PgPool>, PgPool),
    Mysql(Lent<MySqlPool>, MySqlPool),
}

/// Stores over the same tables.
#[derive(Clone, Debug)]
pub(crate) struct Sides {
    /// Where commands are given, each on the next one.
    pub(crate) given: Vec<Arc<dyn Store>>,
    /// The same, each with all that has been stored on any of them.
    pub(crate) settled: Vec<Arc<dyn Store>>,
    /// On each node of a cluster, a table so large that the others are behind while they follow a change
    /// of all of it.
    large: Vec<MySqlPool>,
}

/// Rows of that table.
const LARGE: u32 = 40_000;

impl Sides {
    /// Keeps the nodes of all other commands behind the one of this command for a moment.
    pub(crate) async fn keep_behind(&self, command: usize) {
        let node = &self.large[command % self.large.len()];
        sqlx::raw_sql("UPDATE large SET n = n + 1").execute(node).await.unwrap();
    }
}

/// Empty tables, and stores over them.
pub(crate) struct Engine {
    pub(crate) name: String,
    pub(crate) sides: Sides,
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
        Self::with(kind, belts, 12).await
    }

    /// The same with so many connections to a server.
    pub(crate) async fn with(kind: Kind, belts: Belts, connections: u32) -> Option<Self> {
        Some(match kind {
            Kind::Sqlite => {
                let file = File::new();
                let store = match belts {
                    Belts::On => file.store().await,
                    Belts::Off => file.unbelted().await,
                };
                Self::alone("SQLite".to_owned(), Arc::new(store), Held::File(file))
            }
            Kind::Postgres(_) | Kind::PostgresOwn => {
                let level = match kind {
                    Kind::Postgres(level) => Some(level),
                    _ => None,
                };
                let (lent, _) = server::lend_postgres().await?;
                let options: PgConnectOptions = server::postgres()?.parse().unwrap();
                let level_of_sessions = level.map(|it| ("default_transaction_isolation", it));
                let options = options.options(level_of_sessions);
                let lends = PgPoolOptions::new().max_connections(connections);
                let lends = lends.acquire_timeout(Duration::from_mins(1));
                let pool = lends.clone().connect_with(options.clone()).await.unwrap();
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
                let held = Held::Postgres(lent, pool.clone());
                let Some(level) = level else {
                    let store = PostgresStore::connect(lends, options, prefix).await.unwrap();
                    let store = Through::hooked(Arc::new(store), Named);
                    let name = "PostgreSQL, a pool of its own".to_owned();
                    return Some(Self::alone(name, Arc::new(store), held));
                };
                let store = PostgresStore::new(pool, prefix);
                Self::alone(format!("PostgreSQL, {level}"), Arc::new(store), held)
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
                let pool = MySqlPoolOptions::new().max_connections(connections);
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
                let name = format!("MariaDB, {}", level.to_lowercase());
                Self::alone(name, Arc::new(store), Held::Mysql(lent, pool))
            }
        })
    }

    fn alone(name: String, store: Arc<dyn Store>, held: Held) -> Self {
        let sides = Sides { settled: vec![store.clone()], given: vec![store], large: Vec::new() };
        Self { name, sides, held }
    }

    /// Each command on another node of a cluster.
    pub(crate) async fn across(cluster: &Galera, on_cluster: bool) -> Self {
        let prefix = bare();
        let store = |pool: MySqlPool| {
            let prefix = prefix.clone();
            if on_cluster {
                MySqlStore::on_cluster(pool, prefix)
            } else {
                MySqlStore::new(pool, prefix)
            }
        };
        let (mut pools, mut given, mut settled) = (Vec::new(), Vec::new(), Vec::new());
        let mut large = Vec::new();
        for node in 0..3 {
            for waits in [false, true] {
                let pool = MySqlPoolOptions::new().max_connections(12);
                let pool = pool.acquire_timeout(Duration::from_mins(1));
                let pool = pool.after_connect(move |connection, _| {
                    Box::pin(async move {
                        let wait = i32::from(waits);
                        let sql = AssertSqlSafe(format!("SET SESSION wsrep_sync_wait = {wait}"));
                        sqlx::raw_sql(sql).execute(connection).await.map(drop)
                    })
                });
                let pool = pool.connect(&cluster.url(node)).await.unwrap();
                pools.push(pool.clone());
                if !waits {
                    large.push(pool.clone());
                }
                let all = if waits { &mut settled } else { &mut given };
                let store = store(pool);
                if node == 0 {
                    store.migrate().await.unwrap();
                }
                all.push(Arc::new(store) as Arc<dyn Store>);
            }
        }
        let sql = format!(
            "CREATE TABLE IF NOT EXISTS large (id INT PRIMARY KEY, n INT NOT NULL); \
             INSERT IGNORE INTO large SELECT seq, 0 FROM seq_1_to_{LARGE}"
        );
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&large[0]).await.unwrap();
        let how = if on_cluster { "as a cluster" } else { "as one server" };
        let name = format!("Galera, three nodes, taken {how}");
        Self { name, sides: Sides { given, settled, large }, held: Held::Cluster(pools) }
    }

    pub(crate) async fn stop(self) {
        drop(self.sides);
        match self.held {
            Held::Cluster(pools) => {
                for pool in pools {
                    pool.close().await;
                }
            }
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
