//! Forms and guides that have been read: they never change once stored, so one copy serves everybody.

use std::{
    any::Any,
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use mentorship_core::base::{host::TenantId, id::ProgramId};

/// Most documents kept; the cache starts over when it is full.
const MOST: usize = 512;

type Key = (&'static str, TenantId, ProgramId, u32);

/// What has been read from committed rows, by kind, tenant, program and version.
#[derive(Debug, Default)]
pub(crate) struct Documents(Mutex<HashMap<Key, Arc<dyn Any + Send + Sync>>>);

impl Documents {
    pub(crate) fn get<T: Any + Send + Sync>(&self, key: &Key) -> Option<Arc<T>> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()?;
        known.downcast().ok()
    }

    pub(crate) fn keep<T: Any + Send + Sync>(&self, key: Key, document: Arc<T>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(key, document);
    }
}
