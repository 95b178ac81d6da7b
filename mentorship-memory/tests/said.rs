//! Everything that is said while the whole suite runs has English words, and every text is said.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
};

use mentorship_core::{
    change::ChangeSet,
    conformance::{
        Harness, Spawner, Task, cases,
        through::{Hook, Through},
    },
    model::message::{self, MessageKey, MessageText},
};
use mentorship_memory::MemoryStore;

#[derive(Debug)]
struct Tokio;

#[async_trait::async_trait]
impl Spawner for Tokio {
    async fn all(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("no task of a race panics");
        }
    }
}

/// Hears every message that is stored.
#[derive(Clone, Debug, Default)]
struct Ears {
    said: Arc<Mutex<BTreeSet<MessageKey>>>,
    wrong: Arc<Mutex<BTreeSet<String>>>,
}

#[async_trait::async_trait]
impl Hook for Ears {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        for it in &changes.outbox {
            // What the suite itself puts in a store to see it come back.
            if it.kind.as_str().starts_with("test.") {
                continue;
            }
            let words = message::english(it);
            let whole = words.is_some_and(|text| text.placeholders().all(|p| p.is_known_from(it)));
            match words {
                Some(text) if whole => self.said.lock().unwrap().insert(text.key),
                _ => self
                    .wrong
                    .lock()
                    .unwrap()
                    .insert(format!("{} {:?} {:?}", it.kind, it.to, it.code)),
            };
        }
    }
}

/// What no case of the suite brings about. The last two are what any other code reads as: this version says
/// each with a code that has words of its own.
const UNHEARD: &[&str] = &[
    "message.enrollment.review_due.admins",
    "message.pair.ended.unresponsive",
    "message.pair.ended.schedule",
    "message.pair.ended.language",
    "message.pair.ended.admins.unresponsive",
    "message.pair.ended.admins.schedule",
    "message.pair.ended.admins.language",
    "message.case.escalated.staff.p0",
    "message.case.appealed.staff.p0",
    "message.case.decided",
    "message.case.appeal_decided",
];

#[test]
fn every_message_has_words_and_all_words_are_said() {
    let ears = Ears::default();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).build().unwrap();
    for (_, case) in cases() {
        let store = Arc::new(Through::hooked(Arc::new(MemoryStore::new()), ears.clone()));
        runtime.block_on(case(Harness { store, spawner: Arc::new(Tokio) }));
    }
    assert_eq!(
        *ears.wrong.lock().unwrap(),
        BTreeSet::new(),
        "no words, or no id to fill them from"
    );
    let said = ears.said.lock().unwrap();
    let silent = MessageText::ALL.iter().map(|it| it.key).filter(|key| !said.contains(key));
    let silent: Vec<String> = silent.map(|key| key.to_string()).collect();
    assert_eq!(silent, UNHEARD, "nobody is ever told these");
}
