//! `changes`: what it costs to stay the best pairing when single people come and go.

use std::process::ExitCode;

use clap::Args;
use mentorship_benches::{random::SplitMix, timed};
use mentorship_core::{
    base::input::InputError,
    matching::{
        certificate::Objective,
        check::check,
        dynamic::{DynamicMatching, Moves},
        problem::Problem,
        solve::{Options, solve},
    },
    model::enrollment::Role,
};
use serde::Serialize;

use super::{Best, Failure, Source};

/// Solves, then lets people leave, come back, block each other, come anew and take more or fewer, one by one,
/// with the proof checked after each kind.
#[derive(Args, Debug)]
pub(crate) struct Changes {
    #[command(flatten)]
    source: Source,
    #[arg(long, value_enum, default_value_t = Best::Total)]
    objective: Best,
    /// How many changes of each kind.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    each: u32,
    /// Decides who they happen to.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Prints JSON.
    #[arg(long)]
    json: bool,
}

impl Changes {
    pub(crate) fn run(self) -> Result<ExitCode, Failure> {
        let problem = self.source.load()?.problem;
        if problem.mentees() == 0 || problem.mentors() == 0 {
            return Err("nobody can change: there are no mentees or no mentors".into());
        }
        let objective: Objective = self.objective.into();
        let solution = solve(&problem, objective, &Options::default());
        let random = SplitMix::new(self.seed);
        let pairing = DynamicMatching::new(&problem, &solution)?;
        let now = (0..).take(problem.mentees()).map(Some).collect();
        let mut play = Play { problem, pairing, random, now };
        let kinds: [(&'static str, Step); 6] = [
            ("mentee leaves", Play::leave),
            ("mentee comes back", Play::come_back),
            ("block", Play::block),
            ("new mentor", Play::new_mentor),
            ("one place more", Play::more),
            ("one place less", Play::fewer),
        ];
        let mut lines = Vec::new();
        for (name, step) in kinds {
            lines.push(play.times(name, step, self.each)?);
        }
        let problem = play.pairing.problem();
        let anew = solve(&problem, objective, &Options::default());
        // Of several pairings with the best total, one may have more pairs than another.
        if anew.value.total != play.pairing.value().total {
            return Err("a new solve finds something else".into());
        }
        if self.json {
            println!("{}", serde_json::to_string(&lines)?);
            return Ok(ExitCode::SUCCESS);
        }
        println!(
            "{:<18} {:>7} {:>9} {:>9} {:>9} {:>10} {:>7}",
            "", "times", "mean us", "p99 us", "most us", "operations", "moves"
        );
        for line in lines {
            println!(
                "{:<18} {:>7} {:>9} {:>9} {:>9} {:>10} {:>7}",
                line.change,
                line.times,
                line.mean_us,
                line.p99_us,
                line.most_us,
                line.operations,
                line.moves
            );
        }
        println!("the proof was checked after each kind");
        Ok(ExitCode::SUCCESS)
    }
}

/// What changes of one kind took.
#[derive(Debug, Serialize)]
struct Line {
    change: &'static str,
    times: usize,
    mean_us: f64,
    p99_us: f64,
    most_us: f64,
    /// Edges looked at by one, in the mean.
    operations: u64,
    /// Pairs formed or ended by all of them.
    moves: usize,
}

/// One change; nothing if there is nobody left for it.
type Step = fn(&mut Play) -> Option<Timed>;
/// What came of it, and the seconds that it took.
type Timed = (Result<Moves, InputError>, f64);

struct Play {
    /// As it was at first.
    problem: Problem,
    pairing: DynamicMatching,
    random: SplitMix,
    /// The number that each of the first mentees has by now, if they are there.
    now: Vec<Option<u32>>,
}

impl Play {
    fn times(&mut self, name: &'static str, step: Step, each: u32) -> Result<Line, Failure> {
        let mut times = Vec::new();
        let mut moves = 0;
        let before = self.pairing.operations();
        for _ in 0..each {
            let Some((done, time)) = step(self) else { continue };
            let done = done?;
            moves += done.formed.len() + done.ended.len();
            times.push(time);
        }
        check(&self.pairing.problem(), &self.pairing.pairs(), &self.pairing.certificate())
            .map_err(|error| format!("after \"{name}\": {error}"))?;
        times.sort_unstable_by(f64::total_cmp);
        let count = times.len().max(1);
        let micros = |seconds: f64| (seconds * 1e6).round();
        let at = |at: usize| micros(times.get(at).copied().unwrap_or_default());
        let mean = times.iter().sum::<f64>() / f64::from(u32::try_from(count)?);
        Ok(Line {
            change: name,
            times: times.len(),
            mean_us: micros(mean),
            p99_us: at(times.len() * 99 / 100),
            most_us: at(count - 1),
            operations: (self.pairing.operations() - before) / count as u64,
            moves,
        })
    }

    fn number(&mut self, below: usize) -> u32 {
        u32::try_from(self.random.below(below as u64)).unwrap_or(0)
    }

    /// Which of the first mentees, who is there or is not.
    fn mentee(&mut self, here: bool) -> Option<usize> {
        let first = self.number(self.now.len()) as usize;
        let mut order = (first..self.now.len()).chain(0..first);
        order.find(|at| self.now.get(*at).is_some_and(|it| it.is_some() == here))
    }

    fn leave(&mut self) -> Option<Timed> {
        let mentee = self.mentee(true)?;
        let number = self.now.get_mut(mentee)?.take()?;
        Some(timed(|| self.pairing.leave(Role::Mentee, number)))
    }

    fn come_back(&mut self) -> Option<Timed> {
        let mentee = self.mentee(false)?;
        let row = self.problem.row(mentee);
        let columns = self.problem.columns().get(row.clone())?.iter().copied();
        let suits: Vec<(u32, i32)> =
            columns.zip(self.problem.weights().get(row)?.iter().copied()).collect();
        let now = self.now.get_mut(mentee)?;
        Some(timed(|| {
            let (number, moves) = self.pairing.join(Role::Mentee, 1, &suits)?;
            *now = Some(number);
            Ok(moves)
        }))
    }

    /// A pair of the pairing may not be one any more.
    fn block(&mut self) -> Option<Timed> {
        for _ in 0..100 {
            let mentee = self.mentee(true)?;
            let mentee = (*self.now.get(mentee)?)?;
            if let Some(&mentor) = self.pairing.partners(Role::Mentee, mentee).first() {
                return Some(timed(|| self.pairing.forbid(mentee, mentor)));
            }
        }
        None
    }

    /// A mentor comes who suits as many mentees as an average one.
    fn new_mentor(&mut self) -> Option<Timed> {
        let most = (self.problem.edges() / self.problem.mentors()).max(1);
        let mut suits = Vec::new();
        for _ in 0..most {
            let mentee = self.mentee(true)?;
            let weights = self.problem.weights().get(self.problem.row(mentee))?;
            let at = self.random.below(weights.len() as u64);
            let weight = weights.get(usize::try_from(at).ok()?).copied();
            suits.push(((*self.now.get(mentee)?)?, weight.unwrap_or(1)));
        }
        suits.sort_unstable();
        suits.dedup_by_key(|it| it.0);
        Some(timed(|| Ok(self.pairing.join(Role::Mentor, 1, &suits)?.1)))
    }

    fn more(&mut self) -> Option<Timed> {
        let mentor = self.number(self.problem.mentors());
        let has = u32::try_from(self.pairing.partners(Role::Mentor, mentor).len()).ok()?;
        Some(timed(|| self.pairing.set_capacity(Role::Mentor, mentor, has + 1)))
    }

    fn fewer(&mut self) -> Option<Timed> {
        let mentor = self.number(self.problem.mentors());
        let has = u32::try_from(self.pairing.partners(Role::Mentor, mentor).len()).ok()?;
        Some(timed(|| self.pairing.set_capacity(Role::Mentor, mentor, has.saturating_sub(1))))
    }
}
