//! What an export looks like.

use serde::{Deserialize, Serialize};

use super::ExportPlace;
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::{EnrollmentId, PairId, PostId, ProgramId, ProposalId},
        text::{Body, Note, Slug},
        time::Timestamp,
    },
    model::{
        answer::Answers,
        enrollment::{Consent, Role},
        event::AuditEvent,
        journal::CheckIn,
        pair::EndKind,
        proposal::Answered,
        report::Occasion,
        restriction::{Ban, Mute},
    },
    service::{OwnReport, Statement},
};

/// Everything of a person's in a tenant, or a part of it: parts have the same form, and appended list by list
/// they are the whole. As JSON, instants are RFC 3339 in UTC, ids and keys are text, and codes are those of
/// the library's documentation.
///
/// It holds what the person wrote, was asked, decided and said, and what was decided about them. It never
/// holds what somebody else wrote (but questions and reasons of reviewers that were addressed to the person),
/// what somebody said about them (that they block them above all), who reported them, or that there is a case
/// of which they were not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// [`EXPORT_FORMAT`](super::EXPORT_FORMAT).
    pub format: u32,
    /// The tenant.
    pub tenant: TenantId,
    /// Whose data it is.
    pub person: PersonId,
    /// When this part was read.
    pub at: Timestamp,
    /// What the library keeps about the person themselves; the same in every part.
    pub facts: ExportedFacts,
    /// Their enrolments, oldest first.
    pub enrollments: Vec<ExportedEnrollment>,
    /// The offers they were made, oldest first.
    pub offers: Vec<ExportedOffer>,
    /// Their pairs, oldest first.
    pub pairs: Vec<ExportedPair>,
    /// Their posts and comments, pair by pair and by number.
    pub posts: Vec<ExportedPost>,
    /// Their check-ins, pair by pair and by time.
    pub check_ins: Vec<CheckIn>,
    /// Whom they block, by key.
    pub blocks: Vec<Said>,
    /// With whom they wish not to be matched, by key.
    pub avoids: Vec<Said>,
    /// With whom they wish to be matched, by key.
    pub wishes: Vec<Said>,
    /// What they have reported, oldest first.
    pub reports: Vec<ExportedReport>,
    /// What was decided about them, oldest first.
    pub statements: Vec<ExportedStatement>,
    /// What they did, by time.
    pub events: Vec<AuditEvent>,
    /// Where the next part begins; `None` in the last one.
    pub next: Option<ExportPlace>,
}

/// What the library keeps about a person themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedFacts {
    /// The date of the 18th birthday, as the host vouched for it.
    pub adult_on: Option<chrono::NaiveDate>,
    /// The zone that the host has verified.
    pub zone: Option<chrono_tz::Tz>,
    /// Whether they asked for no reminders.
    pub reminders_off: bool,
    /// Where they may not take part, as decided in cases of which they were told; also what is over.
    pub bans: Vec<Ban>,
    /// Whether the platform takes only urgent reports from them; also if that is over.
    pub mute: Option<Mute>,
}

/// An enrolment of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedEnrollment {
    /// The enrolment.
    pub enrollment: EnrollmentId,
    /// The program.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// Code of its state.
    pub state: Slug,
    /// What an admin asked of them, while it waits for their answer.
    pub question: Option<Note>,
    /// Why they wait, or were not accepted or taken out, as a code.
    pub reason: Option<Slug>,
    /// When their place on the waitlist is looked at again.
    pub next_review_at: Option<Timestamp>,
    /// When their pause ends by itself.
    pub paused_until: Option<Timestamp>,
    /// Places offered.
    pub capacity: u8,
    /// Since when they have been waiting.
    pub priority_since: Timestamp,
    /// What they agreed to.
    pub consent: Consent,
    /// Which version of the form the answers belong to.
    pub form_version: u32,
    /// The answers, in full.
    pub answers: Answers,
    /// When they applied.
    pub applied_at: Timestamp,
    /// When it was over.
    pub over_at: Option<Timestamp>,
    /// When it is looked at whether the answers were kept long enough; nothing while it is not over, and when
    /// they are gone.
    pub kept_until: Option<Timestamp>,
}

/// An offer to the person, and what they said to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedOffer {
    /// The proposal.
    pub proposal: ProposalId,
    /// The program.
    pub program: ProgramId,
    /// As what they were asked.
    pub role: Role,
    /// The other person.
    pub partner: PersonId,
    /// Code of its state, as the person sees it.
    pub state: Slug,
    /// When it was made.
    pub offered_at: Option<Timestamp>,
    /// Their own answer, while the offer is open.
    pub answer: Option<Answered>,
    /// Why they declined, as a code.
    pub declined_for: Option<Slug>,
}

/// A pair of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPair {
    /// The pair.
    pub pair: PairId,
    /// The program.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// The partner.
    pub partner: PersonId,
    /// Code of its state, as the person sees it.
    pub state: Slug,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was completed.
    pub over_at: Option<Timestamp>,
    /// Why it ended, as the person sees it.
    pub reason: Option<EndKind>,
    /// Their own words when they ended it.
    pub note: Option<Note>,
    /// Since when those are shown to the person alone, while a case or the host looks at them.
    pub note_withheld_since: Option<Timestamp>,
    /// What they said to introduce themselves.
    pub introduction: Option<Note>,
    /// Since when that is shown to the person alone, while a case or the host looks at it.
    pub withheld_since: Option<Timestamp>,
    /// The pair before, if this is another round.
    pub previous_pair: Option<PairId>,
    /// When it is looked at whether what was written there was kept long enough; nothing while it lives, and
    /// when that is gone.
    pub kept_until: Option<Timestamp>,
}

/// A post or a comment of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedPost {
    /// The post.
    pub post: PostId,
    /// The pair.
    pub pair: PairId,
    /// The step.
    pub step: Slug,
    /// The post that it comments on.
    pub reply_to: Option<PostId>,
    /// Its number within the pair.
    pub number: u64,
    /// What it says; nothing once it is removed.
    pub body: Option<Body>,
    /// When it was written.
    pub at: Timestamp,
    /// How often it was edited.
    pub revision: u32,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// When it was removed.
    pub removed_at: Option<Timestamp>,
    /// Since when it is shown to the person alone, while a case or the host looks at it.
    pub withheld_since: Option<Timestamp>,
}

/// What the person has said about somebody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// About whom.
    pub about: PersonId,
    /// Since when.
    pub since: Timestamp,
}

/// What the person told a case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldCase {
    /// On what occasion.
    pub on: Occasion,
    /// What; nothing if it had no words.
    pub text: Option<Body>,
    /// When.
    pub at: Timestamp,
}

/// A report of the person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedReport {
    /// What they reported, and what came of it.
    pub report: OwnReport,
    /// What they told the case.
    pub told: Vec<ToldCase>,
}

/// What was decided about the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportedStatement {
    /// The statement of reasons.
    pub statement: Statement,
    /// What they told the case.
    pub told: Vec<ToldCase>,
}
