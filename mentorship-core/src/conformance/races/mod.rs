//! Two or more tasks at the same time, through the whole service: whatever the order, no invariant is
//! broken, nothing is done twice, and nobody is told of a conflict.

mod accept;
pub(super) mod arena;
mod journey;
mod signup;
mod staging;

pub use self::{accept::*, journey::*, signup::*, staging::*};
