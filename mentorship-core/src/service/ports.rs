//! What only the host knows, and how to wait.

use std::{error::Error, fmt, time::Duration};

use async_trait::async_trait;
use chrono::NaiveDate;
use chrono_tz::Tz;

use super::keys::TenantKey;
use crate::{
    base::{
        host::{GroupId, PersonId, TenantId},
        id::CaseId,
        text::Slug,
    },
    model::report::{Priority, Resources},
};

/// A port of the host's failed. The message is the host's; it must hold no private text.
#[derive(Debug, thiserror::Error)]
#[error("host port failed")]
pub struct PortError {
    #[source]
    source: Box<dyn Error + Send + Sync>,
}

impl PortError {
    /// Wraps the host's own error.
    #[must_use]
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

/// What the host vouches for about a person's age. A host that knows a birth date computes `adult_on`
/// with [`adult_on`](crate::eligibility::age::adult_on) and passes nothing else on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attestation {
    /// The date of the 18th birthday; `None` if it is not known. Unknown is not eligible.
    pub adult_on: Option<NaiveDate>,
    /// The verified zone of the person; without one "today" is taken at UTC−12.
    pub zone: Option<Tz>,
}

/// What only the host knows. Called between loading and deciding, never inside a transaction of ours; inside
/// one that the host has lent, if it has (see [`Service::within`](super::Service::within)).
#[async_trait]
pub trait Directory: fmt::Debug + Send + Sync {
    /// The person's age, as far as it is known. There is no default: nobody is an adult unless the host
    /// says since when.
    async fn attestation(
        &self,
        tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Attestation, PortError>;

    /// Whether the person is a member of the group. By default everybody is.
    async fn is_member(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
        _person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(true)
    }

    /// Whether two accounts belong to the same human. By default different keys are different humans.
    async fn same_human(
        &self,
        _tenant: &TenantId,
        _one: &PersonId,
        _other: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(false)
    }

    /// A predicate of the host's that a program's eligibility rules name. By default none holds.
    async fn predicate(
        &self,
        _tenant: &TenantId,
        _name: &Slug,
        _person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(false)
    }

    /// Whether the group may open a program on this topic, or reopen its sign-up (D39). By default every group may.
    async fn may_open(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
        _topic: &Slug,
    ) -> Result<bool, PortError> {
        Ok(true)
    }

    /// Whether the group has an admin besides this person. By default it has, so that nobody decides
    /// about themselves; if the host says that it has none, a sole admin may pair themselves with
    /// somebody, which stands in the audit log as an override (D31).
    async fn has_other_admin(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
        _admin: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(true)
    }

    /// Whether the platform has somebody who answers reports; without one no program opens. There is no default:
    /// reports about the only admin and whatever is urgent come to the platform alone, and where nobody is there to
    /// read them only the host can know.
    async fn has_platform_contact(&self, tenant: &TenantId) -> Result<bool, PortError>;

    /// The admins of a group, for who may review a report and who is told of one. By default none: a host
    /// that does not say who they are has every report decided by the platform. If it fails, a report is filed all
    /// the same and goes to the platform; a reminder of a case stays due and counts as failed in each sweep, until the
    /// host answers or the group's time is over.
    async fn admins(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
    ) -> Result<Vec<PersonId>, PortError> {
        Ok(Vec::new())
    }

    /// How urgent a report of a category of the host's own is; `None` for one that it does not have. By
    /// default there are none but the library's, which this does not change.
    async fn report_category(
        &self,
        _tenant: &TenantId,
        _category: &Slug,
    ) -> Result<Option<Priority>, PortError> {
        Ok(None)
    }

    /// Whether the platform takes only urgent reports from this person (D15). By default of nobody.
    async fn is_muted(&self, _tenant: &TenantId, _person: &PersonId) -> Result<bool, PortError> {
        Ok(false)
    }

    /// Somebody may be in danger: a case of the highest priority was filed, or became one (D17). Called
    /// after it is stored and before whoever filed it is answered, again if the command is given again. The
    /// message to staff is in the outbox all the same. By default nothing happens.
    async fn urgent_case(&self, _tenant: &TenantId, _case: CaseId) -> Result<(), PortError> {
        Ok(())
    }

    /// Where somebody finds help who has reported that somebody may be in danger (D17), in the order in which they
    /// are shown it. Asked when a report of the highest priority is stored, and whenever the reporter looks at it
    /// later, so that what is shown is what holds then. If it fails, the report stands and nothing is shown. By
    /// default nothing is. The library shows it to the reporter and contacts nobody.
    async fn emergency_resources(
        &self,
        _tenant: &TenantId,
        _reporter: &PersonId,
        _category: &Slug,
    ) -> Result<Resources, PortError> {
        Ok(Resources::default())
    }
}

/// Keys of tenants, by which the library finds again what it has kept of somebody who was erased (D10).
///
/// Whoever has a tenant's key and the key of a person can tell whether that person was erased there; the library
/// stores neither. So keep it outside of the database that the library writes to. Destroying
/// it, or giving another one, makes strangers of all who were erased before.
#[async_trait]
pub trait TenantKeys: fmt::Debug + Send + Sync {
    /// The tenant's key; `None` if it has none, or none any more. Asked once for each sign-up and each
    /// erasure, before anything is read; an error stops the command, since an erasure without the key could
    /// not be found again.
    async fn key(&self, tenant: &TenantId) -> Result<Option<TenantKey>, PortError>;
}

/// How to wait between attempts. Core has no timer; a host gives its runtime's.
#[async_trait]
pub trait Backoff: fmt::Debug + Send + Sync {
    /// Waits for about this long. The time was drawn by full jitter already.
    async fn wait(&self, time: Duration);
}

/// Does not wait; lets other tasks run once.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBackoff;

#[async_trait]
impl Backoff for NoBackoff {
    async fn wait(&self, _time: Duration) {
        let mut yielded = false;
        std::future::poll_fn(|context| {
            if yielded {
                return std::task::Poll::Ready(());
            }
            yielded = true;
            context.waker().wake_by_ref();
            std::task::Poll::Pending
        })
        .await;
    }
}
