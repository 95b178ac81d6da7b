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
/// Points of the plot beyond which every second one is dropped.
const POINTS_MAX: usize = 512;

/// Watches a run and stops it when somebody asks for that.
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    /// Hidden where standard error is no terminal.
    bar: ProgressBar,
    course: Course,
}

/// How the value of the best pairing so far grew: operations, and points with the bonus.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) points: Vec<(u64, i128)>,
    /// Points of every pair on top of its score.
    pub(super) bonus: i64,
    /// Whether the run was stopped by whoever waited.
    pub(super) stopped: bool,
}

impl Watch {
    /// From now on the first Ctrl-C stops the run, and the second one the program.
    pub(super) fn new() -> Result<Self, Failure> {
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
        Ok(Self { stop, bar, course: Course::default() })
    }

    pub(super) fn end(self) -> Course {
        self.bar.finish_and_clear();
        self.course
    }
}

impl Course {
    fn take(&mut self, progress: &Progress) {
        if progress.bonus != self.bonus {
            // With another bonus the values of before do not compare.
            self.points.clear();
            self.bonus = progress.bonus;
        }
        if self.points.last().is_none_or(|it| it.1 != progress.value) {
            self.points.push((progress.operations, progress.value));
        }
        if self.points.len() > POINTS_MAX {
            let mut keep = false;
            self.points.retain(|_| {
                keep = !keep;
                keep
            });
        }
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
        self.course.take(progress);
        if !self.bar.is_hidden() {
            self.bar.set_message(told(progress));
        }
        if self.stop.load(Ordering::Relaxed) {
            self.course.stopped = true;
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    }
}

#[cfg(test)]
mod tests {
    use mentorship_core::matching::solve::Stage;

    use super::*;

    fn progress(operations: u64, value: i128, bonus: i64) -> Progress {
        Progress { stage: Stage::Auction, operations, value, bound: i128::MAX, bonus }
    }

    #[test]
    fn a_course_holds_what_changed_for_the_last_bonus_and_stays_small() {
        let mut course = Course::default();
        for it in [progress(1, 5, 0), progress(2, 5, 0), progress(3, 7, 0), progress(4, 9, 10)] {
            course.take(&it);
        }
        assert_eq!((course.points.as_slice(), course.bonus), ([(4, 9)].as_slice(), 10));
        for it in 0..10_000_u64 {
            course.take(&progress(it, i128::from(it), 10));
        }
        assert!(course.points.len() <= POINTS_MAX + 1);
    }

    #[test]
    fn the_gap_is_told_once_it_is_known() {
        let mut it = progress(3_000_000, 40, 10);
        assert!(told(&it).ends_with("gap not known yet"));
        it.bound = 45;
        let expected =
            "auction: 3 million pairs looked at, 40 points with the bonus, at most 5 points better";
        assert_eq!(told(&it), expected);
    }
}
