//! What there is to do: offers that nobody has answered, pairs that nobody has ended, people who have not
//! signed up.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use mentorship_core::base::{
    host::PersonId,
    id::{Id as _, PairId, ProgramId, ProposalId},
};
use tokio::sync::Mutex;

use crate::data::{Cells, Copies, Sink, fill};

/// A command that is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub enum Command {
    /// A post on a step.
    Post,
    /// Signing up.
    SignUp,
    /// The acceptance that makes a pair.
    Accept,
    /// A block that ends a pair.
    Block,
}

impl Command {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Post, Self::SignUp, Self::Accept, Self::Block];

    /// As people write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Post => "post",
            Self::SignUp => "sign-up",
            Self::Accept => "accept",
            Self::Block => "block",
        }
    }
}

/// One command to be carried out.
#[derive(Clone, Debug)]
pub enum Item {
    /// This person, in this program.
    SignUp(ProgramId, PersonId),
    /// In this pair, by this person.
    Post(PairId, PersonId),
    /// This offer, by this mentor.
    Accept(ProposalId, PersonId),
    /// By this person, of this other.
    Block(PersonId, PersonId),
}

/// Pairs that post and are never blocked.
const POSTING: u64 = 256;

/// Which cells come one after the other, where all are there from the beginning.
#[derive(Clone, Copy, Debug)]
struct Spread {
    /// Programs that are there.
    programs: u64,
    /// Cells of each.
    each: u64,
    /// Programs in which something happens.
    in_use: u64,
    /// By how many programs each next one is further.
    stride: u64,
}

impl Spread {
    /// Over so many cells, of which about so many are in use. What does not fill a program is left out.
    fn new(there: u64, each: u64, active: u64) -> Self {
        let each = each.clamp(1, there.max(1));
        let programs = (there / each).max(1);
        let common = |mut one: u64, mut other: u64| {
            while other != 0 {
                (one, other) = (other, one % other);
            }
            one
        };
        // About the golden section, and without a common divisor with their number.
        let mut strides = (programs * 618 / 1_000).max(1)..=programs;
        let stride = strides.find(|it| common(*it, programs) == 1).unwrap_or(1);
        Self { programs, each, in_use: (active / each).clamp(1, programs), stride }
    }

    /// The cell of a number: one of each program in use, then the next of each; then those of others.
    fn cell(&self, n: u64) -> u64 {
        let active = self.in_use * self.each;
        let (first, n) = (n / active * self.in_use, n % active);
        let others = self.in_use.min(self.programs - first);
        let program = (first + n % others) * self.stride % self.programs;
        program * self.each + n / others
    }
}

/// Cells with what is left of them.
pub struct Stock {
    copies: Copies,
    cells: Cells,
    prefix: String,
    sink: Mutex<Box<dyn Sink>>,
    made: AtomicU64,
    accepted: AtomicU64,
    blocked: AtomicU64,
    signed_up: AtomicU64,
    posted: AtomicU64,
    /// Cells in which people post and sign up, again and again.
    active: u64,
    /// If all cells are there from the beginning.
    spread: Option<Spread>,
}

impl std::fmt::Debug for Stock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stock").field("cells", &self.cells).finish_non_exhaustive()
    }
}

impl Stock {
    /// In the tables of a prefix, in which nothing is yet; so many cells are made at once.
    pub async fn new(
        copies: Copies,
        cells: Cells,
        prefix: &str,
        mut sink: Box<dyn Sink>,
        there: u64,
    ) -> Self {
        let there = there.max(POSTING);
        fill(&mut *sink, prefix, &copies, &cells, (0, there)).await;
        Self {
            copies,
            cells,
            prefix: prefix.to_owned(),
            sink: Mutex::new(sink),
            made: AtomicU64::new(there),
            accepted: AtomicU64::new(0),
            blocked: AtomicU64::new(POSTING),
            signed_up: AtomicU64::new(0),
            posted: AtomicU64::new(0),
            active: POSTING,
            spread: None,
        }
    }

    /// Over tables in which so many cells are already. Those in which something happens are so many, in programs
    /// somewhere among them all; an offer is accepted and a pair ended by a block in these first.
    #[must_use]
    pub fn among(
        copies: Copies,
        cells: Cells,
        prefix: &str,
        sink: Box<dyn Sink>,
        there: u64,
        active: u64,
    ) -> Self {
        let spread = Spread::new(there, cells.per_program, active);
        Self {
            copies,
            cells,
            prefix: prefix.to_owned(),
            sink: Mutex::new(sink),
            made: AtomicU64::new(spread.programs * spread.each),
            accepted: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            signed_up: AtomicU64::new(0),
            posted: AtomicU64::new(0),
            active: spread.in_use * spread.each,
            spread: Some(spread),
        }
    }

    /// The cell of a number.
    fn cell(&self, n: u64) -> u64 {
        self.spread.map_or(n, |spread| spread.cell(n))
    }

    fn used(&self, command: Command) -> Option<&AtomicU64> {
        match command {
            Command::Accept => Some(&self.accepted),
            Command::Block => Some(&self.blocked),
            Command::Post | Command::SignUp => None,
        }
    }

    /// Makes what a slice will need at this rate and somewhat more.
    pub async fn fill(&self, command: Command, rate: f64, length: Duration, clients: u64) {
        let Some(used) = self.used(command).filter(|_| self.spread.is_none()) else { return };
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a small number"
        )]
        let need = (rate * length.as_secs_f64() * 1.5) as u64 + 2 * clients;
        let made = self.made.load(Ordering::SeqCst);
        let wanted = used.load(Ordering::SeqCst).min(made) + need;
        if wanted > made {
            let mut sink = self.sink.lock().await;
            fill(&mut **sink, &self.prefix, &self.copies, &self.cells, (made, wanted)).await;
            self.made.store(wanted, Ordering::SeqCst);
        }
    }

    /// How many of a command there are until it comes to a cell again.
    #[must_use]
    pub fn first(&self, command: Command) -> u64 {
        if self.used(command).is_some() { 0 } else { self.active }
    }

    /// What is done once in a cell, in the cells in which something happens.
    pub fn once(&self, command: Command) -> impl Iterator<Item = Item> + '_ {
        let cells = if self.used(command).is_some() { self.active } else { 0 };
        (0..cells).filter_map(move |n| self.item(command, n))
    }

    /// What is done in a cell, if it is done once.
    fn item(&self, command: Command, n: u64) -> Option<Item> {
        let cell = self.cell(n);
        match command {
            Command::Accept => {
                let offer = ProposalId::from_uuid(self.copies.offer(&self.cells, cell));
                Some(Item::Accept(offer, self.person(cell, 2)))
            }
            Command::Block => Some(Item::Block(self.person(cell, 1), self.person(cell, 0))),
            Command::Post | Command::SignUp => None,
        }
    }

    fn person(&self, cell: u64, n: u64) -> PersonId {
        PersonId::try_from(self.cells.person(cell, n)).unwrap()
    }

    /// The next command of a client; `None` if there is nothing left.
    #[must_use]
    pub fn next(&self, command: Command, client: u64) -> Option<Item> {
        let made = self.made.load(Ordering::Relaxed);
        match command {
            Command::Post => {
                let cell = if self.spread.is_none() {
                    client % POSTING
                } else {
                    self.cell(self.posted.fetch_add(1, Ordering::Relaxed) % self.active)
                };
                let pair = PairId::from_uuid(self.copies.pair(&self.cells, cell));
                Some(Item::Post(pair, self.person(cell, 0)))
            }
            Command::SignUp => {
                let n = self.signed_up.fetch_add(1, Ordering::Relaxed);
                let program = if self.spread.is_none() {
                    self.copies.program(&self.cells, n % made)
                } else {
                    self.copies.program(&self.cells, self.cell(n % self.active))
                };
                let person = PersonId::try_from(format!("newcomer-{n}")).unwrap();
                Some(Item::SignUp(ProgramId::from_uuid(program), person))
            }
            Command::Accept | Command::Block => {
                let n = self.used(command)?.fetch_add(1, Ordering::Relaxed);
                if n < made { self.item(command, n) } else { None }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_number_has_a_cell_and_those_in_use_come_first() {
        for (there, each, active) in [(250, 25, 250), (10_000, 25, 250), (999, 10, 100), (5, 9, 3)]
        {
            let spread = Spread::new(there, each, active);
            let count = spread.programs * spread.each;
            assert!(count <= there && there - count < spread.each);
            let cells: Vec<_> = (0..count).map(|n| spread.cell(n)).collect();
            assert!(BTreeSet::from_iter(&cells).iter().copied().copied().eq(0..count));
            let first = cells.iter().take(usize::try_from(spread.in_use * spread.each).unwrap());
            let programs: BTreeSet<_> = first.map(|cell| cell / spread.each).collect();
            assert_eq!(u64::try_from(programs.len()).unwrap(), spread.in_use);
        }
    }
}
