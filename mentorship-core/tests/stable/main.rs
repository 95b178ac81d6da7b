//! Stable pairings beside all pairings of small problems.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod larger;

use std::collections::BTreeSet;

use mentorship_core::matching::{
    certificate::Pair,
    stable::{
        Favour, Options, Stable,
        check::{NotStable, check},
        find,
        preferences::{Preferences, Wish},
    },
};
use proptest::prelude::*;

fn wish(of: (u32, u32, u32, u32)) -> Wish {
    let (mentee, mentor, mentee_rank, mentor_rank) = of;
    Wish { mentee, mentor, mentee_rank, mentor_rank }
}

/// Wishes of up to six mentees and five mentors; ranks below `ranks`, so that few mean ties.
fn wishes(ranks: u32) -> impl Strategy<Value = (usize, Vec<u32>, Vec<Wish>)> {
    (0..=6_u32, prop::collection::vec(0..=3_u32, 0..=5)).prop_flat_map(
        move |(mentees, capacity)| {
            let mentors = u32::try_from(capacity.len()).unwrap();
            let all = (0..mentees).flat_map(move |mentee| (0..mentors).map(move |it| (mentee, it)));
            let some = prop::sample::subsequence(
                all.collect::<Vec<_>>(),
                0..=usize::try_from(mentees * mentors).unwrap(),
            );
            (some, Just(capacity)).prop_flat_map(move |(some, capacity)| {
                let count = some.len();
                let ranks = prop::collection::vec((0..ranks, 0..ranks), count);
                (Just(some), Just(capacity), ranks).prop_map(move |(some, capacity, ranks)| {
                    let both = some.into_iter().zip(ranks);
                    let wishes = both
                        .map(|((mentee, mentor), (one, other))| wish((mentee, mentor, one, other)))
                        .collect();
                    (usize::try_from(mentees).unwrap(), capacity, wishes)
                })
            })
        },
    )
}

/// The same with every list in a strict order.
fn strict() -> impl Strategy<Value = (usize, Vec<u32>, Vec<Wish>)> {
    wishes(1_000).prop_map(|(mentees, capacity, mut wishes)| {
        wishes.sort_by_key(|it| it.mentee_rank);
        for (rank, wish) in (0..).zip(&mut wishes) {
            wish.mentee_rank = rank;
        }
        wishes.sort_by_key(|it| it.mentor_rank);
        for (rank, wish) in (0..).zip(&mut wishes) {
            wish.mentor_rank = rank;
        }
        (mentees, capacity, wishes)
    })
}

/// Every stable pairing.
fn all_stable(preferences: &Preferences) -> Vec<Vec<Pair>> {
    fn go(
        preferences: &Preferences,
        mentee: usize,
        so_far: &mut Vec<Pair>,
        all: &mut Vec<Vec<Pair>>,
    ) {
        if mentee == preferences.mentees() {
            if check(preferences, so_far).is_ok() {
                all.push(so_far.clone());
            }
            return;
        }
        go(preferences, mentee + 1, so_far, all);
        for at in preferences.row(mentee) {
            let wish = preferences.wishes()[at];
            let taken = so_far.iter().filter(|pair| pair.mentor == wish.mentor).count();
            if taken < preferences.capacities()[wish.mentor as usize] as usize {
                so_far.push(Pair { mentee: wish.mentee, mentor: wish.mentor });
                go(preferences, mentee + 1, so_far, all);
                so_far.pop();
            }
        }
    }
    let mut all = Vec::new();
    go(preferences, 0, &mut Vec::new(), &mut all);
    all
}

/// The rank that a mentee gives their mentor; the greatest for nobody.
fn rank_of(preferences: &Preferences, pairs: &[Pair], mentee: u32) -> u32 {
    let of = |pair: &Pair| {
        let same = |it: &&Wish| it.mentee == pair.mentee && it.mentor == pair.mentor;
        preferences.wishes().iter().find(same).unwrap().mentee_rank
    };
    pairs.iter().find(|pair| pair.mentee == mentee).map_or(u32::MAX, of)
}

fn favouring(preferences: &Preferences, favour: Favour) -> Stable {
    let found = find(preferences, &Options::default().favour(favour));
    assert_eq!(check(preferences, &found.pairs), Ok(()), "{preferences:?}");
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn without_ties_it_is_the_best_for_one_side_and_the_worst_for_the_other(
        (mentees, capacity, wishes) in strict()
    ) {
        let preferences = Preferences::new(mentees, capacity, wishes).unwrap();
        prop_assert!(!preferences.has_ties());
        let all = all_stable(&preferences);
        let best = favouring(&preferences, Favour::Mentees);
        let worst = favouring(&preferences, Favour::Mentors);
        prop_assert!(all.contains(&best.pairs) && all.contains(&worst.pairs));
        prop_assert!(best.is_largest() && best.tries == 1);
        let people = |pairs: &[Pair]| pairs.iter().map(|it| it.mentee).collect::<BTreeSet<_>>();
        let taken = |pairs: &[Pair]| {
            let mut all: Vec<u32> = pairs.iter().map(|it| it.mentor).collect();
            all.sort_unstable();
            all
        };
        for other in &all {
            // Roth: the same people, the same number of places; and who has places left has the same mentees.
            prop_assert_eq!(people(other), people(&best.pairs));
            prop_assert_eq!(taken(other), taken(&best.pairs));
            for mentee in 0..u32::try_from(mentees).unwrap() {
                let [one, this, least] = [&best.pairs, other, &worst.pairs]
                    .map(|pairs| rank_of(&preferences, pairs, mentee));
                prop_assert!(one <= this && this <= least, "{best:?} {other:?} {worst:?}");
            }
            for (mentor, places) in (0..).zip(preferences.capacities()) {
                let of = |pairs: &[Pair]| -> Vec<u32> {
                    pairs.iter().filter(|it| it.mentor == mentor).map(|it| it.mentee).collect()
                };
                if of(other).len() < *places as usize {
                    prop_assert_eq!(of(other), of(&best.pairs));
                }
            }
        }
    }

    #[test]
    fn with_ties_it_is_stable_and_large((mentees, capacity, wishes) in wishes(3)) {
        let preferences = Preferences::new(mentees, capacity, wishes).unwrap();
        let most = all_stable(&preferences).iter().map(Vec::len).max().unwrap();
        for favour in [Favour::Mentees, Favour::Mentors] {
            let found = favouring(&preferences, favour);
            prop_assert!(found.pairs.len() <= most && most <= found.bound, "{found:?}: {most}");
            let once = find(&preferences, &Options::default().favour(favour).budget(0));
            prop_assert_eq!(once.tries, 1);
            prop_assert_eq!(check(&preferences, &once.pairs), Ok(()));
            if favour == Favour::Mentees {
                prop_assert!(3 * once.pairs.len() >= 2 * most, "{} of {most}", once.pairs.len());
            }
        }
    }

    #[test]
    fn the_order_of_the_wishes_changes_nothing(
        ((mentees, capacity, wishes), seed) in (wishes(3), any::<u64>()),
        turn in 0..30_usize,
    ) {
        let mut other = wishes.clone();
        let by = turn.min(other.len());
        other.rotate_left(by);
        let find = |wishes| {
            let preferences = Preferences::new(mentees, capacity.clone(), wishes).unwrap();
            find(&preferences, &Options::default().seed(seed))
        };
        prop_assert_eq!(find(wishes), find(other));
    }
}

#[test]
fn most_small_problems_with_ties_are_solved_to_the_largest() {
    // By hand: of the two mentees one is content with both mentors, and has to take the other's second.
    let wishes = [(0, 0, 1, 1), (0, 1, 1, 1), (1, 0, 1, 1)].map(wish).to_vec();
    let preferences = Preferences::new(2, vec![1, 1], wishes).unwrap();
    for seed in 0..20 {
        let found = find(&preferences, &Options::default().seed(seed).budget(0));
        assert_eq!(found.pairs.len(), 2, "the choice of mentee 0 gives way");
        assert!(found.is_largest());
    }
}

#[test]
fn what_is_not_stable_is_told() {
    let wishes = [(0, 0, 1, 2), (0, 1, 2, 1), (1, 0, 1, 1), (1, 1, 2, 2)].map(wish).to_vec();
    let preferences = Preferences::new(2, vec![1, 1], wishes).unwrap();
    let pair = |(mentee, mentor)| Pair { mentee, mentor };
    let told = |pairs: &[(u32, u32)]| {
        let pairs: Vec<Pair> = pairs.iter().copied().map(pair).collect();
        check(&preferences, &pairs).unwrap_err()
    };
    assert_eq!(check(&preferences, &[pair((0, 1)), pair((1, 0))]), Ok(()));
    assert_eq!(told(&[(0, 0), (1, 1)]), NotStable::Blocking(pair((1, 0))));
    assert_eq!(told(&[(1, 0)]), NotStable::Blocking(pair((0, 1))));
    assert_eq!(told(&[(0, 0), (0, 1)]), NotStable::MenteeTwice(0));
    assert_eq!(told(&[(0, 0), (1, 0)]), NotStable::MentorOverCapacity(0));
    assert_eq!(told(&[(0, 2)]), NotStable::NotAcceptable(pair((0, 2))));
    assert_eq!(told(&[(7, 0)]), NotStable::NotAcceptable(pair((7, 0))));
}

#[test]
fn wishes_that_cannot_be_are_refused_by_name() {
    let refused = |wishes: &[(u32, u32, u32, u32)]| {
        let wishes = wishes.iter().copied().map(wish).collect();
        Preferences::new(2, vec![1, 1], wishes).unwrap_err().to_string()
    };
    assert_eq!(
        refused(&[(0, 0, 1, 1), (2, 0, 1, 1)]),
        "`wishes[1].mentee` names an unknown person"
    );
    assert_eq!(refused(&[(0, 5, 1, 1)]), "`wishes[0].mentor` names an unknown person");
    let twice = "`wishes of mentee 1 and mentor 0` names the same pair twice";
    assert_eq!(refused(&[(1, 0, 1, 1), (0, 0, 1, 1), (1, 0, 2, 2)]), twice);
}
