//! How far a run is, for whoever waits at a terminal, and Ctrl-C.

use std::{
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget};
use mentorship_core::matching::solve::{Control, Progress, Stage};

use crate::Failure;

/// Exit code of a process that is ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Operations between two lines of the same stage.
const LINE_EVERY: u64 = 1 << 24;

/// Watches a run, and stops it at the first Ctrl-C. Only one can be in a process.
#[derive(Debug)]
pub struct Watch {
    stop: Arc<AtomicBool>,
    /// Hidden where standard error is no terminal.
    bar: ProgressBar,
    lines: Option<Lines>,
}

/// When a line of progress is due: in each stage at once, and then every few million operations.
#[derive(Debug, Default)]
struct Lines {
    stage: Option<Stage>,
    next: u64,
}

impl Lines {
    fn is_due(&mut self, progress: &Progress) -> bool {
        let due = self.stage != Some(progress.stage) || progress.operations >= self.next;
        if due {
            self.stage = Some(progress.stage);
            self.next = progress.operations.saturating_add(LINE_EVERY);
        }
        due
    }
}

impl Watch {
    /// From now on the first Ctrl-C stops the run, and the second one the program. At a terminal a bar tells how
    /// far the run is.
    pub fn new() -> Result<Self, Failure> {
        let it = Self::without_bar()?;
        it.bar.set_draw_target(ProgressDrawTarget::stderr());
        it.bar.enable_steady_tick(Duration::from_millis(100));
        Ok(it)
    }

    /// The same without a bar: how far the run is, is not looked at.
    pub fn without_bar() -> Result<Self, Failure> {
        let stop = Arc::new(AtomicBool::new(false));
        let asked = Arc::clone(&stop);
        ctrlc::set_handler(move || {
            if asked.swap(true, Ordering::Relaxed) {
                std::process::exit(INTERRUPTED);
            }
            eprintln!("stopping at the best pairing so far; Ctrl-C again ends at once");
        })?;
        let bar = ProgressBar::new_spinner();
        bar.set_draw_target(ProgressDrawTarget::hidden());
        Ok(Self { stop, bar, lines: None })
    }

    /// With lines on standard error, for a log.
    #[must_use]
    pub fn with_lines(mut self, lines: bool) -> Self {
        self.lines = lines.then(Lines::default);
        self
    }

    /// Whether Ctrl-C was pressed.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
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
        if self.lines.as_mut().is_some_and(|lines| lines.is_due(progress)) {
            eprintln!("{}", told(progress));
        }
        if self.is_stopped() {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }

    fn follows(&self) -> bool {
        self.lines.is_some() || !self.bar.is_hidden()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_due_in_each_stage_and_after_many_operations() {
        let mut lines = Lines::default();
        let mut due = |stage, operations| {
            let it = Progress { stage, operations, value: 0, bound: i128::MAX, bonus: 0 };
            lines.is_due(&it)
        };
        assert!(due(Stage::Auction, 5) && !due(Stage::Auction, 4 + LINE_EVERY));
        assert!(due(Stage::Auction, 5 + LINE_EVERY) && !due(Stage::Auction, 6 + LINE_EVERY));
        assert!(due(Stage::Paths, 7 + LINE_EVERY) && due(Stage::Auction, 8 + LINE_EVERY));
    }

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
