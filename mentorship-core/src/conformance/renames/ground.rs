//! A tenant in which one person has left a trace of every kind, and a look at everything that it holds.

use std::fmt::Write as _;

use crate::{
    base::{
        host::PersonId,
        id::{PairId, ProgramId},
        text::{Body, Note, Title},
    },
    conformance::{
        census::{census, views},
        listings::all_after,
        make::{group, slug, who},
        world::{World, sign_up},
    },
    decide::{journal::CheckInInput, report::ReportAsk},
    model::{
        enrollment::Role,
        journal::CheckInKind,
        pair::EndKind,
        report::{Ground, InterimAsk, Measure, Outcome, Priority, Reasons, Ruling, Verdict},
    },
    policy::actor::Actor,
    store::{
        CaseAsk, ClaimAsk, Consumer, Envelope, Listing, PAGE_MAX, ParkedAsk, ask::PeopleScope,
    },
};

/// A key of the host's own.
pub(super) fn key(text: &str) -> PersonId {
    PersonId::try_from(text).unwrap()
}

/// Somebody under a key that no number tells.
pub(super) fn acting(world: &World, person: &PersonId) -> Actor {
    Actor::person(world.tenant.clone(), person.clone())
}

/// Sets everything aside that waits in the outbox.
async fn park(world: &World) {
    let outbox = world.store.outbox().unwrap();
    let until = world.now() + chrono::TimeDelta::hours(1);
    let claimed = outbox.claim(&ClaimAsk::new(world.now(), until)).await.unwrap();
    let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
    outbox.park(&receipts).await.unwrap();
}

/// Person 2 is a mentor and a mentee; has a live pair, one that is over, an open offer, a draft and a
/// request of their own; writes, blocks, is blocked, wishes; and is told things that were delivered, set
/// aside and not delivered yet. Gives the live pair.
pub async fn lived(world: &World) -> PairId {
    let s = &world.service;
    let me = world.person(2);
    let first = world.program(|policy| policy.max_mentor_capacity = 8).await;
    let input = crate::decide::enrollment::Apply { capacity: Some(6), ..sign_up(Role::Mentor) };
    let mentor = world.enroll_with(first, 2, input).await.unwrap();
    let mut mentees = Vec::new();
    for n in 3..=5 {
        mentees.push(world.enroll(first, n, Role::Mentee).await);
    }
    let offer = world.offer(mentor, mentees[0]).await;
    let over = world.accept(offer, 2, 3).await;
    let body = |text: &str| Body::new(text).unwrap();
    s.post(&me, over, &slug("hello"), None, body("Ahoy!")).await.unwrap();
    s.end_pair(&world.person(3), over, EndKind::NoTime, None, false).await.unwrap();
    drop(world.messages().await);
    s.restart_pair(&me, over).await.unwrap();
    world.offer(mentor, mentees[1]).await;
    s.stage_proposal(&world.admin(), mentor, mentees[2], None).await.unwrap();
    park(world).await;
    let second = world.program(|_| {}).await;
    let live = world.pair(second, 1, 2).await;
    s.post(&me, live, &slug("hello"), None, body("Here.")).await.unwrap();
    s.post(&world.person(1), live, &slug("hello"), None, body("There.")).await.unwrap();
    let kind = CheckInKind::Week { number: 1 };
    let (score, note) = (Some(4), None);
    let input = CheckInInput { kind, score, note, note_shared: false, testimonial: None };
    s.check_in(&me, live, input).await.unwrap();
    s.block(&world.person(8), &who(2)).await.unwrap();
    for n in [6, 9] {
        s.block(&me, &who(n)).await.unwrap();
        s.avoid(&me, &who(n + 1), true).await.unwrap();
    }
    s.wish_for(&me, &who(1), true).await.unwrap();
    s.wish_for(&world.person(5), &who(2), true).await.unwrap();
    s.lift_block(&me, &who(6)).await.unwrap();
    s.set_reminders(&me, true).await.unwrap();
    report(world, first).await;
    // What is said to a person alone has a lane that is made of their key.
    let asked = world.program(|policy| policy.approval = true).await;
    for n in [1, 2] {
        let place = world.enroll(asked, n, Role::Mentor).await;
        s.approve(&world.admin(), place).await.unwrap();
    }
    live
}

/// Person 2 reports, is reported and muted, has a report that is the same as another one, and reviews, holds,
/// decides and rules as an admin.
async fn report(world: &World, program: ProgramId) {
    let s = &world.service;
    let (me, other) = (world.person(2), world.other_admin());
    let admin = Actor::group_admin(world.tenant.clone(), who(2), group());
    let file = async |by: &Actor, of: u64| {
        let report = ReportAsk::new(who(of), slug("spam")).text(Body::new("So.").unwrap());
        s.file_report(by, program, report).await.unwrap().case
    };
    let take = async |by: &Actor, case| {
        s.triage_case(by, case, &slug("spam"), Priority::P3).await.unwrap();
        s.take_case(by, case).await.unwrap();
    };
    let verdict = |measures: &[Measure]| Verdict {
        outcome: if measures.is_empty() { Outcome::NoAction } else { Outcome::Actioned },
        measures: measures.to_vec(),
        reasons: Reasons {
            ground: Ground::Terms,
            clause: Title::new("Rule 3").unwrap(),
            facts: Note::new("It was so.").unwrap(),
            why: Note::new("Nothing is to be sold.").unwrap(),
            detected: false,
            automated: false,
            redress: Note::new("Appeal.").unwrap(),
        },
    };
    file(&me, 3).await;
    let about_me = file(&world.person(5), 2).await;
    take(&other, about_me).await;
    s.decide_case(&other, about_me, verdict(&[Measure::Warn])).await.unwrap();
    // The same as what somebody else has reported: a witness there.
    let (theirs, mine) = (file(&world.person(5), 11).await, file(&me, 11).await);
    take(&other, mine).await;
    s.merge_case(&other, mine, theirs).await.unwrap();
    // As a reviewer: of one that is decided, one whose appeal is, and one that is worked.
    let (decided, ruled) = (file(&world.person(12), 13).await, file(&world.person(14), 13).await);
    for (first, case) in [(&admin, decided), (&other, ruled)] {
        take(first, case).await;
        s.decide_case(first, case, verdict(&[])).await.unwrap();
    }
    s.appeal_case(&world.person(14), ruled, Body::new("No.").unwrap()).await.unwrap();
    let reasons = verdict(&[]).reasons;
    s.rule_on_appeal(&admin, ruled, Ruling::Upheld, &[], reasons).await.unwrap();
    let worked = file(&world.person(15), 13).await;
    take(&admin, worked).await;
    // And of one that holds something.
    let holding = file(&world.person(16), 5).await;
    take(&admin, holding).await;
    s.take_interim(&admin, holding, InterimAsk::SuspendEnrollments).await.unwrap();
    s.mute_reporter(&world.staff(), &who(2), None).await.unwrap();
}

/// Everything that can be read of the world's tenant, as a text. Takes the messages that wait.
pub async fn everything(world: &World, people: &[PersonId]) -> String {
    let census = census(&*world.store, &world.tenant).await;
    let mut all = format!("{census:?}");
    let mut unit = world.store.unit().await.unwrap();
    for case in census.cases.keys() {
        let (tenant, actor) = (world.tenant.clone(), Some(who(901)));
        let ask = CaseAsk { tenant, case: *case, actor, with_evidence: true, content: None };
        write!(all, "{:?}", unit.case_view(&ask).await.unwrap()).unwrap();
    }
    let views = views(&world.store, &world.tenant, &census).await;
    write!(all, "{views:?}").unwrap();
    for person in people {
        for what in [
            Listing::BlocksBy { person: person.clone() },
            Listing::AvoidsBy { person: person.clone() },
            Listing::WishesBy { person: person.clone() },
            Listing::People { scope: PeopleScope::Muted },
        ] {
            let found = all_after(&*world.store, &world.tenant, &what, None, PAGE_MAX).await;
            write!(all, "{found:?}").unwrap();
        }
    }
    let ask = ParkedAsk {
        tenant: world.tenant.clone(),
        consumer: Consumer::default(),
        after: None,
        limit: PAGE_MAX,
    };
    let parked = world.store.outbox().unwrap().parked(&ask).await.unwrap();
    assert!(!parked.items.is_empty(), "something was set aside");
    write!(all, "{parked:?}{:?}", world.messages().await).unwrap();
    all
}
