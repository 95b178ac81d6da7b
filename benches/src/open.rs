//! Databases of a run: made, filled, used by both sides, and gone afterwards.

use std::{fmt, sync::Arc};

use mentorship_core::{base::time::Timestamp, store::Store};
use mentorship_sqlx::{MySqlStore, PostgresStore, Prefix, SqliteStore};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, MySqlConnection, MySqlPool, PgConnection,
    PgPool,
    mysql::{MySqlConnectOptions, MySqlPoolOptions},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use crate::{
    commands::{Commands, Host, Library, MariaDbByHand, PostgresByHand, SqliteByHand},
    data::Sink,
};

/// A kind of database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Kind {
    /// One file, `synchronous = FULL`.
    Sqlite,
    /// `MENTORSHIP_POSTGRES`, over the host's pool.
    Postgres,
    /// The same with a pool of the store's own.
    PostgresOwn,
    /// `MENTORSHIP_MYSQL`.
    Mariadb,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Postgres, Self::PostgresOwn, Self::Mariadb];

    /// Those that were asked for; all where none was.
    #[must_use]
    pub fn chosen(asked: &[Self]) -> Vec<Self> {
        if asked.is_empty() { Self::ALL.to_vec() } else { asked.to_vec() }
    }

    /// As people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::PostgresOwn => "PostgreSQL, own pool",
            Self::Mariadb => "MariaDB",
        }
    }
}

enum Place {
    File(tempfile::TempDir),
    Postgres { pool: PgPool, url: PgConnectOptions, database: String },
    Mariadb { pool: MySqlPool, url: MySqlConnectOptions, database: String },
}

/// A database of this process.
pub struct Database {
    kind: Kind,
    place: Place,
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Database").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A store's tables under one prefix, and both sides over them.
pub struct Sides {
    /// The library.
    pub library: Arc<dyn Commands>,
    /// The same by hand.
    pub by_hand: Arc<dyn Commands>,
    /// The store.
    pub store: Arc<dyn Store>,
}

impl fmt::Debug for Sides {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sides").field("store", &self.store).finish_non_exhaustive()
    }
}

fn setting(name: &str, default: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| default.to_owned())
}

/// Where `PostgreSQL` is.
#[must_use]
pub fn postgres_url() -> String {
    setting("MENTORSHIP_POSTGRES", "postgres://postgres@127.0.0.1:5432/test")
}

/// Where `MariaDB` is.
#[must_use]
pub fn mariadb_url() -> String {
    setting("MENTORSHIP_MYSQL", "mysql://root@127.0.0.1:3306/test")
}

/// Prepared statements kept per connection, as the stores advise.
const STATEMENTS: usize = 300;

impl Database {
    /// A new database; both sides share a pool of `connections`, unless the store has one of its own. On `SQLite` a file in `folder`, or in the
    /// folder for temporary files, and the pools that the store makes for itself.
    ///
    /// # Errors
    /// If there is no such server.
    pub async fn open(
        kind: Kind,
        connections: u32,
        folder: Option<&std::path::Path>,
    ) -> Result<Self, sqlx::Error> {
        let database = format!("mentorship_bench_{}", std::process::id());
        let place = match kind {
            Kind::Sqlite => {
                let folder = folder.map_or_else(tempfile::tempdir, tempfile::tempdir_in);
                Place::File(folder.map_err(sqlx::Error::Io)?)
            }
            Kind::Postgres | Kind::PostgresOwn => {
                let url: PgConnectOptions = postgres_url().parse()?;
                let mut connection = url.connect().await?;
                for sql in [
                    format!("DROP DATABASE IF EXISTS {database} WITH (FORCE)"),
                    format!("CREATE DATABASE {database} TEMPLATE template0"),
                ] {
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
                }
                let options = url.clone().database(&database).statement_cache_capacity(STATEMENTS);
                let pool =
                    PgPoolOptions::new().max_connections(connections).test_before_acquire(false);
                Place::Postgres { pool: pool.connect_with(options).await?, url, database }
            }
            Kind::Mariadb => {
                let url: MySqlConnectOptions = mariadb_url().parse()?;
                let mut connection = url.connect().await?;
                for sql in [
                    format!("DROP DATABASE IF EXISTS {database}"),
                    format!("CREATE DATABASE {database}"),
                ] {
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
                }
                let options = url.clone().database(&database).statement_cache_capacity(STATEMENTS);
                let pool =
                    MySqlPoolOptions::new().max_connections(connections).test_before_acquire(false);
                Place::Mariadb { pool: pool.connect_with(options).await?, url, database }
            }
        };
        Ok(Self { kind, place })
    }

    /// The same for a run of several: says plainly on which it is not run.
    pub async fn open_or_say(
        kind: Kind,
        connections: u32,
        folder: Option<&std::path::Path>,
    ) -> Option<Self> {
        let opened = Self::open(kind, connections, folder).await;
        opened.inspect_err(|error| eprintln!("NOT RUN on {}: {error}", kind.name())).ok()
    }

    /// Which kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    fn file(folder: &tempfile::TempDir, prefix: &str) -> std::path::PathBuf {
        // A file has one writer: each set of tables has its own.
        folder.path().join(format!("{prefix}.db"))
    }

    fn options(folder: &tempfile::TempDir, prefix: &str) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(Self::file(folder, prefix))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(std::time::Duration::from_secs(10))
    }

    /// Makes the tables of a prefix, if they are not there, and both sides over them.
    pub async fn sides(&self, prefix: &str, now: Timestamp) -> Sides {
        let named = Prefix::new(prefix).unwrap();
        match &self.place {
            Place::File(folder) => {
                let options = Self::options(folder, prefix);
                let store = SqliteStore::connect(options.clone(), named).await.unwrap();
                store.migrate().await.unwrap();
                // One writer, like the store's own.
                let pool = SqlitePoolOptions::new()
                    .max_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .test_before_acquire(false)
                    .acquire_timeout(std::time::Duration::from_secs(30));
                let pool = pool.connect_with(options).await.unwrap();
                let by_hand = Arc::new(SqliteByHand::over(pool.clone(), prefix, now));
                Sides::of(Host::Sqlite(pool, store), by_hand, now)
            }
            Place::Postgres { pool, .. } => {
                let store = match self.kind {
                    Kind::PostgresOwn => {
                        let own = PgPoolOptions::new()
                            .max_connections(pool.options().get_max_connections())
                            .test_before_acquire(false);
                        let server = (*pool.connect_options()).clone();
                        PostgresStore::connect(own, server, named).await.unwrap()
                    }
                    _ => PostgresStore::new(pool.clone(), named),
                };
                store.migrate().await.unwrap();
                let by_hand = Arc::new(PostgresByHand::over(pool.clone(), prefix, now));
                Sides::of(Host::Postgres(pool.clone(), store), by_hand, now)
            }
            Place::Mariadb { pool, .. } => {
                let store = MySqlStore::new(pool.clone(), named);
                store.migrate().await.unwrap();
                let by_hand = Arc::new(MariaDbByHand::over(pool.clone(), prefix, now));
                Sides::of(Host::MariaDb(pool.clone(), store), by_hand, now)
            }
        }
    }

    /// A connection past the stores.
    pub async fn sink(&self, prefix: &str) -> Box<dyn Sink> {
        match &self.place {
            Place::File(folder) => Box::new(Self::options(folder, prefix).connect().await.unwrap()),
            Place::Postgres { pool, .. } => {
                let options = pool.connect_options();
                let connection: PgConnection = options.connect().await.unwrap();
                Box::new(connection)
            }
            Place::Mariadb { pool, .. } => {
                let options = pool.connect_options();
                let connection: MySqlConnection = options.connect().await.unwrap();
                Box::new(connection)
            }
        }
    }

    /// The statements that make a prefix's indexes.
    #[must_use]
    pub fn indexes(&self, prefix: &str) -> Vec<String> {
        let prefix = Prefix::new(prefix).unwrap();
        let script = match self.kind {
            Kind::Sqlite => SqliteStore::export_sql(&prefix),
            Kind::Postgres | Kind::PostgresOwn => PostgresStore::export_sql(&prefix),
            Kind::Mariadb => MySqlStore::export_sql(&prefix),
        };
        let statements = script.split(';').map(str::trim);
        statements.filter(|it| it.starts_with("CREATE INDEX")).map(str::to_owned).collect()
    }

    /// Has `PostgreSQL` look at its tables and clean them, as it would by itself within minutes: until then it goes on
    /// by plans that it made when they were empty, and then it would do so while somebody is measured.
    pub async fn vacuum(&self) {
        if let Place::Postgres { pool, .. } = &self.place {
            sqlx::raw_sql("VACUUM (FREEZE, ANALYZE)").execute(pool).await.unwrap();
        }
    }

    /// Reads a prefix's tables and indexes once, so that what fits into memory is there; not the rows of the
    /// audit log, which no command looks at again. `PostgreSQL` also writes what it has to write before, so that
    /// it does not while it is measured. Says what the account may not do.
    pub async fn warm(&self, prefix: &str) {
        match &self.place {
            Place::File(folder) => {
                let mut file = std::fs::File::open(Self::file(folder, prefix)).unwrap();
                std::io::copy(&mut file, &mut std::io::sink()).unwrap();
            }
            Place::Postgres { pool, .. } => {
                for sql in ["CHECKPOINT", "CREATE EXTENSION IF NOT EXISTS pg_prewarm"] {
                    if let Err(error) = sqlx::raw_sql(sql).execute(pool).await {
                        eprintln!(
                            "{sql}, and what comes after it, was not done beforehand: {error}"
                        );
                        return;
                    }
                }
                let sql = "SELECT count(pg_prewarm(oid::regclass, 'buffer')) FROM pg_class \
                    WHERE relkind IN ('r', 'i') AND starts_with(relname, $1) \
                    AND relname <> $1 || 'audit'";
                sqlx::query(sql).bind(prefix).execute(pool).await.unwrap();
            }
            Place::Mariadb { pool, .. } => {
                written_out(pool).await;
                let sql = "SELECT DISTINCT CONCAT('SELECT COUNT(*) FROM ', table_name, \
                    ' FORCE INDEX (', index_name, ')') FROM information_schema.statistics \
                    WHERE table_schema = DATABASE() AND LEFT(table_name, ?) = ? \
                    AND NOT (table_name LIKE '%audit' AND index_name = 'PRIMARY')";
                let length = i64::try_from(prefix.len()).unwrap();
                let all = sqlx::query_scalar(sql).bind(length).bind(prefix).fetch_all(pool);
                let all: Vec<String> = all.await.unwrap();
                for sql in all {
                    sqlx::raw_sql(AssertSqlSafe(sql)).execute(pool).await.unwrap();
                }
            }
        }
    }

    /// Drops it.
    pub async fn close(self) {
        match self.place {
            Place::File(folder) => folder.close().unwrap(),
            Place::Postgres { pool, url, database } => {
                pool.close().await;
                let mut connection = url.connect().await.unwrap();
                let sql = AssertSqlSafe(format!("DROP DATABASE {database} WITH (FORCE)"));
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            Place::Mariadb { pool, url, database } => {
                pool.close().await;
                let mut connection = url.connect().await.unwrap();
                let sql = AssertSqlSafe(format!("DROP DATABASE {database}"));
                sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }
}

impl Sides {
    fn of(host: Host, by_hand: Arc<dyn Commands>, now: Timestamp) -> Self {
        let store = host.store();
        let library = Arc::new(Library::over(host, now));
        Self { library, by_hand, store }
    }
}

/// Waits until `MariaDB` has written to its files what it holds in memory, which it otherwise does while others
/// work.
async fn written_out(pool: &MySqlPool) {
    let share = "SELECT CAST(@@GLOBAL.innodb_max_dirty_pages_pct AS CHAR)";
    let share: String = sqlx::query_scalar(share).fetch_one(pool).await.unwrap();
    let set =
        |share: &str| AssertSqlSafe(format!("SET GLOBAL innodb_max_dirty_pages_pct = {share}"));
    if let Err(error) = sqlx::raw_sql(set("0")).execute(pool).await {
        eprintln!("what was filled in may still be written while others work: {error}");
        return;
    }
    let sql = "SELECT CAST(variable_value AS UNSIGNED) FROM information_schema.global_status \
        WHERE variable_name = 'Innodb_buffer_pool_pages_dirty'";
    while sqlx::query_scalar::<_, u64>(sql).fetch_one(pool).await.unwrap() > 100 {
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    sqlx::raw_sql(set(&share)).execute(pool).await.unwrap();
}
