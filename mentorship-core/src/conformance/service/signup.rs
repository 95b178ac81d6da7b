//! Signing up, and the place that comes of it.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::sound;
use crate::{
    base::{id::EnrollmentId, text::Note},
    conformance::{
        Harness,
        make::{self, slug, who},
        world::{World, sign_up},
    },
    model::{answer::Answer, enrollment::Role},
    service::Attestation,
};

async fn state_of(world: &World, place: EnrollmentId) -> String {
    let view = world.service.application(&world.admin(), place).await.unwrap();
    view.enrollment.state.code().to_owned()
}

/// With approval, an application waits; a question can be asked and answered.
pub async fn an_application_needs_approval(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    assert_eq!(state_of(&world, place).await, "submitted");
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let stage = world.service.stage_proposal(&world.admin(), place, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed");
    let question = Note::new("Which waters do you know?").unwrap();
    world.service.ask_info(&world.admin(), place, question).await.unwrap();
    assert_eq!(state_of(&world, place).await, "needs_info");
    let again = make::answers(Role::Mentor);
    world.service.resubmit(&world.person(1), place, again).await.unwrap();
    world.service.approve(&world.admin(), place).await.unwrap();
    assert_eq!(state_of(&world, place).await, "active");
    world.service.reject(&world.admin(), mentee, slug("no_place")).await.unwrap();
    let early = world.enroll_with(program, 2, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(early), "enrollment.too_early");
    world.days(30);
    world.enroll(program, 2, Role::Mentee).await;
    sound(&world).await;
}

/// A minor, a leap-day birth, an unknown birthday: one code, on the right day, in the right zone.
pub async fn a_minor_is_refused_with_one_neutral_code(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let today = world.now().date_naive();
    let tomorrow = today.succ_opt();
    let cases = [
        (1, None, None, false),
        (2, tomorrow, Some(Tz::Europe__Lisbon), false),
        (3, Some(today), Some(Tz::Europe__Lisbon), true),
        // Where it is already tomorrow, and where the zone is not known.
        (4, Some(today), None, false),
        (5, tomorrow, Some(Tz::Pacific__Kiritimati), false),
    ];
    for (n, adult_on, zone, taken) in cases {
        world.host.attest(&who(n), Attestation { adult_on, zone });
        let outcome = world.enroll_with(program, n, sign_up(Role::Mentee)).await;
        if taken {
            outcome.unwrap();
        } else {
            assert_eq!(World::code(outcome), "not_eligible", "person {n}");
        }
    }
    world.clock.advance(TimeDelta::hours(16));
    world.enroll(program, 5, Role::Mentee).await;
    let untrained = who(6);
    world.host.untrained(&untrained);
    let outcome = world.enroll_with(program, 6, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_eligible", "the same for every rule");
    sound(&world).await;
}

/// A wrong answer is refused by the question's name and the limit, before anything is stored.
pub async fn answers_are_checked_by_name(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let good = sign_up(Role::Mentee);
    let with = |key: &str, answer: Answer| {
        let mut input = good.clone();
        input.answers = input.answers.with(slug(key), answer);
        input
    };
    let mut without = good.clone();
    without.answers.0.remove(&slug("languages"));
    let cases = [
        (without, "`answers.languages` is required"),
        (with("years", Answer::Integer(61)), "`answers.years` is 61; it must be from 0 to 60"),
        (
            with("learns", Answer::Rank(vec![slug("flying")])),
            "`answers.learns` names an unknown choice",
        ),
        (
            with("learns", Answer::Rank(vec![slug("maps"), slug("maps")])),
            "`answers.learns` names the same choice twice",
        ),
        (
            with("teaches", Answer::Multi([slug("maps")].into())),
            "`answers.teaches` names an unknown question",
        ),
        (
            with("languages", Answer::Integer(3)),
            "`answers.languages` is malformed; expected a set of language tags",
        ),
    ];
    for (input, expected) in cases {
        let error = world.enroll_with(program, 1, input).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let mut greedy = good.clone();
    greedy.capacity = Some(9);
    let error = world.enroll_with(program, 1, greedy).await.unwrap_err();
    assert_eq!(error.params()["field"], "capacity");
    world.enroll_with(program, 1, good).await.unwrap();
    sound(&world).await;
}

/// A pause with an end ends.
pub async fn a_paused_enrollment_resumes_by_itself(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    let until = world.now() + TimeDelta::days(3);
    world.service.pause_enrollment(&world.person(1), place, Some(until)).await.unwrap();
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let found = world.service.candidates(&world.admin(), mentee, 5).await.unwrap();
    assert!(found.ranked.is_empty(), "a paused mentor is no candidate");
    world.days(3);
    world.sweep().await;
    assert_eq!(state_of(&world, place).await, "active");
    sound(&world).await;
}
