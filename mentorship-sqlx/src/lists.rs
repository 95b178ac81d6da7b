//! Pages of listings: keyset, never offset.

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id, PairId, ProgramId},
        people::PersonPair,
        time::Timestamp,
    },
    change::Key,
    model::{
        enrollment::Role,
        event::AuditEvent,
        journal::CheckInKind,
        relation::Relation,
        rename::Rename as _,
        report::Case,
        signal::{QUICK_END_DAYS, Signal, SignalFloor},
    },
    store::{
        CaseScope, Cursor, ListAsk, Listed, Listing, Page, StoreError, StoreErrorKind,
        ask::{AuditScope, CaseQueue, CaseReader, PeopleScope},
    },
    view::{Between, Candidate, Pooled},
};

use crate::{
    record::{case, enrollment, log, pair, person, program, proposal, run},
    session::fetch,
    statement::Statement as S,
    table::{CASE, RELATION},
    value::{
        Reader, Row, Value, between_breaks, first_id, flag, id, instant, json, last_id,
        person as key, text,
    },
    views::{Views, each},
};

/// Before every instant.
pub(crate) const FIRST: i64 = i64::MIN;

fn bad_cursor() -> StoreError {
    StoreError::new(StoreErrorKind::Unsupported, "list").with_detail("cursor")
}

/// The place in an order by instant and id that a cursor names, checked as an id of its kind.
pub(crate) fn place<I: Id + std::str::FromStr>(
    after: Option<&Cursor>,
) -> Result<[Value; 2], StoreError> {
    let Some(cursor) = after else { return Ok([Value::Int(FIRST), first_id()]) };
    Timestamp::from_timestamp_micros(cursor.rank).ok_or_else(bad_cursor)?;
    let at: I = cursor.id.parse().map_err(|_| bad_cursor())?;
    Ok([Value::Int(cursor.rank), id(at)])
}

/// One more than asked, to see whether there is more.
pub(crate) fn limit(rows: u16) -> Value {
    Value::Int(i64::from(rows) + 1)
}

pub(crate) fn page<T, U>(
    limit: u16,
    mut found: Vec<T>,
    cursor: impl Fn(&T) -> Cursor,
    item: impl Fn(T) -> U,
) -> Page<U> {
    let limit = usize::from(limit);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = if more { found.last().map(cursor) } else { None };
    Page { items: found.into_iter().map(item).collect(), next }
}

pub(crate) fn timed(at: Timestamp, id: impl std::fmt::Display) -> Cursor {
    Cursor { rank: at.timestamp_micros(), id: id.to_string() }
}

/// Fetches and cuts a page in an order by instant and id. `$args` come before the place, which is
/// repeated after `$again` for a listing that is united from two indexes.
macro_rules! by_time {
    ($views:expr, $ask:expr, $sql:expr, $id:ty, [$($arg:expr),*], $read:path, $variant:ident, $at:ident) => {{
        let place = place::<$id>($ask.after.as_ref())?;
        let mut args = vec![text($views.tenant.as_str()), $($arg),*];
        args.extend(place);
        by_time!(@page $views, $ask, $sql, args, $read, $variant, $at)
    }};
    (twice $views:expr, $ask:expr, $sql:expr, $id:ty, $arg:expr, $read:path, $variant:ident, $at:ident) => {{
        let mut args = Vec::with_capacity(9);
        for _ in 0..2 {
            args.extend([text($views.tenant.as_str()), $arg]);
            args.extend(place::<$id>($ask.after.as_ref())?);
        }
        by_time!(@page $views, $ask, $sql, args, $read, $variant, $at)
    }};
    (@page $views:expr, $ask:expr, $sql:expr, $args:ident, $read:path, $variant:ident, $at:ident) => {{
        $args.push(limit($ask.limit_rows()));
        let found = each(&fetch($views.session, $sql, $args).await?, $read)?;
        let cursor = |it: &_| { let it: &by_time!(@type $variant) = it; timed(it.$at, it.id) };
        Ok(page($ask.limit_rows(), found, cursor, |it| Listed::$variant(Box::new(it))))
    }};
    (@type Program) => { mentorship_core::model::program::Program };
    (@type Enrollment) => { mentorship_core::model::enrollment::Enrollment };
    (@type Proposal) => { mentorship_core::model::proposal::Proposal };
    (@type Run) => { mentorship_core::model::run::Run };
    (@type Pair) => { mentorship_core::model::pair::Pair };
    (@type Case) => { mentorship_core::model::report::Case };
    (@type Audit) => { mentorship_core::model::event::AuditEvent };
}

type PageResult = Result<Page<Listed>, StoreError>;

#[expect(clippy::too_many_lines, reason = "one arm per listing")]
pub(crate) async fn pages(views: &mut Views<'_>, ask: &ListAsk) -> PageResult {
    use mentorship_core::base::id::{ProgramId, ProposalId, RunId};
    match &ask.what {
        Listing::Programs { group: None } => {
            by_time!(views, ask, S::ProgramsAll, ProgramId, [], program::read, Program, created_at)
        }
        Listing::Programs { group: Some(group) } => {
            let group = text(group.as_str());
            by_time!(
                views,
                ask,
                S::ProgramsOf,
                ProgramId,
                [group],
                program::read,
                Program,
                created_at
            )
        }
        Listing::Enrollments { program, role, state } => {
            let first = text(role.unwrap_or(Role::Mentor).code());
            let second = text(role.unwrap_or(Role::Mentee).code());
            match state {
                None => by_time!(
                    views,
                    ask,
                    S::EnrollmentsIn,
                    EnrollmentId,
                    [id(*program), first, second],
                    enrollment::read,
                    Enrollment,
                    applied_at
                ),
                Some(state) => by_time!(
                    views,
                    ask,
                    S::EnrollmentsAt,
                    EnrollmentId,
                    [id(*program), text(state.as_str()), first, second],
                    enrollment::read,
                    Enrollment,
                    applied_at
                ),
            }
        }
        Listing::EnrollmentsOf { person } => by_time!(
            views,
            ask,
            S::EnrollmentsOf,
            EnrollmentId,
            [key(person)],
            enrollment::read,
            Enrollment,
            applied_at
        ),
        Listing::Candidates { enrollment } => candidates(views, ask, *enrollment).await,
        Listing::Pool { program } => pool(views, ask, *program).await,
        Listing::Between { program } => between(views, ask, *program).await,
        Listing::Proposals { program, state: None } => by_time!(
            views,
            ask,
            S::ProposalsIn,
            ProposalId,
            [id(*program)],
            proposal::read,
            Proposal,
            created_at
        ),
        Listing::Proposals { program, state: Some(state) } => by_time!(
            views,
            ask,
            S::ProposalsAt,
            ProposalId,
            [id(*program), text(state.as_str())],
            proposal::read,
            Proposal,
            created_at
        ),
        Listing::Runs { program } => {
            by_time!(views, ask, S::Runs, RunId, [id(*program)], run::read, Run, created_at)
        }
        Listing::ProposalsOfRun { run } => by_time!(
            views,
            ask,
            S::ProposalsOfRun,
            ProposalId,
            [id(*run)],
            proposal::read,
            Proposal,
            created_at
        ),
        Listing::ProposalsOf { enrollment } => by_time!(
            twice views, ask, S::ProposalsOf, ProposalId, id(*enrollment), proposal::read,
            Proposal, created_at
        ),
        Listing::ProposalsFor { person } => by_time!(
            twice views, ask, S::ProposalsFor, ProposalId, key(person), proposal::read, Proposal,
            created_at
        ),
        Listing::Pairs { program, state: None } => {
            by_time!(views, ask, S::PairsIn, PairId, [id(*program)], pair::read, Pair, started_at)
        }
        Listing::Pairs { program, state: Some(state) } => by_time!(
            views,
            ask,
            S::PairsAt,
            PairId,
            [id(*program), text(state.as_str())],
            pair::read,
            Pair,
            started_at
        ),
        Listing::PairsOf { person } => by_time!(
            twice views, ask, S::PairsOf, PairId, key(person), pair::read, Pair, started_at
        ),
        Listing::Posts { pair, step } => posts(views, ask, *pair, step.as_ref()).await,
        Listing::CheckIns { pair } => check_ins(views, ask, *pair).await,
        Listing::BlocksBy { person } => {
            relations(views, ask, person, S::BlocksByLo, S::BlocksByHi).await
        }
        Listing::AvoidsBy { person } => {
            relations(views, ask, person, S::AvoidsByLo, S::AvoidsByHi).await
        }
        Listing::WishesBy { person } => {
            relations(views, ask, person, S::WishesByLo, S::WishesByHi).await
        }
        Listing::RelationsOf { person } => {
            relations(views, ask, person, S::RelationsAsLo, S::RelationsAsHi).await
        }
        Listing::Signals { since, floor, reader } => {
            signals(views, ask, *since, (*floor, reader)).await
        }
        Listing::People { scope } => people(views, ask, *scope).await,
        Listing::Cases { scope } => cases(views, ask, scope).await,
        Listing::Audit { scope } => audit(views, ask, scope).await,
        Listing::Due { at } => due(views, ask, *at).await,
        _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
    }
}

async fn posts(
    views: &mut Views<'_>,
    ask: &ListAsk,
    pair: PairId,
    step: Option<&mentorship_core::base::text::Slug>,
) -> PageResult {
    let after = match &ask.after {
        None => 0,
        Some(cursor) if cursor.rank >= 0 => cursor.rank,
        Some(_) => return Err(bad_cursor()),
    };
    let mut args = vec![text(views.tenant.as_str()), id(pair), Value::Int(after)];
    let sql = match step {
        None => S::Posts,
        Some(step) => {
            args.push(text(step.as_str()));
            S::PostsOn
        }
    };
    args.push(limit(ask.limit_rows()));
    let found = each(&fetch(views.session, sql, args).await?, pair::read_post)?;
    let cursor = |post: &mentorship_core::model::journal::Post| Cursor {
        rank: i64::try_from(post.seq).unwrap_or(i64::MAX),
        id: String::new(),
    };
    Ok(page(ask.limit_rows(), found, cursor, |post| Listed::Post(Box::new(post))))
}

fn check_in_code(side: Role, kind: CheckInKind) -> String {
    match kind {
        CheckInKind::Week { number } => format!("{side}:week:{number:05}"),
        CheckInKind::Closing => format!("{side}:~closing"),
    }
}

/// A pair has at most some two thousand check-ins, so that the order is made here.
async fn check_ins(views: &mut Views<'_>, ask: &ListAsk, pair: PairId) -> PageResult {
    let args = [text(views.tenant.as_str()), id(pair)];
    let mut found = each(&fetch(views.session, S::CheckIns, args).await?, pair::read_check_in)?;
    found.sort_by_key(|it| (it.at, it.side, it.kind));
    if let Some(cursor) = &ask.after {
        if !cursor.id.starts_with("ment") {
            return Err(bad_cursor());
        }
        let same = found.iter().position(|it| {
            (it.at.timestamp_micros(), check_in_code(it.side, it.kind))
                == (cursor.rank, cursor.id.clone())
        });
        // One that was replaced by a later one meanwhile: go on by time.
        let until = || found.iter().filter(|it| it.at.timestamp_micros() <= cursor.rank).count();
        let skip = same.map_or_else(until, |place| place + 1);
        found.drain(..skip.min(found.len()));
    }
    let cursor = |it: &mentorship_core::model::journal::CheckIn| Cursor {
        rank: it.at.timestamp_micros(),
        id: check_in_code(it.side, it.kind),
    };
    Ok(page(ask.limit_rows(), found, cursor, |it| Listed::CheckIn(Box::new(it))))
}

async fn relations(
    views: &mut Views<'_>,
    ask: &ListAsk,
    who: &PersonId,
    as_lo: S,
    as_hi: S,
) -> PageResult {
    let after = match &ask.after {
        None => text(""),
        Some(cursor) => key(&PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
    };
    let args = [text(views.tenant.as_str()), key(who), after, limit(ask.limit_rows())];
    let mut found: Vec<(PersonId, Relation)> = Vec::new();
    for sql in [as_lo, as_hi] {
        for relation in
            each(&fetch(views.session, sql, args.clone()).await?, person::read_relation)?
        {
            if let Some(other) = relation.people.other(who).cloned() {
                found.push((other, relation));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(page(
        ask.limit_rows(),
        found,
        |(other, _)| Cursor { rank: 0, id: other.as_str().to_owned() },
        |(_, relation)| Listed::Relation(Box::new(relation)),
    ))
}

async fn people(views: &mut Views<'_>, ask: &ListAsk, scope: PeopleScope) -> PageResult {
    let sql = match scope {
        PeopleScope::Banned => S::PeopleBanned,
        PeopleScope::Muted => S::PeopleMuted,
        _ => return Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
    };
    let after = match &ask.after {
        None => text(""),
        Some(cursor) => key(&PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
    };
    let args = vec![text(views.tenant.as_str()), after, limit(ask.limit_rows())];
    let found = each(&fetch(views.session, sql, args).await?, person::read)?;
    Ok(page(
        ask.limit_rows(),
        found,
        |it| Cursor { rank: 0, id: it.id.as_str().to_owned() },
        |it| Listed::Person(Box::new(it)),
    ))
}

async fn signals(
    views: &mut Views<'_>,
    ask: &ListAsk,
    since: Timestamp,
    (floor, reader): (SignalFloor, &CaseReader),
) -> PageResult {
    let after = match &ask.after {
        None => text(""),
        Some(cursor) => key(&PersonId::try_from(cursor.id.as_str()).map_err(|_| bad_cursor())?),
    };
    let soon = TimeDelta::days(QUICK_END_DAYS.into());
    let args = [
        text(views.tenant.as_str()),
        instant(since),
        after,
        Value::Int(soon.num_microseconds().unwrap_or(i64::MAX)),
        Value::Int(floor.blocks.into()),
        Value::Int(floor.reporters.into()),
        Value::Int(floor.quick_ends.into()),
        limit(ask.limit_rows()),
        hidden_keys(reader),
        between_breaks([&reader.person]),
    ];
    let found = each(&fetch(views.session, S::Signals, args).await?, |row| {
        Ok(Signal {
            person: row.checked("signals.person")?,
            blocks: row.int("signals.blocks")?,
            open_reports: row.int("signals.open_reports")?,
            decided_reports: row.int("signals.decided_reports")?,
            reporters: row.int("signals.reporters")?,
            quick_ends: row.int("signals.quick_ends")?,
        })
    })?;
    Ok(page(
        ask.limit_rows(),
        found,
        |it| Cursor { rank: 0, id: it.person.as_str().to_owned() },
        |it| Listed::Signal(Box::new(it)),
    ))
}

async fn cases(views: &mut Views<'_>, ask: &ListAsk, scope: &CaseScope) -> PageResult {
    use mentorship_core::base::id::CaseId;
    match scope {
        CaseScope::Tenant => {
            by_time!(views, ask, S::CasesAll, CaseId, [], case::read, Case, filed_at)
        }
        CaseScope::Program(program) => {
            by_time!(views, ask, S::CasesIn, CaseId, [id(*program)], case::read, Case, filed_at)
        }
        CaseScope::Platform => {
            by_time!(views, ask, S::CasesAtPlatform, CaseId, [], case::read, Case, filed_at)
        }
        CaseScope::Queue(queue) => case_queue(views, ask, queue).await,
        CaseScope::Reporter(who) => {
            by_time!(views, ask, S::CasesBy, CaseId, [key(who)], case::read, Case, filed_at)
        }
        CaseScope::Subject(who) => {
            by_time!(views, ask, S::CasesAbout, CaseId, [key(who)], case::read, Case, filed_at)
        }
        CaseScope::Naming(who) => cases_naming(views, ask, who).await,
        _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
    }
}

/// What is hidden the database leaves out, in one statement. Of keys that the reader had before it knows no
/// witnesses: what is left of these costs another page, and shows in nothing else.
async fn case_queue(views: &mut Views<'_>, ask: &ListAsk, queue: &CaseQueue) -> PageResult {
    use mentorship_core::base::id::CaseId;
    let rows = usize::from(ask.limit_rows());
    let (mut after, mut found) = (place::<CaseId>(ask.after.as_ref())?, Vec::new());
    loop {
        let read = rows_of_queue(views, ask.limit_rows(), queue, after).await?;
        let is_last = read.len() <= rows;
        let Some(last) = read.last() else { break };
        after = [instant(last.filed_at), id(last.id)];
        found.extend(read.into_iter().filter(|it| !queue.hides(it)));
        if is_last || found.len() > rows {
            break;
        }
    }
    let cursor = |it: &Case| timed(it.filed_at, it.id);
    Ok(page(ask.limit_rows(), found, cursor, |it| Listed::Case(Box::new(it))))
}

/// What the database itself gives of a queue from this place on: as many as asked and one more.
pub(crate) async fn rows_of_queue(
    views: &mut Views<'_>,
    rows: u16,
    queue: &CaseQueue,
    after: [Value; 2],
) -> Result<Vec<Case>, StoreError> {
    let sql = match (queue.program, &queue.about) {
        (Some(_), None) => S::CaseQueueIn,
        (Some(_), Some(_)) => S::CaseQueueInAbout,
        (None, None) => S::CaseQueueAtPlatform,
        (None, Some(_)) => S::CaseQueueAtPlatformAbout,
    };
    let of = queue.program.map(id).into_iter().chain(queue.about.as_ref().map(key));
    let args = seen_args(views, of, &queue.reader, (after, rows));
    each(&fetch(views.session, sql, args).await?, case::read)
}

/// The keys of whom there is no case for a reader, who are among them.
fn hidden_keys(CaseReader { person, was, apart }: &CaseReader) -> Value {
    between_breaks(std::iter::once(person).chain(was).chain(apart))
}

/// What a statement that leaves out cases for their reader is given.
fn seen_args(
    views: &Views<'_>,
    of: impl IntoIterator<Item = Value>,
    reader: &CaseReader,
    (after, rows): ([Value; 2], u16),
) -> Vec<Value> {
    let hidden = hidden_keys(reader);
    let mut args = vec![text(views.tenant.as_str())];
    args.extend(of);
    args.extend([hidden.clone(), hidden, between_breaks([&reader.person])]);
    args.extend(after);
    args.push(limit(rows));
    args
}

/// Like a queue of cases, by the cases to which events belong.
async fn audit_seen(
    views: &mut Views<'_>,
    ask: &ListAsk,
    (program, reader): (Option<ProgramId>, &CaseReader),
) -> PageResult {
    use mentorship_core::base::id::EventId;
    let rows = usize::from(ask.limit_rows());
    let (mut after, mut found) = (place::<EventId>(ask.after.as_ref())?, Vec::new());
    loop {
        let read = rows_of_log(views, ask.limit_rows(), (program, reader), after).await?;
        let is_last = read.len() <= rows;
        let Some((last, _)) = read.last() else { break };
        after = [instant(last.at), id(last.id)];
        let is_shown =
            |case: &Option<Case>| case.as_ref().is_none_or(|it| !reader.is_kept_from(it));
        found.extend(read.into_iter().filter(|(_, case)| is_shown(case)).map(|(event, _)| event));
        if is_last || found.len() > rows {
            break;
        }
    }
    let cursor = |it: &AuditEvent| timed(it.at, it.id);
    Ok(page(ask.limit_rows(), found, cursor, |it| Listed::Audit(Box::new(it))))
}

/// What the database itself gives of the log from this place on: as many as asked and one more.
pub(crate) async fn rows_of_log(
    views: &mut Views<'_>,
    rows: u16,
    (program, reader): (Option<ProgramId>, &CaseReader),
    after: [Value; 2],
) -> Result<Vec<(AuditEvent, Option<Case>)>, StoreError> {
    let sql = if program.is_some() { S::AuditSeenIn } else { S::AuditSeen };
    let args = seen_args(views, program.map(id), reader, (after, rows));
    each(&fetch(views.session, sql, args).await?, event_of_case)
}

/// An event with the case to which it belongs.
fn event_of_case(row: &mut Reader<'_>) -> Result<(AuditEvent, Option<Case>), StoreError> {
    let event = log::read_audit(row)?;
    let case = if CASE.is_next(row) { Some(case::read(row)?) } else { None };
    Ok((event, case))
}

/// The database has compared text with text; what a case holds decides.
async fn cases_naming(views: &mut Views<'_>, ask: &ListAsk, who: &PersonId) -> PageResult {
    use mentorship_core::base::id::CaseId;
    let said = json(who)?;
    let found: PageResult = by_time!(
        views,
        ask,
        S::CasesOf,
        CaseId,
        [key(who), key(who), said.clone(), said],
        case::read,
        Case,
        filed_at
    );
    let mut page = found?;
    page.items.retain(|it| matches!(it, Listed::Case(case) if case.names(who)));
    Ok(page)
}

async fn audit(views: &mut Views<'_>, ask: &ListAsk, scope: &AuditScope) -> PageResult {
    use mentorship_core::base::id::EventId;
    match scope {
        AuditScope::Tenant => {
            by_time!(views, ask, S::AuditAll, EventId, [], log::read_audit, Audit, at)
        }
        AuditScope::Over { before } => {
            by_time!(
                views,
                ask,
                S::AuditOver,
                EventId,
                [instant(*before), text(ask.tenant.as_str())],
                log::read_audit,
                Audit,
                at
            )
        }
        AuditScope::Program { program, private } => by_time!(
            views,
            ask,
            S::AuditIn,
            EventId,
            [id(*program), flag(*private)],
            log::read_audit,
            Audit,
            at
        ),
        AuditScope::Subject(subject) => {
            let [kind, one, other] = log::key_args(subject);
            if other == Value::Null {
                by_time!(
                    views,
                    ask,
                    S::AuditAbout,
                    EventId,
                    [one, kind],
                    log::read_audit,
                    Audit,
                    at
                )
            } else {
                by_time!(
                    views,
                    ask,
                    S::AuditAboutTwo,
                    EventId,
                    [one, kind, other],
                    log::read_audit,
                    Audit,
                    at
                )
            }
        }
        AuditScope::Actor(person) => {
            by_time!(views, ask, S::AuditBy, EventId, [key(person)], log::read_audit, Audit, at)
        }
        AuditScope::Seen { program, reader } => audit_seen(views, ask, (*program, reader)).await,
        _ => Err(StoreError::new(StoreErrorKind::Unsupported, "list")),
    }
}

/// The kinds of records that time changes, in the order of their keys.
const DUE: [S; 5] = [S::DuePrograms, S::DueEnrollments, S::DueProposals, S::DuePairs, S::DueCases];

fn due_key(kind: usize, row: &mut Reader<'_>) -> Result<Key, StoreError> {
    Ok(match kind {
        0 => Key::Program(row.id("programs.id")?),
        1 => Key::Enrollment(row.id("enrollments.id")?),
        2 => Key::Proposal(row.id("proposals.id")?),
        3 => Key::Pair(row.id("pairs.id")?),
        _ => Key::Case(row.id("cases.id")?),
    })
}

async fn due(views: &mut Views<'_>, ask: &ListAsk, now: Timestamp) -> PageResult {
    let after = match &ask.after {
        None => None,
        Some(cursor) => {
            Timestamp::from_timestamp_micros(cursor.rank).ok_or_else(bad_cursor)?;
            let key: Key = cursor.id.parse().map_err(|_| bad_cursor())?;
            Some((cursor.rank, key))
        }
    };
    let mut found: Vec<(Timestamp, Key)> = Vec::new();
    for (kind, sql) in DUE.into_iter().enumerate() {
        // Where this kind goes on: after the cursor's id if it is of this kind, from the same instant
        // if its kind comes later, past the instant if it comes earlier.
        let (from, past, after_id) = match &after {
            None => (FIRST, FIRST, first_id()),
            Some((at, key)) => {
                let (cursor_kind, cursor_id) = match key {
                    Key::Program(it) => (0, id(*it)),
                    Key::Enrollment(it) => (1, id(*it)),
                    Key::Proposal(it) => (2, id(*it)),
                    Key::Pair(it) => (3, id(*it)),
                    Key::Case(it) => (4, id(*it)),
                    Key::Person(_) | Key::Relation(_) => return Err(bad_cursor()),
                };
                match kind.cmp(&cursor_kind) {
                    std::cmp::Ordering::Less => (*at, *at, last_id()),
                    std::cmp::Ordering::Equal => (*at, *at, cursor_id),
                    std::cmp::Ordering::Greater => (*at, *at, first_id()),
                }
            }
        };
        let args = [
            text(views.tenant.as_str()),
            Value::Int(from),
            Value::Int(now.timestamp_micros()),
            Value::Int(past),
            after_id,
            limit(ask.limit_rows()),
        ];
        let rows: Vec<Row> = fetch(views.session, sql, args).await?;
        found.extend(each(&rows, |row| Ok((row.instant("due_at")?, due_key(kind, row)?)))?);
    }
    found.sort();
    Ok(page(
        ask.limit_rows(),
        found,
        |(at, key)| timed(*at, key),
        |(at, key)| Listed::Due { at, key },
    ))
}

fn candidate(row: &mut Reader<'_>, own: &PersonId) -> Result<Option<Candidate>, StoreError> {
    let enrollment = enrollment::read(row)?;
    let live = row.int("live")?;
    let person_live = row.int("person_live")?;
    let reserved = row.int("reserved")?;
    let taken = row.flag("taken")?;
    let past = row.flag("past")?;
    let person = person::read_or_unknown(row, &enrollment.person)?;
    let relation = if RELATION.is_next(row) { Some(person::read_relation(row)?) } else { None };
    // A row that only counts is no relation yet.
    let relation = relation.filter(|it| !it.version.is_new());
    let two = PersonPair::new(own.clone(), enrollment.person.clone());
    Ok(two.map(|_| Candidate {
        enrollment,
        person,
        live,
        person_live,
        reserved,
        relation,
        taken,
        past,
    }))
}

async fn candidates(views: &mut Views<'_>, ask: &ListAsk, of: EnrollmentId) -> PageResult {
    let after = match &ask.after {
        None => first_id(),
        Some(cursor) => id(cursor.id.parse::<EnrollmentId>().map_err(|_| bad_cursor())?),
    };
    let Some((own, _)) = views.enrollment(of).await? else {
        return Ok(Page { items: Vec::new(), next: None });
    };
    let args = [
        key(&own.person),
        text(views.tenant.as_str()),
        id(own.program),
        text(own.role.opposite().code()),
        after,
        limit(ask.limit_rows()),
    ];
    let rows = fetch(views.session, S::Candidates, args).await?;
    let found = each(&rows, |row| candidate(row, &own.person))?.into_iter().flatten().collect();
    Ok(page(
        ask.limit_rows(),
        found,
        |it: &Candidate| Cursor { rank: 0, id: it.enrollment.id.to_string() },
        |it| Listed::Candidate(Box::new(it)),
    ))
}

async fn pool(views: &mut Views<'_>, ask: &ListAsk, program: ProgramId) -> PageResult {
    let after = match &ask.after {
        None => first_id(),
        Some(cursor) => id(cursor.id.parse::<EnrollmentId>().map_err(|_| bad_cursor())?),
    };
    let args = [text(views.tenant.as_str()), id(program), after, limit(ask.limit_rows())];
    let rows = fetch(views.session, S::Pool, args).await?;
    let found = each(&rows, |row| {
        let enrollment = enrollment::read(row)?;
        Ok(Pooled {
            live: row.int("live")?,
            person_live: row.int("person_live")?,
            reserved: row.int("reserved")?,
            person: person::read_or_unknown(row, &enrollment.person)?,
            enrollment,
        })
    })?;
    Ok(page(
        ask.limit_rows(),
        found,
        |it: &Pooled| Cursor { rank: 0, id: it.enrollment.id.to_string() },
        |it| Listed::Pooled(Box::new(it)),
    ))
}

async fn between(views: &mut Views<'_>, ask: &ListAsk, program: ProgramId) -> PageResult {
    let after = match &ask.after {
        None => [text(""), text("")],
        Some(cursor) => {
            let two = cursor.people().ok_or_else(bad_cursor)?;
            [key(two.lo()), key(two.hi())]
        }
    };
    let mut args = vec![id(program), text(views.tenant.as_str())];
    args.extend(after);
    args.push(limit(ask.limit_rows()));
    let rows = fetch(views.session, S::Between, args).await?;
    let found = each(&rows, |row| {
        let (taken, past) = (row.flag("taken")?, row.flag("past")?);
        let declined = [row.flag("declined")?, row.flag("declined")?];
        let relation = person::read_relation(row)?;
        Ok(Between {
            people: relation.people.clone(),
            // A row that only counts is no relation yet.
            relation: Some(relation).filter(|it| !it.version.is_new()),
            taken,
            past,
            declined,
        })
    })?;
    Ok(page(
        ask.limit_rows(),
        found,
        |it: &Between| Cursor::of_people(&it.people),
        |it| Listed::Between(Box::new(it)),
    ))
}
