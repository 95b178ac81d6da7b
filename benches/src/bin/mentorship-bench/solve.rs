//! `solve`: the best pairing of a problem.

use std::{fs, path::PathBuf, process::ExitCode};

use clap::Args;
use mentorship_benches::{median, peak};
use mentorship_core::matching::solve::{Options, Solution, solve};

use super::{Best, Failure, Loaded, Source, candidates::timed, stable, tables};

/// Finds the best pairing and proves it, or a stable one.
#[derive(Args, Debug)]
pub(crate) struct Solve {
    #[command(flatten)]
    source: Source,
    #[arg(long, value_enum, default_value_t = Best::People, conflicts_with = "stable")]
    objective: Best,
    #[command(flatten)]
    ties: stable::Ties,
    /// Decides between equally good pairings.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Most operations; the best pairing so far comes out, with its gap. With `--stable`, no other way to
    /// break ties is tried after so many; 16 million if nothing is said.
    #[arg(long)]
    budget: Option<u64>,
    /// How often to solve; the time is the median.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    repeat: u32,
    /// If a solve takes less than 0.2 s, does not count it, since it finds everything cold, and measures three
    /// more.
    #[arg(long, conflicts_with = "repeat")]
    warm: bool,
    /// Where to write the pairs, as `mentee,mentor,score` or, with `--stable`,
    /// `mentee,mentor,mentee_rank,mentor_rank`.
    #[arg(long)]
    pairs: Option<PathBuf>,
    /// Where to write the certificate, as JSON.
    #[arg(long, conflicts_with = "stable")]
    certificate: Option<PathBuf>,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

/// Does something `repeat` times: what comes out, and the median of the milliseconds.
pub(crate) fn repeated<T>(repeat: u32, run: impl Fn() -> T) -> (T, f64) {
    let (found, first) = timed(&run);
    let mut times = vec![first * 1000.0];
    times.extend((1..repeat).map(|_| timed(&run).1 * 1000.0));
    (found, median(times))
}

/// Solves shorter than so many milliseconds are done once more than they are measured.
const SHORT_MS: f64 = 200.0;

/// As `compare` measures everybody.
fn warmed<T>(run: impl Fn() -> T) -> (T, f64) {
    let (found, first) = timed(&run);
    if first * 1000.0 < SHORT_MS { repeated(3, run) } else { (found, first * 1000.0) }
}

impl Solve {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        if let Some(path) = &self.source.stable {
            let ask = stable::Ask {
                preferences: path,
                capacities: self.source.capacities.as_deref(),
                ties: self.ties,
                seed: self.seed,
                budget: self.budget,
                repeat: self.repeat,
                pairs: self.pairs.as_deref(),
                json: self.json,
            };
            return ask.run();
        }
        let (loaded, load) = timed(|| self.source.load());
        let loaded = loaded?;
        let mut options = Options::default().seed(self.seed);
        if let Some(operations) = self.budget {
            options = options.budget(operations);
        }
        let once = || solve(&loaded.problem, self.objective.into(), &options);
        let (solution, time) = if self.warm { warmed(once) } else { repeated(self.repeat, once) };
        if let Some(path) = &self.pairs {
            tables::write_pairs(path, &loaded, &solution.pairs)?;
        }
        if let Some(path) = &self.certificate {
            let text = serde_json::to_vec(&solution.certificate)?;
            fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if self.json {
            println!("{}", as_json(&loaded, &solution, [load * 1000.0, time]));
        } else {
            print(&loaded, &solution, time);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(loaded: &Loaded, solution: &Solution, [load, time]: [f64; 2]) -> serde_json::Value {
    serde_json::json!({
        "matched": solution.value.matched,
        "total": solution.value.total,
        "optimal": solution.optimal,
        "gap": solution.gap,
        "bonus": solution.certificate.bonus,
        "load_ms": load,
        "solve_ms": time,
        "stages": solution.stages,
        "peak_mb": peak(),
        "digest": loaded.digest,
    })
}

fn print(loaded: &Loaded, solution: &Solution, time: f64) {
    let problem = &loaded.problem;
    println!(
        "{} mentees, {} mentors, {} edges",
        problem.mentees(),
        problem.mentors(),
        problem.edges()
    );
    println!("matched {}, total {}", solution.value.matched, solution.value.total);
    if solution.optimal {
        println!("optimal, proven");
    } else {
        let bonus = solution.certificate.bonus;
        println!("not proven: at most {} points better, {bonus} a pair included", solution.gap);
    }
    for stage in &solution.stages {
        println!("{:?}: {} operations", stage.stage, stage.operations);
    }
    println!("solved in {time:.3} ms");
    if let Some(peak) = peak() {
        println!("peak {peak} MiB");
    }
}
