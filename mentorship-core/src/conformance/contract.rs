//! The write side: what is written comes back, guards hold, and a set is stored whole or not at all.

use std::{collections::BTreeSet, sync::Arc};

use super::{
    Harness,
    make::{self, after, elsewhere, id, slug, tenant, two, who},
};
use crate::{
    base::{
        host::{PersonId, TenantId},
        id::CommandId,
        version::Version,
    },
    change::{Applied, Change, ChangeSet, CommandRecord, Key},
    model::{
        enrollment::Role,
        guide::StepState,
        holder::Holder,
        journal::CheckInKind,
        person::Person,
        person::{Held, LookedBack, TurnedAway},
        relation::Relation,
        restriction::{Ban, BanScope, Mute},
    },
    store::{
        CaseAsk, EnrollmentAsk, ListAsk, Listed, Listing, PairAsk, PersonAsk, ProgramAsk,
        ProposalAsk, RelationAsk, Store, StoreErrorKind, UnitExt,
        ask::{AuditScope, CaseScope, EnrollmentTarget, ProposalTarget},
    },
};

/// Applies a set that has to be stored.
pub async fn store(store: &dyn Store, set: ChangeSet) {
    let applied = store.unit().await.unwrap().apply(set).await;
    assert_eq!(applied.expect("the set is stored"), Applied::Stored);
}

/// Applies a set that has to fail in this way.
pub async fn refused(store: &dyn Store, set: ChangeSet, kind: StoreErrorKind) {
    let error = store.unit().await.unwrap().apply(set).await.expect_err("the set is refused");
    assert_eq!(error.kind(), kind, "{error}");
}

/// A set of these changes, guarded as they are.
#[must_use]
pub fn set_of(changes: impl IntoIterator<Item = Change>) -> ChangeSet {
    let mut set = ChangeSet::new(tenant());
    for change in changes {
        set.put(change);
    }
    set
}

/// What records rest on: a program with its form and guide, people 1 to 6, and their enrolments, 11 to
/// 16: mentors first, mentees from 14.
#[must_use]
pub fn ground() -> ChangeSet {
    let mut changes = vec![
        Change::Program(make::program(1)),
        Change::Form { program: id(1), form: make::form() },
        Change::Guide { program: id(1), guide: make::guide() },
        // A program of the cases below; one whose papers are missing would be corrupt.
        Change::Form { program: id(42), form: make::form() },
        Change::Guide { program: id(42), guide: make::guide() },
    ];
    for n in 1..=6 {
        changes.push(Change::Person(make::person(n)));
        let role = if n < 4 { Role::Mentor } else { Role::Mentee };
        changes.push(Change::Enrollment(make::enrollment(10 + n, 1, n, role)));
    }
    set_of(changes)
}

/// A record of each versioned kind, as one interface for the cases below.
struct Kind {
    /// The record at a version, new or as it was written last; a higher `turn` is another content.
    record: fn(Version, u32) -> Change,
}

impl Kind {
    fn key(&self) -> Key {
        (self.record)(Version::NEW, 0).versioned().unwrap().0
    }

    fn set(&self, version: Version, turn: u32) -> ChangeSet {
        set_of([(self.record)(version, turn)])
    }
}

async fn read(store: &dyn Store, tenant: TenantId, key: &Key) -> Option<Change> {
    let mut unit = store.unit().await.unwrap();
    match key {
        Key::Person(person) => {
            let ask = PersonAsk { tenant, person: person.clone() };
            let found = unit.person_view(&ask).await.unwrap().person;
            (!found.version.is_new()).then_some(Change::Person(found))
        }
        Key::Relation(people) => {
            let ask = RelationAsk { tenant, people: people.clone() };
            let found = unit.relation_view(&ask).await.unwrap().relation;
            (!found.version.is_new()).then_some(Change::Relation(found))
        }
        Key::Program(program) => {
            let ask = ProgramAsk { tenant, program: *program, batch: 0 };
            Some(Change::Program(unit.program_view(&ask).await.unwrap()?.program))
        }
        Key::Enrollment(id) => {
            let target = EnrollmentTarget::Existing(*id);
            let ask = EnrollmentAsk { tenant, target, actor: None };
            unit.enrollment_view(&ask).await.unwrap()?.enrollment.map(Change::Enrollment)
        }
        Key::Proposal(id) => {
            let target = ProposalTarget::Existing(*id);
            let ask = ProposalAsk { tenant, target, actor: None, with_form: true };
            unit.proposal_view(&ask).await.unwrap()?.proposal.map(Change::Proposal)
        }
        Key::Pair(pair) => {
            let ask = PairAsk { tenant, pair: *pair, post: None, actor: None };
            Some(Change::Pair(unit.pair_view(&ask).await.unwrap()?.pair))
        }
        Key::Case(case) => {
            let ask =
                CaseAsk { tenant, case: *case, actor: None, with_evidence: false, content: None };
            Some(Change::from(unit.case_view(&ask).await.unwrap()?.case))
        }
    }
}

fn first() -> Version {
    Version::NEW.next()
}

async fn comes_back(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    for turn in 0..4 {
        let before = Version::new(turn.into());
        store(&*h.store, kind.set(before, turn)).await;
        let found = read(&*h.store, tenant(), &kind.key()).await;
        assert_eq!(found, Some((kind.record)(before.next(), turn)), "turn {turn}");
    }
}

async fn is_guarded(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    store(&*h.store, kind.set(Version::NEW, 0)).await;
    store(&*h.store, kind.set(first(), 1)).await;
    refused(&*h.store, kind.set(first(), 2), StoreErrorKind::Conflict).await;
    refused(&*h.store, kind.set(Version::new(9), 2), StoreErrorKind::Conflict).await;
    let found = read(&*h.store, tenant(), &kind.key()).await;
    assert_eq!(found, Some((kind.record)(Version::new(2), 1)));
}

async fn read_only_guard_conflicts(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    store(&*h.store, kind.set(Version::NEW, 0)).await;
    let elsewhere = |version| {
        let mut set = set_of([Change::Person(make::person(50))]);
        set.guard(kind.key(), version);
        set
    };
    refused(&*h.store, elsewhere(Version::new(7)), StoreErrorKind::Conflict).await;
    refused(&*h.store, elsewhere(Version::NEW), StoreErrorKind::Conflict).await;
    assert_eq!(read(&*h.store, tenant(), &Key::Person(who(50))).await, None);
    store(&*h.store, elsewhere(first())).await;
    let found = read(&*h.store, tenant(), &kind.key()).await;
    assert_eq!(found, Some((kind.record)(first(), 0)), "a guard alone changes nothing");
}

async fn must_not_exist(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    let mut absent = set_of([Change::Person(make::person(51))]);
    absent.guard(kind.key(), first());
    refused(&*h.store, absent, StoreErrorKind::Conflict).await;
    store(&*h.store, kind.set(Version::NEW, 0)).await;
    refused(&*h.store, kind.set(Version::NEW, 1), StoreErrorKind::Conflict).await;
    assert_eq!(
        read(&*h.store, tenant(), &kind.key()).await,
        Some((kind.record)(first(), 0)),
        "the first one stands"
    );
}

async fn counts_versions(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    store(&*h.store, kind.set(Version::NEW, 0)).await;
    for n in 1..4 {
        let mut touch = ChangeSet::new(tenant());
        touch.touch(kind.key(), Version::new(n));
        store(&*h.store, touch).await;
        let found = read(&*h.store, tenant(), &kind.key()).await;
        assert_eq!(found, Some((kind.record)(Version::new(n + 1), 0)));
    }
    let mut stale = ChangeSet::new(tenant());
    stale.touch(kind.key(), first());
    refused(&*h.store, stale, StoreErrorKind::Conflict).await;
}

/// Everything that can be listed of the test's program, to see whether anything was left behind.
async fn traces(store: &dyn Store) -> Vec<Listed> {
    let mut unit = store.unit().await.unwrap();
    let whats = [
        Listing::Programs { group: None },
        Listing::Enrollments { program: id(1), role: None, state: None },
        Listing::Proposals { program: id(1), state: None },
        Listing::Pairs { program: id(1), state: None },
        Listing::Cases { scope: CaseScope::Tenant },
        Listing::Audit { scope: AuditScope::Tenant },
        Listing::Due { at: after(1_000_000) },
    ];
    let mut all = Vec::new();
    for what in whats {
        let ask = ListAsk { tenant: tenant(), what, after: None, limit: 500 };
        all.extend(unit.list(&ask).await.unwrap().items);
    }
    all
}

async fn leaves_no_trace(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    let before = traces(&*h.store).await;
    let mut set = kind.set(Version::NEW, 0);
    set.put(Change::Person(make::person(52)));
    set.audit.push(make::event(1, kind.key(), after(1)));
    set.outbox.push(make::message(1, 1, after(1)));
    let command = id::<CommandId>(77);
    set.commands = vec![command_record(77)];
    // The last guard in order is the one that is broken.
    set.guard(Key::Pair(id(9_999)), first());
    refused(&*h.store, set, StoreErrorKind::Conflict).await;
    assert_eq!(traces(&*h.store).await, before);
    assert_eq!(read(&*h.store, tenant(), &kind.key()).await, None);
    assert_eq!(read(&*h.store, tenant(), &Key::Person(who(52))).await, None);
    let mut unit = h.store.unit().await.unwrap();
    assert_eq!(unit.command(&tenant(), command).await.unwrap(), None);
}

async fn stays_in_its_tenant(h: Harness, kind: Kind) {
    store(&*h.store, ground()).await;
    store(&*h.store, kind.set(Version::NEW, 0)).await;
    assert_eq!(read(&*h.store, elsewhere(), &kind.key()).await, None);
    let mut there = ChangeSet::new(elsewhere());
    there.guard(kind.key(), first());
    there.audit.push(make::event(1, kind.key(), after(1)));
    refused(&*h.store, there, StoreErrorKind::Conflict).await;
    let mut unit = h.store.unit().await.unwrap();
    let what = Listing::Audit { scope: AuditScope::Tenant };
    let ask = ListAsk { tenant: elsewhere(), what, after: None, limit: 500 };
    assert!(unit.list(&ask).await.unwrap().items.is_empty());
}

macro_rules! kinds {
    ($($record:expr => $comes_back:ident, $is_guarded:ident, $read_only:ident, $must_not:ident,
        $counts:ident, $no_trace:ident, $tenant:ident;)+) => {$(
        /// What is written comes back, each time as it was written last.
        pub async fn $comes_back(h: Harness) {
            comes_back(h, Kind { record: $record }).await;
        }

        /// A write that rests on an old version conflicts.
        pub async fn $is_guarded(h: Harness) {
            is_guarded(h, Kind { record: $record }).await;
        }

        /// A record that a set only reads is guarded too.
        pub async fn $read_only(h: Harness) {
            read_only_guard_conflicts(h, Kind { record: $record }).await;
        }

        /// A guard can say that a record must not exist.
        pub async fn $must_not(h: Harness) {
            must_not_exist(h, Kind { record: $record }).await;
        }

        /// A touch counts, changes nothing else, and is guarded.
        pub async fn $counts(h: Harness) {
            counts_versions(h, Kind { record: $record }).await;
        }

        /// A set that is refused leaves nothing behind: no record, event, message or command.
        pub async fn $no_trace(h: Harness) {
            leaves_no_trace(h, Kind { record: $record }).await;
        }

        /// Another tenant sees nothing of it and can rest nothing on it.
        pub async fn $tenant(h: Harness) {
            stays_in_its_tenant(h, Kind { record: $record }).await;
        }
    )+};
}

fn a_person(version: Version, turn: u32) -> Change {
    let mut person = Person { version, ..make::person(41) };
    person.reminders_off = turn % 2 == 1;
    person.zone = person.zone.filter(|_| turn != 2);
    person.adult_on = person.adult_on.filter(|_| turn != 3);
    let (since, until) = (after(turn.into()), (turn > 1).then(|| after(700)));
    if turn > 0 {
        let scope =
            if turn == 1 { BanScope::Tenant } else { BanScope::Group { group: make::group() } };
        person.bans = vec![Ban { scope, case: id(8), since, until }];
        person.mute = (turn < 3).then_some(Mute { since, until });
        let turned_away = TurnedAway { program: id(9), role: Role::Mentee, at: since };
        person.turned_away = (turn == 2).then_some(turned_away).into_iter().collect();
        let by = Holder::Case { case: id(8) };
        let held = Held { program: id(9), by, since };
        person.held = (turn == 3).then_some(held).into_iter().collect();
        person.looked_back = turn.checked_sub(1).map(|lives| LookedBack { lives, at: since });
    }
    Change::Person(person)
}

fn a_relation(version: Version, turn: u32) -> Change {
    let mut relation = Relation { version, ..make::relation(41, 40) };
    relation.lo.blocked_at = (turn % 2 == 1).then(|| after(turn.into()));
    relation.hi.avoids_since = (turn > 1).then(|| after(turn.into()));
    relation.lo.wishes_since = (turn % 3 == 2).then(|| after(turn.into()));
    relation.kept.lifted_at = (turn == 1).then(|| after(70));
    relation.kept.paired_until = (turn > 1).then(|| after(80));
    Change::Relation(relation)
}

fn a_program(version: Version, turn: u32) -> Change {
    let mut program = make::program(42);
    program.version = version;
    program.guide_version = 1;
    program.policy.offer_days = 10 + u16::try_from(turn).unwrap();
    if turn > 0 {
        program.window = Some(crate::model::program::Window {
            opens: start_plus(0),
            closes: start_plus(10),
            starts: start_plus(20),
            ends: start_plus(30),
        });
    }
    Change::Program(program)
}

fn start_plus(days: i64) -> crate::base::time::Timestamp {
    after(days * 86_400)
}

fn an_enrollment(version: Version, turn: u32) -> Change {
    use crate::model::enrollment::EnrollmentState as S;
    let mut place = make::enrollment(43, 1, 43, Role::Mentee);
    place.version = version;
    place.capacity = 3 - u8::try_from(turn).unwrap();
    place.state = match turn {
        0 => S::Submitted { since: after(0) },
        1 => S::Paused { since: after(1), until: Some(after(90)) },
        2 => S::Waitlisted { since: after(2), reason: slug("full"), next_review_at: after(99) },
        _ => S::Suspended {
            since: after(3),
            resume_to: Box::new(S::Paused { since: after(1), until: None }),
            held_by: [Holder::Case { case: id(8) }].into(),
        },
    };
    Change::Enrollment(place)
}

fn a_proposal(version: Version, turn: u32) -> Change {
    use crate::model::proposal::{Origin, ProposalState as S};
    let mut proposal = make::proposal(44, 1, (11, 1), (14, 4));
    proposal.version = version;
    match turn {
        0 => {
            proposal.state = S::Draft { queued_until: None };
            proposal.offered_at = None;
            proposal.score = None;
        }
        1 => proposal.state = S::Draft { queued_until: Some(after(60)) },
        2 => proposal.rank = None,
        _ => {
            proposal.origin = Origin::Request;
            proposal.previous_pair = Some(id(3));
            proposal.state = S::AwaitingAdmin { since: after(3), expires_at: after(80) };
        }
    }
    Change::Proposal(proposal)
}

fn a_pair(version: Version, turn: u32) -> Change {
    use crate::model::pair::PairState as S;
    let mut pair = make::pair(45, 1, (12, 2), (15, 5));
    pair.version = version;
    pair.last_seq = turn.into();
    match turn {
        0 => pair.state = S::Introduced { since: after(0) },
        1 => {
            pair.reminded_at = Some(after(77));
            pair.kept_for = [id(8), id(9)].into();
        }
        2 => {
            pair.state = S::Paused { since: after(2), until: Some(after(200)), by: Role::Mentee };
            pair.due_at = None;
        }
        _ => {
            pair.previous_pair = Some(id(3));
            pair.state = S::Frozen {
                since: after(3),
                resume_to: Box::new(S::Active { since: after(1) }),
                held_by: [Holder::Platform, Holder::Case { case: id(8) }].into(),
            };
        }
    }
    Change::Pair(pair)
}

fn a_case(version: Version, turn: u32) -> Change {
    use crate::model::report::{
        Appeal, AppealDecision, CaseState as S, Decision, Ground, Measure, Outcome, Party, Reasons,
        Ruling, Tier,
    };
    let mut case = make::case(48, 1, 2, 5);
    case.version = version;
    let (assignee, by) = (who(901), who(901));
    let words = |text: &str| crate::base::text::Note::new(text).unwrap();
    let reasons = || Reasons {
        ground: Ground::Law,
        clause: crate::base::text::Title::new("Rule 3").unwrap(),
        facts: words("A course was sold.\nTwice."),
        why: words("Nothing is to be sold."),
        detected: true,
        automated: true,
        redress: words("Appeal."),
    };
    match turn {
        0 => {}
        1 => {
            case.state = S::WaitingInfo { since: after(1), assignee, question: words("When?") };
            case.reminded_at = Some(after(3));
            case.staff_reminded_at = Some(after(2));
            case.followers = vec![who(801)];
        }
        2 => case.state = S::Decided { at: after(2), appeal_until: after(9_000) },
        _ => {
            case.state = S::Appealed { since: after(4), by: Party::Subject };
            case.tier = Tier::Platform;
            case.appeal = Some(Appeal { by: Party::Witness { place: 0 }, at: after(4) });
            case.appeal_decision = Some(AppealDecision {
                ruling: Ruling::Changed,
                measures: vec![Measure::RemoveFromProgram],
                reasons: Some(reasons()),
                by: who(902),
                at: after(5),
            });
        }
    }
    if turn > 1 {
        case.decision = Some(Decision {
            outcome: Outcome::Actioned,
            measures: vec![Measure::Warn],
            reasons: Some(reasons()),
            duplicate_of: Some(id(49)),
            by,
            at: after(2),
        });
    }
    Change::from(case)
}

kinds! {
    a_person => person_comes_back, person_is_guarded, person_read_only_guard_conflicts,
        person_must_not_exist, person_counts_versions, person_leaves_no_trace,
        person_stays_in_its_tenant;
    a_relation => relation_comes_back, relation_is_guarded, relation_read_only_guard_conflicts,
        relation_must_not_exist, relation_counts_versions, relation_leaves_no_trace,
        relation_stays_in_its_tenant;
    a_program => program_comes_back, program_is_guarded,
        program_read_only_guard_conflicts, program_must_not_exist, program_counts_versions,
        program_leaves_no_trace, program_stays_in_its_tenant;
    an_enrollment => enrollment_comes_back, enrollment_is_guarded,
        enrollment_read_only_guard_conflicts, enrollment_must_not_exist,
        enrollment_counts_versions, enrollment_leaves_no_trace, enrollment_stays_in_its_tenant;
    a_proposal => proposal_comes_back, proposal_is_guarded, proposal_read_only_guard_conflicts,
        proposal_must_not_exist, proposal_counts_versions, proposal_leaves_no_trace,
        proposal_stays_in_its_tenant;
    a_pair => pair_comes_back, pair_is_guarded, pair_read_only_guard_conflicts,
        pair_must_not_exist, pair_counts_versions, pair_leaves_no_trace,
        pair_stays_in_its_tenant;
    a_case => case_comes_back, case_is_guarded, case_read_only_guard_conflicts,
        case_must_not_exist, case_counts_versions, case_leaves_no_trace,
        case_stays_in_its_tenant;
}

/// A command that was carried out.
#[must_use]
pub fn command_record(n: u64) -> CommandRecord {
    CommandRecord {
        id: id(n),
        kind: slug("test.do"),
        digest: [u8::try_from(n % 251).unwrap(); 32],
        reply: format!("{{\"n\":{n}}}"),
        at: after(5),
    }
}

/// Steps, posts and check-ins come back in order, each as it was written last.
pub async fn steps_posts_and_check_ins_come_back(h: Harness) {
    store(&*h.store, ground()).await;
    let pair = make::pair(45, 1, (12, 2), (15, 5));
    let mut set = set_of([Change::Pair(pair.clone())]);
    for position in [2, 0, 1] {
        set.put(Change::Step(make::step(pair.id, position)));
    }
    for seq in 1..=3 {
        set.put(Change::Post(make::post(60 + seq, pair.id, seq, 2)));
    }
    for (side, kind) in [
        (Role::Mentee, CheckInKind::Closing),
        (Role::Mentee, CheckInKind::Week { number: 2 }),
        (Role::Mentor, CheckInKind::Week { number: 10 }),
    ] {
        set.put(Change::CheckIn(make::check_in(pair.id, side, kind, after(9))));
    }
    store(&*h.store, set).await;
    let mut done = make::step(pair.id, 1);
    done.state = StepState::Done { at: after(8) };
    let mut edited = make::post(62, pair.id, 2, 2);
    edited.body = None;
    edited.revision = 1;
    edited.removed_at = Some(after(11));
    let mut closing = make::check_in(pair.id, Role::Mentee, CheckInKind::Closing, after(12));
    closing.score = None;
    closing.note = None;
    let mut set = set_of([Change::Pair(crate::model::pair::Pair { version: first(), ..pair })]);
    set.put(Change::Step(done.clone()));
    set.put(Change::Post(edited.clone()));
    set.put(Change::CheckIn(closing.clone()));
    store(&*h.store, set).await;
    let ask = PairAsk { tenant: tenant(), pair: id(45), post: Some(edited.id), actor: None };
    let view = h.store.unit().await.unwrap().pair_view(&ask).await.unwrap().unwrap();
    let steps = vec![make::step(id(45), 0), done, make::step(id(45), 2)];
    assert_eq!(view.steps, steps);
    assert_eq!(view.post, Some(edited));
    let what = Listing::CheckIns { pair: id(45) };
    let ask = ListAsk { tenant: tenant(), what, after: None, limit: 10 };
    let check_ins = h.store.unit().await.unwrap().list_check_ins(&ask).await.unwrap().items;
    let kinds: BTreeSet<_> = check_ins.iter().map(|it| (it.side, it.kind)).collect();
    assert_eq!(
        kinds,
        BTreeSet::from([
            (Role::Mentor, CheckInKind::Week { number: 10 }),
            (Role::Mentee, CheckInKind::Week { number: 2 }),
            (Role::Mentee, CheckInKind::Closing),
        ])
    );
    assert!(check_ins.contains(&closing));
}

/// A form or guide version that is stored is never replaced.
pub async fn forms_and_guides_are_never_replaced(h: Harness) {
    store(&*h.store, ground()).await;
    let mut form = (*make::form()).clone();
    form.rules.clear();
    let mut guide = (*make::guide()).clone();
    guide.steps.clear();
    let set = set_of([
        Change::Form { program: id(1), form: Arc::new(form) },
        Change::Guide { program: id(1), guide: Arc::new(guide) },
    ]);
    store(&*h.store, set).await;
    let ask = ProgramAsk { tenant: tenant(), program: id(1), batch: 0 };
    let view = h.store.unit().await.unwrap().program_view(&ask).await.unwrap().unwrap();
    assert_eq!(view.form, make::form());
    assert_eq!(view.guide, make::guide());
}

/// A touch makes a person or relation of whom nothing is known.
pub async fn touching_makes_an_empty_person_or_relation(h: Harness) {
    let mut set = ChangeSet::new(tenant());
    set.touch(Key::Person(who(1)), Version::NEW);
    set.touch(Key::Relation(two(1, 2)), Version::NEW);
    store(&*h.store, set).await;
    let person = Person { version: first(), ..Person::unknown(who(1)) };
    let found = read(&*h.store, tenant(), &Key::Person(who(1))).await;
    assert_eq!(found, Some(Change::Person(person)));
    let relation = Relation { version: first(), ..Relation::new(two(1, 2)) };
    let found = read(&*h.store, tenant(), &Key::Relation(two(1, 2))).await;
    assert_eq!(found, Some(Change::Relation(relation)));
}

/// A key of each kind of record that nobody makes by touching it.
fn absent_keys() -> [Key; 5] {
    [
        Key::Program(id(1)),
        Key::Enrollment(id(1)),
        Key::Proposal(id(1)),
        Key::Pair(id(1)),
        Key::Case(id(1)),
    ]
}

/// Any other record that is not there cannot be touched, and nothing else of the set is written.
pub async fn touching_what_is_not_there_is_refused(h: Harness) {
    for key in absent_keys() {
        let mut set = set_of([Change::Person(make::person(1))]);
        set.touch(key, Version::NEW);
        refused(&*h.store, set, StoreErrorKind::Integrity).await;
    }
    assert_eq!(read(&*h.store, tenant(), &Key::Person(who(1))).await, None);
}

/// Keys that differ in case, accents' form or trailing space are different people.
pub async fn host_keys_are_compared_byte_for_byte(h: Harness) {
    let keys = ["ana", "Ana", "an\u{e1}", "ana\u{301}", "ana ", "\u{1f30a}", "007", "7"];
    let mut set = ChangeSet::new(tenant());
    for (n, key) in keys.iter().enumerate() {
        let id = PersonId::try_from(*key).unwrap();
        let reminders_off = n % 2 == 0;
        set.put(Change::Person(Person { reminders_off, ..Person::unknown(id) }));
    }
    store(&*h.store, set).await;
    for (n, key) in keys.iter().enumerate() {
        let id = PersonId::try_from(*key).unwrap();
        let found = read(&*h.store, tenant(), &Key::Person(id.clone())).await;
        let Some(Change::Person(found)) = found else { panic!("{key} is gone") };
        assert_eq!((found.id, found.reminders_off), (id, n % 2 == 0));
    }
}

/// What does not exist is `None`; a person and a relation always have a view.
pub async fn a_view_of_nothing_is_nothing(h: Harness) {
    for key in absent_keys() {
        assert_eq!(read(&*h.store, tenant(), &key).await, None);
    }
    store(&*h.store, ground()).await;
    let mut unit = h.store.unit().await.unwrap();
    // Of one role, of two programs, of one person: no proposal can be.
    for (mentor, mentee) in [(11, 12), (14, 15), (14, 11), (11, 99)] {
        let target = ProposalTarget::New { mentor: id(mentor), mentee: id(mentee) };
        let ask = ProposalAsk { tenant: tenant(), target, actor: None, with_form: true };
        assert_eq!(unit.proposal_view(&ask).await.unwrap(), None, "{mentor} {mentee}");
    }
    let ask = PersonAsk { tenant: tenant(), person: who(99) };
    let view = unit.person_view(&ask).await.unwrap();
    assert_eq!(view.person, Person::unknown(who(99)));
    let ask = RelationAsk { tenant: tenant(), people: two(98, 99) };
    assert!(unit.relation_view(&ask).await.unwrap().relation.version.is_new());
}

/// The same command again writes nothing and answers with what is stored.
pub async fn a_command_is_stored_once(h: Harness) {
    let set = |n: u64| {
        let mut set = set_of([Change::Person(make::person(n))]);
        set.commands = vec![command_record(7)];
        set
    };
    store(&*h.store, set(1)).await;
    let mut unit = h.store.unit().await.unwrap();
    assert_eq!(unit.command(&tenant(), id(7)).await.unwrap(), Some(command_record(7)));
    assert_eq!(unit.command(&elsewhere(), id(7)).await.unwrap(), None);
    let mut again = set(2);
    again.commands = vec![CommandRecord { reply: "other".to_owned(), ..command_record(7) }];
    let applied = unit.apply(again).await.unwrap();
    assert_eq!(applied, Applied::Repeated(command_record(7)));
    assert_eq!(read(&*h.store, tenant(), &Key::Person(who(2))).await, None);
}

/// A repeated command is answered whatever has become of its guards.
pub async fn a_repeated_command_wins_over_a_broken_guard(h: Harness) {
    let mut set = set_of([Change::Person(make::person(1))]);
    set.commands = vec![command_record(8)];
    store(&*h.store, set.clone()).await;
    let applied = h.store.unit().await.unwrap().apply(set).await.unwrap();
    assert_eq!(applied, Applied::Repeated(command_record(8)));
}

/// A set with guards alone is checked like any other.
pub async fn an_empty_set_is_stored(h: Harness) {
    store(&*h.store, ChangeSet::new(tenant())).await;
    let mut guarded = ChangeSet::new(tenant());
    guarded.guard(Key::Person(who(1)), Version::NEW);
    store(&*h.store, guarded.clone()).await;
    store(&*h.store, set_of([Change::Person(make::person(1))])).await;
    refused(&*h.store, guarded, StoreErrorKind::Conflict).await;
}

/// Evidence comes back as it was sealed, in order, to the last byte, and with its own case only.
pub async fn evidence_comes_back(h: Harness) {
    store(&*h.store, ground()).await;
    let (mut case, mut other) = (make::case(48, 1, 2, 5), make::case(49, 1, 3, 5));
    let items: Vec<_> = ["One.", "\u{2693} two\n\"3\"", "Four."]
        .iter()
        .map(|words| make::evidence(&mut case, words))
        .collect();
    let foreign = make::evidence(&mut other, "Elsewhere.");
    // In whatever order they are written.
    let changes = items.iter().rev().cloned().chain([foreign]).map(Change::Evidence);
    let cases = [Change::from(case.clone()), Change::from(other)];
    store(&*h.store, set_of(cases.into_iter().chain(changes))).await;
    let mut unit = h.store.unit().await.unwrap();
    let ask = |with_evidence| CaseAsk {
        tenant: tenant(),
        case: case.id,
        actor: Some(who(901)),
        with_evidence,
        content: None,
    };
    let view = unit.case_view(&ask(true)).await.unwrap().unwrap();
    assert_eq!(view.evidence, items);
    crate::model::report::verify(&view.case, &view.evidence).unwrap();
    assert_eq!((view.program.id, view.subject.person.id), (id(1), who(5)));
    let ties: Vec<_> = view.ties.iter().map(|it| it.relation.people.clone()).collect();
    assert_eq!(ties, [two(901, 2), two(901, 5)]);
    let without = unit.case_view(&ask(false)).await.unwrap().unwrap();
    assert!(without.evidence.is_empty());
}
