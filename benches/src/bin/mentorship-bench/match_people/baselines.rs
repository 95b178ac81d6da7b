//! What two simple ways of pairing reach with the same people: a draw, and the best pair first.

use mentorship_core::{matching::run::PreparedRun, model::proposal::ProposedPair};

use super::{People, number};
use crate::random::{SplitMix, mix};

/// Above so many pairs nothing is drawn: each is scored by itself, which takes longer than the best pairing.
pub(crate) const PAIRS_MAX: usize = 2_000_000;

/// The points of each pair of the two pairings.
#[derive(Debug)]
pub(crate) struct Baselines {
    /// Allowed pairs in the order of a draw, each taken if both have a place.
    pub(crate) random: Vec<u32>,
    /// The same from the best pair down.
    pub(crate) greedy: Vec<u32>,
}

#[derive(Clone, Copy)]
struct Allowed {
    points: u32,
    mentee: usize,
    mentor: usize,
}

fn taken(order: &[Allowed], people: &People) -> Vec<u32> {
    let places = |of: &[super::rows::Person]| of.iter().map(|it| it.places).collect::<Vec<u32>>();
    let (mut mentors, mut mentees) = (places(&people.mentors), places(&people.mentees));
    let mut points = Vec::new();
    for pair in order {
        let both = mentors.get_mut(pair.mentor).zip(mentees.get_mut(pair.mentee));
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
pub(crate) fn pair(run: &PreparedRun, people: &People, seed: u64) -> Option<Baselines> {
    if people.mentors.len().saturating_mul(people.mentees.len()) > PAIRS_MAX {
        return None;
    }
    let mut allowed = Vec::new();
    for mentee in 0..people.mentees.len() {
        for mentor in 0..people.mentors.len() {
            let pair =
                ProposedPair { mentor: number::mentor(mentor), mentee: number::mentee(mentee) };
            if let Some(score) = run.score(pair) {
                allowed.push(Allowed { points: score.total(), mentee, mentor });
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
    Some(Baselines { random: taken(&allowed, people), greedy: taken(&best, people) })
}
