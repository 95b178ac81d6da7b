//! Answers to a questionnaire, as typed values.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::base::{
    text::{AnswerText, Slug},
    zone::WeeklySlot,
};

/// The answer to one question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum Answer {
    /// One option.
    Single(Slug),
    /// Some options.
    Multi(BTreeSet<Slug>),
    /// Options in order of preference, best first, none twice.
    Rank(Vec<Slug>),
    /// A whole number.
    Integer(i64),
    /// Free text.
    Text(AnswerText),
    /// Languages as lower-case primary language tags (`en`, `pt`).
    Languages(BTreeSet<Slug>),
    /// Weekly times in a zone.
    Availability(Availability),
    /// A time zone.
    Zone(Tz),
}

/// When somebody has time in a usual week.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// The zone of the slots.
    pub zone: Tz,
    /// The slots, at most 42.
    pub slots: BTreeSet<WeeklySlot>,
}

/// Answers by question key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Answers(pub BTreeMap<Slug, Answer>);

impl Answers {
    /// No answers.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The answer to this question.
    #[must_use]
    pub fn get(&self, question: &str) -> Option<&Answer> {
        self.0.get(question)
    }

    /// These answers and one more; a later answer to the same question replaces the earlier one.
    #[must_use]
    pub fn with(mut self, question: Slug, answer: Answer) -> Self {
        self.0.insert(question, answer);
        self
    }
}
