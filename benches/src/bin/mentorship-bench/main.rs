//! The bench runner of the pairing engine: makes instances, solves them, and checks what was solved.
//!
//! ```text
//! mentorship-bench generate --family bal --mentees 10000 --candidates 16 --out bal-1e4-16.bin
//! mentorship-bench solve bal-1e4-16.bin --objective people --pairs pairs.csv --certificate proof.json --json
//! mentorship-bench check bal-1e4-16.bin --pairs pairs.csv --certificate proof.json
//! mentorship-bench changes bal-1e4-16.bin --each 2000
//! mentorship-bench candidates --mentees 100000 --best 32
//! mentorship-bench pair --mentees 100000 --threads 2
//! mentorship-bench match --mentors mentors.csv --mentees mentees.csv --rules rules.toml --out paired
//! mentorship-bench solve --edges edges.csv --capacities capacities.csv
//! mentorship-bench solve --stable preferences.csv --pairs pairs.csv
//! mentorship-bench check --stable preferences.csv --pairs pairs.csv
//! mentorship-bench compare bal-1e4-16.bin unb-1e4-16.bin --rounds 5 --timeout 120 --out compared
//! mentorship-bench generate --family unb --mentees 10000 --preferences ranks.csv --capacities places.csv
//! mentorship-bench compare --stable ranks.csv --capacities places.csv --rounds 1 --out compared
//! mentorship-bench counts
//! ```

mod candidates;
mod changes;
mod check;
mod compare;
mod counts;
mod crowd;
mod families;
mod generate;
mod instance;
mod match_people;
mod names;
mod pair;
mod ranks;
mod rows;
mod solve;
mod stable;
mod tables;
mod world;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand, ValueEnum};
use mentorship_benches::Failure;
use mentorship_core::matching::{certificate::Objective, problem::Problem};

/// Makes, solves and checks pairing problems.
#[derive(Debug, Parser)]
#[command(name = "mentorship-bench")]
struct Options {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Generate),
    Solve(solve::Solve),
    Check(check::Check),
    Candidates(candidates::Candidates),
    Pair(pair::Pair),
    Match(match_people::Match),
    Changes(changes::Changes),
    Compare(compare::Compare),
    Counts(counts::Counts),
}

/// Where a problem is read from.
#[derive(Args, Debug)]
struct Source {
    /// An instance in the binary format of `generate`.
    #[arg(
        required_unless_present_any = ["edges", "stable"],
        conflicts_with_all = ["edges", "stable"]
    )]
    file: Option<PathBuf>,
    /// Allowed pairs instead, with the header `mentee,mentor,score`.
    #[arg(long)]
    edges: Option<PathBuf>,
    /// Who would rather have whom instead, with the header `mentee,mentor,mentee_rank,mentor_rank`: the lower
    /// the better, equal ranks are ties.
    #[arg(long, conflicts_with = "edges")]
    stable: Option<PathBuf>,
    /// Places of mentors, with the header `mentor,capacity`; who is missing there has 1.
    #[arg(long, conflicts_with = "file")]
    capacities: Option<PathBuf>,
    /// Which weights of a binary instance.
    #[arg(long, value_enum, default_value_t = Weights::Int)]
    weights: Weights,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Weights {
    /// 1 to 1,000 points, many ties.
    Int,
    /// 1 to 1,000,000 points, few ties.
    Flt,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Best {
    /// As many pairs as possible, then the highest total.
    People,
    /// The highest total.
    Total,
}

/// What "best" means, where the fairest can be had too.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Wanted {
    /// As many pairs as possible, then the highest total.
    People,
    /// The highest total.
    Total,
    /// As many pairs as possible, then the worst of them as good as can be, then the next worst.
    Fairest,
}

impl Weights {
    /// As on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::Int => "int",
            Self::Flt => "flt",
        }
    }
}

impl Best {
    /// As on the command line.
    fn name(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Total => "total",
        }
    }
}

impl From<Best> for Objective {
    fn from(best: Best) -> Self {
        match best {
            Best::People => Self::MostPeople,
            Best::Total => Self::BestTotal,
        }
    }
}

/// A problem, and what its people are called in the files it came from.
#[derive(Debug)]
struct Loaded {
    problem: Problem,
    names: names::Names,
    digest: String,
}

impl Source {
    fn load(&self) -> Result<Loaded, Failure> {
        if let Some(edges) = &self.edges {
            return tables::read_problem(edges, self.capacities.as_deref());
        }
        let file = self.file.as_deref().ok_or("no file was named")?;
        let (problem, digest) = instance::read(file, self.weights)?;
        Ok(Loaded { problem, names: names::Names::Numbers, digest })
    }
}

fn main() -> ExitCode {
    let done = match Options::parse().command {
        Command::Generate(ask) => ask.run(),
        Command::Solve(ask) => ask.run(),
        Command::Check(ask) => ask.run(),
        Command::Candidates(ask) => ask.run(),
        Command::Pair(ask) => ask.run(),
        Command::Match(ask) => ask.run(),
        Command::Changes(ask) => ask.run(),
        Command::Compare(ask) => ask.run(),
        Command::Counts(ask) => ask.run(),
    };
    match done {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
