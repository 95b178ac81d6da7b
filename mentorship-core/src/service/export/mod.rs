//! Everything of a person's in a tenant as one document (row 63).

mod copies;
mod document;
mod place;
mod walk;

pub use self::{
    document::{
        Export, ExportedEnrollment, ExportedFacts, ExportedOffer, ExportedPair, ExportedPost,
        ExportedReport, ExportedStatement, Said, ToldCase,
    },
    place::{ExportAsk, ExportPlace},
};
use self::{place::Section, walk::Walk};
use super::{Error, Service};
use crate::{
    base::host::PersonId,
    decide::{Cx, access, read},
    policy::{actor::Actor, permission::Action},
    store::PersonAsk,
};

/// The form of [`Export`] that this version writes. A form once released never changes its meaning: fields
/// are only added, or the number goes up.
pub const EXPORT_FORMAT: u32 = 1;

impl Service<'_> {
    /// Everything of a person's in the tenant as one document, part by part (row 63): for the person
    /// themselves, and for staff who run it for them. Each part reads a bounded number of items; follow
    /// `next` to the end. What changes meanwhile may be in it as it was or as it is. That it is read is
    /// written down, where the person reads it in their own part of the log if they did it themselves. Of a case
    /// from which something recuses them staff reads nothing, and no words of one that they do not review (D13).
    ///
    /// # Errors
    /// [`Refusal::NotFound`](crate::decide::Refusal::NotFound) for anybody else.
    pub async fn export_person(
        &self,
        actor: &Actor,
        person: &PersonId,
        ask: ExportAsk,
    ) -> Result<Export, Error> {
        let now = self.now();
        let cx = Cx { actor, now, ids: &*self.ids };
        access::to_own(&cx, Action::ExportPerson, person)?;
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        self.record_read(&actor.without_command(), |cx| read::person(person, cx)).await?;
        let tenant = actor.tenant().clone();
        let mut unit = self.unit().await?;
        let of = PersonAsk { tenant: tenant.clone(), person: person.clone() };
        let about = unit.person_view(&of).await?.person;
        let export = Export {
            format: EXPORT_FORMAT,
            tenant,
            person: person.clone(),
            at: now,
            facts: ExportedFacts {
                adult_on: about.adult_on,
                zone: about.zone,
                reminders_off: about.reminders_off,
                bans: about.bans,
                mute: about.mute,
            },
            enrollments: Vec::new(),
            offers: Vec::new(),
            pairs: Vec::new(),
            posts: Vec::new(),
            check_ins: Vec::new(),
            blocks: Vec::new(),
            avoids: Vec::new(),
            wishes: Vec::new(),
            reports: Vec::new(),
            statements: Vec::new(),
            events: Vec::new(),
            next: None,
        };
        let room = ask.limit.clamp(1, 500);
        let mut walk = Walk { cx, pseudonyms, unit, export, room };
        let mut place = Some(ask.after.unwrap_or_else(|| Section::Enrollments.into()));
        while let Some(at) = place.take() {
            if walk.room == 0 {
                walk.export.next = Some(at);
                break;
            }
            place = walk.step(at).await?;
        }
        Ok(walk.export)
    }
}
