//! From an offer to a pair, or to the next choice.

use chrono::TimeDelta;

use super::sound;
use crate::{
    conformance::{
        Harness,
        make::slug,
        world::{World, sign_up},
    },
    decide::proposal::Published,
    model::{enrollment::Role, pair::EndKind},
    service::PageAsk,
};

/// Two former mentees ask for the last place: who is answered yes first has it, the other request is no
/// longer there.
pub async fn first_acceptance_wins(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut input = sign_up(Role::Mentor);
    input.capacity = Some(2);
    let mentor = world.enroll_with(program, 1, input).await.unwrap();
    let mut requests = Vec::new();
    for n in [2, 3] {
        let mentee = world.enroll(program, n, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, n).await;
        let end = EndKind::GoalsMetEarly;
        world.service.end_pair(&world.person(n), pair, end, None, true).await.unwrap();
        let request = world.service.restart_pair(&world.person(n), pair).await.unwrap();
        requests.push(request.proposal);
    }
    world.service.set_capacity(&world.person(1), mentor, 1).await.unwrap();
    let accepted = world.service.accept(&world.person(1), requests[1]).await.unwrap();
    assert!(accepted.pair.is_some());
    let late = world.service.accept(&world.person(1), requests[0]).await;
    assert_eq!(World::code(late), "not_available");
    sound(&world).await;
}

/// Not a microsecond before its time.
pub async fn an_offer_expires_and_not_early(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    world.clock.advance(TimeDelta::days(14) - TimeDelta::microseconds(1));
    assert!(!world.sweep().await.done.contains_key("proposal.expire"));
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.sweep().await.done["proposal.expire"], 1);
    let late = world.service.accept(&world.person(2), offer).await;
    assert_eq!(World::code(late), "state.not_allowed");
    // The place is free again.
    let other = world.enroll(program, 3, Role::Mentee).await;
    world.offer(mentor, other).await;
    sound(&world).await;
}

/// A ranked list: when the first choice falls, the second is asked.
pub async fn a_declined_choice_makes_room_for_the_next(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut mentors = Vec::new();
    for n in 1..=3 {
        mentors.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let admin = world.admin();
    let staged = world.service.stage_ranked(&admin, &mentors, mentee).await.unwrap();
    let drafts: Vec<_> = staged.into_iter().map(|one| one.unwrap().proposal).collect();
    let published = world.service.publish_proposals(&admin, &drafts).await.unwrap();
    let codes: Vec<bool> =
        published.iter().map(|one| matches!(one, Ok(Published::Offered { .. }))).collect();
    assert_eq!(codes, [true, false, false], "{published:?}");
    world.service.decline(&world.person(1), drafts[0], Some(slug("no_time"))).await.unwrap();
    let now = world.service.my_offers(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(now.items.len(), 1, "the second choice is asked at once");
    world.days(14);
    world.sweep().await;
    let now = world.service.my_offers(&world.person(3), PageAsk::default()).await.unwrap();
    assert_eq!(now.items.len(), 1, "and the third after the second has lapsed");
    world.accept(drafts[2], 3, 9).await;
    sound(&world).await;
}
