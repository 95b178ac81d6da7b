//! What is kept when people are gone (the audit log, messages, replies of commands) and what a host logs (errors): in
//! none of it is anything that anybody has written while the whole suite runs. What is traced is in `trace.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
};

use mentorship_core::{
    base::text::Slug,
    change::{Change, ChangeSet},
    conformance::{
        Harness, Spawner, Task, cases,
        through::{Hook, Through},
        world::errors_told,
    },
};
use mentorship_memory::MemoryStore;
use serde::Serialize;
use serde_json::Value;

#[derive(Debug)]
struct AtOnce;

#[async_trait::async_trait]
impl Spawner for AtOnce {
    async fn all(&self, tasks: Vec<Task>) {
        let running: Vec<_> = tasks.into_iter().map(tokio::spawn).collect();
        for task in running {
            task.await.expect("no task of a race panics");
        }
    }
}

/// Every text in a value; one that is JSON itself, such as a sealed copy, is looked into.
fn texts(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => match serde_json::from_str::<Value>(text) {
            Ok(inner @ (Value::Object(_) | Value::Array(_))) => texts(&inner, into),
            _ => drop(into.insert(text.clone())),
        },
        Value::Array(items) => items.iter().for_each(|it| texts(it, into)),
        Value::Object(fields) => fields.values().for_each(|it| texts(it, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Whether a text is somebody's words, and no code, key, id or instant.
fn is_words(text: &str) -> bool {
    let is_instant = chrono::DateTime::parse_from_rfc3339(text).is_ok();
    text.len() > 3
        && Slug::new(text).is_err()
        && uuid::Uuid::parse_str(text).is_err()
        && !is_instant
        && text.chars().any(|it| it == ' ' || it.is_uppercase() || !it.is_ascii())
}

#[derive(Clone, Debug, Default)]
struct Ears {
    words: Arc<Mutex<BTreeMap<&'static str, BTreeSet<String>>>>,
    kept: Arc<Mutex<BTreeSet<String>>>,
}

fn note<T: Serialize>(record: &T, into: &mut BTreeSet<String>) {
    texts(&serde_json::to_value(record).unwrap(), into);
}

#[async_trait::async_trait]
impl Hook for Ears {
    async fn before_apply(&self, changes: &mut ChangeSet) {
        for change in &changes.changes {
            let mut written = BTreeSet::new();
            match change {
                Change::Person(it) => note(it, &mut written),
                Change::Relation(it) => note(it, &mut written),
                Change::Enrollment(it) => note(it, &mut written),
                Change::Proposal(it) => note(it, &mut written),
                Change::Pair(it) => note(it, &mut written),
                Change::Case(it) => note(it, &mut written),
                Change::Evidence(it) => note(it, &mut written),
                Change::Run(it) => note(it, &mut written),
                Change::Step(it) => note(it, &mut written),
                Change::Post(it) => note(it, &mut written),
                Change::CheckIn(it) => note(it, &mut written),
                // Words of programs, forms and guides are for everybody, and the rest has none.
                _ => {}
            }
            written.retain(|it| is_words(it));
            self.words.lock().unwrap().entry(change.kind()).or_default().extend(written);
        }
        let mut kept = self.kept.lock().unwrap();
        note(&changes.audit, &mut kept);
        note(&changes.outbox, &mut kept);
        note(&changes.commands, &mut kept);
    }
}

#[test]
fn what_is_kept_for_good_and_what_is_told_to_a_log_are_nobodys_words() {
    let ears = Ears::default();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for (_, case) in cases() {
        let store = Arc::new(Through::hooked(Arc::new(MemoryStore::new()), ears.clone()));
        runtime.block_on(case(Harness { store, spawner: Arc::new(AtOnce) }));
    }
    let (words, kept, errors) =
        (ears.words.lock().unwrap(), ears.kept.lock().unwrap(), errors_told());
    for record in ["enrollment", "pair", "case", "evidence", "post", "check_in"] {
        assert!(words[record].len() > 1, "nobody's words in any {record}");
    }
    assert!(kept.len() > 4_000, "{}", kept.len());
    assert!(errors.len() > 50, "{}", errors.len());
    for text in kept.iter().chain(&errors) {
        let said = words.values().flatten().find(|it| text.contains(it.as_str()));
        assert_eq!(said, None, "{text}");
    }
}
