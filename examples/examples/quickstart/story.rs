//! What all acts share: the service, the people, the clock, and what goes on between the acts.

use std::{collections::BTreeMap, sync::Arc};

use chrono::TimeDelta;
use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::{PairId, ProgramId},
        time::{Clock, ManualClock, Timestamp},
    },
    model::{event::Audience, message},
    policy::actor::Actor,
    service::{Mentorship, SweepAsk},
    store::{ClaimAsk, Envelope, Store},
};
use mentorship_examples::people::SurveyPerson;
use mentorship_sqlx::SqliteStore;

use crate::Outcome;

/// Days an offer stays open in this story.
pub(crate) const OFFER_DAYS: u16 = 5;

/// A pair on its way.
pub(crate) struct OnTheWay {
    pub(crate) pair: PairId,
    pub(crate) mentor: PersonId,
    pub(crate) mentee: PersonId,
}

pub(crate) struct Story {
    pub(crate) service: Mentorship,
    pub(crate) store: SqliteStore,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) tenant: TenantId,
    pub(crate) admin: Actor,
    pub(crate) program: ProgramId,
    pub(crate) members: BTreeMap<PersonId, SurveyPerson>,
    /// Messages that the relay has handed over to the platform, by kind, with what they say.
    pub(crate) delivered: BTreeMap<(String, &'static str), u32>,
}

impl Story {
    pub(crate) fn person(&self, id: &PersonId) -> Actor {
        Actor::person(self.tenant.clone(), id.clone())
    }

    pub(crate) fn name(&self, id: &PersonId) -> String {
        self.members.get(id).map_or_else(
            || id.to_string(),
            |it| format!("{} ({}, stage {})", it.key, it.country, it.stage),
        )
    }

    pub(crate) fn date(&self) -> String {
        self.clock.now().format("%-d %B %Y").to_string()
    }

    /// Does what time alone does, to the end.
    pub(crate) async fn sweep(&self) -> Outcome<BTreeMap<String, u32>> {
        let clock = Actor::clock(self.tenant.clone());
        let mut done = BTreeMap::new();
        let mut ask = SweepAsk { limit: 500, after: None };
        loop {
            let report = self.service.sweep(&clock, ask.clone()).await?;
            for (what, times) in report.done {
                *done.entry(what).or_insert(0) += times;
            }
            ask.after = report.next;
            if ask.after.is_none() {
                return Ok(done);
            }
        }
    }

    /// Hands messages over to the platform, which would send them in its own words.
    pub(crate) async fn relay(&mut self) -> Outcome<()> {
        let Some(outbox) = self.store.outbox() else { return Ok(()) };
        loop {
            let now: Timestamp = self.clock.now();
            let ask = ClaimAsk {
                tenant: Some(self.tenant.clone()),
                limit: 500,
                ..ClaimAsk::new(now, now + TimeDelta::minutes(5))
            };
            let claimed = outbox.claim(&ask).await?;
            if claimed.is_empty() {
                return Ok(());
            }
            for envelope in &claimed {
                let to = match envelope.message.to {
                    Audience::Person(_) => "member",
                    Audience::ProgramAdmins(_) => "admins",
                    Audience::Staff => "platform",
                };
                let kind = format!("{} \u{2192} {to}", envelope.message.kind);
                let title = message::english(&envelope.message).map_or("", |text| text.title);
                *self.delivered.entry((kind, title)).or_insert(0) += 1;
            }
            let receipts: Vec<_> = claimed.iter().map(Envelope::receipt).collect();
            outbox.acknowledge(&receipts).await?;
        }
    }
}
