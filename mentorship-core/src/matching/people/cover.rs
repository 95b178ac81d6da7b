//! Whether a pairing has as many pairs as all allowed pairs make possible, without listing them.
//!
//! The search is that of the solver: whom a mentee with a place left could have, whose mentees could have
//! whom, and so forth. Every mentor is reached once, so that those who are reached already are stepped over.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use super::{
    super::{
        certificate::{Cover, Pair},
        problem::Edge,
    },
    board::Board,
    candidates::Order,
    compiled::People,
    sweep::Sweep,
};

/// Pairs that are added at once; paths share pairs, so that not all are needed at the same time.
const ADDED_MAX: usize = 1 << 20;

/// What a search has found.
#[derive(Debug)]
pub(super) enum Reach {
    /// No pairing has more pairs.
    All(Cover),
    /// More pairs are possible, by these.
    More(Vec<Edge>),
}

/// The places that were not reached yet: from each place, the next one.
struct Left(Vec<u32>);

impl Left {
    fn new(places: usize) -> Self {
        Self((0..).take(places + 1).collect())
    }

    /// The first place from `place` on; the number of all places if there is none.
    fn next(&mut self, place: usize) -> usize {
        let mut end = place;
        while self.0[end] as usize != end {
            end = self.0[end] as usize;
        }
        let mut at = place;
        while at != end {
            let next = self.0[at] as usize;
            self.0[at] = u32::try_from(end).unwrap_or(u32::MAX);
            at = next;
        }
        end
    }

    fn take(&mut self, place: usize) {
        self.0[place] = u32::try_from(place + 1).unwrap_or(u32::MAX);
    }
}

/// Searches from every mentee with a place left. `pairs` keep the rules and are sorted.
pub(super) fn reach(people: &People, (board, order): (&Board, &Order), pairs: &[Pair]) -> Reach {
    let mut mentees_of: Vec<Vec<u32>> = vec![Vec::new(); people.mentors()];
    let mut has = vec![0_u32; people.mentees()];
    for pair in pairs {
        mentees_of[pair.mentor as usize].push(pair.mentee);
        has[pair.mentee as usize] += 1;
    }
    let mut mentee_reached = vec![false; people.mentees()];
    // Through whom a person was reached.
    let mut mentor_via = vec![None; people.mentors()];
    let mut mentee_via = vec![None; people.mentees()];
    let mut open: Vec<u32> = Vec::new();
    for &mentee in order.mentees.iter().rev() {
        if has[mentee as usize] < people.mentee_capacity[mentee as usize] {
            mentee_reached[mentee as usize] = true;
            open.push(mentee);
        }
    }
    let mut sweep = Sweep::new(people, board);
    let plain = people.minimum == 0 && board.open.is_empty();
    let mut left = Left::new(board.mentors.len());
    let mut free: Vec<u32> = Vec::new();
    while let Some(mentee) = open.pop() {
        if left.next(0) == board.mentors.len() {
            break;
        }
        if plain {
            sweep.let_in(mentee, order.classes[mentee as usize]);
        } else {
            order.go(&mut sweep, mentee);
        }
        for run in sweep.runs.clone() {
            let mut place = left.next(run.start);
            while place < run.end {
                let mentor = board.mentors[place];
                let pair = Pair { mentee, mentor };
                let allowed = (plain || sweep.exact(place).is_some())
                    && !people.is_excluded(mentee, mentor)
                    && pairs.binary_search(&pair).is_err();
                if allowed {
                    left.take(place);
                    mentor_via[mentor as usize] = Some(mentee);
                    let theirs = &mentees_of[mentor as usize];
                    if theirs.len() < people.mentor_capacity[mentor as usize] as usize {
                        free.push(mentor);
                    }
                    for &other in theirs {
                        if !std::mem::replace(&mut mentee_reached[other as usize], true) {
                            mentee_via[other as usize] = Some(mentor);
                            open.push(other);
                        }
                    }
                }
                place = left.next(place + 1);
            }
        }
    }
    if free.is_empty() {
        // Who takes nobody was not searched, and costs a cover nothing.
        let mentors = mentor_via.iter().zip(&people.mentor_capacity);
        return Reach::All(Cover {
            mentees: numbers(mentee_reached.iter().map(|reached| !reached)),
            mentors: numbers(mentors.map(|(via, capacity)| via.is_some() || *capacity == 0)),
        });
    }
    let mut edges: Vec<Edge> = Vec::new();
    for mentor in free {
        // Back along the path: every second step is a pair of the pairing.
        let mut at = Some(mentor);
        while let Some(mentor) = at.filter(|_| edges.len() < ADDED_MAX) {
            let Some(mentee) = mentor_via[mentor as usize].take() else { break };
            let points = people.points(mentee, mentor).map_or(0, super::Points::total);
            let weight = i32::try_from(points).unwrap_or(i32::MAX);
            edges.push(Edge { mentee, mentor, weight });
            at = mentee_via[mentee as usize];
        }
    }
    edges.sort_unstable_by_key(|it| (it.mentee, it.mentor));
    Reach::More(edges)
}

fn numbers(those: impl Iterator<Item = bool>) -> Vec<u32> {
    (0..).zip(those).filter(|(_, it)| *it).map(|(number, _)| number).collect()
}
