//! Very many reports, filed by several at once and given up, given again and given twice: each that was
//! acknowledged stands once in every queue that it was meant for, and nothing else does.
//!
//! A run files 100,000 over the four stores. `MENTORSHIP_REPORTS` files so many on each:
//!
//! ```text
//! MENTORSHIP_REPORTS=100000 cargo test -p mentorship-sqlx --all-features --test reports -- --nocapture
//! ```
//!
//! `MENTORSHIP_SEED` chooses what is given up and where. What kills, cut connections and races do to reports
//! is tested beside all other commands.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod common;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use common::{
    File,
    dice::{Dice, times},
    dropped_after, runtime, server,
};
use mentorship_core::{
    base::id::{CaseId, CommandId, Id as _, ProgramId},
    conformance::{
        listings::all_after,
        make::{slug, tenant, who},
        world::World,
    },
    decide::report::ReportAsk,
    model::report::Tier,
    policy::actor::Actor,
    service::{Error, PageAsk, QueuedCase, Receipt},
    store::{CaseScope, Listed, Listing, PAGE_MAX, Page, Store},
};
use mentorship_memory::MemoryStore;
use uuid::Uuid;

/// Reports that one person may file in a day.
const A_DAY: u64 = 10;
/// How many file at the same time.
const WORKERS: u64 = 6;

/// What a report is about, and whether that takes it to the platform alone.
const CATEGORIES: [(&str, bool); 4] =
    [("scam", false), ("spam", false), ("solicitation", false), ("imminent_danger", true)];

/// The report of a number: who files it and what, and to whom it goes. Each reporter files as many as a day
/// allows, several of them at the same time.
fn report(number: u64) -> (u64, ReportAsk, Tier) {
    let reporter = 10_000 + number / A_DAY;
    let subject = 1_000_000 + number % 997;
    let (category, urgent) = CATEGORIES[usize::try_from(number % 4).unwrap()];
    let wanted = Tier::ALL[usize::try_from(number % 3).unwrap()];
    let ask = ReportAsk::new(who(subject), slug(category)).recipient(wanted);
    (reporter, ask, if urgent { Tier::Platform } else { wanted })
}

/// Files a report: as it is, given up somewhere and given again, or given twice at once.
async fn file(
    world: &World,
    program: ProgramId,
    (number, dice): (u64, &Mutex<Dice>),
) -> (CaseId, Tier) {
    let (reporter, ask, tier) = report(number);
    let command = CommandId::from_uuid(Uuid::from_u64_pair(number, 1));
    let by = world.person(reporter).with_command(command);
    let given = || world.service.file_report(&by, program, ask.clone());
    let (how, polls) = {
        let mut dice = dice.lock().unwrap();
        (dice.below(8), 1 + dice.below(40))
    };
    let told = |outcome: Result<Receipt, Error>| outcome.unwrap().case;
    let case = match how {
        0 => {
            let first = dropped_after(given(), polls).await.map(told);
            let case = told(given().await);
            assert!(first.is_none_or(|first| first == case), "one command, one case");
            case
        }
        1 => {
            let (one, other) = tokio::join!(given(), given());
            let case = told(one);
            assert_eq!(told(other), case, "one command, one case");
            case
        }
        _ => told(given().await),
    };
    (case, tier)
}

/// All cases of a queue, page by page as a reviewer reads it.
async fn queue(page: impl AsyncFn(PageAsk) -> Result<Page<QueuedCase>, Error>) -> Vec<CaseId> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let found = page(PageAsk { after, limit: PAGE_MAX }).await.unwrap();
        all.extend(found.items.iter().map(|case| case.id));
        after = found.next;
        if after.is_none() {
            all.sort_unstable();
            return all;
        }
    }
}

/// The acknowledged reports that these reviewers were to see.
fn meant(filed: &BTreeMap<CaseId, Tier>, sees: impl Fn(Tier) -> bool) -> Vec<CaseId> {
    filed.iter().filter(|(_, tier)| sees(**tier)).map(|(case, _)| *case).collect()
}

async fn each_is_in_its_queues(name: &str, store: Arc<dyn Store>, short: u64) {
    let count = times("MENTORSHIP_REPORTS", short);
    let world = World::new(store.clone());
    let program = world.program(|_| {}).await;
    let dice = Arc::new(Mutex::new(Dice::cast(name)));
    let next = Arc::new(AtomicU64::new(0));
    let worker = |_| {
        let (world, dice, next) = (world.clone(), dice.clone(), next.clone());
        tokio::spawn(async move {
            let mut filed = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return filed;
                }
                filed.push(file(&world, program, (number, &dice)).await);
            }
        })
    };
    let workers: Vec<_> = (0..WORKERS).map(worker).collect();
    let mut filed = BTreeMap::new();
    for worker in workers {
        for (case, tier) in worker.await.unwrap() {
            assert_eq!(filed.insert(case, tier), None, "two reports, one case");
        }
    }
    assert_eq!(u64::try_from(filed.len()).unwrap(), count);

    let (admin, staff): (Actor, Actor) = (world.other_admin(), world.staff());
    let s = &world.service;
    let groups = queue(async |page| s.group_cases(&admin, program, page).await).await;
    assert!(groups == meant(&filed, Tier::is_groups), "the group's queue on {name}");
    let platforms = queue(async |page| s.platform_cases(&staff, page).await).await;
    assert!(platforms == meant(&filed, Tier::is_platforms), "the platform's queue on {name}");
    let what = Listing::Cases { scope: CaseScope::Tenant };
    let all = all_after(&*store, &tenant(), &what, None, PAGE_MAX).await;
    let stored = all.iter().map(|item| match item {
        Listed::Case(case) => case.id,
        other => panic!("no case: {other:?}"),
    });
    let mut stored: Vec<_> = stored.collect();
    stored.sort_unstable();
    assert!(stored.iter().eq(filed.keys()), "what is stored on {name}");
    eprintln!(
        "{name}: {count} reports, {} in the group's queue and {} in the platform's, each once",
        groups.len(),
        platforms.len()
    );
}

#[test]
fn in_memory() {
    runtime().block_on(each_is_in_its_queues("memory", Arc::new(MemoryStore::new()), 60_000));
}

#[test]
fn on_sqlite() {
    runtime().block_on(async {
        let file = File::new();
        let store = file.store().await;
        each_is_in_its_queues("SQLite", Arc::new(store.clone()), 24_000).await;
        store.close().await;
    });
}

#[test]
fn on_postgres() {
    runtime().block_on(async {
        let Some((lent, store)) = server::lend_postgres().await else { return };
        each_is_in_its_queues("PostgreSQL", Arc::new(store), 8_000).await;
        lent.give_back().await;
    });
}

#[test]
fn on_mysql() {
    runtime().block_on(async {
        let Some((lent, store)) = server::lend_mysql().await else { return };
        each_is_in_its_queues("MariaDB", Arc::new(store), 8_000).await;
        lent.give_back().await;
    });
}
