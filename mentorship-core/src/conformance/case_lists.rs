//! Cases as they are listed: by whose they are, and in queues, where what is hidden from the reader is left out.

use std::collections::BTreeSet;

use super::{
    Harness,
    contract::{ground, store},
    listings::{all, by_age, page, pages},
    make::{self, after, id, tenant, who},
};
use crate::{
    base::{host::PersonId, id::CaseId},
    change::{Change, ChangeSet, Key},
    model::{
        event::AuditEvent,
        report::{Case, CaseState, Decision, Measure, Outcome, Target, Tier},
    },
    store::{
        CaseScope, Listed, Listing, Store,
        ask::{AuditScope, CaseQueue, CaseReader},
    },
};

/// Cases 501 to 512 of reporters 2 and 3 about subjects 4 to 6: at every tier, waiting, decided with and
/// without measures, and closed.
async fn cases(store_: &dyn Store) {
    store(store_, ground()).await;
    let mut set = ChangeSet::new(tenant());
    for n in 0..12 {
        let decided = (n % 4 > 1).then(|| Decision {
            outcome: Outcome::Actioned,
            measures: if n % 4 == 2 { vec![Measure::Warn] } else { Vec::new() },
            reasons: None,
            duplicate_of: None,
            by: who(901),
            at: after(2),
        });
        let mut case = Case {
            target: Target::Enrollment { enrollment: id(n) },
            tier: [Tier::Group, Tier::Both, Tier::Platform][usize::try_from(n % 3).unwrap()],
            decision: decided,
            ..make::case(501 + n, 1 + n % 2, 2 + n % 2, 4 + n % 3)
        };
        if n % 4 > 1 {
            case.state = CaseState::Decided { at: after(2), appeal_until: after(9_000) };
        }
        if n % 6 == 5 {
            case.state = CaseState::Closed { at: after(3) };
        }
        set.put(Change::from(case));
    }
    store(store_, set).await;
}

/// All cases of the tenant.
pub async fn cases_page(h: Harness) {
    cases(&*h.store).await;
    pages(&*h.store, Listing::Cases { scope: CaseScope::Tenant }, 12, by_age).await;
}

/// The cases of a program that wait for its group: those at its tier, or at both.
pub async fn cases_of_a_program_page(h: Harness) {
    cases(&*h.store).await;
    for (program, count) in [(1, 2), (2, 2), (3, 0)] {
        let scope = CaseScope::Program(id(program));
        pages(&*h.store, Listing::Cases { scope }, count, by_age).await;
    }
}

/// The cases that wait for the platform: those at its tier, or at both.
pub async fn cases_of_the_platform_page(h: Harness) {
    cases(&*h.store).await;
    pages(&*h.store, Listing::Cases { scope: CaseScope::Platform }, 3, by_age).await;
}

/// What a person has reported, in whatever state.
pub async fn cases_of_a_reporter_page(h: Harness) {
    cases(&*h.store).await;
    for n in [2, 3] {
        let scope = CaseScope::Reporter(who(n));
        pages(&*h.store, Listing::Cases { scope }, 6, by_age).await;
    }
    let scope = CaseScope::Reporter(who(4));
    assert!(all(&*h.store, &Listing::Cases { scope }, 5).await.is_empty());
}

/// The cases of which a person was told: those in which something was done.
pub async fn cases_about_a_person_page(h: Harness) {
    cases(&*h.store).await;
    for n in [4, 5, 6] {
        let scope = CaseScope::Subject(who(n));
        pages(&*h.store, Listing::Cases { scope }, 1, by_age).await;
    }
}

/// A queue leaves out what is hidden from its reader, whatever is in a key, and its pages are full without it.
pub async fn a_queue_of_cases_leaves_out_what_is_hidden(h: Harness) {
    cases(&*h.store).await;
    let key = |text: &str| PersonId::try_from(text).unwrap();
    let odd = ["],\"followers\":[\"", ",", "a\",\"b", "back\\slash", "%_"].map(key);
    let mut set = ChangeSet::new(tenant());
    for (n, witness) in (0..).zip(&odd) {
        let mut case = Case { tier: Tier::Both, ..make::case(601 + n, 1, 2 + n % 2, 4 + n % 3) };
        case.witnesses = vec![witness.clone(), who(70 + n)];
        case.followers = vec![who(70 + n)];
        if n == 4 {
            case.reporter = None;
        }
        set.put(Change::from(case));
    }
    store(&*h.store, set).await;
    let sets: [&[PersonId]; 4] = [&[], &[who(4)], &[who(2), who(5)], &[key("w")]];
    let readers = odd.iter().cloned().chain([who(900), who(70), who(73), who(2), who(6), key("b")]);
    let mut hidden = 0;
    for (n, reader) in readers.enumerate() {
        for apart in sets {
            for program in [None, Some(id(1)), Some(id(2))] {
                let was = if n % 2 == 0 { BTreeSet::new() } else { BTreeSet::from([who(71)]) };
                let apart = apart.iter().cloned().collect();
                let about = (n % 3 == 1).then(|| who(4 + u64::from(program.is_some())));
                let reader = CaseReader { person: reader.clone(), was, apart };
                let (queue, kept) =
                    (CaseQueue { program, about: about.clone(), reader: reader.clone() }, reader);
                let scope = program.map_or(CaseScope::Platform, CaseScope::Program);
                let whole = all(&*h.store, &Listing::Cases { scope }, 500).await;
                let whole_len = whole.len();
                let is_asked = |it: &Case| about.as_ref().is_none_or(|about| it.subject == *about);
                let seen = |it: &Listed| matches!(it, Listed::Case(it) if is_asked(it) && !kept.is_kept_from(it));
                let expected: Vec<_> = whole.into_iter().filter(seen).collect();
                hidden += whole_len - expected.len();
                for limit in [1, 2, 500] {
                    let scope = CaseScope::Queue(queue.clone());
                    let found = all(&*h.store, &Listing::Cases { scope }, limit).await;
                    assert_eq!(found, expected, "{queue:?}, {limit} a page");
                }
            }
        }
    }
    assert!(hidden > 50, "{hidden}");
}

/// For each of these programs eight events of its own, and one of each of its cases, some of which are not there.
pub async fn log(
    store_: &dyn Store,
    queues: &[(HiddenBy, CaseQueue, Vec<CaseId>)],
) -> Vec<AuditEvent> {
    let (mut set, mut events) = (ChangeSet::new(tenant()), Vec::new());
    for (n, (_, queue, _)) in (0..).zip(queues) {
        let program = queue.program.unwrap();
        for k in 0..8 {
            let case = id::<CaseId>(800 + 10 * n + k);
            for (m, subject) in (0..).zip([Key::Program(program), Key::Case(case)]) {
                let at = after(i64::try_from(k).unwrap());
                let event = make::event(9_000 + 100 * n + 10 * k + m, subject, at);
                events.push(AuditEvent { program: Some(program), private: m == 1, ..event });
            }
        }
    }
    set.audit.clone_from(&events);
    store(store_, set).await;
    events
}

/// The log leaves out the events of cases from which its reader is kept, and nothing else; its pages are full.
pub async fn the_log_leaves_out_cases_that_are_hidden(h: Harness) {
    let queues = queues(&*h.store).await;
    let events = log(&*h.store, &queues).await;
    let cases = all(&*h.store, &Listing::Cases { scope: CaseScope::Tenant }, 500).await;
    let (reader, mut hidden) = (&queues[0].1.reader, 0);
    let others = CaseReader { person: who(800), was: BTreeSet::new(), apart: BTreeSet::new() };
    // Under a key that they had before they are a witness.
    let witness = CaseReader { was: BTreeSet::from([who(801)]), ..others.clone() };
    for reader in [reader, &others, &witness] {
        for of in std::iter::once(None).chain(queues.iter().map(|(_, queue, _)| queue.program)) {
            let kept = |of: CaseId| {
                let mut cases = cases.iter();
                cases.any(
                    |it| matches!(it, Listed::Case(it) if it.id == of && reader.is_kept_from(it)),
                )
            };
            let shown = |it: &&AuditEvent| match it.subject {
                Key::Case(case) => !kept(case),
                _ => true,
            };
            let whole = events.iter().filter(|it| of.is_none() || it.program == of);
            let mut expected: Vec<_> = whole.clone().filter(shown).cloned().collect();
            hidden += whole.count() - expected.len();
            expected.sort_by_key(|it| (it.at, it.id));
            let expected: Vec<_> =
                expected.into_iter().map(|it| Listed::Audit(Box::new(it))).collect();
            for limit in [1, 3, 500] {
                let scope = AuditScope::Seen { program: of, reader: reader.clone() };
                let what = Listing::Audit { scope };
                let (mut found, mut after) = (Vec::new(), None);
                loop {
                    let page = page(&*h.store, tenant(), &what, after, limit).await;
                    let full = page.items.len() == usize::from(limit);
                    assert!(full || page.next.is_none(), "a gap where something is hidden");
                    found.extend(page.items);
                    after = page.next;
                    if after.is_none() {
                        break;
                    }
                }
                assert_eq!(found, expected, "{reader:?}, {limit} a page");
            }
        }
    }
    assert!(hidden > 70, "{hidden}");
}

/// How a case may be hidden from the reader of a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HiddenBy {
    /// In no way: there is none.
    Nothing,
    /// Its reporter is somebody apart from whom the reader is kept.
    ReporterApart,
    /// Its subject is.
    SubjectApart,
    /// The reader reported it.
    Reporter,
    /// It is about the reader.
    Subject,
    /// They reported it under a key that they had before.
    FormerReporter,
    /// It is about a key that they had before.
    FormerSubject,
    /// Their words are in it.
    Witness,
}

impl HiddenBy {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Nothing,
        Self::ReporterApart,
        Self::SubjectApart,
        Self::Reporter,
        Self::Subject,
        Self::FormerReporter,
        Self::FormerSubject,
        Self::Witness,
    ];

    fn hide(self, case: &mut Case) {
        match self {
            Self::Nothing => {}
            Self::ReporterApart => case.reporter = Some(who(40)),
            Self::SubjectApart => case.subject = who(41),
            Self::Reporter => case.reporter = Some(who(900)),
            Self::Subject => case.subject = who(900),
            Self::FormerReporter => case.reporter = Some(who(71)),
            Self::FormerSubject => case.subject = who(71),
            Self::Witness => case.witnesses = vec![who(801), who(900)],
        }
    }
}

/// For each way to hide a case a program whose queue begins with five that are hidden in that way, or none, and goes
/// on with three that are not: the queue as its reader sees it, and these three.
pub async fn queues(store_: &dyn Store) -> Vec<(HiddenBy, CaseQueue, Vec<CaseId>)> {
    store(store_, ground()).await;
    let mut all = Vec::new();
    for (n, way) in (0..).zip(HiddenBy::ALL) {
        let (program, mut shown) = (20 + n, Vec::new());
        let mut set = ChangeSet::new(tenant());
        set.put(Change::Program(make::program(program)));
        set.put(Change::Form { program: id(program), form: make::form() });
        set.put(Change::Guide { program: id(program), guide: make::guide() });
        for k in 0..8 {
            let mut case = make::case(800 + 10 * n + k, program, 2, 4);
            case.filed_at = after(i64::try_from(k).unwrap());
            if k >= 5 {
                shown.push(case.id);
            } else if way == HiddenBy::Nothing {
                continue;
            } else {
                way.hide(&mut case);
            }
            set.put(Change::from(case));
        }
        store(store_, set).await;
        let (was, apart) = (BTreeSet::from([who(71)]), BTreeSet::from([who(40), who(41)]));
        let reader = CaseReader { person: who(900), was, apart };
        let queue = CaseQueue { program: Some(id(program)), about: None, reader };
        all.push((way, queue, shown));
    }
    all
}

/// A page of a queue is full of what is shown, whatever is hidden before it, and so is one of the platform's.
pub async fn a_page_of_a_queue_is_full_whatever_is_hidden(h: Harness) {
    let queues = queues(&*h.store).await;
    let read = async |queue: &CaseQueue, limit| {
        let (mut pages, mut after) = (Vec::new(), None);
        loop {
            let what = Listing::Cases { scope: CaseScope::Queue(queue.clone()) };
            let found = page(&*h.store, tenant(), &what, after, limit).await;
            let ids = found.items.iter().map(|it| match it {
                Listed::Case(case) => case.id,
                other => panic!("no case: {other:?}"),
            });
            pages.push(ids.collect::<Vec<_>>());
            after = found.next;
            if after.is_none() {
                return pages;
            }
        }
    };
    for (way, queue, shown) in &queues {
        let pages = read(queue, 2).await;
        assert_eq!(pages, [&shown[..2], &shown[2..]], "{way:?}");
    }
    let (_, queue, _) = &queues[0];
    let pages = read(&CaseQueue { program: None, ..queue.clone() }, 7).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 3]);
    let mut found = pages.concat();
    found.sort_unstable();
    let mut shown: Vec<_> = queues.into_iter().flat_map(|(_, _, shown)| shown).collect();
    shown.sort_unstable();
    assert_eq!(found, shown);
}
