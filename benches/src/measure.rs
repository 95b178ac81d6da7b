//! How long something takes, and how much memory.

use std::time::Instant;

/// Runs something, and how many seconds it took.
pub fn timed<T>(run: impl FnOnce() -> T) -> (T, f64) {
    #[expect(clippy::disallowed_methods, reason = "what is measured is the time that passes")]
    let begun = Instant::now();
    let done = run();
    (done, begun.elapsed().as_secs_f64())
}

/// The most memory that this process has had, in MiB; where the system tells.
#[must_use]
pub fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().strip_suffix(" kB")?.parse::<u64>().ok()? / 1024)
}

/// The one in the middle, or the mean of the two; 0 of nothing.
#[must_use]
pub fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    let middle = all.len() / 2;
    match (all.len() % 2, all.get(middle), all.get(middle.wrapping_sub(1))) {
        (1, Some(one), _) => *one,
        (_, Some(one), Some(other)) => f64::midpoint(*one, *other),
        _ => 0.0,
    }
}
