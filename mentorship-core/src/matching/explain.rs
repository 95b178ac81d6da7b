//! A score in words: which rule gave what, and to whom that may be said.

use serde::{Deserialize, Serialize};

use crate::{
    base::text::Slug,
    model::{
        form::{Form, Question, Sensitivity},
        score::{Part, Score},
        visible::{self, Seen, Viewer, What, When},
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
    /// One of the two takes no part now, or does not for whoever asks.
    NotActive,
    /// No free place.
    Full,
    /// One of the two has as many pairs as the program lets one person have.
    PersonFull,
    /// Required rules are broken.
    Rule {
        /// Their keys, in the form's order; those of a special category as one, `private`.
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
            Self::NotActive => "not_active",
            Self::Full => "full",
            Self::PersonFull => "person_full",
            Self::Rule { .. } => "rule",
        }
    }
}

/// Whether both questions behind a rule are such; not if the rule is not in the form.
fn both(form: &Form, rule: &Slug, are: impl Fn(&Question) -> bool) -> bool {
    let Some(rule) = form.rules.iter().find(|known| known.key == *rule) else { return false };
    let (mentor, mentee) = rule.compares.questions();
    [mentor, mentee].iter().all(|key| form.question(key.as_str()).is_some_and(&are))
}

/// Whether the rule may be named at all: none of a special category.
fn is_told(form: &Form, rule: &Slug) -> bool {
    both(form, rule, |question| question.sensitivity == Sensitivity::Normal)
}

fn reason(part: &Part) -> Reason {
    Reason { rule: part.rule.clone(), points: part.points, most: part.most, missing: part.missing }
}

/// What an admin reads instead of the key of a special-category rule.
fn private() -> Slug {
    Slug::from_static("private")
}

/// A score as an admin may see it: the parts of all special-category rules are one, `private`, at the
/// end. The total stays exact (I11); which rule it was, what it weighs and whether it was answered is not
/// told (D34).
#[must_use]
pub fn score_for_admin(form: &Form, score: &Score) -> Score {
    let (mut parts, hidden): (Vec<Part>, Vec<Part>) =
        score.parts.iter().cloned().partition(|part| is_told(form, &part.rule));
    if !hidden.is_empty() {
        let hidden = Score { parts: hidden };
        let (points, most) = (hidden.total(), hidden.most());
        parts.push(Part { rule: private(), points, most, missing: false });
    }
    Score { parts }
}

/// Broken rules as an admin may know them: all those of a special category are one, `private`, at the
/// end (D34).
#[must_use]
pub fn broken_for_admin(form: &Form, broken: Vec<Slug>) -> Vec<Slug> {
    let (mut told, hidden): (Vec<Slug>, Vec<Slug>) =
        broken.into_iter().partition(|rule| is_told(form, rule));
    if !hidden.is_empty() {
        told.push(private());
    }
    told
}

/// Every part of a score, best first. An admin sees the points of a rule even where they do not see the
/// answers behind it, since the score has to add up; special-category rules are [one](score_for_admin).
#[must_use]
pub fn explain_for_admin(form: &Form, score: &Score) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = score_for_admin(form, score).parts.iter().map(reason).collect();
    reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule)));
    reasons
}

/// The parts of a score that a viewer is told, by [what is seen](visible) of a match.
#[must_use]
pub fn explain_to(viewer: Viewer, form: &Form, score: &Score) -> Vec<Reason> {
    match visible::seen(What::MatchReasons, viewer) {
        Seen::Yes => explain_for_admin(form, score),
        Seen::Positive => explain_for_participant(form, score),
        _ => Vec::new(),
    }
}

/// What speaks for the two, as they may be told themselves: rules that earned at least half of their
/// points from answers that a proposed partner may see. Never why not, never a number that a hidden
/// answer could be read from, never a special category (D34).
#[must_use]
pub fn explain_for_participant(form: &Form, score: &Score) -> Vec<Reason> {
    let is_told = |it: &Question| it.is_seen_by(Viewer::ProposedPartner, When::default());
    let mut parts: Vec<&Part> = score
        .parts
        .iter()
        .filter(|part| !part.missing && part.points * 2 >= part.most && part.points > 0)
        .filter(|part| both(form, &part.rule, is_told))
        .collect();
    parts.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.rule.cmp(&b.rule)));
    parts.into_iter().map(|part| Reason { points: 0, most: 0, ..reason(part) }).collect()
}
