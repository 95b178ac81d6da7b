//! Facts in, verdict out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use chrono_tz::Tz;

use super::{
    age::is_adult,
    verdict::{Failed, Verdict},
};
use crate::{
    base::{text::Slug, time::Timestamp},
    model::{
        answer::{Answer, Answers},
        condition::Condition,
        enrollment::Role,
        form::Form,
    },
};

/// What is known of a person when their eligibility is judged.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// As what they want to take part.
    pub role: Role,
    /// The date of the 18th birthday; unknown counts as not adult.
    pub adult_on: Option<NaiveDate>,
    /// The verified zone; unknown counts as UTC−12.
    pub zone: Option<Tz>,
    /// Whether they are a member of the program's group.
    pub is_member: bool,
    /// The host's predicates; one that is missing counts as not met.
    pub host: &'a BTreeMap<Slug, bool>,
    /// Their answers; a missing one meets no condition.
    pub answers: &'a Answers,
    /// The present instant.
    pub now: Timestamp,
}

fn holds(condition: &Condition, facts: &Facts<'_>) -> bool {
    match condition {
        Condition::GroupMember => facts.is_member,
        Condition::Host { predicate } => facts.host.get(predicate).copied().unwrap_or(false),
        Condition::Answered { question, choice } => match facts.answers.get(question.as_str()) {
            Some(Answer::Single(one)) => one == choice,
            Some(Answer::Multi(some)) => some.contains(choice),
            Some(Answer::Rank(order)) => order.contains(choice),
            Some(_) | None => false,
        },
        Condition::AtLeast { question, min } => {
            matches!(facts.answers.get(question.as_str()), Some(Answer::Integer(n)) if n >= min)
        }
        Condition::All { of } => of.iter().all(|inner| holds(inner, facts)),
        Condition::Any { of } => of.iter().any(|inner| holds(inner, facts)),
        Condition::Not { of } => !holds(of, facts),
    }
}

/// Whether a person may take part, with every rule that failed: age first, then the form's order. All
/// rules are looked at, whatever failed before.
pub fn judge(form: &Form, facts: &Facts<'_>) -> Verdict {
    let mut failed = Vec::new();
    if !is_adult(facts.adult_on, facts.zone, facts.now) {
        failed.push(Failed::NotAdult);
    }
    let rules = form.eligibility.iter().filter(|rule| rule.applies_to.includes(facts.role));
    for rule in rules {
        if !holds(&rule.condition, facts) {
            failed.push(Failed::Rule { key: rule.key.clone() });
        }
    }
    Verdict { failed }
}
