//! Runs over a program, as they are on record from when they are staged.
//!
//! A record holds what was asked and how it came out, in numbers: no answer, no enrolment, and nobody's key but
//! that of the admin who staged it. It never changes. What became of the drafts is counted from the proposals
//! that name the run, and stored nowhere else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{code::coded, enrollment::Role};
use crate::base::{
    host::PersonId,
    id::{ProgramId, RunId},
    text::Slug,
    time::Timestamp,
};

/// What "best" means in a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Goal {
    /// As many pairs as possible, and among those pairings the highest total of points.
    #[default]
    MostPeople,
    /// The highest total of points.
    BestTotal,
    /// As many pairs as possible, and among those pairings the one whose worst pair is best, then the next
    /// worst, and so on. For at most
    /// [`FAIREST_PAIRS_MAX`](crate::matching::people::fairest::FAIREST_PAIRS_MAX) pairs of a mentee and a
    /// mentor, about 4,000 of each.
    Fairest,
    /// No mentee and mentor would both rather have each other than whom they have; of such pairings the best for every
    /// mentee. Each ranks the others by the points of the rules and of their own wish, mentors by those for waiting
    /// too. For as many people as the fairest, and mentees with one place each.
    StableForMentees,
    /// The same, the best for every mentor.
    StableForMentors,
}

/// How good a run is for people. Counts and points, from which a host makes its shares and means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunReport {
    /// Mentees with at least one place.
    pub mentees: u64,
    /// Those who have a mentor now.
    pub mentees_paired: u64,
    /// Mentors with at least one place.
    pub mentors: u64,
    /// Those who have a mentee now.
    pub mentors_paired: u64,
    /// Places of all mentors.
    pub places: u64,
    /// Pairs.
    pub pairs: u64,
    /// Points of all pairs together; divided by the pairs, the mean.
    pub points: u64,
    /// Points of the worst pair; 0 without pairs.
    pub least_points: u32,
    /// Pairs with the mentee's best mentor.
    pub first_choices: u64,
    /// Pairs with one of the mentee's best three.
    pub top_three_choices: u64,
    /// Most mentees of one mentor.
    pub most_mentees: u64,
    /// Days that the mentee who waited longest of those with a mentor has waited.
    pub longest_wait_paired: u64,
    /// Days that the mentee who waited longest of those without one has waited.
    pub longest_wait_unpaired: u64,
}

/// What was asked of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunTerms {
    /// What "best" meant.
    pub goal: Goal,
    /// Points of the rules below which nobody was paired.
    pub minimum_score: u32,
    /// Share of the mentees in percent that had to be paired.
    pub minimum_share: u8,
    /// Points for each full week of waiting.
    pub waiting_points: u16,
    /// Points for a wish.
    pub wish_points: u16,
    /// How many pairs were pinned.
    pub pins: u32,
    /// How many were forbidden.
    pub forbids: u32,
    /// What decided between equally good pairings.
    pub seed: u64,
}

/// How many people of one role were left without a partner for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// As what they take part.
    pub role: Role,
    /// Code of the reason ([`WhyUnmatched`](crate::matching::people::WhyUnmatched)).
    pub why: Slug,
    /// How many.
    pub people: u64,
}

/// How a run came out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFigures {
    /// How good it is for people.
    pub report: RunReport,
    /// Whether nothing better was possible: proven, not believed.
    pub optimal: bool,
    /// If not, what might be missing
    /// ([`RunOutcome::gap`](crate::matching::run::RunOutcome::gap)).
    pub gap: u64,
    /// Pins that could not be.
    pub infeasible_pins: u32,
    /// Who was left without a partner, by role and reason.
    pub left_out: Vec<LeftOut>,
}

/// A run that was staged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Our id.
    pub id: RunId,
    /// The program.
    pub program: ProgramId,
    /// Who staged it.
    pub created_by: PersonId,
    /// When it was staged.
    pub created_at: Timestamp,
    /// The instant of what it rests on.
    pub prepared_at: Timestamp,
    /// Digest of what it rests on.
    pub digest: [u8; 32],
    /// What was asked.
    pub terms: RunTerms,
    /// How it came out.
    pub figures: RunFigures,
}

impl Run {
    /// The name under which it stands in the audit log: `run-` and the first 60 hexadecimal digits of the
    /// digest.
    #[must_use]
    pub fn name(&self) -> Slug {
        Slug::of_bytes("run-", &self.digest)
    }
}

coded! {
    /// Where a staged run stands, by what became of its drafts.
    pub enum RunState {
        /// Some of its drafts wait to be published or taken back.
        Staged = "staged",
        /// None waits, and at least one was offered.
        Published = "published",
        /// None waits, and none was ever offered.
        Dropped = "dropped",
    }
}

/// What became of the drafts of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDrafts {
    /// How many there are in each state, by its code.
    pub by_state: BTreeMap<Slug, u64>,
    /// How many were offered, whatever became of them since.
    pub offered: u64,
}

impl RunDrafts {
    /// How many there are.
    #[must_use]
    pub fn made(&self) -> u64 {
        self.by_state.values().sum()
    }

    /// Where the run stands.
    #[must_use]
    pub fn state(&self) -> RunState {
        let waits = self.by_state.iter().any(|(state, n)| state.as_str() == "draft" && *n > 0);
        match (waits, self.offered) {
            (true, _) => RunState::Staged,
            (false, 0) => RunState::Dropped,
            (false, _) => RunState::Published,
        }
    }
}
