//! What was decided on a case, and how the one whom it concerns is told.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Party;
use crate::{
    base::{
        host::PersonId,
        id::CaseId,
        input::{InputError, Problem},
        text::{Note, Title},
        time::Timestamp,
    },
    model::code::coded,
};

coded! {
    /// What came of a case. This much the reporter is told (D16).
    pub enum Outcome {
        /// Something was done.
        Actioned = "actioned",
        /// Nothing was done.
        NoAction = "no_action",
        /// There was nothing to it. The reporter is told `no_action`.
        Unfounded = "unfounded",
        /// It is the same as another case.
        Duplicate = "duplicate",
    }
}

/// What a decision does to its subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A word, and nothing else.
    Warn,
    /// End the pair that the case is about.
    EndPair,
    /// Remove what was reported, and what the case holds of what the subject wrote, for good.
    RemoveContent,
    /// Take the subject out of the program, which ends all their pairs there.
    RemoveFromProgram,
    /// The same in every program of the group, none of which they may take part in for a while or for ever.
    BanFromGroup {
        /// Until when; `None` until somebody lifts it.
        until: Option<Timestamp>,
    },
    /// The same in every program of the tenant. Only the platform decides so.
    BanFromTenant {
        /// Until when; `None` until somebody lifts it.
        until: Option<Timestamp>,
    },
    /// The subject may not take part: all that they have ends, in every program of the tenant (D23). Only the
    /// platform decides so.
    Ineligible,
}

impl Measure {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::EndPair => "end_pair",
            Self::RemoveContent => "remove_content",
            Self::RemoveFromProgram => "remove_from_program",
            Self::BanFromGroup { .. } => "ban_from_group",
            Self::BanFromTenant { .. } => "ban_from_tenant",
            Self::Ineligible => "ineligible",
        }
    }

    /// Whether only the platform takes it, since it goes beyond the group.
    #[must_use]
    pub fn is_platforms(self) -> bool {
        match self {
            Self::BanFromTenant { .. } | Self::Ineligible => true,
            Self::Warn
            | Self::EndPair
            | Self::RemoveContent
            | Self::RemoveFromProgram
            | Self::BanFromGroup { .. } => false,
        }
    }

    /// The end that it was given, if it has one.
    #[must_use]
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Self::BanFromGroup { until } | Self::BanFromTenant { until } => until,
            Self::Warn
            | Self::EndPair
            | Self::RemoveContent
            | Self::RemoveFromProgram
            | Self::Ineligible => None,
        }
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

coded! {
    /// What the rule that was broken is part of.
    pub enum Ground {
        /// The law: what was done is held to be illegal.
        Law = "law",
        /// The host's or the group's own terms.
        Terms = "terms",
    }
}

/// The reasons in a statement of reasons (D16): what the one whom a measure concerns is owed. Written by the reviewer,
/// who must leave out whatever tells who reported. The whole statement, and what the law asks of it, is
/// [`Statement`](crate::service::Statement).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reasons {
    /// What the rule is part of.
    pub ground: Ground,
    /// Which rule was broken.
    pub clause: Title,
    /// What happened.
    pub facts: Note,
    /// Why that breaks the rule.
    pub why: Note,
    /// Whether what it is about was found by a machine.
    pub detected: bool,
    /// Whether a machine decided. Never on an appeal.
    pub automated: bool,
    /// What can be done against it.
    pub redress: Note,
}

/// What a reviewer decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// What came of it; [`Outcome::Duplicate`] is no verdict but a finding of its own.
    pub outcome: Outcome,
    /// What is done. Something if the outcome is [`Outcome::Actioned`], nothing otherwise.
    pub measures: Vec<Measure>,
    /// Why.
    pub reasons: Reasons,
}

impl Verdict {
    /// The verdict, if its parts go together.
    ///
    /// # Errors
    /// [`InputError`] for measures without action or action without measures, for the same measure twice,
    /// and for a duplicate.
    pub fn checked(self) -> Result<Self, InputError> {
        let conflict = |rule| Err(InputError::new("verdict", Problem::Conflict { rule }));
        each_once(&self.measures)?;
        match (self.outcome, self.measures.is_empty()) {
            (Outcome::Actioned, false) | (Outcome::NoAction | Outcome::Unfounded, true) => Ok(self),
            (Outcome::Actioned, true) => conflict("an action needs a measure"),
            (Outcome::NoAction | Outcome::Unfounded, false) => {
                conflict("no measure without action")
            }
            (Outcome::Duplicate, _) => conflict("a duplicate is found, not decided"),
        }
    }
}

/// Each measure is taken once by one decision, whichever its end is: of two ends of a ban nobody could say which one
/// counts.
fn each_once(measures: &[Measure]) -> Result<(), InputError> {
    let twice =
        |it: &Measure| measures.iter().filter(|other| other.code() == it.code()).count() > 1;
    if measures.iter().any(twice) {
        return Err(InputError::new("measures", Problem::Duplicate { what: "measure" }));
    }
    Ok(())
}

/// A decision as it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What came of it.
    pub outcome: Outcome,
    /// What was done.
    pub measures: Vec<Measure>,
    /// Why; nothing for a duplicate, and once the case was kept long enough.
    pub reasons: Option<Reasons>,
    /// The case that this one is the same as.
    pub duplicate_of: Option<CaseId>,
    /// Who decided.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}

/// That one of the two does not agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Appeal {
    /// Which of the two.
    pub by: Party,
    /// When.
    pub at: Timestamp,
}

coded! {
    /// What came of an appeal.
    pub enum Ruling {
        /// The decision stands.
        Upheld = "upheld",
        /// Another decision takes its place.
        Changed = "changed",
        /// The decision should not have been taken. What has ended by it stays ended; who was taken out
        /// may apply anew, and a ban is taken back.
        Reversed = "reversed",
    }
}

impl Ruling {
    /// Whether these measures and reasons go with it, as [`Verdict::checked`] says it of a first decision.
    ///
    /// # Errors
    /// [`InputError`] for the same measure twice, for a change without measures, for measures without a change, and
    /// for a machine that decides: on an appeal another human does (D16).
    pub fn takes(self, measures: &[Measure], reasons: &Reasons) -> Result<(), InputError> {
        each_once(measures)?;
        if reasons.automated {
            let rule = "a human decides on an appeal";
            return Err(InputError::new("automated", Problem::Conflict { rule }));
        }
        if (self == Self::Changed) == measures.is_empty() {
            let rule = "measures come with a change, and a change with measures";
            return Err(InputError::new("measures", Problem::Conflict { rule }));
        }
        Ok(())
    }
}

/// An appeal as it was decided, by somebody else than whoever decided first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppealDecision {
    /// What came of it.
    pub ruling: Ruling,
    /// What was done besides: only if the decision was changed.
    pub measures: Vec<Measure>,
    /// Why; nothing once the case was kept long enough.
    pub reasons: Option<Reasons>,
    /// Who decided.
    pub by: PersonId,
    /// When.
    pub at: Timestamp,
}
