//! What came out, as files for other programs.

use std::collections::BTreeMap;

use mentorship_core::{
    base::text::Slug,
    matching::{run::RunPair, score::Part},
    model::{enrollment::Role, rule::Strength},
};
use serde_json::json;

use super::{Paired, number};
use crate::{Failure, hex};

impl Paired {
    /// The rules that give points, in the order of the form.
    pub(super) fn weighted(&self) -> impl Iterator<Item = &Slug> {
        let weighted = |it: &&mentorship_core::model::rule::Rule| it.strength != Strength::Required;
        self.form.rules.iter().filter(weighted).map(|it| &it.key)
    }

    /// Who has no partner, and why: everybody who is in no pair, so that nobody is left out of both lists.
    #[must_use]
    pub fn unmatched(&self) -> Vec<(&str, Role, &'static str)> {
        let why: BTreeMap<_, _> =
            self.outcome.unmatched.iter().map(|it| (it.enrollment, it.why.code())).collect();
        let mut all = Vec::new();
        for role in [Role::Mentee, Role::Mentor] {
            let paired: std::collections::BTreeSet<_> = self
                .outcome
                .pairs
                .iter()
                .map(|it| if role == Role::Mentor { it.pair.mentor } else { it.pair.mentee })
                .collect();
            for (at, person) in self.people.of(role).iter().enumerate() {
                let enrollment = number::of(role, at);
                if !paired.contains(&enrollment) {
                    // A run has no reason only for those who take nobody.
                    let why = why.get(&enrollment).copied().unwrap_or("no_places");
                    all.push((person.id.as_str(), role, why));
                }
            }
        }
        all
    }
}

/// The part of a rule; `None` if it was left out for this pair.
pub(super) fn part<'a>(pair: &'a RunPair, rule: &Slug) -> Option<&'a Part> {
    pair.score.parts.iter().find(|it| it.rule == *rule)
}

/// Names of columns begin with `points.` so that no rule can be called like another column.
pub(super) fn pairs(paired: &Paired) -> Result<Vec<u8>, Failure> {
    let mut out = csv::Writer::from_writer(Vec::new());
    let mut header: Vec<String> = ["mentee", "mentor", "score"].map(str::to_owned).into();
    header.extend(paired.weighted().map(|rule| format!("points.{rule}")));
    header.push("choice".to_owned());
    out.write_record(&header)?;
    for pair in &paired.outcome.pairs {
        let mentee = paired.people.name(Role::Mentee, pair.pair.mentee);
        let mentor = paired.people.name(Role::Mentor, pair.pair.mentor);
        let mut row = vec![mentee.to_owned(), mentor.to_owned(), pair.score.total().to_string()];
        let points = |rule| part(pair, rule).map_or_else(String::new, |it| it.points.to_string());
        row.extend(paired.weighted().map(points));
        row.push(pair.choice.map_or_else(String::new, |it| it.to_string()));
        out.write_record(&row)?;
    }
    Ok(out.into_inner()?)
}

pub(super) fn unmatched(paired: &Paired) -> Result<Vec<u8>, Failure> {
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(["person", "role", "why"])?;
    for (person, role, why) in paired.unmatched() {
        out.write_record([person, role.code(), why])?;
    }
    Ok(out.into_inner()?)
}

/// No time and no path is in it, so that the same input gives the same bytes.
pub(super) fn run(paired: &Paired) -> Result<Vec<u8>, Failure> {
    let Paired { outcome, ask, about, baselines, course, .. } = paired;
    let sum = |points: &[u32]| {
        let total: u64 = points.iter().map(|it| u64::from(*it)).sum();
        json!({ "matched": points.len(), "total": total })
    };
    let run = json!({
        "digest": hex(&outcome.digest),
        "at": outcome.at,
        "matched": outcome.report.pairs,
        "total": outcome.report.points,
        "optimal": outcome.optimal,
        "gap": outcome.gap,
        "stopped": course.stopped,
        "report": outcome.report,
        "about": about,
        "baselines": baselines.as_ref().map(|it| {
            json!({ "greedy": sum(&it.greedy), "random": sum(&it.random) })
        }),
        "options": {
            "objective": outcome.objective,
            "minimum": ask.minimum,
            "threads": ask.threads,
            "budget": ask.budget,
            "seed": ask.seed,
        },
        "versions": { "mentorship": env!("CARGO_PKG_VERSION"), "layout": 1 },
    });
    let mut text = serde_json::to_vec_pretty(&run)?;
    text.push(b'\n');
    Ok(text)
}
