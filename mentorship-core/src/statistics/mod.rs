//! What is counted of a program, and what of it is told to whom (row 65).
//!
//! [`tally`] holds what a store counts, [`table`] what is told of it, [`count`] how: exactly, or as a range. Who
//! may ask is the service's question.

pub mod count;
pub mod table;
pub mod tally;

pub use self::{
    count::{COUNT_WIDTH, Count, CountWidth},
    table::{ScoreGiven, Statistics},
    tally::{Answers, Progress, SimilarPairs, Tally},
};
