//! What stands around a case and not in it: the pairs and enrolments that it is about, as they are now. Staff has no
//! read of them but this one; that somebody read it is on record in the transaction that lets them.

use serde::{Deserialize, Serialize};

use super::{
    event,
    interim::{is_about, is_in},
    recusal::at_work,
};
use crate::{
    base::{
        host::PersonId,
        id::{CaseId, EnrollmentId, PairId, ProgramId},
        text::Slug,
        time::Timestamp,
    },
    decide::{Cx, Decision, Plan, Refusal, access, refusal::code},
    eligibility::age::is_adult,
    model::{
        answer::Answers,
        enrollment::{Enrollment, Role},
        pair::{EndKind, EndedBy, Pair, PairState},
        report::{Case, InterimMeasure, Target},
        visible::{self, Viewer, What, When},
    },
    policy::permission::{Action, Standing},
    view::{BackgroundView, EnrollmentView, PairView},
};

/// What stands around a case, for whoever works it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseBackground {
    /// The case.
    pub case: CaseId,
    /// Whether the subject is known to be an adult, and never since when; nothing to an admin.
    pub subject_is_adult: Option<bool>,
    /// What the subject takes or took part as, as far as the case is about it.
    pub places: Vec<CasePlace>,
    /// The pairs that it is about.
    pub pairs: Vec<CasePair>,
}

/// An enrolment of whoever was reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasePlace {
    /// The enrolment.
    pub enrollment: EnrollmentId,
    /// The program.
    pub program: ProgramId,
    /// As what.
    pub role: Role,
    /// Code of its state.
    pub state: Slug,
    /// When they applied.
    pub applied_at: Timestamp,
    /// Their answers: all of them to staff, those that admins see to an admin.
    pub answers: Answers,
}

/// A pair that a case is about. What was written in it is evidence or nobody's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CasePair {
    /// The pair.
    pub pair: PairId,
    /// The program.
    pub program: ProgramId,
    /// The mentor.
    pub mentor: PersonId,
    /// The mentee.
    pub mentee: PersonId,
    /// Code of its state. A frozen pair reads `paused`, except to staff.
    pub state: Slug,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was completed.
    pub over_at: Option<Timestamp>,
    /// Percent of steps that are over, 0 to 100.
    pub percent_done: u8,
    /// Why it ended, as the other side is shown it; to an admin as admins are.
    pub shown_reason: Option<EndKind>,
    /// Why it really ended, and who ended it; to staff alone.
    pub private_reason: Option<(EndKind, EndedBy)>,
}

/// Whether a case is about a pair of the subject's. Where nobody has reported, those are meant that live, or that it
/// has frozen.
#[must_use]
pub fn is_about_pair(case: &Case, pair: &Pair) -> bool {
    let frozen = InterimMeasure::FreezePair { pair: pair.id };
    let is_there = case.reporter.is_some()
        || pair.state.is_live()
        || case.interim.iter().any(|it| it.measure == frozen);
    is_there && is_about(case, pair)
}

/// Whether a case is about an enrolment of the subject's: one that is not over, that was reported, or that `pairs`
/// which it is about came of.
#[must_use]
pub fn is_about_place(case: &Case, place: &Enrollment, pairs: &[Pair]) -> bool {
    let reported = case.target == Target::Enrollment { enrollment: place.id };
    let mut sides = pairs.iter().flat_map(|it| [it.mentor.enrollment, it.mentee.enrollment]);
    let is_there = !place.state.is_terminal() && is_in(case, place.program);
    reported || is_there || sides.any(|it| it == place.id)
}

fn pair_of(view: &PairView, standing: Standing) -> CasePair {
    let (pair, is_staff) = (&view.pair, standing == Standing::Staff);
    let state = match &pair.state {
        PairState::Frozen { .. } if !is_staff => "paused",
        state => state.code(),
    };
    let end = match &pair.state {
        PairState::Ended { end, .. } => Some(end),
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. }
        | PairState::Completed { .. } => None,
    };
    CasePair {
        pair: pair.id,
        program: pair.program,
        mentor: pair.mentor.person.clone(),
        mentee: pair.mentee.person.clone(),
        state: code(state),
        started_at: pair.started_at,
        over_at: pair.state.over_at(),
        percent_done: view.percent_done(),
        shown_reason: end
            .and_then(|end| if is_staff { end.shown_to_partner() } else { end.shown_to_admin() }),
        private_reason: end
            .filter(|_| is_staff)
            .and_then(|end| Some((end.reason_shown_to(Viewer::Reviewer)?, end.by))),
    }
}

fn place_of(view: &EnrollmentView, viewer: Viewer) -> Option<CasePlace> {
    let place = view.enrollment.as_ref()?;
    Some(CasePlace {
        enrollment: place.id,
        program: place.program,
        role: place.role,
        state: code(place.state.code()),
        applied_at: place.applied_at,
        answers: view.form.visible_answers(&place.answers, viewer, When::default()),
    })
}

/// Whoever works a case reads what stands around it; staff all of it, an admin what admins read anyway. Rests on the
/// case and on what might recuse the reader: all else may go on meanwhile.
///
/// # Errors
/// [`Refusal::NotFound`] for whoever the case is not for, [`Refusal::ConflictOfInterest`] for an admin who made the
/// match, [`Refusal::NotAssigned`] for whoever does not work it; of one with an appeal that is everybody who may decide
/// on it.
pub fn background(view: &BackgroundView, cx: Cx<'_>) -> Result<Decision<CaseBackground>, Refusal> {
    let standing = at_work(&view.case, &cx)?;
    let program = &view.case.program;
    for action in [Action::ViewEnrollment, Action::ViewPair] {
        access::in_case(cx.actor, program, action, true)?;
    }
    let is_staff = standing == Standing::Staff;
    let viewer = if is_staff { Viewer::Reviewer } else { Viewer::Admin };
    let subject = &view.case.subject.person;
    let adult = is_adult(subject.adult_on, subject.zone, cx.now);
    // Beside a case an admin is not told what they read elsewhere: it would say what the case is about.
    let told = is_staff && visible::seen(What::Age, Viewer::Reviewer).is_whether();
    let mut plan = Plan::on(cx, view);
    plan.record(event("case.read_background", &view.case.case));
    Ok(plan.reply(CaseBackground {
        case: view.case.case.id,
        subject_is_adult: told.then_some(adult),
        places: view.places.iter().filter_map(|it| place_of(it, viewer)).collect(),
        pairs: view.pairs.iter().map(|it| pair_of(it, standing)).collect(),
    }))
}
