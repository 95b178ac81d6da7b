//! Ending and completing a pair.

use mentorship_core::{
    base::text::Note,
    conformance::make::{by_hand, start, step},
    decide::{
        Cx,
        pair::{Concluded, complete, end},
    },
    model::{
        enrollment::Role,
        guide::{StepInstance, StepState},
        pair::{EndKind, EndedBy, PairEnd, PairState, end::REASONS_OF_A_PARTICIPANT},
    },
    policy::actor::Actor,
    view::PairView,
};

use crate::{
    given::{
        active, admin, blocked, clock, days, given, host, me, pair_view, relation, staff,
        state_error,
    },
    told::{pairs_in, said},
};

fn ended() -> PairState {
    let end = PairEnd { kind: EndKind::NoTime, shared: false, note: None, by: EndedBy::Clock };
    PairState::Ended { at: start(), end }
}

fn frozen() -> PairState {
    PairState::Frozen { since: start(), resume_to: Box::new(active()), held_by: by_hand() }
}

fn with_steps(over: usize, all: usize) -> PairView {
    let mut view = pair_view(active());
    let state = |n| {
        if n < over { StepState::Done { at: start() } } else { StepState::Open { since: start() } }
    };
    view.steps = (0_u16..)
        .zip(0..all)
        .map(|(position, n)| StepInstance { state: state(n), ..step(view.pair.id, position) })
        .collect();
    view
}

/// A reason is shown to the partner and the admins if its author shares it; else the text is neutral. The
/// author's own words go into no message and no event.
#[test]
fn a_reason_is_shown_only_if_it_is_shared() {
    for kind in REASONS_OF_A_PARTICIPANT {
        for (shared, code) in [(false, String::new()), (true, format!(" ({kind})"))] {
            let view = pair_view(active());
            let note = Some(Note::new("He never answers.").unwrap());
            let decide = |view: &PairView, cx: Cx<'_>| end(view, *kind, note.clone(), shared, cx);
            let decision = given(&view).by(me(2)).at(days(1)).does(decide);
            let expected = ["p001", "p002", "admins"].map(|to| format!("pair.ended > {to}{code}"));
            assert_eq!(said(&decision.changes), expected);
            let [pair] = pairs_in(&decision.changes)[..] else { panic!("one pair") };
            let by = EndedBy::Side(Role::Mentee);
            let end = PairEnd { kind: *kind, shared, note, by };
            // Looked at as soon as any program lets go of what is over.
            let over = PairState::Ended { at: days(1), end };
            assert_eq!((&pair.state, pair.due_at), (&over, Some(days(31))));
            let arrives = decision.changes.outbox.iter().all(|it| it.between.is_none());
            assert!(arrives, "that it has ended reaches both, even after a block");
        }
    }
}

/// An end of a neutral kind shows nothing even if it is marked as shared.
#[test]
fn a_neutral_kind_is_never_shown() {
    for kind in EndKind::ALL {
        let end = PairEnd { kind: *kind, shared: true, note: None, by: EndedBy::Platform };
        assert_eq!(end.shown_to_partner().is_none(), kind.is_neutral(), "{kind}");
        let participants = REASONS_OF_A_PARTICIPANT.contains(kind);
        assert!(!(participants && kind.is_neutral()), "{kind}");
    }
}

/// Not theirs; about oneself; kept away by a block, which reads as not there (D9, I10); then the reason;
/// then the state.
#[test]
fn ending_is_refused_in_order() {
    let over = || pair_view(ended());
    let hated = || PairView { with_actor: vec![relation(1, 900), blocked(2, 900)], ..over() };
    let cases: Vec<(PairView, Actor, EndKind, String)> = vec![
        (over(), me(3), EndKind::Blocked, "not_found".into()),
        (over(), staff(), EndKind::Blocked, "not_found".into()),
        (over(), host(), EndKind::Blocked, "not_found".into()),
        (over(), admin(1), EndKind::Blocked, "conflict_of_interest".into()),
        (hated(), admin(900), EndKind::Blocked, "not_found".into()),
        (over(), me(1), EndKind::NoTime, state_error("pair", "ended", "end")),
        (over(), admin(900), EndKind::NoTime, state_error("pair", "ended", "end")),
    ];
    for (view, by, kind, expected) in cases {
        let decide = |view: &PairView, cx: Cx<'_>| end(view, kind, None, false, cx);
        assert_eq!(given(&view).by(by).refuses(decide), expected);
    }
    for kind in EndKind::ALL.iter().filter(|kind| !REASONS_OF_A_PARTICIPANT.contains(kind)) {
        let decide = |view: &PairView, cx: Cx<'_>| end(view, *kind, None, true, cx);
        assert!(given(&over()).by(me(1)).refuses(decide).starts_with("input."), "{kind}");
    }
}

/// Ending never needs approval: from every live state, by either side and by an admin.
#[test]
fn either_side_ends_a_pair_from_every_live_state() {
    let (since, until, by) = (start(), None, Role::Mentor);
    let states = [
        PairState::Introduced { since },
        active(),
        PairState::Paused { since, until, by },
        frozen(),
    ];
    for state in states {
        for (actor, by) in [
            (me(1), EndedBy::Side(Role::Mentor)),
            (me(2), EndedBy::Side(Role::Mentee)),
            (admin(900), EndedBy::Admin),
        ] {
            let mut view = pair_view(state.clone());
            view.with_actor = vec![relation(1, 900), relation(2, 900)];
            let decide =
                |view: &PairView, cx: Cx<'_>| end(view, EndKind::Schedule, None, false, cx);
            let decision = given(&view).by(actor).does(decide);
            let PairState::Ended { end, .. } = &pairs_in(&decision.changes)[0].state else {
                panic!("ended");
            };
            assert_eq!(end.by, by);
        }
    }
}

/// Row 40: early completion is completion. The program's share of steps is rounded up; below it the pair
/// ends as "goals met early", which both may know.
#[test]
fn completing_early_is_success_either_way() {
    for (over, all, percent, completed) in [
        (0, 0, 75, true),
        (3, 4, 75, true),
        (2, 4, 75, false),
        (3, 5, 75, false),
        (4, 5, 75, true),
        (1, 60, 1, true),
        (0, 60, 1, false),
        (59, 60, 100, false),
    ] {
        let mut view = with_steps(over, all);
        view.program.policy.complete_percent = percent;
        let decision = given(&view).by(me(1)).does(complete);
        let expected = if completed { Concluded::Completed } else { Concluded::GoalsMetEarly };
        assert_eq!(decision.reply, expected, "{over} of {all}");
        let [pair] = pairs_in(&decision.changes)[..] else { panic!("one pair") };
        assert!(!pair.state.is_live() && pair.due_at >= Some(days(30)), "{pair:?}");
        let text =
            if completed { "pair.completed > p002" } else { "pair.ended > p002 (goals_met_early)" };
        assert!(said(&decision.changes).contains(&text.to_owned()), "{over} of {all}");
    }
}

/// Completing is the two's alone, and refused while the pair stands still.
#[test]
fn completing_is_refused_in_order() {
    let (since, until, by) = (start(), None, Role::Mentor);
    for by in [me(3), admin(900), staff(), clock()] {
        assert_eq!(given(&pair_view(ended())).by(by).refuses(complete), "not_found");
    }
    let ask = |state| given(&pair_view(state)).by(me(1)).refuses(complete);
    assert_eq!(ask(ended()), state_error("pair", "ended", "complete"));
    let paused = PairState::Paused { since, until, by };
    assert_eq!(ask(paused), state_error("pair", "paused", "complete"));
}
