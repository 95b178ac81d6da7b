//! Domain rules of one-on-one mentorship programs, behind a storage contract and without I/O.
//!
//! Layers, each importing only from those to its right:
//! `conformance → service → {decide, store} → view → {change, policy, eligibility, matching, statistics,
//! templates} → model → base`. A test keeps it so.
#![deny(missing_docs)]

pub mod base;
pub mod change;
// The suite is half of the crate, and no unit test needs it.
#[cfg(all(feature = "conformance", not(test)))]
pub mod conformance;
pub mod decide;
pub mod eligibility;
pub mod matching;
pub mod model;
pub mod policy;
pub mod service;
pub mod statistics;
pub mod store;
pub mod templates;
pub mod view;
