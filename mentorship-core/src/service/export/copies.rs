//! Records as they are exported: what their person wrote, was asked and was told.

use super::document::{ExportedEnrollment, ExportedOffer, ExportedPair, ExportedPost, Said};
use crate::{
    base::{
        host::PersonId,
        text::{Note, Slug},
        time::Timestamp,
    },
    decide::refusal::code,
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        journal::Post,
        pair::{EndedBy, Pair, PairState},
        proposal::{Proposal, ProposalState},
        relation::{Relation, Stance},
    },
    policy::permission::Standing,
    service::queries::cards,
};

/// What of the state of an enrolment is told.
#[derive(Default)]
struct Told {
    /// What was asked.
    question: Option<Note>,
    /// Why it is so.
    reason: Option<Slug>,
    /// When somebody looks at it again.
    next_review_at: Option<Timestamp>,
    /// When it goes on.
    paused_until: Option<Timestamp>,
}

fn told(state: &EnrollmentState) -> Told {
    match state {
        EnrollmentState::NeedsInfo { question, .. } => {
            Told { question: Some(question.clone()), ..Told::default() }
        }
        EnrollmentState::Waitlisted { reason, next_review_at, .. } => Told {
            reason: Some(reason.clone()),
            next_review_at: Some(*next_review_at),
            ..Told::default()
        },
        EnrollmentState::Rejected { reason, .. } | EnrollmentState::Removed { reason, .. } => {
            Told { reason: Some(reason.clone()), ..Told::default() }
        }
        EnrollmentState::Paused { until, .. } => Told { paused_until: *until, ..Told::default() },
        // It is what it goes back to, and held.
        EnrollmentState::Suspended { resume_to, .. } => told(resume_to),
        EnrollmentState::Submitted { .. }
        | EnrollmentState::Active { .. }
        | EnrollmentState::Withdrawn { .. }
        | EnrollmentState::Closed { .. } => Told::default(),
    }
}

pub(super) fn enrollment(it: Enrollment) -> ExportedEnrollment {
    let Told { question, reason, next_review_at, paused_until } = told(&it.state);
    ExportedEnrollment {
        enrollment: it.id,
        program: it.program,
        role: it.role,
        state: code(it.state.code()),
        question,
        reason,
        next_review_at,
        paused_until,
        capacity: it.capacity,
        priority_since: it.priority_since,
        consent: it.consent,
        form_version: it.form_version,
        answers: it.answers,
        applied_at: it.applied_at,
        over_at: it.state.over_at(),
        kept_until: it.keep_until,
    }
}

pub(super) fn offer(it: &Proposal, side: Role) -> ExportedOffer {
    let answer = match (&it.state, side) {
        (ProposalState::Offered { mentor, .. }, Role::Mentor) => Some(*mentor),
        (ProposalState::Offered { mentee, .. }, Role::Mentee) => Some(*mentee),
        _ => None,
    };
    let declined_for = match &it.state {
        ProposalState::Declined { by, reason, .. } if *by == side => reason.clone(),
        _ => None,
    };
    ExportedOffer {
        proposal: it.id,
        program: it.program,
        role: side,
        partner: it.person(side.opposite()).clone(),
        state: cards::offer_state(it, side),
        offered_at: it.offered_at,
        answer,
        declined_for,
    }
}

pub(super) fn pair(it: &Pair, side: Role) -> ExportedPair {
    let standing = match side {
        Role::Mentor => Standing::Mentor,
        Role::Mentee => Standing::Mentee,
    };
    let card = cards::pair(it, standing);
    // What the partner shared is the partner's.
    let own = |it: &Pair| matches!(&it.state, PairState::Ended { end, .. } if end.by == EndedBy::Side(side));
    ExportedPair {
        pair: it.id,
        program: it.program,
        role: side,
        partner: it.participant(side.opposite()).person.clone(),
        state: card.state,
        started_at: it.started_at,
        over_at: card.over_at,
        reason: card.reason,
        note: card.note.filter(|_| own(it)),
        note_withheld_since: card.note_withheld_since,
        introduction: it.participant(side).introduction.clone(),
        withheld_since: it.participant(side).withheld.as_ref().map(|it| it.since),
        previous_pair: it.previous_pair,
        kept_until: it.due_at.filter(|_| !it.state.is_live()),
    }
}

pub(super) fn post(it: Post) -> ExportedPost {
    ExportedPost {
        post: it.id,
        pair: it.pair,
        step: it.step,
        reply_to: it.reply_to,
        number: it.seq,
        body: it.body,
        at: it.at,
        revision: it.revision,
        edited_at: it.edited_at,
        removed_at: it.removed_at,
        withheld_since: it.withheld.map(|it| it.since),
    }
}

pub(super) fn said(
    relation: &Relation,
    person: &PersonId,
    since: impl Fn(&Stance) -> Option<Timestamp>,
) -> Option<Said> {
    let about = relation.people.other(person)?.clone();
    Some(Said { about, since: since(relation.stance(person)?)? })
}
