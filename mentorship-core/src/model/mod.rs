//! The records of a program and their state machines. Data only: who may do what stands in
//! [`policy`](crate::policy), what a command does in [`decide`](crate::decide).
//!
//! Each state machine is one total table without a wildcard over states: a new state stops the build
//! until every act has an answer for it.

pub mod answer;
pub mod code;
pub mod condition;
pub mod enrollment;
pub mod event;
pub mod form;
pub mod guide;
pub mod holder;
pub mod journal;
pub mod message;
pub mod moderation;
pub mod pair;
pub mod person;
pub mod program;
pub mod proposal;
pub mod relation;
pub mod rename;
pub mod report;
pub mod restriction;
pub mod rule;
pub mod run;
pub mod score;
pub mod signal;
pub mod template;
pub mod visible;
