//! What was measured, as a table for people, as values, and as a picture.

use std::fmt::Write as _;

use super::stock::Command;
use crate::{median, open::Kind};

/// The least part of the hand-written rate that the library is to reach.
const AIM: f64 = 0.7;

/// One command with some clients on one database.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Which command.
    pub command: Command,
    /// How many clients at once.
    pub clients: u64,
    /// Commands per second of the library: the median of its slices.
    pub library: f64,
    /// The same by hand.
    pub by_hand: f64,
    /// Library by hand-written, of each two slices beside each other.
    pub ratios: Vec<f64>,
}

impl Measured {
    fn ratio(&self) -> f64 {
        median(self.ratios.clone())
    }

    /// The quarters of the ratios.
    fn quarters(&self) -> (f64, f64) {
        let mut all = self.ratios.clone();
        all.sort_by(f64::total_cmp);
        let at = |part: usize| all.get(all.len() * part / 4).or(all.last()).copied();
        (at(1).unwrap_or(0.0), at(3).unwrap_or(0.0))
    }
}

/// A table in Markdown.
#[must_use]
pub fn markdown(all: &[(Kind, Measured)]) -> String {
    let mut text = String::from(
        "| Database | Command | Clients | Library, per s | By hand, per s | Ratio | Half of the ratios |\n\
         |---|---|--:|--:|--:|--:|---|\n",
    );
    for (kind, it) in all {
        let (low, high) = it.quarters();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {:.0} | {:.0} | {:.2} | {low:.2} to {high:.2} |",
            kind.name(),
            it.command.name(),
            it.clients,
            it.library,
            it.by_hand,
            it.ratio(),
        );
    }
    text
}

/// The same as values.
#[must_use]
pub fn csv(all: &[(Kind, Measured)]) -> String {
    let mut text = String::from(
        "database,command,clients,library_per_s,by_hand_per_s,ratio,ratio_quarter,ratio_three_quarters\n",
    );
    for (kind, it) in all {
        let (low, high) = it.quarters();
        let (kind, command, clients) = (kind.name(), it.command.name(), it.clients);
        let (library, by_hand, ratio) = (it.library, it.by_hand, it.ratio());
        let _ = writeln!(
            text,
            "{kind},{command},{clients},{library:.1},{by_hand:.1},{ratio:.3},{low:.3},{high:.3}"
        );
    }
    text
}

const ROW: usize = 18;
const LEFT: f64 = 210.0;
const WIDTH: f64 = 360.0;

fn x(ratio: f64) -> f64 {
    LEFT + ratio.min(1.5) / 1.5 * WIDTH
}

/// A picture: a bar for each ratio, with lines at the aim and at "as fast as by hand".
#[must_use]
pub fn svg(all: &[(Kind, Measured)]) -> String {
    let height = (all.len() + 3) * ROW;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"640\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"8\" y=\"14\">Commands per second: library divided by hand-written</text>\n"
    );
    for (n, (kind, it)) in all.iter().enumerate() {
        let (top, ratio) = ((n + 2) * ROW, it.ratio());
        let (low, high) = it.quarters();
        let middle = top + ROW / 2 - 2;
        let colour = match kind {
            Kind::Sqlite => "#7a9cc6",
            Kind::Postgres => "#6a8f6b",
            Kind::PostgresOwn => "#3f7a4d",
            Kind::Mariadb => "#c69a6a",
        };
        let (kind, command, clients) = (kind.name(), it.command.name(), it.clients);
        let _ = writeln!(
            text,
            "<text x=\"8\" y=\"{}\">{kind}, {command}, {clients}</text>\
             <rect x=\"{LEFT}\" y=\"{top}\" width=\"{:.1}\" height=\"{}\" fill=\"{colour}\"/>\
             <line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{middle}\" y2=\"{middle}\" stroke=\"black\"/>\
             <text x=\"{:.0}\" y=\"{}\">{ratio:.2}</text>",
            top + 11,
            x(ratio) - LEFT,
            ROW - 4,
            x(low),
            x(high),
            LEFT + WIDTH + 12.0,
            top + 11,
        );
    }
    for (ratio, dashes) in [(AIM, "4 3"), (1.0, "none")] {
        let at = x(ratio);
        let _ = writeln!(
            text,
            "<line x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{}\" y2=\"{}\" stroke=\"black\" \
             stroke-dasharray=\"{dashes}\"/>\
             <text x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{ratio}</text>",
            2 * ROW - 4,
            height - ROW,
            height - 4,
        );
    }
    text.push_str("</svg>\n");
    text
}
