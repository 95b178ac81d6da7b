//! Files as teams have them: from spreadsheets, from other systems, and with more than one thing wrong.
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

fn run(folder: &Path, arguments: &[&str]) -> Output {
    let program = env!("CARGO_BIN_EXE_mentorship-bench");
    Command::new(program).current_dir(folder).args(arguments).output().unwrap()
}

/// What `solve --edges` refuses, and how.
fn refused(folder: &Path, edges: &[u8]) -> String {
    fs::write(folder.join("e.csv"), edges).unwrap();
    let output = run(folder, &["solve", "--edges", "e.csv"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty(), "somebody was paired");
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_file_of_a_spreadsheet_is_read_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain = "mentee,mentor,score\nann,\"max, jr\",90\nbob,max,60\n";
    let pairs = |edges: &str| {
        fs::write(folder.join("e.csv"), edges).unwrap();
        let output = run(folder, &["solve", "--edges", "e.csv", "--pairs", "p.csv"]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        fs::read_to_string(folder.join("p.csv")).unwrap()
    };
    assert_eq!(pairs(plain), plain);
    assert_eq!(pairs(&format!("\u{feff}{}", plain.replace('\n', "\r\n"))), plain);
    assert_eq!(pairs(&plain.replace('\n', "\r")), plain);
    assert_eq!(pairs(plain.trim_end()), plain);
    let spaced = "mentee , mentor,score \nann ,\"max, jr\", 90\n bob,max ,60\n";
    assert_eq!(pairs(spaced), plain);
    assert_eq!(pairs(&plain.replace('\n', "\n\n")), plain);
    assert_eq!(pairs("mentee,mentor,score\n"), "mentee,mentor,score\n");
}

#[test]
fn everything_that_is_wrong_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let edges =
        "mentee,mentor,score\r\n\r\na,b,x\r\na,,1\r\nc,\"b,1\r\na,b\r\na,b,1\r\na,b,1,2\r\n";
    let expected = "error: e.csv, line 3, column 3 (`score`): not a whole number from 0 to 1048576\n\
                    e.csv, line 4, column 2 (`mentor`): empty\n\
                    e.csv, line 5, column 2 (`mentor`): a quote that is not closed on this line\n\
                    e.csv, line 6, column 3 (`score`): 2 fields instead of 3\n\
                    e.csv, line 8, column 3 (`score`): 4 fields instead of 3\n";
    assert_eq!(refused(folder, edges.as_bytes()), expected);
    let twice = "mentee,mentor,score\na,b,1\nc,b,1\na,b,2\nc,b,3\na,b,1\n";
    let expected = "error: e.csv, line 4, column 2 (`mentor`): the same pair as in line 2\n\
                    e.csv, line 5, column 2 (`mentor`): the same pair as in line 3\n\
                    e.csv, line 6, column 2 (`mentor`): the same pair as in line 2\n";
    assert_eq!(refused(folder, twice.as_bytes()), expected);
    let many = format!("mentee,mentor,score\n{}", "a,b,-1\n".repeat(50));
    let told = refused(folder, many.as_bytes());
    assert_eq!(told.lines().count(), 21);
    assert!(told.ends_with("\nand 30 more\n"), "{told}");
}

#[test]
fn a_file_of_another_kind_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let header = "the header has to be `mentee,mentor,score`";
    assert_eq!(refused(folder, b""), format!("error: e.csv, line 1: {header}\n"));
    assert_eq!(
        refused(folder, b"mentee;mentor;score\na;b;1\n"),
        format!(
            "error: e.csv, line 1: {header}; between the columns there are semicolons instead of commas\n"
        )
    );
    assert_eq!(
        refused(folder, b"mentee\tmentor\tscore\na\tb\t1\n"),
        format!(
            "error: e.csv, line 1: {header}; between the columns there are tabs instead of commas\n"
        )
    );
    assert_eq!(
        refused(folder, b"mentee,mentor,score\r\na,b,1\r\nd,J\xfcrgen,1\r\n"),
        "error: e.csv, line 3, column 2 (`mentor`): not text in UTF-8\n"
    );
    assert_eq!(
        refused(folder, b"mentee,mentor,score\n\"a,b\",\xff,1\n"),
        "error: e.csv, line 2, column 2 (`mentor`): not text in UTF-8\n"
    );
    // As a spreadsheet writes "Unicode text".
    assert_eq!(
        refused(folder, b"\xff\xfem\0e\0n\0t\0e\0e\0"),
        "error: e.csv, line 1: not text in UTF-8\n"
    );
}

#[test]
fn a_mentor_without_places_is_paired_with_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join("e.csv"), "mentee,mentor,score\na,b,9\na,c,1\n").unwrap();
    fs::write(folder.join("c.csv"), "mentor,capacity\nb,0\n").unwrap();
    let ask = ["solve", "--edges", "e.csv", "--capacities", "c.csv", "--pairs", "p.csv"];
    assert!(run(folder, &ask).status.success());
    let pairs = fs::read_to_string(folder.join("p.csv")).unwrap();
    assert_eq!(pairs, "mentee,mentor,score\na,c,1\n");
}

/// Counts with a program that says what it is told to say.
#[cfg(unix)]
#[test]
fn counts_are_compared_with_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let counter = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fake/counter.sh");
    let file = "tolerance = 2.0\n[[count]]\nname = \"small\"\ninstructions = 1000\nfunction = \"f\"\n\
                run = \"solve a.bin\"\ngenerate = \"--family bal --mentees 5 --out a.bin\"\n";
    fs::write(folder.join("counts.toml"), file).unwrap();
    let counts = |counted: &str, counter: &str, more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_mentorship-bench"));
        command.current_dir(folder).env("COUNTED", counted);
        command.args(["counts", "--file", "counts.toml", "--valgrind", counter]).args(more);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        (output.status.code().unwrap(), String::from_utf8(said).unwrap())
    };
    let within = "small: 1020, was 1000 (+2.00 %): within the tolerance\n";
    assert_eq!(counts("1020", counter, &[]), (0, within.to_owned()));
    let more = "small: 1030, was 1000 (+3.00 %): MORE\n";
    assert_eq!(counts("1030", counter, &[]), (1, more.to_owned()));
    let fewer = "small: 900, was 1000 (-10.00 %): FEWER\n";
    assert_eq!(counts("900", counter, &[]), (1, fewer.to_owned()));
    assert_eq!(counts("900", counter, &["--update"]).0, 0);
    assert_eq!(counts("900", counter, &[]).0, 0);
    let now = fs::read_to_string(folder.join("counts.toml")).unwrap();
    assert_eq!(now, file.replace("1000", "900"));
    let (code, said) = counts("0", counter, &[]);
    assert!(code == 2 && said.contains("nothing was counted in `f`"), "{said}");
    assert_eq!(counts("900", counter, &["--only", "large"]).0, 2);
    let (code, said) = counts("900", "./none", &[]);
    assert!(code == 2 && said.contains("is it installed (`apt install valgrind`)?"), "{said}");
}
