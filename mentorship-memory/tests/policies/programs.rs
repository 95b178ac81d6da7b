//! The life of a program: what its archive closes.

use mentorship_core::{
    base::id::ProgramId,
    conformance::{
        make::slug,
        world::{World, sign_up},
    },
    decide::enrollment::Apply,
    model::{enrollment::Role, event::Audience},
};

use crate::{run, world};

async fn states(world: &World, program: ProgramId) -> Vec<&'static str> {
    let page =
        world.service.enrollments(&world.admin(), program, None, None, world.first_page()).await;
    page.unwrap().items.iter().map(|it| it.state.code()).collect()
}

async fn state(world: &World, program: ProgramId) -> &'static str {
    world.service.program(&world.admin(), program).await.unwrap().program.state.code()
}

/// Somebody in every state in which an enrolment is not over.
async fn everybody(world: &World) -> ProgramId {
    let program = world.program(|policy| policy.max_mentee_capacity = 3).await;
    let (service, admin) = (&world.service, world.admin());
    world.pair(program, 1, 2).await;
    let paused = world.enroll(program, 3, Role::Mentor).await;
    service.pause_enrollment(&world.person(3), paused, None).await.unwrap();
    let held = world.enroll(program, 4, Role::Mentor).await;
    service.hold_enrollment(&world.staff(), held).await.unwrap();
    let gone = world.enroll(program, 5, Role::Mentor).await;
    service.withdraw_enrollment(&world.person(5), gone).await.unwrap();
    for n in 10..120 {
        let input = Apply { capacity: Some(2), ..sign_up(Role::Mentee) };
        world.enroll_with(program, n, input).await.unwrap();
    }
    service.wind_down_program(&admin, program).await.unwrap();
    program
}

#[test]
fn an_archive_by_the_admin_closes_every_enrollment_first() {
    run(async {
        let world = world();
        let program = everybody(&world).await;
        let (service, admin) = (&world.service, world.admin());
        let page = service.pairs(&admin, program, None, world.first_page()).await.unwrap();
        let outcome = service.archive_program(&admin, program).await;
        assert_eq!(World::code(outcome), "program.has_live_pairs");
        assert!(states(&world, program).await.contains(&"active"), "nothing closes before");

        let pair = page.items[0].pair;
        service.complete_pair(&world.person(1), pair).await.unwrap();
        service.archive_program(&admin, program).await.unwrap();
        assert_eq!(state(&world, program).await, "archived");
        let states = states(&world, program).await;
        assert!(states.iter().all(|it| matches!(*it, "closed" | "withdrawn")), "{states:?}");
        let told = world.messages().await;
        let closed = told.iter().filter(|it| it.message.kind.as_str() == "program.closed").count();
        assert_eq!(closed, 114);
    });
}

#[test]
fn a_scheduled_archive_closes_in_batches_by_the_sweep() {
    run(async {
        let world = world();
        let program = everybody(&world).await;
        world.service.schedule_archive(&world.admin(), program).await.unwrap();
        world.sweep().await;
        assert_eq!(state(&world, program).await, "winding_down");
        assert!(states(&world, program).await.contains(&"active"), "the notice is not over");
        world.days(14);
        let report = world.sweep().await;
        // 112 active ones, then the paused one, then the held one.
        assert_eq!(report.done.get("enrollment.close"), Some(&4), "{report:?}");
        assert_eq!(state(&world, program).await, "archived");
        let states = states(&world, program).await;
        assert!(states.iter().all(|it| matches!(*it, "closed" | "withdrawn")), "{states:?}");
    });
}

#[test]
fn d24_both_of_every_live_pair_get_the_notice() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        world.pair(program, 1, 2).await;
        let frozen = world.pair(program, 3, 4).await;
        world.service.freeze_pair(&world.staff(), frozen).await.unwrap();
        let over = world.pair(program, 5, 6).await;
        world.service.complete_pair(&world.person(5), over).await.unwrap();
        world.service.wind_down_program(&world.admin(), program).await.unwrap();
        world.messages().await;
        world.service.schedule_archive(&world.admin(), program).await.unwrap();
        let mut told: Vec<String> = world
            .messages()
            .await
            .into_iter()
            .filter(|it| it.message.kind.as_str() == "program.archive_scheduled")
            .map(|it| match it.message.to {
                Audience::Person(person) => person.to_string(),
                other => format!("{other:?}").chars().take(13).collect(),
            })
            .collect();
        told.sort();
        assert_eq!(told, ["ProgramAdmins", "p001", "p002", "p003", "p004"]);
    });
}

#[test]
fn a_stranger_closes_nothing_by_asking_for_the_archive() {
    run(async {
        let world = world();
        let program = world.program(|_| {}).await;
        world.enroll(program, 1, Role::Mentor).await;
        world.service.wind_down_program(&world.admin(), program).await.unwrap();
        let outcome = world.service.archive_program(&world.person(1), program).await;
        assert_eq!(World::code(outcome), "not_found");
        assert_eq!(states(&world, program).await, ["active"]);
        let reason = slug("conduct");
        let page = world.service.my_enrollments(&world.person(1), world.first_page()).await;
        let place = page.unwrap().items[0].id;
        world.service.remove_enrollment(&world.staff(), place, reason).await.unwrap();
    });
}
