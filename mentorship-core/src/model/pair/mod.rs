//! A pair: a mentor and a mentee who go through a program together.

pub mod end;
pub mod state;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    end::{EndKind, EndedBy, PairEnd},
    state::{PairAct, PairState},
};
use super::{
    enrollment::Role,
    holder::Withheld,
    program::{Oversight, Program},
};
use crate::base::{
    host::PersonId,
    id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
    people::PersonPair,
    text::Note,
    time::Timestamp,
    version::Version,
};

/// One of the two in a pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Participant {
    /// The enrolment that this pair takes a place of.
    pub enrollment: EnrollmentId,
    /// The person.
    pub person: PersonId,
    /// What the person said to introduce themselves.
    pub introduction: Option<Note>,
    /// Whether that is shown to themselves alone, while a case or the host looks at it.
    pub withheld: Option<Withheld>,
}

impl Participant {
    /// Takes out what they said to introduce themselves; nothing is left to be held.
    pub fn silence(&mut self) {
        (self.introduction, self.withheld) = (None, None);
    }
}

/// A time in which the pair stood still; its steps move by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseSpan {
    /// From.
    pub from: Timestamp,
    /// To.
    pub to: Timestamp,
}

/// A mentor and a mentee who go through a program together.
///
/// Its version also covers its steps, posts and check-ins: whoever writes one of those writes the pair.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    /// Our id.
    pub id: PairId,
    /// The program.
    pub program: ProgramId,
    /// The mentor.
    pub mentor: Participant,
    /// The mentee.
    pub mentee: Participant,
    /// The proposal it came from.
    pub proposal: ProposalId,
    /// Where it stands.
    pub state: PairState,
    /// Whether the note of whoever ended it is shown to themselves alone, while a case or the host looks at it. Beside
    /// the state, which stays as it ended.
    pub note_withheld: Option<Withheld>,
    /// The guide version it follows to its end.
    pub guide_version: u32,
    /// The widest oversight that the two consented to (D33); what holds is
    /// [`oversight_in`](Self::oversight_in) the program.
    pub oversight: Oversight,
    /// When it began.
    pub started_at: Timestamp,
    /// When both were last found to be adults: at the start, and when an age was corrected or a freeze
    /// ended.
    pub adults_at: Timestamp,
    /// Pauses and freezes that are over, oldest first, the last 100.
    pub pauses: Vec<PauseSpan>,
    /// The pair that these two had before, if any.
    pub previous_pair: Option<PairId>,
    /// Number of the last post; posts of a pair are numbered from 1 without gaps.
    pub last_seq: u64,
    /// When either last did something.
    pub last_activity_at: Timestamp,
    /// When the two were last reminded.
    pub reminded_at: Option<Timestamp>,
    /// The next instant at which time alone changes the pair; `None` once what the two wrote is gone.
    pub due_at: Option<Timestamp>,
    /// When what the two wrote was taken out, after it was kept long enough (D21).
    pub cleared_at: Option<Timestamp>,
    /// The cases about it that are not over. While there is one, a post that is edited or removed keeps its earlier
    /// text ([`Post::held`](super::journal::Post::held)). Shown to nobody.
    #[serde(default)]
    pub kept_for: BTreeSet<CaseId>,
    /// How often the record was written.
    pub version: Version,
}

impl Pair {
    /// The role in which `person` is one of the two.
    #[must_use]
    pub fn side_of(&self, person: &PersonId) -> Option<Role> {
        if *person == self.mentor.person {
            Some(Role::Mentor)
        } else if *person == self.mentee.person {
            Some(Role::Mentee)
        } else {
            None
        }
    }

    /// The participant on this side.
    #[must_use]
    pub fn participant(&self, side: Role) -> &Participant {
        match side {
            Role::Mentor => &self.mentor,
            Role::Mentee => &self.mentee,
        }
    }

    /// The same, to change it.
    pub fn participant_mut(&mut self, side: Role) -> &mut Participant {
        match side {
            Role::Mentor => &mut self.mentor,
            Role::Mentee => &mut self.mentee,
        }
    }

    /// Takes out what this record holds of the words of one side.
    pub fn silence(&mut self, side: Role) {
        self.participant_mut(side).silence();
        if let PairState::Ended { end, .. } = &self.state
            && end.by == EndedBy::Side(side)
        {
            self.silence_end();
        }
    }

    /// Takes out the words of whoever ended it; nothing is left to be held. The end itself stays as it is (I5).
    pub fn silence_end(&mut self) {
        self.state = self.state.without_words();
        self.note_withheld = None;
    }

    /// The end of the pair, if this side ended it.
    #[must_use]
    pub fn ended_by(&self, side: Role) -> Option<&PairEnd> {
        match &self.state {
            PairState::Ended { end, .. } => Some(end).filter(|it| it.by == EndedBy::Side(side)),
            PairState::Introduced { .. }
            | PairState::Active { .. }
            | PairState::Paused { .. }
            | PairState::Frozen { .. }
            | PairState::Completed { .. } => None,
        }
    }

    /// The note with which this side ended the pair, as the other side is shown it.
    #[must_use]
    pub fn note_of(&self, side: Role) -> Option<&Note> {
        self.note_to_partner(side).filter(|_| self.note_withheld.is_none())
    }

    /// The same, also while it is withheld: the other side may have read it before, and may report it.
    #[must_use]
    pub fn note_to_partner(&self, side: Role) -> Option<&Note> {
        self.ended_by(side)?.note_shown_to_partner()
    }

    /// Who besides the two may read what they write now: the narrower of what the two consented to and
    /// what the program says today. A program may tighten without asking, never widen (D33).
    #[must_use]
    pub fn oversight_in(&self, program: &Program) -> Oversight {
        self.oversight.min(program.policy.oversight)
    }

    /// Whether a case about it is not over, for which earlier texts of its posts are kept (D19).
    #[must_use]
    pub fn keeps_texts(&self) -> bool {
        !self.kept_for.is_empty()
    }

    /// The two people in key order; `None` only for a record that breaks I4.
    #[must_use]
    pub fn people(&self) -> Option<PersonPair> {
        PersonPair::new(self.mentor.person.clone(), self.mentee.person.clone())
    }
}
