//! What goes on after something is over: a program that is archived (D24), a pair whose partner has left (D29).

use super::{
    Harness,
    census::Watch,
    make::{group, slug, who},
    world::World,
};
use crate::{
    base::{
        host::TenantId,
        id::CaseId,
        text::{Body, Note, Title},
    },
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        pair::{EndKind, PairState},
        report::{Ground, Measure, Outcome, Priority, Reasons, Ruling, Verdict},
    },
    policy::actor::Actor,
    service::{ExportAsk, PageAsk},
    store::PairAsk,
};

fn reasons() -> Reasons {
    Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3: no selling").unwrap(),
        facts: Note::new("A course was sold in a post.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("You may appeal within six months.").unwrap(),
    }
}

/// D24: in an archived program people still read what they wrote, report, block, appeal and export.
pub async fn d24_reports_blocks_appeals_and_exports_go_on_in_the_archive(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let (s, admin) = (&world.service, world.admin());
    let (one, two) = (world.person(1), world.person(2));
    let pair = world.pair(program, 1, 2).await;
    let body = Body::new("Buy my course.").unwrap();
    s.post(&one, pair, &slug("hello"), None, body).await.unwrap();
    let open = ReportAsk::new(who(1), slug("scam"));
    let open = s.file_report(&two, program, open).await.unwrap().case;
    s.wind_down_program(&admin, program).await.unwrap();
    assert_eq!(World::code(s.archive_program(&admin, program).await), "program.has_live_pairs");
    s.schedule_archive(&admin, program).await.unwrap();
    world.days(15);
    world.sweep().await;
    let details = s.program(&world.staff(), program).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
    let card = s.pair(&two, pair).await.unwrap().card;
    assert_eq!((card.state, card.note), (slug("ended"), None));
    assert_eq!(s.thread(&two, pair, None, PageAsk::default()).await.unwrap().posts.len(), 1);

    let late = ReportAsk::new(who(1), slug("spam"));
    s.file_report(&world.person(3), program, late).await.unwrap();
    world.work(&world.staff(), open).await;
    let reasons = reasons();
    let warn = Verdict { outcome: Outcome::Actioned, measures: vec![Measure::Warn], reasons };
    s.decide_case(&world.staff(), open, warn).await.unwrap();
    s.appeal_case(&one, open, Body::new("It was a joke.").unwrap()).await.unwrap();
    assert_eq!(s.my_statements(&one, PageAsk::default()).await.unwrap().items.len(), 1);
    s.block(&two, &who(1)).await.unwrap();
    let export = s.export_person(&two, &who(2), ExportAsk::default()).await.unwrap();
    assert_eq!((export.pairs.len(), export.blocks.len(), export.reports.len()), (1, 1, 1));
}

/// How somebody comes to be gone from a group, or from the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gone {
    /// They left, or the group removed them: the host says no more than that.
    Left,
    /// The platform banned them, in another case.
    Banned,
}

/// D29: whoever is part of an open case leaves, is removed or is banned, as its subject or as its reporter. All that
/// they had ends, their partner waits since they first did, and the case goes on: it is decided, appealed against by
/// whoever is gone, and ruled on.
pub async fn d29_an_open_case_goes_on_without_its_member(h: Harness) {
    for (gone, way) in [(1, Gone::Left), (1, Gone::Banned), (2, Gone::Left), (2, Gone::Banned)] {
        let tenant = format!("{way:?}-{gone}").to_lowercase();
        let world = World::of(h.store.clone(), TenantId::try_from(tenant.as_str()).unwrap());
        let (s, program, staff) = (&world.service, world.program(|_| {}).await, world.staff());
        let work = async |case: CaseId| {
            s.triage_case(&staff, case, &slug("threats"), Priority::P1).await.unwrap();
            s.take_case(&staff, case).await.unwrap();
        };
        let decide = async |case: CaseId, measure: Measure| {
            let (outcome, measures) = (Outcome::Actioned, vec![measure]);
            let verdict = Verdict { outcome, measures, reasons: reasons() };
            s.decide_case(&staff, case, verdict).await.unwrap();
        };
        let report = async |by: u64, about: u64| {
            let report = ReportAsk::new(who(about), slug("threats"));
            s.file_report(&world.person(by), program, report).await.unwrap().case
        };
        let place = async |n: u64| {
            let page = s.my_enrollments(&world.person(n), PageAsk::default()).await.unwrap();
            let it = page.items.into_iter().next().unwrap();
            (it.state.code(), it.priority_since)
        };
        // Whoever stays has waited first.
        let (since, stays) = (world.now(), 3 - gone);
        let roles = [(1, Role::Mentor), (2, Role::Mentee)];
        let mut places = std::collections::BTreeMap::new();
        for (n, role) in roles.into_iter().filter(|it| it.0 == stays) {
            places.insert(n, world.enroll(program, n, role).await);
        }
        world.days(3);
        for (n, role) in roles.into_iter().filter(|it| it.0 == gone) {
            places.insert(n, world.enroll(program, n, role).await);
        }
        let offer = world.offer(places[&1], places[&2]).await;
        let pair = world.accept(offer, 1, 2).await;
        let case = report(2, 1).await;
        work(case).await;
        world.days(1);
        let expected = match way {
            Gone::Left => {
                s.leave_group(&world.host_actor(), &who(gone), &group()).await.unwrap();
                EndKind::LeftGroup
            }
            Gone::Banned => {
                let ban = report(30, gone).await;
                work(ban).await;
                decide(ban, Measure::BanFromTenant { until: None }).await;
                EndKind::SafetyDecision
            }
        };
        assert_eq!(place(gone).await.0, "removed", "{way:?}");
        assert_eq!(place(stays).await, ("active", since), "{way:?}");
        let ask = PairAsk { tenant: world.tenant.clone(), pair, post: None, actor: None };
        let view = world.store.unit().await.unwrap().pair_view(&ask).await.unwrap().unwrap();
        assert!(
            matches!(&view.pair.state, PairState::Ended { end, .. } if end.kind == expected),
            "{:?}",
            view.pair.state
        );
        // Neither is the partner told how.
        let card = s.pair(&world.person(stays), pair).await.unwrap().card;
        assert_eq!((card.reason, card.note), (None, None), "{way:?}");

        decide(case, Measure::Warn).await;
        let appeal = Body::new("Look again.").unwrap();
        s.appeal_case(&world.person(gone), case, appeal).await.unwrap();
        let judge = Actor::staff(world.tenant.clone(), who(991));
        s.rule_on_appeal(&judge, case, Ruling::Upheld, &[], reasons()).await.unwrap();
        let told = s.my_statements(&world.person(1), PageAsk::default()).await.unwrap().items;
        let told = told.iter().find(|it| it.case == case).unwrap();
        assert_eq!(told.appeal.as_ref().unwrap().0, Ruling::Upheld);
        let reports = s.my_reports(&world.person(2), PageAsk::default()).await.unwrap().items;
        let own = reports.iter().find(|it| it.case == case).unwrap();
        assert_eq!((own.outcome, own.ruling), (Some(Outcome::Actioned), Some(Ruling::Upheld)));
        let checked = Watch::of(world.tenant.clone()).check(&*world.store, world.now()).await;
        assert!(checked.is_ok(), "{:?}", checked.err());
    }
}

/// D29: whose partner leaves the group waits for another one as long as they had waited before.
pub async fn d29_the_partner_waits_since_they_first_did(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let s = &world.service;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let since = world.now();
    world.days(3);
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let offer = world.offer(mentor, mentee).await;
    let pair = world.accept(offer, 1, 2).await;
    world.days(9);
    s.leave_group(&world.host_actor(), &who(1), &group()).await.unwrap();
    assert_eq!(world.pair_state(2, pair).await, "ended");
    let left = s.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap();
    assert_eq!(left.items[0].state.code(), "removed");
    let place = s.my_enrollments(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(place.items[0].state.code(), "active");
    assert_eq!(place.items[0].priority_since, since);
    let other = world.enroll(program, 3, Role::Mentor).await;
    world.offer(other, mentee).await;
}
