//! Values as `PostgreSQL` wants and gives them.

use mentorship_core::store::{StoreError, StoreErrorKind};
use sqlx::{
    Column as _, Encode, Postgres, Row as _, Type, TypeInfo as _, ValueRef as _,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, types::Oid},
};

use super::fault::store_error;
use crate::value::{Row, Value, corrupt, text};

/// Nothing, of whatever type the column has: the server finds it out.
struct Nothing;

/// The pseudo-type `unknown`.
const UNKNOWN: Oid = Oid(705);

impl Type<Postgres> for Nothing {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(UNKNOWN)
    }
}

impl Encode<'_, Postgres> for Nothing {
    fn encode_by_ref(&self, _buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        Ok(IsNull::Yes)
    }
}

/// Adds arguments.
pub(super) fn bind(bound: &mut PgArguments, args: &[Value]) -> Result<(), StoreError> {
    use sqlx::Arguments as _;
    for value in args {
        let added = match value {
            Value::Null => bound.add(Nothing),
            Value::Int(number) => bound.add(*number),
            Value::Text(text) => bound.add(text.as_str()),
            Value::Id(id) => bound.add(*id),
        };
        added.map_err(|error| StoreError::new(StoreErrorKind::Other, "bind").with_source(error))?;
    }
    Ok(())
}

/// A row as it came.
pub(super) fn row(found: &PgRow) -> Result<Row, StoreError> {
    let mut values = Vec::with_capacity(found.len());
    for column in found.columns() {
        let at = column.ordinal();
        let raw = found.try_get_raw(at).map_err(|error| store_error("read", &error))?;
        let value = if raw.is_null() {
            Value::Null
        } else {
            match raw.type_info().name() {
                "INT8" => Value::Int(found.try_get(at).map_err(|_| corrupt("integer"))?),
                "INT4" => {
                    let number: i32 = found.try_get(at).map_err(|_| corrupt("integer"))?;
                    Value::Int(number.into())
                }
                "BOOL" => {
                    let yes: bool = found.try_get(at).map_err(|_| corrupt("boolean"))?;
                    Value::Int(yes.into())
                }
                "UUID" => Value::Id(found.try_get(at).map_err(|_| corrupt("id"))?),
                "TEXT" | "VARCHAR" | "NAME" => {
                    Value::Text(found.try_get(at).map_err(|_| corrupt("text"))?)
                }
                _ => return Err(corrupt("a value of an unexpected type")),
            }
        };
        values.push(value);
    }
    Ok(values)
}

/// The values of a record as the server writes it, `(1,,"in ""quotes""")`: all that is there as text.
pub(super) fn record(written: &str) -> Result<Row, StoreError> {
    let bad = || corrupt("a record");
    let mut rest = written.strip_prefix('(').and_then(|it| it.strip_suffix(')')).ok_or_else(bad)?;
    let mut row = Vec::with_capacity(32);
    loop {
        let (value, left) = if let Some(quoted) = rest.strip_prefix('"') {
            unquoted(quoted).ok_or_else(bad)?
        } else {
            let (plain, left) = rest.split_at(rest.find(',').unwrap_or(rest.len()));
            (if plain.is_empty() { Value::Null } else { text(plain) }, left)
        };
        row.push(value);
        match left.strip_prefix(',') {
            Some(left) => rest = left,
            None if left.is_empty() => return Ok(row),
            None => return Err(bad()),
        }
    }
}

/// A text up to the quote that ends it, and what comes after. Quotes and backslashes in it are doubled.
fn unquoted(mut rest: &str) -> Option<(Value, &str)> {
    let mut all = String::new();
    loop {
        let (plain, found) = rest.split_at(rest.find(['"', '\\'])?);
        all.push_str(plain);
        let mark = found.get(..1)?;
        rest = found.get(1..)?;
        match rest.strip_prefix(mark) {
            Some(left) => {
                all.push_str(mark);
                rest = left;
            }
            None if mark == "\"" => return Some((Value::Text(all), rest)),
            None => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_it_was() {
        let row = record(r#"(7,,"","a, (b) ""c"" \\d",é,t)"#).unwrap();
        let texts = ["", r#"a, (b) "c" \d"#, "é", "t"].map(text);
        let expected: Row = [text("7"), Value::Null].into_iter().chain(texts).collect();
        assert_eq!(row, expected);
        assert_eq!(record("()").unwrap(), [Value::Null]);
        for bad in ["", "(", "1,2", r#"("a)"#, r#"("a"b)"#, r#"("\n")"#] {
            assert!(record(bad).is_err(), "{bad}");
        }
    }
}
