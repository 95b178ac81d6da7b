//! How far one comparison holds between two people, as an exact fraction.

use std::collections::BTreeSet;

use crate::{
    base::{
        text::Slug,
        time::Timestamp,
        zone::{WeeklySlot, weekly_overlap_minutes, zone_gap_minutes},
    },
    model::{
        answer::{Answer, Availability},
        rule::Comparison,
    },
};

/// How far a comparison holds: `earned` of `most`, and whether that is enough for a required rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) earned: u64,
    pub(super) most: u64,
    pub(super) enough: bool,
}

impl Measure {
    pub(super) fn all_or_nothing(holds: bool) -> Self {
        Self { earned: holds.into(), most: 1, enough: holds }
    }
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

pub(super) fn chosen(answer: &Answer) -> Option<BTreeSet<&Slug>> {
    match answer {
        Answer::Single(one) => Some(BTreeSet::from([one])),
        Answer::Multi(some) | Answer::Languages(some) => Some(some.iter().collect()),
        Answer::Rank(order) => Some(order.iter().collect()),
        Answer::Integer(_) | Answer::Text(_) | Answer::Availability(_) | Answer::Zone(_) => None,
    }
}

pub(super) fn number(answer: &Answer) -> Option<i64> {
    match answer {
        Answer::Integer(number) => Some(*number),
        _ => None,
    }
}

fn minutes(mentor: &Availability, mentee: &Availability, at: Timestamp) -> u64 {
    let slots = |times: &Availability| times.slots.iter().copied().collect::<Vec<WeeklySlot>>();
    weekly_overlap_minutes(mentor.zone, &slots(mentor), mentee.zone, &slots(mentee), at).into()
}

/// The zone of an answer that has one: a zone, or the zone of weekly times.
pub(super) fn zone(answer: &Answer) -> Option<chrono_tz::Tz> {
    match answer {
        Answer::Zone(zone) => Some(*zone),
        Answer::Availability(times) => Some(times.zone),
        _ => None,
    }
}

/// Measures one comparison. `None` if an answer is of another kind than the comparison needs, which
/// counts as missing.
pub(super) fn measure(
    comparison: &Comparison,
    mentor: &Answer,
    mentee: &Answer,
    at: Timestamp,
) -> Option<Measure> {
    Some(match comparison {
        Comparison::Shared { at_least, .. } => {
            let (offered, wanted) = (chosen(mentor)?, chosen(mentee)?);
            let common = count(offered.intersection(&wanted).count());
            let most = count(wanted.len()).max(1);
            Measure { earned: common, most, enough: common >= (*at_least).into() }
        }
        Comparison::Apart { .. } => {
            let (one, other) = (chosen(mentor)?, chosen(mentee)?);
            Measure::all_or_nothing(one.is_disjoint(&other))
        }
        Comparison::Ranked { .. } => {
            let offered = chosen(mentor)?;
            let Answer::Rank(order) = mentee else { return None };
            // Of n wishes the first counts n, the last 1; what is earned are those that are met.
            let n = count(order.len());
            let met = order.iter().zip(0_u64..).filter(|(wish, _)| offered.contains(wish));
            let earned: u64 = met.map(|(_, place)| n - place).sum();
            Measure { earned, most: (n * (n + 1) / 2).max(1), enough: earned > 0 }
        }
        Comparison::NumericGap { max_gap, .. } => {
            let gap = number(mentor)?.abs_diff(number(mentee)?);
            let most = u64::from(*max_gap) + 1;
            Measure { earned: most.saturating_sub(gap), most, enough: gap < most }
        }
        Comparison::Above { min_above, max_above, .. } => {
            let above = number(mentor)?.checked_sub(number(mentee)?)?;
            let range = i64::from(*min_above)..=i64::from(*max_above);
            Measure::all_or_nothing(range.contains(&above))
        }
        Comparison::CommonTime { minutes: wanted, .. } => {
            let (Answer::Availability(one), Answer::Availability(other)) = (mentor, mentee) else {
                return None;
            };
            let (common, most) = (minutes(one, other, at), u64::from((*wanted).max(1)));
            Measure { earned: common.min(most), most, enough: common >= most }
        }
        Comparison::ZoneGap { max_minutes, .. } => {
            let gap = u64::from(zone_gap_minutes(zone(mentor)?, zone(mentee)?, at));
            let most = u64::from(*max_minutes) + 1;
            Measure { earned: most.saturating_sub(gap), most, enough: gap < most }
        }
    })
}
