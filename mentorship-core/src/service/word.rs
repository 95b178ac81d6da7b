//! What the host says of a person, for a decision on whether they may take part.

use std::collections::BTreeMap;

use super::{Error, Service};
use crate::{
    base::host::{GroupId, PersonId, TenantId},
    decide::enrollment::HostWord,
    model::{enrollment::Role, form::Form},
};

impl Service<'_> {
    /// The person's age, and of everything else only what a rule of the form asks for.
    pub(super) async fn word_on(
        &self,
        tenant: &TenantId,
        group: &GroupId,
        form: &Form,
        role: Role,
        person: &PersonId,
    ) -> Result<HostWord, Error> {
        let attestation = self.directory.attestation(tenant, person).await?;
        let is_member =
            form.asks_membership(role) && self.directory.is_member(tenant, group, person).await?;
        let mut predicates = BTreeMap::new();
        for name in form.host_predicates(role) {
            let holds = self.directory.predicate(tenant, &name, person).await?;
            predicates.insert(name, holds);
        }
        Ok(HostWord {
            adult_on: attestation.adult_on,
            zone: attestation.zone,
            is_member,
            predicates,
        })
    }
}
