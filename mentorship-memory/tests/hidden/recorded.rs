//! What a store is asked, in the order in which it is.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use mentorship_core::{change::ChangeSet, conformance::through::Hook};

/// The questions since they were looked at last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked(Arc<Mutex<Vec<String>>>);

impl Asked {
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl Hook for Asked {
    fn asked(&self, method: &'static str, ask: &dyn Debug) {
        let asked = format!("{method} {}", without_ids(&format!("{ask:?}")));
        self.0.lock().unwrap().push(asked);
    }

    async fn before_apply(&self, _changes: &mut ChangeSet) {
        self.0.lock().unwrap().push("apply".to_owned());
    }
}

/// The text with our own ids left out: which of somebody's enrolments is asked for is no other question.
fn without_ids(text: &str) -> String {
    let is_id = |it: &&str| it.len() == 36 && it.parse::<uuid::Uuid>().is_ok();
    text.split(['(', ')'])
        .map(|it| if is_id(&it) { "id" } else { it })
        .collect::<Vec<_>>()
        .join("|")
}
