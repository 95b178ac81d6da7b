//! What goes on after something is over: a program that is archived (D24), a pair whose partner has left (D29).

use super::{
    Harness,
    make::{group, slug, who},
    world::World,
};
use crate::{
    base::text::{Body, Note, Title},
    decide::report::ReportAsk,
    model::{
        enrollment::Role,
        report::{Ground, Measure, Outcome, Reasons, Verdict},
    },
    service::{ExportAsk, PageAsk},
};

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
    let reasons = Reasons {
        ground: Ground::Terms,
        clause: Title::new("Rule 3: no selling").unwrap(),
        facts: Note::new("A course was sold in a post.").unwrap(),
        why: Note::new("Nothing is to be sold.").unwrap(),
        detected: false,
        automated: false,
        redress: Note::new("You may appeal within six months.").unwrap(),
    };
    let warn = Verdict { outcome: Outcome::Actioned, measures: vec![Measure::Warn], reasons };
    s.decide_case(&world.staff(), open, warn).await.unwrap();
    s.appeal_case(&one, open, Body::new("It was a joke.").unwrap()).await.unwrap();
    assert_eq!(s.my_statements(&one, PageAsk::default()).await.unwrap().items.len(), 1);
    s.block(&two, &who(1)).await.unwrap();
    let export = s.export_person(&two, &who(2), ExportAsk::default()).await.unwrap();
    assert_eq!((export.pairs.len(), export.blocks.len(), export.reports.len()), (1, 1, 1));
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
