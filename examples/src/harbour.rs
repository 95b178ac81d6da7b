//! A very small community for examples that are about something else: one admin, one mentor, one mentee,
//! and a program in which they meet.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::NaiveDate;
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::PairId,
        text::{AnswerText, Body, Slug, Title},
    },
    decide::{enrollment::Apply, program::CreateProgram},
    model::{
        answer::{Answer, Answers},
        enrollment::Role,
    },
    policy::actor::Actor,
    service::{Attestation, Backoff, Directory, Mentorship, PortError},
    store::Store,
    templates,
};

/// Whatever goes wrong ends an example.
pub type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A platform on which everybody is grown up.
#[derive(Clone, Copy, Debug)]
pub struct GrownUps;

#[async_trait]
impl Directory for GrownUps {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        // Somebody of this platform reads the queue of its cases every day.
        Ok(true)
    }

    async fn attestation(&self, _: &TenantId, _: &PersonId) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: NaiveDate::from_ymd_opt(2001, 5, 17), zone: None })
    }
}

/// Waits with tokio's timer.
#[derive(Clone, Copy, Debug)]
pub struct Timer;

#[async_trait]
impl Backoff for Timer {
    async fn wait(&self, time: std::time::Duration) {
        tokio::time::sleep(time).await;
    }
}

/// The sign-up of somebody who can answer questions.
///
/// # Errors
/// Never: the answers are good ones.
pub fn sign_up_as_mentor() -> Outcome<Apply> {
    let offers = Answer::Multi([Slug::new("technical")?].into());
    sign_up(Role::Mentor, common()?.with(Slug::new("can_answer")?, offers))
}

fn common() -> Outcome<Answers> {
    let languages = Answer::Languages([Slug::new("pt")?].into());
    Ok(Answers::new().with(Slug::new("languages")?, languages))
}

fn sign_up(role: Role, answers: Answers) -> Outcome<Apply> {
    let oversight = templates::shipped("flash")?.policy.oversight;
    let (capacity, consent_version, special_category) = (None, 1, false);
    Ok(Apply { role, answers, capacity, consent_version, oversight, special_category })
}

/// The community.
#[derive(Clone, Debug)]
pub struct Harbour {
    /// The library.
    pub mentorship: Mentorship,
    /// The mentor.
    pub ana: Actor,
    /// The mentee.
    pub ben: Actor,
}

impl Harbour {
    /// A community over a store.
    ///
    /// # Errors
    /// Never: the keys are good ones.
    pub fn over(store: Arc<dyn Store>) -> Outcome<Self> {
        let tenant = TenantId::try_from("harbour")?;
        Ok(Self {
            mentorship: Mentorship::builder(store, GrownUps).backoff(Timer).build(),
            ana: Actor::person(tenant.clone(), PersonId::from(2_i64)),
            ben: Actor::person(tenant, PersonId::from(3_i64)),
        })
    }

    /// Brings the two together.
    ///
    /// # Errors
    /// Whatever the library says.
    pub async fn meet(&self) -> Outcome<PairId> {
        let service = &self.mentorship;
        let tenant = self.ana.tenant().clone();
        let group = GroupId::from(1_i64);
        let admin = Actor::group_admin(tenant, PersonId::from(1_i64), group.clone());
        let template = templates::shipped("flash")?;
        let title = Title::new("Ask a sailor")?;
        let zone = chrono_tz::Europe::Lisbon;
        let input =
            CreateProgram { group, template, title, topic: None, zone, window: None, policy: None };
        let program = service.create_program(&admin, input).await?;
        service.open_program(&admin, program).await?;
        let asks = common()?
            .with(Slug::new("question_about")?, Answer::Single(Slug::new("technical")?))
            .with(Slug::new("question")?, Answer::Text(AnswerText::new("How do I reef alone?")?));
        let (mentor, _) = service.enroll(&self.ana, program, sign_up_as_mentor()?).await?;
        let (mentee, _) = service.enroll(&self.ben, program, sign_up(Role::Mentee, asks)?).await?;
        let draft = service.stage_proposal(&admin, mentor, mentee, None).await?.proposal;
        service.publish_proposal(&admin, draft).await?;
        service.accept(&self.ana, draft).await?;
        let done = service.accept(&self.ben, draft).await?;
        done.pair.ok_or_else(|| "both have said yes".into())
    }

    /// The mentor writes something on the first step.
    ///
    /// # Errors
    /// Whatever the library says.
    pub async fn write(&self, pair: PairId, text: &str) -> Outcome<()> {
        let step = Slug::new("conversation")?;
        self.mentorship.post(&self.ana, pair, &step, None, Body::new(text)?).await?;
        Ok(())
    }
}
