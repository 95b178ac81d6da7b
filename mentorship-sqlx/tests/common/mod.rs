//! Files, runtimes and tasks for the tests of this crate.
#![allow(dead_code, reason = "each test uses what it needs")]

pub(crate) mod crowd;
pub(crate) mod dice;
pub(crate) mod fresh;
pub(crate) mod galera;
pub(crate) mod ledger;
pub(crate) mod pooler;
pub(crate) mod private;
pub(crate) mod proxy;
pub(crate) mod server;
pub(crate) mod story;

use std::task::Poll;

use mentorship_core::conformance::{Spawner, Task};
use mentorship_sqlx::{
    SqliteStore,
    sqlx::{
        self, AssertSqlSafe, SqlitePool,
        sqlite::{SqliteConnectOptions, SqlitePoolOptions},
    },
};

/// Runs the tasks of a race on tokio.
#[derive(Debug)]
pub(crate) struct Tokio;

#[async_trait::async_trait]
impl Spawner for Tokio {
    async fn all(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("no task of a race panics");
        }
    }
}

/// A runtime of some threads.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(4)
        .enable_all()
        .build()
        .expect("a runtime")
}

/// Polls a future some times and drops it; what it came to, if it did.
pub(crate) async fn dropped_after<T>(future: impl Future<Output = T>, polls: u64) -> Option<T> {
    let mut future = std::pin::pin!(future);
    let mut left = polls;
    std::future::poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        future.as_mut().poll(context).map(Some)
    })
    .await
}

/// A folder that is gone with the value, and a database file in it.
#[derive(Debug)]
pub(crate) struct File {
    folder: tempfile::TempDir,
}

impl File {
    /// A new, empty folder.
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a folder for temporary files") }
    }

    /// Where the database is.
    pub(crate) fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("mentorship.db")
    }

    /// A copy of another file that nobody has open.
    pub(crate) fn copy_of(other: &Self) -> Self {
        let copy = Self::new();
        std::fs::copy(other.path(), copy.path()).expect("the file is copied");
        copy
    }

    /// A store in the file as it is.
    pub(crate) async fn open(&self) -> SqliteStore {
        SqliteStore::open_unsynced(self.path()).await.expect("the file opens")
    }

    /// The file's tables, past the store.
    pub(crate) async fn rows(&self) -> SqlitePool {
        let options = SqliteConnectOptions::new().filename(self.path());
        let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options);
        pool.await.expect("the file opens")
    }

    /// A migrated store in the file.
    pub(crate) async fn store(&self) -> SqliteStore {
        let store = self.open().await;
        store.migrate().await.expect("the tables are made");
        store
    }

    /// A store that trusts its guards alone: no CHECK, no foreign key, no unique index but the keys, no
    /// trigger.
    pub(crate) async fn unbelted(&self) -> SqliteStore {
        let store = SqliteStore::without_belts(self.path()).await.unwrap();
        store.migrate().await.unwrap();
        let rows = self.rows().await;
        let triggers: Vec<String> =
            sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
                .fetch_all(&rows)
                .await
                .unwrap();
        for name in triggers {
            sqlx::query(AssertSqlSafe(format!("DROP TRIGGER {name}")))
                .execute(&rows)
                .await
                .unwrap();
        }
        // A unique constraint can only be taken out of the text of its table.
        for text in [
            "    UNIQUE (tenant, person, program, role, live),",
            "    UNIQUE (tenant, lo, hi, program, open),",
            "    UNIQUE (tenant, lo, hi, program, live),",
            "    UNIQUE (tenant, reporter, subject, program, object, open),",
        ] {
            let sql = "SELECT name, sql FROM sqlite_schema WHERE sql LIKE '%' || ? || '%'";
            let (name, made): (String, String) =
                sqlx::query_as(sql).bind(text).fetch_one(&rows).await.unwrap();
            let indexes: Vec<Option<String>> = sqlx::query_scalar(
                "SELECT sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?",
            )
            .bind(&name)
            .fetch_all(&rows)
            .await
            .unwrap();
            let mut script = format!("DROP TABLE {name};\n{};\n", made.replace(text, ""));
            for index in indexes.into_iter().flatten() {
                script.push_str(&index);
                script.push_str(";\n");
            }
            sqlx::raw_sql(AssertSqlSafe(script)).execute(&rows).await.unwrap();
        }
        rows.close().await;
        store
    }
}
