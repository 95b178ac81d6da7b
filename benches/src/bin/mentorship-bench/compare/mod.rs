//! `compare`: the engine beside other solvers, on the same instances, in one run.

mod child;
mod machine;
mod measure;
mod plot;
mod solvers;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Args;

use self::{
    child::{Children, Ended},
    machine::Machine,
    measure::{Cell, Goal, Instance, Measured, growth},
    solvers::{Solvers, Task, peers},
    table::Comparison,
};
use super::{
    Best, Failure, Weights, instance,
    stable::{self, Preferred},
};

/// Solves instances with the engine and with whichever other solvers are installed, one process at a time, and
/// writes `compare.md`, `compare.json` and `compare.svg`. The exit code is 1 if a solver found something else
/// than the engine.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Instances in the binary format of `generate`.
    #[arg(required_unless_present = "stable", conflicts_with = "stable")]
    files: Vec<PathBuf>,
    /// Stable pairings instead, by who would rather have whom, as `solve --stable` reads it; several files with
    /// commas between them.
    #[arg(long, value_delimiter = ',')]
    stable: Vec<PathBuf>,
    /// Places of mentors for each of them, in the same order.
    #[arg(long, value_delimiter = ',', requires = "stable")]
    capacities: Vec<PathBuf>,
    /// Which weights of the instances.
    #[arg(long, value_enum, default_value_t = Weights::Int, conflicts_with = "stable")]
    weights: Weights,
    #[arg(long, value_enum, default_value_t = Best::Total, conflicts_with = "stable")]
    objective: Best,
    /// How often everybody solves everything; one more time does not count.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Which of the other solvers: ortools, lapx-lapmod, lapx-lapjv, lapx-lapjvs, lapjv, scipy-dense,
    /// scipy-sparse, networkx, lemon; with `--stable` matching, algmatch. All that are installed if nothing is
    /// said.
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Most threads of the engine, which does not use more than 16, and of the libraries under a peer; the other
    /// solvers use one, whatever is said.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1024))]
    threads: u32,
    /// Seconds after which a process is killed.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    timeout: u64,
    /// The Python that has the peers.
    #[arg(long, default_value = "python3")]
    python: PathBuf,
    /// The folder for the three files.
    #[arg(long, default_value = ".")]
    out: PathBuf,
}

/// A file that everybody gets, and what is known of it.
struct Subject<'a> {
    file: &'a Path,
    capacities: Option<&'a Path>,
    size: [u64; 3],
    /// Who ranks whom, by which the pairs of everybody are checked.
    preferred: Option<Preferred>,
}

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let stable = !self.stable.is_empty();
        let known: Vec<&str> = peers(stable).iter().map(|it| it.0).collect();
        if let Some(other) = self.peers.iter().find(|it| !known.contains(&it.as_str())) {
            let known = known.join(", ");
            return Err(format!("`--peers`: `{other}` is not one of {known}").into());
        }
        let subjects = self.subjects()?;
        let children = Children::new()?;
        let solvers =
            Solvers::find(&children, self.python.clone(), stable, &self.peers, self.threads)?;
        let mut instances = Vec::new();
        for subject in subjects {
            let results = self.measure(&children, &solvers, &subject);
            let file = subject.file.file_name();
            let file = file.map_or_else(String::new, |it| it.to_string_lossy().into());
            let [mentees, mentors, edges] = subject.size;
            instances.push(Instance { file, mentees, mentors, edges, results });
        }
        let growth = growth(&instances);
        let comparison = Comparison {
            layout: 1,
            machine: Machine::here(),
            python: solvers.python,
            solvers: solvers.there,
            absent: solvers.absent,
            weights: (!stable).then(|| self.weights.name()),
            objective: self.goal(),
            rounds: self.rounds,
            timeout_seconds: self.timeout,
            threads: self.threads,
            instances,
            growth,
        };
        let table = comparison.markdown()?;
        print!("{table}");
        write(&self.out, &comparison, &table)?;
        Ok(if comparison.all_agree() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    fn goal(&self) -> Goal {
        match self.objective {
            _ if !self.stable.is_empty() => Goal::Stable,
            Best::People => Goal::People,
            Best::Total => Goal::Total,
        }
    }

    fn subjects(&self) -> Result<Vec<Subject<'_>>, Failure> {
        let (files, capacities) = (self.stable.len(), self.capacities.len());
        if capacities > 0 && capacities != files {
            return Err(format!("`--capacities`: {capacities} files instead of {files}").into());
        }
        let mut subjects = Vec::new();
        for file in &self.files {
            let size = instance::head(file)?;
            subjects.push(Subject { file, capacities: None, size, preferred: None });
        }
        for (at, file) in self.stable.iter().enumerate() {
            let capacities = self.capacities.get(at).map(PathBuf::as_path);
            let preferred = stable::read(file, capacities)?;
            let size = preferred.size().map(|it| it as u64);
            subjects.push(Subject { file, capacities, size, preferred: Some(preferred) });
        }
        Ok(subjects)
    }

    /// Everybody in turn, again and again, but for those who fail or take long.
    fn measure(&self, children: &Children, solvers: &Solvers, subject: &Subject<'_>) -> Vec<Cell> {
        let limit = Duration::from_secs(self.timeout);
        let (weights, objective) = (self.weights.name(), self.objective.name());
        let pairs = solvers.folder().join("pairs.csv");
        let (file, capacities) = (subject.file, subject.capacities);
        let task = match subject.preferred {
            Some(_) => Task::Stable { ranks: file, capacities, pairs: &pairs },
            None => Task::Best { file, weights, objective },
        };
        let mut cells: Vec<Cell> = solvers.there.iter().map(|it| Cell::new(it.name)).collect();
        for round in 0..=self.rounds {
            let mut order: Vec<_> = solvers.there.iter().zip(&mut cells).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for (solver, cell) in order {
                if !cell.is_done() {
                    eprintln!(
                        "{}: round {round} of {}: {}",
                        file.display(),
                        self.rounds,
                        solver.name
                    );
                    let ended = children.run(solvers.command(solver, &task), limit);
                    let ended = subject.checked(ended, &pairs);
                    cell.take(ended, limit, round > 0, self.goal());
                }
            }
        }
        cells
    }
}

impl Subject<'_> {
    /// What a process did, if the pairs that it wrote are stable. They are taken away, so that nobody is
    /// measured by those of somebody else.
    fn checked(&self, ended: Ended, pairs: &Path) -> Ended {
        let (Some(preferred), Ended::Well(said)) = (&self.preferred, &ended) else { return ended };
        if serde_json::from_slice::<Measured>(said).is_err() {
            return ended;
        }
        let checked = preferred.check(pairs);
        // What is not there is not there: then nothing was written, which is told.
        let _ = fs::remove_file(pairs);
        match checked {
            Ok(Ok(_)) => ended,
            Ok(Err(why)) => Ended::Badly(format!("not stable: {why}")),
            Err(error) => Ended::Badly(error.to_string()),
        }
    }
}

fn write(folder: &Path, comparison: &Comparison, table: &str) -> Result<(), Failure> {
    let failed = |name: &str, error: &dyn std::fmt::Display| -> Failure {
        format!("{}: {error}", folder.join(name).display()).into()
    };
    fs::create_dir_all(folder).map_err(|error| failed("", &error))?;
    let json = serde_json::to_string_pretty(comparison)? + "\n";
    let svg = plot::svg(comparison)?;
    for (name, text) in [("compare.md", table), ("compare.json", &json), ("compare.svg", &svg)] {
        fs::write(folder.join(name), text).map_err(|error| failed(name, &error))?;
    }
    Ok(())
}
