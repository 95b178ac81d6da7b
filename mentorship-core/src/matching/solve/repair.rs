//! Columns with a free place and a price above 0: a price that nothing justifies. It has to fall, or the
//! place has to be filled; without this the pairing would be worse than it could be, and nobody would know.
//!
//! The search runs the other way round: from the column to a row that would come, on to the column that
//! this row leaves, until somebody comes who had no column, or a place may stay free.
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use std::{cmp::Reverse, collections::BinaryHeap};

use super::{
    graph::{Graph, NONE},
    meter::{Meter, Stopped},
    points::Points,
    state::State,
};

/// The arcs into each column.
#[derive(Debug)]
struct Transpose {
    starts: Vec<u32>,
    /// The row and the arc.
    into: Vec<(u32, u32)>,
}

impl Transpose {
    fn new<T: Points>(graph: &Graph<'_, T>) -> Self {
        let mut starts = vec![0_u32; graph.columns() + 1];
        for row in (0..).take(graph.rows()) {
            graph.each(row, |_, arc| starts[arc.column as usize + 1] += 1);
        }
        for column in 0..graph.columns() {
            starts[column + 1] += starts[column];
        }
        let mut next = starts.clone();
        let mut into = vec![(NONE, NONE); graph.size()];
        for row in (0..).take(graph.rows()) {
            graph.each(row, |index, arc| {
                let at = &mut next[arc.column as usize];
                into[*at as usize] = (row, u32::try_from(index).unwrap_or(NONE));
                *at += 1;
            });
        }
        Self { starts, into }
    }

    fn arcs_into(&self, column: u32) -> &[(u32, u32)] {
        let column = column as usize;
        &self.into[self.starts[column] as usize..self.starts[column + 1] as usize]
    }
}

/// Repairs every column. No row may have a profit without a column.
pub(super) fn repair<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    meter: &mut Meter<'_>,
) -> Result<(), Stopped> {
    let wrong = |state: &State<T>, column: u32| {
        state.price[column as usize] > T::ZERO && !state.is_full(graph, column)
    };
    let columns: Vec<u32> = (0..).take(graph.columns()).collect();
    let columns: Vec<u32> = columns.into_iter().filter(|it| wrong(state, *it)).collect();
    if columns.is_empty() {
        return Ok(());
    }
    meter.spend(2 * graph.size())?;
    let mut search = Search {
        transpose: Transpose::new(graph),
        mark: vec![0; graph.columns()],
        row_mark: vec![0; graph.rows()],
        round: 0,
        length: vec![T::ZERO; graph.columns()],
        row_length: vec![T::ZERO; graph.rows()],
        via: vec![NONE; graph.columns()],
        arc: vec![NONE; graph.rows()],
        heap: BinaryHeap::new(),
        closed: Vec::new(),
        reached: Vec::new(),
    };
    for column in columns {
        while wrong(state, column) {
            search.run(graph, state, column, meter)?;
        }
    }
    Ok(())
}

struct Search<T> {
    transpose: Transpose,
    mark: Vec<u32>,
    row_mark: Vec<u32>,
    round: u32,
    length: Vec<T>,
    row_length: Vec<T>,
    /// The row through which a column was reached: it would leave that column.
    via: Vec<u32>,
    /// The arc that a row would take.
    arc: Vec<u32>,
    heap: BinaryHeap<Reverse<(T, u32)>>,
    closed: Vec<u32>,
    reached: Vec<u32>,
}

impl<T: Points> Search<T> {
    /// One shortest path from `start`. Afterwards one more of its places is taken, or its price is 0.
    fn run(
        &mut self,
        graph: &Graph<'_, T>,
        state: &mut State<T>,
        start: u32,
        meter: &mut Meter<'_>,
    ) -> Result<(), Stopped> {
        self.begin(start);
        // The path may end at once: the price falls to 0 and the place stays free.
        let mut limit = state.price[start as usize];
        // The last row of the best path so far; none if it ends where it starts.
        let mut end = NONE;
        while let Some(Reverse((length, column))) = self.heap.pop() {
            if length >= limit {
                break;
            }
            if length > self.length[column as usize] {
                continue;
            }
            self.closed.push(column);
            meter.spend(self.transpose.arcs_into(column).len())?;
            for at in 0..self.transpose.arcs_into(column).len() {
                let (row, arc) = self.transpose.arcs_into(column)[at];
                let loss = state.profit[row as usize] + state.price[column as usize]
                    - graph.arc(arc as usize).worth;
                let length = length + loss;
                let seen = self.row_mark[row as usize] == self.round;
                if length >= limit || seen && length >= self.row_length[row as usize] {
                    continue;
                }
                if !seen {
                    self.row_mark[row as usize] = self.round;
                    self.reached.push(row);
                }
                self.row_length[row as usize] = length;
                if state.place_of[row as usize] == NONE {
                    self.arc[row as usize] = arc;
                    limit = length;
                    end = row;
                    continue;
                }
                let leaves = graph.arc(state.arc_of[row as usize] as usize).column;
                if leaves == column {
                    // Already there: its profit moves with the price, but it cannot come.
                    continue;
                }
                self.arc[row as usize] = arc;
                let known = self.mark[leaves as usize] == self.round;
                if known && length >= self.length[leaves as usize] {
                    continue;
                }
                self.mark[leaves as usize] = self.round;
                self.length[leaves as usize] = length;
                self.via[leaves as usize] = row;
                if length + state.price[leaves as usize] < limit {
                    limit = length + state.price[leaves as usize];
                    end = row;
                }
                self.heap.push(Reverse((length, leaves)));
            }
        }
        for &column in &self.closed {
            state.price[column as usize] -= limit - self.length[column as usize];
        }
        for &row in &self.reached {
            if self.row_length[row as usize] < limit {
                state.profit[row as usize] += limit - self.row_length[row as usize];
            }
        }
        if end != NONE {
            self.follow(graph, state, start, end);
        }
        Ok(())
    }

    fn begin(&mut self, start: u32) {
        if self.round == u32::MAX {
            self.mark.fill(0);
            self.row_mark.fill(0);
            self.round = 0;
        }
        self.round += 1;
        self.heap.clear();
        self.closed.clear();
        self.reached.clear();
        self.mark[start as usize] = self.round;
        self.length[start as usize] = T::ZERO;
        self.via[start as usize] = NONE;
        self.heap.push(Reverse((T::ZERO, start)));
    }

    /// Moves the rows of the path, the last one first. The place that it leaves is freed, unless the next
    /// row of the path takes it.
    fn follow(&self, graph: &Graph<'_, T>, state: &mut State<T>, start: u32, end: u32) {
        let mut row = end;
        if state.place_of[row as usize] != NONE {
            let leaves = graph.arc(state.arc_of[row as usize] as usize).column;
            free(graph, state, leaves, state.place_of[row as usize]);
        }
        loop {
            let arc = self.arc[row as usize];
            let column = graph.arc(arc as usize).column;
            if column == start {
                let place = graph.places[column as usize] + state.filled[column as usize];
                state.filled[column as usize] += 1;
                state.seat(row, arc, place);
                return;
            }
            let before = self.via[column as usize];
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
    let moved = state.places[last as usize].row;
    state.places[place as usize].row = moved;
    state.place_of[moved as usize] = place;
}
