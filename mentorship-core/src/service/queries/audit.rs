//! The audit log, for those who may read it.

use super::{PageAsk, cases::case_reader, filled::filled};
use crate::{
    base::id::ProgramId,
    change::Key,
    decide::{Refusal, access, refusal::code},
    model::event::{ActorKind, ActorRef, AuditEvent},
    policy::{
        actor::Actor,
        permission::{Action, Standing},
    },
    service::{Error, Service, programs},
    store::{
        ListAsk, Listing, PAGE_MAX, Page, StoreError, StoreUnit, UnitExt,
        ask::{AuditScope, CaseReader},
    },
};

/// Whether one of somebody's events is theirs to read: what they did for themselves.
fn is_own(event: &AuditEvent) -> bool {
    event.actor.kind == ActorKind::Person
}

/// An event as everybody reads it but staff who have nothing to do with whom it is about: a freeze is a pause, as it is
/// wherever they read of the pair, and made by nobody: staff freezes by hand, and a case as nobody (D14).
fn neutral(mut event: AuditEvent) -> AuditEvent {
    let neutral = match event.action.as_str() {
        "pair.freeze" => Some("pair.pause"),
        "pair.unfreeze" => Some("pair.resume"),
        _ => None,
    };
    if let Some(action) = neutral {
        event.action = code(action);
        event.actor = ActorRef::nobody();
    }
    for state in [&mut event.from, &mut event.to] {
        if state.as_ref().is_some_and(|it| it.as_str() == "frozen") {
            *state = Some(code("paused"));
        }
    }
    event
}

/// Such an event as they read it.
pub(in crate::service) fn as_own(event: AuditEvent) -> AuditEvent {
    let mut event = neutral(event);
    if matches!(event.subject, Key::Case(_)) {
        event.about.clear();
    }
    event
}

/// Whether an event is about somebody who reads it, or about one with whom they have to do.
fn has_to_do(CaseReader { person, was, apart }: &CaseReader, event: &AuditEvent) -> bool {
    event.about.iter().any(|it| it == person || was.contains(it) || apart.contains(it))
}

impl Service<'_> {
    /// The audit log of a program: for staff as [`audit`](Self::audit); for its admins without private events and
    /// without what concerns somebody with whom a block stands (D9). To them a freeze reads as a pause that the program
    /// made, by nobody.
    pub async fn program_audit(
        &self,
        actor: &Actor,
        program: ProgramId,
        page: PageAsk,
    ) -> Result<Page<AuditEvent>, Error> {
        let view = self.load(programs::ask(actor.tenant(), program, 0)).await?;
        let standing = access::to_program(actor, &view.program, Action::ViewProgramAudit)?;
        if standing == Standing::Staff {
            return self.seen_audit(actor, Some(program), page).await;
        }
        let what = Listing::Audit { scope: AuditScope::Program { program, private: false } };
        let page = filled(&mut *self.unit().await?, actor, page, what, |_| true).await?;
        Ok(page.map(neutral))
    }

    /// The whole audit log of the tenant, for staff; without the events of cases that something keeps the one who asks
    /// from reviewing (D12, D13). Whose tier such a case is does not matter: staff looks after the groups' reviewers. Of
    /// pairs of theirs, and of those with whom they have to do, they read a freeze as a pause.
    pub async fn audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewAudit)?;
        self.seen_audit(actor, None, page).await
    }

    /// What is hidden the store leaves out, as of a queue of cases: nothing that is asked or answered tells of it (I9).
    async fn seen_audit(
        &self,
        actor: &Actor,
        program: Option<ProgramId>,
        page: PageAsk,
    ) -> Result<Page<AuditEvent>, Error> {
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        let mut unit = self.unit().await?;
        let reader = case_reader(&mut *unit, pseudonyms.as_deref(), actor, self.now()).await?;
        let scope = AuditScope::Seen { program, reader: reader.clone() };
        let found = unit.list_audit(&page.of(actor, Listing::Audit { scope })).await?;
        // Of their own pairs, and of those of people with whom they have to do, they read what the two read: whether a
        // case or a hand froze one is not for them.
        Ok(found.map(|event| if has_to_do(&reader, &event) { neutral(event) } else { event }))
    }

    /// What the actor did for themselves. What they did as an admin or as staff is not in it: of that the
    /// private part is for the platform, whose log names why a pair was refused (D5, D31). Of a case it says
    /// what they did and not whom it is about: its subject would read there who reported.
    pub async fn my_audit(&self, actor: &Actor, page: PageAsk) -> Result<Page<AuditEvent>, Error> {
        self.to_tenant(actor, Action::ViewOwnAudit)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::Audit { scope: AuditScope::Actor(person) };
        let ask = page.of(actor, what);
        Ok(own_events(&mut *self.unit().await?, ask).await?.map(as_own))
    }
}

/// Most reads for one page of somebody's own events.
const READS: usize = 10;

/// A page of somebody's own events. Where they did very much as an admin or as staff it may hold fewer than were
/// asked for although more follow: there is nothing to hide from them in that.
pub(in crate::service) async fn own_events(
    unit: &mut dyn StoreUnit,
    mut ask: ListAsk,
) -> Result<Page<AuditEvent>, StoreError> {
    ask.limit = ask.limit.clamp(1, PAGE_MAX);
    let (mut items, wanted) = (Vec::new(), usize::from(ask.limit));
    for _ in 0..READS {
        let found = unit.list_audit(&ask).await?;
        items.extend(found.items.into_iter().filter(is_own));
        ask.after = found.next;
        if ask.after.is_none() || items.len() >= wanted {
            break;
        }
        ask.limit = u16::try_from(wanted - items.len()).unwrap_or(ask.limit);
    }
    Ok(Page { items, next: ask.after })
}
