//! Judging again, at every later step, whether somebody may take part (row 11).

use crate::{
    base::time::Timestamp,
    decide::enrollment::HostWord,
    eligibility::{
        age::is_adult,
        judge::{Facts, judge},
        verdict::{Failed, Verdict},
    },
    model::{enrollment::Enrollment, form::Form, person::Person, program::Program},
};

/// Every rule that the person breaks now.
///
/// Their age has to hold twice: by what the host vouches for now, since what is stored may be old, and
/// by what is stored, since a correction stands until a human ends the hold (D23). Unknown to either is
/// not eligible (D22).
pub(in crate::decide) fn judge_again(
    (program, form): (&Program, &Form),
    person: &Person,
    place: &Enrollment,
    word: &HostWord,
    now: Timestamp,
) -> Verdict {
    let mut verdict = judge(
        form,
        &Facts {
            role: place.role,
            adult_on: word.adult_on,
            zone: word.zone,
            is_member: word.is_member,
            host: &word.predicates,
            answers: &place.answers,
            now,
        },
    );
    let stored = is_adult(person.adult_on, person.zone, now);
    if !stored && !verdict.failed.contains(&Failed::NotAdult) {
        verdict.failed.insert(0, Failed::NotAdult);
    }
    with_bans(verdict, program, person, now)
}

/// The same for whoever is banned from the program: to everybody else one more rule that does not hold.
pub(in crate::decide) fn with_bans(
    mut verdict: Verdict,
    program: &Program,
    person: &Person,
    now: Timestamp,
) -> Verdict {
    if person.is_banned(&program.group, now) {
        let after_age = usize::from(verdict.failed.contains(&Failed::NotAdult));
        verdict.failed.insert(after_age, Failed::Banned);
    }
    verdict
}
