//! Bans and muting: what staff sees of them, and lifts.

use std::collections::{BTreeMap, BTreeSet, btree_map::Entry};

use async_trait::async_trait;

use super::{
    Error, PageAsk, Service,
    queries::cases::case_reader,
    run::{Gather, Order},
};
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
    policy::{
        actor::{Actor, Hat},
        permission::Action,
    },
    store::{
        CaseAsk, Cursor, ListAsk, Listing, PAGE_MAX, Page, PersonAsk, StoreError, StoreUnit,
        UnitExt,
        ask::{CaseReader, PeopleScope},
    },
    view::{CaseView, PersonView},
};

/// Whether a case is not there for its reader.
async fn is_kept_from(
    unit: &mut dyn StoreUnit,
    (actor, reader): (&Actor, &CaseReader),
    case: CaseId,
) -> Result<bool, StoreError> {
    let tenant = actor.tenant().clone();
    let ask = CaseAsk { tenant, case, actor: None, with_evidence: false, content: None };
    Ok(unit.case_view(&ask).await?.is_some_and(|it| reader.is_kept_from(&it.case)))
}

/// The case of a ban as whoever would lift it sees it; asked only where there is such a ban.
struct AskCaseOfBan<'a> {
    mentorship: &'a Service<'a>,
    actor: &'a Actor,
    case: CaseId,
}

#[async_trait]
impl Gather<PersonView> for AskCaseOfBan<'_> {
    type Facts = Option<CaseView>;

    async fn gather(&self, view: &PersonView) -> Result<Option<CaseView>, Error> {
        let (it, actor) = (self.mentorship, self.actor);
        let is_staff = matches!(actor.hat(), Hat::Staff(_));
        if !is_staff || view.person.bans.iter().all(|ban| ban.case != self.case) {
            return Ok(None);
        }
        let ask = it.to_review(actor, self.case, false).await?;
        Ok(Some(it.load(ask).await?))
    }
}

fn of(actor: &Actor, person: &PersonId) -> PersonAsk {
    PersonAsk { tenant: actor.tenant().clone(), person: person.clone() }
}

impl Service<'_> {
    /// Lifts the bans that were decided in a case, as staff. A ban is decided in a case
    /// ([`Measure::BanFromGroup`](crate::model::report::Measure::BanFromGroup)), and a decision that an appeal
    /// reverses or changes takes it back. Where something keeps the one who asks from the case there is no ban for them,
    /// and nothing changes (D13).
    pub async fn lift_ban(
        &self,
        actor: &Actor,
        person: &PersonId,
        case: CaseId,
    ) -> Result<(), Error> {
        let key = (person, case);
        let order = Order::new(actor, "person.lift_ban", &key);
        let host = AskCaseOfBan { mentorship: self, actor, case };
        self.run_with(order, of(actor, person), host, |view, of_case, cx| {
            restriction::lift_ban(view, (case, of_case.as_ref()), cx)
        })
        .await
    }

    /// Who is banned now, by key, for staff; without whoever asks, and without bans of cases that something keeps them
    /// from reviewing (D12). Pages are as full as if these were not there; how long one takes grows with its bans.
    pub async fn banned_people(
        &self,
        actor: &Actor,
        page: PageAsk,
    ) -> Result<Page<(PersonId, Vec<Ban>)>, Error> {
        self.to_tenant(actor, Action::ManageBans)?;
        let (now, me) = (self.now(), actor.who());
        let limit = usize::from(page.limit.clamp(1, PAGE_MAX));
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        let (mut unit, mut seen, mut after) = (self.unit().await?, Vec::new(), page.after);
        let reader = case_reader(&mut *unit, pseudonyms.as_deref(), actor, now).await?;
        let mut is_hidden = BTreeMap::new();
        while seen.len() <= limit {
            let (tenant, what) =
                (actor.tenant().clone(), Listing::People { scope: PeopleScope::Banned });
            let found = unit.list_people(&ListAsk { tenant, what, after, limit: PAGE_MAX }).await?;
            for mut person in found.items.into_iter().filter(|it| Some(&it.id) != me) {
                person.bans.retain(|ban| ban.holds(now));
                let cases: BTreeSet<_> = person.bans.iter().map(|ban| ban.case).collect();
                for case in cases {
                    if let Entry::Vacant(new) = is_hidden.entry(case) {
                        new.insert(is_kept_from(&mut *unit, (actor, &reader), case).await?);
                    }
                }
                person.bans.retain(|ban| is_hidden.get(&ban.case) != Some(&true));
                if !person.bans.is_empty() {
                    seen.push((person.id, person.bans));
                }
                if seen.len() > limit {
                    break;
                }
            }
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        let more = seen.len() > limit;
        seen.truncate(limit);
        let place = |(id, _): &(PersonId, Vec<Ban>)| Cursor { rank: 0, id: id.to_string() };
        Ok(Page { next: seen.last().filter(|_| more).map(place), items: seen })
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
