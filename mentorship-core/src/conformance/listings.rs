//! The read side: every listing gives each item once, in its order, in pages of any size.

use super::{
    Harness,
    contract::{ground, set_of, store},
    make::{self, after, group, id, slug, tenant, who},
};
use crate::{
    base::{
        host::{GroupId, TenantId},
        version::Version,
    },
    change::{Change, ChangeSet, Key},
    model::{
        enrollment::{Enrollment, EnrollmentState, Role},
        journal::CheckInKind,
        pair::PairState,
        program::Program,
        proposal::{Proposal, ProposalState},
        relation::Relation,
        restriction::{Ban, BanScope, Mute},
    },
    store::{
        CaseScope, Cursor, ListAsk, Listed, Listing, PAGE_MAX, Page, Store, StoreErrorKind,
        ask::{AuditScope, PeopleScope},
    },
};

pub(super) async fn page(
    store: &dyn Store,
    tenant: TenantId,
    what: &Listing,
    after: Option<Cursor>,
    limit: u16,
) -> Page<Listed> {
    let ask = ListAsk { tenant, what: what.clone(), after, limit };
    store.unit().await.unwrap().list(&ask).await.unwrap()
}

/// All items, read in pages of `limit`.
pub async fn all(store: &dyn Store, what: &Listing, limit: u16) -> Vec<Listed> {
    all_after(store, &tenant(), what, None, limit).await
}

/// All items after a cursor.
pub async fn all_after(
    store: &dyn Store,
    tenant: &TenantId,
    what: &Listing,
    mut after: Option<Cursor>,
    limit: u16,
) -> Vec<Listed> {
    let mut items = Vec::new();
    loop {
        let page = page(store, tenant.clone(), what, after, limit).await;
        assert!(page.items.len() <= usize::from(limit.clamp(1, PAGE_MAX)));
        assert!(page.next.is_none() || !page.items.is_empty(), "a page without progress");
        items.extend(page.items);
        after = page.next;
        if after.is_none() {
            return items;
        }
    }
}

/// A name that tells an item from every other of its listing.
fn name(item: &Listed) -> String {
    match item {
        Listed::Program(it) => it.id.to_string(),
        Listed::Enrollment(it) => it.id.to_string(),
        Listed::Candidate(it) => it.enrollment.id.to_string(),
        Listed::Pooled(it) => it.enrollment.id.to_string(),
        Listed::Between(it) => format!("{:?}", it.people),
        Listed::Proposal(it) => it.id.to_string(),
        Listed::Run(it) => it.id.to_string(),
        Listed::Pair(it) => it.id.to_string(),
        Listed::Post(it) => it.id.to_string(),
        Listed::CheckIn(it) => format!("{:?}{:?}", it.side, it.kind),
        Listed::Relation(it) => format!("{:?}", it.people),
        Listed::Person(it) => it.id.to_string(),
        Listed::Signal(it) => it.person.to_string(),
        Listed::Case(it) => it.id.to_string(),
        Listed::Audit(it) => it.id.to_string(),
        Listed::Due { key, .. } => key.to_string(),
    }
}

fn names(items: &[Listed]) -> Vec<String> {
    items.iter().map(name).collect()
}

/// A world with several of everything.
async fn crowd(store_: &dyn Store) {
    store(store_, ground()).await;
    let mut set = ChangeSet::new(tenant());
    for n in 2..=6 {
        let mut program = make::program(n);
        program.created_at = after(i64::try_from(n % 3).unwrap());
        if n % 2 == 0 {
            program.group = GroupId::try_from("gardeners").unwrap();
        }
        set.put(Change::Program(program));
        set.put(Change::Form { program: id(n), form: make::form() });
        set.put(Change::Guide { program: id(n), guide: make::guide() });
    }
    for n in 20..=30 {
        let role = if n % 2 == 0 { Role::Mentor } else { Role::Mentee };
        let mut place = make::enrollment(n + 100, 1, n, role);
        if n % 3 == 0 {
            place.state = EnrollmentState::Submitted { since: after(1) };
        }
        set.put(Change::Enrollment(place));
        set.put(Change::Person(make::person(n)));
        set.put(Change::Enrollment(make::enrollment(n + 200, 2, 1, role).of_program(n)));
    }
    store(store_, set).await;
    let mut set = ChangeSet::new(tenant());
    for n in 21..=29 {
        if n % 2 == 1 {
            let mut offer = make::proposal(n + 300, 1, (11, 1), (n + 100, n));
            if n % 4 == 1 {
                offer.state = ProposalState::Expired { at: after(9) };
            }
            set.put(Change::Proposal(offer));
            let mut pair = make::pair(n + 400, 1, (11, 1), (n + 100, n));
            if n > 23 {
                pair.state = PairState::Completed { at: after(n.cast_signed()), by: None };
                pair.due_at = None;
            }
            set.put(Change::Pair(pair));
        }
    }
    store(store_, set).await;
}

trait OfProgram {
    fn of_program(self, n: u64) -> Self;
}

impl OfProgram for Enrollment {
    /// The same person in other programs, over: one person may have many.
    fn of_program(mut self, n: u64) -> Self {
        self.program = id(2 + n % 5);
        self.state = EnrollmentState::Withdrawn { at: after(n.cast_signed()) };
        self
    }
}

/// Checks that pages of every size give the same, each once, in the order of `rank`.
pub(super) async fn pages<K: Ord + std::fmt::Debug>(
    store: &dyn Store,
    what: Listing,
    count: usize,
    rank: impl Fn(&Listed) -> K,
) {
    let whole = all(store, &what, PAGE_MAX).await;
    assert_eq!(whole.len(), count, "{what:?}: {:?}", names(&whole));
    let ranks: Vec<K> = whole.iter().map(rank).collect();
    assert!(ranks.is_sorted(), "{what:?}: {ranks:?}");
    for limit in [1, 2, 3, 5] {
        assert_eq!(names(&all(store, &what, limit).await), names(&whole), "pages of {limit}");
    }
    let ask = ListAsk { tenant: make::elsewhere(), what, after: None, limit: 9 };
    let page = store.unit().await.unwrap().list(&ask).await.unwrap();
    assert!(page.items.is_empty() && page.next.is_none(), "another tenant's are listed");
}

pub(super) fn by_age(item: &Listed) -> (i64, String) {
    let at = match item {
        Listed::Program(it) => it.created_at,
        Listed::Enrollment(it) => it.applied_at,
        Listed::Proposal(it) => it.created_at,
        Listed::Run(it) => it.created_at,
        Listed::Pair(it) => it.started_at,
        Listed::Case(it) => it.filed_at,
        Listed::Audit(it) => it.at,
        _ => panic!("not by age"),
    };
    (at.timestamp_micros(), name(item))
}

/// All programs.
pub async fn programs_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::Programs { group: None }, 6, by_age).await;
}

/// Programs of one group.
pub async fn programs_of_a_group_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::Programs { group: Some(group()) }, 3, by_age).await;
    let gardeners = Some(GroupId::try_from("gardeners").unwrap());
    pages(&*h.store, Listing::Programs { group: gardeners }, 3, by_age).await;
}

/// Enrolments of a program.
pub async fn enrollments_page(h: Harness) {
    crowd(&*h.store).await;
    let what = Listing::Enrollments { program: id(1), role: None, state: None };
    pages(&*h.store, what, 17, by_age).await;
}

/// Those in one state.
pub async fn enrollments_by_state_page(h: Harness) {
    crowd(&*h.store).await;
    let state = Some(slug("submitted"));
    let what = Listing::Enrollments { program: id(1), role: None, state };
    pages(&*h.store, what, 4, by_age).await;
}

/// Those of one role, and of one role in one state.
pub async fn enrollments_by_role_page(h: Harness) {
    crowd(&*h.store).await;
    let what = |state: Option<&str>| Listing::Enrollments {
        program: id(1),
        role: Some(Role::Mentor),
        state: state.map(slug),
    };
    pages(&*h.store, what(None), 9, by_age).await;
    pages(&*h.store, what(Some("active")), 7, by_age).await;
}

/// Enrolments of one person, in all programs.
pub async fn enrollments_of_a_person_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::EnrollmentsOf { person: who(1) }, 12, by_age).await;
}

/// Active people of the other role.
pub async fn candidates_page(h: Harness) {
    crowd(&*h.store).await;
    let what = Listing::Candidates { enrollment: id(14) };
    pages(&*h.store, what, 7, name).await;
    let what = Listing::Candidates { enrollment: id(999) };
    assert!(all(&*h.store, &what, 5).await.is_empty());
}

/// Active people of both roles.
pub async fn the_pool_pages(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::Pool { program: id(1) }, 13, name).await;
    assert!(all(&*h.store, &Listing::Pool { program: id(999) }, 5).await.is_empty());
}

/// Two people of a program of whom something is known.
pub async fn what_is_known_of_two_pages(h: Harness) {
    crowd(&*h.store).await;
    let what = Listing::Between { program: id(1) };
    pages(&*h.store, what, 3, |item| match item {
        Listed::Between(it) => (it.people.lo().clone(), it.people.hi().clone()),
        other => panic!("{other:?} was not asked for"),
    })
    .await;
    assert!(all(&*h.store, &Listing::Between { program: id(999) }, 5).await.is_empty());
}

/// Proposals of a program.
pub async fn proposals_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::Proposals { program: id(1), state: None }, 5, by_age).await;
}

/// Runs 60 to 66 of programs 1 and 2; 60 has found nine proposals, 61 one.
async fn runs(store_: &dyn Store) {
    crowd(store_).await;
    let mut set = ChangeSet::new(tenant());
    for n in 60..=66 {
        set.put(Change::Run(Box::new(make::run(n, 1 + n % 2))));
    }
    for n in 0..10 {
        let found = make::proposal(n + 600, 2, (11, 1), (14, n + 30));
        set.put(Change::Proposal(Proposal { run: Some(id(60 + n / 9)), ..found }));
    }
    store(store_, set).await;
}

/// Runs of a program.
pub async fn runs_page(h: Harness) {
    runs(&*h.store).await;
    pages(&*h.store, Listing::Runs { program: id(1) }, 4, by_age).await;
    pages(&*h.store, Listing::Runs { program: id(2) }, 3, by_age).await;
}

/// Proposals that a run found.
pub async fn proposals_of_a_run_page(h: Harness) {
    runs(&*h.store).await;
    pages(&*h.store, Listing::ProposalsOfRun { run: id(60) }, 9, by_age).await;
    pages(&*h.store, Listing::ProposalsOfRun { run: id(62) }, 0, by_age).await;
}

/// Those in one state.
pub async fn proposals_by_state_page(h: Harness) {
    crowd(&*h.store).await;
    let what = |state: &str| Listing::Proposals { program: id(1), state: Some(slug(state)) };
    pages(&*h.store, what("offered"), 2, by_age).await;
    pages(&*h.store, what("expired"), 3, by_age).await;
}

/// Proposals of one enrolment, on either side.
pub async fn proposals_of_a_place_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::ProposalsOf { enrollment: id(11) }, 5, by_age).await;
    pages(&*h.store, Listing::ProposalsOf { enrollment: id(123) }, 1, by_age).await;
}

/// Proposals of one person.
pub async fn proposals_for_a_person_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::ProposalsFor { person: who(1) }, 5, by_age).await;
    pages(&*h.store, Listing::ProposalsFor { person: who(23) }, 1, by_age).await;
}

/// Pairs of a program.
pub async fn pairs_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::Pairs { program: id(1), state: None }, 5, by_age).await;
}

/// Those in one state.
pub async fn pairs_by_state_page(h: Harness) {
    crowd(&*h.store).await;
    let what = |state: &str| Listing::Pairs { program: id(1), state: Some(slug(state)) };
    pages(&*h.store, what("active"), 2, by_age).await;
    pages(&*h.store, what("completed"), 3, by_age).await;
}

/// Pairs of one person.
pub async fn pairs_of_a_person_page(h: Harness) {
    crowd(&*h.store).await;
    pages(&*h.store, Listing::PairsOf { person: who(1) }, 5, by_age).await;
    pages(&*h.store, Listing::PairsOf { person: who(25) }, 1, by_age).await;
}

async fn written_pair(store_: &dyn Store) {
    crowd(store_).await;
    let mut set = ChangeSet::new(tenant());
    for seq in 1..=7 {
        set.put(Change::Post(make::post(500 + seq, id(421), seq, 1)));
        set.put(Change::Post(make::post(600 + seq, id(423), seq, 1)));
    }
    for number in [3, 1, 2] {
        for side in [Role::Mentee, Role::Mentor] {
            let kind = CheckInKind::Week { number };
            let at = after(i64::from(number % 2));
            set.put(Change::CheckIn(make::check_in(id(421), side, kind, at)));
        }
    }
    let closing = make::check_in(id(421), Role::Mentor, CheckInKind::Closing, after(1));
    set.put(Change::CheckIn(closing));
    store(store_, set).await;
}

/// Posts of a pair, by number.
pub async fn posts_page(h: Harness) {
    written_pair(&*h.store).await;
    let seq = |item: &Listed| match item {
        Listed::Post(post) => post.seq,
        _ => panic!("not a post"),
    };
    pages(&*h.store, Listing::Posts { pair: id(421), step: None }, 7, seq).await;
}

/// Posts on one step.
pub async fn posts_of_a_step_page(h: Harness) {
    written_pair(&*h.store).await;
    let what = Listing::Posts { pair: id(421), step: Some(slug("hello")) };
    let seq = |item: &Listed| match item {
        Listed::Post(post) => post.seq,
        _ => panic!("not a post"),
    };
    pages(&*h.store, what, 4, seq).await;
}

/// Check-ins of a pair: by time, then mentor before mentee, then weeks before closing.
pub async fn check_ins_page(h: Harness) {
    written_pair(&*h.store).await;
    let rank = |item: &Listed| match item {
        Listed::CheckIn(it) => (it.at, it.side, it.kind),
        _ => panic!("not a check-in"),
    };
    pages(&*h.store, Listing::CheckIns { pair: id(421) }, 7, rank).await;
}

async fn stances(store_: &dyn Store) {
    let mut set = ChangeSet::new(tenant());
    for other in [3, 9, 1, 7, 2] {
        let mut relation = Relation::new(make::two(5, other));
        let stance = relation.stance_mut(&who(5)).unwrap();
        stance.blocked_at = Some(after(1));
        stance.avoids_since = (other % 2 == 1).then(|| after(2));
        stance.wishes_since = (other < 4).then(|| after(4));
        let stance = relation.stance_mut(&who(other)).unwrap();
        (stance.avoids_since, stance.wishes_since) = (Some(after(3)), Some(after(5)));
        set.put(Change::Relation(relation));
    }
    let mut from_there = Relation::new(make::two(5, 8));
    from_there.stance_mut(&who(8)).unwrap().blocked_at = Some(after(1));
    set.put(Change::Relation(from_there));
    store(store_, set).await;
}

fn by_other(item: &Listed) -> String {
    match item {
        Listed::Relation(it) => it.people.other(&who(5)).unwrap().to_string(),
        _ => panic!("not a relation"),
    }
}

/// Blocks that a person has set, never those set against them.
pub async fn blocks_page(h: Harness) {
    stances(&*h.store).await;
    pages(&*h.store, Listing::BlocksBy { person: who(5) }, 5, by_other).await;
    assert!(all(&*h.store, &Listing::BlocksBy { person: who(3) }, 5).await.is_empty());
}

/// Wishes not to be matched that a person has set.
pub async fn avoids_page(h: Harness) {
    stances(&*h.store).await;
    pages(&*h.store, Listing::AvoidsBy { person: who(5) }, 4, by_other).await;
}

/// Wishes to be matched that a person has set.
pub async fn wishes_page(h: Harness) {
    stances(&*h.store).await;
    pages(&*h.store, Listing::WishesBy { person: who(5) }, 3, by_other).await;
}

/// All that stands between a person and others, whoever has said it.
pub async fn relations_page(h: Harness) {
    stances(&*h.store).await;
    pages(&*h.store, Listing::RelationsOf { person: who(5) }, 6, by_other).await;
    assert_eq!(all(&*h.store, &Listing::RelationsOf { person: who(3) }, 1).await.len(), 1);
}

async fn restricted(store_: &dyn Store) {
    let mut set = ChangeSet::new(tenant());
    let scope = BanScope::Tenant;
    let ban = Ban { scope, case: id(8), since: after(1), until: None };
    for n in [3, 9, 1, 7, 2, 5] {
        let mut person = make::person(n);
        person.bans = if n % 2 == 1 { vec![ban.clone(), ban.clone()] } else { Vec::new() };
        person.mute = (n < 4).then_some(Mute { since: after(1), until: Some(after(2)) });
        set.put(Change::Person(person));
    }
    store(store_, set).await;
}

fn by_key(item: &Listed) -> String {
    match item {
        Listed::Person(it) => it.id.to_string(),
        _ => panic!("not a person"),
    }
}

/// People who have a ban, whether or not it still holds.
pub async fn banned_people_page(h: Harness) {
    restricted(&*h.store).await;
    pages(&*h.store, Listing::People { scope: PeopleScope::Banned }, 5, by_key).await;
}

/// People who are muted.
pub async fn muted_people_page(h: Harness) {
    restricted(&*h.store).await;
    pages(&*h.store, Listing::People { scope: PeopleScope::Muted }, 3, by_key).await;
}

async fn events(store_: &dyn Store) {
    let mut set = ChangeSet::new(tenant());
    for n in 0..9 {
        let subject = match n % 3 {
            0 => Key::Pair(id(1)),
            1 => Key::Relation(make::two(1, 2)),
            _ => Key::Person(who(1)),
        };
        let mut event = make::event(n + 1, subject, after((n / 2).cast_signed()));
        event.private = n == 4;
        event.program = (n != 5).then(|| id(1 + n / 7));
        event.actor.person = (n != 6).then(|| who(1 + n % 2));
        set.audit.push(event);
    }
    store(store_, set).await;
}

/// The audit log of the tenant.
pub async fn audit_page(h: Harness) {
    events(&*h.store).await;
    pages(&*h.store, Listing::Audit { scope: AuditScope::Tenant }, 9, by_age).await;
}

/// The audit log of a program, private events too.
pub async fn audit_of_a_program_page(h: Harness) {
    events(&*h.store).await;
    let scope = AuditScope::Program { program: id(1), private: true };
    pages(&*h.store, Listing::Audit { scope }, 6, by_age).await;
}

/// What happened to one record: a pair, a person, two people.
pub async fn audit_of_a_record_page(h: Harness) {
    events(&*h.store).await;
    for key in [Key::Pair(id(1)), Key::Relation(make::two(1, 2)), Key::Person(who(1))] {
        pages(&*h.store, Listing::Audit { scope: AuditScope::Subject(key) }, 3, by_age).await;
    }
    let scope = AuditScope::Subject(Key::Relation(make::two(1, 3)));
    assert!(all(&*h.store, &Listing::Audit { scope }, 5).await.is_empty());
}

/// What one person did.
pub async fn audit_of_an_actor_page(h: Harness) {
    events(&*h.store).await;
    pages(&*h.store, Listing::Audit { scope: AuditScope::Actor(who(1)) }, 4, by_age).await;
}

fn by_due(item: &Listed) -> (i64, Key) {
    match item {
        Listed::Due { at, key } => (at.timestamp_micros(), key.clone()),
        _ => panic!("not due"),
    }
}

/// What is due, of every kind, by instant and key.
pub async fn due_page(h: Harness) {
    crowd(&*h.store).await;
    let paused = EnrollmentState::Paused { since: after(0), until: Some(after(500)) };
    let place = make::enrollment(11, 1, 1, Role::Mentor);
    let place = Enrollment { state: paused, version: Version::new(1), ..place };
    let mut cohort = Program { version: Version::new(1), ..make::program(1) };
    cohort.window = Some(crate::model::program::Window {
        opens: after(-10),
        closes: after(500),
        starts: after(600),
        ends: after(700),
    });
    store(&*h.store, set_of([Change::Enrollment(place), Change::Program(cohort)])).await;
    // Two offers due at 1,000 and two pairs, an enrolment and a program at 500.
    pages(&*h.store, Listing::Due { at: after(1_000) }, 6, by_due).await;
    pages(&*h.store, Listing::Due { at: after(500) }, 4, by_due).await;
}

/// A group admin's view of the audit log holds no private event.
pub async fn private_events_are_kept_from_a_program(h: Harness) {
    events(&*h.store).await;
    let scope = AuditScope::Program { program: id(1), private: false };
    pages(&*h.store, Listing::Audit { scope }, 5, by_age).await;
}

/// A cursor that no page gave is refused, in every listing that can be.
pub async fn a_malformed_cursor_is_refused(h: Harness) {
    written_pair(&*h.store).await;
    let wrong = Cursor { rank: -1, id: "%".to_owned() };
    let whats = [
        Listing::Programs { group: None },
        Listing::Enrollments { program: id(1), role: None, state: None },
        Listing::Candidates { enrollment: id(14) },
        Listing::Pool { program: id(1) },
        Listing::Between { program: id(1) },
        Listing::Runs { program: id(1) },
        Listing::ProposalsOfRun { run: id(60) },
        Listing::ProposalsFor { person: who(1) },
        Listing::PairsOf { person: who(1) },
        Listing::Posts { pair: id(421), step: None },
        Listing::CheckIns { pair: id(421) },
        Listing::Cases { scope: CaseScope::Tenant },
        Listing::Cases { scope: CaseScope::Program(id(1)) },
        Listing::Cases { scope: CaseScope::Platform },
        Listing::Cases { scope: CaseScope::Reporter(who(1)) },
        Listing::Cases { scope: CaseScope::Subject(who(1)) },
        Listing::Audit { scope: AuditScope::Tenant },
        Listing::Due { at: after(9_999) },
    ];
    for what in whats {
        let text = format!("{what:?}");
        let ask = ListAsk { tenant: tenant(), what, after: Some(wrong.clone()), limit: 5 };
        let outcome = h.store.unit().await.unwrap().list(&ask).await;
        let error = outcome.map(|page| names(&page.items)).expect_err(&text);
        assert_eq!(error.kind(), StoreErrorKind::Unsupported, "{text}");
    }
}

/// A limit of nothing gives one, one beyond the cap gives the cap.
pub async fn a_limit_is_held(h: Harness) {
    let mut set = ChangeSet::new(tenant());
    for n in 0..u64::from(PAGE_MAX) + 3 {
        set.audit.push(make::event(n + 1, Key::Pair(id(1)), after(n.cast_signed())));
    }
    store(&*h.store, set).await;
    let what = Listing::Audit { scope: AuditScope::Tenant };
    assert_eq!(page(&*h.store, tenant(), &what, None, 0).await.items.len(), 1);
    let most = page(&*h.store, tenant(), &what, None, u16::MAX).await;
    assert_eq!(most.items.len(), usize::from(PAGE_MAX));
    assert_eq!(page(&*h.store, tenant(), &what, most.next, u16::MAX).await.items.len(), 3);
}

/// A state that no record can have lists nothing.
pub async fn an_unknown_state_lists_nothing(h: Harness) {
    crowd(&*h.store).await;
    let state = Some(slug("dreaming"));
    for what in [
        Listing::Enrollments { program: id(1), role: None, state: state.clone() },
        Listing::Proposals { program: id(1), state: state.clone() },
        Listing::Pairs { program: id(1), state },
    ] {
        assert!(all(&*h.store, &what, 5).await.is_empty());
    }
}

/// A microsecond before, nothing is due.
pub async fn what_is_not_due_is_not_listed(h: Harness) {
    crowd(&*h.store).await;
    let just_before = after(500) - chrono::TimeDelta::microseconds(1);
    assert!(all(&*h.store, &Listing::Due { at: just_before }, 5).await.is_empty());
}
