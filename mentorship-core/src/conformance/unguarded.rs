//! A store that forgets some guards, to show that a test notices when a guard is missing.

use std::sync::Arc;

use async_trait::async_trait;

use super::through::{Hook, Through};
use crate::{change::ChangeSet, store::Store};

/// Takes away the guards on records of these kinds (`relation`, `enrollment`, …).
#[derive(Clone, Copy, Debug)]
pub struct Forget {
    kinds: &'static [&'static str],
}

#[async_trait]
impl Hook for Forget {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        changes.guards.retain(|key, _| !self.kinds.contains(&key.kind()));
    }
}

/// Passes everything on, except the guards on records of some kinds.
pub type Unguarded = Through<Forget>;

impl Unguarded {
    /// The store without guards on these kinds of records.
    #[must_use]
    pub fn new(inner: Arc<dyn Store>, kinds: &'static [&'static str]) -> Self {
        Self::hooked(inner, Forget { kinds })
    }
}
