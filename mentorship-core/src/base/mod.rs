//! Values that everything else is made of: ids, host keys, bounded text, time and versions.
//!
//! Nothing in here knows what a program or a pair is.

pub mod host;
pub mod id;
pub mod input;
pub mod key;
pub mod people;
pub mod text;
pub mod time;
pub mod version;
pub mod zone;
