//! What is found from a few candidates is the best of all allowed pairs, and its certificate proves it pair by
//! pair.

use std::ops::ControlFlow;

use mentorship_core::matching::{
    certificate::Objective,
    check::{Value, bound, check, feasible},
    people::Options,
    problem::{Edge, Problem},
    solve::{self, Progress, solve},
};
use proptest::prelude::*;

use crate::made::Made;

const OBJECTIVES: [Objective; 2] = [Objective::MostPeople, Objective::BestTotal];

/// What is compared: how many pairs have no part in the highest total.
fn rank(objective: Objective, value: Value) -> (u64, i64) {
    (if objective == Objective::MostPeople { value.matched } else { 0 }, value.total)
}

/// The most that any pairing is worth with this bonus. One that is still too small may prefer fewer people with
/// higher scores to the most people.
fn most_with_bonus(problem: &Problem, bonus: i64) -> i128 {
    let bonus = i32::try_from(bonus).unwrap();
    let edges = (0..).zip(0..problem.mentees()).flat_map(|(mentee, at)| {
        problem.row(at).map(move |edge| Edge {
            mentee,
            mentor: problem.columns()[edge],
            weight: problem.weights()[edge] + bonus,
        })
    });
    let with = Problem::new(
        problem.mentees(),
        problem.mentor_capacities().to_vec(),
        &edges.collect::<Vec<_>>(),
    );
    let with = with.unwrap().mentee_capacity(problem.mentee_capacities().to_vec()).unwrap();
    let best = solve(&with, Objective::BestTotal, &solve::Options::default());
    best.value.total.into()
}

fn is_the_best(made: &Made, options: &Options) -> Result<(), TestCaseError> {
    let crowd = made.crowd();
    let people = crowd.compile().unwrap();
    let dense = crowd.every_pair().unwrap();
    for objective in OBJECTIVES {
        let found = people.pair(objective, options).unwrap();
        prop_assert!(found.optimal);
        prop_assert_eq!(check(&dense, &found.pairs, &found.certificate), Ok(found.value));
        let best = solve(&dense, objective, &solve::Options::default());
        prop_assert_eq!(rank(objective, found.value), rank(objective, best.value));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn few_candidates_prove_the_best_of_all_pairs(seed: u64, k in 1..4_usize, margin in 0..30_u16) {
        is_the_best(&Made::new(seed, 20), &Options::default().candidates(k).margin(margin))?;
    }

    #[test]
    fn a_budget_of_any_size_gives_a_true_gap(seed: u64, budget in 0..6_000_u64) {
        let made = Made::new(seed, 20);
        let crowd = made.crowd();
        let people = crowd.compile().unwrap();
        let dense = crowd.every_pair().unwrap();
        for objective in OBJECTIVES {
            let options = Options::default().candidates(1).budget(budget);
            let found = people.pair(objective, &options).unwrap();
            prop_assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
            let bonus = found.certificate.bonus;
            let reach = found.value.with_bonus(bonus) + i128::from(found.gap);
            prop_assert!(bound(&dense, &found.certificate).unwrap() <= reach);
            let best = solve(&dense, objective, &solve::Options::default());
            prop_assert!(best.value.with_bonus(bonus) <= reach);
            if found.optimal {
                prop_assert_eq!(rank(objective, found.value), rank(objective, best.value));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn stopped_at_any_call_it_keeps_the_rules_and_its_gap_is_true(seed: u64) {
        let made = Made::new(seed, 20);
        let crowd = made.crowd();
        let people = crowd.compile().unwrap();
        let dense = crowd.every_pair().unwrap();
        let options = Options::default().candidates(1);
        for objective in OBJECTIVES {
            let best = solve(&dense, objective, &solve::Options::default()).value;
            let mut seen: Vec<Progress> = Vec::new();
            let mut watching = |progress: &Progress| {
                seen.push(*progress);
                ControlFlow::Continue(())
            };
            let whole = people.pair_watched(objective, &options, &mut watching).unwrap();
            prop_assert_eq!(&whole, &people.pair(objective, &options).unwrap());
            prop_assert!(seen.windows(2).all(|two| two[0].operations <= two[1].operations));
            for it in &seen {
                prop_assert!(best.with_bonus(it.bonus) <= it.bound);
                prop_assert!(it.value <= most_with_bonus(&dense, it.bonus));
            }
            for last in 0..seen.len() {
                let mut calls = 0;
                let mut stopping = |_: &Progress| {
                    calls += 1;
                    if calls > last { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
                };
                let found = people.pair_watched(objective, &options, &mut stopping).unwrap();
                prop_assert_eq!(calls, last + 1, "asked again after a stop");
                prop_assert!(!found.optimal);
                prop_assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
                let bonus = found.certificate.bonus;
                let reach = found.value.with_bonus(bonus) + i128::from(found.gap);
                prop_assert!(bound(&dense, &found.certificate).unwrap() <= reach);
                prop_assert!(best.with_bonus(bonus) <= reach);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(25))]

    #[test]
    fn threads_and_their_number_change_nothing(seed: u64, k in 1..9_usize) {
        let made = Made::new(seed, 200);
        let options = Options::default().candidates(k);
        is_the_best(&made, &options.threads(2))?;
        let people = made.crowd().compile().unwrap();
        for objective in OBJECTIVES {
            prop_assert_eq!(
                people.pair(objective, &options.threads(3)),
                people.pair(objective, &options)
            );
        }
    }
}

/// So many people that looking at all pairs takes a while.
fn many() -> Made {
    let made = |seed| Made::new(seed, 600);
    (0..10_000).map(made).find(|it| it.people().count() > 900 && it.mentors() > 350).unwrap()
}

/// Whoever watches is asked while all pairs are looked at, for candidates and again for pricing, and what is
/// known by then comes out.
#[test]
fn a_look_at_all_pairs_can_be_stopped() {
    let made = many();
    let crowd = made.crowd();
    let people = crowd.compile().unwrap();
    let dense = crowd.every_pair().unwrap();
    let options = Options::default().candidates(2);
    for objective in OBJECTIVES {
        let mut seen: Vec<u64> = Vec::new();
        let mut watching = |progress: &Progress| {
            seen.push(progress.operations);
            ControlFlow::Continue(())
        };
        let whole = people.pair_watched(objective, &options, &mut watching).unwrap();
        assert!(whole.optimal);
        let most = whole.operations;
        let all = (dense.mentors() * dense.mentees()) as u64;
        let early = seen.iter().filter(|it| (1..all / 2).contains(*it)).count();
        assert!(early > 0, "asked within the candidates: {seen:?}");
        let late = seen.iter().filter(|it| **it > most - all / 2).count();
        assert!(late > 0, "asked within the last pricing: {seen:?}");
        for stop_at in [1, seen.len() - 1] {
            let mut calls = 0;
            let mut stopping = |_: &Progress| {
                calls += 1;
                if calls > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let found = people.pair_watched(objective, &options, &mut stopping).unwrap();
            assert_eq!(calls, stop_at + 1, "asked again after a stop");
            assert!(!found.optimal && found.value.matched > 0);
            assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
        }
    }
}

#[test]
fn a_budget_too_small_for_all_candidates_still_pairs_some() {
    let made = many();
    let crowd = made.crowd();
    let people = crowd.compile().unwrap();
    let dense = crowd.every_pair().unwrap();
    let budget = (dense.mentors() * dense.mentees() / 3) as u64;
    for objective in OBJECTIVES {
        let options = Options::default().budget(budget);
        let found = people.pair(objective, &options).unwrap();
        assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
        assert!(!found.optimal && found.value.matched > 0 && found.gap > 0);
        assert_eq!(people.pair(objective, &options.threads(2)).unwrap(), found);
    }
}
