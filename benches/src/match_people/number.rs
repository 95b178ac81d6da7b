//! Enrolments of people by the order of their ids, and back.

use mentorship_core::{
    base::id::{EnrollmentId, Id as _},
    model::enrollment::Role,
};
use uuid::Uuid;

const MENTORS: u64 = 1;
const MENTEES: u64 = 2;

fn id(role: u64, number: usize) -> EnrollmentId {
    let number = u64::try_from(number).unwrap_or(u64::MAX);
    EnrollmentId::from_uuid(Uuid::from_u64_pair(role, number))
}

/// The enrolment of the mentor with this number.
pub(super) fn mentor(number: usize) -> EnrollmentId {
    id(MENTORS, number)
}

/// The enrolment of the mentee with this number.
pub(super) fn mentee(number: usize) -> EnrollmentId {
    id(MENTEES, number)
}

/// The number of somebody of this role.
pub(super) fn of(role: Role, number: usize) -> EnrollmentId {
    match role {
        Role::Mentor => mentor(number),
        Role::Mentee => mentee(number),
    }
}

/// Which number an enrolment has among those of its role.
pub(super) fn place(enrollment: EnrollmentId) -> usize {
    usize::try_from(enrollment.uuid().as_u64_pair().1).unwrap_or(usize::MAX)
}
