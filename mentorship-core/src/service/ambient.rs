//! The real clock and real randomness: the one file that reads them.
#![expect(clippy::disallowed_methods, reason = "this is the file that provides them")]

use chrono::Utc;
use uuid::{ContextV7, Timestamp as UuidTime, Uuid};

use crate::base::{
    id::IdSource,
    time::{Clock, Timestamp, whole_micros},
};

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        whole_micros(Utc::now())
    }
}

/// Random ids: version 4 for what people see, version 7 for internal rows.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdSource for RandomIds {
    fn random(&self) -> Uuid {
        Uuid::new_v4()
    }

    fn ordered(&self, at: Timestamp) -> Uuid {
        static CONTEXT: std::sync::Mutex<ContextV7> = std::sync::Mutex::new(ContextV7::new());
        let seconds = u64::try_from(at.timestamp()).unwrap_or(0);
        let context = CONTEXT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        Uuid::new_v7(UuidTime::from_unix(&*context, seconds, at.timestamp_subsec_nanos()))
    }
}
