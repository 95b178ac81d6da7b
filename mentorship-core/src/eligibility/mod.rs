//! Who may take part: rules, facts, and a verdict that names every rule that failed.

pub mod age;
pub mod judge;
pub mod verdict;

pub use crate::model::condition as rule;
