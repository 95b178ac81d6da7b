//! Shortest augmenting paths: a row without a column pushes others on until somebody finds a free place, or
//! somebody has nothing to lose.
//!
//! Lengths are what a step loses against profits and prices, so that the shortest path is the best change,
//! and moving profits and prices by the lengths keeps every pair exactly the best for its row.
//!
//! Source: Jonker and Volgenant: A shortest augmenting path algorithm for dense and sparse linear assignment
//! problems, Computing 38, 1987.
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use super::{
    super::queue::Queue,
    graph::{Graph, NONE},
    grid::Coarse,
    meter::{Meter, Stopped},
    points::Points,
    state::State,
};

/// Where the shortest path ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// At a column with a free place.
    Free(u32),
    /// At a row that gives its place up, or never gets one.
    Without(u32),
}

/// How a column was reached last.
#[derive(Clone, Copy, Debug)]
struct Reached<T> {
    search: u32,
    length: T,
    /// Through which row and arc.
    row: u32,
    arc: u32,
}

/// Forward searches, and the memory that they share.
#[derive(Debug)]
pub(super) struct Paths<T> {
    search: u32,
    reached: Vec<Reached<T>>,
    queue: Queue<u32>,
    closed: Vec<u32>,
    coarse: Coarse,
    limit: T,
    end: Option<End>,
}

impl<T: Points> Paths<T> {
    pub(super) fn new(graph: &Graph<'_, T>) -> Self {
        Self {
            search: 0,
            reached: vec![
                Reached { search: 0, length: T::ZERO, row: NONE, arc: NONE };
                graph.columns()
            ],
            queue: Queue::default(),
            closed: Vec::new(),
            coarse: Coarse::default(),
            limit: T::MAX,
            end: None,
        }
    }

    /// Finds the shortest path from any of `sources`, moves profits and prices by it, and follows it. The
    /// sources have no place; afterwards at least one of them has one, or a profit of 0.
    pub(super) fn augment(
        &mut self,
        graph: &Graph<'_, T>,
        state: &mut State<T>,
        sources: &[u32],
        meter: &mut Meter<'_>,
    ) -> Result<(), Stopped> {
        self.begin();
        // No price changes before the path is found.
        self.coarse.follow(graph.grid(), &state.price);
        for &row in sources {
            self.may_end(End::Without(row), state.profit[row as usize]);
        }
        for &row in sources {
            meter.spend(graph.degree(row))?;
            self.relax(graph, state, row, T::ZERO);
        }
        while let Some((length, column)) = self.queue.pop() {
            let length = T::of_length(length);
            if length >= self.limit {
                break;
            }
            if length > self.reached[column as usize].length {
                continue;
            }
            self.closed.push(column);
            for place in state.taken(graph, column) {
                let row = state.places[place].row;
                self.may_end(End::Without(row), length + state.profit[row as usize]);
                meter.spend(graph.degree(row))?;
                self.relax(graph, state, row, length);
            }
        }
        self.move_duals(graph, state, sources);
        if let Some(end) = self.end {
            self.follow(graph, state, end);
        }
        Ok(())
    }

    fn begin(&mut self) {
        if self.search == u32::MAX {
            self.reached.iter_mut().for_each(|it| it.search = 0);
            self.search = 0;
        }
        self.search += 1;
        self.queue.clear();
        self.closed.clear();
        self.limit = T::MAX;
        self.end = None;
    }

    fn may_end(&mut self, end: End, length: T) {
        if length < self.limit {
            self.limit = length;
            self.end = Some(end);
        }
    }

    fn relax(&mut self, graph: &Graph<'_, T>, state: &State<T>, row: u32, length: T) {
        let base = length + state.profit[row as usize];
        if let Some(grid) = graph.grid() {
            // A length is below the limit where the worth above the price is more than this.
            let mut least = base - self.limit;
            let coarse = std::mem::take(&mut self.coarse);
            grid.above(row, (&state.price, &coarse), &mut least, |at, arc, value, least| {
                self.reach(graph, state, (row, at), arc.column, base - value);
                *least = base - self.limit;
            });
            self.coarse = coarse;
            return;
        }
        graph.each(row, |index, arc| {
            let length = base + state.price[arc.column as usize] - arc.worth;
            if length < self.limit {
                self.reach(graph, state, (row, index), arc.column, length);
            }
        });
    }

    /// A column is reached through a row and an arc.
    #[inline(never)]
    fn reach(
        &mut self,
        graph: &Graph<'_, T>,
        state: &State<T>,
        (row, arc): (u32, usize),
        column: u32,
        length: T,
    ) {
        let known = &mut self.reached[column as usize];
        if known.search == self.search && length >= known.length {
            return;
        }
        let arc = u32::try_from(arc).unwrap_or(NONE);
        *known = Reached { search: self.search, length, row, arc };
        if state.is_full(graph, column) {
            self.queue.push(length.length(), column);
        } else {
            self.may_end(End::Free(column), length);
        }
    }

    fn move_duals(&self, graph: &Graph<'_, T>, state: &mut State<T>, sources: &[u32]) {
        for &row in sources {
            state.profit[row as usize] -= self.limit;
        }
        for &column in &self.closed {
            let by = self.limit - self.reached[column as usize].length;
            state.price[column as usize] += by;
            for place in state.taken(graph, column) {
                state.profit[state.places[place].row as usize] -= by;
            }
        }
    }

    fn follow(&self, graph: &Graph<'_, T>, state: &mut State<T>, end: End) {
        let (mut column, mut place) = match end {
            End::Free(column) => {
                let place = graph.places[column as usize] + state.filled[column as usize];
                state.filled[column as usize] += 1;
                (column, place)
            }
            End::Without(row) => {
                let place = std::mem::replace(&mut state.place_of[row as usize], NONE);
                if place == NONE {
                    return;
                }
                (graph.arc(state.arc_of[row as usize] as usize).column, place)
            }
        };
        loop {
            let Reached { row, arc, .. } = self.reached[column as usize];
            let before = (state.place_of[row as usize], state.arc_of[row as usize]);
            state.seat(row, arc, place);
            if before.0 == NONE {
                return;
            }
            place = before.0;
            column = graph.arc(before.1 as usize).column;
        }
    }
}
