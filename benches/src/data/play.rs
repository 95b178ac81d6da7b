//! What is copied: a program, and a cell of people in it, as the library itself writes them.

use std::{collections::BTreeSet, sync::Arc};

use mentorship_core::{
    base::{
        id::{Id as _, PairId, ProgramId, ProposalId},
        text::{Body, Note},
        time::Timestamp,
    },
    conformance::{
        make::{slug, who},
        world::World,
    },
    decide::journal::CheckInInput,
    model::{enrollment::Role, journal::CheckInKind},
    policy::actor::Actor,
};
use sqlx::{
    Column as _, Row as _, SqliteConnection, TypeInfo as _, ValueRef as _, sqlite::SqliteRow,
};
use uuid::Uuid;

use super::{TABLES, Value, holds_ids};
use crate::File;

/// The rows of one table.
#[derive(Clone, Debug)]
pub struct Rows {
    /// The table, without a prefix.
    pub table: &'static str,
    /// Its columns.
    pub columns: Vec<String>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
}

/// A program and one cell of people in it: a mentor and a mentee who are a pair, a mentor and a mentee who
/// have an offer that only the mentor has not answered yet, and some more mentees.
#[derive(Debug)]
pub struct Played {
    /// The program's own rows.
    pub(super) program: Vec<Rows>,
    /// The rows of the cell.
    pub(super) cell: Vec<Rows>,
    pub(super) program_id: Uuid,
    pub(super) pair: Uuid,
    pub(super) offer: Uuid,
    /// When all this is over.
    pub now: Timestamp,
    /// The people: mentor and mentee of the pair, mentor and mentee of the offer, the others.
    pub(super) people: Vec<String>,
}

fn value(row: &SqliteRow, at: usize, ids: bool) -> Value {
    let raw = row.try_get_raw(at).unwrap();
    if raw.is_null() {
        return Value::Null;
    }
    if raw.type_info().name() == "INTEGER" {
        return Value::Int(row.get(at));
    }
    let text: String = row.get(at);
    if ids { Value::Id(text.parse().unwrap()) } else { Value::Text(text) }
}

/// Everything in a file.
pub async fn dump(connection: &mut SqliteConnection) -> Vec<Rows> {
    let mut all = Vec::new();
    for table in TABLES {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM mentorship_{table}"));
        let found = sqlx::query(sql).fetch_all(&mut *connection).await.unwrap();
        let columns: Vec<String> = found
            .first()
            .map(|row| row.columns().iter().map(|it| it.name().to_owned()).collect())
            .unwrap_or_default();
        let each = |row: &SqliteRow| {
            let all = columns.iter().enumerate();
            all.map(|(at, name)| value(row, at, holds_ids(name))).collect()
        };
        let rows = found.iter().map(each).collect();
        all.push(Rows { table, columns, rows });
    }
    all
}

/// What is in `after` and not in `before`, which is still there as it was.
#[must_use]
pub fn added(before: &[Rows], after: Vec<Rows>) -> Vec<Rows> {
    let mut all = Vec::new();
    for (old, mut new) in before.iter().zip(after) {
        let old: BTreeSet<_> = old.rows.iter().collect();
        let there = new.rows.len();
        new.rows.retain(|row| !old.contains(row));
        assert_eq!(there - new.rows.len(), old.len(), "a cell leaves {} as it was", new.table);
        all.push(new);
    }
    all
}

/// As a host that sends ids with its commands.
fn told(actor: Actor) -> Actor {
    actor.with_command(crate::new_id())
}

async fn pair(world: &World, program: ProgramId) -> PairId {
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let proposal = world.offer(mentor, mentee).await;
    world.service.accept(&told(world.person(1)), proposal).await.unwrap();
    let done = world.service.accept(&told(world.person(2)), proposal).await.unwrap();
    let pair = done.pair.unwrap();
    let hello = slug("hello");
    for n in [1, 2] {
        let words = Note::new("Ahoy. I sail on Sundays.").unwrap();
        world.service.introduce_oneself(&world.person(n), pair, words).await.unwrap();
        let body = Body::new("The wind was kind, and so were the people.").unwrap();
        world.service.post(&world.person(n), pair, &hello, None, body).await.unwrap();
    }
    pair
}

async fn offer(world: &World, program: ProgramId) -> ProposalId {
    let mentor = world.enroll(program, 3, Role::Mentor).await;
    let mentee = world.enroll(program, 4, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    world.service.accept(&told(world.person(4)), offer).await.unwrap();
    offer
}

impl Played {
    /// Plays with `people` people, at least four.
    pub async fn with(people: u64) -> Self {
        let file = File::new().await;
        let world = World::new(Arc::new(file.store.clone()));
        let program = world.program(|policy| policy.max_mentor_capacity = 50).await;
        drop(world.messages().await);
        let mut connection = file.connection().await;
        let alone = dump(&mut connection).await;

        let pair = pair(&world, program).await;
        let offer = offer(&world, program).await;
        for n in 5..=people {
            world.enroll(program, n, Role::Mentee).await;
        }
        drop(world.messages().await);
        // After everything else has been delivered, one message that has not.
        let body = Body::new("See you on Sunday.").unwrap();
        let hello = slug("hello");
        world.service.post(&told(world.person(1)), pair, &hello, None, body).await.unwrap();
        let input = CheckInInput {
            kind: CheckInKind::Week { number: 1 },
            score: Some(4),
            note: None,
            note_shared: false,
            testimonial: None,
        };
        world.days(8);
        world.service.check_in(&world.person(2), pair, input).await.unwrap();
        let cell = added(&alone, dump(&mut connection).await);
        Self {
            program: alone,
            cell,
            program_id: program.uuid(),
            pair: pair.uuid(),
            offer: offer.uuid(),
            now: world.now(),
            people: (1..=people).map(|n| who(n).as_str().to_owned()).collect(),
        }
    }
}
