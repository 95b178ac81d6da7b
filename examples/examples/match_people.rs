//! 1,679 mentors and 1,904 mentees of a public survey, paired by the rules in `examples/data/survey_rules.toml`
//! as `mentorship-bench match` would, with a report to look at:
//!
//! ```text
//! cargo run --release --example match_people [folder]
//! ```
//!
//! What is real about these people and what is drawn stands in `examples/data/README.md`. Ctrl-C stops at the
//! best pairing so far.

use std::{collections::BTreeMap, path::PathBuf};

use mentorship_benches::match_people::{Paired, Prepared, Watch, words};
use mentorship_core::{matching::people::ShortOf, model::enrollment::Role};
use mentorship_examples::{harbour::Outcome, people::ATTRIBUTION, survey};

fn main() -> Outcome<()> {
    let folder =
        std::env::args_os().nth(1).map_or_else(|| "target/match_people".into(), PathBuf::from);
    let files = survey::files(&folder)?;
    let prepared = Prepared::read(&files, survey::ask())?;
    let mut watch = Watch::new()?;
    let paired = prepared.solve(&mut watch)?;
    watch.end();
    paired.write(&folder)?;

    numbers(&paired);
    beside(&paired);
    worst_pair(&paired);
    left_out(&paired);
    println!("\nMore in {}, plots in report.html.\n  {ATTRIBUTION}", folder.display());
    Ok(())
}

fn numbers(paired: &Paired) {
    let report = &paired.outcome.report;
    println!(
        "{} of {} mentees have a mentor, {} of {} mentors a mentee; {} of {} places are taken ({:.2} s).",
        report.mentees_paired,
        report.mentees,
        report.mentors_paired,
        report.mentors,
        report.pairs,
        report.places,
        paired.seconds
    );
    match paired.gap() {
        None => println!(
            "No allowed pairing has more pairs, or as many and more points: this is proven."
        ),
        Some(gap) => println!("Stopped: {gap}."),
    }
    println!(
        "{} have the mentor who fits them best, {} one of their best three.",
        report.first_choices, report.top_three_choices
    );
}

/// The run beside simpler ways.
fn beside(paired: &Paired) {
    let scores: Vec<u32> = paired.outcome.pairs.iter().map(|it| it.score.total()).collect();
    println!("\n{:<16} {:>6} {:>6} {:>6}", "", "pairs", "mean", "worst");
    let row = |name: &str, scores: &[u32]| {
        let total: u32 = scores.iter().sum();
        let mean = f64::from(total) / f64::from(u32::try_from(scores.len()).unwrap_or(1).max(1));
        let worst = scores.iter().min().copied().unwrap_or(0);
        println!("{name:<16} {:>6} {mean:>6.0} {worst:>6}", scores.len());
    };
    row("this run", &scores);
    if let Some(baselines) = &paired.baselines {
        row("best pair first", &baselines.greedy);
        row("a draw", &baselines.random);
    }
}

/// The pair with the fewest points, and what they are made of.
fn worst_pair(paired: &Paired) {
    let Some(pair) = paired.outcome.pairs.iter().min_by_key(|it| it.score.total()) else { return };
    println!(
        "\nThe worst pair, mentee {} and mentor {}: {} of {} points.",
        paired.name(Role::Mentee, pair.pair.mentee),
        paired.name(Role::Mentor, pair.pair.mentor),
        pair.score.total(),
        pair.score.most()
    );
    for part in &pair.score.parts {
        let note = if part.missing { " (no answer)" } else { "" };
        println!("  {:<16} {:>4} of {}{note}", part.rule.to_string(), part.points, part.most);
    }
}

/// Who has nobody, by reason, and one of them.
fn left_out(paired: &Paired) {
    let unmatched = paired.unmatched();
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for (_, role, why) in &unmatched {
        *counts.entry((role.code(), words(why))).or_default() += 1;
    }
    println!("\nWithout a partner:");
    for ((role, why), count) in counts {
        println!("  {count:>5} {role}s: {why}");
    }
    if let Some((person, role, why)) = unmatched.first() {
        println!("One of them is {} {person}: {}.", role.code(), words(why));
    }
    let short = paired.outcome.shortages.iter().filter(|it| it.of == ShortOf::Mentors);
    if let Some(it) = short.max_by_key(|it| it.needed) {
        println!(
            "Where places are short: {} mentees may only have the same {} mentors, who have {} places.",
            it.needed,
            it.mentors.len(),
            it.places
        );
    }
}
