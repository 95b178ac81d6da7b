//! Pure tables: who may do and see what.

pub mod actor;
pub mod permission;
