//! Row 66: the conformance suite runs every case that it has: a case that the macro does not list would never run.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/conformance")
}

/// The text of a module: its file, or all files of its folder one after the other.
fn source(module: &str) -> String {
    let file = folder().join(format!("{module}.rs"));
    if file.exists() {
        return fs::read_to_string(file).unwrap();
    }
    let mut text = String::new();
    for entry in fs::read_dir(folder().join(module)).unwrap() {
        let path = entry.unwrap().path();
        assert!(path.is_file(), "{} is a folder, which nobody would read", path.display());
        text.push_str(&fs::read_to_string(path).unwrap());
        text.push('\n');
    }
    text
}

fn listed(module: &str) -> BTreeSet<String> {
    let suite = source("mod");
    let list = suite.split(&format!("{module}: ")).nth(1).unwrap();
    list.split(';').next().unwrap().split_whitespace().map(ToOwned::to_owned).collect()
}

/// Functions that take a harness, by name or through the macro that makes seven per kind of record.
fn written(module: &str) -> BTreeSet<String> {
    let text = source(module);
    let mut names: BTreeSet<String> = text
        .split("pub async fn ")
        .skip(1)
        .filter(|rest| rest.contains("(h: Harness)"))
        .filter_map(|rest| rest.split_once("(h: Harness)"))
        .map(|(name, _)| name.to_owned())
        .filter(|name| {
            name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        })
        .collect();
    if let Some(made) = text.split("\nkinds! {").nth(1) {
        let made = made.split("\n}").next().unwrap();
        let made = made.split(|c: char| !(c.is_ascii_lowercase() || c == '_'));
        names.extend(made.filter(|word| word.matches('_').count() >= 2).map(ToOwned::to_owned));
    }
    names
}

#[test]
fn every_case_is_listed_and_there_are_enough_of_them() {
    let mut all = 0;
    let modules = [
        "contract",
        "belts",
        "listings",
        "messages",
        "service",
        "facts",
        "caps",
        "bulk",
        "rounds",
        "renames",
        "privacy",
        "official",
        "frozen",
        "races",
        "statistics",
        "signals",
    ];
    for module in modules {
        let (listed, written) = (listed(module), written(module));
        assert_eq!(listed, written, "{module}");
        all += listed.len();
    }
    assert!(all >= 120, "{all} cases");
    assert!(listed("races").len() >= 20);
}
