//! Enrolments.

use mentorship_core::{
    base::host::TenantId,
    model::enrollment::{Enrollment, EnrollmentState, Role},
    store::StoreError,
};

use crate::value::{Reader, Value, id, instant, instant_opt, json, mark, person, text, version};

/// `live_limit` is the belt of its live pairs: the capacity, or what lived when it was lowered.
pub(crate) fn args(
    tenant: &TenantId,
    it: &Enrollment,
    live_limit: i64,
) -> Result<Vec<Value>, StoreError> {
    Ok(vec![
        id(it.program),
        person(&it.person),
        text(it.role.code()),
        text(it.state.code()),
        json(&it.state)?,
        Value::Int(it.capacity.into()),
        instant(it.priority_since),
        json(&it.consent)?,
        Value::Int(it.form_version.into()),
        json(&it.answers)?,
        instant(it.applied_at),
        version(it.version),
        instant_opt(it.due_at()),
        mark(!it.state.is_terminal()),
        Value::Int(live_limit),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Enrollment, StoreError> {
    let program = row.id("enrollments.program")?;
    let person = row.checked("enrollments.person")?;
    let role = row.coded("enrollments.role", Role::from_code)?;
    row.skip(1);
    let state: EnrollmentState = row.json("enrollments.state_doc")?;
    let capacity = row.int("enrollments.capacity")?;
    let priority_since = row.instant("enrollments.priority_since")?;
    let consent = row.json("enrollments.consent")?;
    let form_version = row.int("enrollments.form_version")?;
    let answers = row.json("enrollments.answers")?;
    let applied_at = row.instant("enrollments.applied_at")?;
    let version = row.version()?;
    let due_at = row.instant_opt("enrollments.due_at")?;
    row.skip(3);
    let id = row.id("enrollments.id")?;
    // Once it is over, nothing else is ever due.
    let keep_until = due_at.filter(|_| state.is_terminal());
    Ok(Enrollment {
        id,
        program,
        person,
        role,
        state,
        capacity,
        priority_since,
        consent,
        form_version,
        answers,
        applied_at,
        keep_until,
        version,
    })
}
