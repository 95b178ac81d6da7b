//! How a program stands, in numbers (row 65): exact for the platform, without small counts for admins, and
//! without a word of what an admin is not to know (D9, D23, D31).

use std::sync::Arc;

use chrono::{Datelike as _, TimeDelta};

use super::{
    Harness,
    contract::{ground, set_of, store},
    make::{self, after, id, slug, tenant, who},
    world::World,
};
use crate::{
    base::{
        id::{PairId, ProgramId},
        people::PersonPair,
    },
    change::Change,
    decide::{journal::CheckInInput, report::ReportAsk},
    model::{
        enrollment::Role,
        guide::StepState,
        journal::CheckInKind,
        pair::{EndKind, EndedBy, PairEnd, PairState},
        relation::Relation,
    },
    policy::actor::Actor,
    service::{Mentorship, PageAsk},
    statistics::{Count, CountWidth, Progress, ScoreGiven, Statistics, Tally},
    store::{Store, TallyAsk},
};

fn ask(program: ProgramId, admin: Option<u64>) -> TallyAsk {
    let answered = make::start()..make::start() + TimeDelta::days(365);
    TallyAsk { tenant: tenant(), program, admin: admin.map(who), answered }
}

async fn tally(store: &dyn Store, program: ProgramId, admin: Option<u64>) -> Tally {
    store.unit().await.unwrap().tally(&ask(program, admin)).await.unwrap()
}

/// The range that an admin is told of a number.
fn range(number: u64) -> Count {
    Count::within(number, CountWidth::default())
}

fn exactly(number: u64) -> Count {
    Count::exactly(number)
}

async fn read(world: &World, actor: &Actor, program: ProgramId) -> Statistics {
    world.service.statistics(actor, program).await.unwrap()
}

fn scored(number: u16, score: Option<u8>) -> CheckInInput {
    let kind = CheckInKind::Week { number };
    CheckInInput { kind, score, note: None, note_shared: false, testimonial: None }
}

/// Three pairs of mentors 1 to 3 and mentees 11 to 13, one under way, one that ended for a reason that is
/// shown and one for a reason that is not; mentee 14 waits, 15 has paused, and mentor 4 has withdrawn.
async fn small(world: &World) -> (ProgramId, Vec<PairId>) {
    let (s, program) = (&world.service, world.program(|_| {}).await);
    let mut pairs = Vec::new();
    for n in 1..=3 {
        pairs.push(world.pair(program, n, n + 10).await);
    }
    for n in [1, 11] {
        s.finish_step(&world.person(n), pairs[0], &slug("hello")).await.unwrap();
    }
    s.end_pair(&world.person(2), pairs[1], EndKind::NoTime, None, true).await.unwrap();
    s.end_pair(&world.person(13), pairs[2], EndKind::NotAFit, None, false).await.unwrap();
    world.enroll(program, 14, Role::Mentee).await;
    let paused = world.enroll(program, 15, Role::Mentee).await;
    s.pause_enrollment(&world.person(15), paused, None).await.unwrap();
    let left = world.enroll(program, 4, Role::Mentor).await;
    s.withdraw_enrollment(&world.person(4), left).await.unwrap();
    (program, pairs)
}

/// Row 65: staff reads every number as it is.
pub async fn row_65_staff_reads_every_number(h: Harness) {
    let world = World::new(h.store);
    let (program, pairs) = small(&world).await;
    world.service.check_in(&world.person(1), pairs[0], scored(1, Some(4))).await.unwrap();
    let it = read(&world, &world.staff(), program).await;
    assert_eq!(it.program, program);
    let (mentors, mentees) = (&it.enrollments[&Role::Mentor], &it.enrollments[&Role::Mentee]);
    assert_eq!((mentors["active"], mentors["withdrawn"]), (exactly(3), exactly(1)));
    assert_eq!((mentees["active"], mentees["paused"]), (exactly(4), exactly(1)));
    // 12, 13 and 14 have no live pair.
    assert_eq!(it.waiting, exactly(3));
    assert_eq!((it.proposals["accepted"], it.proposals["draft"]), (exactly(3), exactly(0)));
    assert_eq!((it.pairs["active"], it.pairs["ended"]), (exactly(1), exactly(2)));
    assert_eq!((it.ends["no_time"], it.ends["not_shown"]), (exactly(1), exactly(1)));
    assert_eq!(it.ends["not_a_fit"], exactly(0), "a reason that its author did not share");
    let progress = |band| it.progress[&band];
    assert_eq!((progress(Progress::UnderHalf), progress(Progress::All)), (exactly(1), exactly(0)));
    assert_eq!(it.weekly[&ScoreGiven::Four], exactly(1));
    assert!(it.closing.values().all(|count| *count == exactly(0)));
}

/// Row 65: of the same an admin is told ranges alone, and the same ones of nothing as of four.
pub async fn row_65_an_admin_is_told_ranges(h: Harness) {
    let world = World::new(h.store);
    let (program, _) = small(&world).await;
    let few = read(&world, &world.admin(), program).await;
    for n in 21..=29 {
        world.enroll(program, n, Role::Mentee).await;
    }
    let more = read(&world, &world.admin(), program).await;
    let empty = world.program(|_| {}).await;
    let mut empty = read(&world, &world.admin(), empty).await;
    empty.program = program;
    assert_eq!(few, empty, "three pairs and five mentees in four states show nothing");
    // Thirteen active mentees, of whom twelve wait.
    let active = more.enrollments[&Role::Mentee]["active"];
    assert_eq!((active, more.waiting), (range(13), range(12)));
    assert_eq!((active.from, active.to, active.exact()), (10, 14, None));
    assert_eq!(more.pairs, few.pairs);
    // What would be the sum of others is not told at all.
    assert!(!more.proposals.contains_key("accepted") && !more.ends.contains_key("not_shown"));
}

/// Row 65: what people have answered an admin is told of a month that is over, which nothing done later changes;
/// staff is told all of it.
pub async fn row_65_admins_are_told_answers_of_the_last_month(h: Harness) {
    let world = World::new(h.store);
    let (s, program) = (&world.service, world.program(|_| {}).await);
    let mut pairs = Vec::new();
    for n in 1..=6 {
        pairs.push((n, world.pair(program, n, n + 10).await));
    }
    for (n, pair) in &pairs {
        s.check_in(&world.person(*n), *pair, scored(1, Some(2))).await.unwrap();
    }
    let answers = async |actor: Actor| {
        let it = read(&world, &actor, program).await;
        assert!(it.answered.start < it.answered.end);
        [it.weekly[&ScoreGiven::Two], it.weekly[&ScoreGiven::Five]]
    };
    assert_eq!(answers(world.admin()).await, [range(0), range(0)]);
    assert_eq!(answers(world.staff()).await, [exactly(6), exactly(0)]);
    let begun = world.now();
    while world.now().month() == begun.month() {
        world.days(1);
    }
    assert_eq!(answers(world.admin()).await, [range(6), range(0)]);
    for (n, pair) in &pairs {
        s.check_in(&world.person(*n), *pair, scored(3, Some(5))).await.unwrap();
    }
    assert_eq!(answers(world.admin()).await, [range(6), range(0)]);
    assert_eq!(answers(world.staff()).await, [exactly(0), exactly(6)]);
}

/// D2, D3, I10: a pair that a block has ended counts as any other of which no reason is shown, for staff too.
pub async fn i10_numbers_tell_no_block_from_another_end(h: Harness) {
    let mut read_by = Vec::new();
    for blocks in [false, true] {
        let name = format!("blocks-{blocks}");
        let world = World::of(h.store.clone(), name.as_str().try_into().unwrap());
        let program = world.program(|_| {}).await;
        for n in 1..=6 {
            let pair = world.pair(program, n, n + 10).await;
            if blocks {
                world.service.block(&world.person(n), &who(n + 10)).await.unwrap();
            } else {
                let end = EndKind::NotAFit;
                world.service.end_pair(&world.person(n), pair, end, None, false).await.unwrap();
            }
        }
        // A report beside it counts nowhere.
        if blocks {
            let report = ReportAsk::new(who(11), slug("spam"));
            world.service.file_report(&world.person(1), program, report).await.unwrap();
        }
        let admin = read(&world, &world.admin(), program).await;
        assert_eq!(admin.pairs["ended"], range(6));
        assert!(admin.ends.values().all(|it| *it == range(0)));
        let staff = read(&world, &world.staff(), program).await;
        assert_eq!(staff.ends["not_shown"], exactly(6));
        read_by.push([admin, staff]);
    }
    for it in read_by.iter_mut().flatten() {
        it.program = id(1);
    }
    assert_eq!(read_by[0], read_by[1]);
}

/// D9: whom an admin does not meet in the lists of a program counts nowhere in their numbers.
pub async fn d9_an_admin_counts_whom_they_see(h: Harness) {
    let world = World::new(h.store);
    let (s, program) = (&world.service, world.program(|_| {}).await);
    let mut first = None;
    for n in 1..=6 {
        let pair = world.pair(program, n, n + 10).await;
        first = first.or(Some(pair));
        s.check_in(&world.person(n), pair, scored(1, Some(3))).await.unwrap();
    }
    let whole = tally(&*world.store, program, None).await;
    assert_eq!(tally(&*world.store, program, Some(900)).await, whole);
    // Mentor 1 blocks the admin, and the admin mentee 12: both ways hide.
    s.block(&world.person(1), &who(900)).await.unwrap();
    s.block(&world.person(900), &who(12)).await.unwrap();
    let page = || PageAsk { limit: 100, after: None };
    let it = tally(&*world.store, program, Some(900)).await;
    let listed = s.enrollments(&world.admin(), program, None, None, page()).await.unwrap();
    assert_eq!(it.enrollments.values().sum::<u64>(), listed.items.len() as u64);
    assert_eq!(listed.items.len(), 10);
    let listed = s.pairs(&world.admin(), program, None, page()).await.unwrap();
    assert_eq!(it.pairs.values().sum::<u64>(), listed.items.len() as u64);
    assert_eq!(listed.items.len(), 4);
    let listed = s.proposals(&world.admin(), program, None, page()).await.unwrap();
    assert_eq!(it.proposals.values().sum::<u64>(), listed.items.len() as u64);
    assert_eq!(it.weekly, [(Some(3), 4)].into());
    // A mentee whose mentor does not exist for the admin waits, as far as the admin sees.
    let paired = |paired| (Role::Mentee, slug("active"), paired);
    assert_eq!((it.enrollments[&paired(true)], it.enrollments[&paired(false)]), (4, 1));
    // For everybody else nothing has changed.
    assert_eq!(tally(&*world.store, program, None).await, whole);
    assert_eq!(tally(&*world.store, program, Some(901)).await, whole);
    let live = async |actor: Actor| {
        let it = read(&world, &actor, program).await;
        it.progress[&Progress::UnderHalf]
    };
    assert_eq!(live(world.other_admin()).await, range(6));
    assert_eq!(live(world.admin()).await, range(4));
    assert_eq!(live(world.staff()).await, exactly(6));
}

/// Row 65, D9: how many wish not to be matched with somebody is told in ranges, to admins alone, as it was when the
/// month began; nothing of the admin's own counts, and nothing around whom a block hides.
pub async fn row_65_admins_are_told_how_many_wishes_keep_apart(h: Harness) {
    let world = World::new(h.store);
    let (s, program) = (&world.service, world.program(|_| {}).await);
    let next_month = || {
        let begun = world.now().month();
        while world.now().month() == begun {
            world.days(1);
        }
    };
    let avoid = async |by: u64, about: u64, wish: bool| {
        s.avoid(&world.person(by), &who(about), wish).await.unwrap();
    };
    let told = async |actor: Actor| read(&world, &actor, program).await.avoids;
    let count = async |admin: Option<u64>| {
        let ask = TallyAsk { answered: make::start()..world.now(), ..ask(program, admin) };
        world.store.unit().await.unwrap().tally(&ask).await.unwrap().avoids
    };
    // 2 takes part twice, and so does the admin; 30 does not.
    for (n, role) in (1..=6).map(|n| (n, Role::Mentor)).chain([(2, Role::Mentee)]) {
        world.enroll(program, n, role).await;
    }
    world.enroll(program, 900, Role::Mentee).await;
    for (by, about) in [(1, 2), (2, 1), (2, 3), (3, 4), (2, 30), (30, 2), (900, 1), (1, 900)] {
        avoid(by, about, true).await;
    }
    // What is wished for, and what is taken back, keeps nobody apart.
    s.wish_for(&world.person(4), &who(5), true).await.unwrap();
    avoid(5, 6, true).await;
    avoid(5, 6, false).await;
    world.days(1);
    assert_eq!(count(Some(901)).await, 6, "the other admin's wishes are as anybody's");
    assert_eq!((count(Some(900)).await, count(None).await), (4, 6));
    assert_eq!(told(world.other_admin()).await, Some(range(0)), "it was said in this month");
    next_month();
    assert_eq!(told(world.other_admin()).await, Some(range(6)));
    assert_eq!(told(world.admin()).await, Some(range(4)));
    assert_eq!(told(world.staff()).await, None);
    // What is said now, or by somebody who is here only now, counts from the next month on.
    avoid(6, 1, true).await;
    world.enroll(program, 30, Role::Mentee).await;
    assert_eq!(told(world.admin()).await, Some(range(4)));
    next_month();
    assert_eq!(told(world.admin()).await, Some(range(7)));
    assert_eq!(count(Some(900)).await, 7);
    // Whoever has left is counted as before; whom a block hides from an admin is not, for that admin.
    let places = s.my_enrollments(&world.person(30), PageAsk::default()).await.unwrap().items;
    s.withdraw_enrollment(&world.person(30), places[0].id).await.unwrap();
    assert_eq!(count(Some(900)).await, 7);
    s.block(&world.person(2), &who(900)).await.unwrap();
    s.block(&world.person(900), &who(6)).await.unwrap();
    assert_eq!((count(Some(900)).await, count(Some(901)).await), (1, 9));
    assert_eq!(told(world.admin()).await, Some(range(1)));
}

/// D31: of what was staged about themselves an admin counts nothing until it was accepted.
pub async fn d31_an_admin_counts_no_draft_of_their_own(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 900, Role::Mentor).await;
    let mentee = world.enroll(program, 11, Role::Mentee).await;
    let s = &world.service;
    let staged = s.stage_proposal(&world.other_admin(), mentor, mentee, None).await.unwrap();
    let proposals = async |admin| {
        let it = tally(&*world.store, program, Some(admin)).await;
        it.proposals
            .into_iter()
            .map(|(state, count)| format!("{count} {state}"))
            .collect::<Vec<_>>()
    };
    assert_eq!(proposals(900).await, [""; 0]);
    assert_eq!(proposals(901).await, ["1 draft"]);
    s.publish_proposal(&world.other_admin(), staged.proposal).await.unwrap();
    world.accept(staged.proposal, 900, 11).await;
    assert_eq!(proposals(900).await, ["1 accepted"]);
}

/// D23, row 53: that a pair is frozen, and so that a case may hold it, staff alone reads.
pub async fn d23_a_frozen_pair_counts_as_paused(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    for n in 1..=5 {
        let pair = world.pair(program, n, n + 10).await;
        world.service.freeze_pair(&world.staff(), pair).await.unwrap();
    }
    let it = read(&world, &world.admin(), program).await;
    assert_eq!(it.pairs["paused"], range(5));
    assert!(!it.pairs.contains_key("frozen"));
    let it = read(&world, &world.staff(), program).await;
    assert_eq!((it.pairs["paused"], it.pairs["frozen"]), (exactly(0), exactly(5)));
}

/// Row 65: of each side of a pair the latest answer of a kind within the time counts, and people who answer the
/// same in many pairs count once.
pub async fn row_65_of_each_side_the_latest_answer_counts(h: Harness) {
    store(&*h.store, ground()).await;
    let mut changes = Vec::new();
    for n in 0..5 {
        let mut pair = make::pair(401 + n, 1, (11, 1), (14, 50 + n));
        pair.state = PairState::Completed { at: after(9), by: None };
        pair.due_at = None;
        changes.push(Change::Pair(pair));
        for (number, score) in [(1, Some(1)), (10, Some(5)), (2, None)] {
            let kind = CheckInKind::Week { number };
            let mut it = make::check_in(id(401 + n), Role::Mentor, kind, after(1));
            it.score = score;
            changes.push(Change::CheckIn(it));
        }
    }
    let kind = CheckInKind::Week { number: 3 };
    let mut skipped = make::check_in(id(401), Role::Mentee, kind, after(1));
    skipped.score = None;
    changes.push(Change::CheckIn(skipped));
    let closing = make::check_in(id(402), Role::Mentee, CheckInKind::Closing, after(1));
    changes.push(Change::CheckIn(closing));
    store(&*h.store, set_of(changes)).await;
    let it = tally(&*h.store, id(1), None).await;
    // The mentor of all five, and the mentee of one.
    assert_eq!(it.weekly, [(Some(5), 1), (None, 1)].into());
    assert_eq!(it.closing, [(Some(4), 1)].into());
    let mut ask = ask(id(1), None);
    ask.answered.end = after(1);
    let before = h.store.unit().await.unwrap().tally(&ask).await.unwrap();
    assert_eq!((before.weekly.len(), before.closing.len()), (0, 0), "the end is not in it");
    ask.answered = after(1)..after(2);
    let within = h.store.unit().await.unwrap().tally(&ask).await.unwrap();
    assert_eq!((within.weekly, within.closing), (it.weekly, it.closing));
}

/// Row 65: pairs by how they ended, as far as an admin is shown, and by how far they have come.
pub async fn row_65_pairs_count_by_shown_reason_and_progress(h: Harness) {
    store(&*h.store, ground()).await;
    let mut changes = Vec::new();
    let (mut expected, mut n) = (std::collections::BTreeMap::new(), 500);
    let all = [
        EndedBy::Side(Role::Mentor),
        EndedBy::Side(Role::Mentee),
        EndedBy::Admin,
        EndedBy::Platform,
        EndedBy::Clock,
    ];
    for kind in EndKind::ALL {
        for by in all {
            for shared in [false, true] {
                n += 1;
                let mut pair = make::pair(n, 1, (11, 1), (14, 4));
                let end = PairEnd { kind: *kind, shared, note: None, by };
                *expected.entry(end.shown_to_admin()).or_insert(0_u64) += 1;
                pair.state = PairState::Ended { at: after(9), end };
                pair.due_at = None;
                changes.push(Change::Pair(pair));
            }
        }
    }
    // Of four steps one, two or all are over, done or left out.
    for (over, band) in [(1, Progress::UnderHalf), (2, Progress::HalfOrMore), (4, Progress::All)] {
        let mut pair = make::pair(700 + over, 1, (11, 1), (14, 4));
        pair.state = PairState::Completed { at: after(9), by: None };
        pair.due_at = None;
        changes.push(Change::Pair(pair));
        for position in 0..4 {
            let mut step = make::step(id(700 + over), position);
            let at = after(5);
            if u64::from(position) < over {
                step.state = match position {
                    0 => StepState::Skipped { at, by: Role::Mentee },
                    _ => StepState::Done { at },
                };
            } else if position == 3 {
                step.state = StepState::Open { since: at };
            }
            changes.push(Change::Step(step));
        }
        assert_eq!(Progress::of(over, 4), band);
    }
    store(&*h.store, set_of(changes)).await;
    let it = tally(&*h.store, id(1), None).await;
    let mut ended = std::collections::BTreeMap::new();
    let mut bands = std::collections::BTreeMap::new();
    for (similar, count) in &it.pairs {
        if similar.state.as_str() == "ended" {
            assert_eq!(similar.progress, Progress::UnderHalf, "a pair without steps");
            *ended.entry(similar.reason).or_insert(0) += count;
        } else {
            assert_eq!((similar.state.as_str(), similar.reason), ("completed", None));
            *bands.entry(similar.progress).or_insert(0) += count;
        }
    }
    assert_eq!(ended, expected);
    assert_eq!(bands, Progress::ALL.iter().map(|band| (*band, 1)).collect());
}

/// A tally is of one program of one tenant, and keys of people are compared byte for byte.
pub async fn a_tally_stays_in_its_program(h: Harness) {
    store(&*h.store, ground()).await;
    let it = tally(&*h.store, id(1), None).await;
    assert_eq!(it.enrollments.values().sum::<u64>(), 6);
    let active = |role| (role, slug("active"), false);
    assert_eq!(it.enrollments, [(active(Role::Mentor), 3), (active(Role::Mentee), 3)].into());
    assert_eq!(tally(&*h.store, id(42), None).await, Tally::default());
    let ask = TallyAsk { tenant: make::elsewhere(), ..ask(id(1), None) };
    let elsewhere = h.store.unit().await.unwrap().tally(&ask).await.unwrap();
    assert_eq!(elsewhere, Tally::default());
    // Whoever blocks `P001` is nothing to `p001`.
    let other = "P001".try_into().unwrap();
    let mut relation = Relation::new(PersonPair::new(who(2), other).unwrap());
    relation.lo.blocked_at = Some(after(1));
    relation.hi.blocked_at = Some(after(1));
    store(&*h.store, set_of([Change::Relation(relation)])).await;
    assert_eq!(tally(&*h.store, id(1), Some(1)).await, it);
}

/// A host may ask for wider ranges than of five, and never for narrower ones.
pub async fn row_65_a_host_widens_the_ranges(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    for n in 1..=6 {
        world.enroll(program, n, Role::Mentor).await;
    }
    for (width, told) in [(0, (5, 9)), (6, (6, 11)), (7, (0, 6))] {
        let service = Mentorship::builder(Arc::clone(&world.store), world.host.clone())
            .clock(world.clock.clone())
            .count_width(width)
            .build();
        let it = service.statistics(&world.admin(), program).await.unwrap();
        let active = it.enrollments[&Role::Mentor]["active"];
        assert_eq!((active.from, active.to), told, "{width}");
    }
}
