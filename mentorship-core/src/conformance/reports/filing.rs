//! Filing: who may report what and when, what is copied, and what comes with it.

use super::{Scene, about, body, kinds, post_of, sound, verdict};
use crate::{
    base::{
        host::TenantId,
        text::{Note, Title},
    },
    conformance::{
        Harness,
        make::{id, slug, who},
        world::World,
    },
    decide::journal::CheckInInput,
    matching::{people::Options, run::RunOptions},
    model::{
        enrollment::Role,
        journal::CheckInKind,
        pair::EndKind,
        report::{
            Item, Link, Occasion, Outcome, Party, Priority, Resource, Resources, Target, Tier,
            verify,
        },
    },
    service::PageAsk,
};

/// D11, I8, row 51: a report copies what it is about and what stood around it, from both authors, and no later
/// edit or removal touches that.
pub async fn d11_a_report_copies_what_stood_there(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    scene.post(2, "What do I owe you?").await;
    let bad = scene.post(1, "Buy my course.").await;
    scene.post(2, "No, thank you.").await;
    let report = about(1, "scam").target(post_of(&scene, bad)).text(body("He sells."));
    let case = scene.report(2, report).await.unwrap();
    let mentor = scene.world.person(1);
    s.edit_post(&mentor, scene.pair, bad, body("Hello.")).await.unwrap();
    s.remove_post(&mentor, scene.pair, bad).await.unwrap();
    let file = s.case(&scene.world.other_admin(), case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    let read: Vec<_> = file.evidence.iter().map(|it| it.read().unwrap().unwrap()).collect();
    let words = |item: &Item| match item {
        Item::Words { on: Occasion::Report, text } => text.clone(),
        Item::Post { body, .. } => body.clone(),
        other => panic!("nothing else was there: {other:?}"),
    };
    let read: Vec<_> = read
        .iter()
        .map(|it| (it.author, it.reported, words(&it.item).unwrap().as_str().to_owned()))
        .collect();
    let expected = [
        (Party::Reporter, false, "He sells."),
        (Party::Reporter, false, "What do I owe you?"),
        (Party::Subject, true, "Buy my course."),
        (Party::Reporter, false, "No, thank you."),
    ];
    assert_eq!(read, expected.map(|(by, reported, text)| (by, reported, text.to_owned())));
    sound(&scene.world).await;
}

/// D11: no more than ten posts before and after what was reported are copied.
pub async fn d11_a_window_is_copied_and_no_more(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let mut posts = Vec::new();
    for n in 0..30 {
        posts.push(scene.post(1 + n % 2, &format!("Post {n}")).await);
    }
    let report = about(1, "spam").target(post_of(&scene, posts[14]));
    let case = scene.report(2, report).await.unwrap();
    let last = scene.report(2, about(1, "spam")).await.unwrap();
    let numbers = async |case| {
        let file = scene.world.service.case(&scene.world.other_admin(), case).await.unwrap();
        let all = file.evidence.iter().filter_map(|it| match it.read().unwrap().unwrap().item {
            Item::Post { number, .. } => Some(number),
            _ => None,
        });
        all.collect::<Vec<_>>()
    };
    assert_eq!(numbers(case).await, (5..=25).collect::<Vec<_>>());
    assert_eq!(numbers(last).await, (20..=30).collect::<Vec<_>>());
}

/// D11, D2: anybody may report before, during and after a pair; what a pair wrote within the program's
/// window, also by whoever may read it no longer.
pub async fn d11_reports_come_before_during_and_after(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    // Somebody who has nothing to do with either.
    scene.report(7, about(1, "spam")).await.unwrap();
    // And about somebody who takes no part, which is not told.
    scene.report(7, about(8, "spam")).await.unwrap();
    let bad = scene.post(1, "Buy my course.").await;
    let first = scene.report(2, about(1, "spam")).await.unwrap();
    let mentor = scene.world.person(1);
    s.end_pair(&mentor, scene.pair, EndKind::NoTime, None, false).await.unwrap();
    let thread = s.thread(&scene.world.person(2), scene.pair, None, PageAsk::default()).await;
    assert!(thread.unwrap().posts.is_empty(), "the other one ended it");
    let report = || about(1, "scam").target(post_of(&scene, bad));
    let case = scene.report(2, report()).await.unwrap();
    let file = s.case(&scene.world.other_admin(), case).await.unwrap();
    assert!(file.evidence.iter().any(|it| it.content.as_ref().unwrap().contains("Buy my course.")));
    for case in [first, case] {
        s.withdraw_report(&scene.world.person(2), case).await.unwrap();
    }
    scene.world.days(181);
    assert_eq!(World::code(scene.report(2, report()).await), "report.too_late");
    scene.report(2, about(1, "scam")).await.unwrap();
    sound(&scene.world).await;
}

/// D11: what somebody may not see they cannot report, and nobody reports themselves.
pub async fn d11_only_what_one_sees_is_reported(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    let post = scene.post(1, "Ahoy.").await;
    let kind = CheckInKind::Week { number: 1 };
    let note = Some(Note::new("He is late.").unwrap());
    let input = CheckInInput { kind, score: Some(1), note, note_shared: false, testimonial: None };
    s.check_in(&scene.world.person(1), scene.pair, input.clone()).await.unwrap();
    let check_in = Target::CheckIn { pair: scene.pair, side: Role::Mentor, kind };
    let place = s.my_enrollments(&scene.world.person(1), PageAsk::default()).await.unwrap();
    let enrollment = Target::Enrollment { enrollment: place.items[0].id };
    let refused = async |n: u64, about_whom: u64, target: &Target| {
        World::code(scene.report(n, about(about_whom, "spam").target(target.clone())).await)
    };
    let post = post_of(&scene, post);
    assert_eq!(refused(7, 1, &post).await, "not_found", "somebody else's pair");
    assert_eq!(refused(2, 1, &check_in).await, "not_found", "a note that was not shared");
    assert_eq!(refused(7, 1, &enrollment).await, "not_found", "answers to a partner");
    let shared = CheckInInput { note_shared: true, ..input };
    s.check_in(&scene.world.person(1), scene.pair, shared).await.unwrap();
    for (n, target) in [&check_in, &enrollment, &post].into_iter().enumerate() {
        let case = scene.report(2, about(1, "spam").target(target.clone())).await.unwrap();
        let file = s.case(&scene.world.other_admin(), case).await.unwrap();
        let reported =
            file.evidence.iter().filter(|it| it.read().unwrap().unwrap().reported).count();
        assert_eq!(reported, 1, "target {n}");
    }
    // A post of the other of the two is not what this subject wrote.
    let own = scene.post(2, "Hello.").await;
    assert_eq!(refused(2, 1, &post_of(&scene, own)).await, "not_found");
    assert_eq!(refused(2, 2, &post_of(&scene, own)).await, "report.self");
    let gone = Target::Post { pair: scene.pair, post: id(99_999) };
    assert_eq!(refused(2, 1, &gone).await, "not_found");
    sound(&scene.world).await;
}

/// D11: around a reported check-in stand those of both that the other could read, before it and after it; around
/// whatever else is reported the last ones. What was not shared is copied for nobody.
pub async fn d11_check_ins_around_are_copied_from_both(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let writes = async |n: u64, number: u16, words: String, note_shared: bool| {
        let kind = CheckInKind::Week { number };
        let note = Some(Note::new(&words).unwrap());
        let input = CheckInInput { kind, score: Some(2), note, note_shared, testimonial: None };
        s.check_in(&world.person(n), scene.pair, input).await.unwrap();
    };
    let mut posts = Vec::new();
    for week in 1..=14 {
        writes(1, week, format!("mentor {week}"), week != 3).await;
        world.clock.advance(chrono::TimeDelta::hours(1));
        writes(2, week, format!("mentee {week}"), true).await;
        if week == 2 {
            posts.push(scene.post(1, "Buy my course.").await);
        }
        world.days(7);
    }
    let copied = async |report: crate::decide::report::ReportAsk| {
        let case = scene.report(2, report).await.unwrap();
        let file = s.case(&world.staff(), case).await.unwrap();
        verify(&file.case, &file.evidence).unwrap();
        let read = file.evidence.iter().map(|it| it.read().unwrap().unwrap());
        let said = read.filter_map(|it| match it.item {
            Item::CheckIn { side, note, .. } => {
                let party = if side == Role::Mentor { Party::Subject } else { Party::Reporter };
                assert_eq!(it.author, party);
                Some((note.unwrap().as_str().to_owned(), it.reported))
            }
            _ => None,
        });
        said.collect::<Vec<_>>()
    };
    // Of weeks 1 to 14 all notes that were shared, by time.
    let all: Vec<_> = (1..=14)
        .flat_map(|week| [format!("mentor {week}"), format!("mentee {week}")])
        .filter(|it| it != "mentor 3")
        .collect();
    let around = |from: usize, to: usize, reported: &str| {
        let others = all[from..to].iter().filter(|it| *it != reported);
        others.map(|it| (it.clone(), false)).collect::<Vec<_>>()
    };
    let kind = CheckInKind::Week { number: 7 };
    let target = Target::CheckIn { pair: scene.pair, side: Role::Mentor, kind };
    let at = all.iter().position(|it| it == "mentor 7").unwrap();
    let mut expected = around(at - 10, at + 11, "mentor 7");
    expected.push(("mentor 7".to_owned(), true));
    assert_eq!(copied(about(1, "spam").target(target)).await, expected);
    // The post came after both of week 2, with nothing between it and week 4 of the mentor that was not shared.
    let post = about(1, "spam").target(post_of(&scene, posts[0]));
    assert_eq!(copied(post).await, around(0, 14, ""));
    let person = copied(about(1, "spam")).await;
    assert_eq!(person, around(all.len() - 10, all.len(), ""));
    sound(world).await;
}

/// Where the two were promised that nobody else reads what they write, the reported post alone is copied.
pub async fn a_pair_of_its_own_hands_over_one_post(h: Harness) {
    let world = World::new(h.store);
    let mut places = Vec::new();
    let oversight = crate::model::program::Oversight::PairOnly;
    let program = world.program(|policy| policy.oversight = oversight).await;
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee)] {
        let input = crate::decide::enrollment::Apply {
            oversight,
            ..crate::conformance::world::sign_up(role)
        };
        places.push(world.enroll_with(program, n, input).await.unwrap());
    }
    let offer = world.offer(places[0], places[1]).await;
    let pair = world.accept(offer, 1, 2).await;
    let scene = Scene { world, program, pair };
    scene.post(2, "In confidence.").await;
    let kind = CheckInKind::Week { number: 1 };
    let note = || Some(Note::new("In confidence.").unwrap());
    for n in [1, 2] {
        let input =
            CheckInInput { kind, score: None, note: note(), note_shared: true, testimonial: None };
        scene.world.service.check_in(&scene.world.person(n), pair, input).await.unwrap();
    }
    let bad = scene.post(1, "Buy my course.").await;
    let person = scene.report(2, about(1, "spam")).await.unwrap();
    let case = scene.report(2, about(1, "spam").target(post_of(&scene, bad))).await.unwrap();
    for (case, items) in [(person, 1), (case, 2)] {
        let file = scene.world.service.case(&scene.world.other_admin(), case).await.unwrap();
        assert_eq!(file.evidence.len(), items);
        assert!(
            file.evidence.iter().all(|it| !it.content.as_ref().unwrap().contains("In confidence."))
        );
    }
}

/// D14: report, block and end are one write; the subject is told only that the mentorship has ended.
pub async fn d14_report_block_and_end_are_one(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    drop(scene.world.messages().await);
    let case = scene.report(2, about(1, "scam").block()).await.unwrap();
    assert_eq!(scene.world.pair_state(1, scene.pair).await, "ended");
    let blocks = s.my_blocks(&scene.world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(blocks.items.len(), 1);
    let messages = scene.world.messages().await;
    assert_eq!(kinds(&messages, 1), ["pair.ended"]);
    assert!(messages.iter().any(|it| it.message.case == Some(case)));
    let card = s.pair(&scene.world.person(1), scene.pair).await.unwrap().card;
    assert_eq!((card.reason, card.note), (None, None));
    sound(&scene.world).await;

    let other = scene.world.pair(scene.program, 3, 4).await;
    scene.report(4, about(3, "scam").end_pair()).await.unwrap();
    assert_eq!(scene.world.pair_state(3, other).await, "ended");
    let blocks = s.my_blocks(&scene.world.person(4), PageAsk::default()).await.unwrap();
    assert!(blocks.items.is_empty(), "ending is no block");
    sound(&scene.world).await;
}

/// D14, row 56: a report by itself tells its subject nothing: no message, no event, no statement, no other state.
pub async fn d14_filing_tells_the_subject_nothing(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, subject) = (&scene.world.service, scene.world.person(1));
    drop(scene.world.messages().await);
    let read = async || {
        let page = PageAsk::default;
        let pairs = s.my_pairs(&subject, page()).await;
        let log = s.my_audit(&subject, page()).await;
        let told = s.my_statements(&subject, page()).await;
        let own = s.my_reports(&subject, page()).await;
        format!("{pairs:?}{log:?}{told:?}{own:?}")
    };
    let before = read().await;
    let case = scene.filed().await;
    assert_eq!(read().await, before);
    assert!(kinds(&scene.world.messages().await, 1).is_empty());
    assert!(scene.hidden(&subject, case).await);
    let appeal = s.appeal_case(&subject, case, body("I?")).await;
    assert_eq!(World::code(appeal), "not_found");
}

/// D15: of one reporter there is one open report about the same; another one after the first is over.
pub async fn d15_one_open_report_about_the_same(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.filed().await;
    assert_eq!(World::code(scene.filed_again().await), "report.exists");
    // Of something else, of somebody else and by somebody else it is another one.
    let post = scene.post(1, "Buy my course.").await;
    scene.report(2, about(1, "scam").target(post_of(&scene, post))).await.unwrap();
    scene.report(2, about(7, "scam")).await.unwrap();
    scene.report(7, about(1, "scam")).await.unwrap();
    // Danger is not turned away because something milder was reported, and what is milder adds nothing.
    scene.report(2, about(1, "threats")).await.unwrap();
    assert_eq!(World::code(scene.report(2, about(1, "hate")).await), "report.exists");
    assert_eq!(World::code(scene.filed_again().await), "report.exists");
    assert!(scene.world.service.withdraw_report(&scene.world.person(2), case).await.unwrap());
    assert_eq!(World::code(scene.filed_again().await), "report.exists", "the urgent one is open");
    let post = scene.post(1, "Buy it.").await;
    let again = || about(1, "scam").target(post_of(&scene, post));
    let case = scene.report(2, again()).await.unwrap();
    scene.world.service.withdraw_report(&scene.world.person(2), case).await.unwrap();
    scene.report(2, again()).await.unwrap();
    sound(&scene.world).await;
}

/// D15: what came of a report is nothing that anybody weighs. Whoever was found to have reported without a ground takes
/// part as who never reported: as ranked, proposed by a run, staged, offered and paired.
pub async fn d15_a_good_faith_report_is_held_against_nobody(h: Harness) {
    let mut seen = Vec::new();
    for (name, outcomes) in [
        ("quiet", [None; 2]),
        ("founded-on-nothing", [Some(Outcome::Unfounded); 2]),
        ("unfounded", [Some(Outcome::Unfounded), Some(Outcome::NoAction)]),
    ] {
        let world = World::of(h.store.clone(), TenantId::try_from(name.to_owned()).unwrap());
        seen.push(taken_part(world, outcomes).await);
    }
    assert!(!seen[0].is_empty());
    assert_eq!(seen[0], seen[1], "unfounded");
    assert_eq!(seen[0], seen[2], "no action");
}

/// Persons 2 and 3 wait for a mentor and person 1 for a mentee; 2 is the reporter of two cases that come out so.
/// Answers with what admins and the three see of it, until 2 is paired.
async fn taken_part(world: World, outcomes: [Option<Outcome>; 2]) -> Vec<String> {
    let (s, [admin, other, me]) =
        (&world.service, [world.admin(), world.other_admin(), world.person(2)]);
    let elsewhere = world.program(|_| {}).await;
    for (n, outcome) in (7..).zip(outcomes) {
        let Some(outcome) = outcome else { continue };
        let case = s.file_report(&me, elsewhere, about(n, "scam")).await.unwrap().case;
        world.work(&other, case).await;
        s.decide_case(&other, case, verdict(outcome, &[])).await.unwrap();
    }
    let program = world.program(|_| {}).await;
    let mut places = Vec::new();
    for (n, role) in [(1, Role::Mentor), (2, Role::Mentee), (3, Role::Mentee), (4, Role::Mentor)] {
        places.push((world.enroll(program, n, role).await, n));
    }
    let name = |place| places.iter().find(|it| it.0 == place).unwrap().1;
    let mut seen = Vec::new();
    // As whom the others are ranked with, and for themselves.
    for (place, n) in &places {
        let found = s.candidates(&admin, *place, 10).await.unwrap();
        let ranked: Vec<_> = found
            .ranked
            .iter()
            .map(|it| (name(it.enrollment), &it.score, &it.reasons, it.free_places))
            .collect();
        assert_eq!((ranked.len(), found.impossible.len()), (2, 0));
        seen.push(format!("{n}: {ranked:?}"));
    }
    let run = s.prepare_run(&admin, program, RunOptions::new()).await.unwrap();
    let run = run.solve(&Options::default()).unwrap();
    let pairs: Vec<_> = run
        .pairs
        .iter()
        .map(|it| (name(it.pair.mentor), name(it.pair.mentee), &it.score))
        .collect();
    assert_eq!(pairs.len(), 2);
    seen.push(format!("{pairs:?}"));
    let offer = world.offer(places[0].0, places[1].0).await;
    let offers = s.my_offers(&me, world.first_page()).await.unwrap();
    assert_eq!(offers.items.len(), 1);
    let pair = world.accept(offer, 1, 2).await;
    seen.push(world.pair_state(1, pair).await);
    // And reports again, and is heard.
    s.file_report(&me, program, about(1, "scam")).await.unwrap();
    sound(&world).await;
    seen
}

/// D15: ten reports a day of one person, and thirty while they are urgent.
pub async fn d15_reports_of_a_day_are_counted(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    for n in 100..110 {
        scene.report(2, about(n, "spam")).await.unwrap();
    }
    assert_eq!(World::code(scene.report(2, about(110, "spam")).await), "input.too_many");
    for n in 110..130 {
        scene.report(2, about(n, "threats")).await.unwrap();
    }
    assert_eq!(World::code(scene.report(2, about(130, "threats")).await), "input.too_many");
    scene.report(3, about(110, "spam")).await.unwrap();
    scene.world.days(1);
    scene.world.clock.advance(chrono::TimeDelta::seconds(1));
    scene.report(2, about(131, "spam")).await.unwrap();
}

/// D15: whoever is muted still reports what is urgent.
pub async fn d15_whoever_is_muted_reports_what_is_urgent(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.host.mutes(&who(2));
    assert_eq!(World::code(scene.report(2, about(1, "scam")).await), "report.muted");
    scene.report(2, about(1, "threats")).await.unwrap();
}

/// D17: the host is told of danger before whoever reports is answered; a message waits besides.
pub async fn d17_the_host_is_told_of_danger(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.filed().await;
    assert!(scene.world.host.urgent().is_empty());
    let case = scene.report(2, about(1, "suspected_minor")).await.unwrap();
    assert_eq!(scene.world.host.urgent(), [case]);
    let (s, staff) = (&scene.world.service, scene.world.staff());
    let other = scene.report(7, about(1, "threats")).await.unwrap();
    s.triage_case(&staff, other, &slug("imminent_danger"), Priority::P0).await.unwrap();
    assert_eq!(scene.world.host.urgent(), [case, other]);
    s.triage_case(&staff, other, &slug("imminent_danger"), Priority::P0).await.unwrap();
    assert_eq!(scene.world.host.urgent(), [case, other], "it was urgent before");
}

/// D17: whoever reports that somebody may be in danger is shown where the host says that help is found, at once and
/// whenever they look; nobody else is, and nothing rests on the host's answer.
pub async fn d17_a_reporter_of_danger_is_shown_where_help_is(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let report = async |n: u64, category: &str| {
        s.file_report(&world.person(n), scene.program, about(1, category)).await.unwrap()
    };
    let shown = async |n: u64| {
        let page = s.my_reports(&world.person(n), PageAsk::default()).await.unwrap();
        page.items.into_iter().map(|it| it.resources).collect::<Vec<_>>()
    };
    let none = Resources::default;
    assert_eq!(report(2, "imminent_danger").await.resources, none(), "a host that names nothing");
    let line = |name: &str, link: &str| Resource {
        name: Title::new(name).unwrap(),
        text: Some(Note::new("Day and night.").unwrap()),
        link: Some(Link::new(link).unwrap()),
    };
    let lines = vec![line("Emergency", "tel:112"), line("Crisis line", "https://help.example")];
    let help = Resources::new(lines).unwrap();
    world.host.names(help.clone());
    let again = world.person(3).with_command(id(79));
    let urgent = async || s.file_report(&again, scene.program, about(1, "imminent_danger")).await;
    let filed = urgent().await.unwrap();
    assert_eq!((filed.priority, &filed.resources), (Priority::P0, &help));
    assert_eq!(urgent().await.unwrap(), filed, "given again, it is shown again");
    assert_eq!(report(4, "scam").await.resources, none());
    world.clock.advance(chrono::TimeDelta::seconds(1));
    let threats = report(4, "threats").await;
    assert_eq!(threats.resources, none(), "urgent, and nobody is in danger");
    assert_eq!(shown(2).await, std::slice::from_ref(&help), "named since");
    assert_eq!(shown(4).await, [none(), none()]);
    // What reviewers find is not told by it: not that it is urgent after all, and of what kind least of all (D23).
    let (danger, staff) = (slug("imminent_danger"), world.staff());
    s.triage_case(&staff, threats.case, &danger, Priority::P0).await.unwrap();
    s.triage_case(&staff, filed.case, &slug("threats"), Priority::P1).await.unwrap();
    assert_eq!(shown(4).await, [none(), none()]);
    assert_eq!(shown(3).await, [help]);
    // The report stands whether or not the host answers, and what it answers is stored nowhere.
    world.host.silent_on("emergency_resources");
    world.host.silent_on("urgent_case");
    let other = report(7, "imminent_danger").await;
    assert_eq!(other.resources, none());
    assert!(scene.platform().await.contains(&other.case));
    assert_eq!(shown(3).await, [none()]);
    let kept = s.case(&staff, filed.case).await.unwrap();
    assert!(!serde_json::to_string(&kept).unwrap().contains("Crisis line"));
    sound(world).await;
}

/// D17: an urgent report rests on nothing that it does not need; another one goes to the platform if the host
/// does not say who the admins are.
pub async fn d17_what_is_urgent_waits_for_no_answer(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.host.silent_on("admins");
    let mild = scene.report(2, about(1, "scam").recipient(Tier::Group)).await.unwrap();
    assert_eq!(scene.platform().await, [mild]);
    scene.world.host.silent_on("is_muted");
    assert!(scene.report(7, about(1, "scam")).await.is_err());
    let urgent = scene.report(2, about(1, "imminent_danger")).await.unwrap();
    assert_eq!(scene.world.host.urgent(), [urgent]);
    sound(&scene.world).await;
}

/// D2, D9: an admin reports somebody as anybody does, and is not told by it whether a block stands.
pub async fn d9_an_admins_report_tells_of_no_block(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    s.block(&scene.world.person(1), &who(901)).await.unwrap();
    for n in [1, 2] {
        let filed = s.file_report(&admin, scene.program, about(n, "scam")).await.unwrap();
        assert_eq!(filed.priority, Priority::P2);
        assert!(scene.platform().await.contains(&filed.case), "{n}");
    }
    sound(&scene.world).await;
}

/// A host has categories of its own, with their urgency; a code that nobody knows is refused by name.
pub async fn a_host_adds_categories(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.report(2, about(1, "adrift")).await.unwrap();
    let file = scene.world.service.case(&scene.world.other_admin(), case).await.unwrap();
    assert_eq!(file.case.priority, Priority::P2);
    let error = scene.report(2, about(1, "loud")).await.unwrap_err();
    assert_eq!((error.code(), error.to_string().contains("category")), ("input.unknown", true));
}

/// The same report given twice, by its command's id, is one case, and another one of that id is refused.
pub async fn the_same_report_twice_is_one(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, me) = (&scene.world.service, scene.world.person(2).with_command(id(77)));
    let first = s.file_report(&me, scene.program, about(1, "scam")).await.unwrap();
    let again = s.file_report(&me, scene.program, about(1, "scam")).await.unwrap();
    assert_eq!(first, again);
    let other = s.file_report(&me, scene.program, about(7, "scam")).await;
    assert_eq!(World::code(other), "command.reused");
    assert_eq!(scene.platform().await, [first.case]);
}

impl Scene {
    async fn filed_again(&self) -> Result<crate::base::id::CaseId, crate::service::Error> {
        self.report(2, about(1, "scam")).await
    }
}
