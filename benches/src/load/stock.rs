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
    /// By how many cells each next one is further, where all are there from the beginning.
    stride: u64,
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
            stride: 1,
        }
    }

    /// Over tables in which so many cells are already: what comes next is somewhere among them all.
    #[must_use]
    pub fn among(
        copies: Copies,
        cells: Cells,
        prefix: &str,
        sink: Box<dyn Sink>,
        there: u64,
    ) -> Self {
        // About the golden section, and without a common divisor with the number of cells.
        let common = |mut one: u64, mut other: u64| {
            while other != 0 {
                (one, other) = (other, one % other);
            }
            one
        };
        let stride = (there * 618 / 1_000..there).find(|it| common(*it, there) == 1).unwrap_or(1);
        Self {
            copies,
            cells,
            prefix: prefix.to_owned(),
            sink: Mutex::new(sink),
            made: AtomicU64::new(there),
            accepted: AtomicU64::new(0),
            blocked: AtomicU64::new(0),
            signed_up: AtomicU64::new(0),
            posted: AtomicU64::new(0),
            stride,
        }
    }

    /// The cell of a number.
    fn cell(&self, n: u64) -> u64 {
        if self.stride == 1 { n } else { n * self.stride % self.made.load(Ordering::Relaxed) }
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
        let Some(used) = self.used(command).filter(|_| self.stride == 1) else { return };
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

    fn person(&self, cell: u64, n: u64) -> PersonId {
        PersonId::try_from(self.cells.person(cell, n)).unwrap()
    }

    /// The next command of a client; `None` if there is nothing left.
    #[must_use]
    pub fn next(&self, command: Command, client: u64) -> Option<Item> {
        let made = self.made.load(Ordering::Relaxed);
        match command {
            Command::Post => {
                let cell = if self.stride == 1 {
                    client % POSTING
                } else {
                    self.cell(self.posted.fetch_add(1, Ordering::Relaxed))
                };
                let pair = PairId::from_uuid(self.copies.pair(&self.cells, cell));
                Some(Item::Post(pair, self.person(cell, 0)))
            }
            Command::SignUp => {
                let n = self.signed_up.fetch_add(1, Ordering::Relaxed);
                let program = self.copies.program(&self.cells, self.cell(n) % made);
                let person = PersonId::try_from(format!("newcomer-{n}")).unwrap();
                Some(Item::SignUp(ProgramId::from_uuid(program), person))
            }
            Command::Accept => {
                let n = self.accepted.fetch_add(1, Ordering::Relaxed);
                let cell = self.cell(n);
                let offer = ProposalId::from_uuid(self.copies.offer(&self.cells, cell));
                (n < made).then(|| Item::Accept(offer, self.person(cell, 2)))
            }
            Command::Block => {
                let n = self.blocked.fetch_add(1, Ordering::Relaxed);
                let cell = self.cell(n);
                (n < made).then(|| Item::Block(self.person(cell, 1), self.person(cell, 0)))
            }
        }
    }
}
