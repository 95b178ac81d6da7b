//! Reading: queues, what is on record of a read, and what evidence is checked against.

use super::{Scene, about, body, sound, verdict};
use crate::{
    change::Key,
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    model::report::{EvidenceFault, Measure, Outcome, Priority, verify},
    service::PageAsk,
};

/// Row 60: each read of a case is on record for the platform, and for nobody else.
pub async fn every_read_of_a_case_is_on_record(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let s = &scene.world.service;
    let case = scene.filed().await;
    for actor in [scene.world.other_admin(), scene.world.staff(), scene.world.admin()] {
        s.case(&actor, case).await.unwrap();
    }
    assert!(scene.hidden(&scene.world.person(1), case).await, "a refused read reads nothing");
    let all = s.audit(&scene.world.staff(), scene.world.first_page()).await.unwrap();
    let reads = all.items.iter().filter(|it| it.action.as_str() == "case.read");
    let readers: Vec<_> = reads.map(|it| it.actor.person.clone().unwrap()).collect();
    assert_eq!(readers, [who(901), who(990), who(900)]);
    let admin = scene.world.other_admin();
    let log = s.program_audit(&admin, scene.program, scene.world.first_page()).await.unwrap();
    assert!(log.items.iter().all(|it| !it.action.as_str().starts_with("case.")));
    sound(&scene.world).await;
}

/// D16: whoever was reported appeals, and their own log does not tell them who reported.
pub async fn d16_ones_own_log_names_nobody_of_a_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    // The pair itself names its two; so somebody else reports.
    let case = scene.report(7, about(1, "scam")).await.unwrap();
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    scene.world.work(&admin, case).await;
    s.decide_case(&admin, case, verdict(Outcome::Actioned, &[Measure::Warn])).await.unwrap();
    s.appeal_case(&scene.world.person(1), case, body("I gave it away.")).await.unwrap();
    for (n, action) in [(1, "case.appeal"), (7, "case.file")] {
        let page = s.my_audit(&scene.world.person(n), scene.world.first_page()).await.unwrap();
        let own: Vec<_> = page.items.iter().filter(|it| it.subject == Key::Case(case)).collect();
        assert!(own.iter().any(|it| it.action.as_str() == action), "{n}");
        assert!(own.iter().all(|it| it.about.is_empty()), "{n}");
        let all = format!("{:?}", page.items);
        assert!(n != 1 || !all.contains(who(7).as_str()), "who reported is not told");
    }
    sound(&scene.world).await;
}

/// I9: pages of a queue are cut after what is hidden was left out, in every size.
pub async fn a_queue_has_no_gaps_where_something_is_hidden(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let mut seen = Vec::new();
    for n in 10..19 {
        let case = scene.report(2, about(n, "spam")).await.unwrap();
        scene.world.clock.advance(chrono::TimeDelta::seconds(1));
        if n % 3 == 0 {
            s.block(&scene.world.person(n), &who(901)).await.unwrap();
        } else {
            seen.push(case);
        }
    }
    for limit in [1, 2, 3, 5, 6, 50] {
        let (mut after, mut found) = (None, Vec::new());
        loop {
            let page = PageAsk { limit, after };
            let page = s.group_cases(&admin, scene.program, page).await.unwrap();
            let full = page.items.len() == usize::from(limit);
            assert!(page.next.is_none() || full, "a page that is not full is the last one");
            found.extend(page.items.iter().map(|it| it.id));
            after = page.next;
            if after.is_none() {
                break;
            }
            assert!(found.len() < seen.len(), "and the last one says so");
        }
        assert_eq!(found, seen, "pages of {limit}");
    }
}

/// I8, row 51: whoever has the evidence of a case can tell whether it is whole and as it was.
pub async fn a_verifier_finds_every_change(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    for n in 0..4 {
        scene.post(1 + n % 2, &format!("Post {n}")).await;
    }
    let (case, other) = (scene.filed().await, scene.report(7, about(1, "spam")).await.unwrap());
    let s = &scene.world.service;
    let file = s.case(&scene.world.other_admin(), case).await.unwrap();
    let foreign = s.case(&scene.world.other_admin(), other).await.unwrap().evidence;
    let (case, whole) = (file.case, file.evidence);
    assert_eq!(whole.len(), 5);
    verify(&case, &whole).unwrap();
    let fault = |change: &dyn Fn(&mut Vec<crate::model::report::Evidence>)| {
        let mut items = whole.clone();
        change(&mut items);
        verify(&case, &items).unwrap_err()
    };
    assert_eq!(
        fault(
            &|it| it[2].content = Some(it[2].content.as_ref().unwrap().replace("Post 1", "Post 9"))
        ),
        EvidenceFault::Broken { seq: 3 }
    );
    // Nobody has taken it out by the case's own account.
    assert_eq!(fault(&|it| it[1].content = None), EvidenceFault::Broken { seq: 2 });
    assert_eq!(fault(&|it| it.swap(1, 2)), EvidenceFault::OutOfPlace { seq: 3 });
    assert_eq!(fault(&|it| drop(it.remove(0))), EvidenceFault::OutOfPlace { seq: 2 });
    assert_eq!(fault(&|it| drop(it.pop())), EvidenceFault::Incomplete { expected: 5, found: 4 });
    assert_eq!(fault(&|it| it[0] = foreign[0].clone()), EvidenceFault::OutOfPlace { seq: 1 });
    // Sealed anew from the first change on, it still does not end where the case says it ends.
    let resealed = |items: &mut Vec<crate::model::report::Evidence>| {
        let mut head = crate::model::report::Seal::first(case.id);
        for it in items {
            let content = it.content.as_ref().unwrap().replace("Post 1", "Post 9");
            it.digest = crate::model::report::Seal::of(&content);
            it.content = Some(content);
            head = head.then(&it.digest);
            it.seal = head;
        }
    };
    assert_eq!(fault(&resealed), EvidenceFault::Incomplete { expected: 5, found: 5 });
}

/// A case of another tenant does not exist, whoever asks.
pub async fn cases_stay_in_their_tenant(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.filed().await;
    let other = crate::conformance::privacy::beside(&scene.world);
    for actor in [other.staff(), other.other_admin(), other.person(2)] {
        assert!(scene.hidden(&actor, case).await);
        let triage = other.service.triage_case(&actor, case, &slug("spam"), Priority::P3).await;
        assert_eq!(World::code(triage), "not_found");
    }
    let page = other.service.platform_cases(&other.staff(), PageAsk::default()).await.unwrap();
    assert!(page.items.is_empty());
}
