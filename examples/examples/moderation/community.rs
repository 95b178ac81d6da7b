//! Who there is: a host with two admins, a pair that one of them has brought together, and a platform.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{PairId, ProgramId},
        text::{AnswerText, Slug, Title},
        time::{Clock as _, ManualClock, Timestamp},
    },
    decide::{enrollment::Apply, program::CreateProgram},
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
    },
    policy::actor::Actor,
    service::{Attestation, Backoff, Directory, Mentorship, PortError},
    templates,
};
use mentorship_memory::MemoryStore;

pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const DORA: i64 = 1;
const EMIL: i64 = 2;
const BEN: i64 = 3;
const PIA: i64 = 901;
const QUINN: i64 = 902;

/// A platform that knows who its groups' admins are.
#[derive(Clone, Copy, Debug)]
struct Host;

#[async_trait]
impl Directory for Host {
    async fn attestation(&self, _: &TenantId, _: &PersonId) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: NaiveDate::from_ymd_opt(2001, 5, 17), zone: None })
    }

    async fn admins(&self, _: &TenantId, _: &GroupId) -> Result<Vec<PersonId>, PortError> {
        Ok(vec![PersonId::from(DORA), PersonId::from(EMIL)])
    }
}

/// Nobody else is at work here: there is nothing to wait for.
#[derive(Clone, Copy, Debug)]
struct AtOnce;

#[async_trait]
impl Backoff for AtOnce {
    async fn wait(&self, _: Duration) {}
}

pub(crate) struct Community {
    pub(crate) service: Mentorship,
    pub(crate) store: MemoryStore,
    clock: Arc<ManualClock>,
    pub(crate) program: ProgramId,
    pub(crate) pair: PairId,
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
    /// Two people who have found each other, brought together by Dora, the other admin.
    pub(crate) async fn new() -> Outcome<Self> {
        let tenant = TenantId::try_from("harbour")?;
        let group = GroupId::from(1_i64);
        let clock = Arc::new(ManualClock::new("2027-03-01T09:00:00Z".parse()?));
        let store = MemoryStore::new();
        let service = Mentorship::builder(Arc::new(store.clone()), Host)
            .clock(clock.clone())
            .backoff(AtOnce)
            .build();
        let person = |key| Actor::person(tenant.clone(), PersonId::from(key));
        let admin = |key| Actor::group_admin(tenant.clone(), PersonId::from(key), group.clone());
        let staff = |key| Actor::staff(tenant.clone(), PersonId::from(key));
        let (ben, emil, dora) = (person(BEN), person(EMIL), admin(DORA));

        let template = templates::shipped("flash")?;
        let oversight = template.policy.oversight;
        let title = Title::new("Ask a sailor")?;
        let zone = chrono_tz::Europe::Lisbon;
        let group = group.clone();
        let input =
            CreateProgram { group, template, title, topic: None, zone, window: None, policy: None };
        let program = service.create_program(&dora, input).await?;
        service.open_program(&dora, program).await?;
        let sign_up = |role, answers| Apply {
            role,
            answers,
            capacity: None,
            consent_version: 1,
            oversight,
            special_category: false,
        };
        let languages = Answer::Languages([Slug::new("pt")?].into());
        let common = Answers::new().with(Slug::new("languages")?, languages);
        let offers = Answer::Multi([Slug::new("technical")?].into());
        let offers = common.clone().with(Slug::new("can_answer")?, offers);
        let asks = common
            .with(Slug::new("question_about")?, Answer::Single(Slug::new("technical")?))
            .with(Slug::new("question")?, Answer::Text(AnswerText::new("How do I reef alone?")?));
        let (mentor, _) = service.enroll(&emil, program, sign_up(Role::Mentor, offers)).await?;
        let (mentee, _) = service.enroll(&ben, program, sign_up(Role::Mentee, asks)).await?;
        let draft = service.stage_proposal(&dora, mentor, mentee, None).await?.proposal;
        service.publish_proposal(&dora, draft).await?;
        service.accept(&emil, draft).await?;
        let done = service.accept(&ben, draft).await?;
        Ok(Self {
            pair: done.pair.ok_or("both have said yes")?,
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
