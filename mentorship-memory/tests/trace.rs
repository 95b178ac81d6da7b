//! What a command leaves in the log of the process: ids and codes, never a key of the host's, never text.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

use std::{
    fmt::Debug,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use mentorship_core::{
    base::{id::CommandId, text::Body},
    conformance::{
        Harness, Spawner, Task, cases, erasure,
        make::{id, slug, who},
        world::World,
    },
};
use mentorship_memory::MemoryStore;
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span::{Attributes, Id, Record},
};

/// Everything that is recorded, as `name=value`.
#[derive(Debug, Default)]
struct Heard {
    spans: AtomicU64,
    fields: Mutex<Vec<String>>,
}

struct Note<'a>(&'a Heard);

impl Visit for Note<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.fields.lock().unwrap().push(format!("{field}={value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.fields.lock().unwrap().push(format!("{field}={value}"));
    }
}

impl Subscriber for Heard {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("mentorship")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        span.record(&mut Note(self));
        Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed) + 1)
    }

    fn record(&self, _span: &Id, values: &Record<'_>) {
        values.record(&mut Note(self));
    }

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Note(self));
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[derive(Debug)]
struct InTurn;

#[async_trait::async_trait]
impl Spawner for InTurn {
    async fn all(&self, tasks: Vec<Task>) {
        for task in tasks {
            task.await;
        }
    }
}

/// A story in which everybody says something wherever something can be said.
#[test]
fn spans_hold_no_word_of_anybody() {
    let heard = Arc::new(Heard::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(heard.clone(), || {
        let harness = Harness { store: Arc::new(MemoryStore::new()), spawner: Arc::new(InTurn) };
        runtime.block_on(erasure::no_word_of_a_person_is_logged(harness));
    });
    let fields = heard.fields.lock().unwrap();
    assert!(fields.len() > 200, "{}", fields.len());
    for field in fields.iter() {
        for secret in ["canary", "p001", "p002", "p900", "p901", "p990", "harbour"] {
            assert!(!field.contains(secret), "{field}");
        }
    }
}

#[test]
fn spans_hold_ids_and_codes_and_nothing_of_people() {
    let heard = Arc::new(Heard::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (program, pair) = tracing::subscriber::with_default(heard.clone(), || {
        runtime.block_on(async {
            let world = World::new(Arc::new(MemoryStore::new()));
            let program = world.program(|_| {}).await;
            let pair = world.pair(program, 1, 2).await;
            let one = world.person(1).with_command(id::<CommandId>(77));
            let body = Body::new("Between us.").unwrap();
            world.service.post(&one, pair, &slug("hello"), None, body.clone()).await.unwrap();
            let third = world.person(3);
            world.service.post(&third, pair, &slug("hello"), None, body).await.unwrap_err();
            world.service.block(&world.person(2), &who(1)).await.unwrap();
            (program, pair)
        })
    });
    let fields = heard.fields.lock().unwrap();
    let expected = [
        "kind=post.make".to_owned(),
        format!("program={program}"),
        format!("pair={pair}"),
        format!("command={}", id::<CommandId>(77)),
        "attempts=1".to_owned(),
        "outcome=done".to_owned(),
        "outcome=not_found".to_owned(),
    ];
    for field in expected {
        assert!(fields.contains(&field), "{field} is missing in {fields:?}");
    }
    for field in fields.iter() {
        for secret in ["p001", "p002", "p003", "p900", "harbour", "sailors", "Between", "hello"] {
            assert!(!field.contains(secret), "{field}");
        }
    }
}

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

/// Whatever the suite does, with whatever text: what is recorded is a number, an id of ours or a code, and never
/// the key of somebody, of a group or of a tenant.
#[test]
fn the_whole_suite_leaves_ids_and_codes_alone() {
    let heard = Arc::new(Heard::default());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    tracing::subscriber::with_default(heard.clone(), || {
        for (_, case) in cases() {
            let store = Arc::new(MemoryStore::new());
            runtime.block_on(case(Harness { store, spawner: Arc::new(AtOnce) }));
        }
    });
    let fields = heard.fields.lock().unwrap();
    assert!(fields.len() > 20_000, "{}", fields.len());
    let is_person = |text: &str| {
        let is_key = |part: &[u8]| part[0] == b'p' && part[1..].iter().all(u8::is_ascii_digit);
        text.as_bytes().windows(4).any(is_key)
    };
    let plain = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || "_.-".contains(it);
    for field in fields.iter() {
        let (name, value) = field.split_once('=').unwrap();
        let told = ["a record changed meanwhile", "the outcome is unknown", "host port failed"]
            .contains(&value);
        assert!(name == "message" || told || value.chars().all(plain), "{field}");
        for secret in ["harbour", "elsewhere", "sailors"] {
            assert!(!value.contains(secret), "{field}");
        }
        assert!(!is_person(value), "{field}");
    }
}
