//! The fairest pairing of people.
//!
//! Candidates would not do: which pairs the fairest pairing needs is not known before its worst pair is. So
//! every allowed pair is listed, which bounds how many people there may be.

use super::{
    super::{
        certificate::{FairCertificate, Pair},
        check::Value,
        problem::{Edge, Problem},
        solve::{self, Control},
    },
    compiled::People,
    dense::Options,
};
use crate::base::input::{InputError, at_most};

/// Most pairs of a mentee and a mentor, allowed or not, of which the fairest pairing is looked for.
pub const FAIREST_PAIRS_MAX: usize = 16_777_216;

/// The fairest pairing of people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FairPairing {
    /// The pairs, by mentee and then by mentor.
    pub pairs: Vec<Pair>,
    /// How many pairs, and their scores together.
    pub value: Value,
    /// Points of the worst pair, if there is one.
    pub worst: Option<i32>,
    /// Holds for all allowed pairs; [`check_fairest`](super::super::check::check_fairest) verifies it.
    pub certificate: FairCertificate,
    /// Whether the pairing is proven the fairest of all.
    pub optimal: bool,
    /// How many of the pairs, the best ones, might be exchanged for better ones; 0 if it is the fairest. All
    /// of them if the search was stopped before it knew the most pairs.
    pub unproven: u64,
    /// Pairs that were looked at.
    pub operations: u64,
}

impl People {
    /// Finds the fairest pairing of all allowed pairs, as [`solve::fairest`] does, and proves it. Of the
    /// options only the seed, the budget and the threads count.
    ///
    /// # Errors
    /// [`InputError`] naming `pairs` if there are more than [`FAIREST_PAIRS_MAX`] pairs of a mentee and a
    /// mentor to look at.
    pub fn fairest(&self, options: &Options) -> Result<FairPairing, InputError> {
        self.fairest_of(options, None)
    }

    /// As [`People::fairest`], with somebody who watches and may stop it, as of [`solve::fairest_watched`].
    ///
    /// # Errors
    /// As [`People::fairest`].
    pub fn fairest_watched(
        &self,
        options: &Options,
        control: &mut dyn Control,
    ) -> Result<FairPairing, InputError> {
        self.fairest_of(options, Some(control))
    }

    pub(in crate::matching) fn fairest_of(
        &self,
        options: &Options,
        control: Option<&mut dyn Control>,
    ) -> Result<FairPairing, InputError> {
        let all = self.mentees().saturating_mul(self.mentors());
        at_most("pairs", all, FAIREST_PAIRS_MAX, "pairs")?;
        let problem = self.every_allowed_pair()?;
        let how = options.of_solve();
        let found = match control {
            Some(control) => solve::fairest_watched(&problem, &how, control),
            None => solve::fairest(&problem, &how),
        };
        let solved: u64 = found.stages.iter().map(|stage| stage.operations).sum();
        Ok(FairPairing {
            pairs: found.pairs,
            value: found.value,
            worst: found.worst,
            certificate: found.certificate,
            optimal: found.optimal,
            unproven: found.unproven,
            operations: solved.saturating_add(all as u64),
        })
    }

    /// All allowed pairs, listed.
    fn every_allowed_pair(&self) -> Result<Problem, InputError> {
        let mut edges = Vec::new();
        for mentee in (0..).take(self.mentees()) {
            for mentor in (0..).take(self.mentors()) {
                if let Some(points) = self.points(mentee, mentor) {
                    let weight = i32::try_from(points.total()).unwrap_or(i32::MAX);
                    edges.push(Edge { mentee, mentor, weight });
                }
            }
        }
        Problem::new(self.mentees(), self.mentor_capacities().to_vec(), &edges)?
            .mentee_capacity(self.mentee_capacities().to_vec())
    }
}
