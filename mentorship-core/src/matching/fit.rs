//! Whether two people may be a pair by the rules of a form, and how well they fit.

use super::measure::{Measure, measure};
use crate::{
    base::{text::Slug, time::Timestamp},
    model::{
        answer::{Answer, Answers},
        form::{Form, Sensitivity},
        rule::{Missing, Rule, Strength},
        score::{Part, Score},
    },
};

/// One side of a fit.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// What the person answered.
    pub answers: &'a Answers,
    /// Whether their special-category answers may be used; without consent they count as missing.
    pub special_category: bool,
}

/// Whether and how well two people fit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// Every required rule holds.
    Possible(Score),
    /// Some required rules are broken.
    Impossible {
        /// Their keys, in the form's order.
        broken: Vec<Slug>,
    },
}

impl<'a> Side<'a> {
    /// The answer to a question, if it may be used.
    pub(super) fn answer(&self, form: &Form, question: &Slug) -> Option<&'a Answer> {
        let sensitivity = form.question(question.as_str())?.sensitivity;
        let usable = sensitivity == Sensitivity::Normal || self.special_category;
        usable.then(|| self.answers.get(question.as_str())).flatten()
    }
}

fn measured(
    form: &Form,
    rule: &Rule,
    mentor: &Side<'_>,
    mentee: &Side<'_>,
    now: Timestamp,
) -> Option<Measure> {
    let (mentors, mentees) = rule.compares.questions();
    let mentor = mentor.answer(form, mentors)?;
    let mentee = mentee.answer(form, mentees)?;
    measure(&rule.compares, mentor, mentee, now)
}

/// Whether a required rule is kept.
pub(super) fn holds(missing: Missing, measure: Option<Measure>) -> bool {
    match (measure, missing) {
        (Some(measure), _) => measure.enough,
        (None, Missing::Neutral | Missing::Ignore) => true,
        (None, Missing::Fail) => false,
    }
}

/// What a weighted rule earns of `most` points.
pub(super) fn earned(missing: Missing, measure: Option<Measure>, most: u32) -> u32 {
    match (measure, missing) {
        (Some(measure), _) => share(most, measure.earned, measure.most),
        (None, Missing::Neutral) => most / 2,
        (None, Missing::Fail | Missing::Ignore) => 0,
    }
}

/// `weight` times `earned` of `most`, rounded down. All three are small: at most 20,000 times 4 · 10⁹.
fn share(weight: u32, earned: u64, most: u64) -> u32 {
    u32::try_from(u64::from(weight) * earned / most.max(1)).unwrap_or(weight).min(weight)
}

/// Weights of the rules that count for this pair. Where some are left out for a missing answer
/// ([`Missing::Ignore`]), the others are scaled so that the best score stays that of the form; what
/// rounding leaves over goes to the first ones, a point each.
pub(super) fn scaled(weights: &[(u32, bool)]) -> Vec<u32> {
    let all: u32 = weights.iter().map(|(weight, _)| weight).sum();
    let kept: u32 = weights.iter().filter(|(_, counts)| *counts).map(|(weight, _)| weight).sum();
    if kept == 0 || kept == all {
        return weights.iter().map(|(weight, counts)| if *counts { *weight } else { 0 }).collect();
    }
    let mut scaled: Vec<u32> = weights
        .iter()
        .map(|(weight, counts)| if *counts { share_up(*weight, all, kept) } else { 0 })
        .collect();
    let mut rest = all.saturating_sub(scaled.iter().sum());
    for (weight, (_, counts)) in scaled.iter_mut().zip(weights) {
        if *counts && rest > 0 {
            *weight += 1;
            rest -= 1;
        }
    }
    scaled
}

/// `weight` times `all` over `kept`, rounded down; more than `weight`, since `kept` is less than `all`.
fn share_up(weight: u32, all: u32, kept: u32) -> u32 {
    u32::try_from(u64::from(weight) * u64::from(all) / u64::from(kept.max(1))).unwrap_or(u32::MAX)
}

/// How well `mentor` and `mentee` fit by the rules of `form`, at `now` (zones move with the season).
///
/// Whole numbers only: a rule earns its weight times how far it holds, rounded down, so that the score
/// is exactly the sum of its parts and the same on every machine. The form is taken as
/// [`checked`](Form::checked).
#[must_use]
pub fn fit(form: &Form, mentor: &Side<'_>, mentee: &Side<'_>, now: Timestamp) -> Fit {
    let mut broken = Vec::new();
    let mut weighted = Vec::new();
    for rule in &form.rules {
        let measure = measured(form, rule, mentor, mentee, now);
        match rule.strength {
            Strength::Required => {
                if !holds(rule.missing, measure) {
                    broken.push(rule.key.clone());
                }
            }
            Strength::Weighted { points } => weighted.push((rule, measure, u32::from(points))),
        }
    }
    if !broken.is_empty() {
        return Fit::Impossible { broken };
    }
    let counts = |rule: &Rule, measure: &Option<Measure>| {
        measure.is_some() || rule.missing != Missing::Ignore
    };
    let weights: Vec<(u32, bool)> =
        weighted.iter().map(|(rule, measure, points)| (*points, counts(rule, measure))).collect();
    let parts = weighted.iter().zip(scaled(&weights)).zip(&weights);
    let parts = parts.filter(|(_, (_, counts))| *counts).map(|(((rule, measure, _), most), _)| {
        let points = earned(rule.missing, *measure, most);
        Part { rule: rule.key.clone(), points, most, missing: measure.is_none() }
    });
    Fit::Possible(Score { parts: parts.collect() })
}
