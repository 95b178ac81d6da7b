//! Columns with a free place and a price above 0: a price that nothing justifies. It has to fall, or the
//! place has to be filled; without this the pairing would be worse than it could be, and nobody would know.
//!
//! The search runs the other way round: from the column to a row that would come, on to the column that
//! this row leaves, until somebody comes who had no column, or a place may stay free. It ends where little
//! has been lost on the way, so that only arcs by which little is lost are turned round ([`Near`]).
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use super::{
    super::queue::Queue,
    graph::{Arc, Graph, NONE},
    meter::{Meter, Stopped},
    points::Points,
    state::State,
};

/// The first searches look as far as this part of the highest price that has to fall, later ones [`FURTHER`]
/// times as far if that was not enough.
const FIRST_REACH: i64 = 16;
const FURTHER: i64 = 4;

/// Repairs every column. No row may have a profit without a column.
pub(super) fn repair<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    meter: &mut Meter<'_>,
) -> Result<(), Stopped> {
    let wrong = wrong(graph, state);
    let Some(highest) = wrong.iter().map(|column| state.price[*column as usize]).max() else {
        return Ok(());
    };
    let reach = (highest.wide() / FIRST_REACH).max(graph.scale.unit).min(highest.wide());
    repair_within(graph, state, wrong, [T::of(reach), highest], meter)
}

/// Columns with a free place and a price above 0.
fn wrong<T: Points>(graph: &Graph<'_, T>, state: &State<T>) -> Vec<u32> {
    (0..).take(graph.columns()).filter(|column| is_wrong(graph, state, *column)).collect()
}

fn is_wrong<T: Points>(graph: &Graph<'_, T>, state: &State<T>, column: u32) -> bool {
    state.price[column as usize] > T::ZERO && !state.is_full(graph, column)
}

/// Repairs these columns, with searches that look so far at first and so far in the end, which is enough for any
/// of their prices.
fn repair_within<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    columns: Vec<u32>,
    [first, last]: [T; 2],
    meter: &mut Meter<'_>,
) -> Result<(), Stopped> {
    let further = |reach: T| T::of(reach.wide().saturating_mul(FURTHER).min(last.wide()));
    let mut near = Near::new(graph, state, first, meter)?;
    let mut search = Search::new(graph, state);
    for column in columns {
        while is_wrong(graph, state, column) {
            let reach = match search.run(graph, state, &near, column, meter)? {
                Searched::Done => continue,
                Searched::TooFar => further(near.reach),
                // To list arcs often would cost more than to look at more of them.
                Searched::Stale if search.looked_at < graph.size() => further(near.reach),
                Searched::Stale => near.reach,
            };
            search.looked_at = 0;
            drop(near);
            near = Near::new(graph, state, reach, meter)?;
        }
    }
    Ok(())
}

/// A row that may come to a column, and what it is worth there.
#[derive(Clone, Copy, Debug)]
struct Coming<T> {
    row: u32,
    worth: T,
}

/// The arcs into each column by which less than twice `reach` was lost when they were turned round. While the
/// price of a column has fallen by no more than `reach` since, none of the others into it is of use to a path
/// that loses less than `reach`: profits only rise while columns are repaired, and a loss falls by no more
/// than the price.
#[derive(Debug)]
struct Near<T> {
    reach: T,
    starts: Vec<u32>,
    coming: Vec<Coming<T>>,
    /// The prices at that time.
    before: Vec<T>,
}

impl<T: Points> Near<T> {
    fn new(
        graph: &Graph<'_, T>,
        state: &State<T>,
        reach: T,
        meter: &mut Meter<'_>,
    ) -> Result<Self, Stopped> {
        meter.spend(graph.size())?;
        let mut starts = vec![0_u32; graph.columns() + 1];
        // Which arcs, and where those of each row end.
        let (mut near, mut ends) = (Vec::new(), Vec::with_capacity(graph.rows()));
        for row in (0..).take(graph.rows()) {
            let enough = state.profit[row as usize] - reach - reach;
            graph.each(row, |at, arc| {
                if arc.worth - state.price[arc.column as usize] > enough {
                    starts[arc.column as usize + 1] += 1;
                    near.push(u32::try_from(at).unwrap_or(NONE));
                }
            });
            ends.push(near.len());
        }
        for column in 0..graph.columns() {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut coming = vec![Coming { row: NONE, worth: T::ZERO }; near.len()];
        let mut begun = 0;
        for (row, end) in (0..).zip(ends) {
            for arc in &near[begun..end] {
                let Arc { column, worth } = graph.arc(*arc as usize);
                let at = &mut next[column as usize];
                coming[*at as usize] = Coming { row, worth };
                *at += 1;
            }
            begun = end;
        }
        Ok(Self { reach, starts, coming, before: state.price.clone() })
    }

    fn into(&self, column: u32) -> &[Coming<T>] {
        let column = column as usize;
        &self.coming[self.starts[column] as usize..self.starts[column + 1] as usize]
    }
}

/// What became of a search.
enum Searched {
    /// One more place of the column is taken, or its price is 0.
    Done,
    /// A price on the way has fallen by too much since arcs were turned round; nothing has changed.
    Stale,
    /// There is no path within reach; nothing has changed.
    TooFar,
}

/// A row, and how it was reached: all of it in one line of the cache.
#[derive(Clone, Copy, Debug)]
struct Row<T> {
    profit: T,
    /// Its column, or [`NONE`].
    column: u32,
    round: u32,
    length: T,
}

/// A column, and how it was reached.
#[derive(Clone, Copy, Debug)]
struct Column<T> {
    price: T,
    round: u32,
    length: T,
    /// The row through which it was reached: it would leave that column.
    via: u32,
}

struct Search<T> {
    rows: Vec<Row<T>>,
    columns: Vec<Column<T>>,
    /// The column to which a row would go.
    to: Vec<u32>,
    round: u32,
    queue: Queue<u32>,
    closed: Vec<u32>,
    reached: Vec<u32>,
    /// Arcs, since this was last set to 0.
    looked_at: usize,
}

impl<T: Points> Search<T> {
    fn new(graph: &Graph<'_, T>, state: &State<T>) -> Self {
        let row = |row: usize| {
            let seated = state.place_of[row] != NONE;
            let column = if seated { graph.arc(state.arc_of[row] as usize).column } else { NONE };
            Row { profit: state.profit[row], column, round: 0, length: T::ZERO }
        };
        let column = |price: &T| Column { price: *price, round: 0, length: T::ZERO, via: NONE };
        Self {
            rows: (0..graph.rows()).map(row).collect(),
            columns: state.price.iter().map(column).collect(),
            to: vec![NONE; graph.rows()],
            round: 0,
            queue: Queue::default(),
            closed: Vec::new(),
            reached: Vec::new(),
            looked_at: 0,
        }
    }

    /// One shortest path from `start`.
    fn run(
        &mut self,
        graph: &Graph<'_, T>,
        state: &mut State<T>,
        near: &Near<T>,
        start: u32,
        meter: &mut Meter<'_>,
    ) -> Result<Searched, Stopped> {
        self.begin(start);
        // The path may end at once: the price falls to 0 and the place stays free.
        let price = self.columns[start as usize].price;
        let mut limit = price.min(near.reach);
        // The last row of the best path so far; none if it ends where it starts.
        let mut end = NONE;
        while let Some((length, at)) = self.queue.pop() {
            let length = T::of_length(length);
            if length >= limit {
                break;
            }
            let column = self.columns[at as usize];
            if length > column.length {
                continue;
            }
            if near.before[at as usize] - column.price > near.reach {
                return Ok(Searched::Stale);
            }
            self.closed.push(at);
            meter.spend(near.into(at).len())?;
            self.looked_at += near.into(at).len();
            for coming in near.into(at) {
                let row = &mut self.rows[coming.row as usize];
                let length = length + (row.profit + column.price - coming.worth);
                let seen = row.round == self.round;
                if length >= limit || seen && length >= row.length {
                    continue;
                }
                if !seen {
                    row.round = self.round;
                    self.reached.push(coming.row);
                }
                row.length = length;
                if row.column == at {
                    // Already there: its profit moves with the price, but it cannot come.
                    continue;
                }
                if row.column == NONE {
                    self.to[coming.row as usize] = at;
                    limit = length;
                    end = coming.row;
                    continue;
                }
                let leaves = &mut self.columns[row.column as usize];
                if leaves.round == self.round && length >= leaves.length {
                    continue;
                }
                self.to[coming.row as usize] = at;
                (leaves.round, leaves.length, leaves.via) = (self.round, length, coming.row);
                if length + leaves.price < limit {
                    limit = length + leaves.price;
                    end = coming.row;
                }
                self.queue.push(length.length(), row.column);
            }
        }
        if end == NONE && limit < price {
            return Ok(Searched::TooFar);
        }
        meter.spend(self.path_arcs(graph, start, end))?;
        self.move_duals(state, limit);
        if end != NONE {
            self.follow(graph, state, start, end);
        }
        Ok(Searched::Done)
    }

    fn begin(&mut self, start: u32) {
        if self.round == u32::MAX {
            self.rows.iter_mut().for_each(|row| row.round = 0);
            self.columns.iter_mut().for_each(|column| column.round = 0);
            self.round = 0;
        }
        self.round += 1;
        self.queue.clear();
        self.closed.clear();
        self.reached.clear();
        let column = &mut self.columns[start as usize];
        (column.round, column.length, column.via) = (self.round, T::ZERO, NONE);
        self.queue.push(0, start);
    }

    /// How many arcs the rows of a path have.
    fn path_arcs(&self, graph: &Graph<'_, T>, start: u32, end: u32) -> usize {
        let (mut row, mut arcs) = (end, 0);
        while row != NONE {
            arcs += graph.degree(row);
            let column = self.to[row as usize];
            row = if column == start { NONE } else { self.columns[column as usize].via };
        }
        arcs
    }

    fn move_duals(&mut self, state: &mut State<T>, limit: T) {
        for &at in &self.closed {
            let column = &mut self.columns[at as usize];
            column.price -= limit - column.length;
            state.price[at as usize] = column.price;
        }
        for &at in &self.reached {
            let row = &mut self.rows[at as usize];
            if row.length < limit {
                row.profit += limit - row.length;
                state.profit[at as usize] = row.profit;
            }
        }
    }

    /// Moves the rows of the path, the last one first. The place that it leaves is freed, unless the next
    /// row of the path takes it.
    fn follow(&mut self, graph: &Graph<'_, T>, state: &mut State<T>, start: u32, end: u32) {
        let mut row = end;
        if state.place_of[row as usize] != NONE {
            let leaves = self.rows[row as usize].column;
            free(graph, state, leaves, state.place_of[row as usize]);
        }
        loop {
            let column = self.to[row as usize];
            self.rows[row as usize].column = column;
            let arc = graph.arc_to(row, column);
            if column == start {
                let place = graph.places[column as usize] + state.filled[column as usize];
                state.filled[column as usize] += 1;
                state.seat(row, arc, place);
                return;
            }
            let before = self.columns[column as usize].via;
            let place = state.place_of[before as usize];
            state.seat(row, arc, place);
            row = before;
        }
    }
}

/// Frees a place: the last row of the column moves there, so that the taken places stay the first ones.
fn free<T: Points>(graph: &Graph<'_, T>, state: &mut State<T>, column: u32, place: u32) {
    state.filled[column as usize] -= 1;
    let last = graph.places[column as usize] + state.filled[column as usize];
    let moved = state.places[last as usize];
    state.places[place as usize] = moved;
    state.place_of[moved.row as usize] = place;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            super::{
                certificate::Objective,
                problem::{Edge, Problem},
            },
            Options,
            graph::Scale,
            meter::Meter,
            sofar, solve,
        },
        *,
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        /// Where every price is higher than any score and nobody has a place, every column has to be repaired,
        /// and the whole pairing is found on the way: by searches that see little of it at a time, too.
        #[test]
        fn from_prices_that_nobody_pays_the_best_pairing_is_found(
            cells in prop::collection::vec((prop::bool::weighted(0.8), 0..10_i32), 100),
            least in prop::sample::select(vec![0, 50]),
            capacity in prop::collection::vec(1..3_u32, 10),
            reach in 1..4_i32,
            seed in 0..3_u64,
        ) {
            let mut edges = Vec::new();
            for (at, (_, weight)) in (0..).zip(cells).filter(|it| it.1.0) {
                let weight = least + weight;
                edges.push(Edge { mentee: at / 10, mentor: at % 10, weight });
            }
            let problem = Problem::new(10, capacity, &edges).unwrap();
            let scale = Scale { unit: 1, bonus: 0, own: 61 };
            let graph = Graph::<i32>::new(&problem, scale, seed);
            let mut state = State::new(&graph);
            state.price.fill(60);
            let columns = wrong(&graph, &state);
            let mut meter = Meter::new(None, None);
            repair_within(&graph, &mut state, columns, [reach, 60], &mut meter).unwrap();
            let pairs = sofar::pairs(&problem, &graph, &state);
            let total: i64 = pairs
                .iter()
                .map(|it| problem.weights()[problem.edge(it.mentee, it.mentor).unwrap()])
                .map(i64::from)
                .sum();
            let best = solve(&problem, Objective::BestTotal, &Options::default());
            prop_assert_eq!(total, best.value.total);
        }
    }
}
