//! Around whom there are many blocks, reports and quick ends.

use chrono::TimeDelta;

use super::{PageAsk, cases::case_reader};
use crate::{
    base::host::PersonId,
    decide::{Refusal, read},
    model::signal::Signal,
    policy::{actor::Actor, permission::Action},
    service::{Error, Service},
    store::{Cursor, Listing, PAGE_MAX, Page, UnitExt},
};

impl Service<'_> {
    /// People of the tenant around whom there are many blocks, reports or quick ends, by key, for the platform's
    /// staff and nobody else (row 58). Counts only, never of whom, and nothing follows from them (D15): look,
    /// and file a case where there is reason to.
    ///
    /// How far back it looks and from how many on somebody shows says
    /// [`Builder::signals`](crate::service::Builder::signals). Each page that is read is on record, with whom it
    /// showed, where the platform reads it (row 60). It shows nothing of whoever asks, who would read how many
    /// people block them, and of their partners, past ones for a year: of a case about those there is nothing for
    /// them either (D12). Nor does a report count of which there is nothing for them, such as a partner's about
    /// somebody else. A count that is not enough by itself is 0.
    ///
    /// ```
    /// # use mentorship_core::{policy::actor::Actor, service::{Error, Mentorship, PageAsk}};
    /// # async fn example(service: Mentorship, staff: Actor) -> Result<(), Error> {
    /// let mut page = PageAsk { limit: 100, after: None };
    /// loop {
    ///     let found = service.signals(&staff, page.clone()).await?;
    ///     for it in &found.items {
    ///         println!("{}: {} blocks, {} reporters", it.person, it.blocks, it.reporters);
    ///     }
    ///     page.after = found.next;
    ///     if page.after.is_none() {
    ///         break;
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for whoever may not read this.
    pub async fn signals(&self, actor: &Actor, page: PageAsk) -> Result<Page<Signal>, Error> {
        self.to_tenant(actor, Action::ViewSignals)?;
        let staff = actor.who().ok_or(Refusal::NotFound)?;
        let window = TimeDelta::days(self.signals.days().into());
        let now = self.now();
        let since = now - window;
        let floor = self.signals.floor();
        let limit = usize::from(page.limit.clamp(1, PAGE_MAX));
        let pseudonyms = self.pseudonyms(actor.tenant()).await?;
        let (mut unit, mut seen, mut after) = (self.unit().await?, Vec::new(), page.after);
        let reader = case_reader(&mut *unit, pseudonyms.as_deref(), actor, now).await?;
        let hidden =
            |it: &PersonId| it == staff || reader.was.contains(it) || reader.apart.contains(it);
        // A page is cut after what is left out, so that it tells nothing of that.
        while seen.len() <= limit {
            let what = Listing::Signals { since, floor, reader: reader.clone() };
            let page = PageAsk { limit: PAGE_MAX, after };
            let found = unit.list_signals(&page.of(actor, what)).await?;
            let shown = found.items.into_iter().filter(|it| !hidden(&it.person));
            seen.extend(shown.map(|it| floor.cut(it)));
            after = found.next;
            if after.is_none() {
                break;
            }
        }
        drop(unit);
        let more = seen.len() > limit;
        seen.truncate(limit);
        let place = |it: &Signal| Cursor { rank: 0, id: it.person.to_string() };
        let page = Page { next: seen.last().filter(|_| more).map(place), items: seen };
        let people: Vec<_> = page.items.iter().map(|it| &it.person).collect();
        self.record_read(&actor.without_command(), |cx| read::signals(staff, people, cx)).await?;
        Ok(page)
    }
}
