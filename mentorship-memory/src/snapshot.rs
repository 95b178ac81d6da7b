//! Snapshot and restore: the whole store as plain data.

use mentorship_core::{
    base::{
        host::TenantId,
        id::{EnrollmentId, ProgramId},
        text::Slug,
    },
    change::CommandRecord,
    model::{
        enrollment::Enrollment,
        event::AuditEvent,
        form::Form,
        guide::{Guide, StepInstance},
        journal::{CheckIn, Post},
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
        report::{Case, Evidence},
        run::Run,
    },
    store::Consumer,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, sync::Arc};

use crate::{
    MemoryStore,
    state::{Queued, State},
};

/// The format that this version writes.
const FORMAT: u32 = 1;

/// Everything that a [`MemoryStore`] holds, in a fixed order, for serde.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    format: u32,
    consumers: Vec<Slug>,
    tenants: Vec<Tenant>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Tenant {
    id: TenantId,
    people: Vec<Person>,
    relations: Vec<Relation>,
    programs: Vec<Program>,
    forms: Vec<(ProgramId, Form)>,
    guides: Vec<(ProgramId, Guide)>,
    enrollments: Vec<(Enrollment, u32)>,
    #[serde(default)]
    runs: Vec<Run>,
    proposals: Vec<Proposal>,
    pairs: Vec<Pair>,
    steps: Vec<StepInstance>,
    posts: Vec<Post>,
    check_ins: Vec<CheckIn>,
    cases: Vec<Case>,
    evidence: Vec<Evidence>,
    commands: Vec<CommandRecord>,
    audit: Vec<AuditEvent>,
    outbox: Vec<Queued>,
}

/// A snapshot that makes no store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// It was written by a newer version of the library.
    #[error("the snapshot has format {found}; this version reads up to {FORMAT}")]
    Newer {
        /// The format found.
        found: u32,
    },
    /// The same record twice.
    #[error("the snapshot holds the same {what} twice")]
    Duplicate {
        /// What kind of record.
        what: &'static str,
    },
    /// A record that names another one that is not there.
    #[error("the snapshot lacks a {what} that it refers to")]
    Dangling {
        /// What kind of record is missing.
        what: &'static str,
    },
}

fn sorted<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_by_key(key);
    items
}

impl MemoryStore {
    /// Everything stored, as plain data.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let consumers = self.subscribed().iter().map(|it| it.name().clone()).collect();
        let tenants = self.lock();
        let tenants = tenants.iter().map(|(tenant, state)| Tenant {
            id: tenant.clone(),
            people: sorted(state.people.values().cloned(), |it| it.id.clone()),
            relations: sorted(state.relations.values().cloned(), |it| it.people.clone()),
            programs: sorted(state.programs.values().cloned(), |it| it.id),
            forms: state.forms.iter().map(|((id, _), it)| (*id, (**it).clone())).collect(),
            guides: state.guides.iter().map(|((id, _), it)| (*id, (**it).clone())).collect(),
            enrollments: sorted(
                state.enrollments.values().map(|it| {
                    let limit = state.live_limit.get(&it.id).copied();
                    (it.clone(), limit.unwrap_or_else(|| it.capacity.into()))
                }),
                |(it, _)| it.id,
            ),
            runs: sorted(state.runs.values().cloned(), |it| it.id),
            proposals: sorted(state.proposals.values().cloned(), |it| it.id),
            pairs: sorted(state.pairs.values().cloned(), |it| it.id),
            steps: state.steps.values().cloned().collect(),
            posts: state.posts.values().cloned().collect(),
            check_ins: state.check_ins.values().cloned().collect(),
            cases: sorted(state.cases.values().cloned(), |it| it.id),
            evidence: state.evidence.values().cloned().collect(),
            commands: sorted(state.commands.values().cloned(), |it| it.id),
            audit: state.audit.values().cloned().collect(),
            outbox: state.outbox.values().cloned().collect(),
        });
        Snapshot { format: FORMAT, consumers, tenants: tenants.collect() }
    }

    /// The store that a snapshot was taken of.
    ///
    /// # Errors
    /// [`RestoreError`] for a newer format, a record that is there twice, and one that names another
    /// that is not there.
    pub fn restore(snapshot: Snapshot) -> Result<Self, RestoreError> {
        if snapshot.format > FORMAT {
            return Err(RestoreError::Newer { found: snapshot.format });
        }
        let mut tenants = BTreeMap::new();
        for tenant in snapshot.tenants {
            let (name, state) = restored(tenant)?;
            unique(tenants.insert(name, state).is_none(), "tenant")?;
        }
        let store = Self::over(tenants, true);
        *store.subscribed() = snapshot.consumers.into_iter().map(Consumer::from).collect();
        Ok(store)
    }
}

fn unique(new: bool, what: &'static str) -> Result<(), RestoreError> {
    if new { Ok(()) } else { Err(RestoreError::Duplicate { what }) }
}

fn there(there: bool, what: &'static str) -> Result<(), RestoreError> {
    if there { Ok(()) } else { Err(RestoreError::Dangling { what }) }
}

fn absent(absent: bool, what: &'static str) -> Result<(), RestoreError> {
    if absent { Ok(()) } else { Err(RestoreError::Duplicate { what }) }
}

fn restored(from: Tenant) -> Result<(TenantId, State), RestoreError> {
    let mut state = State::default();
    for person in from.people {
        absent(!state.people.contains_key(&person.id), "person")?;
        state.put_person(person);
    }
    for relation in from.relations {
        absent(!state.relations.contains_key(&relation.people), "relation")?;
        state.put_relation(relation);
    }
    for (program, form) in from.forms {
        unique(state.forms.insert((program, form.version), Arc::new(form)).is_none(), "form")?;
    }
    for (program, guide) in from.guides {
        unique(state.guides.insert((program, guide.version), Arc::new(guide)).is_none(), "guide")?;
    }
    for program in from.programs {
        absent(!state.programs.contains_key(&program.id), "program")?;
        there(state.forms.contains_key(&(program.id, program.form_version)), "form")?;
        there(state.guides.contains_key(&(program.id, program.guide_version)), "guide")?;
        state.put_program(program);
    }
    let mut limits: Vec<(EnrollmentId, u32)> = Vec::new();
    for (enrollment, limit) in from.enrollments {
        absent(!state.enrollments.contains_key(&enrollment.id), "enrolment")?;
        there(state.programs.contains_key(&enrollment.program), "program")?;
        there(state.forms.contains_key(&(enrollment.program, enrollment.form_version)), "form")?;
        limits.push((enrollment.id, limit));
        state.put_enrollment(enrollment);
    }
    for run in from.runs {
        absent(!state.runs.contains_key(&run.id), "run")?;
        there(state.programs.contains_key(&run.program), "program")?;
        state.put_run(run);
    }
    for proposal in from.proposals {
        absent(!state.proposals.contains_key(&proposal.id), "proposal")?;
        for enrollment in [proposal.mentor, proposal.mentee] {
            there(state.enrollments.contains_key(&enrollment), "enrolment")?;
        }
        there(proposal.run.is_none_or(|run| state.runs.contains_key(&run)), "run")?;
        state.put_proposal(proposal);
    }
    for pair in from.pairs {
        absent(!state.pairs.contains_key(&pair.id), "pair")?;
        for enrollment in [pair.mentor.enrollment, pair.mentee.enrollment] {
            there(state.enrollments.contains_key(&enrollment), "enrolment")?;
        }
        there(state.guides.contains_key(&(pair.program, pair.guide_version)), "guide")?;
        state.put_pair(pair);
    }
    for step in from.steps {
        there(state.pairs.contains_key(&step.pair), "pair")?;
        unique(state.steps.insert((step.pair, step.position), step).is_none(), "step")?;
    }
    for post in from.posts {
        there(state.pairs.contains_key(&post.pair), "pair")?;
        absent(!state.posts.contains_key(&(post.pair, post.seq)), "post")?;
        absent(!state.post_places.contains_key(&post.id), "post")?;
        state.put_post(post);
    }
    for check_in in from.check_ins {
        there(state.pairs.contains_key(&check_in.pair), "pair")?;
        let place = (check_in.pair, check_in.side, check_in.kind);
        unique(state.check_ins.insert(place, check_in).is_none(), "check-in")?;
    }
    for case in from.cases {
        absent(!state.cases.contains_key(&case.id), "case")?;
        there(state.programs.contains_key(&case.program), "program")?;
        state.put_case(case);
    }
    for item in from.evidence {
        there(state.cases.contains_key(&item.case), "case")?;
        let place = (item.case, item.seq);
        unique(state.evidence.insert(place, item).is_none(), "item of evidence")?;
    }
    for command in from.commands {
        unique(state.commands.insert(command.id, command).is_none(), "command")?;
    }
    for event in from.audit {
        absent(!state.audit.contains_key(&(event.at, event.id)), "event")?;
        state.put_audit(event);
    }
    for queued in from.outbox {
        let place = (queued.consumer.clone(), (queued.message.at, queued.message.id));
        absent(!state.outbox.contains_key(&place), "message")?;
        state.put_message(queued);
    }
    // Last, since putting pairs and enrolments works them out anew.
    state.live_limit = limits.into_iter().collect();
    Ok((from.id, state))
}
