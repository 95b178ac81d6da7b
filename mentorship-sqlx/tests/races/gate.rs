//! A command held between reading and applying: it has decided on what it read, and applies when it is
//! let go, so that commands really overlap.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use mentorship_core::{
    base::host::PersonId,
    change::{Applied, Change, ChangeSet, Key},
    conformance::through::Hook,
    store::{StoreError, StoreErrorKind},
};
use tokio::sync::Semaphore;

/// What a command did to the store.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// Change sets that were stored.
    pub(crate) stored: u32,
    /// Attempts that failed, by how.
    pub(crate) failed: BTreeMap<String, u32>,
    /// Records that it rests on, and whether it writes them.
    pub(crate) keys: BTreeMap<Key, bool>,
    /// Whose keys it replaces, wherever they stand.
    pub(crate) renamed: BTreeSet<PersonId>,
}

/// Between one command and the store.
#[derive(Clone, Debug)]
pub(crate) struct Gate(Arc<State>);

#[derive(Debug)]
struct State {
    /// One permit when the command has come to its first change set, or to its end without one.
    arrived: Semaphore,
    /// One permit lets the first change set pass.
    open: Semaphore,
    /// Whether the first change set has come.
    first: Mutex<bool>,
    seen: Mutex<Seen>,
}

impl Gate {
    pub(crate) fn closed() -> Self {
        Self(Arc::new(State {
            arrived: Semaphore::new(0),
            open: Semaphore::new(0),
            first: Mutex::new(true),
            seen: Mutex::default(),
        }))
    }

    /// Lets the command go.
    pub(crate) fn open(&self) {
        self.0.open.add_permits(1);
    }

    /// Says that the command has come this far.
    pub(crate) fn arrive(&self) {
        self.0.arrived.add_permits(1);
    }

    /// Waits until the command is held or over.
    pub(crate) async fn arrived(&self) {
        self.0.arrived.acquire().await.expect("never closed").forget();
    }

    pub(crate) fn seen<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.0.seen.lock().expect("nobody panics here"))
    }
}

#[async_trait::async_trait]
impl Hook for Gate {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        self.seen(|seen| {
            for key in changes.guards.keys() {
                seen.keys.entry(key.clone()).or_insert(false);
            }
            for change in &changes.changes {
                let written = match change {
                    Change::Touch(key) => Some(key.clone()),
                    Change::RenamePerson { from, to } => {
                        seen.renamed.insert(from.clone());
                        seen.keys.insert(Key::Person(from.clone()), true);
                        Some(Key::Person(to.clone()))
                    }
                    other => other.versioned().map(|(key, _)| key),
                };
                if let Some(key) = written {
                    seen.keys.insert(key, true);
                }
            }
        });
        if std::mem::take(&mut *self.0.first.lock().expect("nobody panics here")) {
            self.arrive();
            self.0.open.acquire().await.expect("never closed").forget();
        }
    }

    async fn after_apply(&self, outcome: &mut Result<Applied, StoreError>) {
        self.seen(|seen| match outcome {
            Ok(_) => seen.stored += 1,
            Err(error) => *seen.failed.entry(kind(error.kind())).or_insert(0) += 1,
        });
    }
}

/// How an attempt failed, in a word.
pub(crate) fn kind(kind: StoreErrorKind) -> String {
    format!("{kind:?}").to_lowercase()
}
