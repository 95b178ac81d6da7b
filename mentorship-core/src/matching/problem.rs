//! A pairing problem: who may be paired with whom, how well each pair would do, and how many places there are.
//!
//! Nothing here knows why a pair is allowed or where its score comes from. A pair that a hard rule forbids
//! is absent; it is never a pair with score 0.
#![expect(clippy::indexing_slicing, reason = "every index is checked when the problem is built")]

use std::ops::Range;

use crate::base::input::{InputError, Problem as Wrong, at_most};

/// Most mentees, and most mentors, of one problem: 16,777,216.
pub const PEOPLE_MAX: usize = 1 << 24;
/// Most allowed pairs of one problem: 268,435,456.
pub const EDGES_MAX: usize = 1 << 28;
/// Highest score of a pair: 1,048,576 points.
pub const WEIGHT_MAX: i32 = 1 << 20;

/// A pair that is allowed, and its score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    /// The mentee's number, from 0.
    pub mentee: u32,
    /// The mentor's number, from 0.
    pub mentor: u32,
    /// Points, from 0 to [`WEIGHT_MAX`].
    pub weight: i32,
}

/// A validated problem: mentees `0..mentees()`, mentors `0..mentors()`, and the allowed pairs, by mentee and
/// within a mentee by mentor.
///
/// The numbers are the identity of the people: whoever numbers them (by their ids, in order) decides which
/// of several equally good pairings comes out. The order in which edges were given has no part in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    mentee_capacity: Vec<u32>,
    mentor_capacity: Vec<u32>,
    /// `starts[i]..starts[i + 1]` are the edges of mentee `i`.
    starts: Vec<u32>,
    mentors: Vec<u32>,
    weights: Vec<i32>,
    weight_max: i32,
}

impl Problem {
    /// A problem from edges in any order. Every mentee may have one mentor; `mentor_capacity` says how many
    /// mentees each mentor takes (0 is allowed: such a mentor gets nobody).
    ///
    /// # Errors
    /// [`InputError`] naming the field (`mentees`, `mentor_capacity`, `edges`, `edges[7].weight`, …) and the
    /// limit, for too many people or edges, a number that is nobody's, a weight outside
    /// `0..=`[`WEIGHT_MAX`], or the same pair twice.
    pub fn new(
        mentees: usize,
        mentor_capacity: Vec<u32>,
        edges: &[Edge],
    ) -> Result<Self, InputError> {
        people_in_range(mentees, mentor_capacity.len())?;
        at_most("edges", edges.len(), EDGES_MAX, "edges")?;
        let mut starts = vec![0_u32; mentees + 1];
        for (at, edge) in edges.iter().enumerate() {
            let named = |field: &str| format!("edges[{at}].{field}");
            known(edge.mentee, mentees).map_err(|it| InputError::new(named("mentee"), it))?;
            known(edge.mentor, mentor_capacity.len())
                .map_err(|it| InputError::new(named("mentor"), it))?;
            weighs(edge.weight).map_err(|it| InputError::new(named("weight"), it))?;
            starts[edge.mentee as usize + 1] += 1;
        }
        for mentee in 0..mentees {
            starts[mentee + 1] += starts[mentee];
        }
        let mut rows = vec![(0_u32, 0_i32); edges.len()];
        let mut next = starts.clone();
        for edge in edges {
            let at = &mut next[edge.mentee as usize];
            rows[*at as usize] = (edge.mentor, edge.weight);
            *at += 1;
        }
        for mentee in 0..mentees {
            rows[starts[mentee] as usize..starts[mentee + 1] as usize].sort_unstable();
        }
        let (mentors, weights) = rows.into_iter().unzip();
        Self::from_rows(mentor_capacity, starts, mentors, weights)
    }

    /// A problem from compressed rows, which is how large ones are kept: the edges of mentee `i` are those
    /// from `starts[i]` up to `starts[i + 1]`, sorted by mentor. Every mentee may have one mentor.
    ///
    /// # Errors
    /// As [`Problem::new`]; also for rows that do not begin at 0, go backward, do not end with the last
    /// edge, or are not sorted.
    pub fn from_rows(
        mentor_capacity: Vec<u32>,
        starts: Vec<u32>,
        mentors: Vec<u32>,
        weights: Vec<i32>,
    ) -> Result<Self, InputError> {
        let form = |expected| InputError::new("starts", Wrong::Form { expected });
        let mentees =
            starts.len().checked_sub(1).ok_or_else(|| form("one start more than mentees"))?;
        people_in_range(mentees, mentor_capacity.len())?;
        at_most("edges", mentors.len(), EDGES_MAX, "edges")?;
        if weights.len() != mentors.len() {
            let rule = "there are as many weights as mentors";
            return Err(InputError::new("weights", Wrong::Conflict { rule }));
        }
        if starts[0] != 0 || starts[mentees] as usize != mentors.len() {
            return Err(form("rows from 0 to the last edge"));
        }
        if starts.windows(2).any(|two| two[0] > two[1]) {
            return Err(form("rows in order"));
        }
        let mut weight_max = 0;
        for (at, (&mentor, &weight)) in mentors.iter().zip(&weights).enumerate() {
            weight_max = weight_max.max(weight);
            let named = |field: &str| format!("edges[{at}].{field}");
            known(mentor, mentor_capacity.len())
                .map_err(|it| InputError::new(named("mentor"), it))?;
            weighs(weight).map_err(|it| InputError::new(named("weight"), it))?;
        }
        for mentee in 0..mentees {
            let row = starts[mentee] as usize..starts[mentee + 1] as usize;
            for (at, two) in row.clone().zip(mentors[row].windows(2)) {
                if two[0] >= two[1] {
                    let wrong = if two[0] == two[1] {
                        Wrong::Duplicate { what: "pair" }
                    } else {
                        Wrong::Form { expected: "edges sorted by mentor" }
                    };
                    return Err(InputError::new(format!("edges[{}]", at + 1), wrong));
                }
            }
        }
        let mentee_capacity = vec![1; mentees];
        Ok(Self { mentee_capacity, mentor_capacity, starts, mentors, weights, weight_max })
    }

    /// A problem whose parts are known to be in order.
    pub(super) fn from_known(
        mentee_capacity: Vec<u32>,
        mentor_capacity: Vec<u32>,
        starts: Vec<u32>,
        mentors: Vec<u32>,
        weights: Vec<i32>,
    ) -> Self {
        let weight_max = weights.iter().copied().max().unwrap_or(0);
        Self { mentee_capacity, mentor_capacity, starts, mentors, weights, weight_max }
    }

    /// The same problem where mentee `i` may have up to `capacity[i]` mentors, each of them once; 0 is
    /// allowed.
    ///
    /// # Errors
    /// [`Problem::Conflict`](Wrong::Conflict) naming `mentee_capacity` if there are not as many as mentees.
    pub fn mentee_capacity(mut self, capacity: Vec<u32>) -> Result<Self, InputError> {
        if capacity.len() != self.mentees() {
            let rule = "there is one capacity for each mentee";
            return Err(InputError::new("mentee_capacity", Wrong::Conflict { rule }));
        }
        self.mentee_capacity = capacity;
        Ok(self)
    }

    /// How many mentees there are.
    #[must_use]
    pub fn mentees(&self) -> usize {
        self.mentee_capacity.len()
    }

    /// How many mentors there are.
    #[must_use]
    pub fn mentors(&self) -> usize {
        self.mentor_capacity.len()
    }

    /// How many pairs are allowed.
    #[must_use]
    pub fn edges(&self) -> usize {
        self.mentors.len()
    }

    /// How many mentors each mentee may have.
    #[must_use]
    pub fn mentee_capacities(&self) -> &[u32] {
        &self.mentee_capacity
    }

    /// How many mentees each mentor may have.
    #[must_use]
    pub fn mentor_capacities(&self) -> &[u32] {
        &self.mentor_capacity
    }

    /// Where the edges of `mentee` lie in [`Problem::columns`] and [`Problem::weights`].
    ///
    /// # Panics
    /// If there is no such mentee.
    #[must_use]
    pub fn row(&self, mentee: usize) -> Range<usize> {
        self.starts[mentee] as usize..self.starts[mentee + 1] as usize
    }

    /// The mentor of every edge, by mentee and then by mentor.
    #[must_use]
    pub fn columns(&self) -> &[u32] {
        &self.mentors
    }

    /// The points of every edge, in the order of [`Problem::columns`].
    #[must_use]
    pub fn weights(&self) -> &[i32] {
        &self.weights
    }

    /// Where the edge between two people lies, if their pair is allowed.
    #[must_use]
    pub fn edge(&self, mentee: u32, mentor: u32) -> Option<usize> {
        if mentee as usize >= self.mentees() {
            return None;
        }
        let row = self.row(mentee as usize);
        let at = self.mentors[row.clone()].binary_search(&mentor).ok()?;
        Some(row.start + at)
    }

    /// The highest score of any pair; 0 where there is none.
    #[must_use]
    pub fn weight_max(&self) -> i32 {
        self.weight_max
    }
}

fn people_in_range(mentees: usize, mentors: usize) -> Result<(), InputError> {
    at_most("mentees", mentees, PEOPLE_MAX, "people")?;
    at_most("mentor_capacity", mentors, PEOPLE_MAX, "people")
}

fn known(number: u32, people: usize) -> Result<(), Wrong> {
    if (number as usize) < people {
        return Ok(());
    }
    let max = i64::try_from(people).unwrap_or(i64::MAX) - 1;
    Err(Wrong::OutOfRange { given: i64::from(number), min: 0, max })
}

fn weighs(weight: i32) -> Result<(), Wrong> {
    if (0..=WEIGHT_MAX).contains(&weight) {
        return Ok(());
    }
    Err(Wrong::OutOfRange { given: i64::from(weight), min: 0, max: i64::from(WEIGHT_MAX) })
}
