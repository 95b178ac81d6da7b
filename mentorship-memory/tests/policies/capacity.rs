//! D25: less capacity than load ends nothing, and what cannot come true any more is said to be over.

use chrono::TimeDelta;
use mentorship_core::{
    base::id::{EnrollmentId, ProposalId},
    conformance::world::{World, sign_up},
    decide::enrollment::Apply,
    model::enrollment::Role,
};

use crate::{run, world};

async fn states(world: &World, mentor: EnrollmentId, ids: &[ProposalId]) -> Vec<String> {
    use mentorship_core::store::{ListAsk, Listing, UnitExt};
    let what = Listing::ProposalsOf { enrollment: mentor };
    let ask = ListAsk { tenant: world.tenant.clone(), what, after: None, limit: 100 };
    let page = world.store.unit().await.unwrap().list_proposals(&ask).await.unwrap();
    let code = |id| page.items.iter().find(|it| it.id == id).unwrap().state.code().to_owned();
    ids.iter().map(|id| code(*id)).collect()
}

#[test]
fn d25_surplus_offers_fall_newest_first_and_none_comes_back() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let input = Apply { capacity: Some(3), ..sign_up(Role::Mentor) };
        let mentor = world.enroll_with(program, 1, input).await.unwrap();
        let mut offers = Vec::new();
        for n in [2, 3, 4] {
            let mentee = world.enroll(program, n, Role::Mentee).await;
            offers.push(world.offer(mentor, mentee).await);
            world.clock.advance(TimeDelta::hours(1));
        }
        let (service, me) = (&world.service, world.person(1));
        service.set_capacity(&me, mentor, 2).await.unwrap();
        assert_eq!(states(&world, mentor, &offers).await, ["offered", "offered", "invalidated"]);
        service.set_capacity(&me, mentor, 0).await.unwrap();
        let none = ["invalidated", "invalidated", "invalidated"];
        assert_eq!(states(&world, mentor, &offers).await, none);
        service.set_capacity(&me, mentor, 3).await.unwrap();
        assert_eq!(states(&world, mentor, &offers).await, none, "raising resurrects nothing");
        let outcome = service.accept(&world.person(2), offers[0]).await;
        assert_eq!(World::code(outcome), "not_available");
    });
}

#[test]
fn d25_a_request_falls_only_where_no_place_is_left() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        let input = Apply { capacity: Some(2), ..sign_up(Role::Mentor) };
        let mentor = world.enroll_with(program, 1, input).await.unwrap();
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, 2).await;
        let (service, me) = (&world.service, world.person(1));
        service.complete_pair(&world.person(2), pair).await.unwrap();
        let request = service.restart_pair(&world.person(2), pair).await.unwrap().proposal;
        service.set_capacity(&me, mentor, 1).await.unwrap();
        assert_eq!(states(&world, mentor, &[request]).await, ["offered"], "there is a place");
        service.set_capacity(&me, mentor, 0).await.unwrap();
        assert_eq!(states(&world, mentor, &[request]).await, ["invalidated"]);
        let told = world.messages().await;
        assert!(told.iter().any(|it| it.message.kind.as_str() == "proposal.unavailable"));
    });
}
