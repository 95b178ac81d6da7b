//! Our own ids: UUIDs in newtypes, so that a pair's id is never passed where a program's is due.
//!
//! Ids that people see are random (version 4), since a version 7 id tells when somebody signed up.
//! Ids of audit events and outbox messages are time-ordered (version 7).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// An id of ours: a UUID that says in its type what it identifies.
pub trait Id: Copy + Ord + fmt::Display {
    /// The id with this UUID.
    fn from_uuid(uuid: Uuid) -> Self;
    /// The UUID inside.
    fn uuid(self) -> Uuid;
}

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl Id for $name {
            fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::from_str(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    )+};
}

ids! {
    /// A program.
    ProgramId;
    /// One person's place in one role of one program.
    EnrollmentId;
    /// An offer to two people.
    ProposalId;
    /// A run over a program.
    RunId;
    /// A mentor and a mentee who go through a program together.
    PairId;
    /// A post on a step, or a comment on a post.
    PostId;
    /// A report and what became of it.
    CaseId;
    /// A command as the host counts it: the same id twice has one effect.
    CommandId;
    /// An audit event.
    EventId;
    /// An outbox message.
    MessageId;
}

impl CommandId {
    /// The id of the item at this place in a bulk command: the same whenever it is asked for, and that
    /// of no other command or place. A hash (as a UUID of version 8),
    /// so that it stays clear of every id that a host makes up.
    #[must_use]
    pub fn of_item(self, place: usize) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"item of a bulk command");
        hash.update(self.0.as_bytes());
        hash.update(u64::try_from(place).unwrap_or(u64::MAX).to_be_bytes());
        let mut bytes = [0; 16];
        for (byte, hashed) in bytes.iter_mut().zip(hash.finalize()) {
            *byte = hashed;
        }
        Self(uuid::Builder::from_custom_bytes(bytes).into_uuid())
    }
}

/// Where new ids come from. Core never makes one up by itself.
pub trait IdSource: fmt::Debug + Send + Sync {
    /// A UUID for an id that people may see. It must tell nothing about when it was made.
    fn random(&self) -> Uuid;
    /// A UUID for an internal row; later ones should sort after earlier ones.
    fn ordered(&self, at: crate::base::time::Timestamp) -> Uuid;
}
