//! Sign-ups from a file of comma-separated values, one row at a time.
//!
//! The first row names the columns. `person` and `role` have to be there; `capacity`, `consent_version`,
//! `oversight` and `special_category` may be; every other column is named by the key of a question (or
//! `answers.` and the key, where a question is called like one of these). Spaces around a cell do not count;
//! a cell that is empty is an answer that was not given.
//!
//! | Column | What a cell holds |
//! |---|---|
//! | `person` | the host's key of the person, 1 to 64 bytes |
//! | `role` | `mentor` or `mentee` |
//! | `capacity` | places offered, 0 to 255 |
//! | `consent_version`, `oversight`, `special_category` | what this person agreed to (`true` or `false` for the last); where empty, that of [`ImportOptions`] |
//! | single choice | the key of the choice |
//! | choices, ranking, languages | keys between `\|`, the best first in a ranking: `rust\|writing` |
//! | whole number, text | as it is |
//! | time zone | its name: `Europe/Berlin` |
//! | weekly times | zone, then slots between `\|`: `Europe/Berlin mon 09:00-12:00 \| sat 18:00-24:00` |
//!
//! A row that is wrong says so by its line, its column and the limit, and does not stop the rows after it.

use std::{
    collections::BTreeSet,
    fmt,
    io::{self, Read},
    sync::Arc,
};

use chrono_tz::Tz;

use super::SignUp;
use crate::{
    base::{
        host::{HOST_KEY_MAX_BYTES, HostKeyError, PersonId},
        input::{InputError, Problem, at_most},
        text::{AnswerText, Slug},
        zone::WeeklySlot,
    },
    decide::enrollment::Apply,
    model::{
        answer::{Answer, Answers, Availability},
        enrollment::Role,
        form::{Form, QuestionKind, limits::QUESTIONS_MAX},
        program::{Oversight, Program},
    },
};

/// Most bytes of a row without its separators and quotes: 128 KiB.
pub const ROW_MAX_BYTES: usize = 131_072;
/// Most columns: those that have a name of their own, and one for each question.
pub const COLUMNS_MAX: usize = NAMED.len() + QUESTIONS_MAX;

/// What is read at once, in bytes.
const BUFFER: usize = 8_192;
/// Most bytes that are read for one row: every byte of it may be a quote that is doubled.
const READ_MAX: usize = 2 * (ROW_MAX_BYTES + BUFFER);

/// How a file is read, and what people agreed to where it does not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportOptions {
    /// What stands between two cells; default `,`. Not a quote, a bar or the end of a line.
    pub delimiter: u8,
    /// The consent text that was agreed to.
    pub consent_version: u32,
    /// The oversight mode that was shown.
    pub oversight: Oversight,
    /// Whether special-category answers may be used by the matching rules; default false.
    pub special_category: bool,
}

impl ImportOptions {
    /// Those of people who agreed to what the program says now.
    #[must_use]
    pub fn of(program: &Program) -> Self {
        Self {
            delimiter: b',',
            consent_version: program.policy.consent_version,
            oversight: program.policy.oversight,
            special_category: false,
        }
    }
}

/// Why a row, or a file, cannot be read. It never repeats what a cell holds.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// What is wrong, and on which line (from 1, the names of the columns being the first).
    #[error("line {line}: {error}")]
    Input {
        /// The line on which the row begins.
        line: u64,
        /// The column and the limit.
        error: InputError,
    },
    /// The file cannot be read any further.
    #[error("the file cannot be read")]
    Read(#[source] io::Error),
}

impl ImportError {
    /// The line on which the row begins; `None` where the file itself could not be read.
    #[must_use]
    pub fn line(&self) -> Option<u64> {
        match self {
            Self::Input { line, .. } => Some(*line),
            Self::Read(_) => None,
        }
    }
}

/// One row of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportRow {
    /// The line on which it begins, from 1.
    pub line: u64,
    /// The sign-up. Its answers fit the questions.
    pub sign_up: SignUp,
}

/// A row that goes on and on, as it does behind a quote that is never closed.
#[derive(Debug, thiserror::Error)]
#[error("a row has too many bytes")]
struct Endless;

/// A row of its own behind the last one, which a quote that is never closed takes in: no text may hold the
/// character.
const END: &[u8] = b"\n\x01\n";

/// Gives no more than so many bytes for one row, and [`END`] behind the last one.
#[derive(Debug)]
struct Bounded<R> {
    file: R,
    left: usize,
    /// What is still to be given of the end.
    end: &'static [u8],
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !into.is_empty() {
            return Err(io::Error::other(Endless));
        }
        let most = self.left.min(into.len());
        let into = into.get_mut(..most).unwrap_or_default();
        let mut count = self.file.read(into)?;
        if count == 0 {
            count = self.end.read(into)?;
        }
        self.left -= count.min(self.left);
        Ok(count)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Column {
    Person,
    Role,
    Capacity,
    ConsentVersion,
    Oversight,
    SpecialCategory,
    Question(Slug),
}

/// The columns that have a name of their own.
const NAMED: &[(&str, Column)] = &[
    ("person", Column::Person),
    ("role", Column::Role),
    ("capacity", Column::Capacity),
    ("consent_version", Column::ConsentVersion),
    ("oversight", Column::Oversight),
    ("special_category", Column::SpecialCategory),
];

impl Column {
    fn named(name: &str, form: &Form) -> Option<Self> {
        if let Some((_, column)) = NAMED.iter().find(|(known, _)| *known == name) {
            return Some(column.clone());
        }
        let key = name.strip_prefix("answers.").unwrap_or(name);
        form.question(key).map(|question| Self::Question(question.key.clone()))
    }

    fn field(&self) -> String {
        match self {
            Self::Question(key) => format!("answers.{key}"),
            column => {
                let name = NAMED.iter().find(|(_, known)| known == column);
                name.map_or("column", |(name, _)| name).to_owned()
            }
        }
    }
}

/// The sign-ups of a file, in its order. Holds one row at a time.
pub struct SignUps<R> {
    rows: csv::Reader<Bounded<R>>,
    row: csv::ByteRecord,
    /// The line on which the row begins.
    line: u64,
    columns: Vec<Column>,
    form: Arc<Form>,
    options: ImportOptions,
    ended: bool,
}

impl<R> fmt::Debug for SignUps<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUps").field("columns", &self.columns).finish_non_exhaustive()
    }
}

impl<R: Read> SignUps<R> {
    /// Reads the names of the columns. A byte order mark at the beginning is passed over.
    ///
    /// # Errors
    /// [`ImportError::Input`] on the first line for a column that is unknown, named twice or missing, and for
    /// a `delimiter` that cannot be one;
    /// [`ImportError::Read`] if the file cannot be read.
    pub fn new(file: R, form: Arc<Form>, options: ImportOptions) -> Result<Self, ImportError> {
        if b"\"|\r\n".contains(&options.delimiter) {
            let expected = "anything but a quote, a bar or the end of a line";
            let error = InputError::new("delimiter", Problem::Form { expected });
            return Err(ImportError::Input { line: 1, error });
        }
        let rows = csv::ReaderBuilder::new()
            .delimiter(options.delimiter)
            .buffer_capacity(BUFFER)
            .has_headers(false)
            .flexible(true)
            // So that the lines are counted right: a carriage return before it is trimmed like a space.
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(Bounded { file, left: READ_MAX, end: END });
        let row = csv::ByteRecord::new();
        let mut file =
            Self { rows, row, line: 1, columns: Vec::new(), form, options, ended: false };
        file.read_row()?;
        file.columns = columns_of(&file.row, &file.form)
            .map_err(|error| ImportError::Input { line: file.line, error })?;
        Ok(file)
    }

    /// Reads the next row that is not empty; false at the end of the file.
    fn read_row(&mut self) -> Result<bool, ImportError> {
        loop {
            self.rows.get_mut().left = READ_MAX;
            let begun = self.rows.position().line();
            match self.rows.read_byte_record(&mut self.row) {
                Ok(true) if self.row.as_slice() == b"\x01" => {
                    self.row.clear();
                    return Ok(false);
                }
                Ok(true) => {}
                Ok(false) => return Ok(false),
                Err(error) => {
                    // Behind what cannot be read there is nothing that could be.
                    self.ended = true;
                    return Err(unread(error, begun));
                }
            }
            let lines = self.row.as_slice().split(|byte| *byte == b'\n');
            let within = lines.count() - 1;
            let within = u64::try_from(within).unwrap_or(0);
            // Who never closes a quote has no end of a line of their own.
            let own = u64::from(!self.row.as_slice().ends_with(END));
            self.line = self.rows.position().line().saturating_sub(within + own);
            if self.row.len() > 1 || !self.row.as_slice().trim_ascii().is_empty() {
                return Ok(true);
            }
        }
    }

    fn parse(&self) -> Result<SignUp, InputError> {
        at_most("row", self.row.as_slice().len(), ROW_MAX_BYTES, "bytes")?;
        if self.row.as_slice().ends_with(END) {
            let expected = "a quote that is closed";
            return Err(InputError::new("row", Problem::Form { expected }));
        }
        at_most("row", self.row.len(), self.columns.len(), "cells")?;
        if self.row.len() < self.columns.len() {
            let [given, limit] = [self.row.len(), self.columns.len()]
                .map(|count| u64::try_from(count).unwrap_or(u64::MAX));
            return Err(InputError::new("row", Problem::TooFew { given, limit, unit: "cells" }));
        }
        let (mut person, mut role) = (None, None);
        let mut apply = Apply {
            role: Role::Mentee,
            capacity: None,
            answers: Answers::new(),
            consent_version: self.options.consent_version,
            oversight: self.options.oversight,
            special_category: self.options.special_category,
        };
        for (column, cell) in self.columns.iter().zip(&self.row) {
            let fault = |problem| InputError::new(column.field(), problem);
            let cell = utf8(cell).map_err(fault)?;
            if cell.is_empty() {
                continue;
            }
            match column {
                Column::Person => person = Some(key(cell).map_err(fault)?),
                Column::Role => {
                    let expected = Problem::Form { expected: "`mentor` or `mentee`" };
                    role = Some(Role::from_code(cell).ok_or_else(|| fault(expected))?);
                }
                Column::Capacity => apply.capacity = Some(small(cell, u8::MAX).map_err(fault)?),
                Column::ConsentVersion => {
                    apply.consent_version = small(cell, u32::MAX).map_err(fault)?;
                }
                Column::Oversight => {
                    let expected = "`pair_only`, `reported_only` or `supervised`";
                    apply.oversight = Oversight::from_code(cell)
                        .ok_or_else(|| fault(Problem::Form { expected }))?;
                }
                Column::SpecialCategory => {
                    let expected = "`true` or `false`";
                    apply.special_category =
                        cell.parse().map_err(|_| fault(Problem::Form { expected }))?;
                }
                Column::Question(question) => {
                    let Some(question) = self.form.question(question.as_str()) else { continue };
                    let answer = answer(&question.answer, cell).map_err(fault)?;
                    apply.answers.0.insert(question.key.clone(), answer);
                }
            }
        }
        let missing = |field| InputError::new(field, Problem::Missing);
        let person = person.ok_or_else(|| missing("person"))?;
        apply.role = role.ok_or_else(|| missing("role"))?;
        self.form.check_answers(apply.role, &apply.answers)?;
        Ok(SignUp { person, apply })
    }
}

impl<R: Read> Iterator for SignUps<R> {
    type Item = Result<ImportRow, ImportError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        match self.read_row() {
            Ok(true) => {
                let line = self.line;
                let row = self.parse().map(|sign_up| ImportRow { line, sign_up });
                Some(row.map_err(|error| ImportError::Input { line, error }))
            }
            Ok(false) => {
                self.ended = true;
                None
            }
            Err(error) => Some(Err(error)),
        }
    }
}

fn columns_of(names: &csv::ByteRecord, form: &Form) -> Result<Vec<Column>, InputError> {
    at_most("columns", names.len(), COLUMNS_MAX, "columns")?;
    let mut columns = Vec::with_capacity(names.len());
    for (at, name) in names.iter().enumerate() {
        // What a stranger's file calls its columns is not repeated either.
        let fault = |problem| InputError::new(format!("column {}", at + 1), problem);
        let column = Column::named(utf8(name).map_err(fault)?, form)
            .ok_or_else(|| fault(Problem::Unknown { what: "column" }))?;
        if columns.contains(&column) {
            return Err(InputError::new(column.field(), Problem::Duplicate { what: "column" }));
        }
        columns.push(column);
    }
    for needed in [Column::Person, Column::Role] {
        if !columns.contains(&needed) {
            return Err(InputError::new(needed.field(), Problem::Missing));
        }
    }
    Ok(columns)
}

/// What a row that cannot be read is told as.
fn unread(error: csv::Error, line: u64) -> ImportError {
    match error.into_kind() {
        csv::ErrorKind::Io(error)
            if error.get_ref().and_then(|it| it.downcast_ref::<Endless>()).is_some() =>
        {
            let [given, limit] =
                [READ_MAX, ROW_MAX_BYTES].map(|count| u64::try_from(count).unwrap_or(u64::MAX));
            let problem = Problem::TooMany { given, limit, unit: "bytes" };
            ImportError::Input { line, error: InputError::new("row", problem) }
        }
        csv::ErrorKind::Io(error) => ImportError::Read(error),
        _ => {
            let problem = Problem::Form { expected: "comma-separated values" };
            ImportError::Input { line, error: InputError::new("row", problem) }
        }
    }
}

/// The text of a cell without the spaces around it.
fn utf8(cell: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(cell).map(str::trim);
    text.map_err(|_| Problem::Form { expected: "text in UTF-8" })
}

fn key(cell: &str) -> Result<PersonId, Problem> {
    PersonId::try_from(cell).map_err(|error| match error {
        HostKeyError::Empty => Problem::Missing,
        HostKeyError::TooLong { bytes } => {
            let [given, limit] =
                [bytes, HOST_KEY_MAX_BYTES].map(|it| u64::try_from(it).unwrap_or(u64::MAX));
            Problem::TooMany { given, limit, unit: "bytes" }
        }
        HostKeyError::Control => Problem::Form { expected: "a key without control characters" },
    })
}

fn number(cell: &str) -> Result<i64, Problem> {
    cell.parse().map_err(|_| Problem::Form { expected: "a whole number" })
}

/// A number from 0 to the largest of its type.
fn small<T: TryFrom<i64> + Into<i64>>(cell: &str, most: T) -> Result<T, Problem> {
    let given = number(cell)?;
    T::try_from(given).map_err(|_| Problem::OutOfRange { given, min: 0, max: most.into() })
}

fn slug(cell: &str) -> Result<Slug, Problem> {
    Slug::new(cell.trim()).map_err(|error| error.problem().clone())
}

/// The keys between bars, in order.
fn slugs(cell: &str) -> Result<Vec<Slug>, Problem> {
    cell.split('|').map(slug).collect()
}

/// The same, where the order says nothing and nothing is there twice.
fn set(cell: &str, what: &'static str) -> Result<BTreeSet<Slug>, Problem> {
    let mut keys = BTreeSet::new();
    for key in slugs(cell)? {
        if !keys.insert(key) {
            return Err(Problem::Duplicate { what });
        }
    }
    Ok(keys)
}

fn zone(cell: &str) -> Result<Tz, Problem> {
    cell.parse().map_err(|_| Problem::Unknown { what: "time zone" })
}

/// Minutes after midnight of a time of day such as `09:30`; `24:00` ends a day.
fn minute(time: &str) -> Option<u16> {
    let (hour, minute) = time.trim().split_once(':')?;
    let two = |digits: &str| {
        let ok = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        if ok { digits.parse::<u16>().ok() } else { None }
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    if minute < 60 { Some(hour * 60 + minute) } else { None }
}

fn slot(text: &str) -> Option<WeeklySlot> {
    let (day, times) = text.trim().split_once(' ')?;
    let (from, to) = times.split_once('-')?;
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = days.iter().position(|it| *it == day)?;
    WeeklySlot::new(u8::try_from(day).ok()?, minute(from)?, minute(to)?)
}

fn availability(cell: &str) -> Result<Availability, Problem> {
    let expected = "a zone and slots, such as `Europe/Berlin mon 09:00-12:00 | sat 18:00-24:00`";
    let (name, slots) = cell.split_once(' ').ok_or(Problem::Form { expected })?;
    let slots: Option<BTreeSet<WeeklySlot>> = slots.split('|').map(slot).collect();
    Ok(Availability { zone: zone(name)?, slots: slots.ok_or(Problem::Form { expected })? })
}

/// The answer that one cell holds, as the table of this module says. Whether it fits its question, its
/// choices and its limits is for [`Form::check_answers`].
///
/// # Errors
/// [`Problem`] with what is expected of such a cell.
///
/// ```
/// use mentorship_core::{model::form::QuestionKind, service::import::read_cell};
///
/// let kind = QuestionKind::Languages { max: 3 };
/// assert!(read_cell(&kind, "en | pt").is_ok());
/// assert_eq!(read_cell(&kind, "en|en").unwrap_err().code(), "input.duplicate");
/// ```
pub fn read_cell(kind: &QuestionKind, cell: &str) -> Result<Answer, Problem> {
    answer(kind, cell.trim())
}

/// The answer that a cell holds. Whether it fits its question is checked with the others.
fn answer(kind: &QuestionKind, cell: &str) -> Result<Answer, Problem> {
    Ok(match kind {
        QuestionKind::Single { .. } => Answer::Single(slug(cell)?),
        QuestionKind::Multi { .. } => Answer::Multi(set(cell, "choice")?),
        QuestionKind::Rank { .. } => Answer::Rank(slugs(cell)?),
        QuestionKind::Integer { .. } => Answer::Integer(number(cell)?),
        QuestionKind::Text { .. } => {
            Answer::Text(AnswerText::new(cell).map_err(|error| error.problem().clone())?)
        }
        QuestionKind::Languages { .. } => Answer::Languages(set(cell, "language")?),
        QuestionKind::Availability => Answer::Availability(availability(cell)?),
        QuestionKind::Zone => Answer::Zone(zone(cell)?),
    })
}
