//! A draft tried out with synthetic people, on a store of its own, before anybody sees it (row 2).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Attestation, Directory, Error, Mentorship, PortError, Service, SweepAsk, programs};
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{EnrollmentId, IdSource, PairId, ProgramId, ProposalId},
        input::in_range,
        text::{AnswerText, Slug},
        time::{ManualClock, Timestamp, plus_days},
        zone::WeeklySlot,
    },
    decide::{Refusal, access, enrollment::Apply, program::CreateProgram, proposal::Published},
    model::{
        answer::{Answer, Answers, Availability},
        enrollment::Role,
        form::{Choice, Form, QuestionKind},
        program::Program,
        template::Template,
    },
    policy::{actor::Actor, permission::Action},
    store::Store,
};

/// Who tries the program out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviewAsk {
    /// Synthetic mentors, 1 to 100.
    pub mentors: u16,
    /// Synthetic mentees, 1 to 100.
    pub mentees: u16,
    /// Draws their answers; the same seed draws the same.
    pub seed: u64,
}

impl Default for PreviewAsk {
    fn default() -> Self {
        Self { mentors: 8, mentees: 12, seed: 1 }
    }
}

/// What became of the synthetic people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preview {
    /// Sign-ups that were taken.
    pub signed_up: u32,
    /// Sign-ups that were refused, by code; answers that the form itself asks for are never refused.
    pub refused: BTreeMap<String, u32>,
    /// Mentees for whom a mentor was possible and free.
    pub matched: u32,
    /// Mentees for whom nobody was possible or free.
    pub unmatched: u32,
    /// The mean score of those matched, in percent of what was possible.
    pub mean_score_percent: u32,
    /// Pairs that came about, all saying yes.
    pub pairs: u32,
    /// Pairs that reached the end of the guide, doing every step as it opened.
    pub completed: u32,
    /// Days from the first pair to the last step.
    pub days: u32,
    /// Messages that members and admins would have got.
    pub messages: u32,
}

/// A host in which everybody is an adult, a member, and meets every predicate.
#[derive(Debug)]
struct Everybody;

#[async_trait]
impl Directory for Everybody {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        Ok(true)
    }

    async fn attestation(
        &self,
        _tenant: &TenantId,
        _person: &PersonId,
    ) -> Result<Attestation, PortError> {
        Ok(Attestation { adult_on: NaiveDate::from_ymd_opt(2000, 1, 1), zone: None })
    }

    async fn predicate(
        &self,
        _tenant: &TenantId,
        _name: &Slug,
        _person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(true)
    }
}

/// Numbers that look random and are the same for the same seed (`SplitMix64`).
#[derive(Debug)]
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// From 0 up to, and without, `end`.
    fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).unwrap_or(1);
        usize::try_from(self.next() % end).unwrap_or(0)
    }

    /// `count` of the choices, in any order.
    fn some(&mut self, choices: &[Choice], count: usize) -> Vec<Slug> {
        let mut left: Vec<&Slug> = choices.iter().map(|choice| &choice.key).collect();
        let mut chosen = Vec::new();
        while chosen.len() < count && !left.is_empty() {
            let at = self.below(left.len());
            chosen.push(left.swap_remove(at).clone());
        }
        chosen
    }

    fn answer(&mut self, kind: &QuestionKind, program: &Program) -> Option<Answer> {
        Some(match kind {
            QuestionKind::Single { choices } => Answer::Single(self.some(choices, 1).pop()?),
            QuestionKind::Multi { choices, min, max } => {
                let (min, max) = (usize::from(*min), usize::from(*max));
                let count = (min + self.below(max - min + 1)).max(1);
                Answer::Multi(self.some(choices, count).into_iter().collect())
            }
            QuestionKind::Rank { choices, max } => {
                Answer::Rank(self.some(choices, usize::from(*max)))
            }
            QuestionKind::Integer { min, max, unit: _ } => {
                let span = max.abs_diff(*min).saturating_add(1);
                let step = i64::try_from(self.next() % span).unwrap_or(0);
                Answer::Integer(min.saturating_add(step))
            }
            QuestionKind::Text { max_chars } => {
                let text: String =
                    "An example of an answer.".chars().take(usize::from(*max_chars)).collect();
                Answer::Text(AnswerText::new(&text).ok()?)
            }
            QuestionKind::Languages { max } => {
                let mut tags = vec![Slug::from_static("en")];
                if *max > 1 && self.below(2) == 0 {
                    tags.push(Slug::from_static("es"));
                }
                Answer::Languages(tags.into_iter().collect())
            }
            QuestionKind::Availability => {
                let day = u8::try_from(self.below(5)).unwrap_or(0);
                let slots = [WeeklySlot::new(day, 17 * 60, 21 * 60)?].into();
                Answer::Availability(Availability { zone: program.zone, slots })
            }
            QuestionKind::Zone => Answer::Zone(program.zone),
        })
    }

    fn answers(&mut self, form: &Form, role: Role, program: &Program) -> Answers {
        let mut answers = Answers::new();
        for question in form.questions.iter().filter(|it| it.asked_of.includes(role)) {
            // One in six leaves out what may be left out.
            if !question.required && self.below(6) == 0 {
                continue;
            }
            if let Some(answer) = self.answer(&question.answer, program) {
                answers = answers.with(question.key.clone(), answer);
            }
        }
        answers
    }
}

/// Ids that are the same for the same seed, so that equal scores fall the same way.
#[derive(Debug)]
struct SeededIds(Mutex<Draw>);

impl IdSource for SeededIds {
    fn random(&self) -> uuid::Uuid {
        let mut draw = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uuid::Uuid::from_u64_pair(draw.next(), draw.next())
    }

    fn ordered(&self, at: Timestamp) -> uuid::Uuid {
        let micros = u64::try_from(at.timestamp_micros()).unwrap_or(0);
        let mut draw = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        uuid::Uuid::from_u64_pair(micros, draw.next())
    }
}

/// The copy of a program on the scratch store, with its people.
struct Trial {
    service: Mentorship,
    clock: Arc<ManualClock>,
    tenant: TenantId,
    admin: Actor,
    program: ProgramId,
    report: Preview,
}

impl Trial {
    fn person(&self, id: &PersonId) -> Actor {
        Actor::person(self.tenant.clone(), id.clone())
    }

    async fn sign_up(
        &mut self,
        original: &Program,
        form: &Form,
        ask: PreviewAsk,
    ) -> Result<Vec<(EnrollmentId, Role, PersonId)>, Error> {
        let mut draw = Draw(ask.seed);
        let mut places = Vec::new();
        for n in 0..u32::from(ask.mentors) + u32::from(ask.mentees) {
            let role = if n < ask.mentors.into() { Role::Mentor } else { Role::Mentee };
            let Ok(person) = PersonId::try_from(format!("preview-{n}")) else { continue };
            let input = Apply {
                role,
                capacity: None,
                answers: draw.answers(form, role, original),
                consent_version: original.policy.consent_version,
                oversight: original.policy.oversight,
                special_category: draw.below(2) == 0,
            };
            match self.service.enroll(&self.person(&person), self.program, input).await {
                Ok((place, state)) => {
                    if state.as_str() == "submitted" {
                        self.service.approve(&self.admin, place).await?;
                    }
                    self.report.signed_up += 1;
                    places.push((place, role, person));
                }
                Err(Error::Refused(refusal)) => {
                    *self.report.refused.entry(refusal.code().to_owned()).or_insert(0) += 1;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(places)
    }

    async fn match_up(
        &mut self,
        places: &[(EnrollmentId, Role, PersonId)],
    ) -> Result<Vec<(PairId, PersonId, PersonId)>, Error> {
        let mut pairs = Vec::new();
        let (mut earned, mut most) = (0, 0);
        for (place, _, mentee) in places.iter().filter(|(_, role, _)| *role == Role::Mentee) {
            let found = self.service.candidates(&self.admin, *place, 1).await?;
            let Some(best) = found.ranked.into_iter().next() else {
                self.report.unmatched += 1;
                continue;
            };
            let Some((proposal, mut pair)) = self.offer(best.enrollment, *place).await? else {
                self.report.unmatched += 1;
                continue;
            };
            self.report.matched += 1;
            earned += best.score.total();
            most += best.score.most();
            for who in [&best.person, mentee] {
                if pair.is_none() {
                    match self.service.accept(&self.person(who), proposal).await {
                        Ok(accepted) => pair = accepted.pair,
                        // This side is not asked.
                        Err(Error::Refused(_)) => {}
                        Err(error) => return Err(error),
                    }
                }
            }
            if let Some(pair) = pair {
                self.report.pairs += 1;
                pairs.push((pair, best.person, mentee.clone()));
            }
        }
        self.report.mean_score_percent = (earned * 100).checked_div(most).unwrap_or(0);
        Ok(pairs)
    }

    /// An offer to the two, or their pair where nobody is asked; `None` if a rule stands in the way.
    async fn offer(
        &self,
        mentor: EnrollmentId,
        mentee: EnrollmentId,
    ) -> Result<Option<(ProposalId, Option<PairId>)>, Error> {
        let staged = self.service.stage_proposal(&self.admin, mentor, mentee, None).await;
        let proposal = match staged {
            Ok(staged) => staged.proposal,
            Err(Error::Refused(_)) => return Ok(None),
            Err(error) => return Err(error),
        };
        match self.service.publish_proposal(&self.admin, proposal).await {
            Ok(Published::Paired { pair }) => Ok(Some((proposal, Some(pair)))),
            Ok(_) => Ok(Some((proposal, None))),
            Err(Error::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Every pair does every step as it opens, day by day, until all are done or the year is over.
    async fn walk(&mut self, pairs: &[(PairId, PersonId, PersonId)]) -> Result<(), Error> {
        let clock = Actor::clock(self.tenant.clone());
        for day in 0..400 {
            let mut alive = 0;
            for (pair, mentor, mentee) in pairs {
                let details = self.service.pair(&self.person(mentee), *pair).await?;
                if details.card.over_at.is_some() {
                    continue;
                }
                alive += 1;
                for step in details.steps.iter().filter(|step| step.state.code() == "open") {
                    for who in [mentor, mentee] {
                        let done =
                            self.service.finish_step(&self.person(who), *pair, &step.key).await;
                        if done.is_ok_and(|done| done.completed) {
                            self.report.completed += 1;
                            self.report.days = day;
                        }
                    }
                }
            }
            if alive == 0 {
                break;
            }
            self.clock.advance(TimeDelta::days(1));
            let mut ask = SweepAsk { limit: 500, after: None };
            loop {
                ask.after = self.service.sweep(&clock, ask.clone()).await?.next;
                if ask.after.is_none() {
                    break;
                }
            }
        }
        Ok(())
    }
}

impl Service<'_> {
    /// Runs the whole flow of a program with synthetic people: they sign up, are paired by best score,
    /// say yes, and do every step as it opens. It happens on `scratch`, an empty store that the caller
    /// throws away; this service's store is only read, and not one row is left there.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] unless the actor manages the program, an input error for a number of people
    /// outside 1 to 100, and the errors of the scratch store.
    pub async fn preview_program(
        &self,
        actor: &Actor,
        program: ProgramId,
        ask: PreviewAsk,
        scratch: Arc<dyn Store>,
    ) -> Result<Preview, Error> {
        in_range("mentors", ask.mentors, 1, 100)?;
        in_range("mentees", ask.mentees, 1, 100)?;
        let load = programs::ask(actor.tenant(), program, 0);
        let view = self.store.unit().await?.program_view(&load).await?.ok_or(Refusal::NotFound)?;
        access::to_program(actor, &view.program, Action::ManageProgram)?;

        let clock = Arc::new(ManualClock::new(self.now()));
        let service = Mentorship::builder(scratch.clone(), Everybody)
            .clock(clock.clone())
            .ids(SeededIds(Mutex::new(Draw(!ask.seed))))
            .build();
        let tenant = actor.tenant().clone();
        let group: GroupId = view.program.group.clone();
        let someone = actor.who().cloned().ok_or(Refusal::NotFound)?;
        let admin = Actor::group_admin(tenant.clone(), someone, group.clone());
        let name = crate::model::form::Message {
            key: view.program.template.key.clone(),
            en: crate::base::text::Prompt::new(view.program.title.as_str())?,
        };
        let template = Template {
            key: view.program.template.key.clone(),
            version: 1,
            title: name.clone(),
            summary: name,
            topic: view.program.topic.clone(),
            form: Form { version: 1, ..(*view.form).clone() },
            guide: crate::model::guide::Guide { version: 1, ..(*view.guide).clone() },
            policy: view.program.policy.clone(),
        };
        let input = CreateProgram {
            group,
            template,
            title: view.program.title.clone(),
            topic: None,
            zone: view.program.zone,
            window: None,
            policy: None,
        };
        let copy = service.create_program(&admin, input).await?;
        service.open_program(&admin, copy).await?;
        let report = Preview::default();
        let mut trial = Trial { service, clock, tenant, admin, program: copy, report };
        let places = trial.sign_up(&view.program, &view.form, ask).await?;
        let pairs = trial.match_up(&places).await?;
        trial.walk(&pairs).await?;
        trial.report.messages = trial.count_messages(&scratch).await?;
        Ok(trial.report)
    }
}

impl Trial {
    async fn count_messages(&self, scratch: &Arc<dyn Store>) -> Result<u32, Error> {
        let Some(outbox) = scratch.outbox() else { return Ok(0) };
        let mut count = 0;
        loop {
            let now = crate::base::time::Clock::now(&*self.clock);
            let ask = crate::store::ClaimAsk {
                tenant: Some(self.tenant.clone()),
                limit: 500,
                ..crate::store::ClaimAsk::new(now, plus_days(now, 1))
            };
            let claimed = outbox.claim(&ask).await?;
            let receipts: Vec<_> = claimed.iter().map(crate::store::Envelope::receipt).collect();
            outbox.acknowledge(&receipts).await?;
            if claimed.is_empty() {
                return Ok(count);
            }
            count += u32::try_from(claimed.len()).unwrap_or(u32::MAX);
        }
    }
}
