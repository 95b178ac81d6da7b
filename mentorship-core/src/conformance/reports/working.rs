//! Working a case: triage, questions, duplicates, decisions, appeals, and what time does.

use super::{Scene, about, body, kinds, reasons, sound, verdict};
use crate::{
    base::{id::CaseId, text::Note},
    conformance::{
        Harness,
        make::{slug, who},
        world::World,
    },
    model::{
        event::Audience,
        report::{
            CaseDeadlines, CaseHours, Item, Measure, Occasion, Outcome, Party, Priority, Ruling,
            Tier, verify,
        },
    },
    policy::actor::Actor,
    service::{PageAsk, ReportStatus, SweepAsk},
};

async fn own(scene: &Scene, n: u64) -> crate::service::OwnReport {
    let s = &scene.world.service;
    let page = s.my_reports(&scene.world.person(n), PageAsk::default()).await.unwrap();
    page.items.into_iter().next().unwrap()
}

/// D16, row 54: a decision does what it says, tells the subject why and the reporter that, in one write.
pub async fn d16_a_decision_is_done_and_told_at_once(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.taken().await;
    drop(scene.world.messages().await);
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let decided = verdict(Outcome::Actioned, &[Measure::Warn, Measure::EndPair]);
    s.decide_case(&admin, case, decided).await.unwrap();
    assert_eq!(scene.world.pair_state(2, scene.pair).await, "ended");
    let messages = scene.world.messages().await;
    assert_eq!(kinds(&messages, 1), ["pair.ended", "case.statement"]);
    assert_eq!(kinds(&messages, 2), ["pair.ended", "case.decided"]);
    let told = messages.iter().find(|it| it.message.kind.as_str() == "case.decided").unwrap();
    assert_eq!(told.message.code.as_ref().unwrap().as_str(), "actioned");
    let report = own(&scene, 2).await;
    assert_eq!((report.status, report.outcome), (ReportStatus::Decided, Some(Outcome::Actioned)));
    let subject = scene.world.person(1);
    let told = s.my_statements(&subject, PageAsk::default()).await.unwrap().items;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].measures, [Measure::Warn, Measure::EndPair]);
    assert_eq!(told[0].reasons.as_ref(), Some(&reasons()));
    assert!(!format!("{told:?}").contains(who(2).as_str()), "who reported is not told");
    assert!(scene.hidden(&subject, case).await);
    sound(&scene.world).await;
}

/// D16: whoever is taken out of a program loses all they had there, and nothing elsewhere.
pub async fn d16_a_removal_ends_everything_in_the_program(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let other = scene.world.program(|_| {}).await;
    let elsewhere = scene.world.pair(other, 1, 3).await;
    let s = &scene.world.service;
    scene.decided(&[Measure::RemoveFromProgram]).await;
    assert_eq!(scene.world.pair_state(2, scene.pair).await, "ended");
    assert_ne!(scene.world.pair_state(3, elsewhere).await, "ended");
    let places = s.my_enrollments(&scene.world.person(1), PageAsk::default()).await.unwrap();
    let here = places.items.iter().find(|it| it.program == scene.program).unwrap();
    assert_eq!(here.state.code(), "removed");
    sound(&scene.world).await;
}

/// D16: a case in which nothing was done is told to its reporter, as one class, and never to its subject.
pub async fn d16_nothing_done_is_told_to_the_reporter_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.taken().await;
    drop(scene.world.messages().await);
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    s.decide_case(&admin, case, verdict(Outcome::Unfounded, &[])).await.unwrap();
    let messages = scene.world.messages().await;
    assert!(kinds(&messages, 1).is_empty());
    assert_eq!(kinds(&messages, 2), ["case.decided"]);
    assert_eq!(own(&scene, 2).await.outcome, Some(Outcome::NoAction), "not that it was unfounded");
    let told = s.my_statements(&scene.world.person(1), PageAsk::default()).await.unwrap();
    assert!(told.items.is_empty());
    let appeal = s.appeal_case(&scene.world.person(1), case, body("?")).await;
    assert_eq!(World::code(appeal), "not_found");
}

/// D16: measures and outcome go together, and no measure stands twice.
pub async fn d16_a_verdict_has_parts_that_go_together(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.taken().await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    for (outcome, measures, code) in [
        (Outcome::Actioned, vec![], "input.conflict"),
        (Outcome::NoAction, vec![Measure::Warn], "input.conflict"),
        (Outcome::Duplicate, vec![], "input.conflict"),
        (Outcome::Actioned, vec![Measure::Warn, Measure::Warn], "input.duplicate"),
    ] {
        let outcome = s.decide_case(&admin, case, verdict(outcome, &measures)).await;
        assert_eq!(World::code(outcome), code);
    }
}

/// A case is worked by whoever took it, and another reviewer may take it over.
pub async fn a_case_is_worked_by_whoever_took_it(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.host.admins([who(901), who(902)]);
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let group = crate::conformance::make::group();
    let third = Actor::group_admin(scene.world.tenant.clone(), who(902), group);
    let case = scene.filed().await;
    assert_eq!(World::code(s.take_case(&admin, case).await), "state.not_allowed");
    s.triage_case(&admin, case, &slug("scam"), Priority::P3).await.unwrap();
    s.take_case(&admin, case).await.unwrap();
    let decide =
        async |actor: &Actor| s.decide_case(actor, case, verdict(Outcome::NoAction, &[])).await;
    assert_eq!(World::code(decide(&third).await), "case.not_assigned");
    s.take_case(&third, case).await.unwrap();
    assert_eq!(World::code(decide(&admin).await), "case.not_assigned");
    // The platform sees it, and works it once it has taken it over.
    assert_eq!(World::code(s.take_case(&scene.world.staff(), case).await), "case.not_assigned");
    decide(&third).await.unwrap();
    assert_eq!(World::code(decide(&third).await), "state.not_allowed");
    sound(&scene.world).await;
}

/// A reviewer asks the reporter, whose answer is sealed with the rest.
pub async fn an_answer_is_sealed_with_the_rest(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.taken().await;
    let (s, admin, me) = (&scene.world.service, scene.world.other_admin(), scene.world.person(2));
    let early = s.answer_reviewer(&me, case, body("Nobody asked.")).await;
    assert_eq!(World::code(early), "state.not_allowed");
    s.ask_reporter(&admin, case, Note::new("When was it?").unwrap()).await.unwrap();
    let asked = own(&scene, 2).await;
    assert_eq!(asked.status, ReportStatus::Asked);
    assert_eq!(asked.question.unwrap().as_str(), "When was it?");
    let subject = s.answer_reviewer(&scene.world.person(1), case, body("Never.")).await;
    assert_eq!(World::code(subject), "not_found");
    s.answer_reviewer(&me, case, body("On Sunday.")).await.unwrap();
    let file = s.case(&admin, case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    let last = file.evidence.last().unwrap().read().unwrap().unwrap();
    assert_eq!(last.author, Party::Reporter);
    let text = Some(body("On Sunday."));
    assert_eq!(last.item, Item::Words { on: Occasion::Answer, text });
    assert_eq!(own(&scene, 2).await.question, None);
    sound(&scene.world).await;
}

/// A reporter who never answers holds nothing up, at the platform neither: the same reviewer may decide, and
/// another one may take the case.
pub async fn nobody_waits_for_an_answer_for_ever(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, staff) = (&scene.world.service, scene.world.staff());
    let other = Actor::staff(scene.world.tenant.clone(), who(991));
    let asked = async |n: u64| {
        let case = scene.report(2, about(n, "scam").recipient(Tier::Platform)).await.unwrap();
        scene.world.work(&staff, case).await;
        s.ask_reporter(&staff, case, Note::new("When was it?").unwrap()).await.unwrap();
        case
    };
    let (decided, taken) = (asked(1).await, asked(7).await);
    scene.world.days(60);
    scene.world.sweep().await;
    let decide = async |actor: &Actor, case| {
        s.decide_case(actor, case, verdict(Outcome::NoAction, &[])).await
    };
    assert_eq!(World::code(decide(&other, decided).await), "case.not_assigned");
    decide(&staff, decided).await.unwrap();
    s.take_case(&other, taken).await.unwrap();
    let late = s.answer_reviewer(&scene.world.person(2), taken, body("On Sunday.")).await;
    assert_eq!(World::code(late), "state.not_allowed");
    decide(&other, taken).await.unwrap();
    sound(&scene.world).await;
}

/// A duplicate is of the same person; both reporters are told what comes of it.
pub async fn a_duplicate_keeps_both_reporters_informed(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let first = scene.taken().await;
    let other = scene.report(3, about(7, "scam")).await.unwrap();
    let same = scene.report(3, about(1, "scam")).await.unwrap();
    scene.world.work(&admin, same).await;
    assert_eq!(World::code(s.merge_case(&admin, same, other).await), "input.conflict");
    assert_eq!(World::code(s.merge_case(&admin, same, same).await), "input.conflict");
    s.merge_case(&admin, same, first).await.unwrap();
    drop(scene.world.messages().await);
    s.decide_case(&admin, first, verdict(Outcome::NoAction, &[])).await.unwrap();
    let messages = scene.world.messages().await;
    assert_eq!(kinds(&messages, 2), ["case.decided"]);
    assert_eq!(kinds(&messages, 3), ["case.decided"]);
    sound(&scene.world).await;
}

/// Who was found to have reported the same goes along when their case is merged on; no case gets less urgent
/// by it, and none is over because one of several takes their report back.
pub async fn whoever_reported_the_same_is_not_lost(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let taken = async |n: u64, priority| {
        let case = scene.report(n, about(1, "scam")).await.unwrap();
        s.triage_case(&admin, case, &slug("scam"), priority).await.unwrap();
        s.take_case(&admin, case).await.unwrap();
        case
    };
    let first = taken(2, Priority::P3).await;
    let (second, third) = (taken(3, Priority::P2).await, taken(4, Priority::P2).await);
    s.merge_case(&admin, third, second).await.unwrap();
    assert_eq!(World::code(s.merge_case(&admin, second, first).await), "input.conflict");
    s.triage_case(&admin, first, &slug("scam"), Priority::P2).await.unwrap();
    s.merge_case(&admin, second, first).await.unwrap();
    assert!(!s.withdraw_report(&scene.world.person(2), first).await.unwrap());
    assert_eq!(scene.group(&admin).await, [first]);
    drop(scene.world.messages().await);
    s.decide_case(&admin, first, verdict(Outcome::NoAction, &[])).await.unwrap();
    let messages = scene.world.messages().await;
    for n in [2, 3, 4] {
        assert_eq!(kinds(&messages, n), ["case.decided"], "{n}");
    }
    sound(&scene.world).await;
}

/// D16: where something is done on a reporter's appeal only, its subject is told of that and not of the
/// decision before, of which they had heard nothing.
pub async fn d16_what_an_appeal_brings_is_told_alone(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, staff) = (&scene.world.service, scene.world.staff());
    let case = scene.decided(&[]).await;
    s.appeal_case(&scene.world.person(2), case, body("Too mild.")).await.unwrap();
    s.escalate_case(&staff, case).await.unwrap();
    scene.world.days(1);
    let why = crate::model::report::Reasons {
        facts: Note::new("Two courses were sold.").unwrap(),
        ..reasons()
    };
    let ruling = Ruling::Changed;
    s.rule_on_appeal(&staff, case, ruling, &[Measure::Warn], why.clone()).await.unwrap();
    let told = s.my_statements(&scene.world.person(1), PageAsk::default()).await.unwrap().items;
    assert_eq!((told[0].at, told[0].measures.clone()), (scene.world.now(), vec![Measure::Warn]));
    assert_eq!((told[0].reasons.clone(), told[0].appeal.clone()), (Some(why), None));
    assert!(!format!("{told:?}").contains(reasons().facts.as_str()));
    sound(&scene.world).await;
}

/// D12, row 55: a case goes to the platform by an admin's hand, by the platform's, by what it turns out to be and
/// by time; and it never comes back.
pub async fn d12_a_case_goes_to_the_platform_one_way(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, admin, staff) = (&scene.world.service, scene.world.other_admin(), scene.world.staff());
    let file = async |n: u64| scene.report(2, about(n, "scam")).await.unwrap();
    let (by_admin, by_staff) = (file(11).await, file(12).await);
    let (by_triage, by_time) = (file(13).await, file(14).await);
    s.escalate_case(&admin, by_admin).await.unwrap();
    s.escalate_case(&staff, by_staff).await.unwrap();
    s.triage_case(&admin, by_triage, &slug("threats"), Priority::P1).await.unwrap();
    assert_eq!(scene.group(&admin).await, [by_time]);
    let hours = i64::from(CaseDeadlines::default().p2.decide);
    scene.world.clock.advance(chrono::TimeDelta::hours(hours) - chrono::TimeDelta::seconds(1));
    scene.world.sweep().await;
    assert_eq!(scene.group(&admin).await, [by_time], "not early");
    scene.world.clock.advance(chrono::TimeDelta::seconds(1));
    drop(scene.world.messages().await);
    scene.world.sweep().await;
    assert!(scene.group(&admin).await.is_empty());
    let messages = scene.world.messages().await;
    let escalated = |case: CaseId| {
        messages
            .iter()
            .any(|it| it.message.kind.as_str() == "case.escalated" && it.message.case == Some(case))
    };
    assert!(escalated(by_time));
    for case in [by_admin, by_staff, by_triage, by_time] {
        assert!(scene.hidden(&admin, case).await && !scene.hidden(&staff, case).await);
        s.escalate_case(&staff, case).await.unwrap();
    }
    sound(&scene.world).await;
}

/// A program says for how long its reviewers have each case, and the platform after them; a case that is there
/// keeps what it was given.
pub async fn d12_a_program_sets_its_deadlines(h: Harness) {
    let world = World::new(h.store);
    let hours = |triage, decide| CaseHours { triage, decide };
    let own =
        CaseDeadlines { p0: hours(1, 2), p1: hours(2, 4), p2: hours(3, 30), p3: hours(5, 40) };
    let program = world.program(|policy| policy.case_hours = own).await;
    let pair = world.pair(program, 1, 2).await;
    let scene = Scene { world, program, pair };
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let case = scene.filed().await;
    let queued = async || {
        let page = s.group_cases(&admin, program, scene.world.first_page()).await.unwrap();
        page.items.into_iter().map(|it| (it.triage_by, it.decide_by)).next()
    };
    let after = |hours| scene.world.now() + chrono::TimeDelta::hours(hours);
    assert_eq!(queued().await, Some((after(3), after(30))));
    s.triage_case(&admin, case, &slug("spam"), Priority::P3).await.unwrap();
    assert_eq!(queued().await, Some((after(5), after(40))));
    let longer = crate::model::program::ProgramPolicy {
        case_hours: CaseDeadlines { p3: hours(5, 400), ..own },
        approval: false,
        ..crate::model::program::ProgramPolicy::default()
    };
    let edit = crate::decide::program::EditProgram { policy: Some(longer), ..Default::default() };
    s.edit_program(&scene.world.admin(), program, edit.clone()).await.unwrap();
    assert_eq!(queued().await, Some((after(5), after(40))), "as it was given");
    scene.world.clock.advance(chrono::TimeDelta::hours(40));
    scene.world.sweep().await;
    assert_eq!(queued().await, None);
    let page = s.platform_cases(&scene.world.staff(), scene.world.first_page()).await.unwrap();
    assert_eq!(page.items[0].decide_by, scene.world.now() + chrono::TimeDelta::hours(400));
    let mut wrong = edit;
    wrong.policy.as_mut().unwrap().case_hours.p3.decide = 3;
    let refused = s.edit_program(&scene.world.admin(), program, wrong).await;
    assert_eq!(World::code(refused), "input.conflict");
    sound(&scene.world).await;
}

/// Row 55: reviewers are reminded after two days, and the platform once more when its time is over.
pub async fn reviewers_are_reminded(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.filed().await;
    drop(scene.world.messages().await);
    scene.world.days(2);
    scene.world.sweep().await;
    let messages = scene.world.messages().await;
    let due = |n| kinds(&messages, n).iter().filter(|it| **it == "case.due").count();
    assert_eq!((due(901), due(900), due(1), due(2)), (1, 1, 0, 0));
    scene.world.days(1);
    scene.world.sweep().await;
    let again = scene.world.messages().await;
    assert!(again.iter().all(|it| it.message.kind.as_str() != "case.due"));
    // It goes to the platform after its week, and is due there after another one.
    for _ in 0..12 {
        scene.world.days(1);
        scene.world.sweep().await;
    }
    let later = scene.world.messages().await;
    let count = |kind: &str| later.iter().filter(|it| it.message.kind.as_str() == kind).count();
    assert_eq!((count("case.escalated"), count("case.due")), (1, 2));
    sound(&scene.world).await;
}

/// D12: where the host does not say who its admins are, staff is reminded all the same, if the case is theirs too, and
/// once. The admins wait for the next sweep, which asks again; until one can be answered each says that it failed.
pub async fn reviewers_are_reminded_once_the_host_names_them(h: Harness) {
    for (tier, staff) in [(Tier::Both, 1), (Tier::Group, 0)] {
        let tenant = crate::base::host::TenantId::try_from(tier.code()).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let world = &scene.world;
        let case = scene.report(2, about(1, "scam").recipient(tier)).await.unwrap();
        drop(world.messages().await);
        world.host.silent_on("admins");
        world.days(2);
        let swept = async || {
            let clock = Actor::clock(world.tenant.clone());
            let report = world.service.sweep(&clock, SweepAsk::default()).await.unwrap();
            let messages = world.messages().await;
            let due = messages.iter().filter(|it| it.message.kind.as_str() == "case.due");
            let (to_staff, to_admins): (Vec<_>, Vec<_>) =
                due.partition(|it| it.message.to == Audience::Staff);
            let alone = report.done.get("case.remind_staff").copied().unwrap_or_default();
            (report.failed, alone, to_staff.len(), to_admins.len())
        };
        assert_eq!(swept().await, (1, staff, usize::try_from(staff).unwrap(), 0), "{tier:?}");
        for _ in 0..2 {
            assert_eq!(swept().await, (1, 0, 0, 0), "{tier:?}");
        }
        world.host.speaks_again();
        assert_eq!(swept().await, (0, 0, 0, 2), "{tier:?}: each of the admins");
        assert_eq!(swept().await, (0, 0, 0, 0), "{tier:?}: once");
        // At the platform its time begins anew, and with it what staff is told.
        world.service.escalate_case(&world.other_admin(), case).await.unwrap();
        drop(world.messages().await);
        world.days(2);
        assert_eq!(swept().await, (0, 0, 1, 0), "{tier:?}");
        sound(world).await;
    }
}

/// D16, row 54: reporter and subject may appeal, once, within six months; somebody else decides on it.
pub async fn d16_an_appeal_is_decided_by_somebody_else(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    scene.world.host.admins([who(901), who(902)]);
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    let group = crate::conformance::make::group();
    let third = Actor::group_admin(scene.world.tenant.clone(), who(902), group);
    let case = scene.decided(&[Measure::Warn]).await;
    assert!(scene.group(&admin).await.is_empty(), "nothing is to be done");
    scene.world.days(100);
    drop(scene.world.messages().await);
    let stranger = s.appeal_case(&scene.world.person(7), case, body("Why?")).await;
    assert_eq!(World::code(stranger), "not_found");
    s.appeal_case(&scene.world.person(1), case, body("I gave it away.")).await.unwrap();
    assert!(kinds(&scene.world.messages().await, 902).contains(&"case.appealed"));
    let again = s.appeal_case(&scene.world.person(2), case, body("Too mild.")).await;
    assert_eq!(World::code(again), "state.not_allowed", "once per decision");
    let rule = async |actor: &Actor, ruling, measures: &[Measure]| {
        s.rule_on_appeal(actor, case, ruling, measures, reasons()).await
    };
    assert_eq!(
        World::code(rule(&admin, Ruling::Upheld, &[]).await),
        "conflict_of_interest",
        "who decided first"
    );
    assert_eq!(World::code(rule(&third, Ruling::Changed, &[]).await), "input.conflict");
    rule(&third, Ruling::Changed, &[Measure::EndPair]).await.unwrap();
    assert_eq!(scene.world.pair_state(2, scene.pair).await, "ended");
    let told = s.my_statements(&scene.world.person(1), PageAsk::default()).await.unwrap().items;
    let (ruling, measures, _) = told[0].appeal.clone().unwrap();
    assert_eq!((ruling, measures), (Ruling::Changed, vec![Measure::EndPair]));
    let file = s.case(&third, case).await.unwrap();
    verify(&file.case, &file.evidence).unwrap();
    scene.world.sweep().await;
    assert_eq!(own(&scene, 2).await.status, ReportStatus::Closed);
    sound(&scene.world).await;
}

/// D16: an appeal comes within six months; then the case closes by itself, and not before.
pub async fn d16_a_case_stays_open_to_appeals_for_six_months(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let case = scene.decided(&[]).await;
    let (s, admin) = (&scene.world.service, scene.world.other_admin());
    assert_eq!(World::code(s.close_case(&admin, case).await), "case.appeal_open");
    scene.world.days(180);
    scene.world.sweep().await;
    assert_eq!(own(&scene, 2).await.status, ReportStatus::Decided);
    scene.world.days(10);
    let late = s.appeal_case(&scene.world.person(2), case, body("Now.")).await;
    assert_eq!(World::code(late), "report.too_late");
    scene.world.sweep().await;
    assert_eq!(own(&scene, 2).await.status, ReportStatus::Closed);
    sound(&scene.world).await;
}

/// Only what is not urgent is over by its reporter's wish.
pub async fn an_urgent_report_is_not_taken_back(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (s, me) = (&scene.world.service, scene.world.person(2));
    let mild = scene.filed().await;
    let urgent = scene.report(2, about(1, "threats")).await.unwrap();
    assert!(!s.withdraw_report(&me, urgent).await.unwrap());
    assert!(scene.platform().await.contains(&urgent));
    let other = s.withdraw_report(&scene.world.person(1), mild).await;
    assert_eq!(World::code(other), "not_found");
    assert!(s.withdraw_report(&me, mild).await.unwrap());
    assert_eq!(World::code(s.withdraw_report(&me, mild).await), "state.not_allowed");
    sound(&scene.world).await;
}

/// D12, D13: whoever works a case and is recused by the time of the answer hears nothing of it, and the case waits
/// for somebody else.
pub async fn d13_an_answer_is_not_told_to_who_is_recused(h: Harness) {
    for (round, others) in [vec![who(902)], vec![]].into_iter().enumerate() {
        let tenant = crate::base::host::TenantId::try_from(format!("harbour-{round}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
        let case = scene.taken().await;
        s.ask_reporter(&admin, case, Note::new("When was it?").unwrap()).await.unwrap();
        world.host.admins([who(900), who(901)].into_iter().chain(others.clone()));
        s.block(&world.person(2), &who(901)).await.unwrap();
        drop(world.messages().await);
        s.answer_reviewer(&world.person(2), case, body("On Sunday.")).await.unwrap();
        let messages = world.messages().await;
        assert!(kinds(&messages, 901).is_empty(), "{messages:?}");
        let staff = messages.iter().filter(|it| it.message.to == Audience::Staff);
        assert!(staff.count() > 0);
        assert_eq!(kinds(&messages, 902).contains(&"case.answered"), !others.is_empty());
        let file = s.case(&world.staff(), case).await.unwrap();
        assert_eq!(file.case.state.code(), "triaged");
        assert_eq!(file.may_work, others.is_empty(), "no admin is left who could decide");
        assert_eq!(own(&scene, 2).await.question, None);
        sound(world).await;
    }
}

/// D12, D16: an appeal, what time does to a case and the end of an erasure wait for no answer of the host's.
pub async fn a_host_that_does_not_answer_holds_up_no_case(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (appealed, decided) = (scene.decided(&[Measure::Warn]).await, scene.decided(&[]).await);
    let waits = scene.report(3, about(1, "spam")).await.unwrap();
    world.host.silent_on("admins");
    s.appeal_case(&world.person(1), appealed, body("I gave it away.")).await.unwrap();
    let platform = scene.platform().await;
    assert!(platform.contains(&appealed) && !scene.hidden(&world.staff(), appealed).await);
    assert!(s.case(&world.staff(), appealed).await.unwrap().may_work, "it is theirs");
    let mut days = Vec::new();
    for _ in 0..30 {
        world.days(1);
        let report = world.sweep().await;
        days.push((report.failed > 0, report.done.contains_key("case.escalate")));
    }
    // What fails is that the admins are to be reminded while it is theirs.
    let over = days.iter().position(|(_, escalated)| *escalated).unwrap();
    assert!(days[..over].iter().any(|(failed, _)| *failed), "{days:?}");
    assert!(days[over..].iter().all(|(failed, _)| !failed), "{days:?}");
    assert!(s.case(&world.staff(), waits).await.unwrap().may_work, "the group has not decided");
    world.days(170);
    assert_eq!(world.sweep().await.failed, 0);
    let file = s.case(&world.other_admin(), decided).await.unwrap();
    assert_eq!(file.case.state.code(), "closed");
    sound(world).await;
}

/// D16: where the only admin who could decide has decided, an appeal is the platform's at once, and is told to
/// nobody who may not decide on it.
pub async fn d16_an_appeal_against_the_only_admin_is_the_platforms(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    // The other one made the match.
    let report = about(1, "scam").recipient(Tier::Group);
    let case = scene.report(2, report).await.unwrap();
    world.work(&world.other_admin(), case).await;
    let nothing = verdict(Outcome::NoAction, &[]);
    s.decide_case(&world.other_admin(), case, nothing).await.unwrap();
    assert!(scene.hidden(&world.staff(), case).await);
    drop(world.messages().await);
    s.appeal_case(&world.person(2), case, body("Look again.")).await.unwrap();
    let messages = world.messages().await;
    assert!(messages.iter().all(|it| it.message.to == Audience::Staff), "{messages:?}");
    assert!(scene.hidden(&world.other_admin(), case).await);
    s.rule_on_appeal(&world.staff(), case, Ruling::Upheld, &[], reasons()).await.unwrap();
    sound(world).await;
}
