//! The storage contract: what a backend has to do, and nothing about how.
//!
//! A backend is [`Store`], [`StoreUnit`] and, if it can, [`Outbox`]. The suite in
//! [`conformance`](crate::conformance) (feature `conformance`) proves one.

pub mod ask;
pub mod error;
pub mod ext;
pub mod outbox;
pub mod unit;

use std::fmt;

use async_trait::async_trait;

pub use self::{
    ask::{
        CaseAsk, CaseScope, Cursor, EnrollmentAsk, FilingAsk, ListAsk, Listed, Listing, PAGE_MAX,
        Page, PairAsk, PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, RunAsk,
        TallyAsk,
    },
    error::{StoreError, StoreErrorKind},
    ext::UnitExt,
    outbox::{ClaimAsk, Consumer, Envelope, Outbox, ParkedAsk, Receipt},
    unit::StoreUnit,
};

/// Where programs, enrolments, pairs and relations live.
#[async_trait]
pub trait Store: fmt::Debug + Send + Sync {
    /// A unit whose every `apply` is atomic by itself. Holds no connection between calls, so that one
    /// unit may be open while another works.
    async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError>;

    /// The outbox, if this store keeps one that can be read.
    fn outbox(&self) -> Option<&dyn Outbox>;

    /// What this store can do.
    fn capabilities(&self) -> Capabilities;
}

/// What a store can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Capabilities {
    /// Short name: `memory`, `sqlite`, …
    pub name: &'static str,
    /// Whether what `apply` acknowledged survives the end of the process.
    pub durable: bool,
    /// Whether the outbox can be claimed from.
    pub outbox: bool,
}

impl Capabilities {
    /// A store of this name that can do nothing optional.
    #[must_use]
    pub const fn new(name: &'static str) -> Self {
        Self { name, durable: false, outbox: false }
    }

    /// The same, with what is acknowledged surviving the process.
    #[must_use]
    pub const fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// The same, with an outbox.
    #[must_use]
    pub const fn with_outbox(mut self) -> Self {
        self.outbox = true;
        self
    }
}
