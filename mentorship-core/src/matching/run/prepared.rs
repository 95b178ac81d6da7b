//! All that a run rests on.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    Goal, RunOptions, RunOutcome,
    outcome::{self, Found},
};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId},
        input::{InputError, Problem, at_most},
        time::Timestamp,
    },
    matching::{
        certificate::{Objective, Pair},
        explain::{WhyNot, broken_for_admin, score_for_admin},
        fit::{Fit, Side, fit},
        people::{self, Crowd, Mentee, Mentor, Wish, crowd::CAPACITY_MAX, stable::OwnWishes},
        problem::PEOPLE_MAX,
        score::Score,
        solve::Control,
        stable::Favour,
    },
    model::{answer::Answers, enrollment::Role, form::Form, proposal::ProposedPair},
};

/// An enrolment in a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Seat {
    /// The enrolment.
    pub enrollment: EnrollmentId,
    /// As what.
    pub role: Role,
    /// Who.
    pub person: PersonId,
    /// What they answered.
    pub answers: Answers,
    /// Whether their special-category answers may be used.
    pub special_category: bool,
    /// Free places, 0 to 1,000.
    pub places: u32,
    /// Whether they may not be paired at all now, for a reason that is not told.
    pub barred: bool,
    /// Since when they wait.
    pub waiting_since: Timestamp,
}

/// What a run is made of. The order of the lists has no part in it.
#[derive(Clone, Debug)]
pub struct RunInput {
    /// The program.
    pub program: ProgramId,
    /// Its form, as [`checked`](Form::checked).
    pub form: Arc<Form>,
    /// The instant: zones move with the season, and people wait.
    pub at: Timestamp,
    /// Everybody who takes part.
    pub seats: Vec<Seat>,
    /// Two who must not meet: a block, a wish, a pair of before.
    pub excluded: Vec<ProposedPair>,
    /// Two of whom one has declined to be this pair: only a pin makes them one.
    pub declined: Vec<ProposedPair>,
    /// Two who have an open proposal or a live pair already.
    pub taken: Vec<ProposedPair>,
    /// Wishes to be matched, those that count.
    pub wishes: Vec<RunWish>,
}

/// Somebody's wish to be matched with somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RunWish {
    /// The two.
    pub pair: ProposedPair,
    /// Which of them wishes it.
    pub by: Role,
}

/// A pin that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, serde::Deserialize)]
pub struct InfeasiblePin {
    /// The two.
    pub pair: ProposedPair,
    /// Why not: which rules it breaks, or what else stands in the way.
    pub why_not: WhyNot,
}

/// A run that can be solved.
#[derive(Clone, Debug)]
pub struct PreparedRun {
    pub(super) program: ProgramId,
    pub(super) form: Arc<Form>,
    pub(super) at: Timestamp,
    pub(super) options: RunOptions,
    /// By enrolment, as the mentees.
    pub(super) mentors: Vec<Seat>,
    pub(super) mentees: Vec<Seat>,
    /// Sorted.
    pub(super) excluded: Vec<Pair>,
    /// Open proposals and live pairs, sorted.
    pub(super) taken: Vec<Pair>,
    pub(super) pinned: Vec<Pair>,
    pub(super) infeasible: Vec<InfeasiblePin>,
    /// By pair, each once.
    pub(super) wishes: Vec<Wish>,
    /// Who of two wishes to be matched with the other, sorted; those that are worth something.
    wished_by: Vec<(Pair, Role)>,
    digest: [u8; 32],
}

/// The seats of one role by enrolment.
fn of_role(seats: &mut Vec<Seat>, role: Role) -> Vec<Seat> {
    let (mut found, rest): (Vec<Seat>, Vec<Seat>) =
        std::mem::take(seats).into_iter().partition(|seat| seat.role == role);
    *seats = rest;
    found.sort_unstable_by_key(|seat| seat.enrollment);
    found
}

/// The number of an enrolment among some seats.
pub(super) fn number(seats: &[Seat], enrollment: EnrollmentId) -> Option<u32> {
    let at = seats.binary_search_by_key(&enrollment, |seat| seat.enrollment).ok()?;
    u32::try_from(at).ok()
}

fn check(seats: &[Seat], field: &'static str) -> Result<(), InputError> {
    at_most(field, seats.len(), PEOPLE_MAX, "people")?;
    for (seat, next) in seats.iter().zip(seats.iter().skip(1)) {
        if seat.enrollment == next.enrollment {
            return Err(InputError::new(field, Problem::Duplicate { what: "enrolment" }));
        }
    }
    let places = seats.iter().map(|seat| seat.places).max().unwrap_or(0);
    if places > CAPACITY_MAX {
        let (given, max) = (i64::from(places), i64::from(CAPACITY_MAX));
        let problem = Problem::OutOfRange { given, min: 0, max };
        return Err(InputError::new(format!("{field}.places"), problem));
    }
    Ok(())
}

/// What the digest is made of.
#[derive(Serialize)]
struct Digested<'a> {
    program: ProgramId,
    form: &'a Form,
    at: Timestamp,
    options: &'a RunOptions,
    mentors: &'a [Seat],
    mentees: &'a [Seat],
    excluded: &'a [ProposedPair],
    declined: &'a [ProposedPair],
    taken: &'a [ProposedPair],
    wishes: &'a [RunWish],
}

/// Writes into a hash what would go into a file.
struct Hashing(Sha256);

impl std::io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn sorted(mut pairs: Vec<ProposedPair>) -> Vec<ProposedPair> {
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

impl PreparedRun {
    /// Sorts, numbers and checks, and judges each pin.
    ///
    /// # Errors
    /// [`InputError`] naming the field (`minimum_score`, `minimum_share`, `waiting_points`, `pins`, `forbids`,
    /// `mentors`, `mentees`, `mentors.places`, …) and the limit.
    pub fn new(input: RunInput, options: RunOptions) -> Result<Self, InputError> {
        let options = options.checked()?;
        let RunInput { program, form, at, mut seats, excluded, declined, taken, mut wishes } =
            input;
        let mentors = of_role(&mut seats, Role::Mentor);
        let mentees = of_role(&mut seats, Role::Mentee);
        check(&mentors, "mentors")?;
        check(&mentees, "mentees")?;
        let [excluded, declined, taken] = [excluded, declined, taken].map(sorted);
        wishes.sort_unstable();
        wishes.dedup();
        let digested = Digested {
            program,
            form: &form,
            at,
            options: &options,
            mentors: &mentors,
            mentees: &mentees,
            excluded: &excluded,
            declined: &declined,
            taken: &taken,
            wishes: &wishes,
        };
        let mut hash = Hashing(Sha256::new());
        let unwritable = |_| InputError::new("form", Problem::Form { expected: "plain data" });
        serde_json::to_writer(&mut hash, &digested).map_err(unwritable)?;
        let numbered = |pairs: &[ProposedPair]| -> Vec<Pair> {
            let number = |pair: &ProposedPair| {
                let mentee = number(&mentees, pair.mentee)?;
                Some(Pair { mentee, mentor: number(&mentors, pair.mentor)? })
            };
            pairs.iter().filter_map(number).collect()
        };
        let mut apart = numbered(&excluded);
        apart.sort_unstable();
        let mut busy = numbered(&taken);
        busy.sort_unstable();
        let forbidden = [numbered(&options.forbids), numbered(&declined)].concat();
        let points = u32::from(options.wish_points);
        let both = wishes.chunk_by(|a, b| a.pair == b.pair).filter(|_| points > 0);
        let wished = both.flat_map(|two| {
            let points = points * u32::try_from(two.len()).unwrap_or(u32::MAX);
            let pair = two.first().map(|it| it.pair);
            let pair = numbered(pair.as_slice()).into_iter();
            pair.map(move |Pair { mentee, mentor }| Wish { mentee, mentor, points })
        });
        let mut wished: Vec<Wish> = wished.collect();
        wished.sort_unstable_by_key(|it| (it.mentee, it.mentor));
        let by = |it: &RunWish| {
            numbered(&[it.pair]).first().map(|pair| (*pair, it.by)).filter(|_| points > 0)
        };
        let mut wished_by: Vec<(Pair, Role)> = wishes.iter().filter_map(by).collect();
        wished_by.sort_unstable();
        let pins = options.pins.clone();
        let digest = hash.0.finalize().into();
        let (pinned, infeasible) = (Vec::new(), Vec::new());
        let mut run = Self {
            program,
            form,
            at,
            options,
            mentors,
            mentees,
            excluded: Vec::new(),
            taken: busy,
            pinned,
            infeasible,
            wishes: wished,
            wished_by,
            digest,
        };
        for pair in pins {
            match run.judge(pair, &apart) {
                Ok(pair) => run.pinned.push(pair),
                Err(why_not) => run.infeasible.push(InfeasiblePin { pair, why_not }),
            }
        }
        run.pinned.sort_unstable();
        run.excluded = [apart, run.taken.clone(), forbidden, run.pinned.clone()].concat();
        run.excluded.sort_unstable();
        run.excluded.dedup();
        Ok(run)
    }

    /// Whether two who are pinned may be a pair. Later pins find the places of earlier ones taken.
    fn judge(&self, pair: ProposedPair, apart: &[Pair]) -> Result<Pair, WhyNot> {
        let numbers = number(&self.mentees, pair.mentee).zip(number(&self.mentors, pair.mentor));
        let (mentee, mentor) = numbers.ok_or(WhyNot::NotActive)?;
        let at = Pair { mentee, mentor };
        let (one, other) = self.seats(at).ok_or(WhyNot::NotActive)?;
        let excluded = one.barred || other.barred || one.person == other.person;
        if excluded || apart.binary_search(&at).is_ok() {
            return Err(WhyNot::Excluded);
        }
        if self.taken.binary_search(&at).is_ok() {
            return Err(WhyNot::Taken);
        }
        if let Fit::Impossible { broken } = self.fit(one, other) {
            return Err(WhyNot::Rule { broken: broken_for_admin(&self.form, broken) });
        }
        let used = |same: fn(&Pair, &Pair) -> bool| {
            u32::try_from(self.pinned.iter().filter(|it| same(it, &at)).count()).unwrap_or(u32::MAX)
        };
        let full = used(|it, at| it.mentor == at.mentor) >= one.places
            || used(|it, at| it.mentee == at.mentee) >= other.places;
        if full { Err(WhyNot::Full) } else { Ok(at) }
    }

    /// The mentor and the mentee.
    pub(super) fn seats(&self, pair: Pair) -> Option<(&Seat, &Seat)> {
        self.mentors.get(pair.mentor as usize).zip(self.mentees.get(pair.mentee as usize))
    }

    pub(super) fn fit(&self, mentor: &Seat, mentee: &Seat) -> Fit {
        fit(&self.form, &side(mentor), &side(mentee), self.at)
    }

    /// Points of a mentee for waiting.
    pub(super) fn waiting(&self, mentee: &Seat) -> u32 {
        self.options.waiting((self.at - mentee.waiting_since).num_seconds())
    }

    /// Points of two for their wishes.
    pub(super) fn wish(&self, pair: Pair) -> u32 {
        let key = (pair.mentee, pair.mentor);
        let at = self.wishes.binary_search_by_key(&key, |it| (it.mentee, it.mentor));
        at.ok().and_then(|at| self.wishes.get(at)).map_or(0, |it| it.points)
    }

    /// What the wish of each of two is worth to themselves.
    fn own_wishes(&self, pair: Pair) -> OwnWishes {
        let by = |role| self.wished_by.binary_search(&(pair, role)).is_ok();
        let points = |wished: bool| if wished { self.options.wish_points.into() } else { 0 };
        [points(by(Role::Mentee)), points(by(Role::Mentor))]
    }

    /// How well two would fit in this run, waiting and wishes left out, as an admin may see it (D34); `None`
    /// if they may not be a pair in it.
    #[must_use]
    pub fn score(&self, pair: ProposedPair) -> Option<Score> {
        let mentee = number(&self.mentees, pair.mentee)?;
        let at = Pair { mentee, mentor: number(&self.mentors, pair.mentor)? };
        let (mentor, mentee) = self.seats(at)?;
        let apart = mentor.barred || mentee.barred || mentor.person == mentee.person;
        let pinned = self.pinned.binary_search(&at).is_ok();
        if apart || (self.excluded.binary_search(&at).is_ok() && !pinned) {
            return None;
        }
        match self.fit(mentor, mentee) {
            Fit::Possible(score) if pinned || score.total() >= self.options.minimum_score => {
                Some(score_for_admin(&self.form, &score))
            }
            Fit::Possible(_) | Fit::Impossible { .. } => None,
        }
    }

    /// Who is in it, as the solver takes it: numbered by their enrolments, and what pins take is taken.
    #[must_use]
    pub fn crowd(&self) -> Crowd<'_> {
        self.gathered(&self.pinned, places)
    }

    /// Who is in it, each with so many places, less what `pinned` take.
    fn gathered(&self, pinned: &[Pair], places: impl Fn(&Seat) -> u32) -> Crowd<'_> {
        let mut numbers: BTreeMap<&PersonId, u64> = BTreeMap::new();
        for seat in self.mentors.iter().chain(&self.mentees) {
            numbers.insert(&seat.person, 0);
        }
        for (number, place) in (0..).zip(numbers.values_mut()) {
            *place = number;
        }
        let person = |seat: &Seat| numbers.get(&seat.person).copied().unwrap_or(u64::MAX);
        let mut mentors: Vec<Mentor<'_>> = self
            .mentors
            .iter()
            .map(|it| Mentor { side: side(it), person: person(it), capacity: places(it) })
            .collect();
        let mut mentees: Vec<Mentee<'_>> = self
            .mentees
            .iter()
            .map(|it| Mentee {
                side: side(it),
                person: person(it),
                capacity: places(it),
                waiting: self.waiting(it),
            })
            .collect();
        for pin in pinned {
            if let Some(mentor) = mentors.get_mut(pin.mentor as usize) {
                mentor.capacity = mentor.capacity.saturating_sub(1);
            }
            if let Some(mentee) = mentees.get_mut(pin.mentee as usize) {
                mentee.capacity = mentee.capacity.saturating_sub(1);
            }
        }
        Crowd::new(&self.form, self.at, mentors, mentees)
            .excluded(self.excluded.clone())
            .wishes(self.wishes.clone())
            .minimum(self.options.minimum_score)
    }

    /// The same people with whomever they may have, full or not: mentors without a free place, and pins.
    /// Where that is [`PreparedRun::crowd`] itself, none.
    fn choosing(&self) -> Option<Crowd<'_>> {
        let open = |it: &Seat| it.barred || it.places > 0;
        let other = !self.pinned.is_empty() || !self.mentors.iter().all(open);
        other.then(|| {
            let pinned = |it: &Pair| self.pinned.binary_search(it).is_ok();
            let excluded = self.excluded.iter().copied().filter(|it| !pinned(it)).collect();
            self.gathered(&[], |seat| u32::from(!seat.barred)).excluded(excluded)
        })
    }

    /// Finds the best pairing, with as many threads as `how` says: this one and others, or others while this one
    /// waits.
    ///
    /// # Errors
    /// [`InputError`] as [`Crowd::compile`], [`People::pair`](people::People::pair),
    /// [`People::fairest`](people::People::fairest) and [`People::stable`](people::People::stable).
    pub fn solve(&self, how: &people::Options) -> Result<RunOutcome, InputError> {
        self.solved(how, None)
    }

    /// As [`PreparedRun::solve`], with somebody who watches and may stop it
    /// ([`People::pair_watched`](people::People::pair_watched)): the outcome is then the best so far, with its
    /// gap, and whoever is left out for want of time is `unproven`.
    ///
    /// # Errors
    /// As [`PreparedRun::solve`].
    pub fn solve_watched(
        &self,
        how: &people::Options,
        control: &mut dyn Control,
    ) -> Result<RunOutcome, InputError> {
        self.solved(how, Some(control))
    }

    fn solved(
        &self,
        how: &people::Options,
        control: Option<&mut dyn Control>,
    ) -> Result<RunOutcome, InputError> {
        let people = self.crowd().compile()?;
        let best = |objective, control| {
            let pairing = people.paired(objective, how, control)?;
            Ok::<Found, InputError>(Found::best(&people, pairing))
        };
        let stable = |favour, control| {
            let own = |pair| self.own_wishes(pair);
            let pairing = people.stable_of(favour, own, how, control)?;
            Ok::<Found, InputError>(Found::stable(&people, pairing))
        };
        let found = match self.options.objective {
            Goal::MostPeople => best(Objective::MostPeople, control)?,
            Goal::BestTotal => best(Objective::BestTotal, control)?,
            Goal::Fairest => Found::fairest(&people, people.fairest_of(how, control)?),
            Goal::StableForMentees => stable(Favour::Mentees, control)?,
            Goal::StableForMentors => stable(Favour::Mentors, control)?,
        };
        let choosing = self.choosing().filter(|_| found.looks_further(&people));
        let choosing = choosing.map(|crowd| crowd.compile()).transpose()?;
        let choosing = choosing.as_ref().unwrap_or(&people);
        Ok(outcome::told(self, &people, choosing, &found, how))
    }

    /// SHA-256 of everything that is asked: people, rules, options of the run. With the same digest a proven
    /// outcome is equally good by its objective. Which of several equally good pairings comes out is decided by
    /// how it is solved ([`people::Options`]: seed, candidates, margin, and a budget that ends it), which the
    /// digest does not hold.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> ProgramId {
        self.program
    }

    /// Pins that cannot be, and why. The others will be pairs.
    #[must_use]
    pub fn infeasible_pins(&self) -> &[InfeasiblePin] {
        &self.infeasible
    }

    /// How many mentors and how many mentees take part.
    #[must_use]
    pub fn people(&self) -> (usize, usize) {
        (self.mentors.len(), self.mentees.len())
    }
}

fn side(seat: &Seat) -> Side<'_> {
    Side { answers: &seat.answers, special_category: seat.special_category }
}

fn places(seat: &Seat) -> u32 {
    if seat.barred { 0 } else { seat.places }
}
