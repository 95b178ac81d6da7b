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
    child::Children,
    machine::Machine,
    measure::{Cell, Instance, growth},
    solvers::{PEERS, Solvers, Task},
    table::Comparison,
};
use super::{Best, Failure, Weights, instance};

/// Solves instances with the engine and with whichever other solvers are installed, one process at a time, and
/// writes `compare.md`, `compare.json` and `compare.svg`. The exit code is 1 if a solver found something else
/// than the engine.
#[derive(Args, Debug)]
pub(crate) struct Compare {
    /// Instances in the binary format of `generate`.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Which weights of the instances.
    #[arg(long, value_enum, default_value_t = Weights::Int)]
    weights: Weights,
    #[arg(long, value_enum, default_value_t = Best::Total)]
    objective: Best,
    /// How often everybody solves everything; one more time does not count.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Which of the other solvers: ortools, lapx-lapmod, lapx-lapjv, lapx-lapjvs, lapjv, scipy-dense,
    /// scipy-sparse, networkx, lemon. All that are installed if nothing is said.
    #[arg(long, value_delimiter = ',')]
    peers: Vec<String>,
    /// Most threads of the libraries under a peer. All solvers here use one.
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

impl Compare {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let known = PEERS.map(|it| it.0);
        if let Some(other) = self.peers.iter().find(|it| !known.contains(&it.as_str())) {
            let known = known.join(", ");
            return Err(format!("`--peers`: `{other}` is not one of {known}").into());
        }
        let heads: Result<Vec<_>, _> = self.files.iter().map(|it| instance::head(it)).collect();
        let children = Children::new()?;
        let solvers = Solvers::find(&children, self.python.clone(), &self.peers, self.threads)?;
        let mut instances = Vec::new();
        for (file, [mentees, mentors, edges]) in self.files.iter().zip(heads?) {
            let results = self.measure(&children, &solvers, file);
            let file = file.file_name().map_or_else(String::new, |it| it.to_string_lossy().into());
            instances.push(Instance { file, mentees, mentors, edges, results });
        }
        let growth = growth(&instances);
        let comparison = Comparison {
            layout: 1,
            machine: Machine::here(),
            python: solvers.python,
            solvers: solvers.there,
            absent: solvers.absent,
            weights: self.weights.name(),
            objective: self.objective.name(),
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

    /// Everybody in turn, again and again. Who fails or takes too long is not asked again.
    fn measure(&self, children: &Children, solvers: &Solvers, file: &Path) -> Vec<Cell> {
        let limit = Duration::from_secs(self.timeout);
        let (weights, objective) = (self.weights.name(), self.objective.name());
        let task = Task { file, weights, objective };
        let mut cells: Vec<Cell> = solvers.there.iter().map(|it| Cell::new(it.name)).collect();
        for round in 0..=self.rounds {
            let mut order: Vec<_> = solvers.there.iter().zip(&mut cells).collect();
            if round % 2 == 1 {
                order.reverse();
            }
            for (solver, cell) in order {
                if cell.not_run.is_none() {
                    eprintln!(
                        "{}: round {round} of {}: {}",
                        file.display(),
                        self.rounds,
                        solver.name
                    );
                    let ended = children.run(solvers.command(solver, &task), limit);
                    cell.take(ended, limit, round > 0);
                }
            }
        }
        cells
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
