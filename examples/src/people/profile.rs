//! From a survey row to a person.

use super::data::{Data, ROLES, Role, SECTORS, SurveyRow};
use super::draw::SplitMix64;
use super::{PeopleError, SuggestedRole, SurveyPerson};
use chrono::{Datelike, Days, Months, NaiveDate};

/// The day the examples play on, and the one ages are drawn for.
pub const DEMO_DATE: NaiveDate = match NaiveDate::from_ymd_opt(2027, 3, 1) {
    Some(date) => date,
    None => NaiveDate::MAX,
};

const MENTOR_YEARS: u32 = 10;
const MENTEE_YEARS: u32 = 3;
/// Only people in their first years can be minors. They are a third of the survey, which makes about
/// one minor in a hundred people.
const MINOR_PERCENT: f64 = 3.0;
/// Far above the true 1 in 1,461: a date that exists in one year of four should show up in a demo of
/// a few hundred people.
const LEAP_DAY_PERCENT: f64 = 1.0;

/// Adds to a row what the survey does not know. The order of the draws is part of what a seed means.
pub(super) fn complete(
    data: &Data,
    row: &SurveyRow,
    seed: u64,
) -> Result<SurveyPerson, PeopleError> {
    let mut draws = SplitMix64::stream(seed, row.row);
    let unknown_country = || PeopleError::UnknownCountry(row.country.clone());
    let country = data.countries.get(&row.country).ok_or_else(unknown_country)?;
    let zone = *draws.weighted(&country.zones).ok_or_else(unknown_country)?;
    let languages = languages(&country.languages, &mut draws);
    if languages.is_empty() {
        return Err(unknown_country());
    }
    let roles = row.roles()?;
    let suggested_role = suggest(row.years, &roles, &mut draws);
    let birth_date = birth_date(row.years, &mut draws);
    let hours_per_month = small(2 + draws.below(7));

    let mut pool: Vec<&String> = roles.iter().flat_map(|role| data.skills.pool(role)).collect();
    pool.sort_unstable();
    pool.dedup();
    draws.shuffle(&mut pool);
    let handful = if suggested_role == SuggestedRole::Mentee { 3 } else { 4 } + draws.index(3);
    let skills: Vec<String> = pool.into_iter().take(handful).cloned().collect();
    let also_wants = if suggested_role == SuggestedRole::Both {
        new_ground(data, &roles, &skills, &mut draws)
    } else {
        Vec::new()
    };
    let mut fields: Vec<String> = Vec::new();
    for field in skills.iter().filter_map(|skill| data.skills.field_of(skill)) {
        if !fields.iter().any(|known| known == field) {
            fields.push(field.to_owned());
        }
    }
    Ok(SurveyPerson {
        key: format!("so2017-{:04}", row.row),
        country: row.country.clone(),
        years: row.years,
        stage: stage(row.years),
        company_size: row.company_size,
        remote: row.remote(),
        satisfaction: row.satisfaction,
        languages,
        zone,
        skills,
        also_wants,
        fields,
        hours_per_month,
        birth_date,
        suggested_role,
        capacity: if suggested_role.mentors() { capacity(row.company_size) } else { 0 },
        sector: sector(&roles).to_owned(),
        roles: roles.iter().map(|role| role.name.to_owned()).collect(),
    })
}

/// Each language of the country by its share. Whoever would end up with none speaks the most common
/// one: everybody speaks something.
fn languages(shares: &[(String, f64)], draws: &mut SplitMix64) -> Vec<String> {
    let mut spoken: Vec<String> = shares
        .iter()
        .filter(|(_, percent)| draws.percent(*percent))
        .map(|(tag, _)| tag.clone())
        .collect();
    if spoken.is_empty() {
        spoken.extend(shares.first().map(|(tag, _)| tag.clone()));
    }
    spoken
}

fn suggest(years: u32, roles: &[&Role], draws: &mut SplitMix64) -> SuggestedRole {
    // Drawn for everybody, so that this rule can change without shifting the draws behind it.
    let learns_too = draws.percent(10.0);
    match years {
        _ if roles.is_empty() => SuggestedRole::Neither,
        MENTOR_YEARS.. if learns_too => SuggestedRole::Both,
        MENTOR_YEARS.. => SuggestedRole::Mentor,
        ..=MENTEE_YEARS => SuggestedRole::Mentee,
        _ => SuggestedRole::Neither,
    }
}

/// Wanted skills for somebody senior: of a role not yet theirs, without what they already offer.
fn new_ground(
    data: &Data,
    roles: &[&Role],
    offered: &[String],
    draws: &mut SplitMix64,
) -> Vec<String> {
    let mut others: Vec<&Role> =
        ROLES.iter().filter(|role| roles.iter().all(|own| own.code != role.code)).collect();
    draws.shuffle(&mut others);
    let Some(role) = others.first() else { return Vec::new() };
    let mut pool: Vec<&String> =
        data.skills.pool(role).iter().filter(|skill| !offered.contains(skill)).collect();
    draws.shuffle(&mut pool);
    pool.into_iter().take(3).cloned().collect()
}

fn birth_date(years: u32, draws: &mut SplitMix64) -> NaiveDate {
    let minor = draws.percent(MINOR_PERCENT) && years <= MENTEE_YEARS;
    let leap_day = draws.percent(LEAP_DAY_PERCENT);
    let spread = u32::from(small(draws.below(20)));
    let age = if minor { 14 + spread % 4 } else { 20 + years + spread };
    let date = DEMO_DATE - Months::new(12 * age) - Days::new(draws.below(365));
    if minor || !leap_day {
        return date;
    }
    // Leap years are at most eight years apart.
    (0..8).find_map(|back| NaiveDate::from_ymd_opt(date.year() - back, 2, 29)).unwrap_or(date)
}

const fn stage(years: u32) -> u8 {
    match years {
        0..=1 => 1,
        2..=3 => 2,
        4..=6 => 3,
        7..=9 => 4,
        10..=14 => 5,
        _ => 6,
    }
}

const fn capacity(company_size: Option<u32>) -> u8 {
    match company_size {
        None | Some(..20) => 1,
        Some(20..1_000) => 2,
        Some(_) => 3,
    }
}

fn sector(roles: &[&Role]) -> &'static str {
    let [.., other] = SECTORS;
    let mut best = (other, 0);
    for sector in SECTORS {
        let count = roles.iter().filter(|role| role.sector == sector).count();
        if count > best.1 {
            best = (sector, count);
        }
    }
    best.0
}

/// The draws above stay far below 256.
fn small(drawn: u64) -> u8 {
    u8::try_from(drawn).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::people;
    use std::collections::BTreeMap;

    const ALL: usize = 5_594;

    #[test]
    fn about_one_in_a_hundred_is_a_minor_and_none_of_them_a_mentor() {
        let eighteen = DEMO_DATE - Months::new(12 * 18);
        for seed in 0..3 {
            let mut all = people(seed, ALL).unwrap();
            all.retain(|p| p.birth_date > eighteen);
            assert!((35..=85).contains(&all.len()), "{} minors", all.len());
            assert!(all.iter().all(|p| p.years <= MENTEE_YEARS && p.capacity == 0));
            assert!(all.iter().all(|p| p.birth_date.year() <= 2013));
        }
    }

    #[test]
    fn some_were_born_on_a_leap_day_and_all_at_a_likely_age() {
        let all = people(5, ALL).unwrap();
        let leap = all.iter().filter(|p| (p.birth_date.month(), p.birth_date.day()) == (2, 29));
        assert!((30..=90).contains(&leap.count()));
        for p in &all {
            let age = DEMO_DATE.years_since(p.birth_date).unwrap();
            assert!((14..=70).contains(&age) && age > p.years + 10, "{}: {age}", p.key);
        }
    }

    #[test]
    fn languages_and_zones_follow_the_country() {
        let all = people(6, ALL).unwrap();
        let mut count: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
        for p in &all {
            let [people, english, toronto_or_montreal] = count.entry(&p.country).or_default();
            *people += 1;
            *english += usize::from(p.languages.iter().any(|tag| tag == "en"));
            let zone = p.zone.name();
            *toronto_or_montreal +=
                usize::from(zone.ends_with("/Toronto") || zone.ends_with("/Montreal"));
        }
        let percent = |country, of: usize| count[country][of] * 100 / count[country][0];
        assert!((93..=99).contains(&percent("US", 1)));
        assert!((59..=69).contains(&percent("DE", 1)));
        assert!((14..=24).contains(&percent("IN", 1)));
        assert!(percent("CA", 2) > 50);
        let is_tag = |tag: &String| {
            matches!(tag.len(), 2..=3) && tag.bytes().all(|b| b.is_ascii_lowercase())
        };
        assert!(all.iter().flat_map(|p| &p.languages).all(is_tag));
    }

    #[test]
    fn steps_are_where_they_are_documented() {
        assert_eq!([0, 1, 2, 3, 4, 6].map(stage), [1, 1, 2, 2, 3, 3]);
        assert_eq!([7, 9, 10, 14, 15, 20].map(stage), [4, 4, 5, 5, 6, 6]);
        assert_eq!([1, 10, 20, 500, 1_000, 10_000].map(|n| capacity(Some(n))), [1, 1, 2, 2, 3, 3]);
        assert_eq!(capacity(None), 1);
    }

    #[test]
    fn the_sector_is_that_of_most_roles() {
        let of = |codes: &[&str]| {
            let roles: Vec<_> = ROLES.iter().filter(|role| codes.contains(&role.code)).collect();
            sector(&roles)
        };
        assert_eq!(of(&[]), "Other");
        assert_eq!(of(&["web", "mobile", "devops"]), "Applications");
        assert_eq!(of(&["web", "embedded"]), "Devices and graphics");
    }
}
