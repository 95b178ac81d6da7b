//! Writing copies, as fast as each database takes them.

use std::fmt::Write as _;

use async_trait::async_trait;
use sqlx::{
    AssertSqlSafe, MySqlConnection, PgConnection, Row, SqliteConnection, TypeInfo as _,
    ValueRef as _, mysql::MySqlRow, postgres::PgRow, sqlite::SqliteRow,
};
use uuid::Uuid;

use super::{
    Value,
    play::Played,
    template::{Cells, Place, Places, Template},
};

/// Cells written at a time.
const CHUNK: u64 = 500;

/// Most bytes in one statement.
const STATEMENT: usize = 1 << 20;

/// Where rows go.
#[async_trait]
pub trait Sink: Send {
    /// Writes rows of one table; `prefix` is that of the store's tables.
    async fn write(
        &mut self,
        prefix: &str,
        table: &str,
        columns: &[String],
        rows: &mut (dyn Iterator<Item = Vec<Value>> + Send),
    );

    /// Runs a statement.
    async fn run(&mut self, sql: String);

    /// Every row of a table, each as texts in the order of its columns, ids in their usual form.
    async fn read(&mut self, prefix: &str, table: &str) -> Vec<Vec<String>>;

    /// What keeps a large load fast, before (`true`) and after it.
    async fn settings(&mut self, before: bool);
}

/// How a database writes a value into a statement.
type Literal = fn(&Value, &mut String);

fn quoted(text: &str, into: &mut String) {
    into.push('\'');
    into.push_str(&text.replace('\'', "''"));
    into.push('\'');
}

fn sqlite_literal(value: &Value, into: &mut String) {
    match value {
        Value::Null => into.push_str("NULL"),
        Value::Int(number) => write!(into, "{number}").unwrap(),
        Value::Text(text) => quoted(text, into),
        Value::Id(id) => write!(into, "'{id}'").unwrap(),
    }
}

fn mysql_literal(value: &Value, into: &mut String) {
    match value {
        Value::Text(text) => quoted(&text.replace('\\', "\\\\"), into),
        Value::Id(id) => write!(into, "x'{}'", id.simple()).unwrap(),
        other => sqlite_literal(other, into),
    }
}

macro_rules! shown {
    ($name:ident, $row:ty, [$($number:literal)+], $id:literal) => {
        fn $name(row: &$row, at: usize) -> String {
            let raw = row.try_get_raw(at).unwrap();
            if raw.is_null() {
                return "NULL".to_owned();
            }
            match raw.type_info().name() {
                $($number)|+ => row.get_unchecked::<i64, _>(at).to_string(),
                $id => row.get_unchecked::<Uuid, _>(at).to_string(),
                _ => row.get_unchecked(at),
            }
        }
    };
}

shown!(sqlite_shown, SqliteRow, ["INTEGER"], "BLOB");
shown!(postgres_shown, PgRow, ["INT8"], "UUID");
shown!(mysql_shown, MySqlRow, ["BIGINT"], "BINARY");

/// Statements with many rows each.
fn statements(
    into: &str,
    rows: &mut (dyn Iterator<Item = Vec<Value>> + Send),
    literal: Literal,
) -> Vec<String> {
    let mut all = Vec::new();
    let mut sql = String::new();
    for row in rows {
        sql.push_str(if sql.is_empty() { into } else { ", " });
        for (n, value) in row.iter().enumerate() {
            sql.push(if n == 0 { '(' } else { ',' });
            literal(value, &mut sql);
        }
        sql.push(')');
        if sql.len() > STATEMENT {
            all.push(std::mem::take(&mut sql));
        }
    }
    all.push(sql);
    all.retain(|sql| !sql.is_empty());
    all
}

macro_rules! sink_of_statements {
    ($connection:ty, $literal:ident, $shown:ident, $before:expr, $after:expr) => {
        #[async_trait]
        impl Sink for $connection {
            async fn write(
                &mut self,
                prefix: &str,
                table: &str,
                columns: &[String],
                rows: &mut (dyn Iterator<Item = Vec<Value>> + Send),
            ) {
                let into = format!("INSERT INTO {prefix}{table} ({}) VALUES ", columns.join(","));
                for sql in statements(&into, rows, $literal) {
                    self.run(sql).await;
                }
            }

            async fn read(&mut self, prefix: &str, table: &str) -> Vec<Vec<String>> {
                let sql = AssertSqlSafe(format!("SELECT * FROM {prefix}{table}"));
                let rows = sqlx::query(sql).fetch_all(&mut *self).await.unwrap();
                let shown = |row: &_| (0..Row::len(row)).map(|at| $shown(row, at)).collect();
                rows.iter().map(shown).collect()
            }

            async fn run(&mut self, sql: String) {
                sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.unwrap();
            }

            async fn settings(&mut self, before: bool) {
                self.run((if before { $before } else { $after }).to_owned()).await;
            }
        }
    };
}

sink_of_statements!(
    SqliteConnection,
    sqlite_literal,
    sqlite_shown,
    "PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA foreign_keys = OFF",
    "PRAGMA wal_checkpoint(TRUNCATE)"
);
sink_of_statements!(
    MySqlConnection,
    mysql_literal,
    mysql_shown,
    "SET unique_checks = 0, foreign_key_checks = 0",
    "SET unique_checks = 1, foreign_key_checks = 1"
);

#[async_trait]
impl Sink for PgConnection {
    async fn write(
        &mut self,
        prefix: &str,
        table: &str,
        columns: &[String],
        rows: &mut (dyn Iterator<Item = Vec<Value>> + Send),
    ) {
        let mut text = String::new();
        for row in rows {
            for (n, value) in row.iter().enumerate() {
                if n > 0 {
                    text.push('\t');
                }
                match value {
                    Value::Null => text.push_str("\\N"),
                    Value::Int(number) => write!(text, "{number}").unwrap(),
                    Value::Id(id) => write!(text, "{id}").unwrap(),
                    Value::Text(words) => {
                        let words = words.replace('\\', "\\\\").replace('\n', "\\n");
                        text.push_str(&words.replace('\t', "\\t"));
                    }
                }
            }
            text.push('\n');
        }
        let into = format!("COPY {prefix}{table} ({}) FROM STDIN", columns.join(","));
        let mut copy = self.copy_in_raw(&into).await.unwrap();
        copy.send(text.into_bytes()).await.unwrap();
        copy.finish().await.unwrap();
    }

    async fn read(&mut self, prefix: &str, table: &str) -> Vec<Vec<String>> {
        let sql = AssertSqlSafe(format!("SELECT * FROM {prefix}{table}"));
        let rows = sqlx::query(sql).fetch_all(&mut *self).await.unwrap();
        let shown = |row: &_| (0..Row::len(row)).map(|at| postgres_shown(row, at)).collect();
        rows.iter().map(shown).collect()
    }

    async fn run(&mut self, sql: String) {
        sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut *self).await.unwrap();
    }

    async fn settings(&mut self, before: bool) {
        let sql = if before {
            "SET synchronous_commit = off; SET maintenance_work_mem = '1GB'"
        } else {
            "RESET synchronous_commit; RESET maintenance_work_mem"
        };
        self.run(sql.to_owned()).await;
    }
}

/// What was played, ready to be copied.
#[derive(Debug)]
pub struct Copies {
    program: Vec<Template>,
    cell: Vec<Template>,
    program_place: Place,
    pair: Place,
    offer: Place,
}

impl Copies {
    /// The templates of what was played.
    #[must_use]
    pub fn of(played: &Played) -> Self {
        let mut places = Places::of(played);
        let [program, cell] = places.all(played);
        let place = |id| places.place(id).unwrap();
        let (pair, offer) = (place(played.pair), place(played.offer));
        Self { program, cell, program_place: Place::Program, pair, offer }
    }

    /// The program of a cell.
    #[must_use]
    pub fn program(&self, cells: &Cells, cell: u64) -> Uuid {
        cells.at(cell, self.program_place)
    }

    /// The pair of a cell.
    #[must_use]
    pub fn pair(&self, cells: &Cells, cell: u64) -> Uuid {
        cells.at(cell, self.pair)
    }

    /// The offer of a cell.
    #[must_use]
    pub fn offer(&self, cells: &Cells, cell: u64) -> Uuid {
        cells.at(cell, self.offer)
    }
}

async fn write(
    sink: &mut dyn Sink,
    prefix: &str,
    templates: &[Template],
    cells: &Cells,
    which: &[u64],
) {
    for table in super::TABLES {
        for template in templates.iter().filter(|it| it.table == *table) {
            let mut rows = which.iter().flat_map(|cell| template.rows(cells, *cell));
            sink.write(prefix, table, &template.columns, &mut rows).await;
        }
    }
}

/// Writes the cells from `from` to `to`, with the programs that begin there: every other cell first, and the others
/// between them. Keys that only ever grow would leave every page of an index full, and the first row that comes
/// between two others would split one; indexes that have grown by use have room.
pub async fn fill(
    sink: &mut dyn Sink,
    prefix: &str,
    copies: &Copies,
    cells: &Cells,
    (from, to): (u64, u64),
) {
    let mut at = from;
    while at < to {
        let end = (at + CHUNK).min(to);
        let firsts: Vec<u64> = (at..end).filter(|cell| cell % cells.per_program == 0).collect();
        let (even, odd): (Vec<u64>, Vec<u64>) = (at..end).partition(|cell| cell % 2 == 0);
        sink.run("BEGIN".to_owned()).await;
        write(sink, prefix, &copies.program, cells, &firsts).await;
        write(sink, prefix, &copies.cell, cells, &even).await;
        write(sink, prefix, &copies.cell, cells, &odd).await;
        sink.run("COMMIT".to_owned()).await;
        at = end;
    }
}
