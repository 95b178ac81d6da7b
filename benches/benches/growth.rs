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
use mentorship_benches::{File, Ready};
use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, Id, ProgramId},
        text::Body,
    },
    change::{Change, ChangeSet},
    conformance::make,
    model::{enrollment::Role, person::Person},
    store::Store,
};
use mentorship_memory::MemoryStore;
use tokio::runtime::Runtime;

const SIZES: [u64; 3] = [1_000, 100_000, 1_000_000];

/// Enrolments of strangers, in sets of a thousand.
async fn fill(store: &dyn Store, program: ProgramId, count: u64) {
    let mut unit = store.unit().await.unwrap();
    for thousand in 0..count / 1_000 {
        let mut set = ChangeSet::new(make::tenant());
        for n in thousand * 1_000..(thousand + 1) * 1_000 {
            let person = PersonId::try_from(format!("stranger{n}")).unwrap();
            let role = if n % 5 == 0 { Role::Mentor } else { Role::Mentee };
            let mut place = make::enrollment(1, 1, 1, role);
            place.id = EnrollmentId::from_uuid(uuid::Uuid::from_u64_pair(
                n.wrapping_mul(0x9e37_79b9_7f4a_7c15),
                n,
            ));
            place.program = program;
            place.person = person.clone();
            set.put(Change::Person(Person { id: person, ..make::person(1) }));
            set.put(Change::Enrollment(place));
        }
        // Without guards: nothing is there yet, and asking a million times takes its time.
        set.guards.clear();
        let _ = unit.apply(set).await.unwrap();
    }
}

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
            fill(&*ready.world.store, ready.program, self.size).await;
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
