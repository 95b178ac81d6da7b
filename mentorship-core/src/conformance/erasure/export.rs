//! Everything of a person's as one document: row 63.

use std::collections::BTreeSet;

use super::{Scene, check_in, mark, sound};
use crate::{
    conformance::{
        Harness,
        census::census,
        make::{group, slug, who},
        world::World,
    },
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        journal::CheckInKind,
        pair::EndKind,
        report::{Measure, Tier},
    },
    policy::actor::Actor,
    service::{Export, ExportAsk, export::EXPORT_FORMAT},
};

async fn export_of(world: &World, actor: &Actor, n: u64) -> Export {
    let ask = ExportAsk::default();
    let export = world.service.export_person(actor, &who(n), ask).await.unwrap();
    assert_eq!(export.next, None);
    // What a host stores comes back as it was.
    let text = serde_json::to_string(&export).unwrap();
    assert_eq!(serde_json::from_str::<Export>(&text).unwrap(), export);
    export
}

/// A scene in which person 2 has done all that leaves a trace, and person 1 all that must not show.
async fn full(world: World) -> Scene {
    let scene = Scene::new(world).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (one, two) = (world.person(1), world.person(2));
    s.block(&two, &who(8)).await.unwrap();
    s.avoid(&two, &who(9), true).await.unwrap();
    s.block(&world.person(7), &who(2)).await.unwrap();
    s.avoid(&one, &who(2), true).await.unwrap();
    s.wish_for(&two, &who(5), true).await.unwrap();
    s.wish_for(&world.person(4), &who(2), true).await.unwrap();
    s.check_in(&two, scene.pair, check_in(2, CheckInKind::Closing)).await.unwrap();
    scene.filed().await;
    let about_two = ReportAsk::new(who(2), slug("spam"));
    let about_two = about_two.text(super::body(&format!("{} accused", mark(1))));
    let warned = s.file_report(&one, scene.program, about_two).await.unwrap().case;
    scene.decide(warned, &[Measure::Warn]).await;
    let hidden = ReportAsk::new(who(2), slug("scam"));
    let hidden = hidden.text(super::body(&format!("{} hid", mark(6))));
    s.file_report(&world.person(6), scene.program, hidden).await.unwrap();
    let last = super::note(&format!("{} farewell", mark(2)));
    s.end_pair(&two, scene.pair, EndKind::NoTime, Some(last), false).await.unwrap();
    scene
}

/// Row 63: answers and consents, offers, pairs with one's own words, posts, notes, what one has said about
/// others, reports and statements, one's own acts.
pub async fn row_63_an_export_holds_all_of_ones_own(h: Harness) {
    let scene = full(World::new(h.store)).await;
    let world = &scene.world;
    let export = export_of(world, &world.person(2), 2).await;
    assert_eq!((export.format, &export.person), (EXPORT_FORMAT, &who(2)));
    assert!(export.facts.adult_on.is_some());
    let text = serde_json::to_string(&export).unwrap();
    for words in [
        "answered",
        "introduced",
        "edited",
        "commented",
        "noted",
        "praised",
        "farewell",
        "reported",
    ] {
        assert!(text.contains(&format!("canary2x {words}")), "{words} in {text}");
    }
    let Export { enrollments, offers, pairs, posts, check_ins, .. } = &export;
    let lists = [enrollments.len(), offers.len(), pairs.len(), posts.len(), check_ins.len()];
    assert_eq!(lists, [1, 1, 1, 2, 2]);
    assert_eq!((pairs[0].partner.clone(), pairs[0].reason), (who(1), Some(EndKind::NoTime)));
    assert!(pairs[0].kept_until.is_some() && enrollments[0].kept_until.is_none());
    let about = |said: &[crate::service::export::Said]| {
        said.iter().map(|it| it.about.clone()).collect::<Vec<_>>()
    };
    assert_eq!((about(&export.blocks), about(&export.avoids)), (vec![who(8)], vec![who(9)]));
    assert_eq!(about(&export.wishes), [who(5)], "not who wishes for them");
    assert_eq!((export.reports.len(), export.statements.len()), (1, 1));
    assert_eq!(export.reports[0].report.subject, who(1));
    assert!(export.events.iter().any(|it| it.action.as_str() == "relation.block"));
    // Staff who run it for them get the same, but for when.
    let by_staff = export_of(world, &world.staff(), 2).await;
    let same = |export: Export| Export { events: Vec::new(), ..export };
    assert_eq!(same(by_staff), same(export));
    sound(world).await;
}

/// Row 63: no word of anybody else, not that somebody blocks or reports them.
pub async fn row_63_an_export_holds_nothing_of_others(h: Harness) {
    let scene = full(World::new(h.store)).await;
    let world = &scene.world;
    for n in [1, 2] {
        let export = export_of(world, &world.person(n), n).await;
        let text = serde_json::to_string(&export).unwrap();
        for other in (1..=9).filter(|it| *it != n) {
            assert!(!text.contains(&mark(other)), "{other} in the export of {n}: {text}");
        }
        // Nobody who only said something about them is named.
        for said in if n == 2 { vec![6, 7] } else { Vec::new() } {
            assert!(!text.contains(&format!("\"{}\"", who(said))), "{said} in {text}");
        }
    }
}

/// Row 63: of an enrolment it says what was asked of the person and what was decided about them.
pub async fn row_63_an_export_says_what_was_decided(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let (s, admin, now) = (&world.service, world.admin(), world.now());
    let later = now + chrono::TimeDelta::days(9);
    let mut places = Vec::new();
    for n in 1..=5 {
        places.push(world.enroll(program, n, Role::Mentor).await);
    }
    s.ask_info(&admin, places[0], super::note("Since when do you sail?")).await.unwrap();
    s.reject(&admin, places[1], slug("no_time")).await.unwrap();
    s.waitlist(&admin, places[2], slug("full"), later).await.unwrap();
    s.approve(&admin, places[3]).await.unwrap();
    s.pause_enrollment(&world.person(4), places[3], Some(later)).await.unwrap();
    s.approve(&admin, places[4]).await.unwrap();
    s.leave_group(&world.host_actor(), &who(5), &group()).await.unwrap();
    let mut found = Vec::new();
    for n in 1..=5 {
        let export = export_of(&world, &world.person(n), n).await;
        let it = export.enrollments.into_iter().next().unwrap();
        let question = it.question.map(|it| it.as_str().to_owned());
        let reason = it.reason.map(|it| it.to_string());
        found.push((it.state.to_string(), question, reason, it.next_review_at, it.paused_until));
    }
    let state = |code: &str| code.to_owned();
    let said = |words: &str| Some(words.to_owned());
    let expected = [
        (state("needs_info"), said("Since when do you sail?"), None, None, None),
        (state("rejected"), None, said("no_time"), None, None),
        (state("waitlisted"), None, said("full"), Some(later), None),
        (state("paused"), None, None, None, Some(later)),
        (state("removed"), None, said("left_group"), None, None),
    ];
    assert_eq!(found, expected);
}

/// Row 63: parts of any size make the same whole.
pub async fn row_63_an_export_comes_in_parts(h: Harness) {
    let scene = full(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let second = world.program(|_| {}).await;
    world.pair(second, 2, 3).await;
    let staff = world.staff();
    let whole = export_of(world, &staff, 2).await;
    for limit in [1, 3] {
        let mut parts: Option<Export> = None;
        let mut after = None;
        loop {
            let ask = ExportAsk { limit, after: after.take() };
            let part = s.export_person(&staff, &who(2), ask).await.unwrap();
            let items = part.posts.len() + part.events.len() + part.pairs.len();
            assert!(items <= usize::from(limit), "{items} in a part of {limit}");
            after.clone_from(&part.next);
            parts = Some(match parts {
                None => part,
                Some(mut all) => {
                    all.enrollments.extend(part.enrollments);
                    all.offers.extend(part.offers);
                    all.pairs.extend(part.pairs);
                    all.posts.extend(part.posts);
                    all.check_ins.extend(part.check_ins);
                    all.blocks.extend(part.blocks);
                    all.avoids.extend(part.avoids);
                    all.wishes.extend(part.wishes);
                    all.reports.extend(part.reports);
                    all.statements.extend(part.statements);
                    all.events.extend(part.events);
                    Export { next: None, ..all }
                }
            });
            if after.is_none() {
                break;
            }
        }
        let parts = parts.map(|it| Export { next: None, ..it });
        assert_eq!(parts.as_ref(), Some(&whole), "in parts of {limit}");
    }
}

/// Row 63: that somebody read it is on record, and who.
pub async fn row_63_an_export_is_on_record(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let world = &scene.world;
    let export = export_of(world, &world.person(1), 1).await;
    let read = |it: &&crate::model::event::AuditEvent| it.action.as_str() == "person.export";
    assert!(export.events.iter().any(|it| read(&it)), "it is in one's own part");
    export_of(world, &world.staff(), 1).await;
    let log = census(&*world.store, &world.tenant).await.audit;
    let by: Vec<_> = log.iter().filter(read).map(|it| it.actor.person.clone()).collect();
    assert_eq!(by, [Some(who(1)), Some(who(990))]);
    assert!(log.iter().filter(read).all(|it| it.private));
}

/// D13: to staff who are part of a case there is none, whoever's export it is.
pub async fn row_63_staff_of_a_case_export_nothing_of_it(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let report = ReportAsk::new(who(990), slug("scam"));
    s.file_report(&world.person(1), scene.program, report).await.unwrap();
    let mine = export_of(world, &world.person(1), 1).await;
    assert_eq!(mine.reports.len(), 1);
    assert_eq!(export_of(world, &world.staff(), 1).await.reports, []);
    let other = Actor::staff(world.tenant.clone(), who(991));
    assert_eq!(export_of(world, &other, 1).await.reports, mine.reports);
}

/// D13: nor do staff whom anything else recuses; and of a case that is the group's alone staff reads no word, since
/// they do not review it.
pub async fn row_63_staff_export_what_they_may_review(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let second = world.program(|_| {}).await;
    world.pair(second, 990, 3).await;
    let other = Actor::staff(world.tenant.clone(), who(991));
    let file = async |about: u64, tier: Tier| {
        let report = ReportAsk::new(who(about), slug("scam")).recipient(tier);
        let report = report.text(super::body("So it was."));
        world.days(1);
        s.file_report(&world.person(1), scene.program, report).await.unwrap().case
    };
    let (partners, groups) = (file(3, Tier::Both).await, file(5, Tier::Group).await);
    let reads = |export: Export| -> Vec<_> {
        export.reports.into_iter().map(|it| (it.report.case, it.told.len())).collect()
    };
    let own = reads(export_of(world, &world.person(1), 1).await);
    assert_eq!(own, [(partners, 1), (groups, 1)]);
    assert_eq!(reads(export_of(world, &other, 1).await), [(partners, 1), (groups, 0)]);
    let recused = reads(export_of(world, &world.staff(), 1).await);
    assert_eq!(recused, [(groups, 0)], "the subject is their partner");
    // An erasure tells them no more.
    let erased = s.erase_person(&world.staff(), &who(1)).await.unwrap();
    let cases =
        |kept: &[crate::service::Kept]| kept.iter().map(|it| it.case).collect::<BTreeSet<_>>();
    assert_eq!(cases(&erased.kept), [groups].into());
    let all = s.erasure(&other, &erased.pseudonym).await.unwrap();
    assert_eq!(cases(&all), [partners, groups].into());
}
