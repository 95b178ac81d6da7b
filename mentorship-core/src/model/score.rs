//! The score of two people: an integer that is exactly the sum of its named parts (I11).

use serde::{Deserialize, Serialize};

use crate::base::text::Slug;

/// One rule's part of a score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The rule's key.
    pub rule: Slug,
    /// Points earned, 0 to `most`.
    pub points: u32,
    /// Points that could be earned.
    pub most: u32,
    /// Whether an answer was missing, so that the points are the rule's default.
    pub missing: bool,
}

/// How well two people fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// The parts, in the order of the form's rules.
    pub parts: Vec<Part>,
}

impl Score {
    /// The sum of the parts.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.points))
    }

    /// The most that these parts could sum to.
    #[must_use]
    pub fn most(&self) -> u32 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.most))
    }
}
