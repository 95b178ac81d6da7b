//! Answers as small numbers: each different answer to the question of a rule once, with a code.

use std::collections::HashMap;

use super::super::{
    fit::Side,
    measure::{Measure, chosen, count, number, zone},
};
use crate::{
    base::{
        input::{InputError, Problem as Wrong},
        text::Slug,
        time::Timestamp,
        zone::{AvailableWeek, WeeklySlot, offset_gap_minutes, zone_offset_seconds},
    },
    model::{
        answer::Answer,
        form::Form,
        rule::{Comparison, Rule},
    },
};

/// The code of a missing answer.
pub(super) const MISSING: u32 = u32::MAX;
/// Most choices of one answer. Forms allow 20.
const CHOSEN_MAX: usize = 100;
/// Two numbers up to this have a difference.
const NUMBER_MAX: i64 = i64::MAX / 2;

/// What a rule needs to know of an answer. Answers that no rule can tell apart are the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Value {
    /// Tags, ascending.
    Tags(Box<[u32]>),
    /// Tags, best first.
    Order(Box<[u32]>),
    Number(i64),
    Week(AvailableWeek),
    /// Seconds ahead of UTC.
    Offset(i32),
}

/// The answers of one side to the question of a rule.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// Each different answer once, ascending.
    pub(super) values: Vec<Value>,
    /// Of each person: which answer, or [`MISSING`].
    pub(super) codes: Vec<u32>,
}

impl Column {
    fn new(given: Vec<Option<Value>>) -> Self {
        let mut values: Vec<Value> = Vec::new();
        let mut known: HashMap<Value, u32> = HashMap::new();
        let mut codes: Vec<u32> = Vec::with_capacity(given.len());
        for value in given {
            codes.push(value.map_or(MISSING, |value| {
                let next = u32::try_from(known.len()).unwrap_or(MISSING);
                *known.entry(value).or_insert_with_key(|value| {
                    values.push(value.clone());
                    next
                })
            }));
        }
        // In order, so that codes do not depend on who answered first and like answers are neighbours.
        values.sort_unstable();
        let mut place = vec![MISSING; values.len()];
        for (code, value) in (0_u32..).zip(&values) {
            if let Some(place) = known.get(value).and_then(|old| place.get_mut(*old as usize)) {
                *place = code;
            }
        }
        for code in &mut codes {
            *code = place.get(*code as usize).copied().unwrap_or(MISSING);
        }
        Self { values, codes }
    }

    pub(super) fn value(&self, person: u32) -> Option<&Value> {
        self.values.get(*self.codes.get(person as usize)? as usize)
    }
}

/// Both columns of a rule, the mentors' first.
pub(super) fn columns(
    form: &Form,
    rule: &Rule,
    mentors: &[Side<'_>],
    mentees: &[Side<'_>],
    now: Timestamp,
) -> Result<(Column, Column), InputError> {
    let (mentors_question, mentees_question) = rule.compares.questions();
    let sides = [("mentors", mentors, mentors_question), ("mentees", mentees, mentees_question)];
    let mut tags = Tags::default();
    for (_, people, question) in sides {
        for answer in people.iter().filter_map(|side| side.answer(form, question)) {
            tags.count(answer);
        }
    }
    let ids = tags.ids();
    let column = |(name, people, question): (&str, &[Side<'_>], &Slug)| {
        let wants_order = name == "mentees" && matches!(rule.compares, Comparison::Ranked { .. });
        let mut given = Vec::with_capacity(people.len());
        for (at, side) in people.iter().enumerate() {
            let value = side.answer(form, question).map(|answer| {
                value(&rule.compares, answer, wants_order, &ids, now).map_err(|wrong| {
                    InputError::new(format!("{name}[{at}].answers.{question}"), wrong)
                })
            });
            given.push(value.transpose()?.flatten());
        }
        Ok::<Column, InputError>(Column::new(given))
    };
    let [mentors, mentees] = sides;
    Ok((column(mentors)?, column(mentees)?))
}

/// How often each tag was chosen.
#[derive(Default)]
struct Tags<'a>(HashMap<&'a Slug, u32>);

impl<'a> Tags<'a> {
    fn count(&mut self, answer: &'a Answer) {
        for tag in chosen(answer).into_iter().flatten() {
            *self.0.entry(tag).or_default() += 1;
        }
    }

    /// Numbers of the tags, the most frequent first: sets with a frequent tag then lie next to each other.
    fn ids(self) -> HashMap<&'a Slug, u32> {
        let mut tags: Vec<(&Slug, u32)> = self.0.into_iter().collect();
        tags.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        tags.into_iter().zip(0_u32..).map(|((tag, _), id)| (tag, id)).collect()
    }
}

/// What the rule needs of an answer; `None` for one of another kind, which counts as missing.
fn value(
    comparison: &Comparison,
    answer: &Answer,
    wants_order: bool,
    ids: &HashMap<&Slug, u32>,
    now: Timestamp,
) -> Result<Option<Value>, Wrong> {
    let id = |tag: &Slug| ids.get(tag).copied().unwrap_or(MISSING);
    let few = |given: usize| {
        let (given, limit) = (count(given), count(CHOSEN_MAX));
        if given <= limit { Ok(()) } else { Err(Wrong::TooMany { given, limit, unit: "choices" }) }
    };
    Ok(match comparison {
        Comparison::Ranked { .. } if wants_order => match answer {
            Answer::Rank(order) => {
                few(order.len())?;
                Some(Value::Order(order.iter().map(id).collect()))
            }
            _ => None,
        },
        Comparison::Shared { .. } | Comparison::Apart { .. } | Comparison::Ranked { .. } => {
            let Some(tags) = chosen(answer) else { return Ok(None) };
            few(tags.len())?;
            let mut tags: Vec<u32> = tags.into_iter().map(id).collect();
            tags.sort_unstable();
            Some(Value::Tags(tags.into()))
        }
        Comparison::NumericGap { .. } | Comparison::Above { .. } => {
            let Some(number) = number(answer) else { return Ok(None) };
            if !(-NUMBER_MAX..=NUMBER_MAX).contains(&number) {
                let (min, max) = (-NUMBER_MAX, NUMBER_MAX);
                return Err(Wrong::OutOfRange { given: number, min, max });
            }
            Some(Value::Number(number))
        }
        Comparison::CommonTime { .. } => match answer {
            Answer::Availability(times) => {
                let slots: Vec<WeeklySlot> = times.slots.iter().copied().collect();
                Some(Value::Week(AvailableWeek::new(times.zone, &slots, now)))
            }
            _ => None,
        },
        Comparison::ZoneGap { .. } => {
            zone(answer).map(|zone| Value::Offset(zone_offset_seconds(zone, now)))
        }
    })
}

/// How many of two ascending lists are in both.
fn common(one: &[u32], other: &[u32]) -> u64 {
    let mut rest = other.iter().peekable();
    let mut common = 0;
    for tag in one {
        while rest.next_if(|it| *it < tag).is_some() {}
        common += u64::from(rest.next_if_eq(&tag).is_some());
    }
    common
}

/// As [`measure`](super::super::measure::measure), of values.
pub(super) fn measure(comparison: &Comparison, mentor: &Value, mentee: &Value) -> Option<Measure> {
    Some(match (comparison, mentor, mentee) {
        (Comparison::Shared { at_least, .. }, Value::Tags(offered), Value::Tags(wanted)) => {
            let common = common(offered, wanted);
            let most = count(wanted.len()).max(1);
            Measure { earned: common, most, enough: common >= (*at_least).into() }
        }
        (Comparison::Apart { .. }, Value::Tags(one), Value::Tags(other)) => {
            Measure::all_or_nothing(common(one, other) == 0)
        }
        (Comparison::Ranked { .. }, Value::Tags(offered), Value::Order(order)) => {
            let n = count(order.len());
            let met = order.iter().zip(0_u64..);
            let met = met.filter(|(wish, _)| offered.binary_search(wish).is_ok());
            let earned: u64 = met.map(|(_, place)| n - place).sum();
            Measure { earned, most: (n * (n + 1) / 2).max(1), enough: earned > 0 }
        }
        (Comparison::NumericGap { max_gap, .. }, Value::Number(one), Value::Number(other)) => {
            let gap = one.abs_diff(*other);
            let most = u64::from(*max_gap) + 1;
            Measure { earned: most.saturating_sub(gap), most, enough: gap < most }
        }
        (
            Comparison::Above { min_above, max_above, .. },
            Value::Number(one),
            Value::Number(other),
        ) => {
            let above = one.checked_sub(*other)?;
            let range = i64::from(*min_above)..=i64::from(*max_above);
            Measure::all_or_nothing(range.contains(&above))
        }
        (Comparison::CommonTime { minutes, .. }, Value::Week(one), Value::Week(other)) => {
            let (common, most) =
                (u64::from(one.common_minutes(other)), u64::from((*minutes).max(1)));
            Measure { earned: common.min(most), most, enough: common >= most }
        }
        (Comparison::ZoneGap { max_minutes, .. }, Value::Offset(one), Value::Offset(other)) => {
            let gap = u64::from(offset_gap_minutes(*one, *other));
            let most = u64::from(*max_minutes) + 1;
            Measure { earned: most.saturating_sub(gap), most, enough: gap < most }
        }
        // Values are made for the comparison.
        (
            Comparison::Shared { .. }
            | Comparison::Apart { .. }
            | Comparison::Ranked { .. }
            | Comparison::NumericGap { .. }
            | Comparison::Above { .. }
            | Comparison::CommonTime { .. }
            | Comparison::ZoneGap { .. },
            _,
            _,
        ) => return None,
    })
}
