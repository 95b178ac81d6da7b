//! `candidates`: the best candidates of everybody, from answers.

use std::process::ExitCode;

use clap::Args;
use mentorship_benches::{peak, timed};

use super::{Failure, crowd::Answered};

/// Finds the best candidates of everybody by the rules of a form.
#[derive(Args, Debug)]
pub(crate) struct Candidates {
    /// How many mentees.
    #[arg(long, value_parser = clap::value_parser!(u32).range(0..=1 << 24))]
    mentees: u32,
    /// A third as many mentors, with one to five places, instead of as many with one.
    #[arg(long)]
    few_mentors: bool,
    /// How many candidates for each place.
    #[arg(long, default_value_t = 32)]
    best: usize,
    #[arg(long, default_value_t = 1)]
    threads: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Candidates {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let answered = Answered::new(self.mentees, self.seed, !self.few_mentors, false)?;
        let crowd = answered.crowd();
        let (people, compile) = timed(|| crowd.compile());
        let people = people?;
        let (found, time) = timed(|| people.candidates(self.best, self.threads));
        let people_of = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (mentees, mentors) = (people_of(people.mentees()), people_of(people.mentors()));
        let pairs = f64::from(mentees) * f64::from(mentors);
        let points: u64 = (0..mentees)
            .flat_map(|it| found.of_mentee(it))
            .chain((0..mentors).flat_map(|it| found.of_mentor(it)))
            .map(|it| u64::from(it.points))
            .sum();
        println!("{mentees} mentees, {mentors} mentors, {} thread(s)", self.threads);
        println!("compiled in {compile:.3} s, candidates in {time:.3} s");
        println!("{:.0} million pairs a second", pairs / time / 1e6);
        println!("points of all candidates: {points}");
        if let Some(peak) = peak() {
            println!("peak {peak} MiB");
        }
        Ok(ExitCode::SUCCESS)
    }
}
