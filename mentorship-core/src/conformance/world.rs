//! A service over a store, with a clock and a host that the test controls.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;

use super::make::{self, CountedIds, group, slug, tenant, who};
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, EnrollmentId, IdSource, PairId, ProgramId, ProposalId},
        text::{Slug, Title},
        time::{Clock, ManualClock, Timestamp},
    },
    decide::{enrollment::Apply, program::create::CreateProgram, proposal::Published},
    model::{
        enrollment::Role,
        program::ProgramPolicy,
        report::{Priority, Resources},
    },
    policy::actor::Actor,
    service::{
        Attestation, ContentPolicy, Directory, Error, Mentorship, PageAsk, PortError, SweepAsk,
        SweepReport, TenantKey, TenantKeys,
    },
    store::{ClaimAsk, Envelope, Store},
};

/// What the host of a test knows. Everybody is an adult and a member unless the test says otherwise.
#[derive(Clone, Debug, Default)]
pub struct TestHost(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    attested: BTreeMap<PersonId, Attestation>,
    left: BTreeSet<PersonId>,
    untrained: BTreeSet<PersonId>,
    muted: BTreeSet<PersonId>,
    admins: Option<Vec<PersonId>>,
    silent: BTreeSet<&'static str>,
    urgent: Vec<CaseId>,
    resources: Resources,
    same: BTreeSet<(PersonId, PersonId)>,
}

impl TestHost {
    fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// What the host vouches for about a person from here on.
    pub fn attest(&self, person: &PersonId, attestation: Attestation) {
        self.with(|known| known.attested.insert(person.clone(), attestation));
    }

    /// The person is no longer a member of the group.
    pub fn leaves(&self, person: &PersonId) {
        self.with(|known| known.left.insert(person.clone()));
    }

    /// The host's predicates do not hold for the person.
    pub fn untrained(&self, person: &PersonId) {
        self.with(|known| known.untrained.insert(person.clone()));
    }

    /// Only these are admins of the group. Before, 900 and 901 are.
    pub fn admins(&self, admins: impl IntoIterator<Item = PersonId>) {
        self.with(|known| known.admins = Some(admins.into_iter().collect()));
    }

    /// The platform takes only urgent reports from the person.
    pub fn mutes(&self, person: &PersonId) {
        self.with(|known| known.muted.insert(person.clone()));
    }

    /// Where help is found, from here on.
    pub fn names(&self, resources: Resources) {
        self.with(|known| known.resources = resources);
    }

    /// The host does not answer this any more: `admins`, `is_muted`, `urgent_case` or `emergency_resources`.
    pub fn silent_on(&self, question: &'static str) {
        self.with(|known| known.silent.insert(question));
    }

    /// The host answers everything again.
    pub fn speaks_again(&self) {
        self.with(|known| known.silent.clear());
    }

    fn answers(&self, question: &'static str) -> Result<(), PortError> {
        if self.with(|known| known.silent.contains(question)) {
            return Err(PortError::new("nobody answers"));
        }
        Ok(())
    }

    /// The urgent cases of which the host was told.
    #[must_use]
    pub fn urgent(&self) -> Vec<CaseId> {
        self.with(|known| known.urgent.clone())
    }

    /// The two are one human.
    pub fn same(&self, one: &PersonId, other: &PersonId) {
        self.with(|known| {
            known.same.insert((one.clone(), other.clone()));
            known.same.insert((other.clone(), one.clone()));
        });
    }
}

#[async_trait]
impl Directory for TestHost {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn attestation(
        &self,
        _tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Attestation, PortError> {
        let adult =
            Attestation { adult_on: Some(make::adult_date()), zone: Some(Tz::Europe__Lisbon) };
        Ok(self.with(|known| known.attested.get(person).copied().unwrap_or(adult)))
    }

    async fn is_member(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
        person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(self.with(|known| !known.left.contains(person)))
    }

    async fn same_human(
        &self,
        _tenant: &TenantId,
        one: &PersonId,
        other: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(self.with(|known| known.same.contains(&(one.clone(), other.clone()))))
    }

    async fn predicate(
        &self,
        _tenant: &TenantId,
        _name: &Slug,
        person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(self.with(|known| !known.untrained.contains(person)))
    }

    async fn admins(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
    ) -> Result<Vec<PersonId>, PortError> {
        self.answers("admins")?;
        let two = || vec![who(900), who(901)];
        Ok(self.with(|known| known.admins.clone()).unwrap_or_else(two))
    }

    async fn report_category(
        &self,
        _tenant: &TenantId,
        category: &Slug,
    ) -> Result<Option<Priority>, PortError> {
        Ok((category.as_str() == "adrift").then_some(Priority::P2))
    }

    async fn is_muted(&self, _tenant: &TenantId, person: &PersonId) -> Result<bool, PortError> {
        self.answers("is_muted")?;
        Ok(self.with(|known| known.muted.contains(person)))
    }

    async fn emergency_resources(
        &self,
        _tenant: &TenantId,
        _reporter: &PersonId,
        _category: &Slug,
    ) -> Result<Resources, PortError> {
        self.answers("emergency_resources")?;
        Ok(self.with(|known| known.resources.clone()))
    }

    async fn urgent_case(&self, _tenant: &TenantId, case: CaseId) -> Result<(), PortError> {
        self.answers("urgent_case")?;
        self.with(|known| known.urgent.push(case));
        Ok(())
    }
}

/// The key of every tenant; none to begin with.
#[derive(Clone, Debug, Default)]
pub struct TestKeys(Arc<Mutex<Option<TenantKey>>>);

impl TestKeys {
    /// Thirty-two times this byte from here on; `None` destroys the key.
    pub fn become_byte(&self, byte: Option<u8>) {
        let key = byte.map(|byte| TenantKey::new([byte; 32]));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = key;
    }
}

#[async_trait]
impl TenantKeys for TestKeys {
    async fn key(&self, _tenant: &TenantId) -> Result<Option<TenantKey>, PortError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }
}

/// Ids that several services of one test may share.
#[derive(Clone, Debug, Default)]
struct SharedIds(Arc<CountedIds>);

impl IdSource for SharedIds {
    fn random(&self) -> uuid::Uuid {
        self.0.random()
    }

    fn ordered(&self, at: Timestamp) -> uuid::Uuid {
        self.0.ordered(at)
    }
}

/// A service over a store, and what moves around it.
#[derive(Clone, Debug)]
pub struct World {
    /// The store.
    pub store: Arc<dyn Store>,
    /// The service.
    pub service: Mentorship,
    /// The clock; it starts at [`make::start`].
    pub clock: Arc<ManualClock>,
    /// The host.
    pub host: TestHost,
    /// Whose data this world is.
    pub tenant: TenantId,
    ids: SharedIds,
}

/// The small template's sign-up of a role.
#[must_use]
pub fn sign_up(role: Role) -> Apply {
    Apply {
        role,
        capacity: None,
        answers: make::answers(role),
        consent_version: 1,
        oversight: make::template().policy.oversight,
        special_category: false,
    }
}

impl World {
    /// A world in which nothing has happened.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::of(store, tenant())
    }

    /// The same for a tenant of one's own, so that many worlds may share a store.
    #[must_use]
    pub fn of(store: Arc<dyn Store>, tenant: TenantId) -> Self {
        let clock = Arc::new(ManualClock::new(make::start()));
        let host = TestHost::default();
        let ids = SharedIds::default();
        let service = Mentorship::builder(store.clone(), host.clone())
            .clock(clock.clone())
            .ids(ids.clone())
            .attempts(50)
            .build();
        Self { store, service, clock, host, tenant, ids }
    }

    /// The same world, its clock, host and ids, over another view of the store.
    #[must_use]
    pub fn over(&self, store: Arc<dyn Store>) -> Self {
        let service = Mentorship::builder(store.clone(), self.host.clone())
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .attempts(50)
            .build();
        Self { store, service, ..self.clone() }
    }

    /// The same world with a key for its tenant, and the keys, to change it.
    #[must_use]
    pub fn keyed(&self) -> (Self, TestKeys) {
        let keys = TestKeys::default();
        keys.become_byte(Some(7));
        let service = Mentorship::builder(self.store.clone(), self.host.clone())
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .tenant_keys(keys.clone())
            .attempts(50)
            .build();
        (Self { service, ..self.clone() }, keys)
    }

    /// The same world for a host that keeps the audit log for so many days.
    #[must_use]
    pub fn keeping_audit(&self, days: u16) -> Self {
        let service = Mentorship::builder(self.store.clone(), self.host.clone())
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .attempts(50)
            .audit_days(days)
            .unwrap()
            .build();
        Self { service, ..self.clone() }
    }

    /// The same world for a host that is told what admins do.
    #[must_use]
    pub fn overseen(&self) -> Self {
        let service = Mentorship::builder(self.store.clone(), self.host.clone())
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .attempts(50)
            .tell_admin_acts()
            .build();
        Self { service, ..self.clone() }
    }

    /// The same world with a filter for what people write.
    #[must_use]
    pub fn filtered(&self, policy: impl ContentPolicy + 'static) -> Self {
        let service = Mentorship::builder(self.store.clone(), self.host.clone())
            .clock(self.clock.clone())
            .ids(self.ids.clone())
            .content_policy(policy)
            .build();
        Self { service, ..self.clone() }
    }

    /// A person who acts for themselves.
    #[must_use]
    pub fn person(&self, n: u64) -> Actor {
        Actor::person(self.tenant.clone(), who(n))
    }

    /// The admin of the group: person 900.
    #[must_use]
    pub fn admin(&self) -> Actor {
        Actor::group_admin(self.tenant.clone(), who(900), group())
    }

    /// Another admin of the group: person 901, who makes no match.
    #[must_use]
    pub fn other_admin(&self) -> Actor {
        Actor::group_admin(self.tenant.clone(), who(901), group())
    }

    /// `by` looks at a report as one of a scam, and takes the case.
    pub async fn work(&self, by: &Actor, case: CaseId) {
        let s = &self.service;
        s.triage_case(by, case, &slug("scam"), Priority::P2).await.unwrap();
        s.take_case(by, case).await.unwrap();
    }

    /// A person of the platform's staff: person 990.
    #[must_use]
    pub fn staff(&self) -> Actor {
        Actor::staff(self.tenant.clone(), who(990))
    }

    /// The host's own code.
    #[must_use]
    pub fn host_actor(&self) -> Actor {
        Actor::host(self.tenant.clone())
    }

    /// What the clock shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Moves the clock by whole days.
    pub fn days(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    /// A draft of the small template with changed settings.
    pub async fn draft(&self, change: impl FnOnce(&mut ProgramPolicy)) -> ProgramId {
        let template = make::template();
        let mut policy = template.policy.clone();
        change(&mut policy);
        let input = CreateProgram {
            group: group(),
            template,
            title: Title::new("Learn to sail").unwrap(),
            topic: None,
            zone: Tz::Europe__Lisbon,
            window: None,
            policy: Some(policy),
        };
        self.service.create_program(&self.admin(), input).await.unwrap()
    }

    /// An open program.
    pub async fn program(&self, change: impl FnOnce(&mut ProgramPolicy)) -> ProgramId {
        let program = self.draft(change).await;
        self.service.open_program(&self.admin(), program).await.unwrap();
        program
    }

    /// Signs a person up.
    pub async fn enroll(&self, program: ProgramId, n: u64, role: Role) -> EnrollmentId {
        self.enroll_with(program, n, sign_up(role)).await.unwrap()
    }

    /// Signs a person up in their own way.
    pub async fn enroll_with(
        &self,
        program: ProgramId,
        n: u64,
        input: Apply,
    ) -> Result<EnrollmentId, Error> {
        self.service.enroll(&self.person(n), program, input).await.map(|(id, _)| id)
    }

    /// An offer to two: staged and published.
    pub async fn offer(&self, mentor: EnrollmentId, mentee: EnrollmentId) -> ProposalId {
        let staged =
            self.service.stage_proposal(&self.admin(), mentor, mentee, None).await.unwrap();
        let published =
            self.service.publish_proposal(&self.admin(), staged.proposal).await.unwrap();
        assert!(matches!(published, Published::Offered { .. }), "{published:?}");
        staged.proposal
    }

    /// Both say yes.
    pub async fn accept(&self, proposal: ProposalId, one: u64, other: u64) -> PairId {
        self.service.accept(&self.person(one), proposal).await.unwrap();
        let done = self.service.accept(&self.person(other), proposal).await.unwrap();
        done.pair.expect("both have said yes")
    }

    /// A pair of mentor `one` and mentee `other` in a program, from sign-up on.
    pub async fn pair(&self, program: ProgramId, one: u64, other: u64) -> PairId {
        let mentor = self.enroll(program, one, Role::Mentor).await;
        let mentee = self.enroll(program, other, Role::Mentee).await;
        let proposal = self.offer(mentor, mentee).await;
        self.accept(proposal, one, other).await
    }

    /// Sweeps until nothing is left.
    pub async fn sweep(&self) -> SweepReport {
        let mut total = SweepReport::default();
        let clock = Actor::clock(self.tenant.clone());
        for _ in 0..50 {
            let mut ask = SweepAsk::default();
            let mut did_something = false;
            loop {
                let report = self.service.sweep(&clock, ask.clone()).await.unwrap();
                total.looked_at += report.looked_at;
                total.failed += report.failed;
                for (what, times) in report.done {
                    did_something = true;
                    *total.done.entry(what).or_insert(0) += times;
                }
                ask.after = report.next;
                if ask.after.is_none() {
                    break;
                }
            }
            if !did_something {
                return total;
            }
        }
        panic!("the sweep never comes to an end: {total:?}");
    }

    /// Everything that is to be said, taken out of the outbox.
    pub async fn messages(&self) -> Vec<Envelope> {
        let outbox = self.store.outbox().unwrap();
        let mut all = Vec::new();
        loop {
            let now = self.now();
            let ask = ClaimAsk {
                tenant: Some(self.tenant.clone()),
                limit: 500,
                ..ClaimAsk::new(now, now + TimeDelta::hours(1))
            };
            let claimed = outbox.claim(&ask).await.unwrap();
            let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
            if !receipts.is_empty() {
                outbox.acknowledge(&receipts).await.unwrap();
            }
            let done = claimed.len() < 500;
            all.extend(claimed);
            if done {
                return all;
            }
        }
    }

    /// The code of the state of a pair, as one of the two sees it.
    pub async fn pair_state(&self, n: u64, pair: PairId) -> String {
        let details = self.service.pair(&self.person(n), pair).await.unwrap();
        details.card.state.to_string()
    }

    /// A first page.
    #[must_use]
    pub fn first_page(&self) -> PageAsk {
        PageAsk { limit: 100, after: None }
    }

    /// The code of a refusal.
    pub fn code<T: std::fmt::Debug>(outcome: Result<T, Error>) -> &'static str {
        match outcome {
            Ok(done) => panic!("not refused: {done:?}"),
            Err(error) => {
                let told = format!("{error} {error:?} {:?}", error.params());
                ERRORS.lock().unwrap_or_else(PoisonError::into_inner).insert(told);
                error.code()
            }
        }
    }
}

/// What errors have said since the process began, as a host's log would show them: that it is nobody's words is told
/// by whoever knows all words of a run of the suite.
static ERRORS: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// Every different error that [`World::code`] has seen.
#[must_use]
pub fn errors_told() -> BTreeSet<String> {
    ERRORS.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

/// The key of a step of the small template.
#[must_use]
pub fn step(key: &str) -> Slug {
    slug(key)
}
