//! A look at the settings on which the promises of this store rest.

use sqlx::{PgConnection, Postgres};

use super::{PostgresStore, SETTINGS, pooled::require_statements};
use crate::{
    migration,
    schema::{EMPTIED, TABLES, WRITTEN_ONCE},
    server::Shared,
    statement::Connections,
    verify::VerifyError,
};

type Look = Shared<Postgres>;

impl PostgresStore {
    /// Checks once, at start, that the promises of this store hold here: the tables are all there and of
    /// this version, the server takes writes, keeps what it acknowledged, stores every character, keeps
    /// prepared statements (unless the store was made by [`behind_pooler`](Self::behind_pooler)), and really
    /// refuses what a CHECK forbids; that the role may do what this store does, and that no constraint was
    /// dropped. For a moment it opens a connection besides the pool's.
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
            // Else no foreign key and no trigger holds.
            ("session_replication_role", "SHOW session_replication_role", "origin"),
        ];
        Look::require(&mut connection, &needed).await?;
        if self.shared.texts.connections() == Connections::Own {
            for (setting, needed) in SETTINGS {
                let sql = format!("SHOW {setting}");
                let found = Look::text(&mut connection, sql).await?.unwrap_or_default();
                if found != needed {
                    return Err(VerifyError::Setting { setting, found, needed });
                }
            }
        }
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
        for name in TABLES {
            self.require_privileges(&mut connection, name).await?;
        }
        let count = |table: &str, what: &str| {
            let kind = what.chars().next().unwrap_or_default().to_ascii_lowercase();
            format!(
                "SELECT COUNT(*)::text FROM pg_constraint \
                 WHERE conrelid = to_regclass('{table}') AND contype = '{kind}' AND convalidated"
            )
        };
        self.shared.require_belts(&mut connection, count).await?;
        if self.shared.texts.connections() != Connections::Pooler {
            require_statements(&self.shared.pool).await?;
        }
        self.shared.require_checks(&mut connection).await
    }

    /// Fails unless the role may do with a table what this store does with it.
    async fn require_privileges(
        &self,
        connection: &mut PgConnection,
        name: &str,
    ) -> Result<(), VerifyError> {
        let table = format!("{}{name}", self.prefix());
        let mut needed = vec!["SELECT", "INSERT"];
        if !WRITTEN_ONCE.contains(&name) {
            needed.push("UPDATE");
        }
        if EMPTIED.contains(&name) {
            needed.push("DELETE");
        }
        for right in needed {
            let sql = format!("SELECT has_table_privilege('{table}', '{right}')::text");
            if Look::text(connection, sql).await?.as_deref() != Some("true") {
                return Err(VerifyError::Setting {
                    setting: "privileges",
                    found: format!("no {right} on {table}"),
                    needed: "SELECT and INSERT on all tables, UPDATE on all but forms, guides, \
                        runs, evidence, commands, audit and consumers, DELETE on persons, relations, \
                        outbox and consumers",
                });
            }
        }
        Ok(())
    }
}
