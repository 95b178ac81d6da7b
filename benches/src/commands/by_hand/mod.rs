//! The commands as somebody would write them by hand for one database: one transaction, prepared
//! statements, the same rows and the same checks, each record locked once and in the library's order.
//! What the library reads twice (before it decides, and when it writes) is read once here.

mod acts;
mod texts;

use mentorship_core::base::time::Timestamp;
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

pub use self::acts::{MariaDbByHand, PostgresByHand, SqliteByHand};

/// What happened.
struct Event<'a> {
    by: &'a str,
    action: &'static str,
    kind: &'static str,
    subject: String,
    other: Option<&'a str>,
    program: Option<Uuid>,
    from: Option<&'static str>,
    to: Option<&'static str>,
    about: &'a [&'a str],
    reason: Option<&'static str>,
    private: bool,
}

impl<'a> Event<'a> {
    fn new(by: &'a str, action: &'static str, kind: &'static str, subject: String) -> Self {
        Self {
            by,
            action,
            kind,
            subject,
            other: None,
            program: None,
            from: None,
            to: None,
            about: &[],
            reason: None,
            private: false,
        }
    }
}

/// What is to be said about a pair.
struct Message<'a> {
    kind: &'static str,
    to_kind: &'static str,
    to: &'a str,
    between: Option<(&'a str, &'a str)>,
    program: Uuid,
    pair: Uuid,
    step: Option<&'static str>,
}

/// An id for an internal row: later ones sort after earlier ones.
fn row_id(at: Timestamp) -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    let millis = u64::try_from(at.timestamp_millis()).unwrap();
    Uuid::from_u64_pair(millis << 16 | 0x7fff, 1 << 63 | COUNT.fetch_add(1, Ordering::Relaxed))
}

/// A fingerprint of what was asked.
fn digest(kind: &str, input: &impl serde::Serialize) -> String {
    use std::fmt::Write as _;
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update(serde_json::to_string(input).unwrap());
    let mut text = String::with_capacity(64);
    for byte in hash.finalize() {
        write!(text, "{byte:02x}").unwrap();
    }
    text
}
