//! The library beside the same by hand, in turns of one run.
#![allow(clippy::unwrap_used, reason = "a run that cannot be set up stops")]

use std::{path::PathBuf, sync::Arc, time::Duration};

use clap::Parser;
use mentorship_benches::{
    data::{Cells, Copies, Played},
    load::{Command, Slices, Stock, csv, markdown, measure, svg},
    open::{Database, Kind},
};

/// Runs the library's commands and the same ones written by hand in turns, in short slices of one run,
/// and says how many of each are done in a second.
///
/// PostgreSQL and MariaDB are found by `MENTORSHIP_POSTGRES` and `MENTORSHIP_MYSQL` (see README.md); each
/// run makes a database of its own and drops it.
#[derive(Debug, Parser)]
struct Options {
    /// Databases to run on; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    databases: Vec<Kind>,
    /// Commands to run; all by default.
    #[arg(long, value_enum, value_delimiter = ',')]
    commands: Vec<Command>,
    /// How many clients at once.
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 64])]
    clients: Vec<u64>,
    /// Slices of each side for each row of the table.
    #[arg(long, default_value_t = 10)]
    slices: usize,
    /// Length of a slice in milliseconds.
    #[arg(long, default_value_t = 400)]
    slice_ms: u64,
    /// Most connections to a server, used by both sides.
    #[arg(long, default_value_t = 16)]
    connections: u32,
    /// Pairs that are there from the beginning, each with an offer beside it.
    #[arg(long, default_value_t = 10_000)]
    there: u64,
    /// Seed of the ids that are there before the run.
    #[arg(long, default_value_t = 2027)]
    seed: u64,
    /// Folder for the SQLite file; by default that for temporary files.
    #[arg(long)]
    folder: Option<PathBuf>,
    /// Writes the values here.
    #[arg(long)]
    csv: Option<PathBuf>,
    /// Writes the picture here.
    #[arg(long)]
    svg: Option<PathBuf>,
}

const PREFIX: &str = "load_";

async fn run(options: &Options) {
    let played = Played::with(4).await;
    let commands =
        if options.commands.is_empty() { Command::ALL.to_vec() } else { options.commands.clone() };
    let slices = Slices { count: options.slices, length: Duration::from_millis(options.slice_ms) };
    let cells = Cells { count: 1 << 24, per_program: 2_500, seed: options.seed };
    let mut all = Vec::new();
    for kind in Kind::chosen(&options.databases) {
        let opened = Database::open_or_say(kind, options.connections, options.folder.as_deref());
        let Some(database) = opened.await else { continue };
        let sides = database.sides(PREFIX, played.now).await;
        let sink = database.sink(PREFIX).await;
        let stock = Stock::new(Copies::of(&played), cells, PREFIX, sink, options.there).await;
        let stock = Arc::new(stock);
        // As a server does by itself soon after, so that both sides go by plans for such tables.
        database.vacuum().await;
        for command in &commands {
            for clients in &options.clients {
                let measured = measure(&sides, &stock, *command, *clients, slices).await;
                eprint!("{}", markdown(&[(kind, measured.clone())]).lines().last().unwrap());
                eprintln!();
                all.push((kind, measured));
            }
        }
        drop((sides, stock));
        database.close().await;
    }
    print!("{}", markdown(&all));
    for (path, text) in [(&options.csv, csv(&all)), (&options.svg, svg(&all))] {
        if let Some(path) = path {
            std::fs::write(path, text).unwrap();
        }
    }
}

fn main() {
    let options = Options::parse();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(run(&options));
}
