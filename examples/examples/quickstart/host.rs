//! The community platform of this story: what only it knows about its members.

use std::collections::{BTreeMap, BTreeSet};

use chrono_tz::Tz;
use mentorship_core::{
    base::{
        host::{GroupId, PersonId, TenantId},
        text::Slug,
    },
    eligibility::age::{LeapDayRule, adult_on},
    service::{Attestation, Directory, PortError},
};
use mentorship_examples::people::SurveyPerson;

/// Members with their birthdays and zones, who has left the group, and whose address is confirmed. In
/// your platform these are queries on your own tables.
#[derive(Debug, Default)]
pub(crate) struct Community {
    members: BTreeMap<PersonId, (chrono::NaiveDate, Tz)>,
    pub(crate) left: BTreeSet<PersonId>,
    pub(crate) unconfirmed: BTreeSet<PersonId>,
}

impl Community {
    pub(crate) fn add(&mut self, id: PersonId, person: &SurveyPerson) {
        self.members.insert(id, (person.birth_date, person.zone));
    }
}

#[async_trait::async_trait]
impl Directory for Community {
    async fn has_platform_contact(&self, _: &TenantId) -> Result<bool, PortError> {
        // Somebody of this platform reads the queue of its cases every day.
        Ok(true)
    }

    async fn attestation(
        &self,
        _tenant: &TenantId,
        person: &PersonId,
    ) -> Result<Attestation, PortError> {
        let Some((birth, zone)) = self.members.get(person) else {
            return Ok(Attestation::default());
        };
        // The library never sees the birth date, only the day from which somebody is an adult.
        Ok(Attestation { adult_on: adult_on(*birth, LeapDayRule::default()), zone: Some(*zone) })
    }

    async fn is_member(
        &self,
        _tenant: &TenantId,
        _group: &GroupId,
        person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(self.members.contains_key(person) && !self.left.contains(person))
    }

    async fn predicate(
        &self,
        _tenant: &TenantId,
        name: &Slug,
        person: &PersonId,
    ) -> Result<bool, PortError> {
        Ok(name.as_str() == "confirmed_address" && !self.unconfirmed.contains(person))
    }
}
