//! What was measured, as tables for people and as JSON for programs.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::{
    machine::Machine,
    measure::{Cell, Goal, Growth, Instance, NotRun},
    solvers::{Absent, Solver},
};

/// A whole comparison.
#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    pub(super) layout: u32,
    pub(super) machine: Machine,
    pub(super) python: Option<String>,
    pub(super) solvers: Vec<Solver>,
    pub(super) absent: Vec<Absent>,
    /// Which points of the instances; `None` if there are none.
    pub(super) weights: Option<&'static str>,
    pub(super) objective: Goal,
    pub(super) rounds: u32,
    pub(super) timeout_seconds: u64,
    pub(super) threads: u32,
    pub(super) instances: Vec<Instance>,
    pub(super) growth: Vec<Growth>,
}

/// What is measured of everybody.
const OF_THE_SOLVE: &str = "Times are of the solve alone; reading the file and building the model stand beside \
     them. A solve under 0.2 s is done three more times in its process, whose median counts.";
const OF_EVERYTHING: &str = "Times are of everything from the files to the pairs; how much of it is reading and \
     building the model stands beside them. The pairs of every process are checked: no two would rather have \
     each other.";

/// A number with three digits that count.
pub(super) fn three(number: f64) -> String {
    match number {
        it if it >= 100.0 => format!("{it:.0}"),
        it if it >= 10.0 => format!("{it:.1}"),
        it if it >= 1.0 => format!("{it:.2}"),
        it if it >= 0.1 => format!("{it:.3}"),
        it => format!("{it:.4}"),
    }
}

/// Text inside of a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}

impl Comparison {
    /// Whether every solver that was measured found what the engine found.
    pub(super) fn all_agree(&self) -> bool {
        let goal = self.objective;
        let cells = |it: &Instance| it.results.iter().all(|at| it.agrees(at, goal) != Some(false));
        self.instances.iter().all(cells)
    }

    pub(super) fn markdown(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        let out = &mut text;
        writeln!(out, "# Pairing engines compared\n")?;
        writeln!(out, "Machine: {}.\n", self.machine)?;
        if !self.machine.optimised {
            writeln!(out, "**Built without optimisation: these times say nothing.**\n")?;
        }
        let said = |it: &Solver| format!("{} {}", it.name, it.version);
        let solvers: Vec<String> = self.solvers.iter().map(said).collect();
        write!(out, "Solvers: {}", solvers.join(", "))?;
        if let Some(python) = &self.python {
            write!(out, "; Python {python}")?;
        }
        let (objective, times) = match self.objective {
            Goal::Total => ("the highest total", OF_THE_SOLVE),
            Goal::People => ("the most people, then the highest total", OF_THE_SOLVE),
            Goal::Stable => ("a stable pairing, the best for every mentee", OF_EVERYTHING),
        };
        let weights = self.weights.map_or_else(String::new, |it| format!(", weights `{it}`"));
        writeln!(
            out,
            ".\n\nAsked for: {objective}{weights}. {} round(s) after one that does not count, one process \
             at a time, every second round in the opposite order; whoever takes 20 s is measured once. At most \
             {} s a process, and {} thread(s) for the engine and for the libraries under a peer. {times} \
             \"Times ours\" is the median of the ratios of the rounds. \
             Memory is that of the whole process, with the file and, of a peer in Python, with Python.",
            self.rounds, self.timeout_seconds, self.threads
        )?;
        for instance in &self.instances {
            self.instance(out, instance)?;
        }
        if !self.growth.is_empty() {
            writeln!(out, "\n## Growth\n\nTime grows as edges to the power of:\n")?;
            writeln!(out, "| Solver | Exponent | Sizes |\n|---|--:|--:|")?;
            for it in &self.growth {
                let sizes = it.points.len();
                writeln!(out, "| {} | {:.2} | {sizes} |", it.solver, it.exponent)?;
            }
        }
        if !self.absent.is_empty() {
            writeln!(out, "\n## Not run, since they are not here\n")?;
            writeln!(out, "| Peer | How to get it | What was missed |\n|---|---|---|")?;
            for it in &self.absent {
                writeln!(out, "| {} | {} | {} |", it.name, it.install, cell(&it.why))?;
            }
        }
        Ok(text)
    }

    fn instance(&self, out: &mut String, instance: &Instance) -> fmt::Result {
        let Instance { file, mentees, mentors, edges, .. } = instance;
        writeln!(out, "\n## {file}\n\n{mentees} mentees, {mentors} mentors, {edges} edges.\n")?;
        let found = match self.objective {
            Goal::Total => "Points",
            Goal::People => "People, points",
            Goal::Stable => "Pairs",
        };
        writeln!(
            out,
            "| Solver | Median, ms | Range, ms | Times ours | {found} | Model, ms | Peak, MiB |"
        )?;
        writeln!(out, "|---|--:|--:|--:|--:|--:|--:|")?;
        for it in &instance.results {
            let row = self.row(instance, it);
            writeln!(out, "| {} | {} |", it.solver, row.join(" | "))?;
        }
        Ok(())
    }

    fn row(&self, instance: &Instance, it: &Cell) -> [String; 6] {
        let dash = || "–".to_owned();
        let Some([median, least, most]) = it.solve_ms().filter(|_| it.not_run.is_none()) else {
            let why = match &it.not_run {
                Some(NotRun::OverSeconds(seconds)) => format!("over {seconds} s"),
                Some(NotRun::Why(why)) => format!("not run: {}", cell(why)),
                None => dash(),
            };
            return [why, dash(), dash(), dash(), dash(), dash()];
        };
        let ratio = instance.engine().and_then(|engine| it.ratio(engine));
        let optimum = match (it.optimum(self.objective), self.objective) {
            (Some((_, points)), Goal::Total) => points.to_string(),
            (Some((people, points)), Goal::People) => format!("{people}, {points}"),
            (Some((people, _)), Goal::Stable) => people.to_string(),
            (None, _) => "changes".to_owned(),
        };
        let differs = instance.agrees(it, self.objective) == Some(false);
        [
            three(median),
            format!("{} to {}", three(least), three(most)),
            ratio.map_or_else(dash, three),
            if differs { format!("**{optimum}, differs**") } else { optimum },
            it.build_ms().map_or_else(dash, three),
            it.peak_mb().map_or_else(dash, |it| it.to_string()),
        ]
    }
}
