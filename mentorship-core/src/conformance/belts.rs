//! Belts: what holds although every guard says yes. Each case writes sets whose guards are in order and
//! whose content breaks a rule.

use super::{
    Harness,
    contract::{ground, refused, set_of, store},
    make::{self, adult_date, after, id, slug, tenant, two, who},
};
use crate::{
    base::version::Version,
    change::{Change, ChangeSet},
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        pair::{EndKind, EndedBy, Pair, PairEnd, PairState},
        person::Person,
        program::{Program, ProgramState},
        proposal::{Proposal, ProposalState},
        relation::Relation,
        report::{Case, CaseState, Evidence, Target},
    },
    store::{Store, StoreErrorKind},
};

fn v(n: u64) -> Version {
    Version::new(n)
}

fn ended() -> PairState {
    PairState::Ended {
        at: after(40),
        end: PairEnd {
            kind: EndKind::NoTime,
            shared: false,
            note: None,
            by: EndedBy::Side(Role::Mentor),
        },
    }
}

async fn integrity(store: &dyn Store, changes: impl IntoIterator<Item = Change>) {
    refused(store, set_of(changes), StoreErrorKind::Integrity).await;
}

fn pair_1_4() -> Pair {
    make::pair(100, 1, (11, 1), (14, 4))
}

fn proposal_1_4() -> Proposal {
    make::proposal(110, 1, (11, 1), (14, 4))
}

fn blocked(one: u64, other: u64, version: u64) -> Relation {
    let mut relation = Relation { version: v(version), ..Relation::new(two(one, other)) };
    relation.hi.blocked_at = Some(after(30));
    relation
}

/// A person has one live place per program and role; after its end another one may follow, also in the
/// same set.
pub async fn one_live_enrollment_per_role(h: Harness) {
    store(&*h.store, ground()).await;
    let second = make::enrollment(70, 1, 1, Role::Mentor);
    integrity(&*h.store, [Change::Enrollment(second.clone())]).await;
    let other_role = make::enrollment(71, 1, 1, Role::Mentee);
    store(&*h.store, set_of([Change::Enrollment(other_role)])).await;
    let mut first = make::enrollment(11, 1, 1, Role::Mentor);
    first.version = v(1);
    first.state = EnrollmentState::Withdrawn { at: after(5) };
    let set = set_of([Change::Enrollment(second), Change::Enrollment(first)]);
    store(&*h.store, set).await;
    integrity(&*h.store, [Change::Enrollment(make::enrollment(72, 1, 1, Role::Mentor))]).await;
}

/// Two people have one live pair per program, in whatever roles.
pub async fn one_live_pair_of_two_people(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    let again = make::pair(101, 1, (11, 1), (14, 4));
    integrity(&*h.store, [Change::Pair(again)]).await;
    let set = set_of([
        Change::Enrollment(make::enrollment(73, 1, 4, Role::Mentor)),
        Change::Enrollment(make::enrollment(74, 1, 1, Role::Mentee)),
    ]);
    store(&*h.store, set).await;
    let turned = make::pair(102, 1, (73, 4), (74, 1));
    integrity(&*h.store, [Change::Pair(turned)]).await;
}

/// Two people have one open proposal per program.
pub async fn one_open_proposal_of_two_people(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Proposal(proposal_1_4())])).await;
    integrity(&*h.store, [Change::Proposal(make::proposal(111, 1, (11, 1), (14, 4)))]).await;
    let mut over = Proposal { version: v(1), ..proposal_1_4() };
    over.state = ProposalState::Expired { at: after(2_000) };
    let next = make::proposal(112, 1, (11, 1), (14, 4));
    store(&*h.store, set_of([Change::Proposal(next), Change::Proposal(over)])).await;
}

/// A pair between people of whom one blocks the other is never stored.
pub async fn no_live_pair_between_blocked_people(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Relation(blocked(1, 4, 0))])).await;
    integrity(&*h.store, [Change::Pair(pair_1_4())]).await;
    let mut lifted = blocked(1, 4, 1);
    lifted.hi.blocked_at = None;
    store(&*h.store, set_of([Change::Pair(pair_1_4()), Change::Relation(lifted)])).await;
}

/// Nor is a proposal between them, not even as a draft.
pub async fn no_open_proposal_between_blocked_people(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Relation(blocked(1, 4, 0))])).await;
    let draft = Proposal { state: ProposalState::Draft { queued_until: None }, ..proposal_1_4() };
    integrity(&*h.store, [Change::Proposal(draft)]).await;
}

/// A block that leaves a pair alive is never stored.
pub async fn no_block_over_a_live_pair(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    integrity(&*h.store, [Change::Relation(blocked(1, 4, 0))]).await;
    store(&*h.store, set_of([Change::Proposal(make::proposal(113, 1, (12, 2), (15, 5)))])).await;
    integrity(&*h.store, [Change::Relation(blocked(2, 5, 0))]).await;
}

/// A block and the end of what it ends are one set, in any order.
pub async fn a_block_with_the_end_of_the_pair_is_one_set(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    store(&*h.store, set_of([Change::Proposal(make::proposal(113, 1, (12, 2), (15, 5)))])).await;
    let over = Pair { version: v(1), state: ended(), due_at: None, ..pair_1_4() };
    let set = set_of([Change::Relation(blocked(1, 4, 0)), Change::Pair(over)]);
    store(&*h.store, set).await;
    let mut gone = Proposal { version: v(1), ..make::proposal(113, 1, (12, 2), (15, 5)) };
    gone.state = ProposalState::Withdrawn { at: after(3) };
    store(&*h.store, set_of([Change::Proposal(gone), Change::Relation(blocked(2, 5, 0))])).await;
}

/// Live pairs never outnumber the places of either side.
pub async fn no_more_pairs_than_places(h: Harness) {
    store(&*h.store, ground()).await;
    let pairs = [(14, 4), (15, 5), (16, 6)];
    for (n, mentee) in (0..).zip(pairs) {
        let pair = make::pair(120 + n, 1, (11, 1), mentee);
        if n < 2 {
            store(&*h.store, set_of([Change::Pair(pair)])).await;
        } else {
            integrity(&*h.store, [Change::Pair(pair)]).await;
        }
    }
    let unknown = make::pair(129, 1, (99, 1), (16, 6));
    integrity(&*h.store, [Change::Pair(unknown)]).await;
}

/// Lowering the capacity ends nothing; no new pair comes until there is room again.
pub async fn a_lowered_capacity_keeps_what_lives(h: Harness) {
    store(&*h.store, ground()).await;
    for (n, mentee) in [(120, (14, 4)), (121, (15, 5))] {
        store(&*h.store, set_of([Change::Pair(make::pair(n, 1, (11, 1), mentee))])).await;
    }
    let capacity = |capacity: u8, version: u64| {
        let place = make::enrollment(11, 1, 1, Role::Mentor);
        Change::Enrollment(Enrollment { capacity, version: v(version), ..place })
    };
    store(&*h.store, set_of([capacity(1, 1)])).await;
    let third = || Change::Pair(make::pair(122, 1, (11, 1), (16, 6)));
    let end = |n: u64, mentee| {
        let pair = make::pair(n, 1, (11, 1), mentee);
        Change::Pair(Pair { version: v(1), state: ended(), due_at: None, ..pair })
    };
    store(&*h.store, set_of([end(120, (14, 4))])).await;
    integrity(&*h.store, [third()]).await;
    store(&*h.store, set_of([end(121, (15, 5))])).await;
    store(&*h.store, set_of([third()])).await;
    store(&*h.store, set_of([capacity(0, 2)])).await;
}

/// A pair needs two people whose adult dates are known.
pub async fn no_pair_without_known_ages(h: Harness) {
    store(&*h.store, ground()).await;
    for side in [1, 4] {
        let unknown = Person { adult_on: None, version: v(1), ..make::person(side) };
        store(&*h.store, set_of([Change::Person(unknown)])).await;
        integrity(&*h.store, [Change::Pair(pair_1_4())]).await;
        let known = Person { version: v(2), ..make::person(side) };
        store(&*h.store, set_of([Change::Person(known)])).await;
    }
    let set = set_of([
        Change::Enrollment(make::enrollment(75, 1, 80, Role::Mentee)),
        Change::Pair(make::pair(123, 1, (11, 1), (75, 80))),
    ]);
    refused(&*h.store, set, StoreErrorKind::Integrity).await;
}

/// Nobody is in a pair who is not an adult on the day after its start, wherever they live.
pub async fn no_pair_with_a_minor(h: Harness) {
    store(&*h.store, ground()).await;
    let day = pair_1_4().started_at.date_naive();
    let adult_on = |days| day.checked_add_days(chrono::Days::new(days));
    for side in [1, 4] {
        let minor = Person { adult_on: adult_on(2), version: v(1), ..make::person(side) };
        store(&*h.store, set_of([Change::Person(minor)])).await;
        integrity(&*h.store, [Change::Pair(pair_1_4())]).await;
        let adult = Person { adult_on: adult_on(1), version: v(2), ..make::person(side) };
        store(&*h.store, set_of([Change::Person(adult)])).await;
    }
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
}

/// An age that is taken back under a live pair is not stored, unless the pair is halted with it.
pub async fn no_age_taken_back_under_a_live_pair(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    let late = adult_date().checked_add_days(chrono::Days::new(9_000));
    for side in [1, 4] {
        for adult_on in [None, late] {
            let corrected = Person { adult_on, version: v(1), ..make::person(side) };
            integrity(&*h.store, [Change::Person(corrected)]).await;
        }
    }
    // Another date on which they are adults all the same is fine.
    let earlier = adult_date().checked_sub_days(chrono::Days::new(3));
    let corrected = Person { adult_on: earlier, version: v(1), ..make::person(4) };
    store(&*h.store, set_of([Change::Person(corrected)])).await;
    let unknown = Person { adult_on: None, version: v(2), ..make::person(4) };
    let frozen = PairState::Frozen {
        since: after(9),
        resume_to: Box::new(PairState::Active { since: after(0) }),
        held_by: make::by_hand(),
    };
    let halted = Pair { version: v(1), state: frozen, due_at: None, ..pair_1_4() };
    store(&*h.store, set_of([Change::Person(unknown), Change::Pair(halted)])).await;
}

/// A frozen pair may wait for an age to be found out.
pub async fn a_frozen_pair_needs_no_ages(h: Harness) {
    no_age_taken_back_under_a_live_pair(h.clone()).await;
    let again = Pair { version: v(2), ..pair_1_4() };
    integrity(&*h.store, [Change::Pair(again.clone())]).await;
    let known = Person { version: v(3), ..make::person(4) };
    store(&*h.store, set_of([Change::Pair(again), Change::Person(known)])).await;
}

/// What has ended stays as it ended.
pub async fn an_ended_pair_stays_ended(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    let over = Pair { version: v(1), state: ended(), due_at: None, ..pair_1_4() };
    store(&*h.store, set_of([Change::Pair(over.clone())])).await;
    integrity(&*h.store, [Change::Pair(Pair { version: v(2), ..pair_1_4() })]).await;
    let other = PairState::Completed { at: after(41), by: None };
    let rewritten = Pair { version: v(2), state: other, ..over.clone() };
    integrity(&*h.store, [Change::Pair(rewritten)]).await;
    // Other fields may still change: an introduction is erased.
    let mut erased = Pair { version: v(2), ..over };
    erased.mentor.introduction = None;
    store(&*h.store, set_of([Change::Pair(erased)])).await;
}

/// The same for proposals.
pub async fn a_settled_proposal_stays_settled(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Proposal(proposal_1_4())])).await;
    let declined = ProposalState::Declined { at: after(9), by: Role::Mentee, reason: None };
    let over = Proposal { version: v(1), state: declined, ..proposal_1_4() };
    store(&*h.store, set_of([Change::Proposal(over)])).await;
    integrity(&*h.store, [Change::Proposal(Proposal { version: v(2), ..proposal_1_4() })]).await;
}

/// The same for enrolments.
pub async fn a_closed_enrollment_stays_closed(h: Harness) {
    store(&*h.store, ground()).await;
    let place = make::enrollment(11, 1, 1, Role::Mentor);
    let over = Enrollment {
        version: v(1),
        state: EnrollmentState::Removed { at: after(5), reason: slug("left_group") },
        ..place.clone()
    };
    store(&*h.store, set_of([Change::Enrollment(over)])).await;
    integrity(&*h.store, [Change::Enrollment(Enrollment { version: v(2), ..place })]).await;
}

/// The same for programs.
pub async fn an_archived_program_stays_archived(h: Harness) {
    store(&*h.store, ground()).await;
    let mut over = make::program(1);
    over.version = v(1);
    over.state = ProgramState::Archived { at: after(5) };
    store(&*h.store, set_of([Change::Program(over)])).await;
    integrity(&*h.store, [Change::Program(Program { version: v(2), ..make::program(1) })]).await;
}

/// One set may end a pair and begin the next one of the same two.
pub async fn an_end_and_a_beginning_are_one_set(h: Harness) {
    store(&*h.store, ground()).await;
    store(&*h.store, set_of([Change::Pair(pair_1_4())])).await;
    let over = Pair { version: v(1), state: ended(), due_at: None, ..pair_1_4() };
    let mut next = make::pair(103, 1, (11, 1), (14, 4));
    next.previous_pair = Some(over.id);
    let mut set: ChangeSet = set_of([Change::Pair(next), Change::Pair(over)]);
    set.audit.push(make::event(1, crate::change::Key::Pair(id(103)), after(1)));
    store(&*h.store, set).await;
    let ask = crate::store::RelationAsk { tenant: tenant(), people: two(1, 4) };
    let view = h.store.unit().await.unwrap().relation_view(&ask).await.unwrap();
    assert_eq!(view.pairs.iter().map(|pair| pair.id).collect::<Vec<_>>(), [id(103)]);
    assert_eq!(view.pairs[0].mentor.person, who(1));
}

/// D15: one open report of one person about the same; of something else, or after its end, another one.
pub async fn one_open_report_of_one_thing(h: Harness) {
    store(&*h.store, ground()).await;
    let first = || make::case(120, 1, 2, 5);
    let same = || Case { id: id(121), ..first() };
    store(&*h.store, set_of([Change::from(first())])).await;
    integrity(&*h.store, [Change::from(same())]).await;
    integrity(&*h.store, [Change::from(Case { program: id(1), ..same() })]).await;
    for (n, other) in [
        Case { reporter: Some(who(3)), ..same() },
        Case { subject: who(6), ..same() },
        Case { target: Target::Person, ..same() },
        Case { reporter: None, ..same() },
        Case { reporter: None, ..same() },
    ]
    .into_iter()
    .enumerate()
    {
        let id = id(130 + u64::try_from(n).unwrap());
        store(&*h.store, set_of([Change::from(Case { id, ..other })])).await;
    }
    let over = CaseState::Decided { at: after(5), appeal_until: after(9) };
    let over = Case { version: v(1), state: over, ..first() };
    store(&*h.store, set_of([Change::from(over), Change::from(same())])).await;
}

/// A report is about somebody else.
pub async fn nobody_reports_themselves(h: Harness) {
    store(&*h.store, ground()).await;
    integrity(&*h.store, [Change::from(make::case(120, 1, 2, 2))]).await;
}

/// I8: what was sealed is never written again.
pub async fn evidence_is_never_replaced(h: Harness) {
    store(&*h.store, ground()).await;
    let mut case = make::case(120, 1, 2, 5);
    let item = make::evidence(&mut case, "First.");
    store(&*h.store, set_of([Change::from(case.clone()), Change::Evidence(item.clone())])).await;
    let other = Evidence { content: Some("Other.".to_owned()), ..item };
    integrity(&*h.store, [Change::Evidence(other)]).await;
}

/// A closed case stays closed.
pub async fn a_closed_case_stays_closed(h: Harness) {
    store(&*h.store, ground()).await;
    let case = || make::case(120, 1, 2, 5);
    store(&*h.store, set_of([Change::from(case())])).await;
    let over = Case { version: v(1), state: CaseState::Closed { at: after(5) }, ..case() };
    store(&*h.store, set_of([Change::from(over)])).await;
    integrity(&*h.store, [Change::from(Case { version: v(2), ..case() })]).await;
}
