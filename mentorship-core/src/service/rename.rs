//! Another key for a person: the host's own new one, or a pseudonym in the place of an erased one.

use super::{Error, Service, run::Order};
use crate::{
    base::host::PersonId,
    change::ERASE_KEY,
    decide::{Refusal, rename},
    policy::{actor::Actor, permission::Action},
    store::RenameAsk,
};

impl Service<'_> {
    /// A person has another key from here on: everything in the tenant that said `from` says `to`, whole or
    /// not at all: records, the audit log, the outbox with what was delivered, parked and not delivered
    /// yet. What people wrote stays as it is.
    ///
    /// Let nobody act under either key before this is done. A command in flight that has read the person
    /// is made again on what holds then, or refused; one that comes later under the old key makes somebody
    /// new of it, whom a second rename to the same key cannot take along. Acts of admins and staff hold
    /// no record of their own person: what they do meanwhile may still be logged under the old key.
    ///
    /// Searches all that the tenant has written, and holds every record of the person meanwhile. Only the
    /// host's own code may do it.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the host, and if nothing in the tenant knows `from`, so also
    /// when it is done again without a command id; an input error on `to` for `from` itself and for a key
    /// that begins with [`ERASED_PREFIX`](crate::base::host::ERASED_PREFIX); [`Refusal::KeyTaken`] if
    /// anything in the tenant knows `to`; [`Refusal::CommandReused`] for a command id that was used, also
    /// by a rename of somebody else or of somebody new under the old key.
    pub async fn rename_person(
        &self,
        actor: &Actor,
        from: &PersonId,
        to: &PersonId,
    ) -> Result<(), Error> {
        let ask = self.rename_ask(actor, Action::RenamePerson, from, to.clone()).await?;
        let order = Order::new(actor, "person.rename", to);
        self.run(order, ask, rename::rename).await
    }

    /// Erases a person's key: [`rename_person`](Self::rename_person) to a pseudonym that is made here and
    /// comes back, `erased:` and a UUID, random or of the tenant's key as [`erase_person`](Self::erase_person)
    /// says. Nobody signs up under a key of that form.
    ///
    /// Only the key goes. What the person wrote, answered and agreed to stays, under the pseudonym, and so
    /// do live pairs; [`erase_person`](Self::erase_person) takes all that along. Their words in a report case
    /// go when that is closed. Messages that
    /// wait for the person are for the pseudonym then
    /// ([`is_erased`](crate::base::host::PersonId::is_erased)). Digests of commands
    /// ([`CommandRecord`](crate::change::CommandRecord)) stay, that of this one without the key: hashes over
    /// who gave them among other things, by which a guess can be tested.
    ///
    /// # Errors
    /// [`Refusal::NotFound`] for anybody but the host, and if nothing in the tenant knows the key, so also
    /// when it is done again without a command id; [`Refusal::CommandReused`] for a command id that was
    /// used, also by the erasure of somebody else or of somebody new under the key.
    pub async fn erase_person_key(
        &self,
        actor: &Actor,
        person: &PersonId,
    ) -> Result<PersonId, Error> {
        self.to_tenant(actor, Action::RenamePerson)?;
        let to = self.pseudonym(actor.tenant(), person).await?;
        let mut ask = self.rename_ask(actor, Action::RenamePerson, person, to).await?;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let order = Order::new(actor, ERASE_KEY, &());
            match self.run(order, ask.clone(), rename::erase).await {
                // Somebody else has erased the key meanwhile, and they came back.
                Err(Error::Refused(Refusal::KeyTaken)) if attempt < self.attempts => {
                    ask.to = self.pseudonym(actor.tenant(), person).await?;
                }
                done => return done,
            }
        }
    }

    /// What is asked of the store; only who may do this may make it search.
    ///
    /// The old key is not in the digest of the command, where it would stay behind as a hash that a list of
    /// keys undoes. So whether a command id was used for somebody else shows in whether the old key is
    /// still known: after this very command it is not.
    pub(super) async fn rename_ask(
        &self,
        actor: &Actor,
        action: Action,
        from: &PersonId,
        to: PersonId,
    ) -> Result<RenameAsk, Error> {
        self.to_tenant(actor, action)?;
        let ask = RenameAsk { tenant: actor.tenant().clone(), from: from.clone(), to };
        let Some(id) = actor.command() else { return Ok(ask) };
        let mut unit = self.unit().await?;
        if unit.command(&ask.tenant, id).await?.is_some()
            && unit.rename_view(&ask).await?.from_known
        {
            return Err(Refusal::CommandReused.into());
        }
        Ok(ask)
    }
}
