//! What people may see. Every answer is cut by the permission table and, for answers to questions, by
//! who may see each.

use serde::{Deserialize, Serialize};

use super::{Error, Mentorship, pairs, programs, run::Load};
use crate::{
    base::{
        host::{GroupId, PersonId},
        id::{EnrollmentId, PairId, ProgramId, ProposalId},
        text::{Note, Slug},
        time::{Timestamp, plus_days},
    },
    decide::{Cx, Refusal, access},
    matching::explain::{Reason, explain_for_participant},
    model::{
        answer::Answers,
        enrollment::{Enrollment, Role},
        event::AuditEvent,
        form::{Form, Viewer},
        guide::{Guide, StepInstance},
        journal::{CheckIn, Post},
        pair::{EndKind, EndedBy, Pair, PairState},
        program::Program,
        proposal::{Proposal, ProposalState},
        relation::Relation,
    },
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    store::{
        Cursor, EnrollmentAsk, ListAsk, Listing, Page, ProposalAsk, StoreUnit, UnitExt,
        ask::{AuditScope, EnrollmentTarget, ProposalTarget},
    },
    view::PairView,
};

/// Which page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageAsk {
    /// Most items, 1 to 500; default 50.
    pub limit: u16,
    /// `next` of the page before; `None` for the first.
    pub after: Option<Cursor>,
}

impl Default for PageAsk {
    fn default() -> Self {
        Self { limit: 50, after: None }
    }
}

impl PageAsk {
    fn of(self, actor: &Actor, what: Listing) -> ListAsk {
        ListAsk { tenant: actor.tenant().clone(), what, after: self.after, limit: self.limit }
    }
}

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
    /// Whether the person is an adult today, which is all that anybody else is told about their age.
    pub is_adult: bool,
}

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

/// A pair as the viewer may know of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PairCard {
    /// The pair.
    pub pair: PairId,
    /// The program.
    pub program: ProgramId,
    /// The mentor.
    pub mentor: PersonId,
    /// The mentee.
    pub mentee: PersonId,
    /// Code of its state. A frozen pair reads `paused`, except to staff.
    pub state: Slug,
    /// When it began.
    pub started_at: Timestamp,
    /// When it ended or was completed.
    pub over_at: Option<Timestamp>,
    /// Why it ended, if that may be shown to the viewer; `None` reads "the mentorship has ended".
    pub reason: Option<EndKind>,
    /// The pair before, if this is another round.
    pub previous_pair: Option<PairId>,
}

/// A pair with its guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairDetails {
    /// The pair.
    pub card: PairCard,
    /// The guide version it follows.
    pub guide: std::sync::Arc<Guide>,
    /// Where it stands on each step.
    pub steps: Vec<StepInstance>,
    /// Percent of steps that are over, 0 to 100.
    pub percent_done: u8,
    /// What each said to introduce themselves, mentor first; only for the two.
    pub introductions: [Option<Note>; 2],
    /// Whether the group admin may read what the two write: to be shown as a banner to both.
    pub supervised: bool,
}

/// What somebody may read of what a pair writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadScope {
    /// Everything.
    All,
    /// What they wrote themselves.
    Own,
}

/// One page of what a pair wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// What the viewer may read of it.
    pub scope: ReadScope,
    /// Posts and comments by number.
    pub posts: Vec<Post>,
    /// Where to go on.
    pub next: Option<Cursor>,
}

/// What one of the two may read at `now` (D2): everything while the pair lives and after it was
/// completed or ended by somebody else than one of them; after a one-sided end only whoever ended it
/// keeps that, for the program's window. The other keeps their own words. It is the same for every
/// one-sided end, so that a block cannot be told from any other.
#[must_use]
fn read_scope(pair: &Pair, side: Role, read_days: u16, now: Timestamp) -> ReadScope {
    let window = |at: Timestamp| {
        if now <= plus_days(at, read_days.into()) { ReadScope::All } else { ReadScope::Own }
    };
    match &pair.state {
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. } => ReadScope::All,
        PairState::Completed { at, .. } => window(*at),
        PairState::Ended { at, end } => match end.by {
            EndedBy::Side(by) if by != side => ReadScope::Own,
            EndedBy::Side(_) | EndedBy::Admin | EndedBy::Platform | EndedBy::Clock => window(*at),
        },
    }
}

fn card(pair: &Pair, standing: Standing) -> PairCard {
    let state = match (&pair.state, standing) {
        // The text of a freeze is neutral; only staff sees that it is one.
        (PairState::Frozen { .. }, Standing::Staff) => "frozen",
        (PairState::Frozen { .. }, _) => "paused",
        (state, _) => state.code(),
    };
    let (over_at, reason) = match &pair.state {
        PairState::Completed { at, .. } => (Some(*at), None),
        PairState::Ended { at, end } => {
            let own = matches!(
                (end.by, standing),
                (EndedBy::Side(Role::Mentor), Standing::Mentor)
                    | (EndedBy::Side(Role::Mentee), Standing::Mentee)
            );
            (Some(*at), if own { Some(end.kind) } else { end.shown_to_partner() })
        }
        PairState::Introduced { .. }
        | PairState::Active { .. }
        | PairState::Paused { .. }
        | PairState::Frozen { .. } => (None, None),
    };
    PairCard {
        pair: pair.id,
        program: pair.program,
        mentor: pair.mentor.person.clone(),
        mentee: pair.mentee.person.clone(),
        state: crate::decide::refusal::code(state),
        started_at: pair.started_at,
        over_at,
        reason,
        previous_pair: pair.previous_pair,
    }
}

impl Mentorship {
    async fn load<L: Load>(&self, ask: L) -> Result<L::View, Error> {
        let mut unit = self.store.unit().await?;
        Ok(ask.load(&mut *unit).await?.ok_or(Refusal::NotFound)?)
    }

    async fn unit(&self) -> Result<Box<dyn StoreUnit>, Error> {
        Ok(self.store.unit().await?)
    }

    fn to_tenant(&self, actor: &Actor, action: Action) -> Result<Standing, Error> {
        let cx = Cx { actor, now: self.now(), ids: &*self.ids };
        Ok(access::to_tenant(&cx, action)?)
    }

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
        let mut page = self.unit().await?.list_programs(&page.of(actor, what)).await?;
        page.items
            .retain(|program| access::to_program(actor, program, Action::ViewProgram).is_ok());
        Ok(page)
    }

    /// One's own enrolments in all programs.
    pub async fn my_enrollments(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<Enrollment>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::EnrollmentsOf { person };
        Ok(self.unit().await?.list_enrollments(&page.of(actor, what)).await?)
    }

    /// The enrolments of a program for its admins, without answers: those are read one by one with
    /// [`Mentorship::application`].
    pub async fn enrollments(
        &self,
        actor: &Actor,
        program: ProgramId,
        role: Option<Role>,
        state: Option<Slug>,
        page: PageAsk,
    ) -> Result<Page<Enrollment>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        access::to_program(actor, &view.program, Action::ViewDrafts)?;
        let what = Listing::Enrollments { program, role, state };
        let page = self.unit().await?.list_enrollments(&page.of(actor, what)).await?;
        Ok(page.map(|enrollment| Enrollment { answers: Answers::new(), ..enrollment }))
    }

    /// An application: in full for the person, by each question's visibility for the admin, who sees no
    /// answers of somebody with whom a block stands between them (D9).
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
        if !matches!(standing, Standing::Mentor | Standing::Mentee) {
            access::not_across_a_block(&view.with_actor)?;
            enrollment.answers = view.form.visible_answers(&enrollment.answers, Viewer::Admin);
        }
        let is_adult =
            crate::eligibility::age::is_adult(view.person.adult_on, view.person.zone, self.now());
        Ok(Application { enrollment, is_adult })
    }

    /// The proposals of a program for its admins, drafts and scores included.
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
        let mut page = self.unit().await?.list_proposals(&page.of(actor, what)).await?;
        // An admin who takes part does not see what was staged about themselves (D31).
        page.items.retain(|proposal| {
            actor.official().is_none_or(|admin| proposal.side_of(admin).is_none())
        });
        Ok(page)
    }

    /// The offers made to the actor, open and past.
    pub async fn my_offers(&self, actor: &Actor, page: PageAsk) -> Result<Page<Offer>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::ProposalsFor { person: person.clone() };
        let page = self.unit().await?.list_proposals(&page.of(actor, what)).await?;
        let mut offers = Vec::new();
        for proposal in page.items {
            if let Some(side) = proposal.side_of(&person).filter(|_| proposal.was_offered()) {
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
            .map(|score| explain_for_participant(&form, score))
            .unwrap_or_default();
        let partner_answers = if open {
            form.visible_answers(&partner.answers, Viewer::ProposedPartner)
        } else {
            Answers::new()
        };
        // Who declined is not told, and a block looks like a lapse.
        let state = match &proposal.state {
            ProposalState::Declined { by, .. } if *by != side => "invalidated",
            ProposalState::Withdrawn { .. } => "invalidated",
            state => state.code(),
        };
        Ok(Some(Offer {
            proposal: proposal.id,
            program: proposal.program,
            role: side,
            partner: partner.person.clone(),
            state: crate::decide::refusal::code(state),
            expires_at,
            waits_for_me,
            reasons,
            partner_answers,
        }))
    }

    /// The pairs of the actor, live and past.
    pub async fn my_pairs(&self, actor: &Actor, page: PageAsk) -> Result<Page<PairCard>, Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::PairsOf { person: person.clone() };
        let page = self.unit().await?.list_pairs(&page.of(actor, what)).await?;
        Ok(page.map(|pair| match pair.side_of(&person) {
            Some(Role::Mentor) => card(&pair, Standing::Mentor),
            Some(Role::Mentee) | None => card(&pair, Standing::Mentee),
        }))
    }

    /// The pairs of a program for its admins: that they exist, their state and dates.
    pub async fn pairs(
        &self,
        actor: &Actor,
        program: ProgramId,
        state: Option<Slug>,
        page: PageAsk,
    ) -> Result<Page<PairCard>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let standing = access::to_program(actor, &view.program, Action::ViewDrafts)?;
        let what = Listing::Pairs { program, state };
        let page = self.unit().await?.list_pairs(&page.of(actor, what)).await?;
        Ok(page.map(|pair| card(&pair, standing)))
    }

    /// A pair with its guide: for the two, and for the admin without what they wrote.
    pub async fn pair(&self, actor: &Actor, pair: PairId) -> Result<PairDetails, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let standing = access::to_pair(actor, &view.program, &view.pair, Action::ViewPair)?;
        let own = matches!(standing, Standing::Mentor | Standing::Mentee);
        let introductions = if own {
            [view.pair.mentor.introduction.clone(), view.pair.mentee.introduction.clone()]
        } else {
            [None, None]
        };
        Ok(PairDetails {
            card: card(&view.pair, standing),
            percent_done: percent(&view),
            introductions,
            supervised: view.pair.oversight == crate::model::program::Oversight::Supervised,
            guide: view.guide,
            steps: view.steps,
        })
    }

    fn scope(&self, actor: &Actor, view: &PairView) -> Result<(ReadScope, Option<Role>), Error> {
        access::to_pair(actor, &view.program, &view.pair, Action::ReadPair)?;
        access::not_across_a_block(&view.with_actor)?;
        let side = actor.as_person().and_then(|person| view.pair.side_of(person));
        let days = view.program.policy.read_days;
        let scope =
            side.map_or(ReadScope::All, |side| read_scope(&view.pair, side, days, self.now()));
        Ok((scope, side))
    }

    /// What the pair wrote, on one step or on all: for the two, by what they may still read, and for
    /// the admin of a supervised pair.
    pub async fn thread(
        &self,
        actor: &Actor,
        pair: PairId,
        step: Option<Slug>,
        page: PageAsk,
    ) -> Result<Thread, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let (scope, _) = self.scope(actor, &view)?;
        let what = Listing::Posts { pair, step };
        let page = self.unit().await?.list_posts(&page.of(actor, what)).await?;
        let own = actor.as_person();
        let readable = |post: &Post| scope == ReadScope::All || own == Some(&post.author);
        let posts = page.items.into_iter().filter(readable).map(|mut post| {
            post.held = Vec::new();
            post
        });
        Ok(Thread { scope, posts: posts.collect(), next: page.next })
    }

    /// The check-ins of a pair for one of the two: their own in full, of the partner's only shared
    /// notes.
    pub async fn check_ins(
        &self,
        actor: &Actor,
        pair: PairId,
        page: PageAsk,
    ) -> Result<Page<CheckIn>, Error> {
        let view = self.load(pairs::ask(actor, pair, None)).await?;
        let (scope, side) = self.scope(actor, &view)?;
        let what = Listing::CheckIns { pair };
        let mut page = self.unit().await?.list_check_ins(&page.of(actor, what)).await?;
        page.items.retain(|check_in| side == Some(check_in.side) || scope == ReadScope::All);
        for check_in in &mut page.items {
            if side != Some(check_in.side) {
                check_in.score = None;
                check_in.testimonial = None;
                if !check_in.note_shared {
                    check_in.note = None;
                }
            }
        }
        page.items.retain(|check_in| side == Some(check_in.side) || check_in.note.is_some());
        Ok(page)
    }

    /// Whom the actor blocks, with when.
    pub async fn my_blocks(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::BlocksBy { person: person.clone() };
        let page = self.unit().await?.list_relations(&page.of(actor, what)).await?;
        Ok(own_stances(&page, &person, |relation, me| relation.stance(me)?.blocked_at))
    }

    /// Whom the actor wishes not to be matched with, with since when.
    pub async fn my_avoids(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::AvoidsBy { person: person.clone() };
        let page = self.unit().await?.list_relations(&page.of(actor, what)).await?;
        Ok(own_stances(&page, &person, |relation, me| relation.stance(me)?.avoids_since))
    }

    /// The audit log of a program: in full for staff, without private events for its admins.
    pub async fn program_audit(
        &self,
        actor: &Actor,
        program: ProgramId,
        page: PageAsk,
    ) -> Result<Page<AuditEvent>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let standing = access::to_program(actor, &view.program, Action::ViewProgramAudit)?;
        let scope = AuditScope::Program { program, private: standing == Standing::Staff };
        let ask = page.of(actor, Listing::Audit { scope });
        Ok(self.unit().await?.list_audit(&ask).await?)
    }

    /// The whole audit log of the tenant, for staff.
    pub async fn audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewAudit)?;
        let ask = page.of(actor, Listing::Audit { scope: AuditScope::Tenant });
        Ok(self.unit().await?.list_audit(&ask).await?)
    }

    /// What the actor did.
    pub async fn my_audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewOwnAudit)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let ask = page.of(actor, Listing::Audit { scope: AuditScope::Actor(person) });
        Ok(self.unit().await?.list_audit(&ask).await?)
    }
}

fn percent(view: &PairView) -> u8 {
    let over = view.steps.iter().filter(|step| step.state.is_over()).count();
    let percent = (over * 100).checked_div(view.steps.len()).unwrap_or(0);
    u8::try_from(percent).unwrap_or(100)
}

fn own_stances(
    page: &Page<Relation>,
    person: &PersonId,
    since: impl Fn(&Relation, &PersonId) -> Option<Timestamp>,
) -> Page<(PersonId, Timestamp)> {
    let items = page.items.iter().filter_map(|relation| {
        Some((relation.people.other(person)?.clone(), since(relation, person)?))
    });
    Page { items: items.collect(), next: page.next.clone() }
}
