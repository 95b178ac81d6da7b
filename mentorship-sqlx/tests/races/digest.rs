//! All that there is to see after some commands, as lines: what two runs have to have in common, whatever
//! ids they gave to what is new.

use std::sync::Arc;

use mentorship_core::{
    base::{
        host::{ERASED_PREFIX, TenantId},
        time::Timestamp,
    },
    conformance::{census::Census, listings::all_after},
    model::report::verify,
    store::{CaseAsk, ClaimAsk, Listed, Listing, PAGE_MAX, PairAsk, Store},
};
use serde_json::{Value, json};

/// A line for each record, event and message; sorted.
pub(crate) type Lines = Vec<String>;

fn is_id(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::parse_str(text).is_ok()
}

/// The text without what tells one pseudonym from another: they are made of the tenant, and each race has its own.
fn without_pseudonyms(text: &str) -> Option<String> {
    let (before, rest) = text.split_once(ERASED_PREFIX)?;
    let rest = rest.get(36..).unwrap_or_default();
    let rest = without_pseudonyms(rest).unwrap_or_else(|| rest.to_owned());
    Some(format!("{before}{ERASED_PREFIX}new{rest}"))
}

/// Ids that `known` does not have are those of something new.
fn anonymous(value: &mut Value, known: &str) {
    if let Value::String(text) = value
        && let Some(hidden) = without_pseudonyms(text)
    {
        *text = hidden;
    }
    match value {
        Value::String(text) if is_id(text) && !known.contains(text.as_str()) => {
            "new".clone_into(text);
        }
        Value::Array(items) => {
            for it in items.iter_mut() {
                anonymous(it, known);
            }
            // Where one that was drawn stands among others is by chance.
            if items.iter().any(|it| it == "new") {
                items.sort_by_key(Value::to_string);
            }
        }
        Value::Object(fields) => fields.values_mut().for_each(|it| anonymous(it, known)),
        _ => {}
    }
}

struct Writer<'a> {
    known: &'a str,
    lines: Lines,
}

impl Writer<'_> {
    fn add<T: serde::Serialize>(&mut self, what: &str, all: impl IntoIterator<Item = T>) {
        for one in all {
            let mut value = json!(one);
            anonymous(&mut value, self.known);
            self.lines.push(format!("{what} {value}"));
        }
    }
}

/// What is there, of which `census` has been read already.
pub(crate) async fn lines(
    store: &Arc<dyn Store>,
    tenant: &TenantId,
    census: &Census,
    now: Timestamp,
    known: &str,
) -> Lines {
    let mut all = Writer { known, lines: Vec::new() };
    all.add("program", census.programs.values());
    all.add("enrollment", census.enrollments.values());
    all.add("proposal", census.proposals.values());
    all.add("pair", census.pairs.values());
    all.add("person", census.people.values().map(|it| &it.person));
    all.add("relation", census.relations.values().map(|it| &it.relation));
    all.add("event", &census.audit);
    let mut unit = store.unit().await.unwrap();
    for case in census.cases.values() {
        // The seals of a new case are made of its id, which is drawn; what they seal is compared instead.
        let mut value = json!(case);
        value["head"] = json!(null);
        all.add("case", [value]);
        let (tenant, with_evidence) = (tenant.clone(), true);
        let ask = CaseAsk { tenant, case: case.id, actor: None, with_evidence, content: None };
        let view = unit.case_view(&ask).await.unwrap().unwrap();
        verify(&view.case, &view.evidence).unwrap();
        // So is the salt.
        all.add(
            "evidence",
            view.evidence.iter().map(|item| {
                let mut value = json!(item.read().unwrap());
                value["salt"] = json!(null);
                value
            }),
        );
    }
    for pair in census.pairs.values().filter(|it| it.state.is_live()) {
        let ask = PairAsk { tenant: tenant.clone(), pair: pair.id, post: None, actor: None };
        let view = unit.pair_view(&ask).await.unwrap().unwrap();
        all.add("step", view.steps);
        for what in
            [Listing::CheckIns { pair: pair.id }, Listing::Posts { pair: pair.id, step: None }]
        {
            for item in all_after(&**store, tenant, &what, None, PAGE_MAX).await {
                match item {
                    Listed::CheckIn(check_in) => all.add("check-in", [check_in]),
                    Listed::Post(post) => all.add("post", [post]),
                    _ => unreachable!("neither was asked for"),
                }
            }
        }
    }
    let ask = ClaimAsk { tenant: Some(tenant.clone()), limit: 500, ..ClaimAsk::new(now, now) };
    let claimed = store.outbox().unwrap().claim(&ask).await.unwrap();
    all.add("message", claimed.into_iter().map(|it| it.message));
    all.lines.sort();
    all.lines
}

/// What only one of two has.
pub(crate) fn difference(one: &Lines, other: &Lines) -> String {
    let only = |here: &Lines, there: &Lines, sign: char| -> Vec<String> {
        here.iter().filter(|it| !there.contains(it)).map(|it| format!("{sign} {it}")).collect()
    };
    let mut all = only(one, other, '-');
    all.extend(only(other, one, '+'));
    all.truncate(8);
    all.join("\n")
}
