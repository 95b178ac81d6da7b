//! Why a command is refused. A rule said no; nothing is wrong with the machine.

use std::collections::BTreeMap;

use crate::{
    base::{input::InputError, text::Slug, time::Timestamp},
    model::code::TransitionError,
};

/// A rule said no. [`Refusal::code`] is stable: hosts translate it; `Display` is for developers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It does not exist, or it is not for this actor. The two look the same on purpose.
    #[error("not found")]
    NotFound,
    /// The input breaks a limit.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The record's state does not allow it.
    #[error(transparent)]
    State(#[from] TransitionError),
    /// It cannot be done with the other person, for a reason that is not told: block, hold, ban, age,
    /// capacity, pause and a vanished account all answer this.
    #[error("not available")]
    NotAvailable,
    /// An admin asked for a pair that is not possible; why is not told (D5).
    #[error("these two cannot be paired")]
    PairNotAllowed,
    /// The rules of the program do not let this person take part; which one is not told.
    #[error("not eligible")]
    NotEligible,
    /// The person takes part in this role already.
    #[error("already enrolled")]
    AlreadyEnrolled,
    /// Too early after a rejection or a removal, or before a cohort's sign-up opens.
    #[error("applying is possible from {from}")]
    TooEarly {
        /// From when on.
        from: Timestamp,
    },
    /// The program takes no applications, offers or pairs now.
    #[error("the program is not open for this")]
    ProgramNotOpen,
    /// An admin would decide about themselves (D31).
    #[error("conflict of interest")]
    ConflictOfInterest,
    /// The program cannot open yet; the code says what is missing.
    #[error("the program is not ready: {missing}")]
    NotReady {
        /// `guide`, `platform_contact`, `topic`.
        missing: &'static str,
    },
    /// There are enrolments, so that a draft cannot be thrown away.
    #[error("the program has enrolments")]
    HasEnrollments,
    /// There are live pairs, and the admin did not ask to end them (D24).
    #[error("the program has live pairs")]
    HasLivePairs,
    /// The group may not have programs, or not on this topic (D39).
    #[error("the group may not have a program on this topic")]
    TopicNotAllowed,
    /// The pair or the step takes no writing now: paused, frozen or over.
    #[error("no writing here now")]
    NotWritable,
    /// The host's own filter does not let the text be stored.
    #[error("the text is refused by the host's rule `{rule}`")]
    ContentRefused {
        /// Which of its rules, in its own words.
        rule: Slug,
    },
    /// Nobody reports themselves.
    #[error("nobody can report themselves")]
    SelfReport,
    /// There is an open report of the same about the same.
    #[error("the same was reported, and is not decided yet")]
    AlreadyReported,
    /// The platform takes no reports of this urgency from this person now (D15).
    #[error("no reports of this kind from this person now")]
    Muted,
    /// It is too late to report this, or to appeal.
    #[error("possible until {until}")]
    TooLate {
        /// Until when it was possible.
        until: Timestamp,
    },
    /// Somebody else works this case, or nobody does.
    #[error("somebody else works this case")]
    NotAssigned,
    /// An appeal is still possible.
    #[error("an appeal is possible until {until}")]
    AppealOpen {
        /// Until when.
        until: Timestamp,
    },
    /// Nobody blocks themselves.
    #[error("nobody can block themselves")]
    SelfBlock,
    /// Somebody who is being erased has begun to take part again meanwhile.
    #[error("the person takes part in something again")]
    TakesPart,
    /// The key that a person is to have is known in the tenant already.
    #[error("the new key is in use")]
    KeyTaken,
    /// The command id was used for another command before.
    #[error("the command id was used before")]
    CommandReused,
}

impl Refusal {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Input(error) => error.code(),
            Self::State(_) => "state.not_allowed",
            Self::NotAvailable => "not_available",
            Self::PairNotAllowed => "pair.not_allowed",
            Self::NotEligible => "not_eligible",
            Self::AlreadyEnrolled => "enrollment.exists",
            Self::TooEarly { .. } => "enrollment.too_early",
            Self::ProgramNotOpen => "program.not_open",
            Self::ConflictOfInterest => "conflict_of_interest",
            Self::NotReady { .. } => "program.not_ready",
            Self::HasEnrollments => "program.has_enrollments",
            Self::HasLivePairs => "program.has_live_pairs",
            Self::TopicNotAllowed => "program.topic_not_allowed",
            Self::NotWritable => "pair.not_writable",
            Self::ContentRefused { .. } => "content.refused",
            Self::SelfReport => "report.self",
            Self::AlreadyReported => "report.exists",
            Self::Muted => "report.muted",
            Self::TooLate { .. } => "report.too_late",
            Self::NotAssigned => "case.not_assigned",
            Self::AppealOpen { .. } => "case.appeal_open",
            Self::SelfBlock => "block.self",
            Self::TakesPart => "person.takes_part",
            Self::KeyTaken => "person.key_taken",
            Self::CommandReused => "command.reused",
        }
    }

    /// What the host's own words may need: names and numbers, never private text.
    #[must_use]
    pub fn params(&self) -> BTreeMap<&'static str, String> {
        let mut params = BTreeMap::new();
        match self {
            Self::Input(error) => {
                params.insert("field", error.field().to_owned());
                params.insert("problem", error.problem().to_string());
            }
            Self::State(error) => {
                params.insert("record", error.record.to_owned());
                params.insert("from", error.from.to_owned());
                params.insert("act", error.act.to_owned());
            }
            Self::TooEarly { from } => {
                params.insert("from", from.to_rfc3339());
            }
            Self::TooLate { until } | Self::AppealOpen { until } => {
                params.insert("until", until.to_rfc3339());
            }
            Self::NotReady { missing } => {
                params.insert("missing", (*missing).to_owned());
            }
            Self::ContentRefused { rule } => {
                params.insert("rule", rule.as_str().to_owned());
            }
            Self::NotFound
            | Self::NotAvailable
            | Self::PairNotAllowed
            | Self::NotEligible
            | Self::AlreadyEnrolled
            | Self::ProgramNotOpen
            | Self::ConflictOfInterest
            | Self::HasEnrollments
            | Self::HasLivePairs
            | Self::TopicNotAllowed
            | Self::NotWritable
            | Self::SelfReport
            | Self::AlreadyReported
            | Self::Muted
            | Self::NotAssigned
            | Self::SelfBlock
            | Self::TakesPart
            | Self::KeyTaken
            | Self::CommandReused => {}
        }
        params
    }
}

/// A slug of the library's own, whose form a test checks.
pub(crate) fn code(text: &'static str) -> Slug {
    Slug::from_static(text)
}
