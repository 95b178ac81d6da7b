//! What a case holds of somebody who is gone: D14, D19 and D20, I8.

use super::{Scene, mark, sound};
use crate::{
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    decide::report::ReportAsk,
    model::report::{Measure, Party},
    service::{Basis, Erased, Kept, KeptClass},
};

fn kept(case: crate::base::id::CaseId, basis: Basis) -> impl Fn(&Kept) -> bool {
    move |it| (it.class, it.case, it.basis) == (KeptClass::CaseEvidence, case, basis)
}

/// D19: while a case is open its copies stay, for its reviewers alone, and whoever is erased is told which,
/// why, and when it is looked at again. Everything else has gone.
pub async fn d19_what_a_case_holds_stays_with_it(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.filed().await;
    let before = scene.evidence(case).await;
    let Erased { pseudonym, kept: told } = scene.erases(2).await;
    let [one] = &told[..] else { panic!("{told:?}") };
    assert!(kept(case, Basis::OpenCase)(one), "{one:?}");
    let queue = s.platform_cases(&world.staff(), world.first_page()).await.unwrap();
    assert_eq!(one.review_at, queue.items[0].decide_by);
    assert!(!scene.text().await.contains(&mark(2)), "it stands elsewhere");
    assert_eq!(scene.evidence(case).await, before, "I8");
    for n in [1, 2] {
        assert!(scene.case_says(case, n).await);
    }
    let file = s.case(&world.other_admin(), case).await.unwrap();
    assert_eq!(
        (file.case.reporter.as_ref(), file.evidence.len()),
        (Some(&pseudonym), before.len())
    );
    // Asked later, the platform reads the same.
    assert_eq!(s.erasure(&world.staff(), &pseudonym).await.unwrap(), told);
    let own = s.erasure(&world.person(1), &pseudonym).await;
    assert_eq!(World::code(own), "not_found");
    world.days(100);
    world.sweep().await;
    assert!(scene.case_says(case, 2).await, "it waits for a decision");
    sound(world).await;
}

/// D19, I8: the sweep takes the words out once nobody can appeal any more, of the erased and of nobody else,
/// and what is left is still whole by its seals.
pub async fn d19_an_open_case_lets_go_when_it_is_over(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.filed().await;
    let pseudonym = scene.erases(2).await.pseudonym;
    scene.decide(case, &[]).await;
    let waits = s.erasure(&world.host_actor(), &pseudonym).await.unwrap();
    let [one] = &waits[..] else { panic!("{waits:?}") };
    assert!(kept(case, Basis::AppealWindow)(one), "{one:?}");
    let before = scene.evidence(case).await;
    world.days(180);
    world.sweep().await;
    assert_eq!(scene.evidence(case).await, before, "an appeal is possible");
    world.clock.set(one.review_at);
    let report = world.sweep().await;
    assert_eq!(report.done.get("case.close"), Some(&1));
    assert_eq!(report.done.get("case.clear"), Some(&1), "{report:?}");
    let after = scene.evidence(case).await;
    assert!(!scene.case_says(case, 2).await && scene.case_says(case, 1).await);
    let theirs = |it: &crate::model::report::Evidence| {
        it.read().unwrap().is_some_and(|it| it.author == Party::Reporter)
    };
    for (old, new) in before.iter().zip(&after) {
        assert_eq!((old.digest, old.seal), (new.digest, new.seal));
        assert_eq!(new.content.is_none(), theirs(old), "item {}", old.seq);
    }
    assert_eq!(s.erasure(&world.host_actor(), &pseudonym).await.unwrap(), []);
    assert_eq!(world.sweep().await.done.get("case.clear"), None, "once");
    sound(world).await;
}

/// A case that is over holds nothing: its words go with the rest.
pub async fn d19_a_closed_case_lets_go_at_once(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let world = &scene.world;
    let case = scene.filed().await;
    assert!(world.service.withdraw_report(&world.person(2), case).await.unwrap());
    assert!(scene.case_says(case, 1).await && scene.case_says(case, 2).await);
    let erased = scene.erases(1).await;
    assert_eq!(erased.kept, []);
    assert!(!scene.case_says(case, 1).await && scene.case_says(case, 2).await);
    scene.erases(2).await;
    assert!(!scene.case_says(case, 2).await);
    sound(world).await;
}

/// D14: what somebody is told when they erase themselves is the same whether or not there is a case that they
/// do not know of. Staff who are part of it hear nothing of it either (D13).
pub async fn d14_an_erasure_tells_of_no_hidden_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let case = scene.filed().await;
    let staff = world.staff();
    let about_staff = ReportAsk::new(who(990), slug("scam"));
    let hidden = s.file_report(&world.person(1), scene.program, about_staff).await.unwrap().case;
    let by_host = s.erase_person(&world.host_actor(), &who(1)).await.unwrap();
    let cases: Vec<_> = by_host.kept.iter().map(|it| it.case).collect();
    assert!(cases.len() == 2 && cases.contains(&case) && cases.contains(&hidden), "{cases:?}");
    let by_staff = s.erasure(&staff, &by_host.pseudonym).await.unwrap();
    assert_eq!(by_staff.iter().map(|it| it.case).collect::<Vec<_>>(), [case]);
    // The subject by themselves, of whom nothing was told.
    let elsewhere = crate::conformance::privacy::beside(world);
    let other = Scene::new(elsewhere).await;
    let unknown = other.filed().await;
    assert_eq!(other.erases(1).await.kept, []);
    assert!(other.case_says(unknown, 1).await, "it is held all the same");
    // And of a measure they have heard.
    let third = World::of(world.store.clone(), "third".try_into().unwrap());
    let third = Scene::new(third).await;
    let told = third.decided(&[Measure::Warn]).await;
    let own = third.erases(1).await;
    assert!(own.kept.len() == 1 && kept(told, Basis::AppealWindow)(&own.kept[0]), "{own:?}");
}

/// D20: the reporter is gone, and the case is decided all the same.
pub async fn d20_a_case_goes_on_without_its_reporter(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.filed().await;
    scene.erases(2).await;
    scene.decide(case, &[Measure::EndPair, Measure::RemoveFromProgram]).await;
    let page = scene.world.first_page();
    let told = scene.world.service.my_statements(&scene.world.person(1), page).await.unwrap();
    assert_eq!(told.items.len(), 1);
    assert_eq!(scene.place(scene.mentor).await.state.code(), "removed");
    sound(&scene.world).await;
}

/// D20: the subject is gone, and the case is decided all the same, and the reporter hears of it.
pub async fn d20_a_case_goes_on_without_its_subject(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.filed().await;
    scene.erases(1).await;
    scene.decide(case, &[Measure::EndPair, Measure::RemoveFromProgram]).await;
    let page = scene.world.first_page();
    let own = scene.world.service.my_reports(&scene.world.person(2), page).await.unwrap();
    assert_eq!(own.items[0].outcome, Some(crate::model::report::Outcome::Actioned));
    assert!(own.items[0].subject.is_erased());
    sound(&scene.world).await;
}
