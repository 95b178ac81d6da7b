//! Values as `PostgreSQL` wants and gives them.

use mentorship_core::store::{StoreError, StoreErrorKind};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use sqlx::{
    Column as _, Encode, Postgres, Row as _, Type, TypeInfo as _, ValueRef as _,
    encode::IsNull,
    error::BoxDynError,
    postgres::{PgArgumentBuffer, PgArguments, PgRow, PgTypeInfo, types::Oid},
};

use super::fault::store_error;
use crate::value::{Row, Value, corrupt};

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

/// Rows of one statement that came as one JSON array of objects; `None` if there are none.
pub(super) fn rows(json: Option<&str>) -> Result<Vec<Row>, StoreError> {
    let Some(json) = json else { return Ok(Vec::new()) };
    let rows: Vec<Object> = serde_json::from_str(json).map_err(|_| corrupt("a row"))?;
    Ok(rows.into_iter().map(|Object(row)| row).collect())
}

/// The values of an object in their order, whatever the keys are: two columns may have one name.
struct Object(Row);

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Values;

        impl<'de> Visitor<'de> for Values {
            type Value = Object;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a row as an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut row = Vec::with_capacity(32);
                while map.next_key::<serde::de::IgnoredAny>()?.is_some() {
                    row.push(map.next_value::<Plain>()?.0);
                }
                Ok(Object(row))
            }
        }

        deserializer.deserialize_map(Values)
    }
}

/// One value: ids come as text.
struct Plain(Value);

impl<'de> Deserialize<'de> for Plain {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AnyOf;

        impl Visitor<'_> for AnyOf {
            type Value = Plain;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a number, a text, a truth value or nothing")
            }

            fn visit_unit<E: Error>(self) -> Result<Plain, E> {
                Ok(Plain(Value::Null))
            }

            fn visit_bool<E: Error>(self, yes: bool) -> Result<Plain, E> {
                Ok(Plain(Value::Int(yes.into())))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Plain, E> {
                Ok(Plain(Value::Int(number)))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Plain, E> {
                i64::try_from(number).map(|it| Plain(Value::Int(it))).map_err(E::custom)
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Plain, E> {
                Ok(Plain(Value::Text(text.to_owned())))
            }

            fn visit_string<E: Error>(self, text: String) -> Result<Plain, E> {
                Ok(Plain(Value::Text(text)))
            }
        }

        deserializer.deserialize_any(AnyOf)
    }
}
