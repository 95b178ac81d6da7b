//! Bans and muting: what staff sees of them, and lifts.

use super::{Error, PageAsk, Service, run::Order};
use crate::{
    base::{
        host::PersonId,
        id::CaseId,
        time::{Timestamp, whole_micros},
    },
    decide::restriction,
    model::{
        person::Person,
        restriction::{Ban, Mute},
    },
    policy::{actor::Actor, permission::Action},
    store::{ListAsk, Listing, Page, PersonAsk, UnitExt, ask::PeopleScope},
};

fn of(actor: &Actor, person: &PersonId) -> PersonAsk {
    PersonAsk { tenant: actor.tenant().clone(), person: person.clone() }
}

impl Service<'_> {
    /// Lifts the bans that were decided in a case, as staff. A ban is decided in a case
    /// ([`Measure::BanFromGroup`](crate::model::report::Measure::BanFromGroup)), and a decision that an appeal
    /// reverses or changes takes it back.
    pub async fn lift_ban(
        &self,
        actor: &Actor,
        person: &PersonId,
        case: CaseId,
    ) -> Result<(), Error> {
        let key = (person, case);
        let order = Order::new(actor, "person.lift_ban", &key);
        self.run(order, of(actor, person), |view, cx| restriction::lift_ban(view, case, cx)).await
    }

    /// Who is banned now, by key, for staff; without whoever asks. A page may hold fewer than asked.
    pub async fn banned_people(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Vec<Ban>)>, Error> {
        self.to_tenant(actor, Action::ManageBans)?;
        let (now, me) = (self.now(), actor.who());
        let page = self.people(actor, PeopleScope::Banned, page).await?;
        let items = page.items.into_iter().filter(|it| Some(&it.id) != me).map(|mut person| {
            person.bans.retain(|ban| ban.holds(now));
            (person.id, person.bans)
        });
        let items = items.filter(|(_, bans)| !bans.is_empty()).collect();
        Ok(Page { items, next: page.next })
    }

    /// Takes only urgent reports from a person from here on, as staff, until an instant or until
    /// [`unmute_reporter`](Self::unmute_reporter) (D15). The host's own word
    /// ([`Directory::is_muted`](super::Directory::is_muted)) does the same beside it.
    pub async fn mute_reporter(
        &self,
        actor: &Actor,
        person: &PersonId,
        until: Option<Timestamp>,
    ) -> Result<(), Error> {
        let until = until.map(whole_micros);
        let key = (person, until);
        let order = Order::new(actor, "person.mute", &key);
        self.run(order, of(actor, person), |view, cx| restriction::mute(view, until, cx)).await
    }

    /// Takes every report from a person again, as far as the library is concerned.
    pub async fn unmute_reporter(&self, actor: &Actor, person: &PersonId) -> Result<(), Error> {
        let order = Order::new(actor, "person.unmute", person);
        self.run(order, of(actor, person), restriction::unmute).await
    }

    /// Whom staff has muted, by key, for staff. A page may hold fewer than asked.
    pub async fn muted_reporters(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Mute)>, Error> {
        self.to_tenant(actor, Action::MuteReporters)?;
        let now = self.now();
        let page = self.people(actor, PeopleScope::Muted, page).await?;
        let muted = page.items.into_iter().filter_map(|person| {
            let mute = person.mute.filter(|it| it.holds(now))?;
            Some((person.id, mute))
        });
        Ok(Page { items: muted.collect(), next: page.next })
    }

    async fn people(
        &self,
        actor: &Actor,
        scope: PeopleScope,
        PageAsk { limit, after }: PageAsk,
    ) -> Result<Page<Person>, Error> {
        let what = Listing::People { scope };
        let ask = ListAsk { tenant: actor.tenant().clone(), what, after, limit };
        Ok(self.unit().await?.list_people(&ask).await?)
    }
}
