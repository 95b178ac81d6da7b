//! How far a run is, for whoever waits at a terminal, and Ctrl-C.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::ProgressBar;
use mentorship_core::matching::solve::{Control, Progress};

use crate::Failure;

/// Exit code of a process that is ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Watches a run from a terminal, and stops it at the first Ctrl-C. Only one can be in a process.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    /// Hidden where standard error is no terminal.
    bar: ProgressBar,
}

impl Watch {
    /// From now on the first Ctrl-C stops the run, and the second one the program.
    pub fn new() -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            eprintln!("stopping at the best pairing so far; Ctrl-C again ends at once");
        })?;
        let bar = ProgressBar::new_spinner();
        bar.enable_steady_tick(Duration::from_millis(100));
        Ok(Self { stop, bar })
    }

    /// The run is over.
    pub fn end(self) {
        self.bar.finish_and_clear();
    }
}

fn told(progress: &Progress) -> String {
    let Progress { operations, value, bound, .. } = progress;
    let millions = operations / 1_000_000;
    let stage = format!("{:?}", progress.stage).to_lowercase();
    let gap = if *bound == i128::MAX {
        "gap not known yet".to_owned()
    } else {
        format!("at most {} points better", (bound - value).max(0))
    };
    format!("{stage}: {millions} million pairs looked at, {value} points with the bonus, {gap}")
}

impl Control for Watch {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        if !self.bar.is_hidden() {
            self.bar.set_message(told(progress));
        }
        if self.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use mentorship_core::matching::solve::Stage;

    use super::*;

    #[test]
    fn the_gap_is_told_once_it_is_known() {
        let (stage, operations) = (Stage::Auction, 3_000_000);
        let mut it = Progress { stage, operations, value: 40, bound: i128::MAX, bonus: 10 };
        assert!(told(&it).ends_with("gap not known yet"));
        it.bound = 45;
        let expected =
            "auction: 3 million pairs looked at, 40 points with the bonus, at most 5 points better";
        assert_eq!(told(&it), expected);
    }
}
