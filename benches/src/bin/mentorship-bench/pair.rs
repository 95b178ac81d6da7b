//! `pair`: from answers to the best pairing of all allowed pairs, proven.

use std::{collections::BTreeMap, process::ExitCode};

use clap::Args;
use mentorship_benches::{peak, timed};
use mentorship_core::matching::{check::check, people::Options};

use super::{Best, Failure, crowd::Answered};

/// Pairs people by the rules of a form, and proves that no pairing of all allowed pairs is better.
#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Pair {
    /// How many mentees.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1 << 24))]
    mentees: u32,
    /// A third as many mentors, with one to five places, instead of as many with one.
    #[arg(long)]
    few_mentors: bool,
    /// Only one rule counts, so that nearly all scores tie.
    #[arg(long)]
    few_levels: bool,
    #[arg(long, value_enum, default_value_t = Best::People)]
    objective: Best,
    /// How many candidates for each place at first.
    #[arg(long, default_value_t = 32)]
    best: usize,
    /// Pairs so many points near an improvement are added too.
    #[arg(long, default_value_t = 20)]
    margin: u16,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Most operations; the best pairing so far comes out, with its gap.
    #[arg(long)]
    budget: Option<u64>,
    /// Counts why people have no partner.
    #[arg(long)]
    reasons: bool,
    /// Scores every pair by itself and checks the proof with that.
    #[arg(long)]
    check: bool,
}

impl Pair {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let answered = Answered::new(self.mentees, self.seed, !self.few_mentors, self.few_levels)?;
        let crowd = answered.crowd();
        let mut options = Options::default()
            .candidates(self.best)
            .margin(self.margin)
            .threads(self.threads)
            .seed(self.seed);
        if let Some(budget) = self.budget {
            options = options.budget(budget);
        }
        let (people, compile) = timed(|| crowd.compile());
        let people = people?;
        let (found, time) = timed(|| people.pair(self.objective.into(), &options));
        let found = found?;
        println!(
            "{} mentees, {} mentors, {} thread(s)",
            people.mentees(),
            people.mentors(),
            self.threads
        );
        for round in &found.rounds {
            println!(
                "{} pairs listed: matched {}, total {}; {} improving, {} added",
                round.listed, round.value.matched, round.value.total, round.improving, round.added
            );
        }
        println!("matched {}, total {}", found.value.matched, found.value.total);
        if found.optimal {
            println!("the best of all allowed pairs, proven");
        } else {
            let bonus = found.certificate.bonus;
            println!("not proven: at most {} points better, {bonus} a pair included", found.gap);
        }
        println!("compiled in {compile:.3} s, paired in {time:.3} s");
        if self.reasons {
            let (reasons, time) = timed(|| people.reasons(&found));
            for (side, unmatched) in [("mentees", &reasons.mentees), ("mentors", &reasons.mentors)]
            {
                let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
                for it in unmatched {
                    *counts.entry(it.why.code()).or_default() += 1;
                }
                println!("{side} without a partner: {counts:?}");
            }
            println!("{} shortages; reasons in {time:.3} s", reasons.shortages.len());
        }
        if let Some(peak) = peak() {
            println!("peak {peak} MiB");
        }
        if self.check {
            let every = crowd.every_pair()?;
            println!("{} pairs are allowed", every.edges());
            match check(&every, &found.pairs, &found.certificate) {
                Ok(_) => println!("checked pair by pair"),
                Err(error) => {
                    println!("refused: {error}");
                    return Ok(ExitCode::FAILURE);
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
