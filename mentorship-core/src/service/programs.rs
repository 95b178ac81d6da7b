//! Commands on programs.

use async_trait::async_trait;

use super::{
    Error, Service,
    run::{Gather, Nothing, Order},
};
use crate::{
    base::{
        host::{GroupId, TenantId},
        id::ProgramId,
        text::{Slug, Title},
        time::Timestamp,
    },
    decide::program::{
        self as decide, CreateProgram, EditProgram,
        lifecycle::{Batch, OpeningFacts, Remaining},
    },
    model::{
        enrollment::Enrollment,
        form::Form,
        guide::Guide,
        program::{Program, ProgramState, Window},
    },
    policy::{actor::Actor, permission::Action},
    store::{ListAsk, Listing, ProgramAsk, UnitExt},
    view::ProgramView,
};

/// Records closed in one write while a program winds down.
const BATCH: u16 = 100;

pub(super) fn ask(tenant: &TenantId, program: ProgramId, batch: u16) -> ProgramAsk {
    ProgramAsk { tenant: tenant.clone(), program, batch }
}

/// What the host says before a program opens.
struct AskOpening<'a> {
    mentorship: &'a Service<'a>,
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

/// Codes of the states in which an enrolment is not over.
const NOT_OVER: &[&str] =
    &["active", "paused", "suspended", "waitlisted", "submitted", "needs_info"];

/// Whether anybody still takes part in a program that is about to be archived.
pub(super) struct AskRemaining<'a> {
    pub(super) mentorship: &'a Service<'a>,
    pub(super) tenant: &'a TenantId,
}

#[async_trait]
impl Gather<ProgramView> for AskRemaining<'_> {
    type Facts = Remaining;

    async fn gather(&self, view: &ProgramView) -> Result<Remaining, Error> {
        let settled = matches!(view.program.state, ProgramState::WindingDown { settled: true, .. });
        if !settled || view.has_live_pairs {
            return Ok(Remaining::default());
        }
        let left = self.mentorship.remaining(self.tenant, view.program.id, 1).await?;
        Ok(Remaining { enrollments: !left.is_empty() })
    }
}

impl Service<'_> {
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
        let tenant = actor.tenant();
        self.run_with(
            Order::new(actor, "program.reopen_enrollment", &program),
            ask(tenant, program, 0),
            AskOpening { mentorship: self, tenant },
            decide::reopen_enrollment,
        )
        .await
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
                Ok(Batch::More | Batch::Close) => {}
                // A refusal: somebody else, or the sweep, settled it meanwhile.
                Ok(Batch::Done) | Err(Error::Refused(_)) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Sets the day on which live pairs are ended and the program is archived, after the program's
    /// notice; the day comes back, once both of every live pair have been told. The sweep does the rest.
    /// Should the call be cut short, call it again: the notice begins anew, or with the same command id
    /// the day stays and everybody is told.
    pub async fn schedule_archive(
        &self,
        actor: &Actor,
        program: ProgramId,
    ) -> Result<Timestamp, Error> {
        let tenant = actor.tenant();
        let order = Order::new(actor, "program.schedule_archive", &program);
        let at = self.run(order, ask(tenant, program, 0), decide::schedule_archive).await?;
        let clock = Actor::clock(tenant.clone());
        let mut after = None;
        loop {
            let what = Listing::Pairs { program, state: None };
            let list = ListAsk { tenant: tenant.clone(), what, after, limit: BATCH };
            let page = self.store.unit().await?.list_pairs(&list).await?;
            let order = Order::new(&clock, "program.give_notice", &program);
            self.run(order, ask(tenant, program, 0), |view, cx| {
                decide::give_notice(view, &page.items, cx)
            })
            .await?;
            after = page.next;
            if after.is_none() {
                return Ok(at);
            }
        }
    }

    /// Archives a program that has wound down. With live pairs it is refused until a scheduled end has
    /// come; then they are ended first.
    pub async fn archive_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let tenant = actor.tenant();
        let left = AskRemaining { mentorship: self, tenant };
        let ask = ask(tenant, program, BATCH);
        let order = Order::new(actor, "program.archive", &program);
        let mut batch = self.run_with(order, ask.clone(), &left, decide::archive).await?;
        // Further batches are the clock's: a command id stands for the first one only.
        let clock = Actor::clock(tenant.clone());
        while batch != Batch::Done {
            if batch == Batch::Close {
                self.close_enrollments(tenant, program).await?;
            }
            let order = Order::new(&clock, "program.archive", &program);
            batch = self.run_with(order, ask.clone(), &left, decide::archive).await?;
        }
        Ok(())
    }

    /// Closes one batch of the enrolments that are not over. Somebody who left meanwhile is passed over.
    pub(super) async fn close_enrollments(
        &self,
        tenant: &TenantId,
        program: ProgramId,
    ) -> Result<(), Error> {
        for place in self.remaining(tenant, program, BATCH).await? {
            match self.close_enrollment_of(tenant, place.id).await {
                Ok(()) | Err(Error::Refused(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Up to so many enrolments of a program that are not over, of one state at a time.
    async fn remaining(
        &self,
        tenant: &TenantId,
        program: ProgramId,
        limit: u16,
    ) -> Result<Vec<Enrollment>, Error> {
        let mut unit = self.store.unit().await?;
        for state in NOT_OVER {
            let state = Some(Slug::from_static(state));
            let what = Listing::Enrollments { program, role: None, state };
            let ask = ListAsk { tenant: tenant.clone(), what, after: None, limit };
            let page = unit.list_enrollments(&ask).await?;
            if !page.items.is_empty() {
                return Ok(page.items);
            }
        }
        Ok(Vec::new())
    }

    /// Halts a program: no offers, no new pairs. For staff and the host.
    pub async fn suspend_program(&self, actor: &Actor, program: ProgramId) -> Result<(), Error> {
        let order = Order::new(actor, "program.suspend", &program);
        self.run(order, ask(actor.tenant(), program, 0), decide::suspend).await
    }

    /// The group has no admin any more: each of its programs that is not over or halted is halted, drafts too, and
    /// the platform is told of each (D30). Live pairs, reports and blocks go on. For the host, as soon as the last
    /// admin has left, and for staff; a program goes on by [`resume_program`](Self::resume_program), when somebody
    /// answers for it again. The library cannot find out by itself: a `Directory` that names no admins may only not
    /// say who they are.
    ///
    /// Each program is a write of its own. Should the call be cut short, or be given again, the rest is halted; so
    /// is, by an old call that comes once more, what was let go on since: ids of commands are of no use here. What
    /// winds down forms no pairs anyway, and keeps its date.
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody else.
    pub async fn suspend_without_admin(&self, actor: &Actor, group: &GroupId) -> Result<(), Error> {
        self.to_tenant(actor, Action::SuspendProgram)?;
        let (tenant, one) = (actor.tenant(), actor.without_command());
        let mut after = None;
        loop {
            let what = Listing::Programs { group: Some(group.clone()) };
            let list = ListAsk { tenant: tenant.clone(), what, after, limit: BATCH };
            let page = self.store.unit().await?.list_programs(&list).await?;
            let winding_down = |it: &Program| matches!(it.state, ProgramState::WindingDown { .. });
            for program in page.items.into_iter().filter(|it| !winding_down(it)) {
                let order = Order::new(&one, "program.suspend_without_admin", &program.id);
                let ask = ask(tenant, program.id, 0);
                match self.run(order, ask, decide::suspend_without_admin).await {
                    // A refusal: it is over, or somebody halted it before.
                    Ok(()) | Err(Error::Refused(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            after = page.next;
            if after.is_none() {
                return Ok(());
            }
        }
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
