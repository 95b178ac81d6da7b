//! Accepting an offer.

use mentorship_core::{
    base::version::Version,
    change::{Change, Key},
    conformance::make::{id, start, who},
    decide::{FollowUp, proposal::accept},
    model::{
        enrollment::{Enrollment, Role},
        pair::PairState,
        program::{Oversight, Window},
        proposal::{Answered, Invalidity, Origin, Proposal, ProposalState},
    },
    policy::actor::Actor,
    view::ProposalView,
};
use proptest::prelude::*;

use crate::{
    given::{
        HOST, YES, admin, days, draft, given, me, offer, offered, place, proposed, staff,
        state_error, two_places,
    },
    obstacles::{none_and_each, put, some},
    sound::anchored,
    told::{pairs_in, proposals_in, said, steps_in},
};

fn with(state: ProposalState) -> ProposalView {
    proposed(Proposal { state, ..offer(50, 1, 2) })
}

/// Both are asked and the mentor has said yes.
fn mentee_is_left() -> ProposalView {
    with(offered(YES(), Answered::Waiting))
}

/// I10, D5: whatever stands between the two, one thing or several, the answer is the same word.
#[test]
fn every_obstacle_reads_the_same_to_a_participant() {
    for obstacles in none_and_each().into_iter().skip(1) {
        let (view, host, names) = put(&mentee_is_left(), &obstacles);
        let refusal = given(&view).by(me(2)).refuses(|view, cx| accept(view, &host, cx));
        assert_eq!(refusal, "not_available", "{names:?}");
    }
}

proptest! {
    /// I10: nor does it differ for several at once, for the first of the two to answer, or by side.
    #[test]
    fn obstacles_together_read_like_one(obstacles in some(), mentor in any::<bool>()) {
        let open = offered(Answered::Waiting, Answered::Waiting);
        let (view, host, names) = put(&with(open), &obstacles);
        let by = me(if mentor { 1 } else { 2 });
        let refusal = given(&view).by(by).refuses(|view, cx| accept(view, &host, cx));
        prop_assert_eq!(refusal, "not_available", "{:?}", names);
    }
}

/// The order of refusals: what is absent or not theirs first, then the state of the offer; only then what
/// is about the other. An obstacle never changes the answer to the first two.
#[test]
fn absence_comes_before_state_and_state_before_the_other() {
    let at = start();
    let expired = ProposalState::Expired { at };
    let accepted = ProposalState::Accepted { at, pair: id(7) };
    let own_no = ProposalState::Declined { at, by: Role::Mentee, reason: None };
    let not_asked = offered(Answered::Waiting, Answered::NotAsked);
    let lapsed = ProposalState::Offered {
        since: at,
        expires_at: at,
        mentor: YES(),
        mentee: Answered::Waiting,
    };
    let wrong = |from: &str| state_error("proposal", from, "accept");
    let cases: Vec<(ProposalView, Actor, String)> = vec![
        (two_places(), me(2), "not_found".into()),
        (mentee_is_left(), me(3), "not_found".into()),
        (mentee_is_left(), admin(900), "not_found".into()),
        (mentee_is_left(), admin(2), "not_found".into()),
        (mentee_is_left(), staff(), "not_found".into()),
        (proposed(draft(50, 1, 2)), me(2), "not_found".into()),
        (with(expired), me(2), wrong("expired")),
        (with(accepted), me(2), wrong("accepted")),
        (with(own_no), me(2), wrong("declined")),
        (with(not_asked), me(2), wrong("offered")),
        (with(lapsed), me(2), wrong("offered")),
        (mentee_is_left(), me(1), wrong("offered")),
    ];
    for obstacles in none_and_each() {
        for (view, by, expected) in &cases {
            let (view, host, names) = put(view, &obstacles);
            let refusal = given(&view).by(by.clone()).refuses(|view, cx| accept(view, &host, cx));
            assert_eq!(&refusal, expected, "{names:?}");
        }
    }
}

/// D3: an offer that became impossible, for whatever reason, answers like one that never was possible; so
/// does one that was taken back.
#[test]
fn an_offer_that_is_gone_is_not_available() {
    let at = start();
    for state in [
        ProposalState::Invalidated { at, why: Invalidity::Unavailable },
        ProposalState::Invalidated { at, why: Invalidity::ProgramClosing },
        ProposalState::Withdrawn { at },
    ] {
        let refusal = given(&with(state)).by(me(2)).refuses(|view, cx| accept(view, &HOST, cx));
        assert_eq!(refusal, "not_available");
    }
}

/// The first yes of two waits for the other. It rests on the relation, so that it meets a block (D4).
#[test]
fn the_first_yes_waits_for_the_second() {
    let view = with(offered(Answered::Waiting, Answered::Waiting));
    let decision = given(&view).by(me(1)).at(days(1)).does(|view, cx| accept(view, &HOST, cx));
    assert_eq!(decision.reply.pair, None);
    let [proposal] = proposals_in(&decision.changes)[..] else { panic!("one proposal") };
    let yes = Answered::Yes { at: days(1) };
    assert_eq!(proposal.state, offered(yes, Answered::Waiting));
    assert!(said(&decision.changes).is_empty(), "who was first is nobody's business");
    let touched = Change::Touch(Key::Relation(view.relation.people.clone()));
    assert!(decision.changes.changes.contains(&touched));
}

/// The last yes makes the pair, its steps and its first messages, and bumps what a block, a lowered
/// capacity or another acceptance would meet it on (D4, D7).
#[test]
fn the_last_yes_makes_the_pair() {
    for cap in [None, Some(5)] {
        let mut view = mentee_is_left();
        view.program.policy.person_cap = cap;
        let decision = given(&view).by(me(2)).at(days(1)).does(|view, cx| accept(view, &HOST, cx));
        anchored(&decision, &view);
        let [pair] = pairs_in(&decision.changes)[..] else { panic!("one pair") };
        assert_eq!(decision.reply.pair, Some(pair.id));
        assert_eq!(pair.state, PairState::Introduced { since: days(1) });
        assert_eq!((&pair.mentor.person, &pair.mentee.person), (&who(1), &who(2)));
        assert_eq!((pair.mentor.enrollment, pair.mentee.enrollment), (id(101), id(102)));
        assert_eq!((pair.version, pair.adults_at), (Version::NEW, days(1)));
        let [proposal] = proposals_in(&decision.changes)[..] else { panic!("one proposal") };
        assert_eq!(proposal.state, ProposalState::Accepted { at: days(1), pair: pair.id });
        assert_eq!(pair.proposal, proposal.id);
        assert_eq!(steps_in(&decision.changes).len(), view.guide.steps.len());
        let introduced =
            ["pair.introduced > p001", "pair.introduced > p002", "pair.introduced > admins"];
        assert_eq!(said(&decision.changes), introduced);
        let between = decision.changes.outbox.iter().filter(|it| it.between.is_some()).count();
        assert_eq!(between, 2, "what the two hear of each other is dropped after a block");
    }
}

/// A pair of a cohort begins on the cohort's first day: nothing opens and nobody is called idle before.
#[test]
fn a_cohorts_pair_waits_for_the_first_day() {
    let mut view = mentee_is_left();
    let (opens, closes, starts, ends) = (days(-9), days(5), days(30), days(90));
    view.program.window = Some(Window { opens, closes, starts, ends });
    let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
    let [pair] = pairs_in(&decision.changes)[..] else { panic!("one pair") };
    assert!(steps_in(&decision.changes).iter().all(|step| step.state.code() == "locked"));
    assert_eq!((pair.last_activity_at, pair.due_at), (starts, Some(starts)));
}

/// D33: each keeps what they agreed to, and a program that has become stricter since is as strict with
/// them (row 57): the pair gets the narrowest of the three.
#[test]
fn a_pair_is_overseen_no_more_than_each_agreed_to_and_the_program_says() {
    for mentor in Oversight::ALL {
        for mentee in Oversight::ALL {
            for program in Oversight::ALL {
                let mut view = mentee_is_left();
                view.mentor.enrollment.consent.oversight = *mentor;
                view.mentee.enrollment.consent.oversight = *mentee;
                view.program.policy.oversight = *program;
                let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
                let narrowest = *mentor.min(mentee).min(program);
                assert_eq!(pairs_in(&decision.changes)[0].oversight, narrowest);
            }
        }
    }
}

/// D28: with the last place taken, every other open proposal of it is over in the same write, and each
/// person asked there is told once.
#[test]
fn the_last_place_ends_what_no_longer_fits() {
    let mut view = mentee_is_left();
    view.mentor.live = 1;
    let request = Proposal { origin: Origin::Request, ..offer(51, 1, 3) };
    view.mentor.open.extend([request, draft(52, 1, 4)]);
    let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
    let over: Vec<_> =
        proposals_in(&decision.changes).iter().map(|it| (it.id, it.state.code())).collect();
    let expected = [(id(50), "accepted"), (id(51), "invalidated"), (id(52), "invalidated")];
    assert_eq!(over, expected);
    let gone: Vec<_> =
        said(&decision.changes).into_iter().filter(|it| it.contains("unavailable")).collect();
    let once = ["p001", "p003", "admins"].map(|to| format!("proposal.unavailable > {to}"));
    assert_eq!(gone, once, "of a draft nobody is told");
}

/// While a place is left, other offers stay as they are.
#[test]
fn a_place_left_over_keeps_the_other_offers() {
    let mut view = mentee_is_left();
    view.mentor.enrollment = Enrollment { capacity: 3, ..view.mentor.enrollment };
    view.mentor.open.push(offer(51, 1, 3));
    let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
    assert_eq!(proposals_in(&decision.changes).len(), 1);
}

/// Row 17: one of a ranked list comes true. With it the mentee's later choices are over, even if the
/// mentee has room for another mentor.
#[test]
fn one_choice_come_true_ends_the_list() {
    let ranked =
        |n, mentor, rank, state| Proposal { rank: Some(rank), state, ..draft(n, mentor, 2) };
    let first =
        Proposal { rank: Some(1), state: offered(YES(), Answered::Waiting), ..offer(50, 1, 2) };
    let queued = ProposalState::Draft { queued_until: Some(days(14)) };
    let mut view = proposed(first);
    view.mentee.open.push(ranked(51, 4, 2, queued));
    view.mentee.open.push(offer(52, 5, 2));
    view.mentee.enrollment.capacity = 4;
    let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
    let over: Vec<_> =
        proposals_in(&decision.changes).iter().map(|it| (it.id, it.state.code())).collect();
    assert_eq!(over, [(id(50), "accepted"), (id(51), "invalidated")], "a single offer stays");
}

/// The mentees of other lists go on to their next choice.
#[test]
fn a_list_that_lost_its_mentor_goes_on() {
    let mut view = mentee_is_left();
    view.mentor = place(1, Role::Mentor);
    view.mentor.enrollment.capacity = 1;
    let request = Proposal { origin: Origin::Request, ..offer(51, 1, 3) };
    view.mentor.open = vec![Proposal { rank: Some(1), ..request }];
    let decision = given(&view).by(me(2)).does(|view, cx| accept(view, &HOST, cx));
    assert_eq!(decision.next, [FollowUp::NextChoice { mentee: id(103) }]);
}
