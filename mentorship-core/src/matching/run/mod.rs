//! A run over a whole program: who is in it, what it looks for, what came out and why.
//!
//! Pure and synchronous. [`PreparedRun`] holds all that a run rests on, [`PreparedRun::solve`] finds the best
//! pairing on the thread of whoever calls it, and the [`RunOutcome`] says who is paired, why exactly, and why
//! the others are not. People are named by their enrolments and numbered by them, in order, so that the same
//! input in any order gives the same outcome; its [digest](PreparedRun::digest) says what the same input is.
//!
//! ```
//! use std::sync::Arc;
//!
//! use mentorship_core::{
//!     base::id::{EnrollmentId, Id as _, ProgramId},
//!     matching::{people::Options, run::{PreparedRun, RunInput, RunOptions, Seat}},
//!     model::{answer::Answers, enrollment::Role, form::Form},
//! };
//!
//! # fn run(form: Arc<Form>, at: mentorship_core::base::time::Timestamp) -> Result<(), mentorship_core::base::input::InputError> {
//! # let (anna, ben) = (EnrollmentId::from_uuid(uuid::Uuid::from_u128(1)), EnrollmentId::from_uuid(uuid::Uuid::from_u128(2)));
//! # let program = ProgramId::from_uuid(uuid::Uuid::from_u128(3));
//! let seat = |enrollment, role, person: &str| Seat {
//!     enrollment,
//!     role,
//!     person: person.try_into().unwrap(),
//!     answers: Answers::new(),
//!     special_category: false,
//!     places: 1,
//!     barred: false,
//!     waiting_since: at,
//! };
//! let seats = vec![seat(anna, Role::Mentor, "anna"), seat(ben, Role::Mentee, "ben")];
//! let input = RunInput { program, form, at, seats, excluded: vec![], declined: vec![], taken: vec![], wishes: vec![] };
//! let run = PreparedRun::new(input, RunOptions::new())?;
//! let outcome = run.solve(&Options::default())?;
//! assert!(outcome.optimal);
//! # Ok(())
//! # }
//! ```

mod compare;
mod options;
mod outcome;
mod prepared;
mod report;

pub use self::{
    compare::{Comparison, Moved, WhyMoved, compare},
    options::{Goal, RunOptions},
    outcome::{RunOutcome, RunPair, RunShortage, RunUnmatched},
    prepared::{InfeasiblePin, PreparedRun, RunInput, RunWish, Seat},
    report::RunReport,
};
