//! Who sees which answers.

use super::{
    Form, Question,
    Sensitivity::{self, Normal, SpecialCategory},
    VisibleTo::{self, Admin, Group, Matcher, Partner, ProposedPartner},
};
use crate::model::answer::Answers;

/// Who looks at somebody's answers. What is copied into a report case is what the reporter may see and no more.
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
    /// Platform staff who works a report case about the author.
    Reviewer,
}

impl Viewer {
    /// The column of [`TABLE`].
    const fn column(self) -> usize {
        match self {
            Self::Owner => 0,
            Self::Admin => 1,
            Self::ProposedPartner => 2,
            Self::Partner => 3,
            Self::Group { .. } => 4,
            Self::Reviewer => 5,
        }
    }
}

/// What the table says of an answer to one kind of question and one viewer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Never.
    No,
    /// Always.
    Yes,
    /// If the author opted in.
    OptedIn,
}

use Seen::{No, OptedIn, Yes};

/// The table, a row for each kind of question. Columns: owner, admin, proposed partner, partner, group, reviewer.
///
/// Of a special category nobody but the author and staff in a case about them sees anything, whatever the question
/// says (D34): the consent that somebody gives lets the rules use such an answer and shows it to nobody.
pub const TABLE: &[(VisibleTo, Sensitivity, [Seen; 6])] = &[
    (Matcher, Normal, [Yes, No, No, No, No, Yes]),
    (Admin, Normal, [Yes, Yes, No, No, No, Yes]),
    (Partner, Normal, [Yes, Yes, No, Yes, No, Yes]),
    (ProposedPartner, Normal, [Yes, Yes, Yes, Yes, No, Yes]),
    (Group, Normal, [Yes, Yes, Yes, Yes, OptedIn, Yes]),
    (Matcher, SpecialCategory, [Yes, No, No, No, No, Yes]),
    (Admin, SpecialCategory, [Yes, No, No, No, No, Yes]),
    (Partner, SpecialCategory, [Yes, No, No, No, No, Yes]),
    (ProposedPartner, SpecialCategory, [Yes, No, No, No, No, Yes]),
    (Group, SpecialCategory, [Yes, No, No, No, No, Yes]),
];

impl Question {
    /// Whether this viewer may see the answers to it. What has no row is seen by nobody.
    #[must_use]
    pub fn is_seen_by(&self, viewer: Viewer) -> bool {
        let kind = (self.visible_to, self.sensitivity);
        let row = TABLE.iter().find(|(visible_to, how, _)| (*visible_to, *how) == kind);
        match row.and_then(|(_, _, cells)| cells.get(viewer.column())) {
            Some(Yes) => true,
            Some(OptedIn) => viewer == Viewer::Group { opted_in: true },
            Some(No) | None => false,
        }
    }
}

impl Form {
    /// The answers that this viewer may see. An answer to a question that the form does not have is
    /// shown to its author only.
    #[must_use]
    pub fn visible_answers(&self, answers: &Answers, viewer: Viewer) -> Answers {
        let seen = answers.0.iter().filter(|(key, _)| match self.question(key.as_str()) {
            Some(question) => question.is_seen_by(viewer),
            None => viewer == Viewer::Owner,
        });
        Answers(seen.map(|(key, answer)| (key.clone(), answer.clone())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_question_has_exactly_one_row() {
        for visible_to in VisibleTo::ALL {
            for how in Sensitivity::ALL {
                let rows = TABLE.iter().filter(|it| (it.0, it.1) == (*visible_to, *how)).count();
                assert_eq!(rows, 1, "{visible_to} {how}");
            }
        }
        assert_eq!(TABLE.len(), VisibleTo::ALL.len() * Sensitivity::ALL.len());
    }
}
