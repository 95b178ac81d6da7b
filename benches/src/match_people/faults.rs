//! What is wrong with a team's files, all of it at once, so that nobody mends a file one run at a time.

use std::fmt::{self, Display};

use crate::Failure;

/// How many faults are told one by one.
const TOLD: usize = 20;

/// Where a file is wrong, and what it should be.
#[derive(Debug)]
struct Fault {
    file: usize,
    line: u64,
    /// The place of the column from 0, and its name; `None` for the whole row.
    column: Option<(usize, String)>,
    what: String,
}

/// Faults of some files.
#[derive(Debug, Default)]
pub(super) struct Faults {
    files: Vec<String>,
    found: Vec<Fault>,
}

impl Faults {
    /// Begins with a file; its number names it later.
    pub(super) fn file(&mut self, name: impl Display) -> usize {
        self.files.push(name.to_string());
        self.files.len() - 1
    }

    /// A row that is wrong.
    pub(super) fn row(&mut self, file: usize, line: u64, what: impl Display) {
        self.found.push(Fault { file, line, column: None, what: what.to_string() });
    }

    /// A cell that is wrong: the place of its column from 0, and the name of it.
    pub(super) fn cell(&mut self, file: usize, line: u64, at: (usize, &str), what: impl Display) {
        // What a terminal would obey is shown and not sent.
        let name = at.1.escape_debug().to_string();
        self.found.push(Fault { file, line, column: Some((at.0, name)), what: what.to_string() });
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.found.len()
    }

    /// Fails if there is any, with the first of them by file, line and column.
    pub(super) fn refuse(mut self) -> Result<(), Failure> {
        if self.found.is_empty() {
            return Ok(());
        }
        self.found.sort_by(|a, b| {
            let place = |it: &Fault| (it.file, it.line, it.column.as_ref().map(|it| it.0));
            place(a).cmp(&place(b))
        });
        Err(self.into())
    }
}

impl std::error::Error for Faults {}

impl Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "nobody was paired; to be mended: {}", self.found.len())?;
        for fault in self.found.iter().take(TOLD) {
            let file = self.files.get(fault.file).map_or("", String::as_str);
            write!(f, "\n  {file}, line {}", fault.line)?;
            if let Some((at, name)) = &fault.column {
                write!(f, ", column {} (`{name}`)", at + 1)?;
            }
            write!(f, " {}", fault.what)?;
        }
        match self.found.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "\n  and {more} more"),
        }
    }
}
