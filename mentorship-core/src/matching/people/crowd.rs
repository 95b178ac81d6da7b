//! What a pairing of people is made from.

use super::{
    super::{
        certificate::Pair,
        fit::{Fit, Side, fit},
        problem::PEOPLE_MAX,
        score::{Part, Score},
    },
    compiled::{People, compile},
};
use crate::{
    base::{
        input::{InputError, Problem as Wrong, at_most},
        text::Slug,
        time::Timestamp,
    },
    model::form::{Form, limits::POINTS_MAX},
};

/// Most points that a mentee's waiting time adds to each of their pairs.
pub const WAITING_MAX: u32 = 5_000;
/// Most points that a wish adds to a pair.
pub const WISH_MAX: u32 = 5_000;
/// Most mentees of one mentor, and mentors of one mentee.
pub const CAPACITY_MAX: u32 = 1_000;

/// A mentor.
#[derive(Clone, Copy, Debug)]
pub struct Mentor<'a> {
    /// What they answered.
    pub side: Side<'a>,
    /// Who they are: a mentor and a mentee with the same number are one person, and are never paired.
    pub person: u64,
    /// How many mentees they take, 0 to [`CAPACITY_MAX`].
    pub capacity: u32,
}

/// A mentee.
#[derive(Clone, Copy, Debug)]
pub struct Mentee<'a> {
    /// What they answered.
    pub side: Side<'a>,
    /// Who they are; see [`Mentor::person`].
    pub person: u64,
    /// How many mentors they may have, 0 to [`CAPACITY_MAX`].
    pub capacity: u32,
    /// Points for waiting, the same with every mentor, 0 to [`WAITING_MAX`].
    pub waiting: u32,
}

/// A mentee's wish for a mentor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// The mentee's number, from 0.
    pub mentee: u32,
    /// The mentor's number, from 0.
    pub mentor: u32,
    /// Points that it adds, 0 to [`WISH_MAX`]. A wish never makes a pair allowed.
    pub points: u32,
}

/// The people of a program, its rules, and what is known of single pairs.
///
/// The number of a person is their place in the list, from 0. As everywhere in pairing, the numbers decide
/// which of several equally good pairs comes first.
#[derive(Clone, Debug)]
pub struct Crowd<'a> {
    pub(super) form: &'a Form,
    pub(super) now: Timestamp,
    pub(super) mentors: Vec<Mentor<'a>>,
    pub(super) mentees: Vec<Mentee<'a>>,
    pub(super) excluded: Vec<Pair>,
    pub(super) wishes: Vec<Wish>,
    pub(super) minimum: u32,
}

impl<'a> Crowd<'a> {
    /// People who answered `form`, at `now` (zones move with the season).
    #[must_use]
    pub fn new(
        form: &'a Form,
        now: Timestamp,
        mentors: Vec<Mentor<'a>>,
        mentees: Vec<Mentee<'a>>,
    ) -> Self {
        let (excluded, wishes) = (Vec::new(), Vec::new());
        Self { form, now, mentors, mentees, excluded, wishes, minimum: 0 }
    }

    /// Pairs that must not be, whatever the rules say: blocks, avoids, past pairs, forbids. In any order.
    #[must_use]
    pub fn excluded(mut self, pairs: Vec<Pair>) -> Self {
        self.excluded = pairs;
        self
    }

    /// Wishes of mentees, at most one for each pair. In any order.
    #[must_use]
    pub fn wishes(mut self, wishes: Vec<Wish>) -> Self {
        self.wishes = wishes;
        self
    }

    /// Points of the rules below which a pair is not allowed; 0 by default, at most 20,000. Waiting and wishes
    /// do not count toward it.
    #[must_use]
    pub fn minimum(mut self, points: u32) -> Self {
        self.minimum = points;
        self
    }

    /// How many mentees there are.
    #[must_use]
    pub fn mentees(&self) -> usize {
        self.mentees.len()
    }

    /// How many mentors there are.
    #[must_use]
    pub fn mentors(&self) -> usize {
        self.mentors.len()
    }

    /// The score of a pair part by part: the parts of the rules, then `waiting` and `wish` where there are
    /// points for them. `None` if the pair is not allowed, or somebody of the two does not exist.
    ///
    /// Takes as long as it has excluded pairs and wishes; [`People::points`] is for many pairs.
    #[must_use]
    pub fn score(&self, mentee: u32, mentor: u32) -> Option<Score> {
        if self.excluded.contains(&Pair { mentee, mentor }) {
            return None;
        }
        let wish = self.wishes.iter().find(|it| (it.mentee, it.mentor) == (mentee, mentor));
        self.scored(mentee, mentor, wish.map(|it| it.points))
    }

    /// The score of a pair that is not excluded.
    pub(super) fn scored(&self, mentee: u32, mentor: u32, wish: Option<u32>) -> Option<Score> {
        let mentee = self.mentees.get(mentee as usize)?;
        let mentor = self.mentors.get(mentor as usize)?;
        if mentee.person == mentor.person {
            return None;
        }
        let Fit::Possible(mut score) = fit(self.form, &mentor.side, &mentee.side, self.now) else {
            return None;
        };
        if score.total() < self.minimum {
            return None;
        }
        for (name, points) in [("waiting", mentee.waiting), ("wish", wish.unwrap_or(0))] {
            if points > 0 {
                let rule = Slug::from_static(name);
                score.parts.push(Part { rule, points, most: points, missing: false });
            }
        }
        Some(score)
    }

    /// Turns answers into columns.
    ///
    /// # Errors
    /// [`InputError`] naming the field (`mentors[3].capacity`, `excluded[0].mentee`, `wishes[2]`, `minimum`,
    /// `mentees[5].answers.topics`, …) and the limit; also for a form that is not
    /// [`checked`](Form::checked), for an answer of more than 100 choices, and for numbers so large that
    /// their difference is no number any more.
    pub fn compile(&self) -> Result<People, InputError> {
        self.check()?;
        compile(self)
    }

    pub(super) fn check(&self) -> Result<(), InputError> {
        self.form.clone().checked().map_err(|it| it.within("form"))?;
        at_most("mentors", self.mentors.len(), PEOPLE_MAX, "people")?;
        at_most("mentees", self.mentees.len(), PEOPLE_MAX, "people")?;
        limited(|| "minimum".to_owned(), self.minimum, POINTS_MAX)?;
        for (at, mentor) in self.mentors.iter().enumerate() {
            limited(|| format!("mentors[{at}].capacity"), mentor.capacity, CAPACITY_MAX)?;
        }
        for (at, mentee) in self.mentees.iter().enumerate() {
            limited(|| format!("mentees[{at}].capacity"), mentee.capacity, CAPACITY_MAX)?;
            limited(|| format!("mentees[{at}].waiting"), mentee.waiting, WAITING_MAX)?;
        }
        for (at, pair) in self.excluded.iter().enumerate() {
            self.known(|| format!("excluded[{at}]"), pair.mentee, pair.mentor)?;
        }
        for (at, wish) in self.wishes.iter().enumerate() {
            self.known(|| format!("wishes[{at}]"), wish.mentee, wish.mentor)?;
            limited(|| format!("wishes[{at}].points"), wish.points, WISH_MAX)?;
        }
        let mut wished: Vec<(u32, u32)> =
            self.wishes.iter().map(|it| (it.mentee, it.mentor)).collect();
        wished.sort_unstable();
        if wished.windows(2).any(|two| two.first() == two.last()) {
            return Err(InputError::new("wishes", Wrong::Duplicate { what: "pair" }));
        }
        Ok(())
    }

    fn known(
        &self,
        field: impl Fn() -> String,
        mentee: u32,
        mentor: u32,
    ) -> Result<(), InputError> {
        let sides = [("mentee", mentee, self.mentees()), ("mentor", mentor, self.mentors())];
        for (side, number, people) in sides {
            if number as usize >= people {
                let unknown = Wrong::Unknown { what: "person" };
                return Err(InputError::new(format!("{}.{side}", field()), unknown));
            }
        }
        Ok(())
    }
}

fn limited(field: impl Fn() -> String, given: u32, max: u32) -> Result<(), InputError> {
    if given <= max {
        return Ok(());
    }
    let wrong = Wrong::OutOfRange { given: given.into(), min: 0, max: max.into() };
    Err(InputError::new(field(), wrong))
}
