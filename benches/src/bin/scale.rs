//! What one command costs among a few and among very many.
#![allow(clippy::unwrap_used, reason = "a run that cannot be set up stops")]
#![expect(clippy::disallowed_methods, reason = "what is told is the time that passes")]

use std::{
    io::IsTerminal as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use clap::Parser;
use mentorship_benches::{
    data::{Cells, Copies, Played, fill},
    load::{Command, Slices, Stock, grown},
    median,
    open::{Database, Kind, Sides},
};

/// Fills two sets of tables of one database, a small and a large one, and runs the library's commands in
/// both in turns, one client. Something happens in as many pairs and programs of the large tables as of the
/// small ones, somewhere among all that is there; the first post and the first sign-up in each of them are not
/// counted, and each acceptance and each block has been done before in a transaction that was undone. All is read
/// once before, as far as it fits into memory.
///
/// PostgreSQL and MariaDB are found by `MENTORSHIP_POSTGRES` and `MENTORSHIP_MYSQL` (see README.md); each
/// run makes a database of its own and drops it. A million enrolments take some gigabytes.
#[derive(Debug, Parser)]
struct Options {
    /// Databases to run on; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    databases: Vec<Kind>,
    /// Commands to run; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    commands: Vec<Command>,
    /// Enrolments in the small tables.
    #[arg(long, default_value_t = 10_000)]
    small: u64,
    /// Enrolments in the large ones.
    #[arg(long, default_value_t = 1_000_000)]
    large: u64,
    /// People of one cell: four of them are paired or about to be.
    #[arg(long, default_value_t = 8)]
    people: u64,
    /// People of one program.
    #[arg(long, default_value_t = 1_000)]
    program: u64,
    /// Nothing is read beforehand, and each command is the first in its pair or program: each page is read and
    /// written for the first time.
    #[arg(long)]
    cold: bool,
    /// Slices in each set of tables.
    #[arg(long, default_value_t = 10)]
    slices: usize,
    /// Length of a slice in milliseconds.
    #[arg(long, default_value_t = 400)]
    slice_ms: u64,
    /// Most connections to a server.
    #[arg(long, default_value_t = 4)]
    connections: u32,
    /// Connections that fill the tables of a server.
    #[arg(long, default_value_t = 2)]
    loaders: u64,
    /// Folder for the SQLite files; by default that for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// The cells filled at a time, so that whoever watches sees how far it is.
const STEP: u64 = 10_000;

/// Writes all cells over so many connections, each a run of steps of its own, so that every one of them writes
/// in the order of keys.
async fn load(database: &Database, prefix: &str, copies: &Arc<Copies>, cells: Cells, loaders: u64) {
    let share = cells.count.div_ceil(STEP).div_ceil(loaders) * STEP;
    let (done, name) = (Arc::new(AtomicU64::new(0)), database.kind().name());
    let mut running = Vec::new();
    for loader in 0..loaders {
        let mut sink = database.sink(prefix).await;
        let (copies, prefix, done) = (copies.clone(), prefix.to_owned(), done.clone());
        running.push(tokio::spawn(async move {
            sink.settings(true).await;
            let last = ((loader + 1) * share).min(cells.count);
            let mut at = loader * share;
            while at < last {
                let end = (at + STEP).min(last);
                fill(&mut *sink, &prefix, &copies, &cells, (at, end)).await;
                let done = done.fetch_add(end - at, Ordering::Relaxed) + end - at;
                at = end;
                if std::io::stderr().is_terminal() {
                    eprint!("\r{name}: {done} of {} cells   ", cells.count);
                }
            }
            sink.settings(false).await;
        }));
    }
    for loader in running {
        loader.await.unwrap();
    }
}

/// Fills the tables of a prefix.
async fn filled(
    database: &Database,
    prefix: &str,
    played: &Played,
    cells: Cells,
    options: &Options,
) -> (Sides, Arc<Stock>) {
    let sides = database.sides(prefix, played.now).await;
    let mut sink = database.sink(prefix).await;
    let copies = Arc::new(Copies::of(played));
    // Indexes that are made afterwards are made at once.
    let mut indexes = database.indexes(prefix);
    // There a foreign key needs its own.
    indexes.retain(|sql| database.kind() != Kind::Mariadb || !sql.contains("_adult ON "));
    for sql in &indexes {
        let name = sql.split_whitespace().nth(2).unwrap();
        let table = sql.split_whitespace().nth(4).unwrap();
        let on =
            if database.kind() == Kind::Mariadb { format!(" ON {table}") } else { String::new() };
        sink.run(format!("DROP INDEX {name}{on}")).await;
    }
    let begun = Instant::now();
    // A file has one writer.
    let loaders = if database.kind() == Kind::Sqlite { 1 } else { options.loaders.max(1) };
    load(database, prefix, &copies, cells, loaders).await;
    sink.settings(true).await;
    for sql in indexes {
        sink.run(sql).await;
    }
    sink.settings(false).await;
    eprintln!(
        "{}: {} enrolments in {:.0} s",
        database.kind().name(),
        cells.count * options.people,
        begun.elapsed().as_secs_f64()
    );
    let (there, copies) = (cells.count, Arc::into_inner(copies).unwrap());
    let active = if options.cold { there } else { options.small / options.people };
    (sides, Arc::new(Stock::among(copies, cells, prefix, sink, there, active)))
}

async fn run(options: &Options) {
    let played = Played::with(options.people).await;
    let commands =
        if options.commands.is_empty() { Command::ALL.to_vec() } else { options.commands.clone() };
    let slices = Slices { count: options.slices, length: Duration::from_millis(options.slice_ms) };
    let cells = |enrollments: u64| Cells {
        count: enrollments / options.people,
        per_program: (options.program / options.people).max(1),
        seed: 2027,
    };
    println!(
        "| Database | Command | {}, µs | {}, µs | Ratio | Half of the ratios |",
        options.small, options.large
    );
    println!("|---|---|--:|--:|--:|---|");
    for kind in Kind::chosen(&options.databases) {
        let opened = Database::open_or_say(kind, options.connections, options.folder.as_deref());
        let Some(database) = opened.await else { continue };
        let small = filled(&database, "small_", &played, cells(options.small), options).await;
        let large = filled(&database, "large_", &played, cells(options.large), options).await;
        database.vacuum().await;
        if !options.cold {
            database.warm("small_").await;
            database.warm("large_").await;
        }
        eprintln!("{}: measuring", kind.name());
        for command in &commands {
            let [small, large] = [&small, &large].map(|(sides, stock)| (&sides.library, stock));
            let cost = grown(small, large, *command, slices, options.cold).await;
            let mut ratios = cost.ratios.clone();
            ratios.sort_by(f64::total_cmp);
            let at = |part: usize| ratios.get(ratios.len() * part / 4).copied().unwrap_or(0.0);
            println!(
                "| {} | {} | {:.0} | {:.0} | {:.2} | {:.2} to {:.2} |",
                kind.name(),
                command.name(),
                cost.small,
                cost.large,
                median(cost.ratios.clone()),
                at(1),
                at(3),
            );
        }
        drop((small, large));
        database.close().await;
    }
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(run(&options));
}
