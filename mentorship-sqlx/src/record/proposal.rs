//! Proposals.

use mentorship_core::{
    base::{host::TenantId, people::PersonPair},
    model::proposal::{Origin, Proposal},
    store::StoreError,
};

use crate::value::{
    Reader, Value, corrupt, flag, id, instant, instant_opt, json, mark, opt, person, text, version,
};

pub(crate) fn people(it: &Proposal) -> Result<PersonPair, StoreError> {
    PersonPair::new(it.mentor_person.clone(), it.mentee_person.clone())
        .ok_or_else(|| corrupt("a proposal of one person"))
}

pub(crate) fn args(tenant: &TenantId, it: &Proposal) -> Result<Vec<Value>, StoreError> {
    let people = people(it)?;
    Ok(vec![
        id(it.program),
        id(it.mentor),
        person(&it.mentor_person),
        id(it.mentee),
        person(&it.mentee_person),
        text(it.origin.code()),
        text(it.state.code()),
        json(&it.state)?,
        opt(it.rank, |rank| Value::Int(rank.into())),
        opt(it.score.as_ref().map(json).transpose()?, |score| score),
        opt(it.run, id),
        opt(it.previous_pair, id),
        instant_opt(it.offered_at),
        person(&it.created_by),
        instant(it.created_at),
        version(it.version),
        instant_opt(it.due_at()),
        person(people.lo()),
        person(people.hi()),
        mark(it.state.is_open()),
        flag(it.holds_for_staging()),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Proposal, StoreError> {
    let program = row.id("proposals.program")?;
    let mentor = row.id("proposals.mentor")?;
    let mentor_person = row.checked("proposals.mentor_person")?;
    let mentee = row.id("proposals.mentee")?;
    let mentee_person = row.checked("proposals.mentee_person")?;
    let origin = row.coded("proposals.origin", Origin::from_code)?;
    row.skip(1);
    let state = row.json("proposals.state_doc")?;
    let rank = if row.at_null() {
        row.skip(1);
        None
    } else {
        Some(row.int("proposals.choice")?)
    };
    let score = if row.at_null() {
        row.skip(1);
        None
    } else {
        Some(row.json("proposals.score_doc")?)
    };
    let run = row.id_opt("proposals.run")?;
    let previous_pair = row.id_opt("proposals.previous_pair")?;
    let offered_at = row.instant_opt("proposals.offered_at")?;
    let created_by = row.checked("proposals.created_by")?;
    let created_at = row.instant("proposals.created_at")?;
    let version = row.version()?;
    row.skip(6);
    let id = row.id("proposals.id")?;
    Ok(Proposal {
        id,
        program,
        mentor,
        mentor_person,
        mentee,
        mentee_person,
        origin,
        state,
        rank,
        score,
        run,
        previous_pair,
        offered_at,
        created_by,
        created_at,
        version,
    })
}
