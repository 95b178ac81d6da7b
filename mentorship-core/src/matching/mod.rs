//! How well two people fit, and why. The whole-cohort run has its place here; it is not written yet.

pub mod score;
