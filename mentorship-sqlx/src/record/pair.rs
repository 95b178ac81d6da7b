//! Pairs with their steps, posts and check-ins.

use std::collections::BTreeSet;

use chrono::Days;
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::CaseId,
        people::PersonPair,
        text::Note,
        time::Timestamp,
    },
    model::{
        enrollment::Role,
        guide::StepInstance,
        journal::{CheckIn, CheckInKind, Post},
        pair::{Pair, PairState, Participant},
        program::Oversight,
    },
    store::StoreError,
};

use crate::{
    record::person::day,
    value::{
        Reader, Value, corrupt, flag, id, instant, instant_opt, json, json_opt, mark, opt, person,
        text, version,
    },
};

pub(crate) fn people(it: &Pair) -> Result<PersonPair, StoreError> {
    it.people().ok_or_else(|| corrupt("a pair of one person"))
}

/// When a pair was over; `None` while it lives.
pub(crate) fn over_at(it: &Pair) -> Option<Timestamp> {
    match &it.state {
        PairState::Completed { at, .. } | PairState::Ended { at, .. } => Some(*at),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. } => None,
    }
}

/// The words of whoever ended it. Beside the state, which stays as it ended: they go when what the two wrote
/// goes.
fn end_note(it: &Pair) -> Option<&Note> {
    match &it.state {
        PairState::Ended { end, .. } => end.note.as_ref(),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. } => None,
    }
}

/// The day by which both have to be adults, if the pair needs adults: the one after the last look.
fn adults_by(it: &Pair) -> Value {
    if !it.state.needs_adults() {
        return Value::Null;
    }
    let last = it.adults_at.date_naive().checked_add_days(Days::new(1));
    Value::Int(last.map_or(i64::MAX, day))
}

pub(crate) fn args(tenant: &TenantId, it: &Pair) -> Result<Vec<Value>, StoreError> {
    let people = people(it)?;
    let adult = |who: &PersonId| {
        if it.state.needs_adults() {
            [text(tenant.as_str()), person(who)]
        } else {
            [Value::Null, Value::Null]
        }
    };
    let mut args = vec![
        id(it.program),
        id(it.mentor.enrollment),
        person(&it.mentor.person),
        opt(it.mentor.introduction.as_ref(), |note| text(note.as_str())),
        json_opt(it.mentor.withheld.as_ref())?,
        id(it.mentee.enrollment),
        person(&it.mentee.person),
        opt(it.mentee.introduction.as_ref(), |note| text(note.as_str())),
        json_opt(it.mentee.withheld.as_ref())?,
        id(it.proposal),
        text(it.state.code()),
        json(&it.state.without_words())?,
        opt(end_note(it), |note| text(note.as_str())),
        json_opt(it.note_withheld.as_ref())?,
        Value::Int(it.guide_version.into()),
        text(it.oversight.code()),
        instant(it.started_at),
        instant(it.adults_at),
        json(&it.pauses)?,
        opt(it.previous_pair, id),
        Value::Int(i64::try_from(it.last_seq).unwrap_or(i64::MAX)),
        instant(it.last_activity_at),
        instant_opt(it.reminded_at),
        instant_opt(it.due_at),
        instant_opt(it.cleared_at),
        json_opt(Some(&it.kept_for).filter(|it| !it.is_empty()))?,
        version(it.version),
        instant_opt(over_at(it)),
        person(people.lo()),
        person(people.hi()),
        mark(it.state.is_live()),
        adults_by(it),
    ];
    args.extend(adult(&it.mentor.person));
    args.extend(adult(&it.mentee.person));
    args.extend([text(tenant.as_str()), id(it.id)]);
    Ok(args)
}

fn participant(row: &mut Reader<'_>) -> Result<Participant, StoreError> {
    Ok(Participant {
        enrollment: row.id("pairs.enrollment")?,
        person: row.checked("pairs.person")?,
        introduction: row.checked_opt("pairs.introduction")?,
        withheld: row.json_opt("pairs.withheld")?,
    })
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Pair, StoreError> {
    let program = row.id("pairs.program")?;
    let mentor = participant(row)?;
    let mentee = participant(row)?;
    let proposal = row.id("pairs.proposal")?;
    row.skip(1);
    let mut state = row.json("pairs.state_doc")?;
    let note = row.checked_opt("pairs.end_note")?;
    if let PairState::Ended { end, .. } = &mut state {
        end.note = note;
    }
    let note_withheld = row.json_opt("pairs.end_note_withheld")?;
    let guide_version = row.int("pairs.guide_version")?;
    let oversight = row.coded("pairs.oversight", Oversight::from_code)?;
    let started_at = row.instant("pairs.started_at")?;
    let adults_at = row.instant("pairs.adults_at")?;
    let pauses = row.json("pairs.pauses")?;
    let previous_pair = row.id_opt("pairs.previous_pair")?;
    let last_seq = row.int("pairs.last_seq")?;
    let last_activity_at = row.instant("pairs.last_activity_at")?;
    let reminded_at = row.instant_opt("pairs.reminded_at")?;
    let due_at = row.instant_opt("pairs.due_at")?;
    let cleared_at = row.instant_opt("pairs.cleared_at")?;
    let kept_for: Option<BTreeSet<CaseId>> = row.json_opt("pairs.kept_for")?;
    let version = row.version()?;
    row.skip(8);
    let id = row.id("pairs.id")?;
    Ok(Pair {
        id,
        program,
        mentor,
        mentee,
        proposal,
        state,
        note_withheld,
        guide_version,
        oversight,
        started_at,
        adults_at,
        pauses,
        previous_pair,
        last_seq,
        last_activity_at,
        reminded_at,
        due_at,
        cleared_at,
        kept_for: kept_for.unwrap_or_default(),
        version,
    })
}

pub(crate) fn step_args(tenant: &TenantId, it: &StepInstance) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        text(it.key.as_str()),
        text(it.state.code()),
        json(&it.state)?,
        instant_opt(it.due_at),
        instant_opt(it.mentor_done_at),
        instant_opt(it.mentee_done_at),
        text(tenant.as_str()),
        id(it.pair),
        Value::Int(it.position.into()),
    ])
}

pub(crate) fn read_step(row: &mut Reader<'_>) -> Result<StepInstance, StoreError> {
    let key = row.slug("steps.step")?;
    row.skip(1);
    let state = row.json("steps.state_doc")?;
    let due_at = row.instant_opt("steps.due_at")?;
    let mentor_done_at = row.instant_opt("steps.mentor_done_at")?;
    let mentee_done_at = row.instant_opt("steps.mentee_done_at")?;
    row.skip(1);
    let pair = row.id("steps.pair")?;
    let position = row.int("steps.position")?;
    Ok(StepInstance { pair, key, position, state, due_at, mentor_done_at, mentee_done_at })
}

pub(crate) fn post_args(tenant: &TenantId, it: &Post) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        id(it.id),
        text(it.step.as_str()),
        opt(it.reply_to, id),
        person(&it.author),
        opt(it.body.as_ref(), |body| text(body.as_str())),
        instant(it.at),
        Value::Int(it.revision.into()),
        instant_opt(it.edited_at),
        instant_opt(it.removed_at),
        json(&it.held)?,
        json_opt(it.withheld.as_ref())?,
        text(tenant.as_str()),
        id(it.pair),
        Value::Int(i64::try_from(it.seq).unwrap_or(i64::MAX)),
    ])
}

pub(crate) fn read_post(row: &mut Reader<'_>) -> Result<Post, StoreError> {
    let id = row.id("posts.id")?;
    let step = row.slug("posts.step")?;
    let reply_to = row.id_opt("posts.reply_to")?;
    let author = row.checked("posts.author")?;
    let body = row.checked_opt("posts.body")?;
    let at = row.instant("posts.at")?;
    let revision = row.int("posts.revision")?;
    let edited_at = row.instant_opt("posts.edited_at")?;
    let removed_at = row.instant_opt("posts.removed_at")?;
    let held = row.json("posts.held")?;
    let withheld = row.json_opt("posts.withheld")?;
    row.skip(1);
    let pair = row.id("posts.pair")?;
    let seq = row.int("posts.seq")?;
    Ok(Post {
        id,
        pair,
        step,
        reply_to,
        author,
        seq,
        body,
        at,
        revision,
        edited_at,
        removed_at,
        held,
        withheld,
    })
}

fn kind(kind: CheckInKind) -> (&'static str, i64) {
    match kind {
        CheckInKind::Week { number } => ("week", number.into()),
        CheckInKind::Closing => ("closing", 0),
    }
}

pub(crate) fn check_in_args(tenant: &TenantId, it: &CheckIn) -> Result<Vec<Value>, StoreError> {
    let (kind, week) = kind(it.kind);
    Ok(vec![
        opt(it.score, |score| Value::Int(score.into())),
        opt(it.note.as_ref(), |note| text(note.as_str())),
        flag(it.note_shared),
        opt(it.testimonial.as_ref(), |note| text(note.as_str())),
        instant(it.at),
        json_opt(it.withheld.as_ref())?,
        text(tenant.as_str()),
        id(it.pair),
        text(it.side.code()),
        text(kind),
        Value::Int(week),
    ])
}

pub(crate) fn read_check_in(row: &mut Reader<'_>) -> Result<CheckIn, StoreError> {
    let score = if row.at_null() {
        row.skip(1);
        None
    } else {
        Some(row.int("check_ins.score")?)
    };
    let note = row.checked_opt("check_ins.note")?;
    let note_shared = row.flag("check_ins.note_shared")?;
    let testimonial = row.checked_opt("check_ins.testimonial")?;
    let at = row.instant("check_ins.at")?;
    let withheld = row.json_opt("check_ins.withheld")?;
    row.skip(1);
    let pair = row.id("check_ins.pair")?;
    let side = row.coded("check_ins.side", Role::from_code)?;
    let kind = match row.text("check_ins.kind")? {
        "week" => CheckInKind::Week { number: row.int("check_ins.week")? },
        "closing" => {
            row.skip(1);
            CheckInKind::Closing
        }
        _ => return Err(corrupt("check_ins.kind")),
    };
    Ok(CheckIn { pair, side, kind, score, note, note_shared, testimonial, at, withheld })
}
