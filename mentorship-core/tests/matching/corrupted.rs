//! The checker refuses every result in which anything was changed.

use mentorship_core::matching::{
    certificate::{Certificate, Objective, Pair},
    check::{CheckError, POINTS_MAX, check},
    problem::{Edge, Problem},
    solve::{Options, solve},
};
use proptest::prelude::*;

use crate::brute::small;

/// Four mentees and three mentors, the last with two places; mentee 3 stays without.
fn problem() -> Problem {
    let scores = [[90, 40, 30], [80, 70, 20], [10, 60, 50], [0, 5, 45]];
    let mut edges = Vec::new();
    for (mentee, row) in (0..).zip(scores) {
        for (mentor, weight) in (0..).zip(row) {
            // Mentee 3 only wants mentor 2, whom two others would take.
            if mentee < 3 || mentor == 2 {
                edges.push(Edge { mentee, mentor, weight });
            }
        }
    }
    Problem::new(4, vec![1, 1, 1], &edges).unwrap()
}

fn solved(objective: Objective) -> (Problem, Vec<Pair>, Certificate) {
    let problem = problem();
    let solution = solve(&problem, objective, &Options::default());
    assert!(solution.optimal);
    (problem, solution.pairs, solution.certificate)
}

#[test]
fn a_pair_that_is_dropped_swapped_doubled_or_forbidden_is_refused() {
    let (problem, pairs, certificate) = solved(Objective::BestTotal);
    assert_eq!(pairs.len(), 3);
    for at in 0..pairs.len() {
        let mut dropped = pairs.clone();
        dropped.remove(at);
        assert!(check(&problem, &dropped, &certificate).is_err());
        let mut doubled = pairs.clone();
        doubled.push(pairs[at]);
        assert_eq!(check(&problem, &doubled, &certificate), Err(CheckError::Twice(pairs[at])));
    }
    let mut swapped = pairs.clone();
    let other = swapped[1].mentor;
    swapped[1].mentor = std::mem::replace(&mut swapped[0].mentor, other);
    assert!(check(&problem, &swapped, &certificate).is_err());
    for forbidden in [(3, 0), (9, 0), (0, 9)] {
        let pair = Pair { mentee: forbidden.0, mentor: forbidden.1 };
        assert_eq!(check(&problem, &[pair], &certificate), Err(CheckError::NotAllowed(pair)));
    }
}

#[test]
fn more_than_the_places_is_refused() {
    let (problem, _, certificate) = solved(Objective::BestTotal);
    let pair = |mentee, mentor| Pair { mentee, mentor };
    let at_mentor = [pair(0, 0), pair(1, 0)];
    assert_eq!(check(&problem, &at_mentor, &certificate), Err(CheckError::MentorOverCapacity(0)));
    let at_mentee = [pair(0, 0), pair(0, 1)];
    assert_eq!(check(&problem, &at_mentee, &certificate), Err(CheckError::MenteeOverCapacity(0)));
}

#[test]
fn any_number_moved_by_one_is_refused() {
    for objective in [Objective::MostPeople, Objective::BestTotal] {
        let (problem, pairs, certificate) = solved(objective);
        for by in [-1, 1] {
            for at in 0..certificate.profits.len() {
                let mut moved = certificate.clone();
                moved.profits[at] += by;
                assert!(check(&problem, &pairs, &moved).is_err(), "profit {at} by {by}");
            }
            for at in 0..certificate.prices.len() {
                let mut moved = certificate.clone();
                moved.prices[at] += by;
                assert!(check(&problem, &pairs, &moved).is_err(), "price {at} by {by}");
            }
            let mut moved = certificate.clone();
            moved.bonus += by;
            assert!(check(&problem, &pairs, &moved).is_err(), "bonus by {by}");
        }
    }
}

#[test]
fn numbers_out_of_range_and_wrong_lengths_are_refused() {
    let (problem, pairs, certificate) = solved(Objective::BestTotal);
    let refused = |change: fn(&mut Certificate), name| {
        let mut changed = certificate.clone();
        change(&mut changed);
        assert_eq!(check(&problem, &pairs, &changed), Err(CheckError::Malformed(name)));
    };
    refused(|it| it.profits[0] = -1, "profits");
    refused(|it| it.prices[2] = POINTS_MAX + 1, "prices");
    refused(|it| it.prices[0] = i64::MIN, "prices");
    refused(|it| it.bonus = -1, "bonus");
    refused(|it| it.bonus = 1, "bonus");
    refused(|it| it.profits.push(0), "profits");
    refused(|it| it.prices.truncate(1), "prices");
}

#[test]
fn a_wrong_cover_is_refused() {
    let (problem, pairs, certificate) = solved(Objective::MostPeople);
    let error = |change: fn(&mut Certificate)| {
        let mut changed = certificate.clone();
        change(&mut changed);
        check(&problem, &pairs, &changed).unwrap_err()
    };
    assert_eq!(error(|it| it.cover = None), CheckError::NoCover);
    assert!(matches!(
        error(|it| it.cover = Some(mentorship_core::matching::certificate::Cover::default())),
        CheckError::MorePossible { matched: 3, bound: 10 }
    ));
    assert_eq!(
        error(|it| it.cover.as_mut().unwrap().mentors.push(3)),
        CheckError::Malformed("cover.mentors")
    );
    assert_eq!(
        error(|it| it.cover.as_mut().unwrap().mentees = vec![0, 0]),
        CheckError::Malformed("cover.mentees")
    );
}

#[test]
fn fewer_pairs_are_refused_for_most_people_even_if_their_total_is_best() {
    let edges = [(0, 0, 90), (0, 1, 10), (1, 0, 60)];
    let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
    let problem = Problem::new(2, vec![1, 1], &edges).unwrap();
    let best = solve(&problem, Objective::BestTotal, &Options::default());
    assert_eq!(best.value.matched, 1);
    let mut certificate = best.certificate;
    certificate.objective = Objective::MostPeople;
    certificate.cover =
        solve(&problem, Objective::MostPeople, &Options::default()).certificate.cover;
    assert_eq!(
        check(&problem, &best.pairs, &certificate),
        Err(CheckError::MorePossible { matched: 1, bound: 2 })
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever is moved, the checker never accepts a pairing that is worth less than the best one.
    #[test]
    fn a_worse_pairing_is_never_accepted(
        small in small(true),
        drop in any::<prop::sample::Index>(),
        moved in any::<prop::sample::Index>(),
        by in -3..=3_i64,
    ) {
        let problem = small.problem();
        let solution = solve(&problem, Objective::BestTotal, &Options::default());
        if solution.value.total == 0 {
            return Ok(());
        }
        let mut pairs = solution.pairs.clone();
        let dropped = pairs.remove(drop.index(pairs.len()));
        let edge = problem.edge(dropped.mentee, dropped.mentor).unwrap();
        if problem.weights()[edge] == 0 {
            return Ok(());
        }
        let mut certificate = solution.certificate;
        let at = moved.index(certificate.prices.len());
        certificate.prices[at] += by;
        prop_assert!(check(&problem, &pairs, &certificate).is_err());
    }
}
