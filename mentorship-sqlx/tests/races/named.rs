//! Commands with an id, as hosts give them: on `PostgreSQL` only such a one is written as one statement.

use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use mentorship_core::{
    change::{ChangeSet, CommandRecord},
    conformance::{
        make::{self, id, slug},
        through::Hook,
    },
};

/// Ids that no command of a race has.
static NEXT: AtomicU64 = AtomicU64::new(1 << 40);

/// Gives an id to each change set that has none.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named;

#[async_trait]
impl Hook for Named {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        if changes.commands.is_empty() {
            changes.commands.push(CommandRecord {
                id: id(NEXT.fetch_add(1, Ordering::Relaxed)),
                kind: slug("race"),
                digest: [0; 32],
                reply: "null".to_owned(),
                at: make::start(),
            });
        }
    }
}
