//! The answers that somebody sees, by [the one table](crate::model::visible) of what is seen.

use super::{Form, Question};
use crate::model::{
    answer::Answers,
    visible::{self, Viewer, What, When},
};

impl Question {
    /// Whether this viewer may see the answers to it.
    #[must_use]
    pub fn is_seen_by(&self, viewer: Viewer, when: When) -> bool {
        visible::shows(What::Answer(self.visible_to, self.sensitivity), viewer, when)
    }
}

impl Form {
    /// The answers that this viewer may see. An answer to a question that the form does not have is
    /// shown to its author only.
    #[must_use]
    pub fn visible_answers(&self, answers: &Answers, viewer: Viewer, when: When) -> Answers {
        let seen = answers.0.iter().filter(|(key, _)| match self.question(key.as_str()) {
            Some(question) => question.is_seen_by(viewer, when),
            None => viewer == Viewer::Owner,
        });
        Answers(seen.map(|(key, answer)| (key.clone(), answer.clone())).collect())
    }
}
