//! The fairest pairing: as many pairs as possible, and among those pairings the one whose worst pairs are
//! best.
//!
//! Of two pairings with as many pairs, the fairer one has fewer pairs at the lowest score at which they
//! differ. So the worst pair is as good as it can be, then there are as few as possible like it, then the next
//! worst is as good as it can be, and so on (leximin). That may cost points in total.
//!
//! It begins with the pairing of [`Objective::MostPeople`] and goes up from the lowest score that it has: the
//! pairs of that score are exchanged for better ones where possible (`network`), and whatever would spoil what
//! has been reached is put aside. Each score costs a few looks at every edge that is still open; a problem of
//! people has some hundreds of scores.
#![expect(clippy::indexing_slicing, reason = "people and edges come from the problem")]

use super::{
    super::{
        certificate::{Cover, FairCertificate, Level, Objective, Pair},
        check::{self, Value},
        problem::Problem,
    },
    Options,
    meter::{Control, Meter, Stage, StageReport, Stopped},
    metered,
    network::{Load, Network, Open},
};

/// A pairing that keeps the rules, and the proof that it is the fairest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FairSolution {
    /// The pairs, by mentee and then by mentor.
    pub pairs: Vec<Pair>,
    /// How many pairs, and their points together.
    pub value: Value,
    /// Points of the worst pair, if there is one.
    pub worst: Option<i32>,
    /// For the fairest pairing, what [`check::check_fairest`] verifies.
    pub certificate: FairCertificate,
    /// Whether the pairing is proven the fairest. It has been checked.
    pub optimal: bool,
    /// How many of the pairs, the best ones, might be exchanged for better ones; 0 if it is the fairest. All
    /// of them if the solve was stopped before it knew the most pairs.
    pub unproven: u64,
    /// What was done, in order.
    pub stages: Vec<StageReport>,
}

/// Finds the fairest pairing.
///
/// ```
/// use mentorship_core::matching::{
///     check::check_fairest,
///     problem::{Edge, Problem},
///     solve::{Options, fairest},
/// };
///
/// // The highest total would be 90 and 10; the fairest is 50 and 40.
/// let edges = [(0, 0, 90), (0, 1, 50), (1, 0, 40), (1, 1, 10)];
/// let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
/// let problem = Problem::new(2, vec![1, 1], &edges)?;
/// let found = fairest(&problem, &Options::default());
/// assert_eq!((found.worst, found.value.total), (Some(40), 90));
/// assert_eq!(check_fairest(&problem, &found.pairs, &found.certificate), Ok(found.value));
/// # Ok::<(), mentorship_core::base::input::InputError>(())
/// ```
#[must_use]
pub fn fairest(problem: &Problem, options: &Options) -> FairSolution {
    found(problem, options, None)
}

/// As [`fairest`], with somebody who watches and may stop it. In [`Stage::Levels`] operations count anew, and
/// value and bound say nothing: points are not what is made better there.
#[must_use]
pub fn fairest_watched(
    problem: &Problem,
    options: &Options,
    control: &mut dyn Control,
) -> FairSolution {
    found(problem, options, Some(control))
}

fn found(
    problem: &Problem,
    options: &Options,
    mut control: Option<&mut dyn Control>,
) -> FairSolution {
    let watching = control.as_mut().map(|it| &mut **it as &mut dyn Control);
    let meter = Meter::new(options.budget, watching);
    let most = metered(problem, Objective::MostPeople, options, None, meter);
    let left = options.budget.map(|budget| budget.saturating_sub(most.operations()));
    let mut meter = Meter::new(left, control);
    let mut levels = Levels::new(problem, &most.pairs);
    let mut stopped = !most.optimal;
    if let (true, Some(cover)) = (most.optimal, most.certificate.cover) {
        meter.begin(Stage::Levels);
        stopped = levels.all(cover, &mut meter).is_err();
    }
    let mut stages = most.stages;
    stages.extend(meter.into_stages());
    levels.finish(stopped, stages)
}

struct Levels<'a> {
    problem: &'a Problem,
    mentees: u32,
    /// By edge of the problem.
    used: Vec<bool>,
    /// Edges that may still be exchanged.
    open: Vec<Open>,
    load: Vec<Load>,
    certificate: FairCertificate,
    /// The last score that is done.
    done: Option<i32>,
}

impl<'a> Levels<'a> {
    fn new(problem: &'a Problem, pairs: &[Pair]) -> Self {
        let capacities = problem.mentee_capacities().iter().chain(problem.mentor_capacities());
        let mut it = Self {
            problem,
            mentees: u32::try_from(problem.mentees()).unwrap_or(u32::MAX),
            used: vec![false; problem.edges()],
            open: Vec::new(),
            load: capacities.map(|&places| Load { taken: 0, places, tight: false }).collect(),
            certificate: FairCertificate::default(),
            done: None,
        };
        for pair in pairs {
            if let Some(edge) = problem.edge(pair.mentee, pair.mentor) {
                it.used[edge] = true;
                it.load[pair.mentee as usize].taken += 1;
                it.load[problem.mentees() + pair.mentor as usize].taken += 1;
            }
        }
        it
    }

    fn all(&mut self, cover: Cover, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        meter.spend(self.problem.edges())?;
        for &mentee in &cover.mentees {
            self.load[mentee as usize].tight = true;
        }
        for &mentor in &cover.mentors {
            self.load[self.problem.mentees() + mentor as usize].tight = true;
        }
        for mentee in 0..self.mentees {
            for edge in self.problem.row(mentee as usize) {
                let mentor = self.mentees + self.problem.columns()[edge];
                let ends = [mentee, mentor].map(|node| self.load[node as usize].tight);
                // With both or neither in the cover, all pairings with the most pairs agree on the edge.
                if ends[0] != ends[1] {
                    let number = u32::try_from(edge).unwrap_or(u32::MAX);
                    let used = self.used[edge];
                    self.open.push(Open { number, mentee, mentor, costs: false, used });
                }
            }
        }
        self.certificate.cover = cover;
        while let Some(points) = self.lowest() {
            self.level(points, meter)?;
            self.done = Some(points);
        }
        Ok(())
    }

    /// The lowest score that is not done and has a pair that may be exchanged.
    fn lowest(&self) -> Option<i32> {
        let used = self.open.iter().filter(|open| open.used);
        let points = used.map(|open| self.problem.weights()[open.number as usize]);
        points.filter(|points| self.done.is_none_or(|done| *points > done)).min()
    }

    fn level(&mut self, points: i32, meter: &mut Meter<'_>) -> Result<(), Stopped> {
        meter.spend(self.open.len())?;
        let weights = self.problem.weights();
        let listed = |own: &i32| {
            self.certificate.levels.binary_search_by_key(own, |level| level.points).is_ok()
        };
        // A score without a pair is as good as it can be without its edges.
        self.open.retain(|open| {
            let own = weights[open.number as usize];
            open.used || own >= points || listed(&own)
        });
        for open in &mut self.open {
            open.costs = weights[open.number as usize] == points;
        }
        let mut network = Network::new(self.mentees, &mut self.open, &mut self.load);
        network.exchange(meter)?;
        let nodes = (0..).take(self.problem.mentees() + self.problem.mentors());
        let duals: Vec<i64> = nodes.map(|node| network.dual(node)).collect();
        for (load, dual) in self.load.iter_mut().zip(&duals) {
            load.tight |= *dual > 0;
        }
        for open in &self.open {
            self.used[open.number as usize] = open.used;
        }
        // What is worth less than its two numbers is used by no pairing that is as fair, what is worth more
        // by every one.
        self.open.retain(|open| {
            duals[open.mentee as usize] + duals[open.mentor as usize] + i64::from(open.costs) == 0
        });
        let others = |duals: &[i64]| {
            (0..).zip(duals).filter(|(_, dual)| **dual != 0).map(|(n, dual)| (n, *dual)).collect()
        };
        let (mentees, mentors) = duals.split_at(self.problem.mentees());
        let level = Level { points, mentees: others(mentees), mentors: others(mentors) };
        // Where every pair of the score was exchanged, all is 0.
        if !level.mentees.is_empty() || !level.mentors.is_empty() {
            self.certificate.levels.push(level);
        }
        Ok(())
    }

    /// Checks what was found. A pairing is called the fairest only if the checker says so.
    fn finish(self, stopped: bool, stages: Vec<StageReport>) -> FairSolution {
        let mut pairs = Vec::new();
        let mut points = Vec::new();
        for mentee in 0..self.mentees {
            for edge in self.problem.row(mentee as usize).filter(|edge| self.used[*edge]) {
                pairs.push(Pair { mentee, mentor: self.problem.columns()[edge] });
                points.push(self.problem.weights()[edge]);
            }
        }
        let certificate = self.certificate;
        let checked = check::check_fairest(self.problem, &pairs, &certificate);
        let optimal = !stopped && checked.is_ok();
        let unproven = match self.done {
            _ if optimal => 0,
            Some(done) => points.iter().filter(|points| **points > done).count(),
            None => pairs.len(),
        };
        FairSolution {
            value: check::feasible(self.problem, &pairs).unwrap_or_default(),
            worst: points.into_iter().min(),
            pairs,
            certificate,
            optimal,
            unproven: u64::try_from(unproven).unwrap_or(u64::MAX),
            stages,
        }
    }
}
