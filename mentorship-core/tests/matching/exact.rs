//! Every result is the best one, and its certificate proves it.

use mentorship_core::matching::{
    certificate::Objective,
    check::{bound, check, feasible},
    problem::{Edge, Problem},
    solve::{Options, solve},
};
use proptest::prelude::*;

use crate::brute::{Small, best, rank_of, small};

const OBJECTIVES: [Objective; 2] = [Objective::MostPeople, Objective::BestTotal];

fn is_best(small: &Small, seed: u64) -> Result<(), TestCaseError> {
    let problem = small.problem();
    for objective in OBJECTIVES {
        let solution = solve(&problem, objective, &Options::default().seed(seed));
        prop_assert_eq!(rank_of(objective, solution.value), best(small, objective));
        prop_assert!(solution.optimal);
        prop_assert_eq!(solution.gap, 0);
        prop_assert_eq!(
            check(&problem, &solution.pairs, &solution.certificate),
            Ok(solution.value)
        );
        prop_assert_eq!(feasible(&problem, &solution.pairs), Ok(solution.value));
        let bound = bound(&problem, &solution.certificate).unwrap();
        prop_assert_eq!(bound, solution.value.with_bonus(solution.certificate.bonus));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn one_mentor_each_is_as_good_as_brute_force(small in small(false), seed in 0..3_u64) {
        is_best(&small, seed)?;
    }

    #[test]
    fn several_mentors_each_are_as_good_as_brute_force(small in small(true), seed in 0..3_u64) {
        is_best(&small, seed)?;
    }
}

/// A chain in which each mentee would rather have the mentor of the next one: who is moved loses the largest
/// score.
fn chain(links: u32) -> Problem {
    let edge = |mentee, mentor, weight| Edge { mentee, mentor, weight };
    let own = (0..links).map(|mentee| edge(mentee, mentee, 0));
    let next = (1..links).map(|mentor| edge(mentor - 1, mentor, 1 << 20));
    let edges: Vec<Edge> = own.chain(next).collect();
    Problem::new(links as usize, vec![1; links as usize], &edges).unwrap()
}

/// The first bonus is too small.
#[test]
fn most_people_wins_against_any_number_of_points() {
    let problem = chain(40);
    let most = solve(&problem, Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!((most.value.matched, most.value.total), (40, 0));
    assert!(most.certificate.bonus > 1 << 20);
    let best = solve(&problem, Objective::BestTotal, &Options::default());
    assert!(best.optimal);
    assert_eq!(best.value.total, 39 << 20);
}

/// The bonus no longer fits narrow numbers.
#[test]
fn a_long_chain_needs_wide_numbers() {
    let most = solve(&chain(3_000), Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!((most.value.matched, most.value.total), (3_000, 0));
    assert!(most.certificate.bonus > 1 << 28, "{}", most.certificate.bonus);
}

#[test]
fn nobody_at_all_is_a_proven_result() {
    for (mentees, mentors) in [(0, 0), (0, 3), (3, 0), (3, 3)] {
        let problem = Problem::new(mentees, vec![1; mentors], &[]).unwrap();
        for objective in OBJECTIVES {
            let solution = solve(&problem, objective, &Options::default());
            assert!(solution.optimal && solution.pairs.is_empty());
        }
    }
}
