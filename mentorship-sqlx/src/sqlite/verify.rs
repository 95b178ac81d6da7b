//! A look at the settings on which the promises of this store rest.

use mentorship_core::store::StoreError;
use sqlx::{AssertSqlSafe, Row as _, Sqlite, pool::PoolConnection};

use super::{SqliteStore, fault::store_error};
use crate::{schema::TABLES, verify::VerifyError};

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

impl SqliteStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, the log is a write-ahead log, every commit is synchronous, CHECK and foreign keys
    /// are on, and the file can be written.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        self.require_migrated().await?;
        let mut connection =
            self.shared.writer.acquire().await.map_err(|error| store_error("verify", &error))?;
        let version = pragma(&mut connection, "SELECT sqlite_version()").await?;
        let mut parts = version.split('.').map(|part| part.parse::<u32>().unwrap_or(0));
        let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
        if (major, minor) < (3, 38) {
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
            let sql = "SELECT COUNT(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
            let found: i64 = sqlx::query_scalar(sql)
                .bind(&name)
                .fetch_one(&mut *connection)
                .await
                .map_err(|error| store_error("verify", &error))?;
            if found == 0 {
                return Err(VerifyError::Missing { table: name });
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
