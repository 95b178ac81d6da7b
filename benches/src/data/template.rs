//! Rows with places for ids and people, and their copies.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{
    Value,
    play::{Played, Rows},
};

/// How a cell is copied. The copies are spread over the whole space of ids, in order, so that they load
/// fast and what is made later falls between them.
#[derive(Clone, Copy, Debug)]
pub struct Cells {
    /// How many there are.
    pub count: u64,
    /// Cells in one program.
    pub per_program: u64,
    /// Where ids come from.
    pub seed: u64,
}

/// What stands for an id or a person.
#[derive(Clone, Copy, Debug)]
pub enum Place {
    /// The program's own id.
    Program,
    /// An id of the program.
    OfProgram(u64),
    /// An id of the cell.
    OfCell(u64),
    /// A person of the cell.
    Person(u64),
}

#[derive(Clone, Debug)]
enum Piece {
    Words(String),
    Place(Place),
}

#[derive(Clone, Debug)]
enum Part {
    Null,
    Int(i64),
    /// Microseconds: each cell is one later than the last.
    Time(i64),
    Text(Vec<Piece>),
    Id(Place),
}

/// Rows of one table, to be copied.
#[derive(Clone, Debug)]
pub(super) struct Template {
    pub(super) table: &'static str,
    pub(super) columns: Vec<String>,
    rows: Vec<Vec<Part>>,
}

fn mixed(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Cells {
    fn program_of(&self, cell: u64) -> u64 {
        cell / self.per_program
    }

    /// The programs.
    #[must_use]
    pub fn programs(&self) -> u64 {
        self.count.div_ceil(self.per_program)
    }

    /// The `n`th id of a cell (or of a program, which counts from the end).
    fn id(&self, cell: u64, n: u64) -> Uuid {
        let stride = u64::MAX / self.count.max(1);
        let within = mixed(self.seed ^ mixed(cell) ^ n);
        Uuid::from_u64_pair(cell * stride + within % stride, mixed(within ^ 1))
    }

    /// The id at a place in a cell.
    #[must_use]
    pub fn at(&self, cell: u64, place: Place) -> Uuid {
        let program = self.program_of(cell);
        match place {
            Place::Program => self.id(program * self.per_program, 1 << 40),
            Place::OfProgram(n) => self.id(program * self.per_program, (1 << 40) + 1 + n),
            Place::OfCell(n) => self.id(cell, n),
            Place::Person(_) => Uuid::nil(),
        }
    }

    /// A person of a cell.
    #[must_use]
    pub fn person(&self, cell: u64, n: u64) -> String {
        format!("member-{cell:08}-{n:02}")
    }

    fn write(&self, cell: u64, place: Place, into: &mut String) {
        match place {
            Place::Person(n) => into.push_str(&self.person(cell, n)),
            id => into.push_str(&self.at(cell, id).to_string()),
        }
    }
}

/// Which texts stand for what.
#[derive(Debug, Default)]
pub(super) struct Places {
    known: BTreeMap<String, Place>,
    next: u64,
}

impl Places {
    /// The people and the program of what was played; ids of rows follow as they are met.
    pub(super) fn of(played: &Played) -> Self {
        let people = (0..).zip(&played.people);
        let mut known: BTreeMap<String, Place> =
            people.map(|(n, person)| (person.clone(), Place::Person(n))).collect();
        known.insert(played.program_id.to_string(), Place::Program);
        Self { known, next: 0 }
    }

    pub(super) fn place(&self, id: Uuid) -> Option<Place> {
        self.known.get(&id.to_string()).copied()
    }

    fn meet(&mut self, rows: &[Rows], place: fn(u64) -> Place) {
        for value in rows.iter().flat_map(|it| it.rows.iter().flatten()) {
            if let Value::Id(id) = value {
                let next = &mut self.next;
                self.known.entry(id.to_string()).or_insert_with(|| {
                    *next += 1;
                    place(*next)
                });
            }
        }
    }

    fn text(&self, text: &str) -> Part {
        let mut pieces = vec![Piece::Words(text.to_owned())];
        for (known, place) in &self.known {
            let mut next = Vec::new();
            for piece in pieces {
                let Piece::Words(words) = piece else {
                    next.push(piece);
                    continue;
                };
                for (n, words) in words.split(known.as_str()).enumerate() {
                    if n > 0 {
                        next.push(Piece::Place(*place));
                    }
                    if !words.is_empty() {
                        next.push(Piece::Words(words.to_owned()));
                    }
                }
            }
            pieces = next;
        }
        Part::Text(pieces)
    }

    fn part(&self, value: &Value) -> Part {
        match value {
            Value::Null => Part::Null,
            // Nothing else that is stored as a number is as large.
            Value::Int(number) if *number > 1_000_000_000_000_000 => Part::Time(*number),
            Value::Int(number) => Part::Int(*number),
            Value::Text(text) => self.text(text),
            Value::Id(id) => self.place(*id).map_or(Part::Null, Part::Id),
        }
    }

    fn templates(&mut self, rows: &[Rows], place: fn(u64) -> Place) -> Vec<Template> {
        self.meet(rows, place);
        let rows = rows.iter().filter(|it| !it.rows.is_empty());
        rows.map(|it| Template {
            table: it.table,
            columns: it.columns.clone(),
            rows: it.rows.iter().map(|row| row.iter().map(|it| self.part(it)).collect()).collect(),
        })
        .collect()
    }

    /// What is copied for each program, and what for each cell.
    pub(super) fn all(&mut self, played: &Played) -> [Vec<Template>; 2] {
        let program = self.templates(&played.program, Place::OfProgram);
        [program, self.templates(&played.cell, Place::OfCell)]
    }
}

impl Template {
    /// The rows of one cell.
    pub(super) fn rows<'a>(
        &'a self,
        cells: &'a Cells,
        cell: u64,
    ) -> impl Iterator<Item = Vec<Value>> + 'a {
        let value = move |part: &Part| match part {
            Part::Null => Value::Null,
            Part::Int(number) => Value::Int(*number),
            Part::Time(at) => Value::Int(*at + i64::try_from(cell).unwrap()),
            Part::Id(place) => Value::Id(cells.at(cell, *place)),
            Part::Text(pieces) => {
                let mut text = String::new();
                for piece in pieces {
                    match piece {
                        Piece::Words(words) => text.push_str(words),
                        Piece::Place(place) => cells.write(cell, *place, &mut text),
                    }
                }
                Value::Text(text)
            }
        };
        self.rows.iter().map(move |row| row.iter().map(value).collect())
    }
}
