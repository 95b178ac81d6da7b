//! Whether a person is an adult, without keeping their date of birth.
//!
//! What is kept is only the date of the 18th birthday. It says less about the person than the
//! date of birth does, and it is all that the rules ask for.

use crate::base::zone::start_of_day;
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// The age in years from which a person is an adult.
const ADULT_YEARS: i32 = 18;

/// The zone of people whose zone is not known: UTC−12, where every date begins last.
///
/// (The sign in the names of these zones is the opposite of the usual one.)
const LAST_ZONE: Tz = Tz::Etc__GMTPlus12;

/// When somebody born on 29 February has their birthday in a common year.
///
/// Laws differ in this. The default is the later date, so that nobody counts as adult too early.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeapDayRule {
    /// On 1 March.
    #[default]
    MarchFirst,
    /// On 28 February.
    February28,
}

/// The date of the 18th birthday of somebody born on `birth_date`.
///
/// `rule` matters only for 29 February. The 18th year after a leap year is always a common year, so
/// nobody has an 18th birthday on a 29 February.
///
/// `None` only if the date is outside of chrono's range.
#[must_use]
pub fn adult_on(birth_date: NaiveDate, rule: LeapDayRule) -> Option<NaiveDate> {
    let year = birth_date.year().checked_add(ADULT_YEARS)?;
    birth_date.with_year(year).or_else(|| match rule {
        LeapDayRule::MarchFirst => NaiveDate::from_ymd_opt(year, 3, 1),
        LeapDayRule::February28 => NaiveDate::from_ymd_opt(year, 2, 28),
    })
}

/// Whether a person whose 18th birthday is `adult_on` is an adult at the instant `now`.
///
/// They are from the start of that civil date on, in their `zone` if it is known (and
/// verified: a person can choose a zone in which it is tomorrow), or else at UTC−12. So a person
/// of unknown zone counts as adult only after being so everywhere. A person of unknown birthday
/// (`None`) is not an adult.
///
/// Once true, this stays true: where clocks are turned back over midnight on the very day, the second
/// midnight counts.
#[must_use]
pub fn is_adult(adult_on: Option<NaiveDate>, zone: Option<Tz>, now: DateTime<Utc>) -> bool {
    adult_on.is_some_and(|date| now >= adult_from(date, zone))
}

/// The first instant at which [`is_adult`] is true for the same `adult_on` and `zone`.
///
/// Usually midnight, the later of two; if the zone skips that midnight or that date, the first instant after it.
#[must_use]
pub fn adult_from(adult_on: NaiveDate, zone: Option<Tz>) -> DateTime<Utc> {
    start_of_day(zone.unwrap_or(LAST_ZONE), adult_on)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::zone::civil_date;
    use chrono::TimeDelta;
    use chrono_tz::{America, Asia, Europe, Pacific, TZ_VARIANTS};
    use proptest::prelude::*;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn birthdays() {
        use LeapDayRule::{February28, MarchFirst};
        let cases = [
            ("2000-05-17", MarchFirst, "2018-05-17"),
            ("2000-02-28", MarchFirst, "2018-02-28"),
            ("2000-03-01", February28, "2018-03-01"),
            ("2004-02-29", MarchFirst, "2022-03-01"),
            ("2004-02-29", February28, "2022-02-28"),
            ("2002-02-28", MarchFirst, "2020-02-28"),
            ("2002-03-01", MarchFirst, "2020-03-01"),
        ];
        for (birth, rule, adult) in cases {
            assert_eq!(adult_on(date(birth), rule), Some(date(adult)), "{birth} {rule:?}");
        }
        assert_eq!(adult_on(NaiveDate::MAX, MarchFirst), None);
        assert_eq!(LeapDayRule::default(), MarchFirst);
    }

    #[test]
    fn leap_days_of_two_centuries() {
        for year in 1900..=2100 {
            let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
            let leap_day = NaiveDate::from_ymd_opt(year, 2, 29);
            assert_eq!(leap_day.is_some(), is_leap);
            let Some(leap_day) = leap_day else { continue };
            let on = |month, day| NaiveDate::from_ymd_opt(year + 18, month, day);
            assert_eq!(adult_on(leap_day, LeapDayRule::MarchFirst), on(3, 1));
            assert_eq!(adult_on(leap_day, LeapDayRule::February28), on(2, 28));
        }
    }

    #[test]
    fn rules_are_stored_by_name() {
        let names =
            [(LeapDayRule::MarchFirst, "march_first"), (LeapDayRule::February28, "february28")];
        for (rule, name) in names {
            assert_eq!(serde_json::to_value(rule).unwrap(), name);
            assert_eq!(serde_json::from_value::<LeapDayRule>(name.into()).unwrap(), rule);
        }
    }

    #[test]
    fn adults_from_the_start_of_the_day() {
        let cases = [
            (Some(Europe::Berlin), "2024-07-01", "2024-06-30T22:00:00Z"),
            (Some(Asia::Tokyo), "2024-07-01", "2024-06-30T15:00:00Z"),
            (None, "2024-07-01", "2024-07-01T12:00:00Z"),
            (Some(America::Sao_Paulo), "2018-11-04", "2018-11-04T03:00:00Z"),
            (Some(Pacific::Apia), "2011-12-30", "2011-12-30T10:00:00Z"),
            (Some(America::St_Johns), "2010-11-07", "2010-11-07T03:30:00Z"),
        ];
        for (zone, day, instant) in cases {
            let instant = utc(instant);
            assert_eq!(adult_from(date(day), zone), instant, "{zone:?} {day}");
            assert!(is_adult(Some(date(day)), zone, instant));
            assert!(!is_adult(Some(date(day)), zone, instant - TimeDelta::microseconds(1)));
        }
        // Clocks in St. John's go back over midnight here; the minute before that does not count.
        let first = utc("2010-11-07T02:30:30Z");
        assert_eq!(civil_date(America::St_Johns, first), date("2010-11-07"));
        assert!(!is_adult(Some(date("2010-11-07")), Some(America::St_Johns), first));
    }

    #[test]
    fn unknown_is_not_adult() {
        for zone in [None, Some(Europe::Berlin)] {
            assert!(!is_adult(None, zone, DateTime::<Utc>::MAX_UTC));
        }
    }

    fn any_zone() -> impl Strategy<Value = Option<Tz>> {
        proptest::option::of(proptest::sample::select(&TZ_VARIANTS[..]))
    }

    /// Dates from 1900 to 2100.
    fn any_date() -> impl Strategy<Value = NaiveDate> {
        (-25_567..47_482_i64).prop_map(|days| date("1970-01-01") + TimeDelta::days(days))
    }

    proptest! {
        #[test]
        fn adult_from_is_the_threshold(zone in any_zone(), day in any_date()) {
            let from = adult_from(day, zone);
            prop_assert!(is_adult(Some(day), zone, from));
            prop_assert!(!is_adult(Some(day), zone, from - TimeDelta::microseconds(1)));
            // On the calendar: not before that day, and a day earlier not on it.
            let zone = zone.unwrap_or(LAST_ZONE);
            prop_assert!(civil_date(zone, from) >= day);
            let earlier = from - TimeDelta::days(1) - TimeDelta::microseconds(1);
            prop_assert!(civil_date(zone, earlier) < day);
        }

        #[test]
        fn adults_stay_adults(
            zone in any_zone(),
            day in any_date(),
            near in -200_000_000_000..200_000_000_000_i64,
            later in 0..200_000_000_000_i64,
        ) {
            let now = adult_from(day, zone) + TimeDelta::microseconds(near);
            let later = now + TimeDelta::microseconds(later);
            prop_assert!(!is_adult(Some(day), zone, now) || is_adult(Some(day), zone, later));
            prop_assert_eq!(is_adult(Some(day), zone, now), near >= 0);
        }

        #[test]
        fn without_a_zone_nobody_is_adult_earlier_than_with_any(
            zone in proptest::sample::select(&TZ_VARIANTS[..]),
            day in any_date(),
        ) {
            prop_assert!(adult_from(day, Some(zone)) <= adult_from(day, None));
        }

        #[test]
        fn the_birthday_is_18_years_later(birth in any_date(), first in any::<bool>()) {
            let rule = if first { LeapDayRule::MarchFirst } else { LeapDayRule::February28 };
            let adult = adult_on(birth, rule).unwrap();
            prop_assert_eq!(adult.year(), birth.year() + 18);
            if (birth.month(), birth.day()) != (2, 29) {
                prop_assert_eq!((adult.month(), adult.day()), (birth.month(), birth.day()));
            }
        }
    }
}
