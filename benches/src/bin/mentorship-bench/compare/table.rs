//! What was measured, as tables for people and as JSON for programs.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::{
    machine::Machine,
    measure::{Cell, Growth, Instance, NotRun},
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
    pub(super) weights: &'static str,
    pub(super) objective: &'static str,
    pub(super) rounds: u32,
    pub(super) timeout_seconds: u64,
    pub(super) threads: u32,
    pub(super) instances: Vec<Instance>,
    pub(super) growth: Vec<Growth>,
}

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
    pub(super) fn is_people(&self) -> bool {
        self.objective == "people"
    }

    /// Whether every solver that was measured found what the engine found.
    pub(super) fn all_agree(&self) -> bool {
        let people = self.is_people();
        let cells =
            |it: &Instance| it.results.iter().all(|at| it.agrees(at, people) != Some(false));
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
        let objective = if self.is_people() {
            "the most people, then the highest total"
        } else {
            "the highest total"
        };
        writeln!(
            out,
            ".\n\nAsked for: {objective}, weights `{}`. {} round(s) after one that does not count, one process \
             at a time, every second round in the opposite order; at most {} s a process, and {} thread(s) for \
             the libraries under a peer. Times are of the solve alone; reading the file and building the model \
             stand beside them. A solve under 0.2 s is done three more times in its process, whose median \
             counts. \"Times ours\" is the median of the ratios of the rounds. Memory is that of the whole \
             process, with the file and, of a peer in Python, with Python.",
            self.weights, self.rounds, self.timeout_seconds, self.threads
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
        let found = if self.is_people() { "People, points" } else { "Points" };
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
        let optimum = match it.optimum(self.is_people()) {
            Some((people, points)) if self.is_people() => format!("{people}, {points}"),
            Some((_, points)) => points.to_string(),
            None => "changes".to_owned(),
        };
        let differs = instance.agrees(it, self.is_people()) == Some(false);
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
