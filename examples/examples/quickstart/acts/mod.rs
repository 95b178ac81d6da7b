//! The acts, as `main` plays them: opening, signing up, pairing, the weeks, goodbye. What one act leaves to
//! the next goes through `main`; what all of them share is the [`Story`](crate::story::Story).

mod goodbye;
mod opening;
mod pairing;
mod signing_up;
mod weeks;
