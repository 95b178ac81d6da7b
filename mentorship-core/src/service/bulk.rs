//! Many at once: staging and publishing a run, importing sign-ups. Each is still a command of its own.

use serde::{Deserialize, Serialize};

use super::{
    Error, PageAsk, Service,
    enrollments::AskWord,
    former::SignUpAsk,
    many::Item,
    proposals::{AskTwo, ask_judged, ask_new},
};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId, ProposalId, RunId},
        input::at_most,
        text::Slug,
    },
    decide::{
        Cx, Decision, Refusal, access,
        enrollment::{self, Apply, Enrolled},
        proposal::{self, Published, Tried, possible::HostFacts, stage::Staged},
        refusal::code,
        run::OnRecord,
    },
    model::proposal::ProposedPair,
    policy::{actor::Actor, permission::Action},
    store::{Cursor, EnrollmentAsk, PAGE_MAX, ask::EnrollmentTarget},
    view::ProposalView,
};

/// One sign-up of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignUp {
    /// Who.
    pub person: PersonId,
    /// What they say, and what they agreed to.
    pub apply: Apply,
}

/// What stages a draft without a rank.
#[derive(Clone, Copy, Debug)]
pub(super) enum StagedBy {
    /// An admin, by hand.
    Hand,
    /// A run.
    Run(OnRecord),
}

impl StagedBy {
    fn stage(
        self,
        view: &ProposalView,
        host: &HostFacts,
        cx: Cx<'_>,
    ) -> Result<Decision<Tried<Staged>>, Refusal> {
        match self {
            Self::Hand => proposal::stage(view, None, host, cx),
            Self::Run(run) => proposal::stage_of_run(view, run, host, cx),
        }
    }
}

/// How much one call publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishAsk {
    /// Most drafts, 1 to 500; default 500.
    pub limit: u16,
    /// Where the last call stopped; `None` to begin.
    pub after: Option<Cursor>,
}

impl Default for PublishAsk {
    fn default() -> Self {
        Self { limit: PAGE_MAX, after: None }
    }
}

/// What one call published.
#[derive(Debug, Default)]
pub struct PublishReport {
    /// The drafts looked at and what became of each, oldest first.
    pub published: Vec<(ProposalId, Result<Published, Refusal>)>,
    /// Where to go on; `None` when every draft was looked at.
    pub next: Option<Cursor>,
}

/// What became of each, where only a refusal is an outcome and anything else stops the list.
fn refusals<T>(outcomes: Vec<Result<T, Error>>) -> Result<Vec<Result<T, Refusal>>, Error> {
    let refusal = |outcome| match outcome {
        Ok(done) => Ok(Ok(done)),
        Err(Error::Refused(refusal)) => Ok(Err(refusal)),
        Err(error) => Err(error),
    };
    outcomes.into_iter().map(refusal).collect()
}

/// What became of each. Where a conflict of interest stood in the way, whether nobody else could do it is
/// found out for this one `alone`.
async fn or_as_sole_admin<T, F>(
    tried: Vec<Result<Tried<T>, Error>>,
    alone: impl Iterator<Item = F>,
) -> Result<Vec<Result<T, Refusal>>, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut outcomes = Vec::with_capacity(tried.len());
    for (outcome, alone) in tried.into_iter().zip(alone) {
        outcomes.push(match outcome {
            Err(Error::Refused(Refusal::ConflictOfInterest)) => alone.await,
            outcome => outcome.and_then(|tried| tried.done().map_err(Error::from)),
        });
    }
    refusals(outcomes)
}

impl Service<'_> {
    /// Puts several proposals down as drafts, as [`stage_proposal`](Self::stage_proposal) does each without
    /// a rank: what a run over a program proposed. The outcome of each comes back in order; two that cannot
    /// be paired do not stop the others. A command id works as for [`stage_ranked`](Self::stage_ranked).
    /// What can be is loaded and written together.
    ///
    /// # Errors
    /// An input error for more than 500 pairs; a store error stops the list.
    pub async fn stage_proposals(
        &self,
        actor: &Actor,
        pairs: &[ProposedPair],
    ) -> Result<Vec<Result<Staged, Refusal>>, Error> {
        at_most("pairs", pairs.len(), usize::from(PAGE_MAX), "pairs")?;
        self.stage_from(actor, pairs, 0, StagedBy::Hand).await
    }

    /// Stages pairs of a longer list, the first of which has this place in it, by hand or by a run.
    pub(super) async fn stage_from(
        &self,
        actor: &Actor,
        pairs: &[ProposedPair],
        first: usize,
        by: StagedBy,
    ) -> Result<Vec<Result<Staged, Refusal>>, Error> {
        let item = |(place, pair): (usize, &ProposedPair)| Item {
            actor: actor.for_item(first + place),
            input: Box::new((pair.mentor, pair.mentee, None::<u8>)),
            ask: ask_new(actor, pair.mentor, pair.mentee),
            gather: AskTwo { mentorship: self, tenant: actor.tenant() },
        };
        let items: Vec<_> = pairs.iter().enumerate().map(item).collect();
        let tried = self
            .run_each("proposal.stage", &items, |_, view, host, cx| by.stage(view, &host, cx))
            .await?;
        // Futures that nobody waits for do nothing.
        let alone = items
            .iter()
            .zip(pairs)
            .map(|(item, pair)| self.stage_proposal(&item.actor, pair.mentor, pair.mentee, None));
        or_as_sole_admin(tried, alone).await
    }

    /// Publishes several drafts. The outcome of each comes back in order; one that is no longer
    /// possible does not stop the others. A command id works as for
    /// [`stage_ranked`](Self::stage_ranked). What can be is loaded and written together.
    ///
    /// # Errors
    /// An input error for more than 500 drafts; a store error stops the list.
    pub async fn publish_proposals(
        &self,
        actor: &Actor,
        proposals: &[ProposalId],
    ) -> Result<Vec<Result<Published, Refusal>>, Error> {
        at_most("proposals", proposals.len(), usize::from(PAGE_MAX), "proposals")?;
        let item = |(place, proposal): (usize, &ProposalId)| Item {
            actor: actor.for_item(place),
            input: Box::new(*proposal),
            ask: ask_judged(actor, *proposal),
            gather: AskTwo { mentorship: self, tenant: actor.tenant() },
        };
        let items: Vec<_> = proposals.iter().enumerate().map(item).collect();
        let tried = self
            .run_each("proposal.publish", &items, |_, view, host, cx| {
                proposal::publish(view, &host, cx)
            })
            .await?;
        let alone = items.iter().zip(proposals);
        let alone = alone.map(|(item, proposal)| self.publish_proposal(&item.actor, *proposal));
        or_as_sole_admin(tried, alone).await
    }

    /// Publishes the drafts of a program, oldest first, up to `limit` in one call. A host follows `next`
    /// until there is none, and shows how far it is. After a stop, also in the middle of a call, it begins
    /// again from the start: what is published is no draft any more.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not; a store error stops the call. What was published stays so.
    pub async fn publish_drafts(
        &self,
        actor: &Actor,
        program: ProgramId,
        ask: PublishAsk,
    ) -> Result<PublishReport, Error> {
        let page = PageAsk { after: ask.after, limit: ask.limit };
        let page = self.proposals(actor, program, Some(code("draft")), page).await?;
        let drafts: Vec<ProposalId> = page.items.iter().map(|it| it.id).collect();
        let outcomes = self.publish_proposals(actor, &drafts).await?;
        Ok(PublishReport { published: drafts.into_iter().zip(outcomes).collect(), next: page.next })
    }

    /// Publishes the drafts of one staged run, as [`publish_drafts`](Self::publish_drafts) does those of the
    /// whole program.
    ///
    /// # Errors
    /// As [`publish_drafts`](Self::publish_drafts).
    pub async fn publish_run(
        &self,
        actor: &Actor,
        run: RunId,
        ask: PublishAsk,
    ) -> Result<PublishReport, Error> {
        let page = PageAsk { after: ask.after, limit: ask.limit };
        let page = self.drafts_of_run(actor, run, page).await?;
        let drafts: Vec<ProposalId> = page.items.iter().map(|it| it.id).collect();
        let outcomes = self.publish_proposals(actor, &drafts).await?;
        Ok(PublishReport { published: drafts.into_iter().zip(outcomes).collect(), next: page.next })
    }

    /// Signs people up for whom the host vouches, as each of them would: from a file, or from a program
    /// that was run elsewhere. The outcome of each comes back in order, the enrolment and the code of its
    /// state; one that is refused does not stop the others. In the audit log it is the person who signed
    /// up: an import says what people said. What can be is loaded and written together.
    ///
    /// Doing it again, also after a stop in the middle, signs nobody up twice: who is in is refused as
    /// [`Refusal::AlreadyEnrolled`]. With a command id on `host` it gives the same replies instead.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the host; an input error for more than 500 sign-ups; a store
    /// error stops the list. Each by itself: those of [`enroll`](Self::enroll).
    pub async fn enroll_many(
        &self,
        host: &Actor,
        program: ProgramId,
        sign_ups: &[SignUp],
    ) -> Result<Vec<Result<(EnrollmentId, Slug), Refusal>>, Error> {
        let cx = Cx { actor: host, now: self.now(), ids: &*self.ids };
        access::to_tenant(&cx, Action::RecordPersonFacts)?;
        at_most("sign_ups", sign_ups.len(), usize::from(PAGE_MAX), "sign-ups")?;
        let tenant = host.tenant();
        let pseudonyms = self.pseudonyms(tenant).await?;
        let item = |(place, it): (usize, &SignUp)| {
            let person = Actor::person(tenant.clone(), it.person.clone());
            let command = host.for_item(place).command();
            let target = EnrollmentTarget::New { program, person: it.person.clone() };
            Item {
                actor: command.into_iter().fold(person, Actor::with_command),
                input: Box::new((program, it.apply.clone())),
                ask: SignUpAsk {
                    place: EnrollmentAsk { tenant: tenant.clone(), target, actor: None },
                    pseudonyms: pseudonyms.clone(),
                },
                gather: AskWord { mentorship: self, tenant, role: Some(it.apply.role) },
            }
        };
        let items: Vec<_> = sign_ups.iter().enumerate().map(item).collect();
        let tried = self
            .run_each("enrollment.apply", &items, |place, view, word, cx| {
                let apply = sign_ups.get(place).map(|it| it.apply.clone());
                enrollment::apply(view, apply.ok_or(Refusal::NotFound)?, &word, cx)
            })
            .await?;
        let eligible = |enrolled| match enrolled {
            Enrolled::Stored { enrollment, state } => Ok((enrollment, state)),
            Enrolled::NotEligible => Err(Refusal::NotEligible.into()),
        };
        refusals(tried.into_iter().map(|it| it.and_then(eligible)).collect())
    }
}
