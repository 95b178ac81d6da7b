//! Who is told that something is there, and who decides about whom.

use super::sound;
use crate::{
    base::{host::TenantId, id::ProgramId, text::Body},
    conformance::{
        Harness,
        make::{self, group, tenant, who},
        world::{World, sign_up, step},
    },
    model::enrollment::Role,
    policy::actor::Actor,
    service::PageAsk,
};

/// Nobody but the two reads what they write: not the admin, not a third, not staff without a case.
pub async fn posts_are_for_the_two_alone(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let body = Body::new("Only for you.").unwrap();
    world.service.post(&world.person(1), pair, &step("hello"), None, body).await.unwrap();
    for n in [1, 2] {
        let thread =
            world.service.thread(&world.person(n), pair, None, PageAsk::default()).await.unwrap();
        assert_eq!(thread.posts.len(), 1);
    }
    for actor in [world.admin(), world.staff(), world.person(3), world.host_actor()] {
        let outcome = world.service.thread(&actor, pair, None, PageAsk::default()).await;
        assert_eq!(World::code(outcome.map(|_| ())), "not_found");
    }
}

/// The same keys in two tenants are two worlds.
pub async fn tenants_never_meet(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let there: TenantId = make::elsewhere();
    let stranger = Actor::person(there.clone(), who(1));
    assert_eq!(World::code(world.service.pair(&stranger, pair).await.map(|_| ())), "not_found");
    let admin = Actor::group_admin(there.clone(), who(900), group());
    let outcome = world.service.close_enrollment(&admin, program).await;
    assert_eq!(World::code(outcome), "not_found");
    let outcome = world.service.enroll(&stranger, program, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_found");
    let before = world.pair_state(1, pair).await;
    world.service.block(&stranger, &who(2)).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, before);
}

/// A draft does not exist for anybody but its group's admins.
pub async fn a_draft_is_seen_by_its_admins_only(h: Harness) {
    let world = World::new(h.store);
    let program: ProgramId = world.draft(|_| {}).await;
    world.service.program(&world.admin(), program).await.unwrap();
    let other = crate::base::host::GroupId::try_from("gardeners").unwrap();
    let stranger = Actor::group_admin(tenant(), who(901), other);
    for actor in [world.person(1), stranger] {
        let outcome = world.service.program(&actor, program).await.map(|_| ());
        assert_eq!(World::code(outcome), "not_found");
    }
    let outcome = world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
    // As for a program that does not exist.
    assert_eq!(World::code(outcome), "not_found");
    world.service.discard_program(&world.admin(), program).await.unwrap();
}

/// An admin who takes part decides nothing about themselves (D31).
pub async fn an_admin_never_decides_about_themselves(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let own = world.enroll(program, 900, Role::Mentor).await;
    let other = world.enroll(program, 1, Role::Mentee).await;
    let approve = world.service.approve(&world.admin(), own).await;
    assert_eq!(World::code(approve), "conflict_of_interest");
    world.service.approve(&world.admin(), other).await.unwrap();
    let second = Actor::group_admin(tenant(), who(901), group());
    world.service.approve(&second, own).await.unwrap();
    let stage = world.service.stage_proposal(&world.admin(), own, other, None).await;
    assert_eq!(World::code(stage), "conflict_of_interest");
    let staged = world.service.stage_proposal(&second, own, other, None).await.unwrap();
    world.service.publish_proposal(&second, staged.proposal).await.unwrap();
    sound(&world).await;
}
