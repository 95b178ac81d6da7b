//! Statements of reasons: what the one whom a measure concerns is told of it.

use chrono::{Days, TimeDelta};

use super::{Scene, body, reasons, sound, verdict};
use crate::{
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    decide::person::AgeFacts,
    model::report::{Ground, Measure, Outcome, Priority, Reasons, Ruling},
    policy::actor::Actor,
    service::{Cause, PageAsk, Statement},
};

async fn statement(world: &World, n: u64) -> Statement {
    let page = world.service.my_statements(&world.person(n), PageAsk::default()).await.unwrap();
    assert_eq!(page.items.len(), 1);
    page.items.into_iter().next().unwrap()
}

/// D16: each point of Article 17(3) of Regulation (EU) 2022/2065, in a statement of a report and in one of nobody's.
/// Both are taken apart without a rest: a field that is taken away stops the build here.
pub async fn d16_a_statement_holds_what_article_17_asks(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let until = world.now() + TimeDelta::days(30);
    let ban = Measure::BanFromGroup { until: Some(until) };
    let case = scene.decided(&[Measure::Warn, ban]).await;
    let told = statement(world, 1).await;
    let text = serde_json::to_string(&told).unwrap();
    let Statement { case: of, program, at, cause, measures, reasons: why, appeal_until, appeal } =
        told;
    // (a) The measures, how far they reach, and for how long.
    assert_eq!((of, program, at), (case, scene.program, world.now()));
    assert_eq!(measures.iter().map(|it| it.code()).collect::<Vec<_>>(), ["warn", "ban_from_group"]);
    assert_eq!(measures.iter().map(|it| it.until()).collect::<Vec<_>>(), [None, Some(until)]);
    let why = why.unwrap();
    assert_eq!(why, reasons());
    let Reasons { ground, clause, facts, why, detected, automated, redress } = why;
    // (b) The facts, and that there was a report; who reported nothing tells.
    assert_eq!(facts.as_str(), "A course was sold in a post.");
    assert_eq!(cause, Cause::Notice);
    assert!(!text.contains(who(2).as_str()), "{text}");
    // (c) What machines did.
    assert!(!detected && !automated);
    // (d), (e) The ground, in law or in the terms, and why it was broken.
    assert_eq!(ground, Ground::Terms);
    assert_eq!((clause.as_str(), why.as_str()), ("Rule 3: no selling", "Nothing is to be sold."));
    // (f) What can be done against it, and until when.
    assert_eq!(redress.as_str(), "You may appeal within six months.");
    assert!(appeal_until.is_some_and(|it| it > world.now()) && appeal.is_none());

    // Of nobody's report, found by a machine, by law.
    let (host, staff) = (world.host_actor(), world.staff());
    let adult_on = world.now().date_naive().checked_add_days(Days::new(365));
    let case = s.record_age(&host, &who(3), AgeFacts { adult_on, zone: None }).await.unwrap();
    assert_eq!(case, None, "whoever takes part in nothing is no case");
    scene.world.pair(scene.program, 13, 14).await;
    let case = s.record_age(&host, &who(13), AgeFacts { adult_on, zone: None }).await.unwrap();
    let case = case.unwrap();
    s.triage_case(&staff, case, &slug("suspected_minor"), Priority::P0).await.unwrap();
    s.take_case(&staff, case).await.unwrap();
    let mut decided = verdict(Outcome::Actioned, &[Measure::Ineligible]);
    (decided.reasons.ground, decided.reasons.detected) = (Ground::Law, true);
    decided.reasons.automated = true;
    s.decide_case(&staff, case, decided.clone()).await.unwrap();
    let told = statement(world, 13).await;
    assert_eq!((told.cause, told.reasons), (Cause::OwnInitiative, Some(decided.reasons)));
    sound(world).await;
}

/// D16: whatever decided first, on the appeal a human does, and the statement says so.
pub async fn d16_no_machine_decides_on_an_appeal(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.taken().await;
    let mut first = verdict(Outcome::Actioned, &[Measure::Warn]);
    first.reasons.automated = true;
    s.decide_case(&world.other_admin(), case, first).await.unwrap();
    s.appeal_case(&world.person(1), case, body("I gave it away.")).await.unwrap();
    let staff = Actor::staff(world.tenant.clone(), who(991));
    let automated = Reasons { automated: true, ..reasons() };
    for (ruling, measures) in [
        (Ruling::Upheld, vec![]),
        (Ruling::Changed, vec![Measure::EndPair]),
        (Ruling::Reversed, vec![]),
    ] {
        let refused = s.rule_on_appeal(&staff, case, ruling, &measures, automated.clone()).await;
        assert_eq!(refused.as_ref().unwrap_err().params()["field"], "automated");
        assert_eq!(World::code(refused), "input.conflict");
    }
    s.rule_on_appeal(&staff, case, Ruling::Upheld, &[], reasons()).await.unwrap();
    let told = statement(world, 1).await;
    assert!(told.reasons.unwrap().automated);
    let (_, _, ruled) = told.appeal.unwrap();
    assert!(!ruled.unwrap().automated);
    sound(world).await;
}
