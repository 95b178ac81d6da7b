//! A pairing under changes is as good after each of them as one that is solved anew, moves nobody whom it
//! does not tell, and leaves alone what is settled.

use std::collections::BTreeSet;

use mentorship_core::{
    base::input::Problem as Wrong,
    matching::{
        certificate::{Objective, Pair},
        check::{CheckError, check},
        dynamic::{DynamicMatching, Moves},
        problem::{Edge, Problem},
        solve::{Options, solve},
    },
    model::enrollment::Role,
};
use proptest::{prelude::*, sample::Index};

use crate::brute::{Small, best, rank_of, small};

/// Something that happens. Who it happens to is drawn from whoever is there by then.
#[derive(Clone, Debug)]
enum Change {
    Join(Role, u32, Vec<(Index, i32)>),
    Leave(Role, Index),
    Capacity(Role, Index, u32),
    Forbid(Index, Index),
    Allow(Index, Index, i32),
    Settle(Index, Index),
}

fn change(top: i32) -> impl Strategy<Value = Change> {
    let role = || prop_oneof![Just(Role::Mentee), Just(Role::Mentor)];
    prop_oneof![
        (role(), 0..3_u32, prop::collection::vec((any::<Index>(), 0..=top), 0..5))
            .prop_map(|(role, capacity, suits)| Change::Join(role, capacity, suits)),
        (role(), any::<Index>()).prop_map(|(role, who)| Change::Leave(role, who)),
        (role(), any::<Index>(), 0..4_u32)
            .prop_map(|(role, who, capacity)| Change::Capacity(role, who, capacity)),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Change::Forbid(a, b)),
        (any::<Index>(), any::<Index>(), 0..=top).prop_map(|(a, b, w)| Change::Allow(a, b, w)),
        (any::<Index>(), any::<Index>()).prop_map(|(a, b)| Change::Settle(a, b)),
    ]
}

/// Who is there, by side: numbers of those who have not left.
struct Here([Vec<u32>; 2]);

impl Here {
    fn of(&self, role: Role, who: Index) -> Option<u32> {
        let list = &self.0[usize::from(role == Role::Mentor)];
        (!list.is_empty()).then(|| *who.get(list))
    }
}

/// What a change does, if there is anybody for it.
fn apply(pairing: &mut DynamicMatching, here: &mut Here, change: &Change) -> Option<Moves> {
    let side = |role: Role| usize::from(role == Role::Mentor);
    match change {
        Change::Join(role, capacity, suits) => {
            let other = if *role == Role::Mentor { Role::Mentee } else { Role::Mentor };
            let mut known = BTreeSet::new();
            let suits: Vec<(u32, i32)> = suits
                .iter()
                .filter_map(|(who, weight)| Some((here.of(other, *who)?, *weight)))
                .filter(|(who, _)| known.insert(*who))
                .collect();
            let (number, moves) = pairing.join(*role, *capacity, &suits).unwrap();
            here.0[side(*role)].push(number);
            Some(moves)
        }
        Change::Leave(role, who) => {
            let number = here.of(*role, *who)?;
            here.0[side(*role)].retain(|it| *it != number);
            Some(pairing.leave(*role, number).unwrap())
        }
        Change::Capacity(role, who, capacity) => {
            Some(pairing.set_capacity(*role, here.of(*role, *who)?, *capacity).unwrap())
        }
        Change::Forbid(mentee, mentor) => {
            let (mentee, mentor) =
                (here.of(Role::Mentee, *mentee)?, here.of(Role::Mentor, *mentor)?);
            let moves = pairing.forbid(mentee, mentor).unwrap();
            assert!(!pairing.partners(Role::Mentee, mentee).contains(&mentor));
            Some(moves)
        }
        Change::Allow(mentee, mentor, weight) => {
            let (mentee, mentor) =
                (here.of(Role::Mentee, *mentee)?, here.of(Role::Mentor, *mentor)?);
            Some(pairing.allow(mentee, mentor, *weight).unwrap())
        }
        Change::Settle(mentee, mentor) => {
            let (mentee, mentor) =
                (here.of(Role::Mentee, *mentee)?, here.of(Role::Mentor, *mentor)?);
            let before = pairing.problem();
            let places = |problem: &Problem| {
                let mentees = problem.mentee_capacities()[mentee as usize];
                (mentees, problem.mentor_capacities()[mentor as usize])
            };
            let had = places(&before);
            let moves = pairing.settle(mentee, mentor);
            if had.0 == 0 || had.1 == 0 {
                assert!(matches!(moves.unwrap_err().problem(), Wrong::Conflict { .. }));
                return None;
            }
            let after = pairing.problem();
            assert_eq!(places(&after), (had.0 - 1, had.1 - 1));
            assert_eq!(after.edge(mentee, mentor), None);
            Some(moves.unwrap())
        }
    }
}

/// The pairing is what it was with the moves made, keeps the rules and is proven best.
fn holds(pairing: &DynamicMatching, before: &[Pair], moves: &Moves) -> Result<(), TestCaseError> {
    let problem = pairing.problem();
    let pairs = pairing.pairs();
    prop_assert_eq!(check(&problem, &pairs, &pairing.certificate()), Ok(pairing.value()));
    let mut expected: BTreeSet<Pair> = before.iter().copied().collect();
    for pair in &moves.ended {
        prop_assert!(expected.remove(pair), "{pair:?} ended and was no pair");
    }
    for pair in &moves.formed {
        prop_assert!(expected.insert(*pair), "{pair:?} formed and was a pair");
    }
    prop_assert_eq!(expected, pairs.into_iter().collect());
    Ok(())
}

fn start(problem: &Problem, objective: Objective) -> (DynamicMatching, Here) {
    let solution = solve(problem, objective, &Options::default());
    let pairing = DynamicMatching::new(problem, &solution).unwrap();
    let numbers = |people: usize| (0..).take(people).collect();
    (pairing, Here([numbers(problem.mentees()), numbers(problem.mentors())]))
}

fn objective() -> impl Strategy<Value = Objective> {
    prop_oneof![Just(Objective::MostPeople), Just(Objective::BestTotal)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn small_ones_stay_as_good_as_brute_force(
        small in small(true),
        objective in objective(),
        changes in prop::collection::vec(change(6), 1..6),
    ) {
        let (mut pairing, mut here) = start(&small.problem(), objective);
        for change in changes {
            let before = pairing.pairs();
            let Some(moves) = apply(&mut pairing, &mut here, &change) else { continue };
            holds(&pairing, &before, &moves)?;
            let problem = pairing.problem();
            let edges = (0..).take(problem.mentees()).flat_map(|mentee| {
                let problem = &problem;
                problem.row(mentee as usize).map(move |at| Edge {
                    mentee,
                    mentor: problem.columns()[at],
                    weight: problem.weights()[at],
                })
            });
            let now = Small {
                mentee_capacity: problem.mentee_capacities().to_vec(),
                mentor_capacity: problem.mentor_capacities().to_vec(),
                edges: edges.collect(),
            };
            prop_assert_eq!(rank_of(objective, pairing.value()), best(&now, objective));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn larger_ones_stay_proven_and_equal_to_a_new_solve(
        cells in prop::collection::vec((0..60_u32, 0..40_u32, 0..200_i32), 600),
        capacity in prop::collection::vec(0..4_u32, 40),
        several in prop::collection::vec(0..3_u32, 60),
        objective in objective(),
        changes in prop::collection::vec(change(200), 60),
    ) {
        let mut known = BTreeSet::new();
        let edges: Vec<Edge> = cells
            .into_iter()
            .filter(|(mentee, mentor, _)| known.insert((*mentee, *mentor)))
            .map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight })
            .collect();
        let problem = Problem::new(60, capacity, &edges).unwrap().mentee_capacity(several).unwrap();
        let (mut pairing, mut here) = start(&problem, objective);
        for (at, change) in changes.iter().enumerate() {
            let before = pairing.pairs();
            let Some(moves) = apply(&mut pairing, &mut here, change) else { continue };
            holds(&pairing, &before, &moves)?;
            if at % 10 == 0 {
                let anew = solve(&pairing.problem(), objective, &Options::default());
                prop_assert_eq!(
                    rank_of(objective, anew.value),
                    rank_of(objective, pairing.value())
                );
            }
        }
    }
}

fn two_and_one() -> DynamicMatching {
    let edges = [(0, 0, 90), (1, 0, 60)];
    let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
    start(&Problem::new(2, vec![1], &edges).unwrap(), Objective::MostPeople).0
}

#[test]
fn what_is_wrong_is_named_and_changes_nothing() {
    let mut pairing = two_and_one();
    let before = (pairing.pairs(), pairing.problem());
    let field = |it: Result<_, mentorship_core::base::input::InputError>| {
        it.map(|_: Moves| ()).unwrap_err().field().to_owned()
    };
    let mut join =
        |suits: &[(u32, i32)]| field(pairing.join(Role::Mentor, 1, suits).map(|it| it.1));
    assert_eq!(join(&[(0, 1), (2, 1)]), "edges[1].person");
    assert_eq!(join(&[(0, -1)]), "edges[0].weight");
    assert_eq!(join(&[(0, (1 << 20) + 1)]), "edges[0].weight");
    assert_eq!(join(&[(1, 5), (1, 6)]), "edges");
    assert_eq!(field(pairing.leave(Role::Mentor, 1)), "person");
    assert_eq!(field(pairing.set_capacity(Role::Mentee, 2, 1)), "person");
    assert_eq!(field(pairing.forbid(2, 0)), "mentee");
    assert_eq!(field(pairing.allow(0, 1, 1)), "mentor");
    assert_eq!(field(pairing.allow(0, 0, -1)), "weight");
    assert_eq!(field(pairing.settle(0, 7)), "mentor");
    assert_eq!((pairing.pairs(), pairing.problem()), before);
    pairing.leave(Role::Mentee, 1).unwrap();
    let gone = pairing.leave(Role::Mentee, 1).unwrap_err();
    assert_eq!(gone.problem(), &Wrong::Unknown { what: "person" });
}

#[test]
fn a_settled_pair_is_not_touched_by_whoever_comes() {
    let mut pairing = two_and_one();
    assert_eq!(pairing.settle(1, 0).unwrap().ended, [Pair { mentee: 0, mentor: 0 }]);
    let (_, moves) = pairing.join(Role::Mentee, 1, &[(0, 1000)]).unwrap();
    assert_eq!(moves, Moves::default());
    assert!(pairing.pairs().is_empty());
}

#[test]
fn a_solution_that_proves_nothing_is_refused() {
    let edges = [Edge { mentee: 0, mentor: 0, weight: 5 }];
    let problem = Problem::new(1, vec![1], &edges).unwrap();
    let mut solution = solve(&problem, Objective::BestTotal, &Options::default());
    solution.pairs.clear();
    assert!(matches!(
        DynamicMatching::new(&problem, &solution),
        Err(CheckError::UnmatchedProfit(_) | CheckError::UnfilledPrice(_))
    ));
}

/// The mentee without a mentor would pay 60, the one who has the mentor up to 90.
#[test]
fn prices_begin_in_the_middle_of_what_proves_the_pairing() {
    let edges = [(0, 0, 90), (1, 0, 60), (2, 1, 7)];
    let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
    let problem = Problem::new(3, vec![1, 1], &edges).unwrap();
    let solution = solve(&problem, Objective::BestTotal, &Options::default());
    let pairing = DynamicMatching::new(&problem, &solution).unwrap();
    let certificate = pairing.certificate();
    // An odd range: the price is rounded down, the profit up.
    assert_eq!((certificate.prices, certificate.profits), (vec![75, 3], vec![15, 0, 4]));
    let certificate = pairing.certificate();
    assert_eq!(check(&problem, &pairing.pairs(), &certificate), Ok(pairing.value()));
}
