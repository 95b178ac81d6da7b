//! Problems in which many of all pairs are allowed: a cell for every row and column, those that are not
//! allowed included.
//!
//! Cells stand in the order of the columns, as prices do. So neither columns have to be read nor prices looked
//! for, a cell is a quarter of a listed arc, and compilers make vectors of eight cells and more. Cells are
//! exact; prices are rounded down to what a cell counts in, so that what does not exceed a limit by them does
//! not exceed it at all, and only what is left is looked at in scaled points.
#![expect(clippy::indexing_slicing, reason = "rows and columns come from the graph")]

use std::ops::{ControlFlow, Range};

use super::{
    super::problem::Problem,
    graph::{Arc, NONE, Scale},
    points::Points,
};

/// A pair that is not allowed: worth less above any price than every pair that is.
const ABSENT: i16 = i16::MIN;
/// Columns from which there is a grid: with fewer, the best of its blocks say too little about a row.
const COLUMNS: usize = 1536;
/// There is a grid if at least one of so many pairs is allowed: it is no larger than a list then.
const SPARSEST: usize = 4;
/// Cells that are looked at together.
const BLOCK: usize = 32;

/// Neighbouring columns of a row, or their prices. Of a length that compilers know, which they need to make
/// vectors; a row ends with a full one.
type Block = [i16; BLOCK];

/// The best of each block of a row above its price, and the same to be ranked.
#[derive(Debug, Default)]
pub(super) struct Tops {
    of_blocks: Vec<i16>,
    ranked: Vec<i16>,
}

/// Prices in what cells count in, rounded down; nothing where there is no grid.
#[derive(Debug, Default)]
pub(super) struct Coarse {
    prices: Vec<Block>,
    shift: u32,
}

impl Coarse {
    fn rounded<T: Points>(&self, price: T) -> i16 {
        // A price beyond that range is one that is rounded down further.
        i16::try_from(price.wide() >> self.shift).unwrap_or(i16::MAX)
    }

    /// All prices anew.
    pub(super) fn follow<T: Points>(&mut self, grid: Option<&Grid>, prices: &[T]) {
        let Some(grid) = grid else { return };
        self.shift = grid.shift;
        let mut rounded = std::mem::take(&mut self.prices);
        rounded.clear();
        rounded.resize(grid.blocks, [0; BLOCK]);
        for (rounded, price) in rounded.as_flattened_mut().iter_mut().zip(prices) {
            *rounded = self.rounded(*price);
        }
        self.prices = rounded;
    }

    /// One price has changed.
    #[inline]
    pub(super) fn set<T: Points>(&mut self, column: u32, price: T) {
        let rounded = self.rounded(price);
        if let Some(known) = self.prices.as_flattened_mut().get_mut(column as usize) {
            *known = rounded;
        }
    }
}

#[derive(Debug)]
pub(super) struct Grid {
    /// Of a row.
    blocks: usize,
    columns: usize,
    cells: Vec<Block>,
    /// The power of two by which scaled points are divided in a cell, without a rest.
    shift: u32,
    /// With which column each row begins.
    turns: Vec<u32>,
    /// How many pairs of each row are allowed.
    degrees: Vec<u32>,
    edges: usize,
}

impl Grid {
    /// An empty one, if a problem is one for a grid.
    pub(super) fn fitting(problem: &Problem, scale: Scale) -> Option<Self> {
        let (edges, rows, columns) = (problem.edges(), problem.mentees(), problem.mentors());
        let blocks = columns.div_ceil(BLOCK);
        let worth = u64::try_from(scale.own * scale.unit).ok()?;
        let shift = (u64::BITS - worth.leading_zeros()).saturating_sub(i16::BITS - 1);
        let fits = columns >= COLUMNS
            && edges > 0
            && edges.saturating_mul(SPARSEST) >= rows.checked_mul(blocks * BLOCK)?
            && shift <= scale.unit.trailing_zeros()
            && problem.mentee_capacities().iter().all(|places| *places <= 1);
        fits.then(|| Self {
            blocks,
            columns,
            cells: Vec::with_capacity(rows * blocks),
            shift,
            turns: Vec::with_capacity(rows),
            degrees: Vec::with_capacity(rows),
            edges: 0,
        })
    }

    /// Adds a row that begins with column `turn`, with those of its pairs whose column is open, which all are
    /// unless some are `closed`. Gives back which cells it has.
    pub(super) fn add_row(
        &mut self,
        (columns, weights): (&[u32], &[i32]),
        scale: Scale,
        (open, closed): (&[bool], bool),
        turn: usize,
    ) -> Range<usize> {
        let start = self.cells.len();
        self.cells.resize(start + self.blocks, [ABSENT; BLOCK]);
        let cells = self.cells[start..].as_flattened_mut();
        let (bonus, shift) = (scale.bonus, scale.unit.trailing_zeros() - self.shift);
        let bonus = i32::try_from(bonus).unwrap_or(0);
        let mut degree = columns.len();
        for (&column, &weight) in columns.iter().zip(weights) {
            cells[column as usize] = cell(weight + bonus, shift);
        }
        if closed {
            for column in columns.iter().filter(|column| !open[**column as usize]) {
                cells[*column as usize] = ABSENT;
                degree -= 1;
            }
        }
        self.turns.push(u32::try_from(turn).unwrap_or(0));
        self.degrees.push(u32::try_from(degree).unwrap_or(0));
        self.edges += degree;
        start * BLOCK..self.cells.len() * BLOCK
    }

    /// How many pairs are allowed.
    pub(super) fn size(&self) -> usize {
        self.edges
    }

    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    pub(super) fn degree(&self, row: u32) -> usize {
        self.degrees[row as usize] as usize
    }

    /// The cell of that number, as an arc. One that is not allowed is worth less than nothing.
    #[inline]
    pub(super) fn arc<T: Points>(&self, cell: usize) -> Arc<T> {
        let narrow = u32::try_from(cell).ok().zip(u32::try_from(self.blocks * BLOCK).ok());
        let column = narrow.and_then(|(cell, width)| cell.checked_rem(width)).unwrap_or(NONE);
        Arc { column, worth: T::shifted(i32::from(self.cells.as_flattened()[cell]), self.shift) }
    }

    /// Every pair of a row that is allowed, with the number of its cell.
    #[inline]
    pub(super) fn each<T: Points>(&self, cells: Range<usize>, mut look: impl FnMut(usize, Arc<T>)) {
        for (column, (at, &cell)) in (0..).zip(cells.clone().zip(&self.cells.as_flattened()[cells]))
        {
            if cell != ABSENT {
                look(at, Arc { column, worth: T::shifted(i32::from(cell), self.shift) });
            }
        }
    }

    /// Looks at every pair of a row that is worth more above its price than `least`, which `look` may raise,
    /// with the columns in the order in which the row prefers equally good ones.
    #[inline]
    pub(super) fn above<T: Points>(
        &self,
        row: u32,
        (prices, coarse): (&[T], &Coarse),
        least: &mut T,
        mut look: impl FnMut(usize, Arc<T>, T, &mut T),
    ) {
        let turn = self.turns[row as usize] as usize;
        for columns in [turn..self.columns, 0..turn] {
            let _ = self.among(row, columns, (prices, coarse), least, |at, arc, value, least| {
                look(at, arc, value, least);
                ControlFlow::Continue(())
            });
        }
    }

    /// The same where only the best so many are looked for: `least` is first raised as far as the best of each
    /// block show that it can be, which is far enough for little more than those to be looked at.
    #[inline]
    pub(super) fn best_of<T: Points>(
        &self,
        row: u32,
        (prices, coarse): (&[T], &Coarse),
        (tops, most): (&mut Tops, usize),
        least: &mut T,
        mut look: impl FnMut(usize, Arc<T>, T, &mut T),
    ) {
        let first = row as usize * self.blocks;
        let blocks = &self.cells[first..][..self.blocks];
        let pairs = blocks.iter().zip(&coarse.prices);
        tops.of_blocks.clear();
        tops.of_blocks.extend(pairs.clone().map(|(cells, rounded)| top(cells, rounded)));
        tops.ranked.clear();
        tops.ranked.extend_from_slice(&tops.of_blocks);
        if let Some(at) = tops.ranked.len().checked_sub(most) {
            let (_, worst, _) = tops.ranked.select_nth_unstable(at);
            // So many are worth at least this by their rounded prices, so less than one below by the exact ones.
            let bound = T::shifted(i32::from(*worst) - 1, self.shift);
            *least = (*least).max(bound);
        }
        let turn = self.turns[row as usize] as usize;
        let mut limit = self.limit(*least);
        for columns in [turn..self.columns, 0..turn] {
            let (from, to) = (columns.start / BLOCK, columns.end.div_ceil(BLOCK));
            for (block, top) in (from..to).zip(&tops.of_blocks[from..to]) {
                if *top <= limit {
                    continue;
                }
                let two = (&blocks[block], &coarse.prices[block]);
                let start = block * BLOCK;
                let _ = self.within(
                    two,
                    start,
                    &columns,
                    prices,
                    (least, &mut limit),
                    |arc, value, least| {
                        look(first * BLOCK + arc.column as usize, arc, value, least);
                        ControlFlow::Continue(())
                    },
                );
            }
        }
    }

    /// As [`Self::above`] of some columns, until `look` has found what it looks for.
    #[inline]
    pub(super) fn among<T: Points>(
        &self,
        row: u32,
        columns: Range<usize>,
        (prices, coarse): (&[T], &Coarse),
        least: &mut T,
        mut look: impl FnMut(usize, Arc<T>, T, &mut T) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (first, end) = (columns.start / BLOCK, columns.end.div_ceil(BLOCK));
        let row = row as usize * self.blocks;
        let blocks = self.cells[row + first..row + end].iter().zip(&coarse.prices[first..end]);
        let mut limit = self.limit(*least);
        for (block, (cells, rounded)) in (first..end).zip(blocks) {
            if top(cells, rounded) <= limit {
                continue;
            }
            let two = (cells, rounded);
            self.within(
                two,
                block * BLOCK,
                &columns,
                prices,
                (least, &mut limit),
                |arc, value, least| look(row * BLOCK + arc.column as usize, arc, value, least),
            )?;
        }
        ControlFlow::Continue(())
    }

    /// Looks at the pairs of a block, those of `columns`, that are worth more than `least`, of which `limit` is
    /// what cells count.
    #[inline]
    fn within<T: Points>(
        &self,
        (cells, rounded): (&Block, &Block),
        start: usize,
        columns: &Range<usize>,
        prices: &[T],
        (least, limit): (&mut T, &mut i16),
        mut look: impl FnMut(Arc<T>, T, &mut T) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let mut above = 0_u32;
        for at in 0..BLOCK {
            above |= u32::from(cells[at].saturating_sub(rounded[at]) > *limit) << at;
        }
        while above != 0 {
            let at = above.trailing_zeros() as usize;
            above &= above - 1;
            let column = start + at;
            if !columns.contains(&column) {
                continue;
            }
            let worth = T::shifted(i32::from(cells[at]), self.shift);
            let value = worth - prices[column];
            if value > *least {
                let before = *least;
                let arc = Arc { column: u32::try_from(column).unwrap_or(NONE), worth };
                look(arc, value, least)?;
                if *least != before {
                    *limit = self.limit(*least);
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// What a cell has to exceed above its rounded price so that it may exceed `least`.
    fn limit<T: Points>(&self, least: T) -> i16 {
        let limit = least.wide() >> self.shift;
        i16::try_from(limit).unwrap_or(if limit < 0 { ABSENT } else { i16::MAX })
    }
}

/// The best of a block above its price.
#[inline]
fn top(cells: &Block, rounded: &Block) -> i16 {
    let mut top = ABSENT;
    for (cell, price) in cells.iter().zip(rounded) {
        top = top.max(cell.saturating_sub(*price));
    }
    top
}

/// Points as a cell counts them. A grid is only made where they fit.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a row's own column, which is worth more, fits"
)]
fn cell(points: i32, shift: u32) -> i16 {
    (points << shift) as i16
}

#[cfg(test)]
mod tests {
    use super::{
        super::{
            super::{certificate::Objective, problem::Edge, random::SplitMix},
            Options, solve,
        },
        *,
    };

    /// Few open mentors for many mentees among many who take nobody, so that prices rise far.
    fn crowded(seed: u64, levels: usize, heights: usize, open: usize) -> Problem {
        let mut random = SplitMix::new(seed);
        let mut edges = Vec::new();
        for mentee in 0..60 {
            for mentor in (0..1600).filter(|_| random.below(5) > 1).collect::<Vec<u32>>() {
                let weight = i32::try_from(random.below(levels) * heights).unwrap();
                edges.push(Edge { mentee, mentor, weight });
            }
        }
        let mut capacity = vec![0; 1600];
        for _ in 0..open {
            capacity[random.below(1600)] = 1 + u32::try_from(random.below(2)).unwrap();
        }
        Problem::new(60, capacity, &edges).unwrap()
    }

    #[test]
    fn what_is_found_in_a_grid_is_proven_and_the_same_for_every_seed() {
        let scale = |own| Scale { unit: 1, bonus: 0, own };
        for (seed, levels, heights, open) in [
            (1, 1, 7, 40),
            (2, 2, 499, 50),
            (3, 5, 1, 60),
            (4, 1000, 1, 45),
            (5, 30_000, 1, 20),
            (6, 3, 0, 1600),
        ] {
            let problem = crowded(seed, levels, heights, open);
            assert!(Grid::fitting(&problem, scale(i64::from(problem.weight_max()) + 1)).is_some());
            for objective in [Objective::BestTotal, Objective::MostPeople] {
                let found = [0, 1, 2]
                    .map(|seed| solve(&problem, objective, &Options::default().seed(seed)));
                assert!(found.iter().all(|it| it.optimal), "{seed} {objective:?}");
                let totals = found.map(|it| it.value.total);
                assert_eq!(totals, [totals[0]; 3], "{seed} {objective:?}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_a_cell_has_no_grid() {
        let problem = crowded(1, 1000, 1000, 40);
        let scale = Scale { unit: 256, bonus: 0, own: i64::from(problem.weight_max()) + 1 };
        assert!(Grid::fitting(&problem, scale).is_none());
        let found = solve(&problem, Objective::BestTotal, &Options::default());
        assert!(found.optimal);
    }
}
