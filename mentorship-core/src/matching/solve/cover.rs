//! Whether a pairing has as many pairs as can be, and the cover that proves it.
//!
//! What a mentee with a place left could reach by taking a mentor, pushing one of that mentor's mentees on,
//! and so forth: if that reaches a mentor with a place left, one more pair is possible. If not, the mentors
//! that were reached and the mentees that were not are a cover (König).
#![expect(clippy::indexing_slicing, reason = "people and edges come from the problem")]

use super::{
    super::{
        certificate::{Certificate, Cover, Pair},
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

/// Lowers bonus, profits and prices to what the proof needs, at least to the highest score. What is taken from
/// everybody in the cover is taken from every pair once, except from pairs with neither end in it, which are
/// worth more than their two numbers and have to stay so; and an allowed pair with both ends in it has to have
/// as much to spare.
pub(super) fn lower(problem: &Problem, certificate: &mut Certificate) {
    let Certificate { bonus, profits, prices, cover, .. } = certificate;
    let Some(Cover { mentees, mentors }) = cover else { return };
    let marked = |people: usize, numbers: &[u32]| {
        let mut marked = vec![false; people];
        for &number in numbers {
            marked[number as usize] = true;
        }
        marked
    };
    let in_cover = marked(problem.mentors(), mentors);
    let mut by = *bonus - i64::from(problem.weight_max()).max(1);
    let theirs = mentees.iter().map(|it| profits[*it as usize]);
    by = theirs.chain(mentors.iter().map(|it| prices[*it as usize])).fold(by, i64::min);
    for (mentee, covered) in marked(problem.mentees(), mentees).into_iter().enumerate() {
        for edge in problem.row(mentee) {
            let mentor = problem.columns()[edge] as usize;
            if covered != in_cover[mentor] {
                continue;
            }
            let worth = i64::from(problem.weights()[edge]) + *bonus;
            let spare = profits[mentee] + prices[mentor] - worth;
            by = by.min(if covered { spare } else { -spare });
        }
    }
    let by = by.max(0);
    *bonus -= by;
    for &mentee in mentees.iter() {
        profits[mentee as usize] -= by;
    }
    for &mentor in mentors.iter() {
        prices[mentor as usize] -= by;
    }
}
