//! Commands on enrolments.

use async_trait::async_trait;

use super::{
    Error, Service,
    former::SignUpAsk,
    run::{Gather, Order},
};
use crate::{
    base::{
        host::TenantId,
        id::{EnrollmentId, ProgramId},
        text::{Note, Slug},
        time::Timestamp,
    },
    decide::{
        Refusal,
        enrollment::{self as decide, Apply, Enrolled, HostWord, RenewConsent},
        person::AgeFacts,
    },
    model::{answer::Answers, enrollment::Role},
    policy::actor::Actor,
    store::{EnrollmentAsk, ask::EnrollmentTarget},
    view::EnrollmentView,
};

fn ask(actor: &Actor, enrollment: EnrollmentId) -> EnrollmentAsk {
    EnrollmentAsk {
        tenant: actor.tenant().clone(),
        target: EnrollmentTarget::Existing(enrollment),
        actor: actor.official().cloned(),
    }
}

/// What the host says of a person, for a decision on their eligibility.
pub(super) struct AskWord<'a> {
    pub(super) mentorship: &'a Service<'a>,
    pub(super) tenant: &'a TenantId,
    /// The role applied for; `None` for that of the enrolment in the view.
    pub(super) role: Option<Role>,
}

#[async_trait]
impl Gather<EnrollmentView> for AskWord<'_> {
    type Facts = HostWord;

    async fn gather(&self, view: &EnrollmentView) -> Result<HostWord, Error> {
        let role = self.role.or(view.enrollment.as_ref().map(|enrollment| enrollment.role));
        let role = role.ok_or(Refusal::NotFound)?;
        let (tenant, group) = (self.tenant, &view.program.group);
        let person = &view.person.id;
        let word = self.mentorship.word_on(tenant, group, &view.form, role, person).await?;
        if self.role.is_some() && decide::moves_facts(view, &word, self.mentorship.now()) {
            // The person's version moves by it, so that the decision below is made again on what holds
            // then.
            let facts = AgeFacts { adult_on: word.adult_on, zone: word.zone };
            let host = Actor::host(tenant.clone());
            self.mentorship.record_age_of_known(&host, person, &facts).await?;
        }
        Ok(word)
    }
}

impl Service<'_> {
    /// A person signs up through the questionnaire. The enrolment and the code of its state come back.
    ///
    /// # Errors
    /// [`Refusal::NotEligible`] if the rules do not let them take part; the platform finds out why in
    /// the private part of the audit log. Otherwise those of
    /// [`apply`](fn@crate::decide::enrollment::apply).
    pub async fn enroll(
        &self,
        actor: &Actor,
        program: ProgramId,
        input: Apply,
    ) -> Result<(EnrollmentId, Slug), Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let place = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::New { program, person },
            actor: None,
        };
        let ask = SignUpAsk { place, pseudonyms: self.pseudonyms(actor.tenant()).await? };
        let role = input.role;
        let key = (program, &input);
        let enrolled = self
            .run_with(
                Order::new(actor, "enrollment.apply", &key),
                ask,
                AskWord { mentorship: self, tenant: actor.tenant(), role: Some(role) },
                |view, word, cx| decide::apply(view, input.clone(), &word, cx),
            )
            .await?;
        match enrolled {
            Enrolled::Stored { enrollment, state } => Ok((enrollment, state)),
            Enrolled::NotEligible => Err(Refusal::NotEligible.into()),
        }
    }

    /// Answers again: after an admin asked for more, or to correct a pending application.
    pub async fn resubmit(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        answers: Answers,
    ) -> Result<(), Error> {
        let key = (enrollment, &answers);
        let order = Order::new(actor, "enrollment.resubmit", &key);
        self.run(order, ask(actor, enrollment), |view, cx| {
            decide::resubmit(view, answers.clone(), cx)
        })
        .await
    }

    /// Agrees to what the program says now: its consent text and its oversight mode. Pairs formed from
    /// here on rest on it (D33).
    pub async fn renew_consent(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        input: RenewConsent,
    ) -> Result<(), Error> {
        let key = (enrollment, input);
        let order = Order::new(actor, "enrollment.renew_consent", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::renew_consent(view, input, cx))
            .await
    }

    /// Lets the directory of the program show one to the group, or takes that back. Nobody is shown who has not
    /// said so.
    pub async fn show_to_group(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        shown: bool,
    ) -> Result<(), Error> {
        let key = (enrollment, shown);
        let order = Order::new(actor, "enrollment.show_to_group", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::show_to_group(view, shown, cx))
            .await
    }

    /// Closes an enrolment before its program is archived.
    pub(super) async fn close_enrollment_of(
        &self,
        tenant: &TenantId,
        enrollment: EnrollmentId,
    ) -> Result<(), Error> {
        let clock = Actor::clock(tenant.clone());
        let order = Order::new(&clock, "enrollment.close", &enrollment);
        self.run(order, ask(&clock, enrollment), decide::close).await
    }

    /// Lets an applicant, or somebody from the waitlist, take part.
    pub async fn approve(&self, actor: &Actor, enrollment: EnrollmentId) -> Result<(), Error> {
        self.run_with(
            Order::new(actor, "enrollment.approve", &enrollment),
            ask(actor, enrollment),
            AskWord { mentorship: self, tenant: actor.tenant(), role: None },
            |view, word, cx| decide::approve(view, &word, cx),
        )
        .await
    }

    /// Asks an applicant for more.
    pub async fn ask_info(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        question: Note,
    ) -> Result<(), Error> {
        let key = (enrollment, &question);
        let order = Order::new(actor, "enrollment.ask_info", &key);
        self.run(order, ask(actor, enrollment), |view, cx| {
            decide::ask_info(view, question.clone(), cx)
        })
        .await
    }

    /// Puts an applicant on the waitlist until a date at which admins look again.
    pub async fn waitlist(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        reason: Slug,
        next_review_at: Timestamp,
    ) -> Result<(), Error> {
        let next_review_at = crate::base::time::whole_micros(next_review_at);
        let key = (enrollment, &reason, next_review_at);
        let order = Order::new(actor, "enrollment.waitlist", &key);
        self.run(order, ask(actor, enrollment), |view, cx| {
            decide::waitlist(view, reason.clone(), next_review_at, cx)
        })
        .await
    }

    /// Does not accept an applicant.
    pub async fn reject(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        reason: Slug,
    ) -> Result<(), Error> {
        let key = (enrollment, &reason);
        let order = Order::new(actor, "enrollment.reject", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::reject(view, reason.clone(), cx))
            .await
    }

    /// Takes no new pairs for a while, until a date or until resumed.
    pub async fn pause_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        until: Option<Timestamp>,
    ) -> Result<(), Error> {
        let until = until.map(crate::base::time::whole_micros);
        let key = (enrollment, until);
        let order = Order::new(actor, "enrollment.pause", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::pause(view, until, cx)).await
    }

    /// Takes new pairs again.
    pub async fn resume_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<(), Error> {
        let order = Order::new(actor, "enrollment.resume", &enrollment);
        self.run(order, ask(actor, enrollment), decide::resume).await
    }

    /// Changes how many places the person offers; nothing that lives ends by it.
    pub async fn set_capacity(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        capacity: u8,
    ) -> Result<(), Error> {
        let key = (enrollment, capacity);
        let order = Order::new(actor, "enrollment.set_capacity", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::set_capacity(view, capacity, cx))
            .await
    }

    /// Leaves. Live pairs in it end in the same write.
    pub async fn withdraw_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<(), Error> {
        let order = Order::new(actor, "enrollment.withdraw", &enrollment);
        self.run(order, ask(actor, enrollment), decide::withdraw).await
    }

    /// Holds an enrolment. For staff and the host.
    pub async fn hold_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<(), Error> {
        let order = Order::new(actor, "enrollment.suspend", &enrollment);
        self.run(order, ask(actor, enrollment), decide::hold).await
    }

    /// Ends a hold. For staff and the host.
    pub async fn reinstate_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<(), Error> {
        self.run_with(
            Order::new(actor, "enrollment.reinstate", &enrollment),
            ask(actor, enrollment),
            AskWord { mentorship: self, tenant: actor.tenant(), role: None },
            |view, word, cx| decide::reinstate(view, &word, cx),
        )
        .await
    }

    /// Takes an enrolment out; its live pairs end with the neutral text. For staff and the host.
    pub async fn remove_enrollment(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
        reason: Slug,
    ) -> Result<(), Error> {
        let key = (enrollment, &reason);
        let order = Order::new(actor, "enrollment.remove", &key);
        self.run(order, ask(actor, enrollment), |view, cx| decide::remove(view, reason.clone(), cx))
            .await
    }
}
