//! Calendar arithmetic against the zone data compiled in.

use super::*;
use chrono::{Datelike, TimeDelta, Timelike};
use chrono_tz::{Africa, America, Asia, Australia, Europe, Pacific, TZ_VARIANTS};
use proptest::prelude::*;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn local(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn quiet(from: u16, to: u16) -> QuietHours {
    QuietHours::new(from, to).unwrap()
}

const fn slot(day: u8, from_minute: u16, to_minute: u16) -> WeeklySlot {
    WeeklySlot { day, from_minute, to_minute }
}

#[test]
fn zone_data_is_as_assumed() {
    let first = utc("1970-01-01T00:00:00Z").timestamp();
    let last = utc("2041-01-01T00:00:00Z").timestamp();
    for zone in TZ_VARIANTS {
        let (mut changed, mut offset) = (i64::MIN / 2, offset_at(zone, first));
        for at in (first..last).step_by(2 * 86_400) {
            let now = offset_at(zone, at);
            assert!(now.abs() < DAY_SECONDS, "{zone}: offset {now}");
            if now != offset {
                // The samples are two days apart, and so inexact by as much.
                assert!(at - changed > QUIET_SPAN + 2 * DAY_SECONDS, "{zone}: changes at {at}");
                (changed, offset) = (at, now);
            }
        }
    }
}

#[test]
fn whole_micros_goes_to_the_past() {
    let cases = [
        ("2024-05-01T10:00:00.123456789Z", "2024-05-01T10:00:00.123456Z"),
        ("2024-05-01T10:00:00.123456Z", "2024-05-01T10:00:00.123456Z"),
        ("1969-12-31T23:59:59.999999999Z", "1969-12-31T23:59:59.999999Z"),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.999999Z"),
    ];
    for (given, whole) in cases {
        assert_eq!(whole_micros(utc(given)), utc(whole), "{given}");
    }
}

#[test]
fn civil_times_at_changes_of_offset() {
    let cases = [
        // Turned back from 03:00 to 02:00: the later 02:30.
        (Europe::Berlin, "2024-10-27T01:59:59", "2024-10-26T23:59:59Z"),
        (Europe::Berlin, "2024-10-27T02:00:00", "2024-10-27T01:00:00Z"),
        (Europe::Berlin, "2024-10-27T02:30:00", "2024-10-27T01:30:00Z"),
        (Europe::Berlin, "2024-10-27T03:00:00", "2024-10-27T02:00:00Z"),
        // Turned forward from 02:00 to 03:00: 02:30 is read as 03:30.
        (Europe::Berlin, "2024-03-31T01:59:59", "2024-03-31T00:59:59Z"),
        (Europe::Berlin, "2024-03-31T02:00:00", "2024-03-31T01:00:00Z"),
        (Europe::Berlin, "2024-03-31T02:30:00", "2024-03-31T01:30:00Z"),
        (Europe::Berlin, "2024-03-31T03:30:00", "2024-03-31T01:30:00Z"),
        // Turned forward at midnight.
        (America::Sao_Paulo, "2018-11-04T00:30:00", "2018-11-04T03:30:00Z"),
        // The whole day is skipped.
        (Pacific::Apia, "2011-12-29T23:59:59", "2011-12-30T09:59:59Z"),
        (Pacific::Apia, "2011-12-30T12:00:00", "2011-12-30T22:00:00Z"),
        (Pacific::Apia, "2011-12-31T12:00:00", "2011-12-30T22:00:00Z"),
        // Half an hour, back and forward.
        (Australia::Lord_Howe, "2024-04-07T01:45:00", "2024-04-06T15:15:00Z"),
        (Australia::Lord_Howe, "2024-10-06T02:15:00", "2024-10-05T15:45:00Z"),
        // Forward by 44 minutes and 30 seconds.
        (Africa::Monrovia, "1972-01-07T00:00:00", "1972-01-07T00:44:30Z"),
        (Africa::Monrovia, "1972-01-07T00:44:30", "1972-01-07T00:44:30Z"),
    ];
    for (zone, civil, instant) in cases {
        assert_eq!(to_instant(zone, local(civil)), utc(instant), "{zone} {civil}");
    }
}

#[test]
fn days_start_at_midnight_the_later_of_two() {
    let cases = [
        (Tz::UTC, "2024-02-29", "2024-02-29T00:00:00Z"),
        (Europe::Berlin, "2024-03-31", "2024-03-30T23:00:00Z"),
        (Europe::Berlin, "2024-10-28", "2024-10-27T23:00:00Z"),
        // No midnight; the day starts at 01:00.
        (America::Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"),
        // Turned back from midnight to 23:00, so midnight comes an hour later.
        (America::Sao_Paulo, "2018-02-18", "2018-02-18T03:00:00Z"),
        // Two midnights, as 01:00 becomes 00:00: the second.
        (America::Havana, "2024-11-03", "2024-11-03T05:00:00Z"),
        // Turned back from 00:01 to 23:01: the day starts, stops and starts again.
        (America::St_Johns, "2010-11-07", "2010-11-07T03:30:00Z"),
        // No such day.
        (Pacific::Apia, "2011-12-29", "2011-12-29T10:00:00Z"),
        (Pacific::Apia, "2011-12-30", "2011-12-30T10:00:00Z"),
        (Pacific::Apia, "2011-12-31", "2011-12-30T10:00:00Z"),
        (Pacific::Apia, "2012-01-01", "2011-12-31T10:00:00Z"),
        (Pacific::Kwajalein, "1993-08-21", "1993-08-21T12:00:00Z"),
        (Africa::Monrovia, "1972-01-07", "1972-01-07T00:44:30Z"),
    ];
    for (zone, day, instant) in cases {
        assert_eq!(start_of_day(zone, date(day)), utc(instant), "{zone} {day}");
    }
}

#[test]
fn civil_days_are_not_24_hours() {
    let cases = [
        (Europe::Berlin, "2024-03-30T22:59:00Z", 0, "2024-03-29T23:00:00Z"),
        (Europe::Berlin, "2024-03-30T22:59:00Z", 1, "2024-03-30T23:00:00Z"),
        (Europe::Berlin, "2024-03-30T22:59:00Z", 2, "2024-03-31T22:00:00Z"),
        (Europe::Berlin, "2024-10-20T22:00:00Z", 7, "2024-10-27T23:00:00Z"),
        (Pacific::Apia, "2011-12-29T20:00:00Z", 2, "2011-12-30T10:00:00Z"),
        (Pacific::Apia, "2011-12-29T20:00:00Z", 3, "2011-12-31T10:00:00Z"),
    ];
    for (zone, from, days, instant) in cases {
        assert_eq!(add_civil_days(zone, utc(from), days), utc(instant), "{zone} {from} {days}");
    }
}

#[test]
fn the_ends_of_the_range_hold() {
    let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    for zone in [Tz::Etc__GMTPlus12, Tz::UTC, Tz::Etc__GMTMinus14] {
        for at in [min, max] {
            assert!(whole_micros(at) <= at);
            let _ = civil_date(zone, at);
            let _ = to_instant(zone, at.naive_utc());
            let _ = start_of_day(zone, at.date_naive());
            let _ = add_civil_days(zone, at, u32::MAX);
            let _ = zone_gap_minutes(zone, Europe::Berlin, at);
            let _ = AvailableWeek::new(zone, &[slot(0, 0, 1440)], at);
            for hours in [quiet(0, 1439), quiet(720, 719)] {
                let next = hours.next_allowed(zone, at);
                assert!(next >= whole_micros(at));
            }
        }
    }
    assert_eq!(civil_date(Tz::Etc__GMTMinus14, max), NaiveDate::MAX);
    assert_eq!(civil_date(Tz::Etc__GMTPlus12, min), min.date_naive());
}

#[test]
fn quiet_hours_are_checked() {
    assert_eq!(QuietHours::new(1440, 0), None);
    assert_eq!(QuietHours::new(0, 1440), None);
    let night: QuietHours =
        serde_json::from_str(r#"{"from_minute":1320,"to_minute":480}"#).unwrap();
    assert_eq!((night.from_minute(), night.to_minute()), (1320, 480));
    let text = serde_json::to_string(&night).unwrap();
    assert_eq!(text, r#"{"from_minute":1320,"to_minute":480}"#);
    let wrong = r#"{"from_minute":1320,"to_minute":1440}"#;
    assert!(serde_json::from_str::<QuietHours>(wrong).is_err());
}

#[test]
fn quiet_hours_end_on_the_clock() {
    let cases = [
        // (from, to, at, next allowed), all in Berlin.
        (1320, 480, "2024-06-01T19:59:59.999999Z", "2024-06-01T19:59:59.999999Z"),
        (1320, 480, "2024-06-01T20:00:00Z", "2024-06-02T06:00:00Z"),
        (1320, 480, "2024-06-02T05:59:59.999999Z", "2024-06-02T06:00:00Z"),
        (1320, 480, "2024-06-02T06:00:00Z", "2024-06-02T06:00:00Z"),
        (540, 1020, "2024-06-01T07:00:00Z", "2024-06-01T15:00:00Z"),
        (600, 600, "2024-06-01T08:00:00Z", "2024-06-01T08:00:00Z"),
        // Over a short and a long night.
        (1320, 480, "2024-03-30T21:00:00Z", "2024-03-31T06:00:00Z"),
        (1320, 480, "2024-10-26T20:00:00Z", "2024-10-27T07:00:00Z"),
        // Until 03:00, at which clocks are turned back into the quiet hours.
        (1320, 180, "2024-10-26T20:00:00Z", "2024-10-27T02:00:00Z"),
        // From 02:15 until 04:00; 02:00 shown for the second time is outside.
        (135, 240, "2024-10-27T00:20:00Z", "2024-10-27T01:00:00Z"),
        (135, 240, "2024-10-27T01:15:00Z", "2024-10-27T03:00:00Z"),
        // Until 02:30, which is skipped.
        (60, 150, "2024-03-31T00:00:00Z", "2024-03-31T01:00:00Z"),
    ];
    for (from, to, at, next) in cases {
        let hours = quiet(from, to);
        assert_eq!(hours.next_allowed(Europe::Berlin, utc(at)), utc(next), "{from} {to} {at}");
        assert_eq!(hours.contains(Europe::Berlin, utc(at)), at != next, "{from} {to} {at}");
    }
    let night = quiet(1320, 480);
    let at = utc("2011-12-30T09:00:00Z");
    assert_eq!(night.next_allowed(Pacific::Apia, at), utc("2011-12-30T18:00:00Z"));
}

#[test]
fn overlaps_use_the_offsets_of_the_week() {
    let evenings: Vec<_> = (0..5).map(|day| slot(day, 1080, 1200)).collect();
    let noons: Vec<_> = (0..5).map(|day| slot(day, 720, 840)).collect();
    let overlap =
        |at| weekly_overlap_minutes(Europe::Berlin, &evenings, America::New_York, &noons, utc(at));
    // Six hours apart; for some weeks in spring five, since New York changes earlier.
    assert_eq!(overlap("2024-02-14T12:00:00Z"), 600);
    assert_eq!(overlap("2024-03-13T12:00:00Z"), 300);
    assert_eq!(overlap("2024-04-10T12:00:00Z"), 600);
}

#[test]
fn weeks_are_cut_at_monday_midnight_utc() {
    let at = utc("2024-06-05T12:00:00Z");
    let whole: Vec<_> = (0..7).map(|day| slot(day, 0, 1440)).collect();
    // Monday morning in Auckland is Sunday in UTC, and is found at the other end of the week.
    let monday = [slot(0, 480, 600)];
    assert_eq!(weekly_overlap_minutes(Pacific::Auckland, &monday, Tz::UTC, &whole, at), 120);
    let sunday = [slot(6, 1200, 1320)];
    assert_eq!(weekly_overlap_minutes(Pacific::Auckland, &monday, Tz::UTC, &sunday, at), 120);
    // Monday 12:00 in Auckland is the very start of the UTC week.
    let noon = [slot(0, 690, 750)];
    assert_eq!(AvailableWeek::new(Pacific::Auckland, &noon, at).minutes(), 60);
    let next_week = AvailableWeek::new(Tz::UTC, &whole, at + TimeDelta::days(5));
    assert_eq!(next_week.common_minutes(&AvailableWeek::new(Tz::UTC, &whole, at)), 0);
    let same_week = AvailableWeek::new(Tz::UTC, &whole, at - TimeDelta::hours(60));
    assert_eq!(same_week.common_minutes(&AvailableWeek::new(Tz::UTC, &whole, at)), 10_080);
}

#[test]
fn slots_count_by_what_the_clock_shows() {
    let hour = [slot(6, 120, 180)];
    let minutes = |zone, slots: &[_], at| AvailableWeek::new(zone, slots, utc(at)).minutes();
    assert_eq!(minutes(Europe::Berlin, &hour, "2024-03-20T00:00:00Z"), 60);
    assert_eq!(minutes(Europe::Berlin, &hour, "2024-03-27T00:00:00Z"), 0);
    assert_eq!(minutes(Europe::Berlin, &hour, "2024-10-23T00:00:00Z"), 120);
    assert_eq!(minutes(Australia::Lord_Howe, &hour, "2024-10-02T00:00:00Z"), 30);
    // Samoa had no Friday that week.
    let friday = [slot(4, 0, 1440)];
    assert_eq!(minutes(Pacific::Apia, &friday, "2011-12-28T00:00:00Z"), 0);
    // Slots that touch, that overlap, and that are wrong.
    let slots = [slot(1, 60, 120), slot(1, 0, 60), slot(1, 90, 150), slot(1, 90, 100)];
    assert_eq!(minutes(Tz::UTC, &slots, "2024-06-05T12:00:00Z"), 150);
    let slots = [slot(7, 0, 60), slot(1, 60, 60), slot(1, 60, 30), slot(1, 1430, 2000)];
    assert_eq!(minutes(Tz::UTC, &slots, "2024-06-05T12:00:00Z"), 10);
    assert!(WeeklySlot::new(6, 0, 1440).is_some());
    assert!(WeeklySlot::new(7, 0, 1440).is_none());
    assert!(WeeklySlot::new(6, 60, 60).is_none());
    assert!(WeeklySlot::new(6, 60, 1441).is_none());
}

#[test]
fn zone_gaps_are_circular() {
    let at = utc("2024-06-01T00:00:00Z");
    assert_eq!(zone_gap_minutes(Europe::Berlin, Europe::Berlin, at), 0);
    assert_eq!(zone_gap_minutes(Europe::Berlin, America::New_York, at), 360);
    assert_eq!(zone_gap_minutes(Asia::Kathmandu, Asia::Kolkata, at), 15);
    assert_eq!(zone_gap_minutes(Pacific::Kiritimati, Pacific::Honolulu, at), 0);
    assert_eq!(zone_gap_minutes(Tz::Etc__GMTMinus12, Tz::UTC, at), 720);
    assert_eq!(zone_gap_minutes(Pacific::Auckland, Pacific::Pago_Pago, at), 60);
    let spring = utc("2024-03-13T00:00:00Z");
    assert_eq!(zone_gap_minutes(Europe::Berlin, America::New_York, spring), 300);
}

fn any_zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(&TZ_VARIANTS[..])
}

/// Whole microseconds from 1900 to 2100.
fn any_instant() -> impl Strategy<Value = DateTime<Utc>> {
    (-2_208_988_800_000_000..4_102_444_800_000_000_i64).prop_map(from_micros)
}

fn any_date() -> impl Strategy<Value = NaiveDate> {
    any_instant().prop_map(|at| at.date_naive())
}

/// A zone and an instant within three days of a change of its offset, if it has any.
fn near_change() -> impl Strategy<Value = (Tz, DateTime<Utc>)> {
    let around = -3 * DAY..3 * DAY;
    (any_zone(), any_instant(), around).prop_map(|(zone, at, around)| {
        let from = at.timestamp();
        let change = next_offset_change(zone, from, from + 400 * DAY_SECONDS);
        (zone, from_micros(change.unwrap_or(from) * SECOND + around))
    })
}

fn any_quiet() -> impl Strategy<Value = QuietHours> {
    (0..DAY_MINUTES, 0..DAY_MINUTES).prop_map(|(from, to)| quiet(from, to))
}

fn any_slots() -> impl Strategy<Value = Vec<WeeklySlot>> {
    let slot = (0..7_u8, 0..DAY_MINUTES, 0..=DAY_MINUTES)
        .prop_map(|(day, from, to)| slot(day, from.min(to), from.max(to)));
    proptest::collection::vec(slot, 0..6)
}

/// What chrono-tz shows at an instant, found without this module.
fn shown(zone: Tz, at: DateTime<Utc>) -> NaiveDateTime {
    at.with_timezone(&zone).naive_local()
}

/// Availability by looking at every minute.
fn minutes_one_by_one(people: &[(Tz, &[WeeklySlot])], at: DateTime<Utc>) -> usize {
    let monday = at.date_naive()
        - TimeDelta::days(i64::from(at.date_naive().weekday().num_days_from_monday()));
    let monday = monday.and_time(NaiveTime::MIN).and_utc();
    (0..10_080)
        .map(|minute| monday + TimeDelta::minutes(minute))
        .filter(|&at| {
            people.iter().all(|&(zone, slots)| {
                let shown = shown(zone, at);
                let minute = shown.hour() * 60 + shown.minute();
                slots.iter().any(|slot| {
                    u32::from(slot.day) == shown.weekday().num_days_from_monday()
                        && u32::from(slot.from_minute) <= minute
                        && minute < u32::from(slot.to_minute)
                })
            })
        })
        .count()
}

proptest! {
    #[test]
    fn whole_micros_is_the_last_before(
        seconds in -9_000_000_000..9_000_000_000_i64,
        nanos in 0..1_000_000_000_u32,
    ) {
        let at = DateTime::from_timestamp(seconds, nanos).unwrap();
        let whole = whole_micros(at);
        prop_assert!(whole <= at && at - whole < TimeDelta::microseconds(1));
        prop_assert_eq!(whole.nanosecond() % 1_000, 0);
        prop_assert_eq!(whole_micros(whole), whole);
    }

    #[test]
    fn civil_date_is_what_calendars_show((zone, at) in near_change()) {
        prop_assert_eq!(civil_date(zone, at), shown(zone, at).date());
    }

    #[test]
    fn to_instant_agrees_with_chrono((zone, at) in near_change()) {
        let civil = at.naive_utc();
        let found = to_instant(zone, civil);
        match zone.from_local_datetime(&civil) {
            chrono::MappedLocalTime::Single(only) => prop_assert_eq!(found, only),
            chrono::MappedLocalTime::Ambiguous(earlier, later) => {
                prop_assert!(earlier < later);
                prop_assert_eq!(found, later);
            }
            chrono::MappedLocalTime::None => {
                let gap = shown(zone, found) - civil;
                prop_assert!(gap > TimeDelta::zero());
                // As long before that instant as the gap is long, clocks are not yet turned:
                // they show twice the gap less.
                prop_assert_eq!(shown(zone, found - gap), civil - gap);
            }
        }
    }

    #[test]
    fn to_instant_round_trips((zone, at) in near_change()) {
        let civil = shown(zone, at);
        let back = to_instant(zone, civil);
        prop_assert!(back >= at);
        prop_assert_eq!(shown(zone, back), civil);
        if zone.from_local_datetime(&civil).single().is_some() {
            prop_assert_eq!(back, at);
        }
    }

    #[test]
    fn nothing_from_the_start_of_a_day_on_belongs_to_the_one_before(
        (zone, near) in near_change(),
        later in 0..4 * DAY,
    ) {
        let date = near.date_naive();
        let start = start_of_day(zone, date);
        for later in [0, 1, MINUTE, later] {
            let at = start + TimeDelta::microseconds(later);
            prop_assert!(civil_date(zone, at) >= date);
        }
        // Clocks were never turned back by more than a day.
        let before = start - TimeDelta::days(1) - TimeDelta::microseconds(later + 1);
        prop_assert!(civil_date(zone, before) < date);
    }

    #[test]
    fn adding_days_starts_that_date(
        zone in any_zone(),
        at in any_instant(),
        days in 0..4_000_u32,
    ) {
        let then = add_civil_days(zone, at, days);
        let expected = civil_date(zone, at) + Days::new(u64::from(days));
        prop_assert_eq!(then, start_of_day(zone, expected));
        // Clocks turned back over midnight can show again what was before `then`.
        prop_assert!(days == 0 || then > at - TimeDelta::days(1));
        prop_assert!(then <= add_civil_days(zone, at, days + 1));
    }

    #[test]
    fn days_start_in_order(zone in any_zone(), date in any_date()) {
        let next = start_of_day(zone, date + Days::new(1));
        let start = start_of_day(zone, date);
        // Equal only where the date does not exist.
        prop_assert!(start < next || (start == next && civil_date(zone, start) > date));
    }

    #[test]
    fn next_allowed_is_the_first_outside(
        (zone, at) in near_change(),
        hours in any_quiet(),
        part in 0..1_000_i32,
    ) {
        let next = hours.next_allowed(zone, at);
        prop_assert!(next >= at);
        prop_assert!(next - at < TimeDelta::days(2));
        prop_assert!(!hours.contains(zone, next));
        prop_assert_eq!(hours.next_allowed(zone, next), next);
        prop_assert_eq!(next == at, !hours.contains(zone, at));
        if next > at {
            let between = at + (next - at) / 1_000 * part;
            prop_assert!(hours.contains(zone, between));
            prop_assert!(hours.contains(zone, next - TimeDelta::microseconds(1)));
        }
    }

    #[test]
    fn overlap_is_symmetric_and_bounded(
        (a_zone, at) in near_change(),
        a in any_slots(),
        b_zone in any_zone(),
        b in any_slots(),
    ) {
        let overlap = weekly_overlap_minutes(a_zone, &a, b_zone, &b, at);
        prop_assert_eq!(overlap, weekly_overlap_minutes(b_zone, &b, a_zone, &a, at));
        prop_assert!(overlap <= AvailableWeek::new(a_zone, &a, at).minutes());
        prop_assert!(overlap <= AvailableWeek::new(b_zone, &b, at).minutes());
        prop_assert!(AvailableWeek::new(a_zone, &a, at).minutes() <= 10_080);
    }

    #[test]
    fn zone_gap_is_symmetric_and_bounded(
        a in any_zone(),
        b in any_zone(),
        at in any_instant(),
    ) {
        let gap = zone_gap_minutes(a, b, at);
        prop_assert_eq!(gap, zone_gap_minutes(b, a, at));
        prop_assert!(gap <= 720);
        prop_assert_eq!(zone_gap_minutes(a, a, at), 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn overlap_is_what_counting_gives(
        (a_zone, at) in near_change().prop_filter("whole minutes", |(_, at)| at.year() > 1973),
        a in any_slots(),
        b_zone in any_zone(),
        b in any_slots(),
    ) {
        let overlap = weekly_overlap_minutes(a_zone, &a, b_zone, &b, at);
        let counted = minutes_one_by_one(&[(a_zone, &a), (b_zone, &b)], at);
        prop_assert_eq!(usize::try_from(overlap).unwrap(), counted);
    }
}
