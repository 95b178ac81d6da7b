//! Whom somebody does not meet: people with whom a block stands, whoever set it (D6, D9).

use std::collections::BTreeSet;

use crate::{base::host::PersonId, policy::actor::Actor, service::Error, store::StoreUnit};

/// Those of `people` with whom a block stands between them and the admin who asks; nobody for any other
/// actor.
pub(in crate::service) async fn blocked_among(
    unit: &mut dyn StoreUnit,
    actor: &Actor,
    people: BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, Error> {
    if actor.official().is_none() {
        return Ok(BTreeSet::new());
    }
    blocked_by_or_blocking(unit, actor, people).await
}

/// Those of `people` with whom a block stands between them and whoever asks, in whatever standing.
pub(super) async fn blocked_by_or_blocking(
    unit: &mut dyn StoreUnit,
    actor: &Actor,
    mut people: BTreeSet<PersonId>,
) -> Result<BTreeSet<PersonId>, Error> {
    let Some(me) = actor.who() else { return Ok(BTreeSet::new()) };
    people.remove(me);
    Ok(unit.blocked_among(actor.tenant(), me, &people).await?)
}
