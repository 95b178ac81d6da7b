//! The questionnaire of a program with its rules: what sign-ups answer and how answers are used.

pub mod answering;
pub mod limits;
mod visible;

use serde::{Deserialize, Serialize};

use super::{code::coded, condition::EligibilityRule, enrollment::Role, rule::Rule};
use crate::base::text::{Prompt, Slug};

/// A text that is shown to people: a key for the host's translations and English words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Message {
    /// Key for translations.
    pub key: Slug,
    /// The English text.
    pub en: Prompt,
}

coded! {
    /// Who has to answer a question.
    pub enum AskedOf {
        /// Mentors.
        Mentor = "mentor",
        /// Mentees.
        Mentee = "mentee",
        /// Both.
        Both = "both",
    }
}

impl AskedOf {
    /// Whether this role answers.
    #[must_use]
    pub fn includes(self, role: Role) -> bool {
        match self {
            Self::Both => true,
            Self::Mentor => role == Role::Mentor,
            Self::Mentee => role == Role::Mentee,
        }
    }
}

coded! {
    /// How sensitive an answer is.
    pub enum Sensitivity {
        /// Ordinary.
        Normal = "normal",
        /// Of a special category (health, belief, origin, …): feeds the rules only with consent and is
        /// shown to nobody else (D34).
        SpecialCategory = "special_category",
    }
}

coded! {
    /// Who may see an answer besides its author. Each one includes those before it.
    pub enum VisibleTo {
        /// Nobody: only the matching rules use it.
        Matcher = "matcher",
        /// The group admin.
        Admin = "admin",
        /// The partner, once the two are a pair.
        Partner = "partner",
        /// Whoever is offered as a partner, before they say yes: more people than become one.
        ProposedPartner = "proposed_partner",
        /// The group, if the author opted in.
        Group = "group",
    }
}

/// One choice of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Stable key within the question.
    pub key: Slug,
    /// What people read.
    pub text: Message,
}

/// What kind of answer a question takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum QuestionKind {
    /// Exactly one of 2 to 20 choices.
    Single {
        /// The choices.
        choices: Vec<Choice>,
    },
    /// `min` to `max` of 2 to 20 choices.
    Multi {
        /// The choices.
        choices: Vec<Choice>,
        /// Fewest.
        min: u8,
        /// Most.
        max: u8,
    },
    /// The best `max` of 2 to 20 choices, in order.
    Rank {
        /// The choices.
        choices: Vec<Choice>,
        /// Most.
        max: u8,
    },
    /// A whole number in a range.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
        /// What is counted: `years`, `hours_per_month`, …
        unit: Slug,
    },
    /// Free text of up to `max_chars` characters, at most 500.
    Text {
        /// Most characters.
        max_chars: u16,
    },
    /// 1 to `max` languages, at most 20.
    Languages {
        /// Most.
        max: u8,
    },
    /// Weekly times.
    Availability,
    /// A time zone.
    Zone,
}

/// One question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Stable key within the form.
    pub key: Slug,
    /// Who answers.
    pub asked_of: AskedOf,
    /// What people read.
    pub text: Message,
    /// What kind of answer it takes.
    pub answer: QuestionKind,
    /// Whether it has to be answered.
    #[serde(default)]
    pub required: bool,
    /// How sensitive the answer is.
    pub sensitivity: Sensitivity,
    /// Who may see the answer.
    pub visible_to: VisibleTo,
}

/// The questionnaire of a program with its rules. Never changed once stored; a new version is a new form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Version within the program, from 1.
    pub version: u32,
    /// The questions, at most 50.
    pub questions: Vec<Question>,
    /// The matching rules, at most 40.
    pub rules: Vec<Rule>,
    /// Who may take part besides adults (which is always required), at most 20 rules.
    pub eligibility: Vec<EligibilityRule>,
}

impl Form {
    /// The question with this key.
    #[must_use]
    pub fn question(&self, key: &str) -> Option<&Question> {
        self.questions.iter().find(|question| question.key.as_str() == key)
    }
}
