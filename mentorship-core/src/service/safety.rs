//! Blocks, wishes, reminders, and what the host tells of people.

use std::collections::BTreeSet;

use async_trait::async_trait;

use super::{
    Error, Service, programs,
    run::{Gather, Order},
};
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::{CaseId, ProgramId},
        people::PersonPair,
    },
    decide::{
        Refusal, block,
        person::{self, AgeFacts},
    },
    eligibility::age::is_adult,
    model::{pair::PairState, program::Program},
    policy::actor::Actor,
    store::{PersonAsk, RelationAsk},
    view::PersonView,
};

fn ask(actor: &Actor, other: &PersonId) -> Result<RelationAsk, Error> {
    let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
    let people = PersonPair::new(person, other.clone()).ok_or(Refusal::SelfBlock)?;
    Ok(RelationAsk { tenant: actor.tenant().clone(), people })
}

/// Which of a person's programs belong to a group.
struct AskPrograms<'a> {
    mentorship: &'a Service<'a>,
    tenant: &'a TenantId,
    group: &'a GroupId,
}

#[async_trait]
impl Gather<PersonView> for AskPrograms<'_> {
    type Facts = Vec<ProgramId>;

    async fn gather(&self, view: &PersonView) -> Result<Vec<ProgramId>, Error> {
        let programs = view.enrollments.iter().map(|place| place.program).collect();
        self.mentorship.of_group(self.tenant, programs, self.group).await
    }
}

/// The program in which a case about a person's age would be filed.
struct AskProgram<'a> {
    mentorship: &'a Service<'a>,
    tenant: &'a TenantId,
    facts: &'a AgeFacts,
}

#[async_trait]
impl Gather<PersonView> for AskProgram<'_> {
    type Facts = Option<Program>;

    async fn gather(&self, view: &PersonView) -> Result<Option<Program>, Error> {
        let AgeFacts { adult_on, zone } = self.facts;
        let program = person::program_of(view);
        let program = program.filter(|_| !is_adult(*adult_on, *zone, self.mentorship.now()));
        let Some(program) = program else { return Ok(None) };
        let mut unit = self.mentorship.store.unit().await?;
        let found = unit.program_view(&programs::ask(self.tenant, program, 0)).await?;
        Ok(found.map(|view| view.program))
    }
}

impl Service<'_> {
    /// Of some programs those of a group.
    pub(super) async fn of_group(
        &self,
        tenant: &TenantId,
        programs: BTreeSet<ProgramId>,
        group: &GroupId,
    ) -> Result<Vec<ProgramId>, Error> {
        let mut unit = self.store.unit().await?;
        let mut in_group = Vec::new();
        for program in programs {
            let view = unit.program_view(&programs::ask(tenant, program, 0)).await?;
            if view.is_some_and(|view| view.program.group == *group) {
                in_group.push(program);
            }
        }
        Ok(in_group)
    }

    /// Blocks a person: at once, silently, in both directions, in every program of the tenant. Live
    /// pairs between the two end in the same write. Blocking again changes nothing.
    pub async fn block(&self, actor: &Actor, other: &PersonId) -> Result<(), Error> {
        let order = Order::new(actor, "relation.block", other);
        self.run(order, ask(actor, other)?, block::block).await
    }

    /// Lifts one's own block. It restores nothing.
    pub async fn lift_block(&self, actor: &Actor, other: &PersonId) -> Result<(), Error> {
        let order = Order::new(actor, "relation.lift", other);
        self.run(order, ask(actor, other)?, block::lift).await
    }

    /// Wishes not to be matched with a person, or takes the wish back. Nothing ends by it.
    pub async fn avoid(&self, actor: &Actor, other: &PersonId, wish: bool) -> Result<(), Error> {
        let key = (other, wish);
        let order = Order::new(actor, "relation.avoid", &key);
        self.run(order, ask(actor, other)?, |view, cx| block::avoid(view, wish, cx)).await
    }

    /// Wishes to be matched with a person, or takes the wish back (row 18). Runs count the
    /// five latest of a person as points, if they are asked to ([`RunOptions::wish_points`]); a wish never makes
    /// a pair allowed. It takes the place of a wish
    /// not to be matched, and is nothing while the actor blocks that person, who never learns of it. Admins see
    /// the part `wish` in the scores of a run.
    ///
    /// [`RunOptions::wish_points`]: crate::matching::run::RunOptions::wish_points
    pub async fn wish_for(&self, actor: &Actor, other: &PersonId, wish: bool) -> Result<(), Error> {
        let key = (other, wish);
        let order = Order::new(actor, "relation.wish", &key);
        self.run(order, ask(actor, other)?, |view, cx| block::wish_for(view, wish, cx)).await
    }

    /// Turns one's own reminders off or on.
    pub async fn set_reminders(&self, actor: &Actor, off: bool) -> Result<(), Error> {
        let person = actor.as_person().cloned().ok_or(Refusal::NotFound)?;
        let ask = PersonAsk { tenant: actor.tenant().clone(), person };
        let order = Order::new(actor, "person.set_reminders", &off);
        self.run(order, ask, |view, cx| person::set_reminders(view, off, cx)).await
    }

    /// The host corrects what it knows of a person's age. Somebody who is not an adult is held
    /// everywhere at once, by a case of the platform's, which comes back and of which the host is told like of
    /// any in which somebody may be in danger (D17, D23).
    pub async fn record_age(
        &self,
        actor: &Actor,
        person: &PersonId,
        facts: AgeFacts,
    ) -> Result<Option<CaseId>, Error> {
        self.correct_age(actor, person, &facts, false).await
    }

    /// The same of somebody who was there a moment ago: if they are not, another key has taken their
    /// place, and nobody new is made of the old one.
    pub(super) async fn record_age_of_known(
        &self,
        actor: &Actor,
        person: &PersonId,
        facts: &AgeFacts,
    ) -> Result<(), Error> {
        self.correct_age(actor, person, facts, true).await.map(drop)
    }

    async fn correct_age(
        &self,
        actor: &Actor,
        person: &PersonId,
        facts: &AgeFacts,
        known: bool,
    ) -> Result<Option<CaseId>, Error> {
        let ask = PersonAsk { tenant: actor.tenant().clone(), person: person.clone() };
        let key = (person, facts);
        let order = Order::new(actor, "person.record_age", &key);
        let host = AskProgram { mentorship: self, tenant: actor.tenant(), facts };
        let case = self
            .run_with(order, ask, host, |view, program, cx| {
                if known && view.person.version.is_new() {
                    return Err(Refusal::NotFound);
                }
                person::record_age(view, (facts, program.as_ref()), cx)
            })
            .await?;
        if let Some(case) = case {
            self.call(actor.tenant(), case).await;
        }
        Ok(case)
    }

    /// The host tells that a person left a group or was removed from it.
    pub async fn leave_group(
        &self,
        actor: &Actor,
        person: &PersonId,
        group: &GroupId,
    ) -> Result<(), Error> {
        let ask = PersonAsk { tenant: actor.tenant().clone(), person: person.clone() };
        let key = (person, group);
        let order = Order::new(actor, "person.leave_group", &key);
        self.run_with(
            order,
            ask,
            AskPrograms { mentorship: self, tenant: actor.tenant(), group },
            |view, programs, cx| person::leave_group(view, &programs, cx),
        )
        .await
    }

    /// Whether `from` may write to `to` now through the host's own chat: they have a live pair that is
    /// not frozen, and neither blocks the other. Everything else is no.
    pub async fn may_message(
        &self,
        tenant: &TenantId,
        from: &PersonId,
        to: &PersonId,
    ) -> Result<bool, Error> {
        let Some(people) = PersonPair::new(from.clone(), to.clone()) else { return Ok(false) };
        let ask = RelationAsk { tenant: tenant.clone(), people };
        let view = self.store.unit().await?.relation_view(&ask).await?;
        let open = view.pairs.iter().any(|pair| match &pair.state {
            PairState::Introduced { .. } | PairState::Active { .. } | PairState::Paused { .. } => {
                true
            }
            PairState::Frozen { .. } | PairState::Completed { .. } | PairState::Ended { .. } => {
                false
            }
        });
        Ok(open && !view.relation.is_blocked())
    }
}
