//! The problem as the solver sees it: rows that each get at most one column, columns with places, and worths
//! in scaled points.
//!
//! A mentee who may have `b` of `d` > `b` mentors becomes `d` rows, one for each edge, and a column of their
//! own with `d - b` places where each of these rows is worth more than with any mentor. The best pairing
//! fills that column, which leaves `b` rows for mentors: the same problem, and every row gets at most one.
#![expect(
    clippy::indexing_slicing,
    reason = "rows, columns and arcs are made here and stay inside"
)]

use std::ops::{ControlFlow, Range};

use super::{
    super::{problem::Problem, random::SplitMix},
    grid::{Coarse, Grid},
    narrow::{Copied, Narrow, Opening},
    points::Points,
};

/// Not a row, not a slot.
pub(super) const NONE: u32 = u32::MAX;

/// A row may go to `column` and is worth `worth` scaled points there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Arc<T> {
    pub(super) column: u32,
    pub(super) worth: T,
}

/// What a scaled point is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    /// Scaled points of one point, so that a price can move by a fraction of a point: a power of two, so that
    /// worths are made by shifting.
    pub(super) unit: i64,
    /// Points of every pair on top of its score.
    pub(super) bonus: i64,
    /// Points of a row with its mentee's own column: more than any mentor is worth.
    pub(super) own: i64,
}

impl Scale {
    /// Scaled points of a pair with so many points.
    #[inline]
    fn worth<T: Points>(self, weight: i32) -> T {
        T::of((i64::from(weight) + self.bonus) * self.unit)
    }
}

/// Long rows as they stand in the problem: copies of them would be most of what a solve writes.
#[derive(Debug)]
pub(super) struct Lent<'a, T> {
    columns: &'a [u32],
    weights: &'a [i32],
    /// How many arcs of each row come last: a row begins with the next one.
    turns: Vec<u32>,
    /// Scaled points of every pair on top of its score.
    bonus: T,
    shift: u32,
}

impl<T: Points> Lent<'_, T> {
    #[inline]
    fn each(&self, arcs: Range<usize>, mut look: impl FnMut(usize, Arc<T>)) {
        let columns = &self.columns[arcs.clone()];
        let weights = &self.weights[arcs.clone()];
        for (at, (&column, &weight)) in columns.iter().zip(weights).enumerate() {
            look(arcs.start + at, Arc { column, worth: self.worth(weight) });
        }
    }

    #[inline]
    fn worth(&self, weight: i32) -> T {
        T::shifted(weight, self.shift) + self.bonus
    }

    #[inline]
    fn arc(&self, arc: usize) -> Arc<T> {
        Arc { column: self.columns[arc], worth: self.worth(self.weights[arc]) }
    }
}

/// Arcs that are looked at together in a row that has every mentor.
const BLOCK: usize = 32;

/// A part of a lent row that has every mentor: its columns follow one another.
#[derive(Debug)]
pub(super) struct Stretch<'a, T> {
    /// The number of its first arc.
    first: usize,
    weights: &'a [i32],
    /// The first column.
    column: usize,
    bonus: T,
    shift: u32,
}

impl<T: Points> Stretch<'_, T> {
    /// Looks at every arc that is worth more above its price than `least`, which `look` may raise. Reads no
    /// column, and most arcs in blocks without a branch, which compilers make vectors of.
    #[inline]
    pub(super) fn above(
        &self,
        price: &[T],
        least: &mut T,
        mut look: impl FnMut(usize, Arc<T>, T, &mut T),
    ) {
        let price = &price[self.column..][..self.weights.len()];
        let value =
            |(&weight, &price): (&i32, &T)| T::shifted(weight, self.shift) + self.bonus - price;
        let blocks = self.weights.chunks(BLOCK).zip(price.chunks(BLOCK));
        for (first, (weights, prices)) in (0..).step_by(BLOCK).zip(blocks) {
            let top = weights.iter().zip(prices).map(value).fold(T::ZERO, T::max);
            if top <= *least {
                continue;
            }
            for (at, pair) in weights.iter().zip(prices).enumerate() {
                let value = value(pair);
                if value > *least {
                    let column = u32::try_from(self.column + first + at).unwrap_or(NONE);
                    let arc = Arc { column, worth: value + *pair.1 };
                    look(self.first + first + at, arc, value, least);
                }
            }
        }
    }
}

/// The edges of a mentee, and which columns have a place if not all of them do.
struct Edges<'a> {
    columns: &'a [u32],
    weights: &'a [i32],
    open: Option<&'a [bool]>,
}

impl Edges<'_> {
    /// Adds what they become to those of others and tells which they are.
    fn add_to<A>(
        &self,
        all: &mut Vec<A>,
        become_arc: impl Fn(u32, i32) -> A,
        random: &mut SplitMix,
    ) -> Range<usize> {
        let begun = all.len();
        let edges = self.columns.iter().zip(self.weights);
        let become_arc = |(&column, &weight): (&u32, &i32)| become_arc(column, weight);
        match self.open {
            None => all.extend(edges.map(become_arc)),
            Some(open) => {
                all.extend(edges.filter(|(column, _)| open[**column as usize]).map(become_arc));
            }
        }
        // Of equally good mentors a row takes the first; which one that is should not follow from ids.
        let turn = random.below(all.len() - begun);
        all[begun..].rotate_left(turn);
        begun..all.len()
    }
}

#[derive(Debug)]
pub(super) struct Graph<'a, T> {
    /// Where the arcs of each row begin and end.
    spans: Vec<[u32; 2]>,
    /// Of all rows, unless there is a grid or they are lent or narrow.
    arcs: Vec<Arc<T>>,
    narrow: Option<Narrow<T>>,
    grid: Option<Grid>,
    lent: Option<Lent<'a, T>>,
    /// `places[column]..places[column + 1]` are the places of a column. Where capacities are beyond what could
    /// be filled, they are cut to one more than that, so that a column with room for all never counts as full.
    pub(super) places: Vec<u32>,
    pub(super) mentee_of: Vec<u32>,
    /// Of each mentee: their own column, or [`NONE`].
    pub(super) own_column: Vec<u32>,
    pub(super) scale: Scale,
}

/// Average length from which rows are lent.
const LENT_ROW: usize = 64;
/// Edges from which rows are lent that do not have every mentor: fewer are read faster as copies, which the
/// caches hold.
const LENT_EDGES: usize = 5 << 18;

/// Whether rows are long enough to be left where they are, and every arc of them stands for itself.
fn lends(problem: &Problem, open: &[bool]) -> bool {
    let (edges, mentees) = (problem.edges(), problem.mentees());
    let full = edges == mentees * problem.mentors();
    edges / mentees.max(1) >= LENT_ROW
        && (full || edges >= LENT_EDGES)
        && problem.mentee_capacities().iter().all(|places| *places <= 1)
        && open.iter().all(|open| *open)
}

impl<'a, T: Points> Graph<'a, T> {
    /// The rows in an order drawn from `seed`. Columns below `problem.mentors()` are the mentors.
    pub(super) fn new(problem: &'a Problem, scale: Scale, seed: u64) -> Self {
        let mut random = SplitMix::new(seed);
        let mut order: Vec<u32> = (0..).take(problem.mentees()).collect();
        random.shuffle(&mut order);
        let open: Vec<bool> = problem.mentor_capacities().iter().map(|it| *it > 0).collect();
        let closed = open.iter().any(|open| !open);
        let grid = Grid::fitting(problem, scale);
        let lent = (grid.is_none() && lends(problem, &open)).then(|| Lent {
            columns: problem.columns(),
            weights: problem.weights(),
            turns: Vec::with_capacity(problem.mentees()),
            bonus: T::of(scale.bonus * scale.unit),
            shift: scale.unit.trailing_zeros(),
        });
        let copied = if grid.is_none() && lent.is_none() { problem.edges() } else { 0 };
        let opening = Opening::fitting(problem, scale).filter(|_| copied > 0);
        let narrow = opening.map(|opening| Narrow::new(problem, opening));
        let mut graph = Self {
            spans: Vec::with_capacity(problem.mentees()),
            arcs: Vec::with_capacity(if narrow.is_none() { copied } else { 0 }),
            narrow,
            grid,
            lent,
            places: Vec::new(),
            mentee_of: Vec::with_capacity(problem.mentees()),
            own_column: vec![NONE; problem.mentees()],
            scale,
        };
        let mut capacity = problem.mentor_capacities().to_vec();
        let mut choices = Vec::new();
        for mentee in order {
            let range = problem.row(mentee as usize);
            let places = problem.mentee_capacities()[mentee as usize];
            if places == 0 || range.is_empty() {
                continue;
            }
            if let Some(lent) = &mut graph.lent {
                let turn = random.below(range.len());
                lent.turns.push(u32::try_from(turn).unwrap_or(0));
                graph.end_row(mentee, range);
                continue;
            }
            let columns = &problem.columns()[range.clone()];
            let weights = &problem.weights()[range];
            if let Some(grid) = &mut graph.grid {
                let turn = random.below(problem.mentors());
                let cells = grid.add_row((columns, weights), scale, (&open, closed), turn);
                graph.end_row(mentee, cells);
                continue;
            }
            let edges = Edges { columns, weights, open: closed.then_some(&open) };
            if let Some(narrow) = &mut graph.narrow {
                let opening = narrow.opening;
                let close = |column, weight| opening.close(column, weight);
                let row = narrow.add_row(columns.len(), |arcs| {
                    edges.add_to(arcs, close, &mut random);
                });
                graph.end_row(mentee, row);
                continue;
            }
            let arc = |column, weight| Arc { column, worth: scale.worth(weight) };
            let row = edges.add_to(&mut graph.arcs, arc, &mut random);
            if places == 1 {
                graph.end_row(mentee, row);
            } else {
                choices.clear();
                choices.extend_from_slice(&graph.arcs[row.clone()]);
                graph.arcs.truncate(row.start);
                graph.split(mentee, places, &choices, &mut capacity);
            }
        }
        graph.number_places(&capacity);
        graph
    }

    pub(super) fn rows(&self) -> usize {
        self.mentee_of.len()
    }

    pub(super) fn columns(&self) -> usize {
        self.places.len() - 1
    }

    /// How many arcs there are.
    pub(super) fn size(&self) -> usize {
        match self {
            Self { grid: Some(grid), .. } => grid.size(),
            Self { lent: Some(lent), .. } => lent.columns.len(),
            Self { narrow: Some(narrow), .. } => narrow.size(),
            _ => self.arcs.len(),
        }
    }

    /// Which arcs are those of a row. In a grid some of them stand for no allowed pair.
    pub(super) fn row(&self, row: u32) -> Range<usize> {
        let [start, end] = self.spans[row as usize];
        start as usize..end as usize
    }

    /// One arc.
    #[inline]
    pub(super) fn arc(&self, arc: usize) -> Arc<T> {
        match self {
            Self { narrow: Some(narrow), .. } => narrow.opening.open(narrow.arcs()[arc]),
            Self { lent: Some(lent), .. } => lent.arc(arc),
            Self { grid: Some(grid), .. } => grid.arc(arc),
            _ => self.arcs[arc],
        }
    }

    pub(super) fn grid(&self) -> Option<&Grid> {
        self.grid.as_ref()
    }

    /// How many columns a row may have.
    pub(super) fn degree(&self, row: u32) -> usize {
        self.grid.as_ref().map_or_else(|| self.row(row).len(), |grid| grid.degree(row))
    }

    /// The arc of a row from `from` on that is worth more than `least` above its price and is `wanted`.
    pub(super) fn find(
        &self,
        row: u32,
        from: usize,
        (prices, coarse): (&[T], &Coarse),
        mut least: T,
        wanted: impl Fn(Arc<T>) -> bool,
    ) -> Option<usize> {
        let range = self.row(row);
        if let Some(grid) = &self.grid {
            let mut found = None;
            let columns = from.max(range.start) - range.start..grid.columns();
            let _ = grid.among(row, columns, (prices, coarse), &mut least, |at, arc, _, _| {
                if wanted(arc) {
                    found = Some(at);
                    return ControlFlow::Break(());
                }
                ControlFlow::Continue(())
            });
            return found;
        }
        let from = from.max(range.start);
        let fits = |arc: Arc<T>| arc.worth - prices[arc.column as usize] > least && wanted(arc);
        let arcs = from.min(range.end)..range.end;
        let found = if let Some(narrow) = &self.narrow {
            narrow.arcs()[arcs].iter().position(|arc| fits(narrow.opening.open(*arc)))
        } else if let Some(lent) = &self.lent {
            arcs.into_iter().position(|arc| fits(lent.arc(arc)))
        } else {
            self.arcs[arcs].iter().position(|arc| fits(*arc))
        };
        found.map(|at| from + at)
    }

    /// The arcs of all rows by their numbers; none if there is a grid or rows are lent.
    #[inline]
    pub(super) fn copied(&self) -> Copied<'_, T> {
        match &self.narrow {
            Some(narrow) => Copied::Narrow(narrow.arcs(), narrow.opening),
            None => Copied::Wide(&self.arcs),
        }
    }

    /// All arcs of a row, with their numbers.
    #[inline]
    pub(super) fn each(&self, row: u32, mut look: impl FnMut(usize, Arc<T>)) {
        let range = self.row(row);
        if let Some(grid) = &self.grid {
            grid.each(range, look);
        } else if let Some(lent) = &self.lent {
            lent.each(range, look);
        } else if let Some(narrow) = &self.narrow {
            for (at, arc) in narrow.arcs()[range.clone()].iter().enumerate() {
                look(range.start + at, narrow.opening.open(*arc));
            }
        } else {
            for (at, arc) in self.arcs[range.clone()].iter().enumerate() {
                look(range.start + at, *arc);
            }
        }
    }

    /// The arc of a row to a column, or [`NONE`].
    pub(super) fn arc_to(&self, row: u32, column: u32) -> u32 {
        let mut found = NONE;
        self.each(row, |at, arc| {
            if arc.column == column {
                found = u32::try_from(at).unwrap_or(NONE);
            }
        });
        found
    }

    /// All arcs of a row, in the order in which equally good ones are preferred.
    #[inline]
    pub(super) fn each_turned(&self, row: u32, mut look: impl FnMut(usize, Arc<T>)) {
        let Some(lent) = &self.lent else {
            return self.each(row, look);
        };
        let range = self.row(row);
        let middle = range.start + lent.turns[row as usize] as usize;
        for part in [middle..range.end, range.start..middle] {
            lent.each(part, &mut look);
        }
    }

    /// The two parts of a lent row that has every mentor, in the order in which it is looked at.
    pub(super) fn stretches(&self, row: u32) -> Option<[Stretch<'a, T>; 2]> {
        let lent = self.lent.as_ref()?;
        let range = self.row(row);
        if range.len() != self.columns() {
            return None;
        }
        let turn = lent.turns[row as usize] as usize;
        let middle = range.start + turn;
        let part = |arcs: Range<usize>, column| Stretch {
            first: arcs.start,
            weights: &lent.weights[arcs],
            column,
            bonus: lent.bonus,
            shift: lent.shift,
        };
        Some([part(middle..range.end, turn), part(range.start..middle, 0)])
    }

    fn end_row(&mut self, mentee: u32, arcs: Range<usize>) {
        self.mentee_of.push(mentee);
        self.spans.push([arcs.start, arcs.end].map(|it| u32::try_from(it).unwrap_or(u32::MAX)));
    }

    fn split(&mut self, mentee: u32, places: u32, row: &[Arc<T>], capacity: &mut Vec<u32>) {
        let beyond = row.len().saturating_sub(places as usize);
        let own = Arc {
            column: u32::try_from(capacity.len()).unwrap_or(u32::MAX),
            worth: T::of(self.scale.own * self.scale.unit),
        };
        for &arc in row {
            let begun = self.arcs.len();
            self.arcs.push(arc);
            if beyond > 0 {
                self.arcs.push(own);
            }
            self.end_row(mentee, begun..self.arcs.len());
        }
        if beyond > 0 {
            self.own_column[mentee as usize] = own.column;
            capacity.push(u32::try_from(beyond).unwrap_or(u32::MAX));
        }
    }

    fn number_places(&mut self, capacity: &[u32]) {
        let all: u64 = capacity.iter().copied().map(u64::from).sum();
        let room_enough = all <= (self.size() + capacity.len()) as u64;
        let mut most = vec![u32::MAX; capacity.len()];
        if !room_enough {
            most.fill(1);
            for row in (0..).take(self.rows()) {
                self.each(row, |_, arc| most[arc.column as usize] += 1);
            }
        }
        let mut next = 0;
        self.places = Vec::with_capacity(capacity.len() + 1);
        self.places.push(0);
        for (&capacity, &most) in capacity.iter().zip(&most) {
            next += capacity.min(most);
            self.places.push(next);
        }
    }
}
