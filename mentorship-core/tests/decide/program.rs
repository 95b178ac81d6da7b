//! The life of a program.

use mentorship_core::{
    conformance::make::{self, id, start},
    decide::{
        Cx, Decision, Refusal,
        program::{
            EditProgram, archive, close_enrollment, discard, edit,
            lifecycle::{Batch, OpeningFacts, Remaining},
            open, reopen_enrollment, resume, revise_form, revise_guide, schedule_archive, settle,
            suspend, wind_down,
        },
    },
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        guide::Guide,
        pair::Pair,
        program::ProgramState,
        proposal::{Invalidity, ProposalState},
    },
    policy::actor::Actor,
    view::ProgramView,
};

use crate::{
    given::{
        active, admin, clock, days, draft, enrollment, given, host, me, offer, pair, program,
        program_view, staff, state_error,
    },
    told::{enrollments_in, pairs_in, proposals_in, said},
};

const READY: OpeningFacts = OpeningFacts { platform_contact: true, topic_allowed: true };

fn in_state(state: ProgramState) -> ProgramView {
    let mut view = program_view();
    view.program.state = state;
    view
}

fn winding(settled: bool, archive_at: Option<i64>) -> ProgramView {
    let archive_at = archive_at.map(days);
    in_state(ProgramState::WindingDown { since: start(), settled, archive_at })
}

/// Not theirs, the state, the topic (D39), somebody who answers reports (decision 7), the guide, the form.
#[test]
fn opening_is_refused_in_order() {
    let mut view = program_view();
    view.guide = Guide { version: 1, steps: Vec::new() }.into();
    let mut form = (*make::form()).clone();
    form.questions.clear();
    view.form = form.into();
    let ask = |view: &ProgramView, by: Actor, facts| {
        given(view).by(by).refuses(|view, cx| open(view, facts, cx))
    };
    let nothing = OpeningFacts { platform_contact: false, topic_allowed: false };
    for by in [me(1), staff(), host(), clock()] {
        assert_eq!(ask(&view, by, nothing), "not_found");
    }
    assert_eq!(ask(&view, admin(1), nothing), state_error("program", "open", "open"));
    view.program.state = ProgramState::Draft;
    assert_eq!(ask(&view, admin(1), nothing), "program.topic_not_allowed");
    let no_contact = OpeningFacts { platform_contact: false, ..READY };
    assert_eq!(ask(&view, admin(1), no_contact), "program.not_ready missing=platform_contact");
    assert_eq!(ask(&view, admin(1), READY), "program.not_ready missing=guide");
    view.program.policy.unguided = true;
    assert!(ask(&view, admin(1), READY).starts_with("input."), "rules without their questions");
    view.form = make::form();
    given(&view).by(admin(1)).may(|view, cx| open(view, READY, cx));
}

type Act = fn(&ProgramView, Cx<'_>) -> Result<Decision<()>, Refusal>;

/// Admins manage, the platform halts; neither does the other's part.
#[test]
fn who_may_change_a_program() {
    let managed: [(Act, ProgramView); 5] = [
        (close_enrollment, program_view()),
        (
            |view, cx| reopen_enrollment(view, READY, cx),
            in_state(ProgramState::EnrollmentClosed { since: start() }),
        ),
        (wind_down, program_view()),
        (|view, cx| edit(view, EditProgram::default(), cx), program_view()),
        (|view, cx| revise_guide(view, (*make::guide()).clone(), cx).map(none), program_view()),
    ];
    let mut stranger = program_view();
    stranger.program.group = mentorship_core::base::host::GroupId::try_from("gardeners").unwrap();
    for (act, view) in managed {
        given(&view).by(admin(900)).may(act);
        for by in [me(900), staff(), host(), clock()] {
            assert_eq!(given(&view).by(by).refuses(act), "not_found");
        }
        assert_eq!(given(&stranger).by(admin(900)).refuses(act), "not_found");
    }
    let halted = given(&program_view()).by(staff()).does(suspend);
    assert!(said(&halted.changes).is_empty());
    assert_eq!(given(&program_view()).by(admin(900)).refuses(suspend), "not_found");
    let resume_to = Box::new(program().state);
    let view = in_state(ProgramState::Suspended { since: start(), resume_to });
    assert_eq!(given(&view).by(admin(900)).refuses(resume), "not_found");
    given(&view).by(host()).may(resume);
}

fn none<T>(decision: Decision<T>) -> Decision<()> {
    Decision { changes: decision.changes, reply: (), next: decision.next }
}

/// Answers belong to the form they were given to, and dates to the calendar that people signed up for.
#[test]
fn only_a_draft_changes_its_form_and_calendar() {
    let form = |view: &ProgramView, cx: Cx<'_>| revise_form(view, (*make::form()).clone(), cx);
    let calendar = EditProgram { window: Some(None), ..EditProgram::default() };
    let zone = EditProgram { zone: Some(chrono_tz::Tz::Asia__Tokyo), ..EditProgram::default() };
    let refused = |act: &str| state_error("program", "open", act);
    let open = program_view();
    assert_eq!(given(&open).by(admin(1)).refuses(form), refused("revise_form"));
    for input in [calendar, zone] {
        let decide = |view: &ProgramView, cx: Cx<'_>| edit(view, input.clone(), cx);
        assert_eq!(given(&open).by(admin(1)).refuses(decide), refused("edit_calendar"));
        given(&in_state(ProgramState::Draft)).by(admin(1)).may(decide);
    }
    assert_eq!(given(&in_state(ProgramState::Draft)).by(admin(1)).does(form).reply, 2);
}

/// A draft in which somebody enrolled is not thrown away; that it is no draft is said first.
#[test]
fn discarding_is_refused_in_order() {
    assert_eq!(given(&program_view()).by(me(1)).refuses(discard), "not_found");
    let open = given(&program_view()).by(admin(1)).refuses(discard);
    assert_eq!(open, state_error("program", "open", "discard"));
    let mut draft = in_state(ProgramState::Draft);
    assert_eq!(given(&draft).by(admin(1)).refuses(discard), "program.has_enrollments");
    draft.has_enrollments = false;
    given(&draft).by(admin(1)).may(discard);
}

fn left_over() -> ProgramView {
    let mut view = winding(false, None);
    let since = start();
    view.undecided = vec![Enrollment {
        state: EnrollmentState::Submitted { since },
        ..enrollment(3, Role::Mentee)
    }];
    view.open_proposals = vec![offer(50, 1, 2), draft(51, 1, 4)];
    view.live_pairs = vec![pair(active())];
    view.has_live_pairs = true;
    view
}

/// What is left over when a program winds down is closed, with its own word; live pairs go on.
#[test]
fn settling_closes_what_is_left_over() {
    let decision = given(&left_over()).does(settle);
    assert_eq!(decision.reply, Batch::More);
    let set = &decision.changes;
    assert_eq!(enrollments_in(set)[0].state, EnrollmentState::Closed { at: start() });
    let state = ProposalState::Invalidated { at: start(), why: Invalidity::ProgramClosing };
    assert!(proposals_in(set).iter().all(|it| it.state == state));
    assert!(pairs_in(set).is_empty());
    assert!(decision.next.is_empty(), "no next choice in a program that closes");
    assert!(said(set).contains(&"program.closing > p003".to_owned()));
    let done = given(&winding(false, None)).does(settle);
    assert_eq!(done.reply, Batch::Done);
    let again = given(&winding(true, None)).refuses(settle);
    assert_eq!(again, state_error("program", "winding_down", "settle"));
    let mut open = left_over();
    open.program.state = program().state;
    assert_eq!(given(&open).refuses(settle), state_error("program", "open", "settle"));
}

fn archives(view: &ProgramView, cx: Cx<'_>) -> Result<Decision<Batch>, Refusal> {
    archive(view, Remaining::default(), cx)
}

/// D24: live pairs are ended only after the notice that was given, with the neutral text.
#[test]
fn archiving_gives_notice_to_live_pairs() {
    let mut view = winding(true, None);
    let decision = given(&view).by(admin(1)).does(schedule_archive);
    assert_eq!(decision.reply, days(14), "the program's notice");
    view.live_pairs = vec![pair(active()), Pair { id: id(71), ..pair(active()) }];
    view.has_live_pairs = true;
    assert_eq!(given(&view).by(me(1)).refuses(archives), "not_found");
    assert_eq!(given(&view).by(admin(1)).refuses(archives), "program.has_live_pairs");
    view.program.state = winding(true, Some(14)).program.state;
    let early = days(14) - chrono::TimeDelta::microseconds(1);
    for by in [admin(1), staff(), clock()] {
        let refusal = given(&view).by(by).at(early).refuses(archives);
        assert_eq!(refusal, "program.has_live_pairs");
    }
    let decision = given(&view).at(days(14)).does(archives);
    assert_eq!(decision.reply, Batch::More);
    assert_eq!(pairs_in(&decision.changes).len(), 2);
    assert!(said(&decision.changes).iter().all(|it| !it.contains('(')), "no reason is told");
    view.live_pairs.clear();
    view.has_live_pairs = false;
    assert_eq!(given(&view).at(days(14)).does(archives).reply, Batch::Done);
}

/// A program that has not closed what was left over is not archived, nor is one that still runs.
#[test]
fn only_a_settled_program_is_archived() {
    let refused = |view: &ProgramView| given(view).by(admin(1)).refuses(archives);
    let wrong = |from: &str| state_error("program", from, "archive");
    assert_eq!(refused(&winding(false, None)), wrong("winding_down"));
    assert_eq!(refused(&program_view()), wrong("open"));
    let over = in_state(ProgramState::Archived { at: start() });
    assert_eq!(refused(&over), wrong("archived"));
    let settings = |view: &ProgramView, cx: Cx<'_>| edit(view, EditProgram::default(), cx);
    assert_eq!(
        given(&over).by(admin(1)).refuses(settings),
        state_error("program", "archived", "edit")
    );
}
