//! How good a run is for people, in numbers (row 28).

use serde::{Deserialize, Serialize};

use super::{PreparedRun, RunPair};
use crate::matching::check::Value;

/// How good a run is for people. Counts and points, from which a host makes its shares and means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// Mentees with at least one place.
    pub mentees: u64,
    /// Those who have a mentor now.
    pub mentees_paired: u64,
    /// Mentors with at least one place.
    pub mentors: u64,
    /// Those who have a mentee now.
    pub mentors_paired: u64,
    /// Places of all mentors.
    pub places: u64,
    /// Pairs.
    pub pairs: u64,
    /// Points of all pairs together; divided by the pairs, the mean.
    pub points: u64,
    /// Points of the worst pair; 0 without pairs.
    pub least_points: u32,
    /// Pairs with the mentee's best mentor.
    pub first_choices: u64,
    /// Pairs with one of the mentee's best three.
    pub top_three_choices: u64,
    /// Most mentees of one mentor.
    pub most_mentees: u64,
    /// Days that the mentee who waited longest of those with a mentor has waited.
    pub longest_wait_paired: u64,
    /// Days that the mentee who waited longest of those without one has waited.
    pub longest_wait_unpaired: u64,
}

pub(super) fn report(
    run: &PreparedRun,
    value: Value,
    pairs: &[RunPair],
    mentee_paired: &[bool],
) -> RunReport {
    let mut loads = std::collections::BTreeMap::new();
    for pair in pairs {
        *loads.entry(pair.pair.mentor).or_insert(0_u64) += 1;
    }
    let can = |seats: &[super::Seat]| {
        seats.iter().filter(|it| !it.barred && it.places > 0).count() as u64
    };
    let wait = |paired: bool| {
        let seats = run.mentees.iter().zip(mentee_paired);
        let seats = seats.filter(|(seat, is)| **is == paired && seat.places > 0 && !seat.barred);
        let days = seats.map(|(seat, _)| (run.at - seat.waiting_since).num_days());
        days.max().and_then(|days| u64::try_from(days).ok()).unwrap_or(0)
    };
    let chosen = |most: u8| {
        pairs.iter().filter(|it| it.choice.is_some_and(|choice| choice <= most)).count() as u64
    };
    RunReport {
        mentees: can(&run.mentees),
        mentees_paired: mentee_paired.iter().filter(|paired| **paired).count() as u64,
        mentors: can(&run.mentors),
        mentors_paired: loads.len() as u64,
        places: run.mentors.iter().filter(|it| !it.barred).map(|it| u64::from(it.places)).sum(),
        pairs: value.matched,
        points: u64::try_from(value.total).unwrap_or(0),
        least_points: pairs.iter().map(|it| it.score.total()).min().unwrap_or(0),
        first_choices: chosen(1),
        top_three_choices: chosen(3),
        most_mentees: loads.values().copied().max().unwrap_or(0),
        longest_wait_paired: wait(true),
        longest_wait_unpaired: wait(false),
    }
}
