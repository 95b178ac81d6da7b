//! Auctions: every row bids for its best column what it could lose before its next best choice is better,
//! plus a margin epsilon.
//!
//! With a margin an auction ends fast, and each row is within epsilon of its best choice. Without one its
//! pairs are exactly the best for the prices, but rows whose two best choices tie on full columns are left
//! over. So margins shrink to nothing, and what is left over goes to the next stages.
//!
//! Source: Bertsekas: Auction algorithms for network flow problems, Computational Optimization and
//! Applications 1, 1992; places of one column as in Bertsekas and Castañón: The auction algorithm for the
//! transportation problem, Annals of Operations Research 20, 1989.

use super::{
    bids::{Bidders, Lost},
    graph::Graph,
    meter::{Meter, Stage, Stopped},
    points::Points,
    state::State,
};

/// Margins of the phases, in parts of 10,000 of the largest score.
const MARGINS: [i64; 3] = [200, 20, 2];
/// By how many margins prices fall before the next phase, and before the one without a margin. A price that
/// is a little too low costs a few bids; one that is too high keeps a mentor from being filled, and then
/// has to be repaired path by path.
const FALL: i64 = 6;
const LAST_FALL: i64 = 20;
/// As [`FALL`], where columns have two places and more on average: the price of one is its lowest bid, which
/// is seldom too high.
const FALL_OF_SEVERAL: i64 = 4;
/// Bids for each row in an auction without a margin, or from earlier prices, after which the rest is left to
/// the next stages: small steps could take very long to settle a price.
const PATIENCE: usize = 8;

/// All phases; from prices that are nearly right (`warm`) the last ones do. Afterwards every seated row has its exactly best column for the prices; `Ok` tells which rows
/// have none though one would be better than none.
pub(super) fn auction<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    bidders: &mut Bidders<T>,
    meter: &mut Meter<'_>,
    largest: i64,
    warm: bool,
    mut after_phase: impl FnMut(&mut State<T>, &mut Meter<'_>) -> Result<(), Stopped>,
) -> Result<Vec<u32>, Stopped> {
    let places = graph.places.last().map_or(0, |places| *places as usize);
    let several = places >= 2 * graph.columns();
    let phase_fall = if several { FALL_OF_SEVERAL } else { FALL };
    let mut reduction = 0;
    let begun = if warm { MARGINS.len() - 1 } else { 0 };
    for (phase, part) in MARGINS.iter().enumerate().skip(begun) {
        let margin = (largest * part / 10_000).max(1);
        if warm {
            reduction = margin * phase_fall;
        }
        state.clear(T::of(reduction));
        bidders.fall(graph, &state.price, T::of(reduction));
        // From prices that are nearly right, whoever bids for long is in a war over ties.
        let patience = if warm { patience(graph) } else { usize::MAX };
        run(graph, state, bidders, meter, T::of(margin), patience)?;
        let fall = if phase + 1 == MARGINS.len() { LAST_FALL } else { phase_fall };
        reduction = margin * fall;
        after_phase(state, meter)?;
    }
    meter.begin(Stage::Tighten);
    state.clear(T::of(reduction));
    bidders.fall(graph, &state.price, T::of(reduction));
    let left = run(graph, state, bidders, meter, T::ZERO, patience(graph))?;
    state.settle(graph);
    after_phase(state, meter)?;
    Ok(left)
}

fn patience<T: Points>(graph: &Graph<'_, T>) -> usize {
    graph.rows().saturating_mul(PATIENCE).saturating_add(1000)
}

/// One phase of at most `patience` bids. Gives back the rows that could not outbid anybody, which is none if
/// there is a margin, and those who could not bid any more.
fn run<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    bidders: &mut Bidders<T>,
    meter: &mut Meter<'_>,
    margin: T,
    mut patience: usize,
) -> Result<Vec<u32>, Stopped> {
    let mut lost = Lost::default();
    let mut round: Vec<u32> = (0..).take(graph.rows()).collect();
    while !round.is_empty() {
        for batch in round.chunks(bidders.batch(round.len())) {
            if patience < batch.len() {
                lost.left.extend_from_slice(batch);
                continue;
            }
            patience = patience.saturating_sub(batch.len());
            meter.spend(bidders.bid(graph, state, batch, margin, &mut lost))?;
        }
        round.clear();
        std::mem::swap(&mut round, &mut lost.again);
    }
    Ok(lost.left)
}
