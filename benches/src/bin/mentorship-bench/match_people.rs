//! `match`: a team's own people, paired by the team's own rules.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, ValueEnum};
use mentorship_benches::match_people::{Ask, Files, Prepared, Watch};
use mentorship_core::matching::run::Goal;

use super::Failure;

/// What "best" means among people.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    /// As many pairs as possible, then the highest total.
    People,
    /// The highest total.
    Total,
    /// As many pairs as possible, then the worst of them as good as can be, then the next worst.
    Fairest,
    /// No mentee and mentor would both rather have each other; the best such pairing for the mentees.
    StableForMentees,
    /// The same, the best for the mentors.
    StableForMentors,
}

impl From<Wanted> for Goal {
    fn from(wanted: Wanted) -> Self {
        match wanted {
            Wanted::People => Self::MostPeople,
            Wanted::Total => Self::BestTotal,
            Wanted::Fairest => Self::Fairest,
            Wanted::StableForMentees => Self::StableForMentees,
            Wanted::StableForMentors => Self::StableForMentors,
        }
    }
}

/// Pairs the people of two files by the rules of a third, and says why.
///
/// A cell that is wrong is named by file, line and column, and then nobody is paired. An id that stands in
/// both files is one person, who is not paired with themselves. Ctrl-C stops at the best pairing so far, which
/// is written with its gap; a second one ends the program at once.
///
/// The exit code is 0 if pairs were written, also after one Ctrl-C or when the budget ended (`run.json` says
/// `optimal` and `stopped`), 2 if nothing was, and 130 after two Ctrl-C.
#[derive(Args, Debug)]
pub(crate) struct Match {
    /// Mentors, comma-separated, one in a row.
    #[arg(long)]
    mentors: PathBuf,
    /// Mentees, the same.
    #[arg(long)]
    mentees: PathBuf,
    /// What the columns ask, and which rules there are, in TOML.
    #[arg(long)]
    rules: PathBuf,
    /// The folder for `pairs.csv`, `unmatched.csv`, `run.json` and `report.html`.
    #[arg(long)]
    out: PathBuf,
    #[arg(long, value_enum, default_value_t = Wanted::People)]
    objective: Wanted,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// Most operations; the best pairing so far comes out, with its gap.
    #[arg(long)]
    budget: Option<u64>,
    /// Points below which nobody is paired.
    #[arg(long, default_value_t = 0)]
    minimum: u32,
    /// Decides between equally good pairings, and what the report draws to compare with.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Says how far it is in lines on standard error, for a log. At a terminal there is a bar without it.
    #[arg(long)]
    progress: bool,
}

impl Match {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let Self { threads, budget, minimum, seed, progress, .. } = self;
        let ask = Ask { objective: self.objective.into(), threads, budget, minimum, seed };
        let files = Files { mentors: self.mentors, mentees: self.mentees, rules: self.rules };
        let prepared = Prepared::read(&files, ask)?;
        let mut watch = Watch::new()?.with_lines(progress);
        let paired = prepared.solve(&mut watch)?;
        watch.end();
        paired.write(&self.out)?;
        let report = &paired.outcome.report;
        println!(
            "{} of {} mentees paired with {} of {} mentors: {} pairs, {} points, in {:.3} s",
            report.mentees_paired,
            report.mentees,
            report.mentors_paired,
            report.mentors,
            report.pairs,
            report.points,
            paired.seconds
        );
        if paired.stopped() {
            println!("stopped at the best pairing so far");
        }
        match paired.gap() {
            None => println!("{}, proven", paired.claim()),
            Some(gap) => println!("not proven: {gap}"),
        }
        Ok(ExitCode::SUCCESS)
    }
}
