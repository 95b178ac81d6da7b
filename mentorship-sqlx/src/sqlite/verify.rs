//! A look at the settings on which the promises of this store rest.

use mentorship_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, pool::PoolConnection};

use super::{SqliteStore, fault::store_error};
use crate::{
    schema::{BELTS, TABLES, belts, triggers},
    verify::VerifyError,
};

async fn pragma(
    connection: &mut PoolConnection<Sqlite>,
    sql: &'static str,
) -> Result<String, StoreError> {
    let row = sqlx::query(sql)
        .fetch_one(&mut **connection)
        .await
        .map_err(|error| store_error("verify", &error))?;
    let number: Result<i64, _> = row.try_get(0);
    match number {
        Ok(number) => Ok(number.to_string()),
        Err(_) => row.try_get(0).map_err(|error| store_error("verify", &error)),
    }
}

pub(super) fn is_too_old(version: &str) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0)) < (3, 38)
}

impl SqliteStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, the log is a write-ahead log, every commit is synchronous, CHECK and foreign keys
    /// are on, no constraint and no trigger was dropped, and the file can be written.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        self.require_migrated().await?;
        let mut connection =
            self.shared.writer.acquire().await.map_err(|error| store_error("verify", &error))?;
        let version = pragma(&mut connection, "SELECT sqlite_version()").await?;
        if is_too_old(&version) {
            return Err(VerifyError::TooOld { found: version, needed: "3.38" });
        }
        let needed = [
            ("journal_mode", "PRAGMA journal_mode", "wal"),
            ("synchronous", "PRAGMA synchronous", "2"),
            ("foreign_keys", "PRAGMA foreign_keys", "1"),
            ("ignore_check_constraints", "PRAGMA ignore_check_constraints", "0"),
            ("query_only", "PRAGMA query_only", "0"),
        ];
        for (setting, sql, needed) in needed {
            let found = pragma(&mut connection, sql).await?;
            if found != needed {
                return Err(VerifyError::Setting { setting, found, needed });
            }
        }
        for table in TABLES {
            let name = format!("{}{table}", self.prefix());
            let sql = "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?";
            let found: Option<String> = sqlx::query_scalar(sql)
                .bind(&name)
                .fetch_optional(&mut *connection)
                .await
                .map_err(|error| store_error("verify", &error))?;
            let Some(found) = found else { return Err(VerifyError::Missing { table: name }) };
            for what in BELTS {
                if found.matches(&format!("{what} (")).count() < belts(table, what) {
                    return Err(VerifyError::Belt { table: name, what });
                }
            }
        }
        for trigger in triggers() {
            let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'trigger' AND name = ?";
            let found: i64 = sqlx::query_scalar(sql)
                .bind(format!("{}{trigger}", self.prefix()))
                .fetch_one(&mut *connection)
                .await
                .map_err(|error| store_error("verify", &error))?;
            if found == 0 {
                let table = format!("{}{}", self.prefix(), trigger.split('_').next().unwrap_or(""));
                return Err(VerifyError::Belt { table, what: "a trigger" });
            }
        }
        drop(connection);
        // A write that changes nothing finds a file that cannot be written.
        let sql = format!("DELETE FROM {}commands WHERE tenant IS NULL", self.prefix());
        let write = sqlx::query(AssertSqlSafe(sql)).execute(&self.shared.writer).await;
        write.map_err(|error| store_error("verify", &error))?;
        Ok(())
    }
}
