//! When time alone changes a pair, and when people are reminded.

use chrono::TimeDelta;

use crate::{
    base::time::{Timestamp, plus_days},
    model::{
        guide::{StepInstance, StepState},
        pair::{Pair, PairState},
        person::Person,
        program::Program,
    },
};

/// Days without any action after which an introduced pair is reminded.
const REMIND_INTRODUCED_DAYS: u32 = 3;
/// Days without any action after which an active pair is reminded.
const REMIND_ACTIVE_DAYS: u32 = 7;

/// The first instant from `at` on at which neither is in quiet hours. Where the two have no common
/// waking hour, the first at which one of them is awake; the other is left out.
#[must_use]
pub fn both_awake(program: &Program, mentor: &Person, mentee: &Person, at: Timestamp) -> Timestamp {
    let quiet = program.policy.quiet_hours;
    let zone = |person: &Person| person.zone.unwrap_or(program.zone);
    let mut from = at;
    for _ in 0..8 {
        let first = quiet.next_allowed(zone(mentor), from);
        let both = quiet.next_allowed(zone(mentee), first);
        if both == first {
            return both;
        }
        from = both;
    }
    quiet.next_allowed(zone(mentor), at).min(quiet.next_allowed(zone(mentee), at))
}

/// When the two are reminded next, if nothing happens before; `None` if the program sends none.
#[must_use]
pub fn reminder_at(
    pair: &Pair,
    program: &Program,
    mentor: &Person,
    mentee: &Person,
) -> Option<Timestamp> {
    let days = match &pair.state {
        PairState::Introduced { .. } => REMIND_INTRODUCED_DAYS,
        PairState::Active { .. } => REMIND_ACTIVE_DAYS,
        PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => return None,
    };
    if program.policy.reminders_per_week == 0 {
        return None;
    }
    let last = pair.reminded_at.map_or(pair.last_activity_at, |at| at.max(pair.last_activity_at));
    Some(both_awake(program, mentor, mentee, plus_days(last, days)))
}

/// When an idle pair ends by the program's policy.
#[must_use]
pub fn idle_end_at(pair: &Pair, program: &Program) -> Option<Timestamp> {
    let policy = &program.policy;
    match &pair.state {
        PairState::Introduced { .. } => {
            Some(plus_days(pair.last_activity_at, policy.never_started_days.into()))
        }
        PairState::Active { .. } => {
            Some(plus_days(pair.last_activity_at, policy.dormant_days.into()))
        }
        PairState::Paused { since, .. } => Some(plus_days(*since, policy.max_pause_days.into())),
        PairState::Frozen { .. } | PairState::Completed { .. } | PairState::Ended { .. } => None,
    }
}

/// Until when what the two wrote is kept after their pair (D21): as long as the program keeps it, and never
/// shorter than somebody may still read it. `None` while the pair lives, and once it is gone.
#[must_use]
pub fn content_until(pair: &Pair, program: &Program) -> Option<Timestamp> {
    let days = program.policy.content_days.max(program.policy.read_days);
    let over = pair.state.over_at().filter(|_| pair.cleared_at.is_none())?;
    Some(plus_days(over, days.into()))
}

/// The next instant at which time alone changes the pair, reminders apart.
#[must_use]
pub fn pair_changes_at(
    pair: &Pair,
    steps: &[StepInstance],
    program: &Program,
) -> Option<Timestamp> {
    let resumes = match &pair.state {
        PairState::Paused { until, .. } => *until,
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => None,
    };
    let unlocks = match &pair.state {
        PairState::Introduced { .. } | PairState::Active { .. } => steps
            .iter()
            .filter_map(|step| match &step.state {
                StepState::Locked { unlocks_at } => *unlocks_at,
                StepState::Open { .. } | StepState::Done { .. } | StepState::Skipped { .. } => None,
            })
            .min(),
        PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. }
        | PairState::Ended { .. } => None,
    };
    [resumes, unlocks, idle_end_at(pair, program), content_until(pair, program)]
        .into_iter()
        .flatten()
        .min()
}

/// The next instant at which time alone changes the pair or reminds the two.
#[must_use]
pub fn pair_due_at(
    pair: &Pair,
    steps: &[StepInstance],
    program: &Program,
    mentor: &Person,
    mentee: &Person,
) -> Option<Timestamp> {
    let changes = pair_changes_at(pair, steps, program);
    changes.into_iter().chain(reminder_at(pair, program, mentor, mentee)).min()
}

/// Whether `person` may be reminded at `now`: not more often than the program allows in seven days, by
/// all programs together.
#[must_use]
pub fn may_remind(person: &Person, program: &Program, now: Timestamp) -> bool {
    let week_ago = now.checked_sub_signed(TimeDelta::days(7)).unwrap_or(now);
    let recent = person.reminded.iter().filter(|at| **at > week_ago).count();
    let quiet = program.policy.quiet_hours.contains(person.zone.unwrap_or(program.zone), now);
    !person.reminders_off && !quiet && recent < usize::from(program.policy.reminders_per_week)
}
