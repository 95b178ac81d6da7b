//! Programs, forms and guides.

use std::sync::Arc;

use mentorship_core::{
    base::host::TenantId,
    model::program::{Program, TemplateRef},
    store::StoreError,
};
use serde::de::DeserializeOwned;

use crate::value::{
    Reader, Row, Value, id, instant, instant_opt, json, opt, person, text, version,
};

pub(crate) fn args(tenant: &TenantId, it: &Program) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        text(it.group.as_str()),
        text(it.template.key.as_str()),
        Value::Int(it.template.version.into()),
        text(it.topic.as_str()),
        text(it.title.as_str()),
        text(it.state.code()),
        json(&it.state)?,
        opt(it.window.as_ref().map(json).transpose()?, |window| window),
        text(it.zone.name()),
        json(&it.policy)?,
        Value::Int(it.form_version.into()),
        Value::Int(it.guide_version.into()),
        person(&it.created_by),
        instant(it.created_at),
        version(it.version),
        instant_opt(it.due_at()),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Program, StoreError> {
    let group = row.checked("programs.group_key")?;
    let template = TemplateRef {
        key: row.slug("programs.template")?,
        version: row.int("programs.template_version")?,
    };
    let topic = row.slug("programs.topic")?;
    let title = row.checked("programs.title")?;
    row.skip(1);
    let state = row.json("programs.state_doc")?;
    let window = if row.at_null() {
        row.skip(1);
        None
    } else {
        Some(row.json("programs.window_doc")?)
    };
    let zone = row.parsed("programs.zone")?;
    let policy = row.json("programs.policy")?;
    let form_version = row.int("programs.form_version")?;
    let guide_version = row.int("programs.guide_version")?;
    let created_by = row.checked("programs.created_by")?;
    let created_at = row.instant("programs.created_at")?;
    let version = row.version()?;
    row.skip(2);
    let id = row.id("programs.id")?;
    Ok(Program {
        id,
        group,
        template,
        topic,
        title,
        state,
        window,
        zone,
        policy,
        form_version,
        guide_version,
        created_by,
        created_at,
        version,
    })
}

/// A form or a guide: one column of JSON.
pub(crate) fn read_document<T: DeserializeOwned>(
    row: &Row,
    what: &'static str,
) -> Result<Arc<T>, StoreError> {
    Ok(Arc::new(Reader::new(row).json(what)?))
}
