//! Whoever watches a pairing of people, and when they are asked.

use std::ops::ControlFlow;

use super::super::solve::{Control, Progress, Stage};

/// Whoever watches, told of all rounds as of one solve.
pub(super) struct Watch<'a> {
    control: &'a mut dyn Control,
    /// Operations before the solve under way.
    pub(super) before: u64,
    /// A bound for all allowed pairs, and the bonus that is counted in it.
    pub(super) known: Option<(i128, i64)>,
    pub(super) last: Progress,
    pub(super) stopped: bool,
}

impl<'a> Watch<'a> {
    pub(super) fn new(control: &'a mut dyn Control) -> Self {
        let (stage, bound) = (Stage::Prepare, i128::MAX);
        let last = Progress { stage, operations: 0, value: 0, bound, bonus: 0 };
        Self { control, before: 0, known: None, last, stopped: false }
    }
}

impl Control for Watch<'_> {
    fn poll(&mut self, progress: &Progress) -> ControlFlow<()> {
        if self.stopped {
            return ControlFlow::Break(());
        }
        let (bonus, before) = (progress.bonus, self.last);
        // With another bonus the values of before do not count.
        let value = if before.bonus == bonus { before.value } else { 0 };
        let known = self.known.filter(|it| it.1 == bonus);
        self.last = Progress {
            operations: self.before.saturating_add(progress.operations),
            value: progress.value.max(value),
            // The bound of a solve holds for the pairs that it lists alone.
            bound: known.map_or(i128::MAX, |it| it.0),
            ..*progress
        };
        let answer = self.control.poll(&self.last);
        self.stopped |= answer.is_break();
        answer
    }
}

/// Operations between two questions while all pairs are looked at.
const STRIDE: u64 = 1 << 16;

/// Asks whoever watches, while all pairs are looked at, mentee by mentee: `each` pairs of each.
pub(super) fn asking(
    mut watch: Option<&mut Watch<'_>>,
    before: u64,
    each: usize,
) -> impl FnMut(usize) -> bool {
    let mut next = STRIDE;
    move |mentees| {
        let Some(watch) = &mut watch else { return true };
        let operations = mentees as u64 * each as u64;
        if operations < next {
            return true;
        }
        next = operations + STRIDE;
        watch.before = before;
        let now = Progress { operations, ..watch.last };
        watch.poll(&now).is_continue()
    }
}

/// Asks whoever watches, while paths are looked for over all pairs, mentee by mentee. Pairs are stepped over
/// there, not looked at one by one, and are not counted as operations.
pub(super) fn asking_of<'w>(
    mut watch: Option<&'w mut Watch<'_>>,
    stage: Stage,
    each: usize,
) -> impl FnMut(usize) -> bool + 'w {
    let mut next = STRIDE;
    move |mentees| {
        let Some(watch) = &mut watch else { return true };
        let stepped_over = mentees as u64 * each as u64;
        if stepped_over < next {
            return true;
        }
        next = stepped_over + STRIDE;
        let now = Progress { stage, operations: 0, ..watch.last };
        watch.poll(&now).is_continue()
    }
}
