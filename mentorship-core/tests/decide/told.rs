//! What a decision says, records and writes, in a form that is short to compare.

use mentorship_core::{
    base::{host::PersonId, text::Slug},
    change::{Change, ChangeSet},
    model::{
        enrollment::Enrollment,
        event::{Audience, AuditEvent, OutboxMessage},
        guide::StepInstance,
        pair::Pair,
        proposal::Proposal,
        report::Case,
    },
};

/// What is said, as `kind > to` or `kind > to (code)`.
pub(crate) fn said(set: &ChangeSet) -> Vec<String> {
    set.outbox.iter().map(sentence).collect()
}

fn sentence(message: &OutboxMessage) -> String {
    let to = match &message.to {
        Audience::Person(person) => person.as_str(),
        Audience::ProgramAdmins(_) => "admins",
        Audience::Staff => "staff",
    };
    let code = message.code.as_ref().map(|code| format!(" ({})", code.as_str()));
    format!("{} > {to}{}", message.kind.as_str(), code.unwrap_or_default())
}

/// What anybody but the platform may read of what happened, without ids and instants.
pub(crate) fn public_log(set: &ChangeSet) -> Vec<String> {
    set.audit.iter().filter(|event| !event.private).map(line).collect()
}

pub(crate) fn line(event: &AuditEvent) -> String {
    let part =
        |slug: &Option<Slug>| slug.as_ref().map_or("-".to_owned(), |slug| slug.as_str().to_owned());
    let about: Vec<&str> = event.about.iter().map(PersonId::as_str).collect();
    let (from, to, reason) = (part(&event.from), part(&event.to), part(&event.reason));
    format!("{} {from}>{to} {reason} {about:?} {:?}", event.action.as_str(), event.actor)
}

/// The actions on record, in order.
pub(crate) fn actions(set: &ChangeSet) -> Vec<&str> {
    set.audit.iter().map(|event| event.action.as_str()).collect()
}

pub(crate) fn cases_in(set: &ChangeSet) -> Vec<&Case> {
    let mut found = Vec::new();
    for change in &set.changes {
        if let Change::Case(case) = change {
            found.push(&**case);
        }
    }
    found
}

pub(crate) fn pairs_in(set: &ChangeSet) -> Vec<&Pair> {
    let mut found = Vec::new();
    for change in &set.changes {
        if let Change::Pair(pair) = change {
            found.push(pair);
        }
    }
    found
}

pub(crate) fn proposals_in(set: &ChangeSet) -> Vec<&Proposal> {
    let mut found = Vec::new();
    for change in &set.changes {
        if let Change::Proposal(proposal) = change {
            found.push(proposal);
        }
    }
    found
}

pub(crate) fn enrollments_in(set: &ChangeSet) -> Vec<&Enrollment> {
    let mut found = Vec::new();
    for change in &set.changes {
        if let Change::Enrollment(enrollment) = change {
            found.push(enrollment);
        }
    }
    found
}

pub(crate) fn steps_in(set: &ChangeSet) -> Vec<&StepInstance> {
    let mut found = Vec::new();
    for change in &set.changes {
        if let Change::Step(step) = change {
            found.push(step);
        }
    }
    found
}
