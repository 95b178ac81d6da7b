//! `compare` from outside, with peers that are made up: none of the real ones has to be here.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output},
};

use serde_json::{Value, json};

fn run(folder: &Path, arguments: &str) -> Output {
    let program = env!("CARGO_BIN_EXE_mentorship-bench");
    Command::new(program).current_dir(folder).args(arguments.split_whitespace()).output().unwrap()
}

fn instances(folder: &Path) {
    for (people, name) in [(60, "a.bin"), (240, "b.bin")] {
        let make = format!("generate --family bal --mentees {people} --candidates 6 --out {name}");
        assert!(run(folder, &make).status.success());
    }
}

/// The engine's own answer to an instance.
fn answer(folder: &Path, file: &str) -> Value {
    let solved = run(folder, &format!("solve {file} --objective total --json"));
    let solved: Value = serde_json::from_slice(&solved.stdout).unwrap();
    json!({ "solve_ms": 50.0, "build_ms": 3.0, "matched": solved["matched"],
            "total": solved["total"], "peak_mb": 12 })
}

/// A program in the place of Python. It is asked `peers.py list`, or `peers.py run SOLVER FILE …`.
fn fake(folder: &Path) {
    let [a, b] = ["a.bin", "b.bin"].map(|it| answer(folder, it));
    let mut wrong = a.clone();
    wrong["total"] = json!(1);
    let names = ["ortools", "lapjv", "scipy-dense", "networkx"];
    let mut peers: Vec<Value> =
        names.iter().map(|it| json!({ "name": it, "version": "9.9", "why": null })).collect();
    peers.push(json!({ "name": "lapx-lapmod", "version": null, "why": "No module named lap" }));
    let list = json!({ "python": "3.99", "peers": peers });
    let text = format!(
        "#!/bin/sh\n\
         if [ \"$2\" = list ]; then echo '{list}'; exit; fi\n\
         case \"$3-$4\" in\n\
         ortools-a.bin) echo '{a}';;\n\
         ortools-b.bin) echo '{b}';;\n\
         lapjv-*) echo '{wrong}';;\n\
         scipy-dense-*) echo '{{\"refused\": \"a matrix | too large\"}}';;\n\
         *) exec sleep 60;;\n\
         esac\n"
    );
    let path = folder.join("python");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn everybody_is_in_the_table_with_what_came_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    instances(folder);
    fake(folder);
    let peers = "ortools,lapjv,scipy-dense,networkx,lapx-lapmod";
    let output = run(
        folder,
        &format!(
            "compare a.bin b.bin --python ./python --peers {peers} --rounds 2 --timeout 2 --out c"
        ),
    );
    // A peer found something else.
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    let table = fs::read_to_string(folder.join("c/compare.md")).unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), table);
    for text in [
        "mentorship 0.1.0",
        "Python 3.99",
        "**1, differs**",
        "not run: a matrix \\| too large",
        "over 2 s",
        "| lapx-lapmod | pip install numpy lapx | No module named lap |",
        "## Growth",
    ] {
        assert!(table.contains(text), "{text} is not in\n{table}");
    }
    let found: Value =
        serde_json::from_slice(&fs::read(folder.join("c/compare.json")).unwrap()).unwrap();
    let results = found["instances"][0]["results"].as_array().unwrap();
    let solvers: Vec<&str> = results.iter().map(|it| it["solver"].as_str().unwrap()).collect();
    assert_eq!(solvers, ["mentorship", "ortools", "lapjv", "scipy-dense", "networkx"]);
    for it in &results[..2] {
        let rounds = it["rounds"].as_array().unwrap();
        assert_eq!(rounds.len(), 2);
        assert_eq!(rounds[0]["total"], results[0]["rounds"][0]["total"]);
    }
    assert_eq!(results[4]["not_run"], json!({ "over_seconds": 2 }));
    assert_eq!(found["growth"].as_array().unwrap().len(), 3);
    let picture = fs::read_to_string(folder.join("c/compare.svg")).unwrap();
    assert!(picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
    for text in ["milliseconds", "over 2 s", "ortools: edges^", "a.bin: 60 mentees"] {
        assert!(picture.contains(text), "{text}");
    }
    assert!(!picture.contains("NaN"));
}

#[test]
fn without_peers_the_engine_is_measured_and_they_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    instances(folder);
    let output = run(
        folder,
        "compare a.bin --python ./nowhere --peers ortools,networkx --rounds 1 --objective people",
    );
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = fs::read_to_string(folder.join("compare.md")).unwrap();
    assert!(table.contains("| networkx | pip install numpy networkx | ./nowhere: "), "{table}");
    assert!(table.contains("| mentorship | "), "{table}");
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    instances(folder);
    let refused = |arguments: &str| {
        let output = run(folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments}");
        String::from_utf8(output.stderr).unwrap()
    };
    let text = refused("compare a.bin --peers gurobi");
    assert!(text.starts_with("error: `--peers`: `gurobi` is not one of ortools, "), "{text}");
    fs::write(folder.join("c.bin"), "mentee,mentor,score\na,b,1\n").unwrap();
    assert_eq!(refused("compare a.bin c.bin"), "error: c.bin: not an instance\n");
    assert!(refused("compare d.bin").starts_with("error: d.bin: "));
    refused("compare");
    refused("compare a.bin --rounds 0");
}

/// Who a script of this name knows, if there is a Python to ask.
fn known(script: &str) -> Option<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/bin/mentorship-bench/compare");
    let mut python = Command::new("python3");
    // Nothing is written beside the sources.
    let output = python.arg("-B").arg(folder.join(script)).arg("list").output().ok()?;
    let listed: Value = serde_json::from_slice(&output.stdout).unwrap();
    let peers = listed["peers"].as_array().unwrap();
    Some(peers.iter().map(|it| it["name"].as_str().unwrap().to_owned()).collect())
}

/// A program in the place of Python for stable pairings: one peer pairs as the engine does, one badly, one
/// writes nothing.
fn fake_stable(folder: &Path) {
    let ranks = "--stable r.csv --capacities c.csv";
    let solved = run(folder, &format!("solve {ranks} --pairs p.csv --json"));
    let solved: Value = serde_json::from_slice(&solved.stdout).unwrap();
    let said = json!({ "solve_ms": 40.0, "build_ms": 10.0, "matched": solved["matched"] });
    let peers = ["matching", "algmatch"].map(|it| json!({ "name": it, "version": "9.9" }));
    let list = json!({ "python": "3.99", "peers": peers });
    let folder = folder.display();
    let text = format!(
        "#!/bin/sh\n\
         if [ \"$2\" = list ]; then echo '{list}'; exit; fi\n\
         case $3 in\n\
         matching) cp {folder}/p.csv $5;;\n\
         algmatch) head -n 5 {folder}/p.csv > $5;;\n\
         esac\n\
         echo '{said}'\n"
    );
    let path = Path::new(&folder.to_string()).join("python");
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn stable_pairings_are_compared_from_the_file_on_and_checked() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let make =
        "generate --family unb --mentees 60 --candidates 6 --preferences r.csv --capacities c.csv";
    assert!(run(folder, make).status.success());
    fake_stable(folder);
    let compare = "compare --stable r.csv --capacities c.csv --python ./python --rounds 2 --out c";
    let output = run(folder, compare);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = fs::read_to_string(folder.join("c/compare.md")).unwrap();
    for text in ["| matching | 50.0 | 50.0 to 50.0 |", "not run: not stable: mentee `"] {
        assert!(table.contains(text), "{text} is not in\n{table}");
    }
    let found: Value =
        serde_json::from_slice(&fs::read(folder.join("c/compare.json")).unwrap()).unwrap();
    assert_eq!((&found["objective"], &found["weights"]), (&json!("stable"), &Value::Null));
    let picture = fs::read_to_string(folder.join("c/compare.svg")).unwrap();
    assert!(picture.contains("Time from the files to the pairs"));
    // What is solved is checked as well, so that an engine that is wrong ends badly.
    let both = "compare --stable r.csv --capacities c.csv,c.csv";
    let refused = run(folder, both);
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(said, "error: `--capacities`: 2 files instead of 1\n");
    for wrong in ["compare --stable r.csv --peers ortools", "compare a.bin --stable r.csv"] {
        assert_eq!(run(folder, wrong).status.code(), Some(2), "{wrong}");
    }
}

/// The scripts know every peer that the program names.
#[test]
fn the_scripts_know_the_peers() {
    let (Some(best), Some(stable)) = (known("peers.py"), known("stable_peers.py")) else {
        eprintln!("NOT RUN: there is no python3");
        return;
    };
    assert_eq!(stable, ["matching", "algmatch"]);
    let expected = [
        "ortools",
        "lapx-lapmod",
        "lapx-lapjv",
        "lapx-lapjvs",
        "lapjv",
        "scipy-dense",
        "scipy-sparse",
        "networkx",
    ];
    assert_eq!(best, expected);
}
