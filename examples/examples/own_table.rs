//! Messages into a table of the host's own, each exactly once.
//!
//! The relay delivers at least once: a process may go down between delivering a message and saying so.
//! Whoever keeps the message's id beside what it does, in the same transaction, does it once all the same.
//! Here a relay goes down after half of its messages, the next one is handed some of them again, and the
//! members' inbox holds each once.
//!
//! ```text
//! cargo run --example own_table
//! ```

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use mentorship_core::{
    base::time::Clock as _,
    model::{event::Audience, message},
    service::{Handler, RelayOptions, SystemClock, Undelivered},
    store::{ClaimAsk, Envelope},
};
use mentorship_examples::harbour::{Harbour, Outcome, Timer};
use mentorship_sqlx::SqliteStore;
use sqlx::SqlitePool;

const TABLES: &str = "
CREATE TABLE inbox (
    message TEXT PRIMARY KEY, -- the message's id: the same one again changes nothing
    member TEXT NOT NULL,
    kind TEXT NOT NULL, -- by which the site translates it when it is shown
    title TEXT NOT NULL
);
CREATE TABLE unread (member TEXT PRIMARY KEY, messages INTEGER NOT NULL)";

/// Puts messages into the inbox of members.
struct Inbox {
    pool: SqlitePool,
    handed: AtomicU32,
}

impl Inbox {
    async fn put(&self, envelope: &Envelope) -> Result<(), sqlx::Error> {
        let Audience::Person(member) = &envelope.message.to else { return Ok(()) };
        let title = message::english(&envelope.message).map_or("There is news", |text| text.title);
        // The host's own transaction: whatever else belongs to a message, here a counter, is written
        // only if the message is new.
        let mut tx = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let new = sqlx::query("INSERT INTO inbox VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING")
            .bind(envelope.message.id.to_string())
            .bind(member.as_str())
            .bind(envelope.message.kind.as_str())
            .bind(title)
            .execute(&mut *tx)
            .await?;
        if new.rows_affected() == 1 {
            let count = "INSERT INTO unread VALUES (?, 1) \
                ON CONFLICT DO UPDATE SET messages = messages + 1";
            sqlx::query(count).bind(member.as_str()).execute(&mut *tx).await?;
        }
        tx.commit().await
    }
}

#[async_trait]
impl Handler for Inbox {
    async fn deliver(&self, envelope: &Envelope) -> Result<(), Undelivered> {
        self.handed.fetch_add(1, Ordering::Relaxed);
        self.put(envelope).await.map_err(|error| Undelivered::Later(error.into()))
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("community.db");
    let store = SqliteStore::open(&file).await?;
    store.migrate().await?;
    store.verify().await?;
    let pool = SqlitePool::connect(&format!("sqlite://{}", file.display())).await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;

    let harbour = Harbour::over(Arc::new(store))?;
    let pair = harbour.meet().await?;
    for text in ["Ahoy!", "Bring gloves.", "Which boat is it?"] {
        harbour.write(pair, text).await?;
    }

    let inbox = Inbox { pool: pool.clone(), handed: AtomicU32::new(0) };
    // The first relay delivers three messages and goes down before it can say so.
    let outbox = harbour.mentorship.outbox().ok_or("this store has an outbox")?;
    let now = SystemClock.now();
    let lost = ClaimAsk { limit: 3, ..ClaimAsk::new(now, now) };
    for envelope in outbox.claim(&lost).await? {
        inbox.put(&envelope).await?;
        inbox.handed.fetch_add(1, Ordering::Relaxed);
    }
    // The second one is handed all that nobody has acknowledged.
    let options = RelayOptions { lease: TimeDelta::minutes(5), ..RelayOptions::default() };
    let relay = harbour.mentorship.relay(options, Timer);
    while relay.once(&inbox).await?.delivered > 0 {}

    let handed = inbox.handed.load(Ordering::Relaxed);
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT member, title FROM inbox ORDER BY message").fetch_all(&pool).await?;
    for (member, title) in &rows {
        println!("member {member}: {title}");
    }
    let unread: i64 =
        sqlx::query_scalar("SELECT SUM(messages) FROM unread").fetch_one(&pool).await?;
    println!("{handed} deliveries, {} messages in the inbox, {unread} unread", rows.len());
    if usize::try_from(unread)? != rows.len() {
        return Err("a message had an effect twice".into());
    }
    Ok(())
}
