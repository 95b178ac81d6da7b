//! Times as one picture that needs nothing else: medians with their ranges for each instance, and over the
//! sizes if there are several, both on scales of powers of ten.

use std::fmt::{self, Write as _};

use super::{
    measure::{Cell, Goal, NotRun},
    table::{Comparison, three},
};

const WIDTH: f64 = 860.0;
const NAMES: f64 = 130.0;
const RIGHT: f64 = 150.0;
const LINE: f64 = 20.0;
/// Height of the plot over the sizes.
const SIZES: f64 = 380.0;

/// Colours that people who see few colours tell apart too (Okabe and Ito); names stand beside them as well.
const COLOURS: [&str; 10] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8c6d31", "#7b61ff",
    "#999999", "#b5a900",
];

const STYLE: &str = "\
svg{background:#fff;font:12px system-ui,sans-serif}text{fill:#1f2328}.soft{fill:#59636e}.grid{stroke:#d8dee4}\
.end{text-anchor:end}.middle{text-anchor:middle}.title{font-size:15px;font-weight:600}\
@media (prefers-color-scheme:dark){svg{background:#0f1318}text{fill:#e6edf3}.soft{fill:#9aa4af}.grid{stroke:#30363d}}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap_or(u32::MAX))
}

/// A scale of powers of ten between two places.
struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Scale {
    /// Whole powers of ten around all of some numbers.
    fn around(numbers: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let logs = numbers.filter(|it| *it > 0.0).map(f64::log10);
        let (low, high) =
            logs.fold((f64::MAX, f64::MIN), |(low, high), it| (low.min(it), high.max(it)));
        if low > high {
            return Self { low: 0.0, high: 1.0, from, to };
        }
        let (low, high) = (low.floor(), high.ceil());
        Self { low, high: high.max(low + 1.0), from, to }
    }

    fn at(&self, number: f64) -> f64 {
        let part = (number.max(1e-9).log10() - self.low) / (self.high - self.low);
        self.from + (self.to - self.from) * part
    }

    fn ticks(&self) -> impl Iterator<Item = f64> + use<> {
        let (low, high) = (self.low, self.high);
        (0..40_u32).map(f64::from).map(move |it| low + it).take_while(move |it| *it <= high)
    }
}

/// A power of ten in words.
fn power(exponent: f64) -> String {
    let number = 10_f64.powf(exponent);
    if exponent >= 0.0 { format!("{number:.0}") } else { format!("{number}") }
}

fn colour(at: usize) -> &'static str {
    COLOURS.get(at % COLOURS.len()).copied().unwrap_or("#000")
}

pub(super) fn svg(all: &Comparison) -> Result<String, fmt::Error> {
    let mut body = String::new();
    let mut below = 30.0;
    let what = match all.objective {
        Goal::Total | Goal::People => "Time of the solve",
        Goal::Stable => "Time from the files to the pairs",
    };
    writeln!(
        body,
        "<text class=\"title\" x=\"10\" y=\"20\">{what}, medians with their ranges</text>"
    )?;
    below = legend(&mut body, all, below)?;
    for at in 0..all.instances.len() {
        below = instance(&mut body, all, at, below)?;
    }
    if !all.growth.is_empty() {
        below = sizes(&mut body, all, below)?;
    }
    let machine = escape(&all.machine.to_string());
    writeln!(body, "<text class=\"soft\" x=\"10\" y=\"{:.1}\">{machine}</text>", below + 16.0)?;
    let height = below + 28.0;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" width=\"{WIDTH}\" \
         height=\"{height:.0}\" role=\"img\"><title>Pairing engines compared</title>\
         <style>{STYLE}</style>\n{body}</svg>\n"
    ))
}

fn legend(out: &mut String, all: &Comparison, below: f64) -> Result<f64, fmt::Error> {
    let (mut x, mut y) = (10.0, below);
    for (at, solver) in all.solvers.iter().enumerate() {
        let width = 30.0 + 7.0 * count(solver.name.len());
        if x + width > WIDTH {
            (x, y) = (10.0, y + LINE);
        }
        writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\" fill=\"{}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            x + 5.0,
            y + 8.0,
            colour(at),
            x + 14.0,
            y + 12.0,
            escape(solver.name)
        )?;
        x += width;
    }
    Ok(y + LINE + 8.0)
}

fn instance(
    out: &mut String,
    all: &Comparison,
    which: usize,
    below: f64,
) -> Result<f64, fmt::Error> {
    let Some(it) = all.instances.get(which) else { return Ok(below) };
    // One scale for all instances, so that they can be compared by eye.
    let times = all.instances.iter().flat_map(|it| &it.results).filter_map(Cell::solve_ms);
    let scale = Scale::around(times.flatten(), NAMES, WIDTH - RIGHT);
    writeln!(
        out,
        "<text x=\"10\" y=\"{:.1}\">{}: {} mentees, {} mentors, {} edges</text>",
        below + 14.0,
        escape(&it.file),
        it.mentees,
        it.mentors,
        it.edges
    )?;
    let top = below + 22.0;
    let bottom = top + LINE * count(it.results.len());
    for tick in scale.ticks() {
        let x = scale.at(10_f64.powf(tick));
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"middle soft\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            bottom + 14.0,
            power(tick)
        )?;
    }
    for (at, cell) in it.results.iter().enumerate() {
        let y = top + LINE * (count(at) + 0.5);
        let name = escape(cell.solver);
        writeln!(
            out,
            "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{name}</text>",
            NAMES - 8.0,
            y + 4.0
        )?;
        let measured = cell.solve_ms().filter(|_| cell.not_run.is_none());
        let Some([median, least, most]) = measured else {
            let why = match &cell.not_run {
                Some(NotRun::OverSeconds(seconds)) => format!("over {seconds} s"),
                _ => "not run".to_owned(),
            };
            writeln!(
                out,
                "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\">{why}</text>",
                NAMES + 6.0,
                y + 4.0
            )?;
            continue;
        };
        let [x, left, right] = [median, least, most].map(|it| scale.at(it));
        let colour = colour(at);
        writeln!(
            out,
            "<g><title>{name}: {} ms, {} to {}</title><line x1=\"{left:.1}\" x2=\"{right:.1}\" y1=\"{y:.1}\" \
             y2=\"{y:.1}\" stroke=\"{colour}\" stroke-width=\"3\"/><circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5\" \
             fill=\"{colour}\"/></g><text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\">{} ms</text>",
            three(median),
            three(least),
            three(most),
            right.max(x) + 9.0,
            y + 4.0,
            three(median)
        )?;
    }
    let middle = f64::midpoint(NAMES, WIDTH - RIGHT);
    writeln!(
        out,
        "<text class=\"middle soft\" x=\"{middle:.1}\" y=\"{:.1}\">milliseconds</text>",
        bottom + 28.0
    )?;
    Ok(bottom + 40.0)
}

/// Time over size, with the line of each fit.
fn sizes(out: &mut String, all: &Comparison, below: f64) -> Result<f64, fmt::Error> {
    let points = || all.growth.iter().flat_map(|it| &it.points);
    let (top, bottom) = (below + 44.0, below + SIZES);
    let across = Scale::around(points().map(|it| it.0), 60.0, WIDTH - 240.0);
    let up = Scale::around(points().map(|it| it.1), bottom, top);
    writeln!(
        out,
        "<text class=\"title\" x=\"10\" y=\"{:.1}\">Time over size; the lines are fitted powers</text>",
        below + 14.0
    )?;
    for tick in across.ticks() {
        let x = across.at(10_f64.powf(tick));
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{top:.1}\" y2=\"{bottom:.1}\"/>\
             <text class=\"middle soft\" x=\"{x:.1}\" y=\"{:.1}\">{}</text>",
            bottom + 15.0,
            power(tick)
        )?;
    }
    for tick in up.ticks() {
        let y = up.at(10_f64.powf(tick));
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>\
             <text class=\"end soft\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
            across.from,
            across.to,
            across.from - 6.0,
            y + 4.0,
            power(tick)
        )?;
    }
    for (line, it) in all.growth.iter().enumerate() {
        let at = all.solvers.iter().position(|solver| solver.name == it.solver).unwrap_or(0);
        let colour = colour(at);
        for (edges, time) in &it.points {
            let (x, y) = (across.at(*edges), up.at(*time));
            writeln!(out, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>")?;
        }
        if let (Some((first, _)), Some((last, _))) = (it.points.first(), it.points.last()) {
            let [one, other] = [first, last]
                .map(|edges| (across.at(*edges), up.at(it.factor * edges.powf(it.exponent))));
            writeln!(
                out,
                "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>",
                one.0, one.1, other.0, other.1
            )?;
        }
        let y = top + LINE * count(line) + 8.0;
        writeln!(
            out,
            "<circle cx=\"{:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/><text x=\"{:.1}\" y=\"{:.1}\">{}: edges^{:.2}</text>",
            across.to + 24.0,
            across.to + 34.0,
            y + 4.0,
            escape(it.solver),
            it.exponent
        )?;
    }
    writeln!(
        out,
        "<text class=\"middle soft\" x=\"{:.1}\" y=\"{:.1}\">edges</text>\
         <text class=\"soft\" x=\"10\" y=\"{:.1}\">milliseconds</text>",
        f64::midpoint(across.from, across.to),
        bottom + 30.0,
        top - 6.0
    )?;
    Ok(bottom + 40.0)
}
