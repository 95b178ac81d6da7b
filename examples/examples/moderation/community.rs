//! Who there is: a host with two admins, a pair that one of them has brought together, and a platform.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, EnrollmentId, PairId, ProgramId},
        input::InputError,
        text::{Note, Slug, Title},
        time::{Clock as _, ManualClock, Timestamp},
    },
    model::report::{Link, Resource, Resources},
    policy::actor::Actor,
    service::{Attestation, Directory, Mentorship, PageAsk, PortError, TenantKey, TenantKeys},
};
use mentorship_examples::harbour::{Harbour, Outcome, Timer};
use mentorship_memory::MemoryStore;

const DORA: i64 = 1;
const EMIL: i64 = 2;
const BEN: i64 = 3;
/// What Emil goes by when he has come back.
const EMIL_ANEW: i64 = 22;
const PIA: i64 = 901;
const QUINN: i64 = 902;

/// A platform that knows who its groups' admins are.
#[derive(Clone, Copy, Debug)]
struct Host;

#[async_trait]
impl Directory for Host {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        // Somebody of this platform reads the queue of its cases every day.
        Ok(true)
    }

    async fn attestation(&self, _: &TenantId, _: &PersonId) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: NaiveDate::from_ymd_opt(2001, 5, 17), zone: None })
    }

    async fn admins(&self, _: &TenantId, _: &GroupId) -> Result<Vec<PersonId>, PortError> {
        Ok(vec![PersonId::from(DORA), PersonId::from(EMIL)])
    }

    async fn urgent_case(&self, _: &TenantId, _: CaseId) -> Result<(), PortError> {
        println!("  The platform\u{2019}s own code is told, and calls whoever is on duty.");
        Ok(())
    }

    async fn emergency_resources(
        &self,
        _: &TenantId,
        _: &PersonId,
        _: &Slug,
    ) -> Result<Resources, PortError> {
        // A real host picks by country and language, which it knows of its members.
        let resource = |name, text, link| {
            let (name, text) = (Title::new(name)?, Some(Note::new(text)?));
            Ok(Resource { name, text, link: Some(Link::new(link)?) })
        };
        let all = [
            resource("Emergency number", "Anywhere in the EU, day and night.", "tel:112"),
            resource("This platform\u{2019}s helpers", "They answer within the hour.", "tel:+000"),
        ];
        let all: Result<Vec<_>, InputError> = all.into_iter().collect();
        all.and_then(Resources::new).map_err(PortError::new)
    }
}

/// A key for every tenant, by which those who were erased are found when they come back. A real one is random, and
/// kept where keys are kept.
#[derive(Clone, Copy, Debug)]
struct Keys;

#[async_trait]
impl TenantKeys for Keys {
    async fn key(&self, _: &TenantId) -> Result<Option<TenantKey>, PortError> {
        Ok(Some(TenantKey::new([7; 32])))
    }
}

pub(crate) struct Community {
    pub(crate) service: Mentorship,
    pub(crate) store: MemoryStore,
    clock: Arc<ManualClock>,
    pub(crate) program: ProgramId,
    pub(crate) pair: PairId,
    /// Ben's place.
    pub(crate) mentee: EnrollmentId,
    /// The admin who has brought the two together.
    pub(crate) dora: Actor,
    /// The host's own code.
    pub(crate) host: Actor,
    /// The mentee, who reports.
    pub(crate) ben: Actor,
    /// The mentor, as a member.
    pub(crate) emil: Actor,
    /// The same, as an admin of the group.
    pub(crate) emil_as_admin: Actor,
    /// Staff of the platform.
    pub(crate) pia: Actor,
    pub(crate) quinn: Actor,
}

impl Community {
    /// Two people who have found each other, brought together by Dora, the other admin: the community
    /// of the other examples, with a clock and a host of its own.
    pub(crate) async fn new() -> Outcome<Self> {
        let tenant = TenantId::try_from("harbour")?;
        let group = GroupId::from(1_i64);
        let clock = Arc::new(ManualClock::new("2027-03-01T09:00:00Z".parse()?));
        let store = MemoryStore::new();
        let service = Mentorship::builder(Arc::new(store.clone()), Host)
            .clock(clock.clone())
            .tenant_keys(Keys)
            .backoff(Timer)
            .build();
        let person = |key| Actor::person(tenant.clone(), PersonId::from(key));
        let staff = |key| Actor::staff(tenant.clone(), PersonId::from(key));
        let (ben, emil) = (person(BEN), person(EMIL));

        let harbour = Harbour { mentorship: service.clone(), ana: emil.clone(), ben: ben.clone() };
        let pair = harbour.meet().await?;
        let pairs = service.my_pairs(&ben, PageAsk::default()).await?.items;
        let program = pairs.first().ok_or("the two have met")?.program;
        let places = service.my_enrollments(&ben, PageAsk::default()).await?.items;
        let admin = |key| Actor::group_admin(tenant.clone(), PersonId::from(key), group.clone());
        Ok(Self {
            pair,
            mentee: places.first().ok_or("Ben takes part")?.id,
            dora: admin(DORA),
            host: Actor::host(tenant.clone()),
            emil_as_admin: admin(EMIL),
            pia: staff(PIA),
            quinn: staff(QUINN),
            service,
            store,
            clock,
            program,
            ben,
            emil,
        })
    }

    pub(crate) fn emil_key() -> PersonId {
        PersonId::from(EMIL)
    }

    pub(crate) fn emils_new_key() -> PersonId {
        PersonId::from(EMIL_ANEW)
    }

    /// Days go by.
    pub(crate) fn pass(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn date(&self) -> String {
        self.clock.now().format("%-d %B").to_string()
    }
}
