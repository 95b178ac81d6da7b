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

/// A chain in which each mentee who is moved loses nearly the largest score: the first bonus is too small.
#[test]
fn most_people_wins_against_any_number_of_points() {
    let links = 40_u32;
    let mut edges = Vec::new();
    for mentee in 0..links {
        // Everybody would rather have the mentor of the next one.
        edges.push(Edge { mentee, mentor: mentee, weight: 0 });
        if mentee + 1 < links {
            edges.push(Edge { mentee, mentor: mentee + 1, weight: 1 << 20 });
        }
    }
    let problem = Problem::new(links as usize, vec![1; links as usize], &edges).unwrap();
    let most = solve(&problem, Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!((most.value.matched, most.value.total), (40, 0));
    assert!(most.certificate.bonus > 1 << 20);
    let best = solve(&problem, Objective::BestTotal, &Options::default());
    assert!(best.optimal);
    assert_eq!(best.value.total, 39 << 20);
}

/// The same chain, so long that the bonus no longer fits narrow numbers.
#[test]
fn a_long_chain_needs_wide_numbers() {
    let links = 3000_u32;
    let mut edges = Vec::new();
    for mentee in 0..links {
        edges.push(Edge { mentee, mentor: mentee, weight: 0 });
        if mentee + 1 < links {
            edges.push(Edge { mentee, mentor: mentee + 1, weight: 1 << 20 });
        }
    }
    let problem = Problem::new(links as usize, vec![1; links as usize], &edges).unwrap();
    let most = solve(&problem, Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!((most.value.matched, most.value.total), (3000, 0));
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
