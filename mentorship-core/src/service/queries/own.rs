//! What a person has said about others: their own blocks and wishes, which nobody else sees.

use super::PageAsk;
use crate::{
    base::{host::PersonId, time::Timestamp},
    decide::Refusal,
    model::relation::Relation,
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
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::BlocksBy { person: person.clone() };
        let page = self.unit().await?.list_relations(&page.of(actor, what)).await?;
        Ok(own_stances(&page, &person, |relation, me| relation.stance(me)?.blocked_at))
    }

    /// Whom the actor wishes not to be matched with, with since when.
    pub async fn my_avoids(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::AvoidsBy { person: person.clone() };
        let page = self.unit().await?.list_relations(&page.of(actor, what)).await?;
        Ok(own_stances(&page, &person, |relation, me| relation.stance(me)?.avoids_since))
    }

    /// Whom the actor wishes to be matched with, with since when.
    pub async fn my_wishes(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Timestamp)>, Error> {
        self.to_tenant(actor, Action::ManageOwnSafety)?;
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let what = Listing::WishesBy { person: person.clone() };
        let page = self.unit().await?.list_relations(&page.of(actor, what)).await?;
        Ok(own_stances(&page, &person, |relation, me| relation.stance(me)?.wishes_since))
    }
}

fn own_stances(
    page: &Page<Relation>,
    person: &PersonId,
    since: impl Fn(&Relation, &PersonId) -> Option<Timestamp>,
) -> Page<(PersonId, Timestamp)> {
    let items = page.items.iter().filter_map(|relation| {
        Some((relation.people.other(person)?.clone(), since(relation, person)?))
    });
    Page { items: items.collect(), next: page.next.clone() }
}
