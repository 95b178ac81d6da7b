//! The library's side: its service over a store.

use std::sync::Arc;

use async_trait::async_trait;
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::{PairId, ProgramId, ProposalId},
        text::{Body, Slug},
        time::{ManualClock, Timestamp},
    },
    conformance::world::{TestHost, sign_up},
    decide::enrollment::Apply,
    model::enrollment::Role,
    policy::actor::Actor,
    service::{Mentorship, Service},
    store::Store,
};
use mentorship_sqlx::{MySqlStore, PostgresStore, SqliteStore};
use sqlx::{MySqlPool, PgPool, SqlitePool};

use super::{Commands, TENANT};
use crate::load::Item;

/// What is posted.
pub(super) const BODY: &str = "Fair winds, and a calm sea to learn on.";

/// A store, and a pool from which a host's own transactions come.
#[derive(Clone, Debug)]
pub enum Host {
    /// One file.
    Sqlite(SqlitePool, SqliteStore),
    /// A server.
    Postgres(PgPool, PostgresStore),
    /// A server.
    MariaDb(MySqlPool, MySqlStore),
}

impl Host {
    /// The store.
    #[must_use]
    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(_, store) => Arc::new(store.clone()),
            Self::Postgres(_, store) => Arc::new(store.clone()),
            Self::MariaDb(_, store) => Arc::new(store.clone()),
        }
    }
}

/// The library over a store.
#[derive(Clone, Debug)]
pub struct Library {
    service: Mentorship,
    host: Host,
    tenant: TenantId,
    hello: Slug,
    body: Body,
    /// Made once: what a host's people fill in is no part of a command.
    form: Apply,
}

impl Library {
    /// At this instant, which does not move: what is measured is not the clock.
    #[must_use]
    pub fn over(host: Host, now: Timestamp) -> Self {
        let store = host.store();
        let service = Mentorship::builder(store, TestHost::default())
            .clock(ManualClock::new(now))
            .attempts(50)
            .build();
        Self {
            service,
            host,
            tenant: TenantId::try_from(TENANT).unwrap(),
            hello: Slug::new("hello").unwrap(),
            body: Body::new(BODY).unwrap(),
            form: sign_up(Role::Mentee),
        }
    }

    /// What is done once.
    async fn act(&self, service: &Service<'_>, item: &Item) {
        match item {
            Item::Accept(offer, by) => {
                let done = service.accept(&self.told(by), *offer).await.unwrap();
                assert!(done.pair.is_some(), "the mentee has said yes before");
            }
            Item::Block(by, other) => {
                service.block(&self.told(by), other).await.unwrap();
            }
            Item::SignUp(..) | Item::Post(..) => {}
        }
    }

    fn told(&self, person: &PersonId) -> Actor {
        Actor::person(self.tenant.clone(), person.clone()).with_command(crate::new_id())
    }
}

#[async_trait]
impl Commands for Library {
    async fn sign_up(&self, program: ProgramId, person: &PersonId) {
        let form = self.form.clone();
        let _ = self.service.enroll(&self.told(person), program, form).await.unwrap();
    }

    async fn post(&self, pair: PairId, by: &PersonId) {
        let body = self.body.clone();
        let _ = self.service.post(&self.told(by), pair, &self.hello, None, body).await.unwrap();
    }

    async fn accept(&self, offer: ProposalId, by: &PersonId) {
        self.act(&self.service, &Item::Accept(offer, by.clone())).await;
    }

    async fn block(&self, by: &PersonId, other: &PersonId) {
        self.act(&self.service, &Item::Block(by.clone(), other.clone())).await;
    }

    async fn rehearse(&self, item: &Item) {
        match &self.host {
            Host::Sqlite(pool, store) => {
                let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
                self.act(&self.service.within(store.join(&mut tx)), item).await;
                tx.rollback().await.unwrap();
            }
            Host::Postgres(pool, store) => {
                let mut tx = pool.begin().await.unwrap();
                self.act(&self.service.within(store.join(&mut tx)), item).await;
                tx.rollback().await.unwrap();
            }
            Host::MariaDb(pool, store) => {
                let mut tx = pool.begin().await.unwrap();
                self.act(&self.service.within(store.join(&mut tx)), item).await;
                tx.rollback().await.unwrap();
            }
        }
    }
}
