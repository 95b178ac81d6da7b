//! Databases that nobody has used before, made for one test and gone after it.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix, SqliteStore,
    sqlx::{
        self, AssertSqlSafe, Connection as _, MySqlConnection, MySqlPool, PgConnection, PgPool,
        SqlitePool,
        mysql::MySqlPoolOptions,
        postgres::{PgConnectOptions, PgPoolOptions},
    },
};

use super::{
    File,
    server::{self, with_database},
};

/// Databases of processes that are over have the number of one that is not there.
const FAMILY: &str = "mentorship_fresh_";

/// Connections of each runner.
const CONNECTIONS: u32 = 2;

fn name() -> String {
    static MADE: AtomicU32 = AtomicU32::new(0);
    let n = MADE.fetch_add(1, Ordering::Relaxed);
    format!("{FAMILY}{}_{n}", std::process::id())
}

fn is_over(name: &str) -> bool {
    let process = name.strip_prefix(FAMILY).and_then(|rest| rest.split('_').next());
    process.is_some_and(|it| !std::path::Path::new("/proc").join(it).exists())
}

/// An empty file.
pub(crate) struct Sqlite(File);

#[allow(clippy::unused_async, reason = "every kind is asked in the same way")]
impl Sqlite {
    pub(crate) async fn new(_level: &'static str) -> Option<Self> {
        Some(Self(File::new()))
    }

    pub(crate) async fn store(&self) -> SqliteStore {
        SqliteStore::open(self.0.path()).await.unwrap()
    }

    pub(crate) async fn pool(&self) -> SqlitePool {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(self.0.path());
        SqlitePool::connect_with(options.create_if_missing(true)).await.unwrap()
    }

    pub(crate) async fn end(self) {
        drop(self.0);
    }
}

/// A database without tables, and the isolation level of its sessions.
pub(crate) struct Postgres {
    url: String,
    name: String,
    level: &'static str,
}

impl Postgres {
    pub(crate) async fn new(level: &'static str) -> Option<Self> {
        Self::made(level, "").await
    }

    pub(crate) async fn in_latin1() -> Option<Self> {
        Self::made("read committed", "ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'").await
    }

    async fn made(level: &'static str, how: &str) -> Option<Self> {
        let (url, name) = (server::postgres()?, name());
        let mut admin = PgConnection::connect(&url).await.unwrap();
        let sql = format!("SELECT datname FROM pg_database WHERE datname LIKE '{FAMILY}%'");
        let all: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut admin).await.unwrap();
        for old in all.iter().filter(|it| is_over(it)) {
            let sql = format!("DROP DATABASE IF EXISTS {old} WITH (FORCE)");
            drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await);
        }
        let sql = format!("CREATE DATABASE {name} TEMPLATE template0 {how}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        Some(Self { url: with_database(&url, &name), name, level })
    }

    pub(crate) async fn pool(&self) -> PgPool {
        let options: PgConnectOptions = self.url.parse().unwrap();
        let options = options.options([("default_transaction_isolation", self.level)]);
        let pool = PgPoolOptions::new().max_connections(CONNECTIONS);
        pool.acquire_timeout(Duration::from_mins(1)).connect_with(options).await.unwrap()
    }

    pub(crate) async fn store(&self) -> PostgresStore {
        PostgresStore::new(self.pool().await, Prefix::default())
    }

    pub(crate) async fn end(self) {
        let mut admin = PgConnection::connect(&server::postgres().unwrap()).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
}

/// The same.
pub(crate) struct Mysql {
    url: String,
    name: String,
    level: &'static str,
}

impl Mysql {
    pub(crate) async fn new(level: &'static str) -> Option<Self> {
        let (url, name) = (server::mysql()?, name());
        let mut admin = MySqlConnection::connect(&url).await.unwrap();
        let sql = format!(
            "SELECT CAST(schema_name AS CHAR) FROM information_schema.schemata \
             WHERE schema_name LIKE '{FAMILY}%'"
        );
        let all: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut admin).await.unwrap();
        for old in all.iter().filter(|it| is_over(it)) {
            let sql = format!("DROP DATABASE IF EXISTS {old}");
            drop(sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await);
        }
        let sql = format!("CREATE DATABASE {name}");
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
        Some(Self { url: with_database(&url, &name), name, level })
    }

    pub(crate) async fn pool(&self) -> MySqlPool {
        let sql = format!("SET SESSION TRANSACTION ISOLATION LEVEL {}", self.level);
        let pool = MySqlPoolOptions::new().max_connections(CONNECTIONS);
        let pool = pool.acquire_timeout(Duration::from_mins(1));
        let pool = pool.after_connect(move |connection, _| {
            let sql = AssertSqlSafe(sql.clone());
            Box::pin(async move { sqlx::raw_sql(sql).execute(connection).await.map(drop) })
        });
        pool.connect(&self.url).await.unwrap()
    }

    pub(crate) async fn store(&self) -> MySqlStore {
        MySqlStore::new(self.pool().await, Prefix::default())
    }

    pub(crate) async fn end(self) {
        let mut admin = MySqlConnection::connect(&server::mysql().unwrap()).await.unwrap();
        let sql = format!("DROP DATABASE {}", self.name);
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut admin).await.unwrap();
    }
}
