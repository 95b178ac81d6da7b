//! A look at the settings on which the promises of this store rest.

use sqlx::Postgres;

use super::{PostgresStore, pooled::require_statements};
use crate::{migration, schema::TABLES, server::Shared, verify::VerifyError};

type Look = Shared<Postgres>;

impl PostgresStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, the server takes writes, keeps what it acknowledged, stores every character, keeps
    /// prepared statements (unless the store was made by [`behind_pooler`](Self::behind_pooler)), and really
    /// refuses what a CHECK forbids. For a moment it opens a connection besides the pool's.
    ///
    /// # Errors
    /// [`VerifyError`] naming the first thing that is wrong.
    pub async fn verify(&self) -> Result<(), VerifyError> {
        migration::require_applied(&self.status().await?)?;
        let mut connection = self.shared.acquire_to_close("verify").await?;
        let version = Look::text(&mut connection, "SHOW server_version_num").await?;
        let version = version.unwrap_or_default();
        if version.parse::<u32>().is_ok_and(|number| number < 120_000) {
            return Err(VerifyError::TooOld { found: version, needed: "120000 (12.0)" });
        }
        let needed = [
            ("in_recovery", "SELECT pg_is_in_recovery()::text", "false"),
            ("transaction_read_only", "SHOW transaction_read_only", "off"),
            ("server_encoding", "SHOW server_encoding", "UTF8"),
            ("fsync", "SHOW fsync", "on"),
        ];
        Look::require(&mut connection, &needed).await?;
        let commits = Look::text(&mut connection, "SHOW synchronous_commit").await?;
        if let Some(found) = commits.filter(|found| found == "off") {
            let (setting, needed) = ("synchronous_commit", "on");
            return Err(VerifyError::Setting { setting, found, needed });
        }
        for table in TABLES {
            let table = format!("{}{table}", self.prefix());
            let sql = format!("SELECT (to_regclass('{table}') IS NOT NULL)::text");
            if Look::text(&mut connection, sql).await?.as_deref() != Some("true") {
                return Err(VerifyError::Missing { table });
            }
        }
        if !self.shared.texts.are_pooled() {
            require_statements(&self.shared.pool).await?;
        }
        self.shared.require_checks(&mut connection).await
    }
}
