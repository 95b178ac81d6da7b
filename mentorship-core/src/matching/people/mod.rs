//! From people to pairs: who may be paired with whom by a form's rules and by what stands between two people,
//! and how well each pair would do, without ever looking at one pair at a time where many can be looked at
//! together.
//!
//! A [`Crowd`] is what is asked about: a form, an instant, mentors, mentees, and what is known of single pairs.
//! [`Crowd::compile`] turns answers into columns of small numbers, once; the [`People`] that come out score
//! any pair exactly as [`fit`](super::fit::fit) does.

mod best;
mod board;
pub mod candidates;
mod compiled;
pub mod crowd;
pub mod dense;
mod most;
mod pricing;
mod reach;
pub mod reasons;
mod rules;
mod sweep;
mod values;

pub use self::{
    candidates::{Candidate, Candidates},
    compiled::{People, Points},
    crowd::{Crowd, Mentee, Mentor, Wish},
    dense::{Options, Pairing, Round},
    reasons::{Reasons, Shortage, Unmatched, WhyUnmatched},
};
