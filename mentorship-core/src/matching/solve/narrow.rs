//! Arcs in one number each: column and score. Half the memory is as much less to wait for where rows are out
//! of the cache.
#![expect(clippy::indexing_slicing, reason = "arcs are numbered from where they begin")]

use std::ops::Range;

use super::{
    super::problem::Problem,
    graph::{Arc, Scale},
    points::Points,
};

/// Arcs of a problem from which copied rows are narrow, and are gathered before they are looked at: fewer fit
/// the second-level cache.
pub(super) const MANY: usize = 1 << 18;

/// The arcs of all rows, where every mentee has one place and column and score fit: for a million mentors and
/// scores up to 4,095 they do.
#[derive(Debug)]
pub(super) struct Narrow<T> {
    arcs: Vec<u32>,
    /// Where the first line of the cache begins. Arcs are numbered from there, so that their numbers do not depend
    /// on where the memory lies.
    first: usize,
    /// How many arcs there are, without the gaps between rows.
    size: usize,
    pub(super) opening: Opening<T>,
}

/// Arcs in a line of the cache, 64 bytes on most machines.
const LINE: usize = 16;

impl<T: Points> Narrow<T> {
    /// Room for all edges of a problem.
    pub(super) fn new(problem: &Problem, opening: Opening<T>) -> Self {
        let lengths = || (0..problem.mentees()).map(|mentee| problem.row(mentee).len());
        // Rows that all fill their last lines are never shorter; and no gap is longer than its row.
        let filled: usize = lengths().map(|length| length.next_multiple_of(LINE)).sum();
        let doubled: usize = lengths().map(|length| length + length.min(LINE)).sum();
        Self::with_room(filled.min(doubled), opening)
    }

    fn with_room(room: usize, opening: Opening<T>) -> Self {
        let mut arcs: Vec<u32> = Vec::with_capacity(room + LINE);
        let first = arcs.as_ptr().align_offset(LINE * size_of::<u32>()) % LINE;
        arcs.resize(first, 0);
        Self { arcs, first, size: 0, opening }
    }

    pub(super) fn arcs(&self) -> &[u32] {
        &self.arcs[self.first..]
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Adds a row, and tells which arcs it has. Before it is a gap if it would otherwise lie in more lines than it
    /// has to: whoever reads a row somewhere waits for each of its lines.
    pub(super) fn add_row(&mut self, most: usize, add: impl FnOnce(&mut Vec<u32>)) -> Range<usize> {
        let into = (self.arcs.len() - self.first) % LINE;
        if into + most > most.next_multiple_of(LINE) {
            self.arcs.resize(self.arcs.len() + LINE - into, 0);
        }
        let begun = self.arcs.len();
        add(&mut self.arcs);
        self.size += self.arcs.len() - begun;
        begun - self.first..self.arcs.len() - self.first
    }
}

/// How an arc is read from one number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opening<T> {
    /// Bits of the score; the others are those of the column.
    bits: u32,
    shift: u32,
    /// Scaled points of every pair on top of its score.
    bonus: T,
}

impl<T: Points> Opening<T> {
    /// None if there are few, or if column and score do not fit into one number.
    pub(super) fn fitting(problem: &Problem, scale: Scale) -> Option<Self> {
        let length = |most: u64| u64::BITS - most.leading_zeros();
        let bits = length(u64::from(problem.weight_max().unsigned_abs()));
        let fits = problem.edges() >= MANY
            && bits + length(problem.mentors().saturating_sub(1) as u64) <= u32::BITS
            && problem.mentee_capacities().iter().all(|places| *places <= 1);
        let shift = scale.unit.trailing_zeros();
        fits.then(|| Self { bits, shift, bonus: T::of(scale.bonus * scale.unit) })
    }

    pub(super) fn close(self, column: u32, weight: i32) -> u32 {
        column << self.bits | weight.unsigned_abs()
    }

    #[inline]
    pub(super) fn open(self, arc: u32) -> Arc<T> {
        let weight = (arc & ((1 << self.bits) - 1)).cast_signed();
        Arc { column: arc >> self.bits, worth: T::shifted(weight, self.shift) + self.bonus }
    }
}

/// The arcs of all rows that are copied.
#[derive(Clone, Copy, Debug)]
pub(super) enum Copied<'a, T> {
    Wide(&'a [Arc<T>]),
    Narrow(&'a [u32], Opening<T>),
}

#[cfg(test)]
mod tests {
    use super::{super::super::problem::Edge, *};

    #[test]
    fn rows_lie_in_as_few_lines_as_can_be_wherever_the_memory_is() {
        let opening = Opening::<i64> { bits: 4, shift: 2, bonus: 0 };
        let lengths = || (0..2_000_usize).map(|row| row * row % 41);
        let filled: usize = lengths().map(|length| length.next_multiple_of(LINE)).sum();
        let doubled: usize = lengths().map(|length| length + length.min(LINE)).sum();
        let numbers = |first: usize| {
            let mut rows = Narrow::with_room(filled.min(doubled), opening);
            // As if the memory lay elsewhere.
            let room = rows.arcs.capacity();
            rows.first = first;
            rows.arcs.resize(first, 0);
            let mut add = |length| rows.add_row(length, |arcs| arcs.resize(arcs.len() + length, 7));
            let numbers: Vec<_> = lengths().map(&mut add).collect();
            assert_eq!(rows.size(), lengths().sum::<usize>());
            assert!(rows.arcs.len() <= room && rows.arcs.capacity() == room);
            for row in numbers.iter().filter(|row| !row.is_empty()) {
                let lines = row.end.div_ceil(LINE) - row.start / LINE;
                assert_eq!(lines, row.len().div_ceil(LINE));
                assert!(rows.arcs()[row.clone()].iter().all(|arc| *arc == 7));
            }
            numbers
        };
        let anywhere = numbers(0);
        assert!((1..LINE).all(|first| numbers(first) == anywhere));
        let rows = Narrow::with_room(100, opening);
        assert!(rows.arcs().as_ptr().addr().is_multiple_of(64));
    }

    #[test]
    fn columns_and_scores_up_to_the_last_bit_come_back() {
        // As many edges as it takes, and as many mentors and as high a score as fit, or one bit more.
        for (bits, fits) in [(0_u32, true), (1, true), (13, true), (14, false)] {
            let weight_max = i32::try_from((1_u32 << bits) - 1).unwrap();
            let mentors = 1_u32 << 19;
            let edges: Vec<Edge> = (0..1 << 18)
                .map(|mentee| Edge { mentee, mentor: mentors - 1 - mentee, weight: weight_max })
                .collect();
            let problem = Problem::new(1 << 18, vec![1; mentors as usize], &edges).unwrap();
            let scale = Scale { unit: 4, bonus: 3, own: i64::from(weight_max) + 4 };
            let opening = Opening::<i64>::fitting(&problem, scale);
            assert_eq!(opening.is_some(), fits, "{bits}");
            let Some(opening) = opening else { continue };
            for column in [0, 1, mentors - 1] {
                for weight in [0, weight_max / 2, weight_max] {
                    let arc = opening.open(opening.close(column, weight));
                    assert_eq!((arc.column, arc.worth), (column, (i64::from(weight) + 3) * 4));
                }
            }
        }
    }
}
