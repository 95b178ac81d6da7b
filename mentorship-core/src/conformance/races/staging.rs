//! Drafts of admins: staged twice, published twice, or blocked meanwhile.

use super::arena::{Arena, ROUNDS, call, roomy};
use crate::{
    base::id::{ProgramId, ProposalId},
    conformance::{Harness, make::who},
    model::enrollment::Role,
};

async fn draft(arena: &Arena, program: ProgramId, base: u64) -> ProposalId {
    let mentor = arena.world.enroll(program, base, Role::Mentor).await;
    let mentee = arena.world.enroll(program, base + 1, Role::Mentee).await;
    let admin = arena.world.admin();
    arena.world.service.stage_proposal(&admin, mentor, mentee, None).await.unwrap().proposal
}

/// A block while the draft is published.
pub async fn block_against_publish(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let draft = draft(&arena, program, base).await;
        let tasks = vec![
            call!(arena.world, arena.world.admin(), |s, me| s.publish_proposal(&me, draft)),
            call!(arena.world, arena.world.person(base), |s, me| {
                let other = who(base + 1);
                async move { s.block(&me, &other).await }
            }),
        ];
        arena.race(tasks).await;
    }
}

/// Two admins publish the same draft: both are asked once.
pub async fn two_publications_of_one_draft(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let draft = draft(&arena, program, base).await;
        drop(arena.world.messages().await);
        let tasks = (0..3).map(|_| {
            call!(arena.world, arena.world.admin(), |s, me| s.publish_proposal(&me, draft))
        });
        arena.race(tasks.collect()).await;
        let asked = arena.world.messages().await;
        let asked = asked.iter().filter(|it| it.message.proposal == Some(draft)).count();
        assert_eq!(asked, 2, "each of the two once");
    }
}

/// Two admins stage the same two people: one proposal.
pub async fn two_stagings_of_two_people(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 10 * round + 1;
        let mentor = arena.world.enroll(program, base, Role::Mentor).await;
        let mentee = arena.world.enroll(program, base + 1, Role::Mentee).await;
        let tasks = (0..3).map(|_| {
            call!(arena.world, arena.world.admin(), |s, me| s
                .stage_proposal(&me, mentor, mentee, None))
        });
        let census = arena.race(tasks.collect()).await;
        let of_program = census.proposals.values().filter(|it| it.program == program);
        assert_eq!(of_program.count(), 1);
    }
}
