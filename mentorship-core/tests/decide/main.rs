//! Each command's decision by itself: given a view, when a command, then these changes, events, messages
//! and guards, or this refusal. Every decision made here is also checked by [`sound`].
#![cfg(feature = "conformance")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test states what it expects"
)]

mod accept;
mod block;
mod capacity;
mod enrollment;
mod former;
mod given;
mod guide;
mod halt;
mod journal;
mod obstacles;
mod offers;
mod pair;
mod person;
mod program;
mod publish;
mod ranked;
mod rename;
mod report;
mod sound;
mod sweep;
mod sweep_pair;
mod told;
mod words;
