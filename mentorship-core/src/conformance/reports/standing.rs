//! What stands around a case, and what the log tells of it to whom.

use super::{Scene, about, reasons, sound, verdict};
use crate::{
    base::{host::TenantId, id::CaseId},
    change::Key,
    conformance::{
        Harness,
        make::{group, slug, who},
        world::World,
    },
    decide::person::AgeFacts,
    model::{
        enrollment::Role,
        event::{ActorKind, AuditEvent},
        pair::{EndKind, EndedBy},
        report::{Content, InterimAsk, Measure, Outcome, Priority, Ruling, Tier},
    },
    policy::actor::Actor,
    service::PageAsk,
};

/// The whole log as somebody reads it, in pages of this size. Every page but the last is full, and ends at an event that
/// is shown.
async fn log(world: &World, actor: &Actor, limit: u16) -> Vec<AuditEvent> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = world.service.audit(actor, PageAsk { limit, after }).await.unwrap();
        let full = page.items.len() == usize::from(limit);
        assert!(full || page.next.is_none(), "a gap where something is hidden");
        all.extend(page.items);
        let last = all.last().map(|it: &AuditEvent| it.id.to_string());
        assert!(page.next.is_none() || page.next.as_ref().map(|it| it.id.clone()) == last);
        after = page.next;
        if after.is_none() {
            return all;
        }
    }
}

/// What events tell, without their own ids and those of records, which are drawn.
fn told(log: &[AuditEvent]) -> Vec<String> {
    let line = |it: &AuditEvent| {
        let key = it.subject.kind();
        format!("{} {key} {:?} {:?} {:?} {:?}", it.action, it.actor, it.about, it.from, it.to)
    };
    log.iter().map(line).collect()
}

/// D12, D13, I9: to staff whom something recuses the log is the same to the last line with a case and without one, in
/// pages of any size, also of one that is the group's alone; a colleague reads all of it.
pub async fn i9_recused_staff_reads_no_line_of_a_case(h: Harness) {
    // What there is between staff and the two of it, reporter and subject.
    for (tie, by, of) in
        [("subject", 2, 990), ("reporter", 990, 1), ("partner", 2, 1), ("partner", 1, 2)]
    {
        let world = |side| {
            let tenant = TenantId::try_from(format!("{tie}-{by}-{side}")).unwrap();
            World::of(h.store.clone(), tenant)
        };
        let (with, without) = (world("with"), world("without"));
        let mut read = Vec::new();
        for (world, reports) in [(with, true), (without, false)] {
            let elsewhere = world.program(|_| {}).await;
            let pair = world.pair(elsewhere, 990, 1).await;
            if tie != "partner" {
                // They have nothing to do with the other one.
                world
                    .service
                    .end_pair(&world.person(1), pair, EndKind::NoTime, None, false)
                    .await
                    .unwrap();
                world.days(400);
            }
            let scene = Scene::new(world).await;
            let (world, s) = (&scene.world, &scene.world.service);
            let (staff, colleague) = (world.staff(), Actor::staff(world.tenant.clone(), who(991)));
            world.host.admins([who(900), who(901), who(902)]);
            let mut cases: Vec<CaseId> = Vec::new();
            if reports {
                let third = Actor::group_admin(world.tenant.clone(), who(902), group());
                let report = about(of, "scam").recipient(Tier::Group);
                let mine = scene.report(by, report).await.unwrap();
                world.work(&third, mine).await;
                s.case(&third, mine).await.unwrap();
                s.decide_case(&third, mine, verdict(Outcome::NoAction, &[])).await.unwrap();
                let urgent = scene.report(by, about(of, "threats")).await.unwrap();
                s.case(&colleague, urgent).await.unwrap();
                cases = vec![mine, urgent];
            }
            world.service.set_reminders(&world.person(5), true).await.unwrap();
            let seen = log(world, &staff, 500).await;
            for limit in [1, 2, 7] {
                assert_eq!(log(world, &staff, limit).await, seen, "{tie}, pages of {limit}");
            }
            let here = s.program_audit(&staff, scene.program, world.first_page()).await.unwrap();
            let whole = log(world, &colleague, 500).await;
            let of_cases =
                |it: &&AuditEvent| matches!(it.subject, Key::Case(id) if cases.contains(&id));
            assert_eq!(whole.iter().filter(of_cases).count(), if reports { 7 } else { 0 });
            let rest: Vec<_> = whole.iter().filter(|it| !of_cases(it)).cloned().collect();
            assert_eq!(rest, seen, "{tie}: nothing else is left out");
            read.push((told(&seen), told(&here.items)));
            sound(world).await;
        }
        assert_eq!(read[0], read[1], "{tie}");
    }
}

/// D12, D14, D23: whoever reviews and has to do with one of a pair cannot tell from the log that a case froze it, nor
/// that one still does when a hand lets go, nor that an age is why somebody is held. A colleague can.
pub async fn i9_recused_staff_reads_a_freeze_as_a_pause(h: Harness) {
    let world = World::new(h.store);
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 990, 2).await;
    let scene = Scene::new(world.clone()).await;
    let (s, colleague) = (&world.service, Actor::staff(world.tenant.clone(), who(991)));
    let case = scene.report(2, about(1, "scam").recipient(Tier::Platform)).await.unwrap();
    world.work(&colleague, case).await;
    // A hand joins what a case holds, and leaves it again.
    s.take_interim(&colleague, case, InterimAsk::FreezePair).await.unwrap();
    s.take_interim(&colleague, case, InterimAsk::SuspendEnrollments).await.unwrap();
    s.freeze_pair(&colleague, scene.pair).await.unwrap();
    s.unfreeze_pair(&colleague, scene.pair).await.unwrap();
    let places = s.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap().items;
    s.hold_enrollment(&colleague, places[0].id).await.unwrap();
    s.reinstate_enrollment(&colleague, places[0].id).await.unwrap();
    let age = AgeFacts { adult_on: None, zone: None };
    let aged = s.record_age(&world.host_actor(), &who(2), age).await.unwrap().unwrap();
    let (seen, whole) =
        (log(&world, &world.staff(), 500).await, log(&world, &colleague, 500).await);
    let count = |log: &[AuditEvent], action: &str| {
        log.iter().filter(|it| it.action.as_str() == action).count()
    };
    for hidden in [
        "pair.freeze",
        "pair.hold",
        "pair.release",
        "enrollment.hold",
        "enrollment.release",
        "person.record_age",
    ] {
        assert!(count(&whole, hidden) > 0, "{hidden} stands in the log");
        assert_eq!(count(&seen, hidden), 0, "{hidden} shows");
    }
    let by = |it: &AuditEvent| (it.action.as_str() == "pair.pause").then_some(it.actor.kind);
    let by: Vec<_> = seen.iter().filter_map(by).collect();
    assert!(!by.is_empty() && by.iter().all(|it| *it == ActorKind::Clock), "{by:?}");
    let all = format!("{seen:?}");
    assert!(!all.contains("frozen"), "{all}");
    assert!(![case, aged].iter().any(|it| all.contains(&it.to_string())), "{all}");
}

/// D12: what a case does that shows nowhere outside of it is a line of the case, and so is the end of a ban. What shows
/// is recorded where it shows, as by nobody, and names no case.
pub async fn i9_what_a_case_does_in_silence_is_in_its_own_log(h: Harness) {
    let world = World::new(h.store);
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 990, 2).await;
    let scene = Scene::new(world.clone()).await;
    let (s, colleague) = (&world.service, Actor::staff(world.tenant.clone(), who(991)));
    let post = scene.post(1, "Buy my course.").await;
    let case = scene.report(2, about(1, "scam").recipient(Tier::Platform)).await.unwrap();
    world.work(&colleague, case).await;
    // The platform holds the pair as well, so that the case does not show in it.
    s.freeze_pair(&colleague, scene.pair).await.unwrap();
    let content = Content::Post { pair: scene.pair, post };
    for ask in [
        InterimAsk::WithdrawContent { content },
        InterimAsk::FreezePair,
        InterimAsk::SuspendEnrollments,
    ] {
        s.take_interim(&colleague, case, ask).await.unwrap();
    }
    s.lift_interim(&colleague, case, InterimAsk::FreezePair).await.unwrap();
    s.lift_interim(&colleague, case, InterimAsk::WithdrawContent { content }).await.unwrap();
    s.take_interim(&colleague, case, InterimAsk::WithdrawContent { content }).await.unwrap();
    let measures = [Measure::RemoveContent, Measure::BanFromTenant { until: None }];
    s.decide_case(&colleague, case, verdict(Outcome::Actioned, &measures)).await.unwrap();
    s.lift_ban(&colleague, &who(1), case).await.unwrap();
    let silent = [
        "pair.withhold",
        "pair.show_again",
        "pair.remove_content",
        "pair.hold",
        "pair.release",
        "person.ban",
        "person.lift_ban",
    ];
    let whole = log(&world, &colleague, 500).await;
    for action in silent {
        let mut lines = whole.iter().filter(|it| it.action.as_str() == action).peekable();
        assert!(lines.peek().is_some(), "{action}");
        assert!(lines.all(|it| it.subject == Key::Case(case) && it.private), "{action}");
    }
    let seen = log(&world, &world.staff(), 500).await;
    assert!(seen.iter().all(|it| !silent.contains(&it.action.as_str())));
    assert!(!format!("{seen:?}").contains(&case.to_string()));
    // That something became of it shows in the records themselves.
    for action in ["enrollment.suspend", "enrollment.remove", "pair.end"] {
        let line = seen.iter().rfind(|it| it.action.as_str() == action);
        assert_eq!(line.expect(action).actor.kind, ActorKind::Clock, "{action}");
    }
    sound(&world).await;
}

/// D12, D13: bans of cases that something keeps staff from are not there for them: neither in the list, whose pages
/// tell of none, nor to be lifted.
pub async fn i9_recused_staff_sees_no_ban_of_a_case(h: Harness) {
    let world = World::new(h.store);
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 990, 2).await;
    let (s, staff) = (&world.service, world.staff());
    let colleague = Actor::staff(world.tenant.clone(), who(991));
    let program = world.program(|_| {}).await;
    let mut bans = Vec::new();
    // The partner of staff has reported every other one.
    for (n, by) in [(11, 3), (12, 2), (13, 2), (14, 3), (15, 2)] {
        world.enroll(program, n, Role::Mentor).await;
        let report = about(n, "scam").recipient(Tier::Platform);
        let filed = s.file_report(&world.person(by), program, report).await.unwrap();
        world.work(&colleague, filed.case).await;
        let banned = verdict(Outcome::Actioned, &[Measure::BanFromTenant { until: None }]);
        s.decide_case(&colleague, filed.case, banned).await.unwrap();
        bans.push((n, filed.case));
    }
    let read = async |actor: &Actor, limit| {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let page = s.banned_people(actor, PageAsk { limit, after }).await.unwrap();
            let full = page.items.len() == usize::from(limit);
            assert!(full || page.next.is_none(), "a gap where something is hidden");
            all.extend(page.items.into_iter().map(|(person, bans)| (person, bans[0].case)));
            let last = all.last().map(|(person, _)| person.to_string());
            assert!(page.next.is_none() || page.next.as_ref().map(|it| it.id.clone()) == last);
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    };
    let of = |n: usize| (who(bans[n].0), bans[n].1);
    for limit in [1, 2, 3, 50] {
        assert_eq!(read(&staff, limit).await, [of(0), of(3)]);
        assert_eq!(read(&colleague, limit).await, [of(0), of(1), of(2), of(3), of(4)]);
    }
    drop(world.messages().await);
    for (n, case) in &bans[..2] {
        s.lift_ban(&staff, &who(*n), *case).await.unwrap();
    }
    assert_eq!(read(&colleague, 50).await, [of(1), of(2), of(3), of(4)]);
    assert_eq!(super::kinds(&world.messages().await, 12), Vec::<&str>::new());
    s.lift_ban(&colleague, &who(12), bans[1].1).await.unwrap();
    assert_eq!(read(&colleague, 50).await, [of(2), of(3), of(4)]);
    sound(&world).await;
}

/// Rows of the matrix that say "case": staff that works a case reads of the pair and the enrolment how they stand, why
/// the pair really ended, and whether the subject is an adult, each time on record; nobody else does.
pub async fn staff_reads_what_stands_around_a_case_that_it_works(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s) = (&scene.world, &scene.world.service);
    let (staff, colleague) = (world.staff(), Actor::staff(world.tenant.clone(), who(991)));
    // Pairs of the subject's with somebody else, and in another program, are not what it is about.
    let elsewhere = world.program(|_| {}).await;
    world.pair(elsewhere, 1, 3).await;
    for n in [1, 2] {
        s.finish_step(&world.person(n), scene.pair, &slug("hello")).await.unwrap();
    }
    let case = scene.filed().await;
    let code = async |actor: &Actor| World::code(s.case_background(actor, case).await);
    for actor in [&staff, &colleague] {
        assert_eq!(code(actor).await, "case.not_assigned", "the group works it");
    }
    s.escalate_case(&staff, case).await.unwrap();
    assert_eq!(code(&staff).await, "case.not_assigned", "nobody has taken it");
    world.work(&staff, case).await;
    assert_eq!(code(&colleague).await, "case.not_assigned", "another one has taken it");
    for actor in [world.other_admin(), world.person(1), world.person(2), world.host_actor()] {
        assert_eq!(code(&actor).await, "not_found");
    }
    let found = s.case_background(&staff, case).await.unwrap();
    assert_eq!((found.case, found.subject_is_adult), (case, Some(true)));
    let [place] = &found.places[..] else { panic!("{found:?}") };
    assert_eq!(
        (place.program, place.role, place.state.as_str()),
        (scene.program, Role::Mentor, "active")
    );
    let [pair] = &found.pairs[..] else { panic!("{found:?}") };
    assert_eq!((pair.pair, pair.program), (scene.pair, scene.program));
    assert_eq!((&pair.mentor, &pair.mentee), (&who(1), &who(2)));
    assert_eq!((pair.state.as_str(), pair.over_at), ("active", None));
    assert_eq!((pair.shown_reason, pair.private_reason), (None, None));
    let steps = s.pair(&world.person(1), scene.pair).await.unwrap();
    assert_eq!(steps.percent_done, 33);
    assert_eq!((pair.percent_done, pair.started_at), (steps.percent_done, steps.card.started_at));
    // What becomes of it meanwhile is read as well.
    s.freeze_pair(&colleague, scene.pair).await.unwrap();
    assert_eq!(s.case_background(&staff, case).await.unwrap().pairs[0].state.as_str(), "frozen");
    s.unfreeze_pair(&colleague, scene.pair).await.unwrap();
    s.end_pair(&world.person(2), scene.pair, EndKind::NotAFit, None, false).await.unwrap();
    s.withdraw_enrollment(&world.person(1), place.enrollment).await.unwrap();
    let facts = AgeFacts { adult_on: None, zone: None };
    s.record_age(&world.host_actor(), &who(1), facts).await.unwrap();
    let after = s.case_background(&staff, case).await.unwrap();
    assert_eq!(after.subject_is_adult, Some(false));
    assert_eq!(after.places[0].state.as_str(), "withdrawn");
    let ended = &after.pairs[0];
    assert_eq!((ended.state.as_str(), ended.over_at), ("ended", Some(world.now())));
    let by = EndedBy::Side(Role::Mentee);
    assert_eq!((ended.shown_reason, ended.private_reason), (None, Some((EndKind::NotAFit, by))));
    // One line for each read, and none for a refused one.
    let whole = log(world, &colleague, 500).await;
    let reads = whole.iter().filter(|it| it.action.as_str() == "case.read_background");
    let reads: Vec<_> =
        reads.map(|it| (it.actor.person.clone(), it.subject.clone(), it.private)).collect();
    assert_eq!(reads, vec![(Some(who(990)), Key::Case(case), true); 3]);
    // Whoever decided has it no more; on an appeal everybody else who may decide.
    s.decide_case(&staff, case, verdict(Outcome::NoAction, &[])).await.unwrap();
    assert_eq!(code(&staff).await, "case.not_assigned");
    s.appeal_case(&world.person(2), case, super::body("Look again.")).await.unwrap();
    assert_eq!(code(&staff).await, "case.not_assigned");
    s.case_background(&colleague, case).await.unwrap();
    s.rule_on_appeal(&colleague, case, Ruling::Upheld, &[], reasons()).await.unwrap();
    assert_eq!(code(&colleague).await, "case.not_assigned");
    sound(world).await;
}

/// A group's admin who works a case reads around it what admins read of the program anyway: no age, no reason that
/// nobody shared, and a freeze as a pause.
pub async fn an_admin_reads_around_a_case_what_admins_read(h: Harness) {
    let scene = Scene::new(World::new(h.store.clone())).await;
    let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
    let case = scene.taken().await;
    s.take_interim(&admin, case, InterimAsk::FreezePair).await.unwrap();
    let found = s.case_background(&admin, case).await.unwrap();
    assert_eq!(found.subject_is_adult, None);
    let card = s.pair(&admin, scene.pair).await.unwrap();
    let same = |pair: &crate::decide::report::CasePair, card: &crate::service::PairDetails| {
        let (it, percent) = (&card.card, card.percent_done);
        assert_eq!((pair.pair, &pair.state, pair.started_at), (it.pair, &it.state, it.started_at));
        assert_eq!((pair.over_at, pair.percent_done), (it.over_at, percent));
        assert_eq!((pair.shown_reason, pair.private_reason), (it.reason, None));
    };
    same(&found.pairs[0], &card);
    assert_eq!(card.card.state.as_str(), "paused");
    let application = s.application(&admin, found.places[0].enrollment).await.unwrap();
    assert_eq!(found.places[0].answers, application.enrollment.answers);
    s.lift_interim(&admin, case, InterimAsk::FreezePair).await.unwrap();
    for shared in [false, true] {
        let tenant = TenantId::try_from(format!("harbour-{shared}")).unwrap();
        let scene = Scene::new(World::of(h.store.clone(), tenant)).await;
        let (world, s, admin) = (&scene.world, &scene.world.service, scene.world.other_admin());
        let case = scene.taken().await;
        s.end_pair(&world.person(2), scene.pair, EndKind::NotAFit, None, shared).await.unwrap();
        let found = s.case_background(&admin, case).await.unwrap();
        same(&found.pairs[0], &s.pair(&admin, scene.pair).await.unwrap());
        assert_eq!(found.pairs[0].shown_reason, shared.then_some(EndKind::NotAFit));
    }
    // Whoever made the match works nothing of it.
    let error = s.case_background(&world.admin(), case).await;
    assert_eq!(World::code(error), "conflict_of_interest");
    sound(world).await;
}

/// D23: where nobody has reported, a case is about all that it holds.
pub async fn d23_a_case_that_nobody_reported_shows_all_that_it_holds(h: Harness) {
    let scene = Scene::new(World::new(h.store)).await;
    let (world, s, staff) = (&scene.world, &scene.world.service, scene.world.staff());
    let elsewhere = world.program(|_| {}).await;
    let other = world.pair(elsewhere, 1, 3).await;
    let over = world.program(|_| {}).await;
    let over = world.pair(over, 1, 4).await;
    s.end_pair(&world.person(4), over, EndKind::NoTime, None, false).await.unwrap();
    let facts = AgeFacts { adult_on: None, zone: None };
    let case = s.record_age(&world.host_actor(), &who(1), facts).await.unwrap();
    let queue = s.platform_cases(&staff, world.first_page()).await.unwrap();
    let case = case.unwrap_or(queue.items[0].id);
    s.triage_case(&staff, case, &slug("suspected_minor"), Priority::P0).await.unwrap();
    s.take_case(&staff, case).await.unwrap();
    let found = s.case_background(&staff, case).await.unwrap();
    assert_eq!(found.subject_is_adult, Some(false));
    let mut pairs: Vec<_> = found.pairs.iter().map(|it| it.pair).collect();
    let mut expected = vec![scene.pair, other];
    pairs.sort_unstable();
    expected.sort_unstable();
    assert_eq!(pairs, expected);
    assert!(found.pairs.iter().all(|it| it.state.as_str() == "frozen"));
    assert_eq!(found.places.len(), 3, "the third is held, though its pair is over");
    assert!(found.places.iter().all(|it| it.state.as_str() == "suspended"));
    sound(world).await;
}
