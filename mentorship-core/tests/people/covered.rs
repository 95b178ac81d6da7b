//! While it is proven over all allowed pairs that nobody more can be paired, whoever watches is asked too.

use std::{collections::BTreeSet, ops::ControlFlow};

use mentorship_core::{
    matching::{
        certificate::Objective,
        check::{bound, check, feasible},
        fit::Side,
        people::{Crowd, Mentee, Mentor, Options},
        solve::{Progress, Stage},
    },
    model::answer::Answers,
};
use serde_json::json;

use crate::made::{Draw, checked, now, required_topics, topics_of};

const MENTEES: usize = 900;
const MENTORS: usize = 500;

/// Each talks about one or two of some topics.
fn talks(draw: &mut Draw, people: usize) -> Vec<Answers> {
    let topics = ["aa", "bb", "cc", "dd", "ee", "ff", "gg", "hh", "ii", "jj"];
    let one = |draw: &mut Draw| topics[draw.number(topics.len()) as usize];
    (0..people)
        .map(|_| topics_of(&BTreeSet::from([one(draw), one(draw)]).into_iter().collect::<Vec<_>>()))
        .collect()
}

#[test]
fn a_search_for_more_pairs_and_its_proof_can_be_stopped() {
    let stages = [Stage::Paths, Stage::Cover];
    let mut stopped = [false; 2];
    for seed in 1..=6 {
        let seen = stopped_in(stages, seed);
        stopped = [0, 1].map(|stage| stopped[stage] || seen[stage]);
    }
    // With so few listed pairs a stage may take less than the time between two questions.
    assert_eq!(stopped, [true; 2]);
}

/// Stops a run over a crowd in each of these stages, and says in which it was asked at all.
fn stopped_in(stages: [Stage; 2], number: u64) -> [bool; 2] {
    let mut draw = Draw::Seed(number);
    let form = checked(&json!([required_topics()]));
    let (mentees, mentors) = (talks(&mut draw, MENTEES), talks(&mut draw, MENTORS));
    let side = |answers| Side { answers, special_category: false };
    let mentor = |(person, answers)| Mentor { side: side(answers), person, capacity: 1 };
    let mentee =
        |(person, answers)| Mentee { side: side(answers), person, capacity: 1, waiting: 0 };
    let crowd = Crowd::new(
        &form,
        now(),
        (0..).zip(&mentors).map(mentor).collect(),
        (10_000..).zip(&mentees).map(mentee).collect(),
    );
    let people = crowd.compile().unwrap();
    let dense = crowd.every_pair().unwrap();
    // So few candidates that more pairs are possible than those among them.
    let options = Options::default().candidates(1);
    let mut seen: Vec<Progress> = Vec::new();
    let mut watching = |progress: &Progress| {
        seen.push(*progress);
        ControlFlow::Continue(())
    };
    let whole = people.pair_watched(Objective::MostPeople, &options, &mut watching).unwrap();
    assert_eq!(check(&dense, &whole.pairs, &whole.certificate), Ok(whole.value));
    assert_eq!(whole, people.pair(Objective::MostPeople, &options).unwrap());
    assert!(seen.windows(2).all(|two| two[0].operations <= two[1].operations));
    stages.map(|stage| {
        let asked: Vec<usize> = (0..seen.len()).filter(|at| seen[*at].stage == stage).collect();
        let ends = asked.first().into_iter().chain(asked.last());
        let ends: BTreeSet<usize> = ends.copied().collect();
        for stop_at in ends {
            let mut calls = 0;
            let mut stopping = |_: &Progress| {
                calls += 1;
                if calls > stop_at { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let found =
                people.pair_watched(Objective::MostPeople, &options, &mut stopping).unwrap();
            assert_eq!(calls, stop_at + 1, "asked again after a stop");
            assert!(!found.optimal && found.value.matched > 0);
            assert_eq!(feasible(&dense, &found.pairs), Ok(found.value));
            let bonus = found.certificate.bonus;
            let reach = found.value.with_bonus(bonus) + i128::from(found.gap);
            assert!(bound(&dense, &found.certificate).unwrap() <= reach);
            assert!(whole.value.with_bonus(bonus) <= reach);
        }
        !asked.is_empty()
    })
}
