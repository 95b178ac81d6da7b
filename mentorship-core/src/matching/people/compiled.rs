//! People whose answers are columns, and what is known of single pairs as rows.
#![expect(clippy::indexing_slicing, reason = "people are in range when a crowd is checked")]

use std::collections::HashMap;

use super::{super::certificate::Pair, crowd::Crowd, rules::Rules};
use crate::base::input::InputError;

/// The points of a pair, by where they come from. Their sum is the score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Points {
    /// From the rules, exactly the total of [`fit`](super::super::fit::fit): 0 to 20,000.
    pub rules: u32,
    /// For the mentee's waiting.
    pub waiting: u32,
    /// For the mentee's wish.
    pub wish: u32,
}

impl Points {
    /// The score of the pair.
    #[must_use]
    pub fn total(self) -> u32 {
        self.rules + self.waiting + self.wish
    }
}

/// Lists of one kind for each mentee, one after the other.
#[derive(Clone, Debug)]
pub(super) struct Rows<T> {
    starts: Vec<usize>,
    items: Vec<T>,
}

impl<T> Rows<T> {
    /// From items sorted by mentee.
    fn new(mentees: usize, sorted: impl IntoIterator<Item = (u32, T)>) -> Self {
        let mut starts = vec![0; mentees + 1];
        let mut items = Vec::new();
        for (mentee, item) in sorted {
            starts[mentee as usize + 1] += 1;
            items.push(item);
        }
        for mentee in 0..mentees {
            starts[mentee + 1] += starts[mentee];
        }
        Self { starts, items }
    }

    pub(super) fn of(&self, mentee: u32) -> &[T] {
        let mentee = mentee as usize;
        &self.items[self.starts[mentee]..self.starts[mentee + 1]]
    }
}

/// A crowd whose answers are columns of small numbers. Made by [`Crowd::compile`]; nothing of the answers is
/// borrowed.
#[derive(Clone, Debug)]
pub struct People {
    pub(super) rules: Rules,
    pub(super) mentor_capacity: Vec<u32>,
    pub(super) mentee_capacity: Vec<u32>,
    pub(super) waiting: Vec<u32>,
    /// The mentors that a mentee is never paired with, ascending.
    pub(super) excluded: Rows<u32>,
    /// The mentors that a mentee wishes for, ascending, and the points for it.
    pub(super) wishes: Rows<(u32, u32)>,
    pub(super) minimum: u32,
}

/// See [`Crowd::compile`]. The crowd has been checked.
pub(super) fn compile(crowd: &Crowd<'_>) -> Result<People, InputError> {
    let rules = Rules::new(crowd)?;
    let mut excluded = crowd.excluded.clone();
    excluded.extend(one_person(crowd));
    excluded.sort_unstable();
    excluded.dedup();
    let mut wishes = crowd.wishes.clone();
    wishes.sort_unstable_by_key(|it| (it.mentee, it.mentor));
    let mentees = crowd.mentees();
    Ok(People {
        rules,
        mentor_capacity: crowd.mentors.iter().map(|it| it.capacity).collect(),
        mentee_capacity: crowd.mentees.iter().map(|it| it.capacity).collect(),
        waiting: crowd.mentees.iter().map(|it| it.waiting).collect(),
        excluded: Rows::new(mentees, excluded.into_iter().map(|it| (it.mentee, it.mentor))),
        wishes: Rows::new(mentees, wishes.iter().map(|it| (it.mentee, (it.mentor, it.points)))),
        minimum: crowd.minimum,
    })
}

/// The pairs of mentees and mentors who are the same person.
fn one_person(crowd: &Crowd<'_>) -> Vec<Pair> {
    let mut mentors: HashMap<u64, Vec<u32>> = HashMap::new();
    for (number, mentor) in (0..).zip(&crowd.mentors) {
        mentors.entry(mentor.person).or_default().push(number);
    }
    let mut pairs = Vec::new();
    for (mentee, person) in (0..).zip(crowd.mentees.iter().map(|it| it.person)) {
        let same = mentors.get(&person).into_iter().flatten();
        pairs.extend(same.map(|&mentor| Pair { mentee, mentor }));
    }
    pairs
}

impl People {
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

    /// How many mentees each mentor may have.
    #[must_use]
    pub fn mentor_capacities(&self) -> &[u32] {
        &self.mentor_capacity
    }

    /// How many mentors each mentee may have.
    #[must_use]
    pub fn mentee_capacities(&self) -> &[u32] {
        &self.mentee_capacity
    }

    /// The points of a pair; `None` if it is not allowed (excluded, one person, a required rule broken, below
    /// the minimum) or somebody of the two does not exist.
    #[must_use]
    pub fn points(&self, mentee: u32, mentor: u32) -> Option<Points> {
        if mentee as usize >= self.mentees() || mentor as usize >= self.mentors() {
            return None;
        }
        if self.is_excluded(mentee, mentor) {
            return None;
        }
        let rules = self.rules.score(mentor, mentee).filter(|it| *it >= self.minimum)?;
        Some(Points {
            rules,
            waiting: self.waiting[mentee as usize],
            wish: self.wish(mentee, mentor).unwrap_or(0),
        })
    }

    pub(super) fn is_excluded(&self, mentee: u32, mentor: u32) -> bool {
        self.excluded.of(mentee).binary_search(&mentor).is_ok()
    }

    /// The points of a wish, if there is one.
    pub(super) fn wish(&self, mentee: u32, mentor: u32) -> Option<u32> {
        let wishes = self.wishes.of(mentee);
        let at = wishes.binary_search_by_key(&mentor, |it| it.0).ok()?;
        Some(wishes[at].1)
    }
}
