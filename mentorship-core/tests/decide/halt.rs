//! Pauses and freezes: what is still to come moves by the time the pair stood still (rows 31 and 38).

use chrono::TimeDelta;
use mentorship_core::{
    base::time::Timestamp,
    change::{Change, Key},
    conformance::make::{by_hand, id, start, step, who},
    decide::{
        Cx, Decision, Refusal,
        pair::{complete, freeze, pause, resume, unfreeze},
    },
    model::{
        enrollment::Role,
        guide::{StepInstance, StepState},
        pair::{EndKind, EndedBy, PairEnd, PairState, PauseSpan},
    },
    view::PairView,
};
use proptest::{collection::vec, prelude::*};

use crate::{
    given::{
        active, admin, clock, days, given, host, hours, me, pair_view, rearm, staff, state_error,
    },
    sound::Before,
    told::{pairs_in, said, steps_in},
};

type Act = fn(&PairView, Cx<'_>) -> Result<Decision<()>, Refusal>;

fn paused(since: Timestamp, until: Option<Timestamp>) -> PairState {
    PairState::Paused { since, until, by: Role::Mentee }
}

fn frozen(resume_to: PairState) -> PairState {
    PairState::Frozen { since: start(), resume_to: Box::new(resume_to), held_by: by_hand() }
}

/// The view as it is after the decision is stored.
fn then(view: &PairView, decision: &Decision<()>) -> PairView {
    let mut view = view.clone();
    view.pair = pairs_in(&decision.changes)[0].clone();
    view.pair.version = view.pair.version.next();
    for step in steps_in(&decision.changes) {
        *view.steps.iter_mut().find(|old| old.key == step.key).unwrap() = step.clone();
    }
    assert!(!view.records().is_empty());
    view
}

fn stored(
    view: &PairView,
    by: mentorship_core::policy::actor::Actor,
    at: Timestamp,
    act: Act,
) -> PairView {
    then(view, &given(view).by(by).at(at).does(act))
}

/// Steps of every kind; the numbers are hours from the start.
fn steps() -> impl Strategy<Value = Vec<StepInstance>> {
    let one = (0_u8..5, 0_i64..2_000).prop_map(|(kind, at)| {
        let state = match kind {
            0 => StepState::Locked { unlocks_at: Some(hours(at)) },
            1 => StepState::Locked { unlocks_at: None },
            2 => StepState::Done { at: start() },
            _ => StepState::Open { since: start() },
        };
        let due_at = (kind == 3).then(|| hours(at));
        StepInstance { state, due_at, ..step(id(70), 0) }
    });
    vec(one, 0..6).prop_map(|steps| {
        let keyed = |(n, it): (u16, StepInstance)| StepInstance {
            key: step(id(70), n).key,
            position: n,
            ..it
        };
        (0_u16..).zip(steps).map(keyed).collect()
    })
}

/// By how much each date still to come has moved; `None` for what has no date.
fn moved(before: &PairView, after: &PairView) -> Vec<Option<TimeDelta>> {
    let date = |step: &StepInstance| match step.state {
        StepState::Locked { unlocks_at } => unlocks_at,
        StepState::Open { .. } => step.due_at,
        StepState::Done { .. } | StepState::Skipped { .. } => None,
    };
    let pairs = before.steps.iter().zip(&after.steps);
    pairs.map(|(old, new)| date(old).zip(date(new)).map(|(old, new)| new - old)).collect()
}

proptest! {
    /// Rows 31 and 38: a pause moves what is still to come by exactly its length, and nothing else.
    #[test]
    fn a_pause_moves_dates_by_its_length(steps in steps(), from in 1_i64..900, length in 0_i64..1_400) {
        let mut view = pair_view(active());
        view.steps = steps;
        let during = stored(&view, me(1), hours(from), |view, cx| pause(view, None, cx));
        prop_assert_eq!(&during.steps, &view.steps);
        let after = stored(&during, me(2), hours(from + length), resume);
        let moved = moved(&view, &after);
        let by = TimeDelta::hours(length);
        prop_assert!(moved.iter().flatten().all(|it| *it == by), "{moved:?}");
        prop_assert_eq!(&after.pair.state, &PairState::Active { since: hours(from + length) });
        let span = PauseSpan { from: hours(from), to: hours(from + length) };
        prop_assert_eq!(&after.pair.pauses, &[span]);
        prop_assert_eq!(after.pair.last_activity_at, hours(from + length), "nobody was idle");
    }

    /// A freeze within a pause counts once: the dates move by the whole time the pair stood still, and the
    /// spans tell it without overlap.
    #[test]
    fn a_freeze_within_a_pause_counts_once(
        steps in steps(), from in 1_i64..300, paused in 0_i64..200, frozen in 0_i64..200, rest in 0_i64..200,
    ) {
        let mut view = pair_view(active());
        view.steps = steps;
        let at = |hour: i64| hours(from + hour);
        let during = stored(&view, me(1), at(0), |view, cx| pause(view, None, cx));
        let halted = stored(&during, staff(), at(paused), freeze);
        let again = stored(&halted, host(), at(paused + frozen), unfreeze);
        prop_assert_eq!(again.pair.state.code(), "paused");
        prop_assert!(again.pair.due_at.is_some_and(|due| due > at(paused + frozen)));
        let after = stored(&again, me(2), at(paused + frozen + rest), resume);
        let whole = TimeDelta::hours(paused + frozen + rest);
        let moved = moved(&view, &after);
        prop_assert!(moved.iter().flatten().all(|it| *it == whole), "{moved:?} for {whole}");
        let spans = &after.pair.pauses;
        prop_assert!(spans.windows(2).all(|two| two[0].to <= two[1].from), "{spans:?}");
        let sum: TimeDelta = spans.iter().map(|span| span.to - span.from).sum();
        prop_assert_eq!(sum, whole);
    }
}

/// D23: a mistaken freeze costs nothing: dates move by its length and the state before comes back.
#[test]
fn a_freeze_moves_dates_by_its_length() {
    for state in [PairState::Introduced { since: start() }, active()] {
        let view = pair_view(state.clone());
        let halted = stored(&view, staff(), days(2), freeze);
        assert_eq!(halted.pair.due_at, None, "time does nothing to a frozen pair");
        let after = stored(&halted, staff(), days(5), unfreeze);
        assert_eq!(after.pair.state, state);
        assert_eq!(after.pair.adults_at, days(5));
        assert!(moved(&view, &after).iter().flatten().all(|it| *it == TimeDelta::days(3)));
    }
}

/// What the two are told after a freeze is what holds: a pair that was paused before is paused again.
#[test]
fn after_a_freeze_the_two_read_where_the_pair_stands() {
    for (before, told) in [(active(), "pair.resumed"), (paused(start(), None), "pair.paused")] {
        let decision = given(&pair_view(frozen(before))).by(staff()).at(days(1)).does(unfreeze);
        assert_eq!(said(&decision.changes), [format!("{told} > p001"), format!("{told} > p002")]);
    }
}

/// A step that opened while the pair stood still had only the rest of the pause taken from it.
#[test]
fn a_step_opened_within_a_pause_moves_by_the_rest_of_it() {
    let mut view = pair_view(paused(start(), None));
    view.steps[0].state = StepState::Open { since: days(4) };
    view.steps[0].due_at = Some(days(11));
    let after = stored(&view, me(1), days(6), resume);
    assert_eq!(after.steps[0].due_at, Some(days(13)));
}

/// D14: a freeze is told as a pause by the program, and no answer to the two says
/// anything else: a frozen pair takes no writing, like any that stands still.
#[test]
fn a_freeze_reads_as_a_pause_by_the_program() {
    let view = pair_view(active());
    let decision = given(&view).by(staff()).does(freeze);
    let expected = ["pair.paused_by_program > p001", "pair.paused_by_program > p002"];
    assert_eq!(said(&decision.changes), expected);
    let view = pair_view(frozen(active()));
    let given = || given(&view).by(me(1));
    assert_eq!(given().refuses(|view, cx| pause(view, None, cx)), "pair.not_writable");
    assert_eq!(given().refuses(resume), "pair.not_writable");
    assert_eq!(given().refuses(complete), "pair.not_writable");
}

/// I7, D23: nobody goes on who is not known to be an adult, and the decision bumps both people, so that a
/// correction of an age meets it.
#[test]
fn only_adults_go_on_after_a_freeze() {
    let view = pair_view(frozen(active()));
    let decision = given(&view).by(staff()).at(days(1)).does(unfreeze);
    for n in [1, 2] {
        let touched = Change::Touch(Key::Person(who(n)));
        assert!(decision.changes.changes.contains(&touched));
    }
    let mut minor = view;
    minor.mentee.adult_on = None;
    assert_eq!(given(&minor).by(staff()).refuses(unfreeze), "not_eligible");
    for by in [me(1), me(2), admin(900), clock()] {
        assert_eq!(given(&minor).by(by).refuses(unfreeze), "not_found");
    }
}

/// Not theirs, then the date, then the state.
#[test]
fn pausing_is_refused_in_order() {
    let end = PairEnd { kind: EndKind::NoTime, shared: false, note: None, by: EndedBy::Clock };
    let over = pair_view(PairState::Ended { at: start(), end });
    let longest = over.program.policy.max_pause_days;
    for by in [me(3), admin(900), staff(), clock()] {
        let decide = |view: &PairView, cx: Cx<'_>| pause(view, Some(start()), cx);
        assert_eq!(given(&over).by(by).refuses(decide), "not_found");
    }
    for until in [start(), days(-1), days(i64::from(longest) + 1)] {
        let decide = |view: &PairView, cx: Cx<'_>| pause(view, Some(until), cx);
        assert!(given(&over).by(me(1)).refuses(decide).starts_with("input."));
    }
    let decide = |view: &PairView, cx: Cx<'_>| pause(view, Some(days(longest.into())), cx);
    assert_eq!(given(&over).by(me(1)).refuses(decide), state_error("pair", "ended", "pause"));
    assert_eq!(given(&over).by(me(1)).refuses(resume), state_error("pair", "ended", "resume"));
    let introduced = pair_view(PairState::Introduced { since: start() });
    let refusal = given(&introduced).by(me(1)).refuses(|view, cx| pause(view, None, cx));
    assert_eq!(refusal, state_error("pair", "introduced", "pause"));
}

/// A pause without a date ends by itself too: at the longest pause that the program allows (row 38).
#[test]
fn a_paused_pair_is_due_at_its_date_or_at_the_longest_pause() {
    for (until, due) in [(Some(days(9)), days(9)), (None, days(60))] {
        let view = pair_view(active());
        let decision = given(&view).by(me(1)).does(|view, cx| pause(view, until, cx));
        assert_eq!(pairs_in(&decision.changes)[0].due_at, Some(due));
    }
    let mut view = pair_view(paused(start(), None));
    rearm(&mut view);
    assert_eq!(view.pair.due_at, Some(days(60)));
}
