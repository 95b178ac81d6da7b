//! The audit log, for those who may read it.

use super::{PageAsk, apart::keep_apart};
use crate::{
    base::id::ProgramId,
    change::Key,
    decide::{Refusal, access},
    model::event::{ActorKind, AuditEvent},
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, programs},
    store::{Listing, Page, UnitExt, ask::AuditScope},
};

/// Those of somebody's events that are theirs to read.
pub(in crate::service) fn own_events(mut events: Vec<AuditEvent>) -> Vec<AuditEvent> {
    events.retain(|event| event.actor.kind == ActorKind::Person);
    for event in &mut events {
        if matches!(event.subject, Key::Case(_)) {
            event.about.clear();
        }
    }
    events
}

impl Service<'_> {
    /// The audit log of a program: in full for staff; for its admins without private events and without
    /// what concerns somebody with whom a block stands (D9).
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
        let mut unit = self.unit().await?;
        let mut page = unit.list_audit(&ask).await?;
        keep_apart(&mut *unit, actor, &mut page.items, |event| {
            event.about.iter().chain(&event.actor.person).collect()
        })
        .await?;
        Ok(page)
    }

    /// The whole audit log of the tenant, for staff.
    pub async fn audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewAudit)?;
        let ask = page.of(actor, Listing::Audit { scope: AuditScope::Tenant });
        Ok(self.unit().await?.list_audit(&ask).await?)
    }

    /// What the actor did for themselves. What they did as an admin or as staff is not in it: of that the
    /// private part is for the platform, whose log names why a pair was refused (D5, D31). Of a case it says
    /// what they did and not whom it is about: its subject would read there who reported.
    pub async fn my_audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewOwnAudit)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let ask = page.of(actor, Listing::Audit { scope: AuditScope::Actor(person) });
        let mut page = self.unit().await?.list_audit(&ask).await?;
        page.items = own_events(page.items);
        Ok(page)
    }
}
