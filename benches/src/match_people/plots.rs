//! Plots as SVG inside of a page: no script, colours from the page, every bar with its number.

use std::fmt::{self, Write as _};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 48.0;
const BOTTOM: f64 = 42.0;
const TOP: f64 = 12.0;
/// Height of a line of bars that lie.
const LINE: f64 = 30.0;
/// Width of the names of bars that lie.
const NAMES: f64 = 190.0;
/// Characters of a name that fit there.
const NAME_CHARS: usize = 26;

/// Text for a page: nothing in it is read as markup.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

fn short(text: &str) -> String {
    if text.chars().count() <= NAME_CHARS {
        return escape(text);
    }
    let begin: String = text.chars().take(NAME_CHARS - 1).collect();
    escape(&begin) + "…"
}

/// A number for each label.
#[derive(Debug)]
pub(super) struct Series {
    /// What it is of.
    pub(super) name: &'static str,
    /// One for each label.
    pub(super) values: Vec<u32>,
}

/// Which colours of the page are used, in this order.
const COLOURS: [&str; 3] = ["a", "b", "c"];

/// A step of 1, 2 or 5 times a power of ten, so that at most `most` of them reach `top`.
pub(super) fn step(top: u32, most: u32) -> u32 {
    let mut power = 1_u32;
    loop {
        for step in [1, 2, 5].map(|it| power.saturating_mul(it)) {
            if top.div_ceil(step) <= most || step == u32::MAX {
                return step;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn count(items: usize) -> f64 {
    f64::from(u32::try_from(items).unwrap_or(u32::MAX))
}

fn legend(out: &mut String, series: &[Series]) -> fmt::Result {
    if series.len() < 2 {
        return Ok(());
    }
    write!(out, "<p class=\"legend\">")?;
    for (one, colour) in series.iter().zip(COLOURS) {
        write!(out, "<span><i class=\"{colour}\"></i>{}</span> ", escape(one.name))?;
    }
    writeln!(out, "</p>")
}

/// Bars that stand, those of one label side by side, or on top of each other if `stacked`.
pub(super) fn columns(
    title: &str,
    axis: &str,
    labels: &[String],
    series: &[Series],
    stacked: bool,
) -> Result<String, fmt::Error> {
    let mut out = String::new();
    legend(&mut out, series)?;
    let at = |one: &Series, label: usize| one.values.get(label).copied().unwrap_or(0);
    let highest = |label: usize| {
        let values = series.iter().map(|one| at(one, label));
        if stacked { values.sum::<u32>() } else { values.max().unwrap_or(0) }
    };
    let top = (0..labels.len()).map(highest).max().unwrap_or(0).max(1);
    let tick = step(top, 5);
    let top = top.div_ceil(tick) * tick;
    let base = HEIGHT - BOTTOM;
    let y = |value: u32| base - (base - TOP) * f64::from(value) / f64::from(top);
    let title = escape(title);
    writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    )?;
    for value in (0..=top / tick).map(|it| it * tick) {
        let y = y(value);
        write!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
        )?;
        writeln!(
            out,
            "<text class=\"end\" x=\"{:.1}\" y=\"{:.1}\">{value}</text>",
            LEFT - 6.0,
            y + 4.0
        )?;
    }
    let slot = (WIDTH - LEFT) / count(labels.len().max(1));
    let beside = if stacked { 1.0 } else { count(series.len().max(1)) };
    let bar = (slot * 0.8 / beside).min(60.0);
    // Labels that would run into each other are left out.
    let every = labels.len().div_ceil(12).max(1);
    for (label, name) in labels.iter().enumerate() {
        let middle = LEFT + slot * (count(label) + 0.5);
        let mut x = middle - bar * beside / 2.0;
        let mut below = 0;
        for (one, colour) in series.iter().zip(COLOURS) {
            let value = at(one, label);
            let (upper, lower) = (y(below + value), y(below));
            if value > 0 {
                writeln!(
                    out,
                    "<rect class=\"{colour}\" x=\"{x:.1}\" y=\"{upper:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>{}, {}: {value}</title></rect>",
                    (bar - 1.0).max(1.0),
                    lower - upper,
                    escape(name),
                    escape(one.name),
                )?;
            }
            if stacked {
                below += value;
            } else {
                x += bar;
            }
        }
        if label % every == 0 {
            writeln!(
                out,
                "<text class=\"middle\" x=\"{middle:.1}\" y=\"{:.1}\">{}</text>",
                base + 16.0,
                escape(name)
            )?;
        }
    }
    writeln!(
        out,
        "<text class=\"middle soft\" x=\"{:.1}\" y=\"{:.1}\">{}</text></svg>",
        f64::midpoint(LEFT, WIDTH),
        HEIGHT - 8.0,
        escape(axis)
    )?;
    Ok(out)
}

/// A bar that lies.
#[derive(Debug)]
pub(super) struct Bar {
    /// What it is of.
    pub(super) name: String,
    /// How long it is.
    pub(super) value: u32,
    /// How long it could be; drawn behind it.
    pub(super) most: u32,
    /// What stands at its end.
    pub(super) note: String,
}

/// Bars that lie below each other.
pub(super) fn bars(title: &str, bars: &[Bar]) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let top = bars.iter().map(|it| it.most.max(it.value)).max().unwrap_or(0).max(1);
    let height = LINE * count(bars.len());
    let room = WIDTH - NAMES - 120.0;
    let title = escape(title);
    writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    )?;
    for (line, bar) in bars.iter().enumerate() {
        let y = LINE * count(line);
        let width = |value: u32| room * f64::from(value) / f64::from(top);
        let (text, shape) = (y + 19.0, y + 5.0);
        write!(
            out,
            "<text class=\"end\" x=\"{:.1}\" y=\"{text:.1}\">{}</text>",
            NAMES - 8.0,
            short(&bar.name)
        )?;
        for (class, value) in [("most", bar.most), ("a", bar.value)] {
            let width = width(value);
            write!(
                out,
                "<rect class=\"{class}\" x=\"{NAMES}\" y=\"{shape:.1}\" width=\"{width:.1}\" height=\"20\"><title>{}: {value}</title></rect>",
                escape(&bar.name)
            )?;
        }
        writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{text:.1}\">{}</text>",
            NAMES + width(bar.most.max(bar.value)) + 8.0,
            escape(&bar.note)
        )?;
    }
    writeln!(out, "</svg>")?;
    Ok(out)
}

/// A value that grows in steps, and the level that it cannot exceed.
pub(super) fn curve(
    title: &str,
    axis: &str,
    points: &[(f64, f64)],
    level: f64,
) -> Result<String, fmt::Error> {
    let mut out = String::new();
    let most = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).fold(0.0, f64::max).max(1.0);
    let (right, top) = (most(|it| it.0), most(|it| it.1).max(level));
    let base = HEIGHT - BOTTOM;
    // Room for the numbers, which are longer than those of the bars.
    let left = LEFT + 50.0;
    let x = |work: f64| left + (WIDTH - left) * work / right;
    let y = |value: f64| base - (base - TOP) * value / top;
    let title = escape(title);
    write!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>"
    )?;
    for part in [0.0, 0.25, 0.5, 0.75, 1.0] {
        let (value, work) = (top * part, right * part);
        writeln!(
            out,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>\
             <text class=\"end\" x=\"{1:.1}\" y=\"{2:.1}\">{value:.0}</text>\
             <text class=\"{3}\" x=\"{4:.1}\" y=\"{5:.1}\">{work:.0}</text>",
            y(value),
            left - 6.0,
            y(value) + 4.0,
            if part < 1.0 { "middle" } else { "end" },
            x(work),
            base + 16.0
        )?;
    }
    let mut path = String::new();
    let mut before = None;
    for (work, value) in points {
        match before {
            None => write!(path, "M{:.1} {:.1}", x(*work), y(*value))?,
            Some(()) => write!(path, "H{:.1}V{:.1}", x(*work), y(*value))?,
        }
        before = Some(());
    }
    writeln!(
        out,
        "<path class=\"line\" d=\"{path}\"/><line class=\"level\" x1=\"{left}\" x2=\"{WIDTH}\" y1=\"{0:.1}\" y2=\"{0:.1}\"/>\
         <text class=\"middle soft\" x=\"{1:.1}\" y=\"{2:.1}\">{3}</text></svg>",
        y(level),
        f64::midpoint(left, WIDTH),
        HEIGHT - 8.0,
        escape(axis)
    )?;
    Ok(out)
}
