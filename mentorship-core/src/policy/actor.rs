//! Who acts, as the host vouches for it.

use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::CommandId,
    },
    model::event::{ActorKind, ActorRef},
};

/// Who acts, in which standing. Only the host makes one: the library believes what stands in it.
///
/// Somebody who is both an admin and a participant acts in one standing at a time, so that an admin's
/// rights never leak into what they do for themselves (D31). There is no default and no all-powerful
/// actor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    tenant: TenantId,
    hat: Hat,
    command: Option<CommandId>,
}

/// In which standing somebody acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hat {
    /// A person, for themselves.
    Person(PersonId),
    /// A person, as an admin of this group.
    GroupAdmin {
        /// Who.
        person: PersonId,
        /// Of which group.
        group: GroupId,
    },
    /// A person of the platform's staff.
    Staff(PersonId),
    /// The host's own code: imports, membership and age changes it has been told of.
    Host,
    /// Time.
    Clock,
}

impl Actor {
    fn new(tenant: TenantId, hat: Hat) -> Self {
        Self { tenant, hat, command: None }
    }

    /// A person who acts for themselves.
    #[must_use]
    pub fn person(tenant: TenantId, person: PersonId) -> Self {
        Self::new(tenant, Hat::Person(person))
    }

    /// A person who acts as an admin of `group`.
    #[must_use]
    pub fn group_admin(tenant: TenantId, person: PersonId, group: GroupId) -> Self {
        Self::new(tenant, Hat::GroupAdmin { person, group })
    }

    /// A person who acts as platform staff.
    #[must_use]
    pub fn staff(tenant: TenantId, person: PersonId) -> Self {
        Self::new(tenant, Hat::Staff(person))
    }

    /// The host's own code.
    #[must_use]
    pub fn host(tenant: TenantId) -> Self {
        Self::new(tenant, Hat::Host)
    }

    /// Time: what the sweep acts as.
    #[must_use]
    pub fn clock(tenant: TenantId) -> Self {
        Self::new(tenant, Hat::Clock)
    }

    /// The same actor with the host's id for the command it is about to give: the same command again
    /// has no second effect and gets the same reply (row 62). Use a fresh one per command.
    #[must_use]
    pub fn with_command(mut self, id: CommandId) -> Self {
        self.command = Some(id);
        self
    }

    /// The same actor without an id for the command: for reads that are written down, whose reply is not
    /// to be kept.
    #[must_use]
    pub(crate) fn without_command(&self) -> Self {
        Self { command: None, ..self.clone() }
    }

    /// The same actor for the item at this place in a bulk command: each is a command of its own.
    #[must_use]
    pub(crate) fn for_item(&self, place: usize) -> Self {
        Self { command: self.command.map(|id| id.of_item(place)), ..self.clone() }
    }

    /// The tenant in which everything happens.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// In which standing.
    #[must_use]
    pub fn hat(&self) -> &Hat {
        &self.hat
    }

    /// The host's id for the command.
    #[must_use]
    pub fn command(&self) -> Option<CommandId> {
        self.command
    }

    /// The person who acts, in whatever standing.
    #[must_use]
    pub fn who(&self) -> Option<&PersonId> {
        match &self.hat {
            Hat::Person(person) | Hat::GroupAdmin { person, .. } | Hat::Staff(person) => {
                Some(person)
            }
            Hat::Host | Hat::Clock => None,
        }
    }

    /// The person who acts for themselves; `None` for every other standing.
    #[must_use]
    pub fn as_person(&self) -> Option<&PersonId> {
        match &self.hat {
            Hat::Person(person) => Some(person),
            Hat::GroupAdmin { .. } | Hat::Staff(_) | Hat::Host | Hat::Clock => None,
        }
    }

    /// The person who acts as an admin of a group, whom a block keeps away from some records (D9).
    #[must_use]
    pub fn official(&self) -> Option<&PersonId> {
        match &self.hat {
            Hat::GroupAdmin { person, .. } => Some(person),
            Hat::Person(_) | Hat::Staff(_) | Hat::Host | Hat::Clock => None,
        }
    }

    /// The actor as it stands in the audit log.
    #[must_use]
    pub fn to_ref(&self) -> ActorRef {
        let kind = match &self.hat {
            Hat::Person(_) => ActorKind::Person,
            Hat::GroupAdmin { .. } => ActorKind::GroupAdmin,
            Hat::Staff(_) => ActorKind::Staff,
            Hat::Host => ActorKind::Host,
            Hat::Clock => ActorKind::Clock,
        };
        ActorRef { kind, person: self.who().cloned() }
    }
}
