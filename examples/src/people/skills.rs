//! Skills: which ones people draw from, the field each belongs to, and their option keys.
//!
//! A field is named after a survey role and holds the skills that ESCO ties to the role's
//! occupations more than to those of other roles. A skill tied to many roles says little about any
//! of them, so those share one more field. That makes 14 fields, few enough for the options of one
//! question.

use super::data::{ROLES, Role, skill_links};
use super::{PeopleError, SurveyPerson};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The field of skills that many roles share.
const COMMON: &str = "Software practice";
/// From this many roles on, a skill is [`COMMON`].
const COMMON_FROM: usize = 4;
/// How much of a role's own field, and of what it shares, people draw from. Short lists make
/// mentors and mentees of a role meet at the same skills; ESCO's full ones rarely would.
const OWN_SKILLS: usize = 8;
const COMMON_SKILLS: usize = 4;

/// The fields of skill, one for each survey role and one for what many roles share.
pub const SKILL_FIELDS: [&str; 14] = {
    let mut fields = [COMMON; 14];
    let (mut slots, mut roles) = (fields.as_mut_slice(), ROLES.as_slice());
    while let ([slot, next_slots @ ..], [role, next_roles @ ..]) = (slots, roles) {
        *slot = role.field;
        (slots, roles) = (next_slots, next_roles);
    }
    fields
};

/// The skills of all occupations behind the survey roles.
#[derive(Debug)]
pub struct SkillFields {
    fields: BTreeMap<String, &'static str>,
    pools: BTreeMap<&'static str, Vec<String>>,
}

impl SkillFields {
    /// Sorts the embedded skills into fields.
    pub fn load() -> Result<Self, PeopleError> {
        let mut skills_of: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut shared: BTreeMap<String, usize> = BTreeMap::new();
        for link in skill_links()? {
            if skills_of.entry(link.occupation).or_default().insert(link.skill.clone()) {
                *shared.entry(link.skill).or_default() += 1;
            }
        }
        // For each role, how many of its occupations have a skill.
        let mut ties: Vec<(&Role, BTreeMap<&str, usize>)> = Vec::new();
        for role in &ROLES {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for occupation in role.occupations {
                let skills = skills_of.get(*occupation);
                for skill in skills.ok_or(PeopleError::UnknownOccupation(occupation))? {
                    *counts.entry(skill).or_default() += 1;
                }
            }
            ties.push((role, counts));
        }
        let fields: BTreeMap<_, _> =
            shared.keys().map(|skill| (skill.clone(), field(skill, &ties))).collect();
        let mut pools = BTreeMap::new();
        for (role, counts) in &ties {
            let mut ranked: Vec<(&str, usize)> = counts.iter().map(|(s, n)| (*s, *n)).collect();
            ranked.sort_by_key(|(skill, count)| {
                (Reverse(*count), Reverse(shared.get(*skill)), *skill)
            });
            let of = |field: &'static str, most: usize| {
                let fields = &fields;
                let hit = move |skill: &&str| fields.get(*skill) == Some(&field);
                ranked.iter().map(|(skill, _)| *skill).filter(hit).take(most)
            };
            let pool = of(role.field, OWN_SKILLS).chain(of(COMMON, COMMON_SKILLS));
            pools.insert(role.code, pool.map(str::to_owned).collect());
        }
        Ok(Self { fields, pools })
    }

    /// The one of [`SKILL_FIELDS`] that a skill belongs to; `None` if the skill is not of ours.
    #[must_use]
    pub fn field_of(&self, skill: &str) -> Option<&'static str> {
        self.fields.get(skill).copied()
    }

    /// Every skill with its field, in the order of their names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.fields.iter().map(|(skill, field)| (skill.as_str(), *field))
    }

    /// What people with a role draw from.
    pub(super) fn pool(&self, role: &Role) -> &[String] {
        self.pools.get(role.code).map_or(&[], Vec::as_slice)
    }
}

/// The field of the role with the largest part of its occupations tied to `skill`.
fn field(skill: &str, ties: &[(&Role, BTreeMap<&str, usize>)]) -> &'static str {
    let count = |counts: &BTreeMap<&str, usize>| counts.get(skill).copied().unwrap_or(0);
    if ties.iter().filter(|(_, counts)| count(counts) > 0).count() >= COMMON_FROM {
        return COMMON;
    }
    let mut best: Option<(&Role, usize)> = None;
    for (role, counts) in ties {
        let here = count(counts);
        // Parts are compared by cross multiplication: whole numbers have no rounding to tie on.
        let more = best.is_none_or(|(other, most)| {
            here * other.occupations.len() > most * role.occupations.len()
        });
        if more {
            best = Some((role, here));
        }
    }
    best.map_or(COMMON, |(role, _)| role.field)
}

/// The skills that most of those who suggest themselves as mentor or mentee have, at most `limit`.
#[must_use]
pub fn skill_catalogue(people: &[SurveyPerson], limit: usize) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let participants =
        people.iter().filter(|p| p.suggested_role.mentors() || p.suggested_role.learns());
    for skill in participants.flat_map(|p| p.skills.iter().chain(&p.also_wants)) {
        *counts.entry(skill).or_default() += 1;
    }
    let mut ranked: Vec<_> = counts.into_iter().collect();
    ranked.sort_by_key(|(skill, count)| (Reverse(*count), *skill));
    ranked.into_iter().take(limit).map(|(skill, _)| skill.to_owned()).collect()
}

/// Longest option key.
const SLUG_MAX: usize = 64;

/// An option key for a display name: `[a-z][a-z0-9_.-]{0,63}`, the same for the same name.
///
/// Different names may in principle meet at one key; a test holds that ours do not. A name too long
/// for a key, or without a letter or digit of ASCII, gets a hash of the full name.
#[must_use]
pub fn slug(name: &str) -> String {
    let lower = name.to_ascii_lowercase().replace('+', " plus").replace('#', " sharp");
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut slug = words.collect::<Vec<_>>().join("-");
    let spelled = !slug.is_empty();
    if !slug.starts_with(|c: char| c.is_ascii_lowercase()) {
        slug.insert_str(0, "x-");
    }
    if !spelled || slug.len() > SLUG_MAX {
        // FNV-1a: short, stable, and told apart by the test.
        let hash = name
            .bytes()
            .fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
        slug.truncate(SLUG_MAX - 9);
        slug = format!("{}-{hash:08x}", slug.trim_end_matches('-'));
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::people;

    fn is_option_key(key: &str) -> bool {
        let mut chars = key.chars();
        let rest = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.-".contains(c);
        chars.next().is_some_and(|c| c.is_ascii_lowercase()) && chars.all(rest) && key.len() <= 64
    }

    #[test]
    fn slugs_are_distinct_option_keys_among_skills_and_among_fields() {
        let skills = SkillFields::load().unwrap();
        // Not across the two: "machine learning" is a skill and a field.
        for names in [skills.iter().map(|(skill, _)| skill).collect(), SKILL_FIELDS.to_vec()] {
            let keys: BTreeSet<String> = names.iter().copied().map(slug).collect();
            assert_eq!(keys.len(), names.len());
            assert!(keys.iter().all(|key| is_option_key(key)), "{keys:?}");
        }
    }

    #[test]
    fn awkward_names_get_keys_too() {
        assert_eq!(slug("Python (computer programming)"), "python-computer-programming");
        assert_eq!(slug("3D lighting"), "x-3d-lighting");
        assert_eq!((slug("C++").as_str(), slug("C#").as_str()), ("c-plus-plus", "c-sharp"));
        let long = ["a", "b"].map(|end| slug(&format!("{}{end}", "word ".repeat(20))));
        assert_ne!(long[0], long[1]);
        let hard = ["", "???", "日本語"].map(slug);
        assert!(long.iter().chain(&hard).all(|key| is_option_key(key)), "{long:?} {hard:?}");
    }

    #[test]
    fn every_field_is_named_once_and_has_skills() {
        let skills = SkillFields::load().unwrap();
        let used: BTreeSet<_> = skills.iter().map(|(_, field)| field).collect();
        assert_eq!(used, BTreeSet::from(SKILL_FIELDS));
        assert!(used.len() == SKILL_FIELDS.len() && used.len() <= 20);
        for role in &ROLES {
            let pool = skills.pool(role);
            let own = pool.iter().filter(|s| skills.field_of(s) == Some(role.field)).count();
            assert!(own >= 5, "{} has {own}", role.field);
            assert!(pool.len() <= OWN_SKILLS + COMMON_SKILLS);
        }
        assert_eq!(skills.field_of("juggling"), None);
    }

    #[test]
    fn the_catalogue_is_ordered_bounded_and_covers_most_draws() {
        let all = people(1, 1_000).unwrap();
        let top = skill_catalogue(&all, 20);
        assert_eq!(top.len(), 20);
        assert_eq!(top[..5], skill_catalogue(&all, 5));
        let whole = skill_catalogue(&all, usize::MAX);
        assert!((100..=140).contains(&whole.len()), "{}", whole.len());
        assert!(skill_catalogue(&[], 20).is_empty());
        let meets = |p: &&SurveyPerson| p.skills.iter().any(|skill| top.contains(skill));
        let mentees: Vec<_> = all.iter().filter(|p| p.suggested_role.learns()).collect();
        let met = mentees.iter().filter(|p| meets(p)).count();
        assert!(met * 10 >= mentees.len() * 8, "{met} of {}", mentees.len());
    }

    #[test]
    fn most_mentees_meet_a_mentor_at_a_skill() {
        let all = people(2, 300).unwrap();
        let mentors: Vec<_> = all.iter().filter(|p| p.suggested_role.mentors()).collect();
        let mentees: Vec<_> = all.iter().filter(|p| p.suggested_role.learns()).collect();
        let share = |pick: fn(&SurveyPerson) -> &Vec<String>, at_least: usize| {
            let hit = |a: &SurveyPerson, b: &SurveyPerson| {
                a.key != b.key && pick(a).iter().filter(|x| pick(b).contains(x)).count() >= at_least
            };
            let met = mentees.iter().filter(|e| mentors.iter().any(|o| hit(e, o))).count();
            met * 100 / mentees.len()
        };
        let (fields, skills) = (share(|p| &p.fields, 1), share(|p| &p.skills, 2));
        assert!(fields >= 60 && skills >= 60, "{fields} % in fields, {skills} % in two skills");
    }
}
