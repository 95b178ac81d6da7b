//! `counts`: instructions of hot paths, which say more from run to run than times do.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use clap::Args;
use serde::Deserialize;

use super::Failure;

/// Counts the instructions of hot paths with `callgrind` on generated instances, and compares them with a file.
///
/// Times depend on what else a machine does, instructions hardly do. They depend on the compiler, so that the file
/// says with which one they were counted. The exit code is 0 if all are within the tolerance, 1 if one has more or
/// fewer, and 2 if they cannot be counted.
#[derive(Args, Debug)]
pub(crate) struct Counts {
    /// What to count, and what it was before.
    #[arg(long, default_value = "benches/counts.toml")]
    file: PathBuf,
    /// Writes the counts of now into the file instead of comparing them.
    #[arg(long)]
    update: bool,
    /// Counts only those whose names have this in them.
    #[arg(long, conflicts_with = "update")]
    only: Option<String>,
    /// The program that counts.
    #[arg(long, default_value = "valgrind")]
    valgrind: PathBuf,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    /// Percent of more or fewer instructions that are no difference.
    tolerance: f64,
    count: Vec<Count>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Count {
    name: String,
    /// Arguments of `generate`.
    generate: String,
    /// Arguments of the program whose instructions are counted, in a folder with what was generated.
    run: String,
    /// The function within which they are counted, as `callgrind` names it; `*` stands for anything.
    function: String,
    instructions: u64,
}

/// What one count has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Within,
    More,
    Fewer,
}

/// By how many percent a count has changed.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^53")]
fn percent(before: u64, now: u64) -> f64 {
    if before == now { 0.0 } else { (now as f64 - before as f64) * 100.0 / before as f64 }
}

fn change(before: u64, now: u64, tolerance: f64) -> Change {
    match percent(before, now) {
        it if it > tolerance => Change::More,
        it if it < -tolerance => Change::Fewer,
        _ => Change::Within,
    }
}

/// The count in what `callgrind` says.
fn collected(said: &str) -> Option<u64> {
    let line = said.lines().rev().find_map(|line| line.split_once("Collected :"))?;
    line.1.split_whitespace().next()?.parse().ok()
}

/// The text of the file with other counts, in the same order; all else stays as it is.
fn updated(text: &str, counts: &[u64]) -> String {
    let (mut counts, mut out) = (counts.iter(), String::with_capacity(text.len()));
    for line in text.lines() {
        let is_count = line.split_once('=').is_some_and(|it| it.0.trim() == "instructions");
        let count = if is_count { counts.next() } else { None };
        match count {
            Some(count) => out.push_str(&["instructions = ", &count.to_string()].concat()),
            None => out.push_str(line),
        }
        out.push('\n');
    }
    out
}

impl Counts {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let path = self.file.display();
        let text = fs::read_to_string(&self.file).map_err(|error| format!("{path}: {error}"))?;
        let listed: Listed = toml::from_str(&text).map_err(|error| format!("{path}: {error}"))?;
        let wanted = |it: &&Count| self.only.as_ref().is_none_or(|only| it.name.contains(only));
        let mut counts = Vec::new();
        let mut differ = false;
        for it in listed.count.iter().filter(wanted) {
            let now = self.count(it).map_err(|error| format!("{}: {error}", it.name))?;
            counts.push(now);
            let change = change(it.instructions, now, listed.tolerance);
            differ |= change != Change::Within;
            let said = match change {
                Change::Within => "within the tolerance",
                Change::More => "MORE",
                Change::Fewer => "FEWER",
            };
            let percent = percent(it.instructions, now);
            println!("{}: {now}, was {} ({percent:+.2} %): {said}", it.name, it.instructions);
        }
        if counts.is_empty() {
            return Err(format!("{path}: nothing to count").into());
        }
        if self.update {
            fs::write(&self.file, updated(&text, &counts))
                .map_err(|error| format!("{path}: {error}"))?;
            return Ok(ExitCode::SUCCESS);
        }
        Ok(if differ { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    fn count(&self, it: &Count) -> Result<u64, Failure> {
        let folder = tempfile::tempdir()?;
        let program = std::env::current_exe()?;
        let mut generate = Command::new(&program);
        generate.arg("generate").args(it.generate.split_whitespace());
        self.said(generate, folder.path())?;
        let mut valgrind = Command::new(&self.valgrind);
        valgrind.args(["--tool=callgrind", "--callgrind-out-file=callgrind.out"]);
        valgrind.arg(format!("--toggle-collect={}", it.function)).arg(&program);
        valgrind.args(it.run.split_whitespace());
        let said = self.said(valgrind, folder.path())?;
        match collected(&said) {
            Some(0) => Err(format!(
                "nothing was counted in `{}`; is the program built with symbols?",
                it.function
            )
            .into()),
            Some(count) => Ok(count),
            None => Err(format!("{} named no count", self.valgrind.display()).into()),
        }
    }

    /// What a program that ends well says on standard error.
    fn said(&self, mut command: Command, folder: &Path) -> Result<String, Failure> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command.current_dir(folder).output().map_err(|error| {
            let missing = self.valgrind.as_os_str() == command.get_program();
            let hint = if missing { "; is it installed (`apt install valgrind`)?" } else { "" };
            format!("{program}: {error}{hint}")
        })?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() {
            return Ok(said);
        }
        let last = said.lines().rev().find(|it| !it.trim().is_empty()).unwrap_or("it failed");
        Err(format!("{program}: {last}").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_exceeds_the_tolerance_is_a_change() {
        assert_eq!(change(1000, 1020, 2.0), Change::Within);
        assert_eq!(change(1000, 980, 2.0), Change::Within);
        assert_eq!(change(1000, 1021, 2.0), Change::More);
        assert_eq!(change(1000, 979, 2.0), Change::Fewer);
        // What was never counted has changed.
        assert_eq!(change(0, 5, 2.0), Change::More);
    }

    #[test]
    fn the_count_is_found_in_what_is_said() {
        let said = "==7== Events    : Ir\n==7== Collected : 79312345\n==7==\n";
        assert_eq!(collected(said), Some(79_312_345));
        assert_eq!(collected("==7== Events    : Ir\n"), None);
    }

    #[test]
    fn an_update_changes_the_counts_alone() {
        let text = "# a\ntolerance = 2\n\n[[count]]\nname = \"x\"\ninstructions = 1\n\n[[count]]\ninstructions=2\n";
        let expected = "# a\ntolerance = 2\n\n[[count]]\nname = \"x\"\ninstructions = 7\n\n[[count]]\ninstructions = 8\n";
        assert_eq!(updated(text, &[7, 8]), expected);
    }
}
