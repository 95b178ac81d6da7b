//! Pages that are cut after what is hidden has been left out.

use super::{PageAsk, apart::blocked_among};
use crate::{
    base::host::PersonId,
    model::{
        enrollment::Enrollment, event::AuditEvent, pair::Pair, program::Program,
        proposal::Proposal, run::Run,
    },
    policy::actor::Actor,
    service::Error,
    store::{
        Cursor, ListAsk, Listed, Listing, PAGE_MAX, Page, StoreError, StoreErrorKind, StoreUnit,
    },
};

/// What is listed, as far as it matters for who may see it.
pub(in crate::service) trait ListItem: Sized + Send + Sync {
    /// Out of what a store lists; `None` for anything else.
    fn of(listed: Listed) -> Option<Self>;

    /// Whom it concerns.
    fn people(&self) -> Vec<&PersonId>;

    /// Its place in the order of its listing.
    fn place(&self) -> Cursor;
}

macro_rules! items {
    ($($item:ident as $listed:ident: $it:ident, $people:expr, by $at:ident;)+) => {$(
        impl ListItem for $item {
            fn of(listed: Listed) -> Option<Self> {
                if let Listed::$listed(item) = listed { Some(*item) } else { None }
            }

            fn people(&self) -> Vec<&PersonId> {
                let $it = self;
                $people
            }

            fn place(&self) -> Cursor {
                Cursor { rank: self.$at.timestamp_micros(), id: self.id.to_string() }
            }
        }
    )+};
}

items! {
    Program as Program: _it, Vec::new(), by created_at;
    Enrollment as Enrollment: it, vec![&it.person], by applied_at;
    Proposal as Proposal: it, vec![&it.mentor_person, &it.mentee_person], by created_at;
    Run as Run: _it, Vec::new(), by created_at;
    Pair as Pair: it, vec![&it.mentor.person, &it.mentee.person], by started_at;
    AuditEvent as Audit: it, it.about.iter().chain(&it.actor.person).collect(), by at;
}

/// A page of what is `shown` to whoever asks; for an admin without what concerns somebody with whom a block
/// stands (D9). What it holds, how much, and where it goes on are the same as if nothing else were there: a
/// page that is short or empty and has a next one would tell that something is hidden, and a cursor what
/// (D6, I10). How long it takes grows with what is hidden.
pub(in crate::service) async fn filled<T: ListItem>(
    unit: &mut dyn StoreUnit,
    actor: &Actor,
    page: PageAsk,
    what: Listing,
    shown: impl Fn(&T) -> bool + Send + Sync,
) -> Result<Page<T>, Error> {
    let limit = page.limit.clamp(1, PAGE_MAX);
    let (mut items, mut after) = (Vec::new(), page.after);
    // One more than the page holds, and where something is hidden as much as one read gives.
    let mut rows = limit.saturating_add(1);
    while items.len() <= usize::from(limit) {
        let tenant = actor.tenant().clone();
        let ask = ListAsk { tenant, what: what.clone(), after, limit: rows };
        let found = unit.list(&ask).await?;
        let mut there = listed(found.items, &shown)?;
        let met = there.iter().flat_map(T::people).cloned().collect();
        let apart = blocked_among(unit, actor, met).await?;
        there.retain(|it| it.people().into_iter().all(|person| !apart.contains(person)));
        items.extend(there);
        after = found.next;
        if after.is_none() {
            break;
        }
        rows = PAGE_MAX;
    }
    let more = items.len() > usize::from(limit);
    items.truncate(limit.into());
    Ok(Page { next: items.last().filter(|_| more).map(T::place), items })
}

fn listed<T: ListItem>(
    items: Vec<Listed>,
    shown: impl Fn(&T) -> bool,
) -> Result<Vec<T>, StoreError> {
    let unsupported = || StoreError::new(StoreErrorKind::Unsupported, "list");
    let items = items.into_iter().map(|it| T::of(it).ok_or_else(unsupported));
    let mut items = items.collect::<Result<Vec<_>, _>>()?;
    items.retain(shown);
    Ok(items)
}
