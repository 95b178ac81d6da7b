//! What rows bid: the best column for the prices, and how far its price may rise before the next best choice
//! is better.
//!
//! Reading arcs and prices is what a solve spends its time on. Short rows are gathered, a batch at a time,
//! before any of them is looked at, so that the reads of many rows are under way at once. Long rows keep a
//! shortlist of their best columns, and how much any other was worth at most: prices rise within a phase, which
//! makes others worth less, and fall between phases by so much at most. So most bids need no look at the whole
//! row.
#![expect(clippy::indexing_slicing, reason = "rows, columns and arcs come from the graph")]

use super::{
    graph::{Arc, Graph},
    points::Points,
    state::State,
};

/// Arcs of a row from which shortlists are kept, on average over all rows.
const LONG_ROW: usize = 32;
/// Arcs of a problem from which short rows are gathered: smaller ones fit the second-level cache.
const GATHER: usize = 1 << 18;
/// Short rows whose bids are made before any of them counts.
const BATCH: usize = 32;
/// Columns of a shortlist.
const SHORT: usize = 16;

/// A bid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offer<T> {
    pub(super) row: u32,
    pub(super) arc: u32,
    pub(super) column: u32,
    pub(super) bid: T,
}

/// The best choice so far and what the next best is worth; to stay without a column is worth 0.
struct Choice<T> {
    best: T,
    second: T,
    at: usize,
}

impl<T: Points> Choice<T> {
    #[inline]
    fn among(arcs: &[Arc<T>], price: &[T]) -> Self {
        let mut it = Self { best: T::ZERO, second: T::ZERO, at: usize::MAX };
        for (n, arc) in arcs.iter().enumerate() {
            let value = arc.worth - price[arc.column as usize];
            it.second = it.second.max(value.min(it.best));
            it.at = if value > it.best { n } else { it.at };
            it.best = it.best.max(value);
        }
        it
    }

    /// The bid for a choice among all arcs of a row; none if nothing is worth more than 0.
    #[inline]
    fn offer(self, graph: &Graph<'_, T>, row: u32, arcs: &[Arc<T>], margin: T) -> Option<Offer<T>> {
        let &Arc { column, worth } = arcs.get(self.at)?;
        let arc = u32::try_from(graph.row(row).start + self.at).unwrap_or(u32::MAX);
        Some(Offer { row, arc, column, bid: worth - self.second + margin })
    }
}

/// Makes bids, and holds what they are made from.
#[derive(Debug)]
pub(super) struct Bidders<T> {
    gathered: Vec<Arc<T>>,
    ends: Vec<usize>,
    shortlists: Option<Shortlists<T>>,
    gathers: bool,
    /// Arcs that were looked at since this was last taken.
    pub(super) looked_at: usize,
}

impl<T: Points> Bidders<T> {
    pub(super) fn new(graph: &Graph<'_, T>) -> Self {
        let long = graph.size() / graph.rows().max(1) >= LONG_ROW;
        Self {
            gathered: Vec::new(),
            ends: Vec::new(),
            shortlists: long.then(|| Shortlists::new(graph.rows())),
            gathers: !long && graph.size() >= GATHER,
            looked_at: 0,
        }
    }

    /// How many rows should bid at once. Of several who bid for the same column at once, all but one bid in
    /// vain, which costs more the longer their rows are.
    pub(super) fn batch(&self) -> usize {
        if self.shortlists.is_some() { 1 } else { BATCH }
    }

    /// Prices have fallen, each by no more than this.
    pub(super) fn fall(&mut self, by: T) {
        if let Some(lists) = &mut self.shortlists {
            for others in lists.others.iter_mut().filter(|others| **others < T::MAX) {
                *others += by;
            }
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
        if !self.gathers {
            for &row in batch {
                let arcs = graph.copied(row);
                self.looked_at += arcs.len();
                offers.extend(Choice::among(arcs, &state.price).offer(graph, row, arcs, margin));
            }
            return;
        }
        self.gathered.clear();
        self.ends.clear();
        for &row in batch {
            self.gathered.extend_from_slice(graph.copied(row));
            self.ends.push(self.gathered.len());
        }
        self.looked_at += self.gathered.len();
        let mut start = 0;
        for (&row, &end) in batch.iter().zip(&self.ends) {
            let arcs = &self.gathered[start..end];
            start = end;
            offers.extend(Choice::among(arcs, &state.price).offer(graph, row, arcs, margin));
        }
    }
}

/// Of each row, its best columns when the whole row was last looked at.
#[derive(Debug)]
struct Shortlists<T> {
    /// [`SHORT`] arcs of each row; fewer if it has fewer.
    picks: Vec<Arc<T>>,
    index: Vec<u32>,
    length: Vec<u8>,
    /// No column that is not on the list is worth more than this to the row.
    others: Vec<T>,
}

impl<T: Points> Shortlists<T> {
    fn new(rows: usize) -> Self {
        Self {
            picks: vec![Arc { column: 0, worth: T::ZERO }; rows * SHORT],
            index: vec![0; rows * SHORT],
            length: vec![0; rows],
            others: vec![T::MAX; rows],
        }
    }

    /// The arc and the choice, and how many arcs were looked at.
    fn choose(
        &mut self,
        graph: &Graph<'_, T>,
        state: &State<T>,
        row: u32,
    ) -> (Option<(u32, Arc<T>, Choice<T>)>, usize) {
        let at = row as usize;
        let first = at * SHORT;
        let mut looked_at = usize::from(self.length[at]);
        let list = first..first + looked_at;
        let mut choice = Choice::among(&self.picks[list], &state.price);
        if choice.second < self.others[at] {
            looked_at += self.renew(graph, state, row);
            let list = first..first + usize::from(self.length[at]);
            choice = Choice::among(&self.picks[list], &state.price);
        }
        let found = (choice.at != usize::MAX).then(|| {
            let at = first + choice.at;
            (self.index[at], self.picks[at], choice)
        });
        (found, looked_at)
    }

    /// Looks at the whole row.
    fn renew(&mut self, graph: &Graph<'_, T>, state: &State<T>, row: u32) -> usize {
        // What was on the list is likely to be on it again, so that only what is worth as much can be new.
        let at = row as usize;
        let before = &self.picks[at * SHORT..][..usize::from(self.length[at])];
        let least = before.iter().map(|arc| arc.worth - state.price[arc.column as usize]).min();
        let least = least.filter(|_| before.len() == SHORT).unwrap_or(T::ZERO) - T::of(1);
        // What is worth no more than nothing is never chosen.
        let mut least = least.max(T::ZERO);
        let mut found = Found::new();
        let mut others = T::ZERO;
        if let Some(stretches) = graph.stretches(row) {
            for stretch in stretches {
                let left = stretch.above(&state.price, &mut least, |at, value, least| {
                    found.add(at, value, least);
                });
                others = others.max(left);
            }
        } else {
            graph.each(row, |at, arc| {
                let value = arc.worth - state.price[arc.column as usize];
                if value > least {
                    found.add(at, value, &mut least);
                } else {
                    others = others.max(value);
                }
            });
        }
        let mut length = 0;
        for &(value, arc) in &found.best {
            if value > T::ZERO {
                self.picks[at * SHORT + length] = graph.arc(arc);
                self.index[at * SHORT + length] = u32::try_from(arc).unwrap_or(u32::MAX);
                length += 1;
            }
        }
        self.length[at] = u8::try_from(length).unwrap_or(u8::MAX);
        self.others[at] = others.max(found.dropped);
        graph.row(row).len()
    }
}

/// The best arcs of a row so far, best first.
struct Found<T> {
    best: [(T, usize); SHORT],
    /// What the best of those was worth that had to go.
    dropped: T,
}

impl<T: Points> Found<T> {
    fn new() -> Self {
        Self { best: [(T::ZERO, 0); SHORT], dropped: T::ZERO }
    }

    /// Adds an arc that is worth more than `least`, and raises that to what the last one is worth.
    fn add(&mut self, arc: usize, value: T, least: &mut T) {
        let best = &mut self.best;
        self.dropped = self.dropped.max(best[SHORT - 1].0);
        let mut to = SHORT - 1;
        while to > 0 && best[to - 1].0 < value {
            best[to] = best[to - 1];
            to -= 1;
        }
        best[to] = (value, arc);
        *least = (*least).max(best[SHORT - 1].0);
    }
}
