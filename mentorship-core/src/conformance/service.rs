//! What a program is for, from end to end, on the store under test.

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::{
    Harness,
    census::Watch,
    make::{self, group, id, slug, tenant, who},
    world::{World, sign_up, step},
};
use crate::{
    base::{
        host::TenantId,
        id::{EnrollmentId, PairId, ProgramId},
        text::{Body, Note, Title},
    },
    change::Key,
    decide::{
        Refusal, journal::CheckInInput, person::AgeFacts, program::CreateProgram,
        proposal::Published,
    },
    model::{
        answer::Answer, enrollment::Role, event::Audience, journal::CheckInKind, pair::EndKind,
        program::Window,
    },
    policy::actor::Actor,
    service::{Attestation, Error, PageAsk},
};

async fn sound(world: &World) {
    let checked = Watch::default().check(&*world.store, world.now()).await;
    if let Err(broken) = checked {
        panic!("{broken}");
    }
}

async fn state_of(world: &World, place: EnrollmentId) -> String {
    let view = world.service.application(&world.admin(), place).await.unwrap();
    view.enrollment.state.code().to_owned()
}

async fn open_step(world: &World, n: u64, pair: PairId) -> Vec<String> {
    let details = world.service.pair(&world.person(n), pair).await.unwrap();
    details
        .steps
        .iter()
        .filter(|step| step.state.code() == "open")
        .map(|step| step.key.to_string())
        .collect()
}

/// Create, open, sign up, stage, publish, accept, walk the guide, complete, wind down, archive.
pub async fn a_whole_program_from_template_to_goodbye(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let ranked = world.service.candidates(&world.admin(), mentee, 10).await.unwrap();
    assert_eq!(ranked.ranked.len(), 1);
    let best = &ranked.ranked[0];
    assert_eq!((best.enrollment, best.person.clone()), (mentor, who(1)));
    // Of three wishes the second is met: 2 of 3 points of 600; ten years ahead: all of 400.
    assert_eq!(best.score.total(), 400 + 400, "{:?}", best.score);
    let offer = world.offer(mentor, mentee).await;
    let offers = world.service.my_offers(&world.person(2), PageAsk::default()).await.unwrap();
    assert!(offers.items[0].waits_for_me);
    let pair = world.accept(offer, 1, 2).await;
    assert_eq!(open_step(&world, 1, pair).await, ["hello"]);
    let words = Note::new("I am glad to meet you.").unwrap();
    world.service.introduce_oneself(&world.person(1), pair, words).await.unwrap();
    assert_eq!(world.pair_state(2, pair).await, "active");
    for n in [1, 2] {
        world.service.finish_step(&world.person(n), pair, &step("hello")).await.unwrap();
    }
    world.days(7);
    world.sweep().await;
    assert_eq!(open_step(&world, 1, pair).await, ["sail"]);
    world.service.finish_step(&world.person(2), pair, &step("sail")).await.unwrap();
    assert_eq!(open_step(&world, 1, pair).await, ["goodbye"]);
    let closing = CheckInInput {
        kind: CheckInKind::Closing,
        score: Some(5),
        note: None,
        note_shared: false,
        testimonial: Some(Note::new("I can sail now.").unwrap()),
    };
    world.service.check_in(&world.person(2), pair, closing).await.unwrap();
    let done = world.service.finish_step(&world.person(2), pair, &step("goodbye")).await.unwrap();
    assert!(done.completed);
    assert_eq!(world.pair_state(1, pair).await, "completed");
    world.service.wind_down_program(&world.admin(), program).await.unwrap();
    world.sweep().await;
    world.service.archive_program(&world.admin(), program).await.unwrap();
    let details = world.service.program(&world.admin(), program).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
    sound(&world).await;
}

/// With approval, an application waits; a question can be asked and answered.
pub async fn an_application_needs_approval(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    assert_eq!(state_of(&world, place).await, "submitted");
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let stage = world.service.stage_proposal(&world.admin(), place, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed");
    let question = Note::new("Which waters do you know?").unwrap();
    world.service.ask_info(&world.admin(), place, question).await.unwrap();
    assert_eq!(state_of(&world, place).await, "needs_info");
    let again = make::answers(Role::Mentor);
    world.service.resubmit(&world.person(1), place, again).await.unwrap();
    world.service.approve(&world.admin(), place).await.unwrap();
    assert_eq!(state_of(&world, place).await, "active");
    world.service.reject(&world.admin(), mentee, slug("no_place")).await.unwrap();
    let early = world.enroll_with(program, 2, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(early), "enrollment.too_early");
    world.days(30);
    world.enroll(program, 2, Role::Mentee).await;
    sound(&world).await;
}

/// A minor, a leap-day birth, an unknown birthday: one code, on the right day, in the right zone.
pub async fn a_minor_is_refused_with_one_neutral_code(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let today = world.now().date_naive();
    let tomorrow = today.succ_opt();
    let cases = [
        (1, None, None, false),
        (2, tomorrow, Some(Tz::Europe__Lisbon), false),
        (3, Some(today), Some(Tz::Europe__Lisbon), true),
        // Where it is already tomorrow, and where the zone is not known.
        (4, Some(today), None, false),
        (5, tomorrow, Some(Tz::Pacific__Kiritimati), false),
    ];
    for (n, adult_on, zone, taken) in cases {
        world.host.attest(&who(n), Attestation { adult_on, zone });
        let outcome = world.enroll_with(program, n, sign_up(Role::Mentee)).await;
        if taken {
            outcome.unwrap();
        } else {
            assert_eq!(World::code(outcome), "not_eligible", "person {n}");
        }
    }
    world.clock.advance(TimeDelta::hours(16));
    world.enroll(program, 5, Role::Mentee).await;
    let untrained = who(6);
    world.host.untrained(&untrained);
    let outcome = world.enroll_with(program, 6, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_eligible", "the same for every rule");
    sound(&world).await;
}

/// The platform finds every failed rule in its audit log, in order; the group's admin finds none.
pub async fn every_failed_rule_is_on_record(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.host.attest(&who(1), Attestation::default());
    world.host.leaves(&who(1));
    world.host.untrained(&who(1));
    let outcome = world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_eligible");
    let all = world.service.audit(&world.staff(), world.first_page()).await.unwrap();
    let reasons: Vec<String> = all
        .items
        .iter()
        .filter(|event| event.action.as_str() == "enrollment.refuse")
        .filter_map(|event| event.reason.as_ref().map(ToString::to_string))
        .collect();
    assert_eq!(reasons, ["not_adult", "member", "trained"]);
    let admins =
        world.service.program_audit(&world.admin(), program, world.first_page()).await.unwrap();
    assert!(admins.items.iter().all(|event| event.action.as_str() != "enrollment.refuse"));
}

/// A wrong answer is refused by the question's name and the limit, before anything is stored.
pub async fn answers_are_checked_by_name(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let good = sign_up(Role::Mentee);
    let with = |key: &str, answer: Answer| {
        let mut input = good.clone();
        input.answers = input.answers.with(slug(key), answer);
        input
    };
    let mut without = good.clone();
    without.answers.0.remove(&slug("languages"));
    let cases = [
        (without, "`answers.languages` is required"),
        (with("years", Answer::Integer(61)), "`answers.years` is 61; it must be from 0 to 60"),
        (
            with("learns", Answer::Rank(vec![slug("flying")])),
            "`answers.learns` names an unknown choice",
        ),
        (
            with("learns", Answer::Rank(vec![slug("maps"), slug("maps")])),
            "`answers.learns` names the same choice twice",
        ),
        (
            with("teaches", Answer::Multi([slug("maps")].into())),
            "`answers.teaches` names an unknown question",
        ),
        (
            with("languages", Answer::Integer(3)),
            "`answers.languages` is malformed; expected a set of language tags",
        ),
    ];
    for (input, expected) in cases {
        let error = world.enroll_with(program, 1, input).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let mut greedy = good.clone();
    greedy.capacity = Some(9);
    let error = world.enroll_with(program, 1, greedy).await.unwrap_err();
    assert_eq!(error.params()["field"], "capacity");
    world.enroll_with(program, 1, good).await.unwrap();
    sound(&world).await;
}

/// Two former mentees ask for the last place: who is answered yes first has it, the other request is no
/// longer there.
pub async fn first_acceptance_wins(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut input = sign_up(Role::Mentor);
    input.capacity = Some(2);
    let mentor = world.enroll_with(program, 1, input).await.unwrap();
    let mut requests = Vec::new();
    for n in [2, 3] {
        let mentee = world.enroll(program, n, Role::Mentee).await;
        let offer = world.offer(mentor, mentee).await;
        let pair = world.accept(offer, 1, n).await;
        let end = EndKind::GoalsMetEarly;
        world.service.end_pair(&world.person(n), pair, end, None, true).await.unwrap();
        let request = world.service.restart_pair(&world.person(n), pair).await.unwrap();
        requests.push(request.proposal);
    }
    world.service.set_capacity(&world.person(1), mentor, 1).await.unwrap();
    let accepted = world.service.accept(&world.person(1), requests[1]).await.unwrap();
    assert!(accepted.pair.is_some());
    let late = world.service.accept(&world.person(1), requests[0]).await;
    assert_eq!(World::code(late), "not_available");
    sound(&world).await;
}

/// Not a microsecond before its time.
pub async fn an_offer_expires_and_not_early(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mentor = world.enroll(program, 1, Role::Mentor).await;
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    world.clock.advance(TimeDelta::days(14) - TimeDelta::microseconds(1));
    assert!(!world.sweep().await.done.contains_key("proposal.expire"));
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.sweep().await.done["proposal.expire"], 1);
    let late = world.service.accept(&world.person(2), offer).await;
    assert_eq!(World::code(late), "state.not_allowed");
    // The place is free again.
    let other = world.enroll(program, 3, Role::Mentee).await;
    world.offer(mentor, other).await;
    sound(&world).await;
}

/// A ranked list: when the first choice falls, the second is asked.
pub async fn a_declined_choice_makes_room_for_the_next(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut mentors = Vec::new();
    for n in 1..=3 {
        mentors.push(world.enroll(program, n, Role::Mentor).await);
    }
    let mentee = world.enroll(program, 9, Role::Mentee).await;
    let admin = world.admin();
    let staged = world.service.stage_ranked(&admin, &mentors, mentee).await.unwrap();
    let drafts: Vec<_> = staged.into_iter().map(|one| one.unwrap().proposal).collect();
    let published = world.service.publish_proposals(&admin, &drafts).await.unwrap();
    let codes: Vec<bool> =
        published.iter().map(|one| matches!(one, Ok(Published::Offered { .. }))).collect();
    assert_eq!(codes, [true, false, false], "{published:?}");
    world.service.decline(&world.person(1), drafts[0], Some(slug("no_time"))).await.unwrap();
    let now = world.service.my_offers(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(now.items.len(), 1, "the second choice is asked at once");
    world.days(14);
    world.sweep().await;
    let now = world.service.my_offers(&world.person(3), PageAsk::default()).await.unwrap();
    assert_eq!(now.items.len(), 1, "and the third after the second has lapsed");
    world.accept(drafts[2], 3, 9).await;
    sound(&world).await;
}

/// One call ends pairs and offers in all programs; the other is told only that it has ended.
pub async fn a_block_ends_everything_silently(h: Harness) {
    let world = World::new(h.store);
    let first = world.program(|_| {}).await;
    let second = world.program(|_| {}).await;
    let pair = world.pair(first, 1, 2).await;
    let mentor = world.enroll(second, 1, Role::Mentor).await;
    let mentee = world.enroll(second, 2, Role::Mentee).await;
    let offer = world.offer(mentor, mentee).await;
    drop(world.messages().await);
    world.service.block(&world.person(2), &who(1)).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let card = world.service.pair(&world.person(1), pair).await.unwrap().card;
    assert_eq!(card.reason, None, "no reason is told");
    assert_eq!(World::code(world.service.accept(&world.person(1), offer).await), "not_available");
    for envelope in world.messages().await {
        let message = envelope.message;
        assert!(!message.kind.as_str().contains("block"), "{message:?}");
        assert!(message.code.as_ref().is_none_or(|code| !code.as_str().contains("block")));
    }
    let stage = world.service.stage_proposal(&world.admin(), mentor, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed");
    let own = world.service.my_blocks(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(own.items.len(), 1);
    let theirs = world.service.my_blocks(&world.person(1), PageAsk::default()).await.unwrap();
    assert!(theirs.items.is_empty());
    assert!(!world.service.may_message(&tenant(), &who(1), &who(2)).await.unwrap());
    assert_eq!(World::code(world.service.block(&world.person(1), &who(1)).await), "block.self");
    world.service.lift_block(&world.person(2), &who(1)).await.unwrap();
    let stage = world.service.stage_proposal(&world.admin(), mentor, mentee, None).await;
    assert_eq!(World::code(stage), "pair.not_allowed", "cooling down (D8)");
    sound(&world).await;
}

/// I10: what the other one receives after a block and after an end without a reason is the same, word
/// for word.
pub async fn a_block_and_no_block_look_the_same_to_the_other(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let mut told = Vec::new();
    for (one, other, blocks) in [(1, 2, true), (3, 4, false)] {
        let pair = world.pair(program, one, other).await;
        drop(world.messages().await);
        if blocks {
            world.service.block(&world.person(one), &who(other)).await.unwrap();
        } else {
            let me = world.person(one);
            let end = world.service.end_pair(&me, pair, EndKind::Personal, None, false);
            end.await.unwrap();
        }
        let mut heard = Vec::new();
        for envelope in world.messages().await {
            if envelope.message.to == Audience::Person(who(other)) {
                let message = envelope.message;
                heard.push((message.kind, message.code, message.step, message.proposal));
            }
        }
        let card = world.service.pair(&world.person(other), pair).await.unwrap().card;
        let post = world
            .service
            .post(&world.person(other), pair, &step("hello"), None, Body::new("?").unwrap())
            .await;
        told.push((heard, card.state, card.reason, World::code(post)));
    }
    assert_eq!(told[0], told[1]);
    assert!(!told[0].0.is_empty(), "the other is told that it has ended");
}

/// A pause moves what has not opened yet by its length.
pub async fn a_pause_shifts_the_steps(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let unlocks = |details: crate::service::PairDetails| match details.steps[1].state {
        crate::model::guide::StepState::Locked { unlocks_at } => unlocks_at.unwrap(),
        ref other => panic!("{other:?}"),
    };
    let body = Body::new("Hello.").unwrap();
    world.service.post(&world.person(1), pair, &step("hello"), None, body.clone()).await.unwrap();
    let before = unlocks(world.service.pair(&world.person(1), pair).await.unwrap());
    world.days(2);
    let until = world.now() + TimeDelta::days(5);
    world.service.pause_pair(&world.person(2), pair, Some(until)).await.unwrap();
    let post = world.service.post(&world.person(1), pair, &step("hello"), None, body).await;
    assert_eq!(World::code(post), "pair.not_writable");
    world.days(5);
    assert!(world.sweep().await.done.keys().any(|what| what.contains("resume")));
    assert_eq!(world.pair_state(1, pair).await, "active");
    let after = unlocks(world.service.pair(&world.person(1), pair).await.unwrap());
    assert_eq!((after - before).num_days(), 5);
    sound(&world).await;
}

/// Nobody acts: the two are reminded, within the cap, and after three weeks the pair ends.
pub async fn an_idle_pair_is_reminded_and_then_ends(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.reminders_per_week = 1).await;
    let pair = world.pair(program, 1, 2).await;
    drop(world.messages().await);
    world.service.set_reminders(&world.person(2), true).await.unwrap();
    let mut reminders = Vec::new();
    for _ in 0..22 {
        world.days(1);
        world.sweep().await;
        for envelope in world.messages().await {
            if envelope.message.kind.as_str().starts_with("reminder.") {
                assert_eq!(envelope.message.to, Audience::Person(who(1)), "2 asked for none");
                reminders.push(envelope.message.at);
            }
        }
    }
    assert!(!reminders.is_empty());
    for two in reminders.windows(2) {
        assert!(two[1] - two[0] >= TimeDelta::days(6), "{reminders:?}");
    }
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let card = world.service.pair(&world.person(1), pair).await.unwrap().card;
    assert_eq!(card.reason, Some(EndKind::NeverStarted));
    sound(&world).await;
}

/// In the night of a person nothing reminds them.
pub async fn quiet_hours_hold_reminders_back(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    drop(world.messages().await);
    let quiet = crate::base::zone::QuietHours::default();
    let mut heard = 0;
    for _ in 0..(24 * 12) {
        world.clock.advance(TimeDelta::hours(1));
        world.sweep().await;
        for envelope in world.messages().await {
            if envelope.message.kind.as_str().starts_with("reminder.") {
                heard += 1;
                assert!(!quiet.contains(Tz::Europe__Lisbon, world.now()), "{}", world.now());
            }
        }
    }
    assert!(heard > 0);
}

/// A pause with an end ends.
pub async fn a_paused_enrollment_resumes_by_itself(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let place = world.enroll(program, 1, Role::Mentor).await;
    let until = world.now() + TimeDelta::days(3);
    world.service.pause_enrollment(&world.person(1), place, Some(until)).await.unwrap();
    let mentee = world.enroll(program, 2, Role::Mentee).await;
    let found = world.service.candidates(&world.admin(), mentee, 5).await.unwrap();
    assert!(found.ranked.is_empty(), "a paused mentor is no candidate");
    world.days(3);
    world.sweep().await;
    assert_eq!(state_of(&world, place).await, "active");
    sound(&world).await;
}

/// The host learns that somebody is a minor: pairs freeze, offers fall, places are held.
pub async fn a_correction_of_age_freezes(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let next_year = world.now().date_naive().checked_add_days(chrono::Days::new(365));
    let facts = AgeFacts { adult_on: next_year, zone: None };
    world.service.record_age(&world.host_actor(), &who(2), facts).await.unwrap();
    assert_eq!(world.pair_state(1, pair).await, "paused", "a neutral word");
    assert!(!world.service.may_message(&tenant(), &who(1), &who(2)).await.unwrap());
    let unfreeze = world.service.unfreeze_pair(&world.staff(), pair).await;
    assert_eq!(World::code(unfreeze), "not_eligible");
    let known = AgeFacts { adult_on: Some(make::adult_date()), zone: None };
    world.service.record_age(&world.host_actor(), &who(2), known).await.unwrap();
    world.service.unfreeze_pair(&world.staff(), pair).await.unwrap();
    sound(&world).await;
}

/// Leaving the group ends what was in its programs, and nothing elsewhere.
pub async fn leaving_the_group_ends_what_was_there(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.leave_group(&world.host_actor(), &who(1), &group()).await.unwrap();
    assert_eq!(world.pair_state(2, pair).await, "ended");
    let places = world.service.my_enrollments(&world.person(1), PageAsk::default()).await.unwrap();
    assert_eq!(places.items[0].state.code(), "removed");
    let other = crate::base::host::GroupId::try_from("gardeners").unwrap();
    world.service.leave_group(&world.host_actor(), &who(2), &other).await.unwrap();
    let places = world.service.my_enrollments(&world.person(2), PageAsk::default()).await.unwrap();
    assert_eq!(places.items[0].state.code(), "active");
    sound(&world).await;
}

/// A cohort closes sign-up and winds down on its dates.
pub async fn a_cohort_closes_by_itself(h: Harness) {
    let world = World::new(h.store);
    let now = world.now();
    let window = Window {
        opens: now - TimeDelta::days(1),
        closes: now + TimeDelta::days(7),
        starts: now + TimeDelta::days(7),
        ends: now + TimeDelta::days(60),
    };
    let input = CreateProgram {
        group: group(),
        template: make::template(),
        title: Title::new("Spring cohort").unwrap(),
        topic: None,
        zone: Tz::Europe__Lisbon,
        window: Some(window),
        policy: None,
    };
    let program = world.service.create_program(&world.admin(), input).await.unwrap();
    world.service.open_program(&world.admin(), program).await.unwrap();
    world.enroll(program, 1, Role::Mentor).await;
    let state = async || {
        let details = world.service.program(&world.admin(), program).await.unwrap();
        details.program.state.code()
    };
    world.days(7);
    world.sweep().await;
    assert_eq!(state().await, "enrollment_closed");
    let late = world.enroll_with(program, 2, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(late), "program.not_open");
    world.days(53);
    world.sweep().await;
    assert_eq!(state().await, "winding_down");
    sound(&world).await;
}

/// Archiving with live pairs gives the notice, and then ends them.
pub async fn archiving_gives_notice(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.wind_down_program(&world.admin(), program).await.unwrap();
    world.sweep().await;
    let at_once = world.service.archive_program(&world.admin(), program).await;
    assert_eq!(World::code(at_once), "program.has_live_pairs");
    let at = world.service.schedule_archive(&world.admin(), program).await.unwrap();
    assert_eq!(at, world.now() + TimeDelta::days(14));
    world.days(13);
    world.sweep().await;
    assert!(world.pair_state(1, pair).await != "ended");
    world.days(1);
    world.sweep().await;
    assert_eq!(world.pair_state(1, pair).await, "ended");
    let details = world.service.program(&world.admin(), program).await.unwrap();
    assert_eq!(details.program.state.code(), "archived");
    sound(&world).await;
}

/// Nobody but the two reads what they write: not the admin, not a third, not staff without a case.
pub async fn posts_are_for_the_two_alone(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let body = Body::new("Only for you.").unwrap();
    world.service.post(&world.person(1), pair, &step("hello"), None, body).await.unwrap();
    for n in [1, 2] {
        let thread =
            world.service.thread(&world.person(n), pair, None, PageAsk::default()).await.unwrap();
        assert_eq!(thread.posts.len(), 1);
    }
    for actor in [world.admin(), world.staff(), world.person(3), world.host_actor()] {
        let outcome = world.service.thread(&actor, pair, None, PageAsk::default()).await;
        assert_eq!(World::code(outcome.map(|_| ())), "not_found");
    }
}

/// An edit counts, a removal leaves the place, and only the author does either.
pub async fn an_edit_counts_revisions(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let body = |text: &str| Body::new(text).unwrap();
    let me = world.person(1);
    let posted = world.service.post(&me, pair, &step("hello"), None, body("Helo.")).await.unwrap();
    let comment = world
        .service
        .post(&world.person(2), pair, &step("hello"), Some(posted.post), body("Hi!"))
        .await
        .unwrap();
    assert_eq!((posted.seq, comment.seq), (1, 2));
    world.service.edit_post(&me, pair, posted.post, body("Hello.")).await.unwrap();
    let theirs = world.service.edit_post(&world.person(2), pair, posted.post, body("Ha")).await;
    assert_eq!(World::code(theirs), "not_found");
    world.service.remove_post(&world.person(2), pair, comment.post).await.unwrap();
    let thread = world.service.thread(&me, pair, None, PageAsk::default()).await.unwrap();
    assert_eq!(thread.posts[0].revision, 1);
    assert_eq!(thread.posts[0].body.as_ref().unwrap().as_str(), "Hello.");
    assert!(thread.posts[0].held.is_empty(), "no hidden revision without a hold");
    assert!(thread.posts[1].body.is_none() && thread.posts[1].removed_at.is_some());
}

/// A revised guide is for new pairs; who is on the way keeps theirs.
pub async fn a_live_pair_keeps_its_guide(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let old = world.pair(program, 1, 2).await;
    let mut guide = make::template().guide;
    guide.steps.truncate(1);
    let version = world.service.revise_guide(&world.admin(), program, guide).await.unwrap();
    assert_eq!(version, 2);
    let new = world.pair(program, 3, 4).await;
    let steps =
        async |n, pair| world.service.pair(&world.person(n), pair).await.unwrap().steps.len();
    assert_eq!((steps(1, old).await, steps(3, new).await), (3, 1));
}

/// The same command again gives the same reply and has no second effect.
pub async fn the_same_command_twice_is_one(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let actor = world.person(1).with_command(id(600));
    let body = Body::new("Once.").unwrap();
    let post = |actor: Actor| {
        let (service, body) = (world.service.clone(), body.clone());
        async move { service.post(&actor, pair, &step("hello"), None, body).await }
    };
    let first = post(actor.clone()).await.unwrap();
    world.days(1);
    let again = post(actor).await.unwrap();
    assert_eq!(first, again);
    let other = post(world.person(1).with_command(id(601))).await.unwrap();
    assert_eq!(other.seq, 2);
    sound(&world).await;
}

/// The id of a command cannot be used for another one, or by another person.
pub async fn a_command_id_for_something_else_is_refused(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let actor = |n: u64| world.person(n).with_command(id(602));
    world.service.enroll(&actor(1), program, sign_up(Role::Mentor)).await.unwrap();
    let other_input = world.service.enroll(&actor(1), program, sign_up(Role::Mentee)).await;
    assert_eq!(World::code(other_input), "command.reused");
    let other_person = world.service.enroll(&actor(2), program, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(other_person), "command.reused");
    let other_command = world.service.set_reminders(&actor(1), true).await;
    assert_eq!(World::code(other_command), "command.reused");
}

/// I6: each change of a state stands in the log exactly once, as a chain.
pub async fn every_change_is_audited_once(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    world.service.pause_pair(&world.person(1), pair, None).await.ok();
    world.service.end_pair(&world.person(2), pair, EndKind::Other, None, true).await.unwrap();
    sound(&world).await;
    let mine = world.service.my_audit(&world.person(2), PageAsk::default()).await.unwrap();
    let actions: Vec<String> = mine.items.iter().map(|event| event.action.to_string()).collect();
    assert!(actions.contains(&"pair.end".to_owned()), "{actions:?}");
    let of_pair = mine.items.iter().filter(|event| event.subject == Key::Pair(pair));
    assert!(of_pair.count() >= 1);
}

/// A group admin finds no trace of a block in the log: neither as an action nor as a reason.
pub async fn a_block_is_private_in_the_audit_log(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    world.pair(program, 1, 2).await;
    world.service.block(&world.person(1), &who(2)).await.unwrap();
    let log = async |actor: Actor| {
        let page = world.service.program_audit(&actor, program, world.first_page()).await.unwrap();
        format!("{:?}", page.items)
    };
    assert!(!log(world.admin()).await.contains("block"));
    let all = world.service.audit(&world.staff(), world.first_page()).await.unwrap();
    assert!(all.items.iter().any(|event| event.action.as_str() == "relation.block"));
}

/// The same keys in two tenants are two worlds.
pub async fn tenants_never_meet(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|_| {}).await;
    let pair = world.pair(program, 1, 2).await;
    let there: TenantId = make::elsewhere();
    let stranger = Actor::person(there.clone(), who(1));
    assert_eq!(World::code(world.service.pair(&stranger, pair).await.map(|_| ())), "not_found");
    let admin = Actor::group_admin(there.clone(), who(900), group());
    let outcome = world.service.close_enrollment(&admin, program).await;
    assert_eq!(World::code(outcome), "not_found");
    let outcome = world.service.enroll(&stranger, program, sign_up(Role::Mentor)).await;
    assert_eq!(World::code(outcome), "not_found");
    world.service.block(&stranger, &who(2)).await.unwrap();
    assert!(world.pair_state(1, pair).await != "ended");
}

/// A draft does not exist for anybody but its group's admins.
pub async fn a_draft_is_seen_by_its_admins_only(h: Harness) {
    let world = World::new(h.store);
    let program: ProgramId = world.draft(|_| {}).await;
    world.service.program(&world.admin(), program).await.unwrap();
    let other = crate::base::host::GroupId::try_from("gardeners").unwrap();
    let stranger = Actor::group_admin(tenant(), who(901), other);
    for actor in [world.person(1), stranger] {
        let outcome = world.service.program(&actor, program).await.map(|_| ());
        assert_eq!(World::code(outcome), "not_found");
    }
    let outcome = world.enroll_with(program, 1, sign_up(Role::Mentor)).await;
    assert!(matches!(outcome, Err(Error::Refused(Refusal::NotFound | Refusal::ProgramNotOpen))));
    world.service.discard_program(&world.admin(), program).await.unwrap();
}

/// An admin who takes part decides nothing about themselves (D31).
pub async fn an_admin_never_decides_about_themselves(h: Harness) {
    let world = World::new(h.store);
    let program = world.program(|policy| policy.approval = true).await;
    let own = world.enroll(program, 900, Role::Mentor).await;
    let other = world.enroll(program, 1, Role::Mentee).await;
    let approve = world.service.approve(&world.admin(), own).await;
    assert_eq!(World::code(approve), "conflict_of_interest");
    world.service.approve(&world.admin(), other).await.unwrap();
    let second = Actor::group_admin(tenant(), who(901), group());
    world.service.approve(&second, own).await.unwrap();
    let stage = world.service.stage_proposal(&world.admin(), own, other, None).await;
    assert_eq!(World::code(stage), "conflict_of_interest");
    let staged = world.service.stage_proposal(&second, own, other, None).await.unwrap();
    world.service.publish_proposal(&second, staged.proposal).await.unwrap();
    sound(&world).await;
}
