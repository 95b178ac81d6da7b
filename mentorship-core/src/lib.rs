//! Domain rules of one-on-one mentorship programs, behind a storage contract and without I/O.
//!
//! Layers, each importing only from those to its right:
//! `service → {decide, store} → {change, view} → {policy, eligibility, matching, model} → base`.
#![deny(missing_docs)]

pub mod base;
pub mod change;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod decide;
pub mod eligibility;
pub mod matching;
pub mod model;
pub mod policy;
pub mod service;
pub mod store;
pub mod templates;
pub mod view;
