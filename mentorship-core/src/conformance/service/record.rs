//! What is kept of a command: one effect, one reply, and what each reader finds in the audit log.

use super::sound;
use crate::{
    base::text::Body,
    change::Key,
    conformance::{
        Harness,
        make::{id, who},
        world::{World, sign_up, step},
    },
    model::{enrollment::Role, pair::EndKind},
    policy::actor::Actor,
    service::{Attestation, PageAsk},
};

/// The platform finds every failed rule in its audit log, in order; the group's admin finds none.
pub async fn every_failed_rule_is_on_record(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.host.attest(&who(1), Attestation::default());
    world.host.leaves(&who(1));
    world.host.untrained(&who(1));
    let outcome = world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_eligible");
    let all = world.service.audit(&world.staff(), world.first_page()).await.unwrap();
    let reasons: Vec<String> = all
        .items
        .iter()
        .filter(|event| event.action.as_str() == "enrollment.refuse")
        .filter_map(|event| event.reason.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(reasons, ["not_adult", "member", "trained"]);
    let admins =
        world.service.program_audit(&world.admin(), program, world.first_page()).await.unwrap();
    assert!(admins.items.iter().all(|event| event.action.as_str() != "enrollment.refuse"));
}

/// The same command again gives the same reply and has no second effect.
pub async fn the_same_command_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let actor = world.person(1).with_command(id(600));
    let body = Body::new("Once.").unwrap();
    let post = |actor: Actor| {
        let (service, body) = (world.service.clone(), body.clone());
        async move { service.post(&actor, pair, &step("hello"), None, body).await }
    };
    let first = post(actor.clone()).await.unwrap();
    world.days(1);
    let again = post(actor).await.unwrap();
    assert_eq!(first, again);
    let other = post(world.person(1).with_command(id(601))).await.unwrap();
    assert_eq!(other.seq, 2);
    sound(&world).await;
}

/// The id of a command cannot be used for another one, or by another person.
pub async fn a_command_id_for_something_else_is_refused(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let actor = |n: u64| world.person(n).with_command(id(602));
    world.service.enroll(&actor(1), program, sign_up(Role::Mentor)).await.unwrap();
    let other_input = world.service.enroll(&actor(1), program, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(other_input), "command.reused");
    let other_person = world.service.enroll(&actor(2), program, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(other_person), "command.reused");
    let other_command = world.service.set_reminders(&actor(1), true).await;
    assert_eq!(World::code(other_command), "command.reused");
}

/// I6: each change of a state stands in the log exactly once, as a chain.
pub async fn every_change_is_audited_once(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    // A pair can be paused once it is under way.
    world.service.finish_step(&world.person(1), pair, &step("hello")).await.unwrap();
    world.service.pause_pair(&world.person(1), pair, None).await.unwrap();
    world.service.end_pair(&world.person(2), pair, EndKind::Other, None, true).await.unwrap();
    sound(&world).await;
    let mine = world.service.my_audit(&world.person(2), PageAsk::default()).await.unwrap();
    let of_pair = mine.items.iter().filter(|event| event.subject == Key::Pair(pair));
    let of_pair: Vec<&str> = of_pair.map(|event| event.action.as_str()).collect();
    assert_eq!(of_pair, ["pair.introduce", "pair.end"]);
}

/// A group admin finds no trace of a block in the log: neither as an action nor as a reason.
pub async fn a_block_is_private_in_the_audit_log(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    world.service.block(&world.person(1), &who(2)).await.unwrap();
    let log = async |actor: Actor| {
        let page = world.service.program_audit(&actor, program, world.first_page()).await.unwrap();
        format!("{:?}", page.items)
    };
    assert!(!log(world.admin()).await.contains("block"));
    let all = world.service.audit(&world.staff(), world.first_page()).await.unwrap();
    assert!(all.items.iter().any(|event| event.action.as_str() == "relation.block"));
}
