//! D22 and D23: what the host says at a sign-up is a correction like any other.

use chrono::NaiveDate;
use chrono_tz::Tz;
use mentorship_core::{
    base::id::ProgramId,
    conformance::{
        make::{adult_date, who},
        world::{World, sign_up},
    },
    model::enrollment::Role,
    service::Attestation,
};

use crate::{run, world};

fn attested(adult_on: Option<NaiveDate>) -> Attestation {
    Attestation { adult_on, zone: Some(Tz::Europe__Lisbon) }
}

async fn second_sign_up(world: &World, program: ProgramId, n: u64) -> &'static str {
    match world.enroll_with(program, n, sign_up(Role::Mentee)).await {
        Ok(_) => "done",
        Err(error) => error.code(),
    }
}

#[test]
fn d22_another_adult_date_at_sign_up_is_no_fault_of_the_store() {
    run(async {
        let world = world();
        let first = world.program(|_| {}).await;
        let second = world.program(|_| {}).await;
        let pair = world.pair(first, 1, 2).await;
        // Not an adult when the pair began by a later date, but one today: the pair has to be looked at.
        for days in [-400, 0, 20] {
            let date = world.now().date_naive() + chrono::TimeDelta::days(days);
            world.days(40);
            world.host.attest(&who(1), attested(Some(date)));
            let told = second_sign_up(&world, second, 1).await;
            assert!(matches!(told, "done" | "enrollment.exists"), "{days}: {told}");
        }
        assert_eq!(world.pair_state(2, pair).await, "introduced");
    });
}

#[test]
fn d23_a_minor_found_at_sign_up_is_held_everywhere() {
    run(async {
        let world = world();
        let first = world.program(|_| {}).await;
        let second = world.program(|_| {}).await;
        let pair = world.pair(first, 1, 2).await;
        let minor = NaiveDate::from_ymd_opt(2030, 1, 1);
        for (n, word) in [(1, minor), (2, None)] {
            world.host.attest(&who(n), attested(word));
            assert_eq!(second_sign_up(&world, second, n).await, "not_eligible");
        }
        assert_eq!(world.pair_state(2, pair).await, "paused");
        let page = world.service.my_enrollments(&world.person(1), world.first_page()).await;
        let states: Vec<_> = page.unwrap().items.iter().map(|it| it.state.code()).collect();
        assert_eq!(states, ["suspended"]);
        let told = world.messages().await;
        assert!(told.iter().any(|it| it.message.kind.as_str() == "person.held"));

        // The other way round nothing resumes by itself.
        for n in [1, 2] {
            world.host.attest(&who(n), attested(Some(adult_date())));
            assert_eq!(second_sign_up(&world, second, n).await, "done");
        }
        assert_eq!(world.pair_state(2, pair).await, "paused");
        world.service.unfreeze_pair(&world.staff(), pair).await.unwrap();
        assert_eq!(world.pair_state(2, pair).await, "introduced");
    });
}

#[test]
fn d22_an_unknown_age_is_not_made_up_for_by_an_older_word() {
    run(async {
        let world = world();
        let first = world.program(|_| {}).await;
        let second = world.program(|_| {}).await;
        let place = world.enroll(first, 1, Role::Mentee).await;
        world.service.withdraw_enrollment(&world.person(1), place).await.unwrap();
        world.host.attest(&who(1), Attestation::default());
        assert_eq!(second_sign_up(&world, second, 1).await, "not_eligible");
    });
}
