//! The rules of a form with the answers of everybody as columns, and the score of any pair by them.
#![expect(clippy::indexing_slicing, reason = "codes and rules are those of the columns")]

use super::{
    super::{
        fit::{Side, earned, holds, scaled},
        measure::Measure,
    },
    crowd::Crowd,
    values::{Column, MISSING, Value, columns, measure},
};
use crate::{
    base::input::InputError,
    model::rule::{Comparison, Missing, Strength},
};

/// A rule and the answers to its two questions.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    pub(super) comparison: Comparison,
    /// Most points; `None` for a required rule.
    pub(super) points: Option<u32>,
    pub(super) missing: Missing,
    pub(super) mentors: Column,
    pub(super) mentees: Column,
}

impl Compiled {
    /// How far the rule holds between two answers; `None` if one of them is missing.
    pub(super) fn measure(
        &self,
        mentor: Option<&Value>,
        mentee: Option<&Value>,
    ) -> Option<Measure> {
        measure(&self.comparison, mentor?, mentee?)
    }

    /// Whether a pair may be, as far as this rule is concerned; of a weighted one, yes.
    pub(super) fn allows(&self, mentor: Option<&Value>, mentee: Option<&Value>) -> bool {
        self.points.is_some() || holds(self.missing, self.measure(mentor, mentee))
    }

    /// What the rule earns for two people if `most` can be earned.
    pub(super) fn earned(&self, mentor: Option<&Value>, mentee: Option<&Value>, most: u32) -> u32 {
        earned(self.missing, self.measure(mentor, mentee), most)
    }
}

/// All rules, in the form's order.
#[derive(Clone, Debug)]
pub(super) struct Rules(pub(super) Vec<Compiled>);

/// A set of weighted rules that are left out, by their place among all rules. A form has at most 40.
pub(super) type LeftOut = u64;

impl Rules {
    pub(super) fn new(crowd: &Crowd<'_>) -> Result<Self, InputError> {
        let mentors: Vec<Side<'_>> = crowd.mentors.iter().map(|it| it.side).collect();
        let mentees: Vec<Side<'_>> = crowd.mentees.iter().map(|it| it.side).collect();
        let compiled = crowd.form.rules.iter().map(|rule| {
            let (mentors, mentees) = columns(crowd.form, rule, &mentors, &mentees, crowd.now)?;
            let points = match rule.strength {
                Strength::Required => None,
                Strength::Weighted { points } => Some(u32::from(points)),
            };
            let (comparison, missing) = (rule.compares.clone(), rule.missing);
            Ok(Compiled { comparison, points, missing, mentors, mentees })
        });
        Ok(Self(compiled.collect::<Result<_, InputError>>()?))
    }

    /// The rules that are left out for whoever pairs with this person, since the answer is missing.
    fn left_out(&self, code: impl Fn(&Compiled) -> u32) -> LeftOut {
        let mut left_out = 0;
        for (at, rule) in self.0.iter().enumerate() {
            let ignores = rule.points.is_some() && rule.missing == Missing::Ignore;
            if ignores && code(rule) == MISSING {
                left_out |= 1 << at;
            }
        }
        left_out
    }

    pub(super) fn left_out_for_mentor(&self, mentor: u32) -> LeftOut {
        self.left_out(|rule| rule.mentors.codes[mentor as usize])
    }

    pub(super) fn left_out_for_mentee(&self, mentee: u32) -> LeftOut {
        self.left_out(|rule| rule.mentees.codes[mentee as usize])
    }

    /// Of each rule, the most points when some are left out; 0 for those and for required ones.
    pub(super) fn most(&self, left_out: LeftOut) -> Vec<u32> {
        let weights: Vec<(u32, bool)> = (self.0.iter().enumerate())
            .filter_map(|(at, rule)| Some((rule.points?, left_out >> at & 1 == 0)))
            .collect();
        let mut scaled = scaled(&weights).into_iter();
        let most = |rule: &Compiled| rule.points.and_then(|_| scaled.next()).unwrap_or(0);
        self.0.iter().map(most).collect()
    }

    /// The points of a pair; `None` if a required rule is broken.
    pub(super) fn score(&self, mentor: u32, mentee: u32) -> Option<u32> {
        let allows =
            |rule: &Compiled| rule.allows(rule.mentors.value(mentor), rule.mentees.value(mentee));
        if !self.0.iter().all(allows) {
            return None;
        }
        let left_out = self.left_out_for_mentor(mentor) | self.left_out_for_mentee(mentee);
        let points = self.0.iter().zip(self.most(left_out)).map(|(rule, most)| {
            let (mentor, mentee) = (rule.mentors.value(mentor), rule.mentees.value(mentee));
            if most == 0 { 0 } else { rule.earned(mentor, mentee, most) }
        });
        Some(points.sum())
    }
}
