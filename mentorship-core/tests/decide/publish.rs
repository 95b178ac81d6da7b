//! Staging and publishing by an admin.

use mentorship_core::{
    conformance::make::{id, slug, start, who},
    decide::{
        FollowUp,
        proposal::{Published, publish, stage},
    },
    model::{
        answer::Answer,
        program::Acceptance,
        proposal::{Answered, Origin, Proposal, ProposalState},
    },
    policy::actor::Actor,
    view::ProposalView,
};
use proptest::prelude::*;

use crate::{
    given::{
        HOST, YES, admin, blocked, days, draft, given, me, offer, offered, proposed, relation,
        staff, state_error, two_places,
    },
    obstacles::{none_and_each, put, some},
    sound::anchored,
    told::{pairs_in, proposals_in, said},
};

fn stranger() -> Actor {
    let group = mentorship_core::base::host::GroupId::try_from("gardeners").unwrap();
    Actor::group_admin(mentorship_core::conformance::make::tenant(), who(900), group)
}

fn staged() -> ProposalView {
    proposed(draft(50, 1, 2))
}

/// D5, D31: not theirs; about themselves; a rank out of range; then one code for all that stands between.
#[test]
fn staging_is_refused_in_order() {
    for obstacles in none_and_each() {
        let (view, host, names) = put(&two_places(), &obstacles);
        let ask = |by: Actor, rank| {
            given(&view).by(by).pairs(|view, cx| stage(view, rank, &host, cx)).unwrap_err()
        };
        for by in [me(1), me(3), staff(), stranger()] {
            assert_eq!(ask(by, Some(0)), "not_found", "{names:?}");
        }
        for own in [1, 2] {
            assert_eq!(ask(admin(own), Some(0)), "conflict_of_interest", "{names:?}");
        }
        for rank in [0, 21] {
            assert!(ask(admin(900), Some(rank)).starts_with("input."), "{names:?}");
        }
        if !obstacles.is_empty() {
            assert_eq!(ask(admin(900), None), "pair.not_allowed", "{names:?}");
        }
    }
}

/// D5: a broken rule, and a block between the admin and one of the two (D9), read like any obstacle.
#[test]
fn staging_tells_no_reason() {
    let mut no_language = two_places();
    let answers = no_language.mentor.enrollment.answers.clone();
    no_language.mentor.enrollment.answers =
        answers.with(slug("languages"), Answer::Languages([slug("ja")].into()));
    let mut hated = two_places();
    hated.mentee.with_actor = Some(blocked(2, 900));
    let mut ranked_twice = two_places();
    ranked_twice.mentee.open.push(Proposal { rank: Some(2), ..draft(51, 4, 2) });
    for view in [no_language, hated, ranked_twice] {
        let refusal = given(&view)
            .by(admin(900))
            .pairs(|view, cx| stage(view, Some(2), &HOST, cx))
            .unwrap_err();
        assert_eq!(refusal, "pair.not_allowed");
    }
}

/// A draft: scored, kept from the two, and it bumps what another staging would meet it on.
#[test]
fn a_draft_is_silent() {
    let view = two_places();
    let decision =
        given(&view).by(admin(900)).pairs(|view, cx| stage(view, None, &HOST, cx)).unwrap();
    anchored(&decision, &view);
    let made = proposals_in(&decision.changes)[0];
    assert_eq!(made.state, ProposalState::Draft { queued_until: None });
    assert_eq!((made.offered_at, made.origin, &made.created_by), (None, Origin::Admin, &who(900)));
    assert_eq!(decision.reply.score, made.score.as_ref().unwrap().total());
    assert!(said(&decision.changes).is_empty());
}

/// D36: an offer by an admin keeps a place; a draft counts against later drafts only; a request and a
/// choice further down a list keep nothing.
#[test]
fn what_keeps_a_place() {
    let request = Proposal { origin: Origin::Request, ..offer(51, 1, 3) };
    let later = Proposal { rank: Some(2), ..draft(51, 1, 3) };
    for (other, stages, publishes) in [
        (offer(51, 1, 3), false, false),
        (draft(51, 1, 3), false, true),
        (request, true, true),
        (later, true, true),
    ] {
        let mut view = two_places();
        view.mentor.enrollment.capacity = 1;
        view.mentor.open.push(other.clone());
        let staging = given(&view).by(admin(900)).pairs(|view, cx| stage(view, None, &HOST, cx));
        assert_eq!(staging.is_ok(), stages, "{other:?}");
        let mut view = staged();
        view.mentor.enrollment.capacity = 1;
        view.mentor.open.push(other.clone());
        let publishing = given(&view).by(admin(900)).pairs(|view, cx| publish(view, &HOST, cx));
        assert_eq!(publishing.is_ok(), publishes, "{other:?}");
    }
}

/// Not theirs; about themselves; the state; then one code for all that stands between.
#[test]
fn publishing_is_refused_in_order() {
    let out = || proposed(offer(50, 1, 2));
    let cases: Vec<(ProposalView, Actor, String)> = vec![
        (two_places(), admin(900), "not_found".into()),
        (staged(), me(1), "not_found".into()),
        (out(), me(1), "not_found".into()),
        (staged(), staff(), "not_found".into()),
        (staged(), stranger(), "not_found".into()),
        (out(), admin(1), "conflict_of_interest".into()),
        (staged(), admin(2), "conflict_of_interest".into()),
        (out(), admin(900), state_error("proposal", "offered", "offer")),
    ];
    for obstacles in none_and_each() {
        for (view, by, expected) in &cases {
            let (view, host, names) = put(view, &obstacles);
            let refusal =
                given(&view).by(by.clone()).pairs(|view, cx| publish(view, &host, cx)).unwrap_err();
            assert_eq!(&refusal, expected, "{names:?}");
        }
    }
}

proptest! {
    /// D5: one code for one obstacle and for several.
    #[test]
    fn publishing_tells_no_reason(obstacles in some()) {
        let (view, host, names) = put(&staged(), &obstacles);
        let refusal = given(&view).by(admin(900)).pairs(|view, cx| publish(view, &host, cx)).unwrap_err();
        prop_assert_eq!(refusal, "pair.not_allowed", "{:?}", names);
    }
}

/// D9: an admin whom one of the two has blocked publishes nothing about them, in the same words; nor can
/// they put a later choice in line, which the clock would offer for them.
#[test]
fn a_blocked_admin_publishes_nothing() {
    let single = staged();
    let mut second = proposed(Proposal { rank: Some(2), ..draft(50, 1, 2) });
    second.mentee.open.push(Proposal { rank: Some(1), ..offer(51, 4, 2) });
    for mut view in [single, second] {
        view.mentor.with_actor = Some(blocked(1, 900));
        let tried = given(&view).by(admin(900)).pairs(|view, cx| publish(view, &HOST, cx));
        assert_eq!(tried.unwrap_err(), "pair.not_allowed");
    }
}

/// Whose yes a program asks for; where it asks for nobody's, publishing makes the pair.
#[test]
fn a_program_says_who_is_asked() {
    for acceptance in Acceptance::ALL {
        let mut view = staged();
        view.program.policy.acceptance = *acceptance;
        view.mentor.with_actor = Some(relation(1, 900));
        view.mentee.with_actor = Some(relation(2, 900));
        let decision =
            given(&view).by(admin(900)).pairs(|view, cx| publish(view, &HOST, cx)).unwrap();
        anchored(&decision, &view);
        let asked: Vec<String> = said(&decision.changes)
            .into_iter()
            .filter(|it| it.starts_with("proposal.offered"))
            .collect();
        let asks: &[&str] = match acceptance {
            Acceptance::None => &[],
            Acceptance::Mentor => &["p001"],
            Acceptance::Mentee => &["p002"],
            Acceptance::Both => &["p001", "p002"],
        };
        let expected: Vec<_> = asks.iter().map(|to| format!("proposal.offered > {to}")).collect();
        assert_eq!(asked, expected);
        let paired = matches!(decision.reply, Published::Paired { .. });
        assert_eq!(paired, *acceptance == Acceptance::None);
        assert_eq!(pairs_in(&decision.changes).len(), usize::from(paired));
    }
}

/// D8: after a block was lifted both are asked, whatever the program says.
#[test]
fn after_a_lifted_block_both_are_asked() {
    for acceptance in Acceptance::ALL {
        let mut view = staged();
        view.program.policy.acceptance = *acceptance;
        view.relation.hi.lifted_at = Some(days(-8));
        let decision =
            given(&view).by(admin(900)).pairs(|view, cx| publish(view, &HOST, cx)).unwrap();
        let expires_at = days(14);
        assert_eq!(decision.reply, Published::Offered { proposal: id(50), expires_at });
        let state = offered(Answered::Waiting, Answered::Waiting);
        assert_eq!(proposals_in(&decision.changes)[0].state, state);
    }
}

/// A yes to another offer that was out when the pair was made counts for nothing here: both offers of a
/// mentor with one place end as one pair and one "not available" (D28).
#[test]
fn publishing_a_pair_ends_what_no_longer_fits() {
    let mut view = staged();
    view.program.policy.acceptance = Acceptance::None;
    view.mentor.enrollment.capacity = 1;
    let request = Proposal { origin: Origin::Request, rank: Some(1), ..offer(51, 1, 3) };
    view.mentor.open.push(Proposal { state: offered(YES(), Answered::Waiting), ..request });
    let decision =
        given(&view).by(admin(900)).at(start()).pairs(|view, cx| publish(view, &HOST, cx)).unwrap();
    let states: Vec<_> = proposals_in(&decision.changes).iter().map(|it| it.state.code()).collect();
    assert_eq!(states, ["accepted", "invalidated"]);
    assert_eq!(decision.next, [FollowUp::NextChoice { mentee: id(103) }]);
}
