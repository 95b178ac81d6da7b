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
    value::{corrupt, id},
};

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
        let mut batch = Batch::default();
        let existing = asks.iter().map(|ask| match ask.target {
            ProposalTarget::Existing(it) => {
                Some(batch.add_once(S::ProposalGet, [self.tenant(), id(it)]))
            }
            ProposalTarget::New { .. } => None,
        });
        let existing: Vec<Option<usize>> = existing.collect();
        let found = self.run(batch).await?;
        let mut proposals = Vec::with_capacity(asks.len());
        let mut wanted = Vec::with_capacity(2 * asks.len());
        for (ask, at) in asks.iter().zip(existing) {
            let stored = at.map(|at| found.first(at, proposal::read)).transpose()?.flatten();
            let two = match (&ask.target, &stored) {
                (ProposalTarget::New { mentor, mentee }, _) => Some((*mentor, *mentee)),
                (ProposalTarget::Existing(_), it) => it.as_ref().map(|it| (it.mentor, it.mentee)),
            };
            wanted.extend([two.map(|(mentor, _)| mentor), two.map(|(_, mentee)| mentee)]);
            proposals.push(stored);
        }
        let mut enrollments = self.enrollments(&wanted).await?.into_iter();
        let mut batch = Batch::default();
        let mut places = Vec::with_capacity(asks.len());
        for (ask, proposal) in asks.iter().zip(proposals) {
            let (mentor, mentee) = (enrollments.next().flatten(), enrollments.next().flatten());
            let two = mentor.zip(mentee);
            places.push(two.and_then(|(mentor, mentee)| {
                self.add_proposal(&mut batch, ask.actor.as_ref(), proposal, mentor, mentee)
            }));
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
        mentor: (Enrollment, u32),
        mentee: (Enrollment, u32),
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
            past: found.each(at.past, |row| {
                Ok(PastPair {
                    pair: row.id("pairs.id")?,
                    mentor: row.checked("pairs.mentor_person")?,
                    ended_at: row.instant("pairs.over_at")?,
                })
            })?,
            program,
        })
    }
}
