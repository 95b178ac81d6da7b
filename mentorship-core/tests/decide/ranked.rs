//! A mentee's ranked list: one choice is out at a time.

use mentorship_core::{
    conformance::make::{id, start},
    decide::proposal::{Published, next_choice, publish, stage},
    model::{
        program::ProgramState,
        proposal::{Invalidity, Proposal, ProposalState},
    },
    view::ProposalView,
};
use proptest::prelude::*;

use crate::{
    given::{HOST, admin, days, draft, given, hours, me, offer, proposed, two_places},
    obstacles::{BETWEEN, put},
    sound::anchored,
    told::{proposals_in, said},
};

fn queued(rank: u8) -> Proposal {
    let state = ProposalState::Draft { queued_until: Some(days(14)) };
    Proposal { rank: Some(rank), state, ..draft(50, 1, 2) }
}

/// The second choice, with this earlier one.
fn behind(earlier: Proposal) -> ProposalView {
    let mut view = proposed(queued(2));
    view.mentee.open.insert(0, earlier);
    view
}

/// A list may hold more choices than the mentee has places: each is looked at when its turn comes.
#[test]
fn a_full_place_does_not_keep_a_choice_off_the_list() {
    let mut view = two_places();
    view.mentor.live = 2;
    view.mentee.live = 2;
    let decision =
        given(&view).by(admin(900)).pairs(|view, cx| stage(view, Some(3), &HOST, cx)).unwrap();
    assert_eq!(proposals_in(&decision.changes)[0].rank, Some(3));
}

/// Row 17: one live offer at a time. Publishing a later choice puts it in line behind the earlier one,
/// silently.
#[test]
fn a_later_choice_is_put_in_line() {
    let mut view = proposed(Proposal { rank: Some(2), ..draft(50, 1, 2) });
    view.mentee.open.insert(0, Proposal { rank: Some(1), ..offer(51, 4, 2) });
    let decision = given(&view).by(admin(900)).pairs(|view, cx| publish(view, &HOST, cx)).unwrap();
    assert_eq!(decision.reply, Published::Queued { proposal: id(50) });
    let state = ProposalState::Draft { queued_until: Some(days(14)) };
    assert_eq!(proposals_in(&decision.changes)[0].state, state);
    assert!(said(&decision.changes).is_empty());
}

/// Its turn has come: it is offered like any other, with the anchors of D4.
#[test]
fn the_next_choice_is_offered_when_its_turn_comes() {
    let view = proposed(queued(2));
    let decision = given(&view).at(days(3)).does(|view, cx| next_choice(view, &HOST, cx));
    anchored(&decision, &view);
    let expires_at = days(17);
    assert_eq!(decision.reply, Published::Offered { proposal: id(50), expires_at });
    let asked = ["proposal.offered > p001", "proposal.offered > p002"];
    assert_eq!(said(&decision.changes), asked);
}

/// A choice that has become impossible is over without a word to the two, who never knew of it, and the
/// next one follows; only a program that takes nobody any more says so.
#[test]
fn an_impossible_choice_is_passed_over() {
    for obstacle in BETWEEN {
        let (view, host, names) = put(&proposed(queued(2)), &[*obstacle]);
        let decision = given(&view).does(|view, cx| next_choice(view, &host, cx));
        assert_eq!(decision.reply, Published::Unavailable { proposal: id(50) }, "{names:?}");
        assert!(said(&decision.changes).is_empty(), "{names:?}");
        let why = match view.program.state {
            ProgramState::Open { .. } => Invalidity::Unavailable,
            _ => Invalidity::ProgramClosing,
        };
        let state = ProposalState::Invalidated { at: start(), why };
        assert_eq!(proposals_in(&decision.changes)[0].state, state, "{names:?}");
        assert_eq!(decision.next.is_empty(), why == Invalidity::ProgramClosing);
    }
}

/// What is not in line is not touched, whoever asks.
#[test]
fn only_a_queued_choice_has_a_turn() {
    for view in [two_places(), proposed(draft(50, 1, 2)), proposed(offer(50, 1, 2))] {
        let refusal = given(&view).by(me(2)).refuses(|view, cx| next_choice(view, &HOST, cx));
        assert_eq!(refusal, "not_found");
    }
}

proptest! {
    /// The clock never spins: a choice whose turn has not come is due again later than now.
    #[test]
    fn waiting_behind_an_earlier_choice_is_for_later(at in 0_i64..2_000, out in any::<bool>(), rank in 1_u8..4) {
        let earlier = if out { offer(51, 4, 2) } else { draft(51, 4, 2) };
        let view = behind(Proposal { rank: Some(rank), ..earlier });
        let now = hours(at);
        let decision = given(&view).at(now).does(|view, cx| next_choice(view, &HOST, cx));
        let this = proposals_in(&decision.changes)[0];
        // Of two of the same rank, or one behind this, neither waits for the other.
        prop_assert_eq!(this.is_queued(), rank < 2);
        prop_assert!(this.due_at().is_none_or(|due| due > now));
    }
}
