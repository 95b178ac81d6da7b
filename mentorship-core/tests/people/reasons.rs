//! Whoever has no partner has a true reason, and a shortage is one by the rules alone.

use std::collections::BTreeSet;

use mentorship_core::matching::{
    certificate::{Objective, Pair},
    fit::Side,
    people::{
        Crowd, Mentee, Mentor, Options, People, Reasons, Unmatched, WhyUnmatched, reasons::ShortOf,
    },
};
use proptest::prelude::*;
use serde_json::json;

use crate::made::{self, Made};

/// Whether the two may be paired, as far as rules and exclusions go and places there are.
fn allowed(people: &People, mentee: u32, mentor: u32) -> bool {
    people.points(mentee, mentor).is_some()
        && people.mentee_capacities()[mentee as usize] > 0
        && people.mentor_capacities()[mentor as usize] > 0
}

fn shortages_are_true(people: &People, reasons: &Reasons) -> Result<(), TestCaseError> {
    for shortage in &reasons.shortages {
        let mentees: BTreeSet<u32> = shortage.mentees.iter().copied().collect();
        let mentors: BTreeSet<u32> = shortage.mentors.iter().copied().collect();
        let places = |numbers: &BTreeSet<u32>, capacity: &[u32]| {
            numbers.iter().map(|it| u64::from(capacity[*it as usize])).sum::<u64>()
        };
        let theirs = places(&mentees, people.mentee_capacities());
        let ours = places(&mentors, people.mentor_capacities());
        let (needed, there) = match shortage.of {
            ShortOf::Mentors => (theirs, ours),
            ShortOf::Mentees => (ours, theirs),
        };
        prop_assert_eq!((needed, there), (shortage.needed, shortage.places));
        prop_assert!(there < needed);
        for mentee in (0..).take(people.mentees()) {
            for mentor in (0..).take(people.mentors()) {
                if allowed(people, mentee, mentor) {
                    let (one, other) = (mentees.contains(&mentee), mentors.contains(&mentor));
                    match shortage.of {
                        ShortOf::Mentors => prop_assert!(!one || other),
                        ShortOf::Mentees => prop_assert!(!other || one),
                    }
                }
            }
        }
    }
    Ok(())
}

fn is_true(
    people: &People,
    reasons: &Reasons,
    it: &Unmatched,
    of: ShortOf,
) -> Result<(), TestCaseError> {
    let pairs: Vec<(u32, u32)> = match of {
        ShortOf::Mentors => {
            (0..).take(people.mentors()).map(|mentor| (it.person, mentor)).collect()
        }
        ShortOf::Mentees => {
            (0..).take(people.mentees()).map(|mentee| (mentee, it.person)).collect()
        }
    };
    let any = pairs.iter().any(|(mentee, mentor)| allowed(people, *mentee, *mentor));
    match it.why {
        WhyUnmatched::Rules | WhyUnmatched::Excluded | WhyUnmatched::BelowMinimum => {
            prop_assert!(!any);
        }
        WhyUnmatched::PlacesTaken { shortage: Some(at) } => {
            let shortage = &reasons.shortages[at];
            prop_assert_eq!(shortage.of, of);
            let set = match of {
                ShortOf::Mentors => &shortage.mentees,
                ShortOf::Mentees => &shortage.mentors,
            };
            prop_assert!(set.contains(&it.person));
        }
        WhyUnmatched::PlacesTaken { shortage: None } => {}
        WhyUnmatched::BetterTotal | WhyUnmatched::Unproven => prop_assert!(any),
        WhyUnmatched::PreferredOthers => prop_assert!(false, "nobody asked for a stable one"),
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn everybody_without_a_partner_has_a_true_reason(seed: u64, most in 2..40_usize, budget: bool) {
        let made = Made::new(seed, most);
        let people = made.crowd().compile().unwrap();
        for objective in [Objective::MostPeople, Objective::BestTotal] {
            let mut options = Options::default().candidates(2);
            if budget {
                options = options.budget(seed % 3000);
            }
            let pairing = people.pair(objective, &options).unwrap();
            let reasons = people.reasons(&pairing);
            let mentees: BTreeSet<u32> = pairing.pairs.iter().map(|it| it.mentee).collect();
            let mentors: BTreeSet<u32> = pairing.pairs.iter().map(|it| it.mentor).collect();
            let without = |capacity: &[u32], has: &BTreeSet<u32>| -> Vec<u32> {
                let all = (0..).zip(capacity).filter(|it| *it.1 > 0).map(|it| it.0);
                all.filter(|it| !has.contains(it)).collect()
            };
            let told = |side: &[Unmatched]| side.iter().map(|it| it.person).collect::<Vec<_>>();
            prop_assert_eq!(told(&reasons.mentees), without(people.mentee_capacities(), &mentees));
            prop_assert_eq!(told(&reasons.mentors), without(people.mentor_capacities(), &mentors));
            shortages_are_true(&people, &reasons)?;
            for (side, of) in
                [(&reasons.mentees, ShortOf::Mentors), (&reasons.mentors, ShortOf::Mentees)]
            {
                for it in side {
                    is_true(&people, &reasons, it, of)?;
                    let single = people.mentee_capacities().iter().all(|it| *it <= 1);
                    if pairing.optimal {
                        prop_assert!(it.why != WhyUnmatched::Unproven);
                    }
                    if pairing.optimal && objective == Objective::MostPeople && single {
                        prop_assert!(it.why != WhyUnmatched::BetterTotal);
                    }
                }
            }
        }
    }
}

/// Who wants whom is known here, so that the reasons are too.
#[test]
fn each_reason_is_the_one_that_is_nearest_to_a_pair() {
    let form = made::checked(&json!([made::required_topics(), made::weighted_topics()]));
    let talk = |tags: &[&str]| made::topics_of(tags);
    // Mentor 0 has one place, mentor 1 none who could use it, mentor 2 is below the minimum for all.
    let mentors = [talk(&["aa", "bb"]), talk(&["cc"]), talk(&["dd"])];
    let four = ["dd", "xa", "xb", "xc"];
    let mentees = [
        talk(&["aa"]),
        talk(&["aa", "bb"]),
        talk(&["zz"]),
        talk(&["cc"]),
        talk(&four),
        talk(&["bb"]),
    ];
    let side = |answers| Side { answers, special_category: false };
    let mentor = |(person, answers)| Mentor { side: side(answers), person, capacity: 1 };
    let mentee =
        |(person, answers)| Mentee { side: side(answers), person, capacity: 1, waiting: 0 };
    let crowd = Crowd::new(
        &form,
        made::now(),
        (0..).zip(&mentors).map(mentor).collect(),
        (10..).zip(&mentees).map(mentee).collect(),
    );
    let people = crowd.excluded(vec![Pair { mentee: 3, mentor: 1 }]).minimum(50).compile().unwrap();
    let pairing = people.pair(Objective::MostPeople, &Options::default()).unwrap();
    assert_eq!(pairing.value.matched, 1);
    let reasons = people.reasons(&pairing);
    let matched = pairing.pairs[0].mentee;
    let taken = WhyUnmatched::PlacesTaken { shortage: Some(0) };
    let wanted = [
        (0, taken),
        (1, taken),
        (2, WhyUnmatched::Rules),
        (3, WhyUnmatched::Excluded),
        (4, WhyUnmatched::BelowMinimum),
        (5, taken),
    ];
    let told: Vec<(u32, WhyUnmatched)> =
        reasons.mentees.iter().map(|it| (it.person, it.why)).collect();
    assert_eq!(told, wanted.into_iter().filter(|it| it.0 != matched).collect::<Vec<_>>());
    let shortage = &reasons.shortages[0];
    assert_eq!((&*shortage.mentees, &*shortage.mentors), (&[0, 1, 5][..], &[0][..]));
    assert_eq!((shortage.needed, shortage.places), (3, 1));
    let told: Vec<(u32, &str)> =
        reasons.mentors.iter().map(|it| (it.person, it.why.code())).collect();
    assert_eq!(told, [(1, "excluded"), (2, "below_minimum")]);
    assert_eq!(
        serde_json::to_value(reasons.mentees.last()).unwrap(),
        json!({ "person": 5, "why": { "why": "places_taken", "shortage": 0 } })
    );
}
