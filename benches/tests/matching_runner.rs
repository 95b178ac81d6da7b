//! The bench runner from outside: what it makes it can solve, what it solves it can check, and a bad file is
//! named by line and column.
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

fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

#[test]
fn what_is_generated_is_solved_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (family, people) in [
        ("bal", 300),
        ("unb", 300),
        ("equal", 200),
        ("two-levels", 200),
        ("uniform", 200),
        ("machol-wien", 60),
        ("star", 400),
        ("empty-rows", 200),
        ("spare", 200),
        ("blocked", 50),
        ("no-mentors", 50),
    ] {
        let made = run(
            folder,
            &format!("generate --family {family} --mentees {people} --candidates 8 --out a.bin"),
        );
        assert_eq!(code(&made), 0, "{family}");
        for (objective, weights) in
            [("people", "int"), ("total", "int"), ("people", "flt"), ("fairest", "int")]
        {
            let weights = format!("--weights {weights}");
            let solved = json(&run(
                folder,
                &format!(
                    "solve a.bin --objective {objective} {weights} --pairs p.csv --certificate c.json --json"
                ),
            ));
            assert_eq!(solved["optimal"], true, "{family}");
            assert_eq!(solved["gap"], 0);
            assert!(solved["solve_ms"].as_f64().unwrap() > 0.0);
            let stages = solved["stages"].as_array().unwrap();
            assert!(stages.iter().all(|it| it["stage"].is_string() && it["ms"].is_f64()));
            assert!(stages.iter().any(|it| it["stage"] == "check"), "{stages:?}");
            let check = format!("check a.bin {weights} --pairs p.csv --certificate c.json");
            let checked = run(folder, &check);
            assert_eq!(code(&checked), 0, "{family}");
            let said = String::from_utf8(checked.stdout).unwrap();
            let expected =
                format!("proven: {} pairs, {} points\n", solved["matched"], solved["total"]);
            assert_eq!(said, expected);
            let pairs = fs::read_to_string(folder.join("p.csv")).unwrap();
            if let Some((fewer, _)) = pairs.trim_end().rsplit_once('\n') {
                fs::write(folder.join("p.csv"), fewer).unwrap();
                assert_eq!(code(&run(folder, &check)), 1, "{family} with a pair dropped");
            }
        }
    }
}

#[test]
fn threads_have_no_part_in_the_result() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    // So many edges that they are used.
    let made = run(folder, "generate --family bal --mentees 20000 --candidates 16 --out a.bin");
    assert_eq!(code(&made), 0);
    let pairs = |threads: u32| {
        let solved = run(folder, &format!("solve a.bin --threads {threads} --pairs p.csv --json"));
        assert_eq!(json(&solved)["threads"], threads);
        fs::read_to_string(folder.join("p.csv")).unwrap()
    };
    assert_eq!(pairs(1), pairs(2));
    assert_eq!(pairs(1), pairs(64));
    for threads in [0, 65] {
        assert_eq!(code(&run(folder, &format!("solve a.bin --threads {threads}"))), 2);
    }
}

#[test]
fn what_is_too_large_is_refused_before_it_is_made() {
    let folder = tempfile::tempdir().unwrap();
    for what in ["bal --candidates 0", "uniform --candidates 0", "machol-wien"] {
        let made =
            run(folder.path(), &format!("generate --family {what} --mentees 100000 --out a.bin"));
        assert_eq!(code(&made), 2, "{what}");
        let said = String::from_utf8(made.stderr).unwrap();
        assert!(said.contains("candidates") && said.contains("268435456"), "{said}");
    }
}

#[test]
fn people_are_paired_and_the_proof_is_checked_pair_by_pair() {
    let folder = tempfile::tempdir().unwrap();
    for options in ["", "--few-mentors --reasons", "--few-levels", "--objective total --threads 2"]
    {
        let pair = format!("pair --mentees 200 --best 4 --check {options}");
        let paired = run(folder.path(), &pair);
        assert_eq!(code(&paired), 0, "{options}");
        let said = String::from_utf8(paired.stdout).unwrap();
        assert!(said.contains("the best of all allowed pairs, proven"), "{said}");
        assert!(said.contains("checked pair by pair"), "{said}");
    }
    assert_eq!(code(&run(folder.path(), "candidates --mentees 200 --threads 2")), 0);
}

#[test]
fn the_same_seed_makes_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let make = |seed, out| {
        let arguments =
            format!("generate --family unb --mentees 200 --candidates 8 --seed {seed} --out {out}");
        assert_eq!(code(&run(folder.path(), &arguments)), 0);
        fs::read(folder.path().join(out)).unwrap()
    };
    let first = make(1, "a.bin");
    assert_eq!(first, make(1, "b.bin"));
    assert_ne!(first, make(2, "c.bin"));
}

#[test]
fn people_come_and_go_and_the_proof_holds() {
    let folder = tempfile::tempdir().unwrap();
    let make = "generate --family unb --mentees 200 --candidates 8 --seed 1 --out a.bin";
    assert_eq!(code(&run(folder.path(), make)), 0);
    for objective in ["people", "total"] {
        let arguments = format!("changes a.bin --each 20 --objective {objective} --json");
        let output = run(folder.path(), &arguments);
        assert_eq!(code(&output), 0, "{}", String::from_utf8_lossy(&output.stderr));
        let kinds = json(&output);
        let times: Vec<u64> =
            kinds.as_array().unwrap().iter().map(|it| it["times"].as_u64().unwrap()).collect();
        assert_eq!(times, [20; 6]);
    }
}

#[test]
fn tables_are_solved_whatever_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let rows = ["ann,max,90", "ann,eva,10", "bob,max,60", "cem,max,55"];
    let solve = |rows: &[&str]| {
        let text = format!("mentee,mentor,score\n{}\n", rows.join("\n"));
        fs::write(folder.join("e.csv"), text).unwrap();
        fs::write(folder.join("c.csv"), "mentor,capacity\nmax,2\n").unwrap();
        let solved = json(&run(
            folder,
            "solve --edges e.csv --capacities c.csv --pairs p.csv --certificate c.json --json",
        ));
        let check = "check --edges e.csv --capacities c.csv --pairs p.csv --certificate c.json";
        assert_eq!(code(&run(folder, check)), 0);
        (solved, fs::read_to_string(folder.join("p.csv")).unwrap())
    };
    let (solved, pairs) = solve(&rows);
    assert_eq!((solved["matched"].as_u64(), solved["total"].as_i64()), (Some(3), Some(125)));
    assert_eq!(pairs, "mentee,mentor,score\nann,eva,10\nbob,max,60\ncem,max,55\n");
    let mut other = rows;
    other.reverse();
    assert_eq!(solve(&other).1, pairs);
}

#[test]
fn a_bad_file_is_named_by_line_and_column() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let refused = |edges: &str, capacities: &str| {
        fs::write(folder.join("e.csv"), edges).unwrap();
        fs::write(folder.join("c.csv"), capacities).unwrap();
        let output = run(folder, "solve --edges e.csv --capacities c.csv");
        assert_eq!(code(&output), 2);
        String::from_utf8(output.stderr).unwrap()
    };
    let edges = "mentee,mentor,score\na,b,1\n";
    let capacities = "mentor,capacity\nb,1\n";
    assert_eq!(
        refused("mentee,mentor\na,b\n", capacities),
        "error: e.csv, line 1: the header has to be `mentee,mentor,score`\n"
    );
    assert_eq!(
        refused("mentee,mentor,score\na,b,1\nc,b,1.5\n", capacities),
        "error: e.csv, line 3, column 3 (`score`): not a whole number from 0 to 1048576\n"
    );
    assert_eq!(
        refused("mentee,mentor,score\na,b\n", capacities),
        "error: e.csv, line 2, column 3 (`score`): 2 fields instead of 3\n"
    );
    assert_eq!(
        refused("mentee,mentor,score\na,,3\n", capacities),
        "error: e.csv, line 2, column 2 (`mentor`): empty\n"
    );
    assert_eq!(
        refused("mentee,mentor,score\na,b,1\na,b,2\n", capacities),
        "error: e.csv, line 3, column 2 (`mentor`): the same pair as in line 2\n"
    );
    assert_eq!(
        refused(edges, "mentor,capacity\nb,-1\n"),
        "error: c.csv, line 2, column 2 (`capacity`): not a whole number from 0 to 4294967295\n"
    );
    assert_eq!(
        refused(edges, "mentor,capacity\nb,1\nb,2\n"),
        "error: c.csv, line 3, column 1 (`mentor`): the same mentor as in line 2\n"
    );
}

#[test]
fn what_is_no_instance_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let whole = "generate --family bal --mentees 50 --candidates 4 --out a.bin";
    assert_eq!(code(&run(folder, whole)), 0);
    let bytes = fs::read(folder.join("a.bin")).unwrap();
    for length in [0, 31, 32, 100, bytes.len() - 600] {
        fs::write(folder.join("b.bin"), &bytes[..length]).unwrap();
        assert_eq!(code(&run(folder, "solve b.bin")), 2, "the first {length} bytes");
    }
    let mut other = bytes;
    other[0] ^= 1;
    fs::write(folder.join("b.bin"), other).unwrap();
    let output = run(folder, "solve b.bin");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "error: b.bin: not an instance\n");
}
