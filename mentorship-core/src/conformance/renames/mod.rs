//! Another key for a person: everything follows, the old key is gone, and nothing in flight brings it back.

mod commands;
mod flight;
mod follows;
pub(super) mod ground;

pub use self::{
    commands::*,
    flight::*,
    follows::*,
    ground::{everything, lived},
};
