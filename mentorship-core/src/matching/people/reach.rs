//! Whom somebody without a partner could have, if others moved: along allowed pairs, without listing them.
//!
//! The search is that of the solver's cover: whom a mentee with a place left could have, whose mentees could
//! have whom, and so forth. Every mentor is reached once; those who were reached already are stepped over.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use super::{
    super::certificate::{Cover, Pair},
    board::Board,
    candidates::Order,
    compiled::People,
    sweep::Sweep,
};

/// What a search has found.
#[derive(Debug)]
pub(super) enum Reach {
    /// No pairing has more pairs.
    All(Cover),
    /// More pairs are possible.
    More,
    /// Whoever was asked did not want to go on.
    Stopped,
}

/// Asked before going to a mentee, with how many were gone to before: whether to go on.
pub(super) type GoesOn<'a> = dyn FnMut(usize) -> bool + 'a;

/// Places that are still of interest: from each place, the next one.
#[derive(Debug)]
pub(super) struct Left(Vec<u32>);

impl Left {
    /// All of so many places.
    pub(super) fn new(places: usize) -> Self {
        Self((0..).take(places + 1).collect())
    }

    /// The first place from `place` on; the number of all places if there is none.
    pub(super) fn next(&mut self, place: usize) -> usize {
        let mut end = place;
        while self.0[end] as usize != end {
            end = self.0[end] as usize;
        }
        let mut at = place;
        while at != end {
            let next = self.0[at] as usize;
            self.0[at] = u32::try_from(end).unwrap_or(u32::MAX);
            at = next;
        }
        end
    }

    pub(super) fn take(&mut self, place: usize) {
        self.0[place] = u32::try_from(place + 1).unwrap_or(u32::MAX);
    }
}

/// Who is paired with whom.
#[derive(Debug)]
pub(super) struct Paired<'a> {
    /// Sorted.
    pub(super) pairs: &'a [Pair],
    pub(super) mentees_of: Vec<Vec<u32>>,
    /// How many mentors each mentee has.
    pub(super) has: Vec<u32>,
}

impl<'a> Paired<'a> {
    pub(super) fn new(people: &People, pairs: &'a [Pair]) -> Self {
        let mut mentees_of = vec![Vec::new(); people.mentors()];
        let mut has = vec![0; people.mentees()];
        for pair in pairs {
            mentees_of[pair.mentor as usize].push(pair.mentee);
            has[pair.mentee as usize] += 1;
        }
        Self { pairs, mentees_of, has }
    }

    pub(super) fn mentee_is_free(&self, people: &People, mentee: u32) -> bool {
        self.has[mentee as usize] < people.mentee_capacity[mentee as usize]
    }

    pub(super) fn mentor_is_free(&self, people: &People, mentor: u32) -> bool {
        self.mentees_of[mentor as usize].len() < people.mentor_capacity[mentor as usize] as usize
    }
}

/// Goes to mentees and tells which mentors they may have besides those they have.
#[derive(Debug)]
pub(super) struct Allowed<'a> {
    people: &'a People,
    board: &'a Board,
    order: &'a Order,
    pub(super) sweep: Sweep<'a>,
    mentee: u32,
    /// Whether nothing but gates and exclusions decides.
    plain: bool,
}

impl<'a> Allowed<'a> {
    pub(super) fn new(people: &'a People, board: &'a Board, order: &'a Order) -> Self {
        let plain = people.minimum == 0 && board.open.is_empty();
        Self { people, board, order, sweep: Sweep::new(people, board), mentee: 0, plain }
    }

    pub(super) fn go_to(&mut self, mentee: u32) {
        self.mentee = mentee;
        if self.plain {
            self.sweep.let_in(mentee, self.order.classes[mentee as usize]);
        } else {
            self.order.go(&mut self.sweep, mentee);
        }
    }

    /// Whether nothing but gates and exclusions decides, so that going to a mentee takes no time.
    pub(super) fn is_plain(&self) -> bool {
        self.plain
    }

    /// Whether the mentor at a place within the runs may be paired with the mentee.
    pub(super) fn at(&self, place: usize) -> bool {
        let allowed = self.plain || self.sweep.exact(place).is_some();
        allowed && !self.people.is_excluded(self.mentee, self.board.mentors[place])
    }

    /// As [`Allowed::at`], and not paired already.
    pub(super) fn anew(&self, place: usize, paired: &Paired<'_>) -> bool {
        let pair = Pair { mentee: self.mentee, mentor: self.board.mentors[place] };
        self.at(place) && paired.pairs.binary_search(&pair).is_err()
    }
}

/// A search from mentees with a place left.
#[derive(Debug)]
pub(super) struct Search<'a> {
    board: &'a Board,
    allowed: Allowed<'a>,
    left: Left,
    pub(super) mentee_reached: Vec<bool>,
    mentor_reached: Vec<bool>,
}

impl<'a> Search<'a> {
    pub(super) fn new(people: &'a People, board: &'a Board, order: &'a Order) -> Self {
        Self {
            board,
            allowed: Allowed::new(people, board, order),
            left: Left::new(board.mentors.len()),
            mentee_reached: vec![false; people.mentees()],
            mentor_reached: vec![false; people.mentors()],
        }
    }

    pub(super) fn has_reached(&self, mentor: u32) -> bool {
        self.mentor_reached[mentor as usize]
    }

    /// Reaches whoever can be reached from `mentees` and was not reached before. Gives back the mentees and
    /// the mentors.
    pub(super) fn from(&mut self, paired: &Paired<'_>, mentees: Vec<u32>) -> (Vec<u32>, Vec<u32>) {
        self.asking(paired, mentees, &mut |_| true).unwrap_or_default()
    }

    /// As [`Search::from`], with somebody who is asked; `None` if they do not want to go on.
    fn asking(
        &mut self,
        paired: &Paired<'_>,
        mentees: Vec<u32>,
        goes_on: &mut GoesOn<'_>,
    ) -> Option<(Vec<u32>, Vec<u32>)> {
        let mut open = mentees;
        open.retain(|it| !std::mem::replace(&mut self.mentee_reached[*it as usize], true));
        let (mut mentees, mut mentors) = (open.clone(), Vec::new());
        let mut gone_to = 0;
        while let Some(mentee) = open.pop() {
            if self.left.next(0) == self.board.mentors.len() {
                break;
            }
            if !goes_on(gone_to) {
                return None;
            }
            gone_to += 1;
            self.allowed.go_to(mentee);
            for run in 0..self.allowed.sweep.runs.len() {
                let run = self.allowed.sweep.runs[run].clone();
                let mut place = self.left.next(run.start);
                while place < run.end {
                    if self.allowed.anew(place, paired) {
                        let mentor = self.board.mentors[place];
                        self.left.take(place);
                        self.mentor_reached[mentor as usize] = true;
                        mentors.push(mentor);
                        for &other in &paired.mentees_of[mentor as usize] {
                            if !std::mem::replace(&mut self.mentee_reached[other as usize], true) {
                                mentees.push(other);
                                open.push(other);
                            }
                        }
                    }
                    place = self.left.next(place + 1);
                }
            }
        }
        Some((mentees, mentors))
    }
}

/// Searches from every mentee with a place left. `pairs` keep the rules and are sorted.
pub(super) fn reach(
    people: &People,
    (board, order): (&Board, &Order),
    pairs: &[Pair],
    goes_on: &mut GoesOn<'_>,
) -> Reach {
    let paired = Paired::new(people, pairs);
    let mut search = Search::new(people, board, order);
    // Those who answered alike follow each other when the last comes first.
    let free = order.mentees.iter().rev().copied();
    let free = free.filter(|mentee| paired.mentee_is_free(people, *mentee)).collect();
    let Some((_, mut mentors)) = search.asking(&paired, free, goes_on) else {
        return Reach::Stopped;
    };
    mentors.retain(|mentor| paired.mentor_is_free(people, *mentor));
    if mentors.is_empty() {
        // Who takes nobody was not searched, and costs a cover nothing.
        let reached = |mentor: u32| search.has_reached(mentor);
        let covered =
            |mentor: &u32| reached(*mentor) || people.mentor_capacity[*mentor as usize] == 0;
        return Reach::All(Cover {
            mentees: (0..).zip(&search.mentee_reached).filter(|it| !*it.1).map(|it| it.0).collect(),
            mentors: (0..).take(people.mentors()).filter(covered).collect(),
        });
    }
    Reach::More
}
