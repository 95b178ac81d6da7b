//! Prices, profits and who sits where.
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use std::ops::Range;

use super::{
    graph::{Graph, NONE},
    grid::Coarse,
    points::Points,
};

/// A place of a column, and what its row bid for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<T> {
    pub(super) bid: T,
    pub(super) row: u32,
    /// The arc by which it came.
    pub(super) arc: u32,
}

/// What a row bids for a column, and by which arc.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<T> {
    pub(super) row: u32,
    pub(super) arc: u32,
    pub(super) column: u32,
    pub(super) bid: T,
}

#[derive(Debug)]
pub(super) struct State<T> {
    /// Of each column, from 0.
    pub(super) price: Vec<T>,
    /// Of each row, from 0; kept by the stages after the auctions.
    pub(super) profit: Vec<T>,
    /// Taken places of each column: always the first ones.
    pub(super) filled: Vec<u32>,
    /// Places as the graph numbers them. During an auction those of a full column are a heap with the
    /// lowest bid first.
    pub(super) places: Vec<Place<T>>,
    /// The arc of each row that has a place. Not kept during an auction; see [`State::settle`].
    pub(super) arc_of: Vec<u32>,
    /// The place of each row, or [`NONE`]. Not kept during an auction either.
    pub(super) place_of: Vec<u32>,
}

/// What became of a bid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bid {
    /// It got a place.
    Seated,
    /// It got the place of this row.
    Displaced(u32),
    /// The column is full and the bid does not exceed its price.
    Low,
}

impl<T: Points> State<T> {
    pub(super) fn new(graph: &Graph<'_, T>) -> Self {
        let places = *graph.places.last().unwrap_or(&0) as usize;
        Self {
            price: vec![T::ZERO; graph.columns()],
            profit: vec![T::ZERO; graph.rows()],
            filled: vec![0; graph.columns()],
            places: vec![Place { bid: T::ZERO, row: NONE, arc: NONE }; places],
            arc_of: vec![NONE; graph.rows()],
            place_of: vec![NONE; graph.rows()],
        }
    }

    pub(super) fn is_full(&self, graph: &Graph<'_, T>, column: u32) -> bool {
        let column = column as usize;
        self.filled[column] == graph.places[column + 1] - graph.places[column]
    }

    /// The taken places of a column.
    pub(super) fn taken(&self, graph: &Graph<'_, T>, column: u32) -> std::ops::Range<usize> {
        let first = graph.places[column as usize] as usize;
        first..first + self.filled[column as usize] as usize
    }

    /// Everybody gets up, and prices fall by `reduction`, but not below 0.
    pub(super) fn clear(&mut self, reduction: T) {
        self.filled.fill(0);
        for price in &mut self.price {
            *price = (*price - reduction).max(T::ZERO);
        }
    }

    /// All columns.
    pub(super) fn whole(&mut self) -> Part<'_, T> {
        Part {
            columns: 0..self.filled.len(),
            first_place: 0,
            price: &mut self.price,
            filled: &mut self.filled,
            places: &mut self.places,
        }
    }

    /// All columns in so many parts.
    pub(super) fn parts(&mut self, graph: &Graph<'_, T>, count: usize) -> Vec<Part<'_, T>> {
        let columns = self.filled.len();
        let mut rest = self.whole();
        let mut parts = Vec::with_capacity(count);
        for next in 1..count {
            let (part, others) = rest.split_at(graph, columns * next / count);
            parts.push(part);
            rest = others;
        }
        parts.push(rest);
        parts
    }

    /// Notes the place of every row, and its arc.
    pub(super) fn settle(&mut self, graph: &Graph<'_, T>) {
        self.place_of.fill(NONE);
        for column in 0..self.filled.len() {
            let first = graph.places[column];
            for place in first..first + self.filled[column] {
                let Place { row, arc, .. } = self.places[place as usize];
                self.place_of[row as usize] = place;
                self.arc_of[row as usize] = arc;
            }
        }
    }

    /// The same in wide numbers, with the profits of all raised.
    pub(super) fn raised(self, by: i64) -> State<i64> {
        let wide = |points: Vec<T>, by: i64| -> Vec<i64> {
            points.into_iter().map(|it| it.wide() + by).collect()
        };
        let place = |it: Place<T>| Place { bid: it.bid.wide(), row: it.row, arc: it.arc };
        State {
            price: wide(self.price, 0),
            profit: wide(self.profit, by),
            filled: self.filled,
            places: self.places.into_iter().map(place).collect(),
            arc_of: self.arc_of,
            place_of: self.place_of,
        }
    }

    /// The column of the arc of each row, or [`NONE`].
    pub(super) fn columns<U: Points>(&self, graph: &Graph<'_, U>) -> Vec<u32> {
        let column = |arc: &u32| if *arc == NONE { NONE } else { graph.arc(*arc as usize).column };
        self.arc_of.iter().map(column).collect()
    }

    /// The arc of each row to a column, in another graph of the same rows.
    pub(super) fn choose(&mut self, graph: &Graph<'_, T>, columns: &[u32]) {
        for ((row, chosen), &column) in (0..).zip(&mut self.arc_of).zip(columns) {
            *chosen = graph.arc_to(row, column);
            if let Some(place) = self.places.get_mut(self.place_of[row as usize] as usize) {
                place.arc = *chosen;
            }
        }
    }

    /// Puts a row on a place.
    pub(super) fn seat(&mut self, row: u32, arc: u32, place: u32) {
        let taken = &mut self.places[place as usize];
        (taken.row, taken.arc) = (row, arc);
        self.place_of[row as usize] = place;
        self.arc_of[row as usize] = arc;
    }

    /// What a row gains by its best choice; 0 if that is to have none.
    pub(super) fn best(&self, graph: &Graph<'_, T>, coarse: &Coarse, row: u32) -> T {
        let mut best = T::ZERO;
        if let Some(grid) = graph.grid() {
            grid.above(row, (&self.price, coarse), &mut best, |_, _, value, best| *best = value);
            return best;
        }
        graph.each(row, |_, arc| best = best.max(arc.worth - self.price[arc.column as usize]));
        best
    }
}

/// Columns that follow one another, with their places: what bids for them change.
#[derive(Debug)]
pub(super) struct Part<'a, T> {
    columns: Range<usize>,
    first_place: usize,
    price: &'a mut [T],
    filled: &'a mut [u32],
    places: &'a mut [Place<T>],
}

impl<T: Points> Part<'_, T> {
    /// The columns before one, and the others.
    fn split_at(self, graph: &Graph<'_, T>, column: usize) -> (Self, Self) {
        let place = graph.places[column] as usize;
        let (price, prices) = self.price.split_at_mut(column - self.columns.start);
        let (filled, more_filled) = self.filled.split_at_mut(column - self.columns.start);
        let (places, more_places) = self.places.split_at_mut(place - self.first_place);
        let part = Part {
            columns: self.columns.start..column,
            first_place: self.first_place,
            price,
            filled,
            places,
        };
        let others = Part {
            columns: column..self.columns.end,
            first_place: place,
            price: prices,
            filled: more_filled,
            places: more_places,
        };
        (part, others)
    }

    #[inline]
    pub(super) fn has(&self, column: u32) -> bool {
        self.columns.contains(&(column as usize))
    }

    pub(super) fn price(&self, column: u32) -> T {
        self.price[column as usize - self.columns.start]
    }

    /// Something of what a bid for a column will read. Whoever asks for that of many columns does not wait for
    /// memory one after the other.
    #[inline]
    pub(super) fn glimpse(&self, graph: &Graph<'_, T>, column: u32) -> u32 {
        let first = graph.places[column as usize] as usize - self.first_place;
        self.filled[column as usize - self.columns.start] ^ self.places[first].row
    }

    /// Takes a place for the row if the bid is good enough. The price of a column is its lowest bid once it is
    /// full.
    #[inline]
    pub(super) fn bid(&mut self, graph: &Graph<'_, T>, offer: Offer<T>) -> Bid {
        let Offer { row, arc, column, bid } = offer;
        let place = |column: usize| graph.places[column] as usize - self.first_place;
        let (first, end) = (place(column as usize), place(column as usize + 1));
        let at = column as usize - self.columns.start;
        let filled = self.filled[at] as usize;
        if first + filled < end {
            let heap = &mut self.places[first..=first + filled];
            heap[filled] = Place { bid, row, arc };
            sift_up(heap);
            self.filled[at] += 1;
            if first + filled + 1 == end {
                self.price[at] = heap[0].bid;
            }
            return Bid::Seated;
        }
        if bid <= self.price[at] {
            return Bid::Low;
        }
        let heap = &mut self.places[first..end];
        let loser = heap[0].row;
        heap[0] = Place { bid, row, arc };
        sift_down(heap);
        self.price[at] = heap[0].bid;
        Bid::Displaced(loser)
    }
}

fn sift_up<T: Points>(heap: &mut [Place<T>]) {
    let mut at = heap.len() - 1;
    while at > 0 {
        let parent = (at - 1) / 2;
        if heap[parent].bid <= heap[at].bid {
            return;
        }
        heap.swap(parent, at);
        at = parent;
    }
}

fn sift_down<T: Points>(heap: &mut [Place<T>]) {
    let mut at = 0;
    loop {
        let left = 2 * at + 1;
        if left >= heap.len() {
            return;
        }
        let right = left + 1;
        let low = if right < heap.len() && heap[right].bid < heap[left].bid { right } else { left };
        if heap[at].bid <= heap[low].bid {
            return;
        }
        heap.swap(at, low);
        at = low;
    }
}
