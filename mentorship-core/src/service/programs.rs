//! Commands on programs.

use async_trait::async_trait;

use super::{
    Error, Mentorship,
    run::{Gather, Nothing, Order},
};
use crate::{
    base::{host::TenantId, id::ProgramId, text::Title, time::Timestamp},
    decide::program::{
        self as decide, CreateProgram, EditProgram,
        lifecycle::{Batch, OpeningFacts},
    },
    model::{form::Form, guide::Guide, program::Window},
    policy::actor::Actor,
    store::ProgramAsk,
    view::ProgramView,
};

/// Records closed in one write while a program winds down.
const BATCH: u16 = 100;

pub(super) fn ask(tenant: &TenantId, program: ProgramId, batch: u16) -> ProgramAsk {
    ProgramAsk { tenant: tenant.clone(), program, batch }
}

/// What the host says before a program opens.
struct AskOpening<'a> {
    mentorship: &'a Mentorship,
    tenant: &'a TenantId,
}

#[async_trait]
impl Gather<ProgramView> for AskOpening<'_> {
    type Facts = OpeningFacts;

    async fn gather(&self, view: &ProgramView) -> Result<OpeningFacts, Error> {
        let directory = &self.mentorship.directory;
        let (group, topic) = (&view.program.group, &view.program.topic);
        Ok(OpeningFacts {
            platform_contact: directory.has_platform_contact(self.tenant).await?,
            topic_allowed: directory.may_open(self.tenant, group, topic).await?,
        })
    }
}

impl Mentorship {
    /// Makes a program from a template, as a draft that only admins see.
    pub async fn create_program(
        &self,
        actor: &Actor,
        input: CreateProgram,
    ) -> Result<ProgramId, Error> {
        let order = Order::new(actor, "program.create", &input);
        self.run(order, Nothing, |(), cx| decide::create(input.clone(), cx)).await
    }

    /// Makes a draft with the form, guide and settings of another program of the group.
    pub async fn duplicate_program(
        &self,
        actor: &Actor,
        program: ProgramId,
        title: Title,
        window: Option<Window>,
    ) -> Result<ProgramId, Error> {
        let input = (program, &title, window);
        let order = Order::new(actor, "program.duplicate", &input);
        self.run(order, ask(actor.tenant(), program, 0), |view, cx| {
            decide::duplicate(view, title.clone(), window, cx)
        })
        .await
    }

    /// Changes settings; zone and calendar only while the program is a draft.
    pub async fn edit_program(
        &self,
        actor: &Actor,
        program: ProgramId,
        input: EditProgram,
    ) -> Result<(), Error> {
        let key = (program, &input);
        let order = Order::new(actor, "program.edit", &key);
        self.run(order, ask(actor.tenant(), program, 0), |view, cx| {
            decide::edit(view, input.clone(), cx)
        })
        .await
    }

    /// Gives the program a new guide; pairs that live keep theirs. The new version comes back.
    pub async fn revise_guide(
        &self,
        actor: &Actor,
        program: ProgramId,
        guide: Guide,
    ) -> Result<u32, Error> {
        let key = (program, &guide);
        let order = Order::new(actor, "program.revise_guide", &key);
        self.run(order, ask(actor.tenant(), program, 0), |view, cx| {
            decide::revise_guide(view, guide.clone(), cx)
        })
        .await
    }

    /// Gives a draft a new questionnaire with its rules. The new version comes back.
    pub async fn revise_form(
        &self,
        actor: &Actor,
        program: ProgramId,
        form: Form,
    ) -> Result<u32, Error> {
        let key = (program, &form);
        let order = Order::new(actor, "program.revise_form", &key);
        self.run(order, ask(actor.tenant(), program, 0), |view, cx| {
            decide::revise_form(view, form.clone(), cx)
        })
        .await
    }

    /// Opens a draft, so that members sign up.
    pub async fn open_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.open", &program);
        self.run_with(
            order,
            ask(actor.tenant(), program, 0),
            AskOpening { mentorship: self, tenant: actor.tenant() },
            decide::open,
        )
        .await
    }

    /// Stops new sign-ups; applications are still decided and pairs still form.
    pub async fn close_enrollment(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.close_enrollment", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::close_enrollment).await
    }

    /// Lets people sign up again.
    pub async fn reopen_enrollment(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.reopen_enrollment", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::reopen_enrollment).await
    }

    /// Winds the program down and closes what is left over: applications, waitlist, offers. Should the
    /// call be cut short, the sweep closes the rest.
    pub async fn wind_down_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.wind_down", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::wind_down).await?;
        let clock = Actor::clock(actor.tenant().clone());
        loop {
            let order = Order::new(&clock, "program.settle", &program);
            match self.run(order, ask(actor.tenant(), program, BATCH), decide::settle).await {
                Ok(Batch::More) => {}
                // A refusal: somebody else, or the sweep, settled it meanwhile.
                Ok(Batch::Done) | Err(Error::Refused(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Sets the day on which live pairs are ended and the program is archived, after the program's
    /// notice; the day comes back. The sweep does the rest.
    pub async fn schedule_archive(
        &self,
        actor: &Actor,
        program: ProgramId,
    ) -> Result<Timestamp, Error> {
        let order = Order::new(actor, "program.schedule_archive", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::schedule_archive).await
    }

    /// Archives a program that has wound down. With live pairs it is refused until a scheduled end has
    /// come; then they are ended first.
    pub async fn archive_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.archive", &program);
        let ask = ask(actor.tenant(), program, BATCH);
        let mut batch = self.run(order, ask.clone(), decide::archive).await?;
        // Further batches are the clock's: a command id stands for the first one only.
        let clock = Actor::clock(actor.tenant().clone());
        while batch == Batch::More {
            let order = Order::new(&clock, "program.archive", &program);
            batch = self.run(order, ask.clone(), decide::archive).await?;
        }
        Ok(())
    }

    /// Halts a program: no offers, no new pairs. For staff, and for the host when no admin is left.
    pub async fn suspend_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.suspend", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::suspend).await
    }

    /// Lets a halted program go on.
    pub async fn resume_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.resume", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::resume).await
    }

    /// Throws a draft away in which nobody enrolled.
    pub async fn discard_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.discard", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::discard).await
    }
}
