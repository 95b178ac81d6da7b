//! What people may see. Every answer is cut by the permission table and, for answers to questions, by
//! who may see each.

pub(super) mod apart;
mod audit;
pub(super) mod cases;
mod directory;
mod filled;
mod offer;
mod own;
mod pair;
mod program;
mod runs;
mod signals;
mod statistics;
mod testimonial;
mod thread;

pub(super) use self::{
    audit::{as_own, own_events},
    filled::{ListItem, filled},
};
pub use self::{
    cases::{AlikeCase, Cause, OwnReport, QueueState, QueuedCase, ReportStatus, Statement},
    directory::DirectoryEntry,
    offer::Offer,
    pair::{PairCard, PairDetails},
    program::{Application, ProgramDetails},
    runs::{COMPARED_DRAFTS_MAX, RunCard, RunDetails, StagedComparison, StagedMove},
    testimonial::Testimonial,
    thread::{ReadScope, Thread},
};

/// Records as one of the two sees them.
pub(super) mod cards {
    pub(in crate::service) use super::{offer::offer_state, pair::card as pair};
}

use super::{Error, Service, run::Load};
use crate::{
    decide::{Cx, Decision, Refusal, access},
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    store::{Cursor, ListAsk, Listing, StoreUnit},
};

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// Most items, 1 to 500; default 50.
    pub limit: u16,
    /// `next` of the page before; `None` for the first.
    pub after: Option<Cursor>,
}

impl Default for PageAsk {
    fn default() -> Self {
        Self { limit: 50, after: None }
    }
}

impl PageAsk {
    pub(in crate::service) fn of(self, actor: &Actor, what: Listing) -> ListAsk {
        ListAsk { tenant: actor.tenant().clone(), what, after: self.after, limit: self.limit }
    }
}

impl Service<'_> {
    pub(super) async fn load<L: Load>(&self, ask: L) -> Result<L::View, Error> {
        let mut unit = self.store.unit().await?;
        Ok(ask.load(&mut *unit).await?.ok_or(Refusal::NotFound)?)
    }

    pub(super) async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, Error> {
        Ok(self.store.unit().await?)
    }

    /// Writes down that something is read, before it is shown: no such read goes unrecorded.
    pub(super) async fn record_read(
        &self,
        actor: &Actor,
        decide: impl FnOnce(Cx<'_>) -> Decision<()> + Send,
    ) -> Result<(), Error> {
        let Decision { changes, .. } = decide(Cx { actor, now: self.now(), ids: &*self.ids });
        // Without a command id nothing is ever repeated.
        drop(self.unit().await?.apply(changes).await?);
        Ok(())
    }

    pub(super) fn to_tenant(&self, actor: &Actor, action: Action) -> Result<Standing, Error> {
        let cx = Cx { actor, now: self.now(), ids: &*self.ids };
        Ok(access::to_tenant(&cx, action)?)
    }
}
