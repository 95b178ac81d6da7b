//! That guards and belts bite: without one of them, a test fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{panic::AssertUnwindSafe, sync::Arc};

use mentorship_core::{
    conformance::{
        Harness, Spawner, Task, belts,
        teeth::{ANCHORS, scenario},
        unguarded::Unguarded,
    },
    store::Store,
};
use mentorship_memory::MemoryStore;

#[derive(Debug)]
struct Here;

#[async_trait::async_trait]
impl Spawner for Here {
    async fn all(&self, tasks: Vec<Task>) {
        for task in tasks {
            task.await;
        }
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn without(anchor: &'static str, store: Arc<dyn Store>) -> Arc<dyn Store> {
    let kinds = std::slice::from_ref(ANCHORS.iter().find(|known| **known == anchor).unwrap());
    Arc::new(Unguarded::new(store, kinds))
}

#[test]
fn with_every_guard_every_scenario_is_sound() {
    for anchor in ANCHORS {
        run(scenario(anchor, Arc::new(MemoryStore::new()))).unwrap();
        run(scenario(anchor, Arc::new(MemoryStore::without_belts()))).unwrap();
    }
}

#[test]
fn without_its_guard_each_scenario_breaks_a_rule() {
    for anchor in ANCHORS {
        let store = without(anchor, Arc::new(MemoryStore::without_belts()));
        let broken = run(scenario(anchor, store)).expect_err(anchor);
        assert!(!broken.starts_with("belt"), "{anchor}: {broken}");
        println!("{anchor}: {broken}");
    }
}

#[test]
fn without_its_guard_a_belt_still_holds_where_there_is_one() {
    for anchor in ["relation", "enrollment", "proposal"] {
        let broken = run(scenario(anchor, without(anchor, Arc::new(MemoryStore::new()))));
        assert!(broken.as_ref().is_err_and(|it| it.starts_with("belt")), "{anchor}: {broken:?}");
    }
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
    let cases: [Named; 19] = belted!(
        one_live_enrollment_per_role one_live_pair_of_two_people one_open_proposal_of_two_people
        no_live_pair_between_blocked_people no_open_proposal_between_blocked_people
        no_block_over_a_live_pair no_more_pairs_than_places a_lowered_capacity_keeps_what_lives
        no_pair_without_known_ages no_pair_with_a_minor no_age_taken_back_under_a_live_pair
        an_ended_pair_stays_ended a_settled_proposal_stays_settled
        a_closed_enrollment_stays_closed an_archived_program_stays_archived
        one_open_report_of_one_thing nobody_reports_themselves evidence_is_never_replaced
        a_closed_case_stays_closed
    );
    std::panic::set_hook(Box::new(|_| {}));
    for (name, case) in cases {
        let harness =
            Harness { store: Arc::new(MemoryStore::without_belts()), spawner: Arc::new(Here) };
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| run(case(harness))));
        assert!(outcome.is_err(), "{name} passes without belts");
    }
}
