//! Ctrl-C: the first one gives the best pairing so far, which keeps the rules, with its gap.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::{BufRead as _, BufReader, Read as _},
    path::Path,
    process::{Command, Output, Stdio},
};

fn program(folder: &Path, arguments: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mentorship-bench"));
    command.current_dir(folder).args(arguments.split_whitespace());
    command
}

fn run(folder: &Path, arguments: &str) -> Output {
    program(folder, arguments).output().unwrap()
}

/// Starts a run that takes many times as long as a signal, waits for a line about a stage, and interrupts it.
/// Gives back its exit code and what it printed.
fn interrupted(folder: &Path, arguments: &str, stage: &str) -> (Option<i32>, String) {
    let mut command = program(folder, arguments);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let line = lines.find(|line| line.starts_with(stage));
    assert!(line.is_some(), "it ended before the stage `{stage}`");
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let told = lines.any(|line| line.starts_with("stopping at the best pairing so far"));
    assert!(told, "it did not notice");
    for _ in lines {}
    let mut said = String::new();
    child.stdout.take().unwrap().read_to_string(&mut said).unwrap();
    (child.wait().unwrap().code(), said)
}

#[test]
fn an_interrupted_solve_gives_the_best_so_far_and_its_gap() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let made = run(folder, "generate --family bal --mentees 12000 --candidates 16 --out a.bin");
    assert!(made.status.success());
    let ask =
        "solve a.bin --objective fairest --progress --json --pairs p.csv --certificate c.json";
    let (code, said) = interrupted(folder, ask, "levels:");
    assert_eq!(code, Some(0), "{said}");
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&said["stopped"], &said["optimal"]), (&true.into(), &false.into()));
    assert!(said["gap"].as_u64().unwrap() > 0 && said["matched"].as_u64().unwrap() > 10_000);
    // Its pairs keep the rules and have the scores that they say: only their proof is missing.
    let checked = run(folder, "check a.bin --pairs p.csv --certificate c.json");
    let told = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1));
    assert!(told.starts_with("not proven"), "{told}");
    let mut pairs = csv::Reader::from_path(folder.join("p.csv")).unwrap();
    let mut seen = [BTreeSet::new(), BTreeSet::new()];
    let mut total = 0;
    for pair in pairs.records().map(Result::unwrap) {
        for (side, seen) in seen.iter_mut().enumerate() {
            assert!(seen.insert(pair[side].to_owned()), "twice");
        }
        total += pair[2].parse::<i64>().unwrap();
    }
    assert_eq!(Some(seen[0].len() as u64), said["matched"].as_u64());
    assert_eq!(Some(total), said["total"].as_i64());
}

/// So many people as the example's, again and again under other ids.
fn repeated(folder: &Path, file: &str, people: usize) -> BTreeMap<String, usize> {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/match").join(file);
    let mut reader = csv::Reader::from_path(from).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut out = csv::Writer::from_path(folder.join(file)).unwrap();
    out.write_record(&header).unwrap();
    let takes = header.iter().position(|it| it == "takes");
    let mut places = BTreeMap::new();
    for (at, row) in rows.iter().cycle().take(people).enumerate() {
        let id = format!("{}-{at}", &row[0]);
        places.insert(id.clone(), takes.map_or(1, |column| row[column].parse().unwrap()));
        out.write_record([id.as_str()].into_iter().chain(row.iter().skip(1))).unwrap();
    }
    out.flush().unwrap();
    places
}

#[test]
fn an_interrupted_match_writes_the_best_so_far_and_its_gap() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/match/rules.toml");
    fs::copy(rules, folder.join("rules.toml")).unwrap();
    let [mentors, mentees] =
        [("mentors.csv", 1_200), ("mentees.csv", 1_500)].map(|it| repeated(folder, it.0, it.1));
    let ask = "match --mentors mentors.csv --mentees mentees.csv --rules rules.toml --out out \
               --objective fairest --progress";
    let (code, said) = interrupted(folder, ask, "levels:");
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\nstopped at the best pairing so far\nnot proven: "), "{said}");
    let run = fs::read(folder.join("out/run.json")).unwrap();
    let run: serde_json::Value = serde_json::from_slice(&run).unwrap();
    assert_eq!(run["stopped"], true);
    assert_eq!(run["optimal"], false);
    assert!(run["gap"].as_u64().unwrap() > 0);
    assert!(folder.join("out/report.html").exists());
    let mut pairs = csv::Reader::from_path(folder.join("out/pairs.csv")).unwrap();
    let header = pairs.headers().unwrap().clone();
    let column = |name: &str| header.iter().position(|it| it == name).unwrap();
    let mut left = [(column("mentor"), mentors), (column("mentee"), mentees)];
    let mut count = 0;
    for pair in pairs.records().map(Result::unwrap) {
        for (column, left) in &mut left {
            let places = left.get_mut(&pair[*column]).unwrap();
            *places = places.checked_sub(1).unwrap_or_else(|| panic!("no place left: {pair:?}"));
        }
        count += 1;
    }
    assert!(count > 0);
}
