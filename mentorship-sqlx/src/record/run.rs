//! Runs that were staged.

use mentorship_core::{
    base::{host::TenantId, time::Timestamp},
    model::run::{Run, RunFigures, RunTerms},
    store::StoreError,
};
use serde::{Deserialize, Serialize};

use super::log::{hex, unhex};
use crate::value::{Reader, Value, corrupt, id, instant, json, person, text};

/// What of a run nothing is looked for by.
#[derive(Serialize, Deserialize)]
struct Details {
    prepared_at: Timestamp,
    terms: RunTerms,
    figures: RunFigures,
}

pub(crate) fn args(tenant: &TenantId, it: &Run) -> Result<Vec<Value>, StoreError> {
    let details =
        Details { prepared_at: it.prepared_at, terms: it.terms, figures: it.figures.clone() };
    Ok(vec![
        id(it.program),
        text(hex(&it.digest)),
        json(&details)?,
        person(&it.created_by),
        instant(it.created_at),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Run, StoreError> {
    let program = row.id("runs.program")?;
    let digest = unhex(row.text("runs.digest")?).ok_or_else(|| corrupt("runs.digest"))?;
    let details: Details = row.json("runs.details")?;
    let created_by = row.checked("runs.created_by")?;
    let created_at = row.instant("runs.created_at")?;
    row.skip(1);
    Ok(Run {
        id: row.id("runs.id")?,
        program,
        created_by,
        created_at,
        prepared_at: details.prepared_at,
        digest,
        terms: details.terms,
        figures: details.figures,
    })
}
