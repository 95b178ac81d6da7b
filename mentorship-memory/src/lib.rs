//! The in-memory store of the mentorship library: for tests, previews, simulations and small tools.
//!
//! It keeps the whole storage contract (guards, belts, outbox, pages) under one lock, so that what holds
//! here holds on a database. What it does not do is survive the process, unless the host writes a
//! [`Snapshot`] somewhere.
//!
//! ```
//! use mentorship_memory::MemoryStore;
//!
//! let store = MemoryStore::new();
//! let json = serde_json::to_string(&store.snapshot())?;
//! let again = MemoryStore::restore(serde_json::from_str(&json)?)?;
//! assert_eq!(again.snapshot(), store.snapshot());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod apply;
mod belts;
mod cases;
mod index;
mod lists;
mod outbox;
mod rename;
mod signals;
mod snapshot;
mod state;
mod statistics;
mod views;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use mentorship_core::{
    base::{host::TenantId, id::CommandId},
    change::{Applied, ChangeSet, CommandRecord},
    statistics::Tally,
    store::{
        Capabilities, CaseAsk, Consumer, EnrollmentAsk, FilingAsk, ListAsk, Listed, Outbox, Page,
        PairAsk, PersonAsk, ProgramAsk, ProposalAsk, RelationAsk, RenameAsk, RunAsk, Store,
        StoreError, StoreUnit, TallyAsk,
    },
    view::{
        CaseView, EnrollmentView, FilingView, PairView, PersonView, ProgramView, ProposalView,
        RelationView, RenameView, RunView,
    },
};

pub use self::snapshot::{RestoreError, Snapshot};
use self::state::State;

/// A store in memory. Clones share what is stored.
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

struct Shared {
    /// Taken before the tenants, if both are.
    consumers: Mutex<BTreeSet<Consumer>>,
    tenants: Mutex<BTreeMap<TenantId, State>>,
    belts: bool,
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("tenants", &self.lock().len()).finish()
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::over(BTreeMap::new(), true)
    }

    /// An empty store without belts, to show in tests that something catches what they catch.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    #[must_use]
    pub fn without_belts() -> Self {
        Self::over(BTreeMap::new(), false)
    }

    /// A store of its own that holds the same, for a search through many worlds. Consumers are those of the
    /// beginning.
    #[cfg(feature = "teeth")]
    #[doc(hidden)]
    #[must_use]
    pub fn fork(&self) -> Self {
        Self::over(self.lock().clone(), self.shared.belts)
    }

    fn over(tenants: BTreeMap<TenantId, State>, belts: bool) -> Self {
        let consumers = Mutex::new([Consumer::default()].into());
        Self { shared: Arc::new(Shared { consumers, tenants: Mutex::new(tenants), belts }) }
    }

    fn subscribed(&self) -> MutexGuard<'_, BTreeSet<Consumer>> {
        self.shared.consumers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<TenantId, State>> {
        // A change set is checked before it is written and writing cannot fail, so that a panic
        // elsewhere leaves whole states behind.
        self.shared.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, tenant: &TenantId, read: impl FnOnce(&State) -> T) -> T {
        match self.lock().get(tenant) {
            Some(state) => read(state),
            None => read(&State::default()),
        }
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn unit(&self) -> Result<Box<dyn StoreUnit + '_>, StoreError> {
        Ok(Box::new(MemoryUnit { store: self.clone() }))
    }

    fn outbox(&self) -> Option<&dyn Outbox> {
        Some(self)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::new("memory").with_outbox()
    }
}

struct MemoryUnit {
    store: MemoryStore,
}

#[async_trait]
impl StoreUnit for MemoryUnit {
    async fn program_view(&mut self, ask: &ProgramAsk) -> Result<Option<ProgramView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.program_view(ask))
    }

    async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.enrollment_view(ask))
    }

    async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.proposal_view(ask))
    }

    async fn pair_view(&mut self, ask: &PairAsk) -> Result<Option<PairView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.pair_view(ask))
    }

    async fn relation_view(&mut self, ask: &RelationAsk) -> Result<RelationView, StoreError> {
        Ok(self.store.read(&ask.tenant, |state| state.relation_view(ask)))
    }

    async fn filing_view(&mut self, ask: &FilingAsk) -> Result<Option<FilingView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.filing_view(ask))
    }

    async fn case_view(&mut self, ask: &CaseAsk) -> Result<Option<CaseView>, StoreError> {
        self.store.read(&ask.tenant, |state| state.case_view(ask))
    }

    async fn person_view(&mut self, ask: &PersonAsk) -> Result<PersonView, StoreError> {
        Ok(self.store.read(&ask.tenant, |state| state.person_view(ask)))
    }

    async fn rename_view(&mut self, ask: &RenameAsk) -> Result<RenameView, StoreError> {
        Ok(self.store.read(&ask.tenant, |state| state.rename_view(ask)))
    }

    async fn run_view(&mut self, ask: &RunAsk) -> Result<Option<RunView>, StoreError> {
        Ok(self.store.read(&ask.tenant, |state| state.run_view(ask)))
    }

    async fn tally(&mut self, ask: &TallyAsk) -> Result<Tally, StoreError> {
        Ok(self.store.read(&ask.tenant, |state| state.tally(ask)))
    }

    async fn list(&mut self, ask: &ListAsk) -> Result<Page<Listed>, StoreError> {
        self.store.read(&ask.tenant, |state| state.list(ask))
    }

    async fn command(
        &mut self,
        tenant: &TenantId,
        id: CommandId,
    ) -> Result<Option<CommandRecord>, StoreError> {
        Ok(self.store.read(tenant, |state| state.commands.get(&id).cloned()))
    }

    async fn apply(&mut self, changes: ChangeSet) -> Result<Applied, StoreError> {
        let belts = self.store.shared.belts;
        let consumers = self.store.subscribed().clone();
        let mut tenants = self.store.lock();
        if let Some(state) = tenants.get_mut(&changes.tenant) {
            return state.apply(changes, belts, &consumers);
        }
        // A refused first write must not leave an empty tenant behind.
        let (tenant, mut state) = (changes.tenant.clone(), State::default());
        let applied = state.apply(changes, belts, &consumers)?;
        tenants.insert(tenant, state);
        Ok(applied)
    }
}
