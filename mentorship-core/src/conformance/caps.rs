//! Bounds: as many pairs as one person may have, and what an admin sees of it beforehand (rows 10 and
//! 13); as many proposals as may be open.

use super::{
    Harness,
    contract::{ground, set_of, store},
    make::{self, id, who},
    world::World,
};
use crate::{
    change::{Change, ChangeSet},
    matching::explain::WhyNot,
    model::{
        enrollment::Role,
        pair::{Pair, PairState},
        proposal::{Proposal, ProposalState},
    },
    store::{Listed, Listing},
};

/// A candidate comes with all live pairs of the person: as mentor and as mentee, of every program of
/// the tenant, and of no other.
pub async fn candidates_say_what_the_person_has(h: Harness) {
    store(&*h.store, ground()).await;
    let of_other_program = |n, person, role| make::enrollment(n, 42, person, role);
    let over = Pair {
        state: PairState::Completed { at: make::after(5), by: None },
        due_at: None,
        ..make::pair(92, 1, (12, 2), (16, 6))
    };
    let changes = [
        Change::Program(make::program(42)),
        Change::Enrollment(of_other_program(31, 1, Role::Mentor)),
        Change::Enrollment(of_other_program(32, 2, Role::Mentee)),
        Change::Enrollment(of_other_program(35, 5, Role::Mentor)),
        Change::Pair(make::pair(90, 1, (11, 1), (15, 5))),
        Change::Pair(make::pair(91, 42, (31, 1), (32, 2))),
        Change::Pair(over),
    ];
    store(&*h.store, set_of(changes)).await;
    let mut elsewhere = ChangeSet::new(make::elsewhere());
    for change in ground().changes {
        elsewhere.put(change);
    }
    elsewhere.put(Change::Pair(make::pair(93, 1, (13, 3), (16, 6))));
    store(&*h.store, elsewhere).await;
    let items =
        super::listings::all(&*h.store, &Listing::Candidates { enrollment: id(14) }, 5).await;
    let loads: Vec<_> = (1..=3)
        .map(|n| {
            let found = items.iter().find_map(|item| match item {
                Listed::Candidate(it) if it.person.id == who(n) => Some((it.live, it.person_live)),
                _ => None,
            });
            found.unwrap_or_else(|| panic!("candidate {n} is missing"))
        })
        .collect();
    assert_eq!(loads, [(1, 2), (0, 1), (0, 0)]);
}

/// Row 13: whoever is ranked can be staged. Somebody with as many pairs as one person may have is among
/// those who are not possible, with that reason, and finds nobody either.
pub async fn nobody_is_ranked_over_the_cap_of_a_person(h: Harness) {
    let world = World::new(h.store);
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 1, 8).await;
    let program = world
        .program(|policy| {
            policy.person_cap = Some(1);
            policy.max_mentor_capacity = 3;
        })
        .await;
    let full = world.enroll(program, 1, Role::Mentor).await;
    let free = world.enroll(program, 2, Role::Mentor).await;
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let busy = world.enroll(program, 8, Role::Mentee).await;
    let admin = world.admin();
    let found = world.service.candidates(&admin, mentee, 10).await.unwrap();
    let ranked: Vec<_> = found.ranked.iter().map(|it| it.enrollment).collect();
    assert_eq!(ranked, [free]);
    let not: Vec<_> = found.impossible.iter().map(|it| (it.enrollment, &it.why_not)).collect();
    assert_eq!(not, [(full, &WhyNot::PersonFull)]);
    assert_eq!(WhyNot::PersonFull.code(), "person_full");
    assert!(world.service.candidates(&admin, busy, 10).await.unwrap().ranked.is_empty());
    for one in ranked {
        world.service.stage_proposal(&admin, one, mentee, None).await.unwrap();
    }
}

/// However long the ranked lists: one enrolment has at most 100 open proposals, and the refusal names
/// the side and the limit.
pub async fn open_proposals_of_a_place_are_bounded(h: Harness) {
    let mut set = ground();
    for n in 100..199 {
        set.put(Change::Person(make::person(n)));
        set.put(Change::Enrollment(make::enrollment(1_000 + n, 1, n, Role::Mentee)));
        set.put(Change::Proposal(Proposal {
            state: ProposalState::Draft { queued_until: None },
            offered_at: None,
            ..make::proposal(2_000 + n, 1, (11, 1), (1_000 + n, n))
        }));
    }
    store(&*h.store, set).await;
    let world = World::new(h.store);
    let stage = |mentee, rank| {
        let service = world.service.clone();
        let admin = world.admin();
        async move { service.stage_proposal(&admin, id(11), id(mentee), Some(rank)).await }
    };
    stage(14, 1).await.unwrap();
    let error = stage(15, 1).await.unwrap_err();
    assert_eq!((error.code(), error.params()["field"].as_str()), ("input.too_many", "mentor"));
    assert!(error.params()["problem"].contains("100"), "{error}");
}
