//! Columns give every pair exactly the score that its rules give it.

use mentorship_core::matching::{
    certificate::Pair,
    people::{Crowd, Points, Wish},
    score::Score,
};
use proptest::prelude::*;

use crate::made::Made;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn compiled_points_are_those_of_the_rules(seed: u64) {
        let made = Made::new(seed, 12);
        let crowd = made.crowd();
        let people = crowd.compile().unwrap();
        for mentee in (0..).take(crowd.mentees() + 1) {
            for mentor in (0..).take(crowd.mentors() + 1) {
                let score = crowd.score(mentee, mentor);
                let points = people.points(mentee, mentor);
                prop_assert_eq!(points.map(Points::total), score.as_ref().map(Score::total));
                if let (Some(points), Some(score)) = (points, score) {
                    let part = |name: &str| {
                        let part = score.parts.iter().find(|part| part.rule.as_str() == name);
                        part.map_or(0, |part| part.points)
                    };
                    prop_assert_eq!(points.waiting, part("waiting"));
                    prop_assert_eq!(points.wish, part("wish"));
                }
            }
        }
    }
}

#[test]
fn what_is_out_of_range_is_named() {
    // A crowd with people on both sides.
    let made = (0..10_000).map(|seed| Made::new(seed, 5)).find(|made| {
        let crowd = made.crowd();
        crowd.mentees() == 2 && crowd.mentors() == 3
    });
    let made = made.unwrap();
    let refused = |change: &dyn Fn(Crowd<'_>) -> Crowd<'_>| {
        let crowd = made.crowd().excluded(Vec::new()).wishes(Vec::new());
        change(crowd).compile().unwrap_err().to_string()
    };
    let pair = |mentee, mentor| Pair { mentee, mentor };
    let wish = |mentee, mentor, points| Wish { mentee, mentor, points };
    assert_eq!(
        refused(&|it| it.excluded(vec![pair(0, 0), pair(2, 0)])),
        "`excluded[1].mentee` names an unknown person"
    );
    assert_eq!(
        refused(&|it| it.wishes(vec![wish(0, 3, 1)])),
        "`wishes[0].mentor` names an unknown person"
    );
    assert_eq!(
        refused(&|it| it.wishes(vec![wish(0, 1, 5_001)])),
        "`wishes[0].points` is 5001; it must be from 0 to 5000"
    );
    assert_eq!(
        refused(&|it| it.wishes(vec![wish(0, 1, 5), wish(1, 1, 5), wish(0, 1, 6)])),
        "`wishes` names the same pair twice"
    );
    assert_eq!(refused(&|it| it.minimum(20_001)), "`minimum` is 20001; it must be from 0 to 20000");
}
