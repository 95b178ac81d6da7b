//! Imports run downward only. This test reads every `use crate::` (and every inline `crate::` path) in
//! core and fails on an upward arrow, so that the layer picture in ARCHITECTURE.md stays true.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{fs, path::Path};

/// Layers from the bottom. A module may import from its own layer and from those below, except where
/// `FORBIDDEN` says otherwise.
const LAYERS: &[&[&str]] = &[
    &["base"],
    &["model"],
    &["change", "eligibility", "matching", "policy", "statistics", "templates"],
    &["view"],
    &["decide", "store"],
    &["service"],
    &["conformance"],
];

/// Arrows inside a layer that must not exist.
const FORBIDDEN: &[(&str, &str)] = &[("store", "decide"), ("decide", "store")];

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

fn rust_files(folder: &Path, found: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// Every module that is named behind `crate::`, also in grouped imports over several lines.
fn imported(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .map(|line| line.split("//").next().unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n");
    let mut modules = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // `$crate::` in a macro, and names that only end in `crate`.
        if code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut name = String::new();
            let mut fresh = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        modules.push(std::mem::take(&mut name));
                        fresh = true;
                    }
                    c if depth == 0 && fresh && (c.is_alphanumeric() || c == '_') => name.push(c),
                    c if depth == 0 && !c.is_whitespace() => fresh = false,
                    _ => {}
                }
            }
            modules.push(name);
        } else {
            modules.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    modules.retain(|module| !module.is_empty());
    modules
}

#[test]
fn no_import_points_upward() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut arrows = 0;
    let mut wrong = Vec::new();
    for file in files {
        let inside = file.strip_prefix(&source).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = first.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let own = layer(module).unwrap_or_else(|| panic!("`{module}` has no layer"));
        for import in imported(&fs::read_to_string(&file).unwrap()) {
            let Some(theirs) = layer(&import) else { continue };
            arrows += 1;
            let sideways = FORBIDDEN.contains(&(module, import.as_str()));
            if theirs > own || sideways {
                wrong.push(format!("{} imports {import}", inside.display()));
            }
        }
    }
    assert!(arrows > 200, "the reader found only {arrows} imports; is it broken?");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_reader_sees_groups_and_paths() {
    let source = "use crate::{\n    base::{id::X, text::Y},\n    model::pair::Pair,\n};\n\
                  fn f() { crate::store::go() } // crate::service::no";
    assert_eq!(imported(source), ["base", "model", "store"]);
}

#[test]
fn only_the_ambient_file_reads_the_clock_or_makes_ids() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    for file in files {
        if file.ends_with("service/ambient.rs") {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for banned in ["Utc::now", "SystemTime::now", "Instant::now", "new_v4", "now_v7"] {
            assert!(!text.contains(banned), "{} names {banned}", file.display());
        }
    }
}
