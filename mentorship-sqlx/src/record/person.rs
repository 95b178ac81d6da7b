//! People and what stands between two of them.

use chrono::{NaiveDate, TimeDelta};
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        people::PersonPair,
    },
    model::{
        person::{Held, LookedBack, Person, TurnedAway},
        relation::{Relation, Stance},
        restriction::{Ban, Mute},
    },
    store::StoreError,
};
use serde::{Deserialize, Serialize};

use crate::{
    table::{PERSON, RELATION},
    value::{
        Reader, Value, corrupt, flag, instant_opt, json, json_opt, mark, opt, person as key, text,
        version,
    },
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

/// What hardly anybody has.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Restrictions {
    bans: Vec<Ban>,
    mute: Option<Mute>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    turned_away: Vec<TurnedAway>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    held: Vec<Held>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    looked_back: Option<LookedBack>,
}

fn restrictions(it: &Person) -> Result<Value, StoreError> {
    let restrictions = Restrictions {
        bans: it.bans.clone(),
        mute: it.mute,
        turned_away: it.turned_away.clone(),
        held: it.held.clone(),
        looked_back: it.looked_back,
    };
    json_opt(Some(&restrictions).filter(|it| **it != Restrictions::default()))
}

pub(crate) fn args(tenant: &TenantId, it: &Person) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        opt(it.adult_on, |date| Value::Int(day(date))),
        opt(it.zone, |zone| text(zone.name())),
        flag(it.reminders_off),
        json(&it.reminded)?,
        restrictions(it)?,
        version(it.version),
        mark(!it.bans.is_empty()),
        mark(it.mute.is_some()),
        text(tenant.as_str()),
        key(&it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Person, StoreError> {
    let adult_on = row.int_opt("persons.adult_on")?.map(date).transpose()?;
    let zone = row.parsed_opt("persons.zone")?;
    let reminders_off = row.flag("persons.reminders_off")?;
    let reminded = row.json("persons.reminded")?;
    let restrictions = row.json_opt("persons.restrictions")?.unwrap_or_default();
    let Restrictions { bans, mute, turned_away, held, looked_back } = restrictions;
    let version = row.version()?;
    row.skip(3);
    let id = row.checked("persons.person")?;
    Ok(Person {
        id,
        adult_on,
        zone,
        reminders_off,
        reminded,
        bans,
        mute,
        turned_away,
        held,
        looked_back,
        version,
    })
}

/// A person from an outer join: unknown if there is no row.
pub(crate) fn read_or_unknown(row: &mut Reader<'_>, id: &PersonId) -> Result<Person, StoreError> {
    if !PERSON.is_next(row) {
        row.skip(PERSON.width());
        return Ok(Person::unknown(id.clone()));
    }
    read(row)
}

pub(crate) fn relation_args(tenant: &TenantId, it: &Relation) -> Result<Vec<Value>, StoreError> {
    let mut args = Vec::with_capacity(14);
    for stance in [&it.lo, &it.hi] {
        args.push(instant_opt(stance.blocked_at));
        args.push(instant_opt(stance.lifted_at));
        args.push(instant_opt(stance.avoids_since));
        args.push(instant_opt(stance.wishes_since));
    }
    args.push(json_opt(Some(&it.kept).filter(|it| !it.is_empty()))?);
    args.push(version(it.version));
    args.push(flag(it.is_blocked()));
    args.extend([text(tenant.as_str()), key(it.people.lo()), key(it.people.hi())]);
    Ok(args)
}

/// The arguments of a relation that is replaced, with what its counters of pairs and of proposals move by.
pub(crate) fn counting(mut args: Vec<Value>, (pairs, proposals): (i64, i64)) -> Vec<Value> {
    let keys = args.len() - RELATION.keys.len();
    args.splice(keys..keys, [pairs, proposals].map(Value::Int));
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
    let kept = row.json_opt("relations.kept_doc")?.unwrap_or_default();
    let version = row.version()?;
    row.skip(2);
    let (one, other) = (row.checked("relations.lo")?, row.checked("relations.hi")?);
    let people = PersonPair::new(one, other).ok_or_else(|| corrupt("relations.lo"))?;
    Ok(Relation { people, lo, hi, kept, version })
}
