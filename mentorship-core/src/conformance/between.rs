//! What a store tells of people who might be paired: what is taken, and what stands between two.

use super::{
    Harness,
    contract::{ground, set_of, store},
    listings::all,
    make::{self, after, id, who},
};
use crate::{
    base::version::Version,
    change::Change,
    model::{
        enrollment::Role,
        pair::{Pair, PairState},
        proposal::{Proposal, ProposalState},
        relation::Relation,
    },
    store::{Listed, Listing},
};

/// A candidate comes with live pairs, kept places, what was said, and whether they met before.
pub async fn candidates_say_what_stands_between(h: Harness) {
    store(&*h.store, ground()).await;
    let mut avoided = Relation::new(make::two(2, 4));
    avoided.stance_mut(&who(4)).unwrap().avoids_since = Some(after(1));
    let past = Pair {
        state: PairState::Completed { at: after(5), by: None },
        due_at: None,
        ..make::pair(80, 1, (13, 3), (14, 4))
    };
    let draft = Proposal {
        state: ProposalState::Draft { queued_until: None },
        rank: None,
        ..make::proposal(81, 1, (12, 2), (15, 5))
    };
    let changes = [
        Change::Relation(avoided.clone()),
        Change::Pair(past),
        Change::Proposal(draft),
        Change::Pair(make::pair(82, 1, (12, 2), (16, 6))),
        Change::Proposal(make::proposal(83, 1, (11, 1), (14, 4))),
    ];
    store(&*h.store, set_of(changes)).await;
    let items = all(&*h.store, &Listing::Candidates { enrollment: id(14) }, 5).await;
    let of = |n: u64| {
        let found = items.iter().find_map(|item| match item {
            Listed::Candidate(it) if it.person.id == who(n) => Some((**it).clone()),
            _ => None,
        });
        found.unwrap_or_else(|| panic!("candidate {n} is missing"))
    };
    let facts = |n| (of(n).live, of(n).reserved, of(n).taken, of(n).past);
    assert_eq!(facts(1), (0, 1, true, false), "an open offer");
    assert_eq!(facts(2), (1, 1, false, false), "a pair and a draft with others");
    assert_eq!(facts(3), (0, 0, false, true), "met before");
    avoided.version = Version::new(1);
    assert_eq!(of(2).relation, Some(avoided));
    assert_eq!(of(3).relation, None);
    assert_eq!(of(3).person.adult_on, Some(make::adult_date()));
    assert_eq!(of(3).enrollment.answers, make::answers(Role::Mentor));
}

/// The pool says how many places are taken and kept; what is known of two people says why they are not
/// paired. Only people who are active in the program have a part in either.
pub async fn the_pool_says_what_is_known(h: Harness) {
    store(&*h.store, ground()).await;
    let mut avoided = Relation::new(make::two(2, 4));
    avoided.stance_mut(&who(4)).unwrap().avoids_since = Some(after(1));
    let mut elsewhere = Relation::new(make::two(2, 900));
    elsewhere.stance_mut(&who(2)).unwrap().blocked_at = Some(after(1));
    let over = PairState::Completed { at: after(5), by: None };
    let past = make::pair(80, 1, (13, 3), (14, 4));
    let changes = [
        Change::Relation(avoided.clone()),
        Change::Relation(elsewhere),
        Change::Pair(Pair { state: over, due_at: None, ..past }),
        Change::Pair(make::pair(82, 1, (12, 2), (16, 6))),
        Change::Proposal(make::proposal(83, 1, (11, 1), (14, 4))),
    ];
    store(&*h.store, set_of(changes)).await;
    let mut pool = std::collections::BTreeMap::new();
    for item in all(&*h.store, &Listing::Pool { program: id(1) }, 2).await {
        let Listed::Pooled(it) = item else { panic!("{item:?} was not asked for") };
        assert_eq!(it.person.id, it.enrollment.person);
        assert_eq!(it.person.adult_on, Some(make::adult_date()));
        pool.insert(it.person.id.clone(), (it.live, it.person_live, it.reserved));
    }
    assert_eq!(pool.get(&who(1)), Some(&(0, 0, 1)), "an offer keeps a place");
    assert_eq!(pool.get(&who(2)), Some(&(1, 1, 0)), "a pair");
    assert_eq!(pool.get(&who(3)), Some(&(0, 0, 0)), "a pair that is over takes no place");
    let mut known = Vec::new();
    for item in all(&*h.store, &Listing::Between { program: id(1) }, 2).await {
        let Listed::Between(it) = item else { panic!("{item:?} was not asked for") };
        known.push((it.people, it.relation.is_some(), it.taken, it.past));
    }
    let mut expected = [
        (make::two(1, 4), false, true, false),
        (make::two(2, 4), true, false, false),
        (make::two(2, 6), false, true, false),
        (make::two(3, 4), false, false, true),
    ];
    expected.sort();
    assert_eq!(known, expected, "the block of somebody who takes no part is not among them");
}
