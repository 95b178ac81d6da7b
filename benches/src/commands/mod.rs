//! The commands that are measured, by the library and by hand.

mod by_hand;
mod library;

use async_trait::async_trait;
use mentorship_core::base::{
    host::PersonId,
    id::{PairId, ProgramId, ProposalId},
};

pub use self::{
    by_hand::{MariaDbByHand, PostgresByHand, SqliteByHand},
    library::{Host, Library},
};
use crate::load::Item;

/// The tenant of what is copied.
pub const TENANT: &str = "harbour";

/// The commands. Each is told with an id by the host, is one transaction, and fails loudly.
#[async_trait]
pub trait Commands: Send + Sync {
    /// Somebody signs up as a mentee.
    async fn sign_up(&self, program: ProgramId, person: &PersonId);
    /// One of a pair posts on its first step.
    async fn post(&self, pair: PairId, by: &PersonId);
    /// The mentor accepts the offer that the mentee has accepted: the two are a pair.
    async fn accept(&self, offer: ProposalId, by: &PersonId);
    /// One of a pair blocks the other: the pair ends.
    async fn block(&self, by: &PersonId, other: &PersonId);
    /// An acceptance or a block in a transaction that is undone, so that what it reads and writes is in memory. By
    /// hand nobody does: no comparison with it needs that.
    async fn rehearse(&self, _item: &Item) {}
}
