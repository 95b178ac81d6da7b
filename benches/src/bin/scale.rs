//! What one command costs among a few and among very many.
#![allow(clippy::unwrap_used, reason = "a run that cannot be set up stops")]
#![expect(clippy::disallowed_methods, reason = "what is told is the time that passes")]

use std::{
    io::IsTerminal as _,
    path::PathBuf,
    sync::Arc,
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
/// both in turns, one client, each command somewhere among all that is there.
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
    /// Slices in each set of tables.
    #[arg(long, default_value_t = 10)]
    slices: usize,
    /// Length of a slice in milliseconds.
    #[arg(long, default_value_t = 400)]
    slice_ms: u64,
    /// Most connections to a server.
    #[arg(long, default_value_t = 4)]
    connections: u32,
    /// Folder for the SQLite files; by default that for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
}

/// The cells filled at a time, so that whoever watches sees how far it is.
const STEP: u64 = 10_000;

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
    let copies = Copies::of(played);
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
    sink.settings(true).await;
    let begun = Instant::now();
    let mut at = 0;
    while at < cells.count {
        let end = (at + STEP).min(cells.count);
        fill(&mut *sink, prefix, &copies, &cells, (at, end)).await;
        at = end;
        if std::io::stderr().is_terminal() {
            eprint!("\r{}: {at} of {} cells   ", database.kind().name(), cells.count);
        }
    }
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
    let there = cells.count;
    (sides, Arc::new(Stock::among(copies, cells, prefix, sink, there)))
}

async fn run(options: &Options) {
    let played = Played::with(options.people).await;
    let commands =
        if options.commands.is_empty() { Command::ALL.to_vec() } else { options.commands.clone() };
    let slices = Slices { count: options.slices, length: Duration::from_millis(options.slice_ms) };
    let cells = |enrollments: u64| Cells {
        count: enrollments / options.people,
        per_program: 250,
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
        database.analyze().await;
        for command in &commands {
            let [small, large] = [&small, &large].map(|(sides, stock)| (&sides.library, stock));
            let cost = grown(small, large, *command, slices).await;
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
