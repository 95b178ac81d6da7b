//! One statement for many rows on `PostgreSQL`: the arguments come as one array each, and `unnest` makes
//! rows of them, numbered in their order. The text does not depend on how many there are.

use std::fmt::Write as _;

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{Arguments as _, postgres::PgArguments};

use super::bind::bind;
use crate::{
    clause,
    session::Set,
    statement::Texts,
    straight::Footing,
    text::Text,
    value::{Value, corrupt},
};

/// A text under way, with its arguments so far.
#[derive(Default)]
pub(super) struct Written {
    pub(super) sql: String,
    pub(super) bound: PgArguments,
    count: usize,
}

/// How a statement fails by itself: it has these words made into a kind of value that they are not. So the log of the
/// server says what was the matter.
#[derive(Clone, Copy)]
pub(super) struct Refusal {
    words: &'static str,
    kind: &'static str,
    code: &'static str,
}

impl Refusal {
    /// Whether it is why a statement failed.
    pub(super) fn is(&self, error: &sqlx::Error) -> bool {
        let sqlx::Error::Database(error) = error else { return false };
        error.code().is_some_and(|it| it == self.code) && error.message().contains(self.words)
    }
}

/// A record is not as it was read, or a command's id is taken.
pub(super) const MOVED: Refusal =
    Refusal { words: "mentorship: changed since it was read", kind: "integer", code: "22P02" };

/// A record is not as was taken for granted.
pub(super) const OTHERWISE: Refusal =
    Refusal { words: "mentorship: not as it usually is", kind: "date", code: "22007" };

/// What the arguments of many rows are in the text.
struct Columns {
    /// `unnest(…) WITH ORDINALITY AS k (…, n)`.
    source: String,
    /// Whether argument `n` is nothing in every row: then no type is known for its array.
    nothing: Vec<bool>,
}

impl Columns {
    fn name(&self, argument: usize) -> String {
        match self.nothing.get(argument) {
            Some(false) => format!("k.a{argument}"),
            _ => "NULL".to_owned(),
        }
    }
}

impl Written {
    /// Adds a statement with its one row of arguments.
    pub(super) fn one(&mut self, text: &Text, args: &[Value]) -> Result<(), StoreError> {
        self.sql.push_str(&text.named(|argument| format!("${}", self.count + argument + 1)));
        self.count += args.len();
        bind(&mut self.bound, args)
    }

    /// The arguments of many rows as arrays.
    fn columns(&mut self, rows: &[(usize, &[Value])]) -> Result<Columns, StoreError> {
        let width = rows.first().map_or(0, |(_, args)| args.len());
        let (mut arrays, mut names, mut nothing) = (Vec::new(), Vec::new(), Vec::new());
        for column in 0..width {
            let values = || rows.iter().map(|(_, args)| args.get(column).unwrap_or(&Value::Null));
            let Some(sample) = values().find(|value| **value != Value::Null) else {
                nothing.push(true);
                continue;
            };
            nothing.push(false);
            self.count += 1;
            let (kind, added) = match sample {
                Value::Id(_) => ("uuid", self.array(values(), Value::as_id)),
                Value::Int(_) => ("bigint", self.array(values(), Value::as_int)),
                Value::Text(_) | Value::Null => ("text", self.array(values(), Value::as_text)),
            };
            added?;
            arrays.push(format!("${}::{kind}[]", self.count));
            names.push(format!("a{column}, "));
        }
        let (arrays, names) = (arrays.join(", "), names.concat());
        Ok(Columns { source: format!("unnest({arrays}) WITH ORDINALITY AS k ({names}n)"), nothing })
    }

    /// Adds the values of one column, all of one kind or nothing.
    fn array<'v, T>(
        &mut self,
        values: impl Iterator<Item = &'v Value>,
        read: impl Fn(&'v Value) -> Option<T>,
    ) -> Result<(), StoreError>
    where
        Vec<Option<T>>: sqlx::Encode<'v, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        let read = |value| match value {
            &Value::Null => Ok(None),
            value => read(value).map(Some).ok_or_else(|| corrupt("arguments of two kinds")),
        };
        let values: Vec<Option<T>> = values.map(read).collect::<Result<_, _>>()?;
        let added = self.bound.add(values);
        added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))
    }

    /// Adds a statement that reads, for each row of arguments: the number of the row comes first.
    pub(super) fn read(&mut self, texts: &Texts, set: &Set<'_>) -> Result<(), StoreError> {
        let text = texts.get(set.sql);
        if let [(_, args)] = &*set.rows {
            return self.one(&text, args);
        }
        let columns = self.columns(&set.rows)?;
        let each = text.named(|argument| columns.name(argument));
        let source = columns.source;
        self.sql.extend(["SELECT k.n, q.* FROM ", &source, ", LATERAL (", &each, ") q"]);
        Ok(())
    }

    /// Adds the same as one column: an array of records.
    pub(super) fn records(&mut self, texts: &Texts, set: &Set<'_>) -> Result<(), StoreError> {
        self.sql.push_str("ARRAY(SELECT q::text FROM (");
        self.read(texts, set)?;
        self.sql.push_str(") q)");
        Ok(())
    }

    /// Adds as one column what fails with these words unless a condition holds, which `condition` adds.
    pub(super) fn require(
        &mut self,
        refusal: Refusal,
        condition: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.sql.push_str("CAST(CASE WHEN ");
        condition(self)?;
        let Refusal { words, kind, .. } = refusal;
        let _ = write!(self.sql, " THEN NULL ELSE '{words}' END AS {kind})");
        Ok(())
    }

    /// Adds as one column whether a record, which is held from then on, is as it has to be. What it is compared with
    /// is looked at after it is held: if somebody else was writing it, what they have written.
    pub(super) fn stands(&mut self, texts: &Texts, footing: &Footing) -> Result<(), StoreError> {
        self.sql.push_str("EXISTS (SELECT 1 FROM (");
        self.one(&texts.get(footing.sql), &footing.args)?;
        // So that the comparison stays outside, and a record that has moved is held all the same, before those that
        // come after it.
        self.sql.push_str(" OFFSET 0) h");
        let mut needed = Vec::new();
        let condition = footing.condition(|value| {
            self.count += 1;
            needed.push(value.clone());
            format!("${}", self.count)
        });
        if !condition.is_empty() {
            self.sql.extend([" WHERE ", &condition]);
        }
        self.sql.push(')');
        bind(&mut self.bound, &needed)
    }

    /// Adds a statement that writes, for each row of arguments: it gives back the numbers of the rows that
    /// did something; of an INSERT only as many numbers as there were.
    pub(super) fn write(&mut self, texts: &Texts, set: &Set<'_>) -> Result<(), StoreError> {
        let text = texts.get(set.sql);
        if let [(_, args)] = &*set.rows {
            self.one(&text, args)?;
            self.sql.push_str(" RETURNING 1::bigint AS n");
            return Ok(());
        }
        let columns = self.columns(&set.rows)?;
        let each = text.named(|argument| columns.name(argument));
        let source = columns.source;
        if let Some((before, values, after)) = clause::insert(&each) {
            let select =
                format!("{before} SELECT {values} FROM {source}{after} RETURNING 1::bigint AS n");
            self.sql.push_str(&select);
        } else if let Some((before, condition)) = clause::update(&each) {
            let update = format!("{before} FROM {source} WHERE {condition} RETURNING k.n");
            self.sql.push_str(&update);
        } else {
            return Err(corrupt("a statement of an unexpected kind"));
        }
        Ok(())
    }
}
