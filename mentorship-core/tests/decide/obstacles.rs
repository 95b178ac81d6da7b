//! Everything that can stand between two people, each by itself.

use chrono::NaiveDate;
use mentorship_core::{
    base::{id::PairId, time::Timestamp},
    conformance::make::{by_hand, id, slug, start, who},
    decide::proposal::possible::HostFacts,
    model::{
        enrollment::EnrollmentState,
        program::ProgramState,
        proposal::Proposal,
        restriction::{Ban, BanScope},
    },
    view::{PastPair, Place, ProposalView},
};
use proptest::{collection::btree_set, prelude::*};

use crate::given::{HOST, blocked, days, offer};

pub(crate) type Obstacle = (&'static str, fn(&mut ProposalView, &mut HostFacts));

fn fill(place: &mut Place) {
    place.live = u32::from(place.enrollment.capacity);
}

fn reserve(place: &mut Place) {
    let own = &place.enrollment;
    for n in 0..u64::from(own.capacity) {
        let kept = offer(200 + n, 1, 2);
        place.open.push(Proposal { mentor: own.id, mentee: id(999), ..kept });
    }
}

fn past(n: u64) -> PastPair {
    PastPair { pair: id::<PairId>(n), mentor: who(1), ended_at: start() }
}

fn minor() -> NaiveDate {
    NaiveDate::from_ymd_opt(2030, 1, 1).unwrap()
}

fn banned(scope: BanScope, until: Option<Timestamp>) -> Vec<Ban> {
    vec![Ban { scope, case: id(48), since: start(), until }]
}

/// What is about the other person, or about the two; a participant must not be able to tell which.
pub(crate) const BETWEEN: &[Obstacle] = &[
    ("the mentor blocks", |view, _| view.relation = blocked(1, 2)),
    ("the mentee blocks", |view, _| view.relation = blocked(2, 1)),
    ("a block was lifted yesterday", |view, _| view.relation.lo.lifted_at = Some(days(-1))),
    ("the mentor avoids", |view, _| view.relation.lo.avoids_since = Some(start())),
    ("the mentee avoids", |view, _| view.relation.hi.avoids_since = Some(start())),
    ("the mentor is full", |view, _| fill(&mut view.mentor)),
    ("the mentee is full", |view, _| fill(&mut view.mentee)),
    ("the mentor's places are kept", |view, _| reserve(&mut view.mentor)),
    ("the mentee's places are kept", |view, _| reserve(&mut view.mentee)),
    ("the mentor takes nobody", |view, _| view.mentor.enrollment.capacity = 0),
    ("one has pairs enough elsewhere", |view, _| {
        view.program.policy.person_cap = Some(2);
        view.mentee.person_live = 2;
    }),
    ("the mentor has a break", |view, _| {
        view.mentor.enrollment.state = EnrollmentState::Paused { since: start(), until: None };
    }),
    ("the mentee is held", |view, _| {
        let resume_to = Box::new(view.mentee.enrollment.state.clone());
        view.mentee.enrollment.state =
            EnrollmentState::Suspended { since: start(), resume_to, held_by: by_hand() };
    }),
    ("the mentee has withdrawn", |view, _| {
        view.mentee.enrollment.state = EnrollmentState::Withdrawn { at: start() };
    }),
    ("the mentor was taken out", |view, _| {
        let reason = slug("left_group");
        view.mentor.enrollment.state = EnrollmentState::Removed { at: start(), reason };
    }),
    ("the mentor is a minor", |view, _| view.mentor.person.adult_on = Some(minor())),
    ("the mentee is a minor", |view, _| view.mentee.person.adult_on = Some(minor())),
    ("the mentee's age is unknown", |view, _| view.mentee.person.adult_on = None),
    ("the mentor is banned from the group", |view, _| {
        let scope = BanScope::Group { group: view.program.group.clone() };
        view.mentor.person.bans = banned(scope, None);
    }),
    ("the mentee is banned from everything", |view, _| {
        view.mentee.person.bans = banned(BanScope::Tenant, Some(days(1_000)));
    }),
    ("both are one human", |_, host| host.same_human = true),
    ("the mentor has left the group", |_, host| host.mentor.is_member = false),
    ("the mentee has left the group", |_, host| host.mentee.is_member = false),
    ("the mentor is trained no more", |_, host| host.mentor.predicates.clear()),
    ("the mentor is a minor, by the host", |_, host| host.mentor.adult_on = Some(minor())),
    ("the mentee's age is unknown to the host", |_, host| host.mentee.adult_on = None),
    ("the program is halted", |view, _| {
        let resume_to = Box::new(view.program.state.clone());
        view.program.state = ProgramState::Suspended { since: start(), resume_to };
    }),
    ("they are a pair", |view, _| view.live_pair = Some((id(7), who(1)))),
    ("they are a pair the other way round", |view, _| view.live_pair = Some((id(7), who(2)))),
    ("another offer is out", |view, _| view.open_between.push(id(8))),
    ("they were a pair", |view, _| view.past.push(past(9))),
];

/// One to three obstacles at once.
pub(crate) fn some() -> impl Strategy<Value = Vec<Obstacle>> {
    btree_set(0..BETWEEN.len(), 1..=3)
        .prop_map(|which| which.into_iter().map(|index| BETWEEN[index]).collect())
}

pub(crate) fn put(
    view: &ProposalView,
    obstacles: &[Obstacle],
) -> (ProposalView, HostFacts, Vec<&'static str>) {
    let (mut view, mut host) = (view.clone(), HOST.clone());
    for (_, between) in obstacles {
        between(&mut view, &mut host);
    }
    (view, host, obstacles.iter().map(|(name, _)| *name).collect())
}

/// No obstacle first, then each.
pub(crate) fn none_and_each() -> Vec<Vec<Obstacle>> {
    std::iter::once(Vec::new()).chain(BETWEEN.iter().map(|one| vec![*one])).collect()
}

#[test]
fn the_obstacles_have_names_of_their_own() {
    let names: std::collections::BTreeSet<_> = BETWEEN.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), BETWEEN.len());
}
