//! The order of the input has no part in the result.

use mentorship_core::matching::{
    certificate::Objective,
    solve::{Options, solve},
};
use proptest::prelude::*;

use crate::brute::{Small, small};

fn shuffled() -> impl Strategy<Value = (Small, Small)> {
    small(true).prop_flat_map(|small| {
        let edges = Just(small.edges.clone()).prop_shuffle();
        (Just(small), edges).prop_map(|(small, edges)| {
            let other = Small { edges, ..small.clone() };
            (small, other)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn edges_in_any_order_give_the_same_solution((one, other) in shuffled(), seed in 0..3_u64) {
        let options = Options::default().seed(seed);
        for objective in [Objective::MostPeople, Objective::BestTotal] {
            let one = solve(&one.problem(), objective, &options);
            prop_assert_eq!(one, solve(&other.problem(), objective, &options));
        }
    }
}

#[test]
fn the_seed_decides_between_equally_good_pairings() {
    let edges: Vec<_> = (0..20)
        .map(|mentee| mentorship_core::matching::problem::Edge { mentee, mentor: 0, weight: 7 })
        .collect();
    let problem = mentorship_core::matching::problem::Problem::new(20, vec![1], &edges).unwrap();
    let winner = |seed| {
        let options = Options::default().seed(seed);
        let solution = solve(&problem, Objective::MostPeople, &options);
        assert!(solution.optimal);
        solution.pairs[0].mentee
    };
    let winners: std::collections::BTreeSet<u32> = (0..100).map(winner).collect();
    assert!(winners.len() > 10, "one of 20 at random in 100 draws: {winners:?}");
    assert_eq!(winner(5), winner(5));
}
