//! SQL stores of the mentorship library on `sqlx`.
//!
//! One module per database (now: `sqlite`), behind a feature each, none on by default. What a database
//! does its own way stands in its module: how it opens, locks, migrates and fails. Everything else (how
//! records become rows, what each view reads, in which order a change set is written) is written once
//! over `session::Session` and shared.
//!
//! Neither a runtime nor TLS is chosen here: turn on `runtime-tokio` of `sqlx` (re-exported as
//! [`sqlx`]) in your own `Cargo.toml`. The tables are described in `SCHEMA.md` of this crate.
#![deny(missing_docs)]
#![cfg(feature = "sqlite")]

mod apply;
mod documents;
mod fault;
mod lists;
mod outbox;
mod prefix;
mod record;
mod session;
mod statement;
mod table;
mod value;
mod views;

#[cfg(feature = "sqlite")]
pub mod sqlite;

pub use sqlx;

pub use self::{
    prefix::{Prefix, PrefixError},
    sqlite::SqliteStore,
};
