//! The solver: the best pairing of a problem for an objective, with the certificate that proves it.
//!
//! Pure, synchronous and in integers. The same problem, objective and options give the same pairing on every
//! machine; where several pairings are equally good, the seed decides which one comes out, since it decides
//! the order in which mentees bid and in which they look at equally good mentors.
//!
//! An auction with a shrinking margin finds prices (`auction`), and settles all but the few mentees whose
//! best choices tie; those follow in bulk (`ties`) and then one by one along shortest paths (`paths`);
//! mentors who ended with a free place and a price are repaired (`repair`). The result is checked before
//! it is given back. The worst case is that of the shortest paths: for each mentee one search over all
//! edges, `O(M E log N)`; on problems of people the auction does nearly everything, in about 15 looks at
//! each edge. A mentee with `b` of `d` mentors counts as `d` mentees.
//!
//! For the most people, every pair gets a bonus as large as the largest score. A bonus that is surely large
//! enough would make the auction crawl; where more pairs turn out to be possible, it is raised to that
//! afterwards, which leaves the profits and prices of those who are paired right, and the others follow along
//! shortest paths. What of it the proof does not need is taken back at the end.

mod auction;
mod bids;
mod cover;
mod crowd;
mod fairest;
mod graph;
mod grid;
mod meter;
mod narrow;
mod network;
mod paths;
mod points;
mod repair;
mod run;
mod shortlists;
mod sofar;
mod state;
mod threads;
mod ties;

pub use fairest::{FairSolution, fairest, fairest_watched};
pub use meter::{Control, Progress, Stage, StageReport};

use super::{
    certificate::{Certificate, Cover, Objective, Pair},
    check::{self, Value},
    problem::Problem,
};
use meter::Meter;
use run::Found;

/// Most threads of a solve: 16.
pub const THREADS_MAX: usize = 16;

/// How to solve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    seed: u64,
    budget: Option<u64>,
    threads: usize,
}

impl Options {
    /// Decides between equally good pairings; 0 by default.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Most operations (edges that are looked at) before the solve ends with the best pairing so far; no
    /// limit by default. The final check is not counted against it, and the last step may exceed it by the
    /// edges of a few people, or by those of up to 65,536 people who bid at once where threads can share them out.
    #[must_use]
    pub fn budget(mut self, operations: u64) -> Self {
        self.budget = Some(operations);
        self
    }

    /// Most threads: 1 by default, which 0 counts as, and [`THREADS_MAX`] at most, which more count as. What comes out
    /// does not depend on them. Where there are 262,144 edges and more, and fewer than 32 of a mentee on average, they
    /// are started for the auction and share out the bids; otherwise, and within a pool of `rayon`, the caller's
    /// thread does everything.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }
}

/// A pairing that keeps the rules, how good it is, and the proof.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solution {
    /// The pairs, by mentee and then by mentor.
    pub pairs: Vec<Pair>,
    /// How many pairs, and their points together.
    pub value: Value,
    /// For an optimal pairing, what [`check::check`] verifies; otherwise profits and prices by which
    /// [`check::bound`] gives what no pairing exceeds.
    pub certificate: Certificate,
    /// Whether the pairing is proven best. It has been checked.
    pub optimal: bool,
    /// No pairing has more than this many points more, with the bonus of the certificate counted for every
    /// pair; 0 if optimal. If the solve was stopped, it may have been unable to prove the number of pairs
    /// while the gap in points is 0 already.
    pub gap: u64,
    /// What was done, in order. Stages that were entered several times are added up.
    pub stages: Vec<StageReport>,
}

impl Solution {
    /// All operations.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.stages.iter().map(|stage| stage.operations).sum()
    }
}

/// Finds the best pairing.
///
/// ```
/// use mentorship_core::matching::{
///     certificate::Objective,
///     check::check,
///     problem::{Edge, Problem},
///     solve::{Options, solve},
/// };
///
/// // Two mentees, one mentor who suits both, and another who suits only the first.
/// let edges = [(0, 0, 90), (0, 1, 10), (1, 0, 60)];
/// let edges = edges.map(|(mentee, mentor, weight)| Edge { mentee, mentor, weight });
/// let problem = Problem::new(2, vec![1, 1], &edges)?;
///
/// let most = solve(&problem, Objective::MostPeople, &Options::default());
/// assert_eq!((most.value.matched, most.value.total), (2, 70));
/// let best = solve(&problem, Objective::BestTotal, &Options::default());
/// assert_eq!((best.value.matched, best.value.total), (1, 90));
/// assert_eq!(check(&problem, &best.pairs, &best.certificate), Ok(best.value));
/// # Ok::<(), mentorship_core::base::input::InputError>(())
/// ```
#[must_use]
pub fn solve(problem: &Problem, objective: Objective, options: &Options) -> Solution {
    metered(problem, objective, options, None, Meter::new(options.budget, None))
}

/// The cover that proves the number of pairs of a pairing that keeps the rules; `None` if more are possible.
pub(super) fn cover_of(problem: &Problem, pairs: &[Pair]) -> Option<Cover> {
    // Nobody stops it.
    cover::cover(problem, pairs, &mut Meter::new(None, None)).ok().flatten()
}

/// Where an earlier solve of nearly the same problem ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Start<'a> {
    pub(super) prices: &'a [i64],
    pub(super) bonus: i64,
}

/// As [`solve`], from the end of an earlier one, perhaps watched.
pub(super) fn resume(
    problem: &Problem,
    objective: Objective,
    options: &Options,
    start: Option<Start<'_>>,
    control: Option<&mut dyn Control>,
) -> Solution {
    metered(problem, objective, options, start, Meter::new(options.budget, control))
}

/// As [`solve`], with somebody who watches and may stop it.
#[must_use]
pub fn solve_watched(
    problem: &Problem,
    objective: Objective,
    options: &Options,
    control: &mut dyn Control,
) -> Solution {
    metered(problem, objective, options, None, Meter::new(options.budget, Some(control)))
}

fn metered(
    problem: &Problem,
    objective: Objective,
    options: &Options,
    start: Option<Start<'_>>,
    mut meter: Meter<'_>,
) -> Solution {
    // Mentees with several places have columns of their own, whose prices are not known: they would have to
    // climb very far from nothing.
    let start = start.filter(|_| problem.mentee_capacities().iter().all(|places| *places <= 1));
    let bonus = match objective {
        Objective::BestTotal => 0,
        Objective::MostPeople => {
            start.map_or(0, |it| it.bonus).max(i64::from(problem.weight_max())).max(1)
        }
    };
    let prices = start.map(|it| it.prices);
    let Options { seed, threads, .. } = *options;
    let Found { pairs, certificate } =
        run::run(problem, (objective, bonus), (seed, threads), prices, &mut meter);
    finish(problem, pairs, certificate, meter)
}

/// Checks what was found. A pairing is called optimal only if the checker says so.
fn finish(
    problem: &Problem,
    pairs: Vec<Pair>,
    certificate: Certificate,
    mut meter: Meter<'_>,
) -> Solution {
    meter.begin(Stage::Check);
    // Stopping makes no sense any more.
    let _ = meter.spend(problem.edges());
    let checked = check::check(problem, &pairs, &certificate);
    if let Ok(value) = checked {
        let stages = meter.into_stages();
        return Solution { pairs, value, certificate, optimal: true, gap: 0, stages };
    }
    let value = check::feasible(problem, &pairs).unwrap_or_default();
    let bound = check::bound(problem, &certificate).unwrap_or(i128::MAX);
    let gap = (bound - value.with_bonus(certificate.bonus)).max(0);
    let gap = u64::try_from(gap).unwrap_or(u64::MAX);
    Solution { pairs, value, certificate, optimal: false, gap, stages: meter.into_stages() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::problem::Edge, *};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn wrong_prices_to_start_from_change_nothing_but_the_way(
            cells in prop::collection::vec((prop::bool::weighted(0.6), 0..40_i32), 64),
            prices in prop::collection::vec(0..300_i64, 8),
            capacity in prop::collection::vec(0..4_u32, 8),
            several: bool,
            bonus in 0..200_i64,
        ) {
            let mut edges = Vec::new();
            for (at, (_, weight)) in (0..).zip(cells).filter(|it| it.1.0) {
                edges.push(Edge { mentee: at / 8, mentor: at % 8, weight });
            }
            let problem = Problem::new(8, capacity.clone(), &edges).unwrap();
            let problem =
                if several { problem.mentee_capacity(capacity).unwrap() } else { problem };
            for objective in [Objective::MostPeople, Objective::BestTotal] {
                let cold = solve(&problem, objective, &Options::default());
                let start = Some(Start { prices: &prices, bonus });
                let warm = resume(&problem, objective, &Options::default(), start, None);
                prop_assert!(warm.optimal);
                prop_assert_eq!(warm.value.total, cold.value.total);
                if objective == Objective::MostPeople {
                    prop_assert_eq!(warm.value.matched, cold.value.matched);
                }
            }
        }
    }
}
