//! Drafts of admins: staged twice, published twice, or blocked meanwhile.

use super::arena::{Arena, ROUNDS, call, roomy};
use crate::{
    base::id::{ProgramId, ProposalId},
    conformance::{Harness, make::who, world::sign_up},
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

/// Drafts of mentors who have two each, in the order in which they were staged.
async fn many_drafts(arena: &Arena, program: ProgramId, base: u64) -> Vec<ProposalId> {
    let mut drafts = Vec::new();
    for n in 0..6 {
        let mut input = sign_up(Role::Mentor);
        input.capacity = Some(2);
        let mentor = arena.world.enroll_with(program, base + 3 * n, input).await.unwrap();
        for mentee in 1..=2 {
            let mentee = arena.world.enroll(program, base + 3 * n + mentee, Role::Mentee).await;
            let admin = arena.world.admin();
            let staged = arena.world.service.stage_proposal(&admin, mentor, mentee, None).await;
            drafts.push(staged.unwrap().proposal);
        }
    }
    drafts
}

/// Blocks while a list of drafts is published: what they meet falls, the rest is published.
pub async fn block_against_a_list(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let base = 100 * round + 1;
        let drafts = many_drafts(&arena, program, base).await;
        let list = drafts.clone();
        let mut tasks = vec![call!(arena.world, arena.world.admin(), |s, me| async move {
            s.publish_proposals(&me, &list).await
        })];
        tasks.extend([0, 3, 6].map(|mentor| {
            call!(arena.world, arena.world.person(base + mentor), |s, me| {
                let other = who(base + mentor + 1);
                async move { s.block(&me, &other).await }
            })
        }));
        let census = arena.race(tasks).await;
        let open = drafts.iter().filter(|it| census.proposals[*it].state.code() == "offered");
        assert_eq!(open.count(), drafts.len() - 3);
    }
}

/// Two admins publish the same drafts at once: both people of each are asked once.
pub async fn two_lists_at_once(h: Harness) {
    let arena = Arena::new(h);
    for round in 0..ROUNDS {
        let program = arena.world.program(roomy).await;
        let drafts = many_drafts(&arena, program, 100 * round + 1).await;
        drop(arena.world.messages().await);
        let tasks = [false, true].map(|backwards| {
            let mut list = drafts.clone();
            if backwards {
                list.reverse();
            }
            call!(arena.world, arena.world.admin(), |s, me| async move {
                s.publish_proposals(&me, &list).await
            })
        });
        let census = arena.race(tasks.into()).await;
        assert!(drafts.iter().all(|it| census.proposals[it].state.code() == "offered"));
        assert_eq!(arena.world.messages().await.len(), 2 * drafts.len());
    }
}
