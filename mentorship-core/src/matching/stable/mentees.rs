//! Mentees propose, and ties are used so that many find a place.
//!
//! Without ties this is deferred acceptance: the result is the stable pairing that is best for every mentee at
//! once. With ties on either side it follows Király's linear-time algorithm: among mentors whom they rank the
//! same, mentees prefer one with a place left; a mentee who took one of several such mentors gives way to
//! whoever asks next, as long as another of them still has a place; and who has come to the end of their list
//! goes through it once more, this time before others who are ranked the same. At least two thirds as many
//! pairs come out as in the largest stable pairing.
//!
//! Sources: Gale, Shapley: College Admissions and the Stability of Marriage, 1962. Király: Linear Time Local
//! Approximation Algorithm for Maximum Stable Marriage, Algorithms 6(3), 2013.
#![expect(clippy::indexing_slicing, reason = "people and wishes come from validated preferences")]

use std::collections::BinaryHeap;

use super::preferences::Preferences;

/// Nobody, or no wish.
pub(super) const NONE: u32 = u32::MAX;

/// How often a mentee has gone through their list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Round {
    /// Again: before those who are ranked the same and go for the first time.
    Second,
    First,
    Over,
}

/// A mentee as a mentor holds them; the greatest of some is the first to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Held {
    rank: u32,
    round: Round,
    mentee: u32,
    /// Which of the mentee's engagements this is; an older one is over.
    engagement: u32,
}

/// Where a mentee is in their list, as places in `order`.
#[derive(Clone, Copy, Debug)]
struct Cursor {
    /// End of the tie under way.
    end: u32,
    /// Before it no mentor of the tie has a place left.
    free: u32,
    /// Before it every mentor of the tie has refused.
    next: u32,
}

struct Proposing<'a> {
    preferences: &'a Preferences,
    /// Wishes by mentee; those tied in an order of their own.
    order: &'a [u32],
    cursors: Vec<Cursor>,
    rounds: Vec<Round>,
    engagements: Vec<u32>,
    /// The wish that each mentee holds.
    held: Vec<u32>,
    refused: Vec<bool>,
    taken: Vec<u32>,
    /// Mentees of each mentor, also some who are gone.
    mentees: Vec<BinaryHeap<Held>>,
    /// Mentees who took this mentor while another one of the tie had a place left.
    undecided: Vec<Vec<(u32, u32)>>,
    active: Vec<u32>,
    operations: u64,
}

impl Proposing<'_> {
    fn mentor(&self, at: u32) -> usize {
        self.preferences.wishes()[self.order[at as usize] as usize].mentor as usize
    }

    fn has_place(&self, mentor: usize) -> bool {
        self.taken[mentor] < self.preferences.capacities()[mentor]
    }

    /// Begins the tie at `start`, if the list has one.
    fn begin(&mut self, mentee: usize, start: usize) {
        let row = self.preferences.row(mentee);
        let rank = |at: usize| self.preferences.wishes()[self.order[at] as usize].mentee_rank;
        let mut end = start;
        while end < row.end && rank(end) == rank(start) {
            end += 1;
        }
        self.operations += (end - start) as u64;
        let [start, end] = [start, end].map(|at| u32::try_from(at).unwrap_or(NONE));
        self.cursors[mentee] = Cursor { end, free: start, next: start };
    }

    /// The first mentor of the tie with a place left. Places never come back.
    fn free(&mut self, mentee: usize) -> Option<u32> {
        let Cursor { end, mut free, .. } = self.cursors[mentee];
        while free < end && !self.has_place(self.mentor(free)) {
            free += 1;
            self.operations += 1;
        }
        self.cursors[mentee].free = free;
        (free < end).then_some(free)
    }

    /// The first mentor of the tie who has not refused.
    fn next(&mut self, mentee: usize) -> Option<u32> {
        let Cursor { end, mut next, .. } = self.cursors[mentee];
        while next < end && self.refused[next as usize] {
            next += 1;
            self.operations += 1;
        }
        self.cursors[mentee].next = next;
        (next < end).then_some(next)
    }

    fn engage(&mut self, mentee: usize, at: u32) {
        let mentor = self.mentor(at);
        let wish = self.preferences.wishes()[self.order[at as usize] as usize];
        self.engagements[mentee] += 1;
        self.held[mentee] = at;
        self.taken[mentor] += 1;
        self.mentees[mentor].push(Held {
            rank: wish.mentor_rank,
            round: self.rounds[mentee],
            mentee: wish.mentee,
            engagement: self.engagements[mentee],
        });
    }

    fn let_go(&mut self, mentee: u32, mentor: usize, refused: bool) {
        let at = std::mem::replace(&mut self.held[mentee as usize], NONE);
        self.refused[at as usize] |= refused;
        self.engagements[mentee as usize] += 1;
        self.taken[mentor] -= 1;
        self.active.push(mentee);
    }

    /// Somebody of this mentor who still has a choice.
    fn take_undecided(&mut self, mentor: usize) -> Option<u32> {
        while let Some((mentee, engagement)) = self.undecided[mentor].pop() {
            self.operations += 1;
            // Who has no other choice any more never gets one back.
            if self.engagements[mentee as usize] == engagement
                && self.free(mentee as usize).is_some()
            {
                return Some(mentee);
            }
        }
        None
    }

    /// The mentee who goes first, if somebody better comes.
    fn last(&mut self, mentor: usize) -> Option<Held> {
        while let Some(held) = self.mentees[mentor].peek() {
            if self.engagements[held.mentee as usize] == held.engagement {
                return Some(*held);
            }
            self.operations += 1;
            self.mentees[mentor].pop();
        }
        None
    }

    /// Goes on with a mentee who holds nobody, until they do or have come to the end.
    fn propose(&mut self, mentee: usize) {
        loop {
            self.operations += 1;
            if let Some(at) = self.free(mentee) {
                let mentor = self.mentor(at);
                self.engage(mentee, at);
                self.cursors[mentee].free += 1;
                if self.free(mentee).is_some() {
                    let number = u32::try_from(mentee).unwrap_or(NONE);
                    self.undecided[mentor].push((number, self.engagements[mentee]));
                }
                return;
            }
            let Some(at) = self.next(mentee) else {
                let row = self.preferences.row(mentee);
                let end = self.cursors[mentee].end as usize;
                if end < row.end {
                    self.begin(mentee, end);
                } else if self.rounds[mentee] == Round::First && !row.is_empty() {
                    self.rounds[mentee] = Round::Second;
                    self.refused[row.clone()].fill(false);
                    self.begin(mentee, row.start);
                } else {
                    self.rounds[mentee] = Round::Over;
                    return;
                }
                continue;
            };
            let mentor = self.mentor(at);
            if let Some(undecided) = self.take_undecided(mentor) {
                self.let_go(undecided, mentor, false);
                self.engage(mentee, at);
                return;
            }
            let rank = self.preferences.wishes()[self.order[at as usize] as usize].mentor_rank;
            match self.last(mentor) {
                Some(last) if (rank, self.rounds[mentee]) < (last.rank, last.round) => {
                    self.let_go(last.mentee, mentor, true);
                    self.engage(mentee, at);
                    return;
                }
                _ => self.refused[at as usize] = true,
            }
        }
    }
}

/// The wish that each mentee gets, or [`NONE`], and how many wishes were looked at. `order` holds the wishes
/// by mentee and rank, those tied in any order; `first` the mentees in the order in which they begin.
pub(super) fn propose(
    preferences: &Preferences,
    order: &[u32],
    first: Vec<u32>,
) -> (Vec<u32>, u64) {
    let (mentees, mentors) = (preferences.mentees(), preferences.mentors());
    let mut proposing = Proposing {
        preferences,
        order,
        cursors: vec![Cursor { end: 0, free: 0, next: 0 }; mentees],
        rounds: vec![Round::First; mentees],
        engagements: vec![0; mentees],
        held: vec![NONE; mentees],
        refused: vec![false; order.len()],
        taken: vec![0; mentors],
        mentees: vec![BinaryHeap::new(); mentors],
        undecided: vec![Vec::new(); mentors],
        active: first,
        operations: 0,
    };
    for mentee in 0..mentees {
        proposing.begin(mentee, preferences.row(mentee).start);
    }
    proposing.active.reverse();
    while let Some(mentee) = proposing.active.pop() {
        proposing.propose(mentee as usize);
    }
    let wish = |at: u32| if at == NONE { NONE } else { order[at as usize] };
    (proposing.held.into_iter().map(wish).collect(), proposing.operations)
}
