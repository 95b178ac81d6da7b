//! The problem as the solver sees it: rows that each get at most one column, columns with places, and worths
//! in scaled points.
//!
//! A mentee who may have `b` of `d` > `b` mentors becomes `d` rows, one for each edge, and a column of their
//! own with `d - b` places where each of these rows is worth more than with any mentor. The best pairing
//! fills that column, which leaves `b` rows for mentors: the same problem, and every row gets at most one.
#![expect(
    clippy::indexing_slicing,
    reason = "rows, columns and arcs are made here and stay inside"
)]

use super::{
    super::{problem::Problem, random::SplitMix},
    points::Points,
};

/// Not a row, not a slot.
pub(super) const NONE: u32 = u32::MAX;

/// A row may go to `column` and is worth `worth` scaled points there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc<T> {
    pub(super) column: u32,
    pub(super) worth: T,
}

/// What a scaled point is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// Scaled points of one point, so that a price can move by a fraction of a point.
    pub(super) unit: i64,
    /// Points of every pair on top of its score.
    pub(super) bonus: i64,
    /// Points of a row with its mentee's own column: more than any mentor is worth.
    pub(super) own: i64,
}

#[derive(Debug)]
pub(super) struct Graph<T> {
    /// `starts[row]..starts[row + 1]` are the arcs of a row.
    pub(super) starts: Vec<u32>,
    pub(super) arcs: Vec<Arc<T>>,
    /// `places[column]..places[column + 1]` are the places of a column. Where capacities are beyond what could
    /// be filled, they are cut to one more than that, so that a column with room for all never counts as full.
    pub(super) places: Vec<u32>,
    pub(super) mentee_of: Vec<u32>,
    /// Of each mentee: their own column, or [`NONE`].
    pub(super) own_column: Vec<u32>,
    pub(super) scale: Scale,
}

impl<T: Points> Graph<T> {
    /// The rows in an order drawn from `seed`. Columns below `problem.mentors()` are the mentors.
    pub(super) fn new(problem: &Problem, scale: Scale, seed: u64) -> Self {
        let mut random = SplitMix::new(seed);
        let mut order: Vec<u32> = (0..).take(problem.mentees()).collect();
        random.shuffle(&mut order);
        let open: Vec<bool> = problem.mentor_capacities().iter().map(|it| *it > 0).collect();
        let closed = open.iter().any(|open| !open);
        let mut graph = Self {
            starts: vec![0],
            arcs: Vec::with_capacity(problem.edges()),
            places: Vec::new(),
            mentee_of: Vec::with_capacity(problem.mentees()),
            own_column: vec![NONE; problem.mentees()],
            scale,
        };
        let mut capacity = problem.mentor_capacities().to_vec();
        let mut row: Vec<Arc<T>> = Vec::new();
        for mentee in order {
            let range = problem.row(mentee as usize);
            let places = problem.mentee_capacities()[mentee as usize];
            let columns = &problem.columns()[range.clone()];
            let weights = &problem.weights()[range];
            if places == 0 || columns.is_empty() {
                continue;
            }
            row.clear();
            row.extend(columns.iter().zip(weights).map(|(&column, &weight)| Arc {
                column,
                worth: T::of((i64::from(weight) + scale.bonus) * scale.unit),
            }));
            if closed {
                row.retain(|arc| open[arc.column as usize]);
            }
            // Of equally good mentors a row takes the first; which one that is should not follow from ids.
            let turn = random.below(row.len());
            if places == 1 {
                graph.arcs.extend_from_slice(&row[turn..]);
                graph.arcs.extend_from_slice(&row[..turn]);
                graph.end_row(mentee);
            } else {
                row.rotate_left(turn);
                graph.split(mentee, places, &row, &mut capacity);
            }
        }
        graph.number_places(&capacity);
        graph
    }

    pub(super) fn rows(&self) -> usize {
        self.mentee_of.len()
    }

    pub(super) fn columns(&self) -> usize {
        self.places.len() - 1
    }

    pub(super) fn row(&self, row: u32) -> std::ops::Range<usize> {
        self.starts[row as usize] as usize..self.starts[row as usize + 1] as usize
    }

    fn end_row(&mut self, mentee: u32) {
        self.mentee_of.push(mentee);
        self.starts.push(u32::try_from(self.arcs.len()).unwrap_or(u32::MAX));
    }

    fn split(&mut self, mentee: u32, places: u32, row: &[Arc<T>], capacity: &mut Vec<u32>) {
        let beyond = row.len().saturating_sub(places as usize);
        let own = Arc {
            column: u32::try_from(capacity.len()).unwrap_or(u32::MAX),
            worth: T::of(self.scale.own * self.scale.unit),
        };
        for &arc in row {
            self.arcs.push(arc);
            if beyond > 0 {
                self.arcs.push(own);
            }
            self.end_row(mentee);
        }
        if beyond > 0 {
            self.own_column[mentee as usize] = own.column;
            capacity.push(u32::try_from(beyond).unwrap_or(u32::MAX));
        }
    }

    fn number_places(&mut self, capacity: &[u32]) {
        let all: u64 = capacity.iter().copied().map(u64::from).sum();
        let room_enough = all <= (self.arcs.len() + capacity.len()) as u64;
        let mut most = vec![u32::MAX; capacity.len()];
        if !room_enough {
            most.fill(1);
            for arc in &self.arcs {
                most[arc.column as usize] += 1;
            }
        }
        let mut next = 0;
        self.places = Vec::with_capacity(capacity.len() + 1);
        self.places.push(0);
        for (&capacity, &most) in capacity.iter().zip(&most) {
            next += capacity.min(most);
            self.places.push(next);
        }
    }
}
