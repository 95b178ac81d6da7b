//! Offers that come to nothing, and another round.

use mentorship_core::{
    conformance::make::{id, slug, start},
    decide::{
        FollowUp,
        proposal::{decline, expire, possible::HostFacts, restart, withdraw},
    },
    model::{
        enrollment::Role,
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        proposal::{Answered, Invalidity, Origin, Proposal, ProposalState},
    },
    policy::actor::Actor,
    view::{PastPair, ProposalView},
};
use proptest::prelude::*;

use crate::{
    given::{
        HOST, YES, active, admin, days, draft, given, hours, me, offer, offered, pair, proposed,
        state_error, two_places,
    },
    obstacles::{BETWEEN, put},
    sound::anchored,
    told::{proposals_in, public_log, said},
};

fn with(state: ProposalState) -> ProposalView {
    proposed(Proposal { state, ..offer(50, 1, 2) })
}

fn open() -> ProposalView {
    with(offered(Answered::Waiting, Answered::Waiting))
}

/// The other learns that it is not available, as after a block or a full place; the reason goes nowhere.
#[test]
fn a_no_tells_the_other_neither_who_nor_why() {
    let reason = Some(slug("no_time"));
    let decision = given(&open()).by(me(1)).does(|view, cx| decline(view, reason.clone(), cx));
    let expected = ["proposal.unavailable > p002", "proposal.declined > admins"];
    assert_eq!(said(&decision.changes), expected);
    let words = format!("{:?} {:?}", decision.changes.outbox, decision.changes.audit);
    assert!(!words.contains("no_time"));
    let by = Role::Mentor;
    let state = ProposalState::Declined { at: start(), by, reason };
    assert_eq!(proposals_in(&decision.changes)[0].state, state);
}

/// Whoever was not asked hears nothing of a no.
#[test]
fn a_no_is_not_told_to_whom_was_not_asked() {
    let view = with(offered(Answered::Waiting, Answered::NotAsked));
    let decision = given(&view).by(me(1)).does(|view, cx| decline(view, None, cx));
    assert_eq!(said(&decision.changes), ["proposal.declined > admins"]);
}

/// Absent or not theirs, then the state.
#[test]
fn declining_is_refused_in_order() {
    let wrong = |from: &str| state_error("proposal", from, "decline");
    let at = start();
    let own_no = ProposalState::Declined { at, by: Role::Mentee, reason: None };
    let cases: Vec<(ProposalView, Actor, String)> = vec![
        (two_places(), me(2), "not_found".into()),
        (open(), me(3), "not_found".into()),
        (open(), admin(900), "not_found".into()),
        (proposed(draft(50, 1, 2)), me(2), "not_found".into()),
        (with(ProposalState::Expired { at }), me(2), wrong("expired")),
        (with(own_no), me(2), wrong("declined")),
        (with(offered(Answered::Waiting, Answered::NotAsked)), me(2), wrong("offered")),
        (with(ProposalState::Withdrawn { at }), me(2), "not_available".into()),
    ];
    for (view, by, expected) in cases {
        let refusal = given(&view).by(by).refuses(|view, cx| decline(view, None, cx));
        assert_eq!(refusal, expected);
    }
}

/// What the partner did reads like what made the offer impossible, in every answer (the state table of a
/// proposal: a decline is "shown as not available").
#[test]
fn the_others_no_reads_like_an_offer_that_became_impossible() {
    use mentorship_core::decide::proposal::accept;
    let at = start();
    let by = Role::Mentor;
    let gone = [
        ProposalState::Declined { at, by, reason: None },
        ProposalState::Invalidated { at, why: Invalidity::Unavailable },
    ];
    for state in gone {
        let request = Proposal { origin: Origin::Request, state, ..offer(50, 1, 2) };
        let mentee = mentorship_core::conformance::make::who(2);
        let view = proposed(Proposal { created_by: mentee, ..request });
        let given = || given(&view).by(me(2));
        assert_eq!(given().refuses(|view, cx| accept(view, &HOST, cx)), "not_available");
        assert_eq!(given().refuses(|view, cx| decline(view, None, cx)), "not_available");
        assert_eq!(given().refuses(withdraw), "not_available");
    }
}

/// An admin takes back drafts and offers, but none about themselves (D31); a participant only what they
/// asked for.
#[test]
fn taking_back_is_for_whoever_proposed() {
    let request = || {
        proposed(Proposal {
            origin: Origin::Request,
            created_by: me(2).who().unwrap().clone(),
            ..offer(50, 1, 2)
        })
    };
    let by = |by: Actor, view: &ProposalView| given(view).by(by).refuses(withdraw);
    assert_eq!(by(me(2), &two_places()), "not_found");
    assert_eq!(by(me(2), &open()), "not_found", "an admin's offer is declined, not taken back");
    assert_eq!(by(me(1), &request()), "not_found");
    assert_eq!(by(admin(1), &open()), "conflict_of_interest");
    let over = with(ProposalState::Expired { at: start() });
    assert_eq!(by(admin(1), &over), "conflict_of_interest", "before the state");
    assert_eq!(by(admin(900), &over), state_error("proposal", "expired", "withdraw"));

    let own = given(&request()).by(me(2)).does(withdraw);
    assert_eq!(said(&own.changes), ["proposal.unavailable > p001"]);
    let draft = given(&proposed(draft(50, 1, 2))).by(admin(900)).does(withdraw);
    assert!(said(&draft.changes).is_empty(), "nobody knew of it");
}

proptest! {
    /// The clock is never early: before its instant an offer stands, from it on it lapses, once.
    #[test]
    fn an_offer_lapses_at_its_instant_and_once(at in -400_i64..800, rank in any::<bool>()) {
        let mut view = open();
        let rank = rank.then_some(1);
        let offer = view.proposal.as_mut().unwrap();
        offer.rank = rank;
        let now = hours(at);
        let due = offer.due_at().unwrap();
        let outcome = given(&view).at(now).tries(expire);
        prop_assert_eq!(outcome.is_ok(), due <= now);
        let Ok(decision) = outcome else { return Ok(()) };
        let lapsed = proposals_in(&decision.changes)[0].clone();
        prop_assert_eq!(lapsed.due_at(), None);
        prop_assert_eq!(&lapsed.state, &ProposalState::Expired { at: now });
        let to = ["p001", "p002", "admins"].map(|to| format!("proposal.expired > {to}"));
        prop_assert_eq!(said(&decision.changes), to);
        let next = FollowUp::NextChoice { mentee: id(102) };
        prop_assert_eq!(decision.next, rank.map(|_| next).into_iter().collect::<Vec<_>>());
        let again = given(&proposed(lapsed)).at(now).refuses(expire);
        prop_assert_eq!(again, state_error("proposal", "expired", "expire"));
    }
}

fn over() -> (ProposalView, Pair) {
    let end = PairEnd { kind: EndKind::NoTime, shared: false, note: None, by: EndedBy::Clock };
    let past = pair(PairState::Ended { at: days(-1), end });
    let mut view = two_places();
    let mentor = past.mentor.person.clone();
    view.past.push(PastPair { pair: past.id, mentor, ended_at: days(-1) });
    (view, past)
}

/// Row 42: another round is a proposal of its own that names the pair before; the asker has said yes.
#[test]
fn another_round_is_an_offer_to_the_other() {
    let (view, past) = over();
    let decision = given(&view).by(me(1)).does(|view, cx| restart(view, &past, &HOST, cx));
    anchored(&decision, &view);
    let asked = proposals_in(&decision.changes)[0];
    assert_eq!(asked.state, offered(YES(), Answered::Waiting));
    assert_eq!((asked.previous_pair, asked.origin), (Some(past.id), Origin::Request));
    assert!(!asked.reserves(), "a request keeps no place (D36)");
    assert_eq!(said(&decision.changes), ["proposal.offered > p002"]);
    assert!(decision.changes.outbox[0].between.is_some());
    assert!(public_log(&decision.changes)[0].starts_with("proposal.make ->offered request"));
}

/// Not theirs, then the state of their own pair, then one word for everything about the other (I10).
#[test]
fn another_round_is_refused_in_order() {
    let (view, past) = over();
    let ask = |view: &ProposalView, by: Actor, past: &Pair, host: &HostFacts| {
        given(view).by(by).refuses(|view, cx| restart(view, past, host, cx))
    };
    for by in [me(3), admin(900), admin(1)] {
        assert_eq!(ask(&view, by, &past, &HOST), "not_found");
    }
    let mut live = view.clone();
    live.live_pair = Some((past.id, past.mentor.person.clone()));
    let lives = ask(&live, me(1), &pair(active()), &HOST);
    assert_eq!(lives, state_error("pair", "active", "restart"));
    for obstacle in BETWEEN.iter().filter(|(name, _)| *name != "they were a pair") {
        let (view, host, names) = put(&view, &[*obstacle]);
        assert_eq!(ask(&view, me(3), &past, &host), "not_found", "{names:?}");
        assert_eq!(ask(&view, me(2), &past, &host), "not_available", "{names:?}");
    }
    let mut many = view;
    let mine = |n| Proposal {
        origin: Origin::Request,
        created_by: me(1).who().unwrap().clone(),
        ..offer(n, 1, n)
    };
    many.mentor.open.extend((51..54).map(mine));
    assert_eq!(
        ask(&many, me(1), &past, &HOST),
        "not_available",
        "three open requests are the most"
    );
}
