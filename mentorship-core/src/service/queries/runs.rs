//! Runs that were staged, for the admins of their program.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{PageAsk, filled::filled};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId, RunId},
        input::{InputError, Problem},
        text::Slug,
        time::Timestamp,
    },
    decide::{Refusal, access},
    matching::{explain::score_for_admin, run::WhyMoved},
    model::{
        proposal::{Proposal, ProposalState},
        run::{Run, RunDrafts, RunFigures, RunState, RunTerms},
    },
    policy::{actor::Actor, permission::Action},
    service::{Error, Service, programs},
    store::{Listing, PAGE_MAX, Page, RunAsk},
    view::RunView,
};

/// A run that was staged, as an admin sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunCard {
    /// The run.
    pub id: RunId,
    /// The program.
    pub program: ProgramId,
    /// Its name in the audit log: the beginning of its digest.
    pub name: Slug,
    /// Who staged it.
    pub created_by: PersonId,
    /// When it was staged.
    pub created_at: Timestamp,
    /// The instant of what it rests on.
    pub prepared_at: Timestamp,
    /// What was asked.
    pub terms: RunTerms,
    /// How it came out; only for who staged it. It counts everybody who existed for them, and somebody of these may
    /// not exist for another admin, who would find one too many (D6, D9). They are those of the moment when it was
    /// staged, which its admin was told then, as they were told each pair: if somebody blocks that admin later, what
    /// they read of the drafts is less than that.
    pub figures: Option<RunFigures>,
}

/// A run with what became of its drafts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDetails {
    /// The run.
    pub run: RunCard,
    /// Where it stands.
    pub state: RunState,
    /// What became of its drafts, without those of people who do not exist for whoever asks (D9), and without
    /// their own (D31).
    pub drafts: RunDrafts,
}

/// A mentee whom the second of two runs gave other mentors than the first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedMove {
    /// The mentee's enrolment.
    pub mentee: EnrollmentId,
    /// Their mentors in the first run, by enrolment.
    pub before: Vec<EnrollmentId>,
    /// Their mentors in the second run.
    pub after: Vec<EnrollmentId>,
    /// Why, as far as what became of the first run's drafts tells: [`WhyMoved::BecamePair`] or
    /// [`WhyMoved::NoLongerPossible`]. The rest is told by [`compare`](crate::matching::run::compare) to whoever
    /// kept both runs.
    pub why: Option<WhyMoved>,
}

/// Most drafts of each of two runs that are laid beside each other, as far as they exist for whoever asks. All of them
/// are in memory then.
pub const COMPARED_DRAFTS_MAX: u64 = 20_000;

/// Two staged runs of a program beside each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedComparison {
    /// The first.
    pub before: RunCard,
    /// The second.
    pub after: RunCard,
    /// Pairs that both staged.
    pub kept: u64,
    /// Mentees who have other mentors, by enrolment.
    pub moved: Vec<StagedMove>,
}

fn card(actor: &Actor, run: Run) -> RunCard {
    RunCard {
        id: run.id,
        program: run.program,
        name: run.name(),
        figures: (actor.who() == Some(&run.created_by)).then_some(run.figures),
        created_by: run.created_by,
        created_at: run.created_at,
        prepared_at: run.prepared_at,
        terms: run.terms,
    }
}

/// An admin who takes part does not see what was staged about themselves (D31).
fn not_own(actor: &Actor) -> impl Fn(&Proposal) -> bool + Send + Sync + use<'_> {
    move |proposal: &Proposal| {
        actor.official().is_none_or(|admin| proposal.side_of(admin).is_none())
    }
}

/// Mentors of each mentee, with where their draft stands.
type Staged = BTreeMap<EnrollmentId, BTreeMap<EnrollmentId, ProposalState>>;

fn why(
    was: &BTreeMap<EnrollmentId, ProposalState>,
    is: &BTreeSet<EnrollmentId>,
) -> Option<WhyMoved> {
    use ProposalState as S;
    let gone = || was.iter().filter(|(mentor, _)| !is.contains(*mentor)).map(|(_, state)| state);
    if gone().any(|state| matches!(state, S::Offered { .. } | S::Accepted { .. })) {
        Some(WhyMoved::BecamePair)
    } else if gone().any(|state| matches!(state, S::Declined { .. } | S::Invalidated { .. })) {
        Some(WhyMoved::NoLongerPossible)
    } else {
        None
    }
}

impl Service<'_> {
    /// The runs of a program that were staged, for its admins, oldest first.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not.
    pub async fn runs(
        &self,
        actor: &Actor,
        program: ProgramId,
        page: PageAsk,
    ) -> Result<Page<RunCard>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        access::to_program(actor, &view.program, Action::ViewDrafts)?;
        let what = Listing::Runs { program };
        let page = filled(&mut *self.unit().await?, actor, page, what, |_: &Run| true).await?;
        Ok(page.map(|run| card(actor, run)))
    }

    /// A staged run and what became of its drafts, for the admins of its program.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not.
    pub async fn staged_run(&self, actor: &Actor, run: RunId) -> Result<RunDetails, Error> {
        let RunView { program: _, run, drafts } = self.run_view(actor, run, true).await?;
        Ok(RunDetails { run: card(actor, run), state: drafts.state(), drafts })
    }

    /// The drafts of a staged run and what became of each, for the admins of its program, as
    /// [`proposals`](Self::proposals) shows those of the whole program.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not.
    pub async fn proposals_of_run(
        &self,
        actor: &Actor,
        run: RunId,
        page: PageAsk,
    ) -> Result<Page<Proposal>, Error> {
        let program = self.run_view(actor, run, false).await?.program;
        let form = self.load(programs::ask(actor.tenant(), program.id, 0)).await?.form;
        let what = Listing::ProposalsOfRun { run };
        let shown = not_own(actor);
        let mut page = filled(&mut *self.unit().await?, actor, page, what, shown).await?;
        for proposal in &mut page.items {
            proposal.score = proposal.score.as_ref().map(|score| score_for_admin(&form, score));
        }
        Ok(page)
    }

    /// Those of them that wait to be published.
    pub(in crate::service) async fn drafts_of_run(
        &self,
        actor: &Actor,
        run: RunId,
        page: PageAsk,
    ) -> Result<Page<Proposal>, Error> {
        self.run_view(actor, run, false).await?;
        let (what, not_own) = (Listing::ProposalsOfRun { run }, not_own(actor));
        let shown = |it: &Proposal| matches!(it.state, ProposalState::Draft { .. }) && not_own(it);
        filled(&mut *self.unit().await?, actor, page, what, shown).await
    }

    /// Two staged runs of one program beside each other, from their drafts: who was given others, and why as far
    /// as is on record. For the admins of the program, each of whom sees their own part of both.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for who may not, and for runs of two programs; an input error on `first` or `second` for
    /// a run of more than [`COMPARED_DRAFTS_MAX`] drafts. Larger ones a host compares by the outcomes that it kept
    /// ([`compare`](crate::matching::run::compare)), or page by page ([`proposals_of_run`](Self::proposals_of_run)).
    pub async fn compare_runs(
        &self,
        actor: &Actor,
        first: RunId,
        second: RunId,
    ) -> Result<StagedComparison, Error> {
        let before = self.run_view(actor, first, true).await?;
        let after = self.run_view(actor, second, true).await?;
        if before.program.id != after.program.id {
            return Err(Refusal::NotFound.into());
        }
        for (field, view) in [("first", &before), ("second", &after)] {
            let (given, limit) = (view.drafts.made(), COMPARED_DRAFTS_MAX);
            if given > limit {
                let problem = Problem::TooMany { given, limit, unit: "drafts" };
                return Err(InputError::new(field, problem).into());
            }
        }
        let (was, is) = (self.staged(actor, first).await?, self.staged(actor, second).await?);
        let nobody = BTreeMap::new();
        let (mut kept, mut moved) = (0, Vec::new());
        for mentee in was.keys().chain(is.keys()).copied().collect::<BTreeSet<_>>() {
            let was = was.get(&mentee).unwrap_or(&nobody);
            let is = is.get(&mentee).unwrap_or(&nobody);
            let is: BTreeSet<EnrollmentId> = is.keys().copied().collect();
            kept += was.keys().filter(|mentor| is.contains(mentor)).count() as u64;
            if !was.keys().eq(&is) {
                let before = was.keys().copied().collect();
                let why = why(was, &is);
                moved.push(StagedMove { mentee, before, after: is.into_iter().collect(), why });
            }
        }
        let (before, after) = (card(actor, before.run), card(actor, after.run));
        Ok(StagedComparison { before, after, kept, moved })
    }

    /// Of a run, what an admin may see. Its drafts are counted only where somebody needs to know.
    async fn run_view(
        &self,
        actor: &Actor,
        run: RunId,
        with_drafts: bool,
    ) -> Result<RunView, Error> {
        let (tenant, admin) = (actor.tenant().clone(), actor.official().cloned());
        let ask = RunAsk { tenant, run, admin, with_drafts };
        let view = self.unit().await?.run_view(&ask).await?;
        let view = view.ok_or(Refusal::NotFound)?;
        access::to_program(actor, &view.program, Action::ViewDrafts)?;
        Ok(view)
    }

    async fn staged(&self, actor: &Actor, run: RunId) -> Result<Staged, Error> {
        let mut staged = Staged::new();
        let mut unit = self.unit().await?;
        let mut page = PageAsk { limit: PAGE_MAX, after: None };
        loop {
            let what = Listing::ProposalsOfRun { run };
            let found = filled(&mut *unit, actor, page, what, not_own(actor)).await?;
            for it in found.items {
                staged.entry(it.mentee).or_default().insert(it.mentor, it.state);
            }
            page = PageAsk { limit: PAGE_MAX, after: found.next };
            if page.after.is_none() {
                return Ok(staged);
            }
        }
    }
}
