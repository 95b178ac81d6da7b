//! Single commands, beside the same rows written by hand-written `sqlx` in one transaction.
//!
//! The library's side is the whole command: load, decide, guard, write, commit. The hand-written side
//! writes the rows that the command leaves behind (record, version, audit, outbox, belts' counters) and
//! commits; it loads nothing and decides nothing. Both run on one file each with a synchronous log.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot be set up stops")]

use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use criterion::{Criterion, criterion_group, criterion_main};
use mentorship_benches::{File, Ready};
use mentorship_core::{
    base::text::Body,
    conformance::{make::slug, world::sign_up},
    model::enrollment::Role,
    store::Store,
};
use mentorship_memory::MemoryStore;
use sqlx::{Connection as _, SqliteConnection};
use tokio::{runtime::Runtime, sync::Mutex};

fn stores(runtime: &Runtime) -> Vec<(&'static str, Ready, Option<File>)> {
    let memory = Arc::new(MemoryStore::new());
    let file = runtime.block_on(File::new());
    let sqlite: Arc<dyn Store> = Arc::new(file.store.clone());
    vec![
        ("memory", runtime.block_on(Ready::over(memory)), None),
        ("sqlite", runtime.block_on(Ready::over(sqlite)), Some(file)),
    ]
}

fn audit(n: i64) -> (String, i64) {
    (uuid(), n)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark makes ids as the library does")]
fn uuid() -> String {
    uuid::Uuid::new_v4().to_string()
}

const AUDIT: &str = "INSERT INTO mentorship_audit (at, actor_kind, actor_person, action, \
    subject_kind, subject, program, from_state, to_state, about, private, tenant, id) \
    VALUES (?, 'person', 'p001', 'post.make', 'pair', ?, ?, 'a', 'b', '[\"p001\"]', 0, 'harbour', ?)";
const OUTBOX: &str = "INSERT INTO mentorship_outbox (at, kind, to_kind, to_id, between_lo, \
    between_hi, program, pair, step, lane, epoch, attempts, pending, tenant, id, consumer) \
    VALUES (?1, 'post.made', 'person', 'p002', 'p001', 'p002', ?2, ?3, 'hello', ?3, 0, 0, 1, \
    'harbour', ?4, 'default')";

/// What a post leaves behind.
async fn post_by_hand(connection: &mut SqliteConnection, pair: &str, program: &str, n: i64) {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    sqlx::query(
        "UPDATE mentorship_pairs SET last_seq = ?, last_activity_at = ?, due_at = ?, \
         version = version + 1 WHERE tenant = 'harbour' AND id = ?",
    )
    .bind(n)
    .bind(n)
    .bind(n)
    .bind(pair)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query(
        "INSERT INTO mentorship_posts (id, step, author, body, at, revision, held, tenant, pair, seq) \
         VALUES (?, 'hello', 'p001', 'Fair winds.', ?, 0, '[]', 'harbour', ?, ?)",
    )
    .bind(uuid())
    .bind(n)
    .bind(pair)
    .bind(n)
    .execute(&mut *tx)
    .await
    .unwrap();
    let (id, at) = audit(n);
    sqlx::query(AUDIT).bind(at).bind(pair).bind(program).bind(id).execute(&mut *tx).await.unwrap();
    sqlx::query(OUTBOX)
        .bind(n)
        .bind(program)
        .bind(pair)
        .bind(uuid())
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}

/// What a sign-up without approval leaves behind.
async fn enroll_by_hand(connection: &mut SqliteConnection, program: &str, n: i64, answers: &str) {
    let mut tx = connection.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let person = format!("hand{n}");
    sqlx::query(
        "INSERT INTO mentorship_persons (adult_on, zone, reminders_off, reminded, version, tenant, \
         person) VALUES (14643, 'Europe/Lisbon', 0, '[]', 1, 'harbour', ?)",
    )
    .bind(&person)
    .execute(&mut *tx)
    .await
    .unwrap();
    let id = uuid();
    sqlx::query(
        "INSERT INTO mentorship_enrollments (program, person, role, state, state_doc, capacity, \
         priority_since, consent, form_version, answers, applied_at, version, live, live_limit, \
         tenant, id) VALUES (?, ?, 'mentee', 'active', \
         '{\"state\":\"active\",\"since\":\"2027-03-01T09:00:00Z\"}', 1, ?, \
         '{\"policy_version\":1}', 1, ?, ?, 1, 1, 1, 'harbour', ?)",
    )
    .bind(program)
    .bind(&person)
    .bind(n)
    .bind(answers)
    .bind(n)
    .bind(&id)
    .execute(&mut *tx)
    .await
    .unwrap();
    for _ in 0..2 {
        let (event, at) = audit(n);
        sqlx::query(AUDIT)
            .bind(at)
            .bind(&id)
            .bind(program)
            .bind(event)
            .execute(&mut *tx)
            .await
            .unwrap();
    }
    tx.commit().await.unwrap();
}

fn posts(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("post");
    for (name, ready, _file) in &stores(&runtime) {
        let me = ready.world.person(1);
        let body = Body::new("Fair winds.").unwrap();
        group.bench_function(*name, |bencher| {
            bencher.to_async(&runtime).iter(|| {
                let (service, body) = (ready.world.service.clone(), body.clone());
                let me = &me;
                async move {
                    let step = slug("hello");
                    black_box(service.post(me, ready.pair, &step, None, body).await.unwrap());
                }
            });
        });
    }
    let file = runtime.block_on(File::new());
    let ready = runtime.block_on(Ready::over(Arc::new(file.store.clone())));
    let connection = Mutex::new(runtime.block_on(file.connection()));
    let (pair, program) = (ready.pair.to_string(), ready.program.to_string());
    let next = AtomicU64::new(1);
    group.bench_function("sqlite by hand", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let n = i64::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
            post_by_hand(&mut *connection.lock().await, &pair, &program, n).await;
        });
    });
    group.finish();
}

fn sign_ups(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("sign up");
    let next = AtomicU64::new(1_000);
    for (name, ready, _file) in &stores(&runtime) {
        group.bench_function(*name, |bencher| {
            bencher.to_async(&runtime).iter(|| {
                let n = next.fetch_add(1, Ordering::Relaxed);
                async move {
                    black_box(ready.world.enroll(ready.program, n, Role::Mentee).await);
                }
            });
        });
    }
    let file = runtime.block_on(File::new());
    let ready = runtime.block_on(Ready::over(Arc::new(file.store.clone())));
    let connection = Mutex::new(runtime.block_on(file.connection()));
    let program = ready.program.to_string();
    let answers = format!("{:?}", sign_up(Role::Mentee).answers);
    group.bench_function("sqlite by hand", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let n = i64::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap();
            enroll_by_hand(&mut *connection.lock().await, &program, n, &answers).await;
        });
    });
    group.finish();
}

criterion_group!(
    name = commands;
    config = Criterion::default().sample_size(40);
    targets = posts, sign_ups
);
criterion_main!(commands);
