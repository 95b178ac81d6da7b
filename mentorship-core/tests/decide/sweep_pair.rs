//! What time alone does to a pair: never early, once, and never later than it has to.

use chrono_tz::Tz;
use mentorship_core::{
    base::{time::Timestamp, zone::QuietHours},
    change::Change,
    conformance::make::{by_hand, id, start, step, who},
    decide::{
        due::{content_until, idle_end_at, may_remind, reminder_at},
        sweep,
    },
    model::{
        enrollment::Role,
        event::Audience,
        guide::{StepInstance, StepState},
        pair::PairState,
        person::Person,
    },
    view::PairView,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{
    given::{Given, active, days, given, hours, pair_view, rearm},
    told::{pairs_in, said, steps_in},
};

const ZONES: &[Tz] =
    &[Tz::Europe__Lisbon, Tz::America__Los_Angeles, Tz::Asia__Kolkata, Tz::Pacific__Auckland];

fn states() -> impl Strategy<Value = PairState> {
    let by = Role::Mentor;
    prop_oneof![
        1 => Just(PairState::Introduced { since: start() }),
        3 => Just(active()),
        2 => (0_i64..400, option::of(0_i64..1_400)).prop_map(move |(since, until)| {
            let until = until.map(|length| hours(since + length + 1));
            PairState::Paused { since: hours(since), until, by }
        }),
        1 => Just(PairState::Frozen { since: start(), resume_to: Box::new(active()), held_by: by_hand() }),
    ]
}

fn steps() -> impl Strategy<Value = Vec<StepInstance>> {
    let one = (0_u8..4, 0_i64..2_000).prop_map(|(kind, at)| match kind {
        0 => StepState::Open { since: start() },
        1 => StepState::Locked { unlocks_at: None },
        _ => StepState::Locked { unlocks_at: Some(hours(at)) },
    });
    vec(one, 0..5).prop_map(|states| {
        let keyed = |(n, state)| StepInstance { state, due_at: None, ..step(id(70), n) };
        (0_u16..).zip(states).map(keyed).collect()
    })
}

fn people() -> impl Strategy<Value = Person> {
    let reminded = vec(0_i64..2_000, 0..4);
    (1_u64..3, option::of(select(ZONES)), any::<bool>(), reminded).prop_map(
        |(n, zone, reminders_off, mut reminded)| {
            reminded.sort_unstable();
            let reminded = reminded.into_iter().map(hours).collect();
            Person { zone, reminders_off, reminded, ..crate::given::person(n) }
        },
    )
}

prop_compose! {
    fn views()(
        state in states(),
        steps in steps(),
        people in (people(), people()),
        active in 0_i64..600,
        quiet in (0_u16..1_440, 0_u16..1_440),
        days in (3_u16..30, 30_u16..90, 1_u16..60),
        per_week in 0_u8..4,
        reminded in option::of(0_i64..900),
    ) -> PairView {
        let mut view = pair_view(state);
        view.steps = steps;
        view.mentor = Person { id: who(1), ..people.0 };
        view.mentee = Person { id: who(2), ..people.1 };
        view.pair.last_activity_at = hours(active);
        view.pair.reminded_at = reminded.map(hours);
        let policy = &mut view.program.policy;
        policy.quiet_hours = QuietHours::new(quiet.0, quiet.1).unwrap();
        (policy.never_started_days, policy.dormant_days, policy.max_pause_days) = days;
        policy.reminders_per_week = per_week;
        rearm(&mut view);
        view
    }
}

/// What is due of the pair besides a reminder.
fn next_change(view: &PairView) -> Option<Timestamp> {
    let runs = matches!(view.pair.state, PairState::Introduced { .. } | PairState::Active { .. });
    let unlocks = view.steps.iter().filter_map(|step| match step.state {
        StepState::Locked { unlocks_at } if runs => unlocks_at,
        _ => None,
    });
    let until = match view.pair.state {
        PairState::Paused { until, .. } => until,
        _ => None,
    };
    unlocks.chain(until).chain(idle_end_at(&view.pair, &view.program)).min()
}

/// Nothing of this decision was early.
fn on_time(
    view: &PairView,
    decision: &mentorship_core::decide::Decision<sweep::Swept>,
    now: Timestamp,
) {
    let set = &decision.changes;
    for step in steps_in(set) {
        let old = view.steps.iter().find(|old| old.key == step.key).unwrap();
        if matches!(step.state, StepState::Open { .. }) && old.state != step.state {
            let StepState::Locked { unlocks_at: Some(at) } = old.state else {
                panic!("{old:?} opened")
            };
            assert!(at <= now);
            let runs =
                matches!(view.pair.state, PairState::Introduced { .. } | PairState::Active { .. });
            assert!(runs, "a step opened in a pair that stands still");
        }
    }
    if let [pair] = pairs_in(set)[..] {
        match (&view.pair.state, &pair.state) {
            (PairState::Ended { .. } | PairState::Completed { .. }, new) => {
                assert_eq!(*new, view.pair.state.without_words());
                let until = content_until(&view.pair, &view.program);
                assert!(pair.cleared_at.is_none() || until.is_some_and(|at| at <= now));
            }
            (_, PairState::Ended { .. }) => {
                assert!(idle_end_at(&view.pair, &view.program).is_some_and(|at| at <= now));
            }
            (PairState::Paused { until, .. }, PairState::Active { .. }) => {
                assert!(until.is_some_and(|at| at <= now));
            }
            (old, new) => assert_eq!(old, new),
        }
    }
    for message in set.outbox.iter().filter(|it| it.kind.as_str().starts_with("reminder.")) {
        let PairView { pair, program, mentor, mentee, .. } = view;
        assert!(reminder_at(pair, program, mentor, mentee).is_some_and(|at| at <= now));
        let to =
            [mentor, mentee].into_iter().find(|it| message.to == Audience::Person(it.id.clone()));
        assert!(may_remind(to.unwrap(), program, now), "not wanted, too often, or at night");
        assert!(message.between.is_some());
    }
}

fn then(view: &PairView, set: &mentorship_core::change::ChangeSet) -> PairView {
    let mut view = view.clone();
    for change in &set.changes {
        match change {
            Change::Pair(pair) => view.pair = pair.clone(),
            Change::Person(person) if person.id == view.mentor.id => view.mentor = person.clone(),
            Change::Person(person) => view.mentee = person.clone(),
            _ => {}
        }
    }
    for step in steps_in(set) {
        *view.steps.iter_mut().find(|old| old.key == step.key).unwrap() = step.clone();
    }
    view
}

/// Sweeps at one instant until nothing is due; every round has to bring it on.
fn sweep_out(view: &PairView, now: Timestamp) -> (PairView, Vec<&'static str>) {
    let (mut view, mut done) = (view.clone(), Vec::new());
    while view.pair.due_at.is_some_and(|at| at <= now) {
        let decision = given(&view).at(now).does(sweep::pair);
        on_time(&view, &decision, now);
        view = then(&view, &decision.changes);
        done.push(decision.reply);
        assert!(done.len() <= 3, "the clock spins: {done:?}");
    }
    let rests: Given<'_, PairView> = given(&view).at(now);
    assert_eq!(rests.refuses(sweep::pair), "not_found");
    (view, done)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// At any instant before it is due, a pair is left as it is; from then on it is brought on, nothing of
    /// it early, and is due later or never.
    #[test]
    fn a_pair_is_swept_when_it_is_due_and_once(view in views(), now in -24_i64..2_400) {
        let now = hours(now);
        let due = view.pair.due_at.is_some_and(|at| at <= now);
        if !due {
            prop_assert_eq!(given(&view).at(now).refuses(sweep::pair), "not_found");
            return Ok(());
        }
        let (after, _) = sweep_out(&view, now);
        prop_assert!(after.pair.due_at.is_none_or(|at| at > now));
        // Waiting for people to wake up must not keep a step closed or an idle pair alive.
        prop_assert!(after.pair.due_at <= next_change(&after).or(after.pair.due_at));
    }

    /// A clock that comes by at any instants does, in the end, what one that comes by every time does, and
    /// a second clock at the same instants does nothing.
    #[test]
    fn idle_pairs_end_however_rarely_the_clock_comes_by(view in views(), gaps in vec(1_i64..400, 1..12)) {
        let (mut view, mut now) = (view, start());
        for gap in gaps {
            now += chrono::TimeDelta::hours(gap);
            view = sweep_out(&view, now).0;
            let over = idle_end_at(&view.pair, &view.program).is_some_and(|at| at <= now);
            prop_assert!(!over, "it outlives its idle end");
        }
    }
}

/// Row 41: a pair that never began and one that fell silent end for reasons of their own, which both read;
/// a reminder comes before.
#[test]
fn idle_pairs_end_by_policy() {
    for (state, idle, reason) in [
        (PairState::Introduced { since: start() }, 21, "never_started"),
        (active(), 56, "dormant"),
        (PairState::Paused { since: start(), until: None, by: Role::Mentee }, 60, "dormant"),
    ] {
        let mut view = pair_view(state);
        view.steps.clear();
        rearm(&mut view);
        let early = days(idle) - chrono::TimeDelta::microseconds(1);
        view = sweep_out(&view, early).0;
        assert!(view.pair.state.is_live());
        let decision = given(&view).at(days(idle)).does(sweep::pair);
        assert!(said(&decision.changes).contains(&format!("pair.ended > p001 ({reason})")));
    }
}

/// Rows 31 and 38: a pair that stands still opens no step, even if its due date was stored before the
/// program allowed longer pauses.
#[test]
fn no_step_opens_in_a_pair_that_stands_still() {
    let mut view = pair_view(PairState::Paused { since: start(), until: None, by: Role::Mentor });
    view.steps[1].state = StepState::Locked { unlocks_at: Some(days(7)) };
    view.program.policy.max_pause_days = 10;
    rearm(&mut view);
    view.program.policy.max_pause_days = 60;
    let decision = given(&view).at(days(10)).does(sweep::pair);
    assert!(steps_in(&decision.changes).is_empty());
    assert_eq!(pairs_in(&decision.changes)[0].due_at, Some(days(60)));
}

/// Row 36: the sweep came late, into the night. The reminder waits for the morning, but a step that opens
/// at midnight does not.
#[test]
fn a_reminder_that_waits_for_the_morning_keeps_no_step_closed() {
    let mut view = pair_view(active());
    let midnight: Timestamp = "2027-03-10T00:00:00Z".parse().unwrap();
    view.steps[1].state = StepState::Locked { unlocks_at: Some(midnight) };
    rearm(&mut view);
    let evening: Timestamp = "2027-03-09T22:00:00Z".parse().unwrap();
    let (mut view, _) = sweep_out(&view, evening);
    assert_eq!(view.pair.due_at, Some(midnight));
    view = sweep_out(&view, midnight).0;
    assert_eq!(view.steps[1].state, StepState::Open { since: midnight });
    let morning: Timestamp = "2027-03-10T08:00:00Z".parse().unwrap();
    assert_eq!(view.pair.due_at, Some(morning));
    assert_eq!(sweep_out(&view, morning).1, ["pair.remind"]);
}

/// Row 36: two who are never awake at the same time are reminded all the same, each while awake.
#[test]
fn two_without_a_common_waking_hour_are_reminded() {
    let mut view = pair_view(active());
    view.steps.clear();
    view.program.policy.quiet_hours = QuietHours::new(20 * 60, 10 * 60).unwrap();
    view.mentor.zone = Some(Tz::UTC);
    view.mentee.zone = Some(Tz::Etc__GMTMinus12);
    rearm(&mut view);
    let mut reminders = 0;
    for hour in 0..14 * 24 {
        let now = hours(hour);
        if view.pair.due_at.is_some_and(|at| at <= now) {
            let (after, done) = sweep_out(&view, now);
            reminders += done.iter().filter(|it| **it == "pair.remind").count();
            view = after;
        }
    }
    assert!(reminders > 0, "nobody was reminded in two weeks");
    let heard: usize = [&view.mentor, &view.mentee].iter().map(|it| it.reminded.len()).sum();
    assert!(heard > 0);
}
