//! The best candidates of everybody, on both sides, exactly.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use std::{
    ops::Range,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

use super::{
    super::random::SplitMix,
    best::{List, Lists, packed, unpacked},
    board::{Board, NOWHERE},
    compiled::People,
    sweep::Sweep,
};

/// Bounds that are looked at together.
const CHUNK: usize = 64;
/// Mentees that a thread takes at a time.
const BATCH: usize = 64;

/// Somebody who may be paired with whoever was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Their number.
    pub person: u32,
    /// The score of the pair, waiting and wish counted.
    pub points: u32,
}

/// The best candidates of everybody; made by [`People::candidates`].
#[derive(Debug)]
pub struct Candidates {
    mentees: Lists,
    mentors: Lists,
    ties: Ties,
}

/// Which of equally good candidates comes first.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ties {
    /// The lower number.
    ByNumber,
    /// Drawn for each person anew, so that not everybody has the same candidates where nearly all tie.
    Drawn(u64),
}

impl Ties {
    /// A number that candidates of `person` are compared with: who differs least from it comes first, bit by
    /// bit.
    fn of(self, side: u64, person: u32) -> u32 {
        match self {
            Self::ByNumber => 0,
            Self::Drawn(seed) => {
                let mut random = SplitMix::new(seed ^ side << 32 ^ u64::from(person));
                u32::try_from(random.below(1 << 32)).unwrap_or(0)
            }
        }
    }

    pub(super) fn of_mentee(self, mentee: u32) -> u32 {
        self.of(1, mentee)
    }

    fn of_mentor(self, mentor: u32) -> u32 {
        self.of(2, mentor)
    }
}

fn told(list: &[u64], ties: u32) -> impl ExactSizeIterator<Item = Candidate> {
    list.iter().map(move |it| {
        let (points, person) = unpacked(*it);
        Candidate { person: person ^ ties, points }
    })
}

impl Candidates {
    /// The best mentors of a mentee: the highest score first, of equal ones the lower number first.
    ///
    /// # Panics
    /// If there is no such mentee.
    #[must_use]
    pub fn of_mentee(&self, mentee: u32) -> impl ExactSizeIterator<Item = Candidate> {
        told(self.mentees.of(mentee as usize), self.ties.of_mentee(mentee))
    }

    /// The best mentees of a mentor, in the same order.
    ///
    /// # Panics
    /// If there is no such mentor.
    #[must_use]
    pub fn of_mentor(&self, mentor: u32) -> impl ExactSizeIterator<Item = Candidate> {
        told(self.mentors.of(mentor as usize), self.ties.of_mentor(mentor))
    }
}

/// Mentees who may have a mentor, in an order in which those who answered alike follow each other.
#[derive(Debug)]
pub(super) struct Order {
    pub(super) mentees: Vec<u32>,
    pub(super) groups: Vec<u32>,
    pub(super) classes: Vec<u32>,
    /// Of each group, whether it has few mentees.
    alone: Vec<bool>,
}

/// Mentees of a group from which on it is looked up for all mentors at once.
const GROUP: u32 = 4;

impl Order {
    pub(super) fn new(people: &People, board: &Board) -> Self {
        let (groups, classes) = (board.groups(people), board.classes(people));
        let mut mentees: Vec<u32> = (0..).take(people.mentees()).collect();
        mentees.retain(|mentee| people.mentee_capacity[*mentee as usize] > 0);
        mentees.sort_unstable_by_key(|it| {
            let at = *it as usize;
            (groups[at], classes[at], *it)
        });
        let mut sizes = vec![0_u32; groups.iter().max().map_or(0, |it| *it as usize + 1)];
        for mentee in &mentees {
            sizes[groups[*mentee as usize] as usize] += 1;
        }
        let alone = sizes.into_iter().map(|size| size < GROUP).collect();
        Self { mentees, groups, classes, alone }
    }

    pub(super) fn go(&self, sweep: &mut Sweep<'_>, mentee: u32) {
        let (group, class) = (self.groups[mentee as usize], self.classes[mentee as usize]);
        sweep.go_to(mentee, group, class, self.alone[group as usize]);
    }
}

/// Work in batches of `0..count`, on up to so many threads, each with a state of its own.
///
/// A batch does not see which thread it is on; what comes out must not depend on how they are spread. After each
/// batch on the thread that calls, `goes_on` is asked, with how far the work is; after a no, each thread ends
/// its batch, and the second result is false.
pub(super) fn shared_out<S: Send>(
    count: usize,
    threads: usize,
    state: impl Fn() -> S + Sync,
    work: impl Fn(&mut S, Range<usize>) + Sync,
    mut goes_on: impl FnMut(usize) -> bool,
) -> (Vec<S>, bool) {
    let next = AtomicUsize::new(0);
    let stopped = AtomicBool::new(false);
    let batches = |goes_on: &mut dyn FnMut(usize) -> bool| {
        let mut mine = state();
        while !stopped.load(Ordering::Relaxed) {
            let start = next.fetch_add(BATCH, Ordering::Relaxed);
            if start >= count {
                break;
            }
            let end = count.min(start + BATCH);
            work(&mut mine, start..end);
            if !goes_on(end) {
                stopped.store(true, Ordering::Relaxed);
            }
        }
        mine
    };
    let run = || batches(&mut |_| true);
    let others = threads.min(count.div_ceil(BATCH)).saturating_sub(1);
    let states = std::thread::scope(|scope| {
        // A thread that cannot be had is no harm: the others do its work.
        let spawn = |_| std::thread::Builder::new().spawn_scoped(scope, run).ok();
        let handles: Vec<_> = (0..others).filter_map(spawn).collect();
        let mut states = vec![batches(&mut goes_on)];
        for handle in handles {
            match handle.join() {
                Ok(state) => states.push(state),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        states
    });
    (states, !stopped.into_inner())
}

/// What a thread has found.
struct Found<'a> {
    sweep: Sweep<'a>,
    /// The list of the mentee at hand.
    own: List,
    /// Mentees that are done, and where their candidates end in `done`.
    ends: Vec<(u32, usize)>,
    done: Vec<u64>,
    mentors: Lists,
    ties: Ties,
    /// That of the mentee at hand, and those of the mentors.
    tie: u32,
    mentor_ties: Vec<u32>,
    /// By place: a bound below this is of no use to the mentor.
    needs: Vec<i16>,
}

/// Points as a need: whoever has as many may still be better, by number.
fn need(worst: Option<u64>) -> i16 {
    worst.map_or(i16::MIN, |worst| i16::try_from(unpacked(worst).0).unwrap_or(i16::MAX))
}

/// How many candidates a person has who may be paired with `capacity` of `others`.
pub(super) fn most_of(k: usize, capacity: u32, others: usize) -> usize {
    k.saturating_mul(capacity as usize).min(others)
}

impl People {
    /// For each mentee the best `k` mentors, and for each mentor the best `k` mentees, times the capacity of
    /// either; exactly, whatever the rules are. Who has no places has no candidates, and is nobody's.
    ///
    /// Rules with few different answers, and choices that two people share, are bounded for all mentors at
    /// once; other rules (weekly times of very many kinds, say) are measured for each pair that could still
    /// be among the best by the others. What comes out does not depend on `threads` (0 counts as 1).
    /// Memory: 8 bytes for each candidate of a mentee, and for each of a mentor and thread.
    #[must_use]
    pub fn candidates(&self, k: usize, threads: usize) -> Candidates {
        let board = Board::new(self);
        let order = Order::new(self, &board);
        let everybody = order.mentees.len();
        self.best((&board, &order), everybody, k, Ties::ByNumber, threads, |_| true).0
    }

    /// As [`People::candidates`], of the first so many mentees of the order, while `goes_on` says so; and
    /// whether it did.
    pub(super) fn best(
        &self,
        (board, order): (&Board, &Order),
        first: usize,
        k: usize,
        ties: Ties,
        threads: usize,
        goes_on: impl FnMut(usize) -> bool,
    ) -> (Candidates, bool) {
        let (mentees, mentors) = (self.mentees(), self.mentors());
        let of_mentee = |it: &u32| most_of(k, *it, mentors);
        let of_mentor = |it: &u32| most_of(k, *it, mentees);
        let state = || Found {
            sweep: Sweep::new(self, board),
            own: List::default(),
            ends: Vec::new(),
            done: Vec::new(),
            mentors: Lists::new(self.mentor_capacity.iter().map(of_mentor)),
            ties,
            tie: 0,
            mentor_ties: (0..).take(mentors).map(|it| ties.of_mentor(it)).collect(),
            needs: vec![if k == 0 { i16::MAX } else { i16::MIN }; board.mentors.len()],
        };
        let work = |found: &mut Found<'_>, batch: Range<usize>| {
            for &mentee in &order.mentees[batch] {
                let length = of_mentee(&self.mentee_capacity[mentee as usize]);
                order.go(&mut found.sweep, mentee);
                found.look_at(self, board, mentee, length);
            }
        };
        let (threads, whole) = shared_out(first, threads, state, work, goes_on);
        let mut threads = threads.into_iter();
        let mut own = Lists::new(self.mentee_capacity.iter().map(of_mentee));
        let mut theirs: Option<Lists> = None;
        for found in threads.by_ref() {
            let mut start = 0;
            for (mentee, end) in found.ends {
                for candidate in &found.done[start..end] {
                    own.offer(mentee as usize, *candidate);
                }
                start = end;
            }
            let Some(all) = &mut theirs else {
                theirs = Some(found.mentors);
                continue;
            };
            for mentor in 0..mentors {
                for candidate in found.mentors.of(mentor) {
                    all.offer(mentor, *candidate);
                }
            }
        }
        let mut theirs = theirs.unwrap_or_else(|| Lists::new(std::iter::empty()));
        own.sort();
        theirs.sort();
        (Candidates { mentees: own, mentors: theirs, ties }, whole)
    }
}

impl Found<'_> {
    fn look_at(&mut self, people: &People, board: &Board, mentee: u32, length: usize) {
        self.own.begin(length);
        self.tie = self.ties.of_mentee(mentee);
        let mut own = if length == 0 { i16::MAX } else { i16::MIN };
        let wishes = people.wishes.of(mentee);
        for (mentor, wish) in wishes {
            let place = board.places[*mentor as usize];
            if place == NOWHERE {
                continue;
            }
            let place = place as usize;
            if !self.sweep.lets_in(place) || people.is_excluded(mentee, *mentor) {
                continue;
            }
            if let Some(points) = self.sweep.exact(place) {
                self.offer(mentee, *mentor, place, points + wish, length, &mut own);
            }
        }
        let least = people.minimum + people.waiting[mentee as usize];
        let least = i16::try_from(least).unwrap_or(i16::MAX);
        for run in 0..self.sweep.runs.len() {
            let run = self.sweep.runs[run].clone();
            for start in run.clone().step_by(CHUNK) {
                let chunk = start..run.end.min(start + CHUNK);
                let good = |bound: i16, need: i16, own: i16| bound >= need.min(own).max(least);
                let both = self.sweep.bounds[chunk.clone()].iter().zip(&self.needs[chunk.clone()]);
                if !both.fold(false, |any, (bound, need)| any | good(*bound, *need, own)) {
                    continue;
                }
                for place in chunk {
                    if !good(self.sweep.bounds[place], self.needs[place], own) {
                        continue;
                    }
                    let Some(points) = self.sweep.exact(place) else { continue };
                    let exact = i16::try_from(points).unwrap_or(i16::MAX);
                    if !good(exact, self.needs[place], own) {
                        continue;
                    }
                    let mentor = board.mentors[place];
                    if people.wish(mentee, mentor).is_none() && !people.is_excluded(mentee, mentor)
                    {
                        self.offer(mentee, mentor, place, points, length, &mut own);
                    }
                }
            }
        }
        self.done.extend_from_slice(self.own.items());
        self.ends.push((mentee, self.done.len()));
    }

    /// Offers the pair to both of them.
    fn offer(
        &mut self,
        mentee: u32,
        mentor: u32,
        place: usize,
        points: u32,
        length: usize,
        own: &mut i16,
    ) {
        let exact = i16::try_from(points).unwrap_or(i16::MAX);
        if length > 0 && exact >= *own {
            *own = need(self.own.offer(packed(points, mentor ^ self.tie)));
        }
        if self.needs[place] < i16::MAX && exact >= self.needs[place] {
            let candidate = packed(points, mentee ^ self.mentor_ties[mentor as usize]);
            self.needs[place] = need(self.mentors.offer(mentor as usize, candidate));
        }
    }
}
