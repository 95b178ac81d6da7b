//! Workers that play stories at the same time, and go on whatever happens to the store: a command that
//! failed is given again under its id until it is acknowledged.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use mentorship_core::store::Store;
use tokio::{sync::watch, task::JoinHandle};

use super::story::{Done, Stage, Story};

/// How many play at the same time.
const WORKERS: usize = 4;
/// Attempts of one call: the posts of all stories are written over one row.
const ATTEMPTS: u8 = 50;

/// What a worker meets.
#[derive(Clone, Debug)]
pub(crate) enum Met {
    /// It gives this command for the first time.
    Begun(u64),
    /// It is acknowledged.
    Heard(Done),
    /// The call failed; this is the error's code.
    Failed(&'static str),
}

/// Plays story after story until it is told to stop; then the command under way is still carried out.
async fn work(
    stage: Stage,
    mut store: watch::Receiver<Arc<dyn Store>>,
    stories: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
    met: Arc<dyn Fn(Met) + Send + Sync>,
) {
    loop {
        let mut tale = Story::new(stage, stories.fetch_add(1, Ordering::Relaxed));
        while let Some(number) = tale.next() {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            met(Met::Begun(number));
            loop {
                let current = store.borrow_and_update().clone();
                tokio::select! {
                    outcome = tale.go_on(&current, ATTEMPTS) => match outcome {
                        Ok(done) => break met(Met::Heard(done)),
                        Err(error) => met(Met::Failed(error.code())),
                    },
                    // The host does not wait for a server that it has given up.
                    Ok(()) = store.changed() => {}
                }
            }
        }
    }
}

/// Workers, and a way to give them another store.
pub(crate) struct Workers {
    store: watch::Sender<Arc<dyn Store>>,
    stop: Arc<AtomicBool>,
    running: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Begins with the story of this number.
    pub(crate) fn begin(
        stage: Stage,
        store: Arc<dyn Store>,
        first: u64,
        met: impl Fn(Met) + Send + Sync + 'static,
    ) -> Self {
        let (store, watched) = watch::channel(store);
        let stop = Arc::new(AtomicBool::new(false));
        let (stories, met) = (Arc::new(AtomicU64::new(first)), Arc::new(met));
        let worker = |_| {
            let work = work(stage, watched.clone(), stories.clone(), stop.clone(), met.clone());
            tokio::spawn(work)
        };
        let running = (0..WORKERS).map(worker).collect();
        Self { store, stop, running }
    }

    /// From here on everybody uses this store.
    pub(crate) fn switch(&self, store: Arc<dyn Store>) {
        self.store.send_replace(store);
    }

    /// Waits for the workers, who do not stop before what they do is acknowledged.
    pub(crate) async fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        for worker in self.running {
            worker.await.expect("no worker panics");
        }
    }
}

/// What workers of this process were told.
#[derive(Debug, Default)]
struct Told {
    heard: Mutex<BTreeMap<u64, String>>,
    failed: Mutex<BTreeMap<&'static str, u64>>,
}

/// Workers in this process.
pub(crate) struct Crowd {
    pub(crate) stage: Stage,
    workers: Workers,
    told: Arc<Told>,
    count: watch::Receiver<u64>,
}

impl Crowd {
    /// Sets the stage, plays story 0 undisturbed, and begins.
    pub(crate) async fn begin(store: Arc<dyn Store>) -> Self {
        let stage = Stage::set(store.clone()).await;
        let told = Arc::new(Told::default());
        for done in undisturbed(stage, &store).await {
            told.heard.lock().expect("no holder panics").insert(done.number, done.reply);
        }
        let (counted, count) = watch::channel(0);
        let notes = told.clone();
        let met = move |met| match met {
            Met::Begun(_) => {}
            Met::Heard(Done { number, reply }) => {
                let mut heard = notes.heard.lock().expect("no holder panics");
                assert_eq!(heard.insert(number, reply), None);
                counted.send_modify(|count| *count += 1);
            }
            Met::Failed(code) => {
                // What may be tried again, and nothing else.
                let known = ["store.busy", "store.in_doubt", "store.conflict"];
                assert!(known.contains(&code), "a command failed with {code}");
                *notes.failed.lock().expect("no holder panics").entry(code).or_default() += 1;
            }
        };
        let workers = Workers::begin(stage, store, 1, met);
        Self { stage, workers, told, count }
    }

    /// Waits until this many more commands are acknowledged.
    pub(crate) async fn hear(&mut self, more: u64) {
        let enough = *self.count.borrow() + more;
        self.count.wait_for(|count| *count >= enough).await.expect("the workers work");
    }

    /// What was acknowledged so far.
    pub(crate) fn heard(&self) -> BTreeMap<u64, String> {
        self.told.heard.lock().expect("no holder panics").clone()
    }

    /// From here on everybody uses this store.
    pub(crate) fn switch(&self, store: Arc<dyn Store>) {
        self.workers.switch(store);
    }

    /// Waits until everybody is done: everything that was acknowledged, and how often calls failed.
    pub(crate) async fn finish(self) -> (BTreeMap<u64, String>, BTreeMap<&'static str, u64>) {
        self.workers.finish().await;
        let heard = std::mem::take(&mut *self.told.heard.lock().expect("no holder panics"));
        let failed = std::mem::take(&mut *self.told.failed.lock().expect("no holder panics"));
        (heard, failed)
    }
}

/// Story 0, to which nothing happens.
pub(crate) async fn undisturbed(stage: Stage, store: &Arc<dyn Store>) -> Vec<Done> {
    let (mut tale, mut all) = (Story::new(stage, 0), Vec::new());
    while tale.next().is_some() {
        all.push(tale.go_on(store, 1).await.expect("nothing happens"));
    }
    all
}
