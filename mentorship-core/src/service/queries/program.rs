//! Programs, and who takes part in them.

use super::{PageAsk, filled::filled};
use crate::{
    base::{
        host::GroupId,
        id::{EnrollmentId, ProgramId},
        text::Slug,
    },
    decide::{Refusal, access, read},
    eligibility::age::is_adult,
    model::{
        answer::Answers,
        enrollment::{Enrollment, EnrollmentState, Role},
        form::Form,
        guide::Guide,
        program::Program,
        visible::{self, Viewer, What, When},
    },
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, programs},
    store::{EnrollmentAsk, Listing, Page, UnitExt, ask::EnrollmentTarget},
};

/// A program with what stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramDetails {
    /// The program.
    pub program: Program,
    /// Its questionnaire with its rules.
    pub form: std::sync::Arc<Form>,
    /// Its guide.
    pub guide: std::sync::Arc<Guide>,
}

/// An application with the answers that the viewer may see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// The enrolment; its own `answers` hold only what the viewer may see.
    pub enrollment: Enrollment,
    /// Whether the person is an adult today, which is all that an admin is told about their age, and not of an enrolment
    /// that is held or over, where it would tell why.
    pub is_adult: Option<bool>,
}

impl Service<'_> {
    /// A program with its questionnaire and guide: for its admins always, for members once it is open
    /// or if they take part in it.
    pub async fn program(
        &self,
        actor: &Actor,
        program: ProgramId,
    ) -> Result<ProgramDetails, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let seen = access::to_program(actor, &view.program, Action::ViewProgram);
        if seen.is_err() && !self.takes_part(actor, program).await? {
            return Err(Refusal::NotFound.into());
        }
        Ok(ProgramDetails { program: view.program, form: view.form, guide: view.guide })
    }

    async fn takes_part(&self, actor: &Actor, program: ProgramId) -> Result<bool, Error> {
        let Some(person) = actor.as_person().cloned() else { return Ok(false) };
        let ask = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::New { program, person },
            actor: None,
        };
        Ok(!self.load(ask).await?.others.is_empty())
    }

    /// The programs of a group: all of them for its admins and the platform, the open ones for members.
    pub async fn programs(
        &self,
        actor: &Actor,
        group: &GroupId,
        page: PageAsk,
    ) -> Result<Page<Program>, Error> {
        let what = Listing::Programs { group: Some(group.clone()) };
        let shown =
            |program: &Program| access::to_program(actor, program, Action::ViewProgram).is_ok();
        filled(&mut *self.unit().await?, actor, page, what, shown).await
    }

    /// One's own enrolments in all programs.
    pub async fn my_enrollments(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<Enrollment>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::EnrollmentsOf { person };
        let page = self.unit().await?.list_enrollments(&page.of(actor, what)).await?;
        Ok(page.map(Enrollment::as_shown))
    }

    /// The enrolments of a program for its admins, without answers: those are read one by one with
    /// [`Service::application`]. Without those of somebody with whom a block stands (D9).
    pub async fn enrollments(
        &self,
        actor: &Actor,
        program: ProgramId,
        role: Option<Role>,
        state: Option<Slug>,
        page: PageAsk,
    ) -> Result<Page<Enrollment>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        access::to_program(actor, &view.program, Action::ViewEnrollment)?;
        let what = Listing::Enrollments { program, role, state };
        let page =
            filled(&mut *self.unit().await?, actor, page, what, |_: &Enrollment| true).await?;
        Ok(page.map(|it| Enrollment { answers: Answers::new(), ..it.as_shown() }))
    }

    /// An application: in full for the person, by each question's visibility for the admin, to whom
    /// somebody with whom a block stands does not exist (D9). That an admin read it is written down where
    /// the platform reads it (row 60).
    pub async fn application(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<Application, Error> {
        let ask = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::Existing(enrollment),
            actor: actor.official().cloned(),
        };
        let view = self.load(ask).await?;
        let mut enrollment = view.enrollment.ok_or(Refusal::NotFound)?;
        let standing =
            access::to_enrollment(actor, &view.program, &enrollment, Action::ViewEnrollment)?;
        let own = matches!(standing, Standing::Mentor | Standing::Mentee);
        let viewer = if own { Viewer::Owner } else { Viewer::Admin };
        if !own {
            access::not_across_a_block(&view.with_actor)?;
            self.record_read(actor, |cx| read::enrollment(&enrollment, cx)).await?;
        }
        enrollment.answers =
            view.form.visible_answers(&enrollment.answers, viewer, When::default());
        // Of one that is held, or was taken out, it would tell an admin why (D23).
        let tells_why = enrollment.state.is_terminal()
            || matches!(enrollment.state, EnrollmentState::Suspended { .. });
        let is_told = visible::seen(What::Age, viewer).is_whether() && (own || !tells_why);
        let is_adult =
            is_told.then(|| is_adult(view.person.adult_on, view.person.zone, self.now()));
        Ok(Application { enrollment: enrollment.as_shown(), is_adult })
    }
}
