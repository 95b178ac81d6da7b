//! That guards and belts bite on `SQLite`: without a guard, a CHECK, a unique index, a foreign key or a
//! trigger, a test fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{panic::AssertUnwindSafe, sync::Arc};

use common::{File, Tokio, runtime};
use mentorship_core::{
    conformance::{
        Harness, Task, belts,
        make::who,
        teeth::{ANCHORS, scenario},
        unguarded::Unguarded,
        world::World,
    },
    store::Store,
};
use mentorship_sqlx::{
    Prefix, SqliteStore,
    sqlx::{self, AssertSqlSafe},
};

fn without(anchor: &'static str, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let kinds = std::slice::from_ref(ANCHORS.iter().find(|known| **known == anchor).unwrap());
    Arc::new(Unguarded::new(store, kinds))
}

#[test]
fn with_every_guard_every_scenario_is_sound() {
    runtime().block_on(async {
        for anchor in ANCHORS {
            let file = File::new();
            scenario(anchor, Arc::new(file.store().await)).await.unwrap();
            let file = File::new();
            scenario(anchor, Arc::new(file.unbelted().await)).await.unwrap();
        }
    });
}

#[test]
fn without_its_guard_each_scenario_breaks_a_rule() {
    runtime().block_on(async {
        for anchor in ANCHORS {
            let file = File::new();
            let store = without(anchor, Arc::new(file.unbelted().await));
            let broken = scenario(anchor, store).await.expect_err(anchor);
            assert!(!broken.starts_with("belt"), "{anchor}: {broken}");
            println!("{anchor}: {broken}");
        }
    });
}

#[test]
fn without_its_guard_a_belt_still_holds_where_there_is_one() {
    runtime().block_on(async {
        for anchor in ["relation", "enrollment", "proposal"] {
            let file = File::new();
            let broken = scenario(anchor, without(anchor, Arc::new(file.store().await))).await;
            let by_belt = broken.as_ref().is_err_and(|it| it.starts_with("belt"));
            assert!(by_belt, "{anchor}: {broken:?}");
        }
    });
}

/// A case with its name.
type Named = (&'static str, fn(Harness) -> Task);

/// Cases of the suite that only belts can pass.
macro_rules! belted {
    ($($case:ident)+) => {
        [$((stringify!($case), |harness: Harness| -> Task { Box::pin(belts::$case(harness)) })),+]
    };
}

/// The cases about belts.
fn cases() -> [Named; 18] {
    belted!(
        one_live_enrollment_per_role one_live_pair_of_two_people one_open_proposal_of_two_people
        no_live_pair_between_blocked_people no_open_proposal_between_blocked_people
        no_block_over_a_live_pair no_more_pairs_than_places a_lowered_capacity_keeps_what_lives
        no_pair_without_known_ages no_pair_with_a_minor no_age_taken_back_under_a_live_pair
        an_ended_pair_stays_ended a_settled_proposal_stays_settled
        a_closed_enrollment_stays_closed an_archived_program_stays_archived
        one_open_report_of_one_thing nobody_reports_themselves a_closed_case_stays_closed
    )
}

/// Whether a case fails on such a store.
fn fails(case: fn(Harness) -> Task, store: impl AsyncFnOnce(&File) -> SqliteStore) -> bool {
    let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
        runtime().block_on(async {
            let file = File::new();
            let store = Arc::new(store(&file).await);
            case(Harness { store, spawner: Arc::new(Tokio) }).await;
        });
    }));
    outcome.is_err()
}

#[test]
fn without_belts_every_case_about_them_fails() {
    std::panic::set_hook(Box::new(|_| {}));
    for (name, case) in cases() {
        assert!(fails(case, File::unbelted), "{name} passes without belts");
    }
}

/// What a belt is made to say that is to be missed: what always holds.
const HOLDS: &str = "CHECK (1 = 1)";

/// What it is to be missed by: the case, the belt as it stands in the schema, and what stands there instead.
#[rustfmt::skip]
const BELTS: [(&str, &str, &str); 16] = [
    ("one_live_enrollment_per_role", "UNIQUE (tenant, person, program, role, live)", HOLDS),
    ("one_live_pair_of_two_people", "UNIQUE (tenant, lo, hi, program, live)", HOLDS),
    ("one_open_proposal_of_two_people", "UNIQUE (tenant, lo, hi, program, open)", HOLDS),
    ("one_open_report_of_one_thing",
        "UNIQUE (tenant, reporter, subject, program, object, open)", HOLDS),
    ("no_live_pair_between_blocked_people",
        "CHECK (blocked = 0 OR (live_pairs = 0 AND open_proposals = 0))", HOLDS),
    ("no_open_proposal_between_blocked_people",
        "CHECK (blocked = 0 OR (live_pairs = 0 AND open_proposals = 0))", HOLDS),
    ("no_block_over_a_live_pair",
        "CHECK (blocked = 0 OR (live_pairs = 0 AND open_proposals = 0))", HOLDS),
    ("no_more_pairs_than_places", "CHECK (live_pairs <= live_limit)", HOLDS),
    ("nobody_reports_themselves", "CHECK (reporter <> subject)", HOLDS),
    ("no_pair_with_a_minor", "CHECK (adults_by IS NULL OR \
        (mentor_adult_on IS NOT NULL AND mentor_adult_on <= adults_by))", HOLDS),
    ("no_pair_with_a_minor", "CHECK (adults_by IS NULL OR \
        (mentee_adult_on IS NOT NULL AND mentee_adult_on <= adults_by))", HOLDS),
    ("an_archived_program_stays_archived",
        "ON mentorship_programs WHEN", "ON mentorship_programs WHEN 1 = 0 AND"),
    ("a_closed_enrollment_stays_closed",
        "ON mentorship_enrollments WHEN", "ON mentorship_enrollments WHEN 1 = 0 AND"),
    ("a_settled_proposal_stays_settled",
        "ON mentorship_proposals WHEN", "ON mentorship_proposals WHEN 1 = 0 AND"),
    ("an_ended_pair_stays_ended", "ON mentorship_pairs WHEN", "ON mentorship_pairs WHEN 1 = 0 AND"),
    ("a_closed_case_stays_closed",
        "ON mentorship_cases WHEN", "ON mentorship_cases WHEN 1 = 0 AND"),
];

/// A store over tables that another schema than its own has made.
async fn made_by(file: &File, schema: &str) -> SqliteStore {
    // Opened first: it makes the file's log.
    let store = file.open().await;
    let rows = file.rows().await;
    sqlx::raw_sql(AssertSqlSafe(schema.to_owned())).execute(&rows).await.unwrap();
    rows.close().await;
    store
}

#[test]
fn each_belt_is_missed_by_itself() {
    std::panic::set_hook(Box::new(|_| {}));
    let mut wrong = Vec::new();
    let schema = SqliteStore::export_sql(&Prefix::default());
    for (name, belt, instead) in BELTS {
        assert_eq!(schema.matches(belt).count(), 1, "{belt}");
        for (without, is_missed) in [(schema.clone(), false), (schema.replace(belt, instead), true)]
        {
            let store = async |file: &File| made_by(file, &without).await;
            let case = cases().into_iter().find(|(case, _)| *case == name).unwrap().1;
            if fails(case, store) != is_missed {
                wrong.push((name, belt, is_missed));
            }
        }
    }
    println!("{wrong:#?}");
    assert!(wrong.is_empty());
}

/// The one belt that the store's own statements never come to: they let go of a date before they move it.
#[test]
fn no_date_moves_under_a_live_pair() {
    let schema = SqliteStore::export_sql(&Prefix::default());
    for (n, side) in [(1, "mentor"), (2, "mentee")] {
        let belt = format!(
            "FOREIGN KEY (tenant, {side}_person, {side}_adult_on)\n        \
             REFERENCES mentorship_persons (tenant, person, adult_on)"
        );
        assert_eq!(schema.matches(&belt).count(), 1, "{belt}");
        for (schema, moves) in [(schema.clone(), false), (schema.replace(&belt, HOLDS), true)] {
            runtime().block_on(async {
                let file = File::new();
                let store = Arc::new(made_by(&file, &schema).await);
                let world = World::new(store);
                let program = world.program(|_| {}).await;
                world.pair(program, 1, 2).await;
                let rows = file.rows().await;
                let sql = "UPDATE mentorship_persons SET adult_on = NULL WHERE person = ?";
                let moved = sqlx::query(sql).bind(who(n).as_str()).execute(&rows).await;
                assert_eq!(moved.is_ok(), moves, "{side}: {moved:?}");
            });
        }
    }
}
