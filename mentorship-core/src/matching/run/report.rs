//! How good a run is for people, in numbers (row 28).

use super::{PreparedRun, RunPair};
use crate::matching::check::Value;
pub use crate::model::run::RunReport;

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
