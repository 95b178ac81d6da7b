//! Blocks and no-rematch wishes.

use mentorship_core::{
    base::time::Timestamp,
    change::Change,
    conformance::make::{by_hand, start, who},
    decide::{
        Cx, Decision, Refusal,
        block::{avoid, block, lift},
        enrollment::set_capacity,
        pair::end,
    },
    model::{
        pair::{PairState, end::REASONS_OF_A_PARTICIPANT},
        proposal::{Answered, Invalidity, Proposal, ProposalState},
        relation::{Relation, Stance},
    },
    view::RelationView,
};

use crate::{
    given::{
        YES, active, admin, blocked, clock, days, draft, enrolled, given, host, me, offer, offered,
        pair, pair_view, relation, relation_view, staff,
    },
    told::{pairs_in, proposals_in, public_log, said},
};

fn related<T>(decision: &Decision<T>) -> Vec<&Relation> {
    let mut found = Vec::new();
    for change in &decision.changes.changes {
        if let Change::Relation(relation) = change {
            found.push(relation);
        }
    }
    found
}

fn live_states() -> Vec<PairState> {
    let (since, until) = (start(), None);
    let by = mentorship_core::model::enrollment::Role::Mentee;
    let resume_to = Box::new(active());
    vec![
        PairState::Introduced { since },
        active(),
        PairState::Paused { since, until, by },
        PairState::Frozen { since, resume_to, held_by: by_hand() },
    ]
}

/// D1, D2, D3: in the same write as the block, live pairs of the two end and open proposals become
/// impossible, in every program.
#[test]
fn a_block_ends_all_that_is_between_the_two() {
    let mut view = relation_view();
    view.pairs = live_states().into_iter().map(pair).collect();
    for (n, pair) in (0..).zip(&mut view.pairs) {
        pair.id = mentorship_core::conformance::make::id(70 + n);
    }
    let awaiting = ProposalState::AwaitingAdmin { since: start(), expires_at: days(3) };
    view.proposals = vec![
        offer(50, 1, 2),
        draft(51, 2, 1),
        Proposal { state: awaiting, offered_at: None, ..offer(52, 1, 2) },
    ];
    for (blocker, other) in [(1, 2), (2, 1)] {
        let decision = given(&view).by(me(blocker)).at(days(1)).does(block);
        let [relation] = related(&decision)[..] else { panic!("one relation") };
        assert_eq!(relation.stance(&who(blocker)).unwrap().blocked_at, Some(days(1)));
        assert_eq!(relation.stance(&who(other)), Some(&Stance::default()));
        assert_eq!(pairs_in(&decision.changes).len(), 4);
        let ended = |pair: &&mentorship_core::model::pair::Pair| {
            matches!(pair.state, PairState::Ended { .. }) && pair.due_at > Some(start())
        };
        assert!(pairs_in(&decision.changes).iter().all(ended));
        let state = ProposalState::Invalidated { at: days(1), why: Invalidity::Unavailable };
        assert!(proposals_in(&decision.changes).iter().all(|it| it.state == state));
        assert_eq!(proposals_in(&decision.changes).len(), 3);
    }
}

/// D2, I10: the end by a block is, word for word and event for event, the end that one side gave no reason
/// for; only the platform's own record tells them apart.
#[test]
fn a_block_reads_like_any_end_without_a_reason() {
    for state in live_states() {
        for blocker in [1, 2] {
            let mut between = relation_view();
            between.pairs.push(pair(state.clone()));
            let by_block = given(&between).by(me(blocker)).does(block).changes;
            for kind in REASONS_OF_A_PARTICIPANT {
                let view = pair_view(state.clone());
                let decide = |view: &_, cx: Cx<'_>| end(view, *kind, None, false, cx);
                let by_end = given(&view).by(me(blocker)).does(decide).changes;
                assert_eq!(said(&by_block), said(&by_end), "{kind}");
                assert_eq!(public_log(&by_block), public_log(&by_end), "{kind}");
                let told = |set: &mentorship_core::change::ChangeSet| {
                    let part = |it: &mentorship_core::model::event::OutboxMessage| {
                        (it.between.clone(), it.program, it.pair, it.proposal, it.step.clone())
                    };
                    set.outbox.iter().map(part).collect::<Vec<_>>()
                };
                assert_eq!(told(&by_block), told(&by_end), "{kind}");
            }
        }
    }
}

/// D3, I10: an offer that a block made impossible is told like one for which there is no place any more.
#[test]
fn an_offer_lost_to_a_block_reads_like_one_lost_to_a_full_place() {
    for (mentor, mentee) in [(Answered::Waiting, Answered::Waiting), (YES(), Answered::Waiting)] {
        let offer = Proposal { state: offered(mentor, mentee), rank: Some(1), ..offer(50, 1, 2) };
        let mut between = relation_view();
        between.proposals.push(offer.clone());
        let by_block = given(&between).by(me(1)).does(block);
        let mut place = enrolled();
        place.proposals.push(offer);
        let by_place = given(&place).by(me(1)).does(|view, cx| set_capacity(view, 0, cx));
        assert_eq!(said(&by_block.changes), said(&by_place.changes));
        let events = |log: Vec<String>| -> Vec<String> {
            log.into_iter().filter(|line| line.starts_with("proposal.")).collect()
        };
        let (block, place) = (public_log(&by_block.changes), public_log(&by_place.changes));
        assert_eq!(events(block), events(place));
        assert_eq!(by_block.next, by_place.next, "the list falls through");
    }
}

/// A block is silent: nothing is said of it, and what is on record of it is for the platform alone
/// (decision 3: an admin never learns that a block exists).
#[test]
fn a_block_by_itself_says_nothing_to_anybody() {
    type Act = fn(&RelationView, Cx<'_>) -> Result<Decision<()>, Refusal>;
    let acts: [Act; 4] =
        [block, lift, |view, cx| avoid(view, true, cx), |view, cx| avoid(view, false, cx)];
    for act in acts {
        for relation in [relation(1, 2), blocked(1, 2)] {
            let decision = given(&RelationView { relation, ..relation_view() }).by(me(1)).does(act);
            assert!(said(&decision.changes).is_empty());
            assert!(public_log(&decision.changes).is_empty());
            assert!(decision.next.is_empty());
        }
    }
}

/// Setting, lifting and wishing again changes nothing: not the instant either, from which a cool-down or
/// the platform counts.
#[test]
fn saying_it_again_changes_nothing() {
    let at = |now: Timestamp, relation: Relation| RelationView {
        relation: Relation { lo: Stance { lifted_at: Some(now), ..relation.lo }, ..relation },
        ..relation_view()
    };
    let stands = at(start(), blocked(1, 2));
    assert!(given(&stands).by(me(1)).at(days(1)).does(block).changes.is_empty());
    let lifted = at(start(), relation(1, 2));
    assert!(given(&lifted).by(me(1)).at(days(1)).does(lift).changes.is_empty());
    let decision = given(&lifted).by(me(1)).does(|view, cx| avoid(view, false, cx));
    assert!(decision.changes.is_empty());
}

/// D8: lifting restores nothing and is not the other's to do: their own block stands.
#[test]
fn lifting_restores_nothing() {
    let mut relation = blocked(1, 2);
    relation.hi.blocked_at = Some(days(-3));
    let view = RelationView { relation, ..relation_view() };
    let decision = given(&view).by(me(1)).at(days(1)).does(lift);
    let [lifted] = related(&decision)[..] else { panic!("one relation") };
    assert_eq!((lifted.lo.blocked_at, lifted.lo.lifted_at), (None, Some(days(1))));
    assert_eq!(lifted.hi, view.relation.hi);
    assert!(lifted.is_blocked(), "until both have lifted theirs");
    assert_eq!(decision.changes.changes.len(), 1);
}

/// A wish not to be matched is no block: nothing ends.
#[test]
fn avoiding_ends_nothing() {
    let mut view = relation_view();
    view.pairs.push(pair(active()));
    view.proposals.push(offer(50, 1, 2));
    let decision = given(&view).by(me(2)).does(|view, cx| avoid(view, true, cx));
    let [relation] = related(&decision)[..] else { panic!("one relation") };
    assert!(relation.is_avoided() && !relation.is_blocked());
    assert_eq!(decision.changes.changes.len(), 1);
}

/// Only one of the two, for themselves: never an admin, staff, the host or the clock.
#[test]
fn only_the_two_themselves_block() {
    for by in [me(3), admin(1), staff(), host(), clock()] {
        for refusal in [
            given(&relation_view()).by(by.clone()).refuses(block),
            given(&relation_view()).by(by.clone()).refuses(lift),
            given(&relation_view()).by(by.clone()).refuses(|view, cx| avoid(view, true, cx)),
        ] {
            assert_eq!(refusal, "not_found");
        }
    }
}
