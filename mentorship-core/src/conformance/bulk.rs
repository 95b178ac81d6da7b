//! Commands on many records at once: idempotent as a whole (row 62).

use super::{Harness, census::census, make::id, world::World};
use crate::{decide::Refusal, model::enrollment::Role};

/// Row 62: a list under one command id has one effect, whole or in part, and the same replies.
pub async fn the_same_list_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut mentors = Vec::new();
    for n in 1..=3 {
        mentors.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let admin = world.admin().with_command(id(1));
    // The third time the list is shorter: the items that are there are the same commands.
    let mut replies = Vec::new();
    for length in [3, 3, 2] {
        let list = &mentors[..length];
        replies.push(world.service.stage_ranked(&admin, list, mentee).await.unwrap());
    }
    assert!(replies[0].iter().all(Result::is_ok), "{replies:?}");
    assert_eq!(replies[0], replies[1]);
    assert_eq!(replies[0][..2], replies[2]);
    let drafts: Vec<_> = replies[0].iter().flatten().map(|one| one.proposal).collect();

    let admin = world.admin().with_command(id(2));
    let first = world.service.publish_proposals(&admin, &drafts).await.unwrap();
    let before = census(&*world.store, &world.tenant).await;
    assert_eq!(world.service.publish_proposals(&admin, &drafts).await.unwrap(), first);
    assert!(first.iter().all(Result::is_ok), "{first:?}");
    assert!(census(&*world.store, &world.tenant).await == before, "a second effect");
    let other: Vec<_> = drafts.iter().rev().copied().collect();
    let reused = world.service.publish_proposals(&admin, &other).await.unwrap();
    assert_eq!(reused[0], Err(Refusal::CommandReused));
}
