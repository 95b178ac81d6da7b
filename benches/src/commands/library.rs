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
    service::{Mentorship, PageAsk},
    store::Store,
};

use super::{Commands, TENANT};

/// What is posted.
pub(super) const BODY: &str = "Fair winds, and a calm sea to learn on.";

/// The library over a store.
#[derive(Clone, Debug)]
pub struct Library {
    service: Mentorship,
    tenant: TenantId,
    hello: Slug,
    body: Body,
    /// Made once: what a host's people fill in is no part of a command.
    form: Apply,
}

impl Library {
    /// At this instant, which does not move: what is measured is not the clock.
    #[must_use]
    pub fn over(store: Arc<dyn Store>, now: Timestamp) -> Self {
        let service = Mentorship::builder(store, TestHost::default())
            .clock(ManualClock::new(now))
            .attempts(50)
            .build();
        Self {
            service,
            tenant: TenantId::try_from(TENANT).unwrap(),
            hello: Slug::new("hello").unwrap(),
            body: Body::new(BODY).unwrap(),
            form: sign_up(Role::Mentee),
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
        let done = self.service.accept(&self.told(by), offer).await.unwrap();
        assert!(done.pair.is_some(), "the mentee has said yes before");
    }

    async fn block(&self, by: &PersonId, other: &PersonId) {
        self.service.block(&self.told(by), other).await.unwrap();
    }

    async fn look(&self, by: &PersonId) {
        let by = Actor::person(self.tenant.clone(), by.clone());
        let _ = self.service.my_enrollments(&by, PageAsk::default()).await.unwrap();
        let _ = self.service.my_offers(&by, PageAsk::default()).await.unwrap();
        let _ = self.service.my_pairs(&by, PageAsk::default()).await.unwrap();
    }
}
