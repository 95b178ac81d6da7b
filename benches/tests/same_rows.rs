//! What is compared is the same: the library and what is written by hand leave the same rows behind, on
//! each database, but for the ids that they make and the fingerprint of what was asked.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test states what it expects")]

use std::{collections::BTreeMap, io::Write as _};

use mentorship_benches::{
    commands::Commands,
    data::{Cells, Copies, Played, Sink, TABLES, fill},
    open::{Database, Kind},
};
use mentorship_core::base::{
    host::PersonId,
    id::{Id as _, PairId, ProgramId, ProposalId},
};

const CELLS: Cells = Cells { count: 4, per_program: 2, seed: 11 };

/// Of the first cell, whose times are those that were played.
async fn all(commands: &dyn Commands, copies: &Copies) {
    let person = |n| PersonId::try_from(CELLS.person(0, n)).unwrap();
    let program = ProgramId::from_uuid(copies.program(&CELLS, 0));
    let (pair, offer) = (copies.pair(&CELLS, 0), copies.offer(&CELLS, 0));
    commands.sign_up(program, &PersonId::try_from("newcomer").unwrap()).await;
    commands.post(PairId::from_uuid(pair), &person(0)).await;
    commands.post(PairId::from_uuid(pair), &person(1)).await;
    commands.accept(ProposalId::from_uuid(offer), &person(2)).await;
    commands.block(&person(1), &person(0)).await;
}

fn ids_in(text: &str) -> impl Iterator<Item = &str> {
    (0..text.len().saturating_sub(35)).filter_map(|at| {
        let part = text.get(at..at + 36)?;
        let id = uuid::Uuid::try_parse(part).is_ok();
        (id && part.contains('-')).then_some(part)
    })
}

/// Every row, with numbers instead of the ids that are new since `before`.
async fn rows(sink: &mut dyn Sink, prefix: &str, before: &str) -> Vec<String> {
    let mut all = Vec::new();
    for table in TABLES {
        for mut row in sink.read(prefix, table).await {
            if *table == "commands" {
                // The fingerprint.
                let digest = row.iter_mut().find(|it| it.len() == 64).unwrap();
                "digest".clone_into(digest);
            }
            all.push(format!("{table}: {}", row.join(" | ")));
        }
    }
    let hidden = |row: &String| {
        let mut hidden = row.clone();
        for id in ids_in(row).filter(|id| !before.contains(id)) {
            hidden = hidden.replace(id, "*");
        }
        hidden
    };
    all.sort_by_key(hidden);
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for row in &mut all {
        let found: Vec<String> = ids_in(row).map(str::to_owned).collect();
        for id in found.into_iter().filter(|id| !before.contains(id.as_str())) {
            let next = numbers.len();
            let number = numbers.entry(id.clone()).or_insert(next);
            *row = row.replace(&id, &format!("id {number}"));
        }
    }
    all
}

fn same_on(kind: Kind) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = match Database::open(kind, 4, None).await {
            Ok(database) => database,
            Err(error) => {
                assert!(std::env::var_os("CI").is_none(), "{}: {error}", kind.name());
                let said = format!("NOT RUN on {}: it was not reached\n", kind.name());
                std::io::stderr().write_all(said.as_bytes()).unwrap();
                return;
            }
        };
        let played = Played::with(5).await;
        let copies = Copies::of(&played);
        let mut written = Vec::new();
        for prefix in ["library_", "hand_"] {
            let sides = database.sides(prefix, played.now).await;
            let mut sink = database.sink(prefix).await;
            fill(&mut *sink, prefix, &copies, &CELLS, (0, CELLS.count)).await;
            let before = rows(&mut *sink, prefix, "").await.len();
            let mut known = String::new();
            for table in TABLES {
                for row in sink.read(prefix, table).await {
                    known.push_str(&row.join(" "));
                }
            }
            let commands = if prefix == "hand_" { &sides.by_hand } else { &sides.library };
            all(&**commands, &copies).await;
            let after = rows(&mut *sink, prefix, &known).await;
            assert_eq!(after.len() - before, 2 + 2 + 4 + 5 + 9 + 8, "new rows");
            written.push(after);
        }
        let [library, by_hand] = &*written else { panic!("two sides") };
        for (library, by_hand) in library.iter().zip(by_hand) {
            assert_eq!(library, by_hand);
        }
        database.close().await;
    });
}

#[test]
fn on_sqlite() {
    same_on(Kind::Sqlite);
}

#[test]
fn on_postgres() {
    same_on(Kind::Postgres);
}

#[test]
fn on_mariadb() {
    same_on(Kind::Mariadb);
}
