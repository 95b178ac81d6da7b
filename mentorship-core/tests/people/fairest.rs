//! The fairest pairing of people is the fairest of all allowed pairs, each scored by itself.

use std::{collections::BTreeSet, ops::ControlFlow};

use mentorship_core::{
    base::input::Problem as Wrong,
    matching::{
        certificate::Objective,
        check::{check_fairest, feasible},
        fit::Side,
        people::{Crowd, Mentee, Mentor, Options, WhyUnmatched, fairest::FAIREST_PAIRS_MAX},
        solve::{self, Progress, fairest, solve},
    },
    model::{answer::Answers, form::Form},
};
use proptest::prelude::*;

use crate::made::{Made, now};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn it_is_the_fairest_of_all_allowed_pairs(seed: u64) {
        let made = Made::new(seed, 20);
        let crowd = made.crowd();
        let people = crowd.compile().unwrap();
        let dense = crowd.every_pair().unwrap();
        let found = people.fairest(&Options::default()).unwrap();
        prop_assert!(found.optimal);
        prop_assert_eq!(found.unproven, 0);
        prop_assert_eq!(check_fairest(&dense, &found.pairs, &found.certificate), Ok(found.value));
        let best = fairest(&dense, &solve::Options::default());
        prop_assert_eq!((found.value, found.worst), (best.value, best.worst));
        // Nobody is left out for the sake of fairness: there are as many pairs as can be.
        let most = solve(&dense, Objective::MostPeople, &solve::Options::default());
        prop_assert_eq!(found.value.matched, most.value.matched);
        let reasons = people.reasons_of_fairest(&found);
        let paired: BTreeSet<u32> = found.pairs.iter().map(|it| it.mentee).collect();
        let left: BTreeSet<u32> = reasons.mentees.iter().map(|it| it.person).collect();
        let all = (0..).zip(people.mentee_capacities()).filter(|it| *it.1 > 0).map(|it| it.0);
        prop_assert_eq!(left, all.filter(|it| !paired.contains(it)).collect::<BTreeSet<u32>>());
        let all = reasons.mentees.iter().chain(&reasons.mentors);
        for unmatched in all {
            let better = matches!(unmatched.why, WhyUnmatched::BetterTotal | WhyUnmatched::Unproven);
            prop_assert!(!better, "{unmatched:?}");
        }
    }

    #[test]
    fn whenever_it_is_stopped_the_pairing_keeps_the_rules(seed: u64, looks in 0..12_u32) {
        let made = Made::new(seed, 20);
        let crowd = made.crowd();
        let people = crowd.compile().unwrap();
        let dense = crowd.every_pair().unwrap();
        let mut left = looks;
        let mut control = |_: &Progress| {
            left = left.saturating_sub(1);
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let found = people.fairest_watched(&Options::default(), &mut control).unwrap();
        prop_assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
        if found.optimal {
            let checked = check_fairest(&dense, &found.pairs, &found.certificate);
            prop_assert_eq!((checked, found.unproven), (Ok(found.value), 0));
        }
        prop_assert!(found.unproven <= found.value.matched);
    }
}

#[test]
fn too_many_pairs_are_refused_by_name() {
    let form = Form { version: 1, questions: vec![], rules: vec![], eligibility: vec![] };
    let answers = Answers::new();
    let side = Side { answers: &answers, special_category: false };
    let mentors = (0..4_097).map(|person| Mentor { side, person, capacity: 1 }).collect();
    let mentees =
        (5_000..9_096).map(|person| Mentee { side, person, capacity: 1, waiting: 0 }).collect();
    let people = Crowd::new(&form, now(), mentors, mentees).compile().unwrap();
    let error = people.fairest(&Options::default()).unwrap_err();
    assert_eq!(error.field(), "pairs");
    let wrong =
        Wrong::TooMany { given: 4_097 * 4_096, limit: FAIREST_PAIRS_MAX as u64, unit: "pairs" };
    assert_eq!(error.problem(), &wrong);
}
