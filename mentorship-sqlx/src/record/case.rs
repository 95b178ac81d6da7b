//! Report cases with their evidence.

use mentorship_core::{
    base::{
        host::{PersonId, TenantId},
        id::PairId,
        text::Slug,
        time::Timestamp,
    },
    model::report::{
        Appeal, AppealDecision, Case, Decision, Evidence, Interim, Party, Priority, Seal, Target,
        Tier,
    },
    store::StoreError,
};
use serde::{Deserialize, Serialize};

use crate::value::{
    Reader, Value, between_breaks, corrupt, id, instant, instant_opt, json, mark, opt, person,
    text, version,
};

/// What of a case nothing is looked for by.
#[derive(Serialize, Deserialize)]
struct Details {
    witnesses: Vec<PersonId>,
    followers: Vec<PersonId>,
    target: Target,
    pair: Option<PairId>,
    matched_by: Option<PersonId>,
    filed_category: Slug,
    filed_as: Priority,
    recipient: Tier,
    theirs_since: Timestamp,
    triage_by: Timestamp,
    decide_by: Timestamp,
    reminded_at: Option<Timestamp>,
    // Not in cases that were written before there was such a thing.
    #[serde(default)]
    staff_reminded_at: Option<Timestamp>,
    evidence: u32,
    head: Seal,
    interim: Vec<Interim>,
    decision: Option<Decision>,
    appeal: Option<Appeal>,
    appeal_decision: Option<AppealDecision>,
    keep_until: Option<Timestamp>,
    cleared: Vec<Party>,
    removed: Vec<u32>,
}

pub(crate) fn args(tenant: &TenantId, it: &Case) -> Result<Vec<Value>, StoreError> {
    let details = Details {
        witnesses: it.witnesses.clone(),
        followers: it.followers.clone(),
        target: it.target.clone(),
        pair: it.pair,
        matched_by: it.matched_by.clone(),
        filed_category: it.filed_category.clone(),
        filed_as: it.filed_as,
        recipient: it.recipient,
        theirs_since: it.theirs_since,
        triage_by: it.triage_by,
        decide_by: it.decide_by,
        reminded_at: it.reminded_at,
        staff_reminded_at: it.staff_reminded_at,
        evidence: it.evidence,
        head: it.head,
        interim: it.interim.clone(),
        decision: it.decision.clone(),
        appeal: it.appeal.clone(),
        appeal_decision: it.appeal_decision.clone(),
        keep_until: it.keep_until,
        cleared: it.cleared.clone(),
        removed: it.removed.clone(),
    };
    Ok(vec![
        id(it.program),
        opt(it.reporter.as_ref(), person),
        person(&it.subject),
        text(it.object()),
        text(it.category.as_str()),
        text(it.priority.code()),
        text(it.tier.code()),
        text(it.state.code()),
        json(&it.state)?,
        json(&details)?,
        instant(it.filed_at),
        version(it.version),
        instant_opt(it.due_at()),
        mark(it.state.is_open()),
        mark(it.state.is_queued()),
        mark(it.is_told()),
        between_breaks(&it.witnesses),
        text(tenant.as_str()),
        id(it.id),
    ])
}

pub(crate) fn read(row: &mut Reader<'_>) -> Result<Case, StoreError> {
    let program = row.id("cases.program")?;
    let reporter = row.checked_opt("cases.reporter")?;
    let subject = row.checked("cases.subject")?;
    row.skip(1);
    let category = row.slug("cases.category")?;
    let priority = row.coded("cases.priority", Priority::from_code)?;
    let tier = row.coded("cases.tier", Tier::from_code)?;
    row.skip(1);
    let state = row.json("cases.state_doc")?;
    let details: Details = row.json("cases.details")?;
    let filed_at = row.instant("cases.filed_at")?;
    let version = row.version()?;
    row.skip(6);
    let id = row.id("cases.id")?;
    Ok(Case {
        id,
        program,
        reporter,
        subject,
        witnesses: details.witnesses,
        followers: details.followers,
        target: details.target,
        pair: details.pair,
        matched_by: details.matched_by,
        category,
        filed_category: details.filed_category,
        filed_as: details.filed_as,
        priority,
        recipient: details.recipient,
        tier,
        state,
        filed_at,
        theirs_since: details.theirs_since,
        triage_by: details.triage_by,
        decide_by: details.decide_by,
        reminded_at: details.reminded_at,
        staff_reminded_at: details.staff_reminded_at,
        evidence: details.evidence,
        head: details.head,
        interim: details.interim,
        decision: details.decision,
        appeal: details.appeal,
        appeal_decision: details.appeal_decision,
        keep_until: details.keep_until,
        cleared: details.cleared,
        removed: details.removed,
        version,
    })
}

pub(crate) fn evidence_args(tenant: &TenantId, it: &Evidence) -> Vec<Value> {
    vec![
        opt(it.content.as_ref(), |content| text(content.as_str())),
        text(it.digest.to_string()),
        text(it.seal.to_string()),
        text(tenant.as_str()),
        id(it.case),
        Value::Int(it.seq.into()),
    ]
}

/// What was sealed comes back as it is, whether or not it fits its seal: that is for whoever verifies it.
pub(crate) fn read_evidence(row: &mut Reader<'_>) -> Result<Evidence, StoreError> {
    let content = row.text_opt("evidence.content")?.map(str::to_owned);
    let seal = |text: &str| Seal::try_from(text).map_err(|_| corrupt("evidence.seal"));
    let digest = seal(row.text("evidence.digest")?)?;
    let seal = seal(row.text("evidence.seal")?)?;
    row.skip(1);
    let case = row.id("evidence.case_id")?;
    let seq = row.int("evidence.seq")?;
    Ok(Evidence { case, seq, content, digest, seal })
}
