//! `solve`: the best pairing of a problem.

use std::{fs, ops::ControlFlow, path::PathBuf, process::ExitCode, time::Instant};

use clap::Args;
use mentorship_benches::{match_people::Watch, median, peak, timed};
use mentorship_core::matching::{
    certificate::{Certificate, FairCertificate, Objective, Pair},
    check::Value,
    problem::Problem,
    solve::{Control, Options, Progress, Stage, StageReport, fairest_watched, solve_watched},
};
use serde::Serialize;

use super::{Failure, Loaded, Source, Wanted, stable, tables};

/// What was found, whatever was wanted.
struct Found {
    pairs: Vec<Pair>,
    value: Value,
    worst: Option<i32>,
    proof: Proof,
    optimal: bool,
    /// Points that a better pairing could have more; of the fairest, pairs that could be better.
    gap: u64,
    stages: Vec<Took>,
}

/// What a stage took.
#[derive(Serialize)]
struct Took {
    #[serde(flatten)]
    report: StageReport,
    ms: f64,
}

/// Takes the time of each stage; whoever waits looks at what they want to know.
struct Stopwatch<'a> {
    watch: &'a mut Watch,
    stages: Vec<(Stage, f64)>,
    since: Instant,
}

#[expect(clippy::disallowed_methods, reason = "what is told is the time that passes")]
impl<'a> Stopwatch<'a> {
    fn start(watch: &'a mut Watch) -> Self {
        Self { watch, stages: Vec::new(), since: Instant::now() }
    }

    /// The stage that began last is over.
    fn lap(&mut self) {
        let now = Instant::now();
        if let Some((_, ms)) = self.stages.last_mut() {
            *ms = (now - self.since).as_secs_f64() * 1000.0;
        }
        self.since = now;
    }

    fn stop(mut self, reports: Vec<StageReport>) -> Vec<Took> {
        self.lap();
        let ms = |stage| self.stages.iter().filter(|it| it.0 == stage).map(|it| it.1).sum();
        reports.into_iter().map(|report| Took { ms: ms(report.stage), report }).collect()
    }
}

impl Control for Stopwatch<'_> {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        self.watch.poll(progress)
    }

    fn begin(&mut self, stage: Stage) {
        self.lap();
        self.stages.push((stage, 0.0));
    }

    fn follows(&self) -> bool {
        self.watch.follows()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Proof {
    Points(Certificate),
    Levels(FairCertificate),
}

impl Found {
    /// Points of every pair on top of its score, in the proof and the gap.
    fn bonus(&self) -> Option<i64> {
        match &self.proof {
            Proof::Points(certificate) => Some(certificate.bonus),
            Proof::Levels(_) => None,
        }
    }
}

impl Wanted {
    fn find(self, problem: &Problem, options: &Options, watch: &mut Watch) -> Found {
        let mut stopwatch = Stopwatch::start(watch);
        let objective = match self {
            Self::People => Objective::MostPeople,
            Self::Total => Objective::BestTotal,
            Self::Fairest => {
                let it = fairest_watched(problem, options, &mut stopwatch);
                return Found {
                    pairs: it.pairs,
                    value: it.value,
                    worst: it.worst,
                    proof: Proof::Levels(it.certificate),
                    optimal: it.optimal,
                    gap: it.unproven,
                    stages: stopwatch.stop(it.stages),
                };
            }
        };
        let it = solve_watched(problem, objective, options, &mut stopwatch);
        let points = it.pairs.iter().filter_map(|pair| problem.edge(pair.mentee, pair.mentor));
        let worst = points.filter_map(|edge| problem.weights().get(edge)).min().copied();
        Found {
            pairs: it.pairs,
            value: it.value,
            worst,
            proof: Proof::Points(it.certificate),
            optimal: it.optimal,
            gap: it.gap,
            stages: stopwatch.stop(it.stages),
        }
    }
}

/// Finds the best pairing and proves it, or a stable one.
///
/// Ctrl-C stops at the best pairing so far, which is told and written with its gap; a second one ends the program
/// at once. The exit code is 0 if a pairing was found, also after one Ctrl-C or when the budget ended (the JSON says
/// `optimal` and `stopped`), 2 if a file cannot be read or written, and 130 after two Ctrl-C. Stable pairings, which
/// take little time, end at the first.
#[derive(Args, Debug)]
pub(crate) struct Solve {
    #[command(flatten)]
    source: Source,
    #[arg(long, value_enum, default_value_t = Wanted::People, conflicts_with = "stable")]
    objective: Wanted,
    #[command(flatten)]
    ties: stable::Ties,
    /// Decides between equally good pairings.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Most operations; the best pairing so far comes out, with its gap. With `--stable`, no other way to
    /// break ties is tried after so many; 16 million if nothing is said.
    #[arg(long)]
    budget: Option<u64>,
    /// Most threads, 1 to 64, of which 16 are used at most. The result does not depend on it. They help from some
    /// hundred thousand edges on, where mentees have few each, and not for a stable pairing.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// How often to solve; the time is the median, and that of the stages is of the solve in the middle.
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
    /// Says how far it is in lines on standard error, for a log; looking takes some time.
    #[arg(long, conflicts_with = "stable")]
    progress: bool,
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

/// The stages of the solve whose time is nearest to the median, and the median.
fn middle<S>(solves: Vec<(f64, S)>) -> (Option<S>, f64) {
    let middle = median(solves.iter().map(|it| it.0).collect());
    let off = |it: &(f64, S)| (it.0 - middle).abs();
    let nearest = solves.into_iter().min_by(|one, other| off(one).total_cmp(&off(other)));
    (nearest.map(|it| it.1), middle)
}

impl Solve {
    /// What was found, which is the same each time, and the median of the milliseconds, with the stages of the
    /// solve that took it.
    fn measured(&self, watch: &mut Watch, run: impl Fn(&mut Watch) -> Found) -> (Found, f64) {
        let once = |watch: &mut Watch| {
            let (mut found, seconds) = timed(|| run(watch));
            let stages = std::mem::take(&mut found.stages);
            (found, (seconds * 1000.0, stages))
        };
        let (mut found, first) = once(watch);
        // As `compare` measures everybody.
        let cold = self.warm && first.0 < SHORT_MS && !watch.is_stopped();
        let more = if cold { 3 } else { self.repeat.saturating_sub(1) };
        let mut solves = if cold { Vec::new() } else { vec![first] };
        for _ in 0..more {
            let (_, next) = once(watch);
            // One that was stopped took no time that counts.
            if watch.is_stopped() && !solves.is_empty() {
                break;
            }
            solves.push(next);
        }
        let (stages, time) = middle(solves);
        found.stages = stages.unwrap_or_default();
        (found, time)
    }

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
        let mut options = Options::default().seed(self.seed).threads(self.threads.into());
        if let Some(operations) = self.budget {
            options = options.budget(operations);
        }
        let mut watch = Watch::without_bar()?.with_lines(self.progress);
        let once = |watch: &mut Watch| self.objective.find(&loaded.problem, &options, watch);
        let (found, time) = self.measured(&mut watch, once);
        let stopped = watch.is_stopped() && !found.optimal;
        watch.end();
        if let Some(path) = &self.pairs {
            tables::write_pairs(path, &loaded, &found.pairs)?;
        }
        if let Some(path) = &self.certificate {
            let text = serde_json::to_vec(&found.proof)?;
            fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        if self.json {
            println!("{}", as_json(&loaded, &found, stopped, self.threads, [load * 1000.0, time]));
        } else {
            if stopped {
                println!("stopped at the best pairing so far");
            }
            print(&loaded, &found, time);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn as_json(
    loaded: &Loaded,
    found: &Found,
    stopped: bool,
    threads: u16,
    [load, time]: [f64; 2],
) -> serde_json::Value {
    serde_json::json!({
        "matched": found.value.matched,
        "total": found.value.total,
        "optimal": found.optimal,
        "stopped": stopped,
        "gap": found.gap,
        "bonus": found.bonus(),
        "worst": found.worst,
        "load_ms": load,
        "solve_ms": time,
        "stages": found.stages,
        "threads": threads,
        "peak_mb": peak(),
        "digest": loaded.digest,
    })
}

fn print(loaded: &Loaded, found: &Found, time: f64) {
    let problem = &loaded.problem;
    println!(
        "{} mentees, {} mentors, {} edges",
        problem.mentees(),
        problem.mentors(),
        problem.edges()
    );
    println!("matched {}, total {}", found.value.matched, found.value.total);
    if let Some(worst) = found.worst {
        println!("worst pair {worst}");
    }
    if found.optimal {
        println!("optimal, proven");
    } else {
        match found.bonus() {
            Some(bonus) => {
                println!(
                    "not proven: at most {} points better, {bonus} a pair included",
                    found.gap
                );
            }
            None => println!("not proven: {} pairs may be exchanged for better ones", found.gap),
        }
    }
    for Took { report, ms } in &found.stages {
        println!("{:?}: {} operations, {ms:.3} ms", report.stage, report.operations);
    }
    println!("solved in {time:.3} ms");
    if let Some(peak) = peak() {
        println!("peak {peak} MiB");
    }
}

#[cfg(test)]
mod tests {
    use super::middle;

    #[test]
    fn stages_are_those_of_the_median_solve() {
        assert_eq!(middle(vec![(9.0, 'a'), (1.0, 'b'), (3.0, 'c')]), (Some('c'), 3.0));
        assert_eq!(middle(vec![(4.0, 'a'), (1.0, 'b')]), (Some('a'), 2.5));
        assert_eq!(middle::<char>(Vec::new()), (None, 0.0));
    }
}
