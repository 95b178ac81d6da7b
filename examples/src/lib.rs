//! What the runnable examples share: real, published data turned into people who could sign up, and a
//! very small community.

pub mod harbour;
pub mod people;
pub mod survey;

/// The quick start of the README, compiled and run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
