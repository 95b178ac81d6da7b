//! Blocks, ages that turn out otherwise, and leaving the group.

use super::sound;
use crate::{
    base::text::Body,
    conformance::{
        Harness,
        make::{self, group, tenant, who},
        world::{World, step},
    },
    decide::person::AgeFacts,
    model::{enrollment::Role, event::Audience, pair::EndKind},
    service::PageAsk,
};

/// Rows 48 and 49: one call ends pairs and offers in all programs; the other is told only that it has ended. One sees
/// one's own blocks and lifts them.
pub async fn a_block_ends_everything_silently(h: Harness) {
    let world = World::new(h.store);
    let first = world.program(|_| {}).await;
    let second = world.program(|_| {}).await;
    let pair = world.pair(first, 1, 2).await;
    let mentor = world.enroll(second, 1, Role::Mentor).await;
    let mentee = world.enroll(second, 2, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    drop(world.messages().await);
    world.service.block(&world.person(2), &who(1)).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let card = world.service.pair(&world.person(1), pair).await.unwrap().card;
    assert_eq!(card.reason, None, "no reason is told");
    assert_eq!(World::code(world.service.accept(&world.person(1), offer).await), "not_available");
    for envelope in world.messages().await {
        let message = envelope.message;
        assert!(!message.kind.as_str().contains("block"), "{message:?}");
        assert!(message.code.as_ref().is_none_or(|code| !code.as_str().contains("block")));
    }
    let stage = world.service.stage_proposal(&world.admin(), mentor, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed");
    let own = world.service.my_blocks(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(own.items.len(), 1);
    let theirs = world.service.my_blocks(&world.person(1), PageAsk::default()).await.unwrap();
    assert!(theirs.items.is_empty());
    assert!(!world.service.may_message(&tenant(), &who(1), &who(2)).await.unwrap());
    assert_eq!(World::code(world.service.block(&world.person(1), &who(1)).await), "block.self");
    world.service.lift_block(&world.person(2), &who(1)).await.unwrap();
    let stage = world.service.stage_proposal(&world.admin(), mentor, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed", "cooling down (D8)");
    sound(&world).await;
}

/// I10: what the other one receives after a block and after an end without a reason is the same, word
/// for word.
pub async fn a_block_and_no_block_look_the_same_to_the_other(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut told = Vec::new();
    for (one, other, blocks) in [(1, 2, true), (3, 4, false)] {
        let pair = world.pair(program, one, other).await;
        drop(world.messages().await);
        if blocks {
            world.service.block(&world.person(one), &who(other)).await.unwrap();
        } else {
            let me = world.person(one);
            let end = world.service.end_pair(&me, pair, EndKind::Personal, None, false);
            end.await.unwrap();
        }
        let mut heard = Vec::new();
        for envelope in world.messages().await {
            if envelope.message.to == Audience::Person(who(other)) {
                let message = envelope.message;
                heard.push((message.kind, message.code, message.step, message.proposal));
            }
        }
        let card = world.service.pair(&world.person(other), pair).await.unwrap().card;
        let post = world
            .service
            .post(&world.person(other), pair, &step("hello"), None, Body::new("?").unwrap())
            .await;
        told.push((heard, card.state, card.reason, World::code(post)));
    }
    assert_eq!(told[0], told[1]);
    assert!(!told[0].0.is_empty(), "the other is told that it has ended");
}

/// The host learns that somebody is a minor: pairs freeze, offers fall, places are held.
pub async fn a_correction_of_age_freezes(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let next_year = world.now().date_naive().checked_add_days(chrono::Days::new(365));
    let facts = AgeFacts { adult_on: next_year, zone: None };
    world.service.record_age(&world.host_actor(), &who(2), facts).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "paused", "a neutral word");
    assert!(!world.service.may_message(&tenant(), &who(1), &who(2)).await.unwrap());
    let unfreeze = world.service.unfreeze_pair(&world.staff(), pair).await;
    assert_eq!(World::code(unfreeze), "state.not_allowed", "a case holds it");
    let known = AgeFacts { adult_on: Some(make::adult_date()), zone: None };
    world.service.record_age(&world.host_actor(), &who(2), known).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "paused", "nothing goes on by itself");
    sound(&world).await;
}

/// D29: leaving the group ends what was in its programs, and nothing elsewhere.
pub async fn leaving_the_group_ends_what_was_there(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.leave_group(&world.host_actor(), &who(1), &group()).await.unwrap();
    assert_eq!(world.pair_state(2, pair).await, "ended");
    let places = world.service.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap();
    assert_eq!(places.items[0].state.code(), "removed");
    let other = crate::base::host::GroupId::try_from("gardeners").unwrap();
    world.service.leave_group(&world.host_actor(), &who(2), &other).await.unwrap();
    let places = world.service.my_enrollments(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(places.items[0].state.code(), "active");
    sound(&world).await;
}
