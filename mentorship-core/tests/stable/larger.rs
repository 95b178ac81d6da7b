//! Problems too large to look at all their pairings: what has to hold between any two stable ones, and between
//! the same problem told in another way.

use std::collections::{BTreeMap, BTreeSet};

use mentorship_core::matching::{
    certificate::Pair,
    stable::{
        Favour, Options,
        check::check,
        find,
        preferences::{Preferences, Wish},
    },
};
use proptest::prelude::*;

use crate::{favouring, rank_of};

/// Up to sixty mentees and fifteen mentors with up to six places; a rank for everybody who accepts somebody.
fn wishes(ranks: u32) -> impl Strategy<Value = (u32, Vec<u32>, Vec<Wish>)> {
    (0..=60_u32, prop::collection::vec(0..=6_u32, 1..=15), 0.05..=1.0_f64).prop_flat_map(
        move |(mentees, capacity, density)| {
            let mentors = u32::try_from(capacity.len()).unwrap();
            let cell = (prop::bool::weighted(density), 0..ranks, 0..ranks);
            let cells = prop::collection::vec(cell, (mentees * mentors) as usize);
            cells.prop_map(move |cells| {
                let all = (0..mentees).flat_map(|mentee| (0..mentors).map(move |it| (mentee, it)));
                let some = all.zip(cells).filter(|(_, (accepted, ..))| *accepted);
                let wishes = some.map(|((mentee, mentor), (_, mentee_rank, mentor_rank))| Wish {
                    mentee,
                    mentor,
                    mentee_rank,
                    mentor_rank,
                });
                (mentees, capacity.clone(), wishes.collect())
            })
        },
    )
}

/// The same with every list in a strict order.
fn strict() -> impl Strategy<Value = (u32, Vec<u32>, Vec<Wish>)> {
    wishes(u32::MAX).prop_map(|(mentees, capacity, mut wishes)| {
        for (at, wish) in (0..).zip(&mut wishes) {
            // Two equal draws would be a tie; the numbers of the wishes are not.
            wish.mentee_rank = wish.mentee_rank / 2_048 * 2_048 + at;
            wish.mentor_rank = wish.mentor_rank / 2_048 * 2_048 + at;
        }
        (mentees, capacity, wishes)
    })
}

fn mentees_of(pairs: &[Pair]) -> BTreeMap<u32, BTreeSet<u32>> {
    let mut of: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
    for pair in pairs {
        of.entry(pair.mentor).or_default().insert(pair.mentee);
    }
    of
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// The theorem of the rural hospitals (Roth, 1986).
    #[test]
    fn the_same_people_are_paired_and_places_stay_empty_at_the_same_mentors(
        (mentees, capacity, wishes) in strict()
    ) {
        let preferences = Preferences::new(mentees as usize, capacity, wishes).unwrap();
        prop_assert!(!preferences.has_ties());
        let best = favouring(&preferences, Favour::Mentees).pairs;
        let worst = favouring(&preferences, Favour::Mentors).pairs;
        let people = |pairs: &[Pair]| pairs.iter().map(|it| it.mentee).collect::<BTreeSet<_>>();
        prop_assert_eq!(people(&best), people(&worst));
        let (one, other) = (mentees_of(&best), mentees_of(&worst));
        let none = BTreeSet::new();
        for (mentor, places) in (0..).zip(preferences.capacities()) {
            let [one, other] = [&one, &other].map(|all| all.get(&mentor).unwrap_or(&none));
            prop_assert_eq!(one.len(), other.len());
            if one.len() < *places as usize {
                prop_assert_eq!(one, other, "mentor {} has places left", mentor);
            }
        }
        for mentee in 0..mentees {
            let [best, worst] =
                [&best, &worst].map(|pairs| rank_of(&preferences, pairs, mentee));
            prop_assert!(best <= worst);
        }
    }

    /// Ranks that are counted through are not sorted but put in their places.
    #[test]
    fn only_the_order_of_ranks_counts_and_a_single_tie_is_seen(
        (mentees, capacity, wishes) in strict(), which in any::<prop::sample::Index>(),
    ) {
        let mut through = wishes.clone();
        through.sort_unstable_by_key(|it| (it.mentee, it.mentee_rank));
        let mut rank = 0;
        for at in 0..through.len() {
            let again = at > 0 && through[at].mentee == through[at - 1].mentee;
            rank = if again { rank + 1 } else { 1 };
            through[at].mentee_rank = rank;
        }
        through.sort_unstable_by_key(|it| (it.mentor, it.mentor_rank));
        for at in 0..through.len() {
            let again = at > 0 && through[at].mentor == through[at - 1].mentor;
            rank = if again { rank + 1 } else { 1 };
            through[at].mentor_rank = rank;
        }
        let made = |wishes: &[Wish]| {
            Preferences::new(mentees as usize, capacity.clone(), wishes.to_vec()).unwrap()
        };
        let (one, other) = (made(&wishes), made(&through));
        prop_assert!(!one.has_ties() && !other.has_ties());
        for favour in [Favour::Mentees, Favour::Mentors] {
            prop_assert_eq!(favouring(&one, favour).pairs, favouring(&other, favour).pairs);
        }
        for all in [&wishes, &through] {
            for of_mentee in [true, false] {
                let person = |it: &Wish| if of_mentee { it.mentee } else { it.mentor };
                let two: Option<(usize, usize)> = (!all.is_empty()).then(|| which.index(all.len())).and_then(|at| {
                    let another = |it: &usize| *it != at && person(&all[*it]) == person(&all[at]);
                    Some((at, (0..all.len()).find(another)?))
                });
                let Some((at, another)) = two else { continue };
                let mut tied = all.clone();
                if of_mentee {
                    tied[at].mentee_rank = tied[another].mentee_rank;
                } else {
                    tied[at].mentor_rank = tied[another].mentor_rank;
                }
                prop_assert!(made(&tied).has_ties());
            }
        }
    }

    #[test]
    fn neither_the_order_nor_the_numbers_change_anything(
        (mentees, capacity, wishes) in strict(), turn in any::<prop::sample::Index>(),
    ) {
        let mentors = u32::try_from(capacity.len()).unwrap();
        let by = u32::try_from(turn.index(1_000)).unwrap();
        let moved = |number: u32, count: u32| (number + by) % count.max(1);
        let mut other: Vec<Wish> = wishes
            .iter()
            .map(|it| Wish {
                mentee: moved(it.mentee, mentees),
                mentor: moved(it.mentor, mentors),
                ..*it
            })
            .collect();
        other.reverse();
        let mut places = capacity.clone();
        places.rotate_right((by % mentors) as usize);
        for favour in [Favour::Mentees, Favour::Mentors] {
            let pairs = |capacity: &[u32], wishes: &[Wish]| {
                let (capacity, wishes) = (capacity.to_vec(), wishes.to_vec());
                let preferences = Preferences::new(mentees as usize, capacity, wishes).unwrap();
                favouring(&preferences, favour).pairs
            };
            let mut expected: Vec<Pair> = pairs(&capacity, &wishes)
                .iter()
                .map(|it| Pair {
                    mentee: moved(it.mentee, mentees),
                    mentor: moved(it.mentor, mentors),
                })
                .collect();
            expected.sort_unstable();
            let mut found = pairs(&places, &other);
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }

    #[test]
    fn with_ties_nobody_would_rather_have_each_other_in_any_order(
        ((mentees, capacity, wishes), seed) in (wishes(4), any::<u64>()), turn in any::<prop::sample::Index>(),
    ) {
        let mut other = wishes.clone();
        if !other.is_empty() {
            let by = turn.index(other.len());
            other.rotate_left(by);
        }
        for favour in [Favour::Mentees, Favour::Mentors] {
            let [one, other] = [&wishes, &other].map(|wishes| {
                Preferences::new(mentees as usize, capacity.clone(), wishes.clone()).unwrap()
            });
            let options = Options::default().favour(favour).seed(seed).tries(3);
            let stable = find(&one, &options);
            prop_assert_eq!(check(&one, &stable.pairs), Ok(()));
            prop_assert!(stable.pairs.len() <= stable.bound);
            prop_assert_eq!(stable, find(&other, &options));
        }
    }
}
