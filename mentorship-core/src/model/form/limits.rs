//! What a questionnaire may hold, and the check that a form does.

use std::collections::BTreeSet;

use super::{AskedOf, Choice, Form, Question, QuestionKind, Sensitivity, VisibleTo};
use crate::{
    base::{
        input::{InputError, Problem, at_most, at_most_data},
        text::Slug,
    },
    model::{
        condition::{Condition, EligibilityRule},
        enrollment::Role,
        rule::{Comparison, Rule, Strength},
        template::Template,
    },
};

/// Most questions in a form.
pub const QUESTIONS_MAX: usize = 50;
/// Most choices of a question.
pub const CHOICES_MAX: usize = 20;
/// Most matching rules in a form.
pub const RULES_MAX: usize = 40;
/// Most eligibility rules in a form.
pub const ELIGIBILITY_MAX: usize = 20;
/// Largest absolute value of a bound of an integer question.
pub const INTEGER_MAX: i64 = 1_000_000_000;
/// Most points that the weighted rules of a form add up to.
pub const POINTS_MAX: u32 = 20_000;
/// Deepest nesting of a condition.
const DEPTH_MAX: usize = 8;

fn fault(field: impl Into<String>, problem: Problem) -> InputError {
    InputError::new(field.into(), problem)
}

fn counted(
    field: &str,
    given: usize,
    min: u64,
    max: u64,
    unit: &'static str,
) -> Result<(), InputError> {
    let given = u64::try_from(given).unwrap_or(u64::MAX);
    if given < min {
        return Err(fault(field, Problem::TooFew { given, limit: min, unit }));
    }
    if given > max {
        return Err(fault(field, Problem::TooMany { given, limit: max, unit }));
    }
    Ok(())
}

fn ranged(field: &str, given: i64, min: i64, max: i64) -> Result<(), InputError> {
    if (min..=max).contains(&given) {
        Ok(())
    } else {
        Err(fault(field, Problem::OutOfRange { given, min, max }))
    }
}

fn unique<'a>(
    field: &str,
    keys: impl IntoIterator<Item = &'a Slug>,
    what: &'static str,
) -> Result<(), InputError> {
    let mut seen = BTreeSet::new();
    for key in keys {
        if !seen.insert(key) {
            return Err(fault(format!("{field}.{key}"), Problem::Duplicate { what }));
        }
    }
    Ok(())
}

impl Question {
    fn check(&self) -> Result<(), InputError> {
        let path = format!("questions.{}", self.key);
        let choices = |choices: &[Choice]| {
            counted(&format!("{path}.choices"), choices.len(), 2, 20, "choices")?;
            unique(&path, choices.iter().map(|choice| &choice.key), "choice")
        };
        match &self.answer {
            QuestionKind::Single { choices: given } => choices(given)?,
            QuestionKind::Multi { choices: given, min, max } => {
                choices(given)?;
                let most = i64::try_from(given.len()).unwrap_or(0);
                ranged(&format!("{path}.max"), (*max).into(), 1, most)?;
                ranged(&format!("{path}.min"), (*min).into(), 0, (*max).into())?;
            }
            QuestionKind::Rank { choices: given, max } => {
                choices(given)?;
                let most = i64::try_from(given.len()).unwrap_or(0);
                ranged(&format!("{path}.max"), (*max).into(), 1, most)?;
            }
            QuestionKind::Integer { min, max, unit: _ } => {
                ranged(&format!("{path}.max"), *max, -INTEGER_MAX, INTEGER_MAX)?;
                ranged(&format!("{path}.min"), *min, -INTEGER_MAX, *max)?;
            }
            QuestionKind::Text { max_chars } => {
                ranged(&format!("{path}.max_chars"), (*max_chars).into(), 1, 500)?;
            }
            QuestionKind::Languages { max } => {
                ranged(&format!("{path}.max"), (*max).into(), 1, 20)?;
            }
            QuestionKind::Availability | QuestionKind::Zone => {}
        }
        if self.sensitivity == Sensitivity::SpecialCategory && self.visible_to != VisibleTo::Matcher
        {
            let rule = "special-category answers are visible to the matcher only";
            return Err(fault(format!("{path}.visible_to"), Problem::Conflict { rule }));
        }
        Ok(())
    }

    fn choice_keys(&self) -> Option<&[Choice]> {
        match &self.answer {
            QuestionKind::Single { choices }
            | QuestionKind::Multi { choices, .. }
            | QuestionKind::Rank { choices, .. } => Some(choices),
            QuestionKind::Integer { .. }
            | QuestionKind::Text { .. }
            | QuestionKind::Languages { .. }
            | QuestionKind::Availability
            | QuestionKind::Zone => None,
        }
    }
}

/// What kind of answer a comparison needs from one side.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Chosen,
    ChosenOrSpoken,
    Ranked,
    Number,
    Time,
    Zone,
}

impl Needs {
    fn fits(self, kind: &QuestionKind) -> bool {
        let chosen = matches!(
            kind,
            QuestionKind::Single { .. } | QuestionKind::Multi { .. } | QuestionKind::Rank { .. }
        );
        match self {
            Self::Chosen => chosen,
            Self::ChosenOrSpoken => chosen || matches!(kind, QuestionKind::Languages { .. }),
            Self::Ranked => matches!(kind, QuestionKind::Rank { .. }),
            Self::Number => matches!(kind, QuestionKind::Integer { .. }),
            Self::Time => matches!(kind, QuestionKind::Availability),
            Self::Zone => matches!(kind, QuestionKind::Zone),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Chosen => "a single, multi or rank question",
            Self::ChosenOrSpoken => "a single, multi, rank or languages question",
            Self::Ranked => "a rank question",
            Self::Number => "an integer question",
            Self::Time => "an availability question",
            Self::Zone => "a time zone question",
        }
    }
}

fn needs(comparison: &Comparison) -> (Needs, Needs) {
    match comparison {
        Comparison::Shared { .. } | Comparison::Apart { .. } => {
            (Needs::ChosenOrSpoken, Needs::ChosenOrSpoken)
        }
        Comparison::Ranked { .. } => (Needs::Chosen, Needs::Ranked),
        Comparison::NumericGap { .. } | Comparison::Above { .. } => (Needs::Number, Needs::Number),
        Comparison::CommonTime { .. } => (Needs::Time, Needs::Time),
        Comparison::ZoneGap { .. } => (Needs::Zone, Needs::Zone),
    }
}

fn check_parameters(rule: &Rule, path: &str) -> Result<(), InputError> {
    let field = |name: &str| format!("{path}.{name}");
    match &rule.compares {
        Comparison::Shared { at_least, .. } => {
            ranged(&field("at_least"), (*at_least).into(), 1, 20)
        }
        Comparison::Apart { .. } => match rule.strength {
            Strength::Required => Ok(()),
            Strength::Weighted { .. } => {
                let rule = "keeping apart is always required";
                Err(fault(field("strength"), Problem::Conflict { rule }))
            }
        },
        Comparison::Ranked { .. } => Ok(()),
        Comparison::NumericGap { max_gap, .. } => {
            ranged(&field("max_gap"), (*max_gap).into(), 0, 2 * INTEGER_MAX)
        }
        Comparison::Above { min_above, max_above, .. } => {
            ranged(&field("max_above"), (*max_above).into(), -INTEGER_MAX, INTEGER_MAX)?;
            ranged(&field("min_above"), (*min_above).into(), -INTEGER_MAX, (*max_above).into())
        }
        Comparison::CommonTime { minutes, .. } => {
            ranged(&field("minutes"), (*minutes).into(), 1, 10_080)
        }
        Comparison::ZoneGap { max_minutes, .. } => {
            ranged(&field("max_minutes"), (*max_minutes).into(), 0, 720)
        }
    }
}

impl Form {
    fn check_rule(&self, rule: &Rule) -> Result<(), InputError> {
        let path = format!("rules.{}", rule.key);
        let (mentor, mentee) = rule.compares.questions();
        let (mentor_needs, mentee_needs) = needs(&rule.compares);
        let sides = [
            ("mentor", mentor, mentor_needs, Role::Mentor),
            ("mentee", mentee, mentee_needs, Role::Mentee),
        ];
        for (side, key, needs, role) in sides {
            let field = format!("{path}.{side}");
            let Some(question) = self.question(key.as_str()) else {
                return Err(fault(field, Problem::Unknown { what: "question" }));
            };
            if !question.asked_of.includes(role) {
                let rule = "a rule names only questions that the side is asked";
                return Err(fault(field, Problem::Conflict { rule }));
            }
            if !needs.fits(&question.answer) {
                return Err(fault(field, Problem::Form { expected: needs.expected() }));
            }
        }
        if let Strength::Weighted { points } = rule.strength {
            ranged(&format!("{path}.points"), points.into(), 1, 1_000)?;
        }
        check_parameters(rule, &path)
    }

    fn check_condition(
        &self,
        rule: &EligibilityRule,
        condition: &Condition,
        depth: usize,
    ) -> Result<(), InputError> {
        let path = format!("eligibility.{}", rule.key);
        at_most("eligibility", depth, DEPTH_MAX, "levels of nesting")?;
        let question = |key: &Slug| {
            let found = self
                .question(key.as_str())
                .ok_or_else(|| fault(&path, Problem::Unknown { what: "question" }))?;
            let asked = match rule.applies_to {
                AskedOf::Mentor => found.asked_of.includes(Role::Mentor),
                AskedOf::Mentee => found.asked_of.includes(Role::Mentee),
                AskedOf::Both => found.asked_of == AskedOf::Both,
            };
            if asked {
                return Ok(found);
            }
            let rule = "a condition names only questions that everybody it applies to is asked";
            Err(fault(&path, Problem::Conflict { rule }))
        };
        match condition {
            Condition::GroupMember | Condition::Host { .. } => Ok(()),
            Condition::Answered { question: key, choice } => {
                let choices = question(key)?.choice_keys().ok_or_else(|| {
                    fault(&path, Problem::Form { expected: Needs::Chosen.expected() })
                })?;
                if choices.iter().any(|known| known.key == *choice) {
                    Ok(())
                } else {
                    Err(fault(&path, Problem::Unknown { what: "choice" }))
                }
            }
            Condition::AtLeast { question: key, min } => {
                if !Needs::Number.fits(&question(key)?.answer) {
                    let expected = Needs::Number.expected();
                    return Err(fault(&path, Problem::Form { expected }));
                }
                ranged(&path, *min, -INTEGER_MAX, INTEGER_MAX)
            }
            Condition::All { of } | Condition::Any { of } => {
                counted(&path, of.len(), 1, 20, "conditions")?;
                of.iter().try_for_each(|inner| self.check_condition(rule, inner, depth + 1))
            }
            Condition::Not { of } => self.check_condition(rule, of, depth + 1),
        }
    }

    /// The form, if everything in it is within the limits and names only what is there.
    ///
    /// Limits: 50 questions, 2 to 20 choices each, 40 matching rules of 1 to 1,000 points that add up to
    /// at most 20,000, 20 eligibility rules nested at most 8 deep; 256 KiB as JSON.
    ///
    /// # Errors
    /// [`InputError`] whose field is the path of what is wrong: `questions.sector.choices`,
    /// `rules.same_sector.mentor`, `eligibility.trained`.
    pub fn checked(self) -> Result<Self, InputError> {
        ranged("version", self.version.into(), 1, u32::MAX.into())?;
        at_most("questions", self.questions.len(), QUESTIONS_MAX, "questions")?;
        unique("questions", self.questions.iter().map(|question| &question.key), "question")?;
        self.questions.iter().try_for_each(Question::check)?;
        at_most("rules", self.rules.len(), RULES_MAX, "rules")?;
        unique("rules", self.rules.iter().map(|rule| &rule.key), "rule")?;
        let mut points = 0;
        for rule in &self.rules {
            self.check_rule(rule)?;
            if let Strength::Weighted { points: more } = rule.strength {
                points += u32::from(more);
            }
        }
        ranged("rules", points.into(), 0, POINTS_MAX.into())?;
        at_most("eligibility", self.eligibility.len(), ELIGIBILITY_MAX, "rules")?;
        unique("eligibility", self.eligibility.iter().map(|rule| &rule.key), "rule")?;
        for rule in &self.eligibility {
            self.check_condition(rule, &rule.condition, 1)?;
        }
        // Last, so that what is counted has bounded lists.
        at_most_data("form", &self)?;
        Ok(self)
    }
}

impl Template {
    /// The template, if its form, guide and settings are within their limits, and 256 KiB as JSON.
    ///
    /// # Errors
    /// [`InputError`] whose field is the path of what is wrong.
    pub fn checked(self) -> Result<Self, InputError> {
        ranged("version", self.version.into(), 1, u32::MAX.into())?;
        let within = |part: &'static str| move |error: InputError| error.within(part);
        let checked = Self {
            form: self.form.checked().map_err(within("form"))?,
            guide: self.guide.checked()?,
            policy: self.policy.checked().map_err(within("policy"))?,
            ..self
        };
        at_most_data("template", &checked)?;
        Ok(checked)
    }
}
