//! Rows that are held up by ties, many at once: as many paths of length 0 as depth-first search finds, then
//! one step of profits and prices that makes new ones.
//!
//! Ties are the normal case where scores come from questionnaires. This is the method of Hopcroft and Karp
//! inside the pairs that are the best for the prices.
#![expect(clippy::indexing_slicing, reason = "rows, columns, places and arcs come from the graph")]

use super::{
    graph::Graph,
    meter::{Meter, Stopped},
    points::Points,
    state::State,
};

/// A row on the path, the arc it would take, and the place there whose row would go on.
#[derive(Clone, Copy, Debug)]
struct Step {
    row: u32,
    arc: usize,
    end: usize,
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
    for &row in sources {
        path.clear();
        enter(graph, state, row, &mut path);
        meter.spend(2 * graph.row(row).len())?;
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
                enter(graph, state, next, &mut path);
                meter.spend(2 * graph.row(next).len())?;
                continue;
            }
            if !next_arc(graph, state, step, &tried) {
                path.pop();
            }
        }
    }
    Ok(())
}

/// Puts a row at the end of the path. If one of its tight arcs leads to a free place, the path ends there:
/// `place` is then `usize::MAX`.
fn enter<T: Points>(graph: &Graph<'_, T>, state: &State<T>, row: u32, path: &mut Vec<Step>) {
    let range = graph.row(row);
    let mut step = Step { row, arc: range.start, end: range.end, place: 0, place_end: 0 };
    for index in range.clone() {
        let arc = graph.arc(index);
        if is_tight(state, row, arc.column, arc.worth) && !state.is_full(graph, arc.column) {
            step.arc = index;
            step.place = usize::MAX;
            break;
        }
    }
    // The first call of `next_arc` steps onto the first arc.
    if step.place != usize::MAX {
        step.arc = range.start.wrapping_sub(1);
    }
    path.push(step);
}

fn is_tight<T: Points>(state: &State<T>, row: u32, column: u32, worth: T) -> bool {
    worth - state.price[column as usize] == state.profit[row as usize]
}

/// Moves on to the next tight arc whose column has places that were not tried.
fn next_arc<T: Points>(
    graph: &Graph<'_, T>,
    state: &State<T>,
    step: &mut Step,
    tried: &[u32],
) -> bool {
    loop {
        step.arc = step.arc.wrapping_add(1);
        if step.arc >= step.end {
            return false;
        }
        let arc = graph.arc(step.arc);
        let taken = state.taken(graph, arc.column);
        let place = taken.start + tried[arc.column as usize] as usize;
        if place < taken.end && is_tight(state, step.row, arc.column, arc.worth) {
            step.place = place;
            step.place_end = taken.end;
            return true;
        }
    }
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
