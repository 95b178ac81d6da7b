//! Rounds of measuring, and what is made of them.

use std::time::Duration;

use mentorship_benches::median;
use serde::{Deserialize, Serialize};

use super::child::Ended;

/// What everybody is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Goal {
    Total,
    People,
    Stable,
}

impl Goal {
    /// What has to be the same for everybody who did it: pairs and points, 0 if they may differ.
    fn worth(self, it: &Measured) -> (u64, i64) {
        match self {
            Self::Total => (0, it.total),
            Self::People => (it.matched, it.total),
            // All stable pairings without ties have the same size.
            Self::Stable => (it.matched, 0),
        }
    }
}

/// What a process says of its solve.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Measured {
    /// Milliseconds of the solve alone; of a stable pairing, of everything from the file to the pairs.
    pub(super) solve_ms: f64,
    /// Milliseconds of reading the file and of building the model.
    #[serde(alias = "load_ms")]
    pub(super) build_ms: f64,
    pub(super) matched: u64,
    #[serde(default)]
    pub(super) total: i64,
    /// The most memory of the process, in MiB.
    pub(super) peak_mb: Option<i64>,
}

/// What a process says instead.
#[derive(Deserialize)]
struct Refused {
    refused: String,
}

/// Why a solver was not run to the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum NotRun {
    /// It took longer than so many seconds.
    OverSeconds(u64),
    /// It cannot take the instance, or failed.
    Why(String),
}

/// Whoever takes so many milliseconds does it once, and that counts: what is cold at first does not matter then.
const LONG_MS: f64 = 20_000.0;

/// What one solver did with one instance.
#[derive(Debug, Serialize)]
pub(super) struct Cell {
    pub(super) solver: &'static str,
    /// Those that count, in order.
    pub(super) rounds: Vec<Measured>,
    pub(super) not_run: Option<NotRun>,
}

impl Cell {
    pub(super) fn new(solver: &'static str) -> Self {
        Self { solver, rounds: Vec::new(), not_run: None }
    }

    /// Whether there is nothing more to ask of it: it failed, or it took long enough to be asked once.
    pub(super) fn is_done(&self) -> bool {
        self.not_run.is_some() || self.rounds.iter().any(|it| it.solve_ms >= LONG_MS)
    }

    /// Takes in how a process ended. The first round finds the file and the processor cold; it only counts
    /// if something went wrong, or if it took long.
    pub(super) fn take(&mut self, ended: Ended, limit: Duration, counts: bool, goal: Goal) {
        let said = match ended {
            Ended::Well(said) => said,
            Ended::Badly(why) => return self.not_run = Some(NotRun::Why(why)),
            Ended::Over => return self.not_run = Some(NotRun::OverSeconds(limit.as_secs())),
        };
        match serde_json::from_slice::<Measured>(&said) {
            Ok(mut measured) => {
                if goal == Goal::Stable {
                    measured.solve_ms += measured.build_ms;
                }
                if counts || measured.solve_ms >= LONG_MS {
                    self.rounds.push(measured);
                }
            }
            Err(error) => {
                let refused = serde_json::from_slice::<Refused>(&said);
                let why = refused.map_or_else(|_| error.to_string(), |it| it.refused);
                self.not_run = Some(NotRun::Why(why));
            }
        }
    }

    pub(super) fn times(&self) -> Vec<f64> {
        self.rounds.iter().map(|it| it.solve_ms).collect()
    }

    /// Median, least and most milliseconds of the solves, if there was one.
    pub(super) fn solve_ms(&self) -> Option<[f64; 3]> {
        let times = self.times();
        let least = times.iter().copied().min_by(f64::total_cmp)?;
        let most = times.iter().copied().max_by(f64::total_cmp)?;
        Some([median(times), least, most])
    }

    pub(super) fn build_ms(&self) -> Option<f64> {
        let times: Vec<f64> = self.rounds.iter().map(|it| it.build_ms).collect();
        if times.is_empty() { None } else { Some(median(times)) }
    }

    pub(super) fn peak_mb(&self) -> Option<i64> {
        self.rounds.iter().filter_map(|it| it.peak_mb).max().filter(|it| *it >= 0)
    }

    /// How many times as long as another it took: the median over the rounds, in each of which both ran one
    /// after the other.
    pub(super) fn ratio(&self, other: &Self) -> Option<f64> {
        let pairs = self.rounds.iter().zip(&other.rounds);
        let ratios: Vec<f64> = pairs.map(|(one, other)| one.solve_ms / other.solve_ms).collect();
        if ratios.is_empty() { None } else { Some(median(ratios)) }
    }

    /// What was found, as far as the objective goes; `None` if the rounds differ or there are none.
    pub(super) fn optimum(&self, goal: Goal) -> Option<(u64, i64)> {
        let first = self.rounds.first().map(|it| goal.worth(it))?;
        self.rounds.iter().all(|it| goal.worth(it) == first).then_some(first)
    }
}

/// An instance and what everybody did with it, the engine first.
#[derive(Debug, Serialize)]
pub(super) struct Instance {
    pub(super) file: String,
    pub(super) mentees: u64,
    pub(super) mentors: u64,
    pub(super) edges: u64,
    pub(super) results: Vec<Cell>,
}

impl Instance {
    pub(super) fn engine(&self) -> Option<&Cell> {
        self.results.first()
    }

    /// Whether a solver found what the engine found; `None` if one of them found nothing.
    pub(super) fn agrees(&self, cell: &Cell, goal: Goal) -> Option<bool> {
        let engine = self.engine().filter(|it| !it.rounds.is_empty())?;
        if cell.rounds.is_empty() {
            return None;
        }
        let found = cell.optimum(goal);
        Some(found.is_some() && found == engine.optimum(goal))
    }
}

/// How the time of a solver grows.
#[derive(Debug, Serialize)]
pub(super) struct Growth {
    pub(super) solver: &'static str,
    /// Edges and median milliseconds.
    pub(super) points: Vec<(f64, f64)>,
    /// The time grows as the edges to the power of this, by least squares over the logarithms.
    pub(super) exponent: f64,
    /// Milliseconds at one edge by the same fit.
    pub(super) factor: f64,
}

fn as_float(number: u64) -> f64 {
    // Counts of edges are far below 2^53.
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let float = number as f64;
    float
}

/// How many times as many edges the largest instance has as the smallest, at least: among nearly equal sizes an
/// exponent would tell of noise.
const APART: f64 = 4.0;

/// The growth of every solver that was measured on sizes far enough apart.
pub(super) fn growth(instances: &[Instance]) -> Vec<Growth> {
    let Some(first) = instances.first() else { return Vec::new() };
    let mut all = Vec::new();
    for (at, cell) in first.results.iter().enumerate() {
        let mut points: Vec<(f64, f64)> = instances
            .iter()
            .filter_map(|it| {
                let [median, ..] = it.results.get(at)?.solve_ms()?;
                (it.edges > 0 && median > 0.0).then(|| (as_float(it.edges), median))
            })
            .collect();
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        if let Some((exponent, factor)) = fitted(&points) {
            all.push(Growth { solver: cell.solver, points, exponent, factor });
        }
    }
    all
}

/// Exponent and factor of a power law through points in the order of their sizes; `None` if these are too near to
/// each other.
fn fitted(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let (smallest, largest) = (points.first()?.0, points.last()?.0);
    if largest < smallest * APART {
        return None;
    }
    let logs: Vec<(f64, f64)> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = as_float(u64::try_from(logs.len()).ok()?);
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|it| it.0), mean(|it| it.1));
    let spread: f64 = logs.iter().map(|it| (it.0 - x).powi(2)).sum();
    let exponent = logs.iter().map(|it| (it.0 - x) * (it.1 - y)).sum::<f64>() / spread;
    Some((exponent, (y - exponent * x).exp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(solve_ms: f64, total: i64) -> Ended {
        let said = serde_json::json!({
            "solve_ms": solve_ms, "load_ms": 2.0, "matched": 3, "total": total, "peak_mb": 9,
        });
        Ended::Well(said.to_string().into_bytes())
    }

    fn cell(times: &[f64], total: i64) -> Cell {
        let mut cell = Cell::new("peer");
        for time in times {
            cell.take(said(*time, total), Duration::from_secs(1), true, Goal::Total);
        }
        cell
    }

    fn instance(edges: u64, results: Vec<Cell>) -> Instance {
        Instance { file: "a.bin".to_owned(), mentees: 3, mentors: 3, edges, results }
    }

    #[test]
    fn the_ratio_is_the_median_of_those_of_the_rounds() {
        let (ours, peer) = (cell(&[1.0, 2.0, 1.0], 7), cell(&[10.0, 12.0, 11.0], 7));
        assert_eq!(peer.ratio(&ours), Some(10.0));
        assert_eq!(peer.solve_ms(), Some([11.0, 10.0, 12.0]));
        assert_eq!(Cell::new("peer").ratio(&ours), None);
    }

    #[test]
    fn another_optimum_is_seen_and_so_is_one_that_changes() {
        let mut changing = cell(&[1.0], 7);
        changing.take(said(1.0, 6), Duration::from_secs(1), true, Goal::Total);
        let all = vec![cell(&[1.0], 7), cell(&[1.0], 7), cell(&[1.0], 6), changing, cell(&[], 7)];
        let it = instance(9, all);
        let agrees: Vec<_> = it.results.iter().map(|cell| it.agrees(cell, Goal::Total)).collect();
        assert_eq!(agrees, [Some(true), Some(true), Some(false), Some(false), None]);
    }

    #[test]
    fn what_does_not_count_and_what_goes_wrong() {
        let limit = Duration::from_secs(5);
        let mut cell = Cell::new("peer");
        let goal = Goal::Total;
        cell.take(said(1.0, 7), limit, false, goal);
        assert!(cell.rounds.is_empty() && cell.not_run.is_none());
        cell.take(Ended::Over, limit, true, goal);
        assert_eq!(cell.not_run, Some(NotRun::OverSeconds(5)));
        cell.take(Ended::Well(br#"{"refused": "too large"}"#.to_vec()), limit, false, goal);
        assert_eq!(cell.not_run, Some(NotRun::Why("too large".to_owned())));
        cell.take(Ended::Well(b"nonsense".to_vec()), limit, true, goal);
        assert!(matches!(cell.not_run, Some(NotRun::Why(_))));
    }

    #[test]
    fn of_a_stable_pairing_all_time_counts_and_only_its_size() {
        let mut cells = [7, 6].map(|total| {
            let mut cell = Cell::new("peer");
            cell.take(said(1.0, total), Duration::from_secs(1), true, Goal::Stable);
            cell
        });
        assert_eq!(cells[0].solve_ms(), Some([3.0; 3]));
        assert_eq!(cells[0].optimum(Goal::Stable), cells[1].optimum(Goal::Stable));
        if let Some(round) = cells[1].rounds.first_mut() {
            round.matched += 1;
        }
        assert_ne!(cells[0].optimum(Goal::Stable), cells[1].optimum(Goal::Stable));
    }

    #[test]
    fn whoever_takes_long_is_asked_once() {
        let mut cell = Cell::new("peer");
        cell.take(said(19_999.0, 7), Duration::from_mins(1), false, Goal::Total);
        assert!(cell.rounds.is_empty() && !cell.is_done());
        cell.take(said(20_000.0, 7), Duration::from_mins(1), false, Goal::Total);
        assert!(cell.rounds.len() == 1 && cell.is_done());
    }

    #[test]
    fn the_exponent_of_a_power_is_found() {
        let at = |edges: u64, time: f64| instance(edges, vec![cell(&[time], 7)]);
        let all = [at(10, 3.0), at(1000, 3000.0), at(100, 94.868_329_8)];
        let found = growth(&all);
        assert_eq!(found.len(), 1);
        assert!(found.iter().all(|it| (it.exponent - 1.5).abs() < 1e-6));
        assert!(growth(&[at(10, 3.0), at(39, 4.0), at(10, 3.5)]).is_empty());
        assert_eq!(growth(&[at(40, 4.0), at(10, 3.0)]).len(), 1);
        assert!(growth(&[]).is_empty());
    }
}
