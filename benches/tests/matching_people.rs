//! `match` from outside: what it writes holds together, the order of rows has no part in it, and whatever is
//! wrong with a file is named by file, line and column before anybody is paired.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Command, Output},
};

use tempfile::TempDir;

type Row = BTreeMap<String, String>;

const FILES: [&str; 3] = ["mentors.csv", "mentees.csv", "rules.toml"];

/// The files of the example, where a test may change them.
fn example() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/data/match");
    for file in FILES {
        fs::copy(from.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

fn pair(folder: &Path, more: &str) -> Output {
    let arguments = format!(
        "match --mentors mentors.csv --mentees mentees.csv --rules rules.toml --out paired {more}"
    );
    let program = env!("CARGO_BIN_EXE_mentorship-bench");
    Command::new(program).current_dir(folder).args(arguments.split_whitespace()).output().unwrap()
}

fn paired(folder: &Path, more: &str) {
    let output = pair(folder, more);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn refused(folder: &Path) -> String {
    let output = pair(folder, "");
    assert_eq!(output.status.code(), Some(2));
    assert!(!folder.join("paired").exists(), "somebody was paired");
    String::from_utf8(output.stderr).unwrap()
}

fn table(path: &Path) -> Vec<Row> {
    csv::Reader::from_path(path).unwrap().deserialize().map(Result::unwrap).collect()
}

fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

/// Changes the text of one line, counted from 1.
fn change(path: &Path, line: usize, with: impl Fn(&str) -> String) {
    let text = fs::read_to_string(path).unwrap();
    let change = |(at, row): (usize, &str)| if at + 1 == line { with(row) } else { row.to_owned() };
    let lines: Vec<String> = text.lines().enumerate().map(change).collect();
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

/// Changes one cell of a row that has no quotes.
fn cell(path: &Path, line: usize, column: usize, with: &str) {
    change(path, line, |row| {
        let mut cells: Vec<&str> = row.split(',').collect();
        cells[column - 1] = with;
        cells.join(",")
    });
}

fn some<'a>(cell: &'a str, by: &str) -> BTreeSet<&'a str> {
    cell.split(by).filter(|it| !it.is_empty()).collect()
}

#[test]
fn everybody_is_in_one_list_and_scores_are_the_sums_of_their_parts() {
    let folder = example();
    let folder = folder.path();
    for objective in ["people", "total", "fairest", "stable-for-mentees", "stable-for-mentors"] {
        paired(folder, &format!("--objective {objective} --threads 2 --minimum 300"));
        let people = |file: &str| -> BTreeMap<String, Row> {
            table(&folder.join(file)).into_iter().map(|row| (row["id"].clone(), row)).collect()
        };
        let (mentors, mentees) = (people("mentors.csv"), people("mentees.csv"));
        let mut loads: BTreeMap<String, usize> = BTreeMap::new();
        let mut seen: BTreeSet<(String, &str)> = BTreeSet::new();
        let pairs = table(&folder.join("paired/pairs.csv"));
        let mut total = 0;
        for pair in &pairs {
            let (mentor, mentee) = (&mentors[&pair["mentor"]], &mentees[&pair["mentee"]]);
            let languages = some(&mentor["languages"], "|");
            assert!(!languages.is_disjoint(&some(&mentee["languages"], "|")), "{pair:?}");
            assert_ne!(mentor["employer"], mentee["employer"], "{pair:?}");
            let score: u64 = pair["score"].parse().unwrap();
            let parts = pair.iter().filter(|(name, _)| name.starts_with("points."));
            let parts = parts.filter(|(_, points)| !points.is_empty());
            let sum: u64 = parts.map(|(_, points)| points.parse::<u64>().unwrap()).sum();
            assert_eq!(score, sum, "{pair:?}");
            assert!(score >= 300, "{pair:?}");
            total += score;
            *loads.entry(pair["mentor"].clone()).or_default() += 1;
            assert!(seen.insert((pair["mentee"].clone(), "mentee")), "twice: {pair:?}");
            seen.insert((pair["mentor"].clone(), "mentor"));
        }
        for (mentor, load) in &loads {
            assert!(*load <= mentors[mentor]["takes"].parse().unwrap(), "{mentor} has {load}");
        }
        for row in table(&folder.join("paired/unmatched.csv")) {
            let role = if row["role"] == "mentor" { "mentor" } else { "mentee" };
            assert!(seen.insert((row["person"].clone(), role)), "paired and not: {row:?}");
            let none = row["role"] == "mentor" && mentors[&row["person"]]["takes"] == "0";
            assert_eq!(none, row["why"] == "no_places", "{row:?}");
        }
        assert_eq!(seen.len(), mentors.len() + mentees.len());
        let run = json(&folder.join("paired/run.json"));
        assert_eq!(run["matched"], pairs.len());
        assert_eq!(run["total"], total);
        if !objective.starts_with("stable") {
            assert_eq!((&run["optimal"], &run["gap"]), (&true.into(), &0.into()));
        }
        assert_eq!(run["digest"].as_str().unwrap().len(), 64);
        assert_eq!(run["options"]["minimum"], 300);
        for simple in ["greedy", "random"] {
            let value = |run: &serde_json::Value| run.as_u64().unwrap();
            let simple = &run["baselines"][simple];
            let (count, points) = (value(&simple["matched"]), value(&simple["total"]));
            match objective {
                "total" => assert!(points <= total, "{simple}"),
                "people" => assert!((count, points) <= (value(&run["matched"]), total), "{simple}"),
                _ => assert!(count <= value(&run["matched"]), "{simple}"),
            }
        }
    }
}

#[test]
fn the_order_of_rows_has_no_part_in_it() {
    let folder = example();
    let folder = folder.path();
    paired(folder, "");
    let files = ["pairs.csv", "unmatched.csv", "run.json", "report.html"];
    let read = || files.map(|file| fs::read_to_string(folder.join("paired").join(file)).unwrap());
    let first = read();
    for file in ["mentors.csv", "mentees.csv"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        let mut rows: Vec<&str> = text.lines().collect();
        rows[1..].reverse();
        rows[1..].rotate_left(7);
        // Other ends of lines, empty lines and a byte order mark are nobody's answer either.
        fs::write(folder.join(file), format!("\u{feff}{}\r\n\r\n", rows.join("\r\n"))).unwrap();
    }
    paired(folder, "");
    assert_eq!(read(), first);
}

#[test]
fn the_report_stands_alone_and_shows_ids_as_text() {
    let folder = example();
    let folder = folder.path();
    // Every mentee is called so that it would be markup, and one of them is the example.
    for line in 2..=61 {
        cell(&folder.join("mentees.csv"), line, 1, &format!("<script>alert({line})</script>"));
    }
    paired(folder, "");
    let report = fs::read_to_string(folder.join("paired/report.html")).unwrap();
    assert!(report.contains("&lt;script&gt;alert("));
    for never in ["<script", "http:", "https:", "src=", "url(", "@import", "NaN", "inf\""] {
        assert!(!report.contains(never), "{never}");
    }
    assert!(report.contains("prefers-color-scheme:dark"));
    assert!(report.matches("<svg").count() >= 5);
    assert_eq!(report.matches("<svg").count(), report.matches("</svg>").count());
}

#[test]
fn files_without_people_are_a_run_without_pairs() {
    let folder = example();
    let folder = folder.path();
    let rules = fs::read_to_string(folder.join("rules.toml")).unwrap();
    let named = "kind = \"single\"\nchoices = [\"a\", \"b\"]";
    fs::write(folder.join("rules.toml"), rules.replace("kind = \"single\"", named)).unwrap();
    for file in ["mentors.csv", "mentees.csv"] {
        let text = fs::read_to_string(folder.join(file)).unwrap();
        fs::write(folder.join(file), text.lines().next().unwrap()).unwrap();
    }
    paired(folder, "");
    assert_eq!(json(&folder.join("paired/run.json"))["matched"], 0);
}

#[test]
fn a_bad_cell_is_named_with_its_limit() {
    let folder = example();
    let folder = folder.path();
    let (mentors, mentees) = (folder.join("mentors.csv"), folder.join("mentees.csv"));
    cell(&mentees, 3, 7, "99");
    cell(&mentees, 5, 3, "rust|rust");
    cell(&mentees, 5, 8, "");
    cell(&mentees, 6, 7, "five");
    cell(&mentors, 4, 3, "1001");
    cell(&mentors, 9, 4, "rust|cooking");
    assert_eq!(
        refused(folder),
        "error: nobody was paired; to be mended: 6\n\
         \x20 mentors.csv, line 4, column 3 (`takes`) is malformed; expected a whole number from 0 to 1000\n\
         \x20 mentors.csv, line 9, column 4 (`Topics`) names an unknown choice\n\
         \x20 mentees.csv, line 3, column 7 (`years`) is 99; it must be from 0 to 60\n\
         \x20 mentees.csv, line 5, column 3 (`Wishes`) names the same choice twice\n\
         \x20 mentees.csv, line 5, column 8 (`zone`) is required\n\
         \x20 mentees.csv, line 6, column 7 (`years`) is malformed; expected a whole number\n"
    );
}

#[test]
fn of_many_faults_twenty_are_told_and_the_others_counted() {
    let folder = example();
    let folder = folder.path();
    for line in 2..=31 {
        cell(&folder.join("mentees.csv"), line, 7, "-1");
    }
    let said = refused(folder);
    assert_eq!(said.lines().count(), 22);
    assert!(said.starts_with("error: nobody was paired; to be mended: 30\n"), "{said}");
    assert!(said.ends_with("\n  and 10 more\n"), "{said}");
}

#[test]
fn a_column_that_is_unknown_missing_or_there_twice_is_refused() {
    let folder = example();
    let folder = folder.path();
    let (mentors, mentees) = (folder.join("mentors.csv"), folder.join("mentees.csv"));
    cell(&mentees, 1, 7, "Years");
    cell(&mentors, 1, 2, "zone");
    assert_eq!(
        refused(folder),
        "error: nobody was paired; to be mended: 3\n\
         \x20 mentors.csv, line 1, column 9 (`zone`) names the same column twice\n\
         \x20 mentees.csv, line 1 has no column `years`\n\
         \x20 mentees.csv, line 1, column 7 (`Years`) names an unknown column; `ignore` may list it\n"
    );
}

#[test]
fn columns_without_commas_between_them_are_one_fault() {
    for (between, name) in [(";", "semicolons"), ("\t", "tabs")] {
        let folder = example();
        let path = folder.path().join("mentees.csv");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace(',', between)).unwrap();
        let expected = format!(
            "error: nobody was paired; to be mended: 1\n  mentees.csv, line 1 has {name} between its \
             columns; expected commas\n"
        );
        assert_eq!(refused(folder.path()), expected);
    }
}

#[test]
fn an_id_stands_in_a_file_once() {
    let folder = example();
    let folder = folder.path();
    let mentors = folder.join("mentors.csv");
    let text = fs::read_to_string(&mentors).unwrap();
    let id = text.lines().nth(4).unwrap().split(',').next().unwrap();
    cell(&mentors, 30, 1, id);
    cell(&mentors, 32, 1, "");
    assert_eq!(
        refused(folder),
        "error: nobody was paired; to be mended: 2\n\
         \x20 mentors.csv, line 30, column 1 (`id`) is the same as in line 5\n\
         \x20 mentors.csv, line 32, column 1 (`id`) is malformed; expected 1 to 64 bytes without control characters\n"
    );
}

#[test]
fn a_quote_that_is_not_closed_swallows_nobody() {
    let folder = example();
    let folder = folder.path();
    // The name is not read, so that nothing else would notice.
    let mentees = folder.join("mentees.csv");
    change(&mentees, 60, |_| "p-1,\"Ann,rust,a,b,en,1,Europe/Berlin,".to_owned());
    let said = refused(folder);
    assert!(said.contains("mentees.csv, line 60 has 2 cells; 9 are needed"), "{said}");
    let headed = "id,Wishes,employer,industry,languages,years,zone,times,Name\n";
    let row = "Europe/Berlin mon 09:00-12:00";
    let open = format!("{headed}p-1,rust,a,b,en,1,Europe/Berlin,{row},\"Ann\n");
    fs::write(&mentees, open + "p-2,rust,a,b,en,1,Europe/Berlin,,Ben\n").unwrap();
    assert_eq!(
        refused(folder),
        "error: nobody was paired; to be mended: 1\n\
         \x20 mentees.csv, line 2, column 9 (`Name`) holds the end of a line; is a quote not closed?\n"
    );
}

#[test]
fn rules_that_do_not_fit_are_refused() {
    let folder = example();
    let folder = folder.path();
    let rules = folder.join("rules.toml");
    let text = fs::read_to_string(&rules).unwrap();
    let said = |from: &str, to: &str| {
        assert!(text.contains(from), "{from}");
        fs::write(&rules, text.replace(from, to)).unwrap();
        refused(folder)
    };
    assert_eq!(
        said("mentor = \"times\"", "mentor = \"zone\""),
        "error: rules.toml: `rules.common_time.mentor` is malformed; expected an availability question\n"
    );
    assert_eq!(
        said("kind = \"zone\"\n", "kind = \"zone\"\nmax = 3\n"),
        "error: rules.toml: `questions.zone.max` means nothing for this kind\n"
    );
    assert_eq!(
        said("ignore = [\"Name\"]", "ignore = [\"Name\", \"years\"]"),
        "error: rules.toml: the column `years` of mentors is named twice\n"
    );
    assert_eq!(
        said("at = \"2027-03-01T09:00:00Z\"", "at = \"soon\""),
        "error: rules.toml: `at` is no instant such as `2027-03-01T09:00:00Z`\n"
    );
    let unknown = said("required = true\n\n[[questions]]", "requred = true\n\n[[questions]]");
    assert!(unknown.starts_with("error: rules.toml: TOML parse error at line "), "{unknown}");
    let few = said("key = \"employer\"", "key = \"employer\"\nasked_of = \"mentor\"");
    assert!(few.contains("mentees.csv, line 1, column 4 (`employer`)"), "{few}");
}
