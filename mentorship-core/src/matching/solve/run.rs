//! One exact run: the pairing with the highest sum of scores and bonuses, with its profits and prices.
#![expect(clippy::indexing_slicing, reason = "rows, columns and people come from the graph")]

use super::{
    super::{
        certificate::{Certificate, Cover, Objective, Pair},
        problem::Problem,
    },
    auction::auction,
    bids::{Bidders, bid_as_crowd},
    cover::{cover, lower},
    graph::{Graph, NONE, Scale},
    grid::Coarse,
    meter::{Meter, Stage, Stopped},
    paths::Paths,
    points::Points,
    repair::repair,
    sofar::{Best, bound, pairs, prices_of, profits_for},
    state::State,
    threads,
    ties::augment_tight,
};

/// Scaled points of one point at most. Prices move by fractions of a point where scores have few levels.
const UNIT_MAX: i64 = 1024;
/// Largest worth that is counted in `i32`, in scaled points: sums of a profit, a price and a length fit.
const NARROW_MAX: i64 = 1 << 28;
/// Ties are taken in bulk while a phase settles at least one in so many of those who are left.
const BULK_SHARE: usize = 20;

/// Rounds in which ties are taken in bulk at least after a bonus was raised, whatever they settle: where no
/// more pairs are possible, one round shows it for everybody.
const BULK_LEAST: usize = 8;

/// What a run found.
pub(super) struct Found {
    pub(super) pairs: Vec<Pair>,
    /// For an objective that needs one, a cover if the number of pairs is proven; profits and prices are
    /// those of the pairs if the run came to its end.
    pub(super) certificate: Certificate,
}

/// Runs with at least `bonus` points for every pair, from `prices` of mentors that are nearly right if there
/// are any. They decide how long it takes, and which of equally good pairings comes out, but not how good it
/// is.
pub(super) fn run(
    problem: &Problem,
    (objective, bonus): (Objective, i64),
    (seed, threads): (u64, usize),
    prices: Option<&[i64]>,
    meter: &mut Meter<'_>,
) -> Found {
    meter.begin(Stage::Prepare);
    meter.restart(bonus);
    let own = i64::from(problem.weight_max()) + bonus + 1;
    let unit = power_of_two((NARROW_MAX / own).clamp(1, UNIT_MAX));
    let wanted = Wanted { problem, objective, seed, threads };
    if own * unit <= NARROW_MAX {
        Run::<i32>::new(wanted, Scale { unit, bonus, own }, meter).run(prices)
    } else {
        Run::<i64>::new(wanted, Scale { unit: 1, bonus, own }, meter).run(prices)
    }
}

/// What is looked for.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    problem: &'a Problem,
    objective: Objective,
    seed: u64,
    threads: usize,
}

/// The highest power of two that is not above a positive number.
fn power_of_two(number: i64) -> i64 {
    1 << number.ilog2()
}

struct Run<'a, 'm, T> {
    wanted: Wanted<'a>,
    graph: Graph<'a, T>,
    state: State<T>,
    meter: &'a mut Meter<'m>,
    /// The best pairing at the end of a phase, if somebody watches.
    best: Best,
}

impl<'a, 'm, T: Points> Run<'a, 'm, T> {
    fn new(wanted: Wanted<'a>, scale: Scale, meter: &'a mut Meter<'m>) -> Self {
        let graph = Graph::new(wanted.problem, scale, wanted.seed);
        let state = State::new(&graph);
        Self { wanted, graph, state, meter, best: Best::default() }
    }

    fn run(mut self, prices: Option<&[i64]>) -> Found {
        if self.solve(prices).is_err() {
            return self.stopped();
        }
        let pairs = pairs(self.wanted.problem, &self.graph, &self.state);
        if self.wanted.objective == Objective::BestTotal {
            return self.found(pairs, None);
        }
        self.meter.begin(Stage::Cover);
        match cover(self.wanted.problem, &pairs, self.meter) {
            Ok(None) => self.raised().most(),
            Ok(cover) => self.found(pairs, cover),
            Err(Stopped) => self.found(pairs, None),
        }
    }

    /// The same with a bonus that no scores outweigh. All worths rise by as much, and so do the profits of
    /// all, so that everything stays the best for everybody, except that whoever has no column would now
    /// rather have one.
    fn raised(self) -> Run<'a, 'm, i64> {
        let Self { wanted, graph, state, meter, .. } = self;
        let Scale { unit, bonus: before, own } = graph.scale;
        // One more pair changes each of the others at most once.
        let places: u64 = wanted.problem.mentor_capacities().iter().copied().map(u64::from).sum();
        let others = i64::try_from(places.min(graph.rows() as u64)).unwrap_or(i64::MAX);
        let bonus = before.max(i64::from(wanted.problem.weight_max()).saturating_mul(others)) + 1;
        meter.begin(Stage::Prepare);
        meter.restart(bonus);
        let by = bonus - before;
        let scale = Scale { unit, bonus, own: own + by };
        let mut state = state.raised(by * unit);
        let columns = graph.grid().is_some().then(|| state.columns(&graph));
        drop(graph);
        let graph = Graph::<i64>::new(wanted.problem, scale, wanted.seed);
        // With such a bonus there may be no grid any more, and arcs have other numbers.
        if let Some(columns) = columns.filter(|_| graph.grid().is_none()) {
            state.choose(&graph, &columns);
        }
        let mut run = Run { wanted, graph, state, meter, best: Best::default() };
        run.keep();
        run
    }

    /// Keeps what there is if it is the best so far, and says so.
    fn keep(&mut self) {
        let Self { wanted: Wanted { problem, .. }, graph, state, meter, best } = self;
        best.keep(problem, graph, state);
        if meter.is_watched() {
            meter.learn(best.value, bound(problem, graph, state));
        }
    }

    fn found(self, pairs: Vec<Pair>, cover: Option<Cover>) -> Found {
        let (profits, prices) = self.whole_points();
        let (objective, bonus) = (self.wanted.objective, self.graph.scale.bonus);
        Found { pairs, certificate: Certificate { objective, bonus, profits, prices, cover } }
    }

    fn solve(&mut self, prices: Option<&[i64]>) -> Result<(), Stopped> {
        self.meter.spend(self.graph.size())?;
        // A bonus makes prices go further. Where it is many times the largest score, prices are known that
        // are nearly right, and differ by hardly more than without.
        let Scale { unit, bonus, .. } = self.graph.scale;
        let score = i64::from(self.wanted.problem.weight_max());
        let largest = (score + bonus.min(score)) * unit;
        let Self { wanted: Wanted { problem, threads, .. }, graph, state, best, .. } = self;
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
        let warm = prices.is_some();
        let meter = &mut *self.meter;
        meter.begin(Stage::Auction);
        let threads = if bid_as_crowd(graph) { *threads } else { 1 };
        let left = threads::among(threads, |threads| {
            let mut bidders = Bidders::new(graph, threads);
            auction(graph, state, &mut bidders, meter, largest, warm, after)
        })?;
        self.profits(&left)?;
        self.forward(left, 0)?;
        self.meter.begin(Stage::Repair);
        repair(&self.graph, &mut self.state, self.meter)
    }

    /// The profits after the auction without a margin. Prices only rise while it runs, so that whoever has a
    /// place bid for what is still the best for them, and whoever found nothing worth more than 0 still finds
    /// nothing. Only those who are `left` have to look again.
    fn profits(&mut self, left: &[u32]) -> Result<(), Stopped> {
        let (graph, state) = (&self.graph, &mut self.state);
        let mut coarse = Coarse::default();
        coarse.follow(graph.grid(), &state.price);
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
            self.meter.spend(graph.degree(row))?;
            state.profit[row as usize] = state.best(graph, &coarse, row);
        }
        debug_assert!(
            (0..)
                .take(graph.rows())
                .all(|row| state.profit[row as usize] == state.best(graph, &coarse, row))
        );
        Ok(())
    }

    /// Places everybody who is left after the auction, or shows that they are no better off with a place; in
    /// bulk for at least so many rounds.
    fn forward(&mut self, mut left: Vec<u32>, rounds: usize) -> Result<(), Stopped> {
        let (graph, state) = (&self.graph, &mut self.state);
        let mut paths = Paths::new(graph);
        let waiting = |state: &State<T>, row: u32| {
            state.place_of[row as usize] == NONE && state.profit[row as usize] > T::ZERO
        };
        left.retain(|row| waiting(state, *row));
        self.meter.begin(Stage::Ties);
        for round in 0.. {
            let before = left.len();
            augment_tight(graph, state, &left, self.meter)?;
            left.retain(|row| waiting(state, *row));
            let few = (before - left.len()) * BULK_SHARE < before;
            if few && round >= rounds || left.is_empty() {
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
        let mut profits = vec![0; self.wanted.problem.mentees()];
        for (row, &mentee) in self.graph.mentee_of.iter().enumerate() {
            let mentee = mentee as usize;
            if self.wanted.problem.mentee_capacities()[mentee] == 1 {
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
        prices.truncate(self.wanted.problem.mentors());
        // Who has no places costs nothing at any price, and their pairs must not look like an improvement.
        let most = own - 1;
        for (profit, places) in profits.iter_mut().zip(self.wanted.problem.mentee_capacities()) {
            if *places == 0 {
                *profit = most;
            }
        }
        for (price, places) in prices.iter_mut().zip(self.wanted.problem.mentor_capacities()) {
            if *places == 0 {
                *price = most;
            }
        }
        (profits, prices)
    }

    /// The best so far, with profits for the prices so far.
    fn stopped(mut self) -> Found {
        let Wanted { problem, objective, .. } = self.wanted;
        self.state.settle(&self.graph);
        self.best.keep(problem, &self.graph, &self.state);
        let bonus = self.graph.scale.bonus;
        let prices = prices_of(problem, &self.graph, &self.state);
        let profits = profits_for(problem, &prices, bonus);
        let certificate = Certificate { objective, bonus, profits, prices, cover: None };
        Found { pairs: self.best.pairs, certificate }
    }
}

impl Run<'_, '_, i64> {
    /// As many pairs as can be, and of those pairings the best, from the best with a smaller bonus: only those
    /// without a column have anything to look for.
    fn most(mut self) -> Found {
        let mut more = || {
            self.meter.spend(self.graph.size())?;
            let rows = (0..).zip(&self.state.place_of);
            let left = rows.filter(|(_, place)| **place == NONE).map(|(row, _)| row).collect();
            self.forward(left, BULK_LEAST)?;
            self.meter.begin(Stage::Repair);
            repair(&self.graph, &mut self.state, self.meter)
        };
        if more().is_err() {
            return self.stopped();
        }
        let problem = self.wanted.problem;
        let pairs = pairs(problem, &self.graph, &self.state);
        self.meter.begin(Stage::Cover);
        let cover = cover(problem, &pairs, self.meter).ok().flatten();
        let mut found = self.found(pairs, cover);
        lower(problem, &mut found.certificate);
        found
    }
}
