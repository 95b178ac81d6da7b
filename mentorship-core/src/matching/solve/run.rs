//! One exact run: the pairing with the highest sum of scores and bonuses, with its profits and prices.
#![expect(clippy::indexing_slicing, reason = "rows, columns and people come from the graph")]

use super::{
    super::{certificate::Pair, problem::Problem},
    auction::auction,
    graph::{Graph, NONE, Scale},
    meter::{Meter, Stage, Stopped},
    paths::Paths,
    points::Points,
    repair::repair,
    sofar::{Best, bound, pairs, prices_of, profits_for},
    state::State,
    ties::augment_tight,
};

/// Scaled points of one point at most. Prices move by fractions of a point where scores have few levels.
const UNIT_MAX: i64 = 1024;
/// Largest worth that is counted in `i32`, in scaled points: sums of a profit, a price and a length fit.
const NARROW_MAX: i64 = 1 << 28;
/// Ties are taken in bulk while a phase settles at least one in so many of those who are left.
const BULK_SHARE: usize = 20;

/// What a run found.
pub(super) struct Found {
    pub(super) pairs: Vec<Pair>,
    pub(super) profits: Vec<i64>,
    pub(super) prices: Vec<i64>,
    /// Whether the run came to its end.
    pub(super) complete: bool,
}

/// Runs with `bonus` points for every pair, from `prices` of mentors that are nearly right if there are any.
/// They decide how long it takes, and which of equally good pairings comes out, but not how good it is.
pub(super) fn run(
    problem: &Problem,
    bonus: i64,
    seed: u64,
    prices: Option<&[i64]>,
    meter: &mut Meter<'_>,
) -> Found {
    meter.begin(Stage::Prepare);
    let largest = i64::from(problem.weight_max());
    let own = largest + bonus + 1;
    let unit = power_of_two((NARROW_MAX / own).clamp(1, UNIT_MAX));
    if own * unit <= NARROW_MAX {
        Run::<i32>::new(problem, Scale { unit, bonus, own }, seed, meter).run(prices)
    } else {
        Run::<i64>::new(problem, Scale { unit: 1, bonus, own }, seed, meter).run(prices)
    }
}

/// The highest power of two that is not above a positive number.
fn power_of_two(number: i64) -> i64 {
    1 << number.ilog2()
}

struct Run<'a, 'm, T> {
    problem: &'a Problem,
    graph: Graph<'a, T>,
    state: State<T>,
    meter: &'a mut Meter<'m>,
    /// The best pairing at the end of a phase, if somebody watches.
    best: Best,
}

impl<'a, 'm, T: Points> Run<'a, 'm, T> {
    fn new(problem: &'a Problem, scale: Scale, seed: u64, meter: &'a mut Meter<'m>) -> Self {
        let graph = Graph::new(problem, scale, seed);
        let state = State::new(&graph);
        Self { problem, graph, state, meter, best: Best::default() }
    }

    fn run(mut self, prices: Option<&[i64]>) -> Found {
        if self.solve(prices).is_err() {
            return self.stopped();
        }
        let pairs = pairs(self.problem, &self.graph, &self.state);
        let (profits, prices) = self.whole_points();
        Found { pairs, profits, prices, complete: true }
    }

    fn solve(&mut self, prices: Option<&[i64]>) -> Result<(), Stopped> {
        self.meter.spend(self.graph.size())?;
        // A bonus makes prices go further. Where it is many times the largest score, it was raised to bring
        // the number of pairs out, and prices differ by hardly more than before.
        let Scale { unit, bonus, .. } = self.graph.scale;
        let score = i64::from(self.problem.weight_max());
        let largest = (score + bonus.min(score)) * unit;
        let Self { problem, graph, state, best, .. } = self;
        // The own columns of mentees have no prices yet, and those would have to climb very far.
        let prices = prices.filter(|_| graph.own_column.iter().all(|it| *it == NONE));
        for (price, known) in state.price.iter_mut().zip(prices.into_iter().flatten()) {
            *price = T::of((*known).clamp(0, graph.scale.own) * graph.scale.unit);
        }
        let after = |state: &mut State<T>, meter: &mut Meter<'_>| {
            if meter.is_watched() {
                state.settle(graph);
                best.keep(problem, graph, state);
                meter.learn(best.value, bound(problem, graph, state));
            }
            meter.look()
        };
        let left = auction(graph, state, self.meter, largest, prices.is_some(), after)?;
        self.profits(&left)?;
        self.forward(left)?;
        self.meter.begin(Stage::Repair);
        repair(&self.graph, &mut self.state, self.meter)
    }

    /// The profits after the auction without a margin. Prices only rise while it runs, so that whoever has a
    /// place bid for what is still the best for them, and whoever found nothing worth more than 0 still finds
    /// nothing. Only those who are `left` have to look again.
    fn profits(&mut self, left: &[u32]) -> Result<(), Stopped> {
        let (graph, state) = (&self.graph, &mut self.state);
        for row in 0..graph.rows() {
            let profit = if state.place_of[row] == NONE {
                T::ZERO
            } else {
                let arc = graph.arc(state.arc_of[row] as usize);
                arc.worth - state.price[arc.column as usize]
            };
            state.profit[row] = profit;
        }
        for &row in left {
            self.meter.spend(graph.row(row).len())?;
            state.profit[row as usize] = state.best(graph, row);
        }
        debug_assert!(
            (0..)
                .take(graph.rows())
                .all(|row| state.profit[row as usize] == state.best(graph, row))
        );
        Ok(())
    }

    /// Places everybody who is left after the auction, or shows that they are no better off with a place.
    fn forward(&mut self, mut left: Vec<u32>) -> Result<(), Stopped> {
        let (graph, state) = (&self.graph, &mut self.state);
        let mut paths = Paths::new(graph);
        let waiting = |state: &State<T>, row: u32| {
            state.place_of[row as usize] == NONE && state.profit[row as usize] > T::ZERO
        };
        left.retain(|row| waiting(state, *row));
        self.meter.begin(Stage::Ties);
        loop {
            let before = left.len();
            augment_tight(graph, state, &left, self.meter)?;
            left.retain(|row| waiting(state, *row));
            if (before - left.len()) * BULK_SHARE < before || left.is_empty() {
                break;
            }
            paths.augment(graph, state, &left, self.meter)?;
            left.retain(|row| waiting(state, *row));
        }
        self.meter.begin(Stage::Paths);
        for row in left {
            paths.augment(graph, state, &[row], self.meter)?;
        }
        Ok(())
    }

    /// Profits and prices in whole points: prices rounded down, profits up. That keeps a certificate a
    /// certificate. With `p + q >= K w` for whole `w`: if the fractions of `p` and `q` are below one point
    /// together, `floor + floor >= w` already; if not, `p` has a fraction and rounding it up gains one. A
    /// pair with `p + q = K w` has fractions of 0 or of one point together, and stays exact; 0 stays 0.
    fn whole_points(&self) -> (Vec<i64>, Vec<i64>) {
        let Scale { unit, own, .. } = self.graph.scale;
        let down = |points: T| points.wide().div_euclid(unit);
        let mut prices: Vec<i64> = self.state.price.iter().map(|price| down(*price)).collect();
        let mut profits = vec![0; self.problem.mentees()];
        for (row, &mentee) in self.graph.mentee_of.iter().enumerate() {
            let mentee = mentee as usize;
            if self.problem.mentee_capacities()[mentee] == 1 {
                let profit = self.state.profit[row].wide();
                profits[mentee] = profit.div_euclid(unit) + i64::from(profit % unit > 0);
            }
        }
        // One more row of a mentee with several would get what their own column is worth above its price.
        for (mentee, &column) in self.graph.own_column.iter().enumerate() {
            if column != NONE {
                profits[mentee] = (own - prices[column as usize]).max(0);
            }
        }
        prices.truncate(self.problem.mentors());
        // Who has no places costs nothing at any price, and their pairs must not look like an improvement.
        let most = own - 1;
        for (profit, places) in profits.iter_mut().zip(self.problem.mentee_capacities()) {
            if *places == 0 {
                *profit = most;
            }
        }
        for (price, places) in prices.iter_mut().zip(self.problem.mentor_capacities()) {
            if *places == 0 {
                *price = most;
            }
        }
        (profits, prices)
    }

    /// The best so far, with profits for the prices so far.
    fn stopped(mut self) -> Found {
        self.state.settle(&self.graph);
        self.best.keep(self.problem, &self.graph, &self.state);
        let prices = prices_of(self.problem, &self.graph, &self.state);
        let profits = profits_for(self.problem, &prices, self.graph.scale.bonus);
        Found { pairs: self.best.pairs, profits, prices, complete: false }
    }
}
