//! The two widths of number that the solver counts in.

use std::{
    fmt::Debug,
    ops::{Add, AddAssign, Sub, SubAssign},
};

/// Scaled points. `i32` wherever the largest worth fits, since the solver is bound by memory.
pub(super) trait Points:
    Copy
    + Ord
    + Debug
    + Default
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + AddAssign
    + SubAssign
{
    const ZERO: Self;
    const MAX: Self;

    /// The number itself. The caller has made sure that it fits.
    fn of(wide: i64) -> Self;

    fn wide(self) -> i64;

    /// As a length, which is not negative.
    fn length(self) -> u64 {
        self.wide().unsigned_abs()
    }

    /// A length that came from [`Points::length`].
    fn of_length(length: u64) -> Self {
        Self::of(i64::try_from(length).unwrap_or(i64::MAX))
    }

    /// Points times a power of two. The caller has made sure that they fit.
    fn shifted(points: i32, shift: u32) -> Self;
}

impl Points for i32 {
    const ZERO: Self = 0;
    const MAX: Self = Self::MAX;

    fn of(wide: i64) -> Self {
        debug_assert!(Self::try_from(wide).is_ok(), "{wide} was said to fit");
        Self::try_from(wide).unwrap_or(Self::MAX)
    }

    fn wide(self) -> i64 {
        i64::from(self)
    }

    #[inline]
    fn shifted(points: i32, shift: u32) -> Self {
        points << shift
    }
}

impl Points for i64 {
    const ZERO: Self = 0;
    const MAX: Self = Self::MAX;

    fn of(wide: i64) -> Self {
        wide
    }

    fn wide(self) -> i64 {
        self
    }

    #[inline]
    fn shifted(points: i32, shift: u32) -> Self {
        i64::from(points) << shift
    }
}
