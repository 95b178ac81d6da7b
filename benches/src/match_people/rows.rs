//! The rows of a team's files as people with answers.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::Path,
};

use mentorship_core::{
    base::{
        host::{HOST_KEY_MAX_BYTES, PersonId},
        text::Slug,
    },
    matching::people::crowd::CAPACITY_MAX,
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
        form::{Form, QuestionKind},
    },
    service::import::read_cell,
};

use super::{
    faults::Faults,
    rules::{QuestionColumn, Settings},
};
use crate::Failure;

/// Somebody in a file.
#[derive(Debug)]
pub(super) struct Person {
    /// The team's own key.
    pub(super) id: PersonId,
    /// How many partners they take.
    pub(super) places: u32,
    /// What they answered.
    pub(super) answers: Answers,
    line: u64,
    /// Places of columns whose cells could not be read, and are told already.
    unread: Vec<usize>,
}

#[derive(Debug)]
enum Column {
    Id,
    Capacity,
    Question(Slug, QuestionKind),
    Ignored,
}

/// A file of people of one role.
#[derive(Debug)]
pub(super) struct Table {
    /// By id, so that the order of rows has no part in anything.
    pub(super) people: Vec<Person>,
    role: Role,
    /// Its number among the files that have faults.
    file: usize,
    columns: Vec<(String, Column)>,
}

/// The text of a cell without the spaces around it.
fn text(cell: &[u8]) -> Result<&str, &'static str> {
    let text = std::str::from_utf8(cell).map_err(|_| "is malformed; expected text in UTF-8")?;
    if text.contains('\n') {
        // Behind a quote that is never closed, whole rows would be one cell.
        return Err("holds the end of a line; is a quote not closed?");
    }
    Ok(text.trim())
}

impl Table {
    /// Reads a file. Everything that is wrong with its cells is added to `faults`.
    pub(super) fn read(
        path: &Path,
        role: Role,
        settings: &Settings,
        faults: &mut Faults,
    ) -> Result<Self, Failure> {
        let named = |error: &dyn std::error::Error| format!("{}: {error}", path.display());
        let mut bytes = fs::read(path).map_err(|error| named(&error))?;
        // So that every row has an end of its line before the end of the file, and only a quote that is never
        // closed goes on to there.
        bytes.extend(b"\n\n");
        let end = u64::try_from(bytes.len())?;
        let file = faults.file(path.display());
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .terminator(csv::Terminator::Any(b'\n'))
            .from_reader(bytes.as_slice());
        let mut row = csv::ByteRecord::new();
        let mut table = Self { people: Vec::new(), role, file, columns: Vec::new() };
        let mut header = false;
        let mut lines: HashMap<PersonId, u64> = HashMap::new();
        while rows.read_byte_record(&mut row).map_err(|error| named(&error))? {
            if row.len() == 1 && row.as_slice().trim_ascii().is_empty() {
                continue;
            }
            let within = row.as_slice().split(|byte| *byte == b'\n').count() - 1;
            let own = u64::from(rows.position().byte() < end);
            let line = rows.position().line().saturating_sub(u64::try_from(within)? + own);
            if header {
                table.person(&row, line, &mut lines, faults);
            } else {
                header = true;
                let before = faults.len();
                table.header(&row, line, settings, faults)?;
                if faults.len() > before {
                    // Cells below a wrong name would only be faults that nobody has to mend.
                    break;
                }
            }
        }
        if !header {
            faults.row(file, 1, "is missing; expected the names of the columns");
        }
        table.people.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        Ok(table)
    }

    fn header(
        &mut self,
        names: &csv::ByteRecord,
        line: u64,
        settings: &Settings,
        faults: &mut Faults,
    ) -> Result<(), Failure> {
        if let (1, Some(Ok(only))) = (names.len(), names.get(0).map(text)) {
            let other = [(';', "semicolons"), ('\t', "tabs")];
            if let Some((_, instead)) = other.iter().find(|it| only.contains(it.0)) {
                let what = format_args!("has {instead} between its columns; expected commas");
                faults.row(self.file, line, what);
                return Ok(());
            }
        }
        let known = settings.columns(self.role);
        let mut asked: BTreeMap<&str, &QuestionColumn> =
            settings.asked_of(self.role).map(|it| (it.column(), it)).collect();
        let mut needed: BTreeSet<&str> = asked.keys().copied().collect();
        needed.insert(&known.id);
        needed.extend(known.capacity.as_deref());
        let mut seen = BTreeSet::new();
        for (at, cell) in names.iter().enumerate() {
            let name = match text(cell) {
                Ok(name) => name.to_owned(),
                Err(what) => {
                    faults.cell(self.file, line, (at, ""), what);
                    String::new()
                }
            };
            let column = if name == known.id {
                Column::Id
            } else if known.capacity.as_ref() == Some(&name) {
                Column::Capacity
            } else if let Some(asked) = asked.remove(name.as_str()) {
                Column::Question(asked.key.clone(), asked.answer(&BTreeSet::new())?)
            } else {
                if !known.ignore.contains(&name) && !seen.contains(&name) {
                    let what = "names an unknown column; `ignore` may list it";
                    faults.cell(self.file, line, (at, &name), what);
                }
                Column::Ignored
            };
            needed.remove(name.as_str());
            if !seen.insert(name.clone()) {
                faults.cell(self.file, line, (at, &name), "names the same column twice");
            }
            self.columns.push((name, column));
        }
        for name in needed {
            faults.row(self.file, line, format_args!("has no column `{name}`"));
        }
        Ok(())
    }

    /// Adds whoever is in this row, as far as it can be read.
    fn person(
        &mut self,
        row: &csv::ByteRecord,
        line: u64,
        lines: &mut HashMap<PersonId, u64>,
        faults: &mut Faults,
    ) {
        let (given, needed) = (row.len(), self.columns.len());
        if given != needed {
            faults.row(self.file, line, format_args!("has {given} cells; {needed} are needed"));
            return;
        }
        let (mut id, mut places) = (None, 1);
        let mut unread = Vec::new();
        let mut answers = Answers::new();
        for (at, (cell, (name, column))) in row.iter().zip(&self.columns).enumerate() {
            let mut fault = |what: &dyn std::fmt::Display| {
                unread.push(at);
                faults.cell(self.file, line, (at, name), what);
            };
            let cell = match text(cell) {
                Ok(cell) => cell,
                Err(what) => {
                    fault(&what);
                    continue;
                }
            };
            match column {
                Column::Ignored => {}
                Column::Id => match PersonId::try_from(cell) {
                    Ok(new) => match lines.insert(new.clone(), line) {
                        Some(first) => fault(&format_args!("is the same as in line {first}")),
                        None => id = Some(new),
                    },
                    Err(_) => fault(&format_args!(
                        "is malformed; expected 1 to {HOST_KEY_MAX_BYTES} bytes without control characters"
                    )),
                },
                Column::Capacity => match cell.parse().ok().filter(|it| *it <= CAPACITY_MAX) {
                    Some(given) => places = given,
                    None => fault(&format_args!(
                        "is malformed; expected a whole number from 0 to {CAPACITY_MAX}"
                    )),
                },
                Column::Question(..) if cell.is_empty() => {}
                Column::Question(key, kind) => match read_cell(kind, cell) {
                    Ok(answer) => answers = std::mem::take(&mut answers).with(key.clone(), answer),
                    Err(problem) => fault(&problem),
                },
            }
        }
        if let Some(id) = id {
            self.people.push(Person { id, places, answers, line, unread });
        }
    }

    /// Adds what people chose to the choices of each question.
    pub(super) fn choices(&self, found: &mut BTreeMap<Slug, BTreeSet<Slug>>) {
        for (question, answer) in self.people.iter().flat_map(|it| &it.answers.0) {
            let of = found.entry(question.clone()).or_default();
            match answer {
                Answer::Single(one) => of.extend([one.clone()]),
                Answer::Multi(some) => of.extend(some.iter().cloned()),
                Answer::Rank(order) => of.extend(order.iter().cloned()),
                Answer::Integer(_)
                | Answer::Text(_)
                | Answer::Languages(_)
                | Answer::Availability(_)
                | Answer::Zone(_) => {}
            }
        }
    }

    /// Holds every answer against its question. Each is asked alone, so that each that is wrong is told and
    /// not only the first of a row.
    pub(super) fn check(&self, form: &Form, faults: &mut Faults) {
        let alone = |key: &Slug| Form {
            version: form.version,
            questions: form.question(key.as_str()).into_iter().cloned().collect(),
            rules: Vec::new(),
            eligibility: Vec::new(),
        };
        let mut questions = Vec::new();
        for (at, (name, column)) in self.columns.iter().enumerate() {
            if let Column::Question(key, _) = column {
                questions.push((at, name, key, alone(key)));
            }
        }
        for person in &self.people {
            let mut sound = true;
            for (at, name, key, form) in &questions {
                let mut answers = Answers::new();
                if let Some(answer) = person.answers.get(key.as_str()) {
                    answers = answers.with((*key).clone(), answer.clone());
                }
                let checked = form.check_answers(self.role, &answers);
                if let (Err(error), false) = (checked, person.unread.contains(at)) {
                    sound = false;
                    faults.cell(self.file, person.line, (*at, name), error.problem());
                }
            }
            if !sound || !person.unread.is_empty() {
                continue;
            }
            if let Err(error) = form.check_answers(self.role, &person.answers) {
                faults.row(self.file, person.line, error.problem());
            }
        }
    }
}
