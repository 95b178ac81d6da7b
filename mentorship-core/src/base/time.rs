//! Instants and the clock. Core never asks what time it is; a [`Clock`] is handed in.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

pub use super::zone::whole_micros;

/// An instant: UTC, whole microseconds, so that every store gives back what it was given.
pub type Timestamp = DateTime<Utc>;

/// Where "now" comes from.
pub trait Clock: fmt::Debug + Send + Sync {
    /// The present instant. What is finer than a microsecond is dropped by the library.
    fn now(&self) -> Timestamp;
}

/// `at` moved by whole days of 24 hours, held at the ends of the calendar.
#[must_use]
pub fn plus_days(at: Timestamp, days: u32) -> Timestamp {
    at.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(Timestamp::MAX_UTC)
}

/// `at` moved back by whole days of 24 hours, held at the ends of the calendar.
#[must_use]
pub fn minus_days(at: Timestamp, days: u32) -> Timestamp {
    at.checked_sub_signed(TimeDelta::days(i64::from(days))).unwrap_or(Timestamp::MIN_UTC)
}

/// A clock that stands still until it is moved: for tests, simulations and replays.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn new(now: Timestamp) -> Self {
        Self { now: Mutex::new(whole_micros(now)) }
    }

    /// Shows `now` from here on. It may be earlier: clocks of real machines jump back too.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = whole_micros(now);
    }

    /// Moves the clock and gives back what it shows then.
    pub fn advance(&self, by: TimeDelta) -> Timestamp {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = whole_micros(now.checked_add_signed(by).unwrap_or(*now));
        *now
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clock + ?Sized> Clock for std::sync::Arc<C> {
    fn now(&self) -> Timestamp {
        (**self).now()
    }
}
