//! Many at once, by a process that is killed in the middle: the same call again goes on where it stopped,
//! and in the end everything happened once.
//!
//! `MENTORSHIP_KILLS` says how often each kind of work is killed on each database, and how much of it there
//! is (default 15; a fifth of that on a server):
//!
//! ```text
//! MENTORSHIP_KILLS=200 cargo test -p mentorship-sqlx --all-features --test bulk -- --nocapture
//! ```
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
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
};

use chrono::TimeDelta;
use common::{
    File,
    dice::{Dice, times},
    runtime, server,
};
use mentorship_core::{
    base::{
        id::{EnrollmentId, Id as _, ProgramId},
        time::ManualClock,
    },
    conformance::{
        census::records,
        make::{self, who},
        world::{TestHost, World, sign_up},
    },
    model::enrollment::Role,
    policy::actor::Actor,
    service::{Mentorship, ProposedPair, PublishAsk, SignUp, SweepAsk},
    store::Store,
};
use mentorship_memory::MemoryStore;
use mentorship_sqlx::{
    MySqlStore, PostgresStore, Prefix, SqliteStore,
    sqlx::{mysql::MySqlPool, postgres::PgPool},
};
use tokio::runtime::Runtime;

/// What the process that is to be killed is told.
const ORDERS: &str = "MENTORSHIP_BULK_ORDERS";
/// The test that is that process.
const NAME: &str = "what_a_killed_process_began_is_gone_on_with";
/// Records in one call: some groups of those that are written together.
const CALL: u16 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Work {
    Import,
    Stage,
    Publish,
    Sweep,
}

impl Work {
    const ALL: [Self; 4] = [Self::Import, Self::Stage, Self::Publish, Self::Sweep];

    fn named(name: &str) -> Self {
        *Self::ALL.iter().find(|work| format!("{work:?}") == name).unwrap()
    }
}

fn role(n: u64) -> Role {
    if n % 2 == 1 { Role::Mentor } else { Role::Mentee }
}

/// Does all of it, from the start, whatever was done before, and says so after each call.
async fn work(store: Arc<dyn Store>, work: Work, program: ProgramId, people: u64, said: impl Fn()) {
    let clock = ManualClock::new(make::start());
    if work == Work::Sweep {
        clock.advance(TimeDelta::days(30));
    }
    let service = Mentorship::builder(store.clone(), TestHost::default()).clock(clock).build();
    // None of those who sign up: nobody pairs themselves.
    let admin = Actor::group_admin(make::tenant(), who(1_000_000), make::group());
    match work {
        Work::Import => {
            let all: Vec<u64> = (1..=people).collect();
            for some in all.chunks(usize::from(CALL)) {
                let sign_up = |n: &u64| SignUp { person: who(*n), apply: sign_up(role(*n)) };
                let some: Vec<SignUp> = some.iter().map(sign_up).collect();
                let host = Actor::host(make::tenant());
                drop(service.enroll_many(&host, program, &some).await.unwrap());
                said();
            }
        }
        // Staged again is refused, unless it is the same command.
        Work::Stage => {
            let places = places(&*store).await;
            let pairs = (1..=people / 2).map(|n| ProposedPair {
                mentor: places[who(2 * n - 1).as_str()],
                mentee: places[who(2 * n).as_str()],
            });
            let pairs: Vec<ProposedPair> = pairs.collect();
            for (some, number) in pairs.chunks(usize::from(CALL)).zip(1..) {
                let admin = admin.clone().with_command(make::id(number));
                let staged = service.stage_proposals(&admin, some).await.unwrap();
                assert!(
                    staged.iter().all(Result::is_ok),
                    "{:?}",
                    staged.iter().find(|it| it.is_err())
                );
                said();
            }
        }
        Work::Publish => {
            let mut ask = PublishAsk { limit: CALL, after: None };
            loop {
                let report = service.publish_drafts(&admin, program, ask.clone()).await.unwrap();
                said();
                ask.after = report.next;
                if ask.after.is_none() {
                    return;
                }
            }
        }
        Work::Sweep => {
            let mut ask = SweepAsk { limit: CALL, after: None };
            let clock = Actor::clock(make::tenant());
            loop {
                let report = service.sweep(&clock, ask.clone()).await.unwrap();
                assert_eq!(report.failed, 0);
                said();
                ask.after = report.next;
                if ask.after.is_none() {
                    return;
                }
            }
        }
    }
}

/// Everybody's place.
async fn places(store: &dyn Store) -> BTreeMap<String, EnrollmentId> {
    let all = records(store, &make::tenant(), None).await.enrollments;
    all.values().map(|it| (it.person.as_str().to_owned(), it.id)).collect()
}

/// How often each thing happened, and in which version every record is.
async fn happened(store: &dyn Store) -> BTreeMap<String, u64> {
    let all = records(store, &make::tenant(), None).await;
    let enrollments = all
        .enrollments
        .values()
        .map(|it| format!("enrollment of {:?} {} {:?}", it.person, it.state.code(), it.version));
    let proposals = all.proposals.values().map(|it| {
        format!("proposal to {:?} {} {:?}", it.mentee_person, it.state.code(), it.version)
    });
    let audit = all.audit.iter().map(|it| format!("{} {:?}", it.action, it.actor));
    let mut counts = BTreeMap::new();
    for what in enrollments.chain(proposals).chain(audit) {
        *counts.entry(what).or_insert(0) += 1;
    }
    counts
}

async fn open(kind: &str, at: &str, prefix: &str) -> Arc<dyn Store> {
    let prefix = || Prefix::new(prefix).unwrap();
    match kind {
        "SQLite" => Arc::new(SqliteStore::open(at).await.unwrap()),
        "PostgreSQL" => Arc::new(PostgresStore::new(PgPool::connect(at).await.unwrap(), prefix())),
        _ => Arc::new(MySqlStore::new(MySqlPool::connect(at).await.unwrap(), prefix())),
    }
}

/// A process that does some work.
struct Victim {
    process: Child,
    says: BufReader<ChildStdout>,
}

impl Victim {
    fn start(orders: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args([NAME, "--exact", "--nocapture"]).env(ORDERS, orders);
        let mut process = command.stdout(Stdio::piped()).stderr(Stdio::inherit()).spawn().unwrap();
        let says = BufReader::new(process.stdout.take().unwrap());
        Self { process, says }
    }

    /// Waits for so many calls; false if the work is over before.
    fn calls(&mut self, mut calls: u64) -> bool {
        while calls > 0 {
            let mut line = String::new();
            assert!(self.says.read_line(&mut line).unwrap() > 0, "it failed");
            match line.trim() {
                "called" => calls -= 1,
                "over" => return false,
                _ => {}
            }
        }
        true
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = (self.process.kill(), self.process.wait());
    }
}

fn to_be_killed(orders: &str) {
    let orders: Vec<&str> = orders.split('|').collect();
    let [kind, at, prefix, what, program, people] = orders[..] else { panic!("six orders") };
    let say = |line: &str| {
        let mut out = std::io::stdout().lock();
        out.write_all(line.as_bytes()).and_then(|()| out.flush()).unwrap();
    };
    runtime().block_on(async {
        let store = open(kind, at, prefix).await;
        let program = ProgramId::from_uuid(program.parse().unwrap());
        let people = people.parse().unwrap();
        work(store, Work::named(what), program, people, || say("called\n")).await;
    });
    say("over\n");
}

/// One database: all the work, killed again and again, and what came of it beside what comes of it where
/// nobody disturbs.
fn killed(run: &Runtime, [kind, at, prefix]: [&str; 3], store: &Arc<dyn Store>, kills: u64) {
    let people = 600 * (1 + kills / 4);
    let mut dice = Dice::cast(kind);
    let program = run.block_on(World::new(store.clone()).program(|_| {}));
    let mut under_way = 0;
    for what in Work::ALL {
        let orders = format!("{kind}|{at}|{prefix}|{what:?}|{program}|{people}");
        let calls = people / u64::from(CALL);
        for kill in 0..kills {
            let mut victim = Victim::start(&orders);
            // Further and further: what was done before is passed over quickly.
            if !victim.calls(kill * calls / kills + dice.below(2)) {
                break;
            }
            for _ in 0..dice.below(1 << 23) {
                std::hint::spin_loop();
            }
            under_way += 1;
        }
        let mut last = Victim::start(&orders);
        while last.calls(1) {}
    }
    let undisturbed: Arc<dyn Store> = Arc::new(MemoryStore::new());
    let came = run.block_on(async {
        let program = World::new(undisturbed.clone()).program(|_| {}).await;
        for what in Work::ALL {
            work(undisturbed.clone(), what, program, people, || {}).await;
        }
        (happened(&**store).await, happened(&*undisturbed).await)
    });
    assert!(came.0 == came.1, "{kind}: not the same as without kills");
    eprintln!("{kind}: {people} sign-ups, their drafts and offers; killed {under_way} times");
}

fn kills() -> u64 {
    times("MENTORSHIP_KILLS", 15)
}

#[test]
fn what_a_killed_process_began_is_gone_on_with() {
    if let Ok(orders) = std::env::var(ORDERS) {
        return to_be_killed(&orders);
    }
    let file = File::new();
    let run = runtime();
    let store: Arc<dyn Store> = run.block_on(async {
        let store = SqliteStore::open(file.path()).await.unwrap();
        store.migrate().await.unwrap();
        Arc::new(store)
    });
    let path = file.path().display().to_string();
    killed(&run, ["SQLite", &path, "mentorship_"], &store, kills());
}

macro_rules! on_a_server {
    ($name:ident, $kind:literal, $lend:ident, $url:ident) => {
        #[test]
        fn $name() {
            let run = runtime();
            let Some((lent, store)) = run.block_on(server::$lend()) else { return };
            let prefix = lent.prefix.to_string();
            let shared: Arc<dyn Store> = Arc::new(store);
            let at = [$kind, &server::$url().unwrap(), &prefix];
            killed(&run, at, &shared, 3.max(kills() / 5));
            run.block_on(lent.give_back());
        }
    };
}

on_a_server!(and_so_it_is_on_postgres, "PostgreSQL", lend_postgres, postgres);
on_a_server!(and_so_it_is_on_mysql, "MariaDB", lend_mysql, mysql);
