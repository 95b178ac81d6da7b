//! Runs on record: what was asked, how it came out, what became of the drafts, and who is told what.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Harness,
    contract::{ground, refused, set_of, store},
    listings::all,
    make::{self, after, elsewhere, id, tenant, who},
    runs::{ground as people, solved},
    world::World,
};
use crate::{
    base::id::{EnrollmentId, ProgramId, RunId},
    change::Change,
    decide::Refusal,
    matching::{
        people::WhyUnmatched,
        run::{RunOptions, RunOutcome, WhyMoved},
    },
    model::{
        enrollment::Role,
        proposal::{Origin, Proposal, ProposalState, ProposedPair},
        run::{LeftOut, Run, RunDrafts, RunState},
    },
    policy::actor::Actor,
    service::{PageAsk, PublishAsk},
    store::{Listed, Listing, RunAsk, StoreErrorKind},
};

/// A run is read as it was written, in its tenant alone, and a second one of its id is refused.
pub async fn a_run_comes_back_and_is_never_replaced(h: Harness) {
    store(&*h.store, ground()).await;
    let run = make::run(60, 1);
    store(&*h.store, set_of([Change::Run(Box::new(run.clone()))])).await;
    let ask = |tenant, n| RunAsk { tenant, run: id(n), admin: None, with_drafts: true };
    let mut unit = h.store.unit().await.unwrap();
    let view = unit.run_view(&ask(tenant(), 60)).await.unwrap().unwrap();
    assert_eq!((&view.run, view.program.id, view.drafts.made()), (&run, id(1), 0));
    assert_eq!(view.drafts.state(), RunState::Dropped, "nothing became of it");
    assert_eq!(unit.run_view(&ask(tenant(), 61)).await.unwrap(), None);
    assert_eq!(unit.run_view(&ask(elsewhere(), 60)).await.unwrap(), None);
    drop(unit);
    let other = Run { digest: [9; 32], ..run.clone() };
    let set = set_of([Change::Run(Box::new(other))]);
    refused(&*h.store, set, StoreErrorKind::Integrity).await;
    let found = all(&*h.store, &Listing::Runs { program: id(1) }, 5).await;
    assert_eq!(found, [Listed::Run(Box::new(run))]);
}

/// A proposal keeps the run that found it, and a run counts its own, with those that were ever offered.
pub async fn drafts_name_their_run(h: Harness) {
    store(&*h.store, ground()).await;
    let of = |n, run: u64, mentor, mentee| Proposal {
        origin: Origin::Run,
        run: Some(id(run)),
        ..make::proposal(n, 1, mentor, mentee)
    };
    let draft = Proposal {
        state: ProposalState::Draft { queued_until: None },
        offered_at: None,
        ..of(71, 60, (11, 1), (14, 4))
    };
    let over =
        Proposal { state: ProposalState::Expired { at: after(7) }, ..of(72, 60, (12, 2), (15, 5)) };
    let changes = [
        Change::Run(Box::new(make::run(60, 1))),
        Change::Run(Box::new(make::run(61, 1))),
        Change::Proposal(draft),
        Change::Proposal(over),
        Change::Proposal(of(73, 61, (13, 3), (16, 6))),
        Change::Proposal(make::proposal(74, 1, (12, 2), (14, 4))),
    ];
    store(&*h.store, set_of(changes)).await;
    let mut unit = h.store.unit().await.unwrap();
    let mut counted = Vec::new();
    for n in [60, 61] {
        let ask = RunAsk { tenant: tenant(), run: id(n), admin: None, with_drafts: true };
        let drafts = unit.run_view(&ask).await.unwrap().unwrap().drafts;
        let states: Vec<(String, u64)> =
            drafts.by_state.iter().map(|(state, n)| (state.to_string(), *n)).collect();
        counted.push((states, drafts.offered, drafts.state()));
    }
    let of = |states: &[&str]| states.iter().map(|it| ((*it).to_owned(), 1)).collect::<Vec<_>>();
    let first = (of(&["draft", "expired"]), 1, RunState::Staged);
    assert_eq!(counted, [first, (of(&["offered"]), 1, RunState::Published)]);
    // The admin who asks, and one who is person 2.
    for (admin, made) in [(900, 2), (2, 1)] {
        let ask = |with_drafts| RunAsk {
            tenant: tenant(),
            run: id(60),
            admin: Some(who(admin)),
            with_drafts,
        };
        assert_eq!(unit.run_view(&ask(true)).await.unwrap().unwrap().drafts.made(), made);
        let uncounted = unit.run_view(&ask(false)).await.unwrap().unwrap();
        assert_eq!((uncounted.run.id, uncounted.drafts), (id(60), RunDrafts::default()));
    }
}

/// That an offer was declined is known of two people, in the direction in which it was and in its program.
pub async fn a_declined_offer_is_known(h: Harness) {
    store(&*h.store, ground()).await;
    let declined = |n, of, mentor: (u64, u64), mentee: (u64, u64)| {
        let state = ProposalState::Declined { at: after(5), by: Role::Mentee, reason: None };
        Change::Proposal(Proposal { state, ..make::proposal(n, of, mentor, mentee) })
    };
    let changes = [
        declined(71, 1, (11, 1), (14, 4)),
        declined(72, 9, (12, 2), (15, 5)),
        // The mentor has the larger key.
        declined(73, 1, (14, 4), (13, 3)),
        Change::Proposal(make::proposal(74, 1, (12, 2), (16, 6))),
    ];
    store(&*h.store, set_of(changes)).await;
    let mut known = Vec::new();
    for item in all(&*h.store, &Listing::Between { program: id(1) }, 2).await {
        let Listed::Between(it) = item else { panic!("{item:?} was not asked for") };
        known.push((it.people, it.declined, it.taken));
    }
    let mut expected = [
        (make::two(1, 4), [true, false], false),
        (make::two(3, 4), [false, true], false),
        (make::two(2, 6), [false, false], true),
    ];
    expected.sort();
    assert_eq!(known, expected);
}

async fn staged(world: &World, admin: &Actor, outcome: &RunOutcome) -> RunId {
    world.service.stage_run(admin, outcome).await.unwrap().run
}

/// Row 27: a run stands on record with what was asked and how it came out, once however often it is staged by the
/// same command, and its drafts name it. Only admins of its program find it.
pub async fn a_staged_run_is_on_record(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = people(&world).await;
    let pair = ProposedPair { mentor: places[0], mentee: places[3] };
    let two = ProposedPair { mentor: places[1], mentee: places[2] };
    let options = RunOptions::new().minimum_share(50).waiting_points(3).pin(pair).pin(two);
    let outcome = solved(&world, program, options).await;
    let (s, admin) = (&world.service, world.admin().with_command(id(50)));
    let run = staged(&world, &admin, &outcome).await;
    assert_eq!(staged(&world, &admin, &outcome).await, run, "the same command is one run");
    let page = s.runs(&world.admin(), program, PageAsk::default()).await.unwrap();
    let [card] = page.items.as_slice() else { panic!("{:?}", page.items) };
    assert_eq!((card.id, &card.created_by, &card.name), (run, &who(900), &outcome.name()));
    assert_eq!((card.created_at, card.prepared_at), (world.now(), outcome.at));
    let terms = card.terms;
    assert_eq!(
        (terms.minimum_share, terms.waiting_points, terms.pins, terms.forbids),
        (50, 3, 2, 0)
    );
    let figures = card.figures.clone().expect("the admin who staged it asks");
    assert_eq!(figures, outcome.figures());
    assert_eq!(
        (figures.report, figures.optimal, figures.infeasible_pins),
        (outcome.report, true, 1)
    );
    let why = WhyUnmatched::PlacesTaken { shortage: None }.code();
    let left = LeftOut { role: Role::Mentee, why: make::slug(why), people: 1 };
    assert_eq!(figures.left_out, [left]);
    let details = s.staged_run(&world.admin(), run).await.unwrap();
    assert_eq!(
        (details.state, details.drafts.made(), details.drafts.offered),
        (RunState::Staged, 6, 0)
    );
    let drafts = s.proposals_of_run(&world.admin(), run, PageAsk::default()).await.unwrap().items;
    assert_eq!(drafts.len(), 6);
    assert!(drafts.iter().all(|it| it.run == Some(run) && it.origin == Origin::Run));
    // Nobody else finds it, and nobody what is not there.
    for other in [world.person(4), world.staff(), world.host_actor()] {
        let told = s.staged_run(&other, run).await.unwrap_err().to_string();
        assert_eq!(told, s.staged_run(&other, id(77)).await.unwrap_err().to_string());
        assert_eq!(World::code(s.runs(&other, program, PageAsk::default()).await), "not_found");
        let drafts = s.proposals_of_run(&other, run, PageAsk::default()).await;
        assert_eq!(World::code(drafts), "not_found");
        assert_eq!(World::code(s.compare_runs(&other, run, run).await), "not_found");
        let published = s.publish_run(&other, run, PublishAsk::default()).await;
        assert_eq!(World::code(published), "not_found");
    }
    let none = s.staged_run(&world.admin(), id(77)).await;
    assert_eq!(World::code(none), "not_found");
}

/// Row 14: one run is published by itself, page by page, and what was staged otherwise stays a draft.
pub async fn a_run_is_published_by_itself(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = people(&world).await;
    let s = &world.service;
    let by_hand = s.stage_proposal(&world.admin(), places[0], places[9], None).await.unwrap();
    let outcome = solved(&world, program, RunOptions::new()).await;
    assert_eq!(outcome.report.pairs, 5, "a draft keeps its place");
    let run = staged(&world, &world.admin(), &outcome).await;
    let (mut published, mut ask) = (0, PublishAsk { limit: 2, after: None });
    loop {
        let report = s.publish_run(&world.admin(), run, ask).await.unwrap();
        assert!(report.published.iter().all(|(_, outcome)| outcome.is_ok()));
        published += report.published.len();
        let Some(next) = report.next else { break };
        ask = PublishAsk { limit: 2, after: Some(next) };
    }
    assert_eq!(published, 5);
    let details = s.staged_run(&world.admin(), run).await.unwrap();
    assert_eq!((details.state, details.drafts.offered), (RunState::Published, 5));
    let draft = Some(make::slug("draft"));
    let left = s.proposals(&world.admin(), program, draft, PageAsk::default()).await.unwrap();
    assert_eq!(left.items.iter().map(|it| it.id).collect::<Vec<_>>(), [by_hand.proposal]);
    assert_eq!(left.items[0].run, None);
    // One that was taken back before anybody was asked.
    world.service.withdraw_proposal(&world.admin(), by_hand.proposal).await.unwrap();
    let rest = solved(&world, program, RunOptions::new()).await;
    let second = staged(&world, &world.admin(), &rest).await;
    for it in s.proposals_of_run(&world.admin(), second, PageAsk::default()).await.unwrap().items {
        s.withdraw_proposal(&world.admin(), it.id).await.unwrap();
    }
    let details = s.staged_run(&world.admin(), second).await.unwrap();
    assert_eq!((details.drafts.made(), details.state), (1, RunState::Dropped));
}

/// D9, I10: what a run counts is for who staged it; for another admin its drafts are counted without those of people
/// who do not exist for them, block or no block in the same words.
pub async fn d9_figures_are_for_who_staged_a_run(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, _) = people(&world).await;
    let (s, other) = (&world.service, world.other_admin());
    let outcome = solved(&world, program, RunOptions::new()).await;
    let run = staged(&world, &world.admin(), &outcome).await;
    let before = s.staged_run(&other, run).await.unwrap();
    assert_eq!((before.run.figures.as_ref(), before.drafts.made()), (None, 6));
    let drafts = s.proposals_of_run(&other, run, PageAsk::default()).await.unwrap().items;
    let blocker = drafts[0].mentor_person.clone();
    let theirs = drafts.iter().filter(|it| it.mentor_person == blocker).count();
    assert_eq!(theirs, 2);
    s.block(&Actor::person(world.tenant.clone(), blocker.clone()), &who(901)).await.unwrap();
    let after = s.staged_run(&other, run).await.unwrap();
    assert_eq!((&after.run, after.state), (&before.run, before.state));
    assert_eq!(after.drafts.made(), 4);
    let drafts = s.proposals_of_run(&other, run, PageAsk::default()).await.unwrap().items;
    assert!(drafts.len() == 4 && drafts.iter().all(|it| it.mentor_person != blocker));
    assert_eq!(s.compare_runs(&other, run, run).await.unwrap().kept, 4);
    let own = s.staged_run(&world.admin(), run).await.unwrap();
    assert_eq!((own.run.figures, own.drafts.made()), (Some(outcome.figures()), 6));
}

/// Row 28: two staged runs are compared from their drafts, with why as far as those tell.
pub async fn row_28_staged_runs_are_compared(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = people(&world).await;
    let (s, admin) = (&world.service, world.admin());
    let two = |mentor: usize, mentee: usize| ProposedPair {
        mentor: places[mentor - 1],
        mentee: places[mentee - 1],
    };
    let options = RunOptions::new().pin(two(1, 4)).pin(two(1, 5)).pin(two(2, 6));
    let first = staged(&world, &admin, &solved(&world, program, options).await).await;
    let drafts = s.proposals_of_run(&admin, first, PageAsk::default()).await.unwrap().items;
    let of = |mentee: usize| drafts.iter().find(|it| it.mentee == places[mentee - 1]).unwrap();
    s.publish_proposal(&admin, of(4).id).await.unwrap();
    s.publish_proposal(&admin, of(5).id).await.unwrap();
    s.decline(&world.person(5), of(5).id, None).await.unwrap();
    for draft in drafts.iter().filter(|it| ![of(4).id, of(5).id].contains(&it.id)) {
        s.withdraw_proposal(&admin, draft.id).await.unwrap();
    }
    let options = RunOptions::new().pin(two(2, 6)).pin(two(3, 5));
    let second = staged(&world, &admin, &solved(&world, program, options).await).await;
    let compared = s.compare_runs(&admin, first, second).await.unwrap();
    assert_eq!((compared.before.id, compared.after.id), (first, second));
    assert!(compared.kept >= 1, "6 stays with 2");
    let moved = |mentee: usize| compared.moved.iter().find(|it| it.mentee == places[mentee - 1]);
    assert!(moved(6).is_none());
    let fourth = moved(4).unwrap();
    assert_eq!((&*fourth.before, &*fourth.after), (&[places[0]][..], &[][..]));
    assert_eq!(fourth.why, Some(WhyMoved::BecamePair));
    let fifth = moved(5).unwrap();
    assert_eq!((&*fifth.before, &*fifth.after), (&[places[0]][..], &[places[2]][..]));
    assert_eq!(fifth.why, Some(WhyMoved::NoLongerPossible));
    let mentees: BTreeSet<EnrollmentId> = compared.moved.iter().map(|it| it.mentee).collect();
    assert_eq!(mentees.len(), compared.moved.len());
    let elsewhere = world.program(|_| {}).await;
    let nobody = staged(&world, &admin, &solved(&world, elsewhere, RunOptions::new()).await).await;
    assert_eq!(World::code(s.compare_runs(&admin, first, nobody).await), "not_found");
}

/// A run names drafts of its own program only, whatever outcome is handed in.
pub async fn a_run_stages_nobody_of_another_program(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, _) = people(&world).await;
    let outcome = solved(&world, program, RunOptions::new()).await;
    let other = world.program(|_| {}).await;
    let forged = RunOutcome { program: other, ..outcome };
    let staged = world.service.stage_run(&world.admin(), &forged).await.unwrap();
    assert!(staged.staged.iter().all(|(_, outcome)| *outcome == Err(Refusal::NotFound)));
    let details = world.service.staged_run(&world.admin(), staged.run).await.unwrap();
    assert_eq!((details.run.program, details.drafts.made()), (other, 0));
}

/// A run says the key of whoever staged it, and follows it.
pub async fn a_run_follows_its_admins_key(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, _) = people(&world).await;
    let outcome = solved(&world, program, RunOptions::new()).await;
    let run = staged(&world, &world.admin(), &outcome).await;
    let host = world.host_actor();
    world.service.rename_person(&host, &who(900), &who(77)).await.unwrap();
    let card = world.service.staged_run(&world.other_admin(), run).await.unwrap().run;
    assert_eq!(card.created_by, who(77));
    let again = world.service.rename_person(&host, &who(5), &who(77)).await;
    assert_eq!(World::code(again), "person.key_taken");
}

/// D18, D21: an erasure lets somebody's drafts of a run fall and puts a pseudonym in their place, and in that of an admin
/// who staged it. Of the run nothing else changes, and time takes neither the run nor its proposals away.
pub async fn d18_an_erasure_leaves_a_run_its_numbers(h: Harness) {
    let world = World::new(h.store.clone());
    let (program, places) = people(&world).await;
    let (s, admin) = (&world.service, world.admin());
    let outcome = solved(&world, program, RunOptions::new()).await;
    let run = staged(&world, &admin, &outcome).await;
    let drafts = async |admin| {
        let page = s.proposals_of_run(&admin, run, PageAsk::default()).await.unwrap();
        page.items.into_iter().map(|it| (it.id, it)).collect::<BTreeMap<_, _>>()
    };
    let (before, listed) = (s.staged_run(&admin, run).await.unwrap(), drafts(admin.clone()).await);
    assert_eq!(before.drafts.by_state, BTreeMap::from([(make::slug("draft"), 6)]));
    let gone = listed.values().find(|it| it.mentee_person == who(4)).unwrap();
    let erased = s.erase_person(&world.person(4), &who(4)).await.unwrap();
    let after = s.staged_run(&admin, run).await.unwrap();
    assert_eq!((&after.run, after.state), (&before.run, RunState::Staged));
    let states = [("draft", 5), ("invalidated", 1)].map(|(state, n)| (make::slug(state), n));
    assert_eq!(after.drafts.by_state, BTreeMap::from(states));
    let now = drafts(admin.clone()).await;
    assert!(now.keys().eq(listed.keys()));
    let fallen = &now[&gone.id];
    assert_eq!((fallen.mentee, &fallen.mentee_person), (places[3], &erased.pseudonym));
    assert_eq!((fallen.state.code(), &fallen.score), ("invalidated", &gone.score));
    assert!(fallen.score.is_some());
    for (id, draft) in now.iter().filter(|(id, _)| **id != gone.id) {
        assert_eq!(draft, &listed[id]);
    }
    // Years later, and without the admin who staged it.
    for _ in 0..12 {
        world.days(365);
        world.sweep().await;
    }
    let erased = s.erase_person(&world.host_actor(), &who(900)).await.unwrap();
    let other = world.other_admin();
    let later = s.staged_run(&other, run).await.unwrap();
    assert_eq!((&later.run.created_by, &later.run.figures), (&erased.pseudonym, &None));
    assert_eq!((&later.run.name, later.run.terms), (&before.run.name, before.run.terms));
    assert_eq!((later.run.prepared_at, later.drafts), (before.run.prepared_at, after.drafts));
    let left = drafts(other).await;
    assert!(left.keys().eq(listed.keys()));
    assert!(left.values().all(|it| it.created_by == erased.pseudonym));
}

async fn found(world: &World, program: ProgramId, options: RunOptions) -> Vec<ProposedPair> {
    solved(world, program, options).await.pairs.iter().map(|it| it.pair).collect()
}

/// A pair that one of the two has declined is found by no later run of the program, with the reason that stands for
/// everything that is not told; the other way round, elsewhere and by an admin's hand it may still be.
pub async fn a_declined_pair_is_found_by_no_later_run(h: Harness) {
    let world = World::new(h.store.clone());
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let pair = ProposedPair { mentor, mentee };
    assert_eq!(found(&world, program, RunOptions::new()).await, [pair]);
    let (s, offer) = (&world.service, world.offer(mentor, mentee).await);
    s.decline(&world.person(1), offer, None).await.unwrap();
    let outcome = solved(&world, program, RunOptions::new()).await;
    assert!(outcome.pairs.is_empty() && outcome.optimal);
    let why: Vec<_> = outcome.unmatched.iter().map(|it| (it.role, it.why)).collect();
    assert_eq!(why, [Role::Mentee, Role::Mentor].map(|role| (role, WhyUnmatched::Excluded)));
    // An admin may ask again.
    assert_eq!(found(&world, program, RunOptions::new().pin(pair)).await, [pair]);
    // The other way round nobody has said no.
    let as_mentor = world.enroll(program, 2, Role::Mentor).await;
    let as_mentee = world.enroll(program, 1, Role::Mentee).await;
    let round = ProposedPair { mentor: as_mentor, mentee: as_mentee };
    assert_eq!(found(&world, program, RunOptions::new()).await, [round]);
    let elsewhere = world.program(|_| {}).await;
    let mentor = world.enroll(elsewhere, 1, Role::Mentor).await;
    let mentee = world.enroll(elsewhere, 2, Role::Mentee).await;
    assert_eq!(
        found(&world, elsewhere, RunOptions::new()).await,
        [ProposedPair { mentor, mentee }]
    );
    // A block is no less of one for having been declined: the pin is refused in the one word for it.
    s.block(&world.person(2), &who(1)).await.unwrap();
    let run = s.prepare_run(&world.admin(), program, RunOptions::new().pin(pair)).await.unwrap();
    assert_eq!(run.infeasible_pins().len(), 1);
}
