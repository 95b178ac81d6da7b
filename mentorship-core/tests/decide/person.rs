//! What the host tells of a person.

use chrono::NaiveDate;
use mentorship_core::{
    base::id::CaseId,
    conformance::make::{adult_date, by_hand, id, start},
    decide::{
        Cx, Decision, Refusal,
        person::{AgeFacts, leave_group, record_age, set_reminders},
    },
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        holder::Holder,
        pair::{Pair, PairState},
        proposal::{Invalidity, Proposal, ProposalState},
        report::{Priority, Tier},
    },
    policy::actor::Actor,
    view::PersonView,
};

use crate::{
    given::{
        active, admin, clock, days, draft, enrollment, given, host, me, offer, pair, person,
        program, staff,
    },
    told::{cases_in, enrollments_in, line, pairs_in, proposals_in, public_log, said},
};

fn busy() -> PersonView {
    let (since, at) = (start(), start());
    let paused = PairState::Paused { since, until: None, by: Role::Mentor };
    let frozen = PairState::Frozen { since, resume_to: Box::new(active()), held_by: by_hand() };
    let states = [PairState::Introduced { since }, active(), paused, frozen];
    let pairs = (0..).zip(states).map(|(n, state)| Pair { id: id(70 + n), ..pair(state) });
    let reason = mentorship_core::conformance::make::slug("full");
    let resume_to = Box::new(EnrollmentState::Active { since });
    let places = [
        EnrollmentState::Active { since },
        EnrollmentState::Submitted { since },
        EnrollmentState::Waitlisted { since, reason, next_review_at: days(4) },
        EnrollmentState::Suspended { since: at, resume_to, held_by: by_hand() },
    ];
    let places = (0..).zip(places).map(|(n, state)| Enrollment {
        id: id(110 + n),
        state,
        ..enrollment(1, Role::Mentor)
    });
    PersonView {
        person: person(1),
        enrollments: places.collect(),
        pairs: pairs.collect(),
        proposals: vec![offer(50, 1, 2), draft(51, 3, 1)],
    }
}

fn age(
    adult_on: Option<NaiveDate>,
) -> impl Fn(&PersonView, Cx<'_>) -> Result<Decision<Option<CaseId>>, Refusal> {
    move |view, cx| record_age(view, (&AgeFacts { adult_on, zone: None }, Some(&program())), cx)
}

fn ends_tomorrow() -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(2027, 3, 2)
}

/// D23, I7: somebody who turns out not to be an adult is held everywhere in one write: enrolments
/// suspended, offers impossible, pairs frozen and not ended, since they may be evidence.
#[test]
fn a_minor_is_held_everywhere_at_once() {
    for adult_on in [None, ends_tomorrow()] {
        let decision = given(&busy()).by(host()).does(age(adult_on));
        let set = &decision.changes;
        let case = cases_in(set)[0];
        assert_eq!(
            (decision.reply, case.holder()),
            (Some(case.id), Holder::Case { case: case.id })
        );
        let places = enrollments_in(set);
        assert_eq!((places.len(), pairs_in(set).len()), (4, 4), "what was held by hand too");
        assert!(places.iter().all(|it| it.state.is_held_by(case.holder())));
        assert!(pairs_in(set).iter().all(|it| it.state.is_held_by(case.holder())));
        assert_eq!(
            (&case.reporter, case.priority, case.tier),
            (&None, Priority::P0, Tier::Platform)
        );
        assert_eq!((case.in_force().count(), case.program), (8, program().id));
        assert!(case.interim.iter().all(|it| it.by.is_none()));
        let frozen = |pair: &&Pair| pair.state.code() == "frozen" && pair.due_at.is_none();
        assert!(pairs_in(set).iter().all(frozen));
        let gone = ProposalState::Invalidated { at: start(), why: Invalidity::Unavailable };
        let over: Vec<&Proposal> = proposals_in(set);
        assert!(over.len() == 2 && over.iter().all(|it| it.state == gone));
        assert!(said(set).contains(&"person.held > staff".to_owned()));
    }
}

/// D23: the partner reads of a pause by the program, and neither they nor the admins read of age.
#[test]
fn nobody_but_the_platform_reads_of_age() {
    let decision = given(&busy()).by(host()).does(age(None));
    let set = &decision.changes;
    assert!(said(set).contains(&"pair.paused_by_program > p002".to_owned()));
    for text in said(set).into_iter().chain(public_log(set)) {
        for word in ["age", "adult", "minor", "birth"] {
            let words = text.split(|c: char| !c.is_ascii_alphabetic());
            assert!(words.clone().all(|it| it != word), "{text}");
        }
    }
    let private: Vec<_> = set.audit.iter().filter(|event| event.private).map(line).collect();
    // One of the two pairs was paused already, and reads as it did.
    let expected =
        ["case.open", "enrollment.hold", "pair.freeze", "pair.hold", "person.record_age"];
    assert!(expected.iter().all(|it| private.iter().any(|line| line.contains(it))), "{private:?}");
    assert_eq!(private.len(), expected.len(), "{private:?}");
}

/// D23: a correction the other way round resumes nothing; a human does. Live pairs are noted as found
/// adult anew.
#[test]
fn a_correction_to_adult_resumes_nothing() {
    let decision = given(&busy()).by(host()).at(days(2)).does(age(Some(adult_date())));
    let set = &decision.changes;
    assert!(enrollments_in(set).is_empty() && proposals_in(set).is_empty());
    assert!(said(set).is_empty());
    for after in pairs_in(set) {
        let before = busy().pairs.into_iter().find(|it| it.id == after.id).unwrap();
        assert_eq!(*after, Pair { adults_at: days(2), ..before });
    }
    assert_eq!(pairs_in(set).len(), 3, "the frozen one stays as it is");
}

/// D23: the same word again holds only what is not held yet, by a case of its own.
#[test]
fn the_same_word_again_holds_the_rest_only() {
    let mut view = busy();
    view.person.adult_on = ends_tomorrow();
    let decision = given(&view).by(host()).does(age(None));
    let set = &decision.changes;
    assert_eq!((enrollments_in(set).len(), pairs_in(set).len()), (3, 3));
    view.pairs.retain(|it| it.state.code() == "frozen");
    view.enrollments.retain(|it| it.state.code() == "suspended");
    let decision = given(&view).by(host()).does(age(None));
    assert_eq!(decision.reply, None);
    assert!(cases_in(&decision.changes).is_empty() && pairs_in(&decision.changes).is_empty());
}

/// D22: somebody counts as an adult from the very day, by their own zone, else by the last zone on earth.
#[test]
fn the_day_itself_counts_where_it_has_begun_for_all() {
    let today = NaiveDate::from_ymd_opt(2027, 3, 1);
    // At nine in the morning UTC it is still the day before at UTC−12.
    let decision = given(&busy()).by(host()).does(age(today));
    assert_eq!(enrollments_in(&decision.changes).len(), 4);
    let zone = Some(chrono_tz::Tz::Europe__Lisbon);
    let known = |view: &PersonView, cx: Cx<'_>| {
        record_age(view, (&AgeFacts { adult_on: today, zone }, Some(&program())), cx)
    };
    assert!(enrollments_in(&given(&busy()).by(host()).does(known).changes).is_empty());
}

/// D29: leaving the group ends what was there, with the neutral text, and nothing elsewhere.
#[test]
fn leaving_the_group_ends_what_was_there() {
    let mut view = busy();
    let elsewhere = id(2);
    view.enrollments[1].program = elsewhere;
    view.pairs[1].program = elsewhere;
    view.proposals[1].program = elsewhere;
    let leave = |view: &PersonView, cx: Cx<'_>| leave_group(view, &[id(1)], cx);
    let decision = given(&view).by(host()).does(leave);
    let set = &decision.changes;
    assert_eq!(
        (enrollments_in(set).len(), pairs_in(set).len(), proposals_in(set).len()),
        (3, 3, 1)
    );
    assert!(enrollments_in(set).iter().all(|it| it.state.code() == "removed"));
    assert!(pairs_in(set).iter().all(|it| it.state.code() == "ended"));
    let told = said(set);
    assert!(told.contains(&"pair.ended > p002".to_owned()), "no reason: {told:?}");
    let none = |view: &PersonView, cx: Cx<'_>| leave_group(view, &[], cx);
    assert!(proposals_in(&given(&view).by(host()).does(none).changes).is_empty());
}

/// Facts come from the host alone; reminders are each person's own.
#[test]
fn facts_are_the_hosts_and_reminders_ones_own() {
    for by in [me(1), me(2), admin(1), staff(), clock()] {
        assert_eq!(given(&busy()).by(by.clone()).refuses(age(None)), "not_found");
        let leave = |view: &PersonView, cx: Cx<'_>| leave_group(view, &[id(1)], cx);
        assert_eq!(given(&busy()).by(by).refuses(leave), "not_found");
    }
    let off = |view: &PersonView, cx: Cx<'_>| set_reminders(view, true, cx);
    let others: [Actor; 4] = [me(2), admin(1), staff(), host()];
    for by in others {
        assert_eq!(given(&busy()).by(by).refuses(off), "not_found");
    }
    let decision = given(&busy()).by(me(1)).does(off);
    assert!(said(&decision.changes).is_empty() && public_log(&decision.changes).is_empty());
}
