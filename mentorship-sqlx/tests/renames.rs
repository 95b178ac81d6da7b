//! Another key for a person, seen past the store: after a rich history no column of any table holds the old
//! key any more, nor what is made of it; and inside a transaction of the host's it is stored with the
//! host's commit or not at all.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::sync::Arc;

use common::{
    File,
    dice::Dice,
    runtime,
    server::{Lent, lend_mysql, lend_postgres},
};
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        people::PersonPair,
        version::Version,
    },
    change::{ChangeSet, Key},
    conformance::{
        history::{Move, Play},
        make::{self, who},
        renames::{everything, lived},
        world::World,
    },
    model::event::Audience,
    store::Store,
};
use mentorship_memory::MemoryStore;
use mentorship_sqlx::sqlx::{self, AssertSqlSafe, Connection as _, MySqlPool, PgPool, SqlitePool};

/// Commands in the random history.
const LENGTH: usize = 150;
/// People of the histories, the admin and the staff among them.
const PEOPLE: [u64; 11] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 900, 990];

/// Each row of each table, with its table's name and every column in it.
struct Dump(Vec<(String, Vec<u8>)>);

impl Dump {
    /// The tables in which a text or an id stands, in whatever form a database keeps it.
    fn tables_with(&self, text: &[u8]) -> Vec<&str> {
        let holds = |row: &[u8]| row.windows(text.len()).any(|part| part == text);
        self.0.iter().filter(|(_, row)| holds(row)).map(|(table, _)| table.as_str()).collect()
    }

    /// Neither the keys nor the lanes that are made of them.
    fn assert_nothing_of(&self, people: &[PersonId]) {
        for person in people {
            let lane = Audience::Person(person.clone()).lane();
            let traces = [
                person.as_str().as_bytes().to_vec(),
                lane.to_string().into_bytes(),
                lane.as_bytes().to_vec(),
            ];
            for trace in traces {
                let found = self.tables_with(&trace);
                assert!(found.is_empty(), "{person} still stands in {found:?}");
            }
        }
    }
}

async fn dump_sqlite(rows: &SqlitePool) -> Dump {
    let tables: Vec<String> =
        sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'table'")
            .fetch_all(rows)
            .await
            .unwrap();
    let mut all = Vec::new();
    for table in tables {
        let columns: Vec<String> = sqlx::query_scalar("SELECT name FROM pragma_table_info(?)")
            .bind(&table)
            .fetch_all(rows)
            .await
            .unwrap();
        let row = columns.iter().map(|it| format!("quote({it})")).collect::<Vec<_>>();
        let sql = format!("SELECT {} FROM {table}", row.join(" || ' ' || "));
        let found: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(rows).await.unwrap();
        all.extend(found.into_iter().map(|row| (table.clone(), row.into_bytes())));
    }
    Dump(all)
}

async fn dump_postgres(lent: &Lent<PgPool>) -> Dump {
    let sql = "SELECT table_name::text FROM information_schema.tables WHERE table_name LIKE $1";
    let like = format!("{}%", lent.prefix.as_str().replace('_', "\\_"));
    let tables: Vec<String> =
        sqlx::query_scalar(sql).bind(like).fetch_all(&lent.pool).await.unwrap();
    let mut all = Vec::new();
    for table in tables {
        let sql = format!("SELECT row_to_json(t)::text FROM {table} t");
        let found: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&lent.pool).await.unwrap();
        all.extend(found.into_iter().map(|row| (table.clone(), row.into_bytes())));
    }
    Dump(all)
}

async fn dump_mysql(lent: &Lent<MySqlPool>) -> Dump {
    let sql = "SELECT CAST(table_name AS CHAR), CAST(column_name AS CHAR) \
               FROM information_schema.columns \
               WHERE table_schema = DATABASE() AND table_name LIKE ?";
    let like = format!("{}%", lent.prefix.as_str().replace('_', "\\_"));
    let columns: Vec<(String, String)> =
        sqlx::query_as(sql).bind(like).fetch_all(&lent.pool).await.unwrap();
    let mut all = Vec::new();
    for (table, column) in columns {
        let sql =
            format!("SELECT CAST(`{column}` AS BINARY) FROM {table} WHERE `{column}` IS NOT NULL");
        let found: Vec<Vec<u8>> =
            sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&lent.pool).await.unwrap();
        all.extend(found.into_iter().map(|value| (format!("{table}.{column}"), value)));
    }
    Dump(all)
}

/// Random commands of real people, in a tenant of its own.
async fn history(store: &Arc<dyn Store>) -> World {
    let tenant = TenantId::try_from("random").unwrap();
    let mut play = Play::begin(World::of(store.clone(), tenant)).await;
    let mut dice = Dice::cast("renames");
    let mut byte = || u8::try_from(dice.below(256)).unwrap();
    for _ in 0..LENGTH {
        let step = Move::from([byte(), byte(), byte(), byte()]);
        play.play(step).await;
    }
    play.world.clone()
}

/// Renames or erases everybody in turn; where a key is not known, nobody of it took part.
async fn rename_all(world: &World) -> Vec<PersonId> {
    let (s, host) = (&world.service, world.host_actor());
    let mut gone = Vec::new();
    for n in PEOPLE {
        let done = if n % 2 == 0 {
            s.erase_person_key(&host, &who(n)).await.map(drop)
        } else {
            // Before everybody else's key, and after it.
            let to = PersonId::try_from(format!("{}{n}", if n % 3 == 0 { "a" } else { "z" }));
            s.rename_person(&host, &who(n), &to.unwrap()).await
        };
        match done {
            Ok(()) => gone.push(who(n)),
            Err(error) => assert_eq!(error.code(), "not_found", "{n}"),
        }
    }
    gone
}

/// Something that rests on two of whom nothing is known, and says nothing of them.
async fn looked_for(world: &World, two: [u64; 2]) {
    let mut set = ChangeSet::new(world.tenant.clone());
    let [one, other] = two.map(who);
    set.guard(Key::Relation(PersonPair::new(one.clone(), other).unwrap()), Version::NEW);
    set.guard(Key::Person(one), Version::NEW);
    set.outbox.push(make::message(1, 73, make::after(1)));
    let _ = world.store.unit().await.unwrap().apply(set).await.unwrap();
}

/// Both histories, and then everybody under another key.
async fn all_renamed(store: Arc<dyn Store>) -> Vec<PersonId> {
    let lived_in = World::new(store.clone());
    lived(&lived_in).await;
    let random = history(&store).await;
    let gone = rename_all(&lived_in).await;
    assert!(gone.len() >= 8, "{gone:?}");
    let again = rename_all(&random).await;
    assert!(again.len() >= 6, "{again:?}");
    looked_for(&random, [71, 72]).await;
    gone.into_iter().chain(again).chain([71, 72].map(who)).collect()
}

/// What can be read after the same renames is the same as in memory, versions included.
async fn as_in_memory(store: Arc<dyn Store>) {
    let mut read = Vec::new();
    for store in [store, Arc::new(MemoryStore::new())] {
        let world = World::new(store);
        lived(&world).await;
        rename_all(&world).await;
        let people: Vec<PersonId> = (1..=9)
            .flat_map(|n| [format!("a{n}"), format!("z{n}")])
            .map(|key| PersonId::try_from(key).unwrap())
            .collect();
        read.push(everything(&world, &people).await);
    }
    assert_eq!(read[0], read[1]);
}

/// A rename in a transaction of the host's.
macro_rules! joined {
    ($store:expr, $begin:expr) => {{
        let store = $store;
        let world = World::new(Arc::new(store.clone()));
        lived(&world).await;
        let to = PersonId::try_from("zoe").unwrap();
        for commits in [false, true] {
            let mut tx = $begin;
            let inside = world.service.within(store.join(&mut tx));
            inside.rename_person(&world.host_actor(), &who(2), &to).await.unwrap();
            let taken = inside.rename_person(&world.host_actor(), &who(1), &to).await;
            assert_eq!(World::code(taken), "person.key_taken", "and the transaction goes on");
            drop(inside);
            if commits {
                tx.commit().await.unwrap();
            } else {
                tx.rollback().await.unwrap();
            }
            let page = world.first_page();
            let found = world.service.my_enrollments(&world.person(2), page).await.unwrap();
            assert_eq!(found.items.is_empty(), commits);
        }
    }};
}

#[test]
fn no_column_of_sqlite_holds_an_old_key() {
    runtime().block_on(async {
        let file = File::new();
        let store = file.store().await;
        let gone = all_renamed(Arc::new(store.clone())).await;
        let dump = dump_sqlite(&file.rows().await).await;
        assert!(!dump.tables_with(b"erased:").is_empty(), "the dump sees people");
        dump.assert_nothing_of(&gone);
        store.close().await;
    });
}

#[test]
fn no_column_of_postgres_holds_an_old_key() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_postgres().await else { return };
        let gone = all_renamed(Arc::new(store)).await;
        let dump = dump_postgres(&lent).await;
        assert!(!dump.tables_with(b"erased:").is_empty(), "the dump sees people");
        dump.assert_nothing_of(&gone);
        lent.give_back().await;
    });
}

#[test]
fn no_column_of_mariadb_holds_an_old_key() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_mysql().await else { return };
        let gone = all_renamed(Arc::new(store)).await;
        let dump = dump_mysql(&lent).await;
        assert!(!dump.tables_with(b"erased:").is_empty(), "the dump sees people");
        dump.assert_nothing_of(&gone);
        lent.give_back().await;
    });
}

#[test]
fn sqlite_renames_as_memory_does() {
    runtime().block_on(async {
        let file = File::new();
        as_in_memory(Arc::new(file.store().await)).await;
    });
}

#[test]
fn postgres_renames_as_memory_does() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_postgres().await else { return };
        as_in_memory(Arc::new(store)).await;
        lent.give_back().await;
    });
}

#[test]
fn mariadb_renames_as_memory_does() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_mysql().await else { return };
        as_in_memory(Arc::new(store)).await;
        lent.give_back().await;
    });
}

#[test]
fn a_rename_joins_a_transaction_of_sqlite() {
    runtime().block_on(async {
        let file = File::new();
        let (store, rows) = (file.store().await, file.rows().await);
        joined!(store, rows.begin_with("BEGIN IMMEDIATE").await.unwrap());
    });
}

#[test]
fn a_rename_joins_a_transaction_of_postgres() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_postgres().await else { return };
        joined!(store, lent.pool.begin().await.unwrap());
        lent.give_back().await;
    });
}

#[test]
fn a_rename_joins_a_transaction_of_mariadb() {
    runtime().block_on(async {
        let Some((lent, store)) = lend_mysql().await else { return };
        joined!(store, lent.pool.begin().await.unwrap());
        lent.give_back().await;
    });
}

/// On `SQLite` the audit log still refuses every other change, and lets nothing go that is younger than thirty days
/// before its last event.
#[test]
fn the_audit_log_takes_nothing_but_another_key() {
    runtime().block_on(async {
        let file = File::new();
        let store = file.store().await;
        lived(&World::new(Arc::new(store.clone()))).await;
        let rows = file.rows().await;
        let mut connection = rows.acquire().await.unwrap();
        for set in [
            "action = 'other.act'",
            "at = at + 1",
            "reason = 'other'",
            "private = 1 - private",
            "actor_person = CASE WHEN actor_person IS NULL THEN 'x' END",
            "subject_kind = 'other'",
            "about = '[]'",
            "subject = 'x'",
        ] {
            let mut tx = connection.begin().await.unwrap();
            let sql = format!("UPDATE mentorship_audit SET {set}");
            let refused = sqlx::query(AssertSqlSafe(sql)).execute(&mut *tx).await;
            assert!(refused.unwrap_err().to_string().contains("append-only"), "{set}");
            tx.rollback().await.unwrap();
        }
        let days = 24 * 60 * 60 * 1_000_000_i64;
        for (after, goes) in [(0, false), (29 * days, false), (61 * days, true)] {
            let mut tx = connection.begin().await.unwrap();
            let later = format!(
                "INSERT INTO mentorship_audit SELECT tenant, 'later', at + {after}, actor_kind, \
                actor_person, action, subject_kind, subject, subject_other, program, from_state, \
                to_state, about, reason, private FROM mentorship_audit ORDER BY at DESC LIMIT 1"
            );
            sqlx::query(AssertSqlSafe(later)).execute(&mut *tx).await.unwrap();
            let older = "DELETE FROM mentorship_audit WHERE id <> 'later' AND tenant = \
                (SELECT tenant FROM mentorship_audit WHERE id = 'later')";
            let done = sqlx::query(older).execute(&mut *tx).await;
            assert_eq!(done.is_ok_and(|it| it.rows_affected() > 0), goes, "{after}");
            let all = sqlx::query("DELETE FROM mentorship_audit").execute(&mut *tx).await;
            assert!(all.unwrap_err().to_string().contains("append-only"), "the last one stays");
            tx.rollback().await.unwrap();
        }
        drop(connection);
        rows.close().await;
        store.close().await;
    });
}
