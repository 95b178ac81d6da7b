//! What the benchmarks share: time and memory, seeded draws, people of files and their pairing; and with the
//! feature `databases` a world over a store and commands on each database.
#![cfg_attr(
    feature = "databases",
    allow(
        clippy::unwrap_used,
        clippy::missing_panics_doc,
        reason = "a benchmark that cannot be set up stops"
    )
)]

#[cfg(feature = "databases")]
pub mod commands;
#[cfg(feature = "databases")]
pub mod data;
#[cfg(feature = "databases")]
pub mod load;
pub mod match_people;
mod measure;
#[cfg(feature = "databases")]
pub mod open;
pub mod random;
#[cfg(feature = "databases")]
mod ready;

pub use measure::{median, peak, timed};
#[cfg(feature = "databases")]
pub use ready::{File, Ready, new_id, strangers};

/// What went wrong, in words for whoever ran the program.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
