//! Databases of servers that the machine runs: found, made, lent to one test at a time, and left clean.
//!
//! `MENTORSHIP_POSTGRES` and `MENTORSHIP_MYSQL` say where they are. On a machine without them the tests
//! say what they did not run; with `CI` set in the environment that is a failure.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::{
    io::Write as _,
    sync::{Arc, Mutex, OnceLock},
    time::Duration,
};

use mentorship_core::store::Store;
use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix,
    sqlx::{
        self, AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
        mysql::MySqlPoolOptions, postgres::PgPoolOptions,
    },
};

/// Tables in an order in which they can be emptied.
const TABLES: [&str; 17] = [
    "pairs",
    "persons",
    "relations",
    "programs",
    "forms",
    "guides",
    "enrollments",
    "proposals",
    "runs",
    "steps",
    "posts",
    "check_ins",
    "cases",
    "evidence",
    "commands",
    "audit",
    "outbox",
];

/// Databases of tests that are over, and the one of this process.
const FAMILY: &str = "mentorship_test_";

fn alive(database: &str) -> bool {
    let process = database.strip_prefix(FAMILY).unwrap_or_default();
    std::path::Path::new("/proc").join(process).exists()
}

/// Runs `find` once, on a runtime of its own, and says plainly if there is no server.
fn found<F>(
    once: &'static OnceLock<Option<String>>,
    what: &str,
    url: &str,
    find: F,
) -> Option<String>
where
    F: Future<Output = Result<String, sqlx::Error>> + Send + 'static,
{
    let reached = once.get_or_init(|| {
        let outcome = std::thread::spawn(|| super::runtime().block_on(find)).join().expect("found");
        match outcome {
            Ok(url) => Some(url),
            Err(error) => {
                assert!(
                    std::env::var_os("CI").is_none(),
                    "{what} was not reached at {url}: {error}; in CI its tests have to run"
                );
                // Past the capture of a test's output: whoever runs the tests has to see it.
                let said = format!("NOT RUN on {what}: it was not reached at {url}\n");
                std::io::stderr().write_all(said.as_bytes()).expect("said");
                None
            }
        }
    });
    reached.clone()
}

pub(crate) fn with_database(url: &str, database: &str) -> String {
    let (server, _) = url.rsplit_once('/').expect("a URL ends with /database");
    format!("{server}/{database}")
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Tables under one prefix, lent to one test.
#[derive(Debug)]
pub(crate) struct Lent<P> {
    /// The pool.
    pub(crate) pool: P,
    /// The prefix of the tables.
    pub(crate) prefix: Prefix,
    slot: u32,
}

/// Numbers of prefixes that no test uses now, and the next new one.
#[derive(Debug, Default)]
struct Slots {
    free: Vec<u32>,
    made: u32,
}

static POSTGRES: OnceLock<Option<String>> = OnceLock::new();
static POSTGRES_SLOTS: Mutex<Slots> = Mutex::new(Slots { free: Vec::new(), made: 0 });
static MYSQL: OnceLock<Option<String>> = OnceLock::new();
static MYSQL_SLOTS: Mutex<Slots> = Mutex::new(Slots { free: Vec::new(), made: 0 });

fn take(slots: &Mutex<Slots>) -> (u32, Prefix) {
    let mut slots = slots.lock().expect("no test panics here");
    let slot = slots.free.pop().unwrap_or_else(|| {
        slots.made += 1;
        slots.made
    });
    (slot, Prefix::new(&format!("t{slot}_")).expect("a good prefix"))
}

/// Where `PostgreSQL` is, with a database of this process.
pub(crate) fn postgres() -> Option<String> {
    let url = setting("MENTORSHIP_POSTGRES", "postgres://postgres@127.0.0.1:5432/test");
    let at = url.clone();
    found(&POSTGRES, "PostgreSQL", &url, async move {
        let mut connection = PgConnection::connect(&at).await?;
        let sql = "SELECT datname FROM pg_database WHERE datname LIKE 'mentorship\\_test\\_%'";
        let all: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
        for old in all.iter().filter(|name| !alive(name)) {
            let sql = format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)");
            // Another process may be cleaning up too.
            drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await);
        }
        let database = format!("{FAMILY}{}", std::process::id());
        let sql = format!("CREATE DATABASE {database} TEMPLATE template0");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        Ok(with_database(&at, &database))
    })
}

/// Where `MariaDB` is, with a database of this process.
pub(crate) fn mysql() -> Option<String> {
    let url = setting("MENTORSHIP_MYSQL", "mysql://root@127.0.0.1:3306/test");
    let at = url.clone();
    found(&MYSQL, "MariaDB", &url, async move {
        let mut connection = MySqlConnection::connect(&at).await?;
        let sql = "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata \
                   WHERE schema_name LIKE 'mentorship\\_test\\_%'";
        let all: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
        for old in all.iter().filter(|name| !alive(name)) {
            let sql = format!("DROP DATABASE IF EXISTS {old}");
            drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await);
        }
        let database = format!("{FAMILY}{}", std::process::id());
        let sql = format!("CREATE DATABASE {database}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
        Ok(with_database(&at, &database))
    })
}

/// Empty, migrated tables on `PostgreSQL`.
pub(crate) async fn lend_postgres() -> Option<(Lent<PgPool>, PostgresStore)> {
    let url = postgres()?;
    let options = PgPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_mins(1));
    let pool = options.connect(&url).await.expect("the server was there a moment ago");
    let (slot, prefix) = take(&POSTGRES_SLOTS);
    let store = PostgresStore::new(pool.clone(), prefix.clone());
    store.migrate().await.expect("the tables are made");
    Some((Lent { pool, prefix, slot }, store))
}

/// A store over the tables that are there.
pub(crate) async fn open_postgres(url: &str, connections: u32, prefix: Prefix) -> PostgresStore {
    let options = PgPoolOptions::new().max_connections(connections);
    PostgresStore::new(options.connect(url).await.expect("the server is there"), prefix)
}

/// The same with a pool of its own.
pub(crate) async fn open_own_pool(url: &str, connections: u32, prefix: Prefix) -> PostgresStore {
    let options = PgPoolOptions::new().max_connections(connections);
    let options = options.acquire_timeout(Duration::from_mins(1));
    let server = url.parse().expect("a URL");
    PostgresStore::connect(options, server, prefix).await.expect("the server is there")
}

/// A store over the tables that are there on `MariaDB`.
pub(crate) async fn open_mysql(url: &str, connections: u32, prefix: Prefix) -> MySqlStore {
    let options = MySqlPoolOptions::new().max_connections(connections);
    MySqlStore::new(options.connect(url).await.expect("the server is there"), prefix)
}

/// Empty, migrated tables on `MariaDB`.
pub(crate) async fn lend_mysql() -> Option<(Lent<MySqlPool>, MySqlStore)> {
    let url = mysql()?;
    let options =
        MySqlPoolOptions::new().max_connections(8).acquire_timeout(Duration::from_mins(1));
    let pool = options.connect(&url).await.expect("the server was there a moment ago");
    let (slot, prefix) = take(&MYSQL_SLOTS);
    let store = MySqlStore::new(pool.clone(), prefix.clone());
    store.migrate().await.expect("the tables are made");
    Some((Lent { pool, prefix, slot }, store))
}

fn emptying(prefix: &Prefix) -> String {
    let each = TABLES.iter().map(|table| format!("DELETE FROM {prefix}{table}"));
    let consumers = format!("DELETE FROM {prefix}consumers WHERE name <> 'default'");
    each.chain([consumers]).collect::<Vec<_>>().join("; ")
}

/// Empties the tables of a store on `MariaDB`.
pub(crate) async fn empty_mysql(pool: &MySqlPool, prefix: &Prefix) {
    let sql = AssertSqlSafe(emptying(prefix));
    sqlx::raw_sql(sql).execute(pool).await.expect("emptied");
}

impl Lent<PgPool> {
    /// Empties the tables for the next test.
    pub(crate) async fn give_back(self) {
        let sql = emptying(&self.prefix);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&self.pool).await.expect("emptied");
        self.pool.close().await;
        POSTGRES_SLOTS.lock().expect("no test panics here").free.push(self.slot);
    }
}

impl Lent<MySqlPool> {
    /// Empties the tables for the next test.
    pub(crate) async fn give_back(self) {
        empty_mysql(&self.pool, &self.prefix).await;
        self.pool.close().await;
        MYSQL_SLOTS.lock().expect("no test panics here").free.push(self.slot);
    }
}

/// A store as the service takes it.
pub(crate) fn shared(store: impl Store + 'static) -> Arc<dyn Store> {
    Arc::new(store)
}
