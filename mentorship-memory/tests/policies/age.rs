//! D22 and D23: what the host says at a sign-up is a correction like any other.

use chrono::NaiveDate;
use chrono_tz::Tz;
use mentorship_core::{
    base::{
        id::ProgramId,
        text::{Note, Title},
    },
    conformance::{
        make::{adult_date, who},
        world::{World, sign_up},
    },
    model::{
        enrollment::Role,
        report::{Ground, Outcome, Priority, Reasons, Verdict},
    },
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

/// The platform decides that it was a mistake, each time.
async fn mistaken(world: &World) {
    let (s, staff) = (&world.service, world.staff());
    let cases = s.platform_cases(&staff, world.first_page()).await.unwrap().items;
    assert_eq!(cases.len(), 2);
    for case in cases {
        s.triage_case(&staff, case.id, &case.category, Priority::P0).await.unwrap();
        s.take_case(&staff, case.id).await.unwrap();
        let reasons = Reasons {
            ground: Ground::Terms,
            clause: Title::new("Rule 1: adults only").unwrap(),
            facts: Note::new("The date was wrong.").unwrap(),
            why: Note::new("Only adults may take part.").unwrap(),
            detected: false,
            automated: false,
            redress: Note::new("You may appeal within six months.").unwrap(),
        };
        let verdict = Verdict { outcome: Outcome::NoAction, measures: Vec::new(), reasons };
        s.decide_case(&staff, case.id, verdict).await.unwrap();
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
        mistaken(&world).await;
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
