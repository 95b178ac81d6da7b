//! Everything a tenant holds, read back, and the invariants checked on it (I1 to I7 and I11).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    listings::all_after,
    make::{self, id},
};
use chrono::TimeDelta;

use crate::{
    base::{
        host::{PersonId, TenantId},
        id::{CaseId, EnrollmentId, Id, PairId, ProgramId, ProposalId, RunId},
        people::PersonPair,
        time::Timestamp,
    },
    change::Key,
    eligibility::age::is_adult,
    model::{
        enrollment::{Enrollment, Role},
        event::AuditEvent,
        journal::Post,
        pair::Pair,
        program::Program,
        proposal::{Proposal, ProposalState},
        report::{self, Case},
        run::Run,
        signal::SignalFloor,
    },
    statistics::Tally,
    store::{
        CaseAsk, CaseScope, Cursor, EnrollmentAsk, Listed, Listing, PAGE_MAX, PairAsk, PersonAsk,
        ProposalAsk, RelationAsk, Store, TallyAsk,
        ask::{AuditScope, CaseReader, EnrollmentTarget, ProposalTarget},
    },
    view::{PairView, PersonView, ProposalView, RelationView},
};

/// Everything of one tenant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Census {
    /// Programs.
    pub programs: BTreeMap<ProgramId, Program>,
    /// Enrolments.
    pub enrollments: BTreeMap<EnrollmentId, Enrollment>,
    /// Proposals.
    pub proposals: BTreeMap<ProposalId, Proposal>,
    /// Runs that were staged.
    pub runs: BTreeMap<RunId, Run>,
    /// Pairs.
    pub pairs: BTreeMap<PairId, Pair>,
    /// Report cases.
    pub cases: BTreeMap<CaseId, Case>,
    /// The audit log.
    pub audit: Vec<AuditEvent>,
    /// What everybody who takes part has going on.
    pub people: BTreeMap<PersonId, PersonView>,
    /// What stands between any two who were proposed to each other.
    pub relations: BTreeMap<PersonPair, RelationView>,
}

/// Reads the records and, of the audit log, what came after `seen`. People and what stands between them
/// are left out.
///
/// # Panics
/// If the store fails.
pub async fn records(store: &dyn Store, tenant: &TenantId, seen: Option<&AuditEvent>) -> Census {
    let mut census = Census::default();
    for item in all_after(store, tenant, &Listing::Programs { group: None }, None, PAGE_MAX).await {
        if let Listed::Program(program) = item {
            census.programs.insert(program.id, *program);
        }
    }
    for program in census.programs.keys().copied().collect::<Vec<_>>() {
        let whats = [
            Listing::Enrollments { program, role: None, state: None },
            Listing::Proposals { program, state: None },
            Listing::Runs { program },
            Listing::Pairs { program, state: None },
        ];
        for what in whats {
            for item in all_after(store, tenant, &what, None, PAGE_MAX).await {
                match item {
                    Listed::Enrollment(it) => drop(census.enrollments.insert(it.id, *it)),
                    Listed::Proposal(it) => drop(census.proposals.insert(it.id, *it)),
                    Listed::Run(it) => drop(census.runs.insert(it.id, *it)),
                    Listed::Pair(it) => drop(census.pairs.insert(it.id, *it)),
                    _ => {}
                }
            }
        }
    }
    let what = Listing::Cases { scope: CaseScope::Tenant };
    for item in all_after(store, tenant, &what, None, PAGE_MAX).await {
        if let Listed::Case(case) = item {
            census.cases.insert(case.id, *case);
        }
    }
    let from =
        seen.map(|event| Cursor { rank: event.at.timestamp_micros(), id: event.id.to_string() });
    let what = Listing::Audit { scope: AuditScope::Tenant };
    for item in all_after(store, tenant, &what, from, PAGE_MAX).await {
        if let Listed::Audit(event) = item {
            census.audit.push(*event);
        }
    }
    census
}

/// Reads everything of one tenant.
///
/// # Panics
/// If the store fails.
pub async fn census(store: &dyn Store, tenant: &TenantId) -> Census {
    let mut census = records(store, tenant, None).await;
    let mut unit = store.unit().await.unwrap();
    let people: BTreeSet<PersonId> =
        census.enrollments.values().map(|it| it.person.clone()).collect();
    for person in people {
        let ask = PersonAsk { tenant: tenant.clone(), person: person.clone() };
        census.people.insert(person, unit.person_view(&ask).await.unwrap());
    }
    let met = census
        .proposals
        .values()
        .filter_map(|it| PersonPair::new(it.mentor_person.clone(), it.mentee_person.clone()));
    let met: BTreeSet<PersonPair> =
        met.chain(census.pairs.values().filter_map(Pair::people)).collect();
    for people in met {
        let ask = RelationAsk { tenant: tenant.clone(), people: people.clone() };
        census.relations.insert(people, unit.relation_view(&ask).await.unwrap());
    }
    census
}

/// What the last census showed, for what must not change from one to the next.
#[derive(Clone, Debug)]
pub struct Watch {
    tenant: TenantId,
    last: Census,
    /// Most live pairs that each enrolment may have now.
    limits: BTreeMap<EnrollmentId, usize>,
}

fn code_of(census: &Census, key: &Key) -> Option<&'static str> {
    match key {
        Key::Program(id) => census.programs.get(id).map(|it| it.state.code()),
        Key::Enrollment(id) => census.enrollments.get(id).map(|it| it.state.code()),
        Key::Proposal(id) => census.proposals.get(id).map(|it| it.state.code()),
        Key::Pair(id) => census.pairs.get(id).map(|it| it.state.code()),
        Key::Case(id) => census.cases.get(id).map(|it| it.state.code()),
        Key::Person(_) | Key::Relation(_) => None,
    }
}

impl Default for Watch {
    fn default() -> Self {
        Self::of(make::tenant())
    }
}

impl Watch {
    /// Watches one tenant.
    #[must_use]
    pub fn of(tenant: TenantId) -> Self {
        Self { tenant, last: Census::default(), limits: BTreeMap::new() }
    }

    /// The same in another tenant that holds the same.
    #[must_use]
    pub fn in_tenant(self, tenant: TenantId) -> Self {
        Self { tenant, ..self }
    }

    /// One that has seen nothing yet but knows how many places there were.
    #[must_use]
    pub fn anew(&self) -> Self {
        Self { limits: self.limits.clone(), ..Self::of(self.tenant.clone()) }
    }

    /// Takes a census and checks every invariant; `Err` says which one is broken and where.
    ///
    /// # Errors
    /// The first violation found.
    pub async fn check(&mut self, store: &dyn Store, now: Timestamp) -> Result<Census, String> {
        let census = census(store, &self.tenant).await;
        self.places(&census)?;
        two_people(&census)?;
        whole_pairs(&census)?;
        self.terminal(&census)?;
        chains(&census)?;
        adults(&census, now)?;
        sums(&census)?;
        one_open_report(&census)?;
        kept_for(&census)?;
        self.released(store, &census).await?;
        self.sealed(store, &census).await?;
        self.last = census.clone();
        Ok(census)
    }

    /// I1: live pairs are at most the capacity, or what lived when it was lowered.
    fn places(&mut self, census: &Census) -> Result<(), String> {
        for place in census.enrollments.values() {
            let live = census
                .pairs
                .values()
                .filter(|pair| pair.state.is_live())
                .filter(|pair| [pair.mentor.enrollment, pair.mentee.enrollment].contains(&place.id))
                .count();
            let capacity = usize::from(place.capacity);
            let limit = self.limits.get(&place.id).copied().unwrap_or(capacity).max(capacity);
            if live > limit {
                return Err(format!("I1: {} has {live} live pairs in {limit} places", place.id));
            }
            self.limits.insert(place.id, capacity.max(live));
        }
        Ok(())
    }

    /// I8: the evidence of each case is whole, and each item is as it was sealed.
    async fn sealed(&self, store: &dyn Store, census: &Census) -> Result<(), String> {
        let mut unit = store.unit().await.map_err(|error| error.to_string())?;
        for case in census.cases.values() {
            let (tenant, with_evidence) = (self.tenant.clone(), true);
            let ask = CaseAsk { tenant, case: case.id, actor: None, with_evidence, content: None };
            let view = unit.case_view(&ask).await.map_err(|error| error.to_string())?;
            let view = view.ok_or_else(|| format!("I8: {} is gone", case.id))?;
            report::verify(&view.case, &view.evidence)
                .map_err(|fault| format!("I8: {}: {fault}", case.id))?;
        }
        Ok(())
    }

    /// D19: in a pair about which every case is over, no post keeps what it said before.
    async fn released(&self, store: &dyn Store, census: &Census) -> Result<(), String> {
        let pairs: BTreeSet<PairId> = census.cases.values().filter_map(|case| case.pair).collect();
        let over = |pair: &PairId| census.pairs.get(pair).is_some_and(|it| !it.keeps_texts());
        for pair in pairs.into_iter().filter(over) {
            let what = Listing::Posts { pair, step: None };
            for item in all_after(store, &self.tenant, &what, None, PAGE_MAX).await {
                if let Listed::Post(post) = item
                    && !post.held.is_empty()
                {
                    return Err(format!("D19: {} keeps what it said before", post.id));
                }
            }
        }
        Ok(())
    }

    /// I5: what is over stays as it is.
    fn terminal(&self, census: &Census) -> Result<(), String> {
        let changed = |what: &str, id: uuid::Uuid| Err(format!("I5: {what} {id} changed its end"));
        for (id, old) in &self.last.enrollments {
            let now = census.enrollments.get(id).map(|it| &it.state);
            if old.state.is_terminal() && now != Some(&old.state) {
                return changed("enrolment", id.uuid());
            }
        }
        for (id, old) in &self.last.proposals {
            let now = census.proposals.get(id).map(|it| &it.state);
            if !old.state.is_open() && now != Some(&old.state) {
                return changed("proposal", id.uuid());
            }
        }
        for (id, old) in &self.last.pairs {
            let now = census.pairs.get(id).map(|it| &it.state);
            let words_gone = now == Some(&old.state.without_words());
            if !old.state.is_live() && now != Some(&old.state) && !words_gone {
                return changed("pair", id.uuid());
            }
        }
        for (id, old) in &self.last.programs {
            let now = census.programs.get(id).map(|it| &it.state);
            if old.state.is_terminal() && now != Some(&old.state) {
                return changed("program", id.uuid());
            }
        }
        for (id, old) in &self.last.cases {
            let now = census.cases.get(id).map(|it| &it.state);
            if old.state.is_terminal() && now != Some(&old.state) {
                return changed("case", id.uuid());
            }
        }
        // Both hold the whole log: `census` reads it from its beginning each time.
        if !census.audit.starts_with(&self.last.audit) {
            return Err("I5: the audit log was changed".to_owned());
        }
        Ok(())
    }
}

/// D15: of one reporter there is at most one open report about the same.
fn one_open_report(census: &Census) -> Result<(), String> {
    let mut open = BTreeSet::new();
    let reported = census.cases.values().filter(|it| it.reporter.is_some());
    for case in reported.filter(|it| it.state.is_open()) {
        let about = (&case.reporter, &case.subject, case.program, case.object());
        if !open.insert(about) {
            return Err(format!("D15: {} is reported twice by the same person", case.id));
        }
    }
    Ok(())
}

/// D19: each pair knows the cases about it that are not over, and no others.
fn kept_for(census: &Census) -> Result<(), String> {
    let mut cases: BTreeMap<PairId, BTreeSet<CaseId>> = BTreeMap::new();
    for case in census.cases.values().filter(|it| it.holds()) {
        if let Some(pair) = case.pair {
            cases.entry(pair).or_default().insert(case.id);
        }
    }
    for pair in census.pairs.values() {
        let of_pair = cases.remove(&pair.id).unwrap_or_default();
        if pair.kept_for != of_pair {
            return Err(format!("D19: {} keeps for {:?}, not {of_pair:?}", pair.id, pair.kept_for));
        }
    }
    Ok(())
}

/// I2 and I3: between blocked people nothing lives; between any two at most one of each per program.
fn two_people(census: &Census) -> Result<(), String> {
    let mut live: BTreeMap<(ProgramId, PersonPair), u32> = BTreeMap::new();
    let mut open: BTreeMap<(ProgramId, PersonPair), u32> = BTreeMap::new();
    let blocked = |people: &PersonPair| {
        census.relations.get(people).is_some_and(|view| view.relation.is_blocked())
    };
    for pair in census.pairs.values().filter(|pair| pair.state.is_live()) {
        let people = pair.people().ok_or_else(|| format!("I4: {} is of one person", pair.id))?;
        if blocked(&people) {
            return Err(format!("I2: {} lives although one blocks the other", pair.id));
        }
        *live.entry((pair.program, people)).or_insert(0) += 1;
    }
    for offer in census.proposals.values().filter(|it| it.state.is_open()) {
        let people = PersonPair::new(offer.mentor_person.clone(), offer.mentee_person.clone())
            .ok_or_else(|| format!("I4: {} is of one person", offer.id))?;
        if blocked(&people) && matches!(offer.state, ProposalState::Offered { .. }) {
            return Err(format!("I2: {} is offered although one blocks the other", offer.id));
        }
        *open.entry((offer.program, people)).or_insert(0) += 1;
    }
    for (what, counts) in [("live pairs", live), ("open proposals", open)] {
        if let Some(((program, people), count)) = counts.iter().find(|(_, count)| **count > 1) {
            return Err(format!("I3: {people:?} have {count} {what} in {program}"));
        }
    }
    Ok(())
}

/// I4: a pair is of two people, of a mentor's and a mentee's place, all in its program.
fn whole_pairs(census: &Census) -> Result<(), String> {
    for pair in census.pairs.values() {
        for (side, role) in [(&pair.mentor, Role::Mentor), (&pair.mentee, Role::Mentee)] {
            let fits = census.enrollments.get(&side.enrollment).is_some_and(|place| {
                place.program == pair.program && place.role == role && place.person == side.person
            });
            if !fits {
                return Err(format!("I4: {} does not fit its {role}'s place", pair.id));
            }
        }
        if !census.proposals.contains_key(&pair.proposal) {
            return Err(format!("I4: {} came from no proposal", pair.id));
        }
    }
    Ok(())
}

/// I6: the events of each record form one chain of states, from nothing to the present one.
fn chains(census: &Census) -> Result<(), String> {
    let mut chains: BTreeMap<&Key, &str> = BTreeMap::new();
    for event in &census.audit {
        let Some(to) = &event.to else { continue };
        // Events of a step stand at its pair and tell the step's states.
        if !event.action.as_str().starts_with(event.subject.kind()) {
            continue;
        }
        let before = chains.insert(&event.subject, to.as_str());
        let from = event.from.as_ref().map(crate::base::text::Slug::as_str);
        if before != from {
            return Err(format!(
                "I6: {:?} went from {from:?} to {to} by {}, but was {before:?}",
                event.subject, event.action
            ));
        }
    }
    let programs = census.programs.keys().map(|id| Key::Program(*id));
    let enrollments = census.enrollments.keys().map(|id| Key::Enrollment(*id));
    let proposals = census.proposals.keys().map(|id| Key::Proposal(*id));
    let pairs = census.pairs.keys().map(|id| Key::Pair(*id));
    let cases = census.cases.keys().map(|id| Key::Case(*id));
    for key in programs.chain(enrollments).chain(proposals).chain(pairs).chain(cases) {
        let (now, logged) = (code_of(census, &key), chains.get(&key).copied());
        if now != logged {
            return Err(format!("I6: {key:?} is {now:?}, its log says {logged:?}"));
        }
    }
    Ok(())
}

/// I7: nobody who is not an adult is in a pair that is introduced or active.
fn adults(census: &Census, now: Timestamp) -> Result<(), String> {
    for pair in census.pairs.values().filter(|pair| pair.state.needs_adults()) {
        for side in [&pair.mentor, &pair.mentee] {
            let person = census.people.get(&side.person).map(|view| &view.person);
            if !person.is_some_and(|it| is_adult(it.adult_on, it.zone, now)) {
                return Err(format!("I7: {} has somebody who is not an adult", pair.id));
            }
        }
    }
    Ok(())
}

/// I11: a score is the sum of its parts, none of which is more than it can be.
fn sums(census: &Census) -> Result<(), String> {
    for proposal in census.proposals.values() {
        let Some(score) = &proposal.score else { continue };
        let sum: u32 = score.parts.iter().map(|part| part.points).sum();
        if sum != score.total() || score.parts.iter().any(|part| part.points > part.most) {
            return Err(format!("I11: the score of {} does not add up", proposal.id));
        }
    }
    Ok(())
}

/// What the views of all proposals and pairs show, what was posted, and what is counted, to compare two stores
/// to the last field.
pub async fn views(
    store: &Arc<dyn Store>,
    tenant: &TenantId,
    census: &Census,
) -> (Vec<ProposalView>, Vec<PairView>, Vec<Post>, Counted) {
    let mut unit = store.unit().await.unwrap();
    // One by one and all at once, with one that does not exist: the same.
    let target = |id| ProposalTarget::Existing(id);
    let ask = |id| ProposalAsk {
        tenant: tenant.clone(),
        target: target(id),
        actor: None,
        with_form: true,
    };
    let asks: Vec<_> = census.proposals.keys().copied().chain([id(0)]).map(ask).collect();
    let mut each = Vec::new();
    for ask in &asks {
        each.push(unit.proposal_view(ask).await.unwrap());
    }
    assert_eq!(unit.proposal_views(&asks).await.unwrap(), each);
    let proposals = each.into_iter().flatten().collect();

    let ask = |pair| PairAsk { tenant: tenant.clone(), pair, post: None, actor: None };
    let asks: Vec<_> = census.pairs.keys().copied().chain([id(0)]).map(ask).collect();
    let mut each = Vec::new();
    for ask in &asks {
        each.push(unit.pair_view(ask).await.unwrap());
    }
    assert_eq!(unit.pair_views(&asks).await.unwrap(), each);
    let pairs = each.into_iter().flatten().collect();

    let ask = |target| EnrollmentAsk { tenant: tenant.clone(), target, actor: None };
    let existing = census.enrollments.keys().copied().map(EnrollmentTarget::Existing);
    let new = census
        .enrollments
        .values()
        .map(|it| EnrollmentTarget::New { program: it.program, person: it.person.clone() });
    let asks: Vec<_> = existing.chain(new).map(ask).collect();
    let mut each = Vec::new();
    for ask in &asks {
        let view = unit.enrollment_view(ask).await.unwrap();
        assert!(view.is_some());
        each.push(view);
    }
    assert_eq!(unit.enrollment_views(&asks).await.unwrap(), each);

    let mut posts = Vec::new();
    for pair in census.pairs.keys() {
        let what = Listing::Posts { pair: *pair, step: None };
        for item in all_after(&**store, tenant, &what, None, PAGE_MAX).await {
            if let Listed::Post(post) = item {
                posts.push(*post);
            }
        }
    }
    (proposals, pairs, posts, counted(store, tenant, census).await)
}

/// What is counted of each program, by nobody and by an admin, and around each person.
pub type Counted = (Vec<Tally>, Vec<Listed>);

async fn counted(store: &Arc<dyn Store>, tenant: &TenantId, census: &Census) -> Counted {
    let mut unit = store.unit().await.unwrap();
    let mut tallies = Vec::new();
    for program in census.programs.keys().copied() {
        for (admin, since) in [(None, 0), (Some(900), 0), (Some(1), 2)] {
            let answered = make::start() + TimeDelta::days(since)..make::after(1 << 30);
            let (tenant, admin) = (tenant.clone(), admin.map(make::who));
            let ask = TallyAsk { tenant, program, admin, answered };
            tallies.push(unit.tally(&ask).await.unwrap());
        }
    }
    let floor = SignalFloor { blocks: 1, reporters: 1, quick_ends: 1 };
    let mut around = Vec::new();
    // Somebody who has to do with nobody, and somebody who has with a few.
    for apart in [vec![], vec![2, 5]] {
        let apart = apart.into_iter().map(make::who).collect();
        let reader = CaseReader { person: make::who(990), was: BTreeSet::new(), apart };
        let what = Listing::Signals { since: make::start(), floor, reader };
        around.extend(all_after(&**store, tenant, &what, None, 3).await);
    }
    (tallies, around)
}
