//! By when a case has to be looked at and decided.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::Priority;
use crate::base::{
    input::{InputError, Problem, in_range},
    time::Timestamp,
};

/// Hours from when a case comes to those who review it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseHours {
    /// Until somebody has to have looked at it, 1 to 720; at most `decide`.
    pub triage: u16,
    /// Until it has to be decided, 1 to 2,160.
    pub decide: u16,
}

/// The hours of each priority. What is more urgent is never due later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CaseDeadlines {
    /// Default 1 and 24.
    pub p0: CaseHours,
    /// Default 24 and 72.
    pub p1: CaseHours,
    /// Default 48 and 168.
    pub p2: CaseHours,
    /// Default 168 and 336.
    pub p3: CaseHours,
}

impl Default for CaseDeadlines {
    fn default() -> Self {
        Self {
            p0: CaseHours { triage: 1, decide: 24 },
            p1: CaseHours { triage: 24, decide: 72 },
            p2: CaseHours { triage: 48, decide: 168 },
            p3: CaseHours { triage: 168, decide: 336 },
        }
    }
}

impl CaseDeadlines {
    /// Those of a priority.
    #[must_use]
    pub fn of(&self, priority: Priority) -> CaseHours {
        match priority {
            Priority::P0 => self.p0,
            Priority::P1 => self.p1,
            Priority::P2 => self.p2,
            Priority::P3 => self.p3,
        }
    }

    /// The two deadlines of a case of this priority that came at `from`: triage and decision.
    #[must_use]
    pub fn after(&self, priority: Priority, from: Timestamp) -> (Timestamp, Timestamp) {
        let CaseHours { triage, decide } = self.of(priority);
        let after = |hours: u16| {
            let by = from.checked_add_signed(TimeDelta::hours(hours.into()));
            by.unwrap_or(Timestamp::MAX_UTC)
        };
        (after(triage), after(decide))
    }

    /// The hours, if each is within its range and they fit together.
    ///
    /// # Errors
    /// [`InputError`] naming the hours and their range.
    pub fn checked(self) -> Result<Self, InputError> {
        let Self { p0, p1, p2, p3 } = self;
        for (triage, decide, hours) in [
            ("case_hours.p0.triage", "case_hours.p0.decide", p0),
            ("case_hours.p1.triage", "case_hours.p1.decide", p1),
            ("case_hours.p2.triage", "case_hours.p2.decide", p2),
            ("case_hours.p3.triage", "case_hours.p3.decide", p3),
        ] {
            in_range(triage, hours.triage, 1, 720)?;
            in_range(decide, hours.decide, 1, 2_160)?;
            if hours.triage > hours.decide {
                let rule = "a case is looked at before it has to be decided";
                return Err(InputError::new(triage, Problem::Conflict { rule }));
            }
        }
        for (one, other) in [(p0, p1), (p1, p2), (p2, p3)] {
            if one.triage > other.triage || one.decide > other.decide {
                let rule = "what is more urgent is never due later";
                return Err(InputError::new("case_hours", Problem::Conflict { rule }));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_have_ranges_and_an_order() {
        let default = CaseDeadlines::default();
        assert_eq!(default.checked(), Ok(default));
        let hours = |triage, decide| CaseHours { triage, decide };
        for (broken, field) in [
            (CaseDeadlines { p0: hours(0, 24), ..default }, "case_hours.p0.triage"),
            (CaseDeadlines { p3: hours(721, 2_000), ..default }, "case_hours.p3.triage"),
            (CaseDeadlines { p3: hours(168, 2_161), ..default }, "case_hours.p3.decide"),
            (CaseDeadlines { p1: hours(24, 23), ..default }, "case_hours.p1.triage"),
            (CaseDeadlines { p1: hours(49, 72), ..default }, "case_hours"),
            (CaseDeadlines { p2: hours(48, 400), ..default }, "case_hours"),
        ] {
            assert_eq!(broken.checked().unwrap_err().field(), field);
        }
        let equal = hours(1, 1);
        let all = CaseDeadlines { p0: equal, p1: equal, p2: equal, p3: hours(720, 2_160) };
        assert_eq!(all.checked(), Ok(all));
    }
}
