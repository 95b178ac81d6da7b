//! D23: somebody who turns out not to be an adult is held by a case of the platform's, until a human decides.

use chrono::{Days, NaiveDate, TimeDelta};

use super::{Scene, about, as_read, body, kinds, reasons, sound, verdict};
use crate::{
    base::{id::CaseId, text::Note, time::Timestamp},
    conformance::{
        Harness,
        make::{adult_date, group, slug, who},
        world::World,
    },
    decide::person::AgeFacts,
    model::{
        enrollment::Role,
        guide::{StepInstance, StepState},
        report::{InterimAsk, Measure, Outcome, Priority, Ruling},
    },
    policy::actor::Actor,
    service::PageAsk,
};

/// A date on which nobody of today's is an adult.
fn next_year(world: &World) -> Option<NaiveDate> {
    world.now().date_naive().checked_add_days(Days::new(365))
}

impl Scene {
    /// The host says so of person `n`.
    async fn said(&self, n: u64, adult_on: Option<NaiveDate>) -> Option<CaseId> {
        let (s, host) = (&self.world.service, self.world.host_actor());
        s.record_age(&host, &who(n), AgeFacts { adult_on, zone: None }).await.unwrap()
    }

    /// A human of the platform takes the case.
    async fn taken_by_staff(&self, case: CaseId) {
        let (s, staff) = (&self.world.service, self.world.staff());
        s.triage_case(&staff, case, &slug("suspected_minor"), Priority::P0).await.unwrap();
        s.take_case(&staff, case).await.unwrap();
    }

    async fn decided_by_staff(&self, case: CaseId, measures: &[Measure]) -> &'static str {
        let outcome = if measures.is_empty() { Outcome::NoAction } else { Outcome::Actioned };
        let (s, staff) = (&self.world.service, self.world.staff());
        let done = s.decide_case(&staff, case, verdict(outcome, measures)).await;
        if done.is_ok() { "done" } else { World::code(done) }
    }

    /// When the steps of the pair open or are due.
    async fn dates(&self) -> Vec<Timestamp> {
        let (s, me) = (&self.world.service, self.world.person(1));
        let steps = s.pair(&me, self.pair).await.unwrap().steps;
        let date = |step: StepInstance| match step.state {
            StepState::Locked { unlocks_at } => unlocks_at,
            StepState::Open { .. } => step.due_at,
            StepState::Done { .. } | StepState::Skipped { .. } => None,
        };
        steps.into_iter().filter_map(date).collect()
    }
}

/// D23: in the write that says so everything of theirs is held in all programs, by an urgent case that nobody
/// has reported; neither the partner nor an admin reads why.
pub async fn d23_a_minor_is_held_by_a_case_of_the_platforms(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let other = world.program(|_| {}).await;
    let elsewhere = world.pair(other, 2, 3).await;
    drop(world.messages().await);
    let case = scene.said(2, next_year(world)).await.unwrap();
    assert_eq!(world.host.urgent(), [case], "D17");
    assert_eq!(world.pair_state(1, scene.pair).await, "paused");
    assert_eq!(world.pair_state(3, elsewhere).await, "paused");
    let places = s.my_enrollments(&world.person(2), PageAsk::default()).await.unwrap().items;
    assert!(places.iter().all(|it| it.state.code() == "suspended"));
    let messages = world.messages().await;
    assert_eq!(kinds(&messages, 1), ["pair.paused_by_program"]);
    let staff: Vec<_> = messages.iter().filter(|it| it.message.case == Some(case)).collect();
    assert_eq!(staff.len(), 1);
    assert_eq!(staff[0].message.kind.as_str(), "case.filed");
    assert_eq!(scene.platform().await, [case]);
    for admin in [world.admin(), world.other_admin()] {
        assert!(scene.group(&admin).await.is_empty() && scene.hidden(&admin, case).await);
        let read = as_read(world, &admin, scene.program).await;
        assert!(!read.contains(&case.to_string()));
        let words = read.split(|c: char| !c.is_ascii_alphabetic());
        assert!(words.into_iter().all(|it| !["minor", "adult", "ineligible"].contains(&it)));
        let places = s.enrollments(&admin, scene.program, None, None, PageAsk::default()).await;
        for place in places.unwrap().items {
            let told = s.application(&admin, place.id).await.unwrap().is_adult;
            let held = place.person == who(2);
            assert_eq!(told, (!held).then_some(true), "of one that is held it is not told why");
        }
    }
    let file = s.case(&world.staff(), case).await.unwrap().case;
    assert_eq!((file.reporter.clone(), file.priority, file.evidence), (None, Priority::P0, 0));
    assert_eq!(file.in_force().count(), 4);
    assert!(file.interim.iter().all(|it| it.by.is_none()));
    scene.taken_by_staff(case).await;
    let ask = s.ask_reporter(&world.staff(), case, Note::new("Who?").unwrap()).await;
    assert_eq!(World::code(ask), "input.conflict");
    for actor in [world.staff(), world.host_actor(), world.person(1), world.person(2)] {
        assert_eq!(World::code(s.withdraw_report(&actor, case).await), "not_found");
    }
    sound(world).await;
}

/// D23: if it was a mistake a human lets them go on, and not before the host has said so; the dates move by as
/// long as they were held.
pub async fn d23_a_mistake_is_mended_by_a_human(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let world = &scene.world;
    let before = scene.dates().await;
    assert!(!before.is_empty());
    drop(world.messages().await);
    let case = scene.said(2, None).await.unwrap();
    scene.taken_by_staff(case).await;
    assert_eq!(scene.decided_by_staff(case, &[]).await, "not_eligible");
    let lift = world.service.lift_interim(&world.staff(), case, InterimAsk::FreezePair).await;
    assert_eq!(World::code(lift), "not_eligible");
    world.days(3);
    assert_eq!(scene.said(2, Some(adult_date())).await, None);
    world.sweep().await;
    assert_eq!(world.pair_state(1, scene.pair).await, "paused", "nothing goes on by itself");
    drop(world.messages().await);
    assert_eq!(scene.decided_by_staff(case, &[]).await, "done");
    assert_eq!(world.pair_state(1, scene.pair).await, "introduced");
    assert_eq!(kinds(&world.messages().await, 1), ["pair.resumed"]);
    let later = before.into_iter().map(|at| at + TimeDelta::days(3));
    assert_eq!(scene.dates().await, later.collect::<Vec<_>>());
    let me = world.person(2);
    let places = world.service.my_enrollments(&me, PageAsk::default()).await.unwrap().items;
    assert_eq!(places[0].state.code(), "active");
    sound(world).await;
}

/// D23: if it is confirmed all that they have ends, in words that say nothing of it; only the platform may
/// decide so.
pub async fn d23_a_minor_who_is_confirmed_leaves_all(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let other = world.program(|_| {}).await;
    let elsewhere = world.pair(other, 2, 3).await;
    let waits = world.enroll(other, 1, Role::Mentee).await;
    drop(world.messages().await);
    let case = scene.said(2, next_year(world)).await.unwrap();
    scene.taken_by_staff(case).await;
    drop(world.messages().await);
    assert_eq!(
        scene.decided_by_staff(case, &[Measure::Warn]).await,
        "not_eligible",
        "held all the same"
    );
    assert_eq!(scene.decided_by_staff(case, &[Measure::Ineligible]).await, "done");
    assert_eq!(world.pair_state(1, scene.pair).await, "ended");
    assert_eq!(world.pair_state(3, elsewhere).await, "ended");
    let messages = world.messages().await;
    assert_eq!(kinds(&messages, 1), ["pair.ended"]);
    assert!(kinds(&messages, 2).contains(&"case.statement"));
    for n in [1, 2] {
        let card = s.pair(&world.person(n), scene.pair).await.unwrap().card;
        assert_eq!((card.reason, card.note), (None, None));
    }
    let read = as_read(world, &world.admin(), scene.program).await;
    assert!(!read.contains("ineligible") && read.contains("removed"));
    let places = s.my_enrollments(&world.person(2), PageAsk::default()).await.unwrap().items;
    assert!(places.iter().all(|it| it.state.code() == "removed"));
    let other_place = s.application(&world.person(1), waits).await.unwrap().enrollment;
    assert_eq!(other_place.state.code(), "active", "the partner's stay");
    let file = s.case(&world.staff(), case).await.unwrap().case;
    assert_eq!(file.in_force().count(), 0);
    let groups = scene.report(3, about(1, "scam")).await.unwrap();
    world.work(&admin, groups).await;
    let decided = verdict(Outcome::Actioned, &[Measure::Ineligible]);
    assert_eq!(World::code(s.decide_case(&admin, groups, decided).await), "input.conflict");
    s.decide_case(&admin, groups, verdict(Outcome::NoAction, &[])).await.unwrap();
    s.appeal_case(&world.person(3), groups, body("Too mild.")).await.unwrap();
    world.host.admins([who(901), who(902)]);
    let third = Actor::group_admin(world.tenant.clone(), who(902), group());
    let changed = (Ruling::Changed, [Measure::Ineligible]);
    let ruled = s.rule_on_appeal(&third, groups, changed.0, &changed.1, reasons()).await;
    assert_eq!(World::code(ruled), "input.conflict");
    sound(world).await;
}

/// D23: each word that somebody is no adult is a case; the same word again is none, and what two of them hold
/// waits for both.
pub async fn d23_each_word_is_looked_at(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let world = &scene.world;
    let first = scene.said(1, None).await.unwrap();
    assert_eq!(scene.said(1, next_year(world)).await, None, "nothing more is held");
    let second = scene.said(2, None).await.unwrap();
    for n in [1, 2] {
        assert_eq!(scene.said(n, Some(adult_date())).await, None);
    }
    let third = scene.said(1, None).await.unwrap();
    assert_eq!(scene.said(1, Some(adult_date())).await, None);
    for case in [first, second, third] {
        assert_eq!(world.pair_state(2, scene.pair).await, "paused");
        scene.taken_by_staff(case).await;
        assert_eq!(scene.decided_by_staff(case, &[]).await, "done");
    }
    assert_eq!(world.pair_state(2, scene.pair).await, "introduced");
    assert_eq!(scene.said(7, None).await, None, "who takes part in nothing");
    sound(world).await;
}

/// D23: while an age is not known nothing of it goes on, and only the platform learns why: not whoever takes back a
/// report that holds the same, and no admin.
pub async fn d23_another_case_that_lets_go_tells_nothing(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let reported = scene.taken().await;
    for ask in [InterimAsk::FreezePair, InterimAsk::SuspendEnrollments] {
        s.take_interim(&admin, reported, ask).await.unwrap();
    }
    let case = scene.said(1, None).await.unwrap();
    scene.taken_by_staff(case).await;
    assert_eq!(scene.decided_by_staff(case, &[]).await, "not_eligible", "though another holds too");
    assert!(s.withdraw_report(&world.person(2), reported).await.unwrap());
    assert_eq!(world.pair_state(2, scene.pair).await, "paused");
    assert_eq!(scene.said(1, Some(adult_date())).await, None);
    assert_eq!(scene.decided_by_staff(case, &[]).await, "done");
    assert_eq!(world.pair_state(2, scene.pair).await, "introduced");
    sound(world).await;
}
