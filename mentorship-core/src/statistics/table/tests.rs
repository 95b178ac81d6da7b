use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::{base::id::Id as _, statistics::tally::SimilarPairs};

/// The pairs of a program: introduced, active, paused, frozen, completed; then ended, by a reason that is shown
/// or not.
type Pairs = ([u64; 5], [u64; 2]);

fn state(at: usize) -> Slug {
    Slug::from_static(["introduced", "active", "paused", "frozen", "completed"][at])
}

/// A program in which every mentee has one place, so that all that may add up does: active mentees wait or have
/// a live pair, and each pair was an accepted proposal.
fn tally((pairs, ended): &Pairs, bands: [u64; 3], waiting: u64) -> Tally {
    let mut tally = Tally::default();
    let live: u64 = pairs[..4].iter().sum();
    let mentee = |paired| (Role::Mentee, Slug::from_static("active"), paired);
    tally.enrollments = [(mentee(false), waiting), (mentee(true), live)].into();
    let all = live + pairs[4] + ended.iter().sum::<u64>();
    tally.proposals = [(Slug::from_static("accepted"), all)].into();
    // Live pairs are given to bands one after the other.
    let mut left = bands;
    for (at, count) in pairs.iter().enumerate() {
        for _ in 0..*count {
            let band = left.iter().position(|it| *it > 0 && at < 4);
            if let Some(band) = band {
                left[band] -= 1;
            }
            let progress = Progress::ALL[band.unwrap_or(0)];
            let similar = SimilarPairs { state: state(at), reason: None, progress };
            *tally.pairs.entry(similar).or_default() += 1;
        }
    }
    for (reason, count) in [Some(EndKind::NoTime), None].into_iter().zip(ended) {
        let state = Slug::from_static("ended");
        let similar = SimilarPairs { state, reason, progress: Progress::UnderHalf };
        tally.pairs.insert(similar, *count);
    }
    tally
}

fn told(tally: &Tally) -> Statistics {
    let then = Timestamp::UNIX_EPOCH;
    Statistics::in_ranges(
        ProgramId::from_uuid(uuid::Uuid::nil()),
        then..then,
        tally,
        CountWidth::default(),
    )
}

/// The numbers of a range.
fn numbers(count: Count) -> std::ops::RangeInclusive<u64> {
    count.from..=count.to
}

/// What an attacker who knows all of that can think possible: of each count that is told, the numbers that fit
/// all the others.
fn possible(told: &Statistics) -> [BTreeSet<u64>; 8] {
    let pair = |code: &str| numbers(told.pairs[code]);
    let band = |band| numbers(told.progress[&band]);
    let active = told.enrollments[&Role::Mentee]["active"];
    let mut of_live: BTreeMap<u64, Vec<[u64; 3]>> = BTreeMap::new();
    for one in band(Progress::UnderHalf) {
        for other in band(Progress::HalfOrMore) {
            for all in band(Progress::All) {
                of_live.entry(one + other + all).or_default().push([one, other, all]);
            }
        }
    }
    let mut found: [BTreeSet<u64>; 8] = Default::default();
    for introduced in pair("introduced") {
        for under_way in pair("active") {
            for paused in pair("paused") {
                let live = introduced + under_way + paused;
                let waits: Vec<u64> = numbers(told.waiting)
                    .filter(|waiting| numbers(active).contains(&(waiting + live)))
                    .collect();
                let Some(bands) = of_live.get(&live).filter(|_| !waits.is_empty()) else {
                    continue;
                };
                for (at, number) in [introduced, under_way, paused].into_iter().enumerate() {
                    found[at].insert(number);
                }
                for number in bands {
                    for (at, number) in number.iter().enumerate() {
                        found[3 + at].insert(*number);
                    }
                }
                for waiting in waits {
                    found[6].insert(waiting);
                    found[7].insert(waiting + live);
                }
            }
        }
    }
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_number_follows_from_the_others(
        pairs in prop::array::uniform5(prop_oneof![0..6_u64, 0..14_u64]),
        ended in prop::array::uniform2(0..9_u64),
        (first, second) in (0..40_u64, 0..40_u64),
        waiting in 0..12_u64,
    ) {
        let live: u64 = pairs[..4].iter().sum();
        let first = first.min(live);
        let second = second.min(live - first);
        let tally = tally(&(pairs, ended), [first, second, live - first - second], waiting);
        let told = told(&tally);
        for (at, numbers) in possible(&told).iter().enumerate() {
            prop_assert!(numbers.len() >= 2, "{at} has to be {numbers:?}: {told:?}");
        }
    }
}

#[test]
fn admins_are_told_ranges_and_no_sums_and_staff_everything() {
    let tally = tally(&([3, 9, 0, 2, 12], [6, 4]), [10, 3, 1], 7);
    let admins = told(&tally);
    let range = |from| Count { from, to: from + 4 };
    assert_eq!((admins.waiting, admins.pairs["active"]), (range(5), range(5)));
    // Two are frozen.
    assert_eq!((admins.pairs["paused"], admins.pairs["completed"]), (range(0), range(10)));
    assert_eq!((admins.ends["no_time"], admins.pairs["ended"]), (range(5), range(10)));
    assert!(!admins.pairs.contains_key("frozen"));
    assert!(!admins.ends.contains_key("not_shown") && !admins.proposals.contains_key("accepted"));
    let then = Timestamp::UNIX_EPOCH;
    let staff = Statistics::exact(admins.program, then..then, &tally);
    let exactly = Count::exactly;
    assert_eq!((staff.pairs["paused"], staff.pairs["frozen"]), (exactly(0), exactly(2)));
    assert_eq!((staff.ends["not_shown"], staff.proposals["accepted"]), (exactly(4), exactly(36)));
    assert_eq!(staff.progress[&Progress::UnderHalf], exactly(10));
    let with = |avoids| Tally { avoids, ..tally.clone() };
    assert_eq!([4, 5].map(|it| told(&with(it)).avoids), [Some(range(0)), Some(range(5))]);
    assert_eq!(Statistics::exact(admins.program, then..then, &with(9)).avoids, None);
    let keys = |it: &Statistics| it.enrollments[&Role::Mentor].len() + it.weekly.len();
    assert_eq!(keys(&admins), keys(&staff));
}
