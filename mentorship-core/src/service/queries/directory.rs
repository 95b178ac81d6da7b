//! The directory of a program: who let the group see that they take part, and what they say there.

use serde::{Deserialize, Serialize};

use super::{PageAsk, apart::blocked_by_or_blocking};
use crate::{
    base::{
        host::PersonId,
        id::{EnrollmentId, ProgramId},
    },
    decide::{Refusal, access},
    model::{
        answer::Answers,
        enrollment::{Enrollment, Role},
        form::Form,
        person::Person,
        program::Program,
        visible::{Viewer, When},
    },
    policy::actor::Actor,
    service::{Error, Service, programs},
    store::{
        Cursor, EnrollmentAsk, ListAsk, Listing, PAGE_MAX, Page, UnitExt, ask::EnrollmentTarget,
    },
};

/// Somebody in the directory of a program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryEntry {
    /// Their enrolment.
    pub enrollment: EnrollmentId,
    /// Who.
    pub person: PersonId,
    /// As what they take part.
    pub role: Role,
    /// Their answers to the questions that are marked for the group.
    pub answers: Answers,
}

impl Service<'_> {
    /// Who takes part in a program and lets the group see it ([`Service::show_to_group`]), by enrolment, with
    /// their answers to the questions that are marked for the group: for its members while the program is open,
    /// and for its admins. Only who is active and takes somebody, and nobody with whom a block stands, whoever
    /// set it (D6). Of whoever asks it holds their own entry too, as others see it.
    ///
    /// A page is cut after what is hidden has been left out, so that neither its length nor where it goes on
    /// tells of anybody. It takes time in proportion to the active enrolments that are looked at until it is full.
    pub async fn directory(
        &self,
        actor: &Actor,
        program: ProgramId,
        role: Option<Role>,
        page: PageAsk,
    ) -> Result<Page<DirectoryEntry>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        self.to_directory(actor, &view.program).await?;
        let limit = usize::from(page.limit.clamp(1, PAGE_MAX));
        let mut unit = self.unit().await?;
        let (mut shown, mut after) = (Vec::new(), page.after);
        while shown.len() <= limit {
            let what = Listing::Pool { program };
            let ask = ListAsk { tenant: actor.tenant().clone(), what, after, limit: PAGE_MAX };
            let found = unit.list_pool(&ask).await?;
            let met = found.items.iter().map(|it| it.person.id.clone()).collect();
            let apart = blocked_by_or_blocking(&mut *unit, actor, met).await?;
            let there = found.items.into_iter().filter(|it| {
                role.is_none_or(|role| it.enrollment.role == role) && !apart.contains(&it.person.id)
            });
            shown.extend(there.filter_map(|it| self.entry(&view.form, &it.person, &it.enrollment)));
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        let more = shown.len() > limit;
        shown.truncate(limit);
        let place = |entry: &DirectoryEntry| Cursor { rank: 0, id: entry.enrollment.to_string() };
        Ok(Page { next: shown.last().filter(|_| more).map(place), items: shown })
    }

    /// The entry of one enrolment in the directory of its program. Whoever is hidden, blocks or is blocked, or
    /// is not there, is "not found".
    pub async fn directory_entry(
        &self,
        actor: &Actor,
        enrollment: EnrollmentId,
    ) -> Result<DirectoryEntry, Error> {
        let ask = EnrollmentAsk {
            tenant: actor.tenant().clone(),
            target: EnrollmentTarget::Existing(enrollment),
            actor: actor.who().cloned(),
        };
        let view = self.load(ask).await?;
        self.to_directory(actor, &view.program).await?;
        access::not_across_a_block(&view.with_actor)?;
        let enrollment = view.enrollment.as_ref().ok_or(Refusal::NotFound)?;
        let entry = self.entry(&view.form, &view.person, enrollment);
        Ok(entry.ok_or(Refusal::NotFound)?)
    }

    /// Members of the group are asked for again each time: who has left it reads nothing that is for the group.
    async fn to_directory(&self, actor: &Actor, program: &Program) -> Result<(), Error> {
        access::to_directory(actor, program)?;
        if let Some(person) = actor.as_person()
            && !self.directory.is_member(actor.tenant(), &program.group, person).await?
        {
            return Err(Refusal::NotFound.into());
        }
        Ok(())
    }

    fn entry(
        &self,
        form: &Form,
        person: &Person,
        enrollment: &Enrollment,
    ) -> Option<DirectoryEntry> {
        access::in_directory(person, enrollment, self.now()).then(|| DirectoryEntry {
            enrollment: enrollment.id,
            person: person.id.clone(),
            role: enrollment.role,
            answers: form.visible_answers(
                &enrollment.answers,
                Viewer::Group,
                When { opted_in: enrollment.consent.shown_to_group, ..When::default() },
            ),
        })
    }
}
