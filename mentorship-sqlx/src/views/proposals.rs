//! What commands on proposals read, for one or for many at once.

use mentorship_core::{
    base::{host::PersonId, people::PersonPair},
    model::{
        enrollment::{Enrollment, Role},
        proposal::Proposal,
    },
    store::{ProposalAsk, StoreError, ask::ProposalTarget},
    view::{PastPair, Place, ProposalView},
};

use super::{PersonAt, Views, by_rank, count};
use crate::{
    record::{pair, program, proposal},
    session::{Batch, Fetched},
    statement::Statement as S,
    value::{Reader, corrupt, id},
};

/// A pair that two people had before.
pub(super) fn read_past(row: &mut Reader<'_>) -> Result<PastPair, StoreError> {
    Ok(PastPair {
        pair: row.id("pairs.id")?,
        mentor: row.checked("pairs.mentor_person")?,
        ended_at: row.instant("pairs.over_at")?,
    })
}

/// Where the parts of a proposal's view stand in a batch.
struct ProposalAt {
    proposal: Option<Proposal>,
    people: PersonPair,
    program: usize,
    /// Each with the number of its live pairs, its person and its open proposals.
    places: [(Enrollment, u32, PersonAt, usize); 2],
    relation: usize,
    live: usize,
    open: usize,
    past: usize,
}

/// Where a proposal, or what would be one, stands in the first batch.
enum Asked {
    Existing { proposal: usize, places: usize },
    New([usize; 2]),
}

/// An enrolment with the number of its live pairs.
type Counted = (Enrollment, u32);
/// A proposal, if there is one yet, and its two enrolments.
type Met = (Option<Proposal>, [Counted; 2]);

impl Asked {
    /// Nothing if a part is missing.
    fn read(self, found: &Fetched) -> Result<Option<Met>, StoreError> {
        let (proposal, mentor, mentee) = match self {
            Self::New(at) => {
                let [mentor, mentee] = at.map(|at| found.first(at, Views::read_enrollment));
                (None, mentor?, mentee?)
            }
            Self::Existing { proposal, places } => {
                let Some(proposal) = found.first(proposal, proposal::read)? else {
                    return Ok(None);
                };
                let places = found.each(places, Views::read_enrollment)?;
                let of = |id| places.iter().find(|(it, _)| it.id == id).cloned();
                let (mentor, mentee) = (of(proposal.mentor), of(proposal.mentee));
                (Some(proposal), mentor, mentee)
            }
        };
        Ok(mentor.zip(mentee).map(|(mentor, mentee)| (proposal, [mentor, mentee])))
    }
}

impl Views<'_> {
    pub(crate) async fn proposal_view(
        &mut self,
        ask: &ProposalAsk,
    ) -> Result<Option<ProposalView>, StoreError> {
        Ok(self.proposal_views(std::slice::from_ref(ask)).await?.pop().flatten())
    }

    pub(crate) async fn proposal_views(
        &mut self,
        asks: &[ProposalAsk],
    ) -> Result<Vec<Option<ProposalView>>, StoreError> {
        self.check(asks.iter().map(|ask| &ask.tenant))?;
        let (mut batch, mut first) = (Batch::default(), Vec::with_capacity(asks.len()));
        for ask in asks {
            first.push(match ask.target {
                ProposalTarget::Existing(it) => Asked::Existing {
                    proposal: batch.add_once(S::ProposalGet, [self.tenant(), id(it)]),
                    places: batch.add_once(S::ProposalPlaces, [self.tenant(), id(it)]),
                },
                ProposalTarget::New { mentor, mentee } => Asked::New(
                    [mentor, mentee]
                        .map(|it| batch.add_once(S::EnrollmentGet, [self.tenant(), id(it)])),
                ),
            });
        }
        let found = self.run(batch).await?;
        let mut batch = Batch::default();
        let mut places = Vec::with_capacity(asks.len());
        for (ask, asked) in asks.iter().zip(first) {
            places.push(match asked.read(&found)? {
                Some((proposal, [mentor, mentee])) => {
                    self.add_proposal(&mut batch, ask.actor.as_ref(), proposal, mentor, mentee)
                }
                None => None,
            });
        }
        let found = self.run(batch).await?;
        let mut views = Vec::with_capacity(asks.len());
        for (ask, place) in asks.iter().zip(places) {
            views.push(match place {
                Some(place) => Some(self.proposal_at(&found, place, ask.with_form).await?),
                None => None,
            });
        }
        Ok(views)
    }

    /// Nothing for two that cannot be paired at all.
    fn add_proposal(
        &self,
        batch: &mut Batch,
        actor: Option<&PersonId>,
        proposal: Option<Proposal>,
        mentor: Counted,
        mentee: Counted,
    ) -> Option<ProposalAt> {
        let roles = mentor.0.role == Role::Mentor && mentee.0.role == Role::Mentee;
        let people = PersonPair::new(mentor.0.person.clone(), mentee.0.person.clone())?;
        if !roles || mentor.0.program != mentee.0.program {
            return None;
        }
        Some(ProposalAt {
            proposal,
            relation: self.add_relation(batch, &people),
            program: batch.add_once(S::ProgramGet, [self.tenant(), id(mentor.0.program)]),
            places: [mentor, mentee].map(|(enrollment, live)| {
                let person = self.add_person(batch, actor, &enrollment.person);
                let open = self.add_twice(batch, S::EnrollmentOpen, id(enrollment.id));
                (enrollment, live, person, open)
            }),
            live: batch.add_once(S::LiveBetween, self.between(&people)),
            open: batch.add_once(S::OpenBetween, self.between(&people)),
            past: batch.add_once(S::PastBetween, self.between(&people)),
            people,
        })
    }

    async fn proposal_at(
        &mut self,
        found: &Fetched,
        at: ProposalAt,
        with_form: bool,
    ) -> Result<ProposalView, StoreError> {
        let program = found.first(at.program, program::read)?;
        let program = program.ok_or_else(|| corrupt("a program is missing"))?;
        let this = at.proposal.as_ref().map(|it| it.id);
        let place = |(enrollment, live, at, open): (Enrollment, u32, PersonAt, usize)| {
            Ok::<_, StoreError>(Place {
                person: Self::person(found, at.person, &enrollment.person)?,
                person_live: count(found.number(at.live)?)?,
                open: by_rank(found.each(open, proposal::read)?),
                with_actor: Self::with_actor(found, at.with_actor.as_ref())?,
                live,
                enrollment,
            })
        };
        let [mentor, mentee] = at.places;
        let live_pair = found.each(at.live, pair::read)?.into_iter();
        let open_between = found.each(at.open, proposal::read)?.into_iter();
        let form =
            if with_form { Some(self.form(program.id, program.form_version).await?) } else { None };
        Ok(ProposalView {
            relation: Self::relation(found, at.relation, &at.people)?,
            guide: self.guide(program.id, program.guide_version).await?,
            form,
            proposal: at.proposal,
            mentor: place(mentor)?,
            mentee: place(mentee)?,
            live_pair: live_pair
                .filter(|pair| pair.program == program.id)
                .map(|pair| (pair.id, pair.mentor.person))
                .next(),
            open_between: open_between
                .filter(|it| it.program == program.id && Some(it.id) != this)
                .map(|it| it.id)
                .collect(),
            past: found.each(at.past, read_past)?,
            program,
        })
    }
}
