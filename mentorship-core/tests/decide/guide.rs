//! Walking the guide.

use chrono_tz::Tz;
use mentorship_core::{
    base::{id::PairId, time::Timestamp},
    conformance::make::{self, by_hand, id, slug, start},
    decide::{
        Cx, Decision, Refusal,
        due::content_until,
        guide::{StepOutcome, finish, first_steps, reopen, skip},
    },
    model::{
        enrollment::Role,
        guide::{DoneBy, Guide, StepState, Unlock},
        pair::{EndKind, EndedBy, PairEnd, PairState},
    },
    view::PairView,
};
use proptest::prelude::*;

use crate::{
    given::{active, admin, clock, days, given, hours, me, pair_view, staff, state_error},
    told::{actions, pairs_in, said, steps_in},
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn introduced() -> PairState {
    PairState::Introduced { since: start() }
}

fn guide_of(unlocks: &[Unlock]) -> Guide {
    let one = make::guide().steps[0].clone();
    let steps = (0..).zip(unlocks).map(|(n, unlock)| {
        let n: u32 = n;
        mentorship_core::model::guide::Step {
            key: slug(&format!("s{n}")),
            unlock: *unlock,
            ..one.clone()
        }
    });
    Guide { version: 1, steps: steps.collect() }
}

fn opens(guide: &Guide, zone: Tz, starts: Timestamp) -> Vec<Option<Timestamp>> {
    let steps = first_steps(id::<PairId>(70), guide, zone, starts, starts);
    let instant = |state: &StepState| match state {
        StepState::Locked { unlocks_at } => *unlocks_at,
        StepState::Open { since } => Some(*since),
        StepState::Done { .. } | StepState::Skipped { .. } => None,
    };
    steps.iter().map(|step| instant(&step.state)).collect()
}

/// D35: week n of a guide is seven civil days in the program's zone, however long those days are; where
/// clocks skip midnight, the day begins at the later instant, after the gap.
#[test]
fn weeks_are_civil_days_in_the_programs_zone() {
    let weeks =
        guide_of(&[Unlock::AtStart, Unlock::AfterDays { days: 7 }, Unlock::AfterDays { days: 21 }]);
    for (zone, starts, week, three_weeks) in [
        // Summer time begins on 28 March 2027: the clocks of Lisbon and UTC part.
        (
            Tz::Europe__Lisbon,
            "2027-03-22T23:30:00Z",
            "2027-03-28T23:00:00Z",
            "2027-04-11T23:00:00Z",
        ),
        // In Beirut the same night has no midnight: the day begins at one o'clock.
        (Tz::Asia__Beirut, "2027-03-21T08:00:00Z", "2027-03-27T22:00:00Z", "2027-04-10T21:00:00Z"),
        (Tz::Asia__Kolkata, "2027-03-01T09:00:00Z", "2027-03-07T18:30:00Z", "2027-03-21T18:30:00Z"),
    ] {
        let expected = [starts, week, three_weeks].map(|text| Some(at(text)));
        assert_eq!(opens(&weeks, zone, at(starts)), expected, "{zone}");
    }
}

proptest! {
    /// What a new pair begins with: never early, and a first step that waits for nothing is open.
    #[test]
    fn first_steps_are_never_early(
        zone in 0..chrono_tz::TZ_VARIANTS.len(), starts in 0_i64..20_000, late in 0_i64..50, days in 1_u16..400,
    ) {
        let zone = chrono_tz::TZ_VARIANTS[zone];
        let (starts, now) = (hours(starts), hours(starts + late));
        let first = guide_of(&[Unlock::AfterPrevious, Unlock::AfterDays { days }, Unlock::AfterPrevious]);
        let steps = first_steps(id::<PairId>(70), &first, zone, starts, now);
        prop_assert_eq!(&steps[0].state, &StepState::Open { since: now });
        let day = mentorship_core::base::zone::add_civil_days(zone, starts, days.into());
        prop_assert!(day > starts);
        match steps[1].state {
            StepState::Open { .. } => prop_assert!(day <= now),
            StepState::Locked { unlocks_at } => prop_assert_eq!(unlocks_at, Some(day)),
            _ => prop_assert!(false),
        }
        prop_assert_eq!(&steps[2].state, &StepState::Locked { unlocks_at: None });
        let early = first_steps(id::<PairId>(70), &first, zone, starts, starts - chrono::TimeDelta::hours(1));
        prop_assert!(early.iter().all(|step| step.state.code() == "locked" && step.due_at.is_none()));
    }
}

fn done(view: &PairView, by: u64, key: &str) -> Decision<StepOutcome> {
    given(view).by(me(by)).at(days(1)).does(|view, cx| finish(view, &slug(key), cx))
}

fn then(view: &PairView, decision: &Decision<StepOutcome>) -> PairView {
    let mut view = view.clone();
    view.pair = pairs_in(&decision.changes)[0].clone();
    for step in steps_in(&decision.changes) {
        *view.steps.iter_mut().find(|old| old.key == step.key).unwrap() = step.clone();
    }
    view
}

/// Row 34: the guide says whose word finishes a step.
#[test]
fn a_step_is_done_when_everybody_named_has_said_so() {
    for (done_by, mentor, mentee) in [
        (DoneBy::Either, Some("done"), Some("done")),
        (DoneBy::Both, Some("open"), Some("open")),
        (DoneBy::Mentor, Some("done"), None),
        (DoneBy::Mentee, None, Some("done")),
    ] {
        let mut view = pair_view(active());
        let mut guide = (*view.guide).clone();
        guide.steps[0].done_by = done_by;
        view.guide = guide.into();
        for (by, expected) in [(1, mentor), (2, mentee)] {
            let outcome =
                given(&view).by(me(by)).tries(|view, cx| finish(view, &slug("hello"), cx));
            let state = outcome.as_ref().ok().map(|it| it.reply.state.as_str());
            assert_eq!(state, expected, "{done_by}");
        }
    }
}

/// The second word of two finishes; the same one twice does not. The step after it opens, the last one
/// completes the pair, and both hear of it (D7: unless one has blocked the other by then).
#[test]
fn the_last_step_completes_the_pair() {
    let mut view = pair_view(introduced());
    let first = done(&view, 1, "hello");
    assert_eq!(actions(&first.changes), ["pair.start", "step.half_finish"]);
    view = then(&view, &first);
    let twice = done(&view, 1, "hello");
    assert_eq!(twice.reply.state.as_str(), "open");
    view = then(&view, &done(&view, 2, "hello"));
    assert_eq!(view.steps[0].state, StepState::Done { at: days(1) });
    view.steps[1].state = StepState::Open { since: days(1) };
    let second = done(&view, 2, "sail");
    let unlocked = ["step.unlocked > p001", "step.unlocked > p002"];
    assert_eq!(said(&second.changes), unlocked);
    assert!(second.changes.outbox.iter().all(|it| it.between.is_some()));
    view = then(&view, &second);
    let last = done(&view, 1, "goodbye");
    assert!(last.reply.completed);
    view = then(&view, &last);
    assert_eq!(view.pair.state, PairState::Completed { at: days(1), by: None });
    assert_eq!(view.pair.due_at, content_until(&view.pair, &view.program));
}

type Walk = fn(&PairView, Cx<'_>) -> Result<Decision<StepOutcome>, Refusal>;

const WALKS: &[(&str, Walk)] = &[
    ("finish", |view, cx| finish(view, &slug("sail"), cx)),
    ("skip", |view, cx| skip(view, &slug("sail"), cx)),
    ("reopen", |view, cx| reopen(view, &slug("sail"), cx)),
];

/// Not theirs, then whether the pair takes writing, then the step.
#[test]
fn walking_is_refused_in_order() {
    let end = PairEnd { kind: EndKind::NoTime, shared: false, note: None, by: EndedBy::Clock };
    let (since, at) = (start(), start());
    let closed = [
        PairState::Paused { since, until: None, by: Role::Mentor },
        PairState::Frozen { since, resume_to: Box::new(active()), held_by: by_hand() },
        PairState::Completed { at, by: None },
        PairState::Ended { at, end },
    ];
    for (act, walk) in WALKS {
        for state in &closed {
            let view = pair_view(state.clone());
            for by in [me(3), admin(900), admin(1), staff(), clock()] {
                assert_eq!(given(&view).by(by).refuses(walk), "not_found", "{act}");
            }
            assert_eq!(given(&view).by(me(1)).refuses(walk), "pair.not_writable", "{act}");
        }
        let locked = pair_view(active());
        let refusal = given(&locked).by(me(1)).refuses(walk);
        assert_eq!(refusal, state_error("step", "locked", act));
    }
    let view = pair_view(active());
    let unknown = given(&view);
    assert_eq!(unknown.by(me(1)).refuses(|view, cx| skip(view, &slug("swim"), cx)), "not_found");
}

/// Row 34: a step opens again while the pair lives, with a new date and nobody's word on it; the steps
/// after it stay as they are.
#[test]
fn a_step_opens_again() {
    let mut view = pair_view(active());
    view.steps[1].state = StepState::Skipped { at: start(), by: Role::Mentor };
    view.steps[1].mentor_done_at = Some(start());
    view.steps[2].state = StepState::Open { since: start() };
    let decision = given(&view).by(me(2)).at(days(3)).does(WALKS[2].1);
    let [step] = steps_in(&decision.changes)[..] else { panic!("one step") };
    assert_eq!(step.state, StepState::Open { since: days(3) });
    assert_eq!((step.due_at, step.mentor_done_at), (Some(days(10)), None));
    assert!(!decision.reply.completed);
}

/// Row 38: where the program lets a paused pair write, its last step is taken and completes it.
#[test]
fn the_last_step_of_a_paused_pair_completes_it() {
    let since = start();
    let mut view = pair_view(PairState::Paused { since, until: None, by: Role::Mentor });
    view.program.policy.write_while_paused = true;
    for step in &mut view.steps {
        step.state = StepState::Done { at: since };
    }
    view.steps[2].state = StepState::Open { since };
    let decision = given(&view).by(me(2)).does(|view, cx| finish(view, &slug("goodbye"), cx));
    assert!(decision.reply.completed);
    assert_eq!(pairs_in(&decision.changes)[0].state.code(), "completed");
    assert_eq!(steps_in(&decision.changes)[0].state.code(), "done");
}
