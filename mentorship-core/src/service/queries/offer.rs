//! Proposals for those who make them and offers for those who answer them.

use serde::{Deserialize, Serialize};

use super::{PageAsk, filled::filled};
use crate::{
    base::{
        host::PersonId,
        id::{ProgramId, ProposalId},
        text::Slug,
        time::Timestamp,
    },
    decide::{Refusal, access, refusal::code},
    matching::explain::{Reason, explain_to, score_for_admin},
    model::{
        answer::Answers,
        enrollment::Role,
        proposal::{Proposal, ProposalState},
        visible::{Viewer, When},
    },
    policy::{actor::Actor, permission::Action},
    service::{Error, Service, programs},
    store::{Listing, Page, ProposalAsk, ask::ProposalTarget},
};

/// An offer as one of the two sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The proposal.
    pub proposal: ProposalId,
    /// The program.
    pub program: ProgramId,
    /// As what the viewer was asked.
    pub role: Role,
    /// The other person.
    pub partner: PersonId,
    /// Code of its state.
    pub state: Slug,
    /// When it lapses, while it is open.
    pub expires_at: Option<Timestamp>,
    /// Whether the viewer's answer is still waited for.
    pub waits_for_me: bool,
    /// What speaks for the two; never what speaks against, and never the partner's answers.
    pub reasons: Vec<Reason>,
    /// The partner's answers that may be shown to a proposed partner.
    pub partner_answers: Answers,
}

/// Code of an offer's state for one of the two: who declined is not told, and a block looks like a lapse.
pub(in crate::service) fn offer_state(proposal: &Proposal, side: Role) -> Slug {
    code(match &proposal.state {
        ProposalState::Declined { by, .. } if *by != side => "invalidated",
        ProposalState::Withdrawn { .. } => "invalidated",
        state => state.code(),
    })
}

impl Service<'_> {
    /// The proposals of a program for its admins, drafts and scores included, the latter with
    /// special-category rules as one part, `private` (D34).
    pub async fn proposals(
        &self,
        actor: &Actor,
        program: ProgramId,
        state: Option<Slug>,
        page: PageAsk,
    ) -> Result<Page<Proposal>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        access::to_program(actor, &view.program, Action::ViewDrafts)?;
        let what = Listing::Proposals { program, state };
        // An admin who takes part does not see what was staged about themselves (D31).
        let shown = |proposal: &Proposal| {
            actor.official().is_none_or(|admin| proposal.side_of(admin).is_none())
        };
        let mut page = filled(&mut *self.unit().await?, actor, page, what, shown).await?;
        for proposal in &mut page.items {
            proposal.score =
                proposal.score.as_ref().map(|score| score_for_admin(&view.form, score));
        }
        Ok(page)
    }

    /// The offers made to the actor, open and past.
    pub async fn my_offers(&self, actor: &Actor, page: PageAsk) -> Result<Page<Offer>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::ProposalsFor { person: person.clone() };
        // Of a draft its people never hear.
        let page =
            filled(&mut *self.unit().await?, actor, page, what, Proposal::was_offered).await?;
        let mut offers = Vec::new();
        for proposal in page.items {
            if let Some(side) = proposal.side_of(&person) {
                offers.extend(self.offer(actor, proposal.id, side).await?);
            }
        }
        Ok(Page { items: offers, next: page.next })
    }

    async fn offer(
        &self,
        actor: &Actor,
        proposal: ProposalId,
        side: Role,
    ) -> Result<Option<Offer>, Error> {
        let ask = ProposalAsk {
            tenant: actor.tenant().clone(),
            target: ProposalTarget::Existing(proposal),
            actor: None,
            with_form: true,
        };
        let view = self.load(ask).await?;
        let (Some(proposal), Some(form)) = (view.proposal, view.form) else { return Ok(None) };
        if access::to_proposal(actor, &view.program, &proposal, Action::ViewOffer).is_err() {
            return Ok(None);
        }
        let partner = match side {
            Role::Mentor => &view.mentee.enrollment,
            Role::Mentee => &view.mentor.enrollment,
        };
        let (expires_at, waits_for_me) = match &proposal.state {
            ProposalState::Offered { expires_at, mentor, mentee, .. } => {
                let mine = match side {
                    Role::Mentor => mentor,
                    Role::Mentee => mentee,
                };
                (Some(*expires_at), !mine.is_settled())
            }
            _ => (None, false),
        };
        // What is over tells nothing more about the other.
        let open = proposal.state.is_open();
        let reasons = proposal
            .score
            .as_ref()
            .filter(|_| open)
            .map(|score| explain_to(Viewer::Owner, &form, score))
            .unwrap_or_default();
        let partner_answers = if open {
            form.visible_answers(&partner.answers, Viewer::ProposedPartner, When::default())
        } else {
            Answers::new()
        };
        Ok(Some(Offer {
            proposal: proposal.id,
            program: proposal.program,
            role: side,
            partner: partner.person.clone(),
            state: offer_state(&proposal, side),
            expires_at,
            waits_for_me,
            reasons,
            partner_answers,
        }))
    }
}
