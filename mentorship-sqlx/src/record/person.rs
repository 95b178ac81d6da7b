//! People and what stands between two of them.

use chrono::{NaiveDate, TimeDelta};
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        people::PersonPair,
    },
    model::{
        person::Person,
        relation::{Relation, Stance},
    },
    store::StoreError,
};

use crate::{
    table::PERSON,
    value::{Reader, Value, corrupt, flag, instant_opt, json, opt, person as key, text, version},
};

/// Days since 1970-01-01.
pub(crate) fn day(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

fn date(days: i64) -> Result<NaiveDate, StoreError> {
    TimeDelta::try_days(days)
        .and_then(|days| NaiveDate::default().checked_add_signed(days))
        .ok_or_else(|| corrupt("persons.adult_on"))
}

pub(crate) fn args(tenant: &TenantId, it: &Person) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        opt(it.adult_on, |date| Value::Int(day(date))),
        opt(it.zone, |zone| text(zone.name())),
        flag(it.reminders_off),
        json(&it.reminded)?,
        version(it.version),
        text(tenant.as_str()),
        key(&it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Person, StoreError> {
    let adult_on = row.int_opt("persons.adult_on")?.map(date).transpose()?;
    let zone = row.parsed_opt("persons.zone")?;
    let reminders_off = row.flag("persons.reminders_off")?;
    let reminded = row.json("persons.reminded")?;
    let version = row.version()?;
    row.skip(1);
    let id = row.checked("persons.person")?;
    Ok(Person { id, adult_on, zone, reminders_off, reminded, version })
}

/// A person from an outer join: unknown if there is no row.
pub(crate) fn read_or_unknown(row: &mut Reader<'_>, id: &PersonId) -> Result<Person, StoreError> {
    if !PERSON.is_next(row) {
        row.skip(PERSON.width());
        return Ok(Person::unknown(id.clone()));
    }
    read(row)
}

pub(crate) fn relation_args(tenant: &TenantId, it: &Relation) -> Vec<Value> {
    let mut args = Vec::with_capacity(13);
    for stance in [&it.lo, &it.hi] {
        args.push(instant_opt(stance.blocked_at));
        args.push(instant_opt(stance.lifted_at));
        args.push(instant_opt(stance.avoids_since));
        args.push(instant_opt(stance.wishes_since));
    }
    args.push(version(it.version));
    args.push(flag(it.is_blocked()));
    args.extend([text(tenant.as_str()), key(it.people.lo()), key(it.people.hi())]);
    args
}

fn stance(row: &mut Reader<'_>) -> Result<Stance, StoreError> {
    Ok(Stance {
        blocked_at: row.instant_opt("relations.blocked_at")?,
        lifted_at: row.instant_opt("relations.lifted_at")?,
        avoids_since: row.instant_opt("relations.avoids_since")?,
        wishes_since: row.instant_opt("relations.wishes_since")?,
    })
}

pub(crate) fn read_relation(row: &mut Reader<'_>) -> Result<Relation, StoreError> {
    let lo = stance(row)?;
    let hi = stance(row)?;
    let version = row.version()?;
    row.skip(2);
    let (one, other) = (row.checked("relations.lo")?, row.checked("relations.hi")?);
    let people = PersonPair::new(one, other).ok_or_else(|| corrupt("relations.lo"))?;
    Ok(Relation { people, lo, hi, version })
}
