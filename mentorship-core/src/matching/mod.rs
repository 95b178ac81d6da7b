//! How well two people fit, and why: rules in, an exact score out. And who is paired with whom: scores in,
//! the best pairing out, with a proof.
//!
//! A pairing is asked for as a [`problem::Problem`], found by [`solve`], and proven by the
//! [`certificate::Certificate`] that comes with it, which [`check`] verifies without the solver; [`dynamic`]
//! keeps it the best while people come and go. Where people and rules are what there is, [`people`] makes
//! problems of them, and a [`run`] says who comes with whom in a whole program and why.

pub mod certificate;
pub mod check;
pub mod dynamic;
pub mod explain;
pub mod fit;
mod measure;
pub mod people;
pub mod problem;
mod queue;
mod random;
pub mod run;
pub mod solve;
pub mod stable;

pub use crate::model::score;
