//! Arcs in one number each: column and score. Half the memory is as much less to wait for where rows are out
//! of the cache.

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
    pub(super) arcs: Vec<u32>,
    pub(super) opening: Opening<T>,
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

/// The arcs of a row that is copied, one beside the other.
#[derive(Clone, Copy, Debug)]
pub(super) enum Copied<'a, T> {
    Wide(&'a [Arc<T>]),
    Narrow(&'a [u32], Opening<T>),
}

#[cfg(test)]
mod tests {
    use super::{super::super::problem::Edge, *};

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
