//! What two simple ways of pairing reach with the same people: a draw, and the best pair first.

use mentorship_core::matching::run::PreparedRun;

use super::People;
use crate::{
    Failure,
    random::{SplitMix, mix},
};

/// Above so many pairs nothing is drawn: all of them are listed, which takes memory that the best pairing does
/// without.
pub(super) const PAIRS_MAX: usize = 5_000_000;

/// The points of each pair of the two pairings.
#[derive(Debug)]
pub struct Baselines {
    /// Allowed pairs in the order of a draw, each taken if both have a place.
    pub random: Vec<u32>,
    /// The same from the best pair down.
    pub greedy: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Allowed {
    points: u32,
    mentee: u32,
    mentor: u32,
}

fn taken(order: &[Allowed], people: &People) -> Vec<u32> {
    let places = |of: &[super::rows::Person]| of.iter().map(|it| it.places).collect::<Vec<u32>>();
    let (mut mentors, mut mentees) = (places(&people.mentors), places(&people.mentees));
    let mut points = Vec::new();
    for pair in order {
        let both = mentors.get_mut(pair.mentor as usize).zip(mentees.get_mut(pair.mentee as usize));
        let Some((mentor, mentee)) = both else { continue };
        if *mentor > 0 && *mentee > 0 {
            *mentor -= 1;
            *mentee -= 1;
            points.push(pair.points);
        }
    }
    points
}

/// Pairs the people of a run in both ways; `None` if there are too many.
pub(super) fn pair(
    run: &PreparedRun,
    people: &People,
    seed: u64,
) -> Result<Option<Baselines>, Failure> {
    if people.mentors.len().saturating_mul(people.mentees.len()) > PAIRS_MAX {
        return Ok(None);
    }
    // Numbered as here: enrolments are made in the order of the ids.
    let compiled = run.crowd().compile()?;
    let mut allowed = Vec::new();
    for mentee in (0..).take(people.mentees.len()) {
        for mentor in (0..).take(people.mentors.len()) {
            if let Some(points) = compiled.points(mentee, mentor) {
                allowed.push(Allowed { points: points.total(), mentee, mentor });
            }
        }
    }
    // Sorted first, and the sort is stable: of equally good pairs that of the first mentee and mentor.
    let mut best = allowed.clone();
    best.sort_by_key(|it| std::cmp::Reverse(it.points));
    let mut random = SplitMix::new(mix(seed ^ 0xBA5E));
    for last in (1..allowed.len()).rev() {
        let limit = u64::try_from(last).unwrap_or(0) + 1;
        allowed.swap(last, usize::try_from(random.below(limit)).unwrap_or(0));
    }
    Ok(Some(Baselines { random: taken(&allowed, people), greedy: taken(&best, people) }))
}
