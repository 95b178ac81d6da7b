//! The fairest pairing against all pairings, and its checker against what is not quite one.

use mentorship_core::matching::{
    certificate::{FairCertificate, Objective, Pair},
    check::{CheckError, check_fairest},
    problem::{Edge, Problem},
    solve::{Options, Progress, fairest, fairest_watched, solve},
};
use proptest::prelude::*;

use crate::brute::{Small, small};

/// All points of a pairing, the worst first: of two with as many pairs, the larger list is the fairer.
fn points(problem: &Problem, pairs: &[Pair]) -> Vec<i32> {
    let points = pairs.iter().map(|it| {
        let edge = problem.edge(it.mentee, it.mentor).unwrap();
        problem.weights()[edge]
    });
    let mut points: Vec<i32> = points.collect();
    points.sort_unstable();
    points
}

/// Looks at every pairing for the fairest.
fn fairest_of_all(
    edges: &[Edge],
    places: &mut (Vec<u32>, Vec<u32>),
    have: &mut Vec<i32>,
    best: &mut Vec<i32>,
) {
    let Some((edge, rest)) = edges.split_first() else {
        let mut points = have.clone();
        points.sort_unstable();
        if (points.len(), &points) > (best.len(), &*best) {
            *best = points;
        }
        return;
    };
    fairest_of_all(rest, places, have, best);
    let (mentee, mentor) = (edge.mentee as usize, edge.mentor as usize);
    if places.0[mentee] > 0 && places.1[mentor] > 0 {
        places.0[mentee] -= 1;
        places.1[mentor] -= 1;
        have.push(edge.weight);
        fairest_of_all(rest, places, have, best);
        have.pop();
        places.0[mentee] += 1;
        places.1[mentor] += 1;
    }
}

/// At most 16 allowed pairs, so that there are not too many pairings.
fn tiny() -> impl Strategy<Value = Small> {
    small(true).prop_map(|mut small| {
        small.edges.truncate(16);
        small
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn it_is_the_fairest_of_all_pairings(small in tiny(), seed in 0..3_u64) {
        let problem = small.problem();
        let found = fairest(&problem, &Options::default().seed(seed));
        let mut best = Vec::new();
        let mut places = (small.mentee_capacity.clone(), small.mentor_capacity.clone());
        fairest_of_all(&small.edges, &mut places, &mut Vec::new(), &mut best);
        let points = points(&problem, &found.pairs);
        prop_assert_eq!(found.worst, points.first().copied());
        prop_assert_eq!(points, best);
        prop_assert!(found.optimal);
        prop_assert_eq!(found.unproven, 0);
        prop_assert_eq!(check_fairest(&problem, &found.pairs, &found.certificate), Ok(found.value));
    }

    /// With another pairing the same certificate holds only if that is as fair.
    #[test]
    fn the_proof_is_no_proof_of_a_pairing_that_is_less_fair(small in small(true)) {
        let problem = small.problem();
        let found = fairest(&problem, &Options::default());
        for objective in [Objective::MostPeople, Objective::BestTotal] {
            let other = solve(&problem, objective, &Options::default());
            let as_fair = points(&problem, &other.pairs) == points(&problem, &found.pairs);
            let checked = check_fairest(&problem, &other.pairs, &found.certificate);
            prop_assert_eq!(checked.is_ok(), as_fair);
        }
    }

    #[test]
    fn a_certificate_that_lacks_something_is_refused(
        small in small(true),
        at in any::<prop::sample::Index>(),
    ) {
        let problem = small.problem();
        let found = fairest(&problem, &Options::default());
        let levels = found.certificate.levels.len();
        if levels == 0 {
            return Ok(());
        }
        let changed = |change: &dyn Fn(&mut FairCertificate, usize)| {
            let mut certificate = found.certificate.clone();
            change(&mut certificate, at.index(levels));
            check_fairest(&problem, &found.pairs, &certificate).unwrap_err()
        };
        let without = changed(&|it, at| { it.levels.remove(at); });
        prop_assert!(!matches!(without, CheckError::Malformed(_)), "{:?}", without);
        let malformed = CheckError::Malformed("levels");
        let twice = changed(&|it, at| it.levels.insert(at, it.levels[at].clone()));
        prop_assert_eq!(&twice, &malformed);
        let nobody = changed(&|it, at| it.levels[at].mentees.push((99, 1)));
        prop_assert_eq!(&nobody, &malformed);
        let nothing = changed(&|it, at| it.levels[at].mentors.push((0, 0)));
        prop_assert_eq!(&nothing, &malformed);
    }

    #[test]
    fn stopped_at_any_moment_it_is_a_pairing_and_says_what_is_not_proven(
        small in small(true),
        calls in 0..20_u32,
        budget in 0..400_u64,
    ) {
        let problem = small.problem();
        let end = points(&problem, &fairest(&problem, &Options::default()).pairs);
        let mut left = calls;
        let mut control = |_: &Progress| {
            if left == 0 {
                return std::ops::ControlFlow::Break(());
            }
            left -= 1;
            std::ops::ControlFlow::Continue(())
        };
        let stopped = fairest_watched(&problem, &Options::default(), &mut control);
        let short = fairest(&problem, &Options::default().budget(budget));
        for found in [stopped, short] {
            let points = points(&problem, &found.pairs);
            prop_assert!(!found.optimal || (found.unproven == 0 && points == end));
            let proven = points.len() - usize::try_from(found.unproven).unwrap();
            prop_assert_eq!(&points[..proven], &end[..proven]);
        }
    }
}

#[test]
fn the_worst_pair_comes_before_the_total() {
    let edges = [(0, 0, 90), (0, 1, 30), (1, 0, 20), (1, 1, 10)];
    let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
    let problem = Problem::new(2, vec![1, 1], &edges).unwrap();
    let found = fairest(&problem, &Options::default());
    assert_eq!(points(&problem, &found.pairs), [20, 30]);
    let proof = FairCertificate { levels: Vec::new(), ..found.certificate };
    let nothing = check_fairest(&problem, &found.pairs, &proof);
    assert!(matches!(nothing, Err(CheckError::NotTight(_))), "{nothing:?}");
}
