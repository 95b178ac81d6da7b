//! Small problems, and their best pairings by trying every one.

use std::collections::HashMap;

use mentorship_core::matching::{
    certificate::Objective,
    check::Value,
    problem::{Edge, Problem},
};
use proptest::prelude::*;

/// What a small problem is made of.
#[derive(Clone, Debug)]
pub(crate) struct Small {
    pub(crate) mentee_capacity: Vec<u32>,
    pub(crate) mentor_capacity: Vec<u32>,
    pub(crate) edges: Vec<Edge>,
}

impl Small {
    pub(crate) fn problem(&self) -> Problem {
        Problem::new(self.mentee_capacity.len(), self.mentor_capacity.clone(), &self.edges)
            .unwrap()
            .mentee_capacity(self.mentee_capacity.clone())
            .unwrap()
    }
}

/// Up to 7 mentees and 7 mentors. Few levels make many ties; the others have weights of all sizes.
pub(crate) fn small(several: bool) -> impl Strategy<Value = Small> {
    let levels = prop_oneof![Just(0), Just(1), Just(2), Just(5), Just(1000), Just(1 << 20)];
    let mentee_capacity = if several { 0..=3_u32 } else { 1..=1 };
    (0_usize..=7, 0_usize..=7, levels, 0.0..=1.0_f64).prop_flat_map(
        move |(mentees, mentors, top, density)| {
            let pairs = mentees * mentors;
            (
                prop::collection::vec(mentee_capacity.clone(), mentees),
                prop::collection::vec(0..=4_u32, mentors),
                prop::collection::vec((prop::bool::weighted(density), 0..=top), pairs),
            )
                .prop_map(move |(mentee_capacity, mentor_capacity, cells)| {
                    let mut edges = Vec::new();
                    for (at, (allowed, weight)) in cells.into_iter().enumerate() {
                        if allowed {
                            let mentee = u32::try_from(at / mentors).unwrap();
                            let mentor = u32::try_from(at % mentors).unwrap();
                            edges.push(Edge { mentee, mentor, weight });
                        }
                    }
                    Small { mentee_capacity, mentor_capacity, edges }
                })
        },
    )
}

/// Higher is better: what is maximised first comes first.
fn rank(objective: Objective, value: Value) -> (u64, i64) {
    match objective {
        Objective::MostPeople => (value.matched, value.total),
        Objective::BestTotal => (0, value.total),
        other => panic!("{other:?} has no brute force"),
    }
}

/// The best value of any pairing, by trying every subset of every mentee's mentors.
pub(crate) fn best(small: &Small, objective: Objective) -> (u64, i64) {
    let mut known = HashMap::new();
    rank(objective, from(small, objective, 0, &small.mentor_capacity, &mut known))
}

fn from(
    small: &Small,
    objective: Objective,
    mentee: usize,
    places: &[u32],
    known: &mut HashMap<(usize, Vec<u32>), Value>,
) -> Value {
    if mentee == small.mentee_capacity.len() {
        return Value::default();
    }
    let key = (mentee, places.to_vec());
    if let Some(value) = known.get(&key) {
        return *value;
    }
    let edges: Vec<&Edge> =
        small.edges.iter().filter(|edge| edge.mentee as usize == mentee).collect();
    let mut best = Value::default();
    for subset in 0_u32..1 << edges.len() {
        if subset.count_ones() > small.mentee_capacity[mentee] {
            continue;
        }
        let mut left = places.to_vec();
        let mut value = Value::default();
        let mut possible = true;
        for (_, edge) in edges.iter().enumerate().filter(|(at, _)| subset >> at & 1 == 1) {
            possible &= left[edge.mentor as usize] > 0;
            left[edge.mentor as usize] = left[edge.mentor as usize].saturating_sub(1);
            value.matched += 1;
            value.total += i64::from(edge.weight);
        }
        if !possible {
            continue;
        }
        let rest = from(small, objective, mentee + 1, &left, known);
        value.matched += rest.matched;
        value.total += rest.total;
        if rank(objective, value) > rank(objective, best) {
            best = value;
        }
    }
    known.insert(key, best);
    best
}

/// The number that is compared with [`best`].
pub(crate) fn rank_of(objective: Objective, value: Value) -> (u64, i64) {
    rank(objective, value)
}
