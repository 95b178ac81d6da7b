//! Calendar and time zone arithmetic.
//!
//! This is the only file of the library that converts between instants and civil (wall clock)
//! time. Everything else works with instants (`DateTime<Utc>`, whole microseconds) and civil dates
//! (`NaiveDate`) and asks here for the conversion.
//!
//! All functions are total. Where a result would leave chrono's range (about 262 000 years to
//! either side of today) it stays at the end of that range.
//!
//! # What is assumed of the zone data
//!
//! Two facts hold for every zone in the IANA database and are checked by the tests against the
//! data compiled in: an offset from UTC is shorter than 24 hours, and two changes of the offset of
//! one zone are more than two days apart (the closest are 6.9 days apart).

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, Offset, TimeZone, Utc};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

/// Microseconds in a second.
const SECOND: i64 = 1_000_000;
/// Microseconds in a minute.
const MINUTE: i64 = 60 * SECOND;
/// Microseconds in a civil day without a change of offset.
const DAY: i64 = 24 * 60 * MINUTE;
/// Seconds in a civil day without a change of offset.
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Seconds within which a zone changes its offset at most once; see the module's documentation.
const QUIET_SPAN: i64 = 2 * DAY_SECONDS;
/// Minutes in a civil day without a change of offset.
const DAY_MINUTES: u16 = 24 * 60;

// -- Instants as numbers ---------------------------------------------------------------------
//
// Below, a civil time is the number of microseconds (or seconds) that its digits would be after
// 1970-01-01 00:00 if they were UTC. So instant + offset = civil time, in plain integers that
// cannot overflow: chrono's whole range is 90 % of what an i64 of microseconds holds.

/// Microseconds since the epoch. A leap second counts as the last microsecond before it.
fn to_micros(t: DateTime<Utc>) -> i64 {
    let subsecond = t.timestamp_subsec_micros().min(999_999);
    t.timestamp() * SECOND + i64::from(subsecond)
}

/// The instant of a number of microseconds since the epoch, within chrono's range.
fn from_micros(micros: i64) -> DateTime<Utc> {
    let (min, max) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
    let within = micros.clamp(min.timestamp_micros(), max.timestamp_micros());
    DateTime::from_timestamp_micros(within).unwrap_or(max)
}

/// Seconds that civil time in `zone` is ahead of UTC, at an instant in seconds since the epoch.
fn offset_at(zone: Tz, seconds: i64) -> i64 {
    let utc = from_micros(seconds.saturating_mul(SECOND)).naive_utc();
    i64::from(zone.offset_from_utc_datetime(&utc).fix().local_minus_utc())
}

/// Civil time in `zone`, in microseconds, at an instant in microseconds since the epoch.
fn civil_micros(zone: Tz, micros: i64) -> i64 {
    micros + offset_at(zone, micros.div_euclid(SECOND)) * SECOND
}

/// The first second in `from..=until`, other than `from`, that has another offset than `from`.
fn next_offset_change(zone: Tz, from: i64, until: i64) -> Option<i64> {
    let offset = offset_at(zone, from);
    let mut same = from;
    while same < until {
        // Steps this short cannot jump over two changes, so different ends mean exactly one.
        let mut changed = until.min(same.saturating_add(QUIET_SPAN));
        if offset_at(zone, changed) == offset {
            same = changed;
            continue;
        }
        while changed - same > 1 {
            let middle = same + (changed - same) / 2;
            if offset_at(zone, middle) == offset {
                same = middle;
            } else {
                changed = middle;
            }
        }
        return Some(changed);
    }
    None
}

/// The offsets that can apply to a civil time in seconds: a day before it and a day after it.
///
/// They are equal, unless there is a change of offset close by.
fn offsets_around(zone: Tz, civil: i64) -> (i64, i64) {
    (offset_at(zone, civil - DAY_SECONDS), offset_at(zone, civil + DAY_SECONDS))
}

/// Whole days since 1970-01-01 to the day of the week, Monday is 0.
fn weekday(days: i64) -> i64 {
    // The epoch was a Thursday.
    (days + 3).rem_euclid(7)
}

// -- Instants and civil dates ----------------------------------------------------------------

/// `t` without what is smaller than a microsecond; never later than `t`.
///
/// An instant inside a leap second becomes the last microsecond before that second, since a count
/// of microseconds (which is what stores keep) has no place for it.
#[must_use]
pub fn whole_micros(t: DateTime<Utc>) -> DateTime<Utc> {
    from_micros(to_micros(t))
}

/// The instant at which clocks in `zone` show `local`, in whole microseconds.
///
/// Where clocks were turned back and show `local` twice, this is the later of the two instants.
/// Where clocks were turned forward and skip `local`, this is the instant at which they show
/// `local` plus the length of the gap: 02:30 in a gap of an hour from 02:00 is read as 03:30. So a
/// deadline given as a civil time never falls earlier than people could have understood it.
#[must_use]
pub fn to_instant(zone: Tz, local: NaiveDateTime) -> DateTime<Utc> {
    let civil = to_micros(local.and_utc());
    let (before, after) = offsets_around(zone, civil.div_euclid(SECOND));
    let with_after = civil - after * SECOND;
    // In an overlap both offsets lead to an instant that has them, and the one from after the
    // change is the later. In a gap neither does, and the offset from before the change is what
    // moves the time forward.
    if offset_at(zone, with_after.div_euclid(SECOND)) == after {
        from_micros(with_after)
    } else {
        from_micros(civil - before * SECOND)
    }
}

/// The date that calendars in `zone` show at the instant `at`.
#[must_use]
pub fn civil_date(zone: Tz, at: DateTime<Utc>) -> NaiveDate {
    from_micros(civil_micros(zone, to_micros(at))).date_naive()
}

/// The first instant of the civil date `date` in `zone`.
///
/// This is midnight, the earlier one if there are two. If a change of offset skips midnight, it is
/// the first instant of the date after the change; if it skips the whole date (Samoa had no
/// 2011-12-30), it is the first instant of the date that follows.
///
/// No earlier instant belongs to `date`. A later one can belong to the date before: clocks that
/// are turned back shortly after midnight, as in St. John's until 2011, show some of the previous
/// evening twice. (So from within that repeated evening, the start of tomorrow is in the past.)
#[must_use]
pub fn start_of_day(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp();
    let (before, after) = offsets_around(zone, midnight);
    let with_before = midnight - before;
    let start = if offset_at(zone, with_before) == before {
        with_before
    } else {
        // Midnight comes at the change or after it. If even the offset from after the change leads
        // to an instant before the change, then the change skips midnight.
        let change = next_offset_change(zone, midnight - DAY_SECONDS, midnight + DAY_SECONDS);
        let with_after = midnight - after;
        change.map_or(with_after, |change| with_after.max(change))
    };
    from_micros(start * SECOND)
}

/// The start of the civil date that is `days` calendar days after the date of `from` in `zone`.
///
/// The result is a [`start_of_day`], whatever time of day `from` is; with `days` 0 it is the start
/// of the day of `from` and therefore usually before `from`. Days are counted on the calendar, so
/// a day of 23 or 25 hours counts as one, and so does a date that the zone skipped. Week n
/// (from 0) of a guide begins after 7 n days.
#[must_use]
pub fn add_civil_days(zone: Tz, from: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    let date = civil_date(zone, from).checked_add_days(Days::new(u64::from(days)));
    start_of_day(zone, date.unwrap_or(NaiveDate::MAX))
}

/// By how many minutes civil times in the two zones differ at the instant `at`, 0 to 720.
///
/// The difference is that of the times of day, regardless of the date: Kiritimati (UTC+14) and
/// Honolulu (UTC−10) are 0 minutes apart, since people there are awake at the same time. Seconds
/// (only in offsets from before 1973) are dropped.
#[must_use]
pub fn zone_gap_minutes(a: Tz, b: Tz, at: DateTime<Utc>) -> u32 {
    let seconds = to_micros(at).div_euclid(SECOND);
    let apart = (offset_at(a, seconds) - offset_at(b, seconds)).rem_euclid(DAY_SECONDS);
    let minutes = apart.min(DAY_SECONDS - apart) / 60;
    u32::try_from(minutes).unwrap_or(0)
}

// -- Quiet hours -----------------------------------------------------------------------------

/// The part of every civil day in which a person is not to be disturbed.
///
/// Both ends are minutes after midnight on the clocks of the person's zone, 0 to 1439, the first
/// included and the second excluded. The part may contain midnight (1320 to 480 is 22:00 to
/// 08:00). Equal ends mean that there are no quiet hours.
///
/// A minute is quiet by what the clock shows: minutes that clocks show twice are quiet twice, and
/// minutes that they skip are not quiet at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "RawQuietHours")]
pub struct QuietHours {
    from_minute: u16,
    to_minute: u16,
}

/// [`QuietHours`] as read, before their range is checked.
#[derive(Deserialize)]
struct RawQuietHours {
    from_minute: u16,
    to_minute: u16,
}

impl TryFrom<RawQuietHours> for QuietHours {
    type Error = &'static str;

    fn try_from(raw: RawQuietHours) -> Result<Self, Self::Error> {
        Self::new(raw.from_minute, raw.to_minute)
            .ok_or("quiet hours are minutes of a day, 0 to 1439")
    }
}

impl Default for QuietHours {
    /// 21:00 to 08:00.
    fn default() -> Self {
        Self { from_minute: 21 * 60, to_minute: 8 * 60 }
    }
}

impl QuietHours {
    /// Quiet hours from one minute of the day up to, and without, another.
    ///
    /// `None` if either is above 1439.
    #[must_use]
    pub const fn new(from_minute: u16, to_minute: u16) -> Option<Self> {
        if from_minute < DAY_MINUTES && to_minute < DAY_MINUTES {
            Some(Self { from_minute, to_minute })
        } else {
            None
        }
    }

    /// The first quiet minute, in minutes after local midnight, 0 to 1439.
    #[must_use]
    pub const fn from_minute(self) -> u16 {
        self.from_minute
    }

    /// The first minute that is no longer quiet, in minutes after local midnight, 0 to 1439.
    #[must_use]
    pub const fn to_minute(self) -> u16 {
        self.to_minute
    }

    /// Whether the instant `at` is within the quiet hours of a person in `zone`.
    #[must_use]
    pub fn contains(&self, zone: Tz, at: DateTime<Utc>) -> bool {
        self.is_quiet(civil_micros(zone, to_micros(at)))
    }

    /// The first instant from `at` on that is outside the quiet hours of a person in `zone`.
    ///
    /// It is `at` itself, if that is outside of them, and less than two days later otherwise. Only
    /// in the last day of chrono's range the result can still be quiet, being the end of the range.
    #[must_use]
    pub fn next_allowed(&self, zone: Tz, at: DateTime<Utc>) -> DateTime<Utc> {
        let mut now = to_micros(at);
        if !self.is_quiet(civil_micros(zone, now)) {
            return at;
        }
        // Every turn passes a change of offset, of which there is at most one within two days, so
        // this ends soon.
        loop {
            // When the quiet hours end, if the offset stays what it is now.
            let into_day = civil_micros(zone, now).rem_euclid(DAY);
            let end = now + (i64::from(self.to_minute) * MINUTE - into_day).rem_euclid(DAY);
            let (from, until) = (now.div_euclid(SECOND), end.div_euclid(SECOND));
            let Some(change) = next_offset_change(zone, from, until) else {
                return from_micros(end);
            };
            now = change * SECOND;
            if !self.is_quiet(civil_micros(zone, now)) {
                return from_micros(now);
            }
        }
    }

    /// Whether a civil time in microseconds is quiet.
    fn is_quiet(self, civil: i64) -> bool {
        let minute = civil.rem_euclid(DAY) / MINUTE;
        let (from, to) = (i64::from(self.from_minute), i64::from(self.to_minute));
        if from <= to { from <= minute && minute < to } else { from <= minute || minute < to }
    }
}

// -- Weekly availability ---------------------------------------------------------------------

/// A part of one day of the week, on the clocks of some zone, that recurs every week.
///
/// A slot does not go past midnight; an evening that does is two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct WeeklySlot {
    /// The civil day of the week, from 0 for Monday to 6 for Sunday.
    pub day: u8,
    /// The first minute of the slot, in minutes after local midnight, 0 to 1439.
    pub from_minute: u16,
    /// The first minute after the slot, in minutes after local midnight, 1 to 1440.
    pub to_minute: u16,
}

impl WeeklySlot {
    /// A slot from one minute of a day up to, and without, another.
    ///
    /// `None` if it is not [valid](Self::is_valid).
    #[must_use]
    pub const fn new(day: u8, from_minute: u16, to_minute: u16) -> Option<Self> {
        let slot = Self { day, from_minute, to_minute };
        if slot.is_valid() { Some(slot) } else { None }
    }

    /// Whether the day is 0 to 6, the end is at most 1440 and the slot is not empty.
    #[must_use]
    pub const fn is_valid(&self) -> bool {
        self.day < 7 && self.from_minute < self.to_minute && self.to_minute <= DAY_MINUTES
    }
}

/// When a person is available in one week, as instants.
///
/// The week is the one from a Monday 00:00 UTC to the next. It is not treated as a circle: what a
/// person has at its ends comes from the civil days that reach into it, with the offsets that the
/// zone really has then. A minute is available by what the clock shows, so a slot in an hour that
/// clocks show twice counts twice, and in an hour that they skip not at all. In all other weeks
/// every slot counts once with its full length.
///
/// To compare many people, make this once for each person and week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AvailableWeek {
    /// From (included) and to (excluded) in seconds since the epoch; ascending, with gaps between.
    spans: Vec<(i64, i64)>,
}

impl AvailableWeek {
    /// The availability given by `slots` on clocks in `zone`, in the UTC week that contains `at`.
    ///
    /// The order of the slots is of no importance, and minutes that are in several slots count
    /// once. A slot that is not [valid](WeeklySlot::is_valid) counts for nothing, except that an
    /// end above 1440 is read as 1440.
    #[must_use]
    pub fn new(zone: Tz, slots: &[WeeklySlot], at: DateTime<Utc>) -> Self {
        let today = to_micros(at).div_euclid(DAY);
        let week_start = (today - weekday(today)) * DAY_SECONDS;
        let week_end = week_start + 7 * DAY_SECONDS;

        let mut found = Vec::new();
        let mut start = week_start;
        while start < week_end {
            // As long as the offset stays the same, civil time is UTC shifted by it.
            let end = next_offset_change(zone, start, week_end).unwrap_or(week_end);
            let offset = offset_at(zone, start);
            let first_day = (start + offset).div_euclid(DAY_SECONDS);
            let last_day = (end + offset - 1).div_euclid(DAY_SECONDS);
            for day in first_day..=last_day {
                let midnight = day * DAY_SECONDS - offset;
                for slot in slots.iter().filter(|slot| i64::from(slot.day) == weekday(day)) {
                    let to_minute = slot.to_minute.min(DAY_MINUTES);
                    let from = start.max(midnight + i64::from(slot.from_minute) * 60);
                    let to = end.min(midnight + i64::from(to_minute) * 60);
                    if from < to {
                        found.push((from, to));
                    }
                }
            }
            start = end;
        }
        found.sort_unstable();

        let mut spans: Vec<(i64, i64)> = Vec::with_capacity(found.len());
        for (from, to) in found {
            match spans.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => spans.push((from, to)),
            }
        }
        Self { spans }
    }

    /// How many minutes the person is available, 0 to 10 080.
    #[must_use]
    pub fn minutes(&self) -> u32 {
        self.common_minutes(self)
    }

    /// How many minutes both are available at the same time, 0 to 10 080.
    ///
    /// This is symmetric, and 0 for different weeks. A rest of less than a minute (possible only
    /// with offsets from before 1973) is dropped from the sum.
    #[must_use]
    pub fn common_minutes(&self, other: &Self) -> u32 {
        let (mut ours, mut theirs) = (self.spans.iter(), other.spans.iter());
        let (mut our, mut their) = (ours.next(), theirs.next());
        let mut seconds = 0;
        while let (Some(a), Some(b)) = (our, their) {
            seconds += (a.1.min(b.1) - a.0.max(b.0)).max(0);
            // What ends first can have nothing in common with anything later.
            if a.1 <= b.1 {
                our = ours.next();
            } else {
                their = theirs.next();
            }
        }
        u32::try_from(seconds / 60).unwrap_or(0)
    }
}

/// How many minutes two people are available at the same time, in the UTC week that contains `at`.
///
/// Each has slots on the clocks of their own zone. The result is 0 to 10 080, symmetric, and at
/// most what either has alone; [`AvailableWeek`] says how the ends of the week and changes of
/// offset within it are treated.
#[must_use]
pub fn weekly_overlap_minutes(
    a_zone: Tz,
    a_slots: &[WeeklySlot],
    b_zone: Tz,
    b_slots: &[WeeklySlot],
    at: DateTime<Utc>,
) -> u32 {
    let a = AvailableWeek::new(a_zone, a_slots, at);
    a.common_minutes(&AvailableWeek::new(b_zone, b_slots, at))
}

#[cfg(test)]
mod tests {
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
    fn days_start_where_they_first_exist() {
        let cases = [
            (Tz::UTC, "2024-02-29", "2024-02-29T00:00:00Z"),
            (Europe::Berlin, "2024-03-31", "2024-03-30T23:00:00Z"),
            (Europe::Berlin, "2024-10-28", "2024-10-27T23:00:00Z"),
            // No midnight; the day starts at 01:00.
            (America::Sao_Paulo, "2018-11-04", "2018-11-04T03:00:00Z"),
            // Turned back from midnight to 23:00, so midnight comes an hour later.
            (America::Sao_Paulo, "2018-02-18", "2018-02-18T03:00:00Z"),
            // Two midnights, as 01:00 becomes 00:00: the first.
            (America::Havana, "2024-11-03", "2024-11-03T04:00:00Z"),
            // Turned back from 00:01 to 23:01: the day starts, stops and starts again.
            (America::St_Johns, "2010-11-07", "2010-11-07T02:30:00Z"),
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
        let overlap = |at| {
            weekly_overlap_minutes(Europe::Berlin, &evenings, America::New_York, &noons, utc(at))
        };
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
        fn nothing_before_the_start_of_a_day_belongs_to_it(
            (zone, near) in near_change(),
            earlier in 1..4 * DAY,
        ) {
            let date = near.date_naive();
            let start = start_of_day(zone, date);
            prop_assert!(civil_date(zone, start) >= date);
            for earlier in [1, MINUTE, earlier] {
                let before = start - TimeDelta::microseconds(earlier);
                prop_assert!(civil_date(zone, before) < date);
            }
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
}
