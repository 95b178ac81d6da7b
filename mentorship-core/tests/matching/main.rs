//! The pairing engine against brute force, its checker against corrupted results, and what has to stay the
//! same whatever the order, the budget or the moment of a stop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod brute;
mod corrupted;
mod dynamic;
mod exact;
mod fairest;
mod input;
mod order;
mod stopped;
