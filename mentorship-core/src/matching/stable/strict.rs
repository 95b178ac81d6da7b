//! Deferred acceptance where nobody ranks two people the same: mentees propose, and the result is the stable
//! pairing that is best for every mentee at once, in whatever order they begin.
//!
//! All mentors' places lie in one list, those of each as a heap with the mentee who goes first on top.
//!
//! Source: Gale, Shapley: College Admissions and the Stability of Marriage, 1962.
#![expect(clippy::indexing_slicing, reason = "people and wishes come from validated preferences")]

use super::{mentees::NONE, preferences::Preferences};

/// The places of one mentor, those that are taken first. A mentee there is the mentor's rank of them above the
/// number of their wish, so that the largest is the one who goes first.
struct Places<'a> {
    all: &'a mut [u64],
    taken: &'a mut u32,
}

impl Places<'_> {
    /// Takes somebody in: gives back who goes, which is them if everybody there is better.
    fn take(&mut self, new: u64) -> Option<u64> {
        let taken = *self.taken as usize;
        if taken < self.all.len() {
            *self.taken += 1;
            self.rise(taken, new);
            return None;
        }
        match self.all.first() {
            Some(last) if new < *last => {
                let last = *last;
                self.sink(new);
                Some(last)
            }
            _ => Some(new),
        }
    }

    fn rise(&mut self, mut at: usize, new: u64) {
        while at > 0 && self.all[(at - 1) / 2] < new {
            self.all[at] = self.all[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        self.all[at] = new;
    }

    /// Puts somebody in the place of whoever is on top.
    fn sink(&mut self, new: u64) {
        let mut at = 0;
        loop {
            let mut below = 2 * at + 1;
            if below + 1 < self.all.len() && self.all[below] < self.all[below + 1] {
                below += 1;
            }
            if below >= self.all.len() || self.all[below] < new {
                break;
            }
            self.all[at] = self.all[below];
            at = below;
        }
        self.all[at] = new;
    }
}

/// The wish that each mentee gets, or [`NONE`], and how many wishes were looked at. Nobody ranks two people the
/// same.
pub(super) fn propose(preferences: &Preferences) -> (Vec<u32>, u64) {
    let (wishes, capacities) = (preferences.wishes(), preferences.capacities());
    let mut listed = vec![0_u32; preferences.mentors()];
    for wish in wishes {
        listed[wish.mentor as usize] += 1;
    }
    // Nobody needs more places than they are on lists.
    let mut starts = vec![0_usize; preferences.mentors() + 1];
    for (mentor, (listed, capacity)) in listed.iter().zip(capacities).enumerate() {
        starts[mentor + 1] = starts[mentor] + *listed.min(capacity) as usize;
    }
    let mut places = vec![0_u64; starts[preferences.mentors()]];
    let mut taken = listed;
    taken.fill(0);
    let mut held = vec![NONE; preferences.mentees()];
    let mut operations = 0;
    for first in 0..preferences.mentees() {
        let mut row = preferences.row(first);
        while let Some(at) = row.next() {
            operations += 1;
            let wish = wishes[at];
            let (mentor, mentee) = (wish.mentor as usize, wish.mentee as usize);
            let mut of_mentor = Places {
                all: &mut places[starts[mentor]..starts[mentor + 1]],
                taken: &mut taken[mentor],
            };
            let number = u32::try_from(at).unwrap_or(NONE);
            let new = u64::from(wish.mentor_rank) << 32 | u64::from(number);
            match of_mentor.take(new) {
                None => {
                    held[mentee] = number;
                    break;
                }
                Some(out) if out == new => {}
                Some(out) => {
                    held[mentee] = number;
                    // Whoever had to go looks on behind the wish that they lost.
                    let lost = usize::try_from(out & u64::from(u32::MAX)).unwrap_or(usize::MAX);
                    let mentee = wishes[lost].mentee as usize;
                    held[mentee] = NONE;
                    row = lost + 1..preferences.row(mentee).end;
                }
            }
        }
    }
    (held, operations)
}
