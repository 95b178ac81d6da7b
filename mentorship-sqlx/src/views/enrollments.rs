//! What commands on enrolments read, for one or for many at once.

use mentorship_core::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId},
    },
    model::enrollment::Enrollment,
    store::{EnrollmentAsk, StoreError, ask::EnrollmentTarget},
    view::EnrollmentView,
};

use super::{PersonAt, Views, by_age, by_rank, count};
use crate::{
    record::{enrollment, pair, program, proposal},
    session::{Batch, Fetched},
    statement::Statement as S,
    value::{first_id, id, person as key},
};

/// Where the parts of an enrolment's view stand in a batch.
struct EnrollmentAt<'a> {
    enrollment: Option<Enrollment>,
    who: &'a PersonId,
    program: usize,
    person: PersonAt,
    others: usize,
    /// Live pairs and open proposals.
    own: Option<[usize; 2]>,
}

impl Views<'_> {
    pub(crate) async fn enrollment_view(
        &mut self,
        ask: &EnrollmentAsk,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        Ok(self.enrollment_views(std::slice::from_ref(ask)).await?.pop().flatten())
    }

    pub(crate) async fn enrollment_views(
        &mut self,
        asks: &[EnrollmentAsk],
    ) -> Result<Vec<Option<EnrollmentView>>, StoreError> {
        self.check(asks.iter().map(|ask| &ask.tenant))?;
        let existing = |ask: &EnrollmentAsk| match ask.target {
            EnrollmentTarget::Existing(id) => Some(id),
            EnrollmentTarget::New { .. } => None,
        };
        let wanted: Vec<Option<EnrollmentId>> = asks.iter().map(existing).collect();
        let stored = self.enrollments(&wanted).await?;
        let mut batch = Batch::default();
        let mut places = Vec::with_capacity(asks.len());
        for (ask, stored) in asks.iter().zip(&stored) {
            let place = match (&ask.target, stored) {
                (EnrollmentTarget::Existing(_), None) => None,
                (EnrollmentTarget::Existing(_), Some((found, _))) => {
                    let actor = ask.actor.as_ref();
                    let (program, who) = (found.program, &found.person);
                    Some(self.add_enrollment(&mut batch, program, who, Some(found), actor))
                }
                (EnrollmentTarget::New { program, person }, _) => Some(self.add_enrollment(
                    &mut batch,
                    *program,
                    person,
                    None,
                    ask.actor.as_ref(),
                )),
            };
            places.push(place);
        }
        let found = self.run(batch).await?;
        let mut views = Vec::with_capacity(asks.len());
        for place in places {
            views.push(match place {
                Some(place) => self.enrollment_at(&found, place).await?,
                None => None,
            });
        }
        Ok(views)
    }

    fn add_enrollment<'w>(
        &self,
        batch: &mut Batch,
        program: ProgramId,
        who: &'w PersonId,
        enrollment: Option<&Enrollment>,
        actor: Option<&PersonId>,
    ) -> EnrollmentAt<'w> {
        let this = enrollment.map(|it| it.id);
        let this_id = this.map_or_else(first_id, id);
        EnrollmentAt {
            enrollment: enrollment.cloned(),
            who,
            program: batch.add_once(S::ProgramGet, [self.tenant(), id(program)]),
            person: self.add_person(batch, actor, who),
            others: batch.add(S::OthersOf, [self.tenant(), key(who), id(program), this_id]),
            own: this.map(|this| {
                [S::EnrollmentPairs, S::EnrollmentOpen]
                    .map(|sql| self.add_twice(batch, sql, id(this)))
            }),
        }
    }

    async fn enrollment_at(
        &mut self,
        found: &Fetched,
        at: EnrollmentAt<'_>,
    ) -> Result<Option<EnrollmentView>, StoreError> {
        let Some(program) = found.first(at.program, program::read)? else { return Ok(None) };
        let (pairs, proposals) = match at.own {
            Some([pairs, open]) => {
                (by_age(found.each(pairs, pair::read)?), by_rank(found.each(open, proposal::read)?))
            }
            None => (Vec::new(), Vec::new()),
        };
        let enrollment = at.enrollment;
        let form_version = enrollment.as_ref().map_or(program.form_version, |it| it.form_version);
        Ok(Some(EnrollmentView {
            person: Self::person(found, at.person.person, at.who)?,
            person_live: count(found.number(at.person.live)?)?,
            with_actor: Self::with_actor(found, at.person.with_actor.as_ref())?,
            others: found.each(at.others, enrollment::read)?,
            form: self.form(program.id, form_version).await?,
            program,
            enrollment,
            pairs,
            proposals,
        }))
    }
}
