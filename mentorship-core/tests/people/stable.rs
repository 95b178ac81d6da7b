//! A stable run leaves no two who would both rather have each other, and is the best such one for those who are
//! favoured: every stable pairing of a few people is listed and compared.

use std::{collections::BTreeMap, ops::ControlFlow};

use mentorship_core::{
    base::id::EnrollmentId,
    matching::{
        people::{Options, WhyUnmatched},
        run::{Goal, PreparedRun, RunInput, RunOptions, RunOutcome, RunWish, Seat},
        solve::Progress,
    },
    model::{enrollment::Role, proposal::ProposedPair},
};
use proptest::prelude::*;

use crate::{
    made::{Draw, Made, now},
    run::{any_pair, input, shuffled},
};

const WAITING: u16 = 5;
const WISH: u16 = 7;

/// What each two who may be a pair are worth to each other, pins left out, and the places that are left.
struct Likes {
    mentees: Vec<EnrollmentId>,
    places: BTreeMap<EnrollmentId, usize>,
    /// By mentee and mentor: what the mentor is worth to the mentee, and the other way.
    worth: BTreeMap<(EnrollmentId, EnrollmentId), (i64, i64)>,
}

impl Likes {
    fn of(run: &PreparedRun, input: &RunInput, outcome: &RunOutcome) -> Self {
        let pins: Vec<ProposedPair> =
            outcome.pairs.iter().filter(|it| it.pinned).map(|it| it.pair).collect();
        let free = |seat: &Seat| {
            let used = |it: &&ProposedPair| [it.mentor, it.mentee].contains(&seat.enrollment);
            let places = if seat.barred { 0 } else { seat.places as usize };
            places - pins.iter().filter(used).count()
        };
        let places: BTreeMap<_, _> =
            input.seats.iter().map(|it| (it.enrollment, free(it))).collect();
        let of = |role| input.seats.iter().filter(move |it: &&Seat| it.role == role);
        let mut worth = BTreeMap::new();
        for mentee in of(Role::Mentee) {
            for mentor in of(Role::Mentor) {
                let (one, other) = (mentee.enrollment, mentor.enrollment);
                let pair = ProposedPair { mentor: other, mentee: one };
                let open = places[&one] > 0 && places[&other] > 0 && !pins.contains(&pair);
                let Some(score) = run.score(pair).filter(|_| open) else { continue };
                let points = i64::from(score.total());
                let wish = |by| {
                    let wished = input.wishes.contains(&RunWish { pair, by });
                    if wished { i64::from(WISH) } else { 0 }
                };
                let weeks = (now() - mentee.waiting_since).num_days() / 7;
                let waiting = weeks * i64::from(WAITING);
                worth.insert(
                    (one, other),
                    (points + wish(Role::Mentee), points + wish(Role::Mentor) + waiting),
                );
            }
        }
        Self { mentees: of(Role::Mentee).map(|it| it.enrollment).collect(), places, worth }
    }

    /// Two who would both rather have each other.
    fn blocking(
        &self,
        partner: &BTreeMap<EnrollmentId, EnrollmentId>,
    ) -> Option<(EnrollmentId, EnrollmentId)> {
        let blocks = |((mentee, mentor), worth): &(&(EnrollmentId, EnrollmentId), &(i64, i64))| {
            let would =
                partner.get(mentee).is_none_or(|it| self.worth[&(*mentee, *it)].0 < worth.0);
            let theirs: Vec<i64> = partner
                .iter()
                .filter(|it| it.1 == mentor)
                .map(|it| self.worth[&(*it.0, *mentor)].1)
                .collect();
            let free = theirs.len() < self.places[mentor];
            would && (free || theirs.iter().any(|it| *it < worth.1))
        };
        self.worth.iter().find(blocks).map(|it| *it.0)
    }

    /// Whether nobody likes two people the same.
    fn is_strict(&self) -> bool {
        let mut seen = std::collections::BTreeSet::new();
        self.worth.iter().all(|((mentee, mentor), (one, other))| {
            seen.insert((*mentee, 0, *one)) && seen.insert((*mentor, 1, *other))
        })
    }

    /// Every stable pairing.
    fn all(&self) -> Vec<BTreeMap<EnrollmentId, EnrollmentId>> {
        let mut all = vec![BTreeMap::new()];
        for mentee in &self.mentees {
            let choices: Vec<EnrollmentId> =
                self.worth.keys().filter(|it| it.0 == *mentee).map(|it| it.1).collect();
            let mut next = all.clone();
            for begun in &all {
                for mentor in &choices {
                    let taken = begun.values().filter(|it| *it == mentor).count();
                    if taken < self.places[mentor] {
                        let mut more = begun.clone();
                        more.insert(*mentee, *mentor);
                        next.push(more);
                    }
                }
            }
            all = next;
        }
        all.retain(|it| self.blocking(it).is_none());
        all
    }
}

/// The same with at most one place for each mentee.
fn single(mut input: RunInput) -> RunInput {
    for seat in input.seats.iter_mut().filter(|it| it.role == Role::Mentee) {
        seat.places = seat.places.min(1);
    }
    input
}

fn asked(input: &RunInput, goal: Goal, draw: &mut Draw) -> RunOptions {
    let mut options = RunOptions::new().objective(goal).waiting_points(WAITING).wish_points(WISH);
    for _ in 0..2 {
        let Some(pair) = any_pair(input, draw) else { break };
        options = if draw.chance(50) { options.pin(pair) } else { options.forbid(pair) };
    }
    options
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_stable_run_leaves_no_two_who_would_rather_have_each_other(seed: u64) {
        let made = Made::new(seed, 12);
        let mut draw = Draw::Seed(seed ^ 0x57);
        let input = single(input(&made, &mut draw));
        let goal = [Goal::StableForMentees, Goal::StableForMentors][draw.number(2) as usize];
        let options = asked(&input, goal, &mut draw);
        let run = PreparedRun::new(input.clone(), options.clone()).unwrap();
        let outcome = run.solve(&Options::default()).unwrap();
        let likes = Likes::of(&run, &input, &outcome);
        let partner: BTreeMap<_, _> = outcome
            .pairs
            .iter()
            .filter(|it| !it.pinned)
            .map(|it| (it.pair.mentee, it.pair.mentor))
            .collect();
        prop_assert_eq!(partner.len(), outcome.pairs.iter().filter(|it| !it.pinned).count());
        prop_assert_eq!(likes.blocking(&partner), None);
        for left in outcome.unmatched.iter().filter(|it| it.why == WhyUnmatched::PreferredOthers) {
            let mut pairs = likes.worth.keys();
            prop_assert!(pairs.any(|it| [it.0, it.1].contains(&left.enrollment)));
        }
        let mixed = RunInput {
            seats: shuffled(input.seats.clone(), &mut draw),
            wishes: shuffled(input.wishes.clone(), &mut draw),
            ..input.clone()
        };
        let again = PreparedRun::new(mixed, options).unwrap();
        prop_assert_eq!(again.solve(&Options::default().threads(2)).unwrap(), outcome);
    }

    #[test]
    fn of_all_stable_pairings_it_is_the_best_for_those_who_are_favoured(seed: u64) {
        let made = Made::new(seed, 5);
        let mut draw = Draw::Seed(seed ^ 0x58);
        let input = single(input(&made, &mut draw));
        for (goal, best) in [(Goal::StableForMentees, true), (Goal::StableForMentors, false)] {
            let run = PreparedRun::new(input.clone(), asked(&input, goal, &mut Draw::Seed(seed))).unwrap();
            let outcome = run.solve(&Options::default()).unwrap();
            let likes = Likes::of(&run, &input, &outcome);
            let all = likes.all();
            let ours = outcome.pairs.iter().filter(|it| !it.pinned);
            let ours: BTreeMap<_, _> = ours.map(|it| (it.pair.mentee, it.pair.mentor)).collect();
            prop_assert!(all.contains(&ours));
            let most = all.iter().map(BTreeMap::len).max().unwrap();
            if outcome.optimal {
                prop_assert_eq!((ours.len(), outcome.gap), (most, 0));
            } else {
                prop_assert!(ours.len() as u64 + outcome.gap >= most as u64);
            }
            if !likes.is_strict() {
                continue;
            }
            prop_assert!(outcome.optimal, "without ties all are as large");
            // What is best for every mentee is worst for every mentor, and the other way.
            for (mentee, mentor) in &ours {
                let worth = |mentor: &EnrollmentId| likes.worth[&(*mentee, *mentor)].0;
                let had = all.iter().map(|it| worth(&it[mentee]));
                let expected = if best { had.max() } else { had.min() };
                prop_assert_eq!(Some(worth(mentor)), expected);
            }
        }
    }
}

/// Each ranks by their own wish alone: with everything else the same, the two wishes decide, and the side that is
/// favoured gets what it wished for.
#[test]
fn whose_wish_it_is_decides() {
    let mut made = (0..200).map(|seed| Made::new(seed, 6));
    let found = made.any(|made| {
        let mut draw = Draw::Seed(3);
        let input = single(input(&made, &mut draw));
        let paired = |goal| {
            let options = RunOptions::new().objective(goal).wish_points(1_000);
            let run = PreparedRun::new(input.clone(), options).unwrap();
            run.solve(&Options::default()).unwrap().pairs
        };
        paired(Goal::StableForMentees) != paired(Goal::StableForMentors)
    });
    assert!(found, "the two goals are never different");
}

#[test]
fn a_mentee_with_several_places_is_named() {
    let made = Made::new(4, 10);
    let mut input = single(input(&made, &mut Draw::Seed(4)));
    let mut mentees = input.seats.iter_mut().filter(|it| it.role == Role::Mentee);
    let mentee = mentees.find(|it| !it.barred).unwrap();
    mentee.places = 2;
    let options = RunOptions::new().objective(Goal::StableForMentees);
    let run = PreparedRun::new(input, options).unwrap();
    let refused = run.solve(&Options::default()).unwrap_err().to_string();
    assert!(refused.contains("capacity`") && refused.contains("0 to 1"), "{refused}");
}

#[test]
fn whoever_watches_may_stop_it() {
    let made = Made::new(4, 10);
    let input = single(input(&made, &mut Draw::Seed(4)));
    let options = RunOptions::new().objective(Goal::StableForMentors);
    let run = PreparedRun::new(input, options).unwrap();
    let mut stop = |_: &Progress| ControlFlow::Break(());
    let outcome = run.solve_watched(&Options::default(), &mut stop).unwrap();
    assert_eq!((outcome.pairs.len(), outcome.optimal), (0, false));
    let whys = outcome.unmatched.iter().map(|it| it.why);
    assert!(whys.clone().any(|it| it == WhyUnmatched::Unproven));
    let untold = [WhyUnmatched::Unproven, WhyUnmatched::Excluded];
    assert!(whys.into_iter().all(|it| untold.contains(&it)));
}
