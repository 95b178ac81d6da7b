//! What a command does to the store: guards, changes, audit events and messages, as one value.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    base::{
        host::{PersonId, TenantId},
        id::{CaseId, CommandId, EventId, PairId, ProgramId},
        text::Slug,
        time::Timestamp,
        version::Version,
    },
    model::{
        enrollment::{Enrollment, Role},
        event::{AuditEvent, OutboxMessage},
        form::Form,
        guide::{Guide, StepInstance},
        journal::{CheckIn, Post},
        pair::Pair,
        person::Person,
        program::Program,
        proposal::Proposal,
        relation::Relation,
        rename::Rename,
        report::{Case, Evidence},
        run::Run,
    },
};

pub use crate::base::key::Key;

/// One write. Records that carry a version are written with the next one; [`Version::NEW`] means that
/// the record is created.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Create or replace.
    Person(Person),
    /// Create or replace.
    Relation(Relation),
    /// Create or replace.
    Program(Program),
    /// Create or replace.
    Enrollment(Enrollment),
    /// Create or replace.
    Proposal(Proposal),
    /// Create or replace.
    Pair(Pair),
    /// Create or replace.
    Case(Box<Case>),
    /// Add an item of evidence. Never replaces one.
    Evidence(Evidence),
    /// Add a run. Never replaces one.
    Run(Box<Run>),
    /// Add a form version. Never replaces one.
    Form {
        /// Whose.
        program: ProgramId,
        /// The form.
        form: Arc<Form>,
    },
    /// Add a guide version. Never replaces one.
    Guide {
        /// Whose.
        program: ProgramId,
        /// The guide.
        guide: Arc<Guide>,
    },
    /// Create or replace, by pair and key.
    Step(StepInstance),
    /// Create or replace, by id.
    Post(Post),
    /// Create or replace, by pair, side and kind.
    CheckIn(CheckIn),
    /// Take out what was written in a pair: the bodies of posts, the notes of check-ins. The set writes the pair too,
    /// in whose record the rest of it stands. Earlier texts go with what both wrote, and stay where only one side's
    /// goes: a case that is not over keeps them.
    ClearPair {
        /// The pair.
        pair: PairId,
        /// Only what this side wrote, testimonials included; of both sides testimonials stay, which were
        /// given to be shown.
        by: Option<Role>,
        /// When: what had a body is removed since then.
        at: Timestamp,
    },
    /// Let go of the earlier texts of all posts of a pair, also of those that the set writes. The set writes the pair
    /// too, which keeps none any more.
    ReleaseTexts {
        /// The pair.
        pair: PairId,
    },
    /// Take the content of an item of evidence out; its digest and its seal stay. The set writes the case
    /// too, which says so.
    ClearEvidence {
        /// The case.
        case: CaseId,
        /// The item's number.
        seq: u32,
    },
    /// Take an event out of the audit log that was kept as long as the host says
    /// ([`AuditScope::Over`](crate::store::ask::AuditScope::Over)). Of one that is gone nothing.
    ForgetEvent {
        /// When it happened.
        at: Timestamp,
        /// Its id.
        id: EventId,
    },
    /// Put another key in the place of a person's, wherever it stands in the tenant. Alone in its set,
    /// which guards both people.
    RenamePerson {
        /// The key that goes.
        from: PersonId,
        /// The key that comes; nothing knows it yet.
        to: PersonId,
    },
    /// Bump the version of an anchor without changing its content; create an empty person or relation
    /// that does not exist yet.
    Touch(Key),
}

impl Change {
    /// Names of all kinds of change, for stores and suites that have to know them all.
    pub const KINDS: &'static [&'static str] = &[
        "person",
        "relation",
        "program",
        "enrollment",
        "proposal",
        "pair",
        "case",
        "evidence",
        "run",
        "form",
        "guide",
        "step",
        "post",
        "check_in",
        "clear_pair",
        "release_texts",
        "clear_evidence",
        "forget_event",
        "rename_person",
        "touch",
    ];

    /// Short name of the kind of change.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Relation(_) => "relation",
            Self::Program(_) => "program",
            Self::Enrollment(_) => "enrollment",
            Self::Proposal(_) => "proposal",
            Self::Pair(_) => "pair",
            Self::Case(_) => "case",
            Self::Evidence(_) => "evidence",
            Self::Run(_) => "run",
            Self::Form { .. } => "form",
            Self::Guide { .. } => "guide",
            Self::Step(_) => "step",
            Self::Post(_) => "post",
            Self::CheckIn(_) => "check_in",
            Self::ClearPair { .. } => "clear_pair",
            Self::ReleaseTexts { .. } => "release_texts",
            Self::ClearEvidence { .. } => "clear_evidence",
            Self::ForgetEvent { .. } => "forget_event",
            Self::RenamePerson { .. } => "rename_person",
            Self::Touch(_) => "touch",
        }
    }

    /// The versioned record that is written and the version it was read at; `None` for what is covered
    /// by another record and for touches.
    #[must_use]
    pub fn versioned(&self) -> Option<(Key, Version)> {
        match self {
            Self::Person(person) => Some((Key::Person(person.id.clone()), person.version)),
            Self::Relation(relation) => {
                Some((Key::Relation(relation.people.clone()), relation.version))
            }
            Self::Program(program) => Some((Key::Program(program.id), program.version)),
            Self::Enrollment(place) => Some((Key::Enrollment(place.id), place.version)),
            Self::Proposal(proposal) => Some((Key::Proposal(proposal.id), proposal.version)),
            Self::Pair(pair) => Some((Key::Pair(pair.id), pair.version)),
            Self::Case(case) => Some((Key::Case(case.id), case.version)),
            Self::Evidence(_)
            | Self::Run(_)
            | Self::Form { .. }
            | Self::Guide { .. }
            | Self::Step(_)
            | Self::Post(_)
            | Self::CheckIn(_)
            | Self::ClearPair { .. }
            | Self::ReleaseTexts { .. }
            | Self::ClearEvidence { .. }
            | Self::ForgetEvent { .. }
            | Self::RenamePerson { .. }
            | Self::Touch(_) => None,
        }
    }
}

impl From<Case> for Change {
    fn from(case: Case) -> Self {
        Self::Case(Box::new(case))
    }
}

/// A command as it was carried out, so that the same command again gives the same reply (row 62).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// The host's id for the command.
    pub id: CommandId,
    /// What was asked.
    pub kind: Slug,
    /// SHA-256 of actor, kind and input: the same id with another digest is a mistake of the host's.
    pub digest: [u8; 32],
    /// The reply, as JSON.
    pub reply: String,
    /// When.
    pub at: Timestamp,
}

/// The command whose reply is a pseudonym: the only reply that holds the key of a person.
pub const ERASE_KEY: &str = "person.erase_key";

impl CommandRecord {
    /// The reply of [`ERASE_KEY`] that is this pseudonym.
    #[must_use]
    pub fn reply_of(person: &PersonId) -> String {
        // A text always has a form in JSON.
        serde_json::to_string(person).unwrap_or_default()
    }
}

/// The digest stays: what it was made of is not stored.
impl Rename for CommandRecord {
    fn rename(&mut self, from: &PersonId, to: &PersonId) -> bool {
        let Self { id: _, kind, digest: _, reply, at: _ } = self;
        let found = kind.as_str() == ERASE_KEY && *reply == Self::reply_of(from);
        if found {
            *reply = Self::reply_of(to);
        }
        found
    }
}

/// All that one command writes. A store applies it whole or not at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChangeSet {
    /// The tenant. A command never crosses tenants.
    pub tenant: TenantId,
    /// Written first: if a command of one of these ids is stored already, nothing else is. Several only
    /// where the change sets of several commands are written as one.
    pub commands: Vec<CommandRecord>,
    /// Every record that the decision rests on, with the version it was read at; [`Version::NEW`] says
    /// that it must not exist. In lock order by construction.
    pub guards: BTreeMap<Key, Version>,
    /// What is written, in order.
    pub changes: Vec<Change>,
    /// What happened.
    pub audit: Vec<AuditEvent>,
    /// What is to be said.
    pub outbox: Vec<OutboxMessage>,
}

/// A rename that keeps to its rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renaming<'a> {
    /// The key that goes.
    pub from: &'a PersonId,
    /// The key that comes.
    pub to: &'a PersonId,
    /// The version of the person under the key that goes.
    pub version: Version,
}

impl ChangeSet {
    /// Nothing yet.
    #[must_use]
    pub fn new(tenant: TenantId) -> Self {
        Self {
            tenant,
            commands: Vec::new(),
            guards: BTreeMap::new(),
            changes: Vec::new(),
            audit: Vec::new(),
            outbox: Vec::new(),
        }
    }

    /// Whether there is nothing to write. Guards alone are nothing to write.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { tenant: _, commands, guards: _, changes, audit, outbox } = self;
        commands.is_empty() && changes.is_empty() && audit.is_empty() && outbox.is_empty()
    }

    /// Every record whose version this set moves.
    pub fn written(&self) -> impl Iterator<Item = Key> {
        self.changes.iter().filter_map(|change| match change {
            Change::Touch(key) => Some(key.clone()),
            other => other.versioned().map(|(key, _)| key),
        })
    }

    /// Adds all that another set of the same tenant writes. The two must rest on nothing that the other one
    /// writes: together they are then what they are one after the other.
    pub fn merge(&mut self, other: Self) {
        let Self { tenant: _, commands, guards, changes, audit, outbox } = other;
        self.commands.extend(commands);
        for (key, version) in guards {
            self.guard(key, version);
        }
        self.changes.extend(changes);
        self.audit.extend(audit);
        self.outbox.extend(outbox);
    }

    /// The rename in this set, for stores; `None` if there is none.
    ///
    /// # Errors
    /// If it is not alone, if its two keys are one, or if the set does not guard both people.
    pub fn renaming(&self) -> Result<Option<Renaming<'_>>, BadRenaming> {
        let rename = |change: &Change| matches!(change, Change::RenamePerson { .. });
        if !self.changes.iter().any(rename) {
            return Ok(None);
        }
        let [Change::RenamePerson { from, to }] = self.changes.as_slice() else {
            return Err(BadRenaming);
        };
        let guard = |person: &PersonId| self.guards.get(&Key::Person(person.clone())).copied();
        match (guard(from), guard(to)) {
            (Some(version), Some(Version::NEW)) if from != to => {
                Ok(Some(Renaming { from, to, version }))
            }
            _ => Err(BadRenaming),
        }
    }

    /// Adds a guard. If the record is guarded already, the first version stays: it is the older read.
    pub fn guard(&mut self, key: Key, version: Version) {
        self.guards.entry(key).or_insert(version);
    }

    /// Adds a change, with the guard of the record that it writes. It takes the place of an earlier touch or
    /// write of that record: no set writes a record twice.
    pub fn put(&mut self, change: Change) {
        if let Some((key, version)) = change.versioned() {
            self.changes.retain(|it| match it {
                Change::Touch(touched) => *touched != key,
                other => other.versioned().is_none_or(|(written, _)| written != key),
            });
            self.guard(key, version);
        }
        self.changes.push(change);
    }

    /// Bumps an anchor that was read at `version`, unless the set writes it anyway.
    pub fn touch(&mut self, key: Key, version: Version) {
        let written = self.changes.iter().any(|change| match change {
            Change::Touch(touched) => *touched == key,
            other => other.versioned().is_some_and(|(written, _)| written == key),
        });
        self.guard(key.clone(), version);
        if !written {
            self.changes.push(Change::Touch(key));
        }
    }
}

/// A set whose rename does not keep to its rules: a mistake of whoever made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rename is alone in its set, between two people that are guarded, the second as new")]
pub struct BadRenaming;

/// What became of a change set.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Applied {
    /// It is stored, durably if the store is durable.
    Stored,
    /// This one of the commands had been carried out before; nothing was written now.
    Repeated(CommandRecord),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_record_is_written_twice() {
        let tenant = TenantId::try_from("harbour").unwrap();
        let person = PersonId::try_from("ana").unwrap();
        let key = Key::Person(person.clone());
        let write = || Change::Person(Person::unknown(person.clone()));
        let mut set = ChangeSet::new(tenant);
        set.touch(key.clone(), Version::NEW);
        set.put(write());
        set.put(write());
        set.touch(key, Version::NEW);
        assert_eq!(set.changes, [write()]);
    }
}
