//! Very many short rows bid: a large part of them at once, for the same prices, shared out among threads.
//!
//! Rows and columns are out of the caches. What many rows read is asked for before any of it is needed, so that
//! the waiting for one is that for all. Then the bids are counted, each thread those for its own part of the
//! columns, in the order of the rows: as long as the batches are the same, threads change nothing.
#![expect(clippy::indexing_slicing, reason = "rows, columns and arcs come from the graph")]

use rayon::prelude::*;

use super::{
    bids::BATCH,
    graph::{Arc, Graph},
    narrow::Copied,
    points::Points,
    state::{Bid, Offer, Part, State},
};

/// Many who still want a place bid in so many batches at least: the larger ones are, the more bid in vain for what
/// others take.
const BATCHES: usize = 8;
/// Rows of a batch at most, so that what they offer stays in the caches.
const BATCH_MAX: usize = 1 << 16;
/// Rows of a batch from which it is shared out among threads.
const SHARED: usize = 128;

#[derive(Debug)]
pub(super) struct Crowd<T> {
    /// One for each thread.
    makers: Vec<Maker<T>>,
    counters: Vec<Vec<Loss>>,
}

/// A row that lost its place or bid in vain.
#[derive(Clone, Copy, Debug)]
struct Loss {
    /// The number of the bid in its batch.
    at: u32,
    row: u32,
    /// It was the row's own bid.
    low: bool,
}

impl<T: Points> Crowd<T> {
    pub(super) fn new(threads: usize) -> Self {
        let threads = threads.max(1);
        let makers = (0..threads).map(|_| Maker::default()).collect();
        Self { makers, counters: vec![Vec::new(); threads] }
    }

    /// How many of so many should bid at once.
    pub(super) fn batch(round: usize) -> usize {
        (round / BATCHES).clamp(BATCH, BATCH_MAX)
    }

    /// The rows of a batch bid. Gives back how many arcs were looked at.
    pub(super) fn bid(
        &mut self,
        graph: &Graph<'_, T>,
        state: &mut State<T>,
        batch: &[u32],
        margin: T,
    ) -> usize {
        let Self { makers, counters } = self;
        counters.iter_mut().for_each(Vec::clear);
        if batch.len() < SHARED || makers.len() == 1 {
            let [maker, others @ ..] = makers.as_mut_slice() else { return 0 };
            others.iter_mut().for_each(Maker::clear);
            maker.make(graph, &state.price, batch, margin);
            count(graph, state.whole(), std::slice::from_ref(maker), &mut counters[0]);
            return maker.looked_at;
        }
        makers.iter_mut().for_each(Maker::clear);
        let shares = batch.par_chunks(batch.len().div_ceil(makers.len())).with_max_len(1);
        let price = state.price.as_slice();
        let make = |(maker, rows): (&mut Maker<T>, _)| maker.make(graph, price, rows, margin);
        makers.par_iter_mut().zip(shares).for_each(make);
        let parts = state.parts(graph, makers.len());
        (parts.into_par_iter().with_max_len(1).zip(&mut *counters))
            .for_each(|(part, lost)| count(graph, part, makers, lost));
        // Each has them in order, which makes this a merge.
        let (first, others) = counters.split_at_mut(1);
        for other in others {
            first[0].append(other);
        }
        first[0].sort_by_key(|it| it.at);
        makers.iter().map(|maker| maker.looked_at).sum()
    }

    /// Those bids of the last batch that left somebody without a place, and whose bids they were.
    pub(super) fn lost(&self) -> impl Iterator<Item = (Bid, u32)> {
        let lost = self.counters.first().into_iter().flatten();
        lost.map(|it| (if it.low { Bid::Low } else { Bid::Displaced(it.row) }, it.row))
    }
}

/// Counts all bids for some columns.
fn count<T: Points>(
    graph: &Graph<'_, T>,
    mut part: Part<'_, T>,
    makers: &[Maker<T>],
    lost: &mut Vec<Loss>,
) {
    let offers = makers.iter().flat_map(|maker| maker.offers.chunks(BATCH));
    let mut at = 0;
    for offers in offers {
        let mut seen = 0;
        for offer in offers.iter().filter(|offer| part.has(offer.column)) {
            seen ^= part.glimpse(graph, offer.column);
        }
        // Or compilers would leave out what nobody asks for.
        std::hint::black_box(seen);
        for &offer in offers {
            at += 1;
            if !part.has(offer.column) {
                continue;
            }
            match part.bid(graph, offer) {
                Bid::Seated => {}
                Bid::Displaced(row) => lost.push(Loss { at, row, low: false }),
                Bid::Low => lost.push(Loss { at, row: offer.row, low: true }),
            }
        }
    }
}

/// Makes the bids of some rows.
#[derive(Debug)]
struct Maker<T> {
    wide: Gathered<Arc<T>>,
    narrow: Gathered<u32>,
    offers: Vec<Offer<T>>,
    looked_at: usize,
}

impl<T> Default for Maker<T> {
    fn default() -> Self {
        let (wide, narrow) = (Gathered::default(), Gathered::default());
        Self { wide, narrow, offers: Vec::new(), looked_at: 0 }
    }
}

impl<T: Points> Maker<T> {
    fn clear(&mut self) {
        self.offers.clear();
        self.looked_at = 0;
    }

    fn make(&mut self, graph: &Graph<'_, T>, price: &[T], rows: &[u32], margin: T) {
        self.clear();
        let Self { wide, narrow, offers, looked_at } = self;
        for rows in rows.chunks(BATCH) {
            *looked_at += match graph.copied() {
                Copied::Wide(all) => {
                    wide.offers(graph, price, (all, |arc| arc), (rows, margin), offers)
                }
                Copied::Narrow(all, opening) => {
                    let open = |arc| opening.open(arc);
                    narrow.offers(graph, price, (all, open), (rows, margin), offers)
                }
            };
        }
    }
}

/// The arcs of a few rows, one beside the other.
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
    /// Adds the bids of those rows that have a choice worth more than 0, and tells how many arcs they have.
    fn offers<T: Points>(
        &mut self,
        graph: &Graph<'_, T>,
        price: &[T],
        (all, open): (&[A], impl Fn(A) -> Arc<T> + Copy),
        (rows, margin): (&[u32], T),
        offers: &mut Vec<Offer<T>>,
    ) -> usize {
        self.arcs.clear();
        self.ends.clear();
        for &row in rows {
            self.arcs.extend_from_slice(&all[graph.row(row)]);
            self.ends.push(self.arcs.len());
        }
        let mut start = 0;
        for (&row, &end) in rows.iter().zip(&self.ends) {
            let arcs = &self.arcs[start..end];
            start = end;
            offers.extend(Offer::among(arcs, open, (graph, row, price), margin));
        }
        self.arcs.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        super::{
            super::problem::{Edge, Problem},
            auction::auction,
            bids::Bidders,
            graph::Scale,
            meter::Meter,
        },
        *,
    };

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]

        /// Few mentors for many mentees, so that batches are large, columns are fought for, and parts of them
        /// begin in the middle of it.
        #[test]
        fn whoever_makes_and_counts_bids_they_are_the_same(
            weights in prop::collection::vec(0..30_i32, 97),
            capacity in prop::collection::vec(0..200_u32, 1..30),
            mentees in 2_000..4_000_u32,
            seed: u64,
        ) {
            let mentors = u32::try_from(capacity.len()).unwrap();
            let weight = |mentee: u32, mentor: u32| weights[(mentee * 31 + mentor * 7) as usize % 97];
            let edges: Vec<Edge> = (0..mentees)
                .flat_map(|mentee| (0..mentors).map(move |mentor| (mentee, mentor)))
                .filter(|(mentee, mentor)| (mentee + mentor) % 5 != 0)
                .map(|(mentee, mentor)| Edge { mentee, mentor, weight: weight(mentee, mentor) })
                .collect();
            let problem = Problem::new(mentees as usize, capacity, &edges).unwrap();
            let scale = Scale { unit: 64, bonus: 30, own: 61 };
            let graph = Graph::<i32>::new(&problem, scale, seed);
            let run = |threads: usize| {
                let mut state = State::new(&graph);
                let mut bidders = Bidders::Crowd(Crowd::new(threads));
                let mut meter = Meter::new(None, None);
                let left = auction(
                    &graph, &mut state, &mut bidders, &mut meter, 60 * 64, false, |_, _| Ok(()),
                );
                let State { price, filled, arc_of, place_of, .. } = state;
                (left.unwrap(), price, filled, arc_of, place_of, meter.into_stages())
            };
            let alone = run(1);
            for threads in 2..6 {
                prop_assert_eq!(&run(threads), &alone);
            }
        }
    }
}
