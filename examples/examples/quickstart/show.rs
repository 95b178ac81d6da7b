//! Tables and progress for people to read.

use std::io::{IsTerminal as _, Write as _};

/// A heading between two parts of the story.
pub(crate) fn chapter(title: &str) {
    println!(
        "\n\u{2500}\u{2500} {title} {}",
        "\u{2500}".repeat(74_usize.saturating_sub(title.len()))
    );
}

/// A table: the first column to the left, numbers to the right.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(header.get(column).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let is_number = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).all(|cell| {
            !cell.is_empty()
                && cell.chars().all(|c| c.is_ascii_digit() || " .,%+-\u{2013}".contains(c))
        })
    };
    let line = |cells: Vec<String>| {
        let padded = cells.into_iter().enumerate().map(|(column, cell)| {
            let fill = " ".repeat(width(column).saturating_sub(cell.chars().count()));
            if is_number(column) { format!("{fill}{cell}") } else { format!("{cell}{fill}") }
        });
        println!("  {}", padded.collect::<Vec<_>>().join("   ").trim_end());
    };
    line(header.iter().map(ToString::to_string).collect());
    line((0..header.len()).map(|column| "\u{2500}".repeat(width(column))).collect());
    rows.iter().cloned().for_each(line);
}

/// Cells from anything that can be shown.
#[macro_export]
macro_rules! row {
    ($($cell:expr),+ $(,)?) => { vec![$($cell.to_string()),+] };
}

/// Shows how far something is that may take more than a second, to whoever watches: not in a file.
pub(crate) struct Progress {
    watched: bool,
    what: &'static str,
    all: usize,
    done: usize,
}

impl Progress {
    pub(crate) fn new(what: &'static str, all: usize) -> Self {
        Self { watched: std::io::stderr().is_terminal(), what, all, done: 0 }
    }

    pub(crate) fn step(&mut self) {
        self.done += 1;
        let every = (self.all / 50).max(1);
        if self.watched && (self.done.is_multiple_of(every) || self.done == self.all) {
            let filled = 30 * self.done / self.all.max(1);
            let bar = "\u{2588}".repeat(filled) + &"\u{2591}".repeat(30 - filled);
            eprint!("\r  {bar} {:>4} of {} {}", self.done, self.all, self.what);
            let _ = std::io::stderr().flush();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.watched {
            eprint!("\r{}\r", " ".repeat(78));
        }
    }
}
