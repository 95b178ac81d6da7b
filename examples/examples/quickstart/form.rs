//! A template made the group's own, and people's answers to its questions.

use std::collections::BTreeSet;

use mentorship_core::{
    base::{
        input::InputError,
        text::{AnswerText, Prompt, Slug},
    },
    decide::enrollment::Apply,
    model::{
        answer::{Answer, Answers},
        condition::{Condition, EligibilityRule},
        enrollment::Role,
        form::{AskedOf, Choice, Message, QuestionKind},
        program::Oversight,
        rule::Comparison,
        template::Template,
    },
    templates,
};
use mentorship_examples::people::{SECTORS, SKILL_FIELDS, SurveyPerson, slug};

fn choices(of: &str, names: &[&str]) -> Result<Vec<Choice>, InputError> {
    let choice = |name: &&str| {
        let key = Slug::new(&slug(name))?;
        let text = Message { key: Slug::new(&format!("q.{of}.{key}"))?, en: Prompt::new(name)? };
        Ok(Choice { key, text })
    };
    names.iter().map(choice).collect()
}

/// "Career advancement", with the skills and fields of this group in place of the general ones.
pub(crate) fn template() -> Result<Template, Box<dyn std::error::Error>> {
    let mut template = templates::shipped("career-advancement")?;
    for question in &mut template.form.questions {
        let names: &[&str] = match question.key.as_str() {
            "offers" | "wants" => &SKILL_FIELDS,
            "sector" | "organisations_to_avoid" => &SECTORS,
            _ => continue,
        };
        let of = question.key.to_string();
        match &mut question.answer {
            QuestionKind::Single { choices: old } | QuestionKind::Rank { choices: old, .. } => {
                *old = choices(&of, names)?;
            }
            QuestionKind::Multi { choices: old, max, .. } => {
                *old = choices(&of, names)?;
                *max = (*max).min(u8::try_from(names.len())?);
            }
            _ => {}
        }
    }
    for rule in &mut template.form.rules {
        if let Comparison::Above { min_above, max_above, .. } = &mut rule.compares {
            (*min_above, *max_above) = (3, 4);
        }
    }
    template.form.eligibility.push(EligibilityRule {
        key: Slug::new("confirmed_address")?,
        applies_to: AskedOf::Both,
        condition: Condition::Host { predicate: Slug::new("confirmed_address")? },
    });
    Ok(template.checked()?)
}

/// What a person answers as a mentor or as a mentee.
pub(crate) fn answers(person: &SurveyPerson, role: Role) -> Result<Answers, InputError> {
    let fields = |limit: usize| {
        let fields = person.fields.iter().take(limit);
        fields.map(|field| Slug::new(&slug(field))).collect::<Result<Vec<_>, _>>()
    };
    let languages = person.languages.iter().map(|tag| Slug::new(tag));
    let mut answers = Answers::new()
        .with(Slug::new("sector")?, Answer::Single(Slug::new(&slug(&person.sector))?))
        .with(Slug::new("stage")?, Answer::Integer(person.stage.into()))
        .with(
            Slug::new("languages")?,
            Answer::Languages(languages.collect::<Result<BTreeSet<_>, _>>()?),
        )
        .with(Slug::new("zone")?, Answer::Zone(person.zone))
        .with(Slug::new("hours")?, Answer::Integer(person.hours_per_month.into()));
    answers = match role {
        Role::Mentor => answers
            .with(Slug::new("offers")?, Answer::Multi(fields(6)?.into_iter().collect()))
            .with(
                Slug::new("why")?,
                Answer::Text(AnswerText::new("Somebody helped me when I began.")?),
            ),
        Role::Mentee => answers.with(Slug::new("wants")?, Answer::Rank(fields(3)?)),
    };
    Ok(answers)
}

/// A whole sign-up.
pub(crate) fn sign_up(person: &SurveyPerson, role: Role) -> Result<Apply, InputError> {
    Ok(Apply {
        role,
        capacity: (role == Role::Mentor).then_some(person.capacity.max(1)),
        answers: answers(person, role)?,
        consent_version: 1,
        oversight: Oversight::ReportedOnly,
        special_category: false,
    })
}
