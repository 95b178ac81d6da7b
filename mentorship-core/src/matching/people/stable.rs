//! A stable pairing of people: nobody in it has a better partner who would rather have them too.
//!
//! What counts between two people is the same for both, their own wishes left out: the points of the rules. A mentee
//! adds what a wish of their own is worth, a mentor the same, and what the mentee's waiting is worth: to the mentee
//! that is the same with everybody.

use super::{
    super::{
        certificate::Pair,
        solve::{Control, Progress, Stage},
        stable::{
            Favour, Options as How, find,
            preferences::{Preferences, Wish},
        },
    },
    compiled::People,
    dense::Options,
    fairest::FAIREST_PAIRS_MAX,
};
use crate::base::input::{InputError, Problem as Wrong, at_most};

/// A stable pairing of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StablePairing {
    /// The pairs, by mentee.
    pub pairs: Vec<Pair>,
    /// Whether it is proven that no stable pairing has more pairs. Where nobody likes two people the same it is, and
    /// then the pairing is the best stable one for everybody who is favoured.
    pub largest: bool,
    /// How many pairs more a stable pairing might have; 0 if this one is the largest. As many as there are mentees if
    /// the search was stopped before there was a pairing.
    pub more: u64,
}

/// What the wish of each of two for the other is worth: the mentee's, the mentor's.
pub type OwnWishes = [u32; 2];

impl People {
    /// Finds a stable pairing of all allowed pairs, the best one for those who are favoured; where people like others
    /// the same, one of at least two thirds of the most pairs that a stable one may have if mentees are favoured, and
    /// larger ones are tried within the budget. [`stable::check`](super::super::stable::check::check) verifies it
    /// against [`preferences`](Self::preferences).
    ///
    /// Of the options only the seed and the budget count. Points that [`Crowd::wishes`](super::Crowd::wishes) gave a
    /// pair do not: `wishes` says whose wish is worth what.
    ///
    /// # Errors
    /// As [`preferences`](Self::preferences).
    pub fn stable(
        &self,
        favour: Favour,
        wishes: impl Fn(Pair) -> OwnWishes,
        options: &Options,
    ) -> Result<StablePairing, InputError> {
        self.stable_of(favour, wishes, options, None)
    }

    pub(in crate::matching) fn stable_of(
        &self,
        favour: Favour,
        wishes: impl Fn(Pair) -> OwnWishes,
        options: &Options,
        control: Option<&mut dyn Control>,
    ) -> Result<StablePairing, InputError> {
        let Some(preferences) = self.listed(wishes, control)? else {
            let more = self.mentees() as u64;
            return Ok(StablePairing { pairs: Vec::new(), largest: false, more });
        };
        let how = How::default().favour(favour).seed(options.chosen_seed());
        let how = match options.most_operations() {
            Some(budget) => how.budget(budget),
            None => how,
        };
        let found = find(&preferences, &how);
        let more = (found.bound - found.pairs.len().min(found.bound)) as u64;
        Ok(StablePairing { largest: found.is_largest(), more, pairs: found.pairs })
    }

    /// Who would rather be paired with whom. Somebody without a place is on nobody's list.
    ///
    /// # Errors
    /// [`InputError`] naming `mentees[7].capacity` if a mentee has several places, and `pairs` if there are more than
    /// [`FAIREST_PAIRS_MAX`] pairs of a mentee and a mentor to look at.
    pub fn preferences(
        &self,
        wishes: impl Fn(Pair) -> OwnWishes,
    ) -> Result<Preferences, InputError> {
        let listed = self.listed(wishes, None)?;
        // Nobody watches, so that nobody stops it.
        listed.map_or_else(|| Preferences::new(0, Vec::new(), Vec::new()), Ok)
    }

    /// Nothing if whoever watches stops it.
    fn listed(
        &self,
        wishes: impl Fn(Pair) -> OwnWishes,
        mut control: Option<&mut dyn Control>,
    ) -> Result<Option<Preferences>, InputError> {
        if let Some((at, places)) = self.mentee_capacity.iter().enumerate().find(|it| *it.1 > 1) {
            let wrong = Wrong::OutOfRange { given: i64::from(*places), min: 0, max: 1 };
            return Err(InputError::new(format!("mentees[{at}].capacity"), wrong));
        }
        let all = self.mentees().saturating_mul(self.mentors());
        at_most("pairs", all, FAIREST_PAIRS_MAX, "pairs")?;
        let mut listed = Vec::new();
        let mut progress =
            Progress { stage: Stage::Prepare, operations: 0, value: 0, bound: i128::MAX, bonus: 0 };
        let mut next_look = 0;
        for (mentee, places) in (0..).zip(&self.mentee_capacity) {
            if let Some(control) = control.as_deref_mut()
                && progress.operations >= next_look
            {
                if control.poll(&progress).is_break() {
                    return Ok(None);
                }
                next_look += LOOKS;
            }
            progress.operations += self.mentors() as u64;
            for (mentor, taken) in (0..).zip(&self.mentor_capacity) {
                if *places == 0 || *taken == 0 {
                    continue;
                }
                let Some(points) = self.points(mentee, mentor) else { continue };
                let [of_mentee, of_mentor] = wishes(Pair { mentee, mentor });
                let rank = |own: u32| u32::MAX - points.rules.saturating_add(own);
                listed.push(Wish {
                    mentee,
                    mentor,
                    mentee_rank: rank(of_mentee),
                    mentor_rank: rank(of_mentor.saturating_add(points.waiting)),
                });
            }
        }
        Preferences::new(self.mentees(), self.mentor_capacity.clone(), listed).map(Some)
    }
}

/// Pairs between two looks at whoever watches.
const LOOKS: u64 = 1 << 18;
