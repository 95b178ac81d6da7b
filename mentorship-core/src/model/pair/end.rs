//! How pairs end, and what each side is told.

use serde::{Deserialize, Serialize};

use crate::{
    base::text::Note,
    model::{
        code::coded,
        enrollment::Role,
        visible::{self, Viewer, What, When},
    },
};

coded! {
    /// Why a pair ended before its guide was done.
    pub enum EndKind {
        /// What they wanted is reached; counts as success.
        GoalsMetEarly = "goals_met_early",
        /// The two do not fit.
        NotAFit = "not_a_fit",
        /// No time.
        NoTime = "no_time",
        /// The other does not answer.
        Unresponsive = "unresponsive",
        /// No common time.
        Schedule = "schedule",
        /// No common language after all.
        Language = "language",
        /// A personal reason.
        Personal = "personal",
        /// One left the program.
        LeftProgram = "left_program",
        /// Something else; the text is private unless its author shares it.
        Other = "other",
        /// Never had a first action.
        NeverStarted = "never_started",
        /// Nothing happened for too long.
        Dormant = "dormant",
        /// One left the group.
        LeftGroup = "left_group",
        /// The program is over.
        ProgramClosed = "program_closed",
        /// One blocked the other.
        Blocked = "blocked",
        /// A reviewer's decision.
        SafetyDecision = "safety_decision",
        /// One may not take part.
        Ineligible = "ineligible",
        /// An account is gone.
        AccountGone = "account_gone",
    }
}

/// What a participant may give as the reason for an end.
pub const REASONS_OF_A_PARTICIPANT: &[EndKind] = &[
    EndKind::GoalsMetEarly,
    EndKind::NotAFit,
    EndKind::NoTime,
    EndKind::Unresponsive,
    EndKind::Schedule,
    EndKind::Language,
    EndKind::Personal,
    EndKind::Other,
];

impl EndKind {
    /// Whether the partner is shown this reason, and the words beside it, if its author shared them or not.
    #[must_use]
    pub fn is_shown(self, shared: bool) -> bool {
        shared && !self.is_neutral()
    }

    /// Whether the partner is shown only that the mentorship has ended, whatever the author wishes.
    /// An end by a block can so not be told from any other of these.
    #[must_use]
    pub fn is_neutral(self) -> bool {
        match self {
            Self::LeftGroup
            | Self::ProgramClosed
            | Self::Blocked
            | Self::SafetyDecision
            | Self::Ineligible
            | Self::AccountGone => true,
            Self::GoalsMetEarly
            | Self::NotAFit
            | Self::NoTime
            | Self::Unresponsive
            | Self::Schedule
            | Self::Language
            | Self::Personal
            | Self::LeftProgram
            | Self::Other
            | Self::NeverStarted
            | Self::Dormant => false,
        }
    }
}

/// Who ended a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "by", content = "side", rename_all = "snake_case")]
pub enum EndedBy {
    /// One of the two.
    Side(Role),
    /// The group admin.
    Admin,
    /// The platform.
    Platform,
    /// Time, by a policy of the program.
    Clock,
}

/// How a pair ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairEnd {
    /// Why. Private: see [`PairEnd::shown_to_partner`].
    pub kind: EndKind,
    /// Whether the author lets the partner and the admin see the kind and the note.
    pub shared: bool,
    /// The author's own words; who else reads them says [`PairEnd::note_shown_to_partner`].
    pub note: Option<Note>,
    /// Who.
    pub by: EndedBy,
}

impl PairEnd {
    fn shows(&self, what: What, viewer: Viewer) -> bool {
        let shared = self.kind.is_shown(self.shared);
        visible::shows(what, viewer, When { shared, ..When::default() })
    }

    /// The reason that a viewer is shown, for whom `None` reads "the mentorship has ended".
    #[must_use]
    pub fn reason_shown_to(&self, viewer: Viewer) -> Option<EndKind> {
        self.shows(What::EndReason, viewer).then_some(self.kind)
    }

    /// The author's words that a viewer is shown.
    #[must_use]
    pub fn note_shown_to(&self, viewer: Viewer) -> Option<&Note> {
        self.note.as_ref().filter(|_| self.shows(What::EndNote, viewer))
    }

    /// The reason that the other side is shown: the kind if its author shared it and it is not of the
    /// neutral ones.
    #[must_use]
    pub fn shown_to_partner(&self) -> Option<EndKind> {
        self.reason_shown_to(Viewer::Partner)
    }

    /// The reason that the admins of the program are shown: what one of them gave, and otherwise what the other
    /// side is shown.
    #[must_use]
    pub fn shown_to_admin(&self) -> Option<EndKind> {
        match self.by {
            EndedBy::Admin => self.reason_shown_to(Viewer::Owner),
            EndedBy::Side(_) | EndedBy::Platform | EndedBy::Clock => {
                self.reason_shown_to(Viewer::Admin)
            }
        }
    }

    /// The author's words that the other side is shown: those beside a reason that is shown.
    #[must_use]
    pub fn note_shown_to_partner(&self) -> Option<&Note> {
        self.note_shown_to(Viewer::Partner)
    }
}
