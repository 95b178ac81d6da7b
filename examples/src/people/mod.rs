//! People for the examples: rows of a real developer survey, completed by seeded draws.
//!
//! A survey row gives a country, years coded in a job, roles, company size, remote work and career
//! satisfaction. Everything else about a [`SurveyPerson`] is drawn from published shares and lists,
//! or plainly made up by us; each field says which. Origins, licences and cuts are in
//! `examples/data/README.md`. The survey knows no mentors and no mentees: the suggested role is a
//! reading of the years, not an answer anybody gave.

mod data;
mod draw;
mod error;
mod profile;
mod skills;

pub use data::SECTORS;
pub use error::PeopleError;
pub use profile::DEMO_DATE;
pub use skills::{SKILL_FIELDS, SkillFields, skill_catalogue, slug};

use chrono::NaiveDate;
use chrono_tz::Tz;
use data::Data;
use draw::SplitMix64;

/// What whoever shows something made from these people has to say (the licence of the survey asks for it).
pub const ATTRIBUTION: &str = "Made from the Stack Overflow Annual Developer Survey 2017 (Open Database License 1.0; the\n  database in examples/data is available under the same licence) and ESCO (European Union).";

/// The part of a mentorship program a person is likely to sign up for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SuggestedRole {
    /// Ten years or more.
    Mentor,
    /// Three years or fewer.
    Mentee,
    /// A mentor who also wants to learn: about one mentor in ten, drawn by us.
    Both,
    /// Four to nine years, or no survey role from which skills could be derived.
    Neither,
}

impl SuggestedRole {
    /// Whether a person with this role offers mentoring.
    #[must_use]
    pub const fn mentors(self) -> bool {
        matches!(self, Self::Mentor | Self::Both)
    }

    /// Whether a person with this role looks for mentoring.
    #[must_use]
    pub const fn learns(self) -> bool {
        matches!(self, Self::Mentee | Self::Both)
    }
}

/// One survey row, completed into what a sign-up form asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct SurveyPerson {
    /// Person key on the host's side, such as `so2017-0042`: the row number, whatever the seed.
    pub key: String,
    /// Survey: ISO 3166 code, one of `CA`, `DE`, `GB`, `IN`, `US`.
    pub country: String,
    /// Survey: years coded in a job; 20 stands for 20 and more.
    pub years: u32,
    /// Survey: display names of the roles ticked, possibly none.
    pub roles: Vec<String>,
    /// Career stage derived from the years: 1 for 0 to 1, 2 for 2 to 3, 3 for 4 to 6, 4 for 7 to 9,
    /// 5 for 10 to 14, 6 for 15 and more. Mentees are thus in stages 1 and 2, mentors in 5 and 6.
    pub stage: u8,
    /// Survey: lower bound of the company's size band.
    pub company_size: Option<u32>,
    /// Survey: works remotely.
    pub remote: bool,
    /// Survey: career satisfaction, 0 to 10.
    pub satisfaction: u8,
    /// Drawn from the country's language shares; primary BCP-47 tags, the most spoken first.
    pub languages: Vec<String>,
    /// Drawn from the zones of the country's cities, by population.
    pub zone: Tz,
    /// Drawn from the skills of the occupations behind the roles: what a mentor offers, what a
    /// mentee wants (most wanted first). Empty only if there is no role.
    pub skills: Vec<String>,
    /// Drawn for [`SuggestedRole::Both`] only: wanted skills, most wanted first, of a role that the
    /// person does not have.
    pub also_wants: Vec<String>,
    /// Fields of the [`Self::skills`], each once, in their order.
    pub fields: Vec<String>,
    /// Drawn by us, 2 to 8.
    pub hours_per_month: u8,
    /// Drawn by us from the years. On [`DEMO_DATE`] about one person in a hundred is a minor, and
    /// about one in a hundred has a birthday on 29 February.
    pub birth_date: NaiveDate,
    /// Derived from the years, see [`SuggestedRole`].
    pub suggested_role: SuggestedRole,
    /// Derived from the company size, 1 to 3; 0 for people who do not mentor.
    pub capacity: u8,
    /// Derived from the roles: the one of [`SECTORS`] most of them belong to.
    pub sector: String,
}

/// `count` different people, the same ones for the same `seed`.
///
/// The seed picks and orders the rows and feeds the draws. Asking for more people with the same seed
/// appends to the list and leaves those before as they were.
pub fn people(seed: u64, count: usize) -> Result<Vec<SurveyPerson>, PeopleError> {
    let data = Data::load()?;
    let mut rows: Vec<_> = data.rows.iter().collect();
    if count > rows.len() {
        return Err(PeopleError::TooMany { asked: count, available: rows.len() });
    }
    // Rows count from 1, so stream 0 is free for the order.
    SplitMix64::stream(seed, 0).shuffle(&mut rows);
    rows.into_iter().take(count).map(|row| profile::complete(&data, row, seed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ALL: usize = 5_594;

    #[test]
    fn same_seed_same_people_and_a_longer_list_keeps_its_beginning() {
        let few = people(7, 50).unwrap();
        let more = people(7, 80).unwrap();
        assert_eq!(few, more[..50]);
        assert_ne!(few, people(8, 50).unwrap());
    }

    #[test]
    fn every_row_is_used_once_and_no_more_can_be_had() {
        let keys: BTreeSet<_> = people(1, ALL).unwrap().into_iter().map(|p| p.key).collect();
        assert_eq!(keys.len(), ALL);
        assert!(keys.contains("so2017-0042"));
        let refused = people(1, ALL + 1);
        assert!(matches!(refused, Err(PeopleError::TooMany { available: ALL, .. })));
    }

    #[test]
    fn survey_facts_do_not_depend_on_the_seed() {
        let sorted = |seed| {
            let mut all = people(seed, ALL).unwrap();
            all.sort_by(|a, b| a.key.cmp(&b.key));
            all.into_iter().map(|p| (p.key, p.country, p.years, p.roles, p.stage, p.sector))
        };
        assert!(sorted(1).eq(sorted(2)));
    }

    #[test]
    fn shares_of_roles_follow_the_years() {
        let all = people(3, ALL).unwrap();
        let of = |role| all.iter().filter(|p| p.suggested_role == role).count();
        let (mentors, both) = (of(SuggestedRole::Mentor), of(SuggestedRole::Both));
        assert!((1_500..=1_679).contains(&(mentors + both)), "{mentors} + {both}");
        assert!((120..=210).contains(&both), "{both}");
        assert!((1_700..=1_904).contains(&of(SuggestedRole::Mentee)));
    }

    #[test]
    fn participants_have_what_a_sign_up_needs() {
        for p in people(4, ALL).unwrap() {
            assert!(!p.languages.is_empty(), "{}", p.key);
            if p.suggested_role == SuggestedRole::Neither {
                continue;
            }
            assert!(p.skills.len() >= 3 && !p.fields.is_empty(), "{}", p.key);
            assert_eq!(p.skills.iter().collect::<BTreeSet<_>>().len(), p.skills.len());
            assert!(p.also_wants.iter().all(|wanted| !p.skills.contains(wanted)));
            assert_eq!(p.suggested_role == SuggestedRole::Both, !p.also_wants.is_empty());
            assert_eq!(p.suggested_role.mentors(), (1..=3).contains(&p.capacity));
            assert!(SECTORS.contains(&p.sector.as_str()));
        }
    }
}
