//! Runs over a whole program: prepared, solved, staged, published.

use std::collections::BTreeSet;

use super::{
    Harness,
    census::census,
    make::{id, who},
    world::{World, sign_up},
};
use crate::{
    base::id::{EnrollmentId, ProgramId},
    decide::Refusal,
    matching::{
        explain::WhyNot,
        people::{Options, ShortOf, WhyUnmatched},
        run::{Goal, RunOptions, RunOutcome, WhyMoved, compare},
    },
    model::{
        enrollment::Role,
        pair::EndKind,
        proposal::{Origin, ProposedPair},
    },
    service::{PageAsk, PublishAsk, StagedRun},
};

/// Mentors 1 to 3 with two places each, mentees 4 to 10.
pub(super) async fn ground(world: &World) -> (ProgramId, Vec<EnrollmentId>) {
    let program = world.program(|policy| policy.max_mentor_capacity = 2).await;
    let mut places = Vec::new();
    for n in 1..=10 {
        let role = if n <= 3 { Role::Mentor } else { Role::Mentee };
        let mut apply = sign_up(role);
        apply.capacity = Some(if n <= 3 { 2 } else { 1 });
        places.push(world.enroll_with(program, n, apply).await.unwrap());
    }
    (program, places)
}

/// What a run comes to.
pub(super) async fn solved(world: &World, program: ProgramId, options: RunOptions) -> RunOutcome {
    let run = world.service.prepare_run(&world.admin(), program, options).await.unwrap();
    run.solve(&Options::default()).unwrap()
}

fn done(staged: &StagedRun) -> usize {
    staged.staged.iter().filter(|(_, outcome)| outcome.is_ok()).count()
}

/// A run pairs as many as there are places, its drafts are seen by admins only, it is on record once, and
/// publishing asks the people.
pub async fn a_run_becomes_drafts_and_offers(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = ground(&world).await;
    let outcome = solved(&world, program, RunOptions::new()).await;
    assert!(outcome.optimal && outcome.gap == 0);
    assert_eq!((outcome.report.pairs, outcome.report.mentees), (6, 7));
    let left: Vec<_> = outcome.unmatched.iter().map(|it| it.why).collect();
    assert_eq!(left, [WhyUnmatched::PlacesTaken { shortage: Some(0) }]);
    let short = &outcome.shortages[0];
    assert_eq!((short.of, short.needed, short.places), (ShortOf::Mentors, 7, 6));
    for it in &outcome.pairs {
        assert!(places[..3].contains(&it.pair.mentor) && places[3..].contains(&it.pair.mentee));
        assert_eq!(it.choice, Some(1), "everybody answered the same");
    }
    let admin = world.admin().with_command(id(50));
    let staged = world.service.stage_run(&admin, &outcome).await.unwrap();
    assert_eq!(done(&staged), 6);
    let again = world.service.stage_run(&admin, &outcome).await.unwrap();
    assert_eq!(again.staged, staged.staged, "the same command is one run");
    let seen = census(&*h.store, &world.tenant).await;
    assert_eq!(seen.proposals.len(), 6);
    assert!(seen.proposals.values().all(|it| it.origin == Origin::Run));
    let runs: Vec<_> = seen.audit.iter().filter(|it| it.action.as_str() == "run.stage").collect();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].reason, Some(outcome.name()));
    assert!(world.messages().await.is_empty(), "a draft is told to nobody");
    let report = world.service.publish_drafts(&world.admin(), program, PublishAsk::default()).await;
    let published = report.unwrap().published;
    assert_eq!(published.iter().filter(|(_, outcome)| outcome.is_ok()).count(), 6);
    let refused = world.service.prepare_run(&world.person(4), program, RunOptions::new()).await;
    assert_eq!(World::code(refused.map(|_| ())), "not_found");
}

/// A pin is a pair whatever its score, a forbid is none, and a pin that cannot be says which rule it breaks.
pub async fn pins_and_forbids_are_kept(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = ground(&world).await;
    world.service.block(&world.person(6), &who(2)).await.unwrap();
    let two = |mentor: usize, mentee: usize| ProposedPair {
        mentor: places[mentor - 1],
        mentee: places[mentee - 1],
    };
    let options = RunOptions::new()
        .pin(two(1, 4))
        .pin(two(1, 5))
        .pin(two(1, 7))
        .pin(two(2, 6))
        .pin(ProposedPair { mentor: places[4], mentee: places[5] })
        .forbid(two(2, 8))
        .forbid(two(3, 8));
    let run = world.service.prepare_run(&world.admin(), program, options).await.unwrap();
    let why = |pair: ProposedPair| {
        let found = run.infeasible_pins().iter().find(|it| it.pair == pair);
        found.map(|it| it.why_not.clone())
    };
    assert_eq!(why(two(2, 6)), Some(WhyNot::Excluded), "a block is not told");
    assert_eq!(why(ProposedPair { mentor: places[4], mentee: places[5] }), Some(WhyNot::NotActive));
    let full = [two(1, 4), two(1, 5), two(1, 7)].map(why);
    assert_eq!(full.iter().flatten().collect::<Vec<_>>(), [&WhyNot::Full]);
    let outcome = run.solve(&Options::default()).unwrap();
    let pairs: BTreeSet<ProposedPair> = outcome.pairs.iter().map(|it| it.pair).collect();
    assert_eq!(outcome.pairs.iter().filter(|it| it.pinned).count(), 2);
    for forbidden in [two(2, 8), two(3, 8), two(2, 6)] {
        assert!(!pairs.contains(&forbidden));
    }
    let eighth = outcome.unmatched.iter().find(|it| it.enrollment == places[7]);
    assert!(eighth.is_some(), "the one mentor left for them is pinned to others");
    // The same again is the same; another order of the options too.
    let options = RunOptions::new()
        .forbid(two(3, 8))
        .forbid(two(2, 8))
        .pin(ProposedPair { mentor: places[4], mentee: places[5] })
        .pin(two(2, 6))
        .pin(two(1, 7))
        .pin(two(1, 5))
        .pin(two(1, 4));
    assert_eq!(solved(&world, program, options).await, outcome);
}

/// Whatever happens between a run and its staging is judged again; what lives is never touched; the next run
/// pairs the rest.
pub async fn a_run_goes_on_from_what_lives(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = ground(&world).await;
    let run = world.service.prepare_run(&world.admin(), program, RunOptions::new()).await.unwrap();
    let outcome = run.solve(&Options::default()).unwrap();
    // One of the pairs blocks, somebody of another leaves.
    let number = |place| places.iter().position(|it| *it == place).unwrap() as u64 + 1;
    let (first, second) = (outcome.pairs[0].pair, outcome.pairs[1].pair);
    let blocker = world.person(number(first.mentee));
    world.service.block(&blocker, &who(number(first.mentor))).await.unwrap();
    world
        .service
        .withdraw_enrollment(&world.person(number(second.mentee)), second.mentee)
        .await
        .unwrap();
    let staged = world.service.stage_run(&world.admin(), &outcome).await.unwrap();
    assert_eq!(done(&staged), 4);
    for (pair, outcome) in &staged.staged {
        if [first, second].contains(pair) {
            assert_eq!(*outcome, Err(Refusal::PairNotAllowed), "which it was is not told");
        }
    }
    world.service.publish_drafts(&world.admin(), program, PublishAsk::default()).await.unwrap();
    let before = census(&*h.store, &world.tenant).await.proposals;
    let next = world.service.prepare_run(&world.admin(), program, RunOptions::new()).await.unwrap();
    let more = next.solve(&Options::default()).unwrap();
    assert_eq!(more.report.pairs, 2, "the two who are left, on the two places that are");
    assert!(more.pairs.iter().all(|it| it.pair != first && it.pair.mentee != second.mentee));
    world.service.stage_run(&world.admin(), &more).await.unwrap();
    let after = census(&*h.store, &world.tenant).await.proposals;
    assert!(before.iter().all(|(id, it)| after.get(id) == Some(it)), "nothing else is touched");
    let moved = compare((&run, &outcome), (&next, &more)).moved;
    let why = |mentee| moved.iter().find(|it| it.mentee == mentee).map(|it| it.why);
    assert_eq!(why(second.mentee), Some(WhyMoved::Left));
}

/// Wishes are points where a run asks for them, of both, the latest ones; without that they are nothing, and
/// they make no pair possible.
pub async fn row_18_wishes_count_as_asked(h: Harness) {
    let world = World::new(h.store.clone());
    let program = world.program(|policy| policy.max_mentor_capacity = 2).await;
    let mut places = Vec::new();
    for n in 1..=8 {
        places.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let s = &world.service;
    for n in [7, 1, 2, 3, 4, 5] {
        s.wish_for(&world.person(9), &who(n), true).await.unwrap();
        world.clock.advance(chrono::Duration::minutes(1));
    }
    s.wish_for(&world.person(3), &who(9), true).await.unwrap();
    let wished = |outcome: &RunOutcome| {
        let pair = &outcome.pairs[0];
        let part = pair.score.parts.iter().find(|it| it.rule.as_str() == "wish");
        (pair.pair, part.map_or(0, |it| it.points))
    };
    let asked = solved(&world, program, RunOptions::new().wish_points(40)).await;
    let both = ProposedPair { mentor: places[2], mentee };
    assert_eq!(wished(&asked), (both, 80), "both wish it");
    let unasked = solved(&world, program, RunOptions::new()).await;
    assert_eq!(wished(&unasked).1, 0);
    // A sixth wish counts no more: 7 was the first.
    for n in 1..=5 {
        let apart = s.avoid(&world.person(n), &who(9), true).await;
        apart.unwrap();
    }
    let rest = solved(&world, program, RunOptions::new().wish_points(40)).await;
    assert_eq!(wished(&rest).1, 0);
    let mine = s.my_wishes(&world.person(9), PageAsk::default()).await.unwrap();
    assert_eq!(mine.items.len(), 6);
    let of_them = s.my_wishes(&world.person(7), PageAsk::default()).await.unwrap();
    assert!(of_them.items.is_empty(), "nobody learns who wishes for them");
    let seen = census(&*h.store, &world.tenant).await;
    let told = seen.audit.iter().filter(|it| it.action.as_str() == "relation.wish");
    assert!(told.clone().all(|it| it.private) && told.count() == 7);
    for wrong in [1_001, u16::MAX] {
        let options = RunOptions::new().wish_points(wrong);
        let refused = s.prepare_run(&world.admin(), program, options).await;
        assert!(refused.unwrap_err().to_string().contains("wish_points"));
    }
}

/// Each has another wish than who wishes for them: both ways to pair all of them are stable, and whose wishes come true
/// is what the run is asked for. It is on record with its goal.
pub async fn a_stable_run_heeds_whose_wish_it_is(h: Harness) {
    let world = World::new(h.store.clone());
    let program = world.program(|_| {}).await;
    let mut places = Vec::new();
    for n in 1..=4 {
        let role = if n <= 2 { Role::Mentor } else { Role::Mentee };
        places.push(world.enroll(program, n, role).await);
    }
    let s = &world.service;
    for (of, for_whom) in [(3, 1), (1, 4), (4, 2), (2, 3)] {
        s.wish_for(&world.person(of), &who(for_whom), true).await.unwrap();
    }
    for (goal, mentors) in [(Goal::StableForMentees, [0, 1]), (Goal::StableForMentors, [1, 0])] {
        let options = RunOptions::new().objective(goal).wish_points(10);
        let outcome = solved(&world, program, options).await;
        let pairs: BTreeSet<ProposedPair> = outcome.pairs.iter().map(|it| it.pair).collect();
        let wished = [2, 3].into_iter().zip(mentors);
        let wished = wished.map(|(mentee, mentor)| ProposedPair {
            mentor: places[mentor],
            mentee: places[mentee],
        });
        assert_eq!(pairs, wished.collect());
        assert_eq!((outcome.optimal, outcome.gap, outcome.unmatched.len()), (true, 0, 0));
        let staged = s.stage_run(&world.admin(), &outcome).await.unwrap();
        assert_eq!(done(&staged), 2);
        let details = s.staged_run(&world.admin(), staged.run).await.unwrap();
        assert_eq!(details.run.terms.goal, goal);
        for (_, draft) in staged.staged {
            s.withdraw_proposal(&world.admin(), draft.unwrap().proposal).await.unwrap();
        }
    }
}

/// A wish takes the place of its opposite, goes with a block, and is not there again when that is lifted.
pub async fn a_wish_goes_with_a_block_and_the_other_way(h: Harness) {
    let world = World::new(h.store.clone());
    let (s, me) = (&world.service, world.person(2));
    let said = async || {
        let wishes = s.my_wishes(&me, PageAsk::default()).await.unwrap().items.len();
        let avoids = s.my_avoids(&me, PageAsk::default()).await.unwrap().items.len();
        (wishes, avoids)
    };
    s.avoid(&me, &who(1), true).await.unwrap();
    s.wish_for(&me, &who(1), true).await.unwrap();
    assert_eq!(said().await, (1, 0));
    s.avoid(&me, &who(1), true).await.unwrap();
    assert_eq!(said().await, (0, 1));
    s.avoid(&me, &who(1), false).await.unwrap();
    s.wish_for(&me, &who(1), true).await.unwrap();
    s.block(&me, &who(1)).await.unwrap();
    assert_eq!(said().await, (0, 0));
    s.wish_for(&me, &who(1), true).await.unwrap();
    assert_eq!(said().await, (0, 0), "whom one blocks one does not wish for");
    s.lift_block(&me, &who(1)).await.unwrap();
    assert_eq!(said().await, (0, 0));
    s.wish_for(&me, &who(1), true).await.unwrap();
    s.wish_for(&me, &who(1), false).await.unwrap();
    assert_eq!(said().await, (0, 0));
}

/// A block, a wish and a pair of before are one reason, and a mentee with nobody else is told it.
pub async fn reasons_for_being_left_out_tell_no_block(h: Harness) {
    let mut seen = Vec::new();
    for how in 0..3 {
        let world =
            World::of(h.store.clone(), format!("tenant-{how}").as_str().try_into().unwrap());
        let program = world.program(|_| {}).await;
        let mentor = world.enroll(program, 1, Role::Mentor).await;
        let mentee = world.enroll(program, 2, Role::Mentee).await;
        match how {
            0 => world.service.block(&world.person(2), &who(1)).await.unwrap(),
            1 => world.service.avoid(&world.person(1), &who(2), true).await.unwrap(),
            _ => {
                let offer = world.offer(mentor, mentee).await;
                let pair = world.accept(offer, 1, 2).await;
                let by = world.person(2);
                world.service.end_pair(&by, pair, EndKind::NoTime, None, false).await.unwrap();
            }
        }
        let outcome = solved(&world, program, RunOptions::new()).await;
        assert!(outcome.pairs.is_empty());
        seen.push(outcome.unmatched.iter().map(|it| (it.role, it.why)).collect::<Vec<_>>());
    }
    let both = [Role::Mentee, Role::Mentor].map(|role| (role, WhyUnmatched::Excluded));
    assert!(seen.iter().all(|it| *it == both), "{seen:?}");
}
