//! Where a case goes, and for whom it does not exist.

use super::{Scene, about, as_read, body, kinds, sound, verdict};
use crate::{
    conformance::{
        Harness,
        make::{slug, who},
        privacy::beside,
        world::World,
    },
    model::{
        event::Audience,
        pair::EndKind,
        report::{Measure, Outcome, Priority, Tier},
    },
    policy::actor::Actor,
    service::PageAsk,
};

/// D12, row 50: the reporter chooses who sees it, both by default.
pub async fn d12_the_reporter_chooses(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let report = |n, to| scene.report(2, about(n, "scam").recipient(to));
    let group = report(11, Tier::Group).await.unwrap();
    let platform = report(12, Tier::Platform).await.unwrap();
    let both = scene.filed().await;
    let admin = scene.world.other_admin();
    let sorted = |mut cases: Vec<_>| {
        cases.sort();
        cases
    };
    assert_eq!(sorted(scene.group(&admin).await), sorted(vec![group, both]));
    assert_eq!(sorted(scene.platform().await), sorted(vec![platform, both]));
    assert!(scene.hidden(&scene.world.staff(), group).await);
    assert!(scene.hidden(&admin, platform).await);
    assert!(!scene.hidden(&admin, both).await && !scene.hidden(&scene.world.staff(), both).await);
    // Of another group's admin, of a person, of the host there is none.
    let other = crate::base::host::GroupId::try_from("gardeners").unwrap();
    let other = Actor::group_admin(scene.world.tenant.clone(), who(901), other);
    for actor in [other, scene.world.person(7), scene.world.host_actor()] {
        assert!(scene.hidden(&actor, both).await);
        let cases = scene.world.service.group_cases(&actor, scene.program, PageAsk::default());
        assert_eq!(World::code(cases.await), "not_found");
    }
}

/// D12: what is urgent and what is about an admin goes to the platform alone, whatever the reporter chose.
pub async fn d12_some_cases_are_the_platforms(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    drop(scene.world.messages().await);
    let mut cases = Vec::new();
    for (n, category) in [(1, "threats"), (1, "imminent_danger"), (900, "spam"), (901, "spam")] {
        let report = about(n, category).recipient(Tier::Group);
        let me = if category == "imminent_danger" { 7 } else { 2 };
        cases.push(scene.report(me, report).await.unwrap());
    }
    assert_eq!(scene.platform().await.len(), 4);
    for admin in [scene.world.admin(), scene.world.other_admin()] {
        assert!(scene.group(&admin).await.is_empty());
        for case in &cases {
            assert!(scene.hidden(&admin, *case).await);
        }
    }
    let messages = scene.world.messages().await;
    assert!(messages.iter().all(|it| it.message.to == Audience::Staff), "{messages:?}");
    assert_eq!(messages.len(), 4);
}

/// D12: where no admin could decide, the platform does. An admin who made the match decides nothing.
pub async fn d12_without_an_unrecused_admin_the_platform_decides(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let report = |n| scene.report(n, about(1, "scam").recipient(Tier::Group));
    scene.world.host.admins([who(900)]);
    report(2).await.unwrap();
    assert_eq!(scene.platform().await.len(), 1, "the only admin made the match");
    scene.world.service.block(&scene.world.person(3), &who(900)).await.unwrap();
    report(3).await.unwrap();
    assert_eq!(scene.platform().await.len(), 2, "the reporter has blocked the only admin");
    scene.world.host.admins([]);
    report(4).await.unwrap();
    assert_eq!(scene.platform().await.len(), 3, "nobody is known to be an admin");
    scene.world.host.admins([who(900)]);
    report(5).await.unwrap();
    assert_eq!(scene.platform().await.len(), 3, "no match, no block");
    assert_eq!(scene.group(&scene.world.admin()).await.len(), 1);
}

/// What may stand between admin 901 and one of the two of a case, and whether it recuses them.
const TIES: [(&str, bool); 9] = [
    ("blocks them", true),
    ("is blocked by them", true),
    ("is their mentor", true),
    ("is their mentee", true),
    ("was their mentor", true),
    ("was their mentee", true),
    ("was it more than a year ago", false),
    ("has lifted a block", false),
    ("wishes not to be matched with them", false),
];

/// Each tie to the reporter, 2, and to the subject, 1; and those to the case itself.
fn ties() -> Vec<(&'static str, u64, bool)> {
    let of_two = TIES.into_iter().flat_map(|(tie, recuses)| [1, 2].map(|n| (tie, n, recuses)));
    of_two.chain([("nothing", 0, false), ("is a witness", 0, true)]).collect()
}

async fn tied(world: &World, tie: &str, n: u64) -> Scene {
    let s = &world.service;
    let (admin, other) = (world.person(901), who(n));
    match tie {
        "blocks them" => s.block(&admin, &other).await.unwrap(),
        "is blocked by them" => s.block(&world.person(n), &who(901)).await.unwrap(),
        "wishes not to be matched with them" => s.avoid(&admin, &other, true).await.unwrap(),
        "has lifted a block" => {
            s.block(&admin, &other).await.unwrap();
            s.lift_block(&admin, &other).await.unwrap();
        }
        "nothing" | "is a witness" => {}
        partner => {
            let program = world.program(|_| {}).await;
            let (mentor, mentee) = if partner.ends_with("mentee") { (n, 901) } else { (901, n) };
            let pair = world.pair(program, mentor, mentee).await;
            if partner.starts_with("was") {
                s.end_pair(&admin, pair, EndKind::NoTime, None, true).await.unwrap();
                world.days(if partner.ends_with("ago") { 367 } else { 364 });
            }
        }
    }
    let scene = Scene::new(world.clone()).await;
    drop(world.messages().await);
    scene
}

/// D13: each tie recuses, from the list, the case, the acts and the news of it; what is not one does not.
pub async fn d13_each_tie_recuses(h: Harness) {
    for (place, (tie, n, recuses)) in ties().into_iter().enumerate() {
        let tenant = crate::base::host::TenantId::try_from(format!("harbour-{place}")).unwrap();
        let world = World::of(h.store.clone(), tenant);
        let scene = tied(&world, tie, n).await;
        let (s, admin) = (&world.service, world.other_admin());
        // Another admin, so that the case is the group's in any case.
        world.host.admins([who(901), who(902)]);
        let case = scene.filed().await;
        if tie == "is a witness" {
            // Their own report about the same turns out to be the same.
            let theirs = s.file_report(&admin, scene.program, about(1, "scam")).await.unwrap().case;
            let third = Actor::group_admin(
                world.tenant.clone(),
                who(902),
                crate::conformance::make::group(),
            );
            for it in [theirs, case] {
                s.triage_case(&third, it, &slug("scam"), Priority::P2).await.unwrap();
            }
            s.take_case(&third, theirs).await.unwrap();
            s.merge_case(&third, theirs, case).await.unwrap();
        }
        assert_eq!(scene.hidden(&admin, case).await, recuses, "{tie}, {n}");
        assert_eq!(scene.group(&admin).await.is_empty(), recuses, "{tie}, {n}");
        let acts = [
            s.triage_case(&admin, case, &slug("scam"), Priority::P2).await.map(drop),
            s.take_case(&admin, case).await,
            s.escalate_case(&admin, case).await,
        ];
        for act in acts {
            assert_eq!(act.is_err_and(|it| it.code() == "not_found"), recuses, "{tie}, {n}");
        }
        let told = kinds(&world.messages().await, 901).contains(&"case.filed");
        // A witness became one after the news.
        assert_eq!(told, !recuses || tie == "is a witness", "{tie}, {n}");
        sound(&world).await;
    }
}

/// D13: reporter and subject review nothing of it, whatever they are besides. (About an admin it is the
/// platform's; a person of the staff is recused in the same way.)
pub async fn d13_neither_of_the_two_reviews(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    let admin = scene.world.other_admin();
    let case = s.file_report(&admin, scene.program, about(1, "scam")).await.unwrap().case;
    assert!(scene.hidden(&admin, case).await, "the reporter");
    assert!(scene.group(&admin).await.is_empty());
    let own = s.my_reports(&scene.world.person(901), PageAsk::default()).await.unwrap();
    assert_eq!(own.items.len(), 1);
    let about_staff = scene.report(2, about(990, "threats")).await.unwrap();
    assert!(scene.hidden(&scene.world.staff(), about_staff).await, "the subject");
    assert_eq!(scene.platform().await, [case]);
    let other = Actor::staff(scene.world.tenant.clone(), who(991));
    assert!(!scene.hidden(&other, about_staff).await);
}

/// D13: recusal is asked at every access: whoever worked a case and is blocked has none from then on.
pub async fn d13_recusal_is_asked_each_time(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let case = scene.taken().await;
    assert!(!scene.hidden(&admin, case).await);
    s.block(&scene.world.person(1), &who(901)).await.unwrap();
    assert!(scene.hidden(&admin, case).await);
    assert!(scene.group(&admin).await.is_empty());
    let decided = s.decide_case(&admin, case, verdict(Outcome::NoAction, &[])).await;
    assert_eq!(World::code(decided), "not_found");
    sound(&scene.world).await;
}

/// D13: whoever made the match sees the case and may hand it on, and neither works nor decides it.
pub async fn d13_whoever_made_the_match_decides_nothing(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.admin());
    let case = scene.filed().await;
    let file = s.case(&admin, case).await.unwrap();
    assert!(!file.may_work);
    assert!(s.case(&scene.world.other_admin(), case).await.unwrap().may_work);
    // Of both, the group works it: staff sees it and may take it over.
    let staff = scene.world.staff();
    assert!(!s.case(&staff, case).await.unwrap().may_work);
    // The queue says the same, and names nobody whom it is about.
    let queue = async |actor: &Actor| {
        let page = scene.world.first_page();
        let page = if *actor == staff {
            s.platform_cases(actor, page).await
        } else {
            s.group_cases(actor, scene.program, page).await
        };
        let items = page.unwrap().items;
        let said = format!("{items:?}");
        assert!(!said.contains(who(2).as_str()) && !said.contains(who(1).as_str()), "{said}");
        items.iter().map(|it| (it.id, it.may_work)).collect::<Vec<_>>()
    };
    assert_eq!(queue(&scene.world.admin()).await, [(case, false)]);
    assert_eq!(queue(&scene.world.other_admin()).await, [(case, true)]);
    assert_eq!(queue(&staff).await, [(case, false)]);
    let triage = s.triage_case(&admin, case, &slug("scam"), Priority::P2).await;
    assert_eq!(World::code(triage), "conflict_of_interest");
    assert_eq!(World::code(s.take_case(&admin, case).await), "conflict_of_interest");
    s.escalate_case(&admin, case).await.unwrap();
    assert!(scene.hidden(&admin, case).await);
}

/// D9: a block keeps an admin away and not the platform, or whoever is reported could keep everybody away.
pub async fn d9_a_block_does_not_keep_the_platform_away(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.service.block(&scene.world.person(1), &who(990)).await.unwrap();
    let case = scene.filed().await;
    assert!(!scene.hidden(&scene.world.staff(), case).await);
}

/// I9, row 52: to a recused admin the world with a case is the world without one, to the last byte of every answer.
pub async fn i9_with_and_without_a_case_a_recused_admin_reads_the_same(h: Harness) {
    let with = World::new(h.store);
    let without = beside(&with);
    let mut read = Vec::new();
    for (world, reports) in [(with, true), (without, false)] {
        let scene = Scene::new(world).await;
        let (world, s) = (&scene.world, &scene.world.service);
        s.block(&world.person(2), &who(901)).await.unwrap();
        // One more, so that the case is the group's too.
        world.host.admins([who(900), who(901), who(902)]);
        drop(world.messages().await);
        let admin = world.other_admin();
        let mut codes = Vec::new();
        let case = crate::conformance::make::id(4_242);
        let mut cases = vec![case];
        if reports {
            cases = vec![scene.filed().await];
        }
        for case in cases {
            codes.push(s.case(&admin, case).await.map(drop).unwrap_err().code());
            codes.push(s.take_case(&admin, case).await.unwrap_err().code());
            codes.push(s.escalate_case(&admin, case).await.unwrap_err().code());
            codes.push(s.close_case(&admin, case).await.unwrap_err().code());
            let decided = s.decide_case(&admin, case, verdict(Outcome::NoAction, &[])).await;
            codes.push(decided.unwrap_err().code());
            let answer = s.answer_reviewer(&admin, case, body("What?")).await;
            codes.push(answer.unwrap_err().code());
        }
        world.sweep().await;
        let messages = world.messages().await;
        let told = kinds(&messages, 901).len();
        let admins = messages
            .iter()
            .filter(|it| matches!(it.message.to, Audience::ProgramAdmins(_)))
            .count();
        // Programs and people of the two worlds have the same keys but for ids.
        let text = as_read(world, &admin, scene.program).await;
        read.push((codes, told, admins, anonymous(&text)));
    }
    assert_eq!(read[0], read[1]);
}

/// I9: what a decision did stands where a recused admin reads it; that it was one, and whose, does not.
pub async fn i9_a_decision_reads_as_any_other_end(h: Harness) {
    let world = World::new(h.store);
    let other = world.program(|_| {}).await;
    world.pair(other, 901, 3).await;
    let scene = Scene::new(world.clone()).await;
    world.host.admins([who(900), who(901), who(902)]);
    let group = crate::conformance::make::group();
    let third = Actor::group_admin(world.tenant.clone(), who(902), group);
    let (s, admin) = (&world.service, world.other_admin());
    // The reporter is the recused admin's partner.
    let case = scene.report(3, about(1, "scam")).await.unwrap();
    assert!(scene.hidden(&admin, case).await);
    world.work(&third, case).await;
    drop(world.messages().await);
    let removed = verdict(Outcome::Actioned, &[Measure::RemoveFromProgram]);
    s.decide_case(&third, case, removed).await.unwrap();
    assert_eq!(world.pair_state(2, scene.pair).await, "ended");
    let read = as_read(&world, &admin, scene.program).await;
    assert!(read.contains("`ended`") && read.contains("`removed`"), "{read}");
    let page = world.first_page();
    let log = s.program_audit(&admin, scene.program, page).await.unwrap();
    let messages = world.messages().await;
    let to_admins =
        messages.iter().filter(|it| matches!(it.message.to, Audience::ProgramAdmins(_)));
    let all = format!("{read}{:?}{:?}", log.items, to_admins.collect::<Vec<_>>());
    assert!(!all.to_lowercase().contains("safety"), "{all}");
    assert!(!all.contains(who(902).as_str()), "{all}");
    assert!(!all.contains(&case.to_string()), "{all}");
    sound(&world).await;
}

/// The text without our own ids, which are drawn.
fn anonymous(text: &str) -> String {
    let hex = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut out = String::new();
    for piece in text.split_inclusive(|c| !hex(c)) {
        let body = piece.trim_end_matches(|c| !hex(c));
        if body.len() == 36 && body.matches('-').count() == 4 {
            out.push_str("id");
            out.push_str(&piece[body.len()..]);
        } else {
            out.push_str(piece);
        }
    }
    out
}
