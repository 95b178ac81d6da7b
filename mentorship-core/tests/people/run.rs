//! A run is the same whatever the order of its input, keeps its pins, and says of everybody why.

use std::{collections::BTreeSet, sync::Arc};

use chrono::Duration;
use mentorship_core::{
    base::id::{EnrollmentId, Id as _, ProgramId},
    matching::{
        certificate::{Objective, Pair},
        check::{check, check_fairest},
        explain::WhyNot,
        people::{Options, WhyUnmatched},
        problem::{Edge, Problem},
        run::{
            Goal, PreparedRun, RunInput, RunOptions, RunOutcome, RunWish, Seat, WhyMoved, compare,
        },
        solve::{self, fairest, solve},
    },
    model::{enrollment::Role, proposal::ProposedPair},
};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use crate::made::{Draw, Made, checked, now, topics_of, weighted_topics};

fn id(n: u128) -> EnrollmentId {
    EnrollmentId::from_uuid(Uuid::from_u128(n))
}

/// The people of `made` as the seats of a run, and what stands between them.
pub(crate) fn input(made: &Made, draw: &mut Draw) -> RunInput {
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
    let (declined, excluded): (Vec<_>, Vec<_>) =
        excluded.into_iter().partition(|_| draw.chance(30));
    let program = ProgramId::from_uuid(Uuid::from_u128(7));
    let mut wishes = Vec::new();
    for _ in 0..6 {
        // Some of them do not take part.
        let pair = ProposedPair { mentor: mentor(draw.number(9)), mentee: mentee(draw.number(9)) };
        let both = [Role::Mentor, Role::Mentee].map(|by| RunWish { pair, by });
        wishes.extend(both.into_iter().filter(|_| draw.chance(60)));
    }
    RunInput { program, form: made.form(), at: now(), seats, excluded, declined, taken, wishes }
}

pub(crate) fn any_pair(input: &RunInput, draw: &mut Draw) -> Option<ProposedPair> {
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

pub(crate) fn shuffled<T>(mut all: Vec<T>, draw: &mut Draw) -> Vec<T> {
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
            declined: shuffled(input.declined.clone(), &mut draw),
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
    fn a_choice_counts_whomever_they_may_have_full_or_not(seed: u64) {
        let made = Made::new(seed, 14);
        let mut draw = Draw::Seed(seed ^ 0x4F);
        let input = input(&made, &mut draw);
        let options = options(&input, &mut draw);
        let run = PreparedRun::new(input.clone(), options).unwrap();
        let outcome = run.solve(&Options::default()).unwrap();
        for it in &outcome.pairs {
            let points = |mentor: &Seat| {
                let pair = ProposedPair { mentor: mentor.enrollment, mentee: it.pair.mentee };
                let wishes: BTreeSet<&RunWish> =
                    input.wishes.iter().filter(|it| it.pair == pair).collect();
                run.score(pair).map(|it| it.total() + 7 * u32::try_from(wishes.len()).unwrap())
            };
            let mentors = input.seats.iter().filter(|it| it.role == Role::Mentor);
            let (own, others): (Vec<&Seat>, Vec<&Seat>) =
                mentors.partition(|seat| seat.enrollment == it.pair.mentor);
            let better = others.iter().filter(|seat| points(seat) > points(own[0])).count();
            let choice = u8::try_from(better + 1).unwrap();
            prop_assert_eq!(it.choice, (choice <= 3).then_some(choice), "{:?}", it.pair);
        }
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

/// A run over people who named topics, each with a place; mentors have numbers below 10.
struct Topics {
    people: Vec<(u128, Vec<&'static str>)>,
    taken: Vec<ProposedPair>,
    excluded: Vec<ProposedPair>,
    options: RunOptions,
}

fn two(mentor: u128, mentee: u128) -> ProposedPair {
    ProposedPair { mentor: id(mentor), mentee: id(mentee) }
}

impl Topics {
    fn new(people: &[(u128, &[&'static str])]) -> Self {
        let people = people.iter().map(|(number, topics)| (*number, topics.to_vec())).collect();
        Self { people, taken: vec![], excluded: vec![], options: RunOptions::new() }
    }

    fn without(mut self, number: u128) -> Self {
        self.people.retain(|it| it.0 != number);
        self
    }

    fn run(&self) -> (PreparedRun, RunOutcome) {
        let busy =
            |number| self.taken.iter().any(|it| [it.mentor, it.mentee].contains(&id(number)));
        let seat = |(number, topics): &(u128, Vec<&str>)| Seat {
            enrollment: id(*number),
            role: if *number < 10 { Role::Mentor } else { Role::Mentee },
            person: format!("person-{number}").as_str().try_into().unwrap(),
            answers: topics_of(topics),
            special_category: false,
            places: u32::from(!busy(*number)),
            barred: false,
            waiting_since: now(),
        };
        let input = RunInput {
            program: ProgramId::from_uuid(Uuid::from_u128(7)),
            form: Arc::new(checked(&json!([weighted_topics()]))),
            at: now(),
            seats: self.people.iter().map(seat).collect(),
            excluded: self.excluded.clone(),
            declined: vec![],
            taken: self.taken.clone(),
            wishes: vec![],
        };
        let run = PreparedRun::new(input, self.options.clone()).unwrap();
        let outcome = run.solve(&Options::default()).unwrap();
        assert!(outcome.optimal);
        (run, outcome)
    }
}

#[test]
fn whoever_moved_is_told_why() {
    let both: &[(u128, &[&str])] = &[(1, &["ta"]), (2, &["tb"]), (11, &["ta"]), (12, &["tb"])];
    let base = || Topics::new(both);
    let moved = |first: Topics, second: Topics| -> Vec<(EnrollmentId, WhyMoved)> {
        let (first, second) = (first.run(), second.run());
        let moved = compare((&first.0, &first.1), (&second.0, &second.1)).moved;
        moved.into_iter().map(|it| (it.mentee, it.why)).collect()
    };
    assert_eq!(moved(base(), base()), []);

    let more = [both, &[(3, &["tc"]), (13, &["tc"])]].concat();
    assert_eq!(moved(base(), Topics::new(&more)), [(id(13), WhyMoved::Joined)]);
    assert_eq!(moved(base(), base().without(11)), [(id(11), WhyMoved::Left)]);
    assert_eq!(moved(base(), base().without(1)), [(id(11), WhyMoved::MentorLeft)]);

    // The first run was offered, and one of its pairs is live.
    let came_about = Topics { taken: vec![two(1, 11)], ..base() };
    assert_eq!(moved(base(), came_about), [(id(11), WhyMoved::BecamePair)]);

    let apart = Topics { excluded: vec![two(1, 11)], ..base() };
    let why = [(id(11), WhyMoved::NoLongerPossible), (id(12), WhyMoved::ForTheWhole)];
    assert_eq!(moved(base(), apart), why);

    let pinned = Topics { options: RunOptions::new().pin(two(2, 11)), ..base() };
    let why = [(id(11), WhyMoved::Pinned), (id(12), WhyMoved::ForTheWhole)];
    assert_eq!(moved(base(), pinned), why);

    let one: &[(u128, &[&str])] = &[(1, &["ta"]), (11, &["ta", "tb"])];
    let newer = [one, &[(2, &["ta", "tb"])]].concat();
    let why = [(id(11), WhyMoved::NewlyPossible)];
    assert_eq!(moved(Topics::new(one), Topics::new(&newer)), why);

    // The better mentor is free again.
    let wanted = || Topics::new(&[newer.as_slice(), &[(12, &["ta"])]].concat());
    let first = Topics { options: RunOptions::new().pin(two(2, 12)), ..wanted() };
    let why = [(id(11), WhyMoved::Better), (id(12), WhyMoved::Left)];
    assert_eq!(moved(first, wanted().without(12)), why);
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
