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

/// When the civil date `date` starts in `zone`.
///
/// This is midnight, the later one if there are two, as everywhere here (D35). If a change of offset
/// skips midnight, it is the first instant of the date after the change; if it skips the whole date
/// (Samoa had no 2011-12-30), it is the first instant of the date that follows.
///
/// No instant from here on belongs to the date before. Earlier ones can belong to `date`: clocks that
/// are turned back over midnight, as in Havana every autumn, show the first hour twice.
#[must_use]
pub fn start_of_day(zone: Tz, date: NaiveDate) -> DateTime<Utc> {
    let midnight = date.and_time(NaiveTime::MIN).and_utc().timestamp();
    let (before, after) = offsets_around(zone, midnight);
    let (with_before, with_after) = (midnight - before, midnight - after);
    // Of two midnights each has its own offset, and that from after the change is the later.
    let start = if offset_at(zone, with_after) == after {
        with_after
    } else if offset_at(zone, with_before) == before {
        with_before
    } else {
        // Neither offset leads to an instant that has it: the change skips midnight.
        let change = next_offset_change(zone, midnight - DAY_SECONDS, midnight + DAY_SECONDS);
        change.map_or(with_after, |change| with_after.max(change))
    };
    from_micros(start * SECOND)
}

/// The start of the civil date that is `days` calendar days after the date of `from` in `zone`.
///
/// The result is a [`start_of_day`], whatever time of day `from` is; with `days` 0 it is the start
/// of the day of `from` and therefore hardly ever after `from`. Days are counted on the calendar, so
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
    offset_gap_minutes(zone_offset_seconds(a, at), zone_offset_seconds(b, at))
}

/// Seconds that civil time in `zone` is ahead of UTC at the instant `at`; less than a day either way.
///
/// To compare many people, take this once for each person; see [`offset_gap_minutes`].
#[must_use]
pub fn zone_offset_seconds(zone: Tz, at: DateTime<Utc>) -> i32 {
    i32::try_from(offset_at(zone, to_micros(at).div_euclid(SECOND))).unwrap_or(0)
}

/// [`zone_gap_minutes`] of two zones with these [offsets](zone_offset_seconds), 0 to 720.
#[must_use]
pub fn offset_gap_minutes(a: i32, b: i32) -> u32 {
    let apart = (i64::from(a) - i64::from(b)).rem_euclid(DAY_SECONDS);
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
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
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
mod tests;
