//! The life of a program.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::sound;
use crate::{
    base::{
        id::PairId,
        text::{Note, Title},
    },
    conformance::{
        Harness,
        make::{self, group, who},
        world::{World, sign_up, step},
    },
    decide::{journal::CheckInInput, program::CreateProgram},
    model::{enrollment::Role, journal::CheckInKind, program::Window},
    service::PageAsk,
};

async fn open_step(world: &World, n: u64, pair: PairId) -> Vec<String> {
    let details = world.service.pair(&world.person(n), pair).await.unwrap();
    details
        .steps
        .iter()
        .filter(|step| step.state.code() == "open")
        .map(|step| step.key.to_string())
        .collect()
}

/// Create, open, sign up, stage, publish, accept, walk the guide, complete, wind down, archive.
pub async fn a_whole_program_from_template_to_goodbye(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let ranked = world.service.candidates(&world.admin(), mentee, 10).await.unwrap();
    assert_eq!(ranked.ranked.len(), 1);
    let best = &ranked.ranked[0];
    assert_eq!((best.enrollment, best.person.clone()), (mentor, who(1)));
    // Of three wishes the second is met: 2 of 3 points of 600; ten years ahead: all of 400.
    assert_eq!(best.score.total(), 400 + 400, "{:?}", best.score);
    let offer = world.offer(mentor, mentee).await;
    let offers = world.service.my_offers(&world.person(2), PageAsk::default()).await.unwrap();
    assert!(offers.items[0].waits_for_me);
    let pair = world.accept(offer, 1, 2).await;
    assert_eq!(open_step(&world, 1, pair).await, ["hello"]);
    let words = Note::new("I am glad to meet you.").unwrap();
    world.service.introduce_oneself(&world.person(1), pair, words).await.unwrap();
    assert_eq!(world.pair_state(2, pair).await, "active");
    for n in [1, 2] {
        world.service.finish_step(&world.person(n), pair, &step("hello")).await.unwrap();
    }
    world.days(7);
    world.sweep().await;
    assert_eq!(open_step(&world, 1, pair).await, ["sail"]);
    world.service.finish_step(&world.person(2), pair, &step("sail")).await.unwrap();
    assert_eq!(open_step(&world, 1, pair).await, ["goodbye"]);
    let closing = CheckInInput {
        kind: CheckInKind::Closing,
        score: Some(5),
        note: None,
        note_shared: false,
        testimonial: Some(Note::new("I can sail now.").unwrap()),
    };
    world.service.check_in(&world.person(2), pair, closing).await.unwrap();
    let done = world.service.finish_step(&world.person(2), pair, &step("goodbye")).await.unwrap();
    assert!(done.completed);
    assert_eq!(world.pair_state(1, pair).await, "completed");
    world.service.wind_down_program(&world.admin(), program).await.unwrap();
    world.sweep().await;
    world.service.archive_program(&world.admin(), program).await.unwrap();
    let details = world.service.program(&world.admin(), program).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
    sound(&world).await;
}

/// A cohort closes sign-up and winds down on its dates.
pub async fn a_cohort_closes_by_itself(h: Harness) {
    let world = World::new(h.store);
    let now = world.now();
    let window = Window {
        opens: now - TimeDelta::days(1),
        closes: now + TimeDelta::days(7),
        starts: now + TimeDelta::days(7),
        ends: now + TimeDelta::days(60),
    };
    let input = CreateProgram {
        group: group(),
        template: make::template(),
        title: Title::new("Spring cohort").unwrap(),
        topic: None,
        zone: Tz::Europe__Lisbon,
        window: Some(window),
        policy: None,
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    world.enroll(program, 1, Role::Mentor).await;
    let state = async || {
        let details = world.service.program(&world.admin(), program).await.unwrap();
        details.program.state.code()
    };
    world.days(7);
    world.sweep().await;
    assert_eq!(state().await, "enrollment_closed");
    let late = world.enroll_with(program, 2, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(late), "program.not_open");
    world.days(53);
    world.sweep().await;
    assert_eq!(state().await, "winding_down");
    sound(&world).await;
}

/// Archiving with live pairs gives the notice, and then ends them.
pub async fn archiving_gives_notice(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.wind_down_program(&world.admin(), program).await.unwrap();
    world.sweep().await;
    let at_once = world.service.archive_program(&world.admin(), program).await;
    assert_eq!(World::code(at_once), "program.has_live_pairs");
    let at = world.service.schedule_archive(&world.admin(), program).await.unwrap();
    assert_eq!(at, world.now() + TimeDelta::days(14));
    let before = world.pair_state(1, pair).await;
    world.days(13);
    world.sweep().await;
    assert_eq!(world.pair_state(1, pair).await, before);
    world.days(1);
    world.sweep().await;
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let details = world.service.program(&world.admin(), program).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
    sound(&world).await;
}
