//! The cost of one command as the store grows: 1,000, 100,000 and 1,000,000 enrolments in one program.
#![allow(clippy::unwrap_used, missing_docs, reason = "a benchmark that cannot be set up stops")]

use std::{
    cell::OnceCell,
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use mentorship_benches::{File, Ready, strangers};
use mentorship_core::{
    base::text::Body,
    conformance::make,
    model::enrollment::{EnrollmentState, Role},
};
use mentorship_memory::MemoryStore;
use tokio::runtime::Runtime;

const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// A store of so many enrolments, made when the first benchmark that is not filtered out asks for it.
struct Grown<'a> {
    runtime: &'a Runtime,
    kind: &'static str,
    size: u64,
    ready: OnceCell<(Ready, Option<File>)>,
}

impl Grown<'_> {
    fn ready(&self) -> &Ready {
        let make = async {
            let (ready, file) = if self.kind == "memory" {
                (Ready::over(Arc::new(MemoryStore::new())).await, None)
            } else {
                let file = File::new().await;
                (Ready::over(Arc::new(file.store.clone())).await, Some(file))
            };
            let active = EnrollmentState::Active { since: make::start() };
            strangers(&*ready.world.store, ready.program, self.size, &active).await;
            if let Some(file) = &file {
                file.settle().await;
            }
            (ready, file)
        };
        &self.ready.get_or_init(|| self.runtime.block_on(make)).0
    }
}

fn growth(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let next = AtomicU64::new(1_000);
    for kind in ["memory", "sqlite"] {
        for size in SIZES {
            let grown = Grown { runtime: &runtime, kind, size, ready: OnceCell::new() };
            let body = Body::new("Fair winds.").unwrap();
            let mut group = criterion.benchmark_group(format!("{kind} post"));
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, _| {
                let ready = grown.ready();
                let me = ready.world.person(1);
                bencher.to_async(&runtime).iter(|| {
                    let (service, body) = (ready.world.service.clone(), body.clone());
                    let (me, pair) = (&me, ready.pair);
                    async move {
                        let step = make::slug("hello");
                        black_box(service.post(me, pair, &step, None, body).await.unwrap());
                    }
                });
            });
            group.finish();
            let mut group = criterion.benchmark_group(format!("{kind} sign up"));
            group.bench_with_input(BenchmarkId::from_parameter(size), &size, |bencher, _| {
                let ready = grown.ready();
                bencher.to_async(&runtime).iter(|| {
                    let n = next.fetch_add(1, Ordering::Relaxed);
                    async move {
                        black_box(ready.world.enroll(ready.program, n, Role::Mentee).await);
                    }
                });
            });
            group.finish();
        }
    }
}

criterion_group!(
    name = growing;
    config = Criterion::default().sample_size(30).measurement_time(Duration::from_secs(4));
    targets = growth
);
criterion_main!(growing);
