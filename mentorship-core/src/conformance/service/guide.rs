//! A pair on its way through the guide: steps, posts, pauses and reminders.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::sound;
use crate::{
    base::text::Body,
    conformance::{
        Harness,
        make::{self, who},
        world::{World, step},
    },
    model::{event::Audience, pair::EndKind},
    service::PageAsk,
};

/// A pause moves what has not opened yet by its length.
pub async fn a_pause_shifts_the_steps(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let unlocks = |details: crate::service::PairDetails| match details.steps[1].state {
        crate::model::guide::StepState::Locked { unlocks_at } => unlocks_at.unwrap(),
        ref other => panic!("{other:?}"),
    };
    let body = Body::new("Hello.").unwrap();
    world.service.post(&world.person(1), pair, &step("hello"), None, body.clone()).await.unwrap();
    let before = unlocks(world.service.pair(&world.person(1), pair).await.unwrap());
    world.days(2);
    let until = world.now() + TimeDelta::days(5);
    world.service.pause_pair(&world.person(2), pair, Some(until)).await.unwrap();
    let post = world.service.post(&world.person(1), pair, &step("hello"), None, body).await;
    assert_eq!(World::code(post), "pair.not_writable");
    world.days(5);
    assert!(world.sweep().await.done.keys().any(|what| what.contains("resume")));
    assert_eq!(world.pair_state(1, pair).await, "active");
    let after = unlocks(world.service.pair(&world.person(1), pair).await.unwrap());
    assert_eq!((after - before).num_days(), 5);
    sound(&world).await;
}

/// Nobody acts: the two are reminded, within the cap, and after three weeks the pair ends.
pub async fn an_idle_pair_is_reminded_and_then_ends(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.reminders_per_week = 1).await;
    let pair = world.pair(program, 1, 2).await;
    drop(world.messages().await);
    world.service.set_reminders(&world.person(2), true).await.unwrap();
    let mut reminders = Vec::new();
    for _ in 0..22 {
        world.days(1);
        world.sweep().await;
        for envelope in world.messages().await {
            if envelope.message.kind.as_str().starts_with("reminder.") {
                assert_eq!(envelope.message.to, Audience::Person(who(1)), "2 asked for none");
                reminders.push(envelope.message.at);
            }
        }
    }
    assert!(!reminders.is_empty());
    for two in reminders.windows(2) {
        assert!(two[1] - two[0] >= TimeDelta::days(6), "{reminders:?}");
    }
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let card = world.service.pair(&world.person(1), pair).await.unwrap().card;
    assert_eq!(card.reason, Some(EndKind::NeverStarted));
    sound(&world).await;
}

/// In the night of a person nothing reminds them.
pub async fn quiet_hours_hold_reminders_back(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    drop(world.messages().await);
    let quiet = crate::base::zone::QuietHours::default();
    let mut heard = 0;
    for _ in 0..(24 * 12) {
        world.clock.advance(TimeDelta::hours(1));
        world.sweep().await;
        for envelope in world.messages().await {
            if envelope.message.kind.as_str().starts_with("reminder.") {
                heard += 1;
                assert!(!quiet.contains(Tz::Europe__Lisbon, world.now()), "{}", world.now());
            }
        }
    }
    assert!(heard > 0);
}

/// An edit counts, a removal leaves the place, and only the author does either.
pub async fn an_edit_counts_revisions(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let body = |text: &str| Body::new(text).unwrap();
    let me = world.person(1);
    let posted = world.service.post(&me, pair, &step("hello"), None, body("Helo.")).await.unwrap();
    let comment = world
        .service
        .post(&world.person(2), pair, &step("hello"), Some(posted.post), body("Hi!"))
        .await
        .unwrap();
    assert_eq!((posted.seq, comment.seq), (1, 2));
    world.service.edit_post(&me, pair, posted.post, body("Hello.")).await.unwrap();
    let theirs = world.service.edit_post(&world.person(2), pair, posted.post, body("Ha")).await;
    assert_eq!(World::code(theirs), "not_found");
    world.service.remove_post(&world.person(2), pair, comment.post).await.unwrap();
    let thread = world.service.thread(&me, pair, None, PageAsk::default()).await.unwrap();
    assert_eq!(thread.posts[0].revision, 1);
    assert_eq!(thread.posts[0].body.as_ref().unwrap().as_str(), "Hello.");
    assert!(thread.posts[0].held.is_empty(), "no hidden revision without a hold");
    assert!(thread.posts[1].body.is_none() && thread.posts[1].removed_at.is_some());
}

/// A revised guide is for new pairs; who is on the way keeps theirs.
pub async fn a_live_pair_keeps_its_guide(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let old = world.pair(program, 1, 2).await;
    let mut guide = make::template().guide;
    guide.steps.truncate(1);
    let version = world.service.revise_guide(&world.admin(), program, guide).await.unwrap();
    assert_eq!(version, 2);
    let new = world.pair(program, 3, 4).await;
    let steps =
        async |n, pair| world.service.pair(&world.person(n), pair).await.unwrap().steps.len();
    assert_eq!((steps(1, old).await, steps(3, new).await), (3, 1));
}
