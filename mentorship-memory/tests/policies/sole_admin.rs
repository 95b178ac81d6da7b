//! D31: an admin takes part like anybody else, and pairs themselves only where nobody else could.

use std::sync::Arc;

use async_trait::async_trait;
use mentorship_core::{
    base::host::{GroupId, PersonId, TenantId},
    base::text::Slug,
    conformance::{make::adult_date, world::World},
    model::enrollment::Role,
    service::{Attestation, Directory, Mentorship, PortError},
};
use mentorship_memory::MemoryStore;

use crate::{run, world};

#[derive(Debug)]
struct OneAdmin;

#[async_trait]
impl Directory for OneAdmin {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn attestation(&self, _: &TenantId, _: &PersonId) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: Some(adult_date()), zone: None })
    }

    async fn predicate(&self, _: &TenantId, _: &Slug, _: &PersonId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn has_other_admin(
        &self,
        _: &TenantId,
        _: &GroupId,
        _: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(false)
    }
}

/// The admin of the world is person 900.
const ADMIN: u64 = 900;

#[test]
fn d31_an_admin_with_colleagues_never_pairs_themselves() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, ADMIN, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let outcome = world.service.stage_proposal(&world.admin(), mentor, mentee, None).await;
        assert_eq!(World::code(outcome), "conflict_of_interest");
    });
}

#[test]
fn d31_a_sole_admin_may_and_it_is_on_record() {
    run(async {
        let mut world = world();
        let store = Arc::new(MemoryStore::new());
        world.service =
            Mentorship::builder(store.clone(), OneAdmin).clock(world.clock.clone()).build();
        world.store = store;
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, ADMIN, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let (service, admin) = (&world.service, world.admin());
        let staged = service.stage_proposal(&admin, mentor, mentee, None).await.unwrap();
        assert_eq!(staged.score, 0, "nobody is told their own score");
        service.publish_proposal(&admin, staged.proposal).await.unwrap();
        world.accept(staged.proposal, ADMIN, 2).await;
        let audit = service.audit(&world.staff(), world.first_page()).await.unwrap();
        let overrides: Vec<_> =
            audit.items.iter().filter(|it| it.action.as_str() == "proposal.override").collect();
        assert_eq!(overrides.len(), 2, "staging and publishing");
        for event in overrides {
            assert_eq!(event.reason.as_ref().unwrap().as_str(), "sole_admin");
            assert_eq!(event.actor.person.as_ref(), admin.who());
        }
        // Others of the same admin are no override.
        let other = world.enroll(program, 3, Role::Mentor).await;
        let outcome = service.stage_proposal(&admin, other, mentee, None).await;
        assert_eq!(World::code(outcome), "pair.not_allowed", "the mentee is taken");
        let audit = service.audit(&world.staff(), world.first_page()).await.unwrap();
        let count =
            audit.items.iter().filter(|it| it.action.as_str() == "proposal.override").count();
        assert_eq!(count, 2);
    });
}
