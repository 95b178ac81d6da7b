//! D2 and D29: what each of the two keeps depends on who ended the pair, and being taken out is not
//! ending it.

use mentorship_core::{
    base::id::PairId,
    conformance::{
        make::{group, slug, who},
        world::{World, step},
    },
    model::enrollment::Role,
    service::ReadScope,
};

use crate::{run, world};

async fn scopes(world: &World, pair: PairId) -> [ReadScope; 2] {
    let mut scopes = Vec::new();
    for n in [1, 2] {
        let thread =
            world.service.thread(&world.person(n), pair, None, world.first_page()).await.unwrap();
        scopes.push(thread.scope);
    }
    [scopes[0], scopes[1]]
}

#[test]
fn d2_whoever_leaves_keeps_more_than_the_one_left() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, 2).await;
        world.service.withdraw_enrollment(&world.person(1), mentor).await.unwrap();
        assert_eq!(scopes(&world, pair).await, [ReadScope::All, ReadScope::Own]);
    });
}

#[test]
fn d2_a_removal_does_not_favour_the_removed() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, 2).await;
        world.service.finish_step(&world.person(1), pair, &step("hello")).await.unwrap();
        let reason = slug("conduct");
        world.service.remove_enrollment(&world.staff(), mentor, reason).await.unwrap();
        assert_eq!(scopes(&world, pair).await, [ReadScope::All, ReadScope::All]);
        let card = world.service.pair(&world.person(1), pair).await.unwrap().card;
        assert_eq!(card.reason, None, "the removed is told no more than the other");
    });
}

#[test]
fn d29_whom_the_group_removes_did_not_end_the_pair() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let pair = world.pair(program, 1, 2).await;
        world.service.leave_group(&world.host_actor(), &who(2), &group()).await.unwrap();
        assert_eq!(world.pair_state(1, pair).await, "ended");
        assert_eq!(scopes(&world, pair).await, [ReadScope::All, ReadScope::All]);
    });
}
