//! What goes into and comes out of a database: whole numbers, text, ids and nothing.
//!
//! Four kinds are enough for every table, are the same in every database, and keep the code that knows
//! records apart from the code that knows drivers.

use std::str::FromStr;

use mentorship_core::{
    base::{host::PersonId, id::Id, text::Slug, time::Timestamp, version::Version},
    store::{StoreError, StoreErrorKind},
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// One value of a row or an argument.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Value {
    Null,
    Int(i64),
    Text(String),
    /// Text in a database that has no better form for it.
    Id(Uuid),
}

#[cfg(feature = "postgres")]
impl Value {
    /// The number; nothing if it is none.
    pub(crate) fn as_int(&self) -> Option<i64> {
        if let Self::Int(number) = self { Some(*number) } else { None }
    }

    /// The id; nothing if it is none.
    pub(crate) fn as_id(&self) -> Option<Uuid> {
        if let Self::Id(id) = self { Some(*id) } else { None }
    }

    /// The text; nothing if it is none.
    pub(crate) fn as_text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

/// A row as a database gave it.
pub(crate) type Row = Vec<Value>;

pub(crate) fn corrupt(what: &'static str) -> StoreError {
    StoreError::new(StoreErrorKind::Corrupt, "decode").with_detail(what)
}

pub(crate) fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

pub(crate) fn id<I: Id>(id: I) -> Value {
    Value::Id(id.uuid())
}

/// Before every id.
pub(crate) fn first_id() -> Value {
    Value::Id(Uuid::nil())
}

/// After every id.
pub(crate) fn last_id() -> Value {
    Value::Id(Uuid::max())
}

pub(crate) fn person(person: &PersonId) -> Value {
    Value::Text(person.as_str().to_owned())
}

pub(crate) fn instant(at: Timestamp) -> Value {
    Value::Int(at.timestamp_micros())
}

pub(crate) fn instant_opt(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, instant)
}

pub(crate) fn version(version: Version) -> Value {
    Value::Int(i64::try_from(version.number()).unwrap_or(i64::MAX))
}

pub(crate) fn opt<T>(value: Option<T>, into: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, into)
}

/// 1 or nothing: the form in which a unique index lets any number of rows that are over stand beside one
/// that is not.
pub(crate) fn mark(set: bool) -> Value {
    if set { Value::Int(1) } else { Value::Null }
}

pub(crate) fn flag(set: bool) -> Value {
    Value::Int(set.into())
}

/// Keys of people, each between line breaks, which no key has: so that one is found among several.
pub(crate) fn between_breaks<'p>(keys: impl IntoIterator<Item = &'p PersonId>) -> Value {
    let keys: String = keys.into_iter().flat_map(|it| [it.as_str(), "\n"]).collect();
    Value::Text(format!("\n{keys}"))
}

pub(crate) fn json_opt<T: Serialize>(value: Option<&T>) -> Result<Value, StoreError> {
    value.map_or(Ok(Value::Null), json)
}

pub(crate) fn json<T: Serialize>(value: &T) -> Result<Value, StoreError> {
    serde_json::to_string(value)
        .map(Value::Text)
        .map_err(|error| StoreError::new(StoreErrorKind::Other, "encode").with_source(error))
}

/// The number that a text is; `PostgreSQL` gives those of records as text, and truth values as a letter.
fn written(text: &str) -> Option<i64> {
    match text {
        "t" => Some(1),
        "f" => Some(0),
        text => text.parse().ok(),
    }
}

/// Takes the values of a row one after the other, each as what it has to be.
#[derive(Clone, Debug)]
pub(crate) struct Reader<'a>(std::slice::Iter<'a, Value>);

impl<'a> Reader<'a> {
    pub(crate) fn new(row: &'a Row) -> Self {
        Self(row.iter())
    }

    fn next(&mut self, what: &'static str) -> Result<&'a Value, StoreError> {
        self.0.next().ok_or_else(|| corrupt(what))
    }

    /// Whether the next value is nothing; takes none.
    pub(crate) fn at_null(&self) -> bool {
        matches!(self.0.as_slice().first(), Some(Value::Null))
    }

    /// Leaves values out, those of a record that an outer join did not find.
    pub(crate) fn skip(&mut self, count: usize) {
        for _ in 0..count {
            self.0.next();
        }
    }

    pub(crate) fn int_opt(&mut self, what: &'static str) -> Result<Option<i64>, StoreError> {
        match self.next(what)? {
            Value::Null => Ok(None),
            Value::Int(number) => Ok(Some(*number)),
            Value::Text(text) => written(text).map(Some).ok_or_else(|| corrupt(what)),
            Value::Id(_) => Err(corrupt(what)),
        }
    }

    pub(crate) fn int<T: TryFrom<i64>>(&mut self, what: &'static str) -> Result<T, StoreError> {
        let number = self.int_opt(what)?.ok_or_else(|| corrupt(what))?;
        T::try_from(number).map_err(|_| corrupt(what))
    }

    pub(crate) fn flag(&mut self, what: &'static str) -> Result<bool, StoreError> {
        match self.int_opt(what)? {
            Some(0) => Ok(false),
            Some(1) => Ok(true),
            _ => Err(corrupt(what)),
        }
    }

    pub(crate) fn text_opt(&mut self, what: &'static str) -> Result<Option<&'a str>, StoreError> {
        match self.next(what)? {
            Value::Null => Ok(None),
            Value::Text(text) => Ok(Some(text)),
            Value::Int(_) | Value::Id(_) => Err(corrupt(what)),
        }
    }

    pub(crate) fn text(&mut self, what: &'static str) -> Result<&'a str, StoreError> {
        self.text_opt(what)?.ok_or_else(|| corrupt(what))
    }

    pub(crate) fn id_opt<I: Id>(&mut self, what: &'static str) -> Result<Option<I>, StoreError> {
        match self.next(what)? {
            Value::Null => Ok(None),
            Value::Id(uuid) => Ok(Some(I::from_uuid(*uuid))),
            Value::Text(text) => Uuid::try_parse(text)
                .map(|uuid| Some(I::from_uuid(uuid)))
                .map_err(|_| corrupt(what)),
            Value::Int(_) => Err(corrupt(what)),
        }
    }

    pub(crate) fn id<I: Id>(&mut self, what: &'static str) -> Result<I, StoreError> {
        self.id_opt(what)?.ok_or_else(|| corrupt(what))
    }

    /// A value of its text form: a date, a zone, an id among other keys.
    pub(crate) fn parsed<T: FromStr>(&mut self, what: &'static str) -> Result<T, StoreError> {
        self.text(what)?.parse().map_err(|_| corrupt(what))
    }

    pub(crate) fn parsed_opt<T: FromStr>(
        &mut self,
        what: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text_opt(what)?;
        text.map(|text| text.parse().map_err(|_| corrupt(what))).transpose()
    }

    /// A value that checks its text itself: host keys, slugs, titles, bodies.
    pub(crate) fn checked<T>(&mut self, what: &'static str) -> Result<T, StoreError>
    where
        T: for<'t> TryFrom<&'t str>,
    {
        T::try_from(self.text(what)?).map_err(|_| corrupt(what))
    }

    pub(crate) fn checked_opt<T>(&mut self, what: &'static str) -> Result<Option<T>, StoreError>
    where
        T: for<'t> TryFrom<&'t str>,
    {
        let text = self.text_opt(what)?;
        text.map(|text| T::try_from(text).map_err(|_| corrupt(what))).transpose()
    }

    pub(crate) fn coded<T>(
        &mut self,
        what: &'static str,
        from_code: fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        from_code(self.text(what)?).ok_or_else(|| corrupt(what))
    }

    pub(crate) fn slug(&mut self, what: &'static str) -> Result<Slug, StoreError> {
        self.checked(what)
    }

    pub(crate) fn instant(&mut self, what: &'static str) -> Result<Timestamp, StoreError> {
        self.instant_opt(what)?.ok_or_else(|| corrupt(what))
    }

    pub(crate) fn instant_opt(
        &mut self,
        what: &'static str,
    ) -> Result<Option<Timestamp>, StoreError> {
        let micros = self.int_opt(what)?;
        let at = |micros| Timestamp::from_timestamp_micros(micros).ok_or_else(|| corrupt(what));
        micros.map(at).transpose()
    }

    pub(crate) fn version(&mut self) -> Result<Version, StoreError> {
        Ok(Version::new(self.int("version")?))
    }

    pub(crate) fn json<T: DeserializeOwned>(
        &mut self,
        what: &'static str,
    ) -> Result<T, StoreError> {
        let text = self.text(what)?;
        // The source stays out: it may quote what is stored.
        serde_json::from_str(text).map_err(|_| corrupt(what))
    }

    pub(crate) fn json_opt<T: DeserializeOwned>(
        &mut self,
        what: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let text = self.text_opt(what)?;
        text.map(|text| serde_json::from_str(text).map_err(|_| corrupt(what))).transpose()
    }
}
