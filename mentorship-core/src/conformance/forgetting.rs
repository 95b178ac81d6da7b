//! How long the audit log is kept (D21): for ever, or as long as the host says, and never less of what goes on.

use chrono::TimeDelta;

use super::{
    Harness,
    contract::{ground, store},
    listings::all,
    make::{self, id, slug, tenant, who},
    world::{World, step},
};
use crate::{
    base::{host::TenantId, text::Body, time::Timestamp},
    change::{Change, ChangeSet, Key},
    decide::report::ReportAsk,
    model::{enrollment::Role, event::AuditEvent, pair::EndKind},
    service::PageAsk,
    store::{Listed, Listing, Store, ask::AuditScope},
};

fn day(n: i64) -> Timestamp {
    make::start() + TimeDelta::days(n)
}

/// Ids of the events of a scope, in order.
async fn events(store: &dyn Store, scope: AuditScope) -> Vec<crate::base::id::EventId> {
    let found = all(store, &Listing::Audit { scope }, 2).await;
    let id = |it: Listed| match it {
        Listed::Audit(event) => event.id,
        other => panic!("no event: {other:?}"),
    };
    found.into_iter().map(id).collect()
}

/// An event that goes is gone from every list; again it is nothing, and all others stay, also the same one of another
/// tenant. What is younger than thirty days before the last one is never over.
pub async fn a_forgotten_event_is_gone_everywhere(h: Harness) {
    store(&*h.store, ground()).await;
    let other = TenantId::try_from("elsewhere").unwrap();
    for tenant in [tenant(), other.clone()] {
        let mut set = ChangeSet::new(tenant);
        for (n, at) in [(1, day(0)), (2, day(1)), (3, day(10)), (4, day(11)), (5, day(40))] {
            set.audit.push(make::event(n, Key::Person(who(1)), at));
        }
        store(&*h.store, set).await;
    }
    let over = async |before| events(&*h.store, AuditScope::Over { before }).await;
    assert!(over(day(0)).await.is_empty(), "before, and not at");
    assert_eq!(over(day(5)).await, [1, 2].map(id));
    assert_eq!(over(day(90)).await, [1, 2, 3].map(id), "thirty days stay");
    for _ in 0..2 {
        let mut set = ChangeSet::new(tenant());
        for n in [1, 3, 9] {
            set.put(Change::ForgetEvent { at: if n == 3 { day(10) } else { day(0) }, id: id(n) });
        }
        store(&*h.store, set).await;
        for scope in [
            AuditScope::Tenant,
            AuditScope::Program { program: id(1), private: true },
            AuditScope::Subject(Key::Person(who(1))),
            AuditScope::Actor(who(1)),
        ] {
            assert_eq!(events(&*h.store, scope.clone()).await, [2, 4, 5].map(id), "{scope:?}");
        }
    }
    let mut unit = h.store.unit().await.unwrap();
    let what = Listing::Audit { scope: AuditScope::Tenant };
    let ask = crate::store::ListAsk { tenant: other, what, after: None, limit: 50 };
    assert_eq!(unit.list(&ask).await.unwrap().items.len(), 5);
}

/// D21: what happened to what goes on stays, whatever the host says, and so does what is younger; the rest goes in
/// the sweep, a batch at a time. A host that says nothing keeps everything.
pub async fn d21_the_audit_log_is_kept_as_long_as_the_host_says(h: Harness) {
    let world = World::new(h.store);
    let (s, admin, program) = (&world.service, world.admin(), world.program(|_| {}).await);
    let log = async || {
        let mut all: Vec<AuditEvent> = Vec::new();
        let mut after = None;
        loop {
            let page = s.audit(&world.staff(), PageAsk { limit: 200, after }).await.unwrap();
            all.extend(page.items);
            after = page.next;
            if after.is_none() {
                return all;
            }
        }
    };
    let (live, ended) = (world.pair(program, 1, 2).await, world.pair(program, 3, 4).await);
    s.end_pair(&world.person(3), ended, EndKind::NoTime, None, false).await.unwrap();
    let stays = world.enroll(program, 5, Role::Mentor).await;
    let left = world.enroll(program, 6, Role::Mentor).await;
    s.withdraw_enrollment(&world.person(6), left).await.unwrap();
    let mentee = world.enroll(program, 7, Role::Mentee).await;
    let offer = world.offer(stays, mentee).await;
    s.decline(&world.person(5), offer, None).await.unwrap();
    let other = world.enroll(program, 10, Role::Mentee).await;
    let waits = s.stage_proposal(&admin, stays, other, None).await.unwrap().proposal;
    let draft = world.draft(|_| {}).await;
    s.discard_program(&admin, draft).await.unwrap();
    s.block(&world.person(20), &who(21)).await.unwrap();
    let report = async |n: u64| {
        let report = ReportAsk::new(who(n), slug("scam"));
        s.file_report(&world.person(8), program, report).await.unwrap().case
    };
    let (open, taken_back) = (report(1).await, report(9).await);
    assert!(s.withdraw_report(&world.person(8), taken_back).await.unwrap());
    let then = world.now();
    for week in 0..7_u64 {
        let words = Body::new(&format!("Week {week}.")).unwrap();
        s.post(&world.person(1 + week % 2), live, &step("hello"), None, words).await.unwrap();
        world.days(7);
        let done = world.sweep().await.done;
        assert_eq!(done.get("audit.forget"), None, "nobody has said so");
    }
    let before = log().await;
    let keeping = world.keeping_audit(40);
    let done = keeping.sweep().await.done;
    let after = log().await;
    let gone = before.len() - after.len();
    assert!(gone > 10, "{done:?}");
    let cut = world.now() - TimeDelta::days(40);
    assert!(before.iter().filter(|it| it.at >= cut).all(|it| after.contains(it)), "too early");
    let kept = |key: Key| after.iter().any(|it| it.at <= then && it.subject == key);
    let two = crate::base::people::PersonPair::new(who(20), who(21)).unwrap();
    for key in [
        Key::Pair(live),
        Key::Enrollment(stays),
        Key::Proposal(waits),
        Key::Program(program),
        Key::Case(open),
        Key::Case(taken_back),
    ] {
        assert!(kept(key.clone()), "{key:?} goes on");
    }
    for key in [
        Key::Pair(ended),
        Key::Enrollment(left),
        Key::Proposal(offer),
        Key::Program(draft),
        Key::Relation(two),
    ] {
        assert!(before.iter().any(|it| it.at <= then && it.subject == key), "{key:?}");
        assert!(!kept(key.clone()), "{key:?} is over");
    }
    assert_eq!(keeping.sweep().await.done.get("audit.forget"), None, "once");
    // A case lets go of what it held a year after it was over, and of its events with it.
    world.days(366);
    keeping.sweep().await;
    let late = log().await;
    let kept = |key: Key| late.iter().any(|it| it.at <= then && it.subject == key);
    assert!(!kept(Key::Case(taken_back)) && kept(Key::Case(open)));
}
