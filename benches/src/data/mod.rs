//! Tables as large as wanted, in a short time: what a few people did is played once through the library,
//! read back, and copied with other ids.

mod copy;
mod play;
mod template;

pub use self::{
    copy::{Copies, Sink, fill},
    play::{Played, Rows, added, dump},
    template::Cells,
};

/// Every table of a store, in an order in which rows can be written.
pub const TABLES: &[&str] = &[
    "programs",
    "forms",
    "guides",
    "persons",
    "relations",
    "enrollments",
    "runs",
    "proposals",
    "pairs",
    "steps",
    "posts",
    "check_ins",
    "cases",
    "evidence",
    "commands",
    "audit",
    "outbox",
];

/// One value of a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// Text.
    Text(String),
    /// An id, in the form the database has for it.
    Id(uuid::Uuid),
}

/// Whether a column holds ids of ours. What holds a key of any kind is text.
#[must_use]
pub fn holds_ids(column: &str) -> bool {
    [
        "id",
        "case_id",
        "program",
        "mentor",
        "mentee",
        "proposal",
        "pair",
        "run",
        "previous_pair",
        "reply_to",
        "lane",
    ]
    .contains(&column)
}
