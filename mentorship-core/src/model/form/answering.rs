//! Whether answers fit the questions of a role.

use super::{Choice, Form, Question, QuestionKind};
use crate::{
    base::{
        input::{InputError, Problem},
        text::Slug,
    },
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
    },
};

/// Most bytes of all answers together, as JSON.
pub const ANSWERS_MAX_BYTES: usize = 65_536;
/// Most weekly slots in an answer.
pub const SLOTS_MAX: usize = 42;

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn between(given: usize, min: u64, max: u64, unit: &'static str) -> Result<(), Problem> {
    let given = count(given);
    if given < min {
        return Err(Problem::TooFew { given, limit: min, unit });
    }
    if given > max {
        return Err(Problem::TooMany { given, limit: max, unit });
    }
    Ok(())
}

fn known<'a>(
    choices: &[Choice],
    chosen: impl IntoIterator<Item = &'a Slug>,
) -> Result<(), Problem> {
    let unknown = |one: &&Slug| !choices.iter().any(|choice| choice.key == **one);
    match chosen.into_iter().find(unknown) {
        Some(_) => Err(Problem::Unknown { what: "choice" }),
        None => Ok(()),
    }
}

/// Whether this is a primary language tag: two or three lower-case letters.
fn is_language(tag: &Slug) -> bool {
    let tag = tag.as_str();
    (2..=3).contains(&tag.len()) && tag.bytes().all(|byte| byte.is_ascii_lowercase())
}

impl Question {
    fn expected(&self) -> &'static str {
        match self.answer {
            QuestionKind::Single { .. } => "one choice",
            QuestionKind::Multi { .. } => "a set of choices",
            QuestionKind::Rank { .. } => "choices in order",
            QuestionKind::Integer { .. } => "a whole number",
            QuestionKind::Text { .. } => "text",
            QuestionKind::Languages { .. } => "a set of language tags",
            QuestionKind::Availability => "weekly slots with a zone",
            QuestionKind::Zone => "a time zone",
        }
    }

    fn check_answer(&self, answer: &Answer) -> Result<(), Problem> {
        match (&self.answer, answer) {
            (QuestionKind::Single { choices }, Answer::Single(one)) => known(choices, [one]),
            (QuestionKind::Multi { choices, min, max }, Answer::Multi(some)) => {
                between(some.len(), (*min).into(), (*max).into(), "choices")?;
                known(choices, some)
            }
            (QuestionKind::Rank { choices, max }, Answer::Rank(order)) => {
                between(order.len(), 1, (*max).into(), "choices")?;
                known(choices, order)?;
                let mut seen = std::collections::BTreeSet::new();
                if order.iter().all(|one| seen.insert(one)) {
                    Ok(())
                } else {
                    Err(Problem::Duplicate { what: "choice" })
                }
            }
            (QuestionKind::Integer { min, max, unit: _ }, Answer::Integer(number)) => {
                if (min..=max).contains(&number) {
                    Ok(())
                } else {
                    Err(Problem::OutOfRange { given: *number, min: *min, max: *max })
                }
            }
            (QuestionKind::Text { max_chars }, Answer::Text(text)) => {
                between(text.as_str().chars().count(), 1, (*max_chars).into(), "characters")
            }
            (QuestionKind::Languages { max }, Answer::Languages(tags)) => {
                between(tags.len(), 1, (*max).into(), "languages")?;
                if tags.iter().all(is_language) {
                    Ok(())
                } else {
                    let expected = "language tags of two or three lower-case letters";
                    Err(Problem::Form { expected })
                }
            }
            (QuestionKind::Availability, Answer::Availability(times)) => {
                between(times.slots.len(), 1, count(SLOTS_MAX), "slots")?;
                if times.slots.iter().all(crate::base::zone::WeeklySlot::is_valid) {
                    Ok(())
                } else {
                    let expected = "slots of one day each, from before to, in minutes";
                    Err(Problem::Form { expected })
                }
            }
            (QuestionKind::Zone, Answer::Zone(_)) => Ok(()),
            (
                QuestionKind::Single { .. }
                | QuestionKind::Multi { .. }
                | QuestionKind::Rank { .. }
                | QuestionKind::Integer { .. }
                | QuestionKind::Text { .. }
                | QuestionKind::Languages { .. }
                | QuestionKind::Availability
                | QuestionKind::Zone,
                _,
            ) => Err(Problem::Form { expected: self.expected() }),
        }
    }
}

impl Form {
    /// Whether `answers` answer what `role` is asked.
    ///
    /// # Errors
    /// [`InputError`] on `answers.<question>` with the limit that is broken, on the first question in the
    /// form's order; on `answers` for more than 64 KiB or an answer to what is not asked.
    pub fn check_answers(&self, role: Role, answers: &Answers) -> Result<(), InputError> {
        for question in self.questions.iter().filter(|question| question.asked_of.includes(role)) {
            let outcome = match answers.get(question.key.as_str()) {
                Some(answer) => question.check_answer(answer),
                None if question.required => Err(Problem::Missing),
                None => Ok(()),
            };
            outcome
                .map_err(|problem| InputError::new(format!("answers.{}", question.key), problem))?;
        }
        let asked =
            |key: &Slug| self.question(key.as_str()).is_some_and(|it| it.asked_of.includes(role));
        if let Some(key) = answers.0.keys().find(|key| !asked(key)) {
            let problem = Problem::Unknown { what: "question" };
            return Err(InputError::new(format!("answers.{key}"), problem));
        }
        let bytes = serde_json::to_string(answers).map_or(usize::MAX, |json| json.len());
        between(bytes, 0, count(ANSWERS_MAX_BYTES), "bytes")
            .map_err(|problem| InputError::new("answers", problem))
    }
}
