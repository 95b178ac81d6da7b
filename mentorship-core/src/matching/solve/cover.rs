//! Whether a pairing has as many pairs as can be, and the cover that proves it.
//!
//! What a mentee with a place left could reach by taking a mentor, pushing one of that mentor's mentees on,
//! and so forth: if that reaches a mentor with a place left, one more pair is possible. If not, the mentors
//! that were reached and the mentees that were not are a cover (König).
#![expect(clippy::indexing_slicing, reason = "people and edges come from the problem")]

use super::{
    super::{
        certificate::{Cover, Pair},
        problem::Problem,
    },
    meter::{Meter, Stopped},
};

/// The cover that proves the number of pairs; `None` if more are possible. `pairs` keep the rules.
pub(super) fn cover(
    problem: &Problem,
    pairs: &[Pair],
    meter: &mut Meter<'_>,
) -> Result<Option<Cover>, Stopped> {
    let mut mentors_of = vec![0_u32; problem.mentees()];
    let mut used = vec![false; problem.edges()];
    let mut starts = vec![0_usize; problem.mentors() + 1];
    for pair in pairs {
        mentors_of[pair.mentee as usize] += 1;
        starts[pair.mentor as usize + 1] += 1;
        if let Some(edge) = problem.edge(pair.mentee, pair.mentor) {
            used[edge] = true;
        }
    }
    for mentor in 0..problem.mentors() {
        starts[mentor + 1] += starts[mentor];
    }
    let mut mentees_of = vec![0_u32; pairs.len()];
    let mut next = starts.clone();
    for pair in pairs {
        let at = &mut next[pair.mentor as usize];
        mentees_of[*at] = pair.mentee;
        *at += 1;
    }

    let mut mentee_reached: Vec<bool> =
        mentors_of.iter().zip(problem.mentee_capacities()).map(|(has, may)| has < may).collect();
    let mut mentor_reached = vec![false; problem.mentors()];
    let mut open: Vec<u32> =
        (0..).zip(&mentee_reached).filter(|(_, it)| **it).map(|(it, _)| it).collect();
    while let Some(mentee) = open.pop() {
        let row = problem.row(mentee as usize);
        meter.spend(row.len())?;
        for edge in row.filter(|edge| !used[*edge]) {
            let mentor = problem.columns()[edge] as usize;
            if std::mem::replace(&mut mentor_reached[mentor], true) {
                continue;
            }
            let theirs = &mentees_of[starts[mentor]..starts[mentor + 1]];
            if theirs.len() < problem.mentor_capacities()[mentor] as usize {
                return Ok(None);
            }
            for &mentee in theirs {
                if !std::mem::replace(&mut mentee_reached[mentee as usize], true) {
                    open.push(mentee);
                }
            }
        }
    }
    let numbers = |reached: &[bool], wanted: bool| -> Vec<u32> {
        (0..).zip(reached).filter(|(_, it)| **it == wanted).map(|(it, _)| it).collect()
    };
    Ok(Some(Cover {
        mentees: numbers(&mentee_reached, false),
        mentors: numbers(&mentor_reached, true),
    }))
}
