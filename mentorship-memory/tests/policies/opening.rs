//! Row 4 and D39: when sign-up is open, and who may open it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::ProgramId,
        text::{Slug, Title},
    },
    conformance::{
        make::{adult_date, group, template},
        world::{World, sign_up},
    },
    decide::program::{CreateProgram, EditProgram},
    model::{enrollment::Role, guide::Guide, program::Window},
    service::{Attestation, Directory, Mentorship, PortError},
};
use mentorship_memory::MemoryStore;

use crate::{run, world};

/// Sign-up from day 10 to day 20.
async fn cohort(world: &World) -> ProgramId {
    let day = |n| world.now() + TimeDelta::days(n);
    let input = CreateProgram {
        group: group(),
        template: template(),
        title: Title::new("A summer of sailing").unwrap(),
        topic: None,
        zone: Tz::Europe__Lisbon,
        window: Some(Window { opens: day(10), closes: day(20), starts: day(30), ends: day(90) }),
        policy: None,
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    program
}

#[test]
fn row_4_a_cohort_takes_sign_ups_within_its_window_only() {
    run(async {
        let world = world();
        let opens = world.now() + TimeDelta::days(10);
        let program = cohort(&world).await;
        let apply = async |n| world.enroll_with(program, n, sign_up(Role::Mentor)).await;
        world.clock.advance(TimeDelta::days(10) - TimeDelta::microseconds(1));
        let early = apply(1).await.unwrap_err();
        assert_eq!(early.code(), "enrollment.too_early");
        assert_eq!(early.params()["from"], opens.to_rfc3339());
        world.clock.advance(TimeDelta::microseconds(1));
        apply(1).await.unwrap();

        world.clock.advance(TimeDelta::days(10) - TimeDelta::microseconds(1));
        apply(2).await.unwrap();
        world.clock.advance(TimeDelta::microseconds(1));
        // The sweep has not come by yet.
        assert_eq!(World::code(apply(3).await), "program.not_open");
        world.sweep().await;
        assert_eq!(World::code(apply(3).await), "program.not_open");
        let again = world.service.reopen_enrollment(&world.admin(), program).await;
        assert_eq!(World::code(again), "program.not_open");
    });
}

#[test]
fn row_4_a_cohort_closed_by_hand_reopens_before_its_end() {
    run(async {
        let world = world();
        let program = cohort(&world).await;
        world.days(15);
        world.service.close_enrollment(&world.admin(), program).await.unwrap();
        world.service.reopen_enrollment(&world.admin(), program).await.unwrap();
        world.enroll(program, 1, Role::Mentor).await;
    });
}

/// A platform that can take a group's right away.
#[derive(Clone, Debug)]
struct Platform(Arc<AtomicBool>);

#[async_trait]
impl Directory for Platform {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn attestation(&self, _: &TenantId, _: &PersonId) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: Some(adult_date()), zone: None })
    }

    async fn predicate(&self, _: &TenantId, _: &Slug, _: &PersonId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn may_open(&self, _: &TenantId, _: &GroupId, _: &Slug) -> Result<bool, PortError> {
        Ok(self.0.load(Ordering::Relaxed))
    }
}

#[test]
fn d39_a_group_without_the_right_opens_nothing_new_and_keeps_its_pairs() {
    run(async {
        let right = Arc::new(AtomicBool::new(false));
        let mut world = world();
        let store = Arc::new(MemoryStore::new());
        world.service = Mentorship::builder(store.clone(), Platform(right.clone()))
            .clock(world.clock.clone())
            .build();
        world.store = store;
        let program = world.draft(|_| {}).await;
        let (service, admin) = (&world.service, world.admin());
        let outcome = service.open_program(&admin, program).await;
        assert_eq!(World::code(outcome), "program.topic_not_allowed");

        right.store(true, Ordering::Relaxed);
        service.open_program(&admin, program).await.unwrap();
        let pair = world.pair(program, 1, 2).await;
        service.close_enrollment(&admin, program).await.unwrap();
        right.store(false, Ordering::Relaxed);
        let outcome = service.reopen_enrollment(&admin, program).await;
        assert_eq!(World::code(outcome), "program.topic_not_allowed");
        assert_eq!(world.pair_state(1, pair).await, "introduced");
        service.block(&world.person(1), &mentorship_core::conformance::make::who(2)).await.unwrap();
        assert_eq!(world.pair_state(1, pair).await, "ended");
    });
}

#[test]
fn an_open_program_never_loses_its_guide_unsaid() {
    run(async {
        let world = world();
        let (service, admin) = (&world.service, world.admin());
        let empty = || Guide { version: 1, steps: Vec::new() };
        let draft = world.draft(|_| {}).await;
        service.revise_guide(&admin, draft, empty()).await.unwrap();
        let outcome = service.open_program(&admin, draft).await;
        assert_eq!(outcome.unwrap_err().params()["missing"], "guide");

        let program = world.program(|_| {}).await;
        let outcome = service.revise_guide(&admin, program, empty()).await;
        assert_eq!(outcome.unwrap_err().params()["missing"], "guide");
        let unguided = world.program(|policy| policy.unguided = true).await;
        service.revise_guide(&admin, unguided, empty()).await.unwrap();
        let mut policy = service.program(&admin, unguided).await.unwrap().program.policy;
        policy.unguided = false;
        let input = EditProgram { policy: Some(policy), ..EditProgram::default() };
        let outcome = service.edit_program(&admin, unguided, input).await;
        assert_eq!(outcome.unwrap_err().params()["missing"], "guide");
    });
}
