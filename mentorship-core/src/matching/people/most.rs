//! As many pairs as all allowed pairs make possible, from a pairing that has nearly as many.
//!
//! Nobody asks here how good the pairs are. They are listed so that the solver, which does, has enough of
//! them: it would need a round for each missing pair otherwise.
#![expect(clippy::indexing_slicing, reason = "places and people come from the board")]

use super::{
    super::certificate::Pair,
    board::Board,
    candidates::Order,
    compiled::People,
    reach::{Allowed, GoesOn, Left},
};

struct Pairs<'a> {
    people: &'a People,
    board: &'a Board,
    allowed: Allowed<'a>,
    mentors_of: Vec<Vec<u32>>,
    mentees_of: Vec<Vec<u32>>,
    /// Places of mentors with a place left.
    free: Left,
    /// Places that were not reached in this phase.
    left: Left,
    /// Through whom a mentor was reached, and a mentee.
    mentor_via: Vec<u32>,
    mentee_via: Vec<u32>,
    reached: Vec<bool>,
    /// How many mentees were gone to.
    gone_to: usize,
}

/// Whoever was asked did not want to go on.
struct Stopped;

/// A largest pairing of all allowed pairs; `None` if whoever is asked does not want to go on. `pairs` keep the
/// rules.
pub(super) fn most(
    people: &People,
    (board, order): (&Board, &Order),
    pairs: &[Pair],
    goes_on: &mut GoesOn<'_>,
) -> Option<Vec<Pair>> {
    let (mentees, mentors) = (people.mentees(), people.mentors());
    let mut all = Pairs {
        people,
        board,
        allowed: Allowed::new(people, board, order),
        mentors_of: vec![Vec::new(); mentees],
        mentees_of: vec![Vec::new(); mentors],
        free: Left::new(board.mentors.len()),
        left: Left::new(0),
        mentor_via: vec![0; mentors],
        mentee_via: vec![0; mentees],
        reached: Vec::new(),
        gone_to: 0,
    };
    for pair in pairs {
        all.mentors_of[pair.mentee as usize].push(pair.mentor);
        all.mentees_of[pair.mentor as usize].push(pair.mentee);
    }
    for (place, mentor) in board.mentors.iter().enumerate() {
        if all.is_full(*mentor) {
            all.free.take(place);
        }
    }
    // In a phase everybody is reached at most once, whoever finds a place; phases end when nobody does.
    loop {
        all.left = Left::new(board.mentors.len());
        all.reached = vec![false; mentees];
        let mut found = false;
        for &mentee in &order.mentees {
            let capacity = people.mentee_capacity[mentee as usize] as usize;
            while all.mentors_of[mentee as usize].len() < capacity {
                match all.place(mentee, goes_on) {
                    Ok(true) => found = true,
                    Ok(false) => break,
                    Err(Stopped) => return None,
                }
            }
        }
        if !found {
            break;
        }
    }
    let mut pairs = Vec::with_capacity(pairs.len());
    for (mentee, mentors) in (0..).zip(&all.mentors_of) {
        pairs.extend(mentors.iter().map(|&mentor| Pair { mentee, mentor }));
    }
    pairs.sort_unstable();
    Some(pairs)
}

impl Pairs<'_> {
    fn is_full(&self, mentor: u32) -> bool {
        let capacity = self.people.mentor_capacity[mentor as usize] as usize;
        self.mentees_of[mentor as usize].len() >= capacity
    }

    /// Finds a place for a mentee, if others can move on.
    fn place(&mut self, root: u32, goes_on: &mut GoesOn<'_>) -> Result<bool, Stopped> {
        if std::mem::replace(&mut self.reached[root as usize], true) {
            return Ok(false);
        }
        let mut open = vec![root];
        while let Some(mentee) = open.pop() {
            if !goes_on(self.gone_to) {
                return Err(Stopped);
            }
            self.gone_to += 1;
            self.allowed.go_to(mentee);
            let has = std::mem::take(&mut self.mentors_of[mentee as usize]);
            let anew = |allowed: &Allowed<'_>, board: &Board, place: usize| {
                allowed.at(place) && !has.contains(&board.mentors[place])
            };
            let mut end = None;
            for run in &self.allowed.sweep.runs {
                let mut place = self.free.next(run.start);
                while place < run.end && !anew(&self.allowed, self.board, place) {
                    place = self.free.next(place + 1);
                }
                if place < run.end {
                    end = Some(place);
                    break;
                }
                let mut place = self.left.next(run.start);
                while place < run.end {
                    if anew(&self.allowed, self.board, place) {
                        let mentor = self.board.mentors[place];
                        self.left.take(place);
                        self.mentor_via[mentor as usize] = mentee;
                        for &other in &self.mentees_of[mentor as usize] {
                            if !std::mem::replace(&mut self.reached[other as usize], true) {
                                self.mentee_via[other as usize] = mentor;
                                open.push(other);
                            }
                        }
                    }
                    place = self.left.next(place + 1);
                }
            }
            self.mentors_of[mentee as usize] = has;
            if let Some(place) = end {
                self.move_on(root, mentee, place);
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The mentee takes a free place; whoever led to them takes the place they leave, and so on to the root.
    fn move_on(&mut self, root: u32, mentee: u32, place: usize) {
        let (mut mentee, mut mentor) = (mentee, self.board.mentors[place]);
        loop {
            self.mentors_of[mentee as usize].push(mentor);
            self.mentees_of[mentor as usize].push(mentee);
            if mentee == root {
                break;
            }
            let leaves = self.mentee_via[mentee as usize];
            self.mentors_of[mentee as usize].retain(|it| *it != leaves);
            self.mentees_of[leaves as usize].retain(|it| *it != mentee);
            (mentee, mentor) = (self.mentor_via[leaves as usize], leaves);
        }
        if self.is_full(self.board.mentors[place]) {
            self.free.take(place);
        }
    }
}
