//! Records as rows: arguments in the order of their table's columns, and back.
//!
//! Reading checks everything again by the types' own rules; what does not pass is `Corrupt`.

pub(crate) mod case;
pub(crate) mod enrollment;
pub(crate) mod log;
pub(crate) mod pair;
pub(crate) mod person;
pub(crate) mod program;
pub(crate) mod proposal;
pub(crate) mod run;
