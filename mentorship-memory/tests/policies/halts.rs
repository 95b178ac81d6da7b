//! Rows 31 and 38: a pair that stands still moves its dates by exactly the time it stood still.

use chrono::TimeDelta;
use mentorship_core::{
    base::{id::PairId, time::Timestamp},
    conformance::world::{World, step},
    decide::program::EditProgram,
    model::{guide::StepState, pair::PairState},
    store::{Listing, UnitExt},
};

use crate::{run, world};

/// When the second step opens, and when the first one is due.
async fn dates(world: &World, pair: PairId) -> (Timestamp, Timestamp) {
    let details = world.service.pair(&world.person(1), pair).await.unwrap();
    let StepState::Locked { unlocks_at: Some(opens) } = details.steps[1].state else {
        panic!("it is open already: {:?}", details.steps[1])
    };
    (opens, details.steps[0].due_at.unwrap())
}

/// A pair whose two have begun.
async fn begun(world: &World) -> PairId {
    let program = world.program(|policy| policy.dormant_days = 90).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.finish_step(&world.person(1), pair, &step("hello")).await.unwrap();
    pair
}

#[test]
fn row_38_a_freeze_within_a_pause_counts_once() {
    run(async {
        let world = world();
        let pair = begun(&world).await;
        let (opens, due) = dates(&world, pair).await;
        let (service, one, staff) = (&world.service, world.person(1), world.staff());
        service.pause_pair(&one, pair, None).await.unwrap();
        world.days(5);
        service.freeze_pair(&staff, pair).await.unwrap();
        world.days(5);
        service.unfreeze_pair(&staff, pair).await.unwrap();
        assert_eq!(world.pair_state(1, pair).await, "paused");
        world.days(10);
        service.resume_pair(&one, pair).await.unwrap();
        let days = TimeDelta::days(20);
        assert_eq!(dates(&world, pair).await, (opens + days, due + days));

        let what = Listing::PairsOf { person: mentorship_core::conformance::make::who(1) };
        let ask = mentorship_core::store::ListAsk {
            tenant: world.tenant.clone(),
            what,
            after: None,
            limit: 1,
        };
        let stored = world.store.unit().await.unwrap().list_pairs(&ask).await.unwrap().items;
        let mut stood = TimeDelta::zero();
        for (before, span) in stored[0].pauses.iter().zip(&stored[0].pauses[1..]) {
            assert!(before.to <= span.from, "no time is counted twice");
        }
        for span in &stored[0].pauses {
            stood += span.to - span.from;
        }
        assert_eq!(stood, days);
        assert!(matches!(stored[0].state, PairState::Active { .. }));
    });
}

#[test]
fn row_38_a_freeze_does_not_use_up_the_longest_pause() {
    run(async {
        let world = world();
        let pair = begun(&world).await;
        let (service, one, staff) = (&world.service, world.person(1), world.staff());
        service.pause_pair(&one, pair, None).await.unwrap();
        world.days(50);
        service.freeze_pair(&staff, pair).await.unwrap();
        world.days(30);
        service.unfreeze_pair(&staff, pair).await.unwrap();
        world.days(9);
        world.sweep().await;
        assert_eq!(world.pair_state(1, pair).await, "paused", "59 days of 60");
        world.days(1);
        world.sweep().await;
        assert_eq!(world.pair_state(1, pair).await, "ended");
    });
}

#[test]
fn row_38_no_step_opens_in_a_pause_that_may_last_longer_now() {
    run(async {
        let world = world();
        let pair = begun(&world).await;
        world.service.pause_pair(&world.person(1), pair, None).await.unwrap();
        let details = world.service.pair(&world.person(1), pair).await.unwrap();
        let program = details.card.program;
        let mut policy =
            world.service.program(&world.admin(), program).await.unwrap().program.policy;
        policy.max_pause_days = 90;
        let input = EditProgram { policy: Some(policy), ..EditProgram::default() };
        world.service.edit_program(&world.admin(), program, input).await.unwrap();

        // Due by the old setting: looked at once, put off, and nothing else.
        world.days(60);
        let report = world.sweep().await;
        assert_eq!(report.done.get("pair.wait"), Some(&1), "{report:?}");
        assert_eq!(report.looked_at, 1, "{report:?}");
        assert_eq!(world.pair_state(1, pair).await, "paused");
        let now = world.service.pair(&world.person(1), pair).await.unwrap();
        assert_eq!(now.steps, details.steps, "nothing opens in a pause");
        assert_eq!(world.sweep().await.looked_at, 0);

        world.days(30);
        world.sweep().await;
        assert_eq!(world.pair_state(1, pair).await, "ended");
    });
}

#[test]
fn row_38_a_paused_pair_that_may_write_may_reach_its_end() {
    run(async {
        for write_while_paused in [false, true] {
            let world = world();
            let program =
                world.program(|policy| policy.write_while_paused = write_while_paused).await;
            let pair = world.pair(program, 1, 2).await;
            let (service, me) = (&world.service, world.person(1));
            service.finish_step(&me, pair, &step("hello")).await.unwrap();
            service.finish_step(&world.person(2), pair, &step("hello")).await.unwrap();
            world.days(8);
            world.sweep().await;
            service.skip_step(&me, pair, &step("sail")).await.unwrap();
            service.pause_pair(&me, pair, None).await.unwrap();
            if write_while_paused {
                let done = service.finish_step(&me, pair, &step("goodbye")).await.unwrap();
                assert!(done.completed);
                assert_eq!(world.pair_state(1, pair).await, "completed");
            } else {
                let outcome = service.finish_step(&me, pair, &step("goodbye")).await;
                assert_eq!(World::code(outcome), "pair.not_writable");
                let outcome = service.complete_pair(&me, pair).await;
                assert_eq!(World::code(outcome), "state.not_allowed");
            }
        }
    });
}

#[test]
fn row_31_a_freeze_alone_shifts_by_its_length() {
    run(async {
        let world = world();
        let pair = begun(&world).await;
        let (opens, due) = dates(&world, pair).await;
        world.service.freeze_pair(&world.staff(), pair).await.unwrap();
        world.days(3);
        world.service.unfreeze_pair(&world.staff(), pair).await.unwrap();
        let days = TimeDelta::days(3);
        assert_eq!(dates(&world, pair).await, (opens + days, due + days));
    });
}
