//! Threads for one auction.

use super::THREADS_MAX;

/// Runs what can make use of so many threads, and tells it how many there are: one where no others can be
/// started, and within a pool of the host's, which would have the waiting thread do something else meanwhile.
pub(super) fn among<R: Send>(threads: usize, run: impl FnOnce(usize) -> R + Send) -> R {
    let threads = threads.min(THREADS_MAX);
    if threads <= 1 || rayon::current_thread_index().is_some() {
        return run(1);
    }
    match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
        Ok(pool) => pool.install(|| run(threads)),
        Err(error) => {
            tracing::debug!(%error, "one thread solves alone");
            run(1)
        }
    }
}
