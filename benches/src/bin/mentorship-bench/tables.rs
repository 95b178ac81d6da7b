//! Problems and pairs as comma-separated values. An error names file, line and column.

use std::{collections::HashMap, fmt::Display, fs, path::Path};

use mentorship_core::matching::{
    certificate::Pair,
    problem::{Edge, Problem, WEIGHT_MAX},
};
use sha2::{Digest as _, Sha256};

use crate::{Failure, Loaded, instance::hex};

/// What people are called.
#[derive(Debug)]
pub(crate) enum Names {
    /// By their numbers.
    Numbers,
    /// As in a file; the lists are sorted, so that the order of rows has no part in who has which number.
    Listed {
        /// Of mentees.
        mentees: Vec<String>,
        /// Of mentors.
        mentors: Vec<String>,
    },
}

impl Names {
    fn name(list: &[String], number: u32) -> &str {
        list.get(number as usize).map_or("", String::as_str)
    }

    /// The names of a pair.
    fn of(&self, pair: Pair) -> [String; 2] {
        match self {
            Self::Numbers => [pair.mentee.to_string(), pair.mentor.to_string()],
            Self::Listed { mentees, mentors } => {
                [Self::name(mentees, pair.mentee).into(), Self::name(mentors, pair.mentor).into()]
            }
        }
    }
}

/// A file with a header, whose rows are read with their places.
struct Table<'a> {
    path: &'a Path,
    reader: csv::Reader<&'a [u8]>,
    header: &'a [&'a str],
}

impl<'a> Table<'a> {
    fn new(path: &'a Path, bytes: &'a [u8], header: &'a [&'a str]) -> Result<Self, Failure> {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let found = reader.headers().map_err(|error| format!("{}: {error}", path.display()))?;
        if found.iter().map(|it| it.trim_start_matches('\u{feff}')).ne(header.iter().copied()) {
            let expected = header.join(",");
            return Err(
                format!("{}, line 1: the header has to be `{expected}`", path.display()).into()
            );
        }
        Ok(Self { path, reader, header })
    }

    fn wrong(&self, line: u64, column: usize, why: impl Display) -> Failure {
        let name = self.header.get(column).copied().unwrap_or("");
        let path = self.path.display();
        format!("{path}, line {line}, column {} (`{name}`): {why}", column + 1).into()
    }

    /// The next row and its line.
    fn next(&mut self, row: &mut csv::StringRecord) -> Result<Option<u64>, Failure> {
        let more = self
            .reader
            .read_record(row)
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        if !more {
            return Ok(None);
        }
        let line = row.position().map_or(0, csv::Position::line);
        if row.len() != self.header.len() {
            let why = format!("{} fields instead of {}", row.len(), self.header.len());
            return Err(self.wrong(line, row.len().min(self.header.len() - 1), why));
        }
        if let Some(empty) = row.iter().position(|it| it.trim().is_empty()) {
            return Err(self.wrong(line, empty, "empty"));
        }
        Ok(Some(line))
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// The names of one column, sorted, and their numbers.
fn numbered(names: impl Iterator<Item = String>) -> (Vec<String>, HashMap<String, u32>) {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names.dedup();
    let numbers = names.iter().cloned().zip(0..).collect();
    (names, numbers)
}

/// A problem from `mentee,mentor,score` and `mentor,capacity`.
pub(crate) fn read_problem(edges: &Path, capacities: Option<&Path>) -> Result<Loaded, Failure> {
    let text = bytes(edges)?;
    let mut digest = Sha256::new_with_prefix(&text);
    let mut table = Table::new(edges, &text, &["mentee", "mentor", "score"])?;
    let mut row = csv::StringRecord::new();
    let mut rows: Vec<(String, String, i32, u64)> = Vec::new();
    while let Some(line) = table.next(&mut row)? {
        let field = |at| row.get(at).unwrap_or("").trim();
        let score = field(2).parse().ok().filter(|score| (0..=WEIGHT_MAX).contains(score));
        let why = format!("not a whole number from 0 to {WEIGHT_MAX}");
        let score = score.ok_or_else(|| table.wrong(line, 2, why))?;
        rows.push((field(0).into(), field(1).into(), score, line));
    }
    let mut places: Vec<(String, u32)> = Vec::new();
    if let Some(path) = capacities {
        let text = bytes(path)?;
        digest.update(&text);
        let mut table = Table::new(path, &text, &["mentor", "capacity"])?;
        let mut seen = HashMap::new();
        while let Some(line) = table.next(&mut row)? {
            let field = |at| row.get(at).unwrap_or("").trim();
            let capacity = field(1).parse().map_err(|_| table.wrong(line, 1, "not a capacity"))?;
            if let Some(first) = seen.insert(field(0).to_owned(), line) {
                return Err(table.wrong(line, 0, format!("the same mentor as in line {first}")));
            }
            places.push((field(0).into(), capacity));
        }
    }
    let (mentees, mentee_numbers) = numbered(rows.iter().map(|it| it.0.clone()));
    let everybody = rows.iter().map(|it| it.1.clone()).chain(places.iter().map(|it| it.0.clone()));
    let (mentors, mentor_numbers) = numbered(everybody);
    let number = |of: &HashMap<String, u32>, name: &str| of.get(name).copied().unwrap_or(u32::MAX);
    let mut capacity = vec![1; mentors.len()];
    for (mentor, given) in &places {
        if let Some(it) = capacity.get_mut(number(&mentor_numbers, mentor) as usize) {
            *it = *given;
        }
    }
    let mut seen = HashMap::new();
    let mut list = Vec::with_capacity(rows.len());
    for (mentee, mentor, weight, line) in &rows {
        let pair = (number(&mentee_numbers, mentee), number(&mentor_numbers, mentor));
        if let Some(first) = seen.insert(pair, line) {
            return Err(table.wrong(*line, 1, format!("the same pair as in line {first}")));
        }
        list.push(Edge { mentee: pair.0, mentor: pair.1, weight: *weight });
    }
    let problem = Problem::new(mentees.len(), capacity, &list)
        .map_err(|error| format!("{}: {error}", edges.display()))?;
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
    let number = |list: &[String], name: &str| {
        let at = list.binary_search_by(|it| it.as_str().cmp(name)).ok()?;
        u32::try_from(at).ok()
    };
    let mut pairs = Vec::new();
    let mut row = csv::StringRecord::new();
    while let Some(line) = table.next(&mut row)? {
        let field = |at| row.get(at).unwrap_or("").trim();
        let (mentee, mentor) = match &loaded.names {
            Names::Numbers => (field(0).parse().ok(), field(1).parse().ok()),
            Names::Listed { mentees, mentors } => {
                (number(mentees, field(0)), number(mentors, field(1)))
            }
        };
        let mentee = mentee.ok_or_else(|| table.wrong(line, 0, "not a mentee of the problem"))?;
        let mentor = mentor.ok_or_else(|| table.wrong(line, 1, "not a mentor of the problem"))?;
        let edge = loaded.problem.edge(mentee, mentor);
        let score = edge.and_then(|edge| loaded.problem.weights().get(edge));
        if score.is_some_and(|score| score.to_string() != field(2)) {
            return Err(table.wrong(line, 2, "not the score of this pair"));
        }
        pairs.push(Pair { mentee, mentor });
    }
    Ok(pairs)
}
