//! Patterns around one person that the platform's staff may want to look at (row 58): how many people block
//! them, have reported them, or left a pair with them soon.
//!
//! Counts only, never who. Nothing follows from a signal by itself (D15): it is for a human who looks.

use serde::{Deserialize, Serialize};

use super::pair::{EndKind, EndedBy, Pair, PairState};
use crate::{
    base::{
        host::PersonId,
        input::{InputError, Problem},
    },
    model::{
        enrollment::Role,
        visible::{self, Viewer, What},
    },
};

/// Days of 24 hours after its start within which the end of a pair is a quick one.
pub const QUICK_END_DAYS: u16 = 14;

/// Most days that a window of signals may be long: ten years.
pub const WINDOW_DAYS_MAX: u16 = 3_650;

/// What there is around a person within a window.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// The person.
    pub person: PersonId,
    /// How many people block them, by a block that was set within the window and still stands. What an earlier
    /// key of either kept apart says of nobody that they set it, and does not count.
    pub blocks: u32,
    /// How many people have a report about them that was filed within the window and is open.
    pub open_reports: u32,
    /// How many people have one that was decided: not what was found to be without ground or the same as another
    /// case, what an appeal has reversed, what was closed when it was taken back, and what nobody has filed
    /// ([`Case::was_upheld`](super::report::Case::was_upheld)).
    pub decided_reports: u32,
    /// How many people have one of either kind; whoever has both counts once.
    pub reporters: u32,
    /// How many pairs of theirs the other side ended within the window and within [`QUICK_END_DAYS`] after their
    /// start, for a reason that may have to do with them ([`is_quick_end_for`]).
    pub quick_ends: u32,
}

impl Signal {
    /// A person around whom there is nothing.
    #[must_use]
    pub fn new(person: PersonId) -> Self {
        Self { person, blocks: 0, open_reports: 0, decided_reports: 0, reporters: 0, quick_ends: 0 }
    }
}

/// From how many on somebody shows: any one of the three is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignalFloor {
    /// Of people who block them.
    pub blocks: u32,
    /// Of people who have reported them.
    pub reporters: u32,
    /// Of pairs that ended soon.
    pub quick_ends: u32,
}

impl SignalFloor {
    /// Whether a signal shows.
    #[must_use]
    pub fn shows(&self, signal: &Signal) -> bool {
        signal.blocks >= self.blocks
            || signal.reporters >= self.reporters
            || signal.quick_ends >= self.quick_ends
    }

    /// The signal with 0 for each count that is not enough by itself: of a single block or report nobody is to
    /// hear because of something else.
    #[must_use]
    pub fn cut(&self, mut signal: Signal) -> Signal {
        let counted = visible::seen(What::Blocks, Viewer::Staff).is_counted();
        if signal.blocks < self.blocks || !counted {
            signal.blocks = 0;
        }
        if signal.reporters < self.reporters {
            (signal.open_reports, signal.decided_reports, signal.reporters) = (0, 0, 0);
        }
        if signal.quick_ends < self.quick_ends {
            signal.quick_ends = 0;
        }
        signal
    }
}

/// How far back signals look, and from how many on somebody shows.
///
/// ```
/// use mentorship_core::model::signal::SignalPolicy;
///
/// let policy = SignalPolicy::new().window_days(90)?.blocks(5)?;
/// let refused = SignalPolicy::new().blocks(0).unwrap_err();
/// assert_eq!(refused.to_string(), "`blocks` is 0; it must be from 1 to 1000");
/// # let _ = policy;
/// # Ok::<(), mentorship_core::base::input::InputError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct SignalPolicy {
    window_days: u16,
    floor: SignalFloor,
}

impl Default for SignalPolicy {
    fn default() -> Self {
        let floor = SignalFloor { blocks: 3, reporters: 3, quick_ends: 3 };
        Self { window_days: 180, floor }
    }
}

fn within<T: Copy + Into<i64>>(field: &'static str, given: T, max: i64) -> Result<T, InputError> {
    let number = given.into();
    if (1..=max).contains(&number) {
        return Ok(given);
    }
    Err(InputError::new(field, Problem::OutOfRange { given: number, min: 1, max }))
}

/// Most people or pairs that a host may ask for before somebody shows.
const FLOOR_MAX: i64 = 1_000;

impl SignalPolicy {
    /// 180 days, and three of any kind.
    pub fn new() -> Self {
        Self::default()
    }

    /// Days of 24 hours that signals look back, 1 to [`WINDOW_DAYS_MAX`]; default 180.
    ///
    /// # Errors
    /// [`InputError`] for the field `window_days` with its limits.
    pub fn window_days(mut self, days: u16) -> Result<Self, InputError> {
        self.window_days = within("window_days", days, WINDOW_DAYS_MAX.into())?;
        Ok(self)
    }

    /// From how many people on who block them somebody shows, 1 to 1,000; default 3.
    ///
    /// # Errors
    /// [`InputError`] for the field `blocks` with its limits.
    pub fn blocks(mut self, people: u32) -> Result<Self, InputError> {
        self.floor.blocks = within("blocks", people, FLOOR_MAX)?;
        Ok(self)
    }

    /// From how many people on who have reported them somebody shows, 1 to 1,000; default 3.
    ///
    /// # Errors
    /// [`InputError`] for the field `reporters` with its limits.
    pub fn reporters(mut self, people: u32) -> Result<Self, InputError> {
        self.floor.reporters = within("reporters", people, FLOOR_MAX)?;
        Ok(self)
    }

    /// From how many pairs on that others ended soon somebody shows, 1 to 1,000; default 3.
    ///
    /// # Errors
    /// [`InputError`] for the field `quick_ends` with its limits.
    pub fn quick_ends(mut self, pairs: u32) -> Result<Self, InputError> {
        self.floor.quick_ends = within("quick_ends", pairs, FLOOR_MAX)?;
        Ok(self)
    }

    /// How far back, in days.
    #[must_use]
    pub fn days(&self) -> u16 {
        self.window_days
    }

    /// From how many on.
    #[must_use]
    pub fn floor(&self) -> SignalFloor {
        self.floor
    }
}

impl EndKind {
    /// Whether an end of this kind, by the other side, may have to do with somebody: not where a goal was
    /// reached, or where the other left the program, the group or the platform altogether.
    #[must_use]
    pub fn may_be_about_the_other(self) -> bool {
        match self {
            Self::NotAFit
            | Self::NoTime
            | Self::Unresponsive
            | Self::Schedule
            | Self::Language
            | Self::Personal
            | Self::Other
            | Self::Blocked => true,
            Self::GoalsMetEarly
            | Self::LeftProgram
            | Self::NeverStarted
            | Self::Dormant
            | Self::LeftGroup
            | Self::ProgramClosed
            | Self::SafetyDecision
            | Self::Ineligible
            | Self::AccountGone => false,
        }
    }
}

/// The side of a pair for which its end counts as a quick one: the other side ended it, within
/// [`QUICK_END_DAYS`] after its start, and for a reason that
/// [may have to do with them](EndKind::may_be_about_the_other). `None` for every other pair: what an admin, the
/// platform or time has ended tells nothing of either.
#[must_use]
pub fn is_quick_end_for(pair: &Pair) -> Option<Role> {
    let PairState::Ended { at, end } = &pair.state else { return None };
    let EndedBy::Side(by) = end.by else { return None };
    let soon = *at - pair.started_at <= chrono::TimeDelta::days(QUICK_END_DAYS.into());
    (soon && end.kind.may_be_about_the_other()).then(|| by.opposite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_named() {
        let told = |refused: Result<SignalPolicy, InputError>| refused.unwrap_err().to_string();
        let new = SignalPolicy::new;
        assert_eq!(told(new().window_days(0)), "`window_days` is 0; it must be from 1 to 3650");
        assert_eq!(told(new().reporters(1_001)), "`reporters` is 1001; it must be from 1 to 1000");
        assert_eq!(told(new().quick_ends(0)), "`quick_ends` is 0; it must be from 1 to 1000");
        let policy = new().window_days(3_650).unwrap().blocks(1).unwrap();
        assert_eq!((policy.days(), policy.floor().blocks, policy.floor().reporters), (3_650, 1, 3));
    }

    #[test]
    fn any_one_count_is_enough_to_show() {
        let floor = SignalPolicy::new().floor();
        let mut signal = Signal::new(PersonId::from(1_i64));
        (signal.blocks, signal.reporters, signal.quick_ends) = (2, 2, 2);
        assert!(!floor.shows(&signal));
        for (blocks, reporters, quick_ends) in [(3, 0, 0), (0, 3, 0), (0, 0, 3)] {
            (signal.blocks, signal.reporters, signal.quick_ends) = (blocks, reporters, quick_ends);
            assert!(floor.shows(&signal));
        }
        (signal.open_reports, signal.decided_reports) = (2, 2);
        let mut cut = Signal::new(signal.person.clone());
        cut.quick_ends = 3;
        assert_eq!(floor.cut(signal), cut);
    }
}
