//! The library as a host calls it: one async method per command and query.
//!
//! Every command loads what it needs to know, asks the host what only the host knows, decides by a pure
//! function, and applies the outcome whole or not at all. If a record changed meanwhile it starts over,
//! a bounded number of times. A future that is dropped at any await leaves nothing half done.

pub mod ambient;
pub mod error;
pub mod ports;

mod candidates;
mod enrollments;
mod pairs;
mod preview;
mod programs;
mod proposals;
mod queries;
mod run;
mod safety;
mod sweep;
mod word;

use std::{fmt, sync::Arc};

pub use self::{
    ambient::{RandomIds, SystemClock},
    candidates::{CandidateList, ImpossibleCandidate, RankedCandidate},
    error::Error,
    ports::{Attestation, Backoff, Directory, NoBackoff, PortError},
    preview::{Preview, PreviewAsk},
    queries::{
        Application, Offer, PageAsk, PairCard, PairDetails, ProgramDetails, ReadScope, Testimonial,
        Thread,
    },
    sweep::{SweepAsk, SweepReport},
};
use crate::{
    base::{id::IdSource, time::Clock},
    store::{Outbox, Store},
};

/// A host's mentorship programs. Cheap to clone; holds no connection.
#[derive(Clone)]
pub struct Mentorship {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    directory: Arc<dyn Directory>,
    backoff: Arc<dyn Backoff>,
    attempts: u8,
}

impl fmt::Debug for Mentorship {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mentorship")
            .field("store", &self.store)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// Builds a [`Mentorship`].
#[derive(Debug)]
#[must_use]
pub struct Builder(Mentorship);

impl Builder {
    /// Where "now" comes from; the system's clock by default.
    pub fn clock(mut self, clock: impl Clock + 'static) -> Self {
        self.0.clock = Arc::new(clock);
        self
    }

    /// Where ids come from; random ones by default.
    pub fn ids(mut self, ids: impl IdSource + 'static) -> Self {
        self.0.ids = Arc::new(ids);
        self
    }

    /// How to wait between attempts after a conflict; by default it only lets other tasks run.
    pub fn backoff(mut self, backoff: impl Backoff + 'static) -> Self {
        self.0.backoff = Arc::new(backoff);
        self
    }

    /// Most attempts of one command when records change under it, 1 to 50; default 12.
    pub fn attempts(mut self, attempts: u8) -> Self {
        self.0.attempts = attempts.clamp(1, 50);
        self
    }

    /// The finished service.
    #[must_use]
    pub fn build(self) -> Mentorship {
        self.0
    }
}

impl Mentorship {
    /// Starts from a store and from what only the host knows.
    pub fn builder(store: Arc<dyn Store>, directory: impl Directory + 'static) -> Builder {
        Builder(Self {
            store,
            clock: Arc::new(SystemClock),
            ids: Arc::new(RandomIds),
            directory: Arc::new(directory),
            backoff: Arc::new(NoBackoff),
            attempts: 12,
        })
    }

    /// The store's outbox, for the host's relay.
    #[must_use]
    pub fn outbox(&self) -> Option<&dyn Outbox> {
        self.store.outbox()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    fn now(&self) -> crate::base::time::Timestamp {
        crate::base::time::whole_micros(self.clock.now())
    }
}
