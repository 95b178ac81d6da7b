//! Around whom there are many blocks, reports and quick ends (row 58): counts, for the platform alone.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{
    Harness,
    contract::{ground, set_of, store},
    listings::all_after,
    make::{self, after, elsewhere, slug, tenant, two, who},
    world::World,
};
use crate::{
    base::{
        id::ProgramId,
        text::{Body, Note, Title},
        time::Timestamp,
    },
    change::Change,
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        pair::{EndKind, EndedBy, PairEnd, PairState},
        relation::Relation,
        report::{
            AppealDecision, CaseState, Decision, Ground, Outcome, Reasons, Ruling, Target, Verdict,
        },
        signal::{QUICK_END_DAYS, Signal, SignalFloor},
    },
    policy::actor::Actor,
    service::PageAsk,
    store::{Listed, Listing, PAGE_MAX, Store, ask::CaseReader},
};

/// Whoever has anything around them.
const ANY: SignalFloor = SignalFloor { blocks: 1, reporters: 1, quick_ends: 1 };

async fn listed(store: &dyn Store, what: &Listing, limit: u16) -> Vec<Signal> {
    let items = all_after(store, &tenant(), what, None, limit).await;
    let signals = items.into_iter().map(|it| match it {
        Listed::Signal(it) => *it,
        other => panic!("{other:?}"),
    });
    signals.collect()
}

/// What somebody reads who has nothing to do with anybody.
fn signals_since(since: Timestamp, floor: SignalFloor) -> Listing {
    let (person, was, apart) = (who(991), BTreeSet::new(), BTreeSet::new());
    Listing::Signals { since, floor, reader: CaseReader { person, was, apart } }
}

async fn read(world: &World, staff: &Actor) -> Vec<Signal> {
    world.service.signals(staff, world.first_page()).await.unwrap().items
}

fn signal(n: u64, change: impl FnOnce(&mut Signal)) -> Signal {
    let mut signal = Signal::new(who(n));
    change(&mut signal);
    signal
}

/// Row 58: people who block somebody now count once each; from three on it shows, and a block that is lifted
/// or older than the window does not count.
pub async fn row_58_blocks_count_while_they_stand(h: Harness) {
    let world = World::new(h.store);
    let (s, staff) = (&world.service, world.staff());
    for n in [11, 12] {
        s.block(&world.person(n), &who(1)).await.unwrap();
        s.block(&world.person(n), &who(500)).await.unwrap();
    }
    s.block(&world.person(12), &who(1)).await.unwrap();
    assert_eq!(read(&world, &staff).await, []);
    s.block(&world.person(0), &who(1)).await.unwrap();
    assert_eq!(read(&world, &staff).await, [signal(1, |it| it.blocks = 3)]);
    s.lift_block(&world.person(11), &who(1)).await.unwrap();
    assert_eq!(read(&world, &staff).await, []);
    s.block(&world.person(11), &who(1)).await.unwrap();
    // Whoever blocks many has nothing around them by that.
    for n in 2..=6 {
        s.block(&world.person(11), &who(n)).await.unwrap();
    }
    world.days(180);
    assert_eq!(read(&world, &staff).await, [signal(1, |it| it.blocks = 3)]);
    world.days(1);
    assert_eq!(read(&world, &staff).await, []);
}

async fn report(
    world: &World,
    program: ProgramId,
    by: u64,
    report: ReportAsk,
) -> crate::base::id::CaseId {
    let filed = world.service.file_report(&world.person(by), program, report).await;
    filed.unwrap().case
}

fn verdict(outcome: Outcome) -> Verdict {
    let reasons = Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3").unwrap(),
        facts: Note::new("As reported.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("You may appeal.").unwrap(),
    };
    Verdict { outcome, measures: Vec::new(), reasons }
}

/// Row 58, D15: people who have reported somebody count once each, by whether their report is open or was
/// decided; what was taken back, or found to be without ground, does not count.
pub async fn row_58_reporters_count_once(h: Harness) {
    let world = World::new(h.store);
    let (s, staff) = (&world.service, world.staff());
    let program = world.program(|_| {}).await;
    world.enroll(program, 1, Role::Mentor).await;
    for n in 11..=15 {
        world.enroll(program, n, Role::Mentee).await;
    }
    let of_1 = || ReportAsk::new(who(1), slug("spam"));
    let cases = [
        report(&world, program, 11, of_1()).await,
        report(&world, program, 12, of_1()).await,
        report(&world, program, 13, of_1()).await,
        report(&world, program, 14, of_1()).await,
    ];
    assert_eq!(
        read(&world, &staff).await,
        [signal(1, |it| (it.open_reports, it.reporters) = (4, 4))]
    );
    let admin = world.other_admin();
    for (case, outcome) in [(cases[0], Outcome::NoAction), (cases[3], Outcome::Unfounded)] {
        world.work(&admin, case).await;
        s.decide_case(&admin, case, verdict(outcome)).await.unwrap();
    }
    // 11 reports again what is decided: one reporter, in both.
    report(&world, program, 11, of_1()).await;
    let expected = signal(1, |it| {
        (it.open_reports, it.decided_reports, it.reporters) = (3, 1, 3);
    });
    assert_eq!(read(&world, &staff).await, [expected]);
    s.withdraw_report(&world.person(12), cases[1]).await.unwrap();
    assert_eq!(read(&world, &staff).await, []);
    report(&world, program, 15, of_1()).await;
    let expected = signal(1, |it| {
        (it.open_reports, it.decided_reports, it.reporters) = (3, 1, 3);
    });
    assert_eq!(read(&world, &staff).await, [expected]);
}

/// The kinds of end that count, written a second time.
const TELLING: [EndKind; 8] = [
    EndKind::NotAFit,
    EndKind::NoTime,
    EndKind::Unresponsive,
    EndKind::Schedule,
    EndKind::Language,
    EndKind::Personal,
    EndKind::Other,
    EndKind::Blocked,
];

/// Row 58: a pair counts for the one whom the other left, soon and for a reason that may have to do with them.
pub async fn row_58_a_quick_end_counts_for_the_other(h: Harness) {
    store(&*h.store, ground()).await;
    let (mut changes, mut n) = (Vec::new(), 500);
    let since = after(60);
    let mut ended = |by, kind, length: TimeDelta, at| {
        n += 1;
        let mut pair = make::pair(n, 1, (11, 1), (14, 4));
        pair.started_at = at - length;
        let end = PairEnd { kind, shared: false, note: None, by };
        pair.state = PairState::Ended { at, end };
        pair.due_at = None;
        changes.push(Change::Pair(pair));
    };
    let soon = TimeDelta::days(QUICK_END_DAYS.into());
    for kind in EndKind::ALL {
        for by in [EndedBy::Side(Role::Mentor), EndedBy::Admin, EndedBy::Platform, EndedBy::Clock] {
            ended(by, *kind, TimeDelta::days(2), after(99));
        }
    }
    let by_mentee = EndedBy::Side(Role::Mentee);
    ended(by_mentee, EndKind::NotAFit, soon, since);
    ended(by_mentee, EndKind::NotAFit, TimeDelta::zero(), since);
    ended(by_mentee, EndKind::NotAFit, soon + TimeDelta::microseconds(1), after(99));
    ended(by_mentee, EndKind::NotAFit, soon, since - TimeDelta::microseconds(1));
    let mut completed = make::pair(900, 1, (11, 1), (14, 4));
    completed.state = PairState::Completed { at: after(99), by: Some(Role::Mentor) };
    completed.due_at = None;
    store(&*h.store, set_of(changes)).await;
    store(&*h.store, set_of([Change::Pair(completed)])).await;
    let what = signals_since(since, ANY);
    let expected = [
        signal(1, |it| it.quick_ends = 2),
        signal(4, |it| it.quick_ends = TELLING.len().try_into().unwrap()),
    ];
    assert_eq!(listed(&*h.store, &what, PAGE_MAX).await, expected);
    let floor = SignalFloor { blocks: 1, reporters: 1, quick_ends: 3 };
    let what = signals_since(since, floor);
    assert_eq!(listed(&*h.store, &what, PAGE_MAX).await, expected[1..]);
}

/// Pages of every size give the same, by key, and those of another tenant nothing.
pub async fn signals_page(h: Harness) {
    store(&*h.store, ground()).await;
    let mut changes = Vec::new();
    for n in 20..=28 {
        let mut relation = Relation::new(two(10, n));
        // Each way: of the two the smaller key and the larger one.
        if n % 2 == 0 {
            relation.lo.blocked_at = Some(after(1));
        } else {
            relation.hi.blocked_at = Some(after(1));
        }
        changes.push(Change::Relation(relation));
        changes.push(Change::Case(Box::new(make::case(n, 1, 30 + n, 60 - n))));
    }
    // Closed: one that was decided, one that was taken back, and one that nobody has reported.
    for (n, outcome) in [(70, Some(Outcome::NoAction)), (71, None), (72, Some(Outcome::Actioned))] {
        let mut case = make::case(n, 1, 59, n);
        case.state = CaseState::Closed { at: after(9) };
        case.decision = outcome.map(|outcome| Decision {
            outcome,
            measures: Vec::new(),
            reasons: None,
            duplicate_of: None,
            by: who(901),
            at: after(8),
        });
        if n == 72 {
            case.reporter = None;
        }
        changes.push(Change::Case(Box::new(case)));
    }
    store(&*h.store, set_of(changes)).await;
    let what = signals_since(after(0), ANY);
    let whole = listed(&*h.store, &what, PAGE_MAX).await;
    let mut expected: Vec<Signal> =
        (20..=28).filter(|n| n % 2 == 0).map(|n| signal(n, |it| it.blocks = 1)).collect();
    expected.push(signal(10, |it| it.blocks = 4));
    expected.extend((32..=40).map(|n| signal(n, |it| (it.open_reports, it.reporters) = (1, 1))));
    expected.push(signal(70, |it| (it.decided_reports, it.reporters) = (1, 1)));
    expected.sort_by(|a, b| a.person.cmp(&b.person));
    assert_eq!(whole, expected);
    for limit in [1, 2, 3, 5] {
        assert_eq!(listed(&*h.store, &what, limit).await, whole, "pages of {limit}");
    }
    assert_eq!(all_after(&*h.store, &elsewhere(), &what, None, 9).await, []);
}

/// Row 58, D12: whoever asks reads nothing of themselves nor of a partner, and cannot tell that from pages; a
/// colleague does.
pub async fn row_58_nobody_reads_of_themselves_or_a_partner(h: Harness) {
    let world = World::new(h.store);
    let s = &world.service;
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 980, 990).await;
    for of in [1, 980, 990, 995] {
        for n in 11..=13 {
            s.block(&world.person(n), &who(of)).await.unwrap();
        }
    }
    let of = |n| signal(n, |it| it.blocks = 3);
    let colleague = Actor::staff(world.tenant.clone(), who(991));
    assert_eq!(read(&world, &colleague).await, [of(1), of(980), of(990), of(995)]);
    assert_eq!(read(&world, &world.staff()).await, [of(1), of(995)]);
    let first = s.signals(&world.staff(), PageAsk { limit: 1, after: None }).await.unwrap();
    assert_eq!(first.items, [of(1)]);
    assert_eq!(first.next.as_ref().unwrap().id, who(1).as_str(), "the place of what it showed");
    let second = s.signals(&world.staff(), PageAsk { limit: 1, after: first.next }).await.unwrap();
    assert_eq!((second.items, second.next), (vec![of(995)], None));
    // For a year after the pair as well.
    s.end_pair(&world.person(980), pair, EndKind::GoalsMetEarly, None, false).await.unwrap();
    assert_eq!(read(&world, &world.staff()).await, [of(1), of(995)]);
}

/// Row 58, D12: a report of which there is nothing for whoever asks does not count for them: their partner's, their own,
/// and one that their own was found to be the same as. For a colleague each does.
pub async fn row_58_a_report_from_which_staff_is_recused_does_not_count(h: Harness) {
    let world = World::new(h.store);
    let s = &world.service;
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 980, 990).await;
    let of = |n| ReportAsk::new(who(n), slug("spam"));
    for subject in [1, 2, 3] {
        for n in 11..=13 {
            report(&world, program, n, of(subject)).await;
        }
    }
    let three = |n| signal(n, |it| (it.open_reports, it.reporters) = (3, 3));
    let four = |n| signal(n, |it| (it.open_reports, it.reporters) = (4, 4));
    let colleague = Actor::staff(world.tenant.clone(), who(991));
    assert_eq!(read(&world, &world.staff()).await, [three(1), three(2), three(3)]);
    // A partner's, and one's own.
    let by_partner = report(&world, program, 980, of(1)).await;
    report(&world, program, 990, of(2)).await;
    assert_eq!(read(&world, &colleague).await, [four(1), four(2), three(3)]);
    assert_eq!(read(&world, &world.staff()).await, [three(1), three(2), three(3)]);
    // Without it there are too few for them to show, whatever else there is.
    for n in [11, 12] {
        s.block(&world.person(n), &who(4)).await.unwrap();
        report(&world, program, n, of(4)).await;
    }
    report(&world, program, 980, of(4)).await;
    assert_eq!(read(&world, &colleague).await, [four(1), four(2), three(3), three(4)]);
    assert_eq!(read(&world, &world.staff()).await, [three(1), three(2), three(3)]);
    // Their own was found to be the same as somebody else's, who does not count for them from then on.
    let admin = world.other_admin();
    let own = report(&world, program, 990, of(3)).await;
    let other = report(&world, program, 14, of(3)).await;
    world.work(&admin, own).await;
    world.work(&admin, other).await;
    assert_eq!(read(&world, &world.staff()).await[2], four(3));
    s.merge_case(&admin, own, other).await.unwrap();
    assert_eq!(read(&world, &world.staff()).await[2], three(3));
    assert_eq!(read(&world, &colleague).await[2], four(3));
    // For a year after the pair as well, and then no more.
    s.end_pair(&world.person(980), pair, EndKind::GoalsMetEarly, None, false).await.unwrap();
    assert_eq!(read(&world, &world.staff()).await[0], three(1));
    assert!(s.withdraw_report(&world.person(980), by_partner).await.unwrap());
    assert_eq!(read(&world, &colleague).await[0], three(1));
}

/// Row 58: what is the same as another case does not count, nor what was found without ground or was reversed on
/// appeal.
pub async fn row_58_reports_count_by_what_was_decided_last(h: Harness) {
    store(&*h.store, ground()).await;
    let decided = |outcome| Decision {
        outcome,
        measures: Vec::new(),
        reasons: None,
        duplicate_of: None,
        by: who(901),
        at: after(8),
    };
    let mut expected = 0;
    let mut changes = Vec::new();
    for (n, outcome) in (200..).step_by(10).zip(Outcome::ALL) {
        for (n, ruling) in
            (n..).zip([None, Some(Ruling::Upheld), Some(Ruling::Changed), Some(Ruling::Reversed)])
        {
            let mut case = make::case(n, 1, n, 50);
            case.state = CaseState::Closed { at: after(9) };
            case.decision = Some(decided(*outcome));
            case.appeal_decision = ruling.map(|ruling| AppealDecision {
                ruling,
                measures: Vec::new(),
                reasons: None,
                by: who(902),
                at: after(9),
            });
            let counts = matches!(outcome, Outcome::Actioned | Outcome::NoAction)
                && ruling != Some(Ruling::Reversed);
            expected += u32::from(counts);
            changes.push(Change::Case(Box::new(case)));
        }
    }
    store(&*h.store, set_of(changes)).await;
    let what = signals_since(after(0), ANY);
    let found = listed(&*h.store, &what, PAGE_MAX).await;
    assert_eq!(found, [signal(50, |it| (it.decided_reports, it.reporters) = (expected, expected))]);
}

/// Row 58, row 60: that staff read it is on record where the platform reads it, with whom it showed; admins
/// are refused, and find nothing of it in the log of their program.
pub async fn row_58_reading_signals_is_on_record(h: Harness) {
    let world = World::new(h.store);
    let s = &world.service;
    let program = world.program(|_| {}).await;
    world.enroll(program, 1, Role::Mentor).await;
    for n in 11..=13 {
        s.block(&world.person(n), &who(1)).await.unwrap();
    }
    let refused = s.signals(&world.admin(), world.first_page()).await;
    assert_eq!(World::code(refused), "not_found");
    assert_eq!(read(&world, &world.staff()).await.len(), 1);
    let log = s.audit(&world.staff(), world.first_page()).await.unwrap().items;
    let reads: Vec<_> = log.iter().filter(|it| it.action.as_str() == "signals.read").collect();
    assert_eq!(reads.len(), 1, "a refused read is none");
    assert_eq!((&reads[0].about, reads[0].private), (&vec![who(1)], true));
    assert_eq!(reads[0].actor.person, Some(who(990)));
    let of_program = s.program_audit(&world.admin(), program, world.first_page()).await.unwrap();
    assert!(of_program.items.iter().all(|it| it.action.as_str() != "signals.read"));
    // Nor does whoever it is about.
    let own = s.my_audit(&world.person(1), world.first_page()).await.unwrap();
    assert!(own.items.iter().all(|it| it.action.as_str() != "signals.read"));
}

/// Row 58, D15: nothing follows from a signal by itself, and nobody is told of it.
pub async fn row_58_a_signal_has_no_effect(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let post = world
        .service
        .post(&world.person(1), pair, &slug("hello"), None, Body::new("Buy it.").unwrap())
        .await
        .unwrap()
        .post;
    let target = Target::Post { pair, post };
    report(&world, program, 2, ReportAsk::new(who(1), slug("spam")).target(target)).await;
    for n in 11..=14 {
        world.service.block(&world.person(n), &who(1)).await.unwrap();
    }
    drop(world.messages().await);
    let before = world.service.my_pairs(&world.person(1), world.first_page()).await.unwrap();
    // One report is not enough by itself, and shows of nobody because of something else.
    let expected = signal(1, |it| it.blocks = 4);
    assert_eq!(read(&world, &world.staff()).await, [expected]);
    let after = world.service.my_pairs(&world.person(1), world.first_page()).await.unwrap();
    assert_eq!(before, after);
    assert!(world.messages().await.is_empty());
    assert!(
        world
            .service
            .muted_reporters(&world.staff(), world.first_page())
            .await
            .unwrap()
            .items
            .is_empty()
    );
    world
        .service
        .post(&world.person(1), pair, &slug("hello"), None, Body::new("Ahoy.").unwrap())
        .await
        .unwrap();
}
