//! A count that is told exactly, or as one of the ranges 0 to 4, 5 to 9, 10 to 14, … (row 65).
//!
//! A range says nothing of a small count but that it is small, and nothing of a large one that one person
//! more or less would change, but at its ends. Ranges of counts that add up to one another narrow each other
//! only where one side has a number of them that the width divides: one count of a range of five and five such
//! counts that add up to it may all have to be at the ends of theirs. So what is told together must never be
//! the sum of as many others; [`Statistics`](super::Statistics) keeps to sums of at most four.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The width of the ranges that a group's admins are told, unless the host asks for wider ones.
pub const COUNT_WIDTH: u32 = 5;

/// How many numbers a range holds: at least [`COUNT_WIDTH`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountWidth(u32);

impl CountWidth {
    /// So many; [`COUNT_WIDTH`] if that is more, so that a host can raise it and never lower it.
    #[must_use]
    pub fn new(width: u32) -> Self {
        Self(width.max(COUNT_WIDTH))
    }

    /// How many.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl Default for CountWidth {
    fn default() -> Self {
        Self(COUNT_WIDTH)
    }
}

/// A count: somewhere from one number to another, both included.
///
/// ```
/// use mentorship_core::statistics::{Count, CountWidth};
///
/// let told = Count::within(12, CountWidth::default());
/// assert_eq!((told.from, told.to, told.exact()), (10, 14, None));
/// assert_eq!(told.to_string(), "10 to 14");
/// assert_eq!(Count::exactly(12).to_string(), "12");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Count {
    /// At least so many.
    pub from: u64,
    /// At most so many.
    pub to: u64,
}

impl Count {
    /// This number.
    #[must_use]
    pub fn exactly(number: u64) -> Self {
        Self { from: number, to: number }
    }

    /// The range of this width that holds the number.
    #[must_use]
    pub fn within(number: u64, width: CountWidth) -> Self {
        let width = u64::from(width.number());
        let from = number / width * width;
        Self { from, to: from.saturating_add(width - 1) }
    }

    /// The number, if it is told exactly.
    #[must_use]
    pub fn exact(self) -> Option<u64> {
        (self.from == self.to).then_some(self.from)
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.exact() {
            Some(number) => number.fmt(f),
            None => write!(f, "{} to {}", self.from, self.to),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_holds_its_number_and_all_small_ones_look_alike(
            number: u64, width in 0..40_u32, small in 0..5_u64,
        ) {
            let width = CountWidth::new(width);
            let told = Count::within(number, width);
            prop_assert!(told.from <= number && number <= told.to);
            prop_assert!(told.from.is_multiple_of(u64::from(width.number())));
            prop_assert!(told.exact().is_none() || number == u64::MAX);
            prop_assert_eq!(Count::within(small, width), Count::within(0, width));
        }
    }
}
