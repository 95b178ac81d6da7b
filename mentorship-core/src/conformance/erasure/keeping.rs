//! How long what is over is kept: D21, row 64. The clock is the test's.

use super::{Scene, check_in, mark, marked, program, sound};
use crate::{
    base::time::plus_days,
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    decide::report::ReportAsk,
    model::{enrollment::Role, journal::CheckInKind, pair::EndKind},
};

/// Ninety days and no longer; what other applications say stays.
pub async fn d21_rejected_applications_are_kept_ninety_days(h: Harness) {
    let world = World::new(h.store);
    let program = program(&world, |policy| policy.approval = true).await;
    let (s, admin) = (&world.service, world.admin());
    let refused = world.enroll_with(program, 1, marked(1, Role::Mentor)).await.unwrap();
    let waits = world.enroll_with(program, 2, marked(2, Role::Mentor)).await.unwrap();
    s.reject(&admin, refused, slug("full")).await.unwrap();
    let answers = async |n: u64, of| {
        let application = s.application(&world.person(n), of).await.unwrap();
        application.enrollment.answers
    };
    let then = world.now();
    for days in [0, 29, 31, 89] {
        world.clock.set(plus_days(then, days));
        world.sweep().await;
        assert!(answers(1, refused).await.get("hobby").is_some(), "after {days} days");
    }
    world.clock.set(plus_days(then, 90));
    let done = world.sweep().await.done;
    assert_eq!(done.get("enrollment.clear"), Some(&1), "{done:?}");
    assert!(answers(1, refused).await.0.is_empty());
    assert!(answers(2, waits).await.get("hobby").is_some());
    world.days(400);
    assert_eq!(world.sweep().await.done.get("enrollment.clear"), None, "once");
    sound(&world).await;
}

/// Posts, notes, introductions and the words of an end; testimonials were given to be shown.
pub async fn d21_what_a_pair_wrote_is_kept_half_a_year(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    for n in [1, 2] {
        let me = world.person(n);
        s.check_in(&me, scene.pair, check_in(n, CheckInKind::Closing)).await.unwrap();
    }
    let last = super::note(&format!("{} farewell", mark(2)));
    s.end_pair(&world.person(2), scene.pair, EndKind::NoTime, Some(last), true).await.unwrap();
    let before = scene.text().await;
    assert!(before.contains("canary2x farewell") && before.contains("canary1x noted"));
    let then = world.now();
    world.clock.set(plus_days(then, 179));
    world.sweep().await;
    assert!(scene.text().await.contains("canary2x farewell"));
    assert!(scene.posts().await.iter().all(|it| it.body.is_some()));
    world.clock.set(plus_days(then, 180));
    let done = world.sweep().await.done;
    assert_eq!(done.get("pair.clear"), Some(&1), "{done:?}");
    let (pair, posts) = (scene.stored().await, scene.posts().await);
    assert_eq!((posts.len(), pair.due_at), (4, None));
    assert!(posts.iter().all(|it| it.body.is_none() && it.removed_at.is_some()));
    let text = scene.text().await;
    for words in ["posted", "edited", "commented", "noted", "introduced", "farewell"] {
        assert!(!text.contains(&format!("x {words}")), "{words} in {text}");
    }
    assert_eq!(pair.state.code(), "ended");
    let shown = s.testimonials(&world.admin(), scene.program, world.first_page()).await.unwrap();
    assert_eq!(shown.items.len(), 2);
    sound(world).await;
}

/// Half a year after the last enrolment of the person in the tenant was over, and not before.
pub async fn d21_answers_go_after_the_last_enrollment(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let me = world.person(1);
    let second = world.program(|_| {}).await;
    let other = world.enroll(second, 1, Role::Mentee).await;
    s.withdraw_enrollment(&me, scene.mentor).await.unwrap();
    let has = async || scene.answers(scene.mentor).await.get("hobby").is_some();
    let then = world.now();
    for days in [31, 200, 390] {
        world.clock.set(plus_days(then, days));
        world.sweep().await;
        assert!(has().await, "they still take part after {days} days");
    }
    s.withdraw_enrollment(&me, other).await.unwrap();
    let then = world.now();
    world.clock.set(plus_days(then, 179));
    world.sweep().await;
    assert!(has().await);
    // Looked at while another one lived, it is kept a little longer and not for ever.
    world.clock.set(plus_days(then, 361));
    world.sweep().await;
    assert!(!has().await);
    assert!(scene.answers(other).await.0.is_empty());
    assert!(scene.answers(scene.mentee).await.get("hobby").is_some());
    sound(world).await;
}

/// A year after a case was closed its evidence and its reasons go; that there was one stays, and every seal.
pub async fn d21_cases_are_kept_a_year_after_their_end(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.decided(&[crate::model::report::Measure::Warn]).await;
    world.days(190);
    assert_eq!(world.sweep().await.done.get("case.close"), Some(&1));
    let closed = world.now();
    world.clock.set(plus_days(closed, 364));
    world.sweep().await;
    assert!(scene.case_says(case, 1).await && scene.case_says(case, 2).await);
    world.clock.set(plus_days(closed, 365));
    assert_eq!(world.sweep().await.done.get("case.clear"), Some(&1));
    assert!(scene.evidence(case).await.iter().all(|it| it.content.is_none()));
    let told = s.my_statements(&world.person(1), world.first_page()).await.unwrap();
    assert_eq!((told.items.len(), told.items[0].reasons.as_ref()), (1, None));
    world.days(1_000);
    assert_eq!(world.sweep().await.done.get("case.clear"), None, "once");
    sound(world).await;
}

/// Each program says for how long within limits, and what it says when the time comes counts.
pub async fn d21_a_program_says_for_how_long(h: Harness) {
    let world = World::new(h.store);
    let scene = Scene::with(world, |policy| {
        (policy.content_days, policy.read_days, policy.case_days) = (40, 20, 30);
    })
    .await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.filed().await;
    assert!(s.withdraw_report(&world.person(2), case).await.unwrap());
    s.end_pair(&world.person(2), scene.pair, EndKind::NoTime, None, false).await.unwrap();
    world.days(30);
    let done = world.sweep().await.done;
    assert_eq!((done.get("case.clear"), done.get("pair.clear")), (Some(&1), None), "{done:?}");
    // What may still be read is not taken away.
    let read_days = crate::decide::program::EditProgram {
        policy: Some(crate::model::program::ProgramPolicy {
            read_days: 60,
            ..world.service.program(&world.admin(), scene.program).await.unwrap().program.policy
        }),
        ..crate::decide::program::EditProgram::default()
    };
    s.edit_program(&world.admin(), scene.program, read_days).await.unwrap();
    world.days(29);
    assert_eq!(world.sweep().await.done.get("pair.clear"), None);
    world.days(1);
    assert_eq!(world.sweep().await.done.get("pair.clear"), Some(&1));
    sound(world).await;
}

/// D21: a case keeps its copies whatever else goes: the pair, the answers, the people.
pub async fn d21_a_case_keeps_what_no_other_clock_reaches(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let answers = crate::model::report::Target::Enrollment { enrollment: scene.mentor };
    let report = ReportAsk::new(who(1), slug("spam")).target(answers);
    let about_answers = s.file_report(&world.person(2), scene.program, report).await.unwrap().case;
    let case = scene.filed().await;
    for (n, place) in [(1, scene.mentor), (2, scene.mentee)] {
        s.withdraw_enrollment(&world.person(n), place).await.unwrap();
    }
    world.days(181);
    let done = world.sweep().await.done;
    assert_eq!((done.get("pair.clear"), done.get("enrollment.clear")), (Some(&1), Some(&2)));
    assert!(!scene.text().await.contains(&mark(1)) && !scene.text().await.contains(&mark(2)));
    assert!(scene.case_says(case, 1).await && scene.case_says(case, 2).await);
    assert!(scene.case_says(about_answers, 1).await);
    scene.erases(1).await;
    assert!(scene.case_says(case, 1).await && scene.case_says(about_answers, 1).await);
    sound(world).await;
}
