//! The library as a host calls it: one async method per command and query.
//!
//! Every command loads what it needs to know, asks the host what only the host knows, decides by a pure
//! function, and applies the outcome whole or not at all. If a record changed meanwhile it starts over,
//! a bounded number of times. A future that is dropped at any await leaves nothing half done.

pub mod ambient;
pub mod error;
pub mod export;
#[cfg(feature = "csv")]
pub mod import;
pub mod ports;
pub mod relay;

mod bulk;
mod candidates;
mod enrollments;
mod erase;
mod every;
mod evidence;
mod former;
mod keys;
mod many;
mod moderation;
mod needed;
mod overseen;
mod pairs;
mod preview;
mod programs;
mod proposals;
mod queries;
mod rename;
mod reports;
mod restrictions;
mod run;
mod runs;
mod safety;
mod sweep;
mod word;
mod writing;

use std::{fmt, sync::Arc};

pub use self::{
    ambient::{RandomIds, SystemClock},
    bulk::{PublishAsk, PublishReport, SignUp},
    candidates::{CandidateList, ImpossibleCandidate, RankedCandidate},
    error::Error,
    evidence::EvidenceReport,
    export::{Export, ExportAsk, ExportPlace},
    keys::TenantKey,
    ports::{Attestation, Backoff, Directory, NoBackoff, PortError, TenantKeys},
    preview::{Preview, PreviewAsk},
    queries::{
        AlikeCase, Application, COMPARED_DRAFTS_MAX, Cause, DirectoryEntry, Offer, OwnReport,
        PageAsk, PairCard, PairDetails, ProgramDetails, QueueState, QueuedCase, ReadScope,
        ReportStatus, RunCard, RunDetails, StagedComparison, StagedMove, Statement, Testimonial,
        Thread,
    },
    relay::{Handler, Relay, RelayOptions, RelayReport, Undelivered},
    reports::Receipt,
    runs::StagedRun,
    sweep::{SweepAsk, SweepReport},
    writing::{ContentPolicy, Writing, WritingKind},
};
use crate::{
    base::{
        id::IdSource,
        input::{InputError, in_range},
        time::Clock,
    },
    model::signal::SignalPolicy,
    statistics::CountWidth,
    store::{Outbox, Store, ask::AUDIT_TAIL_DAYS},
};
pub use crate::{
    decide::erase::{Basis, Erased, Kept, KeptClass},
    model::proposal::ProposedPair,
};

/// A host's mentorship programs over a store of its own. Cheap to clone; holds no connection.
pub type Mentorship = Service<'static>;

/// Every command and query, over a store that lives as long as `'s`: for ever as a [`Mentorship`], or as
/// long as a transaction that the host has lent (see [`Service::within`]).
#[derive(Clone)]
pub struct Service<'s> {
    store: Arc<dyn Store + 's>,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdSource>,
    directory: Arc<dyn Directory>,
    backoff: Arc<dyn Backoff>,
    keys: Option<Arc<dyn TenantKeys>>,
    content: Option<Arc<dyn ContentPolicy>>,
    attempts: u8,
    admin_acts: bool,
    audit_days: Option<u16>,
    count_width: CountWidth,
    signals: SignalPolicy,
}

impl fmt::Debug for Service<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Service")
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

    /// Where the keys of tenants come from, with which somebody who was erased and comes back is found
    /// again (D10); by default there are none, and whoever was erased is a stranger. Give them before anybody
    /// is erased: what is kept under random pseudonyms is found by nothing but
    /// [`same_person`](Service::same_person).
    pub fn tenant_keys(mut self, keys: impl TenantKeys + 'static) -> Self {
        self.0.keys = Some(Arc::new(keys));
        self
    }

    /// A filter of the host's that is asked before a text of one of a pair is stored; by default every text is.
    pub fn content_policy(mut self, policy: impl ContentPolicy + 'static) -> Self {
        self.0.content = Some(Arc::new(policy));
        self
    }

    /// Most attempts of one command when records change under it, 1 to 50; default 12.
    pub fn attempts(mut self, attempts: u8) -> Self {
        self.0.attempts = attempts.clamp(1, 50);
        self
    }

    /// Tells the platform's staff of each command by which an admin of a group has changed something, in the same
    /// write ([`MessageKind::AdminActed`](crate::model::message::MessageKind::AdminActed)): its code and its program. Off
    /// by default, since the audit log holds all of it. On, it is one message more for each such command, and for many
    /// at once one for up to 250 of them, in each program.
    pub fn tell_admin_acts(mut self) -> Self {
        self.0.admin_acts = true;
        self
    }

    /// Days for which the audit log is kept, 30 to 3,650; by default for ever (D21). The last call of each round of the
    /// [sweep](Service::sweep) takes out up to [`limit`](SweepAsk::limit) events, oldest first, and none of what
    /// goes on: of programs, enrolments, proposals and pairs that are not over, and of cases that hold something or have
    /// not let go of it yet. The last thirty days before the last event of a tenant always stay.
    ///
    /// Who did what is told by nothing else: what is gone cannot be answered for any more, by a case about it either,
    /// which keeps its own events and not those of what is over. Longer than anybody may report and appeal is a good
    /// choice: a program's `read_days` and `case_hours`, and six months, so with 180 days 400 or more. What a hand held
    /// beside a case stands with that case, and goes with its events. On a server the account
    /// needs the right to DELETE from `audit` for it.
    ///
    /// # Errors
    /// [`InputError`] for the field `audit_days` out of its range.
    pub fn audit_days(mut self, days: u16) -> Result<Self, InputError> {
        in_range("audit_days", days, AUDIT_TAIL_DAYS.into(), 3_650)?;
        self.0.audit_days = Some(days);
        Ok(self)
    }

    /// How wide the ranges are in which [`statistics`](Service::statistics) tell a group's admins a number; default
    /// and least [`COUNT_WIDTH`](crate::statistics::COUNT_WIDTH), less is read as that.
    pub fn count_width(mut self, width: u32) -> Self {
        self.0.count_width = CountWidth::new(width);
        self
    }

    /// How far back [`signals`](Service::signals) look, and from how many on somebody shows.
    pub fn signals(mut self, policy: SignalPolicy) -> Self {
        self.0.signals = policy;
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
            keys: None,
            content: None,
            attempts: 12,
            admin_acts: false,
            audit_days: None,
            count_width: CountWidth::default(),
            signals: SignalPolicy::default(),
        })
    }
}

impl<'s> Service<'s> {
    /// The same service inside a transaction of the host's: `store` is one that a backend has joined to
    /// it. What a command writes is stored when the host commits and not before, together with what the
    /// host writes there itself; a refused command leaves the transaction as it was.
    ///
    /// Nothing is tried again here, since only the host can begin its transaction anew: after
    /// `store.conflict` or `store.busy` it rolls back and starts over. What the service does of its own
    /// after a command, such as offering the next choice, happens in the transaction too.
    ///
    /// The [`Directory`] is asked while the transaction is open. One that takes a connection of the same
    /// pool needs a second one for it, and with one writer it must only read.
    #[must_use]
    pub fn within<'t>(&self, store: impl Store + 't) -> Service<'t> {
        Service {
            store: Arc::new(store),
            clock: self.clock.clone(),
            ids: self.ids.clone(),
            directory: self.directory.clone(),
            backoff: self.backoff.clone(),
            keys: self.keys.clone(),
            content: self.content.clone(),
            attempts: 1,
            admin_acts: self.admin_acts,
            audit_days: self.audit_days,
            count_width: self.count_width,
            signals: self.signals,
        }
    }

    /// The same service that asks this directory: for one that knows already what a transaction's
    /// commands will ask.
    #[must_use]
    pub fn asking(mut self, directory: impl Directory + 'static) -> Self {
        self.directory = Arc::new(directory);
        self
    }

    /// The store's outbox, for the host's relay.
    #[must_use]
    pub fn outbox(&self) -> Option<&dyn Outbox> {
        self.store.outbox()
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store + 's> {
        &self.store
    }

    fn now(&self) -> crate::base::time::Timestamp {
        crate::base::time::whole_micros(self.clock.now())
    }
}
