//! What the runnable examples share: real, published data turned into people who could sign up.

pub mod people;
