//! Many at once beside the same one by one: an import, a run that is published, a sweep.
#![allow(clippy::unwrap_used, reason = "a run that cannot be set up stops")]
#![expect(clippy::disallowed_methods, reason = "what is measured is the time that passes")]

use std::{
    io::{IsTerminal as _, Write as _},
    path::PathBuf,
    time::{Duration, Instant},
};

use clap::Parser;
use mentorship_benches::{
    open::{Database, Kind},
    peak, strangers,
};
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId, ProposalId},
        text::Slug,
    },
    conformance::{
        make::{self, who},
        world::{World, sign_up},
    },
    model::{
        answer::Answer,
        enrollment::{EnrollmentState, Role},
    },
    policy::actor::Actor,
    service::{
        ProposedPair, PublishAsk, SignUp, SweepAsk,
        import::{ImportOptions, SignUps},
    },
};

/// Imports sign-ups from a file, publishes a run of drafts, lets the offers lapse and looks at people on the
/// waitlist again, on each database: some one by one, the rest together, and says what one of each took.
///
/// PostgreSQL and MariaDB are found by `MENTORSHIP_POSTGRES` and `MENTORSHIP_MYSQL` (see README.md); each
/// run makes a database of its own and drops it.
#[derive(Debug, Parser)]
struct Options {
    /// Databases to run on; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    databases: Vec<Kind>,
    /// How many sign-ups; every two of them are a draft.
    #[arg(long, default_value_t = 100_000)]
    sign_ups: u64,
    /// How many people on a waitlist the sweep looks at again.
    #[arg(long, default_value_t = 100_000)]
    waiting: u64,
    /// How many of each are done one by one.
    #[arg(long, default_value_t = 500)]
    alone: u64,
    /// Most connections to a server.
    #[arg(long, default_value_t = 4)]
    connections: u32,
    /// Folder for the SQLite file; by default that for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
}

const PREFIX: &str = "bulk_";
/// The questions of the small template.
const COLUMNS: [&str; 4] = ["languages", "teaches", "learns", "years"];

/// What one of some took, in microseconds.
#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

/// How far it is, to whoever watches.
fn progress(what: &str, done: u64, all: u64) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    eprint!("\r{what}: {done} of {all}   ");
    std::io::stderr().flush().unwrap();
}

/// An admin who is none of those who sign up: nobody pairs themselves.
fn admin(world: &World) -> Actor {
    let admin = PersonId::try_from("harbour-master").unwrap();
    Actor::group_admin(world.tenant.clone(), admin, make::group())
}

fn role(n: u64) -> Role {
    if n % 2 == 1 { Role::Mentor } else { Role::Mentee }
}

/// A file of sign-ups as a spreadsheet would write it.
fn write_file(people: std::ops::RangeInclusive<u64>) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let mut out = std::io::BufWriter::new(&mut file);
    writeln!(out, "person,role,{}", COLUMNS.join(",")).unwrap();
    for n in people {
        let role = role(n);
        let answers = sign_up(role).answers;
        let cell = |column: &&str| match answers.get(column) {
            None => String::new(),
            Some(Answer::Single(key)) => key.to_string(),
            Some(Answer::Integer(number)) => number.to_string(),
            Some(Answer::Rank(keys)) => keys.iter().map(Slug::as_str).collect::<Vec<_>>().join("|"),
            Some(Answer::Multi(keys) | Answer::Languages(keys)) => {
                keys.iter().map(Slug::as_str).collect::<Vec<_>>().join("|")
            }
            Some(other) => unreachable!("{other:?} is not in the small template"),
        };
        let cells: Vec<String> = COLUMNS.iter().map(cell).collect();
        writeln!(out, "{},{role},{}", who(n).as_str(), cells.join(",")).unwrap();
    }
    out.flush().unwrap();
    drop(out);
    file
}

/// Signs everybody up, and gives back their places in order.
async fn import(
    world: &World,
    program: ProgramId,
    options: &Options,
) -> (Vec<EnrollmentId>, [f64; 2]) {
    let mut places = Vec::new();
    let begun = Instant::now();
    for n in 1..=options.alone {
        places.push(world.enroll(program, n, role(n)).await);
    }
    let alone = each(begun.elapsed(), options.alone);
    let file = write_file(options.alone + 1..=options.sign_ups);
    let begun = Instant::now();
    let into = world.service.program(&admin(world), program).await.unwrap();
    let file = std::fs::File::open(file.path()).unwrap();
    let rows = SignUps::new(file, into.form, ImportOptions::of(&into.program)).unwrap();
    let mut rows = rows.map(|row| row.unwrap().sign_up);
    loop {
        let sign_ups: Vec<SignUp> = rows.by_ref().take(500).collect();
        if sign_ups.is_empty() {
            break;
        }
        let done = world.service.enroll_many(&world.host_actor(), program, &sign_ups).await;
        places.extend(done.unwrap().into_iter().map(|it| it.unwrap().0));
        progress("sign-ups", u64::try_from(places.len()).unwrap(), options.sign_ups);
    }
    (places, [alone, each(begun.elapsed(), options.sign_ups - options.alone)])
}

/// Stages a draft for every two, and gives them back in order.
async fn stage(world: &World, places: &[EnrollmentId]) -> (Vec<ProposalId>, f64) {
    let admin = admin(world);
    let mut drafts = Vec::new();
    let two = places.iter().copied().step_by(2).zip(places.iter().copied().skip(1).step_by(2));
    let two: Vec<ProposedPair> =
        two.map(|(mentor, mentee)| ProposedPair { mentor, mentee }).collect();
    let all = u64::try_from(two.len()).unwrap();
    let begun = Instant::now();
    for some in two.chunks(500) {
        let staged = world.service.stage_proposals(&admin, some).await.unwrap();
        drafts.extend(staged.into_iter().map(|it| it.unwrap().proposal));
        progress("drafts", u64::try_from(drafts.len()).unwrap(), all);
    }
    (drafts, each(begun.elapsed(), all))
}

/// Publishes every draft.
async fn publish(
    world: &World,
    program: ProgramId,
    drafts: &[ProposalId],
    options: &Options,
) -> [f64; 2] {
    let admin = admin(world);
    let alone = usize::try_from(options.alone / 2).unwrap();
    let begun = Instant::now();
    for draft in drafts.iter().take(alone) {
        world.service.publish_proposal(&admin, *draft).await.unwrap();
    }
    let one = each(begun.elapsed(), options.alone / 2);
    let all = u64::try_from(drafts.len()).unwrap();
    let (begun, mut done) = (Instant::now(), 0);
    let mut ask = PublishAsk::default();
    loop {
        let report = world.service.publish_drafts(&admin, program, ask.clone()).await.unwrap();
        assert!(report.published.iter().all(|(_, it)| it.is_ok()));
        done += u64::try_from(report.published.len()).unwrap();
        progress("published", done, all);
        ask.after = report.next;
        if ask.after.is_none() {
            break;
        }
    }
    [one, each(begun.elapsed(), done)]
}

/// Sweeps everything that is due in a month.
async fn sweep(world: &World, all: u64) -> f64 {
    world.days(30);
    let clock = Actor::clock(world.tenant.clone());
    let (begun, mut done) = (Instant::now(), 0);
    let mut ask = SweepAsk { limit: 500, after: None };
    loop {
        let report = world.service.sweep(&clock, ask.clone()).await.unwrap();
        assert_eq!(report.failed, 0);
        done += u64::from(report.looked_at);
        progress("swept", done, all);
        ask.after = report.next;
        if ask.after.is_none() {
            return each(begun.elapsed(), done);
        }
    }
}

async fn run(options: &Options) {
    println!(
        "| Database | Sign-ups, waiting | Sign-up alone, together | Stage together | Publish alone, together | Offer lapses | Review is due | Peak |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for kind in Kind::chosen(&options.databases) {
        let opened = Database::open_or_say(kind, options.connections, options.folder.as_deref());
        let Some(database) = opened.await else { continue };
        let sides = database.sides(PREFIX, make::start()).await;
        let world = World::new(sides.store.clone());
        let program = world.program(|_| {}).await;
        let (places, sign_up) = import(&world, program, options).await;
        database.vacuum().await;
        let (drafts, staged) = stage(&world, &places).await;
        database.vacuum().await;
        let published = publish(&world, program, &drafts, options).await;
        database.vacuum().await;
        let lapsed = sweep(&world, u64::try_from(drafts.len()).unwrap()).await;
        let (since, reason) = (world.now(), make::slug("no_mentor"));
        let waits = EnrollmentState::Waitlisted { since, reason, next_review_at: since };
        strangers(&*world.store, program, options.waiting, &waits).await;
        database.vacuum().await;
        let reviewed = sweep(&world, options.waiting).await;
        if std::io::stderr().is_terminal() {
            eprintln!();
        }
        println!(
            "| {} | {}, {} | {:.0} µs, {:.0} µs | {staged:.0} µs | {:.0} µs, {:.0} µs | {lapsed:.0} µs | {reviewed:.0} µs | {} MiB |",
            kind.name(),
            options.sign_ups,
            options.waiting,
            sign_up[0],
            sign_up[1],
            published[0],
            published[1],
            peak().map_or_else(|| "?".to_owned(), |peak| peak.to_string()),
        );
        drop((world, sides));
        database.close().await;
    }
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(run(&options));
}
