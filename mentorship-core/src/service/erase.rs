//! Erasing a person, and what is kept of them meanwhile.

use async_trait::async_trait;
use tracing::Span;

use super::{
    Error, Service,
    every::every,
    former::reviewer_of_each,
    run::{Load, Order},
};
use crate::{
    base::{host::PersonId, version::Version},
    change::{ERASE_KEY, Key},
    decide::{
        Cx, Refusal,
        erase::{self as decide, Erased, Kept},
    },
    policy::{
        actor::{Actor, Hat},
        permission::Action,
    },
    store::{
        CaseScope, ListAsk, Listing, PAGE_MAX, PersonAsk, RenameAsk, StoreError, StoreUnit, UnitExt,
    },
    view::{ErasureView, GoneView, Guarded},
};

/// All that a person has ever taken part in.
#[derive(Debug)]
struct ErasureAsk(PersonAsk);

#[async_trait]
impl Load for ErasureAsk {
    type View = ErasureView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<ErasureView>, StoreError> {
        let PersonAsk { tenant, person } = &self.0;
        // The person's version first, which covers the rest.
        let now = unit.person_view(&self.0).await?;
        let of = || person.clone();
        let mut enrollments =
            every!(unit.list_enrollments, tenant, Listing::EnrollmentsOf { person: of() });
        enrollments.retain(|it| it.state.is_terminal());
        let mut pairs = every!(unit.list_pairs, tenant, Listing::PairsOf { person: of() });
        pairs.retain(|it| !it.state.is_live());
        Ok(Some(ErasureView { now, enrollments, pairs }))
    }

    fn note(&self, _span: &Span) {}

    fn guards(view: &ErasureView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

/// The two keys, and whether anything has begun anew.
#[derive(Clone, Debug)]
struct GoneAsk(RenameAsk);

#[async_trait]
impl Load for GoneAsk {
    type View = GoneView;

    async fn load(&self, unit: &mut dyn StoreUnit) -> Result<Option<GoneView>, StoreError> {
        let RenameAsk { tenant, from, to: _ } = &self.0;
        let rename = unit.rename_view(&self.0).await?;
        let ask = PersonAsk { tenant: tenant.clone(), person: from.clone() };
        Ok(Some(GoneView { rename, now: unit.person_view(&ask).await? }))
    }

    fn note(&self, _span: &Span) {}

    fn guards(view: &GoneView) -> Vec<(Key, Version)> {
        view.guards()
    }
}

impl Service<'_> {
    /// Erases a person (D18 to D20): every enrolment is withdrawn, live pairs end with the neutral text, open
    /// offers become impossible; answers, introductions, posts and comments, notes and testimonials of
    /// theirs go, with what the host told of their age; and a pseudonym takes the place of their key, as by
    /// [`erase_person_key`](Self::erase_person_key), which says what is left of it. What their partners
    /// wrote stays, and so does what stands between the two: blocks, wishes, and that they were a pair. What
    /// they wrote as an admin or as a reviewer is not theirs, and stays.
    ///
    /// With a key of the tenant's ([`TenantKeys`](super::TenantKeys)) the pseudonym is made of the person's
    /// key and that one: when they sign up again, blocks, wishes not to be matched, past pairs, bans, holds and
    /// waits are theirs again, and nothing else is (D10). Without one it is random, and they are a stranger then.
    ///
    /// Copies in a report case stay while the case is open or may be appealed against: with its reviewers
    /// alone, and sealed. The answer says which, why, and when that is looked at again. They go by
    /// themselves, in the sweep, when the case is closed; the digests stay, by which
    /// [`verify`](crate::model::report::verify) still tells that the rest is whole. A person who asks for
    /// themselves is told of the cases that they know of and of no other; staff and the host of all. A
    /// closed case lets go at once.
    ///
    /// Two writes, each whole or not at all: first everything ends and goes, then the key. If the second one
    /// fails, call it again; nothing is done twice. Let nobody act under the key meanwhile. For the person
    /// themselves, for staff and for the host.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else, and if nothing in the tenant knows the key, so also when it is
    /// done again without a command id; [`Refusal::TakesPart`] if the person goes on to sign up while they
    /// are erased; [`Refusal::CommandReused`] for a command id that was used, also by the erasure of somebody
    /// else or of somebody new under the key.
    pub async fn erase_person(&self, actor: &Actor, person: &PersonId) -> Result<Erased, Error> {
        decide::permitted(person, &Cx { actor, now: self.now(), ids: &*self.ids })?;
        let to = self.pseudonym(actor.tenant(), person).await?;
        let mut ask = self.rename_ask(actor, Action::ErasePerson, person, to).await?;
        let mut attempt = 0;
        let pseudonym = loop {
            attempt += 1;
            self.leave_all(actor, person).await?;
            let own = actor.who() == Some(person);
            let order = Order::new(actor, ERASE_KEY, &()).unsigned(own);
            let gone = self.run(order, GoneAsk(ask.clone()), decide::pseudonym).await;
            match gone {
                // They have signed up in between, or somebody else has erased them, and they came back.
                Err(Error::Refused(Refusal::TakesPart | Refusal::KeyTaken))
                    if attempt < self.attempts =>
                {
                    ask.to = self.pseudonym(actor.tenant(), person).await?;
                }
                gone => break gone?,
            }
        };
        let kept = self.let_go_of(actor, &pseudonym).await?;
        Ok(Erased { pseudonym, kept })
    }

    /// What is still kept of somebody who was erased, by their pseudonym, and why (D19): for staff and the
    /// host. Empty once nothing is.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody else.
    pub async fn erasure(&self, actor: &Actor, pseudonym: &PersonId) -> Result<Vec<Kept>, Error> {
        decide::permitted(pseudonym, &Cx { actor, now: self.now(), ids: &*self.ids })?;
        self.let_go_of(actor, pseudonym).await
    }

    /// The first write. Its own id is that of no command: what it does, it finds done the second time.
    async fn leave_all(&self, actor: &Actor, person: &PersonId) -> Result<(), Error> {
        let actor = &actor.without_command();
        let ask = PersonAsk { tenant: actor.tenant().clone(), person: person.clone() };
        let order = Order::new(actor, "person.erase", person);
        self.run(order, ErasureAsk(ask), decide::leave).await
    }

    /// Goes through the cases of somebody who was erased: what those that are closed hold goes now, and would
    /// go in the next sweep; of the others it says what they keep.
    async fn let_go_of(&self, actor: &Actor, pseudonym: &PersonId) -> Result<Vec<Kept>, Error> {
        let tenant = actor.tenant();
        let scope = CaseScope::Naming(pseudonym.clone());
        let what = Listing::Cases { scope };
        let mut ask = ListAsk { tenant: tenant.clone(), what, after: None, limit: PAGE_MAX };
        let reviews = matches!(actor.hat(), Hat::Staff(_));
        let pseudonyms = if reviews { self.pseudonyms(tenant).await? } else { None };
        let mut kept = Vec::new();
        loop {
            let mut unit = self.unit().await?;
            let page = unit.list_cases(&ask).await?;
            let mut staff = match actor.hat() {
                Hat::Staff(staff) => {
                    let by = (tenant, pseudonyms.as_deref());
                    reviewer_of_each(&mut *unit, by, staff, &page.items).await?
                }
                Hat::Person(_) | Hat::GroupAdmin { .. } | Hat::Host | Hat::Clock => Vec::new(),
            }
            .into_iter();
            drop(unit);
            for case in page.items {
                let owed = !case.holds() && case.owed().next().is_some();
                if owed && let Err(error) = self.sweep_case(tenant, case.id).await {
                    tracing::warn!(code = error.code(), "a closed case is left for the next sweep");
                }
                let staff = staff.next();
                let by = (actor, staff.as_ref());
                kept.extend(decide::kept(&case, pseudonym, by, self.now()));
            }
            ask.after = page.next;
            if ask.after.is_none() {
                return Ok(kept);
            }
        }
    }
}
