//! Every result is the best one, and its certificate proves it.

use mentorship_core::matching::{
    certificate::Objective,
    check::{bound, check, feasible},
    problem::{Edge, Problem},
    solve::{Options, Stage, solve},
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

/// Each mentee may have the mentor of their own number, and would rather have any later one.
fn triangle(mentees: u32) -> Problem {
    let edge = |mentee, mentor| Edge {
        mentee,
        mentor,
        weight: if mentee == mentor { 0 } else { 1 << 20 },
    };
    let edges: Vec<Edge> = (0..mentees)
        .flat_map(|mentee| (mentee..mentees).map(move |mentor| edge(mentee, mentor)))
        .collect();
    Problem::new(mentees as usize, vec![1; mentees as usize], &edges).unwrap()
}

/// As many mentors as mentees, each mentee with some of them and points that are drawn. Nearly everybody is
/// paired, so that some mentors end the auction without a mentee and with a price, and whoever would come to
/// them is far away.
fn sparse(people: u32, each: u32, points: i32, seed: u64) -> Problem {
    let mut state = seed;
    let mut draw = |below: u32| {
        // Knuth's generator; the upper half of what it draws.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from(((state >> 32) * u64::from(below)) >> 32).unwrap()
    };
    let mut edges = std::collections::BTreeMap::new();
    for mentee in 0..people {
        for _ in 0..each {
            let mentor = draw(people);
            let weight = 1 + i32::try_from(draw(points.unsigned_abs())).unwrap();
            edges.insert((mentee, mentor), weight);
        }
    }
    let edges: Vec<Edge> = edges
        .into_iter()
        .map(|((mentee, mentor), weight)| Edge { mentee, mentor, weight })
        .collect();
    Problem::new(people as usize, vec![1; people as usize], &edges).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn mentors_who_are_left_with_a_price_are_repaired(
        people in 50..600_u32,
        each in 4..12_u32,
        points in prop::sample::select(vec![30, 1_000, 1 << 20]),
        seed: u64,
    ) {
        let problem = sparse(people, each, points, seed);
        for objective in OBJECTIVES {
            let found = solve(&problem, objective, &Options::default());
            prop_assert!(found.optimal);
            prop_assert_eq!(check(&problem, &found.pairs, &found.certificate), Ok(found.value));
        }
    }
}

#[test]
fn many_short_rows_in_half_the_memory_give_the_same() {
    let problem = sparse(20_000, 14, 900, 5);
    // From so many edges on.
    assert!(problem.edges() >= 1 << 18);
    // Nearly as many, but fewer of mentors who have a place.
    let mut capacity = vec![1; 20_000];
    capacity.iter_mut().step_by(10).for_each(|places| *places = 0);
    let mut edges = Vec::new();
    for mentee in 0..20_000 {
        let row = problem.row(mentee as usize);
        let row = problem.columns()[row.clone()].iter().zip(&problem.weights()[row]);
        edges.extend(row.map(|(&mentor, &weight)| Edge { mentee, mentor, weight }));
    }
    let fewer = Problem::new(20_000, capacity, &edges).unwrap();
    let open = edges.iter().filter(|edge| !edge.mentor.is_multiple_of(10)).count();
    assert!(open < 1 << 18);
    for objective in OBJECTIVES {
        let found = solve(&fewer, objective, &Options::default());
        assert!(found.optimal && found.value.matched > 17_000);
        assert_eq!(check(&fewer, &found.pairs, &found.certificate), Ok(found.value));
    }
    // One more mentor whom everybody may have, and who has no place: where this would be worth more than fits
    // beside a column, edges are two numbers.
    let with_closed = |weight| {
        let all = (0..20_000).map(|mentee| Edge { mentee, mentor: 20_000, weight });
        let edges: Vec<Edge> = edges.iter().copied().chain(all).collect();
        let mut capacity = problem.mentor_capacities().to_vec();
        capacity.push(0);
        Problem::new(20_000, capacity, &edges).unwrap()
    };
    for objective in OBJECTIVES {
        let ranks = [&problem, &with_closed(1), &with_closed(1 << 20)].map(|problem| {
            let found = solve(problem, objective, &Options::default());
            assert_eq!(check(problem, &found.pairs, &found.certificate), Ok(found.value));
            rank_of(objective, found.value)
        });
        assert_eq!(ranks[0], ranks[1]);
        assert_eq!(ranks[0], ranks[2]);
    }
}

/// Others beside the people of a problem, who have nothing to do with them.
fn beside(problem: &Problem, others: &Problem) -> Problem {
    let [mentees, mentors] =
        [problem.mentees(), problem.mentors()].map(|it| u32::try_from(it).unwrap());
    let mut edges = Vec::new();
    for (problem, mentee_from, mentor_from) in [(problem, 0, 0), (others, mentees, mentors)] {
        for mentee in 0..u32::try_from(problem.mentees()).unwrap() {
            let row = problem.row(mentee as usize);
            let row = problem.columns()[row.clone()].iter().zip(&problem.weights()[row]);
            edges.extend(row.map(|(mentor, &weight)| Edge {
                mentee: mentee_from + mentee,
                mentor: mentor_from + mentor,
                weight,
            }));
        }
    }
    let capacity = [problem.mentor_capacities(), others.mentor_capacities()].concat();
    Problem::new(problem.mentees() + others.mentees(), capacity, &edges).unwrap()
}

/// With 1 to 100 threads the same comes out: in the end, and wherever it is stopped.
fn threads_change_nothing_of(problem: &Problem, objective: Objective) {
    assert!(problem.edges() >= 1 << 18);
    let how = Options::default();
    let best = solve(problem, objective, &how);
    assert!(best.optimal);
    for threads in [2, 3, 100] {
        assert_eq!(solve(problem, objective, &how.threads(threads)), best, "{objective:?}");
    }
    for share in [7, 20, 45, 70, 85, 90, 94, 97] {
        let how = how.budget(best.operations() * share / 100);
        let stopped = solve(problem, objective, &how);
        assert_eq!(feasible(problem, &stopped.pairs), Ok(stopped.value));
        let bonus = stopped.certificate.bonus;
        let reach = stopped.value.with_bonus(bonus) + i128::from(stopped.gap);
        assert!(best.value.with_bonus(bonus) <= reach, "{objective:?}, {share}");
        assert_eq!(solve(problem, objective, &how.threads(2)), stopped, "{objective:?}, {share}");
    }
}

#[test]
fn threads_change_nothing() {
    // Points that fit beside a column in one number, and points that do not.
    for points in [900, 1 << 20] {
        let problem = sparse(20_000, 14, points, 3);
        for objective in OBJECTIVES {
            threads_change_nothing_of(&problem, objective);
        }
        let several = (0..20_000).map(|mentee| 1 + u32::from(mentee % 3 == 0)).collect();
        let several = problem.mentee_capacity(several).unwrap();
        threads_change_nothing_of(&several, Objective::BestTotal);
    }
}

#[test]
fn a_bonus_is_raised_among_very_many_too() {
    let mut links = Vec::new();
    for first in (0..15_000_u32).step_by(5) {
        let of = |mentee: u32, mentor: u32, weight| Edge {
            mentee: first + mentee,
            mentor: first + mentor,
            weight,
        };
        links.extend((0..5).map(|at| of(at, at, 0)));
        links.extend((1..5).map(|at| of(at - 1, at, 900)));
    }
    let chains = Problem::new(15_000, vec![1; 15_000], &links).unwrap();
    let problem = beside(&sparse(20_000, 14, 900, 5), &chains);
    let most = solve(&problem, Objective::MostPeople, &Options::default());
    assert!(most.certificate.bonus > 900, "{}", most.certificate.bonus);
    assert_eq!(check(&problem, &most.pairs, &most.certificate), Ok(most.value));
    threads_change_nothing_of(&problem, Objective::MostPeople);
}

#[test]
fn mentors_are_repaired_there() {
    let mut operations = 0;
    for seed in 0..10 {
        let problem = sparse(4_000, 6, 1_000, seed);
        let found = solve(&problem, Objective::BestTotal, &Options::default());
        assert!(found.optimal);
        let repaired = found.stages.iter().find(|it| it.stage == Stage::Repair).unwrap();
        operations += repaired.operations;
    }
    assert!(operations > 0);
}

/// Long rows, one in so many of all mentors missing; of the mentors everyone has `places`. One more mentor may
/// have everybody and takes nobody, if rows are to be copied.
fn long_rows(
    (mentees, mentors): (u32, u32),
    [missing, places, points]: [u32; 3],
    copied: bool,
) -> Problem {
    let mut edges = Vec::new();
    for mentee in 0..mentees {
        for mentor in 0..mentors + u32::from(copied) {
            let drawn = (mentee * 7919 + mentor * 104_729 + mentee * mentor * 31) % 9973;
            if mentor == mentors || missing == 0 || !drawn.is_multiple_of(missing) {
                let weight = i32::try_from(drawn % points).unwrap();
                edges.push(Edge { mentee, mentor, weight });
            }
        }
    }
    let mut capacity = vec![places; mentors as usize];
    capacity.extend(copied.then_some(0));
    Problem::new(mentees as usize, capacity, &edges).unwrap()
}

/// Whether the solver reads the rows where they stand: they are long, and complete or many. A case for which it
/// does not would compare copies with copies.
fn is_lent(problem: &Problem) -> bool {
    let (edges, mentees, mentors) = (problem.edges(), problem.mentees(), problem.mentors());
    edges / mentees >= 64
        && (edges == mentees * mentors || edges >= 5 << 18)
        && problem.mentor_capacities().iter().all(|places| *places > 0)
}

/// Both are the best, each by its own certificate, and equally good.
fn both_are_best(pair: &[Problem; 2], seed: u64) -> Result<(), TestCaseError> {
    prop_assert!(is_lent(&pair[0]) && !is_lent(&pair[1]));
    for objective in OBJECTIVES {
        let mut ranks = Vec::new();
        for problem in pair {
            let found = solve(problem, objective, &Options::default().seed(seed));
            prop_assert!(found.optimal);
            prop_assert_eq!(check(problem, &found.pairs, &found.certificate), Ok(found.value));
            ranks.push(rank_of(objective, found.value));
        }
        prop_assert_eq!(ranks[0], ranks[1]);
    }
    Ok(())
}

#[test]
fn long_rows_are_read_where_they_stand_and_give_the_same() {
    let (few, many) = ((120, 90), (1_300, 1_250));
    for (people, drawn) in [
        (few, [0, 1, 1_000]),
        (few, [0, 1, 3]),
        (few, [0, 2, 2]),
        (few, [0, 3, 9_000]),
        (many, [7, 1, 5_000]),
        (many, [9, 2, 3]),
    ] {
        let pair = [false, true].map(|copied| long_rows(people, drawn, copied));
        both_are_best(&pair, 0).unwrap_or_else(|why| panic!("{people:?} {drawn:?}: {why}"));
    }
}

/// Everybody may have everybody, with places and points that are drawn.
fn complete() -> impl Strategy<Value = [Problem; 2]> {
    let points = prop::sample::select(vec![1, 2, 3, 50, 1_000, 1 << 20]);
    (1..=100_usize, prop::collection::vec(1..=3_u32, 64..=100), points).prop_flat_map(
        |(mentees, capacity, points)| {
            let weights = prop::collection::vec(0..=points, mentees * capacity.len());
            weights.prop_map(move |weights| {
                [false, true].map(|copied| {
                    let mentors = u32::try_from(capacity.len()).unwrap();
                    let all = (0..u32::try_from(mentees).unwrap())
                        .flat_map(|mentee| (0..mentors).map(move |mentor| (mentee, mentor)));
                    let edges: Vec<Edge> = all
                        .zip(&weights)
                        .map(|((mentee, mentor), &weight)| Edge { mentee, mentor, weight })
                        .collect();
                    let mut capacity = capacity.clone();
                    capacity.extend(copied.then_some(0));
                    Problem::new(mentees, capacity, &edges).unwrap()
                })
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn complete_rows_are_read_where_they_stand_and_give_the_same(
        pair in complete(), seed in 0..3_u64,
    ) {
        both_are_best(&pair, seed)?;
    }

    #[test]
    fn long_rows_that_are_stopped_anywhere_give_a_true_gap(
        pair in complete(), share in 0..100_u64,
    ) {
        let problem = &pair[0];
        prop_assert!(is_lent(problem));
        for objective in OBJECTIVES {
            let best = solve(problem, objective, &Options::default());
            let budget = best.operations() * share / 100;
            let stopped = solve(problem, objective, &Options::default().budget(budget));
            prop_assert_eq!(feasible(problem, &stopped.pairs), Ok(stopped.value));
            let bonus = stopped.certificate.bonus;
            let reach = stopped.value.with_bonus(bonus) + i128::from(stopped.gap);
            prop_assert_eq!(bound(problem, &stopped.certificate), Ok(reach));
            prop_assert!(best.value.with_bonus(bonus) <= reach);
        }
    }
}

#[test]
fn long_rows_with_a_raised_bonus_are_proven_too() {
    let most = solve(&triangle(150), Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!((most.value.matched, most.value.total), (150, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    /// Points of all or nothing make long paths that cost more than the first bonus gives.
    #[test]
    fn a_bonus_that_is_raised_is_as_good_as_brute_force(
        small in small(true),
        several: bool,
        seed in 0..3_u64,
    ) {
        let mut small = small;
        for edge in &mut small.edges {
            edge.weight = if edge.weight % 2 == 0 { 0 } else { 1 << 20 };
        }
        if !several {
            small.mentee_capacity.fill(1);
        }
        is_best(&small, seed)?;
    }
}

/// Beside a chain that needs a large bonus, groups of three equal mentees on two mentors: whoever is left out
/// could bid for as long as that bonus lasts.
#[test]
fn a_large_bonus_starts_no_price_war() {
    let links = 2_000;
    let mut edges: Vec<Edge> = (0..links)
        .flat_map(|at| {
            let next =
                (at + 1 < links).then_some(Edge { mentee: at, mentor: at + 1, weight: 1 << 20 });
            [Some(Edge { mentee: at, mentor: at, weight: 0 }), next].into_iter().flatten()
        })
        .collect();
    let (mut mentees, mut mentors) = (links, links);
    for _ in 0..links {
        for mentee in mentees..mentees + 3 {
            edges.extend([0, 1].map(|at| Edge { mentee, mentor: mentors + at, weight: 7 }));
        }
        (mentees, mentors) = (mentees + 3, mentors + 2);
    }
    let problem = Problem::new(mentees as usize, vec![1; mentors as usize], &edges).unwrap();
    let most = solve(&problem, Objective::MostPeople, &Options::default());
    assert!(most.optimal);
    assert_eq!(most.value.matched, u64::from(3 * links));
    let looks = most.operations() / problem.edges() as u64;
    assert!(looks < 400, "{looks} looks at each edge");
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
