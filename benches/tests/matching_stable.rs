//! `solve --stable` and `check --stable` from outside: what is found is stable, ties are used, and what is
//! wrong is named.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(folder: &Path, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_mentorship-bench");
    Command::new(program).current_dir(folder).args(arguments.split_whitespace()).output().unwrap()
}

fn said(output: &Output) -> (i32, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code().unwrap(), String::from_utf8(text).unwrap())
}

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn write(folder: &Path, name: &str, header: &str, rows: &[&str]) {
    fs::write(folder.join(name), format!("{header}\n{}\n", rows.join("\n"))).unwrap();
}

const WISHES: &str = "mentee,mentor,mentee_rank,mentor_rank";

/// The mentees and the mentors want different pairings, and both are stable.
const OPPOSITE: [&str; 4] = ["ann,max,1,2", "ann,eva,2,1", "bob,max,2,1", "bob,eva,1,2"];

#[test]
fn the_side_that_is_favoured_gets_its_best_whatever_the_order_of_rows() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut reverse = OPPOSITE;
    reverse.reverse();
    for rows in [OPPOSITE, reverse] {
        write(folder, "w.csv", WISHES, &rows);
        for (side, pairs) in
            [("mentee", "ann,max,1,2\nbob,eva,1,2\n"), ("mentor", "ann,eva,2,1\nbob,max,2,1\n")]
        {
            let solve = format!("solve --stable w.csv --optimal {side} --pairs p.csv --json");
            let solved = json(&run(folder, &solve));
            assert_eq!((&solved["matched"], &solved["bound"]), (&2.into(), &2.into()));
            assert_eq!((&solved["largest"], &solved["ties"]), (&true.into(), &false.into()));
            assert!(solved["solve_ms"].as_f64().unwrap() > 0.0);
            let found = fs::read_to_string(folder.join("p.csv")).unwrap();
            assert_eq!(found, format!("{WISHES}\n{pairs}"));
            let checked = said(&run(folder, "check --stable w.csv --pairs p.csv"));
            assert_eq!(checked, (0, "stable: 2 pairs\n".to_owned()));
        }
    }
}

#[test]
fn what_is_generated_has_no_ties_and_is_solved() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for family in ["bal", "unb", "equal", "star", "empty-rows", "blocked"] {
        let ask = "generate --mentees 120 --candidates 8 --preferences w.csv --capacities c.csv";
        let made = run(folder, &format!("{ask} --family {family}"));
        assert!(made.status.success(), "{family}: {}", String::from_utf8_lossy(&made.stderr));
        let files = "--stable w.csv --capacities c.csv --pairs p.csv";
        let sizes = ["mentee", "mentor"].map(|side| {
            let solved = json(&run(folder, &format!("solve {files} --optimal {side} --json")));
            assert_eq!((&solved["ties"], &solved["largest"]), (&false.into(), &true.into()));
            assert_eq!(said(&run(folder, &format!("check {files}"))).0, 0, "{family}");
            solved["matched"].as_u64().unwrap()
        });
        assert_eq!(sizes[0], sizes[1], "{family}");
        assert_eq!(sizes[0] == 0, family == "blocked");
    }
    assert_eq!(said(&run(folder, "generate --family bal --mentees 9")).0, 2);
    assert_eq!(said(&run(folder, "generate --family bal --mentees 9 --preferences w.csv")).0, 2);
}

#[test]
fn places_count_and_ties_make_room() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // Max takes either; only if he takes Bob, both have somebody.
    write(folder, "w.csv", WISHES, &["ann,max,1,1", "ann,eva,2,1", "bob,max,1,1"]);
    let solved = json(&run(folder, "solve --stable w.csv --tries 1 --json"));
    assert_eq!((&solved["matched"], &solved["largest"]), (&2.into(), &true.into()));
    assert_eq!((&solved["tries"], &solved["ties"]), (&1.into(), &true.into()));
    write(folder, "c.csv", "mentor,capacity", &["max,2", "tom,3"]);
    let solve = "solve --stable w.csv --capacities c.csv --pairs p.csv";
    let (code, text) = said(&run(folder, solve));
    assert_eq!(code, 0);
    assert!(text.contains("2 mentees, 3 mentors, 3 accept each other"), "{text}");
    assert!(text.contains("no stable pairing is larger, proven"), "{text}");
    let pairs = fs::read_to_string(folder.join("p.csv")).unwrap();
    assert_eq!(pairs, format!("{WISHES}\nann,max,1,1\nbob,max,1,1\n"));
    let check = "check --stable w.csv --capacities c.csv --pairs p.csv";
    assert_eq!(said(&run(folder, check)).0, 0);
    let (code, text) = said(&run(folder, "check --stable w.csv --pairs p.csv"));
    assert_eq!(
        (code, text.as_str()),
        (1, "not stable: mentor `max` has more mentees than places\n")
    );
}

#[test]
fn what_is_not_stable_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    write(folder, "w.csv", WISHES, &["ann,max,1,1", "ann,eva,2,1", "bob,max,1,2", "bob,eva,2,2"]);
    let check = |rows: &[&str]| {
        write(folder, "p.csv", "mentee,mentor", rows);
        said(&run(folder, "check --stable w.csv --pairs p.csv"))
    };
    assert_eq!(check(&["ann,max", "bob,eva"]), (0, "stable: 2 pairs\n".to_owned()));
    let blocked = "not stable: mentee `ann` and mentor `max` would both rather have each other\n";
    assert_eq!(check(&["ann,eva", "bob,max"]), (1, blocked.to_owned()));
    assert_eq!(check(&["bob,eva"]), (1, blocked.to_owned()));
    let twice = "not stable: mentee `ann` has more than one mentor\n";
    assert_eq!(check(&["ann,max", "ann,eva"]), (1, twice.to_owned()));
    write(folder, "w.csv", WISHES, &["ann,max,1,1", "bob,eva,1,1"]);
    let strangers = "not stable: mentee `ann` and mentor `eva` do not accept each other\n";
    assert_eq!(check(&["ann,eva"]), (1, strangers.to_owned()));
}

#[test]
fn a_bad_file_is_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let refused = |header: &str, rows: &[&str]| {
        write(folder, "w.csv", header, rows);
        let (code, text) = said(&run(folder, "solve --stable w.csv"));
        assert_eq!(code, 2, "{text}");
        text
    };
    assert_eq!(
        refused("mentee,mentor,score", &["a,b,1"]),
        format!("error: w.csv, line 1: the header has to be `{WISHES}`\n")
    );
    assert_eq!(
        refused(WISHES, &["a,b,1,1", "a,c,x,1"]),
        "error: w.csv, line 3, column 3 (`mentee_rank`): not a whole number from 0 to 4294967295\n"
    );
    assert_eq!(
        refused(WISHES, &["a,b,1,-1"]),
        "error: w.csv, line 2, column 4 (`mentor_rank`): not a whole number from 0 to 4294967295\n"
    );
    assert_eq!(
        refused(WISHES, &["a,b,1,1", "a,b,2,1"]),
        "error: w.csv, line 3, column 2 (`mentor`): the same pair as in line 2\n"
    );
    write(folder, "w.csv", WISHES, &["a,b,1,1"]);
    write(folder, "p.csv", WISHES, &["a,b,1,2"]);
    let (code, text) = said(&run(folder, "check --stable w.csv --pairs p.csv"));
    let rank = "error: p.csv, line 2, column 4 (`mentor_rank`): not the rank of this pair\n";
    assert_eq!((code, text.as_str()), (2, rank));
    write(folder, "p.csv", "mentee,mentor", &["z,b"]);
    let (code, text) = said(&run(folder, "check --stable w.csv --pairs p.csv"));
    let nobody = "error: p.csv, line 2, column 1 (`mentee`): not a mentee there\n";
    assert_eq!((code, text.as_str()), (2, nobody));
    for wrong in [
        "solve --stable w.csv --objective total",
        "solve --stable w.csv --edges w.csv",
        "solve --edges w.csv --optimal mentor",
        "solve --stable w.csv --tries 0",
        "check --edges w.csv --pairs p.csv",
    ] {
        assert_eq!(said(&run(folder, wrong)).0, 2, "{wrong}");
    }
}
