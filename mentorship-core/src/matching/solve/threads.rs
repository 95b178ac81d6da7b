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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_as_asked_for_but_in_a_pool_of_the_hosts() {
        for (asked, there) in [(0, 1), (1, 1), (3, 3), (THREADS_MAX + 1, THREADS_MAX)] {
            assert_eq!(among(asked, |threads| threads), there);
            assert_eq!(among(asked, |_| rayon::current_thread_index().is_some()), there > 1);
        }
        let hosts = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
        assert_eq!(hosts.install(|| among(3, |threads| threads)), 1);
    }
}
