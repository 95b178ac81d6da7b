//! Who sees which answers.

use super::{Form, VisibleTo};
use crate::model::answer::Answers;

/// Who looks at somebody's answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Viewer {
    /// Who gave them.
    Owner,
    /// The group admin.
    Admin,
    /// Whoever is offered as a partner.
    ProposedPartner,
    /// The partner.
    Partner,
    /// The group.
    Group {
        /// Whether the author opted in.
        opted_in: bool,
    },
}

impl Viewer {
    fn sees(self, visible: VisibleTo) -> bool {
        match self {
            Self::Owner => true,
            Self::Admin => visible >= VisibleTo::Admin,
            Self::ProposedPartner => visible >= VisibleTo::ProposedPartner,
            Self::Partner => visible >= VisibleTo::Partner,
            Self::Group { opted_in } => opted_in && visible >= VisibleTo::Group,
        }
    }
}

impl Form {
    /// The answers that this viewer may see. An answer to a question that the form does not have is
    /// shown to its author only.
    #[must_use]
    pub fn visible_answers(&self, answers: &Answers, viewer: Viewer) -> Answers {
        let seen = answers.0.iter().filter(|(key, _)| {
            viewer == Viewer::Owner
                || self
                    .question(key.as_str())
                    .is_some_and(|question| viewer.sees(question.visible_to))
        });
        Answers(seen.map(|(key, answer)| (key.clone(), answer.clone())).collect())
    }
}
