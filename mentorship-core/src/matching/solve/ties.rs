//! Rows that are held up by ties, many at once: as many paths of length 0 as depth-first search finds, then
//! one step of profits and prices that makes new ones.
//!
//! Ties are the normal case where scores come from questionnaires. This is the method of Hopcroft and Karp
//! inside the pairs that are the best for the prices.
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use super::{
    graph::Graph,
    grid::Coarse,
    meter::{Meter, Stopped},
    points::Points,
    state::State,
};

/// A row on the path, the arc it would take, and the place there whose row would go on.
#[derive(Clone, Copy, Debug)]
struct Step {
    row: u32,
    arc: usize,
    place: usize,
    place_end: usize,
}

/// Paths of length 0 from `sources`, one search for each. No row is asked twice, so that all searches
/// together look at every arc at most twice.
pub(super) fn augment_tight<T: Points>(
    graph: &Graph<'_, T>,
    state: &mut State<T>,
    sources: &[u32],
    meter: &mut Meter<'_>,
) -> Result<(), Stopped> {
    // Of each column, how many of its places have been tried.
    let mut tried = vec![0_u32; graph.columns()];
    let mut path = Vec::new();
    let mut coarse = Coarse::default();
    coarse.follow(graph.grid(), &state.price);
    for &row in sources {
        path.clear();
        enter(graph, state, &coarse, row, &mut path);
        meter.spend(2 * graph.degree(row))?;
        while let Some(step) = path.last_mut() {
            if state.profit[step.row as usize] == T::ZERO || step.place == usize::MAX {
                follow(graph, state, &path);
                break;
            }
            if step.place < step.place_end {
                let column = graph.arc(step.arc).column as usize;
                // Deeper down the path some places may have been tried since.
                let place = graph.places[column] as usize + tried[column] as usize;
                if place >= step.place_end {
                    step.place = step.place_end;
                    continue;
                }
                step.place = place;
                tried[column] += 1;
                let next = state.places[place].row;
                enter(graph, state, &coarse, next, &mut path);
                meter.spend(2 * graph.degree(next))?;
                continue;
            }
            if !next_arc(graph, state, &coarse, step, &tried) {
                path.pop();
            }
        }
    }
    Ok(())
}

/// Puts a row at the end of the path. If one of its tight arcs leads to a free place, the path ends there:
/// `place` is then `usize::MAX`.
fn enter<T: Points>(
    graph: &Graph<'_, T>,
    state: &State<T>,
    coarse: &Coarse,
    row: u32,
    path: &mut Vec<Step>,
) {
    let range = graph.row(row);
    let free =
        tight(graph, state, coarse, (row, range.start), |column| !state.is_full(graph, column));
    path.push(Step {
        row,
        // The first call of `next_arc` steps onto the first arc.
        arc: free.unwrap_or(range.start.wrapping_sub(1)),
        place: if free.is_some() { usize::MAX } else { 0 },
        place_end: 0,
    });
}

/// The next arc of a row, from a number on, that is exactly as good as its best, to a column that is `wanted`.
fn tight<T: Points>(
    graph: &Graph<'_, T>,
    state: &State<T>,
    coarse: &Coarse,
    (row, from): (u32, usize),
    wanted: impl Fn(u32) -> bool,
) -> Option<usize> {
    let profit = state.profit[row as usize];
    // Nothing is worth more than the profit.
    graph.find(row, from, (&state.price, coarse), profit - T::of(1), |arc| wanted(arc.column))
}

/// Moves on to the next tight arc whose column has places that were not tried.
fn next_arc<T: Points>(
    graph: &Graph<'_, T>,
    state: &State<T>,
    coarse: &Coarse,
    step: &mut Step,
    tried: &[u32],
) -> bool {
    let untried = |column: u32| {
        let taken = state.taken(graph, column);
        (taken.start + tried[column as usize] as usize, taken.end)
    };
    let found = tight(graph, state, coarse, (step.row, step.arc.wrapping_add(1)), |column| {
        let (place, end) = untried(column);
        place < end
    });
    let Some(arc) = found else { return false };
    step.arc = arc;
    (step.place, step.place_end) = untried(graph.arc(arc).column);
    true
}

/// Every row of the path takes the place it found; the last one a free place, or none.
fn follow<T: Points>(graph: &Graph<'_, T>, state: &mut State<T>, path: &[Step]) {
    for step in path {
        let arc = u32::try_from(step.arc).unwrap_or(u32::MAX);
        if step.place == usize::MAX {
            let column = graph.arc(step.arc).column as usize;
            let place = graph.places[column] + state.filled[column];
            state.filled[column] += 1;
            state.seat(step.row, arc, place);
        } else if step.place < step.place_end {
            state.seat(step.row, arc, u32::try_from(step.place).unwrap_or(u32::MAX));
        } else {
            state.place_of[step.row as usize] = super::graph::NONE;
        }
    }
}
