//! SQL stores of the mentorship library on `sqlx`.
//!
//! One module per database (`sqlite`, `postgres`, `mysql` for `MariaDB` and `MySQL`), behind a feature
//! each, none on by default; all can be on together. What a database
//! does its own way stands in its module: how it opens, locks, migrates and fails. Everything else (how
//! records become rows, what each view reads, in which order a change set is written) is written once
//! over `session::Session` and shared.
//!
//! Neither a runtime nor TLS is chosen here: turn on `runtime-tokio` of `sqlx` (re-exported as
//! [`sqlx`]) in your own `Cargo.toml`. The tables are described in `SCHEMA.md` of this crate.
#![deny(missing_docs)]
#![cfg(any(feature = "sqlite", feature = "postgres", feature = "mysql"))]

mod apply;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod clause;
mod dialect;
mod documents;
mod fault;
mod hold;
mod join;
mod lists;
mod migration;
mod outbox;
mod prefix;
mod record;
mod rename;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod savepoint;
mod schema;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod server;
mod session;
mod statement;
mod store;
#[cfg(any(feature = "postgres", feature = "mysql"))]
mod straight;
mod table;
mod text;
mod value;
mod verify;
mod views;

#[cfg(feature = "mysql")]
pub mod mysql;
#[cfg(feature = "postgres")]
pub mod postgres;
#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use sqlx;

#[cfg(feature = "mysql")]
pub use self::mysql::MySqlStore;
#[cfg(feature = "postgres")]
pub use self::postgres::PostgresStore;
#[cfg(feature = "sqlite")]
pub use self::sqlite::SqliteStore;
pub use self::{
    migration::{MigrateError, MigrationState, MigrationStatus},
    prefix::{Prefix, PrefixError},
    verify::VerifyError,
};
