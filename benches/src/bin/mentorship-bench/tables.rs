//! Problems and pairs as comma-separated values. An error names file, line and column.

use std::{collections::HashMap, fmt::Display, fs, path::Path};

use mentorship_benches::hex;
use mentorship_core::matching::{
    certificate::Pair,
    problem::{Edge, Problem, WEIGHT_MAX},
};
use sha2::{Digest as _, Sha256};

use crate::{Failure, Loaded};

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
    pub(crate) fn of(&self, pair: Pair) -> [String; 2] {
        match self {
            Self::Numbers => [pair.mentee.to_string(), pair.mentor.to_string()],
            Self::Listed { mentees, mentors } => {
                [Self::name(mentees, pair.mentee).into(), Self::name(mentors, pair.mentor).into()]
            }
        }
    }

    /// The numbers of a mentee and a mentor; numbers need not be anybody's.
    pub(crate) fn numbers(&self, [mentee, mentor]: [&str; 2]) -> [Option<u32>; 2] {
        let number = |list: &[String], name: &str| {
            let at = list.binary_search_by(|it| it.as_str().cmp(name)).ok()?;
            u32::try_from(at).ok()
        };
        match self {
            Self::Numbers => [mentee.parse().ok(), mentor.parse().ok()],
            Self::Listed { mentees, mentors } => [number(mentees, mentee), number(mentors, mentor)],
        }
    }
}

/// A file with a header, whose rows are read with their places.
pub(crate) struct Table<'a> {
    path: &'a Path,
    reader: csv::Reader<&'a [u8]>,
    header: &'a [&'a str],
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
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(bytes);
        let found = reader.headers().map_err(|error| format!("{}: {error}", path.display()))?;
        let found = || found.iter().map(|it| it.trim_start_matches('\u{feff}'));
        let Some(header) = headers.iter().find(|it| found().eq(it.iter().copied())) else {
            let expected: Vec<String> = headers.iter().map(|it| it.join(",")).collect();
            let expected = expected.join("` or `");
            return Err(
                format!("{}, line 1: the header has to be `{expected}`", path.display()).into()
            );
        };
        Ok(Self { path, reader, header })
    }

    /// How many columns there are.
    pub(crate) fn columns(&self) -> usize {
        self.header.len()
    }

    pub(crate) fn wrong(&self, line: u64, column: usize, why: impl Display) -> Failure {
        let name = self.header.get(column).copied().unwrap_or("");
        let path = self.path.display();
        format!("{path}, line {line}, column {} (`{name}`): {why}", column + 1).into()
    }

    /// The next row and its line.
    pub(crate) fn next(&mut self, row: &mut csv::StringRecord) -> Result<Option<u64>, Failure> {
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

pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// People as they come up in files, numbered in that order until all are known.
#[derive(Debug, Default)]
pub(crate) struct Coming {
    numbers: HashMap<String, u32>,
    /// Who came up last: rows of one person often follow each other.
    last: (String, u32),
}

impl Coming {
    /// The number of a name, which may be new.
    pub(crate) fn number(&mut self, name: &str) -> u32 {
        if self.last.0 == name && !self.numbers.is_empty() {
            return self.last.1;
        }
        let number = if let Some(number) = self.numbers.get(name) {
            *number
        } else {
            let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
            self.numbers.insert(name.to_owned(), next);
            next
        };
        self.last.0.clear();
        self.last.0.push_str(name);
        self.last.1 = number;
        number
    }

    /// All names, sorted, and the place there of each number so far.
    pub(crate) fn sorted(self) -> (Vec<String>, Vec<u32>) {
        let mut all: Vec<(String, u32)> = self.numbers.into_iter().collect();
        all.sort_unstable();
        let mut places = vec![0; all.len()];
        for (place, (_, number)) in (0..).zip(&all) {
            if let Some(it) = places.get_mut(*number as usize) {
                *it = place;
            }
        }
        (all.into_iter().map(|it| it.0).collect(), places)
    }
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
    let mut row = csv::StringRecord::new();
    let mut places = Vec::new();
    let mut seen = HashMap::new();
    while let Some(line) = table.next(&mut row)? {
        let field = |at| row.get(at).unwrap_or("").trim();
        let capacity = field(1).parse().map_err(|_| table.wrong(line, 1, "not a capacity"))?;
        let mentor = mentors.number(field(0));
        if let Some(first) = seen.insert(mentor, line) {
            return Err(table.wrong(line, 0, format!("the same mentor as in line {first}")));
        }
        places.push((mentor, capacity));
    }
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

/// Where somebody stands among the sorted.
pub(crate) fn place(numbers: &[u32], number: u32) -> u32 {
    numbers.get(number as usize).copied().unwrap_or(u32::MAX)
}

/// A problem from `mentee,mentor,score` and `mentor,capacity`.
pub(crate) fn read_problem(
    edges: &Path,
    capacities_from: Option<&Path>,
) -> Result<Loaded, Failure> {
    let text = bytes(edges)?;
    let mut digest = Sha256::new_with_prefix(&text);
    let mut table = Table::new(edges, &text, &["mentee", "mentor", "score"])?;
    let mut row = csv::StringRecord::new();
    let (mut mentees, mut mentors) = (Coming::default(), Coming::default());
    let mut list = Vec::new();
    let mut seen = HashMap::new();
    while let Some(line) = table.next(&mut row)? {
        let field = |at| row.get(at).unwrap_or("").trim();
        let score = field(2).parse().ok().filter(|score| (0..=WEIGHT_MAX).contains(score));
        let why = format_args!("not a whole number from 0 to {WEIGHT_MAX}");
        let weight = score.ok_or_else(|| table.wrong(line, 2, why))?;
        let (mentee, mentor) = (mentees.number(field(0)), mentors.number(field(1)));
        if let Some(first) = seen.insert((mentee, mentor), line) {
            return Err(table.wrong(line, 1, format!("the same pair as in line {first}")));
        }
        list.push(Edge { mentee, mentor, weight });
    }
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
    let mut pairs = Vec::new();
    let mut row = csv::StringRecord::new();
    while let Some(line) = table.next(&mut row)? {
        let field = |at| row.get(at).unwrap_or("").trim();
        let [mentee, mentor] = loaded.names.numbers([field(0), field(1)]);
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
