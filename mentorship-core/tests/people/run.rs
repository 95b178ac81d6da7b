//! A run is the same whatever the order of its input, keeps its pins, and says of everybody why.

use std::collections::BTreeSet;

use chrono::Duration;
use mentorship_core::{
    base::id::{EnrollmentId, Id as _, ProgramId},
    matching::{
        certificate::{Objective, Pair},
        check::{check, check_fairest},
        explain::WhyNot,
        people::{Options, WhyUnmatched},
        problem::{Edge, Problem},
        run::{Goal, PreparedRun, RunInput, RunOptions, RunOutcome, RunWish, Seat, compare},
        solve::{self, fairest, solve},
    },
    model::{enrollment::Role, proposal::ProposedPair},
};
use proptest::prelude::*;
use uuid::Uuid;

use crate::made::{Draw, Made, now};

fn id(n: u128) -> EnrollmentId {
    EnrollmentId::from_uuid(Uuid::from_u128(n))
}

/// The people of `made` as the seats of a run, and what stands between them.
fn input(made: &Made, draw: &mut Draw) -> RunInput {
    let mentor = |n: u32| id(1_000 + u128::from(n));
    let mentee = |n: u32| id(2_000 + u128::from(n));
    let mut seats = Vec::new();
    let crowd = made.people();
    for (n, (role, answers, special_category, person, places)) in (0_u32..).zip(crowd) {
        let number = n - if role == Role::Mentee { made.mentors() } else { 0 };
        seats.push(Seat {
            enrollment: if role == Role::Mentor { mentor(number) } else { mentee(number) },
            role,
            person: format!("person-{person}").as_str().try_into().unwrap(),
            answers: answers.clone(),
            special_category,
            places,
            barred: draw.chance(5),
            waiting_since: now() - Duration::days(i64::from(draw.number(80))),
        });
    }
    let two = |it: &Pair| ProposedPair { mentor: mentor(it.mentor), mentee: mentee(it.mentee) };
    let (excluded, taken): (Vec<_>, Vec<_>) =
        made.excluded().iter().map(two).partition(|_| draw.chance(50));
    let program = ProgramId::from_uuid(Uuid::from_u128(7));
    let mut wishes = Vec::new();
    for _ in 0..6 {
        // Some of them do not take part.
        let pair = ProposedPair { mentor: mentor(draw.number(9)), mentee: mentee(draw.number(9)) };
        let both = [Role::Mentor, Role::Mentee].map(|by| RunWish { pair, by });
        wishes.extend(both.into_iter().filter(|_| draw.chance(60)));
    }
    RunInput { program, form: made.form(), at: now(), seats, excluded, taken, wishes }
}

fn any_pair(input: &RunInput, draw: &mut Draw) -> Option<ProposedPair> {
    let of = |role| input.seats.iter().filter(move |it| it.role == role).map(|it| it.enrollment);
    let (mentors, mentees): (Vec<_>, Vec<_>) =
        (of(Role::Mentor).collect(), of(Role::Mentee).collect());
    if mentors.is_empty() || mentees.is_empty() {
        return None;
    }
    let mentor = mentors[draw.number(mentors.len()) as usize];
    Some(ProposedPair { mentor, mentee: mentees[draw.number(mentees.len()) as usize] })
}

fn options(input: &RunInput, draw: &mut Draw) -> RunOptions {
    let goals = [Goal::MostPeople, Goal::BestTotal, Goal::Fairest];
    let goal = goals[draw.number(goals.len()) as usize];
    let mut options = RunOptions::new().objective(goal).waiting_points(5).wish_points(7);
    for _ in 0..3 {
        let Some(pair) = any_pair(input, draw) else { break };
        options = if draw.chance(60) { options.pin(pair) } else { options.forbid(pair) };
    }
    options
}

fn shuffled<T>(mut all: Vec<T>, draw: &mut Draw) -> Vec<T> {
    for at in (1..all.len()).rev() {
        all.swap(at, draw.number(at + 1) as usize);
    }
    all
}

/// How many points the run misses of what is best when every pair is looked at by itself, pins left out.
fn dense(run: &PreparedRun, input: &RunInput, outcome: &RunOutcome) -> i64 {
    let pinned: BTreeSet<ProposedPair> =
        outcome.pairs.iter().filter(|it| it.pinned).map(|it| it.pair).collect();
    let side = |role| {
        let mut seats: Vec<&Seat> = input.seats.iter().filter(|it| it.role == role).collect();
        seats.sort_by_key(|it| it.enrollment);
        seats
    };
    let (mentors, mentees) = (side(Role::Mentor), side(Role::Mentee));
    let free = |seat: &Seat, of: fn(&ProposedPair) -> EnrollmentId| {
        let used = pinned.iter().filter(|it| of(it) == seat.enrollment).count();
        if seat.barred { 0 } else { seat.places.saturating_sub(u32::try_from(used).unwrap()) }
    };
    let mut edges = Vec::new();
    for (m, mentee) in (0..).zip(&mentees) {
        let weeks = (now() - mentee.waiting_since).num_days() / 7;
        for (n, mentor) in (0..).zip(&mentors) {
            let pair = ProposedPair { mentor: mentor.enrollment, mentee: mentee.enrollment };
            if let Some(score) = run.score(pair).filter(|_| !pinned.contains(&pair)) {
                let wishes: BTreeSet<&RunWish> =
                    input.wishes.iter().filter(|it| it.pair == pair).collect();
                let beside = 5 * weeks + 7 * i64::try_from(wishes.len()).unwrap();
                let weight = i32::try_from(i64::from(score.total()) + beside).unwrap();
                edges.push(Edge { mentee: m, mentor: n, weight });
            }
        }
    }
    let capacity = mentors.iter().map(|it| free(it, |it| it.mentor)).collect();
    let capacities = mentees.iter().map(|it| free(it, |it| it.mentee)).collect();
    let problem = Problem::new(mentees.len(), capacity, &edges).unwrap();
    let problem = problem.mentee_capacity(capacities).unwrap();
    let found = outcome.pairs.iter().filter(|it| !it.pinned);
    let objective = match outcome.objective {
        Goal::BestTotal => Objective::BestTotal,
        Goal::Fairest => {
            let best = fairest(&problem, &solve::Options::default());
            assert_eq!(check_fairest(&problem, &best.pairs, &best.certificate), Ok(best.value));
            let points =
                |pair: &Pair| problem.weights()[problem.edge(pair.mentee, pair.mentor).unwrap()];
            let mut most: Vec<i32> = best.pairs.iter().map(points).collect();
            let mut ours: Vec<i32> =
                found.map(|it| i32::try_from(it.score.total()).unwrap()).collect();
            most.sort_unstable();
            ours.sort_unstable();
            assert_eq!(ours, most);
            return 0;
        }
        _ => Objective::MostPeople,
    };
    let best = solve(&problem, objective, &solve::Options::default());
    assert_eq!(check(&problem, &best.pairs, &best.certificate), Ok(best.value));
    if objective == Objective::MostPeople {
        assert_eq!(found.clone().count() as u64, best.value.matched);
    }
    best.value.total - found.map(|it| i64::from(it.score.total())).sum::<i64>()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_run_is_the_best_and_the_same_in_any_order(seed: u64) {
        let made = Made::new(seed, 14);
        let mut draw = Draw::Seed(seed ^ 0x4D);
        let input = input(&made, &mut draw);
        let options = options(&input, &mut draw);
        let run = PreparedRun::new(input.clone(), options.clone()).unwrap();
        let outcome = run.solve(&Options::default()).unwrap();
        prop_assert!(outcome.optimal);
        prop_assert_eq!(dense(&run, &input, &outcome), 0);

        let mixed = RunInput {
            seats: shuffled(input.seats.clone(), &mut draw),
            excluded: shuffled(input.excluded.clone(), &mut draw),
            wishes: shuffled(input.wishes.clone(), &mut draw),
            taken: shuffled(input.taken.clone(), &mut draw),
            ..input.clone()
        };
        let again = PreparedRun::new(mixed, options.clone()).unwrap();
        prop_assert_eq!(again.digest(), run.digest());
        let twice = again.solve(&Options::default().threads(2)).unwrap();
        prop_assert_eq!(&twice, &outcome);
        let nothing = compare((&run, &outcome), (&again, &twice));
        prop_assert_eq!(nothing.kept, outcome.report.pairs);
        prop_assert!(nothing.moved.is_empty());
        let told = serde_json::to_string(&outcome).unwrap();
        prop_assert_eq!(serde_json::from_str::<RunOutcome>(&told).unwrap(), outcome);
    }

    #[test]
    fn everybody_is_paired_or_told_why(seed: u64) {
        let made = Made::new(seed, 14);
        let mut draw = Draw::Seed(seed ^ 0x4E);
        let input = input(&made, &mut draw);
        let options = options(&input, &mut draw);
        let run = PreparedRun::new(input.clone(), options).unwrap();
        let outcome = run.solve(&Options::default()).unwrap();
        let paired: BTreeSet<EnrollmentId> =
            outcome.pairs.iter().flat_map(|it| [it.pair.mentor, it.pair.mentee]).collect();
        let left: BTreeSet<EnrollmentId> =
            outcome.unmatched.iter().map(|it| it.enrollment).collect();
        for seat in &input.seats {
            let one = u8::from(paired.contains(&seat.enrollment));
            let other = u8::from(left.contains(&seat.enrollment));
            if seat.barred {
                prop_assert_eq!((one, other), (0, 1));
            } else if seat.places > 0 {
                prop_assert_eq!(one + other, 1);
            } else {
                prop_assert_eq!((one, other), (0, 0));
            }
        }
        for it in &outcome.unmatched {
            if let WhyUnmatched::PlacesTaken { shortage: Some(at) } = it.why {
                prop_assert!(outcome.shortages[at].places < outcome.shortages[at].needed);
            }
        }
        for pin in run.infeasible_pins() {
            prop_assert!(!outcome.pairs.iter().any(|it| it.pinned && it.pair == pin.pair));
            if let WhyNot::Rule { broken } = &pin.why_not {
                prop_assert!(!broken.is_empty());
            }
        }
    }
}

#[test]
fn what_is_out_of_range_is_named() {
    let made = Made::new(1, 10);
    let input = input(&made, &mut Draw::Seed(1));
    let refused =
        |options: RunOptions| PreparedRun::new(input.clone(), options).unwrap_err().to_string();
    let limits = [
        (RunOptions::new().minimum_score(20_001), "`minimum_score`"),
        (RunOptions::new().minimum_share(101), "`minimum_share`"),
        (RunOptions::new().waiting_points(1_001), "`waiting_points`"),
    ];
    for (options, field) in limits {
        assert!(refused(options.clone()).starts_with(field), "{}", refused(options));
    }
    let mut twice = input.clone();
    twice.seats.extend(input.seats.first().cloned());
    let error = PreparedRun::new(twice, RunOptions::new()).unwrap_err().to_string();
    assert!(error.contains("enrolment"), "{error}");
}
