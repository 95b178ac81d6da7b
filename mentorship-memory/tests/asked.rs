//! What a store is asked, and how often, is bounded: it does not grow with how many somebody has to be asked about,
//! and nothing is counted that nobody needs.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test states what it expects")]

use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use async_trait::async_trait;
use mentorship_core::{
    change::{Change, ChangeSet},
    conformance::{
        contract::{ground, set_of, store},
        make::{self, after, group, id, slug, tenant, who},
        through::{Hook, Through},
        world::World,
    },
    decide::report::ReportAsk,
    model::proposal::{Origin, Proposal, ProposalState},
    policy::actor::Actor,
    service::{COMPARED_DRAFTS_MAX, Mentorship, PublishAsk},
};
use mentorship_memory::MemoryStore;

#[derive(Clone, Debug, Default)]
struct Count(Arc<AtomicUsize>);

#[async_trait]
impl Hook for Count {
    fn asked(&self, _method: &'static str, _ask: &dyn Debug) {
        self.0.fetch_add(1, Relaxed);
    }

    async fn before_apply(&self, _changes: &mut ChangeSet) {}
}

/// What filing a report asks the store where the group has so many admins, all of whom might review it.
async fn asked(admins: u64) -> usize {
    let count = Count::default();
    let store = Through::hooked(Arc::new(MemoryStore::new()), count.clone());
    let (world, _keys) = World::new(Arc::new(store)).keyed();
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    world.host.admins((900..900 + admins).map(who));
    count.0.store(0, Relaxed);
    let report = ReportAsk::new(who(1), slug("scam"));
    world.service.file_report(&world.person(2), program, report).await.unwrap();
    count.0.load(Relaxed)
}

#[test]
fn admins_are_looked_up_together() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (two, fifty) = runtime.block_on(async { (asked(2).await, asked(50).await) });
    assert!(two > 0);
    assert_eq!(two, fifty);
}

#[derive(Clone, Debug, Default)]
struct Texts(Arc<Mutex<Vec<String>>>);

impl Texts {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Hook for Texts {
    fn asked(&self, method: &'static str, ask: &dyn Debug) {
        self.0.lock().unwrap().push(format!("{method} {ask:?}"));
    }

    async fn before_apply(&self, _changes: &mut ChangeSet) {}
}

/// Two runs, 60 and 61, of a program with its admin; the first is of as many drafts as may be compared.
async fn two_runs() -> (MemoryStore, Mentorship, Actor, Texts) {
    let (memory, texts) = (MemoryStore::new(), Texts::default());
    store(&memory, ground()).await;
    let runs = [60, 61].map(|n| Change::Run(Box::new(make::run(n, 1))));
    store(&memory, set_of(runs)).await;
    // What was taken back of the same two, since nobody is a draft with the same one twice.
    let drafts: Vec<_> = (0..COMPARED_DRAFTS_MAX).collect();
    for some in drafts.chunks(500) {
        store(&memory, set_of(some.iter().map(|n| Change::Proposal(draft(*n))))).await;
    }
    let through = Through::hooked(Arc::new(memory.clone()), texts.clone());
    let service = World::new(Arc::new(through)).service;
    (memory, service, Actor::group_admin(tenant(), who(900), group()), texts)
}

fn draft(n: u64) -> Proposal {
    Proposal {
        state: ProposalState::Withdrawn { at: after(7) },
        offered_at: None,
        origin: Origin::Run,
        run: Some(id(60)),
        ..make::proposal(100_000 + n, 1, (11, 1), (14, 4))
    }
}

/// Of two runs that are compared all drafts are in memory: one of too many is refused by field and limit, before any
/// of them is read.
#[test]
fn a_run_of_too_many_drafts_is_not_compared() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (memory, service, admin, texts) = two_runs().await;
        let compared = service.compare_runs(&admin, id(60), id(61)).await.unwrap();
        assert_eq!((compared.kept, compared.moved.len()), (0, 1));
        store(&memory, set_of([Change::Proposal(draft(COMPARED_DRAFTS_MAX))])).await;
        for (first, second, field) in [(60, 61, "first"), (61, 60, "second"), (60, 60, "first")] {
            texts.take();
            let refused = service.compare_runs(&admin, id(first), id(second)).await.unwrap_err();
            assert_eq!(refused.code(), "input.too_many");
            assert_eq!(refused.params()["field"], field);
            let said = refused.to_string();
            assert!(said.contains("20001 drafts; at most 20000"), "{said}");
            let asked = texts.take();
            assert!(asked.iter().all(|it| it.starts_with("run_view")), "{asked:?}");
        }
        service.compare_runs(&admin, id(61), id(61)).await.unwrap();
    });
}

/// Drafts are counted for whoever reads how many there are, and not anew for each page that is published or read.
#[test]
fn drafts_of_a_run_are_counted_only_to_be_told() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let (_, service, admin, texts) = two_runs().await;
        let counted = || {
            let asked = texts.take();
            let views: Vec<_> = asked.iter().filter(|it| it.starts_with("run_view")).collect();
            assert_eq!(views.len(), 1, "{asked:?}");
            views[0].contains("with_drafts: true")
        };
        service.staged_run(&admin, id(60)).await.unwrap();
        assert!(counted());
        service.publish_run(&admin, id(61), PublishAsk::default()).await.unwrap();
        assert!(!counted());
        let page = mentorship_core::service::PageAsk::default();
        service.proposals_of_run(&admin, id(60), page).await.unwrap();
        assert!(!counted());
    });
}
