//! What rows bid: the best column for the prices, and how far its price may rise before the next best choice
//! is better.
//!
//! Reading arcs and prices is what a solve spends its time on. Short rows are gathered, a batch at a time,
//! before any of them is looked at, so that the reads of many rows are under way at once. Long rows keep a
//! list of their best columns (`shortlists`), and how much any other was worth at most: prices rise within a
//! phase, which makes others worth less, and fall between phases by so much at most. So most bids need no look
//! at the whole row.
#![expect(clippy::indexing_slicing, reason = "rows, columns and arcs come from the graph")]

use super::{
    graph::{Arc, Graph},
    narrow::{Copied, MANY},
    points::Points,
    shortlists::Shortlists,
    state::State,
};

/// Arcs of a row from which long lists are kept, on average over all rows.
const LONG_ROW: usize = 32;
/// Short rows whose bids are made before any of them counts.
const BATCH: usize = 32;

/// A bid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<T> {
    pub(super) row: u32,
    pub(super) arc: u32,
    pub(super) column: u32,
    pub(super) bid: T,
}

/// The best choice so far and what the next best is worth; to stay without a column is worth 0.
pub(super) struct Choice<T> {
    best: T,
    pub(super) second: T,
    /// Where it stands among those that were looked at; [`usize::MAX`] if nothing is worth more than 0.
    pub(super) at: usize,
}

impl<T: Points> Choice<T> {
    fn nothing() -> Self {
        Self { best: T::ZERO, second: T::ZERO, at: usize::MAX }
    }

    /// Among the arcs of a row; `open` reads one of them.
    #[inline]
    fn among<A: Copy>(arcs: &[A], open: impl Fn(A) -> Arc<T>, price: &[T]) -> Self {
        let mut it = Self::nothing();
        let value = |arc: &A| {
            let arc = open(*arc);
            arc.worth - price[arc.column as usize]
        };
        // Two at a time: the better of them is compared with the best, the other one only with the second.
        let (twos, last) = arcs.as_chunks();
        for (n, [one, other]) in (0..).step_by(2).zip(twos) {
            let (one, other) = (value(one), value(other));
            it.second = it.second.max(one.min(other));
            it.look(n + usize::from(other > one), one.max(other));
        }
        for arc in last {
            it.look(arcs.len() - 1, value(arc));
        }
        it
    }

    /// The same one after the other, which is the shorter way for the few of a list.
    #[inline]
    pub(super) fn among_few(arcs: &[Arc<T>], price: &[T]) -> Self {
        let mut it = Self::nothing();
        for (at, arc) in arcs.iter().enumerate() {
            it.look(at, arc.worth - price[arc.column as usize]);
        }
        it
    }

    #[inline]
    fn look(&mut self, at: usize, value: T) {
        self.second = self.second.max(value.min(self.best));
        self.at = if value > self.best { at } else { self.at };
        self.best = self.best.max(value);
    }
}

impl<T: Points> Offer<T> {
    /// The bid of a row for the best of all its arcs; none if nothing is worth more than 0. `open` reads an arc.
    #[inline]
    fn among<A: Copy>(
        arcs: &[A],
        open: impl Fn(A) -> Arc<T> + Copy,
        (graph, row, price): (&Graph<'_, T>, u32, &[T]),
        margin: T,
    ) -> Option<Self> {
        let choice = Choice::among(arcs, open, price);
        let Arc { column, worth } = open(*arcs.get(choice.at)?);
        let arc = u32::try_from(graph.row(row).start + choice.at).unwrap_or(u32::MAX);
        Some(Self { row, arc, column, bid: worth - choice.second + margin })
    }
}

/// Makes bids, and holds what they are made from.
#[derive(Debug)]
pub(super) struct Bidders<T> {
    wide: Gathered<Arc<T>>,
    narrow: Gathered<u32>,
    shortlists: Option<Shortlists<T>>,
    gathers: bool,
    /// Arcs that were looked at since this was last taken.
    pub(super) looked_at: usize,
}

impl<T: Points> Bidders<T> {
    pub(super) fn new(graph: &Graph<'_, T>) -> Self {
        let long = graph.grid().is_some() || graph.size() / graph.rows().max(1) >= LONG_ROW;
        Self {
            wide: Gathered::default(),
            narrow: Gathered::default(),
            shortlists: long.then(|| Shortlists::new(graph)),
            gathers: !long && graph.size() >= MANY,
            looked_at: 0,
        }
    }

    /// How many rows should bid at once. Of several who bid for the same column at once, all but one bid in
    /// vain, which costs more the longer their rows are.
    pub(super) fn batch(&self) -> usize {
        if self.shortlists.is_some() { 1 } else { BATCH }
    }

    /// Whether there is so much that reads are made of many rows at once.
    pub(super) fn gathers(&self) -> bool {
        self.gathers
    }

    /// Prices have fallen, each by no more than this.
    pub(super) fn fall(&mut self, graph: &Graph<'_, T>, state: &State<T>, by: T) {
        if let Some(lists) = &mut self.shortlists {
            lists.fall(graph, state, by);
        }
    }

    /// A price has risen.
    #[inline]
    pub(super) fn rise(&mut self, column: u32, price: T) {
        if let Some(lists) = &mut self.shortlists {
            lists.rise(column, price);
        }
    }

    /// The bids of the rows of a batch that have a choice worth more than 0.
    pub(super) fn offers(
        &mut self,
        graph: &Graph<'_, T>,
        state: &State<T>,
        batch: &[u32],
        margin: T,
        offers: &mut Vec<Offer<T>>,
    ) {
        offers.clear();
        if let Some(lists) = &mut self.shortlists {
            for &row in batch {
                let (choice, looked_at) = lists.choose(graph, state, row);
                self.looked_at += looked_at;
                let Some((arc, Arc { column, worth }, choice)) = choice else { continue };
                offers.push(Offer { row, arc, column, bid: worth - choice.second + margin });
            }
            return;
        }
        let price = state.price.as_slice();
        if !self.gathers {
            for &row in batch {
                let (offer, length) = match graph.copied(row) {
                    Copied::Wide(arcs) => {
                        (Offer::among(arcs, |arc| arc, (graph, row, price), margin), arcs.len())
                    }
                    Copied::Narrow(arcs, opening) => {
                        let open = |arc| opening.open(arc);
                        (Offer::among(arcs, open, (graph, row, price), margin), arcs.len())
                    }
                };
                self.looked_at += length;
                offers.extend(offer);
            }
            return;
        }
        self.wide.clear();
        self.narrow.clear();
        let mut opening = None;
        for &row in batch {
            match graph.copied(row) {
                Copied::Wide(arcs) => self.wide.add(arcs),
                Copied::Narrow(arcs, how) => {
                    self.narrow.add(arcs);
                    opening = Some(how);
                }
            }
        }
        self.looked_at += self.wide.arcs.len() + self.narrow.arcs.len();
        if let Some(opening) = opening {
            self.narrow.offers(graph, price, batch, margin, |arc| opening.open(arc), offers);
        } else {
            self.wide.offers(graph, price, batch, margin, |arc| arc, offers);
        }
    }
}

/// The arcs of the rows of a batch.
#[derive(Debug)]
struct Gathered<A> {
    arcs: Vec<A>,
    ends: Vec<usize>,
}

impl<A> Default for Gathered<A> {
    fn default() -> Self {
        Self { arcs: Vec::new(), ends: Vec::new() }
    }
}

impl<A: Copy> Gathered<A> {
    fn clear(&mut self) {
        self.arcs.clear();
        self.ends.clear();
    }

    fn add(&mut self, arcs: &[A]) {
        self.arcs.extend_from_slice(arcs);
        self.ends.push(self.arcs.len());
    }

    fn offers<T: Points>(
        &self,
        graph: &Graph<'_, T>,
        price: &[T],
        batch: &[u32],
        margin: T,
        open: impl Fn(A) -> Arc<T> + Copy,
        offers: &mut Vec<Offer<T>>,
    ) {
        let mut start = 0;
        for (&row, &end) in batch.iter().zip(&self.ends) {
            let arcs = &self.arcs[start..end];
            start = end;
            offers.extend(Offer::among(arcs, open, (graph, row, price), margin));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_choice_is_the_first_of_the_best_and_what_the_next_best_is_worth(
            cells in prop::collection::vec((0..4_u32, 0..5_i32), 0..9),
            price in prop::collection::vec(0..3_i32, 4),
        ) {
            let arcs: Vec<_> =
                cells.into_iter().map(|(column, worth)| Arc { column, worth }).collect();
            let worths: Vec<i32> =
                arcs.iter().map(|arc| arc.worth - price[arc.column as usize]).collect();
            let mut sorted = worths.clone();
            // To stay without a column is always possible.
            sorted.extend([0, 0]);
            sorted.sort_unstable_by(|a, b| b.cmp(a));
            let first = worths.iter().position(|worth| *worth == sorted[0] && *worth > 0);
            for found in [Choice::among(&arcs, |arc| arc, &price), Choice::among_few(&arcs, &price)] {
                prop_assert_eq!(found.at, first.unwrap_or(usize::MAX));
                prop_assert_eq!((found.best, found.second), (sorted[0], sorted[1]));
            }
        }
    }
}
