//! The keys of records that have a version of their own.

use serde::{Deserialize, Serialize};

use super::{
    host::PersonId,
    id::{CaseId, EnrollmentId, PairId, ProgramId, ProposalId},
    people::PersonPair,
};

/// A record with a version of its own. The order of keys is the order in which a store locks them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "record", content = "id", rename_all = "snake_case")]
pub enum Key {
    /// A person: age, reminders; all their enrolments.
    Person(PersonId),
    /// Two people: blocks; at most one live pair and one open offer.
    Relation(PersonPair),
    /// A program.
    Program(ProgramId),
    /// An enrolment: its places.
    Enrollment(EnrollmentId),
    /// A proposal.
    Proposal(ProposalId),
    /// A pair with its steps, posts and check-ins.
    Pair(PairId),
    /// A report case with its evidence.
    Case(CaseId),
}

impl Key {
    /// Short name of the kind of record.
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
        }
    }
}

/// The form in which a cursor names a record: `program:<uuid>`. Only records with ids of ours have one.
impl std::str::FromStr for Key {
    type Err = KeyFormError;

    fn from_str(text: &str) -> Result<Self, KeyFormError> {
        let (kind, id) = text.split_once(':').ok_or(KeyFormError)?;
        let form = |_| KeyFormError;
        match kind {
            "program" => id.parse().map(Self::Program).map_err(form),
            "enrollment" => id.parse().map(Self::Enrollment).map_err(form),
            "proposal" => id.parse().map(Self::Proposal).map_err(form),
            "pair" => id.parse().map(Self::Pair).map_err(form),
            "case" => id.parse().map(Self::Case).map_err(form),
            _ => Err(KeyFormError),
        }
    }
}

/// A text that names no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the text form of a record's key")]
pub struct KeyFormError;

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:", self.kind())?;
        match self {
            Self::Person(person) => write!(f, "{person}"),
            Self::Relation(people) => write!(f, "{}/{}", people.lo(), people.hi()),
            Self::Program(id) => write!(f, "{id}"),
            Self::Enrollment(id) => write!(f, "{id}"),
            Self::Proposal(id) => write!(f, "{id}"),
            Self::Pair(id) => write!(f, "{id}"),
            Self::Case(id) => write!(f, "{id}"),
        }
    }
}
