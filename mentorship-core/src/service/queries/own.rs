//! What a person has said about others: their own blocks and wishes, which nobody else sees.

use super::PageAsk;
use crate::{
    base::{host::PersonId, time::Timestamp},
    decide::Refusal,
    model::{
        relation::Stance,
        visible::{self, Viewer, What, When},
    },
    policy::{actor::Actor, permission::Action},
    service::{Error, Service},
    store::{Listing, Page, UnitExt},
};

impl Service<'_> {
    /// Whom the actor blocks, with when.
    pub async fn my_blocks(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        let what = |person| Listing::BlocksBy { person };
        self.said(actor, page, (What::Blocks, what), |it| it.blocked_at).await
    }

    /// Whom the actor wishes not to be matched with, with since when.
    pub async fn my_avoids(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        let what = |person| Listing::AvoidsBy { person };
        self.said(actor, page, (What::Avoids, what), |it| it.avoids_since).await
    }

    /// Whom the actor wishes to be matched with, with since when.
    pub async fn my_wishes(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        let what = |person| Listing::WishesBy { person };
        self.said(actor, page, (What::Wishes, what), |it| it.wishes_since).await
    }

    async fn said(
        &self,
        actor: &Actor,
        page: PageAsk,
        (seen, what): (What, fn(PersonId) -> Listing),
        since: fn(&Stance) -> Option<Timestamp>,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        if !visible::shows(seen, Viewer::Owner, When::default()) {
            return Err(Refusal::NotFound.into());
        }
        let page = page.of(actor, what(person.clone()));
        let page = self.unit().await?.list_relations(&page).await?;
        let items = page.items.iter().filter_map(|relation| {
            let since = since(relation.stance(&person)?)?;
            Some((relation.people.other(&person)?.clone(), since))
        });
        Ok(Page { items: items.collect(), next: page.next })
    }
}
