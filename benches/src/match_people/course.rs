//! How the best pairing so far grew, kept while somebody watches.

use std::ops::ControlFlow;

use mentorship_core::matching::solve::{Control, Progress};

/// Points of the plot beyond which every second one is dropped.
const POINTS_MAX: usize = 512;

/// How the value of the best pairing so far grew: operations, and points with the bonus.
#[derive(Clone, Debug, Default)]
pub(super) struct Course {
    pub(super) points: Vec<(u64, i128)>,
    /// Points of every pair on top of its score.
    pub(super) bonus: i64,
    /// Whether the run was stopped by whoever watched.
    pub(super) stopped: bool,
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

/// Takes down the course of a run, and hands it on to who watches.
pub(super) struct Recorder<'a> {
    pub(super) course: Course,
    pub(super) watcher: &'a mut dyn Control,
}

impl Control for Recorder<'_> {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        self.course.take(progress);
        let flow = self.watcher.poll(progress);
        self.course.stopped |= flow.is_break();
        flow
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
}
