//! A whole mentorship program on real people, from template to goodbye, in one `SQLite` file:
//!
//! ```text
//! cargo run --release --example quickstart [file]
//! ```
//!
//! Members come from a public survey (see `examples/data/README.md`); what they do is drawn from a fixed
//! seed, so that every run tells nearly the same story (equal scores fall by random ids). The clock is
//! moved by hand: ten weeks pass in seconds.
//!
//! `main` is the story in order; each act has a file in `acts`, and what all of them share is in `story`.

mod acts;
mod chance;
mod form;
mod host;
mod show;
mod story;

use std::{
    error::Error as StdError,
    path::{Path, PathBuf},
};

use story::Story;

type Outcome<T> = Result<T, Box<dyn StdError>>;

#[tokio::main]
async fn main() -> Outcome<()> {
    let file = std::env::args().nth(1).map_or_else(default_file, PathBuf::from);
    // acts/opening.rs
    let mut story = Story::begin(&file).await?;
    // acts/signing_up.rs
    let places = story.sign_ups().await?;
    // acts/pairing.rs
    story.candidates(&places).await?;
    let pairs = story.answers(&places).await?;
    // acts/weeks.rs
    story.eight_weeks(&pairs).await?;
    // acts/goodbye.rs
    story.goodbye().await?;
    story.look_at(&file).await?;

    story.store.close().await;
    Ok(())
}

fn default_file() -> PathBuf {
    Path::new("target").join("quickstart.db")
}
