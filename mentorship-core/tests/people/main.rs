//! From people to pairs: what is compiled, looked up and proven, against the plain scoring of one pair.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod candidates;
mod covered;
mod dense;
mod fairest;
mod made;
mod reasons;
mod run;
mod score;
mod stable;
