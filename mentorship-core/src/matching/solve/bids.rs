//! What rows bid: the best column for the prices, and how far its price may rise before the next best choice
//! is better.
//!
//! Reading arcs and prices is what a solve spends its time on. Where there are many short rows they bid as a
//! crowd (`crowd`). Long rows keep a list of their best columns (`shortlists`), and how much any other was worth
//! at most: prices rise within a phase, which makes others worth less, and fall between phases by so much at
//! most. So most bids need no look at the whole row.
#![expect(clippy::indexing_slicing, reason = "rows, columns and arcs come from the graph")]

use super::{
    crowd::Crowd,
    graph::{Arc, Graph},
    narrow::{Copied, MANY},
    points::Points,
    shortlists::Shortlists,
    state::{Bid, Offer, State},
};

/// Arcs of a row from which long lists are kept, on average over all rows.
const LONG_ROW: usize = 32;
/// Short rows whose bids are made before any of them counts.
pub(super) const BATCH: usize = 32;

/// Rows without a place after a bid of theirs or of others, in the order of the bids.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// They bid again in the next round.
    pub(super) again: Vec<u32>,
    /// They could not outbid anybody, and there is no margin: mostly their two best choices tie, so that bidding
    /// again would change nothing.
    pub(super) left: Vec<u32>,
}

impl Lost {
    /// What became of the bid of a row.
    #[inline]
    fn note(&mut self, bid: Bid, row: u32, margin: bool) {
        match bid {
            Bid::Seated => {}
            Bid::Displaced(loser) => self.again.push(loser),
            // Somebody else in the batch was faster, or it is a tie.
            Bid::Low if margin => self.again.push(row),
            Bid::Low => self.left.push(row),
        }
    }
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
    pub(super) fn among<A: Copy>(
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

fn are_long<T: Points>(graph: &Graph<'_, T>) -> bool {
    graph.grid().is_some() || graph.size() / graph.rows().max(1) >= LONG_ROW
}

/// Whether rows are short and so many that threads can share them out.
pub(super) fn bid_as_crowd<T: Points>(graph: &Graph<'_, T>) -> bool {
    !are_long(graph) && graph.size() >= MANY
}

/// Makes bids, and holds what they are made from.
#[derive(Debug)]
pub(super) enum Bidders<T> {
    /// A few at a time, who read their rows where they stand.
    Few(Vec<Offer<T>>),
    Crowd(Crowd<T>),
    /// One after the other.
    Long(Box<Shortlists<T>>),
}

impl<T: Points> Bidders<T> {
    /// A crowd is shared out among so many threads.
    pub(super) fn new(graph: &Graph<'_, T>, threads: usize) -> Self {
        if bid_as_crowd(graph) {
            Self::Crowd(Crowd::new(threads))
        } else if are_long(graph) {
            Self::Long(Box::new(Shortlists::new(graph)))
        } else {
            Self::Few(Vec::with_capacity(BATCH))
        }
    }

    /// How many rows should bid at once when so many still want to. Of several who bid for the same column at
    /// once, all but one bid in vain, which costs more the longer their rows are.
    pub(super) fn batch(&self, round: usize) -> usize {
        match self {
            Self::Few(_) => BATCH,
            Self::Crowd(_) => Crowd::<T>::batch(round),
            Self::Long(_) => 1,
        }
    }

    /// Prices have fallen, each by no more than this.
    pub(super) fn fall(&mut self, graph: &Graph<'_, T>, price: &[T], by: T) {
        if let Self::Long(lists) = self {
            lists.fall(graph, price, by);
        }
    }

    /// The rows of a batch bid for what is best for them, if that is worth more than 0. Gives back how many arcs
    /// were looked at.
    pub(super) fn bid(
        &mut self,
        graph: &Graph<'_, T>,
        state: &mut State<T>,
        batch: &[u32],
        margin: T,
        lost: &mut Lost,
    ) -> usize {
        let has_margin = margin > T::ZERO;
        let mut looked_at = 0;
        match self {
            Self::Few(offers) => {
                offers.clear();
                for &row in batch {
                    let (arcs, of) = (graph.row(row), (graph, row, state.price.as_slice()));
                    looked_at += arcs.len();
                    offers.extend(match graph.copied() {
                        Copied::Wide(all) => Offer::among(&all[arcs], |arc| arc, of, margin),
                        Copied::Narrow(all, opening) => {
                            Offer::among(&all[arcs], |arc| opening.open(arc), of, margin)
                        }
                    });
                }
                let mut columns = state.whole();
                for &offer in &*offers {
                    lost.note(columns.bid(graph, offer), offer.row, has_margin);
                }
            }
            Self::Crowd(crowd) => {
                looked_at = crowd.bid(graph, state, batch, margin);
                for (bid, row) in crowd.lost() {
                    lost.note(bid, row, has_margin);
                }
            }
            Self::Long(lists) => {
                for &row in batch {
                    let (choice, arcs) = lists.choose(graph, &state.price, row);
                    looked_at += arcs;
                    let Some((arc, Arc { column, worth }, choice)) = choice else { continue };
                    let offer = Offer { row, arc, column, bid: worth - choice.second + margin };
                    let mut columns = state.whole();
                    lost.note(columns.bid(graph, offer), row, has_margin);
                    lists.rise(column, columns.price(column));
                }
            }
        }
        looked_at
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
