//! Reports: what somebody tells reviewers about somebody else, and what becomes of it.

pub mod category;
pub mod deadline;
pub mod decision;
pub mod evidence;
pub mod interim;
pub mod inventory;
pub mod resource;
pub mod state;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

pub use self::{
    category::{CATEGORIES, Priority, Tier, priority_of},
    deadline::{CaseDeadlines, CaseHours},
    decision::{
        Appeal, AppealDecision, Decision, Ground, Measure, Outcome, Reasons, Ruling, Verdict,
    },
    evidence::{Evidence, EvidenceFault, Exhibit, Item, Occasion, Seal, verify},
    interim::{Content, Interim, InterimAsk, InterimMeasure},
    inventory::{Beside, EvidenceInventory, InventoryProof, Sealed},
    resource::{Link, RESOURCES_MAX, Resource, Resources},
    state::{CaseAct, CaseState},
};
use super::{enrollment::Role, journal::CheckInKind};
use crate::base::{
    host::PersonId,
    id::{CaseId, EnrollmentId, PairId, PostId, ProgramId},
    text::Slug,
    time::Timestamp,
    version::Version,
};

/// Months for which an appeal is possible.
pub const APPEAL_MONTHS: u32 = 6;
/// Hours after which whoever works a case is reminded, if nothing was due before.
pub const REMIND_HOURS: u32 = 48;

/// What is reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "target", rename_all = "snake_case")]
pub enum Target {
    /// The person as such.
    Person,
    /// A post or a comment of theirs.
    Post {
        /// The pair in which it stands.
        pair: PairId,
        /// The post.
        post: PostId,
    },
    /// A check-in of theirs.
    CheckIn {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
        /// Which.
        kind: CheckInKind,
    },
    /// What they said to introduce themselves in a pair.
    Introduction {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
    },
    /// The note with which they ended a pair.
    Ending {
        /// The pair.
        pair: PairId,
        /// Which side's.
        side: Role,
    },
    /// Their answers. What an admin asked about these is not among them: the record does not say which admin it was.
    Enrollment {
        /// The enrolment.
        enrollment: EnrollmentId,
    },
}

impl Target {
    /// The stable code of its kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Post { .. } => "post",
            Self::CheckIn { .. } => "check_in",
            Self::Introduction { .. } => "introduction",
            Self::Ending { .. } => "ending",
            Self::Enrollment { .. } => "enrollment",
        }
    }

    /// The pair in which it stands, if in one.
    #[must_use]
    pub fn pair(&self) -> Option<PairId> {
        match self {
            Self::Post { pair, .. }
            | Self::CheckIn { pair, .. }
            | Self::Introduction { pair, .. }
            | Self::Ending { pair, .. } => Some(*pair),
            Self::Person | Self::Enrollment { .. } => None,
        }
    }

    /// What tells it from everything else of the same person: at most 63 bytes, without any key of theirs.
    #[must_use]
    pub fn object(&self) -> String {
        match self {
            Self::Person => "person".to_owned(),
            Self::Post { post, .. } => format!("post:{post}"),
            Self::CheckIn { pair, side, kind: CheckInKind::Week { number } } => {
                format!("check_in:{pair}:{side}:{number}")
            }
            Self::CheckIn { pair, side, kind: CheckInKind::Closing } => {
                format!("check_in:{pair}:{side}:end")
            }
            Self::Introduction { pair, side } => format!("introduction:{pair}:{side}"),
            Self::Ending { pair, side } => format!("ending:{pair}:{side}"),
            Self::Enrollment { enrollment } => format!("enrollment:{enrollment}"),
        }
    }
}

/// What somebody is to a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "party", rename_all = "snake_case")]
pub enum Party {
    /// Who reported.
    Reporter,
    /// Who was reported.
    Subject,
    /// Somebody else whose words the case has.
    Witness {
        /// Their place in [`Case::witnesses`].
        place: u8,
    },
}

/// A report and what became of it. Its evidence is covered by its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Our id.
    pub id: CaseId,
    /// The program in which it happened.
    pub program: ProgramId,
    /// Who reported; nobody of a case that the library filed by a word of the host's. Only reviewers ever see
    /// it.
    pub reporter: Option<PersonId>,
    /// Who was reported.
    pub subject: PersonId,
    /// Others whose words it has, or who have reported the same. They review nothing of it.
    pub witnesses: Vec<PersonId>,
    /// Those of the witnesses whose own report was found to be the same: they are told what came of it.
    pub followers: Vec<PersonId>,
    /// What was reported.
    pub target: Target,
    /// The pair that it is about, if about one.
    pub pair: Option<PairId>,
    /// Who had made that pair: may see the case and not decide it.
    pub matched_by: Option<PersonId>,
    /// What it is about.
    pub category: Slug,
    /// What it was about as its reporter saw it, which no reviewer changes.
    pub filed_category: Slug,
    /// How urgent it was when it was filed, by its category.
    pub filed_as: Priority,
    /// How urgent it is.
    pub priority: Priority,
    /// Who was to see it, as the reporter asked.
    pub recipient: Tier,
    /// Who sees it.
    pub tier: Tier,
    /// Where it stands.
    pub state: CaseState,
    /// When it was filed.
    pub filed_at: Timestamp,
    /// Since when those who review it now have it: filed, handed on, or appealed.
    pub theirs_since: Timestamp,
    /// By when somebody has to have looked at it.
    pub triage_by: Timestamp,
    /// By when it has to be decided, or its appeal.
    pub decide_by: Timestamp,
    /// When its reviewers were last reminded of it.
    pub reminded_at: Option<Timestamp>,
    /// When the platform's staff was reminded of it alone, since nobody said who the admins are, who are to be
    /// reminded as well; nothing once they are.
    #[serde(default)]
    pub staff_reminded_at: Option<Timestamp>,
    /// How many items of evidence it has.
    pub evidence: u32,
    /// The seal of the last of them.
    pub head: Seal,
    /// What was done while it was looked at, in order.
    pub interim: Vec<Interim>,
    /// What was decided.
    pub decision: Option<Decision>,
    /// Who did not agree.
    pub appeal: Option<Appeal>,
    /// What was decided on that.
    pub appeal_decision: Option<AppealDecision>,
    /// When it is looked at whether it was kept long enough, once it is over; nothing when what was said in
    /// it is gone (D21).
    pub keep_until: Option<Timestamp>,
    /// Whose words were taken out of its evidence since it was over.
    pub cleared: Vec<Party>,
    /// The items that went with them, by number. Their digests stay.
    pub removed: Vec<u32>,
    /// How often the record was written.
    pub version: Version,
}

impl Case {
    /// Whether it was decided that a report was made of something: not without ground, not the same as another
    /// case, and not reversed on appeal.
    #[must_use]
    pub fn was_upheld(&self) -> bool {
        let reversed =
            self.appeal_decision.as_ref().is_some_and(|it| it.ruling == Ruling::Reversed);
        self.decision.as_ref().is_some_and(|it| match it.outcome {
            Outcome::Actioned | Outcome::NoAction => !reversed,
            Outcome::Unfounded | Outcome::Duplicate => false,
        })
    }

    /// A case as it begins: by nobody and about the person as such, the platform's, with nothing done yet.
    #[must_use]
    pub fn filed(
        id: CaseId,
        (program, deadlines): (ProgramId, &CaseDeadlines),
        subject: PersonId,
        (category, priority): (Slug, Priority),
        at: Timestamp,
    ) -> Self {
        let (triage_by, decide_by) = deadlines.after(priority, at);
        Self {
            id,
            program,
            reporter: None,
            subject,
            witnesses: Vec::new(),
            followers: Vec::new(),
            target: Target::Person,
            pair: None,
            matched_by: None,
            filed_category: category.clone(),
            category,
            filed_as: priority,
            priority,
            recipient: Tier::Platform,
            tier: Tier::Platform,
            state: CaseState::Submitted { since: at },
            filed_at: at,
            theirs_since: at,
            triage_by,
            decide_by,
            reminded_at: None,
            staff_reminded_at: None,
            evidence: 0,
            head: Seal::first(id),
            interim: Vec::new(),
            decision: None,
            appeal: None,
            appeal_decision: None,
            keep_until: None,
            cleared: Vec::new(),
            removed: Vec::new(),
            version: Version::NEW,
        }
    }

    /// What its reporter has at most one open case of, besides subject and program: at most 64 bytes. What
    /// is filed as urgent stands beside what is not, so that danger is not turned away because something
    /// milder was reported before.
    #[must_use]
    pub fn object(&self) -> String {
        let urgent = if self.filed_as.is_urgent() { "!" } else { "" };
        format!("{urgent}{}", self.target.object())
    }

    /// Whether its subject has been told of it: only if something was done.
    #[must_use]
    pub fn is_told(&self) -> bool {
        let first = self.decision.as_ref().is_some_and(|it| !it.measures.is_empty());
        first || self.appeal_decision.as_ref().is_some_and(|it| !it.measures.is_empty())
    }

    /// Who somebody is to it; `None` for whoever has nothing to do with it.
    #[must_use]
    pub fn party(&self, person: &PersonId) -> Option<Party> {
        if self.reporter.as_ref() == Some(person) {
            return Some(Party::Reporter);
        }
        if *person == self.subject {
            return Some(Party::Subject);
        }
        let place = self.witnesses.iter().position(|it| it == person)?;
        u8::try_from(place).ok().map(|place| Party::Witness { place })
    }

    /// Whether somebody is a party or a witness, or follows it: they review nothing of it.
    #[must_use]
    pub fn involves(&self, person: &PersonId) -> bool {
        self.party(person).is_some() || self.followers.contains(person)
    }

    /// Who reported, if somebody did, and who was reported.
    pub fn two(&self) -> impl Iterator<Item = &PersonId> {
        self.reporter.iter().chain([&self.subject])
    }

    /// Everybody whose words it may have, by what they are to it.
    pub fn parties(&self) -> impl Iterator<Item = (Party, &PersonId)> {
        let reporter = self.reporter.iter().map(|it| (Party::Reporter, it));
        let two = reporter.chain([(Party::Subject, &self.subject)]);
        let witnesses = (0..).map(|place| Party::Witness { place }).zip(&self.witnesses);
        two.chain(witnesses)
    }

    /// Whether it still holds what it knows: it may be decided, or appealed against (D19).
    #[must_use]
    pub fn holds(&self) -> bool {
        !self.state.is_terminal()
    }

    /// Whose words have to go once it is over, and are still there: those of people who were erased.
    pub fn owed(&self) -> impl Iterator<Item = Party> {
        let owed = self.parties().filter(|(it, who)| who.is_erased() && !self.cleared.contains(it));
        owed.map(|(party, _)| party)
    }

    /// When somebody looks at whether it still has to hold what it knows.
    #[must_use]
    pub fn review_at(&self) -> Timestamp {
        match &self.state {
            CaseState::Submitted { .. }
            | CaseState::Triaged { .. }
            | CaseState::InReview { .. }
            | CaseState::WaitingInfo { .. }
            | CaseState::Appealed { .. } => self.decide_by,
            CaseState::Decided { appeal_until, .. } => *appeal_until,
            CaseState::AppealDecided { at } | CaseState::Closed { at } => *at,
        }
    }

    /// When its reviewers are to be reminded: once while there is time, and at the platform once more
    /// when there is none left.
    #[must_use]
    pub fn remind_at(&self) -> Option<Timestamp> {
        if !self.state.is_queued() {
            return None;
        }
        match self.reminded_at {
            None => {
                let soon =
                    self.theirs_since.checked_add_signed(TimeDelta::hours(REMIND_HOURS.into()));
                let untouched = matches!(self.state, CaseState::Submitted { .. });
                let triage = untouched.then_some(self.triage_by);
                [soon, triage, Some(self.decide_by)].into_iter().flatten().min()
            }
            Some(last) => (last < self.decide_by).then_some(self.decide_by),
        }
    }

    /// When the group's time is over.
    #[must_use]
    pub fn escalate_at(&self) -> Option<Timestamp> {
        (self.state.is_queued() && self.tier.is_groups()).then_some(self.decide_by)
    }

    /// When time alone changes it next.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            CaseState::Submitted { .. }
            | CaseState::Triaged { .. }
            | CaseState::InReview { .. }
            | CaseState::WaitingInfo { .. }
            | CaseState::Appealed { .. } => {
                [self.remind_at(), self.escalate_at()].into_iter().flatten().min()
            }
            CaseState::Decided { appeal_until, .. } => Some(*appeal_until),
            // Nothing is left to wait for.
            CaseState::AppealDecided { at } => Some(*at),
            CaseState::Closed { at } if self.owed().next().is_some() => Some(*at),
            CaseState::Closed { .. } => self.keep_until,
        }
    }
}
