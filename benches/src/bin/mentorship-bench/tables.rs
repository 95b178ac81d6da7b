//! Problems and pairs as comma-separated values. An error names file, line and column.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    fmt::Display,
    fs,
    path::Path,
};

use mentorship_benches::hex;
use mentorship_core::{
    base::input::Problem as Wrong,
    matching::{
        certificate::Pair,
        problem::{Edge, Problem, WEIGHT_MAX},
    },
};
use sha2::{Digest as _, Sha256};

use super::{
    Failure, Loaded,
    names::{Coming, Names, place},
    rows::Rows,
};

/// How many faults of a file are told one by one.
const TOLD: usize = 20;

/// A file with a header, whose rows are read with their places. What is wrong with them is gathered, so that
/// nobody mends a file one run at a time.
pub(crate) struct Table<'a> {
    path: &'a Path,
    header: &'a [&'a str],
    rows: Rows<'a>,
    cells: Vec<Cow<'a, str>>,
    faults: Vec<String>,
    /// Of those that are not kept.
    more: usize,
}

/// The valid part of a text, and where it ends if it is not all.
fn decoded(bytes: &[u8]) -> (&str, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text, true),
        Err(error) => {
            let (valid, _) = bytes.split_at(error.valid_up_to());
            (std::str::from_utf8(valid).unwrap_or(""), false)
        }
    }
}

impl<'a> Table<'a> {
    pub(crate) fn new(
        path: &'a Path,
        bytes: &'a [u8],
        header: &'a [&'a str],
    ) -> Result<Self, Failure> {
        Self::one_of(path, bytes, &[header])
    }

    /// A table that may have one of several headers.
    pub(crate) fn one_of(
        path: &'a Path,
        bytes: &'a [u8],
        headers: &[&'a [&'a str]],
    ) -> Result<Self, Failure> {
        let (text, whole) = decoded(bytes);
        let (mut rows, mut cells) = (Rows::new(text), Vec::new());
        let (line, read) = rows.next(&mut cells).unwrap_or((1, Ok(())));
        let shown = path.display();
        let is_it = |it: &&&[&str]| cells.iter().map(|it| it.trim()).eq(it.iter().copied());
        let Some(header) = headers.iter().find(is_it).filter(|_| read.is_ok()) else {
            if !whole && !text.contains(['\n', '\r']) {
                return Err(format!("{shown}, line 1: not text in UTF-8").into());
            }
            let expected: Vec<String> = headers.iter().map(|it| it.join(",")).collect();
            let expected = expected.join("` or `");
            let other = [(';', "semicolons"), ('\t', "tabs")];
            let found =
                |it: &(char, _)| cells.len() == 1 && cells.iter().any(|at| at.contains(it.0));
            let instead = other.iter().find(|it| found(it)).map_or_else(String::new, |it| {
                format!("; between the columns there are {} instead of commas", it.1)
            });
            let why = format!("the header has to be `{expected}`{instead}");
            return Err(format!("{shown}, line {line}: {why}").into());
        };
        let mut table = Self { path, header, rows, cells, faults: Vec::new(), more: 0 };
        if whole {
            return Ok(table);
        }
        // The last row of the valid part is the one that breaks off; of it only the place is wanted.
        let broken = text.rsplit(['\n', '\r']).next().unwrap_or("");
        let lines = text.replace("\r\n", "\n").matches(['\n', '\r']).count();
        let column = Rows::new(broken).next(&mut table.cells).map_or(0, |it| match it.1 {
            Ok(()) => table.cells.len().saturating_sub(1),
            Err((column, _)) => column,
        });
        let line = u64::try_from(lines)? + 1;
        table.wrong(line, column, "not text in UTF-8");
        Err(table.faults.concat().into())
    }

    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        self.header.len()
    }

    /// Notes what is wrong with a cell of a line.
    pub(crate) fn wrong(&mut self, line: u64, column: usize, why: impl Display) {
        if self.faults.len() == TOLD {
            self.more += 1;
            return;
        }
        let name = self.header.get(column).copied().unwrap_or("");
        let path = self.path.display();
        self.faults.push(format!("{path}, line {line}, column {} (`{name}`): {why}", column + 1));
    }

    /// The line of the next row that has all its cells.
    pub(crate) fn next(&mut self) -> Option<u64> {
        loop {
            let (line, read) = self.rows.next(&mut self.cells)?;
            let (cells, columns) = (self.cells.len(), self.header.len());
            if let Err((column, why)) = read {
                self.wrong(line, column, why);
            } else if cells != columns {
                let why = format!("{cells} fields instead of {columns}");
                self.wrong(line, cells.min(columns - 1), why);
            } else if let Some(empty) = (0..cells).find(|at| self.cell(*at).is_empty()) {
                self.wrong(line, empty, "empty");
            } else {
                return Some(line);
            }
        }
    }

    /// A cell of the row, without the spaces around it.
    pub(crate) fn cell(&self, column: usize) -> &str {
        let cell = self.cells.get(column).map_or("", |it| it);
        let plain = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        let bytes = cell.as_bytes();
        if plain(bytes.first()) && plain(bytes.last()) { cell } else { cell.trim() }
    }

    /// Fails if anything was wrong, with the first of it line by line.
    pub(crate) fn end(mut self) -> Result<(), Failure> {
        if self.faults.is_empty() {
            return Ok(());
        }
        if self.more > 0 {
            self.faults.push(format!("and {} more", self.more));
        }
        Err(self.faults.join("\n").into())
    }
}

pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// Places of mentors from `mentor,capacity`, by their numbers so far.
pub(crate) fn read_capacities(
    path: &Path,
    mentors: &mut Coming,
    digest: &mut Sha256,
) -> Result<Vec<(u32, u32)>, Failure> {
    let text = bytes(path)?;
    digest.update(&text);
    let mut table = Table::new(path, &text, &["mentor", "capacity"])?;
    let mut places = Vec::new();
    let mut seen = HashMap::new();
    while let Some(line) = table.next() {
        let Ok(capacity) = table.cell(1).parse() else {
            table.wrong(line, 1, format_args!("not a whole number from 0 to {}", u32::MAX));
            continue;
        };
        let mentor = mentors.number(table.cell(0));
        if let Some(first) = seen.insert(mentor, line) {
            table.wrong(line, 0, format_args!("the same mentor as in line {first}"));
        }
        places.push((mentor, capacity));
    }
    table.end()?;
    Ok(places)
}

/// Places by mentor; who is not named has 1. `numbers` says where each mentor stands.
pub(crate) fn capacities(places: &[(u32, u32)], numbers: &[u32]) -> Vec<u32> {
    let mut capacity = vec![1; numbers.len()];
    for (mentor, given) in places {
        if let Some(it) = capacity.get_mut(place(numbers, *mentor) as usize) {
            *it = *given;
        }
    }
    capacity
}

/// Names every pair of a table that stands in an earlier line. Only for a table in which there is one, since it
/// takes longer than reading.
pub(crate) fn twice(mut table: Table<'_>) -> Failure {
    let mut lines: HashMap<(String, String), u64> = HashMap::new();
    while let Some(line) = table.next() {
        match lines.entry((table.cell(0).to_owned(), table.cell(1).to_owned())) {
            Entry::Vacant(entry) => {
                entry.insert(line);
            }
            Entry::Occupied(entry) => {
                let first = *entry.get();
                table.wrong(line, 1, format_args!("the same pair as in line {first}"));
            }
        }
    }
    match table.end() {
        Ok(()) => "the same pair twice".into(),
        Err(failure) => failure,
    }
}

/// A problem from `mentee,mentor,score` and `mentor,capacity`.
pub(crate) fn read_problem(
    edges: &Path,
    capacities_from: Option<&Path>,
) -> Result<Loaded, Failure> {
    let text = bytes(edges)?;
    let mut digest = Sha256::new_with_prefix(&text);
    let header = ["mentee", "mentor", "score"];
    let mut table = Table::new(edges, &text, &header)?;
    let (mut mentees, mut mentors) = (Coming::default(), Coming::default());
    let mut list = Vec::new();
    while let Some(line) = table.next() {
        let score = table.cell(2).parse().ok().filter(|score| (0..=WEIGHT_MAX).contains(score));
        let Some(weight) = score else {
            table.wrong(line, 2, format_args!("not a whole number from 0 to {WEIGHT_MAX}"));
            continue;
        };
        let (mentee, mentor) = (mentees.number(table.cell(0)), mentors.number(table.cell(1)));
        list.push(Edge { mentee, mentor, weight });
    }
    table.end()?;
    let places = match capacities_from {
        Some(path) => read_capacities(path, &mut mentors, &mut digest)?,
        None => Vec::new(),
    };
    let ((mentees, mentee_places), (mentors, mentor_places)) = (mentees.sorted(), mentors.sorted());
    let capacity = capacities(&places, &mentor_places);
    for edge in &mut list {
        edge.mentee = place(&mentee_places, edge.mentee);
        edge.mentor = place(&mentor_places, edge.mentor);
    }
    let problem = match Problem::new(mentees.len(), capacity, &list) {
        Ok(problem) => problem,
        Err(error) if matches!(error.problem(), Wrong::Duplicate { .. }) => {
            return Err(twice(Table::new(edges, &text, &header)?));
        }
        Err(error) => return Err(format!("{}: {error}", edges.display()).into()),
    };
    let names = Names::Listed { mentees, mentors };
    Ok(Loaded { problem, names, digest: hex(&digest.finalize()) })
}

/// Writes pairs with their scores.
pub(crate) fn write_pairs(path: &Path, loaded: &Loaded, pairs: &[Pair]) -> Result<(), Failure> {
    let failed = |error: csv::Error| format!("{}: {error}", path.display());
    let mut out = csv::Writer::from_path(path).map_err(failed)?;
    out.write_record(["mentee", "mentor", "score"]).map_err(failed)?;
    for pair in pairs {
        let edge = loaded.problem.edge(pair.mentee, pair.mentor);
        let score = edge.and_then(|edge| loaded.problem.weights().get(edge)).copied().unwrap_or(0);
        let [mentee, mentor] = loaded.names.of(*pair);
        out.write_record([mentee, mentor, score.to_string()]).map_err(failed)?;
    }
    out.flush().map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Reads pairs; their scores have to be those of the problem.
pub(crate) fn read_pairs(path: &Path, loaded: &Loaded) -> Result<Vec<Pair>, Failure> {
    let text = bytes(path)?;
    let mut table = Table::new(path, &text, &["mentee", "mentor", "score"])?;
    let mut pairs = Vec::new();
    while let Some(line) = table.next() {
        let known = loaded.names.numbers([table.cell(0), table.cell(1)]);
        let [Some(mentee), Some(mentor)] = known else {
            let [mentee, _] = known;
            let (column, who) = if mentee.is_none() { (0, "mentee") } else { (1, "mentor") };
            table.wrong(line, column, format_args!("not a {who} of the problem"));
            continue;
        };
        let edge = loaded.problem.edge(mentee, mentor);
        let score = edge.and_then(|edge| loaded.problem.weights().get(edge));
        if score.is_some_and(|score| score.to_string() != table.cell(2)) {
            table.wrong(line, 2, "not the score of this pair");
        }
        pairs.push(Pair { mentee, mentor });
    }
    table.end()?;
    Ok(pairs)
}
