//! How well two people fit, and why: rules in, an exact score out.
//!
//! The whole-cohort run has its place here; it is not written yet.

pub mod explain;
pub mod fit;
mod measure;

pub use crate::model::score;
