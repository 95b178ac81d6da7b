//! What came out, as a page for people.

use std::{
    collections::BTreeMap,
    fmt::{self, Write as _},
};

use mentorship_core::{
    matching::run::{Goal, RunPair},
    model::enrollment::Role,
};

use super::{
    Paired,
    baselines::PAIRS_MAX,
    number, outputs,
    plots::{Bar, Series, bars, columns, curve, escape, step},
};
use crate::{Failure, hex};

const STYLE: &str = "\
:root{color-scheme:light dark;--paper:#fff;--ink:#1f2328;--soft:#59636e;--line:#d8dee4;--a:#1f6feb;--b:#d1720a;--c:#8c959f}\
@media (prefers-color-scheme:dark){:root{--paper:#0f1318;--ink:#e6edf3;--soft:#9aa4af;--line:#30363d;--a:#539bf5;--b:#e0923a;--c:#768390}}\
body{background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;max-width:760px;margin:2rem auto;padding:0 1rem}\
h2{margin:2.2rem 0 .3rem;font-size:1.15rem}p{margin:.3rem 0}.soft{color:var(--soft)}\
table{border-collapse:collapse;margin:.6rem 0;width:100%}th,td{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:right}\
th:first-child,td:first-child{text-align:left}code{overflow-wrap:anywhere}\
svg{width:100%;height:auto;display:block;margin:.5rem 0}svg text{fill:var(--ink);font-size:12px}svg text.soft{fill:var(--soft)}\
.line{fill:none;stroke:var(--a);stroke-width:2}.level{stroke:var(--b);stroke-width:2;stroke-dasharray:6 4}.end{text-anchor:end}.middle{text-anchor:middle}.grid{stroke:var(--line)}\
.a{fill:var(--a);background:var(--a)}.b{fill:var(--b);background:var(--b)}.c{fill:var(--c);background:var(--c)}.most{fill:var(--line)}\
.legend span{margin-right:1.2rem}.legend i{display:inline-block;width:.8em;height:.8em;margin-right:.4em;border-radius:2px}";

/// Most capacities that are told apart.
const CAPACITIES: usize = 10;
/// Most bars of scores.
const BINS: u32 = 25;

/// The mean to one decimal; a dash of nothing.
fn mean(points: &[u32]) -> String {
    let total: u64 = points.iter().map(|it| u64::from(*it)).sum();
    match (total * 10).checked_div(u64::try_from(points.len()).unwrap_or(u64::MAX)) {
        Some(tenths) => format!("{}.{}", tenths / 10, tenths % 10),
        None => "–".to_owned(),
    }
}

/// The page. Nothing is loaded from anywhere, and it says nothing that is not in the other files.
pub(super) fn html(paired: &Paired) -> Result<String, Failure> {
    let mut page = String::new();
    let out = &mut page;
    writeln!(
        out,
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>Pairing report</title><style>{STYLE}</style></head><body>\n<h1>Pairing report</h1>"
    )?;
    numbers(out, paired)?;
    scores(out, paired)?;
    choices(out, paired)?;
    places(out, paired)?;
    unmatched(out, paired)?;
    example(out, paired)?;
    course(out, paired)?;
    if let Some(about) = &paired.about {
        writeln!(out, "<h2>About these people</h2>\n<p>{}</p>", escape(about))?;
    }
    writeln!(out, "</body></html>")?;
    Ok(page)
}

fn numbers(out: &mut String, paired: &Paired) -> fmt::Result {
    let outcome = &paired.outcome;
    let report = &outcome.report;
    if paired.course.stopped {
        writeln!(out, "<p>The run was stopped before it was done.</p>")?;
    }
    match paired.gap() {
        None => writeln!(out, "<p>Proven: {}.</p>", paired.claim())?,
        Some(gap) => writeln!(out, "<p>Not proven to be the best: {gap}.</p>")?,
    }
    writeln!(out, "<table>")?;
    let share = |part: u64, of: u64| format!("{part} of {of}");
    for (name, value) in [
        ("Mentees with a mentor", share(report.mentees_paired, report.mentees)),
        ("Mentors with a mentee", share(report.mentors_paired, report.mentors)),
        ("Places of mentors taken", share(report.pairs, report.places)),
        ("Points of all pairs", report.points.to_string()),
        ("Points of the worst pair", report.least_points.to_string()),
        ("Pairs with the mentee's best mentor", share(report.first_choices, report.pairs)),
        ("Pairs with one of their best three", share(report.top_three_choices, report.pairs)),
        ("Most mentees of one mentor", report.most_mentees.to_string()),
        ("Points below which nobody is paired", paired.ask.minimum.to_string()),
    ] {
        writeln!(out, "<tr><td>{name}</td><td>{value}</td></tr>")?;
    }
    writeln!(out, "</table>")?;
    let digest = hex(&outcome.digest);
    writeln!(out, "<p class=\"soft\">Digest of the input: <code>{digest}</code></p>")
}

fn totals(pairs: &[RunPair]) -> Vec<u32> {
    pairs.iter().map(|it| it.score.total()).collect()
}

fn scores(out: &mut String, paired: &Paired) -> fmt::Result {
    let found = totals(&paired.outcome.pairs);
    let mut all = vec![("this run", found.as_slice())];
    if let Some(baselines) = &paired.baselines {
        all.push(("best pair first", &baselines.greedy));
        all.push(("a draw", &baselines.random));
    }
    writeln!(out, "<h2>Scores of the pairs</h2>")?;
    if paired.baselines.is_none() {
        writeln!(
            out,
            "<p class=\"soft\">Not compared with simpler ways: there are more than {PAIRS_MAX} pairs.</p>"
        )?;
    }
    writeln!(
        out,
        "<table><tr><th></th><th>pairs</th><th>points</th><th>mean</th><th>worst</th></tr>"
    )?;
    for (name, points) in &all {
        let total: u64 = points.iter().map(|it| u64::from(*it)).sum();
        let least = points.iter().min().map_or_else(|| "–".to_owned(), u32::to_string);
        let (pairs, mean) = (points.len(), mean(points));
        writeln!(
            out,
            "<tr><td>{name}</td><td>{pairs}</td><td>{total}</td><td>{mean}</td><td>{least}</td></tr>"
        )?;
    }
    writeln!(out, "</table>")?;
    let top = all.iter().flat_map(|it| it.1).max().copied().unwrap_or(0);
    let width = step(top.saturating_add(1), BINS);
    let bins = top / width + 1;
    let labels: Vec<String> = (0..bins).map(|it| (it * width).to_string()).collect();
    let series: Vec<Series> = all
        .iter()
        .map(|(name, points)| {
            let mut values = vec![0; labels.len()];
            for point in *points {
                let bin = usize::try_from(point / width).unwrap_or(usize::MAX);
                if let Some(value) = values.get_mut(bin) {
                    *value += 1;
                }
            }
            Series { name, values }
        })
        .collect();
    let axis = format!("points, from the number below the bars on, {width} to a group");
    out.push_str(&columns("Pairs by score", &axis, &labels, &series, false)?);
    Ok(())
}

fn choices(out: &mut String, paired: &Paired) -> fmt::Result {
    let mut counts = [0_u32; 4];
    for pair in &paired.outcome.pairs {
        let place = pair.choice.map_or(3, |it| usize::from(it.saturating_sub(1)));
        if let Some(count) = counts.get_mut(place) {
            *count += 1;
        }
    }
    writeln!(
        out,
        "<h2>Which choice the mentor is</h2>\n<p class=\"soft\">By points, among all whom the mentee may \
         have, full or not; equally good ones share a place.</p>"
    )?;
    let names = ["best", "second", "third", "further down"].map(str::to_owned);
    let series = [Series { name: "pairs", values: counts.into() }];
    out.push_str(&columns("Pairs by choice", "place of the mentor", &names, &series, false)?);
    Ok(())
}

fn places(out: &mut String, paired: &Paired) -> fmt::Result {
    let mut loads: BTreeMap<usize, u32> = BTreeMap::new();
    for pair in &paired.outcome.pairs {
        *loads.entry(number::place(pair.pair.mentor)).or_default() += 1;
    }
    let (mut taken, mut free) = (vec![0_u32; CAPACITIES], vec![0_u32; CAPACITIES]);
    for (at, mentor) in paired.people.of(Role::Mentor).iter().enumerate() {
        let load = loads.get(&at).copied().unwrap_or(0);
        // The last group is of all who take more.
        let group = usize::try_from(mentor.places).unwrap_or(usize::MAX).min(CAPACITIES);
        let Some(group) = group.checked_sub(1) else { continue };
        for (of, count) in [(&mut taken, load), (&mut free, mentor.places.saturating_sub(load))] {
            if let Some(sum) = of.get_mut(group) {
                *sum += count;
            }
        }
    }
    let groups = taken.iter().zip(&free).rposition(|(taken, free)| taken + free > 0);
    let groups = groups.map_or(0, |last| last + 1);
    taken.truncate(groups);
    free.truncate(groups);
    let more = |it: usize| if it == CAPACITIES { format!("{it}+") } else { it.to_string() };
    let labels: Vec<String> = (1..=groups).map(more).collect();
    writeln!(out, "<h2>Places of mentors</h2>")?;
    let series = [Series { name: "taken", values: taken }, Series { name: "free", values: free }];
    let axis = "mentees that a mentor takes";
    out.push_str(&columns("Places of mentors by capacity", axis, &labels, &series, true)?);
    Ok(())
}

/// A reason in words.
#[must_use]
pub fn words(why: &str) -> &str {
    match why {
        "rules" => "required rules allow nobody",
        "excluded" => "who fits is excluded",
        "below_minimum" => "nobody reaches the minimum",
        "places_taken" => "places are taken",
        "better_total" => "the total is better so",
        "preferred_others" => "others were liked as much or better",
        "unproven" => "the search ended early",
        "no_places" => "takes nobody",
        other => other,
    }
}

fn unmatched(out: &mut String, paired: &Paired) -> fmt::Result {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (_, role, why) in paired.unmatched() {
        let role = if role == Role::Mentee { "Mentees" } else { "Mentors" };
        *counts.entry((role, why)).or_default() += 1;
    }
    writeln!(out, "<h2>Without a partner, by reason</h2>")?;
    if counts.is_empty() {
        return writeln!(out, "<p>Everybody has one.</p>");
    }
    for role in ["Mentees", "Mentors"] {
        let of: Vec<Bar> = counts
            .iter()
            .filter(|((of, _), _)| *of == role)
            .map(|((_, why), count)| Bar {
                name: words(why).to_owned(),
                value: *count,
                most: *count,
                note: count.to_string(),
            })
            .collect();
        if !of.is_empty() {
            writeln!(out, "<p>{role}</p>")?;
            out.push_str(&bars(&format!("{role} without a partner, by reason"), &of)?);
        }
    }
    Ok(())
}

fn example(out: &mut String, paired: &Paired) -> fmt::Result {
    let Some(pair) = paired.middle() else { return Ok(()) };
    writeln!(
        out,
        "<h2>How one score comes about</h2>\n<p>Mentee <b>{}</b> and mentor <b>{}</b>, the pair in the middle: \
         {} of {} points.</p>",
        escape(paired.people.name(Role::Mentee, pair.pair.mentee)),
        escape(paired.people.name(Role::Mentor, pair.pair.mentor)),
        pair.score.total(),
        pair.score.most()
    )?;
    let parts: Vec<Bar> = paired
        .weighted()
        .map(|rule| {
            let part = outputs::part(pair, rule);
            Bar {
                name: rule.to_string(),
                value: part.map_or(0, |it| it.points),
                most: part.map_or(0, |it| it.most),
                note: match part {
                    Some(it) if it.missing => format!("{} of {}, no answer", it.points, it.most),
                    Some(it) => format!("{} of {}", it.points, it.most),
                    None => "left out".to_owned(),
                },
            }
        })
        .collect();
    out.push_str(&bars("Parts of one score", &parts)?);
    Ok(())
}

/// How the best pairing so far grew. Work stands for time, so that the same input gives the same page.
fn course(out: &mut String, paired: &Paired) -> fmt::Result {
    if !matches!(paired.outcome.objective, Goal::MostPeople | Goal::BestTotal) {
        // The worst pairs are what is made better then, and the points fall; a stable pairing is there at once.
        return Ok(());
    }
    let (course, report) = (&paired.course, &paired.outcome.report);
    let bonus = i128::from(course.bonus);
    let end = i128::from(report.points) + bonus * i128::from(report.pairs);
    let (level, level_name) = if paired.outcome.optimal {
        (end, "the optimum")
    } else {
        (end + i128::from(paired.outcome.gap), "what no pairing exceeds")
    };
    let float = |points: i128| {
        // Enough for a picture.
        #[expect(clippy::cast_precision_loss, reason = "a place in a plot")]
        let float = points as f64;
        float
    };
    let points: Vec<(f64, f64)> = course
        .points
        .iter()
        .map(|(operations, value)| (float(i128::from(*operations)), float(*value)))
        .collect();
    writeln!(
        out,
        "<h2>How the run went</h2>\n<p class=\"soft\">Points of the best pairing so far, with {bonus} for each \
         pair, and {level_name}: {level}.</p>"
    )?;
    if points.len() < 2 {
        return writeln!(out, "<p class=\"soft\">It was over before there was much to see.</p>");
    }
    let axis = "pairs looked at";
    out.push_str(&curve("Points of the best pairing so far", axis, &points, float(level))?);
    Ok(())
}
