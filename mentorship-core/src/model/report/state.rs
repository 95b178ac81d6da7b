//! The life of a case.

use serde::{Deserialize, Serialize};

use super::Party;
use crate::{
    base::{host::PersonId, text::Note, time::Timestamp},
    model::code::TransitionError,
};

/// Where a case stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has looked at it yet.
    Submitted {
        /// Since when.
        since: Timestamp,
    },
    /// Somebody has looked at it; nobody works it.
    Triaged {
        /// Since when.
        since: Timestamp,
    },
    /// A reviewer works it.
    InReview {
        /// Since when.
        since: Timestamp,
        /// Who.
        assignee: PersonId,
    },
    /// The reviewer has asked the reporter something.
    WaitingInfo {
        /// Since when.
        since: Timestamp,
        /// Who asks.
        assignee: PersonId,
        /// What.
        question: Note,
    },
    /// Decided; both sides may appeal.
    Decided {
        /// When.
        at: Timestamp,
        /// Until when an appeal is possible.
        appeal_until: Timestamp,
    },
    /// One of the two does not agree.
    Appealed {
        /// Since when.
        since: Timestamp,
        /// Which of the two.
        by: Party,
    },
    /// Another reviewer has decided on the appeal.
    AppealDecided {
        /// When.
        at: Timestamp,
    },
    /// Over. Terminal.
    Closed {
        /// When.
        at: Timestamp,
    },
}

/// What can be asked of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaseAct {
    /// Set what it is about and how urgent it is.
    Triage,
    /// Take it.
    Assign {
        /// Who.
        to: PersonId,
    },
    /// Hand it to the platform.
    Escalate,
    /// Ask the reporter.
    Ask {
        /// What.
        question: Note,
    },
    /// The reporter answers.
    Answer,
    /// The reporter answers, and whoever asked may not work it any more.
    AnswerNobody,
    /// Find that it is the same as another one.
    Merge {
        /// Until when an appeal is possible.
        appeal_until: Timestamp,
    },
    /// Decide.
    Decide {
        /// Until when an appeal is possible.
        appeal_until: Timestamp,
    },
    /// Do not agree.
    Appeal {
        /// Which of the two.
        by: Party,
    },
    /// Decide on the appeal.
    Rule,
    /// The reporter takes it back.
    Withdraw,
    /// Be over.
    Close,
}

impl CaseAct {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Triage => "triage",
            Self::Assign { .. } => "assign",
            Self::Escalate => "escalate",
            Self::Ask { .. } => "ask",
            Self::Answer => "answer",
            Self::AnswerNobody => "answer_nobody",
            Self::Merge { .. } => "merge",
            Self::Decide { .. } => "decide",
            Self::Appeal { .. } => "appeal",
            Self::Rule => "rule",
            Self::Withdraw => "withdraw",
            Self::Close => "close",
        }
    }
}

impl CaseState {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Submitted { .. } => "submitted",
            Self::Triaged { .. } => "triaged",
            Self::InReview { .. } => "in_review",
            Self::WaitingInfo { .. } => "waiting_info",
            Self::Decided { .. } => "decided",
            Self::Appealed { .. } => "appealed",
            Self::AppealDecided { .. } => "appeal_decided",
            Self::Closed { .. } => "closed",
        }
    }

    /// Whether it waits for its first decision: of these a reporter has at most one per subject and
    /// object.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Submitted { .. }
            | Self::Triaged { .. }
            | Self::InReview { .. }
            | Self::WaitingInfo { .. } => true,
            Self::Decided { .. }
            | Self::Appealed { .. }
            | Self::AppealDecided { .. }
            | Self::Closed { .. } => false,
        }
    }

    /// Whether a reviewer has something to do: what stands in a queue.
    #[must_use]
    pub fn is_queued(&self) -> bool {
        self.is_open() || matches!(self, Self::Appealed { .. })
    }

    /// Whether it is over for good.
    #[must_use]
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// Who works it.
    #[must_use]
    pub fn assignee(&self) -> Option<&PersonId> {
        match self {
            Self::InReview { assignee, .. } | Self::WaitingInfo { assignee, .. } => Some(assignee),
            Self::Submitted { .. }
            | Self::Triaged { .. }
            | Self::Decided { .. }
            | Self::Appealed { .. }
            | Self::AppealDecided { .. }
            | Self::Closed { .. } => None,
        }
    }

    /// The state after `act` at `now`. Whether whoever acts may is the caller's question.
    ///
    /// # Errors
    /// [`TransitionError`] naming this state and the act.
    #[expect(clippy::too_many_lines, reason = "one table")]
    pub fn next(&self, act: CaseAct, now: Timestamp) -> Result<Self, TransitionError> {
        use {CaseAct as A, CaseState as S};
        let refused = TransitionError { record: "case", from: self.code(), act: act.code() };
        Ok(match (self, act) {
            (S::Submitted { .. }, A::Triage)
            // Whoever asked may not read the answer any more.
            | (S::WaitingInfo { .. }, A::AnswerNobody)
            // Whoever worked it for the group does not for the platform.
            | (S::InReview { .. } | S::WaitingInfo { .. }, A::Escalate) => S::Triaged { since: now },
            // What it is about may turn out otherwise while it is worked.
            (S::Triaged { .. } | S::InReview { .. }, A::Triage)
            | (S::Submitted { .. } | S::Triaged { .. } | S::Appealed { .. }, A::Escalate) => {
                self.clone()
            }
            // A reporter who never answers holds nothing up.
            (
                S::Triaged { .. } | S::InReview { .. } | S::WaitingInfo { .. },
                A::Assign { to },
            ) => S::InReview { since: now, assignee: to },
            (S::InReview { assignee, .. }, A::Ask { question }) => {
                S::WaitingInfo { since: now, assignee: assignee.clone(), question }
            }
            (S::WaitingInfo { assignee, .. }, A::Answer) => {
                S::InReview { since: now, assignee: assignee.clone() }
            }
            (S::InReview { .. } | S::WaitingInfo { .. }, A::Decide { appeal_until })
            | (S::Triaged { .. } | S::InReview { .. }, A::Merge { appeal_until }) => {
                S::Decided { at: now, appeal_until }
            }
            (S::Decided { .. }, A::Appeal { by }) => S::Appealed { since: now, by },
            (S::Appealed { .. }, A::Rule) => S::AppealDecided { at: now },
            (
                S::Submitted { .. }
                | S::Triaged { .. }
                | S::InReview { .. }
                | S::WaitingInfo { .. },
                A::Withdraw,
            )
            | (S::Decided { .. } | S::AppealDecided { .. }, A::Close) => S::Closed { at: now },
            (
                S::Submitted { .. },
                A::Assign { .. }
                | A::Ask { .. }
                | A::Answer
                | A::AnswerNobody
                | A::Merge { .. }
                | A::Decide { .. }
                | A::Appeal { .. }
                | A::Rule
                | A::Close,
            )
            | (
                S::Triaged { .. },
                A::Ask { .. } | A::Answer | A::AnswerNobody | A::Decide { .. } | A::Appeal { .. } | A::Rule | A::Close,
            )
            | (S::InReview { .. }, A::Answer | A::AnswerNobody | A::Appeal { .. } | A::Rule | A::Close)
            | (
                S::WaitingInfo { .. },
                A::Triage
                | A::Ask { .. }
                | A::Merge { .. }
                | A::Appeal { .. }
                | A::Rule
                | A::Close,
            )
            | (
                S::Decided { .. },
                A::Triage
                | A::Assign { .. }
                | A::Escalate
                | A::Ask { .. }
                | A::Answer
                | A::AnswerNobody
                | A::Merge { .. }
                | A::Decide { .. }
                | A::Rule
                | A::Withdraw,
            )
            | (
                S::Appealed { .. },
                A::Triage
                | A::Assign { .. }
                | A::Ask { .. }
                | A::Answer
                | A::AnswerNobody
                | A::Merge { .. }
                | A::Decide { .. }
                | A::Appeal { .. }
                | A::Withdraw
                | A::Close,
            )
            | (
                S::AppealDecided { .. },
                A::Triage
                | A::Assign { .. }
                | A::Escalate
                | A::Ask { .. }
                | A::Answer
                | A::AnswerNobody
                | A::Merge { .. }
                | A::Decide { .. }
                | A::Appeal { .. }
                | A::Rule
                | A::Withdraw,
            )
            | (
                S::Closed { .. },
                A::Triage
                | A::Assign { .. }
                | A::Escalate
                | A::Ask { .. }
                | A::Answer
                | A::AnswerNobody
                | A::Merge { .. }
                | A::Decide { .. }
                | A::Appeal { .. }
                | A::Rule
                | A::Withdraw
                | A::Close,
            ) => return Err(refused),
        })
    }
}
