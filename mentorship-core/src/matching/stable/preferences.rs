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
        let starts = starts(mentees, wishes.iter().map(|it| it.mentee));
        let (wishes, mentees_tie) = rows(&starts, wishes);
        // The last mentee by whom each mentor was named: none has a number as high as this at first.
        let mut named = vec![u32::MAX; capacity.len()];
        for wish in &wishes {
            if std::mem::replace(&mut named[wish.mentor as usize], wish.mentee) == wish.mentee {
                let field = format!("wishes of mentee {} and mentor {}", wish.mentee, wish.mentor);
                return Err(InputError::new(field, Wrong::Duplicate { what: "pair" }));
            }
        }
        let ties = mentees_tie || mentors_tie(capacity.len(), &wishes);
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

/// Where each person's entries begin, if they lie one person after the other.
fn starts(people: usize, entries: impl Iterator<Item = u32>) -> Vec<u32> {
    let mut starts = vec![0_u32; people + 1];
    for person in entries {
        starts[person as usize + 1] += 1;
    }
    for person in 0..people {
        starts[person + 1] += starts[person];
    }
    starts
}

/// Where an entry lies among those of one person if their ranks are 1, 2, 3 and so forth, as they mostly are.
fn ranked(starts: &[u32], person: u32, rank: u32) -> Option<usize> {
    let (begin, end) = (starts[person as usize], starts[person as usize + 1]);
    (1..=end - begin).contains(&rank).then(|| (begin + rank - 1) as usize)
}

/// Wishes by mentee, each mentee's best first, and whether a mentee ranks two mentors the same. Where ranks are
/// not counted through, the few of one mentee are sorted.
fn rows(starts: &[u32], wishes: Vec<Wish>) -> (Vec<Wish>, bool) {
    let mut rows = wishes.clone();
    let mut filled = vec![false; wishes.len()];
    let fits = |wish: &Wish| {
        let at = ranked(starts, wish.mentee, wish.mentee_rank);
        at.filter(|at| !std::mem::replace(&mut filled[*at], true))
            .map(|at| rows[at] = *wish)
            .is_some()
    };
    if wishes.iter().all(fits) {
        return (rows, false);
    }
    let mut next = starts.to_vec();
    for wish in wishes {
        let place = &mut next[wish.mentee as usize];
        rows[*place as usize] = wish;
        *place += 1;
    }
    let mut ties = false;
    for row in starts.windows(2) {
        let row = &mut rows[row[0] as usize..row[1] as usize];
        row.sort_unstable_by_key(|it| (it.mentee_rank, it.mentor));
        ties |= row.windows(2).any(|two| two[0].mentee_rank == two[1].mentee_rank);
    }
    (rows, ties)
}

/// Whether a mentor ranks two mentees the same.
fn mentors_tie(mentors: usize, wishes: &[Wish]) -> bool {
    let starts = starts(mentors, wishes.iter().map(|it| it.mentor));
    let mut filled = vec![false; wishes.len()];
    let fits = |wish: &Wish| {
        let at = ranked(&starts, wish.mentor, wish.mentor_rank);
        at.is_some_and(|at| !std::mem::replace(&mut filled[at], true))
    };
    if wishes.iter().all(fits) {
        return false;
    }
    let mut ranks = vec![0; wishes.len()];
    let mut next = starts.clone();
    for wish in wishes {
        let place = &mut next[wish.mentor as usize];
        ranks[*place as usize] = wish.mentor_rank;
        *place += 1;
    }
    starts.windows(2).any(|row| {
        let ranks = &mut ranks[row[0] as usize..row[1] as usize];
        ranks.sort_unstable();
        ranks.windows(2).any(|two| two[0] == two[1])
    })
}
