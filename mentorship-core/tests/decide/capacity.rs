//! What people do with their own enrolment: capacity, breaks, leaving.

use std::collections::BTreeSet;

use mentorship_core::{
    base::id::ProposalId,
    conformance::make::{by_hand, id, start},
    decide::enrollment::{pause, resume, set_capacity, withdraw},
    model::{
        enrollment::EnrollmentState,
        proposal::{Invalidity, Origin, Proposal, ProposalState},
    },
    policy::actor::Actor,
    view::EnrollmentView,
};
use proptest::{collection::vec, prelude::*};

use crate::{
    given::{
        active, admin, days, draft, enrolled, given, hours, me, offer, pair, staff, state_error,
    },
    told::{enrollments_in, pairs_in, proposals_in, said},
};

fn in_state(state: EnrollmentState) -> EnrollmentView {
    let mut view = enrolled();
    view.enrollment.as_mut().unwrap().state = state;
    view
}

fn ids(proposals: &[&Proposal]) -> Vec<ProposalId> {
    proposals.iter().map(|proposal| proposal.id).collect()
}

proptest! {
    /// D25: below the load no pair ends; of the offers that keep a place the newest become impossible
    /// first, as many as do not fit; requests fall with the last place, and drafts keep none.
    #[test]
    fn lowering_capacity_drops_the_newest_offers(
        capacity in 0_u8..=3,
        load in 0_u64..4,
        ages in vec((0_i64..5, 0_u8..4), 0..6),
    ) {
        let mut view = enrolled();
        view.pairs = (0..load).map(|n| {
            let mut pair = pair(active());
            pair.id = id(70 + n);
            pair
        }).collect();
        view.proposals = (0..).zip(&ages).map(|(n, (age, kind))| {
            let made = Proposal { offered_at: Some(hours(-age)), ..offer(50 + n, 1, 10 + n) };
            match kind {
                0 => draft(50 + n, 1, 10 + n),
                1 => Proposal { origin: Origin::Request, ..made },
                _ => made,
            }
        }).collect();
        let decision = given(&view).by(me(1)).does(|view, cx| set_capacity(view, capacity, cx));
        let set = &decision.changes;
        prop_assert!(pairs_in(set).is_empty());
        prop_assert_eq!(enrollments_in(set)[0].capacity, capacity);
        let room = usize::from(capacity).saturating_sub(view.pairs.len());
        // A request keeps no place, but where there is none left nobody could ever accept it.
        let falls = |it: &&Proposal| it.reserves() || room == 0 && it.state.code() == "offered";
        let mut kept: Vec<&Proposal> = view.proposals.iter().filter(falls).collect();
        kept.sort_by_key(|it| (it.offered_at, it.id));
        let mut surplus = kept.split_off(room.min(kept.len()));
        surplus.reverse();
        let dropped = proposals_in(set);
        prop_assert_eq!(ids(&dropped), ids(&surplus), "newest first");
        for proposal in &dropped {
            let state = ProposalState::Invalidated { at: start(), why: Invalidity::Unavailable };
            prop_assert_eq!(&proposal.state, &state);
        }
        // Raising it again brings none back.
        let gone: BTreeSet<ProposalId> = dropped.iter().map(|it| it.id).collect();
        let mut after = view.clone();
        after.enrollment = Some(enrollments_in(set)[0].clone());
        after.proposals.retain(|it| !gone.contains(&it.id));
        let raised = given(&after).by(me(1)).does(|view, cx| set_capacity(view, 3, cx));
        prop_assert!(proposals_in(&raised.changes).is_empty());
        prop_assert!(said(&raised.changes).is_empty());
    }
}

/// Not theirs, then the number, then the state.
#[test]
fn changing_capacity_is_refused_in_order() {
    let over = in_state(EnrollmentState::Withdrawn { at: start() });
    let ask = |by: Actor, capacity| {
        given(&over).by(by).refuses(|view, cx| set_capacity(view, capacity, cx))
    };
    for by in [me(2), admin(900), admin(1), staff()] {
        assert_eq!(ask(by, 9), "not_found");
    }
    assert!(ask(me(1), 4).starts_with("input."), "three is the program's most");
    assert_eq!(ask(me(1), 3), state_error("enrollment", "withdrawn", "set_capacity"));
}

/// D26: a break makes open offers and requests impossible and tells whoever proposed; drafts are looked
/// at again when they are published, and live pairs go on.
#[test]
fn a_break_ends_offers_and_nothing_else() {
    let mut view = enrolled();
    view.pairs.push(pair(active()));
    let awaiting = ProposalState::AwaitingAdmin { since: start(), expires_at: days(3) };
    view.proposals = vec![
        offer(50, 1, 3),
        Proposal { origin: Origin::Request, rank: None, ..offer(51, 1, 4) },
        draft(52, 1, 5),
        Proposal { state: awaiting, offered_at: None, ..offer(53, 1, 6) },
    ];
    let until = Some(days(30));
    let decision = given(&view).by(me(1)).does(|view, cx| pause(view, until, cx));
    assert_eq!(ids(&proposals_in(&decision.changes)), [id(50), id(51), id(53)]);
    assert!(pairs_in(&decision.changes).is_empty());
    let paused = EnrollmentState::Paused { since: start(), until };
    assert_eq!(enrollments_in(&decision.changes)[0].state, paused);
    for to in ["p003", "p004", "admins"] {
        assert!(said(&decision.changes).contains(&format!("proposal.unavailable > {to}")), "{to}");
    }
    assert!(!said(&decision.changes).iter().any(|it| it.contains("pause")), "why is not told");
}

/// Not theirs, then the date, then the state.
#[test]
fn a_break_is_refused_in_order() {
    let over = in_state(EnrollmentState::Withdrawn { at: start() });
    let ask = |by: Actor, until| given(&over).by(by).refuses(|view, cx| pause(view, until, cx));
    for by in [me(2), admin(900), admin(1), staff()] {
        assert_eq!(ask(by, Some(start())), "not_found");
    }
    for until in [start(), days(-1), days(367)] {
        assert!(ask(me(1), Some(until)).starts_with("input."), "{until}");
    }
    assert_eq!(ask(me(1), Some(days(366))), state_error("enrollment", "withdrawn", "pause"));
    let active = enrolled();
    let refusal = given(&active).by(me(1)).refuses(resume);
    assert_eq!(refusal, state_error("enrollment", "active", "resume"));
}

/// Leaving needs nobody's approval and ends first what the person is part of (D2: shown as what it is,
/// since leaving the program is not one of the neutral ends).
#[test]
fn leaving_ends_pairs_and_offers_in_the_same_write() {
    let since = start();
    let resume_to = Box::new(EnrollmentState::Active { since });
    for state in [
        EnrollmentState::Active { since },
        EnrollmentState::Paused { since, until: None },
        EnrollmentState::Submitted { since },
        EnrollmentState::Suspended { since, resume_to, held_by: by_hand() },
    ] {
        let mut view = in_state(state);
        view.pairs.push(pair(active()));
        view.proposals = vec![offer(50, 1, 3), draft(51, 1, 4)];
        let decision = given(&view).by(me(1)).does(withdraw);
        let set = &decision.changes;
        assert_eq!(enrollments_in(set)[0].state, EnrollmentState::Withdrawn { at: start() });
        assert_eq!(pairs_in(set)[0].state.code(), "ended");
        assert_eq!(ids(&proposals_in(set)), [id(50), id(51)]);
        let actions = crate::told::actions(set);
        assert_eq!(actions.last(), Some(&"enrollment.withdraw"), "pairs first: {actions:?}");
        assert!(said(set).contains(&"pair.ended > p002 (left_program)".to_owned()));
    }
    let over = in_state(EnrollmentState::Withdrawn { at: start() });
    assert_eq!(given(&over).by(admin(1)).refuses(withdraw), "not_found");
    let again = given(&over).by(me(1)).refuses(withdraw);
    assert_eq!(again, state_error("enrollment", "withdrawn", "withdraw"));
}
