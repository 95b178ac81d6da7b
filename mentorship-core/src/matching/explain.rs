//! A score in words: which rule gave what, and to whom that may be said.

use serde::{Deserialize, Serialize};

use crate::{
    base::text::Slug,
    model::{
        form::{Form, Sensitivity, VisibleTo},
        score::{Part, Score},
    },
};

/// One part of a score, as it may be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The rule's key.
    pub rule: Slug,
    /// Points earned; 0 where the number is not told.
    pub points: u32,
    /// Points that could be earned.
    pub most: u32,
    /// Whether an answer was missing, so that the points are the rule's default.
    pub missing: bool,
}

/// Why two people cannot be paired now, as an admin may know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why_not", rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyNot {
    /// Something between the two, or about one of them, that is not told: a block, a wish, a past pair
    /// and age all read the same (D5).
    Excluded,
    /// The two have an open proposal or a live pair already.
    Taken,
    /// No free place.
    Full,
    /// One of the two has as many pairs as the program lets one person have.
    PersonFull,
    /// Required rules are broken.
    Rule {
        /// Their keys, in the form's order.
        broken: Vec<Slug>,
    },
}

impl WhyNot {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Excluded => "excluded",
            Self::Taken => "taken",
            Self::Full => "full",
            Self::PersonFull => "person_full",
            Self::Rule { .. } => "rule",
        }
    }
}

/// The lesser of what the two questions behind a rule may be shown to; `None` if one is of a special
/// category or the rule is not in the form.
fn visibility(form: &Form, rule: &Slug) -> Option<VisibleTo> {
    let rule = form.rules.iter().find(|known| known.key == *rule)?;
    let (mentor, mentee) = rule.compares.questions();
    let mentor = form.question(mentor.as_str())?;
    let mentee = form.question(mentee.as_str())?;
    let special = [mentor, mentee].iter().any(|it| it.sensitivity == Sensitivity::SpecialCategory);
    (!special).then(|| mentor.visible_to.min(mentee.visible_to))
}

fn reason(part: &Part) -> Reason {
    Reason { rule: part.rule.clone(), points: part.points, most: part.most, missing: part.missing }
}

/// Every part of a score, best first. An admin sees the points of a rule even where they do not see the
/// answers behind it, since the score has to add up; they see the key of a special-category rule as
/// `private` (D34).
#[must_use]
pub fn explain_for_admin(form: &Form, score: &Score) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = score
        .parts
        .iter()
        .map(|part| match visibility(form, &part.rule) {
            Some(_) => reason(part),
            None => Reason { rule: Slug::from_static("private"), ..reason(part) },
        })
        .collect();
    reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule)));
    reasons
}

/// What speaks for the two, as they may be told themselves: rules that earned at least half of their
/// points from answers that a proposed partner may see. Never why not, never a number that a hidden
/// answer could be read from, never a special category (D34).
#[must_use]
pub fn explain_for_participant(form: &Form, score: &Score) -> Vec<Reason> {
    let mut parts: Vec<&Part> = score
        .parts
        .iter()
        .filter(|part| !part.missing && part.points * 2 >= part.most && part.points > 0)
        .filter(|part| visibility(form, &part.rule) >= Some(VisibleTo::ProposedPartner))
        .collect();
    parts.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule)));
    parts.into_iter().map(|part| Reason { points: 0, most: 0, ..reason(part) }).collect()
}
