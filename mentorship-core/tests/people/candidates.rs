//! The best candidates are those that scoring every pair would find.

use mentorship_core::matching::people::{Candidate, People, Points};
use proptest::prelude::*;

use crate::made::Made;

/// The best `most` of those who may be paired, by scoring them all.
fn best(others: usize, most: usize, points: impl Fn(u32) -> Option<u32>) -> Vec<Candidate> {
    let all = (0..).take(others).filter_map(|person| Some((points(person)?, person)));
    let mut all: Vec<Candidate> =
        all.map(|(points, person)| Candidate { person, points }).collect();
    all.sort_unstable_by_key(|it| (std::cmp::Reverse(it.points), it.person));
    all.truncate(most);
    all
}

fn are_the_best(people: &People, k: usize, threads: usize) -> Result<(), TestCaseError> {
    let found = people.candidates(k, threads);
    let (mentees, mentors) = (people.mentee_capacities(), people.mentor_capacities());
    let points = |mentee: u32, mentor: u32| {
        let places = mentees[mentee as usize].min(mentors[mentor as usize]);
        people.points(mentee, mentor).filter(|_| places > 0).map(Points::total)
    };
    for (mentee, capacity) in (0..).zip(mentees) {
        let wanted =
            best(people.mentors(), k * *capacity as usize, |mentor| points(mentee, mentor));
        prop_assert_eq!(found.of_mentee(mentee).collect::<Vec<_>>(), wanted);
    }
    for (mentor, capacity) in (0..).zip(mentors) {
        let wanted =
            best(people.mentees(), k * *capacity as usize, |mentee| points(mentee, mentor));
        prop_assert_eq!(found.of_mentor(mentor).collect::<Vec<_>>(), wanted);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_best_of_few_people(seed: u64, k in 0..4_usize) {
        let made = Made::new(seed, 20);
        are_the_best(&made.crowd().compile().unwrap(), k, 1)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_best_of_many_people_on_any_number_of_threads(seed: u64, k in 1..9_usize, threads in 0..4_usize) {
        let made = Made::new(seed, 300);
        are_the_best(&made.crowd().compile().unwrap(), k, threads)?;
    }
}
