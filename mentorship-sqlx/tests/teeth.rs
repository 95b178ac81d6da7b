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
        teeth::{ANCHORS, scenario},
        unguarded::Unguarded,
    },
    store::Store,
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

#[test]
fn without_belts_every_case_about_them_fails() {
    let cases: [Named; 18] = belted!(
        one_live_enrollment_per_role one_live_pair_of_two_people one_open_proposal_of_two_people
        no_live_pair_between_blocked_people no_open_proposal_between_blocked_people
        no_block_over_a_live_pair no_more_pairs_than_places a_lowered_capacity_keeps_what_lives
        no_pair_without_known_ages no_pair_with_a_minor no_age_taken_back_under_a_live_pair
        an_ended_pair_stays_ended a_settled_proposal_stays_settled
        a_closed_enrollment_stays_closed an_archived_program_stays_archived
        one_open_report_of_one_thing nobody_reports_themselves a_closed_case_stays_closed
    );
    std::panic::set_hook(Box::new(|_| {}));
    for (name, case) in cases {
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
            runtime().block_on(async {
                let file = File::new();
                let store = Arc::new(file.unbelted().await);
                case(Harness { store, spawner: Arc::new(Tokio) }).await;
            });
        }));
        assert!(outcome.is_err(), "{name} passes without belts");
    }
}
