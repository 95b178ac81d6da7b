//! Matching rules: data of the program that say who may meet and how well two fit.

use serde::{Deserialize, Serialize};

use super::code::coded;
use crate::base::text::Slug;

coded! {
    /// What a missing answer means to a rule (row 21).
    pub enum Missing {
        /// Neither for nor against: half the points of a weighted rule; a required rule is kept.
        Neutral = "neutral",
        /// Against: no points; a required rule is broken.
        Fail = "fail",
        /// The rule is left out for this pair, and the weights of the others make up for it.
        Ignore = "ignore",
    }
}

/// Whether a rule decides or adds points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Strength {
    /// A pair that breaks it is not possible.
    Required,
    /// It adds up to this many points, 1 to 1,000.
    Weighted {
        /// Most points.
        points: u16,
    },
}

/// One matching rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Stable key within the form; names its part of the score.
    pub key: Slug,
    /// What it compares.
    pub compares: Comparison,
    /// Whether it decides or adds points.
    pub strength: Strength,
    /// What a missing answer means.
    pub missing: Missing,
}

/// What a rule compares: the mentor's answer to one question with the mentee's to another or the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Comparison {
    /// How much of what the mentee chose the mentor chose too. Required: at least `at_least` in common.
    Shared {
        /// The mentor's question: single, multi, rank or languages.
        mentor: Slug,
        /// The mentee's question.
        mentee: Slug,
        /// Fewest in common when required, 1 to 20.
        #[serde(default = "one")]
        at_least: u8,
    },
    /// Nothing in common: the same organisation, a topic somebody does not want. Always required.
    Apart {
        /// The mentor's question.
        mentor: Slug,
        /// The mentee's question.
        mentee: Slug,
    },
    /// How high on the mentee's ranked list the mentor's choices stand.
    Ranked {
        /// The mentor's question: single, multi or rank.
        mentor: Slug,
        /// The mentee's ranked question.
        mentee: Slug,
    },
    /// Two numbers close to each other.
    NumericGap {
        /// The mentor's number.
        mentor: Slug,
        /// The mentee's number.
        mentee: Slug,
        /// Largest difference that is allowed (required) or earns points (weighted).
        max_gap: u32,
    },
    /// The mentor's number above the mentee's by `min_above` to `max_above`. A negative number means
    /// below, so that reverse mentoring is the same rule.
    Above {
        /// The mentor's number.
        mentor: Slug,
        /// The mentee's number.
        mentee: Slug,
        /// Least difference.
        min_above: i32,
        /// Most difference.
        max_above: i32,
    },
    /// Common time in a week.
    CommonTime {
        /// The mentor's availability.
        mentor: Slug,
        /// The mentee's availability.
        mentee: Slug,
        /// Minutes a week that are required, or that earn all the points; 1 to 10,080.
        minutes: u16,
    },
    /// Zones close to each other.
    ZoneGap {
        /// The mentor's zone.
        mentor: Slug,
        /// The mentee's zone.
        mentee: Slug,
        /// Largest difference in minutes, 0 to 720.
        max_minutes: u16,
    },
}

fn one() -> u8 {
    1
}

impl Comparison {
    /// The two questions, the mentor's first.
    #[must_use]
    pub fn questions(&self) -> (&Slug, &Slug) {
        match self {
            Self::Shared { mentor, mentee, .. }
            | Self::Apart { mentor, mentee }
            | Self::Ranked { mentor, mentee }
            | Self::NumericGap { mentor, mentee, .. }
            | Self::Above { mentor, mentee, .. }
            | Self::CommonTime { mentor, mentee, .. }
            | Self::ZoneGap { mentor, mentee, .. } => (mentor, mentee),
        }
    }
}
