//! Who would rather be paired with whom.
#![expect(
    clippy::indexing_slicing,
    reason = "every index is checked when the preferences are built"
)]

use std::ops::Range;

use super::super::problem::{EDGES_MAX, PEOPLE_MAX};
use crate::base::input::{InputError, Problem as Wrong, at_most};

/// A pair that both accept, and how each ranks the other: smaller is better, equal ranks are ties. Ranks are
/// compared within one person's list only, and need not be consecutive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The mentee's number, from 0.
    pub mentee: u32,
    /// The mentor's number, from 0.
    pub mentor: u32,
    /// How the mentee ranks the mentor.
    pub mentee_rank: u32,
    /// How the mentor ranks the mentee.
    pub mentor_rank: u32,
}

/// Validated preferences: mentees `0..mentees()` with one place each, mentors `0..mentors()` with capacities.
/// Who is on somebody's list has them on theirs; anybody else is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    capacity: Vec<u32>,
    /// `starts[i]..starts[i + 1]` are the wishes of mentee `i`, best first.
    starts: Vec<u32>,
    wishes: Vec<Wish>,
    ties: bool,
}

impl Preferences {
    /// Preferences from wishes in any order; `capacity` says how many mentees each mentor takes.
    ///
    /// # Errors
    /// [`InputError`] naming the field (`mentees`, `capacity`, `wishes`, `wishes[7].mentor`, …) and the limit,
    /// for too many people or wishes, a number that is nobody's, or the same pair twice.
    pub fn new(mentees: usize, capacity: Vec<u32>, wishes: Vec<Wish>) -> Result<Self, InputError> {
        at_most("mentees", mentees, PEOPLE_MAX, "people")?;
        at_most("capacity", capacity.len(), PEOPLE_MAX, "people")?;
        at_most("wishes", wishes.len(), EDGES_MAX, "wishes")?;
        let nobody = Wrong::Unknown { what: "person" };
        for (at, wish) in wishes.iter().enumerate() {
            for (field, number, people) in
                [("mentee", wish.mentee, mentees), ("mentor", wish.mentor, capacity.len())]
            {
                if number as usize >= people {
                    return Err(InputError::new(format!("wishes[{at}].{field}"), nobody));
                }
            }
        }
        let (starts, wishes) = rows(mentees, wishes);
        // The last mentee by whom each mentor was named: none has a number as high as this at first.
        let mut named = vec![u32::MAX; capacity.len()];
        for wish in &wishes {
            if std::mem::replace(&mut named[wish.mentor as usize], wish.mentee) == wish.mentee {
                let field = format!("wishes of mentee {} and mentor {}", wish.mentee, wish.mentor);
                return Err(InputError::new(field, Wrong::Duplicate { what: "pair" }));
            }
        }
        let ties = has_ties(&wishes);
        Ok(Self { capacity, starts, wishes, ties })
    }

    /// How many mentees there are.
    #[must_use]
    pub fn mentees(&self) -> usize {
        self.starts.len() - 1
    }

    /// How many mentors there are.
    #[must_use]
    pub fn mentors(&self) -> usize {
        self.capacity.len()
    }

    /// How many mentees each mentor may have.
    #[must_use]
    pub fn capacities(&self) -> &[u32] {
        &self.capacity
    }

    /// All wishes: by mentee, and of one mentee the best first, those tied by the mentor's number.
    #[must_use]
    pub fn wishes(&self) -> &[Wish] {
        &self.wishes
    }

    /// Where the wishes of `mentee` lie in [`Preferences::wishes`].
    ///
    /// # Panics
    /// If there is no such mentee.
    #[must_use]
    pub fn row(&self, mentee: usize) -> Range<usize> {
        self.starts[mentee] as usize..self.starts[mentee + 1] as usize
    }

    /// Whether anybody ranks two people the same.
    #[must_use]
    pub fn has_ties(&self) -> bool {
        self.ties
    }
}

/// Wishes by mentee, each mentee's best first, and where each mentee's begin. In time that hardly exceeds that
/// of looking at them: only the few of one mentee are sorted.
fn rows(mentees: usize, wishes: Vec<Wish>) -> (Vec<u32>, Vec<Wish>) {
    let mut starts = vec![0_u32; mentees + 1];
    for wish in &wishes {
        starts[wish.mentee as usize + 1] += 1;
    }
    for mentee in 0..mentees {
        starts[mentee + 1] += starts[mentee];
    }
    let mut rows = wishes.clone();
    let mut next = starts.clone();
    for wish in wishes {
        let place = &mut next[wish.mentee as usize];
        rows[*place as usize] = wish;
        *place += 1;
    }
    for row in starts.windows(2) {
        let row = &mut rows[row[0] as usize..row[1] as usize];
        row.sort_unstable_by_key(|it| (it.mentee_rank, it.mentor));
    }
    (starts, rows)
}

/// Whether anybody ranks two people the same, among wishes by mentee and rank.
fn has_ties(wishes: &[Wish]) -> bool {
    let tied =
        |two: &[Wish]| two[0].mentee == two[1].mentee && two[0].mentee_rank == two[1].mentee_rank;
    if wishes.windows(2).any(tied) {
        return true;
    }
    let mut ranks: Vec<(u32, u32)> = wishes.iter().map(|it| (it.mentor, it.mentor_rank)).collect();
    ranks.sort_unstable();
    ranks.windows(2).any(|two| two[0] == two[1])
}
