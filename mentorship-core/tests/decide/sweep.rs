//! What time alone does to programs and enrolments: never early, and once.

use mentorship_core::{
    base::time::Timestamp,
    change::{Change, ChangeSet},
    conformance::make::{slug, start},
    decide::{
        Cx, Decision, Refusal,
        program::lifecycle::Remaining,
        sweep::{self, Swept},
    },
    model::{
        enrollment::EnrollmentState,
        program::{ProgramState, Window},
    },
    view::{EnrollmentView, ProgramView},
};
use proptest::prelude::*;

use crate::{
    given::{days, enrolled, given, hours, program_view},
    told::{enrollments_in, said},
};

fn program_after(view: &ProgramView, set: &ChangeSet) -> ProgramView {
    let mut view = view.clone();
    for change in &set.changes {
        if let Change::Program(program) = change {
            view.program = program.clone();
        }
    }
    view
}

fn swept(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<Swept>, Refusal> {
    sweep::program(view, Remaining::default(), cx)
}

fn window() -> Window {
    Window { opens: days(-10), closes: days(10), starts: days(12), ends: days(90) }
}

fn place_states() -> impl Strategy<Value = EnrollmentState> {
    (0_u8..4, -500_i64..500).prop_map(|(kind, at)| {
        let (since, at) = (hours(at - 1), hours(at));
        match kind {
            0 => EnrollmentState::Paused { since, until: Some(at) },
            1 => EnrollmentState::Paused { since, until: None },
            2 => EnrollmentState::Waitlisted { since, reason: slug("full"), next_review_at: at },
            _ => EnrollmentState::Active { since },
        }
    })
}

proptest! {
    /// A break ends, and a waitlist is looked at again, at its instant and not before; then it is due later
    /// or never, so that the clock does not spin.
    #[test]
    fn an_enrolment_is_swept_when_it_is_due_and_once(state in place_states(), now in -600_i64..600) {
        let mut view = enrolled();
        view.enrollment.as_mut().unwrap().state = state.clone();
        let now = hours(now);
        let due = view.enrollment.as_ref().unwrap().due_at().is_some_and(|at| at <= now);
        let outcome = given(&view).at(now).tries(|view, cx| sweep::enrollment(view, None, cx));
        prop_assert_eq!(outcome.is_ok(), due);
        let Ok(decision) = outcome else { return Ok(()) };
        let after = enrollments_in(&decision.changes)[0].clone();
        prop_assert!(after.due_at().is_none_or(|at| at > now));
        if let EnrollmentState::Waitlisted { .. } = state {
            prop_assert_eq!(said(&decision.changes), ["enrollment.review_due > admins"]);
        } else {
            prop_assert_eq!(&after.state, &EnrollmentState::Active { since: now });
        }
        let again = EnrollmentView { enrollment: Some(after), ..view };
        prop_assert_eq!(given(&again).at(now).refuses(|view, cx| sweep::enrollment(view, None, cx)), "not_found");
    }

    /// A cohort's calendar is kept: sign-up closes and the program winds down at their instants and not
    /// before; a late clock catches up in as many steps as there are, and then rests.
    #[test]
    fn a_cohort_keeps_its_calendar(cohort in any::<bool>(), now in -20_i64 * 24..120 * 24) {
        let mut view = program_view();
        view.program.window = cohort.then(window);
        let now: Timestamp = hours(now);
        let mut done = Vec::new();
        while let Ok(decision) = given(&view).at(now).tries(swept) {
            done.push(decision.reply);
            view = program_after(&view, &decision.changes);
            prop_assert!(done.len() <= 3, "{done:?}");
        }
        let all = ["program.close_enrollment", "program.wind_down", "program.settle"];
        let steps = match now {
            _ if !cohort || now < window().closes => 0,
            now if now < window().ends => 1,
            _ => 3,
        };
        prop_assert_eq!(&done, &all[..steps]);
        prop_assert!(view.program.due_at().is_none_or(|at| at > now));
    }
}

/// A program that is halted, over or a draft is left alone, whatever its calendar says.
#[test]
fn the_clock_leaves_a_halted_program_alone() {
    let resume_to = Box::new(program_view().program.state);
    for state in [
        ProgramState::Draft,
        ProgramState::Suspended { since: start(), resume_to },
        ProgramState::Archived { at: start() },
        ProgramState::Discarded { at: start() },
    ] {
        let mut view = program_view();
        view.program.window = Some(window());
        view.program.state = state;
        assert_eq!(given(&view).at(days(300)).refuses(swept), "not_found");
    }
}
