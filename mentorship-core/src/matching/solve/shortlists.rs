//! Long rows: a list of the best columns of each, so that most bids need no look at the whole row.
#![expect(clippy::indexing_slicing, reason = "rows, columns and arcs come from the graph")]

use super::{
    bids::Choice,
    graph::{Arc, Graph},
    grid::{Coarse, Tops},
    points::Points,
};

/// Columns of a list at most.
const SHORT: usize = 16;
/// Columns of a list that tell what the best so many of the row are worth by now.
const ENOUGH: usize = 8;

/// An arc by its number and itself, and how it was chosen.
pub(super) type Chosen<T> = (u32, Arc<T>, Choice<T>);

/// Of each row, its best columns when the whole row was last looked at.
#[derive(Debug)]
pub(super) struct Shortlists<T> {
    /// [`SHORT`] arcs of each row; fewer if it has fewer.
    picks: Vec<Arc<T>>,
    index: Vec<u32>,
    length: Vec<u8>,
    /// No column that is not on the list is worth more than this to the row.
    others: Vec<T>,
    coarse: Coarse,
    tops: Tops,
    found: Found<T>,
}

impl<T: Points> Shortlists<T> {
    pub(super) fn new(graph: &Graph<'_, T>) -> Self {
        let rows = graph.rows();
        Self {
            picks: vec![Arc { column: 0, worth: T::ZERO }; rows * SHORT],
            index: vec![0; rows * SHORT],
            length: vec![0; rows],
            others: vec![T::MAX; rows],
            coarse: Coarse::default(),
            tops: Tops::default(),
            found: Found::new(),
        }
    }

    /// Prices have fallen, each by no more than this.
    pub(super) fn fall(&mut self, graph: &Graph<'_, T>, price: &[T], by: T) {
        self.coarse.follow(graph.grid(), price);
        for others in self.others.iter_mut().filter(|others| **others < T::MAX) {
            *others += by;
        }
    }

    /// A price has risen.
    #[inline]
    pub(super) fn rise(&mut self, column: u32, price: T) {
        self.coarse.set(column, price);
    }

    /// The arc and the choice, and how many arcs were looked at.
    pub(super) fn choose(
        &mut self,
        graph: &Graph<'_, T>,
        price: &[T],
        row: u32,
    ) -> (Option<Chosen<T>>, usize) {
        let at = row as usize;
        let first = at * SHORT;
        let mut looked_at = usize::from(self.length[at]);
        let list = first..first + looked_at;
        let mut choice = Choice::among_few(&self.picks[list], price);
        if choice.second < self.others[at] {
            looked_at += self.renew(graph, price, row, choice.second);
            let list = first..first + usize::from(self.length[at]);
            choice = Choice::among_few(&self.picks[list], price);
        }
        let found = (choice.at != usize::MAX).then(|| {
            let at = first + choice.at;
            (self.index[at], self.picks[at], choice)
        });
        (found, looked_at)
    }

    /// Looks at the whole row. Afterwards its two best columns are on the list.
    fn renew(&mut self, graph: &Graph<'_, T>, price: &[T], row: u32, second: T) -> usize {
        let at = row as usize;
        let before = &self.picks[at * SHORT..][..usize::from(self.length[at])];
        let values = before.iter().map(|arc| arc.worth - price[arc.column as usize]);
        // Where a list was long, half of it is likely to be better than half way down from the second to the
        // last, and then so much of the row is not much more. What is worth no more than nothing is never
        // chosen.
        let lowest = values.fold(second, T::min).max(T::ZERO);
        let half = T::of(i64::midpoint(second.wide(), lowest.wide()));
        let mut least =
            if before.len() < ENOUGH { T::ZERO } else { half.min(second - T::of(1)).max(T::ZERO) };
        let found = &mut self.found;
        found.length = 0;
        if let Some(grid) = graph.grid() {
            let prices = (price, &self.coarse);
            let tops = (&mut self.tops, SHORT);
            grid.best_of(row, prices, tops, &mut least, |at, arc, value, least| {
                found.add(at, arc, value, least);
            });
        } else if let Some(stretches) = graph.stretches(row) {
            for stretch in stretches {
                stretch.above(price, &mut least, |at, arc, value, least| {
                    found.add(at, arc, value, least);
                });
            }
        } else {
            graph.each_turned(row, |at, arc| {
                let value = arc.worth - price[arc.column as usize];
                if value > least {
                    found.add(at, arc, value, &mut least);
                }
            });
        }
        if found.length > SHORT {
            found.shorten(&mut least);
        }
        let length = found.length;
        self.picks[at * SHORT..][..length].copy_from_slice(&found.arcs[..length]);
        self.index[at * SHORT..][..length].copy_from_slice(&found.index[..length]);
        self.length[at] = u8::try_from(length).unwrap_or(u8::MAX);
        self.others[at] = least;
        graph.degree(row)
    }
}

/// Arcs that are put aside before it is asked which of them are the best.
const ASIDE: usize = 64;

/// The best arcs of a row so far, and some that are not, in the order of the row.
#[derive(Debug)]
struct Found<T> {
    values: [T; ASIDE],
    arcs: [Arc<T>; ASIDE],
    index: [u32; ASIDE],
    length: usize,
}

impl<T: Points> Found<T> {
    fn new() -> Self {
        let nothing = Arc { column: 0, worth: T::ZERO };
        Self { values: [T::ZERO; ASIDE], arcs: [nothing; ASIDE], index: [0; ASIDE], length: 0 }
    }

    /// Puts an arc aside that is worth more than `least` above its price.
    #[inline]
    fn add(&mut self, index: usize, arc: Arc<T>, value: T, least: &mut T) {
        let at = self.length % ASIDE;
        self.values[at] = value;
        self.arcs[at] = arc;
        self.index[at] = u32::try_from(index).unwrap_or(u32::MAX);
        self.length = at + 1;
        if self.length == ASIDE {
            self.shorten(least);
        }
    }

    /// Leaves the best [`SHORT`], of equally good ones the first, and raises `least` to the worst of them. There
    /// are more.
    #[inline(never)]
    fn shorten(&mut self, least: &mut T) {
        let mut sorted = self.values;
        let among = &mut sorted[..self.length];
        let (better, worst, _) = among.select_nth_unstable_by(SHORT - 1, |a, b| b.cmp(a));
        let worst = *worst;
        let mut equal = SHORT - better.iter().filter(|value| **value > worst).count();
        let mut to = 0;
        for at in 0..self.length {
            let value = self.values[at];
            let stays = value > worst || value == worst && equal > 0;
            equal -= usize::from(stays && value == worst);
            self.values[to] = value;
            self.arcs[to] = self.arcs[at];
            self.index[to] = self.index[at];
            to += usize::from(stays);
        }
        self.length = to;
        *least = (*least).max(worst);
    }
}
