//! The embedded tables, and what we add to them: the bridge from survey roles to occupations.

use super::PeopleError;
use super::skills::SkillFields;
use chrono_tz::Tz;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

const SURVEY: (&str, &str) = ("survey_people.csv", include_str!("../../data/survey_people.csv"));
const SKILLS: (&str, &str) =
    ("occupation_skills.csv", include_str!("../../data/occupation_skills.csv"));
const LANGUAGES: (&str, &str) =
    ("territory_languages.csv", include_str!("../../data/territory_languages.csv"));
const CITIES: (&str, &str) = ("cities.csv", include_str!("../../data/cities.csv"));

/// Broad areas of work: each survey role belongs to one of the first four, and people without a role
/// to the last. A person with as many roles in two areas counts for the earlier one, which is the
/// rarer in the survey.
pub const SECTORS: [&str; 5] = [DEVICES, DATA, INFRASTRUCTURE, APPLICATIONS, "Other"];

const DEVICES: &str = "Devices and graphics";
const DATA: &str = "Data";
const INFRASTRUCTURE: &str = "Infrastructure";
const APPLICATIONS: &str = "Applications";

/// A role that survey takers could tick.
#[derive(Debug)]
pub(super) struct Role {
    /// As in `survey_people.csv`.
    pub(super) code: &'static str,
    pub(super) name: &'static str,
    /// The field named after the role, one of [`super::SKILL_FIELDS`].
    pub(super) field: &'static str,
    pub(super) sector: &'static str,
    /// ESCO occupations close to the role: our choice, the survey knows nothing of ESCO.
    pub(super) occupations: &'static [&'static str],
}

const fn role(
    code: &'static str,
    name: &'static str,
    field: &'static str,
    sector: &'static str,
    occupations: &'static [&'static str],
) -> Role {
    Role { code, name, field, sector, occupations }
}

/// The 13 roles of the survey. Where two fit a skill equally well, the earlier gets it.
#[rustfmt::skip]
pub(super) const ROLES: [Role; 13] = [
    role("data-science", "Data scientist", "Data science", DATA,
        &["data scientist", "data analyst", "data quality specialist"]),
    role("database", "Database administrator", "Databases", DATA,
        &["database administrator", "database designer", "database developer",
          "data warehouse designer"]),
    role("desktop", "Desktop applications developer", "Business applications", APPLICATIONS,
        &["software developer", "ICT application developer", "ICT system developer"]),
    role("statistics", "Developer with a statistics or mathematics background",
        "Research and statistics", DATA,
        &["computer scientist", "data analyst"]),
    role("devops", "DevOps specialist", "DevOps and cloud", INFRASTRUCTURE,
        &["cloud engineer", "integration engineer", "ICT change and configuration manager"]),
    role("embedded", "Embedded developer", "Embedded systems", DEVICES,
        &["embedded systems software developer", "embedded system designer"]),
    role("design", "Graphic designer", "Design and usability", APPLICATIONS,
        &["user interface designer", "user experience analyst", "ICT usability tester"]),
    role("graphics", "Graphics programmer", "Graphics and games", DEVICES,
        &["digital games developer", "computer vision engineer"]),
    role("machine-learning", "Machine learning specialist", "Machine learning", DATA,
        &["ICT intelligent systems designer", "knowledge engineer", "computer vision engineer"]),
    role("mobile", "Mobile developer", "Mobile and connected devices", APPLICATIONS,
        &["mobile application developer", "industrial mobile devices software developer"]),
    role("quality", "Quality assurance engineer", "Quality and testing", APPLICATIONS,
        &["software tester", "ICT test analyst", "ICT system tester", "ICT integration tester"]),
    role("sysadmin", "Systems administrator", "System administration", INFRASTRUCTURE,
        &["ICT system administrator", "ICT network administrator", "system configurator"]),
    role("web", "Web developer", "Web", APPLICATIONS,
        &["web developer", "user interface developer", "webmaster"]),
];

/// A line of `survey_people.csv`.
#[derive(Debug, Deserialize)]
pub(super) struct SurveyRow {
    pub(super) row: u64,
    pub(super) country: String,
    pub(super) years: u32,
    pub(super) company_size: Option<u32>,
    remote: u8,
    pub(super) satisfaction: u8,
    roles: String,
}

impl SurveyRow {
    pub(super) const fn remote(&self) -> bool {
        self.remote != 0
    }

    /// The roles ticked, as positions in [`ROLES`].
    pub(super) fn roles(&self) -> Result<Vec<&'static Role>, PeopleError> {
        let codes = self.roles.split('|').filter(|code| !code.is_empty());
        codes
            .map(|code| {
                ROLES
                    .iter()
                    .find(|role| role.code == code)
                    .ok_or_else(|| PeopleError::UnknownRole(code.to_owned()))
            })
            .collect()
    }
}

/// A line of `occupation_skills.csv`.
#[derive(Debug, Deserialize)]
pub(super) struct SkillLink {
    pub(super) occupation: String,
    pub(super) skill: String,
}

#[derive(Debug, Deserialize)]
struct LanguageRow {
    country: String,
    language: String,
    percent: f64,
}

#[derive(Debug, Deserialize)]
struct CityRow {
    country: String,
    population: u64,
    zone: String,
}

/// What a country gives its people.
#[derive(Debug, Default)]
pub(super) struct Country {
    /// Tag and percentage of speakers, the most spoken first.
    pub(super) languages: Vec<(String, f64)>,
    /// Zone and population, one entry a city.
    pub(super) zones: Vec<(Tz, u64)>,
}

/// All tables, read.
#[derive(Debug)]
pub(super) struct Data {
    pub(super) rows: Vec<SurveyRow>,
    pub(super) countries: BTreeMap<String, Country>,
    pub(super) skills: SkillFields,
}

impl Data {
    pub(super) fn load() -> Result<Self, PeopleError> {
        let mut countries: BTreeMap<String, Country> = BTreeMap::new();
        for row in read::<LanguageRow>(LANGUAGES)? {
            countries.entry(row.country).or_default().languages.push((row.language, row.percent));
        }
        for country in countries.values_mut() {
            country.languages.sort_by(|(a, x), (b, y)| y.total_cmp(x).then_with(|| a.cmp(b)));
        }
        for row in read::<CityRow>(CITIES)? {
            let zone = row.zone.parse().map_err(|_| PeopleError::UnknownZone(row.zone))?;
            countries.entry(row.country).or_default().zones.push((zone, row.population));
        }
        Ok(Self { rows: read(SURVEY)?, countries, skills: SkillFields::load()? })
    }
}

/// The links from occupations to skills.
pub(super) fn skill_links() -> Result<Vec<SkillLink>, PeopleError> {
    read(SKILLS)
}

fn read<T: DeserializeOwned>((file, text): (&'static str, &str)) -> Result<Vec<T>, PeopleError> {
    csv::Reader::from_reader(text.as_bytes())
        .deserialize()
        .collect::<Result<_, _>>()
        .map_err(|source| PeopleError::Csv { file, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_fit_together() {
        let data = Data::load().unwrap();
        assert_eq!(data.countries.len(), 5);
        for row in &data.rows {
            let country = &data.countries[&row.country];
            assert!(!country.languages.is_empty() && !country.zones.is_empty());
            row.roles().unwrap();
        }
    }

    #[test]
    fn every_role_is_ticked_by_somebody_and_in_a_sector() {
        let rows = Data::load().unwrap().rows;
        for role in &ROLES {
            let ticked = rows.iter().filter(|row| row.roles.split('|').any(|r| r == role.code));
            assert!(ticked.count() > 100, "{}", role.code);
            assert!(SECTORS.contains(&role.sector));
        }
    }

    #[test]
    fn a_broken_table_is_refused_with_its_name() {
        let refused = read::<CityRow>(("cities.csv", "country,population,zone\nDE,many,x\n"));
        assert!(matches!(refused, Err(PeopleError::Csv { file: "cities.csv", .. })));
    }
}
