//! Commands on proposals.

use async_trait::async_trait;

use super::{
    Error, Service,
    run::{Gather, Order},
};
use crate::{
    base::{
        host::TenantId,
        id::{EnrollmentId, PairId, ProposalId},
        input::at_most,
        text::Slug,
    },
    decide::{
        Cx, FollowUp, Refusal,
        proposal::{
            self as decide, Accepted, Published, Tried, possible::HostFacts, stage::Staged,
        },
    },
    model::{
        enrollment::{Enrollment, Role},
        pair::Pair,
        proposal::Proposal,
    },
    policy::actor::{Actor, Hat},
    store::{
        Cursor, ListAsk, Listing, PAGE_MAX, PairAsk, PersonAsk, ProposalAsk, UnitExt,
        ask::ProposalTarget,
    },
    view::ProposalView,
};

/// Most choices in a mentee's ranked list.
const CHOICES_MAX: usize = 20;

fn ask(actor: &Actor, proposal: ProposalId) -> ProposalAsk {
    ProposalAsk {
        tenant: actor.tenant().clone(),
        target: ProposalTarget::Existing(proposal),
        actor: actor.official().cloned(),
        with_form: false,
    }
}

/// The same with the form, for deciding whether the two may meet.
pub(super) fn ask_judged(actor: &Actor, proposal: ProposalId) -> ProposalAsk {
    ProposalAsk { with_form: true, ..ask(actor, proposal) }
}

pub(super) fn ask_new(actor: &Actor, mentor: EnrollmentId, mentee: EnrollmentId) -> ProposalAsk {
    ProposalAsk {
        tenant: actor.tenant().clone(),
        target: ProposalTarget::New { mentor, mentee },
        actor: actor.official().cloned(),
        with_form: true,
    }
}

/// What the host says of the two in the view.
pub(super) struct AskTwo<'a> {
    pub(super) mentorship: &'a Service<'a>,
    pub(super) tenant: &'a TenantId,
}

#[async_trait]
impl Gather<ProposalView> for AskTwo<'_> {
    type Facts = HostFacts;

    async fn gather(&self, view: &ProposalView) -> Result<HostFacts, Error> {
        let Self { mentorship, tenant } = *self;
        let (mentor, mentee) = (&view.mentor.person.id, &view.mentee.person.id);
        let group = &view.program.group;
        let form = view.form.as_deref().ok_or(Refusal::NotFound)?;
        Ok(HostFacts {
            same_human: mentorship.directory.same_human(tenant, mentor, mentee).await?,
            mentor: mentorship.word_on(tenant, group, form, Role::Mentor, mentor).await?,
            mentee: mentorship.word_on(tenant, group, form, Role::Mentee, mentee).await?,
        })
    }
}

impl Service<'_> {
    /// Puts a proposal down as a draft that only admins see. With a `rank` (1 to 20) it belongs to the
    /// mentee's ranked list.
    ///
    /// # Errors
    /// [`Refusal::PairNotAllowed`] if the two cannot be paired; the platform finds out why in the private
    /// part of the audit log. Otherwise those of [`stage`](fn@crate::decide::proposal::stage).
    pub async fn stage_proposal(
        &self,
        actor: &Actor,
        mentor: EnrollmentId,
        mentee: EnrollmentId,
        rank: Option<u8>,
    ) -> Result<Staged, Error> {
        let key = (mentor, mentee, rank);
        let order = || Order::new(actor, "proposal.stage", &key);
        let ask = || ask_new(actor, mentor, mentee);
        let two = || AskTwo { mentorship: self, tenant: actor.tenant() };
        let mut tried: Result<Tried<Staged>, Error> = self
            .run_with(order(), ask(), two(), |view, host, cx| decide::stage(view, rank, &host, cx))
            .await;
        if self.sole_admin_was_refused(actor, &tried).await? {
            let decide =
                |view: &_, host, cx: Cx<'_>| decide::stage_as_sole_admin(view, rank, &host, cx);
            tried = self.run_with(order(), ask(), two(), decide).await;
        }
        Ok(tried?.done()?)
    }

    /// Whether a conflict of interest stood in the way of an admin for whom nobody else could act.
    async fn sole_admin_was_refused<T: Sync>(
        &self,
        actor: &Actor,
        outcome: &Result<T, Error>,
    ) -> Result<bool, Error> {
        let refused = matches!(outcome, Err(Error::Refused(Refusal::ConflictOfInterest)));
        match actor.hat() {
            Hat::GroupAdmin { person, group } if refused => {
                Ok(!self.directory.has_other_admin(actor.tenant(), group, person).await?)
            }
            Hat::GroupAdmin { .. } | Hat::Person(_) | Hat::Staff(_) | Hat::Host | Hat::Clock => {
                Ok(false)
            }
        }
    }

    /// Stages a ranked list of mentors for a mentee, best first. Each is a command of its own: the
    /// outcome of each comes back in order, and one that is not possible does not stop the others. Under
    /// the same command id the same list has one effect: what was done gives the same reply again, and
    /// only what was refused is tried again.
    ///
    /// # Errors
    /// An input error for more than 20 choices; a store error stops the list.
    pub async fn stage_ranked(
        &self,
        actor: &Actor,
        mentors: &[EnrollmentId],
        mentee: EnrollmentId,
    ) -> Result<Vec<Result<Staged, Refusal>>, Error> {
        at_most("mentors", mentors.len(), CHOICES_MAX, "choices")?;
        let mut staged = Vec::with_capacity(mentors.len());
        for ((place, mentor), rank) in mentors.iter().enumerate().zip(1_u8..) {
            let actor = actor.for_item(place);
            match self.stage_proposal(&actor, *mentor, mentee, Some(rank)).await {
                Ok(one) => staged.push(Ok(one)),
                Err(Error::Refused(refusal)) => staged.push(Err(refusal)),
                Err(error) => return Err(error),
            }
        }
        Ok(staged)
    }

    /// Publishes a draft: the two are asked, or paired at once where the program asks nobody.
    ///
    /// # Errors
    /// [`Refusal::PairNotAllowed`] if the two can no longer be paired, as when staging. Otherwise those
    /// of [`publish`](fn@crate::decide::proposal::publish).
    pub async fn publish_proposal(
        &self,
        actor: &Actor,
        proposal: ProposalId,
    ) -> Result<Published, Error> {
        let order = || Order::new(actor, "proposal.publish", &proposal);
        let ask = || ask_judged(actor, proposal);
        let two = || AskTwo { mentorship: self, tenant: actor.tenant() };
        let mut tried: Result<Tried<Published>, Error> = self
            .run_with(order(), ask(), two(), |view, host, cx| decide::publish(view, &host, cx))
            .await;
        if self.sole_admin_was_refused(actor, &tried).await? {
            let decide =
                |view: &_, host, cx: Cx<'_>| decide::publish_as_sole_admin(view, &host, cx);
            tried = self.run_with(order(), ask(), two(), decide).await;
        }
        Ok(tried?.done()?)
    }

    /// Takes a draft, an offer or one's own request back.
    pub async fn withdraw_proposal(
        &self,
        actor: &Actor,
        proposal: ProposalId,
    ) -> Result<(), Error> {
        let order = Order::new(actor, "proposal.withdraw", &proposal);
        self.run(order, ask(actor, proposal), decide::withdraw).await
    }

    /// Says yes to an offer. The pair comes back once nobody else has to say yes.
    pub async fn accept(&self, actor: &Actor, proposal: ProposalId) -> Result<Accepted, Error> {
        self.run_with(
            Order::new(actor, "proposal.accept", &proposal),
            ask_judged(actor, proposal),
            AskTwo { mentorship: self, tenant: actor.tenant() },
            |view, host, cx| decide::accept(view, &host, cx),
        )
        .await
    }

    /// Says no to an offer. The other learns only that it is not available.
    pub async fn decline(
        &self,
        actor: &Actor,
        proposal: ProposalId,
        reason: Option<Slug>,
    ) -> Result<(), Error> {
        let key = (proposal, &reason);
        let order = Order::new(actor, "proposal.decline", &key);
        self.run(order, ask(actor, proposal), |view, cx| decide::decline(view, reason.clone(), cx))
            .await
    }

    /// One of two whose pair is over asks the other for another round. Whoever has left the program and
    /// signed up again in the same role is asked in their new enrolment.
    pub async fn restart_pair(&self, actor: &Actor, pair: PairId) -> Result<Staged, Error> {
        let ask = PairAsk { tenant: actor.tenant().clone(), pair, post: None, actor: None };
        let past = self.store.unit().await?.pair_view(&ask).await?.ok_or(Refusal::NotFound)?.pair;
        if actor.as_person().and_then(|person| past.side_of(person)).is_none() {
            return Err(Refusal::NotFound.into());
        }
        let [mentor, mentee] = self.places_now(actor.tenant(), &past).await?;
        self.run_with(
            Order::new(actor, "pair.restart", &pair),
            ask_new(actor, mentor, mentee),
            AskTwo { mentorship: self, tenant: actor.tenant() },
            |view, host, cx| decide::restart(view, &past, &host, cx),
        )
        .await
    }

    /// The enrolments of the two as they take part now; the old one of somebody who does not.
    async fn places_now(&self, tenant: &TenantId, past: &Pair) -> Result<[EnrollmentId; 2], Error> {
        let mut unit = self.store.unit().await?;
        let mut places = [past.mentor.enrollment, past.mentee.enrollment];
        for (place, role) in places.iter_mut().zip([Role::Mentor, Role::Mentee]) {
            let person = past.participant(role).person.clone();
            let view = unit.person_view(&PersonAsk { tenant: tenant.clone(), person }).await?;
            let here = |it: &&Enrollment| it.program == past.program && it.role == role;
            *place = view.enrollments.iter().find(here).map_or(*place, |it| it.id);
        }
        Ok(places)
    }

    /// Does what follows from a command. A failure is left to the sweep, which finds the same.
    pub(super) async fn follow(&self, tenant: &TenantId, next: FollowUp) {
        let FollowUp::NextChoice { mentee } = next;
        if let Err(error) = Box::pin(self.next_choice_of(tenant, mentee)).await {
            tracing::debug!(code = error.code(), "the next choice is left to the sweep");
        }
    }

    async fn next_choice_of(&self, tenant: &TenantId, mentee: EnrollmentId) -> Result<(), Error> {
        let mut queued: Vec<Proposal> = Vec::new();
        let mut after: Option<Cursor> = None;
        let mut unit = self.store.unit().await?;
        loop {
            let what = Listing::ProposalsOf { enrollment: mentee };
            let ask = ListAsk { tenant: tenant.clone(), what, after, limit: PAGE_MAX };
            let page = unit.list_proposals(&ask).await?;
            queued.extend(page.items.into_iter().filter(Proposal::is_queued));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        queued.sort_by_key(|proposal| proposal.rank);
        for choice in queued {
            match self.advance_choice(tenant, choice.id).await {
                // Impossible by now: the one after it follows.
                Ok(Published::Unavailable { .. }) | Err(Error::Refused(_)) => {}
                Ok(_) => return Ok(()),
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Offers a queued choice if its turn has come.
    pub(super) async fn advance_choice(
        &self,
        tenant: &TenantId,
        proposal: ProposalId,
    ) -> Result<Published, Error> {
        let clock = Actor::clock(tenant.clone());
        self.run_with(
            Order::new(&clock, "proposal.next_choice", &proposal),
            ask_judged(&clock, proposal),
            AskTwo { mentorship: self, tenant },
            |view, host, cx| decide::next_choice(view, &host, cx),
        )
        .await
    }
}
