//! `generate`: writes an instance.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use mentorship_core::{
    base::input::{InputError, Problem},
    matching::problem::EDGES_MAX,
};

use super::{Failure, families, ranks};

/// Writes an instance: the same bytes for the same options, anywhere.
#[derive(Args, Debug)]
pub(crate) struct Generate {
    #[arg(long, value_enum)]
    family: Family,
    /// How many mentees, at most 16,777,216.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1 << 24))]
    mentees: u32,
    /// Most candidates of a mentee; 0 for everybody who is allowed.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(0..=1024))]
    candidates: u32,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to write the instance.
    #[arg(long, required_unless_present = "preferences")]
    out: Option<PathBuf>,
    /// Where to write who ranks whom by these points, as `solve --stable` reads it.
    #[arg(long, requires = "capacities")]
    preferences: Option<PathBuf>,
    /// Where to write the places of mentors, for `solve --stable`.
    #[arg(long, requires = "preferences")]
    capacities: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Family {
    /// People, as many mentors as mentees, one place each.
    Bal,
    /// People, a third as many mentors, one to five places each.
    Unb,
    /// Random candidates, 500 points each.
    Equal,
    /// Random candidates, 499 or 500 points.
    TwoLevels,
    /// Random candidates, 1 to 1,000 points.
    Uniform,
    /// Everybody with everybody, the product of their numbers.
    MacholWien,
    /// Everybody wants the same 50 mentors.
    Star,
    /// A third of the mentees has no candidate.
    EmptyRows,
    /// Every mentor has a place for everybody.
    Spare,
    /// No pair is allowed.
    Blocked,
    /// There are no mentors.
    NoMentors,
}

impl Family {
    /// How many edges there are at most, of people about.
    fn edges(self, mentees: u32, candidates: u32) -> u64 {
        let few = |mentors: u32| {
            u64::from(if candidates == 0 { mentors } else { candidates.min(mentors) })
        };
        let (each, shares) = match self {
            // Fewer than half of all pairs of people are allowed.
            Self::Bal if candidates == 0 => (u64::from(mentees), 2),
            Self::Unb if candidates == 0 => (u64::from(mentees.div_ceil(3)), 2),
            Self::Unb => (few(mentees.div_ceil(3)), 1),
            Self::MacholWien => (u64::from(mentees), 1),
            Self::Star => (50, 1),
            Self::Blocked | Self::NoMentors => (0, 1),
            Self::Bal
            | Self::Equal
            | Self::TwoLevels
            | Self::Uniform
            | Self::EmptyRows
            | Self::Spare => (few(mentees), 1),
        };
        u64::from(mentees) * each / shares
    }
}

impl Generate {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let Self { mentees, candidates, seed, .. } = self;
        let edges = self.family.edges(mentees, candidates);
        if edges > EDGES_MAX as u64 {
            let problem = Problem::TooMany { given: edges, limit: EDGES_MAX as u64, unit: "edges" };
            return Err(InputError::new("candidates", problem).into());
        }
        let instance = match self.family {
            Family::Bal => families::people(mentees, candidates, seed, true),
            Family::Unb => families::people(mentees, candidates, seed, false),
            Family::Equal => families::random(mentees, candidates, seed, |_| 500),
            Family::TwoLevels => families::random(mentees, candidates, seed, |random| {
                if random.below(2) == 0 { 499 } else { 500 }
            }),
            Family::Uniform => families::random(mentees, candidates, seed, families::thousand),
            Family::MacholWien => families::machol_wien(mentees),
            Family::Star => families::star(mentees, seed),
            Family::EmptyRows => families::empty_rows(mentees, candidates, seed),
            Family::Spare => families::spare(mentees, candidates, seed),
            Family::Blocked => families::blocked(mentees, mentees),
            Family::NoMentors => families::blocked(mentees, 0),
        };
        let (mentors, edges) = (instance.capacity.len(), instance.mentors.len());
        if let Some(out) = &self.out {
            instance.write(out).map_err(|error| format!("{}: {error}", out.display()))?;
            println!("{}: {mentees} mentees, {mentors} mentors, {edges} edges", out.display());
        }
        if let (Some(preferences), Some(capacities)) = (&self.preferences, &self.capacities) {
            ranks::write(&instance, preferences, capacities)?;
            let (path, places) = (preferences.display(), capacities.display());
            println!("{path}: {mentees} mentees, {mentors} mentors, {edges} accept each other");
            println!("{places}: {mentors} mentors");
        }
        Ok(ExitCode::SUCCESS)
    }
}
