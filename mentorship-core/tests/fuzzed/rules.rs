//! Any rules and answers: what is compiled scores as one pair at a time does, and what is found from few
//! candidates is the best of all allowed pairs.

use mentorship_core::matching::{
    certificate::Objective,
    check::check,
    people::{Options, Points},
};

use crate::made::{Draw, Made};

pub(crate) fn run(bytes: &[u8]) {
    let made = Made::drawn(Draw::Bytes(Vec::from(bytes).into_iter()), 12);
    let crowd = made.crowd();
    let people = crowd.compile().unwrap();
    for mentee in (0..).take(people.mentees()) {
        for mentor in (0..).take(people.mentors()) {
            let points = people.points(mentee, mentor).map(Points::total);
            assert_eq!(points, crowd.score(mentee, mentor).map(|it| it.total()));
        }
    }
    let every = crowd.every_pair().unwrap();
    let options = Options::default().candidates(1).margin(0);
    for objective in [Objective::MostPeople, Objective::BestTotal] {
        let found = people.pair(objective, &options).unwrap();
        assert!(found.optimal);
        assert_eq!(check(&every, &found.pairs, &found.certificate), Ok(found.value));
        let reasons = people.reasons(&found);
        for shortage in &reasons.shortages {
            assert!(shortage.places < shortage.needed);
        }
    }
}
